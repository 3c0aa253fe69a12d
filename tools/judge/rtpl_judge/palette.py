# SPDX-License-Identifier: GPL-2.0
"""The defence Palette, as a change of traces: what other shapes are compared with.

M. Shen, K. Ji, J. Wu, Q. Li, X. Kong, K. Xu, L. Zhu, "Real-Time Website Fingerprinting Defense
via Traffic Cluster Anonymization", IEEE S&P 2024. Its steps, by their names there:

  aggregate()  traffic aggregation matrix of a visit: cells a slot, both directions (5.1)
  cluster()    sites into anonymity sets of k or more, each with the super-matrix, the most
               of any of its visits in each slot (5.2, algorithm 1)
  shrink()     the super-matrix made smaller by gradient descent on cells padded and cells
               delayed (5.3, equations 3 and 4)
  sample()     of each visit: slots drawn until they hold a share alpha of the set's probability
               of a packet; the others are empty (5.3, equation 5)
  regulate()   slot by slot: as many cells as the matrix says, real ones first; more of them
               when too many wait (early sending, equations 6 and 7); none from a multiple of B
               at which nothing waits until something comes (tail padding) (5.4)

Parameters are the paper's: slots of 80 ms, k = 30, alpha = 0.16, B = 20, U = 45, tau_high = 10,
tau_low = 0, lambda = 0.5. Where the text leaves it open or the simulator that its authors
published does otherwise, this follows the simulator: early sending looks u slots ahead, not
u + 1, and takes up to 10 cells out and 30 in where the matrix has less; a direction is silent
until its first cell, which goes with all that wait; Adam takes 9400 steps of 1e-4; drawn slots
are not spread over the empty ones behind them (`spread` does that, as the text has it); within
a slot, times are Rayleigh with 30 ms, here kept to the slot. What comes after the last slot is
no part of a matrix here and is sent all the same; there it counts in the last slot and is lost.

What is assumed in the defence's favour: it knows which site a visit is of, and its sets and
matrices are learned from the very visits that it defends, those of a later test among them,
unless `groups` says which to learn from (the paper: the attacker's training visits). A packet
that is delayed changes nothing at the far side: the answer to a late request comes when it
came, so the time that this costs is too little, as it is in the paper's simulation.
"""
from collections import namedtuple

import numpy as np

from . import JudgeError
from .traces import MOST_PACKETS, TraceSet, Visit

SLOT = 0.080		# seconds
ALPHA, B, U = 0.16, 20, 45
TAU, LOSS_HIGH, LOSS_LAMBDA = 10.0, 10.0, 0.5
EARLY = np.array([10, 30])	# cells that may be sent early, out and in
RAYLEIGH = 0.030	# seconds
EPOCHS, BATCHES, RATE = 100, 94, 1e-4	# of the published settings: 24,000 visits in 256s
MOST_COUNTS = 2**28	# visits x 2 x slots, 4 bytes each
AT_ONCE = 1024		# visits regulated together

# sets: [array of sites], of_site: [sites] number of set, full, shrunk: [sets, 2, slots] cells,
# pmf: [sets, 2, slots], each row's sum is 1 (or 0 without a cell)
Learned = namedtuple("Learned", "sets of_site full shrunk pmf")


# ---- cells and slots -------------------------------------------------------------------------

