# SPDX-License-Identifier: GPL-2.0
[Profile]
Name = chaff-wtf-pad
About = gaps are filled as if a page were loading

[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Chaff]
Kind = wtf-pad
SentBurst = bins 20 ms:10, 80 ms:60, 300 ms:20, infinity:10
SentGap = bins 1 ms:10, 8 ms:60, 30 ms:20, infinity:15
ReceivedBurst = bins 30 ms:10, 120 ms:60, 400 ms:10, infinity:20
ReceivedGap = bins 2 ms:10, 20 ms:60, infinity:20
Removal = lower
