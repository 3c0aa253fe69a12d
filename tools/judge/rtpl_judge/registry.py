# SPDX-License-Identifier: GPL-2.0
"""The attacks there are, by name. Networks are loaded only when one is asked for."""
import functools
import hashlib
import importlib
import os

from . import JudgeError

_WHERE = {
    "volume": ("volume", "Volume"),
    "kfp": ("kfp", "KFP"),
    "cumul": ("cumul", "CUMUL"),
    "bins": ("bins", "Bins"),
    "df": ("df", "DF"),
    "tiktok": ("df", "TikTok"),
    "rf": ("rf", "RF"),
    "token": ("tokens", "Tokens"),
}
NAMES = list(_WHERE)
QUICK = ["volume", "kfp", "cumul"]


def make(name, window, visits=None):
    """The attack of this name, for visits that are watched for `window` seconds; with `visits`, for
    such as they are: inputs are as long as what the observer sees."""
    if name not in _WHERE:
        raise JudgeError(f"there is no attack {name}; there are {', '.join(NAMES)}")
    module, cls = _WHERE[name]
    attack = getattr(importlib.import_module(f".{module}", __package__), cls)()
    attack.window = window
    if visits is not None:
        attack.fit_to(visits)
    return attack


def libraries(*modules):
    """{library: version} of what these modules compute with: another version, another result."""
    names = ["numpy", "scipy", "sklearn"] + ["torch"] * bool({"nets", "palette"} & set(modules))
    return {n: importlib.import_module(n).__version__ for n in names}


@functools.lru_cache(None)
def source(*modules):
    """SHA-256 (hex) of the modules' texts and the libraries' versions: whoever changes one makes
    results anew."""
    h = hashlib.sha256(str(sorted(libraries(*modules).items())).encode())
    for name in modules:
        with open(os.path.join(os.path.dirname(__file__), f"{name}.py"), "rb") as f:
            h.update(f.read())
    return h.hexdigest()


def _source(attack):
    own = type(attack).__module__.rsplit(".", 1)[-1]
    return source(own, "forest", *(["nets"] if attack.heavy else []))


def version(attack):
    """Which version of the attack a result is of; results of two do not belong in one table. It is
    of the source, so that no one can forget to count it up."""
    return _source(attack)[:12]


def settings(attack):
    """What of the attack a result follows from: of its key. The number of threads changes a
    network's result by rounding only, and is not in it."""
    key = {"name": attack.name, "source": _source(attack)}
    if attack.heavy:
        from . import nets
        key["device"] = [str(nets.device()), nets.has_bfloat16()]
    return {**key, **attack.settings()}
