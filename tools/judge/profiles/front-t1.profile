# FRONT (Gong and Wang, "Zero-delay Lightweight Defenses against Website Fingerprinting", USENIX
# Security 2020), FT-1. Cells carry one of Tor's, 514 bytes.
[Profile]
Name = front-t1
About = FRONT FT-1, as published: random decoys at the front of a visit

[Sizes]
Cell = 543

[Chaff]
Kind = front
Most = 1700 cells
Window = 1 s - 14 s
Silence = 5 s

[Link]
Latency = off
Limit = 65536 packets
