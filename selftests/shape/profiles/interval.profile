[Profile]
Name = slots
About = every slot, and surges the other way

[Sizes]
Cell = device

[Schedule client]
Kind = interval
Period = 20 ms
Chaff = on

[Schedule server]
Kind = regulator
Rate = 100
Decay = off
Threshold = 2
Budget = 0
Ratio = 1
Cap = 20 ms
Floor = 50

[Chaff server]
Kind = bip324
Padding = fixed
Count = 16
