# SPDX-License-Identifier: GPL-2.0
"""Figures of merit and their 95 % intervals.

What varies decides which interval is right: interval() for repeats of training and testing,
binomial() for one test with independent visits, auprc() and open_world() for a figure that is no
mean, by groups of visits that depend on each other. All chance is from a seed.
"""
import numpy as np
from scipy import stats

from . import JudgeError

RESAMPLES = 1000


def interval(values, n_test, n_train, limits=(0.0, 1.0)):
    """95 % interval of the mean over repeats whose training sets overlap.

    values: a figure for each repeat, tested on about `n_test` visits after training on
    `n_train`. The variance of the mean is (1/J + n_test/n_train) s², s² the sample variance:
    Nadeau & Bengio, Inference for the generalization error, Machine Learning 52, 2003; then
    Student's t with J - 1 degrees. Clipped to `limits`. One repeat says nothing of what
    varies: its interval is all of `limits`.
    """
    each = [float(v) for v in values]
    if not each or n_test <= 0 or n_train <= 0:
        raise JudgeError(f"no interval out of {len(each)} repeats, {n_test} tests after "
                         f"{n_train} for training")
    mean = float(np.mean(each))
    if len(each) == 1:
        low, high = limits
    else:
        j = len(each)
        se = np.sqrt((1 / j + n_test / n_train) * np.var(each, ddof=1))
        half = stats.t.ppf(0.975, j - 1) * se
        low, high = max(mean - half, limits[0]), min(mean + half, limits[1])
    return {"mean": mean, "low": float(low), "high": float(high), "each": each}


def binomial(k, n):
    """Wilson's 95 % interval (JASA 22, 1927) of a share: k of n independent visits."""
    if not 0 <= k <= n or n < 1:
        raise JudgeError(f"no share is {k} of {n}")
    z = stats.norm.ppf(0.975)
    p = k / n
    mid = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return {"mean": float(p), "low": float(max(0.0, mid - half)) if k else 0.0,
            "high": float(min(1.0, mid + half)) if k < n else 1.0}


def hits(y, proba):
    """[visits]: 1 where the most probable class is y's, 0 where not; where m classes are
    equally probable and y's is one of them, 1/m: what a guess between them gets."""
    y, proba = _checked(y, proba)
    top = proba == proba.max(axis=1, keepdims=True)
    return top[np.arange(len(y)), y] / top.sum(axis=1)


def accuracy(y, proba):
    """Share of visits given their own class. y [visits], proba [visits, classes]."""
    return float(hits(y, proba).mean())


def _checked(y, proba):
    y, proba = np.asarray(y, np.int64), np.asarray(proba, np.float64)
    if proba.ndim != 2 or len(y) != len(proba) or not len(y):
        raise JudgeError(f"probabilities of shape {proba.shape} do not fit {len(y)} labels")
    if y.min() < 0 or y.max() >= proba.shape[1]:
        raise JudgeError(f"a label of {y.max()} among {proba.shape[1]} classes")
    if not np.isfinite(proba).all():
        raise JudgeError("an attack's probability is not a number")
    return y, proba


# ---- precision and recall --------------------------------------------------------------------

