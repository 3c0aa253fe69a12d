# SPDX-License-Identifier: GPL-2.0
# picture: --bursts 0.5
[Profile]
Name = messages-uniform
About = and 0 to 3000 bytes on top, each as likely

[Sizes]
Cell = 620
Messages = 620, 1240, 2480, 4960, 9920, 19840
Noise = uniform:0,3000 min=0 max=3000

[Schedule]
Kind = as-it-comes
