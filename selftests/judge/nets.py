#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The neural attacks on made-up traces with known answers, and their networks against what
was published."""
import os
import sys
from unittest import mock

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/judge"))
from rtpl_judge import JudgeError, df, nets, registry, rf, tokens	# noqa: E402
from rtpl_judge.traces import Visit				# noqa: E402
import results  # noqa: E402

torch.set_num_threads(1)
SMALL = nets.Recipe(20, 8, 0.004, steps=1)
N = 64		# packets a visit


def visits(kind, n=96, seed=3, classes=2):
    """n visits of some classes by turns, in two groups, that differ in one thing only."""
    rng = np.random.default_rng(seed)
    out = []
    for k in range(n):
        c = k % classes
        t = np.arange(N) * 0.01
        d = rng.permutation(np.repeat([1, -1], N // 2))
        b = np.full(N, 514)
        if kind == "order":		# one and one, four and four, ...; where it begins is chance
            d = np.roll(np.tile(np.repeat([1, -1], 1 + 3 * c), N)[:N], rng.integers(8))
        elif kind == "times":		# the same directions, a pause somewhere
            d = np.tile([1, -1], N // 2)
            t = t + 0.4 * (np.arange(N) > (c + 0.5) * N / classes + rng.integers(-3, 4))
        elif kind == "sizes":
            b = rng.integers(40, 200, N) + 30 * c
        out.append(Visit(str(c), f"g{k // classes % 2}", str(k), t, d, b))
    return out, np.arange(n) % classes


def small(cls, **more):
    size = {"slots": 120, "window": 1.5} if cls is rf.RF else {"length": N}
    if cls is tokens.Tokens:
        size.update(hidden=16, trees=20)
    recipe = SMALL._replace(optimizer="adamax") if cls in (df.DF, df.TikTok) else SMALL
    return cls(**{"recipe": recipe, **size, **more})


def told(attack, kind, seed=1, shuffled=False, classes=2):
    """Accuracy on the second half, and the probabilities."""
    vs, y = visits(kind, classes=classes)
    x, half = attack.extract(vs), len(vs) // 2
    known = np.random.default_rng(seed).permutation(y[:half]) if shuffled else y[:half]
    groups = np.array([v.group for v in vs])[:half]
    p = attack.fit_predict(x[:half], known, groups, x[half:], classes, seed, lambda f, text: None)
    assert p.shape == (half, classes) and np.allclose(p.sum(1), 1)
    return (p.argmax(1) == y[half:]).mean(), p


class Known(results.Test):
    """What is to be seen is seen, by those that can see it, and by no one else."""

    def test_order_of_directions(self):
        self.assertGreater(told(small(df.DF), "order")[0], 0.9)

    def test_times(self):
        self.assertGreater(told(small(df.TikTok), "times")[0], 0.9)
        self.assertGreater(told(small(rf.RF), "times")[0], 0.9)

    def test_directions_alone_have_no_times(self):
        vs, _ = visits("times")
        x = small(df.DF).extract(vs)
        self.assertTrue((x == x[0]).all())

    def test_sizes(self):
        self.assertGreater(told(small(tokens.Tokens), "sizes")[0], 0.9)

    def test_shuffled_labels_tell_nothing(self):
        # Eight classes that are told apart: each gets a wrong name but one in eight.
        for cls, kind in ((df.DF, "order"), (df.TikTok, "times"), (rf.RF, "times"),
                          (tokens.Tokens, "sizes")):
            with self.subTest(cls.name):
                short = small(cls)
                short.recipe = short.recipe._replace(epochs=5, steps=1)
                tests = [told(short, kind, s, True, 8)[0] for s in (1, 2)]
                self.assertLess(np.mean(tests), 0.45, tests)

    def test_nothing_to_see(self):
        for cls in (df.DF, rf.RF):
            with self.subTest(cls.name):
                acc = told(small(cls), "none")[0]
                self.assertTrue(0.2 <= acc <= 0.8, acc)


class Length(results.Test):
    def test_inputs_are_as_long_as_the_visits(self):
        # what tells may be behind the first 2000 packets, which a defence fills
        vs = [Visit(str(k % 2), f"g{k // 2 % 2}", str(k), np.arange(4000 + 50 * k) / 1e3,
                    np.ones(4000 + 50 * k), np.full(4000 + 50 * k, 514)) for k in range(8)]
        for name in ("df", "tiktok"):
            a = registry.make(name, 5, vs)
            self.assertEqual(a.length, 4500)
            self.assertEqual(a.view_of(a.extract(vs))(a.extract(vs[:1])).shape[-1], 4500)
            self.assertExact(a.seen(vs), 1.0)
        long = [Visit("0", "g", "0", np.arange(50000), np.ones(50000), np.ones(50000))]
        self.assertEqual(registry.make("df", 5, long).length, df.LENGTH_MOST)
        self.assertExact(registry.make("df", 5, long).seen(long), df.LENGTH_MOST / 50000)
        self.assertEqual(registry.make("token", 5, vs).length, tokens.LENGTH_MOST)

    def test_slots_are_no_longer_than_the_papers(self):
        for window, slots in ((5, 600), (26, 600), (40, 900), (80, 1800), (300, 1800)):
            self.assertEqual(registry.make("rf", window, []).slots, slots)

    def test_long_rows_a_few_at_a_time(self):
        x = np.zeros((2, 64000), np.int16)
        self.assertEqual(nets.at_once(torch.from_numpy, x), 10)
        self.assertEqual(nets.at_once(torch.from_numpy, x[:, :2000]), 128)


class Chance(results.Test):
    def test_same_seed_same_probabilities(self):
        for cls in (df.DF, df.TikTok, rf.RF, tokens.Tokens):
            with self.subTest(cls.name):
                a = small(cls)
                a.recipe = a.recipe._replace(epochs=2, steps=1)
                torch.manual_seed(1)
                one = told(a, "sizes", seed=5)[1]
                torch.manual_seed(2)
                np.testing.assert_allclose(one, told(a, "sizes", seed=5)[1], atol=1e-5)
                self.assertFalse(np.allclose(one, told(a, "sizes", seed=6)[1], atol=1e-4))

    def test_chance_outside_is_left_alone(self):
        torch.manual_seed(4)
        state = torch.get_rng_state()
        with nets.chance(1):
            torch.rand(3)
        self.assertTrue(torch.equal(state, torch.get_rng_state()))


class Degenerate(results.Test):
    def test_visits_of_no_and_one_packet(self):
        vs, y = visits("sizes", 24)
        vs[0] = Visit("0", "g0", "0", [], [], [])
        vs[1] = Visit("1", "g0", "1", [5.0], [-1], [40])
        vs[2] = Visit("0", "g1", "2", [0.0], [1], [0])
        for cls in (df.DF, df.TikTok, rf.RF, tokens.Tokens):
            with self.subTest(cls.name):
                a = small(cls)
                a.recipe = a.recipe._replace(epochs=2, steps=1)
                x = a.extract(vs)
                groups = np.array([v.group for v in vs])
                p = a.fit_predict(x, y, groups, x, 2, 1, lambda f, text: None)
                self.assertTrue(np.isfinite(p).all())
                self.assertEqual(a.fit_predict(x, y, groups, x[:0], 2, 1,
                                               lambda f, text: None).shape, (0, 2))
                self.assertTrue((a.extract(vs[3:4])[0] == x[3]).all())

    def test_all_empty(self):
        vs = [Visit(str(k % 2), "g", str(k), [], [], []) for k in range(6)]
        for cls in (df.DF, df.TikTok, rf.RF, tokens.Tokens):
            with self.subTest(cls.name):
                a = small(cls)
                x = a.extract(vs)
                p = a.fit_predict(x, np.arange(6) % 2, np.array(["g"] * 6), x, 2, 1,
                                  lambda f, text: None)
                self.assertTrue(np.isfinite(p).all())

    def test_bad_input_is_named(self):
        with self.assertRaisesRegex(JudgeError, "lenght"):
            df.DF(lenght=5)
        with self.assertRaisesRegex(JudgeError, "3 slots"):
            rf.RF(slots=3).extract([])
        with self.assertRaisesRegex(JudgeError, "nothing to train on"):
            small(df.DF).fit_predict(np.zeros((1, N), np.int16), np.zeros(1), np.array(["g"]),
                                     np.zeros((1, N), np.int16), 2, 1, lambda f, text: None)


class HeldOut(results.Test):
    def test_all_training_visits_train(self):
        # of five sessions one was held out to stop by: a fifth less to learn from
        vs, y = visits("sizes", 200)
        groups = np.array([f"g{k % 5}" for k in range(200)])
        for cls in (df.DF, df.TikTok, rf.RF, tokens.Tokens):
            with self.subTest(cls.name):
                a, trained = small(cls), []
                a.recipe = a.recipe._replace(epochs=1, steps=1)
                x, network = a.extract(vs), a.network

                def made(*args, trained=trained, network=network):
                    model, rows = network(*args), set()
                    trained.append(rows)
                    model.register_forward_pre_hook(lambda m, said: rows.update(
                        row.numpy().tobytes() for row in said[0] if m.training))
                    return model
                a.network = made
                with mock.patch.object(tokens, "HELD_LEAST", 10):
                    a.fit_predict(x, y, groups, x[:2], 2, 1, lambda f, text: None)
                self.assertEqual(len(trained[-1]), 200)
                # Only the mix of network and trees is chosen on less, before both are trained.
                self.assertEqual(len(trained), 2 if cls is tokens.Tokens else 1)

    def test_groups_stay_whole(self):
        groups = np.repeat([f"g{k}" for k in range(20)], 5)
        mask = nets.held_out(np.arange(100) % 2, groups, 0.1, 1)
        self.assertEqual(mask.sum(), 10)
        self.assertEqual(sum(len(set(mask[groups == g])) for g in set(groups)), 20)

    def test_one_group_by_class(self):
        y = np.repeat([0, 1], (80, 20))
        mask = nets.held_out(y, np.array(["g"] * 100), 0.1, 1)
        self.assertEqual([mask[y == c].sum() for c in (0, 1)], [8, 2])

    def test_too_few(self):
        self.assertFalse(nets.held_out(np.arange(10) % 2, np.array(["g"] * 10), 0.1, 1).any())


class Published(results.Test):
    """Trainable parameters, by the papers' tables of layers and the authors' programs."""

    @staticmethod
    def count(net):
        return sum(p.numel() for p in net.parameters())

    def test_df(self):
        conv = sum(8 * a * b + b for a, b in ((1, 32), (32, 32), (32, 64), (64, 64), (64, 128),
                                              (128, 128), (128, 256), (256, 256)))
        norm = 2 * (2 * (32 + 64 + 128 + 256) + 512 + 512)
        # 5000 packets: 1250, 313, 79, 20 behind the pools
        dense = (20 * 256 + 1) * 512 + 513 * 512 + 513 * 95
        self.assertEqual(conv + norm + dense, 3978911)
        self.assertEqual(self.count(df.DFNet(1, 5000, 95)), 3978911)

    def test_rf(self):
        self.assertEqual(self.count(rf.RFNet(1, 95)), 1029789)

    def test_whisper_leak(self):
        lstm = 2 * 4 * 128 * ((64 + 128 + 2) + (256 + 128 + 2))
        rest = 2 * (32 + 32 + 64) + (257 * 128 + 129) + (257 * 128 + 256) + (129 * 64 + 128) + 65
        self.assertEqual(self.count(tokens.published()), lstm + rest)

    def test_slots(self):
        # 80 s in 1800 slots; what is later is in the last one
        x = rf.RF(slots=1800).extract([Visit("a", "g", "1", [1.0, 1.05, 80.9, 81.0, 500.0],
                                   [1, -1, 1, -1, -1], [10, 20, 30, 40, 50])])[0]
        self.assertEqual(np.argwhere(x[:2]).tolist(), [[0, 0], [0, 1796], [1, 1], [1, 1799]])
        self.assertExact(x[1, 1799], 2)
        self.assertExact(x[3, 1799], 90)

    def test_pool_is_keras_same(self):
        for n in (1, 2, 7, 8, 9, 79, 313, 1250):
            self.assertEqual(df.SamePool()(torch.zeros(1, 1, n)).shape[-1], -(-n // 4))
        x = torch.arange(10.0)[None, None]		# 3 before it: to 4, 1 to 8, 5 to the end
        self.assertExact(df.SamePool()(x).flatten().tolist(), [4.0, 8.0, 9.0])

    def test_lstm_is_that_of_packed_sequences(self):
        torch.manual_seed(1)
        both, count, x = tokens.BiLSTM(3, 4), torch.tensor([5, 2]), torch.randn(2, 5, 3)
        theirs = torch.nn.LSTM(3, 4, batch_first=True, bidirectional=True)
        theirs.load_state_dict({**dict(both.there.named_parameters()),
                                **{n + "_reverse": p for n, p in both.back.named_parameters()}})
        pack = torch.nn.utils.rnn.pack_padded_sequence(x, count, batch_first=True)
        want, _ = torch.nn.utils.rnn.pad_packed_sequence(theirs(pack)[0], batch_first=True)
        for row, n in enumerate(count):
            self.assertTrue(torch.allclose(both(x, count)[row, :n], want[row, :n], atol=1e-6))


if __name__ == "__main__":
    results.main()
