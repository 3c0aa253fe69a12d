# SPDX-License-Identifier: GPL-2.0
"""What no scheme of padding and cover can go below on a set: see program.py for the program.

Of a visit three numbers are looked at. Of one exchange (a request, then its answer): bytes up, the
time from the request's last packet to the answer's first in slots, bytes down. Of several exchanges:
bytes up, the time from first to last packet in slots, bytes down. An observer sees them by the cells
of a grid that is chosen for the set, by where rounding up costs least.
"""
import math

import numpy as np

from . import JudgeError, registry
from .program import Grid, Program, information
from .traces import crossed, splits, unequal

PRICES = (0, .1, .3, .5, 1, 2, 4)
LEVELS = ((8, 4, 4), (12, 6, 5), (16, 8, 6))	# cells of volume up, of time, of volume down
MOST_WORK = 150000		# columns times their classes of a program that is solved
MOST_TIMES = 40000		# of one that is solved many times over
FEWEST = 10			# visits of a class
SLOT, CELL = .05, 900		# seconds, and bytes of a cell of cover
NO_DATA = 80			# bytes of a packet that may be an acknowledgement only
ONE = .9			# of visits with one exchange, for a set of such
RESAMPLES = 200
RATES = np.geomspace(40, .05, 14)	# bits that the visits' bytes once more are worth


class Seen:
    """up, down [visits] bytes; slots [visits] whole; y [visits]; classes: their number; single: is
    a visit one exchange? weight [visits]: how much each counts for who names them."""

    def __init__(self, up, slots, down, y, classes, single, weight=None):
        self.up, self.down = (np.maximum(np.asarray(x, np.float64), 1) for x in (up, down))
        self.slots = np.maximum(np.asarray(slots, np.float64), 1)
        self.y, self.classes, self.single = np.asarray(y), classes, single
        self.weight = np.ones(len(self.y)) if weight is None else weight

    def take(self, at):
        return Seen(self.up[at], self.slots[at], self.down[at], self.y[at], self.classes,
                    self.single, self.weight[at])

    @property
    def prior(self):
        """[classes] their shares."""
        return np.bincount(self.y, self.weight, self.classes) / self.weight.sum()


def exchanges(v):
    """(how often a message up is followed by one down, seconds from the first message up to the
    first one down). Packets of up to NO_DATA bytes are not messages in a direction that has
    larger ones."""
    data = np.ones(len(v), bool)
    for d in (1, -1):
        of = v.d == d
        if (v.b[of] > NO_DATA).any():
            data &= ~of | (v.b > NO_DATA)
    d, t = v.d[data], v.t[data]
    turns = np.flatnonzero((d[:-1] == 1) & (d[1:] == -1))
    return len(turns), float(t[turns[0] + 1] - t[turns[0]]) if len(turns) else 0.0


def asked_small(ts):
    """How many visits have a request that is taken for an acknowledgement: what came was larger than
    NO_DATA, and what was sent before it was not."""
    n = 0
    for v in ts.visits:
        data = v.b > NO_DATA
        first = int(data.argmax())
        n += bool(data.any() and v.d[first] < 0 and (v.d[:first] > 0).any())
    return n


def measure(ts, delay):
    """What the program looks at of a set."""
    if len(ts.classes) < 2:
        raise JudgeError(f"{ts.name}: one class only: nothing to tell apart")
    counts = np.bincount(ts.y, minlength=len(ts.classes))
    rare = int(counts.argmin())
    if counts[rare] < FEWEST:
        raise JudgeError(f"{ts.name}: class {ts.classes[rare]} has {counts[rare]} visits; a bound "
                         f"takes {FEWEST} of each class")
    up, down = (np.array([v.b[v.d == d].sum(dtype=np.int64) for v in ts.visits]) for d in (1, -1))
    if not up.any() and not down.any():
        raise JudgeError(f"{ts.name}: no packet has any bytes, in either direction")
    turns, wait = map(np.array, zip(*(exchanges(v) for v in ts.visits)))
    single = bool(np.mean(turns == 1) >= ONE)
    if not single:
        wait = np.array([v.t[-1] - v.t[0] if len(v) else 0.0 for v in ts.visits])
    # As what attacks name: each class counts as much, where they are not equally frequent.
    weight = len(ts.y) / len(counts) / counts[ts.y] if unequal(ts) else None
    # A time on a slot's edge, to the nanosecond, is in the slot that ends there.
    return Seen(up, np.ceil(np.round(wait / delay, 6)), down, ts.y, len(ts.classes), single, weight)


