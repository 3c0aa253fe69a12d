# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = sizes-buckets
About = cells of eight sizes, each a quarter above the one before

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes
