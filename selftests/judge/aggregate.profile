[Profile]
Name = aggregate
About = 100 clients of inference on one link: constant rates that follow their sum slowly

# Each rate is 1.1 times the one below. Set them to the link's load, in full cells of data: First is the
# lowest of which the average is at most Up, here of 100 clients who each ask once in 1.5 s (1210 cells/s
# up, 332 down). For N clients multiply all rates by N / 100. The way with less load has more room: what
# it costs in bytes is little, and a request waits in both.
[Schedule client]
Kind = ladder
Rates = 657, 723, 795, 875, 962, 1059, 1165, 1281, 1409, 1550, 1705, 1875, 2063, 2269, 2496, 2746 cells/s
First = 1409 cells/s
Up = 90 %
Down = 81.4 %
Epoch = 1 s
Average = 4 s

[Schedule server]
Kind = ladder
Rates = 232, 255, 281, 309, 340, 374, 411, 452, 497, 547, 602, 662, 728, 801, 881, 969 cells/s
First = 497 cells/s
Up = 70 %
Down = 63.2 %
Epoch = 1 s
Average = 4 s

# Never late, for what is slow here is others' requests: TCP and the class's queue see to it.
[Link]
Latency = off
Limit = 60000
