#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of gaps.sh: of DIR/KIND.RATE.LOAD.pcap the gaps between packets, and by how much each differs
from 1 / RATE. Prints it, or with `json` an object.

    departures.py DIR [json]
"""
import glob
import json
import math
import os
import sys

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "shape"))
from gaps import gaps   # noqa: E402, of captures

KINDS = "rtpl", "fq", "fq-txtime", "etf"
LOADS = "idle", "same", "other", "busy"


def figures(path, rate, skip):
    slot = 1e9 / rate
    found = gaps(path)[skip:]
    if not found:
        return {"gaps": 0}
    off = sorted(abs(g - slot) for g in found)
    mean = sum(found) / len(found)
    at = {f"p{p}_us": off[min(len(off) - 1, math.ceil(len(off) * float(p) / 100) - 1)] / 1e3 for p in ("50", "99", "99.9")}
    return {"gaps": len(found), "mean_us": mean / 1e3,
            "sd_us": math.sqrt(sum((g - mean)**2 for g in found) / len(found)) / 1e3, **at, "max_us": off[-1] / 1e3,
            # In that time so many more could have come.
            "missing": round(sum(found) / slot) - len(found)}


def main():
    folder, form = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "text"
    rows = []
    for path in glob.glob(os.path.join(folder, "*.pcap")):
        kind, rate, load, _ = os.path.basename(path).split(".")
        # fq's first packets leave as they come: its pacing has nothing to reckon from.
        rows.append({"kind": kind, "rate": int(rate), "load": load, **figures(path, int(rate), 20)})
    rows.sort(key=lambda r: (r["rate"], LOADS.index(r["load"]), KINDS.index(r["kind"])))
    if form == "json":
        print(json.dumps(rows))
        return
    print(f"{'rate':>6} {'load':6} {'by':10}{'gaps':>7}{'missing':>8}{'mean':>11}{'sd':>10}{'50 %':>10}{'99 %':>10}{'99.9 %':>10}{'most':>11}")
    for r in rows:
        head = f"{r['rate']:6} {r['load']:6} {r['kind']:10}{r['gaps']:7}"
        print(head if not r["gaps"] else
              head + f"{r['missing']:8}{r['mean_us']:11.1f}{r['sd_us']:10.1f}{r['p50_us']:10.1f}{r['p99_us']:10.1f}"
              f"{r['p99.9_us']:10.1f}{r['max_us']:11.1f}")
    print("\nus; per cent: so many gaps differ by no more than that from what the rate says.")


if __name__ == "__main__":
    main()
