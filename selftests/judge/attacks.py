#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What k-FP, CUMUL and volume see and find; run by test_attacks.sh.

Expected values of features are worked out by hand from the definitions in the papers. Chance
for n tests of c classes is 1/c; four standard deviations above it is "more than chance".
"""
import math
import os
import sys
from unittest import mock

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/judge"))
from rtpl_judge import JudgeError, cumul, forest, kfp, volume  # noqa: E402
from rtpl_judge.traces import TraceSet, Visit  # noqa: E402
import results  # noqa: E402

ATTACKS = kfp.KFP, cumul.CUMUL, volume.Volume
CLASSES, PER_CLASS, GROUPS = 4, 40, 4


def visit(packets, start=5.0, cls="a", group="g", name="v"):
    """Of rows (seconds, direction, bytes)."""
    t, d, b = zip(*packets) if packets else ((), (), ())
    return Visit(cls, group, name, np.array(t, np.float64) + start, d, b)


TEN = visit([(0.0, 1, 100), (0.5, -1, 200), (1.0, -1, 1500), (1.0, -1, 1500), (1.5, 1, 100),
             (2.0, -1, 64), (2.5, 1, 63), (3.0, 1, 300), (4.0, -1, 2000), (4.5, -1, 200)])


def made(how, seed=1):
    """A set: visits of 4 classes, 40 each, in 4 groups; how(class, rng) makes one's t, d, b."""
    rng = np.random.default_rng(seed)
    return TraceSet("made", [Visit(f"c{c}", f"s{k % GROUPS}", str(k), *how(c, rng))
                             for c in range(CLASSES) for k in range(PER_CLASS)])


def accuracy(attack, ts, y=None, seed=1):
    """Of the attack on two of the groups, trained on the others."""
    y = ts.y if y is None else y
    x = attack.extract(ts.visits)
    test = ts.groups >= "s2"
    p = attack.fit_predict(x[~test], y[~test], ts.groups[~test], x[test], CLASSES, seed,
                           lambda fraction, text: None)
    return float((p.argmax(axis=1) == y[test]).mean())


N_TESTS = CLASSES * PER_CLASS // 2
CHANCE = 1 / CLASSES
ABOVE = CHANCE + 4 * math.sqrt(CHANCE * (1 - CHANCE) / N_TESTS)


# ---- visits of classes that differ in one thing ----------------------------------------------

def by_volume(c, rng):
    n = 100 + 60 * c + int(rng.integers(20))
    return np.sort(rng.uniform(0, 10, n)), rng.choice([-1, 1], n), rng.integers(60, 1500, n)


def by_times(c, rng):
    """200 packets in 10 s, with one pause of 4 s in a place of the class's."""
    n = int(rng.integers(180, 220))
    t = np.sort(rng.uniform(0, 6, n))
    t[0], t[-1] = 0, 6
    t[1:][t[1:] > 1 + c] += 4
    return t, rng.choice([-1, 1], n), np.full(n, 600)


def by_order(c, rng):
    """As many packets each way, a burst of what is sent in a place of the class's."""
    d = np.full(200, -1)
    d[40 * c + int(rng.integers(10)):][:30] = 1
    return np.sort(rng.uniform(0, 10, 200)), d, np.full(200, 600)


def by_sizes(c, rng):
    """As many packets and bytes, in pairs that differ in size by what is the class's."""
    half = np.where(np.arange(200) % 2, 1, -1) * (100 * c + rng.integers(10))
    return np.sort(rng.uniform(0, 10, 200)), np.tile([1, 1, -1, -1], 50), 600 + half


class Finds(results.Test):
    def check(self, how, finds):
        ts = made(how)
        for a in ATTACKS:
            got = accuracy(a(), ts)
            if a in finds:
                self.assertGreater(got, 0.85, f"{a.name} does not find it")
            else:
                self.assertLess(got, ABOVE, f"{a.name} finds what it cannot see")

    def test_volume_is_found_by_all(self):
        self.check(by_volume, ATTACKS)

    def test_times_are_found_by_kfp_only(self):
        self.check(by_times, [kfp.KFP])

    def test_order_is_found_by_kfp_and_cumul(self):
        self.check(by_order, [kfp.KFP, cumul.CUMUL])

    def test_sizes_are_found_by_kfp(self):
        ts = made(by_sizes)
        self.assertGreater(accuracy(kfp.KFP(), ts), 0.85)
        self.assertLess(accuracy(volume.Volume(), ts), ABOVE)

    def test_labels_that_mean_nothing_are_guessed_at_chance(self):
        for how in by_volume, by_order:
            ts = made(how)
            y = np.random.default_rng(5).permutation(ts.y)
            for a in ATTACKS:
                self.assertLess(accuracy(a(), ts, y), ABOVE, a.name)


