# SPDX-License-Identifier: GPL-2.0
"""A profile for one's own traffic: tables by exchange.py's program, at a price that the simulator
confirms, judged on visits of other groups than those that they were made from.
"""
import math
import os
import re
import tempfile

import numpy as np

from . import JudgeError, exchange, run
from .bound import bound
from .defend import Link, input_file
from .traces import crossed

FEWEST = 20			# visits of a class
# Of volumes up, of times, of volumes down: where little may be spent, rounding up costs too much.
CLASSES = ((.6, (30, 6, 8)), (math.inf, (16, 7, 7)))
COVERS = ((1000, 4), (576, 7), (1452, 3))	# bytes of a cell of cover, and slots of an answer
STREAM_COVER = 4, (.6, .9), 16	# slots; parts of a stream's slots that a cell holds; bytes of a step
ROUNDS = 6			# of the search for the price
SLACK = .01			# of a price that is kept
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}$")


def enough(ts):
    """A set that says nothing is refused."""
    if len(ts.classes) < 2:
        raise JudgeError(f"{ts.name}: one class only: there is nothing to hide")
    counts = np.bincount(ts.y, minlength=len(ts.classes))
    rare = int(counts.argmin())
    if counts[rare] < FEWEST:
        raise JudgeError(f"{ts.name}: class {ts.classes[rare]} has {counts[rare]} visits; tables "
                         f"are made from {FEWEST} of each class at least")


