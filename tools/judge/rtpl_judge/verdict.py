# SPDX-License-Identifier: GPL-2.0
"""Which profile is worth its cost, and the figures of a run that this rests on.

A run is one set under one profile, as the runner writes it (see page.py); any key of it may be
missing. All here are pure functions of runs. "none" are the packets without a link, "off" is a
link that seals and does not shape: both are what the others are compared with.
"""
import unicodedata
from math import ceil, isfinite, sqrt

DIRECT = ("wefde", "knn")	# estimates of traces, not of what an attack makes of them
REFERENCES = ("off", "none")
STRONG = "rf"		# without it there is no verdict: where padding is random, others see little
NAME = 28			# characters of a name at most, in text
MORE_LATE = 0.001	# share of packets: a profile that drops more than this besides is no better
# What a profile costs in bytes, each over those of the packets, less one: while visits last, and
# in all of an observer's window, over what `none` takes in the same window.
OVERHEADS = {"overhead": "overhead", "window_overhead": "overhead in the window"}


def clean(name, most=None):
    """A name that a terminal and a page can show: nothing that controls, no lone surrogate; at
    most `most` characters."""
    text = "".join("?" if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") else c
                   for c in str(name))
    return text if most is None or len(text) <= most else text[:most - 1] + "…"


def number(x):
    """x as a float, or None if it is no finite number."""
    try:
        x = float(x)
    except (TypeError, ValueError, OverflowError):
        return None
    return x if isfinite(x) else None


def at(thing, *keys):
    """What is under these keys of nested dicts, or None."""
    for key in keys:
        thing = thing.get(key) if isinstance(thing, dict) else None
    return thing


def interval(x):
    """(mean, low, high) of {"mean", "low", "high"}, or None; an end that is missing is the mean."""
    mean = number(at(x, "mean"))
    if mean is None:
        return None
    low, high = number(at(x, "low")), number(at(x, "high"))
    return mean, mean if low is None else low, mean if high is None else high


def measured(run, what="accuracy"):
    """{attack: (mean, low, high)} of this measure, in the run's order."""
    attacks = at(run, "attacks") or {}
    found = {name: interval(at(a, what)) for name, a in attacks.items()}
    return {name: x for name, x in found.items() if x}


def strongest(run, what="accuracy", among=None):
    """(attack, (mean, low, high)) with the greatest mean, or None."""
    found = {n: x for n, x in measured(run, what).items() if among is None or n in among}
    if not found:
        return None
    name = max(found, key=lambda n: found[n][0])
    return name, found[name]


def information(run):
    """{estimate: (bits, low, high)}, each less its bias, no less than 0 and no more than the
    entropy of the classes. The ends are as information.py has them: around the corrected figure."""
    entropy = number(at(run, "information", "entropy"))
    out = {}
    for name, x in (at(run, "information") or {}).items():
        bits, corrected = number(at(x, "bits")), number(at(x, "corrected"))
        if bits is None and corrected is None:
            continue
        if corrected is None:
            corrected = bits - (number(at(x, "bias")) or 0.0)
        ends = [number(at(x, end)) for end in ("low", "high")]
        ends = [corrected if e is None else e for e in ends]
        top = entropy if entropy is not None else float("inf")
        out[name] = tuple(min(max(v, 0.0), top) for v in (corrected, *ends))
    return out


def bits_text(x):
    """(bits, low, high) in words: where it may as well be nothing, what it is at most."""
    return f"{x[0]:.2f}" if x[1] > 0 else f"< {max(1, ceil(100 * x[2])) / 100:.2f}"


def bits(run):
    """(estimate, (bits, low, high)): the greatest of the corrected estimates that can be told from
    nothing (their interval is above 0), as an observer would take it. Where none can, the one with
    the least upper end, of those that are no lower bounds by an attack: a joint density of few
    visits is mostly its own bias, and what is left of it after that is taken off is no finding.
    None without estimates."""
    found = information(run)
    if not found:
        return None
    above = [n for n, x in found.items() if x[1] > 0]
    direct = [n for n in found if n in DIRECT] or list(found)
    name = max(above, key=lambda n: found[n][0]) if above else \
        min(direct, key=lambda n: found[n][2])
    return name, found[name]


def by_profile(runs):
    """{profile: run}, of runs of one set as sets() has them; the last one where a profile comes
    twice with the same traces."""
    return {str(at(r, "profile")): r for r in runs or []}


def reference(runs):
    """The run that shaping is compared with: `off`, else `none`, else None."""
    by = by_profile(runs)
    return next((by[name] for name in REFERENCES if name in by and measured(by[name])), None)


def _measures(*runs):
    """What tells how much is left: accuracy; where there is a target, AUPRC too."""
    return ["accuracy"] + ["auprc"] * all(measured(r, "auprc") and at(r, "target") is not None
                                          for r in runs)


def _below(run, than):
    """Whether the strongest attack does significantly worse on `run`: the means are further
    apart than two independent 95 % intervals allow, in any measure."""
    for what in _measures(run, than):
        both = set(measured(run, what)) & set(measured(than, what))
        a, b = strongest(run, what, both), strongest(than, what, both)
        if a is None:
            continue
        (mean, _, high), (other, low, _) = a[1], b[1]
        if other - mean > sqrt((high - mean) ** 2 + (other - low) ** 2):
            return True
    return False


