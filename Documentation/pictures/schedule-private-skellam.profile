# SPDX-License-Identifier: GPL-2.0
# picture: --bursts 1
[Profile]
Name = schedule-private-skellam
About = windows of 100 ms, as many cells as wait and Skellam noise

[Sizes]
Cell = 1232

[Schedule]
Kind = private
Mechanism = skellam
Epsilon = 4
Delta = 0.000001
Sensitivity = 3000 bytes
Grain = 1203 bytes
Burst = 4 windows
Window = 100 ms
Most = 24060 bytes

[Link]
Latency = off
