# Decoy packets as BIP 324 provides for and its implementations use them (Wuille, Schnelli et
# al., "Version 2 P2P Encrypted Transport Protocol", 2022): padding right behind
# a packet, background whatever the data does. The BIP leaves the numbers open.
[Profile]
Name = bip324
About = decoys behind packets and in the background, as BIP 324's v2 transport

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

# Behind every second cell one to four; in the background a Poisson process of two a second.
[Chaff]
Kind = bip324
Padding = random
Count = 4
Chance = 50 %
Background = exponential:500 min=1 max=5000 ms

# Decoys are the smallest cells: far below this, but for streams of small packets.
[Limits]
Overhead = 100 %
Free = 32000 bytes
Window = 10 s

[Link]
Latency = 50 ms