def work(program):
    """What a program takes to solve, roughly: numbers in its matrix."""
    return int((program.p > 0).sum(1)[program.s].sum())


# ---- other visits than those that a scheme was made for ----

class HeldOut:
    """What schemes made for some groups leave of others' visits."""

    def __init__(self, seen, groups, grid, parts):
        self.seen, self.grid = seen, grid
        self.parts = []
        for train, test in parts:
            fit, other = Program(seen.take(train), grid), Program(seen.take(test), grid)
            other.weight = seen.weight[test] / seen.weight[test].mean()
            self.parts.append((fit, other, test, _places(fit, other)))
        self.groups = groups

    def at(self, budget, seed, chance):
        """{"left", "least", "paid"}, the first two with intervals. left: what the fitted scheme
        leaves to an observer that trained on the same visits; least: what the fitted attack (or a
        guess) names whatever is done to the other visits within the budget."""
        left, least, tests, paid, base = [], [], [], 0.0, 0.0
        for fit, other, test, places in self.parts:
            found = fit.solve(budget)
            hits, cost = _left(fit, other, found, places)
            left.append(other.weight * hits[other.of, other.y])
            paid += cost
            base += other.base * len(test)
            score = np.full((len(other.seen_keys), fit.classes), 1 / fit.classes)
            here = np.searchsorted(fit.seen_keys, other.seen_keys)
            here = np.minimum(here, len(fit.seen_keys) - 1)
            known = fit.seen_keys[here] == other.seen_keys
            score[known] = found["attack"][here[known]]
            # Against the scheme that is best against it, each visit adds its own part.
            rate = other.least(score, budget, found["rate"])[1]
            k = other.vertex(score, rate)
            named = np.stack([np.bincount(other.s, k * score[other.o, c], len(other.a))
                              for c in range(other.classes)], 1)
            more = np.bincount(other.s, k * other.extra, len(other.a))
            least.append(other.weight * named[other.of, other.y] +
                         rate * (more[other.of] / other.base - budget))
            tests.append(test)
        tests = np.concatenate(tests)
        out = {"paid": paid / base}
        weights = [w[tests] for w in resampled(self.seen.y, self.groups, tests, seed)]
        for what, each in (("left", np.concatenate(left)), ("least", np.concatenate(least))):
            out[what] = _interval(float(each.mean()), [w @ each / w.sum() for w in weights])
        out["least"] = {end: max(x, chance) for end, x in out["least"].items()}
        return out


def _interval(mean, many):
    low, high = np.quantile(many, (.025, .975))
    return {"mean": mean, "low": min(float(low), mean), "high": max(float(high), mean)}


def resampled(y, groups, tests, seed):
    """RESAMPLES weights [visits]: groups drawn with replacement within each class."""
    r = np.random.default_rng([seed, 17])
    within = np.unique(np.stack([y, np.unique(groups, return_inverse=True)[1]]), axis=1,
                       return_inverse=True)
    unit, cls = within[1].reshape(-1), within[0][0]
    have = np.unique(unit[tests])
    for _ in range(RESAMPLES):
        times = np.zeros(within[0].shape[1])
        for c in np.unique(cls[have]):
            of = have[cls[have] == c]
            times[of] = r.multinomial(len(of), np.full(len(of), 1 / len(of)))
        yield times[unit]


def _places(fit, other):
    """[states of other]: the same state of fit, or -1."""
    there = {k: i for i, k in enumerate(zip(fit.a, fit.b, fit.c))}
    return np.array([there.get(k, -1) for k in zip(other.a, other.b, other.c)])


