# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = schedule-ladder
About = 25, 50, 100 or 200 cells a second, chosen anew each 0.4 s

[Sizes]
Cell = 1232

[Schedule]
Kind = ladder
Rates = 25, 50, 100, 200 cells/s
Up = 90 %
Down = 30 %
Epoch = 400 ms

[Link]
Latency = off
