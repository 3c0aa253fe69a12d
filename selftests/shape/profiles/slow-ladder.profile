[Profile]
Name = slow-ladder
About = constant rates that follow an average, at one end quicker than at the other

[Schedule client]
Kind = ladder
Rates = 100, 125, 156, 195, 243 cells/s
First = 156 cells/s
Up = 83.3 %
Down = 66 %
Epoch = 1 s
Average = 4 s
StepsUp = 2
Noise = laplace:20 min=-100 max=100

[Schedule server]
Kind = ladder
Rates = 100, 125, 156 cells/s
Down = 66 %
Epoch = 500 ms
Growth = 2
LongestEpoch = 8 s
Average = 1 min
StepsUp = 2
StepsDown = 15
