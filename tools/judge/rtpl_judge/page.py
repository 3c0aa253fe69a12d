# SPDX-License-Identifier: GPL-2.0
"""A result as one HTML page: readable without a network, without script, in light, dark, print.

A result is a dict; any key may be missing when it was not measured.

    judge, seed, repeats, command, seconds
    runs        a list of dicts, one of each set under each profile:
                set, profile, digest, visits, classes, groups, ungrouped (share of visits), window
                (s), cut (visits, cells: shares that the window hid; None of an aggregate), packets, chance, target,
                base_rate, splits (a digest of who was tested with whom), attacks, information,
                differences, bound (what no scheme goes below at this price: bytes, slot_ms, named,
                least, there; or why there is none: bound.py), costs (overhead while visits last,
                window_overhead in all of the window; requests of an aggregate: all, small, large: count, plain_ms, took_ms,
                added_ms; unfinished), histograms
    anchors     published figures: set (or None: of any), name, accuracy, overhead, delay, source
    frontier    set, points (name, overhead, delay_p99_ms, accuracy, held_out_accuracy, bits,
                chosen), limits: what `rtpl-judge frontier` tried
    live        workload, profile, kernel and simulator (accuracy, overhead, delay_ms)

An accuracy, AUPRC and the like is {"mean", "low", "high", "each", "half", "ratio"}, as shares, not
percent; stats.py says what these are. An attack has such an accuracy, where classes are not equally
frequent balanced, and version, settings, seen (share of packets that it has room for), p (of a guesser
naming as many), trained (how, in words), bounds (fano, cross_entropy: information.py), open.
Names come from users' files: all are escaped, and nothing in the page refers to elsewhere.
"""
import json
import os
from hashlib import sha256
from html import escape

import numpy as np

from . import JudgeError, pictures, svg
from .jsonform import plain
from .table import MORE_BITS, about, bits_share, chance_line, columns, facts, milliseconds, notes, with_half
from .verdict import (OVERHEADS, STRONG, at, bits, bits_text, by_profile, clean, clipped,
                      corrected, estimates, information, interval, limit, measured, mostly_bias, number,
                      overhead_of, percent, sets, strongest, weigh, withheld)

