# SPDX-License-Identifier: GPL-2.0
"""A profile for one's own traffic: tables by exchange.py's program, at a price that the simulator
confirms, judged on visits of other groups than those that they were made from.
"""
import math
import os
import re
import tempfile

import numpy as np

from . import JudgeError, exchange, made, run
from .bound import NO_DATA, bound
from .defend import Link, input_file, of_visit
from .traces import crossed

FEWEST = 20			# visits of a class
# Of volumes up, of times, of volumes down: where little may be spent, rounding up costs too much.
CLASSES = ((.6, (30, 6, 8)), (math.inf, (16, 7, 7)))
COVERS = ((1000, 4), (576, 7), (1452, 3))	# bytes of a cell of cover, and slots of an answer
STREAM_COVER = 4, (.6, .9), 16	# slots; parts of a stream's slots that a cell holds; bytes of a step
REPLY = 144			# bytes of a reply that takes two acknowledgements over IPv4
ROUNDS = 6			# of the search for the price
SLACK = .01			# of a price that is kept
# Of `unfitted`: visits of each class of the workload "spread", classes, cover and its slots, and
# large cells that a reply is for.
SPREAD_VISITS, SPREAD_CLASSES, SPREAD_COVER, SPREAD_EVERY = 6, (24, 8, 6), (576, 7), 2
# Of a reply that takes two acknowledgements over IPv6, up to a price: for more, what may go without cover
# is kept small instead.
SPREAD_SMALL = 1, 192
UNUSED = .05			# of the price: what is left is told
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}$")


class TooFew(JudgeError):
    """No tables take so few bytes. least: the fewest whole per cents that these take."""

    def __init__(self, name, price, least):
        super().__init__(f"{name}: {100 * price:g} % are too few: cells, replies and rounding alone take "
                         f"{least} %")
        self.least = least


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


def reply(ts):
    """Bytes of a small cell that takes two of the acknowledgements that are most frequent in the set:
    over IPv6 they are larger."""
    sizes, counts = np.unique(np.concatenate([v.b[v.b <= NO_DATA] for v in ts.visits]),
                              return_counts=True)
    two = 2 * (sizes[counts.argmax()] + exchange.BLOCK_HEAD) if len(sizes) else 0
    return max(REPLY, 8 * math.ceil((exchange.CELL_OVERHEAD + two) / 8))


