# SPDX-License-Identifier: GPL-2.0
# The first machine begins when a cell leaves (or, half of the time, when one comes), then
# pads each 20 to 120 ms, and ends after each cell with a chance of 15 %. The second holds
# what follows a cell for 20 to 80 ms. Both are this project's own.
[Profile]
Name = machines
About = one machine pads behind data, one holds what comes next

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Machine]
String = 02eNpjYEAHTEDMyMgIJO2hjAZ7uCRYHAw6LjuAaZ+/DgxYAVQrIxPjrJmR9gyzZkrawaQAQYgISA==

[Machine]
String = 02eNpjYEAHTBCKkZGRgaHBHi7MyMRALOi47AChPzvgVAMyHW48AOkCBN8=

[Machines]
MaxPadding = 60 %
MaxBlocking = 80 %

[Link]
Latency = 150 ms
