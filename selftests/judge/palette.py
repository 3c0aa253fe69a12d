#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The defence Palette: sets of k, matrices that cover and are followed, real packets all sent."""
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/judge"))
from rtpl_judge import JudgeError, palette	# noqa: E402
from rtpl_judge.traces import TraceSet, Visit	# noqa: E402
import results  # noqa: E402

SLOTS, SLOT = 100, 0.08


def setUpModule():
    palette.EPOCHS = 8		# the rest is the same with less learning


def made(classes=11, each=6, sizes=(514,), seconds=7.0, seed=3):
    """Visits of made-up sites: each has bursts at times and of sizes of its own, with noise."""
    rng = np.random.default_rng(seed)
    visits = []
    for c in range(classes):
        at, size = rng.uniform(0, seconds - 1, 8), rng.integers(3, 40, 8)
        for i in range(each):
            n = rng.poisson(size)
            t = np.concatenate([[0.0], *(a + rng.exponential(0.1, m) for a, m in zip(at, n))])
            d = np.where(rng.random(len(t)) < 0.2, 1, -1)
            d[0] = 1
            t = np.where(t, t + 0.1, 0) + 5.0 * i
            order = np.argsort(t)
            visits.append(Visit(f"s{c}", f"g{i % 3}", str(i), t[order], d[order],
                                rng.choice(sizes, len(t))))
    return TraceSet("made", visits)


def counts(v, start, rtt=0.0, slots=SLOTS):
    """Cells of a defended visit by slot, [2, slots]; those of slot 0 leave in the next."""
    out = np.zeros((2, slots), np.int64)
    for i, d in enumerate((1, -1)):
        at = np.floor((v.t[v.d == d] - start - i * rtt) / SLOT + 1e-6).astype(int) - 1
        out[i] = np.bincount(at[at < slots], minlength=slots)
    return out


