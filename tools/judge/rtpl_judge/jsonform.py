# SPDX-License-Identifier: GPL-2.0
"""A result as JSON: six digits, null where there is no number, and the verdicts with it."""
import json

import numpy as np

from . import JudgeError
from .verdict import verdicts


def plain(thing):
    """`thing` of dicts, lists, NumPy's numbers and arrays as JSON can hold it: keys are text,
    floats have six significant digits, what is not finite is None."""
    if isinstance(thing, dict):
        return {str(k): plain(v) for k, v in thing.items()}
    if isinstance(thing, np.ndarray):
        return plain(thing.tolist())
    if isinstance(thing, (list, tuple)):
        return [plain(v) for v in thing]
    if isinstance(thing, (bool, np.bool_)):
        return bool(thing)
    if isinstance(thing, (int, np.integer)):
        return int(thing)
    if isinstance(thing, (float, np.floating)):
        return float(f"{thing:.6g}") if np.isfinite(thing) else None
    if thing is None or isinstance(thing, str):
        return thing
    raise TypeError(f"a result cannot hold {type(thing).__name__}")


def form(result):
    """The result as it is written: plain(), with {set: {profile: sentence}} as "verdicts"."""
    out = plain(result)
    out["verdicts"] = verdicts(out)
    return out


def dumps(result):
    """loads() of it is form(result), and form() of that the same again."""
    return json.dumps(form(result), indent=1, allow_nan=False) + "\n"


def write(result, path):
    with open(path, "w", encoding="utf-8") as f:
        f.write(dumps(result))


def load(path):
    """What write() wrote."""
    try:
        with open(path, encoding="utf-8") as f:
            out = json.load(f)
    except (OSError, ValueError) as e:
        raise JudgeError(f"{path}: cannot be read as a result: {e}") from None
    if not isinstance(out, dict) or not isinstance(out.get("runs"), list):
        raise JudgeError(f"{path}: this is not a result: there is no list of runs")
    return out
