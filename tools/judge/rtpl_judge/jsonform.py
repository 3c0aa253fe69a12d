# SPDX-License-Identifier: GPL-2.0
"""A result as JSON: six digits, null where there is no number, and the verdicts with it."""
import json

from . import JudgeError
from .verdict import NAME, at, bits, clean, clipped, limit, sets, verdicts, withheld


# What must be a dict, a list or text in a result, wherever it is there and not null: "*" stands
# for any key. Numbers may be anything: what is none is shown as missing.
_RUN = {"digest": "", "classes": [], "information": {"features": [{}]},
        "attacks": {"*": {"open": {"curve": [[]]}, "version": ""}}, "differences": {"ks": {}}, "costs": {}, "bound": {},
        "histograms": {"*": {"edges": [], "up": [], "down": []}}}
_SHAPE = {"command": "", "runs": [_RUN], "anchors": [{"source": "", "name": ""}],
          "live": [{"kernel": {}, "simulator": {}}],
          "frontier": {"limits": {"*": {}}, "points": [{"name": "", "profile_text": ""}]}}
_WORDS = {dict: "an object", list: "a list", str: "text"}


def plain(thing):
    """`thing` of dicts, lists, NumPy's numbers and arrays as JSON can hold it: keys are text,
    floats have six significant digits, what is not finite is None."""
    import numpy as np
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
    """The result as it is written: plain(), with {set: {profile: sentence}} as "verdicts", as "bits"
    what is told of information, and as "limits" how far the strongest attack is above the bound."""
    out = plain(result)
    out["verdicts"] = verdicts(out)
    out["bits"] = {name: {str(at(r, "profile")): _bits(r) for r in runs}
                   for name, runs in sets(out).items()}
    out["limits"] = plain({name: {str(at(r, "profile")): limit(r) for r in runs}
                           for name, runs in sets(out).items()})
    return out


def _bits(run):
    """What the table tells of a run's information, and why it does not tell the rest."""
    told, cut = bits(run), clipped(run)
    name, x = told or (None, (None, None, None))
    return plain({"estimate": name, "bits": x[0], "low": x[1], "high": x[2],
                  "clipped_from": cut[name][0] if name in cut else None, "not_told": withheld(run)})


def dumps(result):
    """loads() of it is form(result), and form() of that the same again."""
    return json.dumps(form(result), indent=1, allow_nan=False) + "\n"


def write(result, path):
    with open(path, "w", encoding="utf-8") as f:
        f.write(dumps(result))


def brief(result):
    """The result without what is long: histograms, confusion matrices, curves, single features.
    What is left makes the table, and the page without their pictures."""
    def run(r):
        r = {k: v for k, v in r.items() if k != "histograms"}
        r["information"] = {k: v for k, v in (r.get("information") or {}).items()
                            if k != "features"}
        r["attacks"] = {n: {k: v for k, v in (a or {}).items() if k != "confusion"}
                        for n, a in (r.get("attacks") or {}).items()}
        for a in r["attacks"].values():
            if a.get("open"):
                a["open"] = {k: v for k, v in a["open"].items() if k != "curve"}
        return r
    return {**result, "runs": [run(r) for r in result["runs"]]}


def joined(old, new):
    """The run `new`; of the same traces as `old` (by their digest) with what only that has:
    attacks, and of each attack of the same version what else was asked of it."""
    if not new.get("digest") or new["digest"] != old.get("digest"):
        return new
    before = old.get("attacks") or {}

    def both(then, now):
        same = then.get("version") and then["version"] == now.get("version")
        return {**(then if same else {}), **now}
    return {**old, **new, "attacks": {
        **before, **{n: both(before.get(n) or {}, a or {})
                     for n, a in (new.get("attacks") or {}).items()}}}


def alike(sources):
    """JudgeError if a table would join different versions of an attack. sources: {set: {attack:
    [(version or None, the file that it is from)]}}. Results of before versions were told are not
    known to be alike unless they are of one file."""
    for name, attacks in sources.items():
        for attack, found in attacks.items():
            versions, files = ({x[k] for x in found} for k in (0, 1))
            if len(versions) > 1 or None in versions and len(files) > 1:
                said = ", ".join(sorted({f"{v or 'no version'} in {f}" for v, f in found}))
                raise JudgeError(f"{clean(name, NAME)}: {clean(attack, NAME)} is of different "
                                 f"versions ({said}), which do not belong in one table: run it "
                                 "again on these profiles")


def _misshapen(thing, shape, where="it"):
    """What is wrong first, in words, or None."""
    if thing is None:
        return None
    if not isinstance(thing, type(shape)):
        return f"{where} is not {_WORDS[type(shape)]}"
    if isinstance(shape, dict):
        parts = ((v, shape.get(k, shape.get("*")), f"{where}, {clean(k, NAME)}")
                 for k, v in thing.items())
    else:
        parts = ((v, (shape or None) and shape[0], f"{where}, number {k}")
                 for k, v in enumerate(thing, 1)) if isinstance(shape, list) else ()
    found = (_misshapen(v, s, w) for v, s, w in parts if s is not None)
    return next((x for x in found if x), None)


def load(path):
    """What write() wrote; JudgeError where a run has no set or profile, or something else is
    where a dict, a list or text belongs."""
    try:
        with open(path, encoding="utf-8") as f:
            out = json.load(f)
    except OSError as e:
        raise JudgeError(f"{path}: cannot be read: {e.strerror}") from None
    except UnicodeDecodeError:
        raise JudgeError(f"{path}: this is not text, as a result.json is") from None
    except (ValueError, RecursionError):
        raise JudgeError(f"{path}: this is not a result.json: it is not JSON") from None
    if not isinstance(out, dict) or not isinstance(out.get("runs"), list):
        raise JudgeError(f"{path}: this is not a result: there is no list of runs")
    for k, run in enumerate(out["runs"], 1):
        if not isinstance(run, dict):
            raise JudgeError(f"{path}: run {k} is not an object")
        for key in ("set", "profile"):
            if not isinstance(run.get(key), str):
                raise JudgeError(f"{path}: run {k} has no text `{key}`")
    wrong = _misshapen(out, _SHAPE)
    if wrong:
        raise JudgeError(f"{path}: this is not a result: {wrong}")
    return out
