# FRONT (Gong and Wang, USENIX Security 2020), FT-2: see front-t1.
[Profile]
Name = front-t2
About = FRONT FT-2, as published

[Sizes]
Cell = 543

[Chaff]
Kind = front
Most = 2500 cells
Window = 1 s - 14 s
Silence = 5 s

[Link]
Latency = off
Limit = 65536 packets
