# SPDX-License-Identifier: GPL-2.0
"""Defended traces: what an observer sees when a set's traffic goes through a profile.

The simulator runs the module's own code (rtplctl-sim(8)). The observer at the client watches a
window that is the same for every visit, so that a link that never stops has no end to see; it
begins when the visit does, which the observer is told: more than a real one knows.

In a set of an aggregate (traces.py) the link carries other clients' packets before the visit, so that
its schedule is where that load brings it, and packets react to what they answer. How long the
clients' requests took is part of the costs.

The window is of the profile: by it nine in ten visits have all their data through, as the profile
delays it, and the link has fallen silent behind them, if it ever does. A window of the undefended
visits would end while a profile that delays still sends, and call safe what is only late.
"""
import copy
import hashlib
import json
import math
import os
import re
import shutil
import subprocess
import tempfile

import numpy as np

from . import JudgeError, registry
from .traces import TraceSet, Visit, crossed

BEFORE = 1.0			# s that the link is up before the visit
BEHIND = 20.0			# s after the last data in which a link falls silent, or never does
LISTENED = 40			# visits by which that is told
AGGREGATE = 1.5			# s of an aggregate that are watched
MOST_CELLS = 120 * 10**6	# of a defended set: 16 bytes on disk, 13 in memory; more: fewer visits
RECORD = np.dtype([("trace", "<u4"), ("bytes", "<i4"), ("ns", "<u8")])
TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def simulator():
    """The path of rtpl-sim: $RTPL_SIM, the tree's, or the installed one."""
    for path in (os.environ.get("RTPL_SIM"), os.path.join(TOP, "tools", "sim", "rtpl-sim"),
                 "/usr/libexec/rtpl/rtpl-sim", "/usr/local/libexec/rtpl/rtpl-sim"):
        if path and os.access(path, os.X_OK):
            return path
    path = shutil.which("rtpl-sim")
    if path:
        return path
    raise JudgeError("rtpl-sim is not there: `make userland` builds it")


