# SPDX-License-Identifier: GPL-2.0
# picture: --seconds 1.9-3.1
[Profile]
Name = schedule-jitter
About = each packet is held for 0 to 40 ms, drawn larger

[Sizes]
Cell = 1232

[Schedule]
Kind = jitter
Longest = 40 ms
Hold = uniform:0,40 ms

[Link]
Latency = 100 ms
