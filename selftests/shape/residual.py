#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Does load show in the gaps between the cells of a constant rate?

    residual.py load ADDRESS PACKETS-PER-SECOND BLOCKS SECONDS SEED
            In half of the BLOCKS, by lot, sends datagrams of 1200 bytes; prints "BEGIN END 0|1" of
            each block, by the clock that captures have.
    residual.py judge PCAP BLOCKS-FILE RATE [THIN]
            Residual gaps (what each differs from the slot by) of blocks with load against those
            without: Kolmogorov and Smirnov's distance, and how often blocks that changed their
            labels have one as large (gaps of a block depend on each other, blocks hardly do; 4000
            permutations); and the AUC of a classifier (naive Bayes of mean, deviation, extremes and
            neighbours' correlation of 50 gaps), trained on the other blocks, with its 95 % interval
            (blocks drawn anew, 1000 times). With THIN every THIN-th cell under load is left out of
            the capture first, as if its slot had been skipped: what must be found.
            Prints name=value; the last line is "ok", or what is a gross leak.
    residual.py self-test
            Against SciPy, and that p is uniform where there is nothing to find.

What is gross: slots are missing under load (5 % more of them than without), or D is above 0.3, and
the permutations say so (p < 0.01). An emulated processor runs late when it has something to do,
so that smaller differences are expected there: they are printed, and do not fail.
"""
import bisect
import math
import random
import socket
import struct
import sys
import time

GUARD = 0.3             # seconds at either end of a block that do not count
WINDOW = 50             # gaps that a classifier sees
PERMUTATIONS = 4000
GROSS_D, GROSS_P, GROSS_MISSING = 0.3, 0.01, 0.05


def load(address, pps, blocks, seconds, seed):
    pps, blocks, seconds = int(pps), int(blocks), float(seconds)
    kinds = [k % 2 for k in range(blocks)]
    random.Random(int(seed)).shuffle(kinds)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for kind in kinds:
        begin = time.time()
        end = begin + seconds
        k = 0
        while kind and time.time() < end:
            time.sleep(max(0, begin + k / pps - time.time()))
            s.sendto(b"x" * 1200, (address, 9))
            k += 1
        time.sleep(max(0, end - time.time()))
        print(f"{begin:.6f} {end:.6f} {kind}", flush=True)


def times_of(path):
    """Seconds, of a capture in us or ns."""
    with open(path, "rb") as f:
        data = f.read()
    unit = {0xA1B2C3D4: 1e-6, 0xA1B23C4D: 1e-9}[struct.unpack("<I", data[:4])[0]]
    at, times = 24, []
    while at + 16 <= len(data):
        sec, frac, have, _ = struct.unpack("<IIII", data[at:at + 16])
        times.append((sec, frac * unit))
        at += 16 + have
    base = times[0][0]
    return base, [s - base + f for s, f in times]


def ks(a, b):
    """The distance of two samples."""
    a, b, d = sorted(a), sorted(b), 0.0
    for v in sorted(set(a + b)):
        d = max(d, abs(bisect.bisect(a, v) / len(a) - bisect.bisect(b, v) / len(b)))
    return d


def permuted(blocks, kinds, rng, times=PERMUTATIONS):
    """(D, p): D of blocks of kind 1 against 0, and how often shuffled kinds have one as large."""
    # A grid of the pooled sample: 200 steps of D are enough, and fast.
    pooled = sorted(v for block in blocks for v in block)
    grid = sorted({pooled[k * (len(pooled) - 1) // 200] for k in range(201)})
    counts = []
    for block in blocks:
        block = sorted(block)
        counts.append([bisect.bisect(block, v) for v in grid])
    size = [len(b) for b in blocks]

    def distance(kinds):
        one = [k for k, kind in enumerate(kinds) if kind]
        n1 = sum(size[k] for k in one)
        n0 = sum(size) - n1
        return max(abs(sum(counts[k][g] for k in one) * (n0 + n1) - whole[g] * n1)
                   for g in range(len(grid))) / n1 / n0

    whole = [sum(c[g] for c in counts) for g in range(len(grid))]
    found, kinds, hits = distance(kinds), list(kinds), 0
    for _ in range(times):
        rng.shuffle(kinds)
        hits += distance(kinds) >= found - 1e-12
    return found, (hits + 1) / (times + 1)


def more(shares, kinds, rng, times=PERMUTATIONS):
    """By how much blocks of kind 1 have more than those of kind 0, and how often shuffled ones do."""
    def apart(kinds):
        one = [s for s, k in zip(shares, kinds) if k]
        return sum(one) / len(one) - (sum(shares) - sum(one)) / (len(shares) - len(one))

    found, kinds, hits = apart(kinds), list(kinds), 0
    for _ in range(times):
        rng.shuffle(kinds)
        hits += apart(kinds) >= found - 1e-12
    return found, (hits + 1) / (times + 1)


def features(gaps):
    n = len(gaps)
    mean = sum(gaps) / n
    var = sum((g - mean) ** 2 for g in gaps) / n
    near = sum((x - mean) * (y - mean) for x, y in zip(gaps, gaps[1:])) / n
    size = sum(abs(g) for g in gaps) / n
    return [mean, math.log(var + 1e-18), min(gaps), max(gaps), near / (var + 1e-18), math.log(size + 1e-12)]


def windows(blocks, kinds):
    """[(block, kind, features)]"""
    return [(k, kinds[k], features(block[i:i + WINDOW])) for k, block in enumerate(blocks)
            for i in range(0, len(block) - WINDOW + 1, WINDOW)]


def bayes(train, x):
    score = 0.0
    for f, value in enumerate(x):
        for kind, sign in ((1, 1), (0, -1)):
            values = [w[2][f] for w in train if w[1] == kind]
            mean = sum(values) / len(values)
            var = sum((v - mean) ** 2 for v in values) / len(values) + 1e-18
            score += sign * (-.5 * math.log(var) - (value - mean) ** 2 / 2 / var)
    return score


def area(rows):
    one = [s for kind, s in rows if kind]
    none = sorted(s for kind, s in rows if not kind)
    if not one or not none:
        return 0.5
    return sum(bisect.bisect_left(none, s) + bisect.bisect(none, s) for s in one) / 2 / len(one) / len(none)


def classified(blocks, kinds, rng):
    """AUC, and its interval. Each fold leaves one block of each kind out."""
    rows = windows(blocks, kinds)
    folds = list(zip([k for k, kind in enumerate(kinds) if kind], [k for k, kind in enumerate(kinds) if not kind]))
    scores = {k: [] for k in range(len(blocks))}
    for fold in folds:
        train = [r for r in rows if r[0] not in fold]
        for k, kind, x in rows:
            if k in fold:
                scores[k].append((kind, bayes(train, x)))
    used = [k for fold in folds for k in fold]
    auc, drawn = area([s for k in used for s in scores[k]]), []
    for _ in range(1000):
        drawn.append(area([s for i in (0, 1) for _ in folds for s in scores[rng.choice(folds)[i]]]))
    drawn.sort()
    return auc, drawn[25], drawn[974]


def blocks_of(pcap, path, slot, thin):
    """Of each block: residual gaps in seconds, the kind, the share of slots that are missing."""
    base, times = times_of(pcap)
    blocks, kinds, missing = [], [], []
    with open(path, encoding="ascii") as f:
        rows = [line.split() for line in f]
    for begin, end, kind in rows:
        low, high, kind = float(begin) - base + GUARD, float(end) - base - GUARD, int(kind)
        mine = times[bisect.bisect_left(times, low):bisect.bisect(times, high)]
        if kind and thin:
            mine = [t for k, t in enumerate(mine) if k % thin]
        gaps = [b - a for a, b in zip(mine, mine[1:])]
        if len(gaps) < 2 * WINDOW:
            sys.exit(f"a block has {len(gaps)} gaps")
        missing.append(sum(max(0, round(g / slot) - 1) for g in gaps) / round((mine[-1] - mine[0]) / slot))
        blocks.append([g - slot for g in gaps])
        kinds.append(kind)
    return blocks, kinds, missing


def judge(pcap, path, rate, thin="0"):
    blocks, kinds, missing = blocks_of(pcap, path, 1 / float(rate), int(thin))
    rng = random.Random(1)
    d, p = permuted(blocks, kinds, rng)
    auc, low, high = classified(blocks, kinds, rng)
    apart, chance = more(missing, kinds, rng)
    for kind, name in ((0, "idle"), (1, "load")):
        every = sorted(abs(g) * 1e6 for k, b in zip(kinds, blocks) if k == kind for g in b)
        print(f"{name}: blocks={kinds.count(kind)} gaps={len(every)} missing={sum(m for m, k in zip(missing, kinds) if k == kind) / kinds.count(kind):.4f} "
              f"residual_us: median={every[len(every) // 2]:.1f} p99={every[len(every) * 99 // 100]:.1f}")
    print(f"D={d:.4f} p={p:.4f} auc={auc:.3f} auc_low={low:.3f} auc_high={high:.3f} "
          f"missing_more={apart:.4f} missing_p={chance:.4f}")
    if apart > GROSS_MISSING and chance < GROSS_P:
        print("slots are missing under load")
    elif d > GROSS_D and p < GROSS_P:
        print("gaps differ under load")
    else:
        print("ok")


def self_test():
    from scipy import stats
    rng, wrong = random.Random(5), 0
    for n, m in ((50, 70), (400, 300), (1000, 1000)):
        a, b = [rng.gauss(0, 1) for _ in range(n)], [rng.gauss(.2, 1) for _ in range(m)]
        wrong += abs(ks(a, b) - stats.ks_2samp(a, b).statistic) > 1e-9
    # blocks that are alike within, and depend on nothing: p is uniform
    values, naive = [], []
    kinds = [0, 1] * 8
    for _ in range(200):
        level = [rng.gauss(0, 1) for _ in kinds]
        blocks = [[x + rng.gauss(0, 1) for _ in range(60)] for x in level]
        values.append(permuted(blocks, kinds, rng, 200)[1])
        naive.append(stats.ks_2samp(*([v for b, k in zip(blocks, kinds) if k == w for v in b] for w in (0, 1))).pvalue)
    uniform = stats.kstest(values, "uniform").pvalue
    caught = sum(permuted([[rng.gauss(k, 1) for _ in range(60)] for k in kinds], kinds, rng, 200)[1] < .01
                 for _ in range(20))
    auc = classified([[rng.gauss(0, 1 + k) for _ in range(200)] for k in kinds], kinds, rng)
    none = classified([[rng.gauss(0, 1) for _ in range(400)] for k in kinds], kinds, rng)
    print(f"distances that differ from SciPy's: {wrong}; p of 200 without anything to find, against uniform: "
          f"{uniform:.3f} (without blocks {sum(v < .01 for v in naive)} of 200 below 0.01); found {caught} of 20; "
          f"auc {auc[0]:.3f}, of nothing {none[0]:.3f} ({none[1]:.3f} to {none[2]:.3f})")
    ok = not wrong and uniform > .001 and caught == 20 and auc[0] > .95 and none[1] < .5 < none[2] + .05
    print("ok" if ok else "not ok")


if __name__ == "__main__":
    {"load": load, "judge": judge, "self-test": self_test}[sys.argv[1]](*sys.argv[2:])
