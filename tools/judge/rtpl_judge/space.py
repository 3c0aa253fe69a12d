# SPDX-License-Identifier: GPL-2.0
"""The settings that a search looks through, and profiles out of them (rtpl-profile(5)).

A point is a dict with the keys sizes, schedule, chaff, limits; each has a `kind` and the numbers that
mean something beside the other kinds. draw() makes one by chance, change() a neighbour, text() the
profile.
"""
import copy
import math

CELL_LEAST, CELL_MOST = 256, 1232	# 1232: what any path of IPv6 carries


# Where a search begins, besides chance: what a person would try first.
_STEPS = {"kind": "steps", "least": 256, "ratio": 1.25}
_CAP = {"kind": "cap", "overhead": 12, "free": 4000}
_COVER = {"kind": "cover", "median": 200.0, "sigma": 1.0}
_MESSAGES = {"kind": "messages", "cell": 620, "ratio": 2.0, "noise": 300}
STARTS = [
    {"sizes": _STEPS, "schedule": {"kind": "jitter", "longest": 10.0}, "chaff": _COVER,
     "limits": _CAP},
    {"sizes": _STEPS, "schedule": {"kind": "jitter", "longest": 4.8}, "chaff": _COVER,
     "limits": {"kind": "cap", "overhead": 8, "free": 3000}},
    # What searches found best at prices of 30 % and 150 %.
    {"sizes": _STEPS, "schedule": {"kind": "jitter", "longest": 4.8},
     "chaff": {"kind": "front", "most": 70, "window": 7.6},
     "limits": {"kind": "cap", "overhead": 20, "free": 12000}},
    {"sizes": {"kind": "one", "cell": 599}, "schedule": {"kind": "jitter", "longest": 5.1},
     "chaff": {"kind": "front", "most": 366, "window": 9.0},
     "limits": {"kind": "cap", "overhead": 100, "free": 100000}},
    {"sizes": {"kind": "messages", "cell": 500, "ratio": 1.5, "noise": 30},
     "schedule": {"kind": "jitter", "longest": 10.0},
     "chaff": {"kind": "bip324", "count": 2, "chance": 4, "background": 779.0},
     "limits": {"kind": "cap", "overhead": 4, "free": 20000}},
    {"sizes": {"kind": "steps", "least": 256, "ratio": 1.5},
     "schedule": {"kind": "interval", "period": 20.0, "cells": 32}, "chaff": {"kind": "none"},
     "limits": _CAP},
    {"sizes": {"kind": "steps", "least": 256, "ratio": 1.5},
     "schedule": {"kind": "interval", "period": 40.0, "cells": 32}, "chaff": _COVER,
     "limits": _CAP},
    {"sizes": _STEPS, "schedule": {"kind": "jitter", "longest": 40.0},
     "chaff": {"kind": "bip324", "count": 3, "chance": 25, "background": 700.0}, "limits": _CAP},
    {"sizes": _MESSAGES, "schedule": {"kind": "jitter", "longest": 20.0},
     "chaff": {"kind": "cover", "median": 300.0, "sigma": 1.0},
     "limits": {"kind": "cap", "overhead": 30, "free": 30000}},
    {"sizes": {"kind": "one", "cell": 620}, "schedule": {"kind": "interval", "period": 20.0,
                                                         "cells": 32},
     "chaff": {"kind": "front", "most": 300, "window": 4.0},
     "limits": {"kind": "cap", "overhead": 60, "free": 60000}},
    {"sizes": {"kind": "one", "cell": 1232}, "schedule": {"kind": "ladder", "low": 60,
                                                          "ratio": 4.0, "epoch": .5},
     "chaff": {"kind": "none"}, "limits": _CAP},
    {"sizes": {"kind": "one", "cell": 1232}, "schedule": {"kind": "constant", "rate": 1000},
     "chaff": {"kind": "none"}, "limits": _CAP},
]


