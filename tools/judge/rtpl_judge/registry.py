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
    "bursts": ("bursts", "Bursts"),
    "rfbursts": ("rfbursts", "RFBursts"),
    "tables": ("knows", "Tables"),
    "ensemble": ("ensemble", "Ensemble"),
}
# What each spends, whatever the set; a network's is in its recipe.
_TRAINED = {
    "volume": "300 trees", "kfp": "300 trees", "bins": "300 trees", "bursts": "300 trees",
    "cumul": "an SVM; its two settings from at most 32, in 3 folds by group of at most 4000 visits and "
             "5000 sweeps a pair of classes; then 20,000 sweeps",
    "tables": "two forests of 300 trees, 3 networks of 48 units and at most 200 steps, and a table of 5 "
              "features, each five times: in 4 folds by group for its weight, then on all",
    "ensemble": "each of six attacks five times: in 4 folds by group for its weight, then on all",
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
    return source(own, "forest", *attack.modules, *(["nets"] if attack.heavy else []))


def trained(attack):
    """How it is trained, in words: a budget that is the same for every set."""
    if attack.name in _TRAINED:
        return _TRAINED[attack.name]
    r = attack.recipe
    return (f"a network: {r.epochs} passes over all training visits, {r.steps} steps at least, of at most "
            f"{r.batch} visits, {r.optimizer} at {r.rate:g}; its last weights")


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
