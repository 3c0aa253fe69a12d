[Profile]
Name = aggregate
About = 10 to 300 clients of inference on one link: constant rates that follow their sum slowly

# Rates are 1.25 times the one below. Set them to the link's load: First is the lowest of which the
# average of data, in full cells, is at most 90 %, here of 100 clients.
[Schedule client]
Kind = ladder
Rates = 150, 188, 234, 293, 366, 458, 572, 715, 894, 1118, 1397, 1746, 2183, 2728, 3411, 4263 cells/s
First = 1397 cells/s
Up = 90 %
Down = 71 %
Epoch = 1 s
Average = 4 s

[Schedule server]
Kind = ladder
Rates = 52, 65, 81, 102, 127, 159, 198, 248, 310, 387, 484, 605, 757, 946, 1182, 1478 cells/s
First = 484 cells/s
Up = 90 %
Down = 71 %
Epoch = 1 s
Average = 4 s

# Never late, for what is slow here is others' requests: TCP and the class's queue see to it.
[Link]
Latency = off
Limit = 60000
