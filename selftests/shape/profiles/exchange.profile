# What the schedule of kind exchange has: settings, rows of each table, each kind of plan.
[Profile]
Name = exchange
About = requests and answers padded by tables

[Sizes]
Cell = 256, 384, 800, 1200

[Schedule]
Kind = exchange
Small = 256 bytes
Cover = 800 bytes
Pace = 2 ms
Start = 2
Grow = 16 cells
Every = 5 cells
Reply = 8 ms
Slot = 40 ms
Spread = 3 slots
Linger = 1
Most = 12 slots
Idle = 4 s
Up = 1200, 4800, 12k bytes
Down = 2400, 6000, 24000 bytes
Slots = 1, 2, 6

[Link]
Latency = 400 ms

# Rows may be in any order.
[Plan]
4800 12000 = cover 50%, silent 12.5%, 6000 37.5%
1200 1200 = silent 100%
1200 4800 = Cover 60%, 24000 40%
4800 4800 = silent 100%

[Ask]
1200 = 1200 33.333%, 4800 66.667%
4800 = 4800 25%, 12000 75%

[Answer]
1200 4800 cover 1 2400 = 1 2400 20%, 2 2400 30%, 6 6000 50%
1200 4800 cover 2 6000 = 2 6000 0.1%, 6 24000 99.9%
4800 12000 6000 1 2400 = 1 6000 100%
1200 1200 silent 6 2400 = 6 6000 100%
