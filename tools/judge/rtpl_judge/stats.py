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
SHUFFLES = 9999
FPR = .01		# share of false alarms at which recall is told
RECALL = .5		# at which precision is told
BASE_RATES = (20, 1000)	# visits to other pages for each to a monitored one


def interval(values, n_test, n_train, limits=(0.0, 1.0)):
    """95 % interval of the mean over repeats whose training sets overlap.

    values: a figure for each repeat, tested on about `n_test` visits after training on
    `n_train`. The variance of the mean is (1/J + n_test/n_train) s², s² the sample variance:
    Nadeau & Bengio, Inference for the generalization error, Machine Learning 52, 2003; then
    Student's t with J - 1 degrees. Clipped to `limits`; "half" is half of its width before, None
    if it is not known, and "ratio" n_test/n_train, for comparing two in pairs (verdict.py). One
    repeat says nothing of what varies: its interval is all of `limits`.
    """
    each = [float(v) for v in values]
    if not each or n_test <= 0 or n_train <= 0:
        raise JudgeError(f"no interval out of {len(each)} repeats, {n_test} tests after "
                         f"{n_train} for training")
    mean = float(np.mean(each))
    if len(each) == 1:
        low, high, half = *limits, None
    else:
        j = len(each)
        se = np.sqrt((1 / j + n_test / n_train) * np.var(each, ddof=1))
        half = stats.t.ppf(0.975, j - 1) * se
        low, high = max(mean - half, limits[0]), min(mean + half, limits[1])
    return {"mean": mean, "low": float(low), "high": float(high), "each": each,
            "half": None if half is None else float(half), "ratio": float(n_test / n_train)}


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


def by_prior(proba, prior):
    """Answers as if all classes were as frequent: who is asked for the mean of classes' shares (not
    of visits) divides by how often he saw each. prior [classes]; a class not seen stays at 0."""
    prior = np.asarray(prior, np.float64)
    return np.where(prior > 0, np.asarray(proba, np.float64) / np.maximum(prior, 1e-9), 0.0)


def balanced(y, proba):
    """The mean over classes of the share of their visits given their own class."""
    y = np.asarray(y, np.int64)
    right, count = np.bincount(y, hits(y, proba)), np.bincount(y)
    return float((right[count > 0] / count[count > 0]).mean())


def permutation(y, proba, groups, weight=None, shuffles=SHUFFLES, seed=1):
    """p of the attack's answers being no better than by chance: how often as many are right (visits
    weighted, where told) if labels are given to the visits anew, within groups that have several
    classes, and group by group where each is of one. No attack is trained again."""
    y, proba = _checked(y, proba)
    top = proba == proba.max(axis=1, keepdims=True)
    right = top / top.sum(axis=1, keepdims=True)
    rng, rows = np.random.default_rng([seed, 3]), np.arange(len(y))
    weight = np.ones(proba.shape[1]) if weight is None else np.asarray(weight)
    number = np.unique(groups, return_inverse=True)[1]
    parts = [np.flatnonzero(number == g) for g in range(number.max() + 1)]
    mixed = [p for p in parts if len(np.unique(y[p])) > 1]
    alone = [p for p in parts if len(np.unique(y[p])) == 1]
    first = np.array([y[p[0]] for p in alone], np.int64)
    here = (right[rows, y] * weight[y]).sum()
    above, left = 0, shuffles
    while left:
        n = min(left, 500)
        labels = np.repeat(y[None], n, axis=0)
        for p in mixed:
            labels[:, p] = rng.permuted(labels[:, p], axis=1)
        if alone:
            drawn = rng.permuted(np.repeat(first[None], n, axis=0), axis=1)
            for k, p in enumerate(alone):
                labels[:, p] = drawn[:, k:k + 1]
        above += int(((right[rows, labels] * weight[labels]).sum(axis=1) >= here - 1e-9).sum())
        left -= n
    return (1 + above) / (1 + shuffles)


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
    """[resamples, visits]: how often each visit is drawn, whole groups with replacement: within
    each stratum where a group is of one (a visit, a prompt), else all of them, with all that a
    session has. A draw without visits of some stratum tells nothing and is left out."""
    n = len(strata)
    number = np.unique(groups, return_inverse=True)[1]
    if len(np.unique(np.stack([number, strata]), axis=1).T) > number.max() + 1:
        units = number.max() + 1
        out = rng.multinomial(units, np.full(units, 1 / units), size=resamples)[:, number]
        out = out.astype(np.float64)
        whole = np.all([out[:, strata == s].any(axis=1) for s in np.unique(strata)], axis=0)
        return out[whole] if whole.any() else np.ones((1, n))
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
    interval is a percentile bootstrap by groups: _weights(). Returns {"auprc", "low", "high", "base"}: base is the share of y, which is
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
    # By monitored and not: a session has classes of both.
    w = _weights(monitored if len(np.unique(groups)) < len(y) else y, groups, resamples,
                 np.random.default_rng([seed, 2]))
    many = _area(*_curves(right, score, w[:, monitored].sum(axis=1), w))
    low, high = np.quantile(many, (0.025, 0.975))
    base, most = monitored.mean(), np.bincount(y[monitored]).max() / len(y)
    at = np.unique(np.linspace(0, p.shape[1] - 1, 200).astype(int))
    return {"auprc": float(_area(p, r)[0]), "low": float(low), "high": float(high),
            "base": float(base), "guess": float(most * most / base),
            "precision": p[0, at].tolist(), "recall": r[0, at].tolist(),
            **_points(right, monitored, score, w)}


def _points(right, monitored, score, w):
    """What an attacker gets at one threshold, each {"mean", "low", "high"} by the weights w:

    tpr        monitored visits that are found and named right, where FPR of the others at most
               raise an alarm
    precision  {"20": ..., "1000": ...}: alarms that are right where so many visits to others come
               on one to a monitored page, at the first threshold that finds RECALL of these (the
               lowest, where none does), and the "recall" there. Of others one false alarm more is
               counted than was seen: that none was seen among a hundred does not say that there
               is none among a thousand.
    """
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))

    def shares(w):
        def upto(of):
            return np.cumsum(w[:, order] * of[order], axis=1)[:, last]
        mine, others = (w[:, of].sum(axis=1)[:, None] for of in (monitored, ~monitored))
        false = upto(~monitored)
        tpr, wrong = upto(right & monitored) / mine, upto(monitored & ~right) / mine
        rows = np.arange(len(w))
        found = np.where(false <= FPR * others, tpr, 0.0).max(axis=1)
        enough = tpr >= RECALL
        k = np.where(enough.any(axis=1), enough.argmax(axis=1), tpr.shape[1] - 1)
        hit, miss = tpr[rows, k], wrong[rows, k]
        alarms = (false[rows, k] + 1) / (others[:, 0] + 1)
        return found, hit, {b: hit / (hit + miss + b * alarms) for b in BASE_RATES}

    def told(one, many):
        low, high = np.quantile(many, (0.025, 0.975))
        return {"mean": float(one[0]), "low": float(low), "high": float(high)}
    here, drawn = shares(np.ones((1, len(score)))), shares(w)
    return {"fpr": FPR, "tpr": told(here[0], drawn[0]), "precision_at": {
        str(b): {**told(here[2][b], drawn[2][b]), "recall": float(here[1][0])} for b in BASE_RATES}}
