# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = schedule-tamaraw
About = constant rates, on to a multiple of 50 cells

[Sizes]
Cell = 1232

[Schedule client]
Kind = tamaraw
Period = 40 ms
Multiple = 50 cells
Quiet = 400 ms

[Schedule server]
Kind = tamaraw
Period = 12 ms
Multiple = 50 cells
Quiet = 400 ms

[Link]
Latency = off
