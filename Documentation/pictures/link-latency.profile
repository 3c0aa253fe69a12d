# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = link-latency
About = 50 cells a second; who would wait longer than 150 ms is dropped

[Sizes]
Cell = 1232

[Schedule]
Kind = constant
Rate = 50 cells/s

[Link]
Latency = 150 ms