class Probabilities(results.Test):
    @classmethod
    def setUpClass(cls):
        ts = made(by_volume)
        cls.ts, cls.take = ts, np.arange(len(ts)) % 3 == 0

    def fit(self, a, y=None, seed=1, classes=CLASSES, rows=None, tests=slice(None)):
        y = self.ts.y if y is None else y
        rows = self.take if rows is None else rows
        x = a.extract(self.ts.visits)
        return a.fit_predict(x[rows], y[rows], self.ts.groups[rows], x[tests], classes, seed,
                             lambda fraction, text: None)

    def test_rows_add_up_to_one(self):
        for a in ATTACKS:
            p = self.fit(a())
            self.assertEqual(p.shape, (len(self.ts), CLASSES))
            self.assertTrue((p >= 0).all())
            np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-9)

    def test_a_class_not_trained_on_has_a_column_of_zeros(self):
        for a in ATTACKS:
            p = self.fit(a(), y=self.ts.y + (self.ts.y > 1), classes=CLASSES + 3)
            self.assertEqual(p.shape[1], CLASSES + 3)
            self.assertTrue((p[:, [2, 5, 6]] == 0).all())
            self.assertGreater((p.argmax(axis=1) == 4).sum(), 20)

    def test_two_classes(self):
        for a in ATTACKS:
            y = (self.ts.y > 1).astype(np.int64)
            p = self.fit(a(), y=y, classes=2)
            self.assertGreater((p.argmax(axis=1) == y).mean(), 0.9, a.name)

    def test_one_class_only(self):
        for a in ATTACKS:
            p = self.fit(a(), y=np.full(len(self.ts), 2))
            np.testing.assert_allclose(p, np.tile(np.eye(CLASSES)[2], (len(p), 1)), atol=1e-9)

    def test_one_group_only(self):
        one = self.ts.groups == "s1"
        for a in ATTACKS:
            got = (self.fit(a(), rows=one).argmax(axis=1) == self.ts.y).mean()
            self.assertGreater(got, 0.5, a.name)

    def test_nothing_to_test(self):
        for a in ATTACKS:
            self.assertEqual(self.fit(a(), tests=slice(0)).shape, (0, CLASSES))

    def test_the_same_seed_gives_the_same_on_any_number_of_threads(self):
        for a in ATTACKS:
            said = []
            for n in "1", "3":
                with mock.patch.dict(os.environ, RTPL_JUDGE_THREADS=n):
                    said.append(self.fit(a()))
            np.testing.assert_allclose(said[0], said[1], atol=1e-9)

    def test_trees_are_added_up_in_one_order(self):
        # What three threads' order does to the last bits shows by luck only.
        with mock.patch.dict(os.environ, RTPL_JUDGE_THREADS="3"):
            self.assertEqual(forest.grow(np.eye(4), np.arange(4), 3, 1).n_jobs, 1)

    def test_another_seed_grows_another_forest(self):
        for a in kfp.KFP, volume.Volume:
            self.assertGreater(np.abs(self.fit(a()) - self.fit(a(), seed=2)).max(), 1e-3)

    def test_threads_are_a_number(self):
        for said in "0", "-1", "many":
            with mock.patch.dict(os.environ, RTPL_JUDGE_THREADS=said):
                self.assertRaisesRegex(JudgeError, said, forest.threads)


