# SPDX-License-Identifier: GPL-2.0
# picture: --bursts 0.5
[Profile]
Name = messages-buckets
About = whole messages have one of a few sizes

[Sizes]
Cell = 620
Messages = 620, 1240, 2480, 4960, 9920, 19840

[Schedule]
Kind = as-it-comes