class Maker:
    """Makes tables of a set, and tries them in the simulator."""

    def __init__(self, ts, rtt, slot, header, seed, cache):
        self.ts, self.rtt, self.slot, self.cache = ts, rtt, slot, cache
        # Played as they were, acknowledgements would come before what they are for, and show; a stream's
        # parts wait for none, and would be ever later. What it costs in the kernel is nearer to that of
        # packets which do not wait.
        self.link = Link(None, rtt, None, seed, 1, header)
        self.judged = Link(None, rtt, None, seed, 1, header, react=not stream_covers(ts, rtt, slot))
        self.base = float(np.mean([v.b.sum() + header * len(v) for v in ts.visits]))

    def program(self, cover, spread, small, price):
        # A connection acknowledges each packet at first, and two are in a reply.
        settings = exchange.Settings(self.rtt, self.slot, cover=cover, spread=spread, small=small,
                                     every=4 if price <= CLASSES[0][0] else 2)
        settings.refuse(self.rtt, max(n for _, n in COVERS))
        ex = self._exchanges(settings)
        classes = next(c for most, c in CLASSES if price <= most)
        grid = exchange.Grid(ex, settings, classes)
        if settings.most > exchange.SLOTS_MOST:
            raise JudgeError(f"{self.ts.name}: answers last until {settings.most / 2 * self.slot:.0f} s behind "
                             f"their requests, which takes {settings.most} slots of --delay, "
                             f"{1e3 * self.slot:g}ms; a profile has {exchange.SLOTS_MOST} at most: are its "
                             "times in ms?")
        return exchange.Program(ex, settings, grid)

    def spread(self, small):
        """The programs of the requests of a set that has all sizes, and of the same if they were small:
        finer classes, and no chaff as large as the largest answers."""
        cover, slots = SPREAD_COVER
        settings = exchange.Settings(self.rtt, self.slot, cover=cover, spread=slots, small=small,
                                     every=SPREAD_EVERY)
        settings.refuse(self.rtt, max(n for _, n in COVERS))
        ex = self._exchanges(settings)
        grid = exchange.Grid(ex, settings, SPREAD_CLASSES, small_requests=True)
        return [exchange.Program(x, settings, grid, bursts=False)
                for x in (ex, ex.asked_small(settings))]

    def _exchanges(self, settings):
        ex = exchange.exchanges(self.ts, settings, self.rtt)
        self.each = len(ex) / len(self.ts)		# exchanges of a visit
        self.asked_small = float(np.mean(ex.up <= settings.small))
        self.streams = float(ex.stream.mean())
        return ex

    def played(self, text, folder):
        """(bytes more, delays in ms) in the simulator."""
        path = os.path.join(folder, "try.profile")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        try:
            said = self.link.run(path, input_file(self.ts, self.cache), "--tail", "2s")["both"]
        except JudgeError as e:
            # The profile is none of the user's; what it was made by is.
            m = re.search(r"try\.profile:\d+: (.*)", str(e))
            raise JudgeError(f"{self.ts.name}: no profile can be made with --delay {1e3 * self.slot:g}ms, "
                             f"--rtt {1e3 * self.rtt:g}ms: {m[1]}") if m else of_visit(self.ts, e) from None
        if not said["sent_bytes"]:
            raise JudgeError(f"{self.ts.name}: nothing was sent in the simulator")
        return said["wire_bytes"] / said["sent_bytes"] - 1, \
            {k: said["delay"][f"{k}_ns"] / 1e6 for k in ("p50", "p99", "max")}

    def once(self, programs, budgets, name, about, folder, comment=""):
        """Tables for so many bytes on the wire an exchange, as the programs of one grid count them."""
        found = [p.solve(b) for p, b in zip(programs, budgets)]
        tables = exchange.joined(p.tables(f) for p, f in zip(programs, found))
        text = exchange.text(name, about, programs[0].settings, programs[0].grid, tables, comment)
        over, delay = self.played(text, folder)
        return {"text": text, "named": max(f["named"] for f in found), "overhead": over, "delay_ms": delay,
                "rows": sum(len(t) for t in tables.values())}

    def at(self, program, price, name, about, folder, comment="", progress=None, enough=False):
        """Tables that take `price` times the bytes more, as nearly as ROUNDS steps come, and not
        more: {"text", "named", "overhead", "delay_ms", "rows"}. Else TooFew. enough: any that do not take more."""
        budget, best, low, high = self.base * (1 + price) / self.each, None, None, None
        least = program.least()
        for n in range(ROUNDS):
            if progress:
                progress(n / ROUNDS, f"round {n + 1} of at most {ROUNDS}")
            one = self.once([program], [max(budget, least * 1.0005)], name, about, folder, comment)
            over = one["overhead"]
            if over <= price:
                low = budget, over
                if not best or over > best["overhead"]:
                    best = one
                if enough or over > price - SLACK or budget > 30 * self.base:
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
            raise TooFew(self.ts.name, price, math.ceil(100 * high[1]))
        return best


def stream_covers(ts, rtt, slot):
    """(bytes of a cell, slots of an answer) of cover to try where most answers come bit by bit: cells
    that carry what comes of them in a slot. Else none."""
    spread, parts, step = STREAM_COVER
    settings = exchange.Settings(rtt, slot, cover=COVERS[0][0], spread=spread)
    ex = exchange.exchanges(ts, settings, rtt)
    if ex.stream.mean() < .5:
        return []
    cells = np.ceil((np.quantile(ex.slots, parts) + exchange.CELL_OVERHEAD) / step) * step
    return [(c, spread) for c in np.clip(cells, 2 * settings.small, settings.cell).astype(int).tolist()]


