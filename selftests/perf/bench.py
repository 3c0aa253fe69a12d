#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of bench.sh: DIR/figures has a line "work peer figure" for each measurement. Prints medians
and the ratio of RTPL's to each other's in the same round (its median, lowest and highest), writes
DIR/result.json, and draws DIR/bench.svg if matplotlib is there.

    bench.py DIR KERNEL CPUS SECONDS ROUNDS
"""
import json
import os
import statistics
import sys

UNITS = {"udp": "thousand/s", "imix": "thousand/s", "tcp": "Mbit/s", "ask": "/s", "rtt": "ms", "loaded": "ms"}
LESS = "rtt", "loaded"			# where less is better


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


def table(figures):
    lines, results = [], []
    peers = [p for p in next(iter(figures.values())) if p != "rtpl"]
    lines.append(f"{'work':10} {'unit':11} {'rtpl':>9} " + " ".join(f"{p:>22}" for p in peers))
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
        lines.append(f"{work:10} {unit:11} {statistics.median(own):9.4g} " + " ".join(cells))
        results.append(row)
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
    fig, ax = plt.subplots(figsize=(9, 3.5))
    for k, p in enumerate(peers):
        ax.bar([i + (k - 1) * .27 for i in range(len(results))],
               [statistics.median(r["others"][p]["ratios"]) if p in r["others"] else 0 for r in results],
               .27, label=p)
    ax.axhline(1, color="black", lw=.8)
    ax.set_xticks(range(len(results)), [r["work"] for r in results])
    ax.set_ylabel("times as good")
    ax.legend(frameon=False)
    fig.tight_layout()
    fig.savefig(path, metadata={"Date": None})


def main():
    folder, kernel, cpus, seconds, rounds = sys.argv[1:6]
    text, results = table(read(os.path.join(folder, "figures")))
    how = "by instruction count" if cpus == "1" else "in real time"
    print(f"{how}, Linux {kernel}, {cpus} processors, {seconds} s of each, {rounds} rounds; "
          "x: RTPL is so many times as good")
    print(text)
    with open(os.path.join(folder, "result.json"), "w", encoding="utf-8") as f:
        json.dump({"kernel": kernel, "processors": int(cpus), "seconds": float(seconds),
                   "rounds": int(rounds), "counted": cpus == "1", "results": results}, f, indent=1)
    draw(results, os.path.join(folder, "bench.svg"))


if __name__ == "__main__":
    main()
