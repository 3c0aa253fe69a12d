# SPDX-License-Identifier: GPL-2.0
"""Which profile is worth its cost, and the figures of a run that this rests on.

A run is one set under one profile, as the runner writes it (see page.py); any key of it may be
missing. All here are pure functions of runs. "none" are the packets without a link, "off" is a
link that seals and does not shape: both are what the others are compared with.
"""
import unicodedata
from math import atan, ceil, cos, erfc, isfinite, pi, sin, sqrt

from .fano import fano

DIRECT = ("knn", "wefde")	# estimates of traces, not of what an attack makes of them
BOUNDS = ("fano", "cross_entropy")	# lower bounds, by an attack's answers
BIAS_LEAST = .05	# bits: a smaller bias says nothing against an estimate
REFERENCES = ("off", "none")
STRONG = "rf"		# without it there is no verdict: where padding is random, others see little
ALPHA = .05			# of a set's profiles together, by Holm
LARGE_DF = 200
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


def figure(attack, what="accuracy"):
    """This measure of an attack's result: for accuracy the balanced one where there is one, that is
    where classes are not equally frequent."""
    return (at(attack, "balanced") if what == "accuracy" else None) or at(attack, what)


def measured(run, what="accuracy"):
    """{attack: (mean, low, high)} of this measure, in the run's order."""
    attacks = at(run, "attacks") or {}
    found = {name: interval(figure(a, what)) for name, a in attacks.items()}
    return {name: x for name, x in found.items() if x}


def chance(run):
    """The share that a guess gets of what measured() tells, or None."""
    if any(at(a, "balanced") for a in (at(run, "attacks") or {}).values()) and at(run, "classes"):
        return 1 / len(run["classes"])
    return number(at(run, "chance"))


def half(x):
    """Half of an interval's width before it was clipped to 0 .. 1, or None where nobody knows."""
    own = number(at(x, "half"))
    if own is not None:
        return own
    mean, low, high = interval(x)
    ends = [end for end, open_ in ((mean - low, low > 0), (high - mean, high < 1)) if open_]
    return max(ends) if ends else None if high > low else 0.0


def strongest(run, what="accuracy", among=None):
    """(attack, (mean, low, high)) with the greatest mean, or None."""
    found = {n: x for n, x in measured(run, what).items() if among is None or n in among}
    if not found:
        return None
    name = max(found, key=lambda n: found[n][0])
    return name, found[name]


def _by_accuracy(run, attack):
    """Fano's bound by what the attack named, of a result that has no bound of that attack."""
    named = interval(at(attack, "accuracy"))
    entropy, classes = number(at(run, "information", "entropy")), len(at(run, "classes") or [])
    if not named or not entropy or classes < 2:
        return None
    bits, low, high = (fano(1 - min(max(x, 0.0), 1.0), classes, entropy) for x in named)
    return {"bits": bits, "low": low, "high": high, "bias": 0.0, "corrected": bits}


def corrected(x):
    """(bits less the bias, bias) of an estimate, or None. No less than 0."""
    bits, less, bias = (number(at(x, key)) for key in ("bits", "corrected", "bias"))
    if bits is None and less is None:
        return None
    return max(0.0, bits - (bias or 0.0) if less is None else less), bias or 0.0


def estimates(run):
    """{estimate: as information.py has it}: those of traces, and the greatest lower bound by what
    any attack answered, whichever of them was run first, or beside which measures."""
    out = {n: x for n, x in (at(run, "information") or {}).items() if corrected(x)}
    for attack in (at(run, "attacks") or {}).values():
        bounds = at(attack, "bounds") or {"fano": _by_accuracy(run, attack)}
        for name in BOUNDS:
            x = at(bounds, name)
            if corrected(x) and (name not in out or corrected(x)[0] > corrected(out[name])[0]):
                out[name] = x
    return out


def mostly_bias(x):
    """(bias, what is left when it is taken off) of an estimate of which that is less, else None. (The
    corrected figure may be greater: it is stretched, so that what tells all still gives all.)"""
    less, bias = corrected(x)
    bits = number(at(x, "bits"))
    left = less if bits is None else min(less, max(0.0, bits - bias))
    return (bias, left) if bias > max(left, BIAS_LEAST) else None


def withheld(run):
    """{estimate: why it is not told}: what is mostly bias is no finding."""
    found = {name: mostly_bias(x) for name, x in estimates(run).items()}
    return {name: f"its bias, {x[0]:.2f} bits, is more than what is left, {x[1]:.2f}"
            for name, x in found.items() if x}