def starts(kinds):
    """Those of STARTS that have only such kinds; limits are cut to the kind's."""
    out = []
    for p in copy.deepcopy(STARTS):
        limit = (kinds.get("limits") or ["cap"])[0]
        p["limits"] = {"kind": limit, **{
            name: min(p["limits"][name], high)
            for name, (_, high, _, _) in NUMBERS["limits"][limit].items()}}
        mend(None, p)
        if all(p[part]["kind"] in (kinds.get(part) or NUMBERS[part]) for part in NUMBERS):
            out.append(p)
    return out


def _log(r, low, high):
    return float(math.exp(r.uniform(math.log(low), math.log(high))))


def _ladder(least, most, ratio, n):
    """At most n sizes from least to most, each `ratio` times the one before."""
    out = [most]
    while len(out) < n and out[-1] / ratio >= least:
        out.append(int(round(out[-1] / ratio)))
    return out[::-1]


# kind -> {name: (low, high, log?, whole?)}
NUMBERS = {
    "sizes": {
        "steps": {"least": (CELL_LEAST, 700, True, True), "ratio": (1.12, 2.2, True, False)},
        "one": {"cell": (300, CELL_MOST, True, True)},
        "messages": {"cell": (300, CELL_MOST, True, True), "ratio": (1.2, 4, True, False),
                     "noise": (20, 3000, True, True)},
    },
    "schedule": {
        "as-it-comes": {},
        "jitter": {"longest": (3, 46, True, False)},
        "interval": {"period": (3, 44, True, False), "cells": (1, 32, True, True)},
        "fill": {"period": (4, 44, True, False), "cells": (1, 32, True, True)},
        "constant": {"rate": (30, 8000, True, True)},
        "ladder": {"low": (30, 200, True, True), "ratio": (3, 40, True, False),
                   "epoch": (.25, 20, True, False)},
    },
    "chaff": {
        "none": {},
        "cover": {"median": (20, 1500, True, False), "sigma": (.3, 1.5, False, False)},
        "bip324": {"count": (1, 8, True, True), "chance": (2, 100, True, True),
                   "background": (60, 3000, True, False)},
        "wtf-pad": {"burst": (2, 60, True, False), "gap": (10, 400, True, False),
                    "sd": (.4, 1.5, False, False)},
        "front": {"most": (20, 3000, True, True), "window": (1, 14, True, False)},
    },
    "limits": {"cap": {"overhead": (3, 150, True, True), "free": (1000, 200000, True, True)},
               "tight": {"overhead": (1, 25, True, True), "free": (500, 12000, True, True)}},
}
# What fills every slot takes no chaff, and cells of one size only.
FILLS = ("constant", "ladder", "fill")


# What limits mean something beside which chaff: data earns cover nothing (rtpl-profile(5)).
LIMITS = {"none": (), "cover": ("free",)}


def _draw_number(r, low, high, log, whole):
    v = _log(r, low, high) if log else float(r.uniform(low, high))
    return int(round(v)) if whole else round(v, 4)


def _draw_part(r, part, kind):
    return {"kind": kind, **{name: _draw_number(r, *x) for name, x in NUMBERS[part][kind].items()}}


def mend(r, p):
    """Makes settings agree with each other; draws what they need besides."""
    if p["schedule"]["kind"] in FILLS:
        p["chaff"] = {"kind": "none"}
        if p["sizes"]["kind"] != "one":
            p["sizes"] = {"kind": "one", "cell": p["sizes"].get("cell", CELL_MOST)}
    of, was = NUMBERS["limits"][p["limits"]["kind"]], p["limits"]
    p["limits"] = {"kind": was["kind"], **{
        name: was[name] if name in was else _draw_number(r, *of[name])
        for name in LIMITS.get(p["chaff"]["kind"], of)}}
    return p


def draw(r, kinds=None):
    """A point by chance. kinds: {part: [kinds]} to choose from."""
    out = {}
    for part, of in NUMBERS.items():
        names = (kinds or {}).get(part) or list(of)
        out[part] = _draw_part(r, part, names[int(r.integers(len(names)))])
    return mend(r, out)


