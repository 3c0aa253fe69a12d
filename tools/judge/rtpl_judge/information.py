# SPDX-License-Identifier: GPL-2.0
"""Mutual information between trace and label, in bits, with its error.

Each estimate is {"bits", "low", "high", "bias", "corrected"}. `bits` is the estimator's
figure. `bias` is the mean of the same on shuffled labels, which tell nothing, five times:
labels move by visit, or by group where each of many groups is of one class (visits of one
prompt look alike, and an estimator that knows them again has learned no more). `corrected`
takes it off so that shuffled labels give 0 and a trace that tells all still gives H(C):
H (bits - bias) / (H - bias), the adjustment for chance of Vinh, Epps & Bailey, JMLR 11, 2010,
clipped to 0 .. H(C).

low .. high is a 95 % interval around `corrected`, in every estimate; by_error() and by_loss() say
where theirs comes from, the others' is the spread of the estimate over random halves of the
visits without replacement, times Student's t. A half's spread about the whole
is that of the whole about the truth (delete-d jackknife at d = n/2, Shao & Wu, Annals of
Statistics 17, 1989), and nothing comes twice: a bootstrap's copies would be each other's
nearest neighbour and the estimators would take them for information. It is of chance only: a
density that does not fit, or a representation that hides something, is not in it.

Features and neighbours stand in one pool: where capture sessions differ, they say what a
trace tells who has seen that session. What carries over to another session is in the bounds
from an attack's answers only, by how they were split.

The runner has the bounds of each attack (bounds()); what is told is the greatest, and knn_attack
is of the attack whose cross_entropy is greatest. The greatest of several is partly the luckiest:
fano, cross_entropy and knn_attack are somewhat too high, and their intervals do not know of the
choice.

With copies of a visit (equal Visit.key, played with other chance) only the first of each is to
be passed: the others are no visits of their own, and would be each other's neighbours.
"""
import numpy as np
from scipy import special, stats
from scipy.spatial.distance import cdist

from . import JudgeError
from .density import entropy, feature_bits, joint_bits, normal_scores, places, similarity
from .fano import fano
from .stats import binomial, hits

SHUFFLES = 5
HALVES = 12
MOST_VISITS = 4000	# the k-NN estimate's memory is their square, 4 bytes each
TOP = 10		# features that are listed
JOINT = 30		# features that are measured together, after pruning
CANDIDATES = 100	# before pruning, as in the paper
SAME = 0.9		# features this similar are one
LINKED = 0.4		# features this similar are in one cluster
EVALUATED = 1000	# visits at which the joint posterior is taken
COMPONENTS = 6
NEIGHBOURS = 3


def units(y, groups):
    """(the first visit of each unit, the unit of each visit): what moves as a whole. Groups
    where each is of one class and there are more than 20, else visits."""
    names, first, number = np.unique(groups, return_index=True, return_inverse=True)
    if len(names) > 20 and (y == y[first][number]).all():
        return first, number
    return np.arange(len(y)), np.arange(len(y))


def shuffled(y, groups, rng):
    """Labels that tell nothing."""
    first, number = units(y, groups)
    return rng.permutation(y[first])[number]


def halves(y, groups, rng):
    """Numbers of the visits of a random half of the units, of about half in each class."""
    first, number = units(y, groups)
    order = rng.permutation(len(first))
    order = order[np.argsort(y[first][order], kind="stable")]
    chosen = np.zeros(len(first), bool)
    chosen[order[rng.integers(2)::2]] = True
    return np.flatnonzero(chosen[number])


def adjusted(bits, bias, most):
    """(corrected, how much an error of `bits` counts in it)."""
    bias = min(max(bias, 0.0), 0.99 * most) if most else 0.0
    scale = most / (most - bias) if most else 1.0
    return min(max((bits - bias) * scale, 0.0), most), scale


def _result(bits, noise, spread, most):
    """The five figures; noise: of shuffled labels, spread: of halves."""
    bias = float(np.mean(noise))
    corrected, scale = adjusted(bits, bias, most)
    se = scale * np.sqrt(np.var(spread, ddof=1) + np.var(noise, ddof=1) / len(noise))
    half = stats.t.ppf(0.975, len(spread) - 1) * se
    return {"bits": float(bits), "low": float(max(0.0, corrected - half)),
            "high": float(min(most, corrected + half)), "bias": bias,
            "corrected": float(corrected)}


# ---- features --------------------------------------------------------------------------------

