# SPDX-License-Identifier: GPL-2.0
"""Who knows the tables of an exchange: what that schedule is made to show, and what it shows besides.

The schedule (kmod/core/sched_exchange.c) has cells of a few sizes with roles: full ones for data and its
padding, one size for cover in slots, small ones for replies. The sizes are known from the profile; here
they are what most cells of the set have, which is the same. The features are what the tables choose: the
request's volume as padded, whether there is cover, until which slot, what is a burst in it, the answer's
volume and its slot. And what no table means to show: when a burst begins within its slot, its pace, what
comes behind it, what acknowledges it, and all sizes that are none of these.

The guesser is four in one (stack.py): two forests on these and on those of bursts (bursts.py), one with
splits by chance; small networks on standardized logarithms of these alone; and Bayes' rule on what the
tables choose, by Laplace's counts.
"""
import numpy as np

from .attack import Attack
from .bursts import Bursts
from .forest import grow, probabilities, threads
from .stack import guess
from .traces import Visit

SLOT, SLOTS = .05, 30		# seconds, and how many are looked at
QUIET = .02			# seconds between bursts
OFTEN = .005			# of cells: a size that has a role
TREES, NETS, HIDDEN, ROUNDS = 300, 3, 48, 200
SHOWN = 5			# features that the tables choose
BINS = 12			# of each, for Bayes' rule


def roles(visits):
    """(small, cover, full): bytes of cells that most have; cover is 0 where there is no third."""
    d = np.concatenate([v.d for v in visits]) if visits else np.zeros(0)
    b = np.concatenate([v.b for v in visits]) if visits else np.zeros(0, int)
    if not len(b):
        return 0, 0, 0
    size, count = np.unique(b, return_counts=True)
    often = size[count >= OFTEN * len(b)]
    often = often if len(often) else size[[count.argmax()]]
    small, full = int(often[0]), int(often[-1])
    between = [(np.sum((b == s) & (d < 0)), int(s)) for s in often[1:-1]]
    return small, max(between, default=(0, 0))[1], full


def _burst(t, b, at):
    """Of a burst that begins with number `at`: (number behind its last, bytes)."""
    end = at + 1
    while end < len(t) and t[end] - t[end - 1] < QUIET:
        end += 1
    return end, int(b[at:end].sum())


class Tables(Attack):
    name = "tables"
    title = "who knows an exchange's tables: what they show, and what shows besides"
    paper = ("none; stacking: D. Wolpert, Stacked Generalization, Neural Networks 5, 1992; extremely "
             "randomized trees: P. Geurts, D. Ernst, L. Wehenkel, Machine Learning 63, 2006")
    sizes = 0, 0, 0
    modules = ("stack", "bursts", "kfp")

    def settings(self):
        return {"sizes": list(self.sizes)}

    def fit_to(self, visits):
        self.sizes = roles(visits)

    def extract(self, visits):
        """float32 [visits, features], those that the tables choose first, those of bursts last."""
        own = np.array([self.features(v) for v in visits], np.float32)
        return np.concatenate([own, Bursts().extract(visits)], 1)

    def features(self, v):
        small, cover, full = self.sizes
        t = v.t - (v.t[0] if len(v) else 0)
        up, down = v.d > 0, v.d < 0
        is_small, is_cover = v.b <= small, down & (v.b == cover)
        big_up, big_down = up & ~is_small, down & ~is_small & ~is_cover
        tu, bu, td, bd = t[big_up], v.b[big_up], t[big_down], v.b[big_down]
        tc, su, sd = t[is_cover], t[up & is_small], t[down & is_small]
        end, asked = _burst(tu, bu, 0) if len(tu) else (0, 0)
        last = tu[end - 1] if end else 0.0
        after = np.searchsorted(td, last)
        then, answered = _burst(td, bd, after) if after < len(td) else (after, 0)

        def since(x, none=-1.0):
            """s from the request's last cell."""
            return float(x[0] - last) if len(x) else none
        shown = [asked, int(bd.sum()), round(since(tc[::-1]) / SLOT), round(since(td[after:]) / SLOT),
                 len(tc)]
        gaps = np.diff(tu[:end]) if end > 1 else np.zeros(1)
        out = [*shown, int(bu.sum()), answered, len(tu), end, len(td), then - after, len(su), len(sd),
               last, tu[0] if len(tu) else -1, last - tu[0] if len(tu) else -1, gaps.max(), gaps.mean(),
               since(td[after:]), since(td[::-1]), since(tc), since(tc[::-1]),
               td[then - 1] - td[after] if then > after else -1,
               since(td[after:], 0) % SLOT, since(tc, 0) % SLOT,
               since(tu[end:]), int(bu[end:].sum()), since(td[then:]), int(bd[then:].sum()),
               len(su) / max(1, len(td) + len(tc)), len(sd) / max(1, len(tu)),
               t[-1] if len(t) else 0, t[-1] - last if len(t) else 0]
        for x in su, sd:
            near = np.searchsorted(x, [tu[0] if len(tu) else 0, last, last + SLOT])
            out += [*near, since(x[near[1]:]), since(x[::-1]), np.diff(x).max() if len(x) > 1 else -1]
        odd = (v.b != small) & (v.b != cover) & (v.b != full)
        for of in up & odd, down & odd:
            out += [of.sum(), v.b[of].sum(), v.b[of].max() if of.any() else 0,
                    t[of][0] - last if of.any() else -1]
        edges = last + SLOT * np.arange(SLOTS + 1)
        for of in big_down, is_cover, up & is_small, down & is_small:
            out += np.histogram(t[of], edges)[0].tolist()
        return [float(x) for x in out]

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        """As attack.py says. Work: five times 600 trees, 3 networks of 48 units, at most 200 steps each,
        and a table."""
        return guess(self.guessers, x, y, groups, x_test, classes, seed, progress)