def _left(fit, other, found, places):
    """([states of other, classes] how often a visit of the state is named as the class, bytes that
    the visits of other take more) by the scheme that was fitted, where it knows the state; else by
    its choice at the request, and no more."""
    joint = fit.joint(found["k"])
    top = (joint >= joint.max(1, keepdims=True) * (1 - 1e-9)) & (joint > 0)
    named = np.where(top.any(1, keepdims=True), top / np.maximum(top.sum(1, keepdims=True), 1),
                     1 / fit.classes)
    of_state = np.stack([np.bincount(fit.s, found["k"] * named[fit.o, c], len(fit.a))
                         for c in range(fit.classes)], 1)
    more = np.bincount(fit.s, found["k"] * fit.extra, len(fit.a))
    grid, n = fit.grid, (len(fit.grid.slots), len(fit.grid.down))
    number = {k: i for i, k in enumerate(fit.seen_keys)}
    plans = {}
    if fit.single:
        for a in np.unique(fit.a):
            of = fit.plan_root == fit.root[np.flatnonzero(fit.a == a)[0]]
            plans[a] = list(zip(fit.plan_A[of], fit.plan_cover[of], found["q"][of]))
    hits, cost = np.zeros((len(other.a), fit.classes)), 0.0
    visits = np.bincount(other.of, minlength=len(other.a))
    for i, (a, b, c) in enumerate(zip(other.a, other.b, other.c)):
        if places[i] >= 0:
            hits[i] = of_state[places[i]]
            cost += visits[i] * more[places[i]]
            continue
        for A, cover, q in plans.get(a, [(a, 0 if fit.single else 1, 1.0)]):
            o = number.get(((A * 2 + cover) * n[0] + b) * n[1] + c)
            hits[i] += q * (named[o] if o is not None else 1 / fit.classes)
            cost += visits[i] * q * (grid.up[A] - grid.up[a] +
                                     (grid.cell * (grid.slots[b] - 1) if fit.single and cover
                                      else 0))
    return hits, cost


# ---- a set ----

def programs_of(seen, cell, price="grid"):
    """A program on each of LEVELS' grids, as far as one is solved in minutes."""
    out = []
    for cells in LEVELS:
        program = Program(seen, Grid(seen, cells, cell), price)
        if out and work(program) > MOST_WORK:
            break
        out.append(program)
    return out


def middle(programs):
    """Which of them is worked out many times over: the second, if that is quick enough."""
    return 1 if len(programs) > 1 and work(programs[1]) <= MOST_TIMES else 0


def held_out(ts, seen, grid, seed):
    """(a HeldOut or None, why there is none or None)."""
    few = len(np.unique(ts.groups)) if crossed(ts) else 5
    try:
        return HeldOut(seen, ts.groups, grid, splits(ts, min(5, few), seed)), None
    except JudgeError as e:
        return None, str(e)


def slot(delay):
    """Seconds of a slot for packets that wait so long: SLOT, twice that, four times ..."""
    return SLOT * 2 ** max(0, math.ceil(math.log2(max(delay, SLOT) / SLOT) - 1e-6))


def key(price, delay, seed):
    """What beside() follows from besides the set."""
    return {"bytes": price, "slot": slot(delay), "seed": seed,
            "source": registry.source("bound", "program", "traces")}


def beside(ts, price, delay, seed=1):
    """What stands beside a figure: the least that any scheme can leave of a set for `price` times its
    bytes more, if packets wait for `delay` seconds. {"bytes", "slot_ms", "named", "least", "there" or
    None, "cells", "single"}, as bound() has them, or {"why": there is none}."""
    out = {"bytes": price, "slot_ms": 1e3 * slot(delay)}
    if ts.flows:
        return {**out, "why": "many clients share the link: what hides one of them is the others"}
    if not any(exchanges(v)[0] for v in ts.visits):
        return {**out, "why": "no request is answered in it: there is no place for cover"}
    try:
        seen = measure(ts, slot(delay))
    except JudgeError as e:
        return {**out, "why": str(e).removeprefix(f"{ts.name}: ")}
    programs = programs_of(seen, CELL)
    best, chance = programs[-1], float(seen.prior.max())
    grid = best.grid
    out |= {"cells": [len(grid.up), len(grid.slots), len(grid.down)], "single": seen.single}
    if price >= best.paid(best.alike()):
        return {**out, "named": chance, "least": chance, "there": None}
    least = Program(seen, grid, "least")
    low = least.solve(price)
    held = held_out(ts, seen, programs[middle(programs)].grid, seed)[0]
    return {**out, "named": best.solve(price)["named"],
            "least": max(chance, least.least(low["attack"], price, low["rate"])[0]),
            "there": held and held.at(price, seed, chance)["least"]}


