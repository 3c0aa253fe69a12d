# SPDX-License-Identifier: GPL-2.0
"""Volume only: how much went each way, and for how long.

The least that an attack can look at: what it finds, no change of order, sizes or gaps hides.
Panchenko et al. (NDSS 2016) and Dyer et al. (IEEE S&P 2012, "Peek-a-Boo, I Still See You")
show how far such totals alone go.
"""
import numpy as np

from .attack import Attack
from .forest import grow, probabilities

FEATURES = ["packets_in", "packets_out", "bytes_in", "bytes_out", "duration"]
TREES = 100


class Volume(Attack):
    name = "volume"
    title = "flow volume and duration, a random forest"
    paper = ("K. P. Dyer, S. E. Coull, T. Ristenpart, T. Shrimpton, Peek-a-Boo, I Still See "
             "You: Why Efficient Traffic Analysis Countermeasures Fail, IEEE S&P 2012")

    def extract(self, visits):
        """float32 [visits, 5], columns as in FEATURES: packets, bytes, seconds."""
        x = np.zeros((len(visits), len(FEATURES)), np.float32)
        for row, v in zip(x, visits):
            out = v.d > 0
            b = v.b.astype(np.int64)
            packets, size, sent = int(out.sum()), int(b.sum()), int(b[out].sum())
            row[:] = (len(v) - packets, packets, size - sent, sent,
                      v.t[-1] - v.t[0] if len(v) else 0)
        return x

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        """As attack.py says; work: 100 trees."""
        progress(0.0, f"{TREES} trees on {len(x)} visits")
        p = probabilities(grow(x, y, TREES, seed), x_test, classes)
        progress(1.0, "done")
        return p
