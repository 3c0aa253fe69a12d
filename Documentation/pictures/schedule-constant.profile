# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = schedule-constant
About = 50 cells a second, always

[Sizes]
Cell = 1232

[Schedule]
Kind = constant
Rate = 50 cells/s

[Link]
Latency = off
