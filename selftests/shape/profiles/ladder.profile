[Profile]
Name = ladder
About = constant rates, chosen anew

[Schedule]
Kind = ladder
Rates = 100, 200, 400, 800 cells/s
First = 400 cells/s
Up = 90 %
Down = 40 %
Epoch = 2 s
Growth = 2
LongestEpoch = 60 s

[Limits]
Rate = 1 M
