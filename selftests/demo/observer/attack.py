# SPDX-License-Identifier: GPL-2.0
"""Guesses from sizes and times alone which visit a trace belongs to.

Two plain classifiers: a forest of extremely randomised trees (Geurts et al.,
2006) and the nearest neighbours in standardised features. The features are
those of the website fingerprinting literature: counts, bytes, sizes, gaps, the
first packets, and the cumulative curve (CUMUL, Panchenko et al., 2016).
Trained and tested on different rounds, so that no visit is in both.
"""
import math
import random
from collections import Counter

from .capture import UP, DOWN

FIRST = 24		# packets whose signed sizes are features
POINTS = 16		# of the cumulative curve
BINS = 12		# of time
SIZE_STEP = 64		# bytes: bins of the histogram of sizes
SIZE_BINS = 24
FOLDS = 6		# parts that the rounds are dealt into


def _stats(values):
    if not values:
        return [0.0] * 7
    v = sorted(values)
    n = len(v)
    mean = sum(v) / n
    var = sum((x - mean) ** 2 for x in v) / n
    return [mean, math.sqrt(var), v[0], v[-1], v[n // 4], v[n // 2], v[3 * n // 4]]


def features(packets, start, length):
    """Numbers that describe the packets of the window [start, start + length)."""
    out = []
    first = packets[0].time if packets else start
    last = packets[-1].time if packets else start
    out += [len(packets), sum(p.size for p in packets), first - start, last - first]
    for direction in (UP, DOWN):
        part = [p for p in packets if p.direction == direction]
        sizes = [p.size for p in part]
        gaps = [q.time - p.time for p, q in zip(part, part[1:])]
        out += [len(part), sum(sizes), len(set(sizes))] + _stats(sizes) + _stats(gaps)
        hist = [0] * SIZE_BINS
        for s in sizes:
            hist[min(s // SIZE_STEP, SIZE_BINS - 1)] += 1
        out += hist
        bins = [0] * BINS
        for p in part:
            bins[min(max(int((p.time - start) / length * BINS), 0), BINS - 1)] += p.size
        out += bins
    signed = [p.direction * p.size for p in packets[:FIRST]]
    out += signed + [0] * (FIRST - len(signed))
    # The curve of bytes, up counted up and down counted down, at even steps.
    curve = [0]
    for p in packets:
        curve.append(curve[-1] + p.direction * p.size)
    out += [curve[round(i * (len(curve) - 1) / (POINTS - 1))] for i in range(POINTS)]
    turns = sum(p.direction != q.direction for p, q in zip(packets, packets[1:]))
    out.append(turns)
    return [float(x) for x in out]


class Forest:
    """Extremely randomised trees."""

    def __init__(self, trees=80, seed=1):
        self.trees, self.rnd = trees, random.Random(seed)
        self.roots = []

    def _grow(self, rows, labels):
        if len(set(labels)) == 1:
            return labels[0]
        best = None
        tried, width = 0, len(rows[0])
        order = self.rnd.sample(range(width), width)
        for f in order:
            low, high = min(r[f] for r in rows), max(r[f] for r in rows)
            if low == high:
                continue
            cut = self.rnd.uniform(low, high)
            left = [i for i, r in enumerate(rows) if r[f] <= cut]
            right = [i for i, r in enumerate(rows) if r[f] > cut]
            tried += 1
            if left and right:
                gini = sum(len(side) - sum(c * c for c in Counter(labels[i] for i in side).values()) / len(side)
                           for side in (left, right))
                if best is None or gini < best[0]:
                    best = (gini, f, cut, left, right)
            if tried * tried >= width and best:
                break
        if not best:
            return Counter(labels).most_common(1)[0][0]
        _, f, cut, left, right = best
        return (f, cut,
                self._grow([rows[i] for i in left], [labels[i] for i in left]),
                self._grow([rows[i] for i in right], [labels[i] for i in right]))

    def fit(self, rows, labels):
        self.roots = [self._grow(rows, labels) for _ in range(self.trees)]
        return self

    def guess(self, row):
        votes = Counter()
        for node in self.roots:
            while isinstance(node, tuple):
                node = node[2] if row[node[0]] <= node[1] else node[3]
            votes[node] += 1
        # Ties by name, so that the same trace gives the same answer.
        return min(votes.items(), key=lambda v: (-v[1], v[0]))[0]


class Nearest:
    """The three nearest neighbours, nearer ones counting more."""

    def __init__(self, k=3):
        self.k = k

    def fit(self, rows, labels):
        columns = list(zip(*rows))
        self.mean = [sum(c) / len(c) for c in columns]
        self.dev = [math.sqrt(sum((x - m) ** 2 for x in c) / len(c)) for c, m in zip(columns, self.mean)]
        self.rows, self.labels = [self._scale(r) for r in rows], labels
        return self

    def _scale(self, row):
        return [(x - m) / d if d else 0.0 for x, m, d in zip(row, self.mean, self.dev)]

    def guess(self, row):
        row = self._scale(row)
        near = sorted((sum((x - y) ** 2 for x, y in zip(row, r)), label)
                      for r, label in zip(self.rows, self.labels))[:self.k]
        votes = Counter()
        for distance, label in near:
            votes[label] += 1 / (1e-9 + math.sqrt(distance))
        return min(votes.items(), key=lambda v: (-v[1], v[0]))[0]


def lucky(chance, n, level=0.05):
    """Share of right guesses out of n that mere luck exceeds in at most `level` of cases."""
    below = 0.0
    for hits in range(n + 1):
        below += math.comb(n, hits) * chance ** hits * (1 - chance) ** (n - hits)
        if below >= 1 - level:
            return hits / n
    return 1.0


def judge(rows, labels, rounds, seed=1):
    """Rounds are guessed by classifiers that were trained on other rounds only.

    Returns the share of right guesses of each, the better one's confusion
    (true name -> guess -> count), and what luck would give.
    """
    names = sorted(set(labels))
    makers = {"forest": lambda: Forest(seed=seed), "neighbours": Nearest}
    confusion = {m: {n: Counter() for n in names} for m in makers}
    for fold in range(min(FOLDS, len(set(rounds)))):
        train = [i for i, r in enumerate(rounds) if r % FOLDS != fold]
        test = [i for i, r in enumerate(rounds) if r % FOLDS == fold]
        for m, make in makers.items():
            model = make().fit([rows[i] for i in train], [labels[i] for i in train])
            for i in test:
                confusion[m][labels[i]][model.guess(rows[i])] += 1
    share = {m: sum(c[n][n] for n in names) / len(labels) for m, c in confusion.items()}
    best = max(share, key=lambda m: (share[m], m))
    chance = 1 / len(names)
    return {"share": share, "best": share[best], "by": best, "names": names, "visits": len(labels),
            "confusion": {n: dict(c) for n, c in confusion[best].items()},
            "chance": chance,
            # Two had their chance to be lucky.
            "lucky": lucky(chance, len(labels), 0.05 / len(makers))}
