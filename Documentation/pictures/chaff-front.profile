# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = chaff-front
About = up to 150 cells over the beginning of a visit

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Chaff]
Kind = front
Least = 75 cells
Most = 150 cells
Window = 500 ms - 2 s
Silence = 3 s
