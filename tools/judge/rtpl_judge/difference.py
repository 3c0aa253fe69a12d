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
from .stats import SHUFFLES

MOST_PAIRS = 500
MOST_PACKETS = 2000	# a visit and direction
MOST_VISITS = 2000	# in the test over all classes, whose memory is their square
MOST_OF_CLASS = 200	# visits, in a pair's test
FEW_CLASSES = 8
POINTS = 64		# at which distributions are compared
ALPHA = 0.05
AT_ONCE = 999		# shuffles of a pair
CLEAR = 0.2		# p of these, above which no more are asked for
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
    """[shuffles, visits] bool: who is of the first class, as drawn anew."""
    out = np.repeat(first[None], shuffles, axis=0)
    names, number = np.unique(groups, return_inverse=True)
    share = np.bincount(number, first) / np.bincount(number)
    mixed = (share > 0) & (share < 1)
    for g in np.flatnonzero(mixed):
        at = np.flatnonzero(number == g)
        out[:, at] = rng.permuted(out[:, at], axis=1)
    whole = np.flatnonzero(~mixed)
    if len(whole):
        drawn = rng.permuted(np.repeat((share[whole] > 0)[None], shuffles, axis=0), axis=1)
        place = np.zeros(len(names), int)
        place[whole] = np.arange(len(whole))
        at = np.flatnonzero(~mixed[number])
        out[:, at] = drawn[:, place[number[at]]]
    return out


def pair(cdf, first, groups, shuffles, rng):
    """Test of two classes: (D [kinds], p).

    cdf [visits, kinds, POINTS]; first [visits] bool. D is the largest distance between the
    classes' distributions; p that of the largest of the kinds' D, each in standard deviations
    of the shuffles' (max T: Westfall & Young, Resampling-based multiple testing, 1993), so
    that kinds of different scale weigh the same and looking at several is paid for. Where p is far
    from any level after a tenth of the shuffles, the rest is left out.
    """
    kinds = cdf.shape[1]
    flat = cdf.reshape(len(first), -1)

    def distances(z):
        a, b = z.astype(np.float32), (~z).astype(np.float32)
        a /= a.sum(axis=1, keepdims=True)
        b /= b.sum(axis=1, keepdims=True)
        return np.abs((a - b) @ flat).reshape(len(z), kinds, -1).max(axis=2)

    def p_of(d):
        sd = d.std(axis=0)
        far = np.where(sd > 1e-5, (d - d.mean(axis=0)) / np.maximum(sd, 1e-5), 0).max(axis=1)
        return float((far >= far[0] - 1e-3).mean())	# equal but for the order of sums
    d, few = distances(first[None]), min(shuffles, AT_ONCE)
    while few and len(d) <= shuffles:
        n = min(few, shuffles + 1 - len(d))
        d = np.concatenate([d, distances(_shuffled(first, groups, n, rng))])
        if len(d) == few + 1 and p_of(d) > CLEAR:
            break
    return d[0], p_of(d)


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

    names = np.unique(y)

    def shares(labels):
        """Of each row of labels. Groups of whole classes may change how many visits a class has."""
        if len(names) > FEW_CLASSES:
            return [1 - _within(distance, [np.flatnonzero(row == c) for c in names]) / total
                    for row in labels]
        # Of few classes products are quicker than picking rows and columns.
        one = (labels[:, :, None] == names).astype(np.float32)
        wide = one.transpose(1, 0, 2).reshape(len(y), -1)
        sums = ((distance @ wide) * wide).sum(axis=0).reshape(len(labels), -1)
        return 1 - (sums / np.maximum(one.sum(axis=1), 1)).sum(axis=1) / total

    if total <= 1e-4 * len(x):
        return 0.0, 1.0		# all visits look the same
    here, above, left = shares(y[None])[0], 0, shuffles
    while left:
        labels = np.repeat(y[None], min(left, 50), axis=0)
        for row in labels:
            for m in mixed:
                row[m] = rng.permutation(y[m])
            for m, label in zip(whole, rng.permutation([y[m[0]] for m in whole])):
                row[m] = label
        above += int((np.asarray(shares(labels)) >= here - 1e-6).sum())
        left -= len(labels)
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


def differences(ts, seed=1, progress=None, shuffles=SHUFFLES):
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
    share, p = dispersion(x, ts.y[at], ts.groups[at], shuffles, rng)
    median = np.median(ds, axis=0)
    return {"pairs": len(ps), "different": float(benjamini_hochberg(ps).mean()),
            "ks": {k: round(float(m), 6) for k, m in zip(KINDS, median)},
            "permutation": {"statistic": share, "p": p, "shuffles": shuffles}}


def _few(y, c, rng):
    at = np.flatnonzero(y == c)
    return at if len(at) <= MOST_OF_CLASS else np.sort(rng.permutation(at)[:MOST_OF_CLASS])