CSS = """
:root{color-scheme:light dark;
--sans:system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;
--paper:#fff;--ink:#1a1d21;--muted:#646b74;--grid:#dfe2e6;--bad:#a8400a;
--good:#00694c;--c1:#0067a8;--c2:#c65300;--c3:#00805b;--c4:#a8568a;--c5:#b07d00;--c6:#2b93c9;
--c7:#5b5f66;--c8:#7a3e9d}
@media screen and (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e4e6e9;
--muted:#9aa2ac;--grid:#343a42;--bad:#f0a070;--good:#5cc7a2;--c1:#5eb1e6;
--c2:#f08a45;--c3:#3fbf97;--c4:#d992bf;--c5:#e0b040;--c6:#94d2f2;--c7:#b4bac2;--c8:#b98ee0}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 var(--sans)}
main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.8rem;line-height:1.2;margin:0 0 .4rem;font-weight:650;letter-spacing:-.01em}
h2{font-size:1.35rem;line-height:1.25;margin:3.2rem 0 .3rem;padding-top:.9rem;
border-top:2px solid var(--ink);overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:2.2rem 0 .3rem}
p,li,dd{max-width:44rem;overflow-wrap:anywhere}p{margin:.4rem 0 .8rem}
.meta,figcaption,.small,caption{color:var(--muted);font-size:.86rem}
code{font:.86em/1.5 var(--mono);overflow-wrap:anywhere}
a{color:var(--c1)}nav ul{padding:0;margin:1rem 0;list-style:none;display:flex;flex-wrap:wrap;
gap:.2rem 1.2rem}
.scroll{overflow-x:auto;margin:.6rem 0 1rem}
table{border-collapse:collapse;font-size:.84rem;font-variant-numeric:tabular-nums}
th,td{padding:.28rem .7rem;text-align:right;white-space:nowrap;
border-bottom:1px solid var(--grid)}
th{font-weight:600;vertical-align:bottom}thead th{border-bottom:1px solid var(--ink)}
th:first-child,td.l{text-align:left}
td.l{white-space:normal;min-width:12rem;overflow-wrap:anywhere}
th:first-child{padding-left:0;position:sticky;left:0;
background:var(--paper)}
tbody th{font-weight:500}caption{text-align:left;padding:0 0 .3rem}
dl.verdict{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.2rem;font-size:.92rem;
margin:.6rem 0}
dl.verdict dt{font-weight:600;overflow-wrap:anywhere;max-width:14rem}dl.verdict dd{margin:0}
.not{color:var(--bad)}.worth{color:var(--good)}
.picture{overflow-x:auto;overflow-y:hidden;margin:.4rem 0 .6rem}
svg{display:block;max-width:none}svg *{stroke-linejoin:round;stroke-linecap:butt}
.many{display:grid;grid-template-columns:repeat(auto-fill,minmax(245px,1fr));gap:.6rem 1rem;
margin:.4rem 0 .8rem}
figure{margin:0;min-width:0;break-inside:avoid}
.many figcaption{color:var(--ink);font-weight:600;overflow-wrap:anywhere}
.maps{display:flex;flex-wrap:wrap;gap:1rem 2rem;margin:.6rem 0}
.maps img{width:236px;height:236px;image-rendering:pixelated;display:block;
border:1px solid var(--grid)}
.maps figcaption{max-width:236px;overflow-wrap:anywhere}
.ramp{height:.7em;width:8em;vertical-align:middle;border:1px solid var(--grid)}
details{margin:.2rem 0 1rem;font-size:.9rem}summary{cursor:pointer;color:var(--muted)}
@media (max-width:34rem){main{padding:1.5rem .9rem 3rem}h1{font-size:1.45rem}
dl.verdict{grid-template-columns:1fr;gap:0}dl.verdict dd{margin:0 0 .6rem}
th,td{padding:.28rem .45rem}th:first-child{white-space:normal;overflow-wrap:anywhere;
min-width:5.6rem}.picture svg{width:35rem;height:auto}}
@media print{main{max-width:none;padding:0}body{font-size:10.5pt}h2,h3,h3+p{break-after:avoid}
tr,svg{break-inside:avoid}
.picture svg{max-width:100%;height:auto}.many{grid-template-columns:repeat(3,1fr)}
.many svg{width:100%;
height:auto}.scroll,.picture{overflow:visible}
table{font-size:7.5pt}th,td{padding:.15rem .3rem}details{display:none}nav{display:none}}
"""


def _e(x):
    return escape(clean(x))


def _name(x):
    return escape(clean(x, 60))


def _table(head, rows, caption=""):
    """An HTML table of text; the first cell of a row names it."""
    if not rows:
        return ""
    out = ['<div class="scroll" tabindex="0"><table>']
    out += [f"<caption>{_e(caption)}</caption>"] if caption else []
    out += ["<thead><tr>"] + [f'<th scope="col">{_e(h)}</th>' for h in head] + ["</tr></thead>"]
    for row in rows:
        cells = [f'<th scope="row">{_name(row[0])}</th>']
        cells += [f'<td class="l">{_e(c)}</td>' if len(str(c)) > 20 else f"<td>{_e(c)}</td>"
                  for c in row[1:]]
        out.append("<tr>" + "".join(cells) + "</tr>")
    return "".join(out).replace("</thead>", "</thead><tbody>", 1) + "</tbody></table></div>"


def _details(summary, inside):
    return f"<details><summary>{_e(summary)}</summary>{inside}</details>" if inside else ""


def _picture(draw, fig, alt):
    return f'<div class="picture" tabindex="0">{draw.svg(fig, alt)}</div>' if fig else ""


def _p(*sentences):
    return "<p>" + " ".join(_e(s) for s in sentences if s) + "</p>"


def _columns_table(runs, which):
    """The table's columns of costs (1) or of attacks (2)."""
    groups = columns(runs)
    if not groups[which]:
        return ""
    heads, cells = zip(*(groups[0] + groups[which]))
    return _table(heads, list(zip(*cells)))


