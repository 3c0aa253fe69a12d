# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = chaff-cover
About = cells while there is no data, 100 ms apart in the mean

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Chaff]
Kind = cover
Idle = 50 ms
Every = exponential:100 min=10 max=1000 ms
