# WTF-PAD (Juarez, Imani, Perry, Diaz, Wright, "Toward an Efficient Website
# Fingerprinting Defense", ESORICS 2016) with its authors' configuration "normal_rcv":
# each histogram is made of 10000 samples of a normal distribution, in bins up to 10 s
# that halve, infinity with one token in N (bursts) or N - 1 (gaps).
[Profile]
Name = wtfpad
About = adaptive padding (WTF-PAD) as published: no delay, chaff in gaps; most is still named

# The paper's cells are Tor's: 514 bytes, and what a cell of ours adds. Larger ones would
# make chaff dearer than data.
[Sizes]
Cell = 544

[Schedule]
Kind = as-it-comes

# As the authors' programs do it, not as the paper says: data in gap mode ends padding
# until the next data, infinity in gap mode too, and padding that comes is answered.
[Chaff client]
Kind = wtf-pad
SentBurst = normal:0.001564159,0.052329599 s tokens 10000 infinity 1/9
SentGap = normal:0.06129599,0.03995375 s tokens 10000 infinity 1/20
ReceivedBurst = normal:0.0000128746,0.0009227229 s tokens 10000 infinity 1/9
ReceivedGap = normal:0.0001368523,0.0009233190 s tokens 10000 infinity 1/20
Removal = lower
DataStops = on
GapStops = on
OnChaff = on

[Chaff server]
Kind = wtf-pad
SentBurst = normal:0.00003600121,0.02753485 s tokens 10000 infinity 1/19
SentGap = normal:0.01325997,0.0973761 s tokens 10000 infinity 1/33
ReceivedBurst = normal:0.000004053116,0.01264329 s tokens 10000 infinity 1/19
ReceivedGap = normal:0.01325997,0.0126454036 s tokens 10000 infinity 1/33
Removal = lower
DataStops = on
GapStops = on
OnChaff = on

# The paper pays 54 % more bytes; never more than the data itself, on any traffic.
[Limits]
Overhead = 100 %
Free = 50000 bytes
Window = 10 s

[Link]
Latency = 50 ms
