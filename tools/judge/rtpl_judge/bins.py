# SPDX-License-Identifier: GPL-2.0
"""How many bytes went each way in each 50 ms: a random forest on counts.

Where a link never falls silent, single packets tell nothing and only its rate does: this attack
looks at nothing else. It sees changes of a rate, when they come and how large they are, better than
attacks whose features are of packets (k-fingerprinting's parts are of 20 packets, or of a second).

Shen et al. count packets in slots of 44 ms each way (their traffic aggregation matrix, which rf.py
has) before a network; here it is bytes, and a forest, which needs no more than hundreds of visits.
"""
import numpy as np

from .attack import Attack
from .forest import grow, probabilities

BIN = .05			# seconds
MOST = 400			# bins; longer windows have longer ones
TREES = 300


class Bins(Attack):
    name = "bins"
    title = "bytes in bins of 50 ms, a random forest"
    paper = ("after M. Shen, K. Ji, Z. Gao, Q. Li, L. Zhu, K. Xu, Subverting Website Fingerprinting "
             "Defenses with Robust Traffic Representation, USENIX Security 2023")
    window = 1.5

    def settings(self):
        return {"window": self.window}

    def extract(self, visits):
        """float32 [visits, ways * (2 * bins + 3)]: of what came and of what went, bytes in each bin,
        until the end of each, and the most, where that is, and their deviation."""
        n = min(MOST, max(1, round(self.window / BIN)))
        edges = np.linspace(0, self.window, n + 1)
        x = np.zeros((len(visits), 2, 2 * n + 3), np.float32)
        for row, v in zip(x, visits):
            for way, d in zip(row, (-1, 1)):
                of = v.d == d
                c = np.histogram(v.t[of], edges, weights=v.b[of])[0]
                way[:] = [*c, *np.cumsum(c), c.max(), c.argmax(), c.std()]
        return x.reshape(len(visits), -1)

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        """As attack.py says; work: 300 trees."""
        progress(0.0, f"{TREES} trees on {len(x)} visits")
        p = probabilities(grow(x, y, TREES, seed), x_test, classes)
        progress(1.0, "done")
        return p
