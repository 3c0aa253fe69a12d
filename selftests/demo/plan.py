#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Who fetches what and when, and how RTPL is set up: the same plan for every run.

    plan.py DIR [--runs NAME,...] [--rounds N]

writes into DIR what the test machine follows (runs.tsv, documents.curl,
answers.curl), how long that takes (seconds), and what the report needs afterwards (plan.json).
"""
import argparse
import hashlib
import json
import random
from pathlib import Path

import answers

# Documents that every Debian machine has, out of /usr/share/common-licenses.
DOCUMENTS = ["BSD", "Artistic", "CC0-1.0", "LGPL-3", "Apache-2.0", "GPL-1",
             "MPL-2.0", "GPL-2", "GFDL-1.2", "GFDL-1.3", "LGPL-2.1", "GPL-3"]
ROUNDS = {"documents": 8, "answers": 10}
# Seconds from one visit's start to the next one's: longer than any visit takes.
PERIOD = {"documents": 0.4, "answers": 1.3}
SERVER = "192.0.2.2"

RUNS = [
    {
        "name": "without",
        "title": "Without RTPL",
        "words": "What anyone on the path sees today. The attack uses only sizes and times, so "
                 "encrypting the content, as HTTPS or a VPN does, would not stop it.",
    },
    {
        "name": "cells",
        "title": "RTPL as it comes: fixed cells",
        "promised_sizes": 1,
        "words": "Every packet travels inside sealed cells of one size, sent as soon as there is "
                 "something to send. Lengths of packets are gone; how many cells there are, and when, still "
                 "shows: alone it is not enough against an observer who counts, and small packets pay for a "
                 "whole cell each.",
    },
    {
        "name": "buckets",
        "title": "RTPL as it comes: a few sizes",
        "peer": "cell 256,640,1400", "promised_sizes": 3,
        "words": "As before, but a cell may have one of three sizes, so that a short packet costs less. "
                 "Saves bytes, shows a little more.",
    },
    {
        "name": "constant",
        "title": "RTPL at constant rate",
        "qdisc": "rate 200 latency 500ms", "promised_sizes": 1,
        "words": "200 cells a second in each direction, always, filled with whatever there is and "
                 "with chaff when there is nothing. What leaves, and when, does not depend on what is being said or "
                 "whether anything is said at all. It costs the full rate even when idle.",
    },
]


def rounds(kind, names, count):
    """COUNT rounds, each with every name once, in an order of its own."""
    rnd = random.Random(f"rtpl demo {kind}")
    for r in range(count):
        for name in rnd.sample(names, len(names)):
            yield {"round": r, "name": name}


def url(kind, visit):
    if kind == "documents":
        return f"http://{SERVER}/{visit['name']}"
    return f"http://{SERVER}:8080/{visit['name']}?visit={visit['round']}"


def curl_config(kind, visits):
    """One curl process makes all visits of a kind, one connection each."""
    lines = [
        "silent", "verbose", "trace-time", "no-buffer", "max-time = 10",
        f"rate = {round(60 / PERIOD[kind])}/m",
        'header = "Connection: close"',
        'write-out = "%{http_code} %{size_download} %{time_connect} %{time_starttransfer} %{time_total}\\n"',
    ]
    for n, v in enumerate(visits):
        lines += [f'url = "{url(kind, v)}"', f'output = "{kind}-{n:03d}"']
    return "\n".join(lines) + "\n"


def make(runs, repeat):
    names = {"documents": DOCUMENTS, "answers": sorted(answers.ANSWERS)}
    return {
        "runs": [r for r in RUNS if r["name"] in runs],
        "period": PERIOD,
        "visits": {k: list(rounds(k, n, repeat.get(k, ROUNDS[k]))) for k, n in names.items()},
        "answers": {n: hashlib.sha256(answers.body(n)).hexdigest() for n in names["answers"]},
        "tokens": {n: len(answers.tokens(answers.ANSWERS[n])) for n in names["answers"]},
    }


def lasts(plan):
    """Seconds that all runs together take, by the machine's clock."""
    return len(plan["runs"]) * (12 + sum(len(v) * plan["period"][k] for k, v in plan["visits"].items()))


def write(plan, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps(plan, indent=1))
    for kind, visits in plan["visits"].items():
        (folder / f"{kind}.curl").write_text(curl_config(kind, visits))
    (folder / "seconds").write_text(f"{round(lasts(plan))}\n")
    (folder / "runs.tsv").write_text("".join(
        "\t".join((r["name"], r.get("peer", "-") or "-", r.get("qdisc", "-") or "-", r["title"])) + "\n"
        for r in plan["runs"]))


def main():
    known = [r["name"] for r in RUNS]
    p = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    p.add_argument("folder", type=Path)
    p.add_argument("--runs", default=",".join(known), help="of: %(default)s")
    p.add_argument("--rounds", type=int, help="visits to each document and answer")
    args = p.parse_args()
    # What the others are measured against is always there.
    runs = ["without"] + args.runs.split(",")
    for r in runs:
        if r not in known:
            p.error(f"no run named {r!r}: there are {', '.join(known)}")
    if args.rounds is not None and not 2 <= args.rounds <= 50:
        p.error(f"--rounds {args.rounds}: 2 to 50")
    repeat = dict.fromkeys(ROUNDS, args.rounds) if args.rounds else {}
    write(make(runs, repeat), args.folder)


if __name__ == "__main__":
    main()
