# SPDX-License-Identifier: GPL-2.0
"""All quick attacks as one, each weighed by what it named in groups that it was not trained on.

See stack.py; the guessers that `tables` is made of are weighed one by one. Networks that take minutes are none of them.
"""
import numpy as np

from .attack import Attack
from .bins import Bins
from .bursts import Bursts
from .cumul import CUMUL
from .kfp import KFP
from .knows import Tables
from .stack import guess
from .traces import Visit
from .volume import Volume

ONE = Visit("", "", "", [0.0], [1], [100])	# any visit has a row as wide
MEMBERS = Volume, KFP, CUMUL, Bins, Bursts, Tables


class Ensemble(Attack):
    name = "ensemble"
    title = "volume, k-FP, CUMUL, bins, bursts and tables, stacked"
    paper = "D. Wolpert, Stacked Generalization, Neural Networks 5, 1992, with one weight a member"
    modules = ("stack", "volume", "kfp", "cumul", "bins", "bursts", "knows")
    window = 1.5

    def __init__(self):
        self.members = [m() for m in MEMBERS]

    def settings(self):
        return {"members": {m.name: m.settings() for m in self.all()}}

    def all(self):
        for m in self.members:
            m.window = self.window
        return self.members

    def fit_to(self, visits):
        for m in self.all():
            m.fit_to(visits)

    def extract(self, visits):
        """Each member's row behind the one before it, float32."""
        return np.concatenate([m.extract(visits).reshape(len(visits), -1).astype(np.float32)
                               for m in self.all()], 1)

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        """As attack.py says. Work: five times each member's."""
        ends = np.cumsum([0, *(m.extract([ONE]).size for m in self.all())])

        def member(one, a, b):
            return lambda x, y, g, x_test, classes, seed, tell: one(
                x[:, a:b], y, g, x_test[:, a:b], classes, seed, tell)
        return guess([member(one, a, b) for m, a, b in zip(self.members, ends, ends[1:])
                      for one in getattr(m, "guessers", [m.fit_predict])],
                     x, y, groups, x_test, classes, seed, progress)
