#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The bound: its program against closed forms, the dual and chance, its tables, its commands."""
import itertools
import json
import os
import subprocess
import sys
import tempfile
from unittest import mock

import numpy as np

JUDGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/judge")
sys.path.insert(0, JUDGE)
from rtpl_judge import JudgeError, bound, cache, made, program, run, traces	# noqa: E402
from rtpl_judge.traces import TraceSet, Visit	# noqa: E402
import results	# noqa: E402

SOLVER = 1e-6			# what two solutions of one program may differ by
# lone.py's figures for the ten kinds of inference requests, drawn 4000 times each.
SKETCH = {0: .96, .1: .58, .3: .43, .5: .35, 1: .26, 2: .18, 4: .12}


def visits(cls, up, wait, down, n=20):
    return [Visit(cls, f"g{i % 5}", str(i), [0, wait], [1, -1], [up, down]) for i in range(n)]


def the_set(*classes):
    return TraceSet("set", [v for name, (up, wait, down) in zip("abcdef", classes)
                            for v in visits(name, up, wait, down)])


def solved(ts, budget, cell=900):
    seen = bound.measure(ts, .05)
    p = program.Program(seen, program.Grid(seen, (12, 6, 5), cell))
    return p, p.solve(budget)


def chance_scheme(p, r):
    """Some scheme: plans by chance for each root, then columns by chance for each group."""
    q, x = r.exponential(size=len(p.plan_A)) ** 3, r.exponential(size=len(p.s)) ** 3
    q /= np.bincount(p.plan_root, q)[p.plan_root]
    x /= np.bincount(p.group, x)[p.group]
    return x * q[p.plan][p.group]


def from_tables(ts, tables):
    """(share named, bytes more over the visits') of tables, by nothing but what they say."""
    up, slots, down = (np.array(tables["edges"][k]) for k in ("up", "slots", "down"))
    seen = bound.measure(ts, tables["delay_ms"] / 1e3)
    first = {x["volume"]: x["choices"] for x in tables["up"]}
    then = {(x["up"], x["target"], x["cover"], x["slots"], x["down"]): x["choices"]
            for x in tables["answer"]}
    joint, paid, base = {}, 0.0, 0.0
    for u, b, d, y in zip(up[np.searchsorted(up, seen.up)], slots[np.searchsorted(slots, seen.slots)],
                          down[np.searchsorted(down, seen.down)], seen.y):
        base += u + d
        for target, cover, q in first[u]:
            for last, to, x in then[u, target, cover, b, d]:
                paid += q * x * (target - u + to - d + cover * tables["cell"] * (last - 1))
                key = target, cover, last, to
                joint.setdefault(key, np.zeros(seen.classes))[y] += q * x / len(seen.y)
    return sum(x.max() for x in joint.values()), paid / base


