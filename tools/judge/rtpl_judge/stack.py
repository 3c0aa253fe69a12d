# SPDX-License-Identifier: GPL-2.0
"""Several guessers as one: a weighted product of their probabilities.

Stacked generalization (D. Wolpert, Neural Networks 5, 1992): what a member says of a visit when it was
trained on other groups decides what it weighs. One weight a member, for there are few visits; the weights
are those of the least cross-entropy of these answers, and members that say nothing get none. Then each
is trained on all. Nothing of the visits that are asked about is in either.
"""
import numpy as np

FOLDS = 4
LEAST = 1e-4			# of a probability: a forest's "never" is not one


def folds(y, groups, seed):
    """[(train, test)] of the training side: by groups; where there is one, by visits."""
    from sklearn.model_selection import GroupKFold, StratifiedKFold
    names = len(np.unique(groups))
    if names > 1:
        return list(GroupKFold(min(FOLDS, names)).split(y, y, groups))
    if np.bincount(y).max() < 2:
        return []
    return list(StratifiedKFold(2, shuffle=True, random_state=seed % 2**32).split(y, y))


def logs(p):
    """Logarithms of probabilities [..., classes], none of them never."""
    p = np.maximum(p, LEAST)
    return np.log(p / p.sum(-1, keepdims=True))


def product(each, weights):
    """Probabilities [visits, classes] of logarithms [members, visits, classes]."""
    z = np.tensordot(weights, each, 1)
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def weigh(each, y):
    """[members] weights of the least cross-entropy, none below nought."""
    from scipy.optimize import minimize
    at = np.arange(len(y))

    def loss(w):
        p = product(each, w)
        off = (p[None] * each).sum(2) - each[:, at, y]
        return -np.log(np.maximum(p[at, y], 1e-300)).mean(), off.mean(1)
    start = np.full(len(each), 1 / len(each))
    return minimize(loss, start, jac=True, bounds=[(0, 4)] * len(each)).x


def guess(members, x, y, groups, x_test, classes, seed, progress):
    """As attack.py's fit_predict() of members, a list of such functions: work, FOLDS + 1 times all of
    theirs."""
    parts = folds(y, groups, seed)
    steps, done = len(members) * (len(parts) + 1), 0

    def ask(k, train, test_x, number):
        nonlocal done
        progress(done / steps, f"member {k + 1} of {len(members)}")
        done += 1
        return logs(members[k](x[train], y[train], groups[train], test_x, classes, seed + number,
                               lambda f, text="": None))
    weights = np.full(len(members), 1 / len(members))
    if parts:
        own = np.zeros((len(members), len(y), classes))
        for k in range(len(members)):
            for n, (train, test) in enumerate(parts):
                own[k, test] = ask(k, train, x[test], n + 1)
        weights = weigh(own, y)
    every = np.arange(len(y))
    each = np.stack([ask(k, every, x_test, 0) for k in range(len(members))])
    progress(1.0, "done")
    return product(each, weights)
