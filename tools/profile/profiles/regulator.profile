# RegulaTor (Holland and Hopper, "RegulaTor: A Straightforward Website Fingerprinting
# Defense", PoPETs 2022), the heavy parameters of its evaluation. Made for a page load:
# surges of downloads at a rate that decays, uploads at a part of what comes.
[Profile]
Name = regulator
About = surges that decay (RegulaTor, heavy): page loads look more alike; delays of seconds

# Rates are in the paper's cells, which are Tor's: 514 bytes, and what a cell of ours adds.
[Sizes]
Cell = 544

# The paper's R, D, T, N, U, C in this order. Threshold is in seconds of sending at the
# rate of the moment; Budget is the most chaff of a session. WarmCells: what the paper
# sends while a circuit is built, ten cells down at 10 a second.
[Schedule client]
Kind = regulator
Rate = 277 cells/s
Decay = 0.94
Threshold = 3.55
Budget = 3550 cells
Ratio = 3.95
Cap = 1770 ms
WarmCells = 10
WarmRate = 5 cells/s
Idle = 5 s

[Schedule server]
Kind = regulator
Rate = 277 cells/s
Decay = 0.94
Threshold = 3.55
Budget = 3550 cells
Ratio = 3.95
Cap = 1770 ms
WarmCells = 10
WarmRate = 10 cells/s
Idle = 5 s

# A page waits for its surge, whole: the 50 ms that others keep are not this defence's to
# promise.
[Link]
Latency = off
Limit = 10000 packets