def _pick(bits, same):
    """Features from the most informative on, those like one already taken left out."""
    kept = []
    for j in np.argsort(-bits, kind="stable"):
        if not kept or same[j, kept].max() <= SAME:
            kept.append(j)
    return kept[:JOINT]


def _clusters(same):
    from sklearn.cluster import DBSCAN
    label = DBSCAN(eps=1 - LINKED, min_samples=1, metric="precomputed").fit_predict(
        np.clip(1 - same, 0, None))
    return [np.flatnonzero(label == c) for c in range(label.max() + 1)]


def by_features(x, names, y, groups, seed=1, progress=None):
    """(features, together): WeFDE's kind, by density.py.

    x [visits, features] with `names`. features: {"name", "bits", "low", "high", "bias",
    "corrected"} of each of the ten that tell most; a feature of few values tells its own
    entropy at most, which then stands for H(C). together: the five figures of up to 30 of the
    100 that tell most, after pruning, in clusters by DBSCAN on their similarity;
    "log_loss": by the same posteriors as by_loss() has it, which pays for being too sure and
    is a lower bound but for chance; "features": how many; "clusters": of how many each. With
    few visits a class a `bias` near H(C) says that the joint figure is worth nothing: then
    look at log_loss and the k-NN estimate.
    """
    rng = np.random.default_rng([seed, 30])
    most = entropy(y)
    place, counted = places(x)
    bits = np.zeros(x.shape[1])
    for j in range(x.shape[1]):
        bits[j] = feature_bits(place[:, j], counted[j], y)
        if progress and j % 10 == 0:
            progress(0.4 * j / x.shape[1], "features")
    wrong = [shuffled(y, groups, rng) for _ in range(SHUFFLES)]
    half = [halves(y, groups, rng) for _ in range(HALVES)]
    # a feature that only seems to tell something must not be listed for it
    first = np.argsort(-bits, kind="stable")[:CANDIDATES]
    noise = {j: [feature_bits(place[:, j], counted[j], w) for w in wrong] for j in first}
    top = {j: min(most, entropy(place[:, j])) if counted[j] else most for j in first}
    net = np.array([adjusted(bits[j], np.mean(noise[j]), top[j])[0] for j in first])
    first, net = first[np.argsort(-net, kind="stable")], np.sort(net)[::-1]
    if progress:
        progress(0.6, "their errors")
    listed = []
    for j in first[:TOP]:
        spread = [feature_bits(place[h, j], counted[j], y[h]) for h in half]
        listed.append({"name": names[j], **_result(bits[j], noise[j], spread, top[j])})
    same = similarity(place[:, first], counted[first])
    kept = _pick(net, same)
    clusters = _clusters(same[np.ix_(kept, kept)])
    scores = normal_scores(x[:, first[kept]])
    at = rng.permutation(len(y))[:EVALUATED]
    if progress:
        progress(0.7, "features together")
    value, posterior, label = joint_bits(scores, y, clusters, at)
    paid = entropy(label) + _calibrated(posterior, label, groups[at], rng).mean()
    noise = [joint_bits(scores, w, clusters, at)[0] for w in wrong]
    spread = []
    for h in half:
        some = rng.permutation(len(h))[:EVALUATED]
        spread.append(joint_bits(scores[h], y[h], clusters, some)[0])
    return listed, {**_result(value, noise, spread, most), "log_loss": float(max(0.0, paid)),
                    "features": len(kept), "clusters": [len(c) for c in clusters]}


# ---- nearest neighbours ----------------------------------------------------------------------

def components(x):
    """[visits, 6 at most]: principal components of the columns' normal scores, each by its
    own scale. Labels have no part in it."""
    z = normal_scores(x)
    z = z[:, z.std(axis=0) > 0]
    if not z.shape[1]:
        return np.zeros((len(x), 1))
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    u, s, _ = np.linalg.svd(z, full_matrices=False)
    return (u * s)[:, :COMPONENTS]


