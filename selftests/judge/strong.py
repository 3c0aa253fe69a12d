#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Attacks on bursts, who knows an exchange's tables, and several attacks as one; run by test_strong.sh.

Chance for n tests of c classes is 1/c; four standard deviations above it is "more than chance".
"""
import math
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/judge"))
from rtpl_judge import bursts, ensemble, kfp, knows, nets, registry, rfbursts, stack	# noqa: E402
from rtpl_judge.traces import TraceSet, Visit	# noqa: E402
import results  # noqa: E402

CLASSES, PER_CLASS, GROUPS = 4, 40, 4
CHANCE = 1 / CLASSES
ABOVE = CHANCE + 4 * math.sqrt(CHANCE * (1 - CHANCE) / (CLASSES * PER_CLASS / 2))
SMALL, COVER, FULL = 172, 604, 1480


def nothing(*_):
    pass


def made(how, seed=1):
    """how(class, rng) makes rows (seconds, direction, bytes) of one visit."""
    rng, out = np.random.default_rng(seed), []
    for c in range(CLASSES):
        for k in range(PER_CLASS):
            t, d, b = zip(*sorted(how(c, rng)))
            out.append(Visit(f"c{c}", f"s{k % GROUPS}", str(k), t, d, b))
    return TraceSet("made", out)


def accuracy(attack, ts, y=None, seed=1):
    """Of the attack on two of the groups, trained on the others."""
    y = ts.y if y is None else y
    attack.fit_to(ts.visits)
    x, test = attack.extract(ts.visits), ts.groups >= "s2"
    p = attack.fit_predict(x[~test], y[~test], ts.groups[~test], x[test], CLASSES, seed, nothing)
    assert p.shape == (test.sum(), CLASSES) and np.allclose(p.sum(1), 1) and (p >= 0).all()
    return float((p.argmax(1) == y[test]).mean())


def exchange(c, rng, up=None, slots=None, down=None):
    """As the schedule has it: a request, cover until a slot, an answer, replies. What is None is by
    chance."""
    n = int(rng.choice([5, 10, 20, 40])) if up is None else up
    last = int(rng.integers(4, 12)) if slots is None else slots
    out = [(.0032 * k, 1, FULL) for k in range(n)] + [(.0032 * k + .006, -1, SMALL) for k in range(0, n, 4)]
    t = .0032 * (n - 1)
    for k in range(last):
        out += [(t + .05 * (k + 1), -1, COVER), (t + .05 * (k + 1) + .006, 1, SMALL)]
    m = int(rng.integers(3, 30)) if down is None else down
    return out + [(t + .3 + .0032 * k, -1, FULL) for k in range(m)]


class Bursts(results.Test):
    def test_a_quiet_time_and_a_turn_end_one(self):
        v = Visit("a", "g", "v", [0, .01, .02, .03, .05, .051, .1, .2],
                  [1, 1, 1, -1, 1, 1, -1, -1], [500, 500, 100, 52, 300, 300, 900, 1000])
        t, end, d, b, n = bursts.bursts(v)
        # The acknowledgement ends nothing; .02 to .05 is longer than the quiet time.
        self.assertNear(t, [0, .03, .05, .1, .2])
        self.assertNear(end, [.02, .03, .051, .1, .2])
        self.assertNear([d.tolist(), b.tolist(), n.tolist()],
                        [[1, -1, 1, -1, -1], [1100, 52, 600, 900, 1000], [3, 1, 2, 1, 1]])
        turn = Visit("a", "g", "v", [0, .001, .002], [1, -1, 1], [500, 900, 500])
        self.assertEqual(len(bursts.bursts(turn)[0]), 3)
        turn.b[1] = 52
        self.assertEqual(len(bursts.bursts(turn)[0]), 2)
        self.assertEqual(len(bursts.bursts(Visit("a", "g", "v", [], [], []))[0]), 0)

    def test_no_byte_is_lost_and_none_twice(self):
        rng = np.random.default_rng(2)
        for v in made(lambda c, r: [(r.uniform(0, 2), r.choice([1, -1]), int(r.integers(40, 1500)))
                                    for _ in range(r.integers(1, 200))]).visits[:20]:
            _, _, d, b, n = bursts.bursts(v)
            for way in 1, -1:
                self.assertEqual(int(b[d == way].sum()), int(v.b[v.d == way].sum()))
            self.assertEqual(int(n.sum()), len(v))

    def test_a_burst_is_seen_where_packets_are_the_same(self):
        # As many packets of one size at times by chance: what differs is how they come together.
        def how(c, rng):
            starts = np.sort(rng.uniform(0, 9, 24 // (c + 1)))
            return [(s + .002 * k, 1, 600) for s in starts for k in range(c + 1)] + [(10, -1, 600)]
        self.assertGreater(accuracy(bursts.Bursts(), made(how)), .9)


class Tables(results.Test):
    def test_sizes_have_roles(self):
        ts = made(exchange)
        self.assertEqual(knows.roles(ts.visits), (SMALL, COVER, FULL))
        self.assertEqual(knows.roles([]), (0, 0, 0))
        one = [Visit("a", "g", "v", [0, 1], [1, -1], [500, 500])]
        self.assertEqual(knows.roles(one), (500, 0, 500))

    def test_what_a_table_shows(self):
        attack = knows.Tables()
        attack.sizes = SMALL, COVER, FULL
        v = made(lambda c, r: exchange(c, r, 10, 7, 5)).visits[0]
        asked, answered, cover, first, cells = attack.features(v)[:knows.SHOWN]
        self.assertNear([asked, answered, cover, first, cells],
                        [10 * FULL, 5 * FULL, 7, 6, 7], 1e-6)

    def test_it_names_what_the_tables_choose(self):
        for part in {"up": [5, 10, 20, 40]}, {"slots": [4, 6, 8, 10]}, {"down": [3, 9, 15, 21]}:
            (key, values), = part.items()
            ts = made(lambda c, r, k=key, x=values: exchange(c, r, **{k: x[c]}))
            self.assertGreater(accuracy(knows.Tables(), ts), .9, key)

    def test_visits_of_no_and_one_packet(self):
        ts = made(exchange)
        ts.visits[0] = Visit("c0", "s0", "0", [], [], [])
        ts.visits[1] = Visit("c0", "s1", "1", [3.0], [-1], [40])
        ts.visits[2] = Visit("c0", "s2", "2", [3.0], [1], [FULL])
        for a in knows.Tables(), bursts.Bursts(), ensemble.Ensemble():
            a.fit_to(ts.visits)
            self.assertTrue(np.isfinite(a.extract(ts.visits)).all(), a.name)
            self.assertExact(a.extract(ts.visits[:3]).tolist(), a.extract(ts.visits)[:3].tolist())


class Stack(results.Test):
    @staticmethod
    def members(seen=None):
        def oracle(x, y, g, x_test, classes, seed, tell):
            if seen is not None:
                seen.append((x[:, 0].astype(int), x_test[:, 0].astype(int), g))
            return np.eye(classes)[x_test[:, 1].astype(int)] * .9 + .1 / classes

        def noise(x, y, g, x_test, classes, seed, tell):
            return np.random.default_rng(seed).dirichlet(np.ones(classes) * .3, len(x_test))
        return oracle, noise

    def setUp(self):
        self.y = np.arange(120) % CLASSES
        self.x = np.stack([np.arange(120.0), self.y], 1)
        self.groups = np.array([f"g{k // CLASSES % 6}" for k in range(120)])

    def guess(self, members):
        train = np.arange(80)
        return stack.guess(members, self.x[train], self.y[train], self.groups[train], self.x[80:],
                           CLASSES, 1, nothing)

    def test_who_says_nothing_weighs_nothing(self):
        p = self.guess(self.members())
        self.assertTrue((p.argmax(1) == self.y[80:]).all())
        self.assertGreater(p.max(1).min(), .9)
        each = np.stack([stack.logs(m(self.x, self.y, self.groups, self.x, CLASSES, 1, nothing))
                         for m in self.members()])
        w = stack.weigh(each, self.y)
        self.assertTrue(w[0] > 1 and w[1] < .05, w)

    def test_nobody_is_weighed_by_visits_or_groups_that_it_was_trained_on(self):
        seen = []
        self.guess(self.members(seen))
        self.assertEqual(len(seen), stack.FOLDS + 1)
        for train, asked, g in seen[:-1]:
            self.assertFalse(set(train) & set(asked))
            self.assertFalse(set(g) & set(self.groups[asked]))
        self.assertEqual(sorted(np.concatenate([a for _, a, _ in seen[:-1]])), list(range(80)))
        self.assertEqual(seen[-1][1].tolist(), list(range(80, 120)))
        # And nobody sees the visits that are asked about.
        self.assertTrue(all(max(t) < 80 for t, _, _ in seen))

    def test_one_group_is_cut_by_visits(self):
        self.groups[:] = "g"
        self.assertTrue((self.guess(self.members()).argmax(1) == self.y[80:]).all())


class Ensemble(results.Test):
    def test_it_finds_what_any_member_finds(self):
        def sizes(c, rng):		# only single sizes tell
            n = 60
            return [(t, d, 600 + s * (40 * c + int(rng.integers(8)))) for t, d, s in zip(
                np.sort(rng.uniform(0, 1, n)), rng.choice([1, -1], n), np.tile([1, -1], n // 2))]

        def slots(c, rng):
            return exchange(c, rng, slots=4 + 2 * c)
        for how in sizes, slots:
            got = accuracy(ensemble.Ensemble(), made(how))
            self.assertGreater(got, .85, how.__name__)


class Meaningless(results.Test):
    def test_shuffled_labels_are_at_chance(self):
        net = rfbursts.RFBursts(slots=120, window=1.5, recipe=nets.Recipe(25, 8, .004, steps=1))
        ts = made(lambda c, r: exchange(c, r, [5, 10, 20, 40][c], 4 + c, 3 + 5 * c))
        self.assertGreater(accuracy(net, ts), .8)
        for a in bursts.Bursts(), knows.Tables(), ensemble.Ensemble(), net:
            got = accuracy(a, ts, np.random.default_rng(1).permutation(ts.y))
            self.assertTrue(2 * CHANCE - ABOVE < got < ABOVE, (a.name, got))


class Registry(results.Test):
    def test_each_says_how_it_is_trained(self):
        for name in registry.NAMES:
            self.assertTrue(registry.trained(registry.make(name, 1.5)), name)
        self.assertIn("300 steps at least", registry.trained(registry.make("rfbursts", 1.5)))

    def test_a_result_follows_from_all_that_an_attack_is_made_of(self):
        for name, parts in (("bursts", "kfp"), ("rfbursts", "rf bursts"), ("tables", "stack"),
                            ("ensemble", "volume kfp cumul bins bursts knows stack")):
            attack = registry.make(name, 1.5)
            self.assertTrue(set(parts.split()) <= set(attack.modules), name)
            whole = registry.version(attack)
            attack.modules = attack.modules[1:]
            self.assertNotEqual(registry.version(attack), whole)

    def test_the_same_seed_the_same_answer(self):
        ts = made(exchange)
        for a in bursts.Bursts(), knows.Tables():
            a.fit_to(ts.visits)
            x = a.extract(ts.visits)
            one, two = (a.fit_predict(x[:80], ts.y[:80], ts.groups[:80], x[80:], CLASSES, 5, nothing)
                        for _ in range(2))
            self.assertNear(one, two, 1e-6)
        self.assertEqual(len(kfp.FEATURES) + 82, bursts.Bursts().extract(ts.visits[:1]).shape[1])


if __name__ == "__main__":
    results.main()
