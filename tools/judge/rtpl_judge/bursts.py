# SPDX-License-Identifier: GPL-2.0
"""Bursts in the place of packets: k-fingerprinting on them, and what the first of them are.

A burst is what one direction sends until it has been quiet for QUIET or the other direction sends a
packet that is more than an acknowledgement. A defence that pads bursts (message sizes, exchanges) changes
these, and what it does to packets says little; so the features are k-FP's (kfp.py), of a visit whose packets
are its bursts, by the logarithm of their bytes, and of the first BURSTS each way bytes, packets, begin and
length.
"""
import numpy as np

from .attack import Attack
from .forest import grow, probabilities
from .kfp import KFP, TREES
from .traces import Visit

QUIET = .015			# seconds
SMALL = 200			# bytes of a packet that may only acknowledge
BURSTS = 10
STEP = 96			# of a size: an octave of bytes, from 64 on


def bursts(v):
    """(begin, end [s], direction, bytes, packets) of each, arrays, by their begin."""
    if not len(v):
        return tuple(np.zeros(0) for _ in range(5))
    rows = []
    for d in 1, -1:
        of, other = np.flatnonzero(v.d == d), v.t[(v.d == -d) & (v.b > SMALL)]
        if not len(of):
            continue
        t = v.t[of]
        turned = np.diff(np.searchsorted(other, t, "right")) > 0
        first = np.flatnonzero(np.concatenate([[True], (np.diff(t) > QUIET) | turned]))
        last = np.append(first[1:], len(of)) - 1
        rows.append(np.stack([t[first], t[last], np.full(len(first), d),
                              np.add.reduceat(v.b[of].astype(np.int64), first), last - first + 1]))
    rows = np.concatenate(rows, 1)
    return tuple(rows[:, np.argsort(rows[0], kind="stable")])


def as_visit(v):
    """The visit whose packets are its bursts: the logarithm of their bytes, in steps that k-FP's
    histogram tells apart."""
    t, _, d, b, _ = bursts(v)
    return Visit(*v.key, t, d, np.round(STEP * np.log2(1 + b / 64)))


class Bursts(Attack):
    name = "bursts"
    title = "k-fingerprinting on bursts, and the first bursts each way"
    paper = ("after J. Hayes, G. Danezis, k-fingerprinting: a Robust Scalable Website "
             "Fingerprinting Technique, USENIX Security 2016")
    modules = ("kfp",)

    def extract(self, visits):
        """float32 [visits, k-FP's features + 2 * BURSTS * 4 + 2]."""
        kfp = KFP().extract([as_visit(v) for v in visits])
        x = np.zeros((len(visits), 2, 4 * BURSTS + 1), np.float32)
        for row, v in zip(x, visits):
            t, end, d, b, n = bursts(v)
            for way, sign in zip(row, (1, -1)):
                of = np.flatnonzero(d == sign)
                some = of[:BURSTS]
                way[0] = len(of)
                for k, values in enumerate((b, n, t - (v.t[0] if len(v) else 0), end - t)):
                    way[1 + k * BURSTS:1 + k * BURSTS + len(some)] = values[some]
        return np.concatenate([kfp, x.reshape(len(visits), -1)], 1)

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        """As attack.py says; work: 300 trees."""
        progress(0.0, f"{TREES} trees on {len(x)} visits")
        p = probabilities(grow(x, y, TREES, seed), x_test, classes)
        progress(1.0, "done")
        return p