def unclipped(run):
    """{estimate: (bits, low, high)} of those that are told, each less its bias, no less than 0 and
    no more than the entropy of the classes. The ends are as information.py has them: around the
    corrected figure."""
    entropy = number(at(run, "information", "entropy"))
    top = entropy if entropy is not None else float("inf")
    out, hidden = {}, withheld(run)
    for name, x in estimates(run).items():
        if name in hidden:
            continue
        less = corrected(x)[0]
        ends = [number(at(x, end)) for end in ("low", "high")]
        ends = [less if e is None else e for e in ends]
        out[name] = tuple(min(max(v, 0.0), top) for v in (less, *ends))
    return out


def information(run):
    """unclipped(), but no more than the same estimate of undefended packets (the key "none" of a
    run, which sets() puts there): what a defence makes of packets tells no more than they do (the
    data-processing inequality)."""
    most = at(run, "none") or {}
    return {name: tuple(map(min, x, most[name])) if name in most else x
            for name, x in unclipped(run).items()}


def clipped(run):
    """{estimate: (bits as estimated, bits as told)} of those that information() cut, by more than
    what shows."""
    told = information(run)
    return {name: (x[0], told[name][0]) for name, x in unclipped(run).items()
            if x[0] - told[name][0] >= .005}


def bits_text(x):
    """(bits, low, high) in words: where it may as well be nothing, what it is at most."""
    return f"{x[0]:.2f}" if x[1] > 0 else f"< {max(1, ceil(100 * x[2])) / 100:.2f}"


def bits(run):
    """(estimate, (bits, low, high)): the calibrated cross-entropy bound, or Fano's where that proves
    more (of older results that is by an attack of which there is no other bound); without attacks,
    an estimate of traces. None where none can be told."""
    found = information(run)
    names = [n for n in ("cross_entropy", "fano") if n in found]
    if names:
        name = max(names, key=lambda n: found[n][0])
    else:
        name = next((n for n in (*DIRECT, *found) if n in found), None)
    return None if name is None else (name, found[name])


def limit(run):
    """What no scheme goes below at the run's price (bound.py): {"bytes": the price, "named", "there",
    "above"}, shares; above: of the strongest attack, over named. None where there is none, any of them
    where it is not known."""
    x, best = at(run, "bound"), strongest(run)
    named = number(at(x, "named"))
    if named is None:
        return None
    return {"bytes": number(at(x, "bytes")), "named": named,
            "there": number(at(x, "there", "mean")),
            "above": best[1][0] - named if best else None}


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


def tails(t, df):
    """p of a greater |t| by Student's t with df degrees, a whole number (Abramowitz & Stegun,
    26.7.3 and 26.7.4); of more than LARGE_DF as if there were no end of them."""
    t = abs(t)
    if df > LARGE_DF:
        return erfc(t / sqrt(2))
    angle = atan(t / sqrt(df))
    term = total = cos(angle) if df % 2 else 1.0
    for k in range(3 if df % 2 else 2, df - 1, 2):
        term *= (k - 1) / k * cos(angle) ** 2
        total += term
    inside = 2 / pi * (angle + sin(angle) * total * (df > 1)) if df % 2 else sin(angle) * total
    return max(0.0, 1 - inside)


def critical(df, alpha=ALPHA):
    """The t at which tails() is alpha."""
    low, high = 0.0, 1e4
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if tails(middle, df) > alpha else (low, middle)
    return high


def _each(x):
    """The figure of each split; of a result that somebody wrote by hand, perhaps nothing."""
    each = at(x, "each")
    return [number(v) for v in each] if isinstance(each, list) else []


def _paired(x, y):
    """p of y's mean being above x's by chance only, by their differences split by split, corrected
    for training sides that overlap as intervals are (stats.py); None if they cannot be paired. The
    error of a share of n visits is no less than that of the fewest that could differ: that all
    splits agree is no proof."""
    pair = _each(x), _each(y)
    ratio, n = number(at(x, "ratio")), number(at(x, "tests"))
    if ratio is None or number(at(y, "ratio")) is None or len(pair[0]) != len(pair[1]) or \
            len(pair[0]) < 2 or None in pair[0] + pair[1]:
        return None
    d = [b - a for a, b in zip(*pair)]
    j, mean = len(d), sum(d) / len(d)
    if mean <= 0:
        return 1.0
    error = (1 / j + ratio) * sum((v - mean) ** 2 for v in d) / (j - 1)
    if n:
        error = max(error, min(mean, 1.0) * (1 - min(mean, 1.0)) / n, 1e-12)
    return tails(mean / sqrt(error), j - 1) if error > 0 else 0.0


