# SPDX-License-Identifier: GPL-2.0
"""Published figures to stand beside: on other data, so never to be compared to the percent."""

PALETTE = "Palette, S&P 2024, table 3: 95 sites, attack RF"
SETTINGS = "Palette, S&P 2024, table 5: 95 sites, attack RF"
EPHEMERAL = "ephemeral defences (Maybenot), artifact"

# accuracy of the strongest attack named, bytes more (share), time more (share)
WEB = [
    {"name": "Palette", "accuracy": .364, "overhead": .84, "time": .09, "source": PALETTE},
    {"name": "Palette k=5", "accuracy": .707, "overhead": .39, "time": .18, "source": SETTINGS},
    {"name": "RegulaTor", "accuracy": .724, "overhead": .36, "time": .16, "source": SETTINGS},
    {"name": "FRONT", "accuracy": .906, "overhead": .18, "time": 0.0, "source": SETTINGS},
    {"name": "WTF-PAD", "accuracy": .966, "overhead": .61, "time": 0.0, "source": PALETTE},
    {"name": "Maybenot padding", "accuracy": .554, "overhead": .59, "time": 0.0,
     "source": EPHEMERAL + ", attack RF"},
    {"name": "Tamaraw", "accuracy": .102, "overhead": 1.21, "time": .43, "source": PALETTE},
]


def of(result):
    """The published figures for a result's sets of pages (by their name)."""
    return [{"set": name, **a} for name in sorted({r["set"] for r in result["runs"]})
            if "web" in name or "page" in name for a in WEB]