def change(r, point, size=.35, kinds=None):
    """A neighbour: most numbers a little different, now and then another kind."""
    out = copy.deepcopy(point)
    for part, of in NUMBERS.items():
        names = (kinds or {}).get(part) or list(of)
        if len(names) > 1 and r.random() < .15:
            out[part] = _draw_part(r, part, names[int(r.integers(len(names)))])
            continue
        for name, (low, high, log, whole) in of[out[part]["kind"]].items():
            if name not in out[part] or r.random() < .4:
                continue
            v = out[part][name]
            v = v * math.exp(r.normal(0, size)) if log else v + r.normal(0, size) * (high - low) / 2
            v = min(max(v, low), high)
            out[part][name] = int(round(v)) if whole else round(v, 4)
    return mend(r, out)


def _sizes(s):
    if s["kind"] == "steps":
        return "Cell = " + ", ".join(map(str, _ladder(s["least"], CELL_MOST, s["ratio"], 16)))
    if s["kind"] == "one":
        return f"Cell = {s['cell']}"
    sizes = [s["cell"]]
    while len(sizes) < 16 and sizes[-1] * s["ratio"] < 131072:
        sizes.append(max(sizes[-1] + 1, int(round(sizes[-1] * s["ratio"]))))
    noise = s["noise"]
    return (f"Cell = {s['cell']}\nMessages = {', '.join(map(str, sizes))}\n"
            f"Noise = laplace:{noise} start=0 min=0 max={10 * noise}")


def _schedule(s):
    k = s["kind"]
    if k == "as-it-comes":
        return "Kind = as-it-comes"
    if k == "jitter":
        us = int(s["longest"] * 1000)
        return f"Kind = jitter\nLongest = {us} us\nHold = uniform:0,{us} us"
    if k in ("interval", "fill"):
        return (f"Kind = interval\nPeriod = {int(s['period'] * 1000)} us\nCells = {s['cells']}\n"
                f"Chaff = {'on' if k == 'fill' else 'off'}")
    if k == "constant":
        return f"Kind = constant\nRate = {s['rate']} cells/s"
    rates, rate = [], float(s["low"])
    while len(rates) < 8 and rate <= 8000:
        rates.append(int(round(rate)))
        rate *= s["ratio"]
    return ("Kind = ladder\nRates = " + ", ".join(map(str, rates)) +
            f" cells/s\nEpoch = {int(s['epoch'] * 1000)} ms\nUp = 80 %\n"
            f"Down = {max(1, int(60 / s['ratio']))} %")


def _chaff(s):
    k = s["kind"]
    if k == "none":
        return ""
    if k == "cover":
        return (f"Kind = cover\nEvery = lognormal:{math.log(s['median']):.4f},{s['sigma']:.3f} "
                "min=2 max=10000 ms")
    if k == "bip324":
        return (f"Kind = bip324\nPadding = random\nCount = {s['count']}\nChance = {s['chance']} %\n"
                f"Background = exponential:{s['background']:.1f} min=1 max=20000 ms")
    if k == "wtf-pad":
        def normal(mean):
            return f"normal:{mean:.2f},{mean * s['sd']:.2f} ms tokens 300 infinity 1/3"
        return "".join(f"{w}{x} = {normal(s[y])}\n" for w in ("Sent", "Received")
                       for x, y in (("Burst", "burst"), ("Gap", "gap"))).join(
                           ("Kind = wtf-pad\n", ""))
    return (f"Kind = front\nMost = {s['most']} cells\n"
            f"Window = 1 s - {s['window']:.2f} s\nSilence = 2 s")


def text(point, name, about):
    """The profile of a point."""
    out = [f"[Profile]\nName = {name}\nAbout = {about}", f"[Sizes]\n{_sizes(point['sizes'])}",
           f"[Schedule]\n{_schedule(point['schedule'])}"]
    chaff = _chaff(point["chaff"])
    if chaff:
        out.append(f"[Chaff]\n{chaff}")
        lim = point["limits"]
        out.append(f"[Limits]\nOverhead = {lim.get('overhead', 0)} %\nFree = {lim['free']} bytes\n"
                   "Window = 10 s")
    out.append("[Link]\nLatency = 50 ms")
    return "\n\n".join(out) + "\n"