class Programs(results.Test):
    def test_a_volume_padded_for_some_visits_is_hidden_for_as_many(self):
        ts = the_set((100, .01, 100), (200, .01, 100))
        for share in 0, .25, .6, 1:		# of visits of `a` that are padded, 50 bytes of 250 a visit
            self.assertNear(solved(ts, share * 50 / 250)[1]["named"], 1 - share / 2, SOLVER)

    def test_volumes_down_are_padded_too(self):
        ts = the_set((100, .01, 100), (100, .01, 300))
        self.assertNear(solved(ts, .5 * 100 / 300)[1]["named"], .75, SOLVER)

    def test_cover_hides_when_the_answer_came_and_takes_a_cell_a_slot(self):
        ts = the_set((100, .01, 100), (100, .19, 100))	# in slots 1 and 4
        for share in 0, .5, 1:		# cover to slot 4 for visits of both: 3 cells
            self.assertNear(solved(ts, share * 3 * 10 / 200, cell=10)[1]["named"], 1 - share / 2,
                            SOLVER)

    def test_padding_at_the_request_does_not_know_the_answer(self):
        # a and b ask alike; only b's volume down is c's. Padding the requests of b alone would make
        # b and c alike for 50 bytes of each third visit. It takes a's requests, too.
        ts = the_set((100, .01, 100), (100, .01, 900), (150, .01, 900))
        base = (200 + 1000 + 1050) / 3
        self.assertNear(solved(ts, 2 * 50 / 3 / base)[1]["named"], 2 / 3, SOLVER)
        self.assertTrue(solved(ts, 50 / 3 / base)[1]["named"] > 2 / 3 + .1)

    def test_the_dual_proves_the_optimum(self):
        p, found = solved(made.planned("inference", 12), .3)
        self.assertNear(p.certificate(found["attack"], found["rate"], .3), found["named"], SOLVER)

    def test_the_dual_proves_it_for_cover_that_is_given_up_but_for_a_little(self):
        p, found = solved(made.planned("inference", 12), .1)
        low = p.certificate(found["attack"], found["rate"], .1, early=True)
        self.assertTrue(found["named"] - .06 < low <= found["named"] + SOLVER, (low, found["named"]))

    def test_no_scheme_by_chance_is_below_the_certificate(self):
        p, found = solved(made.planned("inference", 12), .5)
        r = np.random.default_rng(1)
        for _ in range(50):
            k = chance_scheme(p, r)
            low = p.certificate(found["attack"], found["rate"], p.paid(k))
            self.assertTrue(p.joint(k).max(1).sum() >= low - SOLVER)

    def test_no_scheme_by_chance_has_fewer_bits_than_certified(self):
        p = solved(made.planned("inference", 12), .5)[0]
        prior, r = p.p.sum(0), np.random.default_rng(1)
        for rate, (bits, paid, least) in zip((8, 2, .5), p.bits((8, 2, .5))):
            self.assertTrue(least - 1e-9 <= bits + rate * paid <= least + .1, (bits, paid, least))
            for _ in range(20):
                k = chance_scheme(p, r)
                self.assertTrue(program.information(p.joint(k), prior) + rate * p.paid(k) >= least)

    def test_bits_of_a_volume_hidden_by_half(self):
        # Half of a's visits padded: what is seen is 100 (a) or 200 (a third of it a).
        ts = the_set((100, .01, 100), (200, .01, 100))
        p = solved(ts, 0)[0]
        h = [-(x * np.log2(x) + (1 - x) * np.log2(1 - x)) for x in (1 / 3,)][0]
        k = p.solve(.5 * 50 / 250)["k"]
        self.assertNear(program.information(p.joint(k), p.p.sum(0)), 1 - .75 * h, SOLVER)

    def test_several_exchanges_are_padded_at_their_end_knowing_all(self):
        def visit(c, i, last):
            return Visit(c, f"g{i % 5}", str(i), [0, .01, .02, last], [1, -1, 1, -1], [100] * 4)
        ts = TraceSet("set", [visit(c, i, last) for c, last in (("a", .04), ("b", .24))
                              for i in range(20)])
        seen = bound.measure(ts, .05)
        self.assertFalse(seen.single)
        self.assertNear(seen.slots[[0, 20]].tolist(), [1.0, 5.0])
        # a goes on to b's end, for 4 cells in each second visit.
        self.assertNear(solved(ts, .5 * 4 * 10 / 2 / 400, cell=10)[1]["named"], .75, SOLVER)

    def test_classes_that_are_not_equally_frequent_count_alike_and_bytes_as_they_are(self):
        # 30 visits of a, 10 of b: padding a's takes 3/4 x 100 bytes of 225 a visit.
        ts = TraceSet("set", [*visits("a", 100, .01, 100, 30), *visits("b", 200, .01, 100, 10)])
        for share in 0, .25, .6, 1:
            self.assertNear(solved(ts, share * .75 * 100 / 225)[1]["named"], 1 - share / 2, SOLVER)

    def test_all_visits_alike_leave_a_guess_and_no_less_does(self):
        p = solved(made.planned("inference", 12), .3)[0]
        k = p.alike()
        self.assertNear(p.joint(k).max(1).sum(), .1)
        self.assertNear(np.bincount(p.s, k), np.ones(len(p.a)))
        full = p.paid(k)
        self.assertNear(p.solve(full)["named"], .1, SOLVER)
        self.assertTrue(p.solve(full / 6)["named"] > .1 + 1e-4)

    def test_edges_round_up_least(self):
        x = np.array([1.0, 2, 3, 10, 11, 40, 42, 90])

        def takes(g):
            up = g[np.searchsorted(g, x)]
            return .7 * (up - x).sum() / x.sum() + .3 * np.log(up / x).sum() / len(x)
        best = min(takes(np.array([*e, 90.0])) for e in itertools.combinations(x[:-1], 3))
        self.assertNear(takes(program.edges(x, 4)), best)
        self.assertNear(program.edges(x[:2], 9).tolist(), [1.0, 2.0])