class Degenerate(results.Test):
    ODD = [visit([]), visit([(0, 1, 100)]), visit([(0, -1, 100)]),
           visit([(0, 1, 100), (1, 1, 100)]), visit([(k, -1, 60) for k in range(40)]),
           visit([(0, 1, 0), (0, -1, 0), (0, -1, 0)]), visit([(1, -1, 2**31 - 1)] * 50),
           visit([(0, 1, 60), (9e8, -1, 60)], start=0)]

    def test_odd_visits_have_finite_features(self):
        for a in ATTACKS:
            x = a().extract(self.ODD)
            self.assertEqual(x.dtype, np.float32)
            self.assertTrue(np.isfinite(x).all(), a.name)
            self.assertTrue((x[0] == 0).all(), a.name)
            self.assertEqual(len(a().extract([])), 0)

    def test_odd_visits_can_be_trained_on_and_guessed(self):
        y = np.arange(8) % 3
        for a in ATTACKS:
            x = a().extract(self.ODD)
            p = a().fit_predict(x, y, np.array([f"g{k}" for k in range(8)]), x, 3, 1,
                                lambda fraction, text: None)
            self.assertTrue(np.isfinite(p).all(), a.name)

    def test_a_visit_has_the_same_row_in_any_company(self):
        for a in ATTACKS:
            both = a().extract([TEN, self.ODD[4]])
            np.testing.assert_allclose(both[:1], a().extract([TEN]), rtol=1e-6)


class KfpFeatures(results.Test):
    """TEN: 6 packets come, 4 are sent."""

    @classmethod
    def setUpClass(cls):
        cls.got = dict(zip(kfp.FEATURES, kfp.KFP().extract([TEN])[0].tolist()))

    def check(self, form, **wanted):
        """form's % stands for each key; a key's first _ (k0 ...) keeps it a name."""
        for key, want in wanted.items():
            name = form.replace("%", key.lstrip("_"))
            self.assertAlmostEqual(self.got[name], want, places=3 if want > 100 else 5, msg=name)

    def test_names_and_columns(self):
        x = kfp.KFP().extract([TEN])
        self.assertEqual(x.shape, (1, len(kfp.FEATURES)))
        self.assertEqual(len(set(kfp.FEATURES)), len(kfp.FEATURES))

    def test_gaps(self):
        # in: .5 0 1 2 .5; out: 1.5 1 .5; all: .5 .5 0 .5 .5 .5 .5 1 .5
        self.check("gap_%_in", max=2, mean=0.8, std=math.sqrt(2.3 / 5), q75=1)
        self.check("gap_%_out", max=1.5, mean=1, std=math.sqrt(0.5 / 3), q75=1.25)
        self.check("gap_%_all", max=1, mean=0.5, std=math.sqrt(0.5 / 9), q75=0.5)

    def test_times_start_at_the_first_packet(self):
        self.check("time_in_%", q25=1, q50=1.5, q75=3.5, q100=4.5)
        self.check("time_out_%", q25=1.125, q50=2, q75=2.625, q100=3)
        self.check("time_all_%", q25=1, q50=1.75, q75=2.875, q100=4.5)

    def test_counts_and_shares(self):
        self.check("packets_%", _in=6, out=4, all=10)
        self.check("share_%", _in=0.6, out=0.4)
        self.check("first30_%", _in=6, out=4)
        self.check("last30_%", _in=6, out=4)

    def test_seconds(self):
        # 4 until the end of second 1, then 2, 2, 1, 1
        self.check("per_second_%", mean=2, std=math.sqrt(6 / 5), median=2, min=1, max=4)
        self.check("second_%", _0=4, _1=2, _2=2, _3=1, _4=1, _5=0, _31=0)
        self.check("second_part_%", _2=0, _3=4, _7=2, _11=2, _15=1, _19=1, _18=0)

    def test_order(self):
        # in: 1 2 3 5 8 9; out: 0 4 6 7
        self.check("order_%_in", mean=28 / 6, std=math.sqrt(184 / 6 - (28 / 6) ** 2))
        self.check("order_%_out", mean=4.25, std=math.sqrt(101 / 4 - 4.25**2))

    def test_one_chunk(self):
        self.check("chunk_out_%", std=0, mean=4, median=4, min=4, max=4)
        self.check("chunk_%", _0=4, _1=0, _31=0)
        self.check("chunk_part_%", _0=0, _68=0, _69=4)

    def test_chunks_and_ends_of_a_longer_visit(self):
        # 45 packets, 0 .. 19 and 40 .. 44 sent: chunks of 20, 0 and 5
        v = visit([(k, 1 if k < 20 or k >= 40 else -1, 60) for k in range(45)])
        self.got = dict(zip(kfp.FEATURES, kfp.KFP().extract([v])[0].tolist()))
        self.check("chunk_out_%", std=math.sqrt(425 / 3 - (25 / 3) ** 2), mean=25 / 3, median=5,
                   min=0, max=20)
        self.check("chunk_%", _0=20, _1=0, _2=5, _3=0)
        # 3 chunks in 70 parts: the first ends in part 23, the last in part 69
        self.check("chunk_part_%", _22=0, _23=20, _24=0, _46=0, _69=5)
        self.check("first30_%", _in=10, out=20)
        self.check("last30_%", _in=20, out=10)
        self.check("sum_%", chunk_parts=25, second_parts=45)

    def test_seconds_with_nothing_count_as_zero(self):
        v = visit([(0, 1, 60), (0.5, 1, 60), (3.5, -1, 60)])
        self.got = dict(zip(kfp.FEATURES, kfp.KFP().extract([v])[0].tolist()))
        self.check("per_second_%", mean=0.75, std=math.sqrt(5 / 4 - 0.75**2), median=0.5, min=0,
                   max=2)
        self.check("second_%", _0=2, _1=0, _2=0, _3=1)

    def test_sums(self):
        gaps = 2 + 0.8 + 1 + 1.5 + 1 + 1.25 + 1 + 0.5 + 0.5 + sum(
            map(math.sqrt, (2.3 / 5, 0.5 / 3, 0.5 / 9)))
        self.check("sum_%", chunk_parts=4, second_parts=10, gaps=gaps, times=29.375, packets=20)

    def test_bytes_and_sizes(self):
        self.check("bytes_%", _in=5464, out=563, all=6027, share_in=5464 / 6027)
        self.check("size_in_%", mean=5464 / 6, std=math.sqrt(8584096 / 6 - (5464 / 6) ** 2),
                   min=64, q25=200, q50=850, q75=1500, max=2000, unique=4)
        self.check("size_out_%", mean=140.75, std=math.sqrt(113969 / 4 - 140.75**2), min=63,
                   q25=90.75, q50=100, q75=150, max=300, unique=3)
        self.check("size_all_%", mean=602.7, min=63, q50=200, max=2000, unique=7)

    def test_histogram_of_sizes(self):
        self.check("size_in_from_%", _0=0, _64=1, _192=2, _1472=2, _1536=1, _256=0)
        self.check("size_out_from_%", _0=1, _64=2, _192=0, _256=1, _1536=0)
        self.assertExact(sum(x for n, x in self.got.items() if "_from_" in n), 10)

    def test_first_sizes(self):
        want = [100, -200, -1500, -1500, 100, -64, 63, 300, -2000, -200] + [0] * 20
        self.assertExact([self.got[f"signed_size_{k}"] for k in range(30)], want)


