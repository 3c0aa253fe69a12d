# A cell in every slot, with data or without: times and sizes depend on nothing.
#
# Leak: none while the rate stays. The price is the rate, always, and no more than
# the rate: 1000 cells of 1232 bytes are 10 Mbit/s with headers. Set the rate beside the
# profile (rtplctl peer set KEY rate ...) for another; each change is counted as a leak.
[Profile]
Name = maximum
About = constant rate, 10 Mbit/s always: what leaves does not depend on the payload

[Sizes]
Cell = 1232

[Schedule]
Kind = constant
Rate = 1000 cells/s

[Link]
Latency = 50 ms