class Measures(results.Test):
    def test_a_request_and_its_answer_with_acknowledgements_between(self):
        v = Visit("a", "", "1", [0, .01, .02, .03, .25, .26], [1, 1, -1, 1, -1, 1],
                  [1500, 1500, 52, 300, 900, 52])
        turns, wait = bound.exchanges(v)
        self.assertEqual(turns, 1)
        self.assertNear(wait, .22)

    def test_a_direction_of_small_packets_only_has_messages(self):
        turns, wait = bound.exchanges(Visit("a", "", "1", [0, .1], [1, -1], [40, 60]))
        self.assertEqual(turns, 1)
        self.assertNear(wait, .1)

    def test_a_time_on_a_slots_edge_is_in_the_slot_that_ends_there(self):
        seen = bound.measure(the_set((9, .15, 9), (9, .1500001, 9)), .05)
        self.assertNear(seen.slots[[0, 20]].tolist(), [3.0, 4.0])

    def test_what_is_refused(self):
        few = the_set((9, .1, 9), (9, .2, 9))
        for ts, part in ((few.take(range(29)), "class b has 9 visits; a bound takes 10"),
                         (few.take(range(20)), "one class only"),
                         (the_set((0, .1, 0), (0, .2, 0)), "no packet has any bytes")):
            with self.assertRaisesRegex(JudgeError, part):
                bound.measure(ts, .05)


class Beside(results.Test):
    """The bound that stands beside a figure of `run`."""

    def test_it_is_that_of_the_command(self):
        ts = made.planned("inference", 12)
        x, row = bound.beside(ts, .3, .005), bound.bound(ts, (.3,))["rows"][0]
        self.assertNear([x["named"], x["least"]], [row["named"], row["least"]], SOLVER)
        self.assertNear(x["there"], row["held_out"]["least"], SOLVER)

    def test_who_delays_for_longer_has_a_longer_slot_and_a_lower_bound(self):
        for delay, want in ((0, .05), (.05, .05), (.0501, .1), (.1, .1), (7, 12.8)):
            self.assertNear(bound.slot(delay), want)
        ts = the_set((100, .01, 100), (100, .19, 100))
        self.assertNear(bound.beside(ts, 0, .05)["named"], 1, SOLVER)
        self.assertNear(bound.beside(ts, 0, .2)["named"], .5, SOLVER)

    def test_a_price_for_all_is_a_guess_without_a_program(self):
        ts = the_set((100, .01, 100), (200, .01, 100))
        with mock.patch.object(program.Program, "solve", side_effect=AssertionError):
            self.assertNear(bound.beside(ts, 9, .05)["named"], .5)

    def test_where_there_is_none_it_says_why(self):
        down = TraceSet("s", [Visit(c, f"g{i % 5}", str(i), [0, 1], [-1, -1], [n, n])
                              for c, n in (("a", 100), ("b", 200)) for i in range(20)])
        many = TraceSet("s", [Visit(c, "g", str(i), [0, 1], [1, -1], [n, n], [0, 1])
                              for c, n in (("a", 100), ("b", 200)) for i in range(20)])
        few = the_set((9, .1, 9), (9, .2, 9)).take(range(29))
        for ts, part in (down, "no request is answered"), (many, "many clients"), (few, "9 visits"):
            x = bound.beside(ts, .3, .05)
            self.assertTrue("named" not in x and part in x["why"], x)

    def test_it_is_worked_out_once_for_a_set_and_a_price(self):
        ts, cost = the_set((100, .01, 100), (200, .01, 100)), {"delay_ms": {"p99": 5.0}}
        with tempfile.TemporaryDirectory() as d:
            store = cache.Cache(d)
            with mock.patch.object(bound, "beside", wraps=bound.beside) as worked:
                for price in .1, .1, .2, None:
                    one = run.beside(ts, {**cost, "window_overhead": price}, 1, store)
                self.assertEqual(worked.call_count, 3)
            self.assertNear(one["named"], 1)


