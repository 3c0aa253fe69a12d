# SPDX-License-Identifier: GPL-2.0
"""CUMUL: how the bytes that came and went add up, packet by packet, seen by an SVM.

Paper: A. Panchenko, F. Lanze, A. Zinnen, M. Henze, J. Pennekamp, K. Wehrle, T. Engel,
"Website Fingerprinting at Internet Scale", NDSS 2016.

The features are the authors' (104, their mode CUMULATIVE; equal to a transcript of it to 1e-7 on
60 visits to Tor pages and 60 voice commands), scaled to -1 .. 1 by the visits trained on. The
paper searches C in 2^11 .. 2^17 and gamma in 2^-3 .. 2^3, made for pages that hardly overlap;
where classes do, as behind a defence, all of those learn the noise (token streams: 0.53 to
0.79 right, 0.82 with both smaller). So both ranges begin lower here, as in a later re-run
(Jansen, Wails, PoPETs 2023), and are searched from coarse to fine.

Probabilities are the softmax of the one-against-one votes (with their margins, as
scikit-learn adds them up a class). They rank; they are not calibrated: Platt's would be, for
five more fits.
"""
import warnings

import numpy as np

from .attack import Attack
from .forest import threads

POINTS = 100
FEATURES = (["packets_in", "packets_out", "bytes_out", "bytes_in"] +
            [f"cumul_{k}" for k in range(1, POINTS + 1)])
# Exponents of 2: a coarse grid, then steps from the best of it, never past the grid's ends.
COST, GAMMA = (-1, 5, 11, 17), (-9, -5, -1, 3)
STEPS = ((3, 2), (1, 1))
SMOOTHEST = (11, -3)		# of those in the paper
FOLDS = 3
SEARCH_MOST = 4000		# visits that a fold of the search is trained on
SWEEPS_MOST, SEARCH_SWEEPS = 20000, 5000	# of libsvm, a pair of classes


class CUMUL(Attack):
    name = "cumul"
    title = "CUMUL, an SVM on the cumulated sizes"
    paper = ("A. Panchenko, F. Lanze, A. Zinnen, M. Henze, J. Pennekamp, K. Wehrle, T. Engel, "
             "Website Fingerprinting at Internet Scale, NDSS 2016")

    def extract(self, visits):
        """float32 [visits, 104]: the totals, then the sum of sizes (what comes is positive) at
        100 places evenly far apart between the first and the last packet, in bytes passed
        either way, the line through packets' sums drawn straight between them."""
        x = np.zeros((len(visits), len(FEATURES)), np.float32)
        for row, v in zip(x, visits):
            if not len(v):
                continue
            out = v.d > 0
            b = v.b.astype(np.float64)
            passed, sums = np.cumsum(b), np.cumsum(np.where(out, -b, b))
            row[:4] = (~out).sum(), out.sum(), b[out].sum(), b[~out].sum()
            at = np.linspace(passed[0], passed[-1], POINTS + 1)[1:]
            row[4:] = np.interp(at, passed, sums)
        return x

    def fit_predict(self, x, y, groups, x_test, classes, seed, progress):
        """As attack.py says. Work: at most 32 settings by 3 folds, each an SVM of at most 4000
        visits and 5000 sweeps a pair of classes, then one of all visits and 20,000 sweeps: 10 s
        of one core for 2500 visits of 50 classes that are easily told apart, a minute and more
        where they are not. Memory: 200 MB of kernel an SVM, RTPL_JUDGE_THREADS at once."""
        seen = np.unique(y)
        p = np.zeros((len(x_test), classes))
        if len(seen) < 2 or not len(x_test):
            p[:, seen[0]] = 1
            return p
        low, high = x.min(axis=0), x.max(axis=0)
        wide = np.where(high > low, high - low, 1)
        x, x_test = ((a.astype(np.float64) - low) / wide * 2 - 1 for a in (x, x_test))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")		# what ran out of sweeps
            model = _fit(x, y, *choose(x, y, groups, seed, progress))
        d = model.decision_function(x_test)
        if d.ndim == 1:
            d = np.stack([-d / 2, d / 2], axis=1)
        e = np.exp(d - d.max(axis=1, keepdims=True))
        p[:, model.classes_] = e / e.sum(axis=1, keepdims=True)
        progress(1.0, "done")
        return p


def _fit(x, y, cost, gamma, sweeps=SWEEPS_MOST):
    from sklearn.svm import SVC
    return SVC(C=2.0**cost, gamma=2.0**gamma, max_iter=sweeps, cache_size=200).fit(x, y)


def choose(x, y, groups, seed, progress):
    """The exponents (C, gamma) that guess best in 3 folds, no group in two of them; of equals
    the smoothest. With one group there is nothing to choose by: SMOOTHEST."""
    from joblib import Parallel, delayed
    from sklearn.model_selection import GroupKFold
    names = len(np.unique(groups))
    if names < 2:
        return SMOOTHEST
    rng = np.random.default_rng(seed)
    folds = [(rng.permutation(train)[:SEARCH_MOST], test) for train, test in
             GroupKFold(min(FOLDS, names)).split(x, y, groups)]
    folds = [(train, test) for train, test in folds if len(np.unique(y[train])) > 1]
    if not folds:
        return SMOOTHEST
    right = {}

    def score(train, test, at):
        return (_fit(x[train], y[train], *at, SEARCH_SWEEPS).predict(x[test]) == y[test]).sum()

    def best():
        return max(sorted(right), key=right.get)

    def look(settings, done):
        settings = sorted(set(settings) - set(right))
        progress(done, f"{len(settings)} settings of {len(x)} visits")
        scores = Parallel(threads(), prefer="threads")(
            delayed(score)(*fold, at) for at in settings for fold in folds)
        right.update(zip(settings, np.reshape(scores, (-1, len(folds))).sum(axis=1)))

    look([(c, g) for c in COST for g in GAMMA], 0.0)
    for k, (step_c, step_g) in enumerate(STEPS):
        c, g = best()
        look([(c + i * step_c, g + j * step_g) for i in (-1, 0, 1) for j in (-1, 0, 1)
              if COST[0] <= c + i * step_c <= COST[-1]
              and GAMMA[0] <= g + j * step_g <= GAMMA[-1]], 0.5 + 0.25 * k)
    return best()