def chosen(maker, price, small, progress):
    """The program of the cell of cover that leaves least at the price."""
    best = None
    for n, (cover, spread) in enumerate(COVERS):
        progress(n / len(COVERS), f"cover of {cover} bytes")
        p = maker.program(cover, spread, small, price)
        budget, least = maker.base * (1 + price) / maker.each, p.least() * 1.001
        # What costs more than the price with nothing hidden is taken only for want of another.
        left = max(1, least / budget), p.solve(max(budget, least))["named"]
        if not best or left < best[0]:
            best = left, p
    return best[1]


def tried(maker, price, small, name, about, folder, comment, progress, enough=False):
    """(tables at the price, their settings). Where answers come bit by bit, all sizes of cover for such
    are tried in the simulator: what acknowledgements take is not in the program."""
    streams = stream_covers(maker.ts, maker.rtt, maker.slot)
    best, refused = None, None
    for n, (cover, spread) in enumerate(streams):
        program = maker.program(cover, spread, small, price)
        try:
            one = maker.at(program, price, name, about, folder, comment, run.part(progress, n, len(streams)),
                           enough)
        except TooFew as e:
            refused = min(refused or e, e, key=lambda e: e.least)
            continue
        if not best or one["named"] < best[0]["named"]:
            best = one, program.settings
    if refused and not best:
        raise refused
    if best:
        return best
    program = chosen(maker, price, small, run.part(progress, 0, 2))
    return maker.at(program, price, name, about, folder, comment, run.part(progress, 1, 2),
                    enough), program.settings


def made_at(makers, price, small, name, about, folder, comment, progress, enough=False):
    """(tables of the whole set at the price, their settings, tables of its half or None). makers: of the
    whole, and of the half or None. TooFew if either takes more."""
    whole, half = makers
    one, s = tried(whole, price, small, name, about, folder, comment, run.part(progress, 0, 2),
                   enough)
    other = half and half.at(half.program(s.cover, s.spread, small, price), price, name, about, folder,
                             progress=run.part(progress, 1, 2), enough=enough)
    return one, s, other


def least_price(makers, refused, small, folder, progress):
    """The refusal with a price that is not refused: what tables take at least goes with the price, which
    settles their classes and replies."""
    least, more = refused.least, 1
    while True:
        progress(0, f"are {least} % enough?")
        try:
            made_at(makers, least / 100, small, "try", "try", folder, "", progress, True)
            return least
        except TooFew as e:
            least, more = max(e.least, least + more), 2 * more


def sooner(ts, rtt):
    """(visits of which the first that comes does so sooner than a round trip behind the first that
    was sent, the shortest such time): the simulator takes it for no answer."""
    trips = []
    for v in ts.visits:
        sent = v.t[v.d > 0]
        came = v.t[(v.d < 0) & (v.t > sent[0])] if len(sent) else sent
        if len(came):
            trips.append(came[0] - sent[0])
    return sum(t < rtt for t in trips), min(trips, default=0)


