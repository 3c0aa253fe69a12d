# SPDX-License-Identifier: GPL-2.0
# picture: --bursts 0.5
[Profile]
Name = messages-laplace
About = and Laplace noise on top, its lower half cut off

[Sizes]
Cell = 620
Messages = 620, 1240, 2480, 4960, 9920, 19840
Noise = laplace:800 start=0 min=0 max=6000

[Schedule]
Kind = as-it-comes