def bound(ts, prices=PRICES, delay=SLOT, cell=CELL, seed=1, tables=False, progress=None):
    """The result for a set, as rtpl-judge(1) has it."""
    tell = progress or (lambda f, text="": None)
    seen = measure(ts, delay)
    programs = programs_of(seen, cell)
    levels = [{"cells": [len(p.grid.up), len(p.grid.slots), len(p.grid.down)],
               "states": len(p.a), "columns": len(p.s), "rounding": p.grid.rounding(seen), "named": []}
              for p in programs]
    grid = programs[-1].grid
    least, rounded = (Program(seen, grid, price) for price in ("least", "rounded"))
    k, points = middle(programs), []
    held, why = held_out(ts, seen, programs[k].grid, seed)
    rows, found, high = [], None, None
    prior = seen.prior
    for n, budget in enumerate(prices):
        tell(n / (len(prices) + 1), f"+{100 * budget:g} %")
        # Who is at chance already stays there for more.
        same = bool(rows) and budget >= rows[-1]["bytes"] and \
            max(x["named"] for x in found) < prior.max() + 1e-7
        found = found if same else [p.solve(budget) for p in programs]
        for level, x in zip(levels, found):
            level["named"].append(x["named"])
        best, program = found[-1], programs[-1]
        if not same or rows[-1]["least"] > prior.max() + 1e-7:
            low = least.solve(budget)
        high = rounded.solve(budget) if high is None or high["named"] > prior.max() + 1e-7 else high
        row = {"bytes": budget, "named": best["named"], "paid": best["paid"],
               "gap": best["named"] - program.certificate(best["attack"], best["rate"], budget),
               "early": max(prior.max(), program.least(best["attack"], budget, best["rate"],
                                                      early=True)[0]),
               "least": max(prior.max(), least.least(low["attack"], budget, low["rate"])[0]),
               "rounded": high and high["named"],
               "bits": {"optimum": information(program.joint(best["k"]), prior)}}
        points.append((found[k]["paid"], information(programs[k].joint(found[k]["k"]), prior)))
        if held:
            tell((n + .5) / (len(prices) + 1), f"+{100 * budget:g} %, other visits")
            row["held_out"] = held.at(budget, seed, prior.max())
        if tables:
            row["tables"] = tables_of(program, best, delay)
        rows.append(row)
    tell(len(prices) / (len(prices) + 1), "bits")
    _bits(programs[k], rows, points)
    return {"set": ts.name, "digest": ts.digest(), "visits": len(ts), "classes": ts.classes,
            "chance": float(prior.max()), "single": seen.single,
            "delay_ms": delay * 1e3, "cell": cell, "seed": seed,
            "bytes_per_visit": float((seen.up + seen.down).mean()), "levels": levels,
            "grid": {"up": grid.up, "slots": grid.slots, "down": grid.down},
            "asked_small": asked_small(ts), "not_held_out": why, "rows": rows}


def _bits(program, rows, points):
    """Least mutual information at each price on this grid: between what is certified and what a
    mixture of schemes, of these points (price, bits) too, reaches."""
    lines = []
    for rate, (bits, paid, value) in zip(RATES, program.bits(RATES)):
        points.append((paid, bits))
        lines.append((rate, value))
    for r in rows:
        budget = r["bytes"]
        reach = [b for p, b in points if p <= budget + 1e-9]
        for p, b in points:
            for p2, b2 in points:
                if p <= budget < p2:
                    reach.append(b + (b2 - b) * (budget - p) / (p2 - p))
        r["bits"]["reached"] = min(reach)
        r["bits"]["least"] = max(0.0, *(v - rate * budget for rate, v in lines))


