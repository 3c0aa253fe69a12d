# SPDX-License-Identifier: GPL-2.0
# picture: --seconds 1.9-3.1 --bursts 1
[Profile]
Name = schedule-interval-chaff
About = four cells leave each 50 ms, always, drawn larger

[Sizes]
Cell = 1232

[Schedule]
Kind = interval
Period = 50 ms
Cells = 4
Jitter = uniform:0,8 min=0 max=8 ms
Chaff = on

[Link]
Latency = off
