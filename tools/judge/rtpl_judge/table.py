# SPDX-License-Identifier: GPL-2.0
"""A result as plain text: for each set a row a profile, and which of them are worth their cost.

The page shows the same columns (columns()), so that no figure differs between the two.
"""
import textwrap
import unicodedata

from .jsonform import plain
from .verdict import (NAME, STRONG, at, bits, bits_text, by_profile, chance, clean, clipped, interval, limit,
                      measured, number, percent, sets, strongest, weigh, withheld)

WIDTH = 120
MORE_BITS = "* By the estimate more than undefended packets tell; no setting adds to that."


def with_half(x, scale=100, digits=1):
    """`97.2 ±0.8` of (mean, low, high): half of the interval's width."""
    if not x:
        return "-"
    return f"{scale * x[0]:.{digits}f} ±{scale * (x[2] - x[1]) / 2:.{digits}f}"


def milliseconds(x):
    x = number(x)
    if x is None:
        return "-"
    return f"{x:.1f}" if abs(x) < 1000 else f"{x:.0f}"


def wide(text):
    """Columns that it takes in a terminal."""
    return sum((unicodedata.east_asian_width(c) in "WF") + (not unicodedata.combining(c))
               for c in text)


def columns(runs):
    """[[(heading, [cell, a run])]] of runs of one set: what identifies, costs and what is left,
    each attack, the open world (of the attack that does best in each). A column of which nothing
    was measured is left out, and that of packets that were dropped where none lost any that it
    would show."""
    def column(heading, cell):
        return heading, [cell(r) for r in runs]

    def delay(q):
        return lambda r: milliseconds(at(r, "costs", "delay_ms", q))

    def best(r):
        x = strongest(r)
        return f"{clean(x[0], 14)} {with_half(x[1])}" if x else "-"

    def auprc(r):
        x = strongest(r, "auprc")
        base = number(at(r, "base_rate"))
        if at(r, "target") is None or not x:
            return "-"
        return f"{percent(x[1][0])}" + (f" / {percent(base)}" if base is not None else "")

    def opened(r, *keys):
        x = strongest(r)
        found = [number(at(a, "open", *keys, "mean")) for a in (at(r, "attacks") or {}).values()]
        return percent(max((f for f in found if f is not None), default=None)) if x else "-"

    def best_bits(r):
        x = bits(r)
        entropy = number(at(r, "information", "entropy"))
        if not x:
            return "-"
        return bits_text(x[1]) + ("*" if x[0] in clipped(r) else "") + \
            (f" of {entropy:.2f}" if entropy is not None else "")

    def least(r):
        x = limit(r)
        return "-" if not x else percent(x["named"]) + (
            f" / {percent(x['there'])}" if x["there"] is not None else "")

    def above(r):
        x = limit(r)
        return "-" if not x or x["above"] is None else f"{100 * x['above']:+.1f}"

    def cost(heading, key, digits=1):
        return column(heading, lambda r: percent(number(at(r, "costs", key)), digits))

    def requests(size, what):
        return lambda r: milliseconds(at(r, "costs", "requests", size, "added_ms", what))

    def cut(r):
        shares = [percent(number(at(r, "cut", what))) for what in ("visits", "cells")]
        return "-" if shares == ["-", "-"] else " / ".join(shares)

    def watched(r):
        window = number(at(r, "window"))
        return "-" if window is None else f"{window:.1f}"

    windows = {watched(r) for r in runs}
    late = any((number(at(r, "costs", "late")) or 0) >= 5e-5 for r in runs)
    costs = [cost("overhead %", "overhead"), cost("in window %", "window_overhead"),
             *([cost("dropped %", "late", 2)] if late else []), column("p50 ms", delay("p50")),
             column("p99 ms", delay("p99")), column("max ms", delay("max")),
             column("requests +ms", requests("all", "mean")),
             column("small: p90 +ms", requests("small", "p90")),
             *([column("watched s", watched)] if len(windows) > 1 else []),
             column("cut off %", cut),
             column("strongest %", best), column("bound %", least), column("above it", above),
             column("AUPRC/base %", auprc), column("bits", best_bits)]
    world = [column("open: AUPRC %", lambda r: opened(r, "auprc")),
             column("TPR % at FPR 1 %", lambda r: opened(r, "tpr")),
             column("right % at 1:20", lambda r: opened(r, "precision_at", "20")),
             column("at 1:1000", lambda r: opened(r, "precision_at", "1000"))]
    names = list(dict.fromkeys(n for r in runs for n in measured(r)))
    attacks = [column(clean(n, NAME), lambda r, n=n: with_half(measured(r).get(n))) for n in names]
    return [[column("profile", lambda r: str(at(r, "profile")))]] + \
        [[c for c in group if any(x != "-" for x in c[1])] for group in (costs, attacks, world)]


