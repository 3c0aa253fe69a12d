# SPDX-License-Identifier: GPL-2.0
"""The tables of a schedule of kind `exchange`, by a linear program.

What the module does (kmod/core/sched_exchange.c): who asks pads its burst from a volume up to a
target; who answers keeps up cover in slots or does not, perhaps with a burst of chaff in the first
slot, answers at the end of a slot, pads its volume, and goes on with cover to a later slot. What an
observer sees of it:

    silent                  target up, slot of the answer, target down
    cover, a small answer   target up, last slot, what was in the first slot
    cover, a large one      the same, with its slot and its target, unless it was in the first

A request that fits into a small cell looks like an acknowledgement: it is not padded, and its answer is
silent.

A small answer is one of which no more waits than `spread` cells of cover hold: it shows in none of
them. So does one that comes bit by bit, as a stream of tokens, for as long as it takes; cover goes on
for `quiet` slots at least behind each bit. Unlike in bound.py's program a large one shows when it comes,
as it does in fact.

Volumes are bytes of cells as the module counts them (UDP payload), of exchanges as the engine has
them: a request, and all that comes until the next. Times count from the request's last cell, so
that a padded request has its answer in an earlier slot.
"""
import copy
import math

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from . import JudgeError
from .bound import NO_DATA
from .program import edges

CELL_OVERHEAD = 29		# bytes of a cell that carry no block: kmod/core/wire.h
BLOCK_HEAD = 4			# of a packet in a cell
OUTER = 28			# IPv4 and UDP
STEPS = (256, 384, 576, 800)	# of sizes between the smallest and a cell of cover
EDGES = 32			# of a table, at most: kmod/core/exchange.h
STREAM_SLOTS = 9		# classes of times more, where there are streams
QUIET_MOST = 20			# slots of a silence that cover outlasts
WINDOW, WASTE = 10, .03		# cells of a first window; chaff over the bytes behind it
LATENCY_MOST, LINGER_MOST, SLOTS_MOST = 10, 255, 65535	# of a profile: s, slots, slots
SILENT, COVER, BURST = 0, 1, 2	# plans: kmod/core/exchange.h


