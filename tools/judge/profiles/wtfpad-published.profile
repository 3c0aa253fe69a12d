# WTF-PAD (Juarez, Imani, Perry, Diaz, Wright, "Toward an Efficient Website Fingerprinting
# Defense", ESORICS 2016), the histograms that its authors publish as normal_rcv, and what
# their programs do beside the paper.
[Profile]
Name = wtfpad-published
About = WTF-PAD normal_rcv, as published

[Sizes]
Cell = 543

[Chaff client]
Kind = wtf-pad
Removal = lower
SentBurst = normal:0.001564159,0.052329599 s tokens 10000 infinity 1/9
SentGap = normal:0.06129599,0.03995375 s tokens 10000 infinity 1/20
ReceivedBurst = normal:0.0000128746,0.0009227229 s tokens 10000 infinity 1/9
ReceivedGap = normal:0.0001368523,0.0009233190 s tokens 10000 infinity 1/20
DataStops = on
GapStops = on
OnChaff = on
[Chaff server]
Kind = wtf-pad
Removal = lower
SentBurst = normal:0.00003600121,0.02753485 s tokens 10000 infinity 1/19
SentGap = normal:0.01325997,0.0973761 s tokens 10000 infinity 1/33
ReceivedBurst = normal:0.000004053116,0.01264329 s tokens 10000 infinity 1/19
ReceivedGap = normal:0.01325997,0.0126454036 s tokens 10000 infinity 1/33
DataStops = on
GapStops = on
OnChaff = on

[Link]
Latency = off
Limit = 65536 packets
