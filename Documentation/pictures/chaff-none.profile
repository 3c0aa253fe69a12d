# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = chaff-none
About = nothing leaves besides data

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Chaff]
Kind = none