def _summary(name, runs):
    """One or two sentences on what came out for a set."""
    weighed, by = weigh(runs), by_profile(runs)
    none = next((by[n] for n in ("none", "off") if n in by and strongest(by[n])), None)
    judged = [n for n, (kind, _) in weighed.items() if kind in ("worth", "not worth")]
    out = []
    if none is not None:
        what = "undefended packets" if at(none, "profile") == "none" else "sealed, unshaped cells"
        best = strongest(none)
        out.append(f"Of {what}, {best[0]} names the class of {percent(best[1][0])} % of visits.")
    if judged:
        least = min(judged, key=lambda n: strongest(by[n])[1][0])
        key = overhead_of(runs)
        x, over = strongest(by[least]), number(at(by[least], "costs", key))
        out.append(f"Least is left by {least}: {percent(x[1][0])} % ({x[0]})" +
                   (f" at {percent(over)} % {OVERHEADS[key]}." if over is not None else "."))
        bad = [n for n in judged if weighed[n][0] == "not worth"]
        out.append(f"Not worth their cost here: {', '.join(bad)}." if bad
                   else "Every profile that was judged is worth its cost.")
    elif any(kind == "unknown" for kind, _ in weighed.values()):
        out.append(f"No profile was judged: that needs the attack {STRONG} on it and on a link "
                   "without shaping.")
    return " ".join(out) or "No attack was run."


def _verdicts(runs):
    out = ["<dl class=\"verdict\">"]
    for profile, (kind, sentence) in weigh(runs).items():
        tag = {"worth": "worth", "not worth": "not"}.get(kind)
        text = _e(sentence)
        if tag:
            first, rest = text.split(":", 1)
            text = f'<span class="{tag}">{first}:</span>{rest}'
        out.append(f"<dt>{_name(profile)}</dt><dd>{text}</dd>")
    return "".join(out) + "</dl>"


def _frontier(draw, name, runs, anchors):
    of = [a for a in anchors if at(a, "set") in (None, name)]
    fig = pictures.frontier(runs, of)
    if fig is None:
        return ""
    key = overhead_of(runs)
    cheap = [(number(at(r, "costs", key)), n, strongest(r)) for n, r in by_profile(runs).items()]
    cheap = [c for c in cheap if c[0] is not None and c[2] and c[0] <= pictures.LIMIT]
    says = f"No profile here keeps to 30 % {OVERHEADS[key]}."
    if cheap:
        _, n, x = min(cheap, key=lambda c: c[2][1][0])
        says = f"Within 30 % {OVERHEADS[key]}, {n} leaves least: {percent(x[1][0])} % ({x[0]})."
    alt = f"{name}: accuracy of the strongest attack against {OVERHEADS[key]}. {says}"
    return "<h3>Accuracy against overhead</h3>" + _p(
        "Further down is safer, further left is cheaper; the line joins the profiles that no "
        "cheaper one beats.", says,
        "Short lines are bounds: the least that any scheme of padding and cover can leave for as many "
        "bytes in the window as one of the profiles takes." if any(limit(r) for r in runs) else "",
        "Hollow marks are published figures: other data, another link, another attacker; they "
        "give the order of magnitude, not a ranking." if of else "") + _picture(draw, fig, alt)


def _p_of_chance(run, attack):
    p = number(at(run, "attacks", attack, "p"))
    return "-" if p is None else f"{p:.2g}"


def _attacks(draw, name, runs):
    fig = pictures.attacks(runs)
    if fig is None:
        return ""
    wins = {}
    for r in by_profile(runs).values():
        if strongest(r):
            wins.setdefault(strongest(r)[0], []).append(str(at(r, "profile")))
    says = "; ".join(f"{a} is strongest on {len(p)} of {sum(map(len, wins.values()))} profiles"
                     for a, p in sorted(wins.items(), key=lambda w: -len(w[1]))[:2]) + "."
    titles = {}
    for r in runs:
        for a, x in (at(r, "attacks") or {}).items():
            how = at(x, "trained")
            titles.setdefault(a, f"{at(x, 'title') or a}" + (f" (trained: {how})" if how else ""))
    rows = [[n, a, with_half(x), with_half(measured(r, "shuffled").get(a)),
             with_half(measured(r, "auprc").get(a)), _p_of_chance(r, a)]
            for n, r in by_profile(runs).items() for a, x in measured(r).items()]
    listed = "".join(f"<li><b>{_name(a)}</b>: {_e(t)}</li>" for a, t in titles.items())
    return "<h3>Each attack</h3>" + _p(
        "Each mark is an attack that was trained on this profile's own traces; bars are 95 % "
        "intervals over splits. At the dotted line it only guesses.", says) + _picture(
        draw, fig, f"{name}: accuracy of each attack on each profile. {says}") + \
        _columns_table(runs, 2) + _details(
        "Figures, shuffled labels, and the attacks' papers", _table(
            ["profile", "attack", "accuracy %", "on shuffled labels %", "AUPRC %", "p of guessing"],
            rows) +
        f"<ul>{listed}</ul>")


