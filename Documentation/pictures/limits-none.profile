# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = limits-none
About = cover 20 ms apart, without a limit

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Chaff]
Kind = cover
Idle = 20 ms
Every = exponential:20 min=2 max=1000 ms