def about(result):
    """Version, seed and the like, in a line."""
    seconds = number(at(result, "seconds"))
    parts = ["rtpl-judge " + clean(at(result, "judge") or "", 20).strip(),
             f"seed {at(result, 'seed')}" if at(result, "seed") is not None else "",
             f"{at(result, 'repeats')} repeats" if at(result, "repeats") else "",
             f"{seconds:.0f} s" if seconds is not None else ""]
    return ", ".join(p.strip() for p in parts if p)


def facts(runs):
    """What holds for all runs of a set, in a line."""
    visits = [v for v in (number(at(r, "visits")) for r in runs) if v]
    first = runs[0]
    parts = []
    if visits:
        low, high = int(min(visits)), int(max(visits))
        parts.append(f"{low} visits" if low == high else f"{low} to {high} visits")
    if at(first, "classes"):
        parts.append(f"{len(first['classes'])} classes")
    if at(first, "groups") is not None:
        parts.append(f"{first['groups']} groups")
    windows = [w for w in (number(at(r, "window")) for r in runs) if w is not None]
    if windows:
        low, high = min(windows), max(windows)
        parts.append("observed for " + (f"{high:.1f} s" if low == high else
                                        f"{low:.1f} to {high:.1f} s"))
    framed = number(at(first, "framing", "share"))
    if framed is not None:
        parts.append(f"framing is {percent(framed)} % of the records' bytes")
    if at(first, "target") is not None:
        parts.append(f"target {clean(first['target'], NAME)}")
    return ", ".join(parts)


def notes(runs):
    """Sentences on what must be known of these figures before they are believed."""
    out = []
    told = [a for r in runs for a in (at(r, "attacks") or {}).values() if interval(at(a, "accuracy"))]
    if any(at(a, "version") is None for a in told):
        out.append("Made by an older version of the judge, which did not tell versions of attacks: "
                   "its networks held visits out of training and saw the first packets of long "
                   "visits only, so they named less, and rows may be of different versions.")
    if told and any(at(r, "cut") is None for r in runs):
        out.append("Watched for a window of undefended visits, by an older version of the judge: "
                   "profiles that delay look safer than they are.")
    for r in runs:
        for name, a in (at(r, "attacks") or {}).items():
            share = number(at(a, "seen"))
            if share is not None and share < .9995:
                out.append(f"{clean(at(r, 'profile'), NAME)}: {clean(name, NAME)} saw the first "
                           f"{percent(share)} % of packets only.")
    out += bound_notes(runs)
    share = max((number(at(r, "ungrouped")) or 0 for r in runs), default=0)
    if share:
        out.append(f"{percent(share)} % of visits have no group: what was captured in one session may "
                   "be trained on and tested on, and more is named than in another session.")
    for r in runs:
        hidden, cut, told = withheld(r), clipped(r), bits(r)
        profile = clean(at(r, "profile"), NAME)
        if told and told[0] in cut:
            out.append(f"{profile}: * by the estimate {cut[told[0]][0]:.2f} bits, more than undefended "
                       f"packets tell by the same, {cut[told[0]][1]:.2f}; no defence adds to what "
                       "they tell.")
        if not told and hidden:
            name, why = next(iter(hidden.items()))
            out.append(f"{profile}: no bits, for of {clean(name, NAME)} {why}.")
    return out


