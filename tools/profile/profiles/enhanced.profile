# Whole messages have one of few sizes, with noise; times are smeared; gaps are filled.
[Profile]
Name = enhanced
About = messages in few sizes with noise, jitter, cover: 1.6 to 2.4 times the bytes, tiny packets 10 times

# Cells of one size, small for the sake of short messages, so that all that is left is their
# number; and that is a power of two, whatever the message was, with Laplace noise upwards in
# half of the cases, for buckets alone still tell which side of a border it was.
[Sizes]
Cell = 620
Messages = 620, 1240, 2480, 4960, 9920, 19840, 39680, 79360
Noise = laplace:300 start=0 min=0 max=3000

[Schedule]
Kind = jitter
Longest = 20 ms
Hold = uniform:0,20 ms

# Exponential gaps have no memory: nothing says how long the link has been silent.
[Chaff]
Kind = cover
Every = exponential:400 min=5 max=4000 ms

# Twice what cover sends (25 cells in 10 s). Padding of messages is not the limits'.
[Limits]
Overhead = 0 %
Free = 30000 bytes
Window = 10 s

[Link]
Latency = 50 ms
