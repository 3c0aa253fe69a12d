# Tamaraw (Cai, Nithyanand, Wang, Johnson, Goldberg, CCS 2014) with L = 100 and the intervals
# of its evaluation. A visit is over after 3 s of quiet, for nobody tells.
[Profile]
Name = tamaraw-100
About = Tamaraw L=100, as published

[Sizes]
Cell = 543

[Schedule client]
Kind = tamaraw
Period = 40 ms
Multiple = 100 cells
Quiet = 3 s
[Schedule server]
Kind = tamaraw
Period = 12 ms
Multiple = 100 cells
Quiet = 3 s

[Link]
Latency = off
Limit = 65536 packets