def halves(ts):
    """(numbers of the visits that tables are made from, of those that they are judged on): other
    groups, or None where there is one only."""
    groups = np.unique(ts.groups)
    if len(groups) < 4 or not crossed(ts):
        return None
    first = np.isin(ts.groups, groups[:len(groups) // 2])
    return np.flatnonzero(first), np.flatnonzero(~first)


class Maker:
    """Makes tables of a set, and tries them in the simulator."""

    def __init__(self, ts, rtt, slot, header, seed, cache):
        self.ts, self.rtt, self.slot, self.cache = ts, rtt, slot, cache
        self.link = Link(None, rtt, None, seed, 1, header)
        self.base = float(np.mean([v.b.sum() + header * len(v) for v in ts.visits]))

    def program(self, cover, spread, small, price):
        # A connection acknowledges each packet at first, and two are in a reply.
        settings = exchange.Settings(self.rtt, self.slot, cover=cover, spread=spread, small=small,
                                     every=4 if price <= CLASSES[0][0] else 2)
        ex = exchange.exchanges(self.ts, settings, self.rtt)
        self.each = len(ex) / len(self.ts)		# exchanges of a visit
        grid = exchange.Grid(ex, settings, next(c for most, c in CLASSES if price <= most))
        return exchange.Program(ex, settings, grid)

    def played(self, text, folder):
        """(bytes more, delays in ms) in the simulator."""
        path = os.path.join(folder, "try.profile")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        said = self.link.run(path, input_file(self.ts, self.cache), "--tail", "2s")["both"]
        if not said["sent_bytes"]:
            raise JudgeError(f"{self.ts.name}: nothing was sent in the simulator")
        return said["wire_bytes"] / said["sent_bytes"] - 1, \
            {k: said["delay"][f"{k}_ns"] / 1e6 for k in ("p50", "p99", "max")}

    def at(self, program, price, name, about, folder, comment=""):
        """Tables that take `price` times the bytes more, as nearly as ROUNDS steps come, and not
        more: {"text", "named", "overhead", "delay_ms", "rows"}."""
        budget, best, low, high = self.base * (1 + price) / self.each, None, None, None
        least = program.least()
        for _ in range(ROUNDS):
            found = program.solve(max(budget, least * 1.0005))
            tables = program.tables(found)
            text = exchange.text(name, about, program.settings, program.grid, tables, comment)
            over, delay = self.played(text, folder)
            one = {"text": text, "named": found["named"], "overhead": over, "delay_ms": delay,
                   "rows": sum(len(t) for t in tables.values())}
            if over <= price:
                low = budget, over
                if not best or over > best["overhead"]:
                    best = one
                if over > price - SLACK or budget > 30 * self.base:
                    break
            else:
                high = budget, over
                if budget <= least * 1.0005:
                    break
            if low and high:
                part = (price - SLACK / 2 - low[1]) / (high[1] - low[1])
                budget = low[0] + min(max(part, .1), .9) * (high[0] - low[0])
            else:
                budget = max(budget + (price - over - SLACK / 2) * self.base / self.each, least)
        if not best:
            raise JudgeError(f"{self.ts.name}: {100 * price:g} % are too few: cells, replies and "
                             f"rounding alone take {100 * high[1]:.0f} %")
        return best


def covers(ts, rtt, slot):
    """(bytes of a cell, slots of an answer) of cover to try: where answers come bit by bit, also a
    cell that carries what comes of them in a slot."""
    spread, parts, step = STREAM_COVER
    settings = exchange.Settings(rtt, slot, cover=COVERS[0][0], spread=spread)
    slots = exchange.exchanges(ts, settings, rtt).slots
    if not len(slots):
        return COVERS
    cells = np.ceil((np.quantile(slots, parts) + exchange.CELL_OVERHEAD) / step) * step
    cells = np.clip(cells, 2 * settings.small, settings.cell).astype(int).tolist()
    return *((c, spread) for c in cells), *COVERS


def chosen(maker, price, small, progress):
    """The program of the cell of cover that leaves least at the price."""
    best, some = None, covers(maker.ts, maker.rtt, maker.slot)
    for n, (cover, spread) in enumerate(some):
        progress(n / len(some), f"cover of {cover} bytes")
        p = maker.program(cover, spread, small, price)
        budget = max(maker.base * (1 + price) / maker.each, p.least() * 1.001)
        left = p.solve(budget)["named"]
        if not best or left < best[0]:
            best = left, p
    return best[1]


def fit(ts, price, slot, rtt, name, attacks, header=0, small=144, repeats=5, seed=1, cache=None,
        progress=None):
    """(text of the profile, report): see rtpl-judge(1)."""
    if not NAME.match(name):
        raise JudgeError(f"{name}: no name of a profile: a-z, 0-9 and \"-\", at most 31")
    enough(ts)
    about = f"fitted to {ts.name[:40]}: {100 * price:g} % more bytes, slots of {1e3 * slot:g} ms"
    parts = halves(ts)
    chance = float(np.bincount(ts.y).max() / len(ts))
    report = {"set": ts.name, "digest": ts.digest(), "visits": len(ts), "classes": ts.classes,
              "chance": chance, "bytes": price, "slot_ms": slot * 1e3, "rtt_ms": rtt * 1e3,
              "name": name, "seed": seed, "held_out": None}
    with tempfile.TemporaryDirectory(prefix="rtpl-judge.") as folder:
        progress.step(f"{ts.name}: tables")
        maker = Maker(ts, rtt, slot, header, seed, cache)
        program = chosen(maker, price, small, progress)
        s = program.settings
        one = maker.at(program, price, name, about, folder,
                       f"{about}; made by rtpl-judge fit from {len(ts)} visits of "
                       f"{len(ts.classes)} classes.")
        report |= {k: one[k] for k in ("named", "overhead", "delay_ms", "rows")}
        report["cover"] = {"bytes": s.cover, "slots": s.spread}
        if parts:
            progress.step(f"{ts.name}: other visits")
            train, test = (ts.take(x) for x in parts)
            half = Maker(train, rtt, slot, header, seed, cache)
            other = half.at(half.program(s.cover, s.spread, small, price), price, name, about,
                            folder)
            path = os.path.join(folder, f"{name}.profile")
            with open(path, "w", encoding="utf-8") as f:
                f.write(other["text"])
            judged = run.judge(test, path, Link(None, rtt, None, seed, 1, header), attacks, repeats,
                               seed, cache, progress, measures=False)
            report["held_out"] = {
                "made_from": len(train), "judged_on": len(test), "named": other["named"],
                "attacks": {k: a["accuracy"] for k, a in judged["attacks"].items()},
                "bits": {k: a["bounds"]["cross_entropy"] for k, a in judged["attacks"].items()},
                "overhead": judged["costs"]["window_overhead"], "delay_ms": judged["costs"]["delay_ms"]}
        progress.step(f"{ts.name}: bound")
        row = bound(ts, (price,), slot, seed=seed)["rows"][0]
        report["bound"] = {"named": row["named"], "least": row["least"]}
    return one["text"], report


def text(report):
    """For a terminal."""
    r, held = report, report["held_out"]
    lines = [f"{r['name']}: from {r['visits']} visits of {len(r['classes'])} classes of {r['set']}; "
             f"{r['rows']} rows, cover of {r['cover']['bytes']} bytes a slot of {r['slot_ms']:g} ms",
             f"bytes: {100 * r['overhead']:.1f} % more in the simulator (at most "
             f"{100 * r['bytes']:g}); packets wait {r['delay_ms']['p50']:.1f} ms (median), "
             f"{r['delay_ms']['p99']:.1f} (99 %), {r['delay_ms']['max']:.0f} (most)",
             f"its tables leave {100 * r['named']:.1f} % of exchanges to who sees what they are made "
             f"to show; bound at this price {100 * r['bound']['named']:.1f} %, chance "
             f"{100 * r['chance']:.1f} %"]
    if held:
        lines.append(f"made from {held['made_from']} visits, judged on {held['judged_on']} others: "
                     f"{100 * held['overhead']:.1f} % more bytes, 99 % wait at most "
                     f"{held['delay_ms']['p99']:.1f} ms")
        for name, a in held["attacks"].items():
            lines.append(f"  {name:8} names {100 * a['mean']:.1f} % ({100 * a['low']:.1f} to "
                         f"{100 * a['high']:.1f})")
    else:
        lines.append("not judged: fewer than four groups, or not every class in each: nothing is "
                     "known of other visits than these")
    return "\n".join(lines) + "\n"
