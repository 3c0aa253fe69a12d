# SPDX-License-Identifier: GPL-2.0
"""What features tell of the class by adaptive kernel densities: WeFDE's measure.

Li, Guo, Hopper, Measuring information leakage in website fingerprinting attacks and
defenses, CCS 2018: H(C) - H(C|f) with a density for each class whose bandwidth adapts to
where its samples lie. Differences here, all of them towards less bias: features are taken by
rank (information does not change under a monotone map, and bandwidths fit long tails); the
posterior is evaluated at the visits themselves, each visit's own kernel left out, where the
paper samples the densities it has just fitted; densities of one feature are on a grid.
"""
import numpy as np
from scipy import fft, stats

GRID = 256
LEVELS = 16			# bandwidths that kernels are rounded to, each 1.45 of the one before
SHARED = 0.1			# of a visit: the weight of all visits in a class's joint density
COUNTED = 16			# a feature with no more values is counted exactly
WIDTHS = np.geomspace(0.5 / GRID, 0.5, LEVELS)


def _damping():
    """[LEVELS, GRID]: what each kernel, sampled on the grid and reflected at its ends, does
    to the cosines of a transform of the grid. Sampled kernels have no ripple."""
    far = np.arange(-4 * GRID, 4 * GRID + 1)
    kernel = np.exp(-0.5 * (far / (GRID * WIDTHS[:, None])) ** 2)
    kernel /= kernel.sum(axis=1, keepdims=True)
    return kernel @ np.cos(np.pi * np.outer(far, np.arange(GRID)) / GRID)


_DAMP = _damping()
_OWN = np.stack([np.diag(fft.idct(d[:, None] * fft.dct(np.eye(GRID), axis=0, norm="ortho"),
                                  axis=0, norm="ortho")) for d in _DAMP])


def entropy(y):
    """H(C) in bits of labels as they are."""
    p = np.bincount(y)
    p = p[p > 0] / len(y)
    return float(-(p * np.log2(p)).sum())


def places(x):
    """(places [visits, features] int, counted [features] bool) of x [visits, features]: the
    number of a value among the feature's own few, or of its rank's bin on the grid."""
    out = np.zeros(x.shape, np.int64)
    counted = np.zeros(x.shape[1], bool)
    for j in range(x.shape[1]):
        values, number = np.unique(x[:, j], return_inverse=True)
        counted[j] = len(values) <= COUNTED
        if counted[j]:
            out[:, j] = number
        else:
            rank = (stats.rankdata(x[:, j]) - 0.5) / len(x)
            out[:, j] = np.minimum(rank * GRID, GRID - 1)
    return out, counted


def normal_scores(x):
    """Each column by rank, as a standard normal's quantiles; equal values stay equal, a
    constant column is 0."""
    return stats.norm.ppf((stats.rankdata(x, axis=0) - 0.5) / len(x))


def _counted(place, y):
    joint = np.zeros((y.max() + 1, place.max() + 1))
    np.add.at(joint, (y, place), 1 / len(y))
    p = joint[joint > 0]
    f = joint.sum(axis=0)
    f = f[f > 0]
    return entropy(y) + float((p * np.log2(p)).sum() - (f * np.log2(f)).sum())


def _bandwidths(place, y, count):
    """[classes]: Silverman's rule by the lesser of deviation and quartile range, in units of
    the grid's length."""
    v = np.sort(y * GRID + place)
    start = np.cumsum(count) - count
    n = np.maximum(count, 1)
    quarter = [v[np.minimum(start + (n * q).astype(int), len(v) - 1)] for q in (0.25, 0.75)]
    mean = np.bincount(y, place, len(count)) / n
    sd = np.sqrt(np.maximum(np.bincount(y, place * place, len(count)) / n - mean ** 2, 0))
    iqr = np.maximum(quarter[1] - quarter[0], 0) / 1.34
    return 0.9 / GRID * np.minimum(sd, iqr) * n ** -0.2


def _level(width):
    step = np.log(WIDTHS[1] / WIDTHS[0])
    return np.clip(np.rint(np.log(np.maximum(width, WIDTHS[0]) / WIDTHS[0]) / step), 0,
                   LEVELS - 1).astype(int)