class OtherFeatures(results.Test):
    def test_cumul(self):
        # what passed: 100 400 500 600; sums: -100 200 300 200; a point every 5 bytes
        v = visit([(0, 1, 100), (1, -1, 300), (2, -1, 100), (3, 1, 100)])
        x = cumul.CUMUL().extract([v])[0]
        self.assertExact(x[:4].tolist(), [2, 2, 200, 400])
        np.testing.assert_allclose(x[4:84], -100 + 5 * np.arange(1, 81), atol=1e-3)
        np.testing.assert_allclose(x[84:], 300 - 5 * np.arange(1, 21), atol=1e-3)
        self.assertEqual(len(x), len(cumul.FEATURES))

    def test_volume(self):
        x = volume.Volume().extract([TEN])[0]
        np.testing.assert_allclose(x, [6, 4, 5464, 563, 4.5])

    def test_cumul_chooses_without_dividing_a_group(self):
        row = np.arange(70)
        groups = np.array([f"g{k % 7}" for k in row])
        x = np.stack([row % 7, row], axis=1).astype(np.float64)
        fits = []

        class Fit:
            """Right about the more visits, the nearer to C = 2^9, gamma = 2^-4."""

            def __init__(self, x, y, cost, gamma, sweeps):
                self.groups, self.at = set(x[:, 0]), (cost, gamma)

            def predict(self, x):
                fits.append((self.groups & set(x[:, 0]), self.at))
                away = abs(self.at[0] - 9) + abs(self.at[1] + 4)
                return np.where(x[:, 1] < 60 - 3 * away, 1, 2)

        with mock.patch.object(cumul, "_fit", Fit):
            at = cumul.choose(x, (row < 60).astype(np.int64), groups, 1, lambda *said: None)
        self.assertEqual(at, (9, -4))
        self.assertFalse(any(both for both, _ in fits))
        self.assertLessEqual(len(fits), 32 * 3)
        self.assertEqual(len(fits), 3 * len({a for _, a in fits}))


if __name__ == "__main__":
    results.main()