def bound_notes(runs):
    """Sentences on the bounds of these runs: where there is none, and which are no bound to a profile."""
    why = {}
    for name, r in by_profile(runs).items():
        if isinstance(at(r, "bound", "why"), str):
            why.setdefault(at(r, "bound", "why"), []).append(clean(name, NAME))
    out = [f"No bound{'' if len(names) == len(by_profile(runs)) else ' of ' + ', '.join(names)}: "
           f"{clean(x)}." for x, names in why.items()]
    below = [clean(n, NAME) for n, r in by_profile(runs).items()
             if (limit(r) or {}).get("above") is not None and limit(r)["above"] < -.005]
    if below:
        out.append(f"The bound is above the strongest attack on {', '.join(below)}: it is of who knows "
                   "these very visits, and attacks are trained on few others, or are weak.")
    return out


def found_bad(weighed, runs=()):
    """Which profiles are not worth their cost, by weigh(), in a sentence; if none was judged, what would
    judge them."""
    kinds = [kind for kind, _ in weighed.values()]
    bad = [n for n, (kind, _) in weighed.items() if kind == "not worth"]
    if bad:
        return "Not worth their cost: " + ", ".join(bad)
    if "worth" in kinds:
        return "No profile was found not worth its cost."
    if "unknown" not in kinds:
        return "No profile was judged."
    names = list(dict.fromkeys([*(clean(n, NAME) for r in runs for n in measured(r)), STRONG]))
    return f"No profile was judged. That takes the attack {STRONG} on it and on off or none: the same command " \
           f"with -a {','.join(names)} judges them."


def shuffled(runs):
    """(lowest low end, highest high end) of accuracy on shuffled labels, or None."""
    found = [x for r in runs for x in measured(r, "shuffled").values()]
    return (min(x[1] for x in found), max(x[2] for x in found)) if found else None


def chance_line(runs):
    """Chance, and what the attacks make of shuffled labels: should be the same."""
    guess = next((c for c in map(chance, runs) if c is not None), None)
    out = f"chance {percent(guess)} %" if guess is not None else "chance unknown"
    if any(at(a, "balanced") for r in runs for a in (at(r, "attacks") or {}).values()):
        out += " (classes are not equally frequent: each counts as much, however many visits it has)"
    found = [x[0] for r in runs for x in measured(r, "shuffled").values()]
    ends = shuffled(runs)
    if found:
        out += (f"; on shuffled labels {percent(min(found))} to {percent(max(found))} % "
                f"(intervals from {percent(ends[0])} to {percent(ends[1])} %)")
    return out


def _block(group):
    """Lines of columns side by side; numbers to the right, names to the left."""
    lines = [""] * (1 + len(group[0][1]))
    for k, (heading, cells) in enumerate(group):
        texts = [heading, *(clean(c, NAME if k == 0 else None) for c in cells)]
        width = max(map(wide, texts))
        for i, text in enumerate(texts):
            blank = " " * (width - wide(text))
            lines[i] += ("  " if k else "") + (text + blank if k == 0 else blank + text)
    return [line.rstrip() for line in lines]


def _blocks(groups):
    """Columns in as few blocks as fit; every block begins with the first group."""
    first, *rest = groups
    whole = _block(first + [c for group in rest for c in group])
    if max(map(wide, whole)) <= WIDTH:
        return [whole]
    blocks = []
    for group in rest:
        row = []
        for column in group:
            if row and max(map(wide, _block(first + row + [column]))) > WIDTH:
                blocks.append(_block(first + row))
                row = []
            row.append(column)
        if row:
            blocks.append(_block(first + row))
    return blocks