def _precision(draw, name, runs):
    curves, rows = {}, []
    for n in pictures.shown_profiles(runs):
        r = by_profile(runs)[n]
        best = strongest(r, "auprc") or strongest(r)
        if not best:
            continue
        opened = at(r, "attacks", best[0], "open") or {}
        base = number(at(opened, "base_rate"))
        base = number(at(r, "base_rate")) if base is None else base
        curve = [c for c in at(opened, "curve") or [] if len(c) == 2 and
                 None not in map(number, c)]
        x = interval(at(opened, "auprc")) or measured(r, "auprc").get(best[0])
        if len(curve) > 1 and x:
            curves[f"{n}, {best[0]}"] = curve, base
            rows.append([n, best[0], with_half(x), percent(base)])
    fig = pictures.precision(curves)
    open_world = _columns_table(runs, 3)
    if open_world:
        open_world = _p(
            "In the open world: monitored visits that are named right where one in a hundred of the "
            "others raises an alarm; and of alarms those that are right, where half of the monitored "
            "visits are found and 20 or 1000 visits to others come on each of them. Of each the "
            "attack that does best.") + open_world
    if fig is None:
        return "<h3>Finding the target</h3>" + open_world if open_world else ""
    says = "; ".join(f"{r[0]}: AUPRC {r[2]} % ({r[1]})" for r in rows) + "."
    return "<h3>Finding the target</h3>" + _p(
        "How many alarms are right (precision) when so many of the target's visits are found "
        "(recall); a line at the base rate is worth nothing.", says) + _picture(
        draw, fig, f"{name}: precision against recall. {says}") + _details("Figures", _table(
            ["profile", "attack", "AUPRC %", "base rate %"], rows)) + open_world


def _distance(a, b, what):
    """Total variation, up and down together, of two runs' shares; None if not alike."""
    out = []
    for side in ("up", "down"):
        x, y = (at(r, "histograms", what, side) for r in (a, b))
        if not x or not y or len(x) != len(y):
            continue
        out.append(sum(abs((number(p) or 0) - (number(q) or 0)) for p, q in zip(x, y)) / 2)
    return sum(out) / len(out) if out else None


def _distributions(draw, name, runs):
    by = by_profile(runs)
    none = by.get("none") or by.get("off")
    grey = {"none": "Grey are the undefended packets. ", "off": "Grey is the link unshaped. "}
    grey = grey[at(none, "profile")] if none else ""
    out = []
    for what, title, thing in (("sizes", "Sizes", "packets of this size"),
                               ("gaps_ms", "Gaps", "gaps of this length to the packet before")):
        many, rows, top = [], [], pictures.fullest(runs, what)
        for n, r in by.items():
            fig = None if r is none else pictures.distribution(r, none, what, top)
            if fig is None:
                continue
            moved = _distance(r, none, what)
            alt = f"{name}, {n}: {title.lower()} of cells on the wire"
            many.append(f"<figure><figcaption>{_name(n)}</figcaption>{draw.svg(fig, alt)}"
                        "</figure>")
            full = []
            for side in ("up", "down"):
                shares = [number(x) or 0 for x in at(r, "histograms", what, side) or []]
                full.append(percent(max(shares)) if shares else "-")
            rows.append([n, percent(moved), *full])
        if many:
            least = [r for r in rows if r[1] != "-"]
            says = ""
            if least:
                far = max(least, key=lambda r: float(r[1]))
                says = f"Furthest from grey is {far[0]}: {far[1]} % would have to change bins."
            out.append(f"<h3>{title}, before and after</h3>" + _p(
                f"Share of {thing}, in percent on a square-root scale, from the client above "
                f"and to it below the axis. {grey}The line is what leaves the link.", says) +
                f'<div class="many">{"".join(many)}</div>' + _details("Figures", _table(
                    ["profile", "to change bins %", "fullest bin up %", "fullest bin down %"],
                    rows)))
    return "".join(out)