def _curves(right, score, relevant, weights):
    """(precision, recall) [resamples, thresholds] from the highest threshold to the lowest.
    right: is a positive answer here true; weights: [resamples, visits]; relevant
    [resamples]: the weight of all visits that should be found."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))
    w = weights[:, order]
    positives = np.cumsum(w, axis=1)[:, last]
    true = np.cumsum(w * right[order], axis=1)[:, last]
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(positives > 0, true / positives, 1.0)
    return precision, true / relevant[:, None]


def _area(precision, recall):
    """Average precision: sum of precision times the step in recall."""
    return (np.diff(recall, axis=1, prepend=0.0) * precision).sum(axis=1)


def _weights(strata, groups, resamples, rng):
    """[resamples, visits]: how often each visit is drawn, whole groups with replacement
    within each stratum."""
    n = len(strata)
    out = np.zeros((resamples, n))
    for s in np.unique(strata):
        at = np.flatnonzero(strata == s)
        number = np.unique(groups[at], return_inverse=True)[1]
        units = number.max() + 1
        drawn = rng.multinomial(units, np.full(units, 1 / units), size=resamples)
        out[:, at] = drawn[:, number]
    return out


def _groups(groups, n):
    groups = np.arange(n) if groups is None else np.asarray(groups)
    if len(groups) != n:
        raise JudgeError(f"{len(groups)} groups do not fit {n} visits")
    return groups


def auprc(y, score, groups=None, seed=1, resamples=RESAMPLES):
    """Area under precision against recall, as average precision.

    y [visits]: is it what is looked for; score [visits]: higher means more likely. The
    interval is a percentile bootstrap, stratified by class, groups drawn as a whole within
    each class. Returns {"auprc", "low", "high", "base"}: base is the share of y, which is
    what guessing gets. Memory: 1000 numbers of 8 bytes a visit, a few times over.
    """
    y, score = np.asarray(y, bool), np.asarray(score, np.float64)
    if len(y) != len(score) or not y.any() or y.all():
        raise JudgeError(f"precision and recall need visits of both kinds: {int(y.sum())} of "
                         f"{len(y)} are looked for, with {len(score)} scores")
    groups = _groups(groups, len(y))
    value = _area(*_curves(y, score, np.array([y.sum()]), np.ones((1, len(y)))))[0]
    w = _weights(y, groups, resamples, np.random.default_rng([seed, 1]))
    many = _area(*_curves(y, score, w[:, y].sum(axis=1), w))
    low, high = np.quantile(many, (0.025, 0.975))
    return {"auprc": float(value), "low": float(low), "high": float(high),
            "base": float(y.mean())}


def open_world(y, proba, unmonitored, groups=None, seed=1, resamples=RESAMPLES):
    """The open world of several monitored classes and one of everything else.

    y [visits] and proba [visits, classes]; `unmonitored`: the number of the other class. The
    attacker names for each visit its most probable monitored class, and believes it from a
    threshold on. A true positive is a monitored visit given its own class; a monitored visit
    given another monitored class is a false positive, as is any unmonitored visit. Recall is
    of all monitored visits, so that it may end below 1.

    Returns {"auprc", "low", "high", "base", "guess", "precision", "recall"}: base is the
    share of monitored visits, guess what always naming the most frequent monitored class
    with a random score gets, the last two the curve, from the highest threshold to the
    lowest, at most 200 points. Interval as in auprc().
    """
    y, proba = _checked(y, proba)
    monitored = y != unmonitored
    if not 0 <= unmonitored < proba.shape[1] or not monitored.any() or monitored.all():
        raise JudgeError(f"an open world needs visits in class {unmonitored} and in others")
    groups = _groups(groups, len(y))
    own = np.delete(proba, unmonitored, axis=1)
    named = np.delete(np.arange(proba.shape[1]), unmonitored)[own.argmax(axis=1)]
    score, right = own.max(axis=1), named == y
    p, r = _curves(right, score, np.array([monitored.sum()]), np.ones((1, len(y))))
    w = _weights(y, groups, resamples, np.random.default_rng([seed, 2]))
    many = _area(*_curves(right, score, w[:, monitored].sum(axis=1), w))
    low, high = np.quantile(many, (0.025, 0.975))
    base, most = monitored.mean(), np.bincount(y[monitored]).max() / len(y)
    at = np.unique(np.linspace(0, p.shape[1] - 1, 200).astype(int))
    return {"auprc": float(_area(p, r)[0]), "low": float(low), "high": float(high),
            "base": float(base), "guess": float(most * most / base),
            "precision": p[0, at].tolist(), "recall": r[0, at].tolist()}
