# What is sealed, but not shaped: cells leave as packets come.
[Profile]
Name = off
About = sealed cells as they come; hides contents, little of sizes, no times

# Powers of two from 256 to what the device carries: four sizes with an MTU of 1500.
# A full-sized packet costs no more than with any other list, and so does a lone
# acknowledgement, for 256 is the smallest cell there is.
[Sizes]
Cell = pow2

[Schedule]
Kind = as-it-comes

[Link]
Latency = 50 ms
