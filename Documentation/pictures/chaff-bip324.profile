# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = chaff-bip324
About = decoys behind half of the cells, and in the background

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Chaff]
Kind = bip324
Padding = random
Count = 3
Chance = 50 %
Background = exponential:150 min=1 max=2000 ms
