# What the built-in profiles do not have: two ends that differ, machines, messages.
[Profile]
Name = all-kinds
About = "quotes", back\slashes and the rest

[Sizes]
Cell = 1200 bytes
Messages = 1k, 4k, 20000 bytes

[Link]
Latency = off
Limit = 5k packets
Overflow = oldest

[Limits]
Overhead = 0.5 %
Free = 60k
Rate = 20000 bytes/s
Window = 3 s

[Schedule client]
kind = interval
Period = 1.5 ms
Cells = 3
Chaff = off
Jitter = normal:500,100 min=0 max=1400 us

[Chaff client]
Kind = front
Least = 20
Most = 1700 cells
Window = 1 s - 14 s
Silence = 5 s

[Chaff server]
Kind = wtf-pad
ReceivedBurst = bins 5 ms:1000, 6ms:2000, 1 s : 7, infinity:300
Removal = keep
OnChaff = on

[Machine]
String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==

[Machine server]
String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==

[Machines server]
MaxPadding = 50 %
MaxBlocking = 12.5 %