def _wrapped(text, indent=""):
    text = clean(text)
    room = max(WIDTH - len(indent) - (wide(text) - len(text)), WIDTH // 2)
    return textwrap.wrap(text, room, initial_indent=indent,
                         subsequent_indent=indent + "  ") or [""]


def _live(result):
    """Lines about kernel and simulator on the same workload, or none."""
    rows = at(result, "live") or []
    if not rows:
        return []
    cells = [("workload", []), ("profile", []), ("where", []), ("accuracy %", []),
             ("overhead %", []), ("p50 ms", []), ("p99 ms", []), ("max ms", []),
             ("later p50", []), ("p99 ms", [])]
    # Of many clients on one link.
    asked = [("all", "mean"), ("small", "mean"), ("small", "p90")]
    if any(at(row, where, "requests") for row in rows for where in ("kernel", "simulator")):
        cells += [("requests +ms", []), ("small +ms", []), ("p90 +ms", [])]
    else:
        asked = []
    for row in rows:
        for where in ("kernel", "simulator"):
            x = at(row, where)
            if x:
                line = [clean(at(row, "workload"), 18), clean(at(row, "profile"), 18), where,
                        with_half(interval(at(x, "accuracy"))),
                        percent(number(at(x, "overhead")))]
                line += [milliseconds(at(x, "delay_ms", q)) for q in ("p50", "p99", "max")]
                line += [milliseconds(at(x, "added_ms", q)) for q in ("p50", "p99")]
                line += [milliseconds(at(x, "requests", size, "added_ms", q)) for size, q in asked]
                for (_, column), cell in zip(cells, line):
                    column.append(cell)
    if not cells[0][1]:
        return []
    return ["", "Kernel and simulator (later: when answers were whole)", *_block(cells)]


def _limits(limits):
    """Of a search's tier, in words."""
    said = [f"{what} {form(value)}" for what, key, form in (
        ("overhead", "overhead", lambda v: f"{percent(v, 0)} %"),
        ("p99", "delay_p99_ms", lambda v: f"{milliseconds(v)} ms"),
        ("mean", "mean_ms", lambda v: f"{milliseconds(v)} ms"))
        if (value := number(at(limits, key))) is not None]
    return f" ({', '.join(said)})" if said else ""


def bits_share(x):
    """Of what undefended packets tell, in per cent: no more than all of it. Older searches did not
    know that."""
    return percent(x) if x is None or x <= 1.0005 else "100.0*"


def _found(result):
    """Lines about a search's tiers: what was chosen, and what it stands beside."""
    found = at(result, "frontier") or {}
    lines = []
    for tier in at(found, "limits") or {}:
        points = at(found, "points") or []
        shown = [p for p in points if at(p, "tier") == tier and at(p, "chosen")] + \
            [p for p in points if at(p, "tier") is None]
        tried = sum(at(p, "tier") == tier for p in points)
        kept = sum(at(p, "tier") == tier and bool(at(p, "ok")) for p in points)
        cells = [("profile", [clean(tier, NAME) if at(p, "chosen") else clean(at(p, "name"), NAME)
                              for p in shown])]
        for head, key, form in (("overhead %", "overhead", percent),
                                ("p99 ms", "delay_p99_ms", milliseconds),
                                ("mean ms", "delay_mean_ms", milliseconds),
                                ("dropped %", "late", percent),
                                ("of undefended %", "accuracy", percent),
                                ("bound %", "bound_share", percent),
                                ("held out %", "held_out_accuracy", percent),
                                ("bits %", "held_out_bits_share", bits_share)):
            cells.append((head, [form(number(at(p, key))) for p in shown]))
        cut = any("*" in c for c in cells[-1][1])
        lines += ["", f"Search, {clean(tier, NAME)}: {kept} of {tried} settings were within its "
                  f"limits{_limits(at(found, 'limits', tier))}", *_block(cells)]
        lines += _wrapped(MORE_BITS) if cut else []
    return lines


def text(result):
    """The result for a terminal, at most 120 columns wide; ends with a newline."""
    result = plain(result)
    lines = _wrapped(about(result) + "; ± is half of a 95 % interval") if sets(result) else []
    for name, runs in sets(result).items():
        lines += ["", *_wrapped(f"{name}: {facts(runs)}")]
        for block in _blocks(columns(runs)):
            lines += block + [""]
        lines += _wrapped(chance_line(runs)) + [""]
        for sentence in notes(runs):
            lines += _wrapped(sentence)
        weighed = weigh(runs)
        lines += _wrapped(found_bad(weighed, runs))
        for profile, (_, sentence) in weighed.items():
            lines += _wrapped(f"{clean(profile, NAME)}: {sentence}", "  ")
    if not sets(result) and not at(result, "frontier"):
        lines += ["", "Nothing was judged."]
    return "\n".join(lines + _live(result) + _found(result)).strip("\n") + "\n"
