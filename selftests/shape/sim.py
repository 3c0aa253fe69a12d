#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""For test_sim.sh: traces to play, and what must hold of what comes out.

    sim.py make KIND N SEED          a trace on standard output: web, voice, load
    sim.py window FILE FREE PERMILLE SECONDS
                                     most that chaff is above FREE + PERMILLE / 1000 of the
                                     data, bytes of UDP payload, in any SECONDS; per direction
    sim.py rate FILE NS              cells, and times off a grid of NS, per direction
    sim.py sums FILE                 bytes, real and chaff cells, per direction
"""
import csv
import random
import sys

OUTER = 28      # bytes of IPv4 and UDP


def make(kind, n, seed):
    r = random.Random(seed)
    at = 0.0
    for i in range(n):
        if kind == "web":
            at += r.choice((0.0001, 0.0001, 0.002, 0.3 if i % 40 == 0 else 0.001)) * r.random()
            row = (-1, 1500) if r.random() < 0.8 else (1, r.choice((52, 52, 600)))
        elif kind == "voice":
            at += r.uniform(0.005, 0.03)
            row = (1, r.randint(60, 300)) if r.random() < 0.7 else (-1, r.randint(40, 1500))
        else:
            at += r.expovariate(800)    # two cells each of 1260: 16 Mbit/s
            row = (1, 1500)
        print("%.6f,%d,%d" % (at, *row))


def cells(path):
    with open(path) as f:
        rows = [(round(float(r[0]) * 10**9), int(r[1]), int(r[2]), r[3:] == ["chaff"])
                for r in csv.reader(f)]
    return {d: [(t, b, c) for t, dd, b, c in rows if dd == d] for d in (1, -1)}, rows


def window(path, free, permille, seconds):
    span = int(float(seconds) * 10**9)
    for d, rows in cells(path)[0].items():
        worst, data, chaff, lo, far = -10**9, 0, 0, 0, 0
        for t, size, is_chaff in rows:
            chaff += (size - OUTER) * is_chaff
            data += (size - OUTER) * (not is_chaff)
            while rows[lo][0] <= t - span:      # chaff within SECONDS
                chaff -= (rows[lo][1] - OUTER) * rows[lo][2]
                lo += 1
            while rows[far][0] <= t - span * 17 // 16:
                data -= (rows[far][1] - OUTER) * (not rows[far][2])
                far += 1
            if is_chaff:
                worst = max(worst, chaff - int(free) - int(permille) * data // 1000)
        print(d, worst)


def rate(path, ns):
    for d, rows in cells(path)[0].items():
        print(d, len(rows), sum((t - rows[0][0]) % int(ns) != 0 for t, _, _ in rows),
              sum(b[0] - a[0] != int(ns) for a, b in zip(rows, rows[1:])))


def sums(path):
    by, rows = cells(path)
    for d, rs in by.items():
        print(d, sum(b for _, b, _ in rs), sum(not c for _, _, c in rs), sum(c for _, _, c in rs))
    print("sorted", rows == sorted(rows, key=lambda r: r[0]))


{"make": lambda k, n, s: make(k, int(n), s), "window": window, "rate": rate,
 "sums": sums}[sys.argv[1]](*sys.argv[2:])
