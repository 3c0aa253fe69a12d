# SPDX-License-Identifier: GPL-2.0
# picture: --bursts 30
[Profile]
Name = schedule-exchange
About = requests and answers padded to few volumes, cover in slots of 50 ms

[Sizes]
Cell = 256, 576, 1232

[Schedule]
Kind = exchange
Small = 256 bytes
Cover = 576 bytes
Pace = 3 ms
Grow = 24 cells
Reply = 6 ms
Slot = 50 ms
Spread = 4 slots
Most = 20 slots
Idle = 5 s
Up = 1232, 2464, 4928
Down = 2304, 12320, 36960
Slots = 2, 8, 20

[Ask]
1232 = 1232 50%, 2464 50%

[Plan]
1232 1232 = cover 60%, silent 40%
1232 2464 = cover 60%, 12320 40%
2464 2464 = cover 100%

[Answer]
1232 1232 cover 2 2304 = 8 2304 100%
1232 2464 cover 2 2304 = 8 2304 50%, 20 2304 50%
2464 2464 cover 2 2304 = 8 2304 100%

[Link]
Latency = 500 ms
