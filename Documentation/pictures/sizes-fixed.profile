# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = sizes-fixed
About = every cell is as long as the others

[Sizes]
Cell = 1232

[Schedule]
Kind = as-it-comes
