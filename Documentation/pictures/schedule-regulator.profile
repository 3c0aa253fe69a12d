# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = schedule-regulator
About = surges of 200 cells a second that halve each second

[Sizes]
Cell = 1232

[Schedule client]
Kind = regulator
Rate = 200 cells/s
Decay = 0.5
Threshold = 0.2
Budget = 200 cells
Ratio = 3
Cap = 300 ms
Idle = 5 s

[Schedule server]
Kind = regulator
Rate = 200 cells/s
Decay = 0.5
Threshold = 0.2
Budget = 200 cells
Ratio = 3
Cap = 300 ms
Idle = 5 s

[Link]
Latency = off
