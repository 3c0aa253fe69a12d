# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = link-newest
About = 50 cells a second; ten packets wait, the newest is dropped

[Sizes]
Cell = 1232

[Schedule]
Kind = constant
Rate = 50 cells/s

[Link]
Latency = off
Limit = 10 packets
Overflow = newest