def _confusions(runs):
    maps, rows = [], []
    for n in pictures.shown_profiles(runs):
        r = by_profile(runs)[n]
        best = strongest(r)
        made = pictures.confusion(at(r, "attacks", best[0], "confusion")) if best else None
        if made is None:
            continue
        uri, right = made
        k = len(right)
        alt = (f"{n}, {best[0]}: of {k} classes, {(right > .5).sum()} are named right more often "
               f"than not; the worst in {percent(right.min())} %, the best in "
               f"{percent(right.max())} % of visits")
        maps.append(f'<figure><img alt="{_e(alt)}" width="236" height="236" src="{uri}">'
                    f"<figcaption><b>{_name(n)}</b>, {_name(best[0])}: {(right > .5).sum()} of "
                    f"{k} classes named right more often than not</figcaption></figure>")
        names = at(r, "classes") or []
        m = np.array(at(r, "attacks", best[0], "confusion"), float)
        m /= np.maximum(m.sum(axis=1, keepdims=True), 1)
        np.fill_diagonal(m, 0)
        for i in np.argsort(-m, axis=None, kind="stable")[:5]:
            a, b = divmod(int(i), k)
            if m[a, b] > 0 and len(names) == k:
                rows.append([n, names[a], names[b], percent(m[a, b]), percent(right[a])])
    if not maps:
        return ""
    ramp = pictures.png(np.linspace(0, 1, 64)[None, :] ** 2)
    return "<h3>What is taken for what</h3>" + _p(
        "A row a true class, a column a guess of the strongest attack, in the same order: a "
        "bright diagonal is an attack that succeeds, an even field one that guesses.") + (
        f'<p class="small">never <img class="ramp" alt="from dark to bright" src="{ramp}"> '
        "always (square-root scale)</p>") + f'<div class="maps">{"".join(maps)}</div>' + _details(
        "Most frequent confusions", _table(["profile", "class", "taken for", "in % of visits",
                                            "named right in %"], rows))


def _information(draw, name, runs):
    fig = pictures.bits(runs)
    rows, features = [], []
    for n, r in by_profile(runs).items():
        parts, cut, hidden = estimates(r), clipped(r), withheld(r)
        for e, x in information(r).items():
            raw, bias = number(at(parts[e], "bits")), number(at(parts[e], "bias"))
            said = f"; clipped, from {cut[e][0]:.2f}" if e in cut else ""
            rows.append([n, pictures.ESTIMATES.get(e, e), f"{x[0]:.2f}", f"{x[1]:.2f} to "
                         f"{x[2]:.2f}{said}", "-" if raw is None else f"{raw:.2f}",
                         "-" if bias is None else f"{bias:.2f}"])
        for e, why in hidden.items():
            rows.append([n, pictures.ESTIMATES.get(e, e), "-", f"not told: {why}", "-", "-"])
        if n in pictures.shown_profiles(runs):
            for f in (at(r, "information", "features") or [])[:8]:
                less = corrected(f)
                if less and not mostly_bias(f):
                    features.append([n, at(f, "name"), f"{less[0]:.2f}"])
    differ = []
    for n, r in by_profile(runs).items():
        d = at(r, "differences")
        if d:
            ks = [f"{k} {v:.3f}" for k, v in (at(d, "ks") or {}).items()
                  if number(v) is not None]
            p = number(at(d, "permutation", "p"))
            differ.append([n, str(at(d, "pairs") or "-"), percent(number(at(d, "different"))),
                           ", ".join(ks) or "-", "-" if p is None else f"{p:.3g}"])
    if fig is None and not differ:
        return ""
    best = {n: bits(r) for n, r in by_profile(runs).items() if bits(r)}
    says = ""
    if best:
        low, high = (f(best, key=lambda n: best[n][1][0]) for f in (min, max))
        says = (f"By what the attacks' answers prove, {high} leaves {bits_text(best[high][1])} bits "
                f"and {low} {bits_text(best[low][1])}.")
    return "<h3>Information about the class</h3>" + _p(
        "Bits that a trace tells of its class; the dotted line is all there is to tell. The "
        "pale end is what an estimate gives on shuffled labels, its bias, and is taken off; an "
        "estimate of which less than that is left is not told. None is more than the same of "
        "undefended packets: no defence adds to what they tell. "
        "Bounds from an attack's answers are lower bounds, but the attack is the one that did "
        "best on the same tests, which makes them somewhat too high, and their intervals do not "
        "know of that choice; with 20 groups of visits or fewer, nor does that of Fano's bound "
        "know how groups differ.", says) + _picture(
        draw, fig, f"{name}: estimates of mutual information. {says}") + _details(
        "Figures", _table(["profile", "estimate", "bits", "95 %", "with bias", "bias"], rows) +
        _table(["profile", "feature that tells most", "bits"], features)) + _details(
        "Do classes differ at all?", _table(
            ["profile", "pairs of classes", "different %", "Kolmogorov-Smirnov", "permutation p"],
            differ))


