#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of bench.sh: DIR/figures has a line "work peer figure" for each measurement. Prints medians
and the ratio of RTPL's to each other's in the same round (its median, lowest and highest), writes
DIR/result.json, and draws DIR/bench.svg if matplotlib is there.

The peer "limit" is what would go through if a packet cost nothing but a copy and the cipher over its bytes.
"Over" is how many times as much RTPL and WireGuard cost, less what a packet costs in clear; by instruction
count alone, for processors that wait would count as cost.

    bench.py DIR KERNEL CPUS SECONDS ROUNDS
"""
import json
import os
import statistics
import sys

UNITS = {"udp": "thousand/s", "imix": "thousand/s", "tcp": "Mbit/s", "ask": "/s", "rtt": "ms", "loaded": "ms"}
LESS = "rtt", "loaded"			# where less is better
LIMITED = "rtpl", "wireguard"		# whose cost is told in terms of the limit's
AIM = 1.3


def read(path):
    """{work: {peer: [figure of each round]}}"""
    out = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            work, peer, *figure = line.split()
            if figure:
                out.setdefault(work, {}).setdefault(peer, []).append(float(figure[0]))
    return out


def ratios(own, other, less):
    """RTPL's to the other's, of each round; more is better."""
    return [(b / a if less else a / b) if a and b else 0.0 for a, b in zip(own, other)]


def over(own, clear, limit):
    """Cost of a packet beyond that in clear, by the limit's, of each round."""
    return [(1 / a - 1 / c) * b for a, c, b in zip(own, clear, limit) if a and c]


def table(figures, counted):
    lines, results = [], []
    peers = [p for p in next(iter(figures.values())) if p not in ("rtpl", "limit")]
    told = any("limit" in by for by in figures.values())
    lines.append(f"{'work':10} {'unit':11} {'rtpl':>9} " + " ".join(f"{p:>22}" for p in peers) +
                 (f" {'limit':>9} {'over: rtpl':>12} {'wireguard':>12}" if told else ""))
    for work, by in figures.items():
        unit = next(u for k, u in UNITS.items() if work.startswith(k))
        own = by["rtpl"]
        row, cells = {"work": work, "unit": unit, "rtpl": own, "others": {}}, []
        for p in peers:
            if p not in by:
                cells.append(" " * 22)
                continue
            r = ratios(own, by[p], work in LESS)
            row["others"][p] = {"figures": by[p], "ratios": r}
            spread = f" ({min(r):.2f}-{max(r):.2f})" if len(r) > 1 else ""
            cells.append(f"{statistics.median(by[p]):.4g}  x{statistics.median(r):.2f}{spread}".rjust(22))
        if told:
            limit = by.get("limit", [])
            row["limit"] = limit
            row["over"] = {p: over(by.get(p, []), by.get("none", []), limit) if counted else []
                           for p in LIMITED}
            cells.append(f"{statistics.median(limit):.4g}".rjust(9) if limit else "-".rjust(9))
            cells += [f"{statistics.median(x):.2f}".rjust(12) if x else "-".rjust(12) for x in row["over"].values()]
        else:
            row["limit"] = row["over"] = None
        lines.append(f"{work:10} {unit:11} {statistics.median(own):9.4g} " + " ".join(cells))
        results.append(row)
    if not told:
        lines.append("limit, over: missing, for limit.ko could not be built or loaded")
    return "\n".join(lines), results


def draw(results, path):
    try:
        import matplotlib
    except ImportError:
        print(f"{path}: not drawn, for there is no python3-matplotlib", file=sys.stderr)
        return
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "rtpl"
    import matplotlib.pyplot as plt
    peers = [p for p in results[0]["others"] if p != "none"]
    limited = [r for r in results if r["over"] and any(r["over"].values())]
    fig, axes = plt.subplots(1 + bool(limited), squeeze=False, figsize=(9, 7 if limited else 3.5))
    ax = axes[0][0]
    for k, p in enumerate(peers):
        ax.bar([i + (k - 1) * .27 for i in range(len(results))],
               [statistics.median(r["others"][p]["ratios"]) if p in r["others"] else 0 for r in results],
               .27, label=p)
    ax.axhline(1, color="black", lw=.8)
    ax.set_xticks(range(len(results)), [r["work"] for r in results])
    ax.set_yscale("log")			# beside a transfer it can be a thousand
    ax.set_ylabel("times as good")
    ax.legend(frameon=False)
    if limited:
        ax = axes[1][0]
        for k, p in enumerate(LIMITED):
            ax.bar([i + (k - .5) * .4 for i in range(len(limited))],
                   [statistics.median(r["over"][p] or [0]) for r in limited], .4, label=p,
                   color={"rtpl": "black"}.get(p, f"C{peers.index(p) if p in peers else k}"))
        ax.axhline(1, color="grey", lw=.8)
        ax.axhline(AIM, color="grey", lw=.8, ls="--")
        ax.set_xticks(range(len(limited)),
                      [f"{r['work']}\nlimit {statistics.median(r['limit']):.4g}\n{r['unit']}" for r in limited])
        ax.set_ylabel(f"cost over the limit\n(dashed: the aim, {AIM})")
        ax.legend(frameon=False)
    fig.tight_layout()
    fig.savefig(path, metadata={"Date": None})


def main():
    folder, kernel, cpus, seconds, rounds = sys.argv[1:6]
    text, results = table(read(os.path.join(folder, "figures")), cpus == "1")
    how = "by instruction count" if cpus == "1" else "in real time"
    print(f"{how}, Linux {kernel}, {cpus} processors, {seconds} s of each, {rounds} rounds; "
          "x: RTPL is so many times as good")
    print("limit: a packet costs a copy and the cipher alone, both ends; over: what it costs beyond that in "
          f"clear, so many times the limit's cost (aim: {AIM})")
    print(text)
    with open(os.path.join(folder, "result.json"), "w", encoding="utf-8") as f:
        json.dump({"kernel": kernel, "processors": int(cpus), "seconds": float(seconds),
                   "rounds": int(rounds), "counted": cpus == "1", "results": results}, f, indent=1)
    draw(results, os.path.join(folder, "bench.svg"))


if __name__ == "__main__":
    main()