def feature_bits(place, counted, y):
    """H(C) - H(C|f) in bits of one feature, by places(). Kernels reflect at the ends."""
    if counted:
        return _counted(place, y)
    count = np.bincount(y)
    classes = len(count)
    width = _bandwidths(place, y, count)
    hist = np.zeros((classes, GRID))
    np.add.at(hist, (y, place), 1)
    pilot = fft.idct(fft.dct(hist, norm="ortho") * _DAMP[_level(width)], norm="ortho")
    # Abramson's rule: wider where the class is rare, by the root of the pilot density
    log = np.log(np.maximum(pilot[y, place], 1e-3))
    mean = np.bincount(y, log, classes) / np.maximum(count, 1)
    level = _level(width[y] * np.exp(np.clip((mean[y] - log) / 2, -1.5, 1.5)))
    hist = np.zeros((LEVELS, classes, GRID))
    np.add.at(hist, (level, y, place), 1)
    used = np.unique(level)
    smooth = (fft.dct(hist[used], norm="ortho") * _DAMP[used][:, None]).sum(axis=0)
    dense = np.maximum(fft.idct(smooth, norm="ortho"), 0) + 1e-4 * count[:, None] / GRID

    def xlogx(a):
        return a * np.log2(np.maximum(a, 1e-300))
    whole, parts = dense.sum(axis=0)[place], xlogx(dense).sum(axis=0)[place]
    full = dense[y, place]
    own = np.maximum(full - _OWN[level, place], 1e-4 / GRID)
    own *= count[y] / np.maximum(count[y] - 1, 1)
    total = whole - full + own
    left = np.log2(total) - (parts - xlogx(full) + xlogx(own)) / total
    return entropy(y) - float(left.mean())


def similarity(place, counted):
    """[features, features]: mutual information by pairs over the larger of the entropies, of
    16 bins of equal count: 1 is the same feature."""
    bins = 16
    cell = np.where(counted, place, place * bins // GRID)
    one = np.zeros((len(place), place.shape[1], bins), np.float32)
    np.put_along_axis(one, cell[..., None], 1, axis=2)
    one = one.reshape(len(place), -1)
    joint = (one.T @ one).reshape(place.shape[1], bins, place.shape[1], bins) / len(place)
    joint = joint.transpose(0, 2, 1, 3).astype(np.float64)
    h2 = -(joint * np.log2(np.maximum(joint, 1e-300))).sum(axis=(2, 3))
    p = np.einsum("iijj->ij", joint)
    h = -(p * np.log2(np.maximum(p, 1e-300))).sum(axis=1)
    most = np.maximum(h[:, None], h)
    return np.where(most > 0, (h[:, None] + h - h2) / np.maximum(most, 1e-12), 1.0)


def joint_bits(x, y, clusters, at):
    """What several features tell together: (bits, posterior [at, classes], labels [at]).

    x [visits, features] normal scores; clusters: lists of columns; at: numbers of the visits
    at which the posterior is evaluated. As in the paper, a cluster's density is one adaptive
    kernel density in as many dimensions, clusters are independent given the class, and bits
    takes the posterior at its word, even where that makes it too sure. A class's density is
    mixed with that of all visits at a tenth of a visit's weight, which keeps one visit far
    from all others from deciding alone. Classes without a visit have no column.
    """
    order = np.argsort(y, kind="stable")
    rows, ys = x[order], y[order]
    names, start, count = np.unique(ys, return_index=True, return_counts=True)
    number = np.repeat(np.arange(len(names)), count)
    place = np.empty(len(y), int)
    place[order] = np.arange(len(y))
    own = place[at]
    prior = count / len(y)
    n = np.repeat(count[None], len(at), axis=0).astype(float)
    n[np.arange(len(at)), number[own]] -= 1
    sd = np.sqrt(np.maximum(np.add.reduceat(rows ** 2, start) / count[:, None]
                            - (np.add.reduceat(rows, start) / count[:, None]) ** 2, 0))
    log = np.log(prior)[None].repeat(len(at), axis=0)
    for c in clusters:
        d = len(c)
        width = np.maximum(sd[:, c], 0.01) * count[:, None] ** (-1 / (d + 4))
        scale = np.log(width).sum(axis=1)
        wide = np.ones(len(y))
        for k, (s, m) in enumerate(zip(start, count)):
            z = rows[s:s + m][:, c] / width[k]
            sq = ((z[:, None] - z) ** 2).sum(axis=2)
            pilot = np.log(np.exp(-0.5 * sq).sum(axis=1)) / d
            wide[s:s + m] = np.exp(np.clip((pilot.mean() - pilot) / 2, -1, 1))
        a = 1 / (width[number] * wide[:, None]) ** 2
        r, e = rows[:, c], x[np.ix_(at, c)]
        sq = (e * e) @ a.T - 2 * e @ (r * a).T + (r * r * a).sum(axis=1)
        w = -0.5 * np.maximum(sq, 0) - scale[number] - d * np.log(wide)
        top = w.max()
        w = np.exp(np.maximum(w - top, -700))
        w[np.arange(len(at)), own] = 0
        total = np.add.reduceat(w, start, axis=1)
        every = total.sum(axis=1, keepdims=True) / (len(y) - 1)
        log += np.log((total + SHARED * every) / (n + SHARED) + 1e-300)
    log -= log.max(axis=1, keepdims=True)
    q = np.exp(log)
    q /= q.sum(axis=1, keepdims=True)
    left = -(q * np.log2(np.maximum(q, 1e-300))).sum(axis=1).mean()
    return entropy(y) - float(left), q, number[own]
