# What is sealed, but not shaped: cells leave as packets come.
[Profile]
Name = off
About = sealed cells as they come; hides contents, little of sizes, no times

# Steps of a quarter: as few sizes as cost little. The smallest takes an acknowledgement of TCP over
# IPv4, and 1232 is what any path of IPv6 carries.
[Sizes]
Cell = 84, 105, 131, 164, 205, 256, 320, 400, 500, 625, 780, 980, 1232

[Schedule]
Kind = as-it-comes

[Link]
Latency = 50 ms
