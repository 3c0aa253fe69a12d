# Sizes and times without a pattern that a rule could name, as obfs4's iat-mode and ScrambleSuit
# (Winter, Pulls, Fuss, WPES 2013) have them. That is not enough against networks that block what
# they do not know (Wu et al., "How the Great Firewall of China Detects and Blocks Fully Encrypted
# Traffic", USENIX Security 2023): rules on single packets are the transport's business, and each
# cell of RTPL begins with the session's number and a counter, in clear, that tell what it is.
[Profile]
Name = censored
About = sizes and times without a pattern; each cell still shows that it is RTPL

# Sixteen sizes that no protocol has, none a multiple of another.
[Sizes]
Cell = 257, 293, 349, 401, 467, 541, 613, 701, 787, 883, 971, 1049, 1117, 1171, 1217, 1231

# Never on a grid; seldom long.
[Schedule]
Kind = jitter
Longest = 25 ms
Hold = lognormal:1.4,0.9 max=25 ms

# Decoys behind a quarter of the cells, and some at any time: no request without something
# that could be its answer, no keepalive at a beat.
[Chaff]
Kind = bip324
Padding = random
Count = 3
Chance = 25 %
Background = gamma:700,2 min=50 max=10000 ms

[Limits]
Overhead = 50 %
Free = 12000 bytes
Window = 10 s

[Link]
Latency = 50 ms
