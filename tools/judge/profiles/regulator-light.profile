# RegulaTor (Holland and Hopper, PoPETs 2022), the light parameters. The heavy ones are the profile
# regulator that comes with RTPL.
[Profile]
Name = regulator-light
About = RegulaTor light, as published

[Sizes]
Cell = 543

[Schedule client]
Kind = regulator
Rate = 260 cells/s
Decay = 0.86
Threshold = 3.75
Budget = 2080 cells
Ratio = 4.02
Cap = 2080 ms
WarmCells = 10
WarmRate = 5 cells/s
Idle = 10 s
[Schedule server]
Kind = regulator
Rate = 260 cells/s
Decay = 0.86
Threshold = 3.75
Budget = 2080 cells
Ratio = 4.02
Cap = 2080 ms
WarmCells = 10
WarmRate = 10 cells/s
Idle = 10 s

[Link]
Latency = off
Limit = 65536 packets