def _apart(x, y):
    """The same of two that are not of the same splits, by their intervals."""
    diff = interval(y)[0] - interval(x)[0]
    halves = half(x), half(y)
    if diff <= 0 or None in halves:
        return 1.0
    many = [len(_each(s)) - 1 for s in (x, y) if at(s, "of") is None]
    df = min((k for k in many if k > 0), default=LARGE_DF + 1)
    error = sqrt(sum((h / critical(df)) ** 2 for h in halves))
    return tails(diff / error, df) if error else 0.0


def p_below(run, than):
    """p of the strongest attack doing no worse on `run`: of the measures (accuracy, and AUPRC where
    there is a target) the one that differs most, times their number. In pairs, where both were
    tested on the same splits."""
    same = at(run, "splits") is not None and at(run, "splits") == at(than, "splits")
    ps = []
    for what in _measures(run, than):
        both = set(measured(run, what)) & set(measured(than, what))
        a, b = strongest(run, what, both), strongest(than, what, both)
        if a is None:
            continue
        x, y = figure(run["attacks"][a[0]], what), figure(than["attacks"][b[0]], what)
        n = {"tests": number(at(run, "visits"))} if what == "accuracy" else {}
        p = _paired({**x, **n}, y) if same else None
        ps.append(_apart(x, y) if p is None else p)
    return min([1.0] + [p * len(ps) for p in ps])


def holm(ps):
    """{name: p} for so many tests at once (Holm, Scandinavian Journal of Statistics 6, 1979)."""
    out, least = {}, 0.0
    for k, name in enumerate(sorted(ps, key=ps.get)):
        out[name] = least = max(least, min(1.0, ps[name] * (len(ps) - k)))
    return out


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


def _upper_end(run, what, among):
    """The greatest upper end of these attacks' intervals, before they were clipped: of two that end
    at 100 % neither is the better one for that. None where that is not known."""
    ends = []
    for name in among:
        x = figure(run["attacks"][name], what)
        ends.append(None if half(x) is None else interval(x)[0] + half(x))
    return None if None in ends else max(ends)


def _dominates(q, p):
    """Whether q leaves no more to any attack that both met, costs no more in bytes and in p99
    delay, drops no more, and is better in one of these; and p is not significantly below q. Bytes
    are those in the window where both have them: cells that go on after a visit are paid for, too."""
    key = overhead_of((q, p), "window_overhead")
    costs = list(zip(_price(q, key), _price(p, key)))
    if not _compared(q, p) or any(None in pair for pair in costs):
        return False
    pairs = costs
    for what in _measures(q, p):
        both = set(measured(q, what)) & set(measured(p, what))
        if both:
            ends = [_upper_end(r, what, both) for r in (q, p)]
            if None in ends:
                return False
            pairs.append(tuple(ends))
    late = [number(at(r, "costs", "late")) or 0.0 for r in (q, p)]
    return late[0] <= late[1] + MORE_LATE and all(a <= b for a, b in pairs) and \
        any(a < b for a, b in pairs) and p_below(p, q) > ALPHA


def percent(x, digits=1):
    return "-" if x is None else f"{100 * x:.{digits}f}"


def _left(best):
    return f"{percent(best[1][0])} % ({clean(best[0], NAME)})"


def weigh(runs):
    """{profile: (kind, sentence)} of runs of one set; kind is "reference", "worth", "not worth"
    or "unknown": no one knows what a profile hides from an attack that was not run."""
    by = by_profile(runs)
    base = reference(runs)
    # Many profiles are compared with one: one of twenty would seem below it by chance.
    ps = holm({name: p_below(run, base) for name, run in by.items()
               if base is not None and name not in REFERENCES and _compared(run, base)})
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
            out[name] = _sentence(name, run, by, base, left, ps[name])
    return out


def _sentence(name, run, by, base, left, p):
    before = _left(strongest(base))
    if p > ALPHA:
        return "not worth", (f"Not worth its cost: {left} is not significantly below "
                             f"{base['profile']}, {before} (p {min(p, 1.0):.2f}).")
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
        none = next((unclipped(r) for r in runs if at(r, "profile") == "none"), {})
        runs[:] = [{**r, "none": none} for r in runs]
    return out


def _told_apart(run):
    name, digest = clean(at(run, "profile"), NAME - 5), str(at(run, "digest") or "")
    return {**run, "profile": f"{name} {digest[:4]}".strip()}


def verdicts(result):
    """{set: {profile: sentence}}."""
    return {name: verdict(runs) for name, runs in sets(result).items()}
