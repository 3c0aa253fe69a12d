# Whole messages have one of few sizes, with noise; times are smeared; gaps are filled.
[Profile]
Name = enhanced
About = messages in few sizes with noise, more jitter, cover in gaps: about twice the bytes

# Cells of one size, so that all that is left is their number; and that is a
# bucket's, whatever the message was (512 to 131072, steps of four), with Laplace noise of
# about three cells upwards, for buckets alone still tell which side of a border it was.
[Sizes]
Cell = 1232
Messages = 512, 2048, 8192, 32768, 131072
Noise = laplace:1200 start=3600 min=0 max=12000

[Schedule]
Kind = jitter
Longest = 20 ms
Hold = uniform:0,20 ms

# Exponential gaps have no memory: nothing says how long the link has been silent.
[Chaff]
Kind = cover
Every = exponential:150 min=5 max=2000 ms

# Padding of messages is not the limits'.
[Limits]
Overhead = 60 %
Free = 100000 bytes
Window = 10 s

[Link]
Latency = 50 ms
