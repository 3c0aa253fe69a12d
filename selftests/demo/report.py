#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Turns what the demo's machine left into a table, a JSON file and a page.

    report.py [-j] FOLDER

FOLDER holds plan.json, clock, documents.sha256 and a folder for each run; index.html
and table.json are written next to them. -j prints JSON instead of the table. Status 1: something that RTPL
promises (so many sizes, nothing readable) did not hold.
"""
import argparse
import json
import sys
from datetime import date
from pathlib import Path

from observer import measure, page
from observer.capture import CaptureError


def pair(values):
    return " ".join(f"{v:+7.1f}" for v in values.values())


def text_table(rows):
    """The table for a terminal, 129 columns wide."""
    d, a = (f"{rows[0][k]['chance']:.0%}-{rows[0][k]['luck_95']:.0%}" for k in ("right_documents", "right_answers"))
    out = [f"{'':10}{'sizes':>14}{'dis-':>6}{'':>9}{'':>12}{'bytes,':>8}{'idle':>8}{'ping added, ms':>17}{'fetch added, ms':>17}"
           f"{'right':>10}{'right':>10}",
           f"{'run':10}{'(bytes)':>14}{'tinct':>6}{'packets':>9}{'bytes':>12}{'times':>8}{'kbit/s':>8}{'p50     p99':>17}"
           f"{'p50     p99':>17}{'document':>10}{'answer':>10}"]
    for r in rows:
        out.append(f"{r['run']:10}{r['sizes']:>14}{r['distinct_sizes']:>6}{r['packets']:>9}{r['bytes']:>12}"
                   f"{r['overhead']:>8.2f}{r['idle_bytes_per_second'] * 8 // 1000:>8}  {pair(r['ping_added_ms'])}"
                   f"  {pair(r['http_added_ms'])}{r['right_documents']['share']:>10.0%}{r['right_answers']['share']:>10.0%}")
    out.append(f"{'mere luck':109}{d:>10}{a:>10}")
    out.append("packets, bytes and idle kbit/s: of both ways together; times: of the bytes of the first run")
    return "\n".join(out)


def broken(runs, rows):
    """What was promised and did not hold, as sentences. Guesses are figures, not promises."""
    for run, row in zip(runs, rows):
        if row["not_captured"]:
            yield f"{run['name']}: the observer missed {row['not_captured']} packets"
        if "promised_sizes" not in run:
            continue
        if row["readable_packets"]:
            yield f"{run['name']}: {row['readable_packets']} packets could be read"
        if row["distinct_sizes"] > run["promised_sizes"]:
            yield f"{run['name']}: {row['distinct_sizes']} sizes on the wire instead of {run['promised_sizes']}"


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    p.add_argument("-j", dest="json", action="store_true", help="print JSON")
    p.add_argument("folder", type=Path)
    args = p.parse_args()
    out = args.folder
    try:
        plan = json.loads((out / "plan.json").read_text())
        clock = float((out / "clock").read_text())
        wanted = {"documents": measure.read_sums(out / "documents.sha256"), "answers": plan["answers"]}
        runs = [measure.measure(out / r["name"], plan, wanted, clock, r) for r in plan["runs"]]
    except (measure.RunError, CaptureError, OSError) as e:
        sys.exit(f"error: {e}")
    measure.compare(runs)
    rows = [measure.summary(r) for r in runs]
    kernel = (out / "kernel").read_text().strip() if (out / "kernel").exists() else "unknown kernel"
    about = f"{date.today()} on Linux {kernel}"
    (out / "table.json").write_text(json.dumps({"kernel": kernel, "runs": rows}, indent=1) + "\n")
    (out / "index.html").write_text(page.page(runs, plan, about))
    if args.json:
        print((out / "table.json").read_text(), end="")
    else:
        print(text_table(rows))
    wrong = list(broken(runs, rows))
    for sentence in wrong:
        print(f"error: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
