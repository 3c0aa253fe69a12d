# SPDX-License-Identifier: GPL-2.0
# picture: --bursts 0.5
[Profile]
Name = messages-skellam
About = and Skellam noise on top, its lower half cut off; smaller cells

[Sizes]
Cell = 256
Messages = 256, 512, 1024, 2048, 4096, 8192, 16384
Noise = skellam:1500,1500 start=0 min=0 max=600

[Schedule]
Kind = as-it-comes
