# One end alone is private; the noise is too wide for one table.
[Profile]
Name = laplace
About = two parts of a draw

[Schedule server]
Kind = private
Mechanism = laplace
Epsilon = 0.01
Delta = 1e-9
Sensitivity = 1500
Grain = 100
Window = 10 ms
Most = 1000000 bytes
Spent = full

[Chaff client]
Kind = cover
Idle = 20 ms
Every = 40 ms