def _costs(draw, name, runs):
    fig = pictures.costs(runs)
    spent, took = [], []

    def whole(x):
        x = number(x)
        return "-" if x is None else f"{x:,.0f}"

    def chaff(c):
        """In per cent of the packets' bytes; where there are no packets, in bytes a visit."""
        share, each = number(at(c, "chaff")), number(at(c, "chaff_bytes"))
        return percent(share) if share is not None or each is None else f"n/a: {whole(each)} B"

    for n, r in by_profile(runs).items():
        c = at(r, "costs")
        if not c:
            continue
        spent.append([n] + [percent(number(at(c, k))) for k in
                            ("overhead", "window_overhead", "headers", "padding")] +
                     [chaff(c), *(chaff(at(c, "directions", d)) for d in ("up", "down")),
                      percent(number(at(c, "late")), 2), whole(at(c, "wire_bytes_per_visit")),
                      whole(at(c, "bytes_per_second"))])
        took.append([n] + [milliseconds(at(c, "delay_ms", q))
                           for q in ("mean", "p50", "p99", "max")] +
                    [milliseconds(at(c, "duration_s", q)) for q in ("p50", "p99")])
    if not spent:
        return ""
    key = overhead_of(runs)
    dear = [(number(at(r, "costs", key)), n) for n, r in by_profile(runs).items()
            if number(at(r, "costs", key)) is not None]
    says = ""
    if dear:
        says = (f"From {percent(min(dear)[0])} % ({min(dear)[1]}) to {percent(max(dear)[0])} % "
                f"({max(dear)[1]}) {OVERHEADS[key]}.")
    return "<h3>Costs</h3>" + _p(
        "Bytes on the wire over those of the packets that were not dropped, less one, and what "
        "they are, from a visit's first packet to its last; in the window, what the observer "
        "counts of the profile over what it counts of undefended packets, the silence at the end "
        "included; delay is what the shape adds to a packet, one that is dropped the longest; "
        "duration is from a visit's first packet to its last.",
        says) + _picture(draw, fig, f"{name}: overhead and delay of each profile. {says}") + \
        _table(["profile", "overhead %", "in window %", "headers %", "padding %", "chaff %",
                "chaff up %", "chaff down %", "dropped %", "wire bytes/visit", "bytes/s"], spent) + \
        _table(["profile", "delay mean ms", "p50 ms", "p99 ms", "max ms", "duration p50 s",
                "p99 s"], took)


def _search(draw, found):
    tiers = [_tier(draw, found, tier) for tier in at(found, "limits") or {}]
    return f'<section id="search">{"".join(tiers)}</section>' if tiers else ""


