# For everybody: under 30 % more bytes, under 50 ms, and less to see.
#
# Figures, simulated: 16 % more bytes on streams of tokens, 27 % on voice commands, 9 % on web
# pages; added delay 5 to 8 ms in the median, 10 ms at most.
#
# What an observer loses: exact sizes (steps of a quarter), exact times of packets (jitter),
# and the certainty that silence is silence (cover). Judged by attacks, no bound.
[Profile]
Name = standard
About = sizes in steps, a little jitter, light cover: under 30 % more bytes, under 50 ms

# Steps of a quarter: a lone packet grows by 11 % in the mean. 1232 is what any path of
# IPv6 carries (1280 less 48), so that sizes tell nothing of the path.
[Sizes]
Cell = 256, 320, 400, 500, 625, 780, 980, 1232

# Half of it in the mean, on either way: a round trip stays below what people feel. What
# waits together shares cells, which saves more headers and padding than chaff costs.
[Schedule]
Kind = jitter
Longest = 10 ms
Hold = uniform:0,10 ms

# Gaps get a cell now and then, the shorter ones most likely (after Shmatikov and Wang,
# "Timing Analysis in Low-Latency Mix Networks", ESORICS 2006). Chaff is a cell of the
# smallest size.
[Chaff]
Kind = cover
Every = lognormal:5.3,1 min=20 max=5000 ms

# An eighth of the data, and 400 bytes a second where there is none: with steps (11 %)
# and headers (5 % of full cells) that is below 30 %.
[Limits]
Overhead = 12 %
Free = 4000 bytes
Window = 10 s

[Link]
Latency = 50 ms
