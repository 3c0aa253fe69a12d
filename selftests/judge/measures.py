#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The judge's measures against what is known: closed forms, numerical integration,
scikit-learn, worked examples, and how often intervals and p values are right when an
experiment is repeated."""
import os
import sys
from unittest import mock

import numpy as np
from sklearn.metrics import average_precision_score

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/judge"))
from rtpl_judge import JudgeError, density, difference, information, stats, traces  # noqa: E402
import results  # noqa: E402


def mixture(classes, each, step, seed):
    """(x, y): normal classes of deviation 1 whose means are `step` apart."""
    y = np.repeat(np.arange(classes), each)
    return y * step + np.random.default_rng(seed).normal(size=len(y)), y


def mixture_bits(classes, step):
    """I(C; X) of mixture(), integrated."""
    at = np.linspace(-8, (classes - 1) * step + 8, 20001)
    f = np.exp(-0.5 * (at[:, None] - np.arange(classes) * step) ** 2).mean(axis=1)
    f /= np.sqrt(2 * np.pi)
    return -np.trapz(f * np.log2(f), at) - 0.5 * np.log2(2 * np.pi * np.e)


class Stats(results.Test):
    def test_interval_by_hand(self):
        # s² = 0.001, (1/5 + 1/4) s² = 0.00045, t(0.975, 4) = 2.776445
        r = stats.interval([0.86, 0.88, 0.90, 0.92, 0.94], 20, 80)
        self.assertAlmostEqual(r["mean"], 0.9)
        self.assertAlmostEqual(r["low"], 0.9 - 2.776445 * 0.0212132, 6)
        self.assertAlmostEqual(r["high"], 0.9 + 2.776445 * 0.0212132, 6)
        self.assertEqual(len(r["each"]), 5)
        self.assertAlmostEqual(r["half"], 2.776445 * 0.0212132, 6)
        self.assertAlmostEqual(r["ratio"], 0.25)
        r = stats.interval([0.9, 1.0, 1.0], 20, 80)
        self.assertExact(r["high"], 1.0)
        self.assertGreater(r["mean"] + r["half"], 1.1)		# as wide as before it was clipped
        r = stats.interval([0.9], 20, 80)
        self.assertExact((r["low"], r["high"], r["half"]), (0.0, 1.0, None))
        with self.assertRaises(JudgeError):
            stats.interval([], 20, 80)

    def test_interval_covers(self):
        # a classifier by nearest mean, trained and tested 15 times on splits of 60 visits
        def experiment(rng):
            y = np.arange(60) % 2
            x = y[:, None] * 0.7 + rng.normal(size=(60, 4))
            out = []
            for _ in range(15):
                order = rng.permutation(60)
                out.append(rate(x[order[:48]], y[order[:48]], x[order[48:]], y[order[48:]]))
            return out

        def rate(x, y, xt, yt):
            a, b = x[y == 0].mean(axis=0), x[y == 1].mean(axis=0)
            said = ((xt - a) ** 2).sum(axis=1) > ((xt - b) ** 2).sum(axis=1)
            return float((said == yt).mean())
        rng = np.random.default_rng(1)
        runs = [experiment(rng) for _ in range(300)]
        truth = np.mean(runs)
        ours = [stats.interval(r, 12, 48) for r in runs]
        covered = np.mean([r["low"] <= truth <= r["high"] for r in ours])
        # as if the repeats were independent
        plain = [stats.interval(r, 1e-9, 48) for r in runs]
        narrow = np.mean([r["low"] <= truth <= r["high"] for r in plain])
        print(f"# t interval covers {covered:.3f} of 300, without the correction {narrow:.3f}")
        self.assertTrue(0.91 <= covered <= 0.99, covered)
        self.assertLess(narrow, 0.85)

    def test_binomial(self):
        r = stats.binomial(81, 263)	# Newcombe 1998, table I, method 3
        self.assertAlmostEqual(r["low"], 0.2553, 4)
        self.assertAlmostEqual(r["high"], 0.3662, 4)
        r = stats.binomial(0, 20)
        self.assertExact(r["low"], 0.0)
        self.assertAlmostEqual(r["high"], 0.1611, 4)
        self.assertExact(stats.binomial(5, 5)["high"], 1.0)

    def test_accuracy(self):
        proba = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.5, 0.0], [1, 1, 1]]
        self.assertAlmostEqual(stats.accuracy([0, 0, 1, 2], proba), (1 + 0 + 0.5 + 1 / 3) / 4)
        with self.assertRaises(JudgeError):
            stats.accuracy([0, 3], [[1, 0], [0, 1]])
        with self.assertRaises(JudgeError):
            stats.accuracy([0, 1], [[1, 0], [np.nan, 1]])

    def test_balanced(self):
        # 90 visits of one class, 10 of another: who always names the first is no better than chance
        y = np.repeat([0, 1], (90, 10))
        self.assertAlmostEqual(stats.accuracy(y, np.tile([.9, .1], (100, 1))), .9)
        self.assertAlmostEqual(stats.balanced(y, np.tile([.9, .1], (100, 1))), .5)
        said = np.eye(2)[np.repeat([0, 1, 1, 0], (60, 30, 5, 5))]
        self.assertAlmostEqual(stats.balanced(y, said), (60 / 90 + 5 / 10) / 2)
        # An attacker who wants the mean of classes names what is likelier than it is frequent.
        p = stats.by_prior([[.8, .2, 0], [.95, .05, 0]], [.9, .1, 0])
        self.assertEqual(p.argmax(axis=1).tolist(), [1, 0])
        self.assertTrue((p[:, 2] == 0).all())
        # Closed world: the better of the two measures of a forest by a rare class
        rng = np.random.default_rng(31)
        y = (rng.random(4000) < .1).astype(int)
        one = 1 / (1 + 9 * np.exp(1 / 2 - (y + rng.normal(size=4000))))	# the true posterior
        p = np.stack([1 - one, one], axis=1)
        self.assertGreater(stats.balanced(y, stats.by_prior(p, [.9, .1])), stats.balanced(y, p) + .1)

    def test_permutation(self):
        rng, y = np.random.default_rng(32), np.arange(60) % 3
        right = np.eye(3)[y]
        self.assertAlmostEqual(stats.permutation(y, right, np.arange(60) // 12), 1e-4)
        # Groups of one class each move whole: 9 of them can be given out in 1680 ways.
        prompt = np.repeat(np.arange(9), 6)
        p = stats.permutation(prompt % 3, np.eye(3)[prompt % 3], prompt)
        self.assertAlmostEqual(p, 1 / 1680, delta=4e-4)
        self.assertExact(stats.permutation(y, np.ones((60, 3)), np.arange(60)), 1.0)
        ps = np.array([stats.permutation(y, rng.random((60, 3)), np.arange(60) // 12, shuffles=99)
                       for _ in range(200)])
        print(f"# a guesser's answers: {(ps <= .05).mean():.3f} of p at most 0.05")
        self.assertTrue(.01 <= (ps <= .05).mean() <= .1)
        self.assertTrue(.4 <= np.median(ps) <= .65)
        # Weights: only the rare class is told, which the mean over visits hardly shows.
        y = np.repeat([0, 1], (190, 10))
        said = np.eye(2)[np.where(rng.random(200) < .3, 1, y)]
        few = stats.permutation(y, said, np.arange(200), 200 / np.array([190, 10]) / 2)
        self.assertLess(few, .01)

    def test_auprc(self):
        rng = np.random.default_rng(2)
        for decimals in (1, 12):	# with many equal scores, and with none
            y = rng.random(400) < 0.2
            score = np.round(y + rng.normal(size=400), decimals)
            r = stats.auprc(y, score)
            self.assertAlmostEqual(r["auprc"], average_precision_score(y, score), 9)
            self.assertLess(r["low"], r["auprc"])
            self.assertLess(r["auprc"], r["high"])
            self.assertAlmostEqual(r["base"], y.mean())
        self.assertNear(r, stats.auprc(y, score))
        self.assertApart(r, stats.auprc(y, score, seed=2))
        # a group of equal visits counts once: the interval is that of the single visits
        again = stats.auprc(np.repeat(y, 3), np.repeat(score, 3), np.repeat(np.arange(400), 3))
        for k in r:
            self.assertAlmostEqual(r[k], again[k], 9)
        with self.assertRaises(JudgeError):
            stats.auprc(np.ones(4), np.arange(4))

    def test_auprc_covers(self):
        def draw(n, rng):
            y = np.arange(n) % 4 == 0
            return y, y * 1.2 + rng.normal(size=n)
        truth = stats.auprc(*draw(100000, np.random.default_rng(3)), resamples=1)["auprc"]
        rng = np.random.default_rng(4)
        inside = 0
        for k in range(150):
            r = stats.auprc(*draw(240, rng), seed=k, resamples=200)
            inside += r["low"] <= truth <= r["high"]
        print(f"# AUPRC's bootstrap covers {inside / 150:.3f} of 150")
        self.assertGreaterEqual(inside / 150, 0.88)

    def test_sessions_are_drawn_whole(self):
        # ten sessions of both kinds, in half of which the attack sees nothing
        rng = np.random.default_rng(33)
        session, y = np.repeat(np.arange(10), 40), np.tile([0, 1], 200)
        score = np.where(session < 5, (y == 0) * 2.0, 0) + rng.normal(size=400)
        p = 1 / (1 + np.exp(-score))
        proba = np.stack([p, 1 - p], axis=1)
        visits = stats.open_world(y, proba, 1)
        whole = stats.open_world(y, proba, 1, groups=session)
        for x, z in ((visits, whole), (visits["tpr"], whole["tpr"])):
            self.assertGreater(z["high"] - z["low"], 1.3 * (x["high"] - x["low"]))
        w = stats._weights(y, session, 50, rng)
        self.assertTrue(all((w[:, session == g].min(axis=1) == w[:, session == g].max(axis=1)).all()
                            for g in range(10)))
        # A session without the other kind: a draw in which that is missing tells nothing.
        w = stats._weights(np.arange(4) // 2, np.array([0, 0, 0, 1]), 200, rng)
        self.assertTrue((w[:, :2].any(axis=1) & w[:, 2:].any(axis=1)).all())

    def test_open_world(self):
        # classes 0, 1 monitored; by score: right, other class, unmonitored, right
        y = [0, 1, 2, 1]
        proba = [[0.9, 0.0, 0.1], [0.8, 0.1, 0.1], [0.7, 0.1, 0.2], [0.1, 0.6, 0.3]]
        r = stats.open_world(y, proba, 2)
        self.assertAlmostEqual(r["auprc"], 1 / 3 * 1 + 1 / 3 * 0.5)
        np.testing.assert_allclose(r["precision"], [1, 1 / 2, 1 / 3, 1 / 2])
        np.testing.assert_allclose(r["recall"], [1 / 3, 1 / 3, 1 / 3, 2 / 3])
        self.assertAlmostEqual(r["base"], 0.75)
        # At most one in a hundred of one other visit is none: the one that is found before it.
        self.assertAlmostEqual(r["tpr"]["mean"], 1 / 3)
        # Half is found with all: of three one is named wrong, and one other raises an alarm.
        at20, at1000 = r["precision_at"]["20"], r["precision_at"]["1000"]
        self.assertAlmostEqual(at20["recall"], 2 / 3)
        self.assertAlmostEqual(at20["mean"], (2 / 3) / (2 / 3 + 1 / 3 + 20 * 2 / 2))
        self.assertAlmostEqual(at1000["mean"], (2 / 3) / (2 / 3 + 1 / 3 + 1000 * 2 / 2))
        # 1000 others: ten alarms are one in a hundred; of none seen one is counted.
        y = np.repeat([0, 1], (100, 1000))
        score = np.concatenate([np.full(50, .9), np.full(30, .7), np.full(20, .2), np.full(10, .8),
                                np.full(990, .1)])
        r = stats.open_world(y, np.stack([score, 1 - score], axis=1), 1)
        self.assertAlmostEqual(r["tpr"]["mean"], 1.0)
        self.assertAlmostEqual(r["precision_at"]["1000"]["mean"], .5 / (.5 + 1000 / 1001))
        score[-1] = .75		# an eleventh
        r = stats.open_world(y, np.stack([score, 1 - score], axis=1), 1)
        self.assertAlmostEqual(r["tpr"]["mean"], .5)
        self.assertTrue(r["tpr"]["low"] <= r["tpr"]["mean"] <= r["tpr"]["high"])
        # with one monitored class it is the plain one
        rng = np.random.default_rng(5)
        y = rng.integers(2, size=300)
        p = 1 / (1 + np.exp(-(y - 0.5 + rng.normal(size=300))))
        r = stats.open_world(y, np.stack([1 - p, p], axis=1), 0)
        self.assertAlmostEqual(r["auprc"], average_precision_score(y, p), 9)
        self.assertAlmostEqual(r["guess"], y.mean())
        # a guesser gets what `guess` says
        y = rng.integers(4, size=20000)
        proba = np.zeros((20000, 4))
        most = np.argmax(np.bincount(y)[1:]) + 1
        proba[:, most] = rng.random(20000)
        r = stats.open_world(y, proba, 0, resamples=10)
        self.assertAlmostEqual(r["auprc"], r["guess"], 2)


class Information(results.Test):
    def test_mixtures(self):
        # (classes, visits each, step, most error of the features', of the k-NN estimate)
        for classes, each, step, one, two in ((2, 500, 2, .05, .05), (10, 60, 1, .12, .12),
                                              (50, 60, .5, .12, .12), (10, 60, 3, .16, .12)):
            truth = mixture_bits(classes, step)
            x, y = mixture(classes, each, step, 1)
            listed, joint = information.by_features(x[:, None], ["x"], y, np.arange(len(y)))
            near = information.by_neighbours(x[:, None], y, np.arange(len(y)))
            print(f"# {classes} classes of {each}, {step} apart: {truth:.3f} bits; density "
                  f"{listed[0]['corrected']:.3f}, joint {joint['corrected']:.3f}, k-NN "
                  f"{near['corrected']:.3f} ({near['low']:.3f} to {near['high']:.3f})")
            self.assertAlmostEqual(listed[0]["corrected"], truth, delta=one)
            self.assertAlmostEqual(joint["corrected"], truth, delta=2 * one)
            self.assertAlmostEqual(near["corrected"], truth, delta=two)
            self.assertLess(joint["log_loss"], truth + 0.1)

    def test_interval_covers(self):
        truth, inside, wide = mixture_bits(10, 1), 0, []
        for s in range(40):
            x, y = mixture(10, 40, 1, 100 + s)
            r = information.by_neighbours(x[:, None], y, np.arange(len(y)), seed=s)
            inside += r["low"] <= truth <= r["high"]
            wide.append(r["high"] - r["low"])
        print(f"# the k-NN interval covers {inside} of 40; {np.mean(wide):.3f} bits wide")
        self.assertGreaterEqual(inside, 34)
        self.assertLess(np.mean(wide), 0.6)

    def test_independent(self):
        y = np.repeat(np.arange(100), 10)	# where estimators are biased
        rng = np.random.default_rng(7)
        proba = rng.dirichlet(np.ones(100), size=1000)
        r = information.information(rng.normal(size=(1000, 8)), list("abcdefgh"), y,
                                    np.arange(1000), proba)
        for k in ("wefde", "knn", "fano", "cross_entropy", "knn_attack"):
            self.assertLess(r[k]["corrected"], 0.25, k)
            self.assertLess(r[k]["low"], 0.05, k)
            print(f"# independent, 100 classes of 10, {k}: {r[k]['bits']:.3f} bits, bias "
                  f"{r[k]['bias']:.3f}, corrected {r[k]['corrected']:.3f}")
        self.assertGreater(r["wefde"]["bias"], 0.3)	# is shown
        self.assertLess(r["features"][0]["low"], 0.1)

    def test_own_kernel(self):
        # a visit is no news of itself: 0.449 bits without its own kernel, 0.488 with it
        rng, y = np.random.default_rng(1), np.repeat(np.arange(10), 3)
        bits = []
        for _ in range(120):
            place, counted = density.places(rng.normal(size=(30, 1)))
            bits.append(density.feature_bits(place[:, 0], counted[0], y))
        print(f"# 10 classes of 3: {np.mean(bits):.3f} bits of nothing")
        self.assertLess(np.mean(bits), 0.468)

    def test_deterministic(self):
        for classes, each in ((4, 50), (50, 20), (100, 10)):
            y = np.repeat(np.arange(classes), each)
            x = np.stack([y, y % 2, np.zeros(len(y))], axis=1)
            proba = np.eye(classes)[y]
            r = information.information(x, ["all", "odd", "none"], y, np.arange(len(y)), proba)
            most = np.log2(classes)
            self.assertAlmostEqual(r["entropy"], most)
            found = {f["name"]: f["corrected"] for f in r["features"]}
            self.assertEqual(r["features"][0]["name"], "all")
            self.assertAlmostEqual(found["all"], most, delta=0.05)
            self.assertAlmostEqual(found["odd"], 1, delta=0.06)
            self.assertAlmostEqual(found["none"], 0, 6)
            for k in ("wefde", "knn", "fano", "cross_entropy", "knn_attack"):
                near = 0.1 if k == "wefde" else 0.05
                self.assertAlmostEqual(r[k]["corrected"], most, delta=near, msg=k)
                self.assertLessEqual(r[k]["high"], most + 1e-9)

    def test_all_the_same(self):	# what a constant shape shows
        y = np.repeat(np.arange(10), 10)
        r = information.information(np.ones((100, 3)), list("abc"), y, np.arange(100),
                                    np.full((100, 10), 0.1))
        for k in ("wefde", "knn", "fano", "cross_entropy", "knn_attack"):
            self.assertLess(abs(r[k]["corrected"]), 0.02, k)

    def test_groups(self):
        # 40 prompts of 10 visits that look alike; prompts say nothing of the class
        rng = np.random.default_rng(8)
        prompt = np.repeat(np.arange(40), 10)
        x = rng.normal(size=(40, 2))[prompt] + 0.01 * rng.normal(size=(400, 2))
        y = (np.arange(40) % 2)[prompt]
        r = information.by_neighbours(x, y, prompt)
        self.assertGreater(r["bits"], 0.8)
        self.assertGreater(r["bias"], 0.8)
        blind = information.by_neighbours(x, y, np.arange(400))
        self.assertGreater(blind["corrected"], 0.8)
        h = information.halves(y, prompt, rng)
        self.assertEqual(len(np.unique(prompt[h])) * 10, len(h))

    def test_same_features_are_one(self):
        x, y = mixture(10, 60, 2, 9)
        other = np.random.default_rng(9).normal(size=len(y))
        both = np.stack([x, 3 * x + 1, other, np.exp(x)], axis=1)
        place, counted = density.places(both)
        same = density.similarity(place, counted)
        self.assertGreater(same[0, 1], 0.999)
        self.assertGreater(same[0, 3], 0.999)
        self.assertLess(same[0, 2], 0.2)
        _, joint = information.by_features(both, list("abcd"), y, np.arange(len(y)))
        self.assertEqual(joint["features"], 2)

    def test_fano(self):
        # h(0.1) = 0.4689956, log2 9 = 3.1699250; log2 10 - both = 2.5359400
        self.assertAlmostEqual(information.fano(0.1, 10, np.log2(10)), 2.5359400, 6)
        self.assertAlmostEqual(information.fano(0.25, 2, 1.0), 1 - 0.8112781, 6)
        for classes in (2, 3, 10, 95):	# from the error of guessing on, nothing
            for error in (1 - 1 / classes, (1 + 1 - 1 / classes) / 2, 1.0):
                self.assertExact(information.fano(error, classes, np.log2(classes)), 0.0)
        self.assertAlmostEqual(information.fano(0.0, 8, 3.0), 3.0)
        y = np.arange(1000) % 10
        said = y.copy()
        said[:100] = (y[:100] + 1) % 10
        r = information.by_error(np.eye(10)[said], y, np.arange(1000))
        self.assertAlmostEqual(r["bits"], 2.5359400, 6)
        ends = stats.binomial(900, 1000)
        self.assertAlmostEqual(r["low"], information.adjusted(
            information.fano(1 - ends["low"], 10, np.log2(10)), r["bias"], np.log2(10))[0])
        self.assertTrue(r["low"] < r["corrected"] < r["high"])

    def test_ends_are_around_corrected(self):
        # so few visits of so many classes that shuffled labels give more than the interval
        y = np.repeat(np.arange(40), 4)
        x = (y[:, None] + np.random.default_rng(21).normal(0, 12, (160, 3)))
        p = np.random.default_rng(22).dirichlet(np.ones(40), 160)
        p[np.arange(160), y] += 0.2
        r = information.information(x, list("abc"), y, np.arange(160), p)
        y = np.repeat(np.arange(2), 8)		# a bias that is not small
        r["few"] = information.by_error(np.eye(2)[[0, 1] * 2 + [0] * 4 + [1] * 8], y, np.arange(16))
        self.assertGreater(r["few"]["bias"], 0.005)
        for k in ("wefde", "knn", "fano", "cross_entropy", "knn_attack", "few"):
            self.assertTrue(r[k]["low"] <= r[k]["corrected"] <= r[k]["high"], (k, r[k]))
        few = r["few"]
        ends = stats.binomial(14, 16)
        self.assertAlmostEqual(few["high"], (information.fano(1 - ends["high"], 2, 1.0)
                                             - few["bias"]) / (1 - few["bias"]))

    def test_error_by_groups(self):
        # 100 prompts of 20 visits, all of a prompt right or wrong: as many as 100 visits say
        prompt = np.repeat(np.arange(100), 20)
        y, wrong = prompt % 4, prompt < 30
        proba = np.eye(4)[(y + wrong) % 4]
        alone = information.by_error(proba[::20], y[::20], prompt[::20])
        whole = information.by_error(proba, y, prompt)
        blind = information.by_error(proba, y, np.arange(2000))
        few = information.by_error(proba, y, prompt % 5)

        def width(r):
            return r["high"] - r["low"]
        self.assertAlmostEqual(width(whole), width(alone), delta=0.02)
        self.assertGreater(width(whole), 3.5 * width(blind))
        self.assertAlmostEqual(width(few), width(blind), delta=0.02)
        # all right: no more visits than groups
        sure = information.by_error(np.eye(4)[y], y, prompt)
        self.assertAlmostEqual(sure["low"], information.by_error(
            np.eye(4)[y[::20]], y[::20], prompt[::20])["low"], delta=0.05)

    def test_cross_entropy(self):
        # true posteriors reach the truth, too sure ones are set right, both bound from below
        truth, inside = mixture_bits(10, 1), [0, 0]
        for seed in range(20):
            x, y = mixture(10, 60, 1, seed)
            log = -0.5 * (x[:, None] - np.arange(10)) ** 2
            for k, heat in enumerate((1, 0.3)):
                p = np.exp(log / heat)
                p /= p.sum(axis=1, keepdims=True)
                r = information.by_loss(p, y, np.arange(len(y)), seed)
                inside[k] += r["low"] <= truth <= r["high"]
                self.assertAlmostEqual(r["bias"], 0, delta=0.02)
        print(f"# log loss: covers {inside[0]} of 20, of too sure answers {inside[1]}")
        self.assertGreaterEqual(min(inside), 16)

    def test_repeats(self):
        x, y = mixture(5, 20, 1, 11)
        x = np.stack([x, x ** 2], axis=1)
        a, b, c = (information.information(x, ["x", "x2"], y, np.arange(100), seed=s)
                   for s in (1, 1, 2))
        self.assertNear(a, b)
        self.assertApart(a, c)

    def test_bad_input(self):
        y, g = np.arange(20) % 2, np.arange(20)
        for x, names in ((np.zeros((19, 2)), "ab"), (np.zeros((20, 2)), "a"),
                         (np.full((20, 2), np.nan), "ab")):
            with self.assertRaises(JudgeError):
                information.information(x, list(names), y, g)
        with self.assertRaises(JudgeError):
            information.information(np.zeros((20, 2)), ["a", "b"], np.zeros(20, int), g)


def traffic(classes, each, shift, rng, sessions=0, drift=0.0):
    """A set whose sizes are drawn around a mean of each visit's own: packets of a visit are
    far from independent. Class k's mean is k * shift higher; a session's by its drift."""
    visits = []
    for c in range(classes):
        for v in range(each):
            session = v % sessions if sessions else 0
            mean = 600 + 60 * rng.normal() + shift * c + drift * session
            n = 60
            b = np.clip(mean + 20 * rng.normal(size=n), 40, 1500).astype(int)
            visits.append(traces.Visit(str(c), str(session) if sessions else "", str(v),
                                       np.cumsum(rng.exponential(0.01, n)),
                                       np.where(np.arange(n) % 3, -1, 1), b))
    return traces.TraceSet("made", visits)


class Difference(results.Test):
    def test_null(self):
        # p of two equal classes is uniform, with sessions too; pooled packets' is not
        rng = np.random.default_rng(12)
        from scipy.stats import ks_2samp
        p, pooled = [], 0
        for k in range(300):
            ts = traffic(2, 10, 0, rng, sessions=2 if k % 2 else 0, drift=100)
            cdf = difference.distributions(ts.visits)
            p.append(difference.pair(cdf, ts.y == 0, ts.groups, 99, rng)[1])
            if k < 40:
                b = [np.concatenate([v.b for v in ts.visits if v.cls == c]) for c in "01"]
                pooled += ks_2samp(*b).pvalue < 0.05
        low = np.mean(np.array(p) <= 0.05)
        print(f"# equal classes: {low:.3f} of p at most 0.05, median p {np.median(p):.2f}; "
              f"of pooled packets' {pooled / 40:.2f}")
        self.assertTrue(0.02 <= low <= 0.085, low)
        self.assertTrue(0.42 <= np.median(p) <= 0.6)
        self.assertGreater(pooled / 40, 0.5)

    def test_many_shuffles(self):
        # p of a pair goes down to 1 in 10,000; where it is clear early, the rest is left out
        rng, first = np.random.default_rng(17), np.arange(40) < 20
        cdf = rng.random((40, len(difference.KINDS), difference.POINTS)).astype(np.float32)
        cdf[20:] = cdf[:20]
        with mock.patch.object(difference, "_shuffled", wraps=difference._shuffled) as drawn:
            difference.pair(cdf, first, np.arange(40), 9999, rng)
            self.assertEqual([c[0][2] for c in drawn.call_args_list], [999])
            drawn.reset_mock()
            cdf[:20] += 1
            self.assertAlmostEqual(difference.pair(cdf, first, np.arange(40), 9999, rng)[1], 1e-4)
            self.assertEqual(sum(c[0][2] for c in drawn.call_args_list), 9999)
        # products and picked rows say the same
        x, y = rng.normal(size=(60, 3)), np.arange(60) % 3
        one = difference.dispersion(x, y, np.arange(60) // 20, 99, np.random.default_rng(1))
        with mock.patch.object(difference, "FEW_CLASSES", 1):
            two = difference.dispersion(x, y, np.arange(60) // 20, 99, np.random.default_rng(1))
        self.assertNear(one, two, 1e-5)

    def test_null_of_all(self):
        rng = np.random.default_rng(13)
        p = []
        for _ in range(100):
            ts = traffic(3, 8, 0, rng)
            x = difference.distributions(ts.visits).reshape(24, -1).astype(float)
            p.append(difference.dispersion(x, ts.y, ts.groups, 39, rng)[1])
        low = np.mean(np.array(p) <= 0.05)
        print(f"# equal classes, all at once: {low:.3f} of p at most 0.05")
        self.assertLessEqual(low, 0.12)
        self.assertTrue(0.35 <= np.median(p) <= 0.65)

    def test_prompts(self):
        # prompts are of one class, their visits alike: they move as a whole
        rng = np.random.default_rng(14)
        p = []
        for _ in range(60):
            visits = []
            for prompt in range(12):
                b = int(600 + 100 * rng.normal())
                for v in range(5):
                    visits.append(traces.Visit(str(prompt % 2), str(prompt), str(v),
                                               np.arange(20) * 0.01, np.full(20, -1),
                                               b + rng.integers(5, size=20)))
            ts = traces.TraceSet("prompts", visits)
            cdf = difference.distributions(ts.visits)
            p.append(difference.pair(cdf, ts.y == 0, ts.groups, 99, rng)[1])
        low = np.mean(np.array(p) <= 0.05)
        print(f"# prompts: {low:.3f} of p at most 0.05")
        self.assertLessEqual(low, 0.15)

    def test_shift(self):
        rng = np.random.default_rng(15)
        r = difference.differences(traffic(4, 15, 250, rng))
        self.assertEqual(r["pairs"], 6)
        self.assertExact(r["different"], 1.0)
        self.assertLessEqual(r["permutation"]["p"], 0.01)
        self.assertGreater(r["ks"]["sizes_down"], 0.9)
        self.assertLess(r["ks"]["gaps_down"], 0.2)
        self.assertEqual(r["permutation"]["shuffles"], 9999)
        self.assertAlmostEqual(r["permutation"]["p"], 1e-4)
        r = difference.differences(traffic(4, 15, 0, rng))
        self.assertLessEqual(r["different"], 0.2)
        self.assertGreater(r["permutation"]["p"], 0.02)

    def test_constant(self):
        visits = [traces.Visit(c, "", str(v), np.arange(50) * 0.01, np.ones(50),
                               np.full(50, 500)) for c in "ab" for v in range(10)]
        r = difference.differences(traces.TraceSet("constant", visits))
        self.assertExact(r["different"], 0.0)
        self.assertExact(r["permutation"]["p"], 1.0)
        self.assertAlmostEqual(max(r["ks"].values()), 0.0, 5)

    def test_bounds_and_repeats(self):
        rng = np.random.default_rng(16)
        ts = traffic(34, 2, 10, rng)
        a, b = (difference.differences(ts, seed=3, shuffles=19) for _ in range(2))
        self.assertNear(a, b)
        self.assertEqual(a["pairs"], 500)
        ts = traffic(4, 8, 0, rng)
        a, b = (difference.differences(ts, seed=s, shuffles=99) for s in (3, 4))
        self.assertApart(a, b)
        with self.assertRaises(JudgeError):
            difference.differences(traffic(5, 1, 0, rng))

    def test_false_discovery(self):
        # Benjamini & Hochberg 1995, their example of 15: the first four
        p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240,
             0.4262, 0.5719, 0.6528, 0.7590, 1.0]
        self.assertEqual(difference.benjamini_hochberg(p).tolist(), [True] * 4 + [False] * 11)
        self.assertEqual(difference.benjamini_hochberg(p[::-1]).tolist(),
                         [False] * 11 + [True] * 4)


if __name__ == "__main__":
    results.main()