def fit(ts, price, slot, rtt, name, attacks, header=0, small=None, repeats=5, seed=1, cache=None,
        progress=None):
    """(text of the profile, report): see rtpl-judge(1)."""
    if not NAME.match(name):
        raise JudgeError(f"{name}: no name of a profile: a-z, 0-9 and \"-\", at most 31")
    enough(ts)
    small = small or reply(ts)
    about = f"fitted to {ts.name[:40]}: {100 * price:g} % more bytes, slots of {1e3 * slot:g} ms"
    parts = halves(ts)
    chance = float(np.bincount(ts.y).max() / len(ts))
    report = {"set": ts.name, "digest": ts.digest(), "visits": len(ts), "classes": ts.classes,
              "chance": chance, "bytes": price, "slot_ms": slot * 1e3, "rtt_ms": rtt * 1e3,
              "name": name, "seed": seed, "held_out": None}
    judging = [1] * (1 + len(attacks)) * 2 if parts else []
    progress = run.Shares(progress, [len(judging) or 4, *judging, 1])
    with tempfile.TemporaryDirectory(prefix="rtpl-judge.") as folder:
        progress.step(f"{ts.name}: tables")
        maker = Maker(ts, rtt, slot, header, seed, cache)
        half = Maker(ts.take(parts[0]), rtt, slot, header, seed, cache) if parts else None
        comment = f"{about}; made by rtpl-judge fit from {len(ts)} visits of {len(ts.classes)} classes."
        try:
            one, s, other = made_at((maker, half), price, small, name, about, folder, comment, progress)
        except TooFew as e:
            raise TooFew(ts.name, price, least_price((maker, half), e, small, folder, progress)) from None
        report |= {k: one[k] for k in ("named", "overhead", "delay_ms", "rows")}
        report |= {"cover": {"bytes": s.cover, "slots": s.spread}, "small": s.small,
                   "asked_small": maker.asked_small, "streams": maker.streams, "exchanges": maker.each}
        if parts:
            test = ts.take(parts[1])
            over, delay = Maker(test, rtt, slot, header, seed, cache).played(other["text"], folder)
            path = os.path.join(folder, f"{name}.profile")
            with open(path, "w", encoding="utf-8") as f:
                f.write(other["text"])
            judged = run.judge(test, path, half.judged, attacks, repeats, seed, cache, progress,
                               measures=False)
            plain = run.judge(test, "none", half.judged, attacks, repeats, seed, cache, progress,
                              measures=False)
            report["held_out"] = {
                "made_from": len(half.ts), "judged_on": len(test), "named": other["named"],
                "react": half.judged.react,
                "attacks": {k: a["accuracy"] for k, a in judged["attacks"].items()},
                "undefended": {k: a["accuracy"] for k, a in plain["attacks"].items()},
                "bits": {k: a["bounds"]["cross_entropy"] for k, a in judged["attacks"].items()},
                "overhead": over, "delay_ms": delay}
        progress.step(f"{ts.name}: bound")
        row = bound(ts, (price,), slot, seed=seed)["rows"][0]
        report["bound"] = {"named": row["named"], "least": row["least"]}
    return one["text"], report


def unfitted(price, slot, rtt, name, header=0, seed=1, cache=None, progress=None):
    """(text of the profile, report) for traffic that nothing is known of: requests, waits, answers and
    streams of all sizes, evenly in logarithms, each a class of its own. What is made least is then
    the sum, over all that can be seen, of the greatest chance that anything shows as that: maximal
    leakage (Issa, Wagner, Kamath, "An Operational Approach to Information Leakage", IEEE Trans. IT
    2020), which bounds how much better than before anything about the traffic can be guessed."""
    if not NAME.match(name):
        raise JudgeError(f"{name}: no name of a profile: a-z, 0-9 and \"-\", at most 31")
    ts = made.planned("spread", SPREAD_VISITS, seed)
    small = SPREAD_SMALL[1] if price <= SPREAD_SMALL[0] else REPLY
    about = f"unfitted: {100 * price:g} % more bytes of all sizes alike, slots of {1e3 * slot:g} ms"
    with tempfile.TemporaryDirectory(prefix="rtpl-judge.") as folder:
        progress.step("spread: tables")
        maker = Maker(ts, rtt, slot, header, seed, cache)
        large, asked_small = maker.spread(small)
        # By the program's count. What other sets take is another matter, and theirs to be measured.
        budget = max(maker.base * (1 + price) / maker.each, large.least() * 1.0005)
        # As many times what they take with nothing hidden.
        other = budget / large.least() * asked_small.least()
        one = maker.once((large, asked_small), (budget, other), name, about, folder,
                         f"{about}; made by rtpl-judge fit --unfitted.")
    cover, slots = SPREAD_COVER
    return one["text"], {
        "set": ts.name, "digest": ts.digest(), "visits": len(ts), "classes": ts.classes,
        "chance": 1 / len(ts.classes), "bytes": price, "slot_ms": slot * 1e3, "rtt_ms": rtt * 1e3,
        "name": name, "seed": seed, "small": small, "held_out": None, "bound": None,
        "unfitted": True,
        "cover": {"bytes": cover, "slots": slots},
        **{k: one[k] for k in ("named", "overhead", "delay_ms", "rows")}}


