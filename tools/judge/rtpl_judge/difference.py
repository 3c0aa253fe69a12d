# SPDX-License-Identifier: GPL-2.0
"""Do classes differ at all? Tests between classes on what an observer sees.

Packets of one visit depend on each other, so a Kolmogorov-Smirnov p value of pooled packets
would call any two classes different. Here the visit is the unit: each visit is an empirical
distribution, a class the mean of its visits', and p comes from giving the visits to the
classes anew. Where a group has visits of both classes (a capture session), they are exchanged
within the group only; where a group is in one class only (a prompt), it moves as a whole.
"""
import numpy as np

from . import JudgeError

MOST_PAIRS = 500
MOST_PACKETS = 2000	# a visit and direction
MOST_VISITS = 2000	# in the test over all classes, whose memory is their square
MOST_OF_CLASS = 200	# visits, in a pair's test
POINTS = 64		# at which distributions are compared
ALPHA = 0.05
KINDS = ["sizes_up", "sizes_down", "gaps_up", "gaps_down",
         "packets_up", "packets_down", "bytes_up", "bytes_down", "seconds"]


def _thin(values):
    if len(values) <= MOST_PACKETS:
        return values
    return values[np.linspace(0, len(values) - 1, MOST_PACKETS).astype(int)]


def _samples(v):
    """Of a visit: an array of values for each of KINDS; of the last five, one value."""
    up = v.d > 0
    out = []
    for a in (v.b[up], v.b[~up], np.diff(v.t[up]), np.diff(v.t[~up])):
        out.append(_thin(np.asarray(a, np.float64)))
    one = [up.sum(), (~up).sum(), v.b[up].sum(), v.b[~up].sum(),
           v.t[-1] - v.t[0] if len(v) else 0.0]
    return out + [np.array([float(x)]) for x in one]


def distributions(visits):
    """[visits, kinds, POINTS]: each visit's distribution function at quantiles of all visits'
    values. A visit without such packets is 0 throughout: beyond the last point."""
    samples = [_samples(v) for v in visits]
    out = np.zeros((len(visits), len(KINDS), POINTS), np.float32)
    for k in range(len(KINDS)):
        pool = [s[k] for s in samples]
        few = np.concatenate([np.quantile(p, np.linspace(0, 1, 33)) if len(p) > 33 else p
                              for p in pool])
        if not len(few):
            continue
        at = np.unique(few)
        if len(at) > POINTS:
            at = np.unique(np.quantile(few, np.linspace(0, 1, POINTS)))
        for i, p in enumerate(pool):
            if len(p):
                out[i, k, :len(at)] = np.searchsorted(np.sort(p), at, "right") / len(p)
    return out


def _shuffled(first, groups, shuffles, rng):
    """[shuffles + 1, visits] bool: who is of the first class, as it is and as drawn anew."""
    out = np.repeat(first[None], shuffles + 1, axis=0)
    names, number = np.unique(groups, return_inverse=True)
    share = np.bincount(number, first) / np.bincount(number)
    mixed = (share > 0) & (share < 1)
    for g in np.flatnonzero(mixed):
        at = np.flatnonzero(number == g)
        out[1:, at] = rng.permuted(out[1:, at], axis=1)
    whole = np.flatnonzero(~mixed)
    if len(whole):
        drawn = rng.permuted(np.repeat((share[whole] > 0)[None], shuffles, axis=0), axis=1)
        place = np.zeros(len(names), int)
        place[whole] = np.arange(len(whole))
        at = np.flatnonzero(~mixed[number])
        out[1:, at] = drawn[:, place[number[at]]]
    return out


def pair(cdf, first, groups, shuffles, rng):
    """Test of two classes: (D [kinds], p).

    cdf [visits, kinds, POINTS]; first [visits] bool. D is the largest distance between the
    classes' distributions; p that of the largest of the kinds' D, each in standard deviations
    of the shuffles' (max T: Westfall & Young, Resampling-based multiple testing, 1993), so
    that kinds of different scale weigh the same and looking at several is paid for.
    """
    kinds = cdf.shape[1]
    z = _shuffled(first, groups, shuffles, rng)
    flat = cdf.reshape(len(first), -1)
    a, b = z.astype(np.float32), (~z).astype(np.float32)
    a /= a.sum(axis=1, keepdims=True)
    b /= b.sum(axis=1, keepdims=True)
    d = np.abs((a - b) @ flat).reshape(len(z), kinds, -1).max(axis=2)
    sd = d.std(axis=0)
    far = np.where(sd > 1e-5, (d - d.mean(axis=0)) / np.maximum(sd, 1e-5), 0).max(axis=1)
    return d[0], float((far >= far[0] - 1e-3).mean())	# equal but for the order of sums