def _cells(v, cell, rtt):
    """A visit's cells: per direction (out, in) the seconds at which each came to its regulator
    on that one's clock, ascending, and the number of its packet. The far side's clock starts
    half a round trip late and is seen half a round trip late, so it is `rtt` behind."""
    n = np.maximum(1, -(-v.b.astype(np.int64) // cell))
    start = v.t[0] if len(v) else 0.0
    for d, behind in ((1, 0.0), (-1, rtt)):
        packets = np.flatnonzero(v.d == d)
        of = np.repeat(packets, n[packets])
        yield np.maximum(v.t[of] - start - behind, 0.0), of


def aggregate(visits, slots, cell, slot=SLOT, rtt=0.0):
    """Traffic aggregation matrices, int32 [visits, 2, slots]: cells sent and got in each slot.
    What is past the last slot is not counted."""
    if len(visits) * 2 * slots > MOST_COUNTS:
        raise JudgeError(f"palette: {len(visits)} visits of {slots} slots are too much to learn "
                         f"from; a shorter window or fewer groups would do")
    out = np.zeros((len(visits), 2, slots), np.int32)
    for i, v in enumerate(visits):
        for d, (t, _) in enumerate(_cells(v, cell, rtt)):
            at = (t / slot).astype(np.int64)
            out[i, d] = np.bincount(at[at < slots], minlength=slots)
    return out


# ---- anonymity sets --------------------------------------------------------------------------

def cluster(sites, k, rng):
    """Algorithm 1. `sites` is [sites, 2, slots], the super-matrix of each; returns the sets, a
    list of arrays of at least k numbers, and their super-matrices [sets, 2, slots].
    The first site is drawn, the others follow by Euclidean distance."""
    flat = sites.reshape(len(sites), -1).astype(np.float64)
    if not 1 <= k <= len(flat):
        raise JudgeError(f"palette: sets of {k} cannot be made of {len(flat)} classes")
    free = np.ones(len(flat), bool)
    sets, centres = [], []
    for number in range(len(flat) // k):
        if number:
            far = np.mean([_distance(flat, c) for c in centres], axis=0)
            first = int(np.argmax(np.where(free, far, -1.0)))
        else:
            first = int(rng.integers(len(flat)))
        members, centre = [], flat[first]
        while True:
            members.append(first)
            free[first] = False
            centre = np.maximum(centre, flat[first])
            if len(members) == k:
                break
            first = int(np.argmin(np.where(free, _distance(flat, centre), np.inf)))
        sets.append(members)
        centres.append(centre)
    for site in np.flatnonzero(free):
        near = int(np.argmin([_distance(flat[site], c) for c in centres]))
        sets[near].append(int(site))
        centres[near] = np.maximum(centres[near], flat[site])
    return [np.array(s) for s in sets], np.array(centres).reshape(-1, *sites.shape[1:])


def _distance(points, centre):
    return np.sqrt(((points - centre) ** 2).sum(axis=-1))


# ---- refinement ------------------------------------------------------------------------------

def shrink(full, tams, rng, epochs):
    """The shrunk super-matrix, int32 [2, slots], of `full` [2, slots] (0 counts as 1) by the
    matrices `tams` [visits, 2, slots] of the set: w and b of equation 3 by Adam on equation 4,
    in batches of 1/94 of the visits. Work: 94 x epochs batches, on slots that are used."""
    m = np.maximum(full, 1).astype(np.float64).ravel()
    tau = np.minimum(m, TAU)
    w, b = rng.standard_normal(m.shape), np.zeros(m.shape)
    x = tams.reshape(len(tams), -1)
    used = np.flatnonzero(x.any(axis=0))
    x = np.ascontiguousarray(x[:, used], np.float32)
    most, edge, p = m[used], tau[used], np.stack([w[used], b[used]])
    first, second, step = np.zeros_like(p), np.zeros_like(p), 0
    size = max(1, -(-len(x) // BATCHES))
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for at in range(0, len(x), size):
            some = x[order[at:at + size]]
            sw, sb = _sigmoid(p)
            above = most * sw >= edge
            value = (np.where(above, most * sw, edge) - edge * sb).astype(np.float32)
            cells = some > 0
            high = (cells & (some <= value - np.float32(LOSS_HIGH))).sum(axis=0)
            low = (cells & (some >= value)).sum(axis=0)
            slope = (high - LOSS_LAMBDA * low) / (len(some) * m.size)
            g = np.stack([slope * above * most * sw * (1 - sw), -slope * edge * sb * (1 - sb)])
            step += 1
            first += 0.1 * (g - first)
            second += 0.001 * (g * g - second)
            p -= RATE * (first / (1 - 0.9**step)) / (
                np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    w[used], b[used] = p
    value = np.maximum(m * _sigmoid(w), tau) - tau * _sigmoid(b)
    return np.ceil(np.maximum(value, 0)).astype(np.int32).reshape(full.shape)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def learn(ts, slots, k, rng, cell, slot=SLOT, rtt=0.0, groups=None):
    """Sets, matrices and probabilities (Learned) of the visits of these groups (names), or
    of all. Every class must be in them: Palette defends the sites it knows."""
    which = np.arange(len(ts)) if groups is None else \
        np.flatnonzero(np.isin(ts.groups, list(groups)))
    y = ts.y[which]
    there = np.bincount(y, minlength=len(ts.classes))
    if not there.all():
        raise JudgeError(f"palette: nothing to learn {ts.classes[int(np.argmin(there))]} from "
                         f"in the groups {', '.join(map(str, groups))[:60]}")
    tams = aggregate([ts.visits[i] for i in which], slots, cell, slot, rtt)
    sites = np.stack([tams[y == c].max(axis=0) for c in range(len(ts.classes))])
    sets, full = cluster(sites, k, rng)
    of_site = np.zeros(len(ts.classes), np.int64)
    shrunk, pmf = [], []
    for number, members in enumerate(sets):
        of_site[members] = number
        mine = tams[np.isin(y, members)]
        shrunk.append(shrink(full[number], mine, rng, EPOCHS))
        count = (mine > 0).sum(axis=0).astype(np.float64)
        pmf.append(count / np.maximum(count.sum(axis=1, keepdims=True), 1))
    return Learned(sets, of_site, full, np.array(shrunk), np.array(pmf))


def sample(pmf, alpha, rng):
    """For each row of `pmf` [n, slots] slots drawn in turn, all alike, until their
    probabilities are alpha together: bool [n, slots]."""
    order = np.argsort(rng.random(pmf.shape), axis=1)
    before = np.cumsum(np.take_along_axis(pmf, order, 1), axis=1)
    before = np.concatenate([np.zeros((len(pmf), 1)), before[:, :-1]], axis=1)
    drawn = np.zeros(pmf.shape, bool)
    np.put_along_axis(drawn, order, before < alpha, 1)
    return drawn


def spread_out(target, drawn):
    """What the drawn slots [n, slots] hold, spread over the empty slots behind each as evenly
    as whole cells go, the larger shares first. Sums stay."""
    out = np.zeros_like(target)
    for row, t, d in zip(out, target, drawn):
        at = np.flatnonzero(d)
        if not len(at):
            continue
        length = np.diff(np.append(at, len(d)))
        place = np.arange(at[0], len(d)) - np.repeat(at, length)
        value, length = np.repeat(t[at], length), np.repeat(length, length)
        row[at[0]:] = -(-value * (place + 1) // length) - -(-value * place // length)
    return out


# ---- regulation ------------------------------------------------------------------------------

def regulate(came, shrunk, target, u, b=B, early=EARLY):
    """What leaves in the slot after each: (cells [n, 2, slots], real ones among them).

    came    [n, 2, slots]  cells that came in each slot
    shrunk  [n, 2, slots]  shrunk super-matrix of each one's set
    target  [n, 2, slots]  refined: shrunk where a slot was drawn, 0 elsewhere
    u       [n, 2]         early sending if as many wait as the slots j .. j + u - 1 hold
    """
    slots = came.shape[2]
    held = np.concatenate([np.zeros_like(shrunk[:, :, :1]), np.cumsum(shrunk, axis=2)], axis=2)
    end = np.minimum(np.arange(slots) + u[:, :, None], slots)
    limit = np.take_along_axis(held, end, 2) - held[:, :, :-1]
    sent, real = np.zeros_like(came), np.zeros_like(came)
    waiting = np.zeros(came.shape[:2], came.dtype)
    begun = np.zeros(came.shape[:2], bool)
    idle = np.zeros(came.shape[:2], bool)	# nothing waited at a multiple of b
    for j in range(slots):
        waiting = waiting + came[:, :, j]
        some = waiting > 0
        idle &= ~some
        n = np.where(idle, 0, target[:, :, j])
        if j and j % b == 0:
            idle |= ~some
        n = np.where(begun & some & (waiting >= limit[:, :, j]),
                     np.maximum(np.minimum(early, waiting), shrunk[:, :, j]), n)
        n = np.where(begun, n, np.where(some, np.maximum(waiting, n), 0))
        begun |= some
        sent[:, :, j] = n
        real[:, :, j] = np.minimum(n, waiting)
        waiting = waiting - real[:, :, j]
    return sent, real


def _times(t, sent, real, slot, rng):
    """Seconds at which cells leave, ascending, and which of them are the real ones: `t` are
    when those came, `sent` and `real` the cells a slot. What still waits after the last slot
    goes in the next; what comes later goes in the slot after its own, with no dummies."""
    slots = len(sent)
    at = np.repeat(np.arange(slots), real)
    late = np.maximum((t[len(at):] / slot).astype(np.int64), slots)
    at = np.concatenate([at, late])
    extra = np.bincount(late - slots) if len(late) else np.zeros(0, np.int64)
    count = np.concatenate([sent, extra])
    where = np.repeat(np.arange(len(count)), count)
    most = 1 - np.exp(-slot**2 / (2 * RAYLEIGH**2))
    within = RAYLEIGH * np.sqrt(-2 * np.log1p(-most * rng.random(len(where))))
    out = np.sort((where + 1) + np.minimum(within / slot, 1 - 1e-9)) * slot
    start = np.cumsum(count) - count
    rank = np.arange(len(at)) - np.searchsorted(at, at)
    return out, start[at] + rank


def defend(ts, window, k=30, seed=1, rtt=0.04, cell=514, *, slot=SLOT, alpha=ALPHA, b=B, u=U,
           spread=False, groups=None):
    """The set as Palette would have it, and what that costs: (TraceSet, costs).

    window  seconds from a visit's first packet that matrices have slots for (the paper: 80).
            Later packets leave at the end of their slot, without dummies
    k       least sites of a set; published: 30 of 95 sites, 5 for the low price
    rtt     seconds between the two regulators and back: inbound slots are seen so much later
    cell    bytes of all packets that leave (514 of Tor); a longer packet is cut in cells
    groups  names of groups that sets and matrices are learned from; None: all (see above)

    Costs: overhead (bytes sent / bytes given - 1), of it padding (cells not full) and chaff
    (dummies); delay_ms of each packet (its last cell), time_overhead (when the last real cell
    has left / the last packet came - 1, over sums). Work: 9400 steps a set on a 94th of its
    visits, and each slot and cell once; memory: some 50 bytes a cell, and 20 a slot and
    direction of each visit learned from."""
    if not (window >= slot > 0 and cell > 0 and rtt >= 0 and 0 < alpha <= 1 and b >= 1 and u >= 1):
        raise JudgeError(f"palette: no such defence: window {window} s, slot {slot} s, cell {cell}"
                         f", rtt {rtt} s, alpha {alpha}, B {b}, U {u}")
    given = sum(int(v.b.sum()) for v in ts.visits)
    cells = sum(int(np.maximum(1, -(-v.b.astype(np.int64) // cell)).sum()) for v in ts.visits)
    if not given:
        raise JudgeError(f"palette: {ts.name}: no byte in it")
    if cells > MOST_PACKETS:
        raise JudgeError(f"palette: {ts.name}: {cells} cells are more than {MOST_PACKETS}")
    rng = np.random.default_rng(seed)
    slots = int(window / slot + 1e-9)
    learned = learn(ts, slots, k, rng, cell, slot, rtt, groups)
    visits, delays, ends, total = [], [], np.zeros(2), 0
    for first in range(0, len(ts), AT_ONCE):
        some = ts.visits[first:first + AT_ONCE]
        of = learned.of_site[ts.y[first:first + AT_ONCE]]
        shrunk = learned.shrunk[of]
        drawn = np.stack([sample(learned.pmf[of, d], alpha, rng) for d in (0, 1)], axis=1)
        target = np.where(drawn, shrunk, 0)
        if spread:
            flat = (-1, slots)
            target = spread_out(target.reshape(flat), drawn.reshape(flat)).reshape(target.shape)
        sent, real = regulate(aggregate(some, slots, cell, slot, rtt), shrunk, target,
                              rng.integers(u, size=(len(some), 2)), b)
        for i, v in enumerate(some):
            new, left = _visit(v, sent[i], real[i], cell, slot, rtt, rng)
            visits.append(new)
            total += len(new)
            delays.append(left - v.t)
            if len(v):
                ends += left.max() - v.t[0], v.t[-1] - v.t[0]
    ms = np.concatenate(delays) * 1e3
    p50, p99 = np.quantile(ms, (0.5, 0.99))
    costs = {"overhead": total * cell / given - 1, "padding": cells * cell / given - 1,
             "chaff": (total - cells) * cell / given, "headers": 0, "late": 0,
             "delay_ms": {"p50": float(p50), "p99": float(p99), "max": float(ms.max()),
                          "mean": float(ms.mean())},
             "time_overhead": float(ends[0] / ends[1] - 1) if ends[1] else 0.0}
    return TraceSet(f"{ts.name}, palette k={k}", visits, ts.target), costs


def _visit(v, sent, real, cell, slot, rtt, rng):
    """The regulated visit, and when the last cell of each of its packets has left."""
    start = v.t[0] if len(v) else 0.0
    left = v.t.copy()
    t, d = [], []
    for i, (came, of) in enumerate(_cells(v, cell, rtt)):
        out, where = _times(came, sent[i], real[i], slot, rng)
        out = out + start + i * rtt
        left[of] = out[where]	# of a packet's cells the last one stays
        t.append(out)
        d.append(np.full(len(out), 1 - 2 * i))
    t, d = np.concatenate(t), np.concatenate(d)
    order = np.argsort(t, kind="stable")
    return Visit(*v.key, t[order], d[order], np.full(len(t), cell)), left