def _judged(r, held):
    """Of what other visits than the tables' show."""
    lines = [f"judged: another profile, made from {held['made_from']} visits of half of the groups (the one "
             f"that is written is made from all {r['visits']}), on the {held['judged_on']} others: "
             f"{100 * held['overhead']:.1f} % more bytes, 99 % wait at most {held['delay_ms']['p99']:.1f} ms; " +
             ("played with --react" if held["react"] else
              "played without --react, for the parts of streams wait for nothing")]
    for name, a in held["attacks"].items():
        lines.append(f"  {name:8} names {100 * a['mean']:.1f} % ({100 * a['low']:.1f} to "
                     f"{100 * a['high']:.1f}), undefended "
                     f"{100 * held['undefended'][name]['mean']:.1f}")
    left, plain = (max(held[k].values(), key=lambda a: a["mean"]) for k in ("attacks", "undefended"))
    if left["high"] >= plain["mean"]:
        lines.append("nothing that is sure is hidden: the strongest of them names no fewer within "
                     "its interval")
    if max(a["low"] for a in held["attacks"].values()) > held["named"]:
        why = [x for x, true in (
            (f"{100 * r['streams']:.0f} of 100 answers come bit by bit", r["streams"] > .05),
            (f"a visit has {r['exchanges']:.1f} exchanges, which attacks see together", r["exchanges"] > 1.1))
               if true] or ["attacks see more than what the tables are made to show"]
        lines.append(f"attacks name more than the {100 * held['named']:.1f} % that the judged tables leave: "
                     f"that figure does not hold for this set ({'; '.join(why)})")
    return lines


def text(report):
    """For a terminal."""
    r, held = report, report["held_out"]
    most = f"{100 * r['bytes']:g} by the program's count" if r.get("unfitted") else \
        f"at most {100 * r['bytes']:g}"
    lines = [f"{r['name']}: from {r['visits']} visits of {len(r['classes'])} classes of {r['set']}; "
             f"{r['rows']} rows, cover of {r['cover']['bytes']} bytes a slot of {r['slot_ms']:g} ms, "
             f"replies of {r['small']} bytes",
             f"bytes: {100 * r['overhead']:.1f} % more in the simulator ({most}); packets wait "
             f"{r['delay_ms']['p50']:.1f} ms (median), "
             f"{r['delay_ms']['p99']:.1f} (99 %), {r['delay_ms']['max']:.0f} (most)",
             f"its tables leave {100 * r['named']:.1f} % of exchanges to who sees what they are made "
             f"to show; " + (f"bound at this price {100 * r['bound']['named']:.1f} %, "
                             if r["bound"] else "") + f"chance {100 * r['chance']:.1f} %"]
    if not r.get("unfitted") and r["bytes"] - r["overhead"] > UNUSED:
        lines.append(f"{100 * (r['bytes'] - r['overhead']):.0f} % of the bytes are not used: " +
                     (f"requests that fit into a small cell ({100 * r['asked_small']:.0f} of 100 here) have no "
                      "cover" if r["asked_small"] else "the tables have no use for them"))
    if r.get("unfitted"):
        lines.append("for traffic that nothing is known of: judge it on some of your own "
                     "(rtpl-judge run), or fit to that")
    elif held:
        lines += _judged(r, held)
    else:
        lines.append("not judged: fewer than four groups, or not every class in each: nothing is "
                     "known of other visits than these")
    return "\n".join(lines) + "\n"
