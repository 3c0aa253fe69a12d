# What is sealed, but not shaped: cells leave as packets come.
[Profile]
Name = off
About = sealed cells as they come; hides contents, little of sizes, no times

# Steps of a quarter: as few sizes as cost little. The smallest takes an acknowledgement of TCP over
# IPv4, and 1232 is what any path of IPv6 carries.
[Sizes]
Cell = 96, 120, 150, 188, 235, 294, 368, 460, 575, 719, 899, 1124, 1232

[Schedule]
Kind = as-it-comes

[Link]
Latency = 50 ms