def nearest(distance, y, k=NEIGHBOURS):
    """I(C; X) in bits from distances [visits, visits]: Ross, PLoS ONE 9(2), 2014, after
    Kraskov, Stögbauer & Grassberger (2004); equal distances count as in Gao et al., NeurIPS
    2017, so that visits that look the same are no error. Classes of one visit are left out.
    """
    count = np.bincount(y)
    single = count[y] < 2
    if single.any():
        keep = np.flatnonzero(~single)
        if not len(keep):
            return 0.0
        distance, y = distance[np.ix_(keep, keep)], y[keep]
        count = np.bincount(y)
    total = 0.0
    for c in np.flatnonzero(count):
        at = np.flatnonzero(y == c)
        d = distance[at]
        own = d[:, at]
        # the visit itself is at 0: the k-th other is at place k
        radius = np.partition(own, min(k, len(at) - 1), axis=1)[:, min(k, len(at) - 1)][:, None]
        inside = (own <= radius).sum(axis=1) - 1
        around = (d <= radius).sum(axis=1) - 1
        total += (special.digamma(inside) - special.digamma(around)
                  - special.digamma(len(at))).sum()
    bits = (total / len(y) + special.digamma(len(y))) / np.log(2)
    return float(min(bits, entropy(y)))


def by_neighbours(points, y, groups, seed=1):
    """The five figures by nearest(), of points [visits, dimensions]."""
    rng = np.random.default_rng([seed, 31])
    distance = cdist(points, points).astype(np.float32)
    noise = [nearest(distance, shuffled(y, groups, rng)) for _ in range(SHUFFLES)]
    spread = []
    for _ in range(HALVES):
        h = halves(y, groups, rng)
        spread.append(nearest(distance[np.ix_(h, h)], y[h]))
    return _result(nearest(distance, y), noise, spread, entropy(y))


# ---- an attack's answers ---------------------------------------------------------------------

def _independent(right, groups):
    """How many independent visits say as much of the mean of right [visits], 0 to 1, as these
    do: their number over the design effect (Kish, Survey sampling, 1965), the variance of the
    mean by groups over that by visits. All visits if there are 20 groups or fewer: too few to
    know; the number of groups if all visits are alike."""
    number = np.unique(groups, return_inverse=True)[1]
    n, units, p = len(right), number.max() + 1, right.mean()
    if units <= 20:
        return n
    if not 0 < p < 1:
        return int(units)
    by_group = (np.bincount(number, right - p) ** 2).sum() / n ** 2 * units / (units - 1)
    return n / max(1.0, by_group * (n - 1) / (p * (1 - p)))


def by_error(proba, y, groups, seed=1):
    """The five figures, and "error", by Fano from out-of-sample answers proba [visits,
    classes]. low and high are at the ends of Wilson's interval of the error, less the bias as
    `corrected` is; low is what the trace tells at least but for the choice of the attack (see
    above), high what this attack proves at most, not what the trace tells.

    With more than 20 groups the interval counts as many visits as would err with the same
    variance if they were independent (_independent()). With fewer it takes visits as
    independent: how sessions differ is not in it, and it is too narrow where they do."""
    rng = np.random.default_rng([seed, 32])
    most, classes = entropy(y), proba.shape[1]

    def error(labels):
        return 1 - hits(labels, proba).mean()
    e = error(y)
    n = _independent(hits(y, proba), groups)
    ends = binomial((1 - e) * n, n)
    bits = fano(e, classes, most)
    bias = float(np.mean([fano(error(shuffled(y, groups, rng)), classes, most)
                          for _ in range(SHUFFLES)]))
    low, high = (adjusted(fano(1 - ends[k], classes, most), bias, most)[0]
                 for k in ("low", "high"))
    return {"bits": bits, "low": low, "high": high, "bias": bias,
            "corrected": adjusted(bits, bias, most)[0], "error": float(e)}


def _calibrated(proba, y, groups, rng):
    """[visits]: log2 of the probability given to the own class, after a temperature and a
    share of the prior were fitted on the other half of the visits."""
    part = np.zeros(len(y), bool)
    part[halves(y, groups, rng)] = True
    out = np.zeros(len(y))
    log = np.log(np.maximum(proba, 1e-9))
    for test in (part, ~part):
        fit = np.flatnonzero(~test)
        test = np.flatnonzero(test)
        prior = (np.bincount(y[fit], minlength=proba.shape[1]) + 1) / (len(fit)
                                                                        + proba.shape[1])
        best = None
        for heat in np.geomspace(0.2, 5, 13):
            own = _own(log, y, fit, heat)
            for mix in (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0):
                loss = -np.log((1 - mix) * own + mix * prior[y[fit]]).mean()
                if best is None or loss < best[0]:
                    best = loss, heat, mix
        _, heat, mix = best
        out[test] = np.log2((1 - mix) * _own(log, y, test, heat) + mix * prior[y[test]])
    return out