def _tier(draw, found, tier):
    limits = at(found, "limits", tier)
    points = [p for p in at(found, "points") or [] if at(p, "tier") in (tier, None)]
    if at(limits, "bits"):	# nothing is given away: no accuracy to draw
        points = [p for p in points if at(p, "chosen")]
    chosen = [p for p in points if at(p, "chosen")]
    fig = pictures.search({"points": points, "limits": limits})
    said = [f"overhead up to {percent(number(at(limits, 'overhead')), 0)} %"
            if number(at(limits, "overhead")) is not None else "",
            f"p99 delay up to {milliseconds(at(limits, 'delay_p99_ms'))} ms"
            if number(at(limits, "delay_p99_ms")) is not None else "",
            f"mean delay up to {milliseconds(at(limits, 'mean_ms'))} ms"
            if number(at(limits, "mean_ms")) is not None else "",
            f"{number(at(limits, 'bits')) / 1e6:.1f} Mbit/s each way, always"
            if number(at(limits, "bits")) else ""]

    def row(p):
        return [str(at(p, "name")), percent(number(at(p, "overhead"))),
                milliseconds(at(p, "delay_p99_ms")), milliseconds(at(p, "delay_mean_ms")),
                percent(number(at(p, "accuracy"))), percent(number(at(p, "held_out_accuracy"))),
                bits_share(number(at(p, "held_out_bits_share"))),
                percent(number(at(p, "bound_share"))),
                "chosen" if at(p, "chosen") else ""]
    head = ["setting", "overhead %", "p99 ms", "mean ms", "of undefended %", "held out %",
            "held out bits %", "bound %", ""]
    tried = sum(at(p, "tier") == tier for p in at(found, "points") or [])
    says = f"Of {tried} settings, {len(chosen)} chosen under {' and '.join(s for s in said if s)}."
    text = "".join(f"<pre>{_e(at(p, 'profile_text'))}</pre>" for p in chosen)
    return f"<h2>The search: {_name(tier)}</h2>" + _p(
        "Each mark is a setting of the engine; up is what the quick attacks still get above a "
        "guess, in per cent of what they get undefended, on visits that the search did not see "
        "where there is such a figure.", says) + (_picture(
            draw, fig, f"Settings that were tried. {says}") if fig is not None else "") + \
        _table(head, [row(p) for p in chosen]) + text + \
        (_p(MORE_BITS) if any("*" in row(p)[6] for p in points) else "") + \
        _details("All settings", _table(head, [row(p) for p in points]))


def _live(draw, rows):
    fig = pictures.live(rows)
    if fig is None:
        return ""
    table = []
    for r in rows:
        for where in ("kernel", "simulator"):
            x = at(r, where)
            if x:
                table.append([f"{at(r, 'workload')}, {at(r, 'profile')}", where,
                              with_half(interval(at(x, "accuracy"))),
                              percent(number(at(x, "overhead")))] +
                             [milliseconds(at(x, "delay_ms", q)) for q in ("p50", "p99", "max")] +
                             [milliseconds(at(x, "added_ms", q)) for q in ("p50", "p99")])
    apart = []
    for r in rows:
        k, s = (interval(at(r, w, "accuracy")) for w in ("kernel", "simulator"))
        if k and s:
            apart.append((abs(k[0] - s[0]), k[1] <= s[2] and s[1] <= k[2]))
    says = ""
    if apart:
        says = (f"Accuracy differs by {percent(max(a for a, _ in apart))} points at most; "
                f"intervals overlap in {sum(o for _, o in apart)} of {len(apart)} cases.")
    return '<h2 id="live">Kernel and simulator</h2>' + _p(
        "The same workload through the kernel module, seen by an observer on the bridge, and "
        "through the simulator: where the two marks of a row lie together, the simulator can be "
        "believed.", says) + _picture(draw, fig, f"Kernel and simulator. {says}") + _table(
        ["workload", "where", "accuracy %", "overhead %", "p50 ms", "p99 ms", "max ms",
         "answer later, p50", "p99 ms"], table)


def _anchors(anchors):
    rows = [[at(a, "name"), percent(number(at(a, "accuracy"))), percent(number(at(a, "overhead"))),
             percent(number(at(a, "delay"))), at(a, "set") or "any", at(a, "source") or "-"]
            for a in anchors]
    if not rows:
        return ""
    return '<h2 id="anchors">Published figures</h2>' + _p(
        "As published, on other data and with other attackers; they are drawn hollow above.") + \
        _table(["defence", "accuracy %", "bytes %", "time %", "beside", "source"], rows)


def _about(result):
    out = f'<p class="meta">{_e(about(result))}'
    if at(result, "command"):
        out += f"<br><code>{_e(at(result, 'command'))}</code>"
    return out + "</p>"


