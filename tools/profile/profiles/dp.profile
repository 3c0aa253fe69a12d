# Differentially private windows (NetShaper: Sabzi, Vora, Goswami, Seltzer, Lecuyer, Mehta,
# "NetShaper: A Differentially Private Network Side-Channel Mitigation System", USENIX
# Security 2024): each window's cells are the queue's, and noise. Skellam noise, by
# the account of Agarwal, Kairouz and Liu (NeurIPS 2021).
[Profile]
Name = dp
About = differentially private windows of 20 ms, epsilon 4 a burst of 3000 bytes, accounted

# Grain below is what such a cell carries (29 bytes are its own).
[Sizes]
Cell = 1232

# Two streams that differ by 3000 bytes (two full packets: a request, a token and its
# answer), felt in five windows, are told apart with epsilon 4, delta 10^-6 at most, whenever
# that is. What differs all the time adds up, is counted and shown until it means nothing any
# more (a second or two; Spent = go-on would then fill every window). Idle, noise alone
# is about 2 Mbit/s; at most 32 Mbit/s.
[Schedule]
Kind = private
Mechanism = skellam
Epsilon = 4
Delta = 0.000001
Sensitivity = 3000 bytes
Grain = 1203 bytes
Burst = 5 windows
Window = 20 ms
Least = 0
Most = 76992 bytes
Spent = go-on

# A window in which it comes, one in which it leaves; a burst that noise left waiting
# takes a few more.
[Link]
Latency = 200 ms
