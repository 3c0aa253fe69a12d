# SPDX-License-Identifier: GPL-2.0
"""The attacks there are, by name. Networks are loaded only when one is asked for."""
import importlib

from . import JudgeError

_WHERE = {
    "volume": ("volume", "Volume"),
    "kfp": ("kfp", "KFP"),
    "cumul": ("cumul", "CUMUL"),
    "df": ("df", "DF"),
    "tiktok": ("df", "TikTok"),
    "rf": ("rf", "RF"),
    "token": ("tokens", "Tokens"),
}
NAMES = list(_WHERE)
QUICK = ["volume", "kfp", "cumul"]


def make(name, window):
    """The attack of this name, for visits that are watched for `window` seconds."""
    if name not in _WHERE:
        raise JudgeError(f"there is no attack {name}; there are {', '.join(NAMES)}")
    module, cls = _WHERE[name]
    attack = getattr(importlib.import_module(f".{module}", __package__), cls)()
    attack.window = window
    return attack


def settings(attack):
    """What of the attack's settings is part of a result's key."""
    recipe = {"recipe": list(attack.recipe)} if attack.heavy else {}
    return {"name": attack.name, "version": attack.version, **recipe,
            **(attack.settings() if hasattr(attack, "settings") else {})}