def _file_digest(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def is_file(profile):
    """Is it the name of a file, by the simulator's rule?"""
    return "/" in profile or "." in profile


class Link:
    """How visits are played.

    rtt: s, there and back; window: s that are watched, None for each profile's own
    (watching()); rate: bits/s of the bottleneck, or None; seed: of all chance in the defence;
    copies: how often each visit is played, each time with other chance; header: bytes that each
    packet has besides (40 for records of TLS); fair: flows share the link fairly, small ones first;
    react: packets wait for what they answer or acknowledge, as an aggregate's do anyway
    """

    def __init__(self, window=None, rtt=.04, rate=None, seed=1, copies=1, header=0, fair=False,
                 react=False):
        self.window = None if window is None else float(window)
        self.rtt, self.rate = float(rtt), rate
        self.seed, self.copies, self.header = int(seed), int(copies), int(header)
        self.fair, self.react = bool(fair), bool(react)
        self.sim = simulator()
        self.sim_digest = _file_digest(self.sim)

    def options(self, ts=None):
        out = ["--rtt", f"{round(self.rtt * 1e6)}us"]
        if self.rate:
            out += ["--link-rate", str(int(self.rate))]
        if self.header:
            out += ["--header-bytes", str(self.header)]
        return out + ["--fair"] * self.fair + ["--react"] * (self.react or (ts is not None and ts.flows))

    def key(self, ts, profile):
        """What a defended set follows from."""
        return {**self.whole_key(ts, profile), "before": before(ts), "window": self.window,
                "copies": self.copies}

    def whole_key(self, ts, profile):
        """What it costs, and how long visits last: no window has a part in it."""
        text = _file_digest(profile) if is_file(profile) else profile
        return {"set": ts.digest(), "profile": text, "sim": self.sim_digest,
                "options": self.options(ts), "seed": self.seed}

    def run(self, profile, source, *options, seed=0):
        """Plays the collection `source`; the simulator's JSON of all traces."""
        return self.lines(profile, source, *options, seed=seed)[-1]

    def lines(self, profile, source, *options, seed=0, ts=None):
        """The simulator's JSON objects: with --each of each trace, then of all. ts: the set that the
        source is of."""
        cmd = [self.sim, "-j", "--profile", profile, "--seed", str(self.seed + seed),
               *self.options(ts), *options, source]
        r = subprocess.run(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if r.returncode:
            raise JudgeError(f"{os.path.basename(profile)}: " +
                             (r.stderr.strip().splitlines() or ["the simulator failed"])[-1])
        return [json.loads(line) for line in r.stdout.strip().splitlines()]


def before(ts):
    """Seconds that the link is up before the first packet. What an aggregate's link had to do before
    it is not nothing: it begins with the packets."""
    return 0.0 if ts.flows else BEFORE


def input_file(ts, cache):
    """The set as a collection that the simulator reads."""
    return cache.made("set", {"set": ts.digest()}, "csv", ts.write)


def of_visit(ts, error):
    """An error of the simulator in a line of the cache's own file, as one that names the visit; any
    other as it is."""
    # The simulator hides what might be a key in a name, as the digest in this one.
    m = re.search(r"sim: \S*\.csv:(\d+): (.*)", str(error))
    if not m:
        return error
    row = int(m[1]) - 2			# the first line has the columns' names
    ends = np.cumsum([len(v) for v in ts.visits])
    n = min(int(np.searchsorted(ends, row, "right")), len(ts) - 1)
    at = row - (int(ends[n]) - len(ts.visits[n])) + 1
    return JudgeError(f"{ts.name}: visit {'/'.join(ts.visits[n].key)}, packet {at}: {m[2]}")


def _play(ts, profile, link, cache, *options, seed=0):
    """As Link.lines(); an error in a line of the cache's own file names the visit instead."""
    source = input_file(ts, cache)
    try:
        return link.lines(profile, source, *options, seed=seed, ts=ts)
    except JudgeError as e:
        raise of_visit(ts, e) from None


PALETTE = re.compile(r"palette-(\d{1,3})$")


def ends_by(seconds):
    """A window by which nine in ten visits have ended, and a second more; whole seconds."""
    return float(math.ceil(np.quantile(seconds, .9)) + 1)


def _palette(ts, k, link, cache):
    """(visits to their end, costs) of a defence that is none of the engine's, by palette.py. What
    it learns from visits is what fits a window of theirs undefended: it knows no other."""
    from . import palette
    cell = int(max(v.b.max() for v in ts.visits if len(v)))
    window = ends_by([v.seconds for v in ts.visits])
    key = {"set": ts.digest(), "palette": k, "window": window, "seed": link.seed,
           "rtt": link.rtt, "cell": cell, "source": registry.source("palette")}
    made = []

    def make():
        if not made:
            made.append(palette.defend(ts, window, k, link.seed, link.rtt, cell))
        return made[0]

    def write(path):
        seen = make()[0].visits
        a = np.zeros(sum(map(len, seen)), RECORD)
        a["trace"] = np.repeat(np.arange(len(seen)), [len(v) for v in seen])
        a["bytes"] = np.concatenate([v.d.astype(np.int32) * v.b for v in seen])
        a["ns"] = np.round((np.concatenate([v.t for v in seen]) + BEFORE) * 1e9)
        a.tofile(path)
    path = cache.made("cells", key, "cells", write)
    return read_cells(path, ts, None), cache.value("costs", key, lambda: make()[1])


def _played(ts, profile, link, cache):
    """Visits from first to last packet through a profile of the engine's: {"whole": the simulator's
    sums, "each": [[s until its last data came, cells until then], a visit]}."""
    def make():
        *each, whole = _play(ts, profile, link, cache, "--each")
        if [(e["class"], e["group"], e["visit"]) for e in each] != [v.key for v in ts.visits]:
            raise JudgeError(f"{ts.name}: the simulator sees other visits than there are")
        return {"whole": whole, "each": [
            [e["seconds"] + e["late"]["seconds"], e["both"]["cells"] + e["both"]["chaff"]]
            for e in each]}
    return cache.value("played", {**link.whole_key(ts, profile), "source": registry.source("defend")}, make)


def lasting(ts, profile, link, cache):
    """{key of a visit: (s from its start until all its data has come, cells until then)}. Where
    the link is not the engine's, until the last packet."""
    palette = PALETTE.match(profile)
    if profile == "none" or palette:
        visits = _palette(ts, int(palette[1]), link, cache)[0] if palette else ts.visits
        return {v.key: (float(v.t[-1]) if len(v) else 0.0, len(v)) for v in visits}
    each = _played(ts, profile, link, cache)["each"]
    return {v.key: (e[0] - v.preceding, e[1]) for v, e in zip(ts.visits, each)}


def _silence(ts, profile, link, cache):
    """[s from the last data to the last cell, a visit], of a few visits; 0 where the link goes on
    for BEHIND, and has no end to see."""
    few = thin(ts, LISTENED, link.seed)

    def make():
        with tempfile.TemporaryDirectory(prefix="rtpl-judge.") as tmp:
            path = os.path.join(tmp, "out.cells")
            *each, _ = _play(few, profile, link, cache, "--each", "--tail",
                                  f"{BEHIND:g}s", "--out", path)
            a = np.fromfile(path, RECORD)
        last = np.zeros(len(few))
        np.maximum.at(last, a["trace"], a["ns"] * 1e-9)
        more = last - [e["seconds"] + e["late"]["seconds"] for e in each]
        return [float(x) if 0 < x < BEHIND - 1 else 0.0 for x in more]
    return cache.value("silence", {**link.whole_key(few, profile), "behind": BEHIND}, make)


def watching(ts, profile, link, cache):
    """The same link with a window: its own, or that of the set through this profile."""
    if link.window is not None:
        return link
    out = copy.copy(link)
    if ts.flows:			# an aggregate has no end
        out.window = AGGREGATE
        return out
    ends = np.array([s for s, _ in lasting(ts, profile, link, cache).values()])
    if profile != "none" and not PALETTE.match(profile):
        ends += np.quantile(_silence(ts, profile, link, cache), .9)
    out.window = ends_by(ends)
    return out


def cut_off(lasts, visits, window):
    """What the window hides of `visits`, by lasting(): {"visits": the share that had not ended,
    "cells": of all cells until their ends, the share that came behind the window}. None: others' visits
    go on anyway."""
    if any(v.f is not None for v in visits):
        return {"visits": None, "cells": None}
    over = cells = gone = 0
    for v in visits:
        seconds, n = lasts[v.key]
        cells += n
        if seconds > window:
            over += 1
            gone += max(0, n - len(v))
    return {"visits": over / max(1, len(visits)), "cells": gone / max(1, cells)}


def _parts(said, traces):
    """Shares of what the simulator counted, over the bytes of the packets that left; None where
    none did. Of chaff its bytes a visit, too."""
    sent, over = said["sent_bytes"], said["overhead"]
    return {"overhead": said["wire_bytes"] / sent - 1 if sent else None,
            **{what: over[f"{key}_bytes"] / sent if sent else None for what, key in
               (("padding", "padding"), ("chaff", "chaff"), ("headers", "header"))},
            "chaff_bytes": over["chaff_bytes"] / (traces or 1)}


def _costs(said):
    """Of the simulator's JSON: see costs()."""
    both, traces = said["both"], said["traces"]
    lost = [sum(x[what] for x in both["drops"].values()) + both["not_sent"][what]
            for what in ("packets", "bytes")]
    late = lost[0] / (both["packets"] or 1)
    delay = {k: both["delay"][f"{k}_ns"] / 1e6 for k in ("p50", "p99", "max", "mean")}
    # A packet that is dropped never comes: it waited longest.
    for k, share in ("p50", .5), ("p99", .01):
        if late >= share:
            delay[k] = delay["max"]
    return {**_parts(both, traces), "late": late, "dropped_bytes": lost[1] / (both["bytes"] or 1),
            "delay_ms": delay, "directions": {word: _parts(said[end], traces) for word, end in
                                              (("up", "client"), ("down", "server"))},
            **({"requests": said["requests"]} if "requests" in said else {})}


def costs(ts, profile, link, cache):
    """What the profile costs on this set, while visits last (from first to last packet): bytes
    on the wire over those of the packets that left, less one, and what of it is padding, chaff,
    headers, of each direction, too; how long packets waited (ms; those that were dropped as long
    as any); the share of packets and of bytes that was dropped or not sent."""
    if profile == "none":
        return {"overhead": None, "padding": 0, "chaff": 0, "headers": 0, "late": 0,
                "delay_ms": {"p50": 0, "p99": 0, "max": 0, "mean": 0}}

    palette = PALETTE.match(profile)
    if palette:
        return _palette(ts, int(palette[1]), link, cache)[1]

    return _costs(_played(ts, profile, link, cache)["whole"])


def read_cells(path, ts, window):
    """Visits out of the simulator's records, in the order of ts; window: None for all of each."""
    if os.path.getsize(path) % RECORD.itemsize:
        raise JudgeError(f"{path}: cut short; remove it and run again")
    a = np.memmap(path, RECORD, "r") if os.path.getsize(path) else np.zeros(0, RECORD)
    ends = np.searchsorted(a["trace"], np.arange(len(ts) + 1))
    out = []
    for i, v in enumerate(ts.visits):
        r = a[ends[i]:ends[i + 1]]
        t = r["ns"] * 1e-9 - before(ts) - v.preceding
        r, t = r[t >= 0], t[t >= 0]
        b = r["bytes"]
        one = Visit(*v.key, t, np.sign(b), np.abs(b), np.zeros(len(b)) if ts.flows else None)
        out.append(one if window is None else one.until(window))
    return out


def thin(ts, visits, seed):
    """At most so many visits: of each class (and of its groups, where every class is in every
    group) the same share."""
    if visits >= len(ts):
        return ts
    r = np.random.default_rng([seed, 11])
    parts = {}
    few = crossed(ts)
    for i in r.permutation(len(ts)):
        parts.setdefault((ts.y[i], ts.groups[i] if few else ""), []).append(i)
    # The k-th of n stands at (k + .5) / n of its part.
    place = np.empty(len(ts))
    for part in parts.values():
        place[part] = (np.arange(len(part)) + .5) / len(part)
    order = np.lexsort((r.random(len(ts)), place))
    return ts.take(np.sort(order[:visits]))


def defend(ts, profile, link, cache, most=MOST_CELLS):
    """The set as an observer sees it through `profile`: a name, a file, `palette-K`, or `none`
    for the packets as they are. With copies, a visit is there several times, with the same key and
    group, so that no split parts them. Fewer visits where there would be too many cells. A link
    without a window has that of the profile: watching().
    """
    link = watching(ts, profile, link, cache)
    if profile == "none":
        visits = [v.until(link.window) for v in ts.visits]
        if link.header:
            visits = [Visit(*v.key, v.t, v.d, v.b + link.header, v.f) for v in visits]
        return TraceSet(ts.name, visits, ts.target)
    palette = PALETTE.match(profile)
    if palette:
        visits = [v.until(link.window) for v in _palette(ts, int(palette[1]), link, cache)[0]]
        return TraceSet(ts.name, visits, ts.target)
    # How many cells will there be? A few visits tell.
    few = thin(ts, max(20, len(ts) // 50), link.seed)
    first = before(ts) + max(v.preceding for v in ts.visits)
    head = ["--before", f"{before(ts):g}s", "--tail", f"{round(min(600, link.window) * 1e3)}ms",
            "--until", f"{math.ceil((first + link.window) * 1e3)}ms"]

    def played(some, seed):
        key = {**link.key(some, profile), "copy": seed}

        def write(path):
            said = _play(some, profile, link, cache, *head, "--out", path, seed=seed)[-1]
            if said["traces"] != len(some):
                raise JudgeError(f"{ts.name}: the simulator sees {said['traces']} visits where "
                                 f"there are {len(some)}")
        return cache.made("cells", key, "cells", write)
    each = os.path.getsize(played(few, 0)) / 16 / len(few)
    some = thin(ts, max(40, int(most / (each * link.copies + 1))), link.seed)
    visits = []
    for copy in range(link.copies):
        visits += read_cells(played(some, copy * 10**6), some, link.window)
    return TraceSet(ts.name, visits, ts.target)
