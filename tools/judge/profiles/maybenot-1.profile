# Padding machines of the Maybenot project (its example of ten padding defences, number 1;
# Copyright 2022-2024 Tobias Pulls; MIT or Apache-2.0, here under MIT, see
# selftests/shape/machines/LICENSE-MIT). No limits of their own.
[Profile]
Name = maybenot-1
About = Maybenot machines made at random, padding only

[Sizes]
Cell = 543

[Machine client]
String = 02eNpd0D9IQmEUBfB7r4kNLtWD1loCSXglkUT0fZcKpIKIamiKglokqDEaKqlFIqKlBqEl+yPBo6EpHBIiqAgiCCcVFREVEcVB1EEf8hA88+X8DleFzphQz/9+ZshWSvD0Rup33h3leqD453nKcvxA0dTlHLdu0YRWGha0NRkTcDXzLZDA6R2UeJkPCqNQr4Pd3pO3L/MFr7/OWR1HP/z4seD0fr6wp+d6rG8kwtg1Pnu2k64FQvLe9z7wXLJzZSV55/MvNikk0lybAhTNJXUUls77BSmaRaIa8TdRWk2aJaxNlHUUCW8KD4JGu+3S8C3VQ3fw1BZiY1T4dm/KsR1mYyHAsWz/oAEeAkvu

[Machine server]
String = 02eNpdj08oRFEUxs+5k0hKTdMohWx4ZTE7NubeIzRlYzEL0mRtwZCdWY0mJGlQzJOU8TeblyRZWMxMTSk1W1lpWEhTYyEvhXLeM3cWcxb33HvP+b7fOX6oDQ8igBhpEj1nG7e0Nv36fb4Qo8XtQb6+q8Ph64+ZnwzdtC+VslaOsKHzYn5qMz9GydynEUk+K+1zPBdsfDjyEQB6hG30KzxoDUjwJjJB/mIGxFUl8YFCsEAh+0pH7Va+wi8n4ckymVFvwpwtk7Z+Gl1PTfy+EdZZoWLMZ5WqUHeIjnGCWgQ62SU54/StDki83G923nHNw/od3jHVna1yAl2F5Ta7SP8qON0bkuKx0KLQNiJSGwu4uutVwoxuSXa+T+clWKG0xBX/LvcITeX4A5VVXO0=

[Link]
Latency = off
Limit = 65536 packets
