# SPDX-License-Identifier: GPL-2.0
"""The least share of visits that can be named at a price of bytes, as a linear program.

A visit is a state: its cell of volume up, of the time until the answer in slots, of volume down. A
scheme turns it into what an observer sees, by chance, without knowing the class:

    at the request   draws a target for the volume up and whether it keeps up cover, knowing the
                     volume up only
    at the answer    draws to which slot cover lasts, if it is kept up (the observer then sees its
                     length only; else it sees when the answer came), and a target for the volume
                     down, knowing all of the visit

A visit of several exchanges has a duration in place of the time until the answer. Its ends pad after
its last packet, knowing all of it, and keep up cover from then on.

The observer names the class that is most likely for what it sees. Its share is a maximum of linear
functions of the scheme, so the least share is a linear program. The dual solution is an attack: a
table of which classes it names, how often, for each thing seen. certificate() is what that table
names whatever the scheme, worked out without the solver.
"""
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from . import JudgeError

PRICES = ("grid", "least", "rounded")	# see Program


def edges(x, cells, share=.7, fine=240):
    """Upper edges of at most `cells` cells for the values x > 0, the last one max(x): those of a
    fine logarithmic grid that round x up least, by dynamic programming. `share` of the weight is
    on bytes in all, the rest on the ratio, so that small values keep cells of their own."""
    x = np.sort(np.asarray(x, np.float64))
    at = np.unique(x)
    if len(at) > fine:
        at = np.geomspace(x[0], x[-1], fine)
        at[-1] = x[-1]
        at = at[np.unique(np.searchsorted(at, x))]
    cells = min(cells, len(at))
    cell = np.searchsorted(at, x)

    def sums(w):
        return np.concatenate([[0.0], np.cumsum(np.bincount(cell, w, len(at)))])
    n, s, log = sums(np.ones(len(x))), sums(x), sums(np.log(x))
    i, j = np.arange(len(at))[:, None], np.arange(len(at))[None, :]
    many = n[j + 1] - n[i]
    up = share * (many * at[j] - (s[j + 1] - s[i])) / x.sum() + \
        (1 - share) * (many * np.log(at[j]) - (log[j + 1] - log[i])) / len(x)
    up = np.where(j >= i, up, np.inf)
    best, back = up[0], []
    for _ in range(cells - 1):
        step = np.concatenate([[np.inf], best[:-1]])[:, None] + up
        back.append(step.argmin(0))
        best = step.min(0)
    out = [len(at) - 1]
    for b in reversed(back):
        out.append(int(b[out[-1]]) - 1)
    return at[out[::-1]]


class Grid:
    """Edges of cells: `up` and `down` in bytes, `slots` in whole slots; cell i has the values above
    edge i - 1 up to edge i. cell: bytes of a cell of cover."""

    def __init__(self, seen, cells, cell):
        self.up = edges(seen.up, cells[0])
        self.slots = edges(seen.slots, cells[1], .5)
        self.down = edges(seen.down, cells[2])
        self.cell = cell

    def rounding(self, seen):
        """Bytes that rounding each visit up to the grid takes, over those of the visits."""
        more = sum((g[np.searchsorted(g, x)] - x).sum()
                   for g, x in ((self.up, seen.up), (self.down, seen.down)))
        return float(more / (seen.up.sum() + seen.down.sum()))