def _forest(x, y, groups, x_test, classes, seed, progress):
    return probabilities(grow(x, y, TREES, seed), x_test, classes)


def _in(classes, known, p):
    out = np.zeros((len(p), classes))
    out[:, known] = p
    return out


def _trees(x, y, groups, x_test, classes, seed, progress):
    from sklearn.ensemble import ExtraTreesClassifier
    m = ExtraTreesClassifier(TREES, min_samples_leaf=2, max_features=.2, random_state=seed % 2**32,
                             n_jobs=threads()).fit(x, y)
    m.n_jobs = 1
    return _in(classes, m.classes_, m.predict_proba(x_test))


def _nets(x, y, groups, x_test, classes, seed, progress):
    import warnings

    from sklearn.neural_network import MLPClassifier
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits
    x, x_test = x[:, :OWN], x_test[:, :OWN]
    if len(np.unique(y)) < 2:
        return _in(classes, np.unique(y), np.ones((len(x_test), 1)))
    a, b = (np.sign(z) * np.log1p(np.abs(z)) for z in (x.astype(np.float64), x_test.astype(np.float64)))
    scale = StandardScaler().fit(a)
    a, b = scale.transform(a), np.clip(scale.transform(b), -5, 5)
    out = np.zeros((len(x_test), classes))
    for k in range(NETS):
        # Matrices this small are slower by several threads.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")	# what ran out of steps
            m = MLPClassifier((HIDDEN,), alpha=3.0, solver="lbfgs", max_iter=ROUNDS,
                              random_state=(seed + k) % 2**32).fit(a, y)
        out += _in(classes, m.classes_, m.predict_proba(b)) / NETS
    return out


def _bayes(x, y, groups, x_test, classes, seed, progress):
    prior = (np.bincount(y, minlength=classes) + 1) / (len(y) + classes)
    out = np.tile(np.log(prior), (len(x_test), 1))
    for k in range(min(SHOWN, x.shape[1])):
        # Borders between values that were seen, as many in each bin.
        borders = np.unique(np.quantile(x[:, k], np.arange(1, BINS) / BINS))
        n = len(borders) + 1
        table = np.ones((n, classes))
        np.add.at(table, (np.searchsorted(borders, x[:, k], "left"), y), 1)
        table /= table.sum(0)
        out += np.log(table[np.searchsorted(borders, x_test[:, k], "left")])
    e = np.exp(out - out.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


Tables.guessers = [_trees, _forest, _nets, _bayes]
OWN = len(Tables().features(Visit("", "", "", [], [], [])))
