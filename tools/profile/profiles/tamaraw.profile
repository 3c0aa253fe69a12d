# Tamaraw (Cai, Nithyanand, Wang, Johnson, Goldberg, "A Systematic Approach to Developing and
# Evaluating Website Fingerprinting Defenses", CCS 2014): constant rates either way until
# a session's cells are a multiple of L. What is left is which multiple, and when
# sessions begin.
[Profile]
Name = tamaraw
About = constant rate for each session, up to a multiple of 100 cells (Tamaraw): slow; volume shows

# The paper's packets.
[Sizes]
Cell = 750

# The paper's 0.04 s out and 0.012 s in, L = 100. It knows when a page is complete;
# a link takes it for complete after a quiet time.
[Schedule client]
Kind = tamaraw
Period = 40 ms
Multiple = 100 cells
Quiet = 2 s

[Schedule server]
Kind = tamaraw
Period = 12 ms
Multiple = 100 cells
Quiet = 2 s

# A page waits for its slots, whole: what is late is not lost.
[Link]
Latency = off
Limit = 10000 packets
