# SPDX-License-Identifier: GPL-2.0
# picture: --seconds 1.9-3.1
[Profile]
Name = schedule-as-it-comes
About = times are those of the packets, drawn larger

[Sizes]
Cell = 1232

[Schedule]
Kind = as-it-comes
