# SPDX-License-Identifier: GPL-2.0
"""What can be learned from what an observer of a link sees: rtpl-judge(1)."""
VERSION = "0.1.0"


class JudgeError(Exception):
    """What the user gave cannot be used; the sentence names it."""