def html(result):
    """The page as text. A minute or so for 40 runs at most; memory of one picture at a time."""
    result = plain(result)
    by_set, anchors = sets(result), at(result, "anchors") or []
    draw, body, contents, short = svg.Writer(), [], [], []
    with svg.style():
        for k, (name, runs) in enumerate(by_set.items(), 1):
            contents.append((f"set{k}", name))
            short.append(f"<li><b>{_name(name)}.</b> {_e(_summary(name, runs))}</li>")
            packets = sum(int(number(at(r, "packets")) or 0) for r in runs)
            body += [f'<section><h2 id="set{k}">{_name(name)}</h2>',
                     f'<p class="meta">{_e(facts(runs))}' +
                     (f", {packets:,} packets in all runs" if packets else "") +
                     f".<br>{_e(chance_line(runs).capitalize())}.</p>",
                     _p(*notes(runs)) if notes(runs) else "",
                     _columns_table(runs, 1), "<h3>Worth its cost?</h3>", _verdicts(runs),
                     _frontier(draw, name, runs, anchors), _attacks(draw, name, runs),
                     _precision(draw, name, runs), _distributions(draw, name, runs),
                     _confusions(runs), _information(draw, name, runs), _costs(draw, name, runs),
                     "</section>"]
        for key, title, part in (("search", "The search", _search(draw, at(result, "frontier"))),
                                 ("live", "Kernel and simulator",
                                  _live(draw, at(result, "live") or [])),
                                 ("anchors", "Published figures", _anchors(anchors))):
            if part:
                contents.append((key, title))
                body.append(f"<section>{part}</section>")
    if not by_set:
        body.insert(0, "<p>Nothing was judged.</p>")
    links = "".join(f'<li><a href="#{k}">{_name(t)}</a></li>' for k, t in contents)
    return "".join([
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>rtpl-judge: what each shape is worth</title><style>{CSS}</style></head><body>"
        "<main><h1>What each shape is worth</h1>", _about(result),
        f'<nav aria-label="Contents"><ul>{links}</ul></nav>' if links else "",
        f"<h2>In short</h2><ul>{''.join(short)}</ul>" if short else "",
        _p("Accuracy is the share of visits whose class an attack names right, ± half of its 95 % "
           "interval; strongest is the attack with the highest. A profile is called not worth "
           "its cost if its strongest attack is not significantly below that on the same traces "
           "unshaped (split by split, at 5 % for all profiles of a set together), or if another profile leaves no more for no more bytes (in the observer's "
           "window where that is known) and p99 delay.")
        if short else "", *body, "</main></body></html>\n"])


def _numbers(runs, anchors):
    """A fingerprint of what a picture of accuracy against overhead shows."""
    drawn = [[n, at(r, "costs", overhead_of(runs)), strongest(r),
              at(r, "costs", "delay_ms", "p99")] for n, r in by_profile(runs).items()]
    return sha256(json.dumps([drawn, anchors]).encode()).hexdigest()[:16]


def picture(result):
    """Accuracy against overhead, of the first set of which it is known, as an SVG file's text."""
    result = plain(result)
    for name, runs in sets(result).items():
        with svg.style():
            of = [a for a in at(result, "anchors") or [] if at(a, "set") in (None, name)]
            fig = pictures.frontier(runs, of)
            if fig is not None:
                alt = f"{name}: accuracy of the strongest attack against " \
                    f"{OVERHEADS[overhead_of(runs)]}" + ("; hollow: published, other data" if of else "")
                return svg.alone(fig, alt, CSS, f"numbers {_numbers(runs, of)}")
    raise JudgeError("there is no accuracy against overhead to draw")


def clients(rows):
    """What chance costs by the number of clients on a link, as an SVG file's text: rows as
    pictures.clients() takes them."""
    with svg.style():
        fig = pictures.clients(rows)
        if fig is None:
            raise JudgeError("there is no number of clients to draw")
        least, most = rows[0], rows[-1]
        alt = f"with {least['clients']} clients on a link {100 * least['bytes']:.0f} % more bytes " \
            f"and {least['later']:.0f} ms, with {most['clients']} {100 * most['bytes']:.0f} % and " \
            f"{most['later']:.0f} ms; hollow: simulated"
        numbers = sha256(json.dumps(rows).encode()).hexdigest()[:16]
        return svg.alone(fig, alt, CSS, f"numbers {numbers}")


def write(result, path, make=html):
    """The page (or what else `make` makes of a result) at `path`; what is there is replaced, at
    once or not at all."""
    part, text = f"{path}.{os.getpid()}", make(result)
    try:
        with open(part, "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(part, path)
    except OSError as e:
        raise JudgeError(f"{path}: {e.strerror}") from None