class Program:
    """The program of some visits on a grid.

    seen:  up, slots, down, y, weight [visits], classes (their number), single: see bound.Seen
    price: what padding from a cell to another takes.
           grid     from edge to edge: the visits are taken to be as large as their cells
           least    from the visits' own bytes to the target cell's lower edge
           rounded  from the visits' own bytes to the target cell's upper edge, always
    """

    def __init__(self, seen, grid, price="grid"):
        self.grid, self.single, self.classes = grid, seen.single, seen.classes
        a, b, c = (np.searchsorted(g, x) for g, x in
                   ((grid.up, seen.up), (grid.slots, seen.slots), (grid.down, seen.down)))
        n = [len(g) for g in (grid.up, grid.slots, grid.down)]
        keys, self.of = np.unique((a * n[1] + b) * n[2] + c, return_inverse=True)
        self.a, self.b, self.c = keys // (n[1] * n[2]), keys // n[2] % n[1], keys % n[2]
        self.y, self.price = seen.y, price
        # p: what visits count for who names them; mass: for the bytes, each the same.
        count = np.bincount(self.of)
        self.mass = count / len(seen.y)
        self.p = np.zeros((len(self.a), self.classes))
        np.add.at(self.p, (self.of, seen.y), seen.weight)
        self.p /= self.p.sum()
        self.base = float((seen.up + seen.down).mean())		# bytes of a visit
        if price == "grid":
            self.base = float(self.mass @ (grid.up[self.a] + grid.down[self.c]))
        self.mean = [np.bincount(self.of, x) / count for x in (seen.up, seen.slots, seen.down)]
        self._columns(n)

    def _volume(self, edge, cell, to, mean):
        """Bytes from a state's cell to the cell `to`."""
        if self.price == "grid":
            return edge[to] - edge[cell]
        if self.price == "rounded":
            return edge[to] - mean
        return np.where(to > cell, edge[to - 1] - mean, 0.0)

    def _slots(self, s, to):
        """Cells of cover until some slot of the cell `to`, where state s has its answer (or end)
        no later."""
        edge, b, mean = self.grid.slots, self.b[s], self.mean[1][s]
        if self.price == "least":
            last = np.where(to > b, edge[to - 1] + 1, mean)
        else:
            last = edge[to]
        if self.single:
            return last - 1			# the answer takes the place of one
        return last - (edge[b] if self.price == "grid" else mean)

    def _columns(self, n):
        """All that a scheme may do with each state: s, A, cover, B, C, with the bytes it takes.
        A column's group is what was settled at the request: s, A, cover."""
        rows = []
        for s, (a, b, c) in enumerate(zip(self.a, self.b, self.c)):
            to_up, kept, to_slot, to_down = (x.ravel() for x in np.meshgrid(
                np.arange(a, n[0]), [0, 1] if self.single else [1], np.arange(b, n[1]),
                np.arange(c, n[2]), indexing="ij"))
            ok = (kept == 1) | (to_slot == b)	# without cover the answer's slot shows
            rows.append(np.stack([np.full(ok.sum(), s), to_up[ok], kept[ok], to_slot[ok],
                                  to_down[ok]]))
        self.s, self.A, self.cover, self.B, self.C = np.concatenate(rows, 1)
        s, up, down = self.s, self.mean[0][self.s], self.mean[2][self.s]
        self.extra = self._volume(self.grid.up, self.a[s], self.A, up) + \
            self._volume(self.grid.down, self.c[s], self.C, down) + \
            np.where(self.cover == 1, self.grid.cell * self._slots(s, self.B), 0)
        key = ((self.A * 2 + self.cover) * n[1] + self.B) * n[2] + self.C
        self.seen_keys, self.o = np.unique(key, return_inverse=True)
        new = np.diff(((s * n[0]) + self.A) * 2 + self.cover, prepend=-1) != 0
        self.first = np.flatnonzero(new)	# of each group
        self.group = np.cumsum(new) - 1
        # Who decides at the request: all states of one volume up as one; of several exchanges,
        # each state by itself.
        root = self.a if self.single else np.arange(len(self.a))
        self.root = np.unique(root, return_inverse=True)[1]
        g = self.first
        plan = (self.root[s[g]] * n[0] + self.A[g]) * 2 + self.cover[g]
        keys, first, self.plan = np.unique(plan, return_index=True, return_inverse=True)
        self.plan_root = keys // (2 * n[0])
        self.plan_A, self.plan_cover = keys // 2 % n[0], keys % 2

    # ---- what a scheme leaves ----

    def joint(self, k):
        """P(seen, class) of a scheme k [columns]: the chance of each column given its state."""
        out = np.zeros((len(self.seen_keys), self.classes))
        for c in range(self.classes):
            out[:, c] = np.bincount(self.o, k * self.p[self.s, c], len(out))
        return out

    def paid(self, k):
        """Bytes more, over those of the visits."""
        return float((k * self.mass[self.s]) @ self.extra / self.base)

    def alike(self):
        """The scheme [columns] that makes all visits alike: cover, and the largest cell of each."""
        g = self.grid
        return ((self.A == len(g.up) - 1) & (self.cover == 1) & (self.B == len(g.slots) - 1) &
                (self.C == len(g.down) - 1)).astype(np.float64)

    # ---- the program ----

    def matrices(self):
        """(A_ub, cost row, A_eq, b_eq, rows): variables are columns, plans, then the share named of
        each thing seen; rows: (seen, class) of each row of A_ub."""
        nv, nq, no, k = len(self.s), len(self.plan_A), len(self.seen_keys), self.classes
        ps = self.p[self.s]
        col, cls = np.nonzero(ps)
        row = self.o[col] * k + cls
        rows, row = np.unique(row, return_inverse=True)
        n = len(rows)
        ub = csr_matrix((np.concatenate([ps[col, cls], -np.ones(n)]),
                         (np.concatenate([row, np.arange(n)]),
                          np.concatenate([col, nv + nq + rows // k]))), (n, nv + nq + no))
        cost = csr_matrix(np.concatenate([self.mass[self.s] * self.extra / self.base,
                                          np.zeros(nq + no)]))
        groups, roots = len(self.first), self.plan_root.max() + 1
        eq = csr_matrix((np.concatenate([np.ones(nv), -np.ones(groups), np.ones(nq)]),
                         (np.concatenate([self.group, np.arange(groups), groups + self.plan_root]),
                          np.concatenate([np.arange(nv), nv + self.plan, nv + np.arange(nq)]))),
                        (groups + roots, nv + nq + no))
        return ub, cost, eq, np.concatenate([np.zeros(groups), np.ones(roots)]), rows

    def solve(self, budget):
        """The scheme that leaves least at a mean of `budget` times the visits' bytes more:
        {"named", "paid", "k" [columns], "q" [plans], "attack" [seen, classes], "rate"}; None where
        no scheme is that cheap. rate: the share named that a budget of one more would save."""
        ub, cost, eq, be, rows = self.matrices()
        nv, nq, no = len(self.s), len(self.plan_A), len(self.seen_keys)
        # The simplex is quicker at small prices, interior points at large ones.
        method = "highs-ds" if budget < .6 or nv < 10000 else "highs-ipm"
        r = linprog(np.concatenate([np.zeros(nv + nq), np.ones(no)]), A_ub=vstack([ub, cost]),
                    b_ub=np.concatenate([np.zeros(len(rows)), [budget]]), A_eq=eq, b_eq=be,
                    bounds=(0, None), method=method)
        if r.status == 2:
            return None
        if r.status != 0:
            raise JudgeError(f"the linear program of {len(self.s)} columns was not solved: {r.message}")
        attack = np.zeros((no, self.classes))
        attack.reshape(-1)[rows] = np.maximum(-r.ineqlin.marginals[:-1], 0)
        total = attack.sum(1, keepdims=True)
        attack = np.where(total > 1e-9, attack / np.maximum(total, 1e-9), 1 / self.classes)
        # Exactly a scheme, whatever the solver's tolerance was.
        q = np.maximum(r.x[nv:nv + nq], 0)
        q /= np.bincount(self.plan_root, q)[self.plan_root]
        x = np.maximum(r.x[:nv], 0)
        mass = np.bincount(self.group, x)
        bare = np.zeros(nv)
        bare[self.first] = 1			# the group's first column pads least
        x = np.where(mass[self.group] > 1e-9, x / np.maximum(mass, 1e-9)[self.group], bare)
        k = x * q[self.plan][self.group]
        return {"named": float(self.joint(k).max(1).sum()), "paid": self.paid(k), "k": k, "q": q,
                "attack": attack, "rate": float(-r.ineqlin.marginals[-1])}

    # ---- what no scheme goes below ----

    def answers(self, score, rate):
        """The scheme with the least sum of score(seen, class) and `rate` times the price: (value,
        least [groups] of each group, plans' values)."""
        each = np.einsum("ij,ij->i", self.p[self.s], score[self.o]) + \
            rate / self.base * self.mass[self.s] * self.extra
        least = np.minimum.reduceat(each, self.first)
        plans = np.bincount(self.plan, least)
        low = np.full(self.plan_root.max() + 1, np.inf)
        np.minimum.at(low, self.plan_root, plans)
        return float(low.sum()), each, least, plans, low

    def certificate(self, score, rate, budget, early=False):
        """What any scheme within the budget leaves to this table at least. early: of schemes, too,
        that give up their cover before the answer comes."""
        value, _, least, plans, low = self.answers(score, rate)
        if early and self.single:
            value = self._early(least, rate, plans, low)
        return value - rate * budget

    def _early(self, least, rate, plans, low):
        """As answers(), with plans that keep up cover through some cell of slots and no longer. The
        table says nothing of these, so the observer ignores cover that was given up: with a table
        made for them it would name more."""
        g, edge = self.first, self.grid.slots
        s, kept = self.s[g], self.cover[g]
        key = self.root[s] * len(self.grid.up) + self.A[g]
        p = self.mass[s]
        best = low.copy()
        for j in range(len(edge) - 1):
            cells = edge[j] if self.price != "least" else (edge[j - 1] + 1 if j else 1)
            use = (kept == 1) == (self.b[s] <= j)
            value = least + np.where(kept == 0, rate / self.base * p * self.grid.cell * cells, 0)
            sums = np.bincount(key[use], value[use])
            have = np.flatnonzero(np.bincount(key[use]))
            np.minimum.at(best, have // len(self.grid.up), sums[have])
        return float(best.sum())

    def least(self, score, budget, rate, early=False):
        """The best certificate of a table over the rate, which it is concave in: (value, rate)."""
        low, high = rate / 8, max(rate * 8, 1e-6)
        value = max((self.certificate(score, r, budget, early), r) for r in (rate, 0.0))
        for _ in range(18):
            one, two = low + (high - low) * .382, low + (high - low) * .618
            a, b = (self.certificate(score, r, budget, early) for r in (one, two))
            value = max(value, (a, one), (b, two))
            low, high = (low, two) if a > b else (one, high)
        return value

    # ---- in bits ----

    def bits(self, rates, rounds=150):
        """For each rate (bits that a budget of one more is worth) the scheme with the least of
        mutual information plus rate times price: [(information, price, certified least of the sum)].

        Blahut and Arimoto's iteration: each step takes the scheme that is best for the posteriors
        of the one before, less what it is away from that in Kullback and Leibler's divergence (of
        what is settled at the request, too). The posteriors of any scheme are a certificate.
        """
        prior, ps = self.p.sum(0), self.p.sum(1)
        share = ps / np.bincount(self.root, ps)[self.root]	# of its root
        every = 1 / np.bincount(self.group)[self.group]
        plans = 1 / np.bincount(self.plan_root)[self.plan_root]
        price = np.log(2) / self.base * self.extra * (self.mass / ps)[self.s]
        x, q = every, plans
        out = []
        for rate in rates:
            x, q = .99 * x + .01 * every, .99 * q + .01 * plans	# what was given up may come back
            bound = -np.inf
            for n in range(rounds):
                k = x * q[self.plan][self.group]
                joint = self.joint(k)
                score = np.log2(np.maximum(joint / np.maximum(joint.sum(1, keepdims=True), 1e-300),
                                           1e-12) / prior)
                if n % 5 == 4 or n == rounds - 1:
                    bound = max(bound, self.answers(score, rate)[0])
                    if information(joint, prior) + rate * self.paid(k) - bound < 2e-3:
                        break
                each = np.einsum("ij,ij->i", self.p[self.s], score[self.o]) * np.log(2) / \
                    ps[self.s] + rate * price
                low = np.minimum.reduceat(each, self.first)
                x = x * np.exp(low[self.group] - each)
                total = np.add.reduceat(x, self.first)
                x /= total[self.group]
                value = (low - np.log(total)) * share[self.s[self.first]]
                value = np.bincount(self.plan, value)
                best = np.full(self.plan_root.max() + 1, np.inf)
                np.minimum.at(best, self.plan_root, value)
                q = q * np.exp(best[self.plan_root] - value)
                q /= np.bincount(self.plan_root, q)[self.plan_root]
            out.append((information(joint, prior), self.paid(k), bound))
        return out

    def vertex(self, score, rate):
        """The scheme [columns] that answers() is the value of."""
        _, each, least, plans, low = self.answers(score, rate)
        chosen = np.zeros(len(plans), bool)
        at = np.flatnonzero(plans <= low[self.plan_root])
        chosen[at[np.unique(self.plan_root[at], return_index=True)[1]]] = True
        at = np.flatnonzero(each <= least[self.group])
        at = at[np.unique(self.group[at], return_index=True)[1]]
        k = np.zeros(len(each))
        k[at] = chosen[self.plan[self.group[at]]]
        return k


def information(joint, prior):
    """Bits between what is seen and the class."""
    p = joint.sum(1, keepdims=True)
    ratio = joint / np.maximum(p * prior, 1e-300)
    return max(0.0, float((joint * np.log2(np.where(joint > 0, ratio, 1))).sum()))
