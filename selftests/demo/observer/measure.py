# SPDX-License-Identifier: GPL-2.0
"""One run's figures, from what its folder holds."""
import random
import re
from collections import Counter

from . import attack, capture
from .capture import UP, DOWN

UNKNOWN = 0.01  # seconds: how well an observer knows when a visit begins


class RunError(Exception):
    """A run that did not do what it should have."""


def quantile(values, q):
    """The smallest of the values that at least a share q of them does not exceed."""
    v = sorted(values)
    return v[min(len(v) - 1, max(0, -int(-q * len(v) // 1) - 1))]


def read_phases(path):
    return {name: float(at) for name, at in (line.split() for line in path.read_text().splitlines())}


def read_starts(text, last_total, end, clock):
    """When curl began each visit (seconds since 1970), from its trace.

    LAST_TOTAL: seconds the last visit took; END: when curl had ended, at most a
    second later; CLOCK: what the monotonic clock is behind the real one. Debian's curl
    adds whole seconds only to the monotonic clock and calls it time of day, so
    its fraction is the monotonic clock's, and its seconds may be one off.
    """
    times = [int(m[1]) * 3600 + int(m[2]) * 60 + float(m[3])
             for m in re.finditer(r"^(\d\d):(\d\d):(\d\d\.\d+) \*\s+Trying ", text, re.M)]
    if not times:
        return []
    for n in range(1, len(times)):
        if times[n] < times[n - 1]:		# midnight
            times[n:] = [t + 86400 for t in times[n:]]
            break
    shift = clock % 1
    # The largest shift by whole seconds that still ends before curl did.
    shift += (end - (times[-1] + last_total + shift)) // 1
    return [t + shift for t in times]


def read_pings(text):
    return [float(x) for x in re.findall(r" time=([0-9.]+) ms", text)]


def read_sums(path):
    return {name: digest for digest, name in (line.split() for line in path.read_text().splitlines())}


def read_visits(folder, kind, plan, wanted, clock):
    """The visits of a kind: plan, start, what curl said of each. All must have arrived whole."""
    phases = read_phases(folder / "phases")
    said = [line.split() for line in (folder / f"{kind}.said").read_text().splitlines()]
    starts = read_starts((folder / f"{kind}.trace").read_text(errors="replace"),
                         float(said[-1][4]) if said else 0, phases[f"{kind}-end"], clock)
    got = read_sums(folder / f"{kind}.got")
    visits = plan["visits"][kind]
    if not len(starts) == len(said) == len(visits):
        raise RunError(f"{folder.name}: {len(visits)} {kind} wanted, {len(starts)} begun, {len(said)} ended")
    if not phases[kind] <= starts[0] < phases[f"{kind}-end"]:
        raise RunError(f"{folder.name}: {kind}: the clocks of curl and of the capture do not agree")
    out = []
    for n, (visit, start, words) in enumerate(zip(visits, starts, said)):
        if words[0] != "200" or got.get(f"{kind}-{n:03d}") != wanted[visit["name"]]:
            raise RunError(f"{folder.name}: visit {n} to {visit['name']} did not arrive whole (status {words[0]})")
        out.append({**visit, "start": start, "total": float(words[4]) * 1000})
    return out


def sizes_seen(sizes):
    """A few sizes by name, many as a range."""
    seen = sorted(sizes)
    return " ".join(map(str, seen)) if len(seen) <= 4 else f"{seen[0]}-{seen[-1]}"


def measure(folder, plan, wanted, clock, about):
    """Everything the table and the pictures need of the run in FOLDER."""
    phases = read_phases(folder / "phases")
    packets = capture.read(folder / "capture.pcap")
    lost = re.search(r"(\d+) packets dropped by kernel", (folder / "tcpdump.err").read_text())
    visits = {kind: read_visits(folder, kind, plan, wanted[kind], clock) for kind in plan["visits"]}
    # Every run's phases last as long as the plan says, so that runs compare.
    work = []
    for kind, those in visits.items():
        start = those[0]["start"]
        work += capture.between(packets, start, start + len(those) * plan["period"][kind])
    idle = capture.between(packets, phases["idle"] + 0.3, phases["idle"] + 1.3)
    if not work:
        raise RunError(f"{folder.name}: nothing between the hosts was captured")
    guesses = {}
    for kind, those in visits.items():
        length = plan["period"][kind]
        # One curl makes all visits, each a period after the last: where in a slot one begins goes by
        # its place in the round, and so by its name in the few rounds that there are. No user is so
        # punctual, and no observer knows it to the millisecond.
        late = random.Random(f"rtpl demo {kind} late")
        begins = [v["start"] - late.uniform(0, UNKNOWN) for v in those]
        rows = [attack.features(capture.between(packets, t, t + length), t, length) for t in begins]
        guesses[kind] = attack.judge(rows, [v["name"] for v in those], [v["round"] for v in those])
    return {
        **about,
        "sizes": dict(sorted(Counter(p.size for p in packets).items())),
        "packets": len(work),
        "bytes": sum(p.size for p in work),
        "idle_bytes": sum(p.size for p in idle),
        "plain": sum(p.plain for p in packets),
        "not_captured": int(lost[1]) if lost else 0,
        "ping": read_pings((folder / "ping.txt").read_text()),
        "phases": phases, "visits": visits, "guesses": guesses, "trace": packets,
    }


def compare(runs):
    """Adds to each run what it costs beside the first."""
    base = runs[0]
    for run in runs:
        run["overhead"] = run["bytes"] / base["bytes"]
        run["ping_added"] = {q: quantile(run["ping"], q / 100) - quantile(base["ping"], q / 100) for q in (50, 99)}
        # Visit by visit: the same document at the same place of the same plan.
        more = [v["total"] - w["total"]
                for v, w in zip(run["visits"]["documents"], base["visits"]["documents"])]
        run["http_added"] = {q: quantile(more, q / 100) for q in (50, 99)}


def summary(run):
    """The run's row of the table, as JSON may hold it."""
    out = {
        "run": run["name"], "title": run["title"],
        "sizes": sizes_seen(run["sizes"]), "distinct_sizes": len(run["sizes"]),
        "packets": run["packets"], "bytes": run["bytes"], "overhead": round(run["overhead"], 3),
        "idle_bytes_per_second": run["idle_bytes"], "readable_packets": run["plain"],
        "not_captured": run["not_captured"],
        "ping_ms": {f"p{q}": round(quantile(run["ping"], q / 100), 3) for q in (50, 99)},
        "ping_added_ms": {f"p{q}": round(v, 3) for q, v in run["ping_added"].items()},
        "http_added_ms": {f"p{q}": round(v, 3) for q, v in run["http_added"].items()},
    }
    for kind, g in run["guesses"].items():
        out[f"right_{kind}"] = {"share": round(g["best"], 3), "by": g["by"], "visits": g["visits"],
                                "chance": round(g["chance"], 3), "luck_95": round(g["lucky"], 3),
                                **{m: round(s, 3) for m, s in g["share"].items()}}
    return out


__all__ = ["UP", "DOWN", "RunError", "compare", "measure", "quantile", "sizes_seen", "summary"]
