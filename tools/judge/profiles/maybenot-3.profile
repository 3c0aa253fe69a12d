# Padding machines of the Maybenot project (its example of ten padding defences, number 3;
# Copyright 2022-2024 Tobias Pulls; MIT or Apache-2.0, here under MIT, see
# selftests/shape/machines/LICENSE-MIT). No limits of their own.
[Profile]
Name = maybenot-3
About = Maybenot machines made at random, padding only

[Sizes]
Cell = 543

[Machine client]
String = 02eNpdTz1IglEUffd+IAX2Q2Et1dDQF0hDRkhD7z2QoHJoC4mIaK7GsGhIIiKCJKglIgpaghAREdHFP1CcHHRwEgdRERcVN1Hf9/EUPMu9l3vuOfdskFEoAEBIe/XYbbG0+HV1Zd033+ZyG1x6qKlqQ8wa744RUMj/wgeFwsEEQ/PjHB1qCcaYY8ufOryM85n7SPpnp8H6lPzVWYZbZ227/rcKB4Pr3fZ8PuXgJ6E9I5q7TJ6/1m/Z5pedCyHUvGQDCMWbLEV3zCTYoMBpKbNNDC4Tw8/EN9XNAcaFZOzFywPNTtZZnR7kSNqtT1HVo+VQyOSaj+Li0S+FnPOPAuK+cZnBRTlMpZ8sRH9DRw+iako+

[Machine server]
String = 02eNpdjk8oQ3EcwL/f9yZxwOEdlFBa4eDooNX39z1Mu3hpO8j0ElKkJZQLhdIuliQHB6X5s8NzeOS0pJ44kJPtolz0khyWMnKZKT9jb23f06e+fT+f7yhUjooIqHQaG5fz9de8qFkBJxThrUbPQF1Xzo5mgsldPcFXnx2Gbd8wVvke+9e3p09FuSXMIC2KZlULvD94I8l5MyigYbCHAGUCVgoXv+QiYs3qxe1e78Msy+qCZn241uahcV+rEmf0tOfNbFofi4uTucnN13Mvl4JQaMpHCZenDCHZCqCAw5lv+lv5Y30C39M6FXtqKNkSzaS87I9FXr5Mx+3V7k+E146z/3JUpckhHHm+I3hKNBGqmGrbIegePiMlt3RExbsfuCxW3Q==

[Link]
Latency = off
Limit = 65536 packets