class Settings:
    """Of the schedule, but for its tables. Times in seconds, sizes in bytes of UDP payload."""

    def __init__(self, rtt=.02, slot=.05, cell=1452, cover=1000, spread=4, small=144, every=4):
        self.cell, self.cover, self.spread, self.small = cell, cover, spread, small
        self.slot, self.every, self.idle = slot, every, 5.0
        self.reply = .006
        # A connection is closed with its answer: the end of that is there a path and a reply later.
        self.linger = math.ceil((rtt + self.reply) / slot)
        # A connection's first window of ten packets, in the time until its first acknowledgement;
        # and no faster growth than its window's, or chaff goes where data would, and is wasted.
        self.pace = min(max((rtt + 2 * self.reply) / 10, .001), .005)
        self.reply = max(self.reply, 2 * self.pace)
        self.start, self.grow = 1, 24
        self.sizes = sorted({small, cover, cell, *(s for s in STEPS if s > small)})
        self.most = 1
        self.quiet = 0

    def rounded(self, volume, least=0):
        """The next volume that one cell of some size makes, or full cells: a smaller one at the end
        would show a burst that went on beyond its first target."""
        if least < volume <= self.cell:
            return min(s for s in self.sizes if s >= volume)
        return max(1, math.ceil(volume / self.cell)) * self.cell

    def volume(self, payload):
        """Bytes of the cells that carry so many bytes of blocks. What TCP sends in several windows
        has some chaff between them."""
        volume = payload + (payload // (self.cell - CELL_OVERHEAD) + 1) * CELL_OVERHEAD
        return volume + int(WASTE * max(0, volume - WINDOW * self.cell))

    def seconds(self, begin, end):
        """Of a burst's steps from its byte `begin` to `end`."""
        t, n = 0.0, begin
        while n < end:
            n += (self.start + int(n / self.cell) // self.grow) * self.cell
            t += self.pace
        return t

    def refuse(self, rtt, spread):
        """An error if no profile can have them. spread: the largest that may be tried with this slot."""
        most = math.floor(1e3 * LATENCY_MOST / (2 * max(spread, self.spread) + 4))
        if self.slot < self.reply:
            raise JudgeError(f"--delay: {1e3 * self.slot:g}ms is too short for a slot, in which a reply leaves: "
                             f"{math.ceil(1e3 * self.reply)}ms at least, with this --rtt")
        if self.slot * (2 * self.spread + 4) > LATENCY_MOST:
            raise JudgeError(f"--delay: {1e3 * self.slot:g}ms is too long for a slot: an answer may wait for "
                             f"{2 * self.spread + 4}, and no packet for more than {LATENCY_MOST} s; {most}ms at "
                             "most")
        if self.linger > LINGER_MOST:
            raise JudgeError(f"--rtt: {1e3 * rtt:g}ms is longer than {LINGER_MOST} slots of --delay, "
                             f"{1e3 * self.slot:g}ms")

    # ---- bytes on the wire ----

    def wire(self, volume):
        return volume * (1 + OUTER / self.cell)

    def replies(self, volume):
        """Of who hears a burst."""
        return (volume / self.cell / self.every + 1) * (self.small + OUTER)

    def slot_bytes(self):
        """A cell of cover, and its reply."""
        return self.cover + OUTER + self.small + OUTER

    def lingering(self):
        """The cells behind an answer, and their replies."""
        return 2 * self.linger * (self.small + OUTER)


class Exchanges:
    """up, down: bytes of cells; wait: seconds from the last of the request to the first of the
    answer, at the other end; more: slots that cover takes for the answer beyond its first, -1 of a
    large answer; gap: slots of its longest silence; y: class; visit: number of its visit. All
    [exchanges]. stream: it takes more than `spread` slots of cover, for it comes bit by bit. slots:
    bytes of blocks of each slot of a stream that has some."""

    def __init__(self, spread, slots, *columns):
        self.up, self.wait, self.down, self.more, self.gap, self.y, self.visit = \
            map(np.asarray, columns)
        self.large = self.more < 0
        self.stream = self.more >= spread
        self.slots = np.concatenate([[], *(s for s, is_one in zip(slots, self.stream) if is_one)])

    def __len__(self):
        return len(self.y)

    def asked_small(self, settings):
        """These with requests that fit into a small cell."""
        other = copy.copy(self)
        other.up = np.full_like(self.up, settings.small)
        return other


def exchanges(ts, settings, rtt):
    """Those of a set. Packets of up to NO_DATA bytes go with replies, and are no part of one."""
    rows, slots = [], []
    for n, v in enumerate(ts.visits):
        data = np.flatnonzero(v.b > NO_DATA)
        d = v.d[data]
        begins = np.flatnonzero((d == 1) & (np.concatenate([[-1], d[:-1]]) == -1))
        for i, begin in enumerate(begins):
            end = begins[i + 1] if i + 1 < len(begins) else len(d)
            up, down = data[begin:end][d[begin:end] == 1], data[begin:end][d[begin:end] == -1]
            if not len(down):
                continue
            volume = [settings.volume(int(v.b[of].sum()) + BLOCK_HEAD * len(of))
                      for of in (up, down)]
            slots.append(in_slots(v.t[down], v.b[down] + BLOCK_HEAD, settings.slot))
            rows.append([volume[0], max(v.t[down[0]] - v.t[up[-1]] - rtt, 0), volume[1],
                         *covered(v.t[down], v.b[down] + BLOCK_HEAD, settings), ts.y[n], n])
    if not rows:
        raise JudgeError(f"{ts.name}: no request has an answer: there is nothing to fit to (packets of at "
                         f"most {NO_DATA} bytes are taken for acknowledgements)")
    return Exchanges(settings.spread, slots, *zip(*rows))


def in_slots(t, blocks, slot):
    """Bytes of each slot that has some."""
    n = np.bincount(slot_of(t, slot), blocks)
    return n[n > 0]


def slot_of(t, slot):
    """Numbers of the slots, from 0, that times in seconds fall into; the first is 0."""
    return ((t - t[0]) / slot + 1e-6).astype(int)


def covered(t, blocks, settings):
    """(slots beyond the first that cover takes for an answer whose packets come at `t`, -1 if too much
    waits at once; slots of the longest silence in it)."""
    room = settings.cover - CELL_OVERHEAD
    at = slot_of(t, settings.slot)
    slot, waits = 0, 0
    for i, n in zip(at, blocks):
        waits = max(0, waits - room * (i - slot))
        slot, waits = i, waits + n
        if waits > room * settings.spread:
            return -1, 0
    return slot + math.ceil(waits / room) - 1, int(np.diff(at).max(initial=0))


class Grid:
    """Edges of the classes: `up` and `down` in bytes of cells, `slots` in whole slots. fits: the
    number of the last class of volumes down that cover has room for. With small_requests the first
    edge up is theirs, whether there are some or not."""

    def __init__(self, ex, settings, classes, small_requests=False):
        def some(x, n, least=0):
            return {settings.rounded(e, least) for e in edges(x.astype(float), n)}
        most = settings.spread * settings.cover
        # Who answers sees whole cells only of the volume up: nothing is told apart below one, but
        # what fits into a small cell.
        asked = ex.up > settings.small
        up = some(ex.up[asked], classes[0], settings.cell) if asked.any() else {settings.cell}
        self.up = sorted(up | ({settings.small} if small_requests or not asked.all() else set()))
        small, large = (ex.down[of] for of in (ex.down <= most, ex.large))
        down = {min(e, most) for e in some(small, classes[2])} if len(small) else set()
        down |= {most} | (some(large, 3) if len(large) else set())
        if ex.stream.any():
            down.add(settings.rounded(int(ex.down[ex.stream].max() * 1.2)))
            settings.quiet = min(int(np.quantile(ex.gap[ex.stream], .995)), QUIET_MOST)
        self.down = sorted(down)
        first = np.maximum(1, np.ceil(ex.wait / settings.slot))
        slots = first + np.maximum(settings.spread - 1, ex.more)
        n = classes[1] + (STREAM_SLOTS if ex.stream.any() else 0)
        # Of where they end, and of where cover for a silence behind that does.
        slots = np.concatenate([slots, slots + settings.quiet])
        self.slots = sorted({1, 2, *(int(s) for s in edges(slots, n, .5))})
        for name in "up", "slots", "down":
            setattr(self, name, np.array(getattr(self, name)[-EDGES:]))
        self.fits = int(np.flatnonzero(self.down == most)[0])
        settings.most = int(self.slots[-1] * 2)
        settings.idle = max(settings.idle, (settings.most + settings.linger) * settings.slot)


class Program:
    """The program of some exchanges on a grid.

    A plan is settled at the request: (volume up, target, SILENT or COVER or BURST + a class down).
    A group is what happens then, the same for all exchanges that the engine cannot tell apart: the
    slot's class, the volume down's, and of cover, whether the answer is in the first slot. A column
    is a choice of a group. cost: bytes on the wire of an exchange.
    """

    def __init__(self, ex, settings, grid, bursts=True):
        self.settings, self.grid = settings, grid
        self.classes = int(ex.y.max()) + 1
        self.weight = 1 / np.bincount(ex.visit)[ex.visit]
        self.weight = self.weight / self.weight.sum()
        self.ex = ex
        self.a = np.searchsorted(grid.up, ex.up).clip(max=len(grid.up) - 1)
        self.c = np.searchsorted(grid.down, ex.down).clip(max=len(grid.down) - 1)
        self.plans, self.seen, self.groups, self.cols = {}, {}, [], []
        # What fills cover's place in the first slot: nothing more than cover, or a large volume.
        self.bursts = [grid.fits, *range(grid.fits + 1, len(grid.down) if bursts else 0)]
        for a in np.unique(self.a):
            of = np.flatnonzero(self.a == a)
            small = grid.up[a] <= settings.small
            for target in range(a, a + 1 if small else len(grid.up)):
                self._target(a, target, of, small)
        self.mass = np.array([g[1] for g in self.groups])
        self.plan_of = np.array([g[0] for g in self.groups])
        self.group = np.array([c[0] for c in self.cols])
        self.o = np.array([c[1] for c in self.cols])
        self.cost = np.array([c[2] for c in self.cols])

    def _target(self, a, target, of, small):
        s, g = self.settings, self.grid
        tail = s.seconds(g.up[a], g.up[target])
        slot = np.maximum(1, np.ceil(np.round((self.ex.wait[of] - tail) / s.slot, 6)))
        up = s.lingering() + (s.small + OUTER if small else
                              s.wire(g.up[target]) + s.replies(g.up[target]))
        last = len(g.slots) - 1
        at = np.searchsorted(g.slots, slot).clip(max=last)

        def of_burst(c):
            return s.wire(g.down[c]) + s.replies(g.down[c])

        def split(keys):
            out = {}
            for key, i in zip(keys, of):
                out.setdefault(key, np.zeros(self.classes))[self.ex.y[i]] += self.weight[i]
            return out.items()

        stream, large = self.ex.stream[of], self.ex.large[of]
        plan = self._plan(a, target, SILENT)
        # Each bit of a stream is a burst then, and its class as good as shown.
        bits = np.where(stream, np.searchsorted(g.slots, self.ex.more[of]).clip(max=last), 0)
        for (b, c, n, y), mass in split(zip(at, self.c[of], bits,
                                            np.where(stream, self.ex.y[of], -1))):
            self._group(plan, b, c, mass, [
                ((target, "stream", y), up + g.slots[n] * of_burst(0), b, c)] if y >= 0 else [
                ((target, b, to), up + of_burst(to), b, to) for to in range(c, len(g.down))])
        if small:
            return
        # Under cover the last of an answer's cells says how long it must last.
        ends = np.searchsorted(g.slots, slot + np.maximum(self.ex.more[of], 0)).clip(max=last)
        for v in self.bursts:
            plan = self._plan(a, target, COVER if v == g.fits else BURST + v)
            for (first, b, end, c, large_, stream_), mass in split(
                    zip(slot == 1, at, ends, self.c[of], large, stream)):
                least = min(np.searchsorted(g.slots, g.slots[end] + s.quiet * stream_), last)
                self._group(plan, end, c, mass, [
                    x for to in range(least, len(g.slots))
                    for x in self._covered(target, first, b, c, v, to, up, of_burst, large_)])

    def _covered(self, target, first, b, c, v, last, up, of_burst, large):
        """Choices of cover to the slot of class `last`: (what is seen, cost, slots, down)."""
        g = self.grid
        cover = up + g.slots[last] * self.settings.slot_bytes()
        spent = 0 if v == g.fits else of_burst(v)
        if large:
            for to in range(c, len(g.down)):
                if first:
                    yield (target, "cover", last, to), cover + of_burst(to), last, to
                else:
                    yield (target, "cover", last, v, b, to), cover + spent + of_burst(to), last, to
        elif first:
            for to in self.bursts:
                more = 0 if to == g.fits else of_burst(to)
                yield (target, "cover", last, to), cover + more, last, c if to == g.fits else max(c, to)
        else:
            yield (target, "cover", last, v), cover + spent, last, c

    def _plan(self, *key):
        return self.plans.setdefault(tuple(int(k) for k in key), len(self.plans))

    def _group(self, plan, b, c, mass, choices):
        self.groups.append((plan, mass, int(b), int(c)))
        for seen, cost, slots, down in choices:
            self.cols.append((len(self.groups) - 1, self.seen.setdefault(seen, len(self.seen)), cost,
                              int(slots), int(down)))

    def least(self):
        """Bytes on the wire of an exchange that the cheapest scheme takes."""
        each = np.minimum.reduceat(self.cost, np.flatnonzero(np.diff(self.group, prepend=-1)))
        plans = np.bincount(self.plan_of, each * self.mass.sum(1), len(self.plans))
        best = {}
        for (a, _, _), x in zip(self.plans, plans):
            best[a] = min(best.get(a, np.inf), x)
        return float(sum(best.values()))

    def solve(self, budget):
        """The scheme that leaves least for `budget` bytes on the wire an exchange: {"named", "paid",
        "z" [columns], "q" [plans]}. A budget that no scheme keeps is an error."""
        least = self.least()
        if budget < least:
            raise JudgeError(f"{budget:.0f} bytes an exchange are too few: with nothing hidden it "
                             f"takes {math.ceil(least)}")
        nv, nq, no, k = len(self.cols), len(self.plans), len(self.seen), self.classes
        mass = self.mass[self.group]
        col, cls = np.nonzero(mass)
        rows, row = np.unique(self.o[col] * k + cls, return_inverse=True)
        n, groups = len(rows), len(self.groups)
        roots = np.unique([p[0] for p in self.plans], return_inverse=True)[1]
        paid = mass.sum(1) * self.cost
        ub = csr_matrix((np.concatenate([mass[col, cls], -np.ones(n)]),
                         (np.concatenate([row, np.arange(n)]),
                          np.concatenate([col, nv + nq + rows // k]))), (n, nv + nq + no))
        price = csr_matrix(np.concatenate([paid / budget, np.zeros(nq + no)]))
        eq = csr_matrix((np.concatenate([np.ones(nv), -np.ones(groups), np.ones(nq)]),
                         (np.concatenate([self.group, np.arange(groups), groups + roots]),
                          np.concatenate([np.arange(nv), nv + self.plan_of, nv + np.arange(nq)]))),
                        (groups + roots.max() + 1, nv + nq + no))
        r = linprog(np.concatenate([np.zeros(nv + nq), np.ones(no)]), A_ub=vstack([ub, price]),
                    b_ub=np.concatenate([np.zeros(n), [1.0]]), A_eq=eq,
                    b_eq=np.concatenate([np.zeros(groups), np.ones(roots.max() + 1)]),
                    bounds=(0, None), method="highs-ipm")
        if r.status != 0:
            raise JudgeError(f"the linear program of {nv} columns was not solved: {r.message}")
        z, q = np.maximum(r.x[:nv], 0), np.maximum(r.x[nv:nv + nq], 0)
        return {"named": float(r.fun), "paid": float(paid @ z), "z": z, "q": q}

    def tables(self, found, tiny=1e-5):
        """The scheme as the module's tables: {"ask": {a: {target: chance}}, "plan": {(a, target):
        {plan: chance}}, "answer": {(a, target, plan, slots, down): {(slots, down): chance}}}."""
        out = {"ask": {}, "plan": {}, "answer": {}}
        for (a, target, plan), q in zip(self.plans, found["q"]):
            if q > tiny and self.grid.up[a] > self.settings.small:
                ask = out["ask"].setdefault(a, {})
                ask[target] = ask.get(target, 0) + q
                out["plan"].setdefault((a, target), {})[plan] = q
        keys, mass = list(self.plans), self.mass.sum(1)
        for (group, _, _, slots, down), z in zip(self.cols, found["z"]):
            plan, _, b, c = self.groups[group]
            if z > tiny and found["q"][plan] > tiny:
                row = out["answer"].setdefault((*keys[plan], b, c), {})
                row[slots, down] = row.get((slots, down), 0) + z * mass[group]
        return out


def joined(tables):
    """Tables of programs on one grid, as one."""
    first, *others = tables
    for other in others:
        for name, rows in other.items():
            first[name].update(rows)
    return first


# ---- the profile's text ----

def _row(chances, word, tiny=2e-3):
    """`word chance, ...`, in thousandths of a percent that sum to 100 %; rare ones are left out."""
    total = sum(chances.values())
    # In one order, for a stream draws with one number in row after row.
    kept = sorted(k for k, x in chances.items() if x / total > tiny)
    total = sum(chances[k] for k in kept)
    parts = [round(1e5 * chances[k] / total) for k in kept]
    parts[max(range(len(parts)), key=parts.__getitem__)] += 10**5 - sum(parts)
    return ", ".join(f"{word(k)} {n / 1000:g}%" for k, n in zip(kept, parts) if n)


def _ms(seconds):
    return f"{round(seconds * 1e6)} us"


def text(name, about, settings, grid, tables, comment=""):
    """The profile."""
    s, up, down, slots = settings, grid.up, grid.down, grid.slots

    def plan(p):
        return ("silent", "cover")[p] if p < BURST else str(down[p - BURST])

    def listed(x):
        return ", ".join(map(str, x))
    lines = [*(f"# {line}".rstrip() for line in comment.splitlines()),
             "[Profile]", f"Name = {name}", f"About = {about}", "",
             "[Sizes]", f"Cell = {listed(s.sizes)}", "",
             "[Schedule]", "Kind = exchange", f"Small = {s.small} bytes", f"Cover = {s.cover} bytes",
             f"Pace = {_ms(s.pace)}", f"Start = {s.start}", f"Grow = {s.grow} cells",
             f"Every = {s.every} cells", f"Reply = {_ms(s.reply)}", f"Slot = {_ms(s.slot)}",
             f"Spread = {s.spread} slots", f"Linger = {s.linger} slots", f"Most = {s.most} slots",
             f"Idle = {s.idle:g} s", f"Up = {listed(up)}", f"Down = {listed(down)}",
             f"Slots = {listed(slots)}", "",
             "[Link]", f"Latency = {math.ceil(s.slot * 1e3 * (2 * s.spread + 4))} ms", "", "[Ask]"]
    for a, x in sorted(tables["ask"].items()):
        lines.append(f"{up[a]} = {_row(x, lambda k: up[k])}")
    lines += ["", "[Plan]"]
    for (a, target), x in sorted(tables["plan"].items()):
        lines.append(f"{up[a]} {up[target]} = {_row(x, plan)}")
    lines += ["", "[Answer]"]
    for (a, target, p, b, c), x in sorted(tables["answer"].items()):
        lines.append(f"{up[a]} {up[target]} {plan(p)} {slots[b]} {down[c]} = "
                     f"{_row(x, lambda k: f'{slots[k[0]]} {down[k[1]]}')}")
    return "\n".join(lines) + "\n"