class Sets(results.Test):
    def test_each_site_is_in_one_set_of_k_or_more(self):
        for classes, k in ((11, 3), (12, 4), (7, 7), (9, 5), (5, 1)):
            rng = np.random.default_rng(classes)
            sites = rng.poisson(3, (classes, 2, 20))
            sets, full = palette.cluster(sites, k, rng)
            self.assertEqual(sorted(np.concatenate(sets)), list(range(classes)))
            self.assertEqual(len(sets), classes // k)
            self.assertGreaterEqual(min(map(len, sets)), k)
            for members, m in zip(sets, full):
                np.testing.assert_array_equal(m, sites[members].max(axis=0))

    def test_alike_sites_come_together(self):
        rng = np.random.default_rng(1)
        kind = np.array([0, 1, 2] * 4)
        sites = np.zeros((12, 2, 30))
        for i, x in enumerate(kind):
            sites[i, :, x * 10:x * 10 + 10] = 50 + rng.integers(0, 3, (2, 10))
        for members in palette.cluster(sites, 4, rng)[0]:
            self.assertEqual(len(set(kind[members])), 1)

    def test_too_few_sites_and_sites_not_known(self):
        with self.assertRaisesRegex(JudgeError, "sets of 12"):
            palette.defend(made(), 8.0, 12)
        ts = made()
        ts.groups = np.where(ts.y == 4, "elsewhere", ts.groups)
        with self.assertRaisesRegex(JudgeError, "learn s3 from"):	# number 4 of the names
            palette.defend(ts, 8.0, 3, groups=["g0", "g1"])


class Refinement(results.Test):
    def test_shrunk_moves_as_the_loss_says(self):
        # slot 0: all visits have 60 cells of at most 80; slot 1: one of many has 200, all 2
        tams = np.zeros((94, 2, 3), np.int32)
        tams[:, :, 0] = 60
        tams[:, :, 1] = 2
        tams[0, :, 1] = 200
        full = np.array([[80, 200, 0]] * 2)
        start = palette.shrink(full, tams, np.random.default_rng(5), epochs=0)
        m = palette.shrink(full, tams, np.random.default_rng(5), epochs=400)
        for d in (0, 1):
            self.assertLess(abs(m[d, 0] - 65), abs(start[d, 0] - 65) + 1)
            self.assertLess(m[d, 1], start[d, 1] - 20)	# the many pull it down
            self.assertEqual(m[d, 2], 1)
        self.assertTrue((m <= np.maximum(full, 1)).all())
        up = np.full((94, 2, 3), 70)	# more than the matrix has: delayed ones pull it up
        full = np.full((2, 3), 70)
        a = palette.shrink(full, up, np.random.default_rng(7), epochs=0)
        b = palette.shrink(full, up, np.random.default_rng(7), epochs=50)
        self.assertGreater(b.sum(), a.sum() + 6)

    def test_sampling_holds_alpha(self):
        rng = np.random.default_rng(2)
        pmf = rng.dirichlet(np.full(200, 0.5), 50)
        for alpha in (0.05, 0.16, 0.6):
            drawn = palette.sample(pmf, alpha, rng)
            held = (pmf * drawn).sum(axis=1)
            self.assertTrue((held >= alpha).all())
            self.assertTrue((held - np.where(drawn, pmf, 0).max(axis=1) < alpha).all())
            self.assertAlmostEqual(drawn.mean(), alpha, delta=0.06)
        # slots are drawn all alike: the front is not preferred
        n = np.mean([palette.sample(pmf, 0.16, rng).mean(axis=0) for _ in range(20)], axis=0)
        self.assertLess(abs(n[:100].mean() - n[100:].mean()), 0.02)

    def test_spread(self):
        t = np.array([[0, 0, 5, 0, 0, 4, 0, 0, 0, 0]])
        s = palette.spread_out(t, t > 0)
        np.testing.assert_array_equal(s, [[0, 0, 2, 2, 1, 1, 1, 1, 1, 0]])
        self.assertEqual(palette.spread_out(t * 0, t < 0).sum(), 0)


class Regulation(results.Test):
    def run_one(self, came, shrunk, drawn, u, b=10**6):
        came, shrunk = np.asarray(came, np.int32), np.asarray(shrunk, np.int32)
        both = np.stack([came, came])[None], np.stack([shrunk, shrunk])[None]
        target = both[1] * np.asarray(drawn, bool)
        sent, real = palette.regulate(*both, target, np.full((1, 2), u), b)
        return sent[0], real[0]

    def test_by_hand(self):
        # silent until something comes; then as the matrix says; the rest waits
        came = [0, 7, 3, 0, 0, 0, 0, 0]
        sent, real = self.run_one(came, [2] * 8, [1] * 8, 7)
        np.testing.assert_array_equal(sent[1], [0, 7, 2, 2, 2, 2, 2, 2])
        np.testing.assert_array_equal(real[1], [0, 7, 2, 1, 0, 0, 0, 0])
        # slots that were not drawn are empty, cells wait for the next
        sent, real = self.run_one(came, [2] * 8, [1, 1, 0, 0, 1, 0, 1, 0], 7)
        np.testing.assert_array_equal(sent[1], [0, 7, 0, 0, 2, 0, 2, 0])
        np.testing.assert_array_equal(real[1], [0, 7, 0, 0, 2, 0, 1, 0])

    def test_early_sending(self):
        came = [1, 50, 0, 0, 0, 0]
        sent, real = self.run_one(came, [2] * 6, [0] * 6, 2)	# 4 cells wait at the most
        np.testing.assert_array_equal(sent[0], [1, 10, 10, 10, 10, 10])
        np.testing.assert_array_equal(sent[1], [1, 30, 20, 0, 0, 0])
        np.testing.assert_array_equal(real, sent)
        sent, _ = self.run_one([1, 3, 0, 0, 0, 0], [2] * 6, [0] * 6, 2)
        np.testing.assert_array_equal(sent[1], [1, 0, 0, 0, 0, 3])	# the last slot holds 2

    def test_tail(self):
        came = [1] + [0] * 8 + [2] + [0] * 6
        sent, _ = self.run_one(came, [3] * 16, [1] * 16, 20, b=4)
        np.testing.assert_array_equal(sent[1], [3] * 5 + [0] * 4 + [3] * 4 + [0] * 3)


class Defended(results.Test):
    def check(self, ts, cell, rtt, **kw):
        d, costs = palette.defend(ts, SLOTS * SLOT, 3, 1, rtt, cell, **kw)
        self.assertEqual([v.key for v in d.visits], [v.key for v in ts.visits])
        out = sum(len(v) for v in d.visits) * cell
        given = sum(int(v.b.sum()) for v in ts.visits)
        self.assertAlmostEqual(costs["overhead"], out / given - 1)
        self.assertAlmostEqual(costs["overhead"], costs["padding"] + costs["chaff"])
        self.assertGreater(costs["chaff"], 0)
        self.assertGreaterEqual(costs["time_overhead"], 0)
        for a, b in zip(ts.visits, d.visits):
            self.assertTrue((np.diff(b.t) >= 0).all() and (b.b == cell).all())
            for way in (1, -1):
                came = np.repeat(a.t, -(-a.b // cell))[np.repeat(a.d, -(-a.b // cell)) == way]
                left = b.t[b.d == way]
                self.assertGreaterEqual(len(left), len(came))
                # in order and none before it came: enough cells leave at or after each
                self.assertTrue((left[len(left) - len(came):] > came).all())
        return d, costs

    def test_all_is_sent_in_order_and_not_before_it_came(self):
        self.check(made(), 514, 0.0)
        self.check(made(), 514, 0.04, spread=True)
        _, costs = self.check(made(sizes=(40, 1500, 2464, 3000)), 1232, 0.04)
        self.assertGreater(costs["padding"], 0)

    def test_a_visit_without_packets(self):
        ts = made(classes=4)
        ts.visits[3] = Visit(*ts.visits[3].key, [], [], [])
        d, costs = palette.defend(ts, SLOTS * SLOT, 2)
        self.assertEqual(len(d.visits[3]), 0)
        self.assertTrue(np.isfinite(costs["delay_ms"]["max"]))

    def test_longer_than_the_window(self):
        ts = made(seconds=30.0)
        d, _ = self.check(ts, 514, 0.04)
        late = max(v.t[-1] - v.t[0] for v in d.visits)
        self.assertGreater(late, SLOTS * SLOT + 10)
        for a, b in zip(ts.visits, d.visits):	# no dummies there: as many as came and waited
            end = a.t[0] + (SLOTS + 2) * SLOT + 0.04
            self.assertLessEqual((b.t > end).sum(), (a.t > end - 2 * SLOT - 0.04).sum())

    def test_real_cells_leave_when_they_are_said_to(self):
        rng = np.random.default_rng(1)
        t = np.sort(rng.uniform(0, 10 * SLOT, 60))
        came = np.bincount((t / SLOT).astype(int), minlength=8)[:8]
        shrunk = np.full((1, 2, 8), 6)
        sent, real = palette.regulate(np.stack([came, came])[None], shrunk, shrunk,
                                      np.full((1, 2), 3))
        out, where = palette._times(t, sent[0, 1], real[0, 1], SLOT, rng)
        self.assertEqual(len(where), 60)
        self.assertTrue((np.diff(where) > 0).all() and (out[where] > t).all())
        slot = np.floor(out / SLOT + 1e-9).astype(int) - 1
        np.testing.assert_array_equal(np.bincount(slot, minlength=8)[:8], sent[0, 1])
        np.testing.assert_array_equal(np.bincount(slot[where], minlength=8)[:8], real[0, 1])
        self.assertEqual(len(out), sent[0, 1].sum() + (slot >= 8).sum())
        self.assertTrue((slot[where][-5:] >= 8).all())

    def test_slots_follow_the_matrix(self):
        ts, k, rtt = made(), 3, 0.04
        rng = np.random.default_rng(9)
        m = palette.learn(ts, SLOTS, k, rng, 514, SLOT, rtt)
        d, _ = palette.defend(ts, SLOTS * SLOT, k, 9, rtt, 514)
        equal = seen = 0
        for a, b, y in zip(ts.visits, d.visits, ts.y):
            n = counts(b, a.t[0], rtt)
            want = m.shrunk[m.of_site[y]]
            for way, most in enumerate(palette.EARLY):
                row = n[way][:60]
                begin = np.flatnonzero(row)[0] + 1
                here, there = row[begin:], want[way][begin:60]
                off = (here != 0) & (here != there)
                # nothing else but early sending, more than the matrix has
                self.assertTrue(((here > there) & (here <= most))[off].all())
                equal += (here == there)[here > 0].sum()
                seen += (here > 0).sum()
        self.assertGreater(equal / seen, 0.5)

    def test_visits_of_a_set_share_one_pattern(self):
        # by the full super-matrix, no tail: once both have begun, nothing at all differs
        ts = made()
        m = palette.learn(ts, SLOTS, 3, np.random.default_rng(4), 514)
        of = m.of_site[ts.y]
        full = np.maximum(m.full, 1).astype(np.int32)[of]
        came = palette.aggregate(ts.visits, SLOTS, 514)
        sent, real = palette.regulate(came, full, full, np.full((len(ts), 2), 45), 10**6)
        np.testing.assert_array_equal(real, came)
        for i in range(len(ts)):
            for way in (0, 1):
                begin = np.flatnonzero(came[i, way])[0]
                self.assertEqual(sent[i, way, :begin].sum(), 0)
                np.testing.assert_array_equal(sent[i, way, begin:], full[i, way, begin:])

    def test_seed(self):
        ts = made(classes=6)
        a, b, c = (palette.defend(ts, 8.0, 3, s)[0].digest() for s in (1, 1, 2))
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)

    def test_learned_from_some_groups_only(self):
        ts = made(classes=6)
        some = palette.learn(ts, SLOTS, 3, np.random.default_rng(1), 514, groups=["g0", "g1"])
        part = ts.take(np.flatnonzero(ts.groups != "g2"))
        want = palette.learn(part, SLOTS, 3, np.random.default_rng(1), 514)
        for a, b in zip(some[1:], want[1:]):
            np.testing.assert_array_equal(a, b)
        full = palette.learn(ts, SLOTS, 3, np.random.default_rng(1), 514)
        self.assertFalse(np.array_equal(full.full, some.full))

    def test_what_makes_no_sense(self):
        for kw in ({"window": 0.01}, {"cell": 0}, {"alpha": 0.0}, {"b": 0}, {"u": 0}, {"rtt": -1}):
            with self.assertRaisesRegex(JudgeError, "no such defence"):
                palette.defend(made(classes=4), **{"window": 8.0, "k": 2, **kw})


if __name__ == "__main__":
    results.main()