class Sets(results.Test):
    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.mkdtemp(dir=os.environ.get("OUT"))
        cls.path = os.path.join(cls.tmp, "inference.csv")
        r = cls.judge("make-data", "--workload", "inference", cls.tmp)
        assert not r.returncode, r.stderr
        cls.tables = os.path.join(cls.tmp, "tables.json")
        r = cls.judge("bound", "-q", "-j", "--tables", cls.tables, cls.path)
        assert not r.returncode, r.stderr
        cls.one = json.loads(r.stdout)["bounds"][0]

    @staticmethod
    def judge(*words):
        return subprocess.run([sys.executable, os.path.join(JUDGE, "rtpl-judge"), *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_the_ten_kinds_of_requests_are_as_hard_to_hide_as_in_the_sketch(self):
        said = {r["bytes"]: r["named"] for r in self.one["rows"]}
        for price, named in SKETCH.items():
            self.assertNear(said[price], named, .05)

    def test_more_bytes_hide_more_and_ever_less_of_it(self):
        prices = np.array([r["bytes"] for r in self.one["rows"]])
        for key in "named", "least":
            slope = np.diff([r[key] for r in self.one["rows"]]) / np.diff(prices)
            self.assertTrue((slope <= 1e-6).all() and (np.diff(slope) >= -1e-5).all(), slope)

    def test_the_figures_are_in_order(self):
        for r in self.one["rows"]:
            for low in "least", "early":
                self.assertTrue(r[low] <= r["named"] + SOLVER, (low, r["bytes"]))
            self.assertTrue(r["rounded"] is None or r["named"] <= r["rounded"] + SOLVER)
            self.assertTrue(r["paid"] <= r["bytes"] + SOLVER)
            self.assertNear(r["gap"], 0, 1e-5)
            self.assertTrue(0 <= r["bits"]["least"] <= r["bits"]["reached"] + .01)
            for x in r["held_out"]["left"], r["held_out"]["least"]:
                self.assertTrue(x["low"] <= x["mean"] <= x["high"])
        self.assertTrue(any(r["rounded"] is None for r in self.one["rows"]))

    def test_a_finer_grid_rounds_less_and_says_nearly_the_same(self):
        levels = self.one["levels"]
        rounding = [x["rounding"] for x in levels]
        self.assertTrue(len(levels) == 3 and rounding[0] > rounding[1] > rounding[2], rounding)
        self.assertNear(levels[1]["named"][1:], levels[2]["named"][1:], .03)

    def test_the_tables_are_the_scheme(self):
        with open(self.tables, encoding="utf-8") as f:
            rows = json.load(f)["bounds"][0]["rows"]
        ts = traces.read(self.path)
        for r in rows[1], rows[2], rows[4]:
            for x in r["tables"]["up"]:
                self.assertNear(sum(q for _, _, q in x["choices"]), 1, 1e-4)
            named, paid = from_tables(ts, r["tables"])
            self.assertNear(named, r["named"], 1e-3)
            self.assertNear(paid, r["paid"], 1e-3)
        self.assertFalse("tables" in self.one["rows"][0])

    def test_the_table_for_people_has_it(self):
        short = TraceSet("short", traces.read(self.path).visits)
        path = os.path.join(self.tmp, "short.csv")
        short.write(path)
        said = self.judge("bound", "-q", "--bytes", "50,400", path)
        self.assertEqual(said.returncode, 0, said.stderr)
        row = f"{100 * self.one['rows'][3]['named']:.1f}"
        self.assertTrue("one exchange each" in said.stdout and row in said.stdout and
                        "rounding up to it takes" in said.stdout, said.stdout)

    def test_each_column_is_explained(self):
        said = bound.text(self.one)
        for what in "named:", "least:", "rounded:", "gap:", "other visits:", "least there:", "bits:", "of any:":
            self.assertIn(what, said)

    def test_small_requests_are_told(self):
        quiet = the_set((100, .01, 900), (200, .01, 900))
        self.assertEqual(bound.asked_small(quiet), 0)
        small = TraceSet("small", quiet.visits + [
            Visit(v.cls, v.group, v.visit + "s", [0, .02, .03, .04], [1, -1, 1, -1], [72, 900, 500, 900])
            for v in quiet.visits[:7]])
        self.assertEqual(bound.asked_small(small), 7)
        said = bound.text(bound.bound(small, prices=(.1,)))
        self.assertIn(f"In 7 of {len(small)} visits the first packet of more than 80 bytes is an answer's", said)
        self.assertNotIn("is an answer's", bound.text(bound.bound(quiet, prices=(.1,))))

    def test_pages_are_of_several_exchanges(self):
        pages = made.make("pages", classes=3, visits=10)
        one = bound.bound(pages, prices=(.5,))
        self.assertTrue("several exchanges" in bound.text(one))

    def test_one_group_has_no_other_visits_and_says_so(self):
        ts = TraceSet("one", [Visit(v.cls, "g", f"{v.cls}{v.visit}", v.t, v.d, v.b) for v in
                              the_set((100, .01, 100), (200, .01, 100)).visits])
        one = bound.bound(ts, prices=(.1,))
        self.assertTrue("one group only" in bound.text(one) and "held_out" not in one["rows"][0])

    def test_the_command_refuses(self):
        lone = os.path.join(self.tmp, "few.csv")
        the_set((9, .1, 9), (9, .2, 9)).take(range(25)).write(lone)
        for words, status, part in (((lone,), 1, "class b has 5 visits"),
                                    (("nothing.csv",), 1, "is not there"),
                                    (("--bytes", "ten", lone), 2, "not shares of bytes"),
                                    (("--bytes", "30%,x", lone), 2, "not shares of bytes"),
                                    (("--bytes", "10%,30%", lone), 1, "class b has 5 visits"),
                                    (("--delay", "0s", lone), 2, "longer than no time")):
            said = self.judge("bound", "-q", *words)
            self.assertEqual(said.returncode, status)
            self.assertTrue(part in said.stderr, said.stderr)


if __name__ == "__main__":
    results.main()