def tables_of(program, found, delay, tiny=1e-6):
    """The optimum as tables of edges of cells, for a tool that makes a profile of it.

    up:     [{"volume", "choices": [[target, cover, chance]]}] for each volume up; of one exchange
    answer: [{"up", "target", "cover", "slots", "down", "share", "choices": [[slots, target,
            chance]]}] for what was settled at the request, when the answer came (slots of `delay`),
            and its volume: to which slot cover lasts, and the target for the volume down. share: of
            visits. Of several exchanges the target up is settled here, too.
    """
    g = program.grid
    out = {"delay_ms": delay * 1e3, "cell": g.cell, "single": program.single,
           "edges": {"up": g.up, "slots": g.slots, "down": g.down}, "up": [], "answer": []}
    q, ps = found["q"], program.mass
    if program.single:
        for a in np.unique(program.a):
            root = program.root[np.flatnonzero(program.a == a)[0]]
            out["up"].append({"volume": g.up[a], "choices": [
                [g.up[program.plan_A[i]], bool(program.plan_cover[i]), q[i]]
                for i in np.flatnonzero(program.plan_root == root) if q[i] > tiny]})
    ends = np.append(program.first[1:], len(program.s))
    for first, end in zip(program.first, ends):
        k = found["k"][first:end]
        total = k.sum()
        if total <= tiny:
            continue
        s = program.s[first]
        out["answer"].append({
            "up": g.up[program.a[s]], "target": g.up[program.A[first]],
            "cover": bool(program.cover[first]), "slots": int(g.slots[program.b[s]]),
            "down": g.down[program.c[s]], "share": ps[s] * total, "choices": [
                [int(g.slots[program.B[first + i]]), g.down[program.C[first + i]], k[i] / total]
                for i in np.flatnonzero(k > tiny * total)]})
    return out


# ---- for people ----

def _span(x):
    return f"{100 * x['mean']:.1f} ({100 * x['low']:.1f} to {100 * x['high']:.1f})"


def legend(grid):
    """What the columns are. grid: the finest."""
    return [
        f"named: the least that can be left to who sees these three numbers by the cells of the finest grid "
        f"({'x'.join(map(str, grid))}); left of least, the same by coarser grids",
        "least: whatever the bytes are within the cells; rounded: with rounding up paid for; gap: what is not "
        "proved of named",
        "other visits: what the scheme leaves of groups that it was not made for (95 %: over sessions); least "
        "there: what any scheme leaves of those",
        "bits: what the scheme leaves, in bits; of any: the least that any scheme leaves, from what is proved to "
        "what is reached"]


def text(one):
    """One set's result for a terminal."""
    last = one["levels"][-1]
    what = "one exchange each: bytes up, time until the answer, bytes down" if one["single"] else \
        "several exchanges each: bytes up, duration, bytes down"
    lines = [f"{one['set']}: {one['visits']} visits of {len(one['classes'])} classes, "
             f"{one['bytes_per_visit']:.0f} bytes a visit; {what}",
             f"slots of {one['delay_ms']:g} ms, cells of cover of {one['cell']} bytes; "
             f"chance {100 * one['chance']:.1f} %"]
    for level in one["levels"]:
        c = level["cells"]
        lines.append(f"grid of {c[0]} x {c[1]} x {c[2]} cells: {level['states']} states, "
                     f"{level['columns']} columns; rounding up to it takes "
                     f"{100 * level['rounding']:.1f} % of bytes")
    heads = ["bytes +%", "named %", *(f"{'x'.join(map(str, x['cells']))} %"
                                      for x in one["levels"][:-1]), "least %", "rounded %", "gap %",
             "other visits % (95 %)", "least there % (95 %)", "bits", "of any"]
    cells = []
    for n, r in enumerate(one["rows"]):
        held, bits = r.get("held_out"), r["bits"]
        cells.append([f"{100 * r['bytes']:g}", f"{100 * r['named']:.1f}",
                      *(f"{100 * x['named'][n]:.1f}" for x in one["levels"][:-1]),
                      f"{100 * r['least']:.1f}",
                      "-" if r["rounded"] is None else f"{100 * r['rounded']:.1f}",
                      f"{100 * max(r['gap'], 0):.4f}", _span(held["left"]) if held else "-",
                      _span(held["least"]) if held else "-", f"{bits['optimum']:.2f}",
                      f"{bits['least']:.2f} to {bits['reached']:.2f}"])
    width = [max(len(x) for x in column) for column in zip(heads, *cells)]
    lines += ["", *("  ".join(x.rjust(w) for x, w in zip(row, width)) for row in (heads, *cells)),
              ""]
    if one["not_held_out"]:
        lines.append(f"No figures on other visits: {one['not_held_out']}")
    if one.get("asked_small"):
        lines.append(f"In {one['asked_small']} of {one['visits']} visits the first packet of more than "
                     f"{NO_DATA} bytes is an answer's: a request of at most {NO_DATA} bytes is taken for an "
                     "acknowledgement where the visit has larger ones")
    return "\n".join(lines + legend(last["cells"])) + "\n"