def _compared(run, than):
    """Whether the two have the strong attack in common."""
    return all(STRONG in measured(r) for r in (run, than))


def overhead_of(runs, first="overhead"):
    """Which of OVERHEADS these runs are compared by: the one that most of them have but `none`,
    `first` where that is both."""
    runs = [r for r in runs if at(r, "profile") != "none"]
    keys = sorted(OVERHEADS, key=lambda k: k != first)
    return max(keys, key=lambda k: sum(number(at(r, "costs", k)) is not None for r in runs))


def _price(run, key):
    return number(at(run, "costs", key)), number(at(run, "costs", "delay_ms", "p99"))


def _spent(run, key):
    over, p99 = _price(run, key)
    return f"{percent(over)} % {OVERHEADS[key]} and {p99:.1f} ms p99"


def _dominates(q, p):
    """Whether q leaves no more to any attack that both met, costs no more in bytes and in p99
    delay, drops no more, and is better in one of these. Bytes are those in the window where
    both have them: cells that go on after a visit are paid for, too."""
    key = overhead_of((q, p), "window_overhead")
    costs = list(zip(_price(q, key), _price(p, key)))
    if not _compared(q, p) or any(None in pair for pair in costs):
        return False
    pairs = costs
    for what in _measures(q, p):
        both = set(measured(q, what)) & set(measured(p, what))
        if both:
            pairs.append(tuple(max(measured(r, what)[n][2] for n in both) for r in (q, p)))
    late = [number(at(r, "costs", "late")) or 0.0 for r in (q, p)]
    return late[0] <= late[1] + MORE_LATE and all(a <= b for a, b in pairs) and \
        any(a < b for a, b in pairs)


def percent(x, digits=1):
    return "-" if x is None else f"{100 * x:.{digits}f}"


def _left(best):
    return f"{percent(best[1][0])} % ({clean(best[0], NAME)})"


def weigh(runs):
    """{profile: (kind, sentence)} of runs of one set; kind is "reference", "worth", "not worth"
    or "unknown": no one knows what a profile hides from an attack that was not run."""
    by = by_profile(runs)
    base = reference(runs)
    out = {}
    for name, run in by.items():
        best = strongest(run)
        left = _left(best) if best else ""
        if name in REFERENCES:
            what = "undefended" if name == "none" else "sealed but not shaped"
            out[name] = "reference", f"Reference, {what}" + (f": {left}." if best else ".")
        elif best is None:
            out[name] = "unknown", "Not judged: no attack was run on it."
        elif base is None:
            out[name] = "unknown", f"Not judged: {left}, with nothing unshaped to compare it with."
        elif not _compared(run, base):
            lacks = [clean(at(r, "profile"), NAME) for r in (run, base) if STRONG not in measured(r)]
            out[name] = "unknown", (f"Not judged: {left}, but {STRONG}, the strongest attack on "
                                    f"padding, was not run on {' and '.join(lacks)}.")
        else:
            out[name] = _sentence(name, run, by, base, left)
    return out


def _sentence(name, run, by, base, left):
    before = _left(strongest(base))
    if not _below(run, base):
        return "not worth", (f"Not worth its cost: {left} is not significantly below "
                             f"{base['profile']}, {before}.")
    better = [n for n, q in by.items() if n not in (name, "none") and _dominates(q, run)]
    if better:
        # The one that leaves least.
        other = min(better, key=lambda n: strongest(by[n])[1][2])
        key = overhead_of((by[other], run), "window_overhead")
        return "not worth", (f"Not worth its cost: {clean(other, NAME)} leaves "
                             f"{_left(strongest(by[other]))} at {_spent(by[other], key)}, all no "
                             "worse.")
    key = overhead_of([run])
    if None in _price(run, key):
        return "unknown", f"Takes {before} to {left}; what it costs was not measured."
    return "worth", f"Worth its cost: takes {before} to {left} for {_spent(run, key)}."


def verdict(runs):
    """{profile: sentence} of runs of one set: a profile is not worth its cost if its strongest
    attack is not significantly below that of `off`, or if another one leaves no more at no
    more overhead (_dominates() says which) and p99 delay."""
    return {name: sentence for name, (_, sentence) in weigh(runs).items()}


def sets(result):
    """{set: [run]} in the order in which they were run. Where two profiles of one name made
    different traces (two files, or another set of this name), each is called by the first four
    digits of its traces' digest, too."""
    out = {}
    for run in at(result, "runs") or []:
        out.setdefault(str(at(run, "set")), []).append(run)
    for runs in out.values():
        made = {}
        for run in runs:
            made.setdefault(str(at(run, "profile")), set()).add(at(run, "digest"))
        runs[:] = [_told_apart(r) if len(made[str(at(r, "profile"))]) > 1 else r for r in runs]
    return out


def _told_apart(run):
    name, digest = clean(at(run, "profile"), NAME - 5), str(at(run, "digest") or "")
    return {**run, "profile": f"{name} {digest[:4]}".strip()}


def verdicts(result):
    """{set: {profile: sentence}}."""
    return {name: verdict(runs) for name, runs in sets(result).items()}
