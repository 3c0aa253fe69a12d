# SPDX-License-Identifier: GPL-2.0
"""The settings that a search looks through, and profiles out of them (rtpl-profile(5)).

A point is a dict with the keys sizes, schedule, chaff, limits; each has a `kind` and numbers.
draw() makes one by chance, change() a neighbour, text() the profile.
"""
import copy
import math

CELL_LEAST, CELL_MOST = 256, 1232	# 1232: what any path of IPv6 carries


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
    "limits": {"cap": {"overhead": (3, 150, True, True), "free": (1000, 200000, True, True)}},
}
# What fills every slot takes no chaff, and cells of one size only.
FILLS = ("constant", "ladder", "fill")


def _draw_part(r, part, kind):
    out = {"kind": kind}
    for name, (low, high, log, whole) in NUMBERS[part][kind].items():
        v = _log(r, low, high) if log else float(r.uniform(low, high))
        out[name] = int(round(v)) if whole else round(v, 4)
    return out


def mend(p):
    """Makes settings agree with each other."""
    if p["schedule"]["kind"] in FILLS:
        p["chaff"] = {"kind": "none"}
        if p["sizes"]["kind"] != "one":
            p["sizes"] = {"kind": "one", "cell": p["sizes"].get("cell", CELL_MOST)}
    return p


def draw(r, kinds=None):
    """A point by chance. kinds: {part: [kinds]} to choose from."""
    out = {}
    for part, of in NUMBERS.items():
        names = (kinds or {}).get(part) or list(of)
        out[part] = _draw_part(r, part, names[int(r.integers(len(names)))])
    return mend(out)


def change(r, point, size=.35, kinds=None):
    """A neighbour: most numbers a little different, now and then another kind."""
    out = copy.deepcopy(point)
    for part, of in NUMBERS.items():
        names = (kinds or {}).get(part) or list(of)
        if len(names) > 1 and r.random() < .15:
            out[part] = _draw_part(r, part, names[int(r.integers(len(names)))])
            continue
        for name, (low, high, log, whole) in of[out[part]["kind"]].items():
            if r.random() < .4:
                continue
            v = out[part][name]
            v = v * math.exp(r.normal(0, size)) if log else v + r.normal(0, size) * (high - low) / 2
            v = min(max(v, low), high)
            out[part][name] = int(round(v)) if whole else round(v, 4)
    return mend(out)


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
        out.append(f"[Limits]\nOverhead = {lim['overhead']} %\nFree = {lim['free']} bytes\n"
                   "Window = 10 s")
    out.append("[Link]\nLatency = 50 ms")
    return "\n\n".join(out) + "\n"
