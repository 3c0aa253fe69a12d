# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = limits-overhead
About = the same cover; no more than 2000 bytes a second, whatever the data does

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Chaff]
Kind = cover
Idle = 20 ms
Every = exponential:20 min=2 max=1000 ms

[Limits]
Overhead = 0 %
Free = 2000 bytes
Window = 1 s
