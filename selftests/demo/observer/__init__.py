# SPDX-License-Identifier: GPL-2.0
"""What the demo's observer does with its capture: read, measure, attack, draw."""
