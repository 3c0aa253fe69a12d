#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Are gaps between cells alike? Two-sample Kolmogorov-Smirnov, of every loaded
run against every idle run, beside idle against idle.

    gaps.py PCAP...     names are KIND.N.pcap; KIND idle, half, over

Prints a table and ends with `alike` or `different`: different when the
median distance of loaded to idle runs is more than twice that of idle runs among
themselves and more than what a sample of this size may differ by at 1 %.
"""
import collections
import itertools
import math
import os
import struct
import sys


def gaps(path):
    """Seconds between the packets of a capture, in ns; µs and ns formats."""
    with open(path, "rb") as f:
        data = f.read()
    magic = struct.unpack("<I", data[:4])[0]
    unit = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}[magic]
    at, times = 24, []
    while at + 16 <= len(data):
        sec, frac, have, _ = struct.unpack("<IIII", data[at:at + 16])
        times.append(sec * 10**9 + frac * unit)
        at += 16 + have
    return [b - a for a, b in zip(times, times[1:])]


def ks(a, b):
    """Distance, and the probability of one as large if both are one distribution."""
    a, b = sorted(a), sorted(b)
    i = j = 0
    d = 0.0
    while i < len(a) and j < len(b):
        v = min(a[i], b[j])
        while i < len(a) and a[i] == v:
            i += 1
        while j < len(b) and b[j] == v:
            j += 1
        d = max(d, abs(i / len(a) - j / len(b)))
    n = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    x = (n + 0.12 + 0.11 / n) * d
    p = 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 101))
    return d, min(max(p, 0.0), 1.0)


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def main():
    runs = collections.defaultdict(list)
    for path in sys.argv[1:]:
        runs[os.path.basename(path).split(".")[0]].append(gaps(path))
    for kind, samples in runs.items():
        every = sorted(g for s in samples for g in s)
        print(f"{kind}: {len(samples)} runs, {len(every)} gaps, median {median(every)} ns, "
              f"1 % to 99 %: {every[len(every) // 100]} to {every[-len(every) // 100]} ns")
    base = [ks(a, b) for a, b in itertools.combinations(runs["idle"], 2)]
    print("idle against idle: D median %.4f, p median %.3f" %
          (median(d for d, _ in base), median(p for _, p in base)))
    verdict = "alike"
    n = min(len(s) for samples in runs.values() for s in samples)
    allowed = max(2 * median(d for d, _ in base), 1.63 * math.sqrt(2 / n))
    for kind in runs:
        if kind == "idle":
            continue
        pairs = [ks(a, b) for a in runs["idle"] for b in runs[kind]]
        d = median(d for d, _ in pairs)
        print("%s against idle: D median %.4f (allowed %.4f), p median %.3f" %
              (kind, d, allowed, median(p for _, p in pairs)))
        if d > allowed:
            verdict = "different"
    print(verdict)


if __name__ == "__main__":
    main()
