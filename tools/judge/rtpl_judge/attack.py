# SPDX-License-Identifier: GPL-2.0
"""What every attack is.

An attack is a class with these names; `ATTACKS` in registry.py lists them.

    name        one word: kfp, cumul, df, tiktok, rf, token, volume
    title       for people, with the paper
    paper       authors, title, venue, year
    heavy       trains a network
    modules     files of this package that a result follows from, besides its own and forest.py

    settings() -> dict of what besides its source a result follows from
    fit_to(visits)
        Makes its input as long as these need, where it has a length.
    seen(visits) -> share of their packets that its input has room for; 1 where it looks at all

    extract(visits) -> np.ndarray [visits, ...]
        What the attack looks at. No chance, no labels, nothing from other visits: the same
        visit always gives the same row. Cached.

    fit_predict(x, y, groups, x_test, classes, seed, progress) -> np.ndarray [tests, classes]
        Trains on x with labels y (int64, 0 .. classes - 1); returns a row of probabilities
        for each of x_test. Whatever it needs for choosing (validation) it takes from x, by
        `groups` (an array of names, one a row of x: rows of one group stay together). All
        chance is from `seed`. progress(fraction, text) may be called at any time.
"""
from abc import ABC, abstractmethod


class Attack(ABC):
    name = title = paper = ""
    heavy = False
    modules = ()

    def settings(self):
        return {}

    def fit_to(self, visits):
        pass

    def seen(self, visits):
        return 1.0

    @abstractmethod
    def extract(self, visits):
        pass

    @abstractmethod
    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        pass