def benjamini_hochberg(p, alpha=ALPHA):
    """Which of p are below alpha by false discovery rate (JRSS B 57, 1995): bool [tests]."""
    p = np.asarray(p)
    order = np.argsort(p)
    ok = np.flatnonzero(p[order] <= alpha * np.arange(1, len(p) + 1) / len(p))
    out = np.zeros(len(p), bool)
    if len(ok):
        out[order[:ok[-1] + 1]] = True
    return out


def _within(distance, members):
    return sum(distance[np.ix_(m, m)].sum() / len(m) for m in members if len(m))


def dispersion(x, y, groups, shuffles, rng):
    """Energy test over all classes: (share of the dispersion that is between classes, p).

    x [visits, numbers]. The share is 1 - within / total of mean distances: DISCO, Rizzo &
    Székely, Annals of Applied Statistics 4, 2010. Labels are exchanged as in pair(): among
    the visits of each group with several classes, and of whole groups among the others.
    Memory: 4 bytes a pair of visits.
    """
    square = (x * x).sum(axis=1)
    distance = np.sqrt(np.maximum(square[:, None] + square - 2 * x @ x.T, 0)).astype(np.float32)
    np.fill_diagonal(distance, 0)
    total = distance.sum() / len(x)
    number = np.unique(groups, return_inverse=True)[1]
    members = [np.flatnonzero(number == g) for g in range(number.max() + 1)]
    mixed = [m for m in members if len(np.unique(y[m])) > 1]
    whole = [m for m in members if len(np.unique(y[m])) == 1]

    def share(labels):
        return 1 - _within(distance, [np.flatnonzero(labels == c) for c in np.unique(y)]) / total

    if total <= 1e-4 * len(x):
        return 0.0, 1.0		# all visits look the same
    here, above = share(y), 0
    for _ in range(shuffles):
        labels = y.copy()
        for m in mixed:
            labels[m] = rng.permutation(y[m])
        for m, label in zip(whole, rng.permutation([y[m[0]] for m in whole])):
            labels[m] = label
        above += share(labels) >= here - 1e-6
    return float(here), (1 + above) / (1 + shuffles)


def _some(y, most, rng):
    """Numbers of at most `most` visits, about the same of each class."""
    if len(y) <= most:
        return np.arange(len(y))
    order = rng.permutation(len(y))
    place = np.empty(len(y), int)
    for c in np.unique(y):
        at = order[y[order] == c]
        place[at] = np.arange(len(at))
    return np.sort(order[np.argsort(place[order], kind="stable")][:most])


def differences(ts, seed=1, progress=None, shuffles=999):
    """Tests between the classes of a TraceSet.

    Returns {"pairs", "different", "ks": {kind: median D over the pairs}, "permutation":
    {"statistic", "p", "shuffles"}}: `different` is the share of pairs told apart at 0.05 by
    Benjamini & Hochberg; the permutation test is over all classes at once, by energy distance
    of the visits' distributions. With copies of a visit (equal Visit.key) only the first of
    each is to be passed: labels are exchanged by visit, and copies are not independent.
    Work: at most 500 pairs (drawn by seed) of 200 visits a class, 2000 packets a visit and
    direction, 2000 visits over all classes.
    """
    rng = np.random.default_rng([seed, 20])
    count = np.bincount(ts.y, minlength=len(ts.classes))
    usable = np.flatnonzero(count >= 2)
    if len(usable) < 2:
        raise JudgeError(f"{ts.name}: fewer than two classes with two visits: nothing to test")
    a, b = np.triu_indices(len(usable), 1)
    chosen = np.sort(rng.permutation(len(a))[:MOST_PAIRS])
    if progress:
        progress(0.0, "distributions")
    cdf = distributions(ts.visits)
    ds, ps = [], []
    for n, (i, j) in enumerate(zip(usable[a[chosen]], usable[b[chosen]])):
        at = np.concatenate([_few(ts.y, c, rng) for c in (i, j)])
        d, p = pair(cdf[at], ts.y[at] == i, ts.groups[at], shuffles, rng)
        ds.append(d)
        ps.append(p)
        if progress:
            progress(0.1 + 0.6 * n / len(chosen), "classes in pairs")
    at = _some(ts.y, MOST_VISITS, rng)
    x = cdf[at].reshape(len(at), -1).astype(np.float64)
    if progress:
        progress(0.7, "all classes")
    overall = min(shuffles, 199)
    share, p = dispersion(x, ts.y[at], ts.groups[at], overall, rng)
    median = np.median(ds, axis=0)
    return {"pairs": len(ps), "different": float(benjamini_hochberg(ps).mean()),
            "ks": {k: round(float(m), 6) for k, m in zip(KINDS, median)},
            "permutation": {"statistic": share, "p": p, "shuffles": overall}}


def _few(y, c, rng):
    at = np.flatnonzero(y == c)
    return at if len(at) <= MOST_OF_CLASS else np.sort(rng.permutation(at)[:MOST_OF_CLASS])
