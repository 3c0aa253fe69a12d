# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = sizes-pow2
About = cells of 64, 128 ... 1024 bytes, and the largest of 1232

[Sizes]
Cell = pow2:1232

[Schedule]
Kind = as-it-comes