def _own(log, y, at, heat):
    z = log[at] / heat
    return np.exp(z[np.arange(len(at)), y[at]] - special.logsumexp(z, axis=1))


def by_loss(proba, y, groups, seed=1):
    """The five figures from the log loss: I(C; X) >= H(C) - cross entropy for any
    probabilities that did not see the labels (Barber & Agakov, NIPS 2003). They are first
    calibrated (temperature, Guo et al., ICML 2017, and a share of the prior) on one half
    for the other. The interval is of the mean over units, by Student's t."""
    rng = np.random.default_rng([seed, 33])
    most = entropy(y)
    gain = most + _calibrated(proba, y, groups, rng)
    number = units(y, groups)[1]
    size = np.bincount(number)
    rest = np.bincount(number, gain - gain.mean()) / size.mean()
    se = np.sqrt(np.var(rest, ddof=1) / len(size))
    noise = []
    for _ in range(SHUFFLES):
        wrong = shuffled(y, groups, rng)
        noise.append(entropy(wrong) + _calibrated(proba, wrong, groups, rng).mean())
    bias, bits = float(np.mean(noise)), float(gain.mean())
    corrected, scale = adjusted(bits, bias, most)
    half = stats.t.ppf(0.975, len(size) - 1) * se * scale
    return {"bits": bits, "low": float(max(0.0, corrected - half)),
            "high": float(min(most, corrected + half)), "bias": bias, "corrected": corrected}


def bounds(proba, y, groups, seed=1):
    """{"fano", "cross_entropy"}: what the answers of one attack prove."""
    return {"fano": by_error(proba, y, groups, seed), "cross_entropy": by_loss(proba, y, groups, seed)}


# ---- all of it -------------------------------------------------------------------------------

def _fits(what, rows, y, groups):
    if len(rows) != len(y) or len(groups) != len(y) or len(y) < 8:
        raise JudgeError(f"{what}: {len(rows)} rows, {len(y)} labels and {len(groups)} groups "
                         "are not the same eight visits or more")
    if len(np.unique(y)) < 2:
        raise JudgeError(f"{what}: one class only: its label tells nothing")
    if not np.isfinite(rows).all():
        raise JudgeError(f"{what}: a value is not a number")


def information(features, names, y, groups, proba=None, y_proba=None, groups_proba=None,
                seed=1, progress=None):
    """What traces tell of their labels, by all estimates.

    features [visits, features] with `names`, labels y and groups (arrays, one a visit);
    proba [tests, classes], y_proba, groups_proba: an attack's out-of-sample answers, each
    visit and no copy of it once, to labels y_proba (default: y and groups, of the same visits).

    Returns {"entropy": H(C), "visits", "features": [...], "wefde": {...}, "knn": {...}} and
    with proba {"fano", "cross_entropy", "knn_attack"}, the last the k-NN estimate on the
    answers (their square roots: Hellinger's distance). More than 4000 visits are thinned to
    4000 by seed for all but fano and cross_entropy.
    """
    x, y, groups = np.asarray(features, np.float64), np.asarray(y, np.int64), np.asarray(groups)
    if x.ndim != 2 or x.shape[1] != len(names) or not x.shape[1]:
        raise JudgeError(f"features of shape {x.shape} do not fit {len(names)} names")
    _fits("features", x, y, groups)
    rng = np.random.default_rng([seed, 34])
    at = np.sort(rng.permutation(len(y))[:MOST_VISITS])
    listed, together = by_features(x[at], names, y[at], groups[at], seed, progress)
    if progress:
        progress(0.85, "nearest neighbours")
    out = {"entropy": entropy(y), "visits": len(at), "features": listed, "wefde": together,
           "knn": by_neighbours(components(x[at]), y[at], groups[at], seed)}
    if proba is None:
        return out
    proba = np.asarray(proba, np.float64)
    y = y if y_proba is None else np.asarray(y_proba, np.int64)
    if groups_proba is not None:
        groups = np.asarray(groups_proba)
    elif y_proba is not None and len(groups) != len(y):
        groups = np.arange(len(y))
    _fits("an attack's answers", proba, y, groups)
    at = np.sort(rng.permutation(len(y))[:MOST_VISITS])
    if progress:
        progress(0.92, "an attack's answers")
    out.update(bounds(proba, y, groups, seed))
    out["knn_attack"] = by_neighbours(np.sqrt(np.maximum(proba[at], 0)), y[at], groups[at], seed)
    return out
