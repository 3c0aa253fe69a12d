#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Profiles for one's own traffic: the program against closed forms, its tables and their text, the
price in the simulator, other visits, and what is refused."""
import json
import os
import re
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import numpy as np

JUDGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/judge")
sys.path.insert(0, JUDGE)
from rtpl_judge import JudgeError, exchange, fit, made, run, traces	# noqa: E402
from rtpl_judge.cache import Cache	# noqa: E402
from rtpl_judge.defend import Link	# noqa: E402
from rtpl_judge.traces import TraceSet, Visit	# noqa: E402
import results	# noqa: E402

SOLVER = 1e-6			# what two solutions of one program may differ by
ROUNDED = 5e-3			# what rare choices and thousandths of a percent leave out
FOUR = "audio-chunk", "classification", "code-completion", "long-document"


class Silent:
    def step(self, *words):
        pass

    def __call__(self, *words):
        pass


def visits(cls, up, wait, down, n=20):
    """Of a request of `up` bytes and an answer `wait` after it, at the client."""
    return [Visit(cls, f"g{i % 5}", str(i), [0, .02 + wait], [1, -1], [up, down]) for i in range(n)]


def the_set(*classes):
    return TraceSet("set", [v for name, (up, wait, down) in zip("abcdef", classes)
                            for v in visits(name, up, wait, down)])


def the_streams(*slots):
    """Of a request of 1000 bytes and an answer of 200 bytes a slot of 50 ms, for so many."""
    return TraceSet("streams", [
        Visit(name, f"g{i % 5}", str(i), [0, *(.04 + .05 * k for k in range(n))], [1] + [-1] * n,
              [1000] + [200] * n) for name, n in zip("abcdef", slots) for i in range(20)])


def program(ts, classes=(6, 4, 4)):
    settings = exchange.Settings(.02, .05)
    ex = exchange.exchanges(ts, settings, .02)
    return exchange.Program(ex, settings, exchange.Grid(ex, settings, classes))


def four(n=24):
    """Without acknowledgements, which the simulator sends when they were sent without RTPL."""
    return TraceSet("four", [Visit(*v.key, v.t[v.b > 80], v.d[v.b > 80], v.b[v.b > 80])
                             for v in made.planned("inference", n).visits if v.cls in FOUR])


class Programs(results.Test):
    def test_a_volume_of_the_engine_counts_each_cells_overhead(self):
        # As kmod/core/sched_exchange.c has it: 29 bytes a cell (core/wire.h).
        s = exchange.Settings(cell=1452)
        for payload, volume in ((100, 129), (1422, 1451), (1423, 1481), (4000, 4087)):
            self.assertEqual(s.volume(payload), volume)

    def test_a_request_padded_for_some_is_hidden_for_as_many(self):
        p = program(the_set((1000, .01, 500), (2500, .01, 500)))
        self.assertEqual(p.grid.up.tolist(), [1452, 2904])
        least = p.least()
        self.assertNear(p.solve(least * 1.0001)["named"], 1, .01)
        # a's one cell more, and its part of the replies
        more = (p.settings.wire(2904) - p.settings.wire(1452) + p.settings.replies(2904) -
                p.settings.replies(1452)) / 2
        for share in .25, .5, 1:
            self.assertNear(p.solve(least + share * more)["named"], 1 - share / 2, SOLVER)

    def test_cover_hides_when_a_small_answer_came(self):
        p = program(the_set((1000, .01, 500), (1000, .19, 500)))
        self.assertNear(p.solve(p.least() * 1.0001)["named"], 1, .01)
        self.assertNear(p.solve(p.least() * 20)["named"], .5, SOLVER)

    def test_a_large_answer_under_cover_shows_when_it_came(self):
        p = program(the_set((1000, .01, 30000), (1000, .19, 30000)))
        self.assertNear(p.solve(p.least() * 50)["named"], 1, SOLVER)

    def test_slots_that_cover_takes_for_an_answer(self):
        s = exchange.Settings(.02, .05, cover=429, spread=3)	# 400 bytes of blocks a cell
        for times, blocks, want in (
                ([0], [400], (0, 0)), ([0], [401], (1, 0)), ([0, 0], [400, 800], (2, 0)),
                ([0, 0], [400, 801], (-1, 0)),			# more waits than three cells take
                ([0, .06, .11], [100] * 3, (2, 1)), ([0, .26], [100, 100], (5, 5)),
                ([0, .06, .11], [500] * 3, (3, 1)),		# it comes faster than cells leave
                ([0, .06, .11], [800, 800, 1000], (-1, 0))):
            self.assertEqual(exchange.covered(np.array(times), np.array(blocks), s), want)

    def test_cover_hides_how_long_a_stream_lasts(self):
        p = program(the_streams(10, 20))
        self.assertTrue(p.ex.stream.all() and not p.ex.large.any())
        self.assertEqual(p.settings.quiet, 1)
        self.assertNear(p.solve(p.least() * 1.0001)["named"], 1, .01)
        self.assertNear(p.solve(p.least() * 2)["named"], .5, SOLVER)
        # Each has cover for a silence behind its end.
        last = [p.grid.slots[x] for (_, _, _, b, _), row in p.tables(p.solve(p.least() * 2))["answer"].items()
                for x, _ in row]
        self.assertTrue(min(last) >= 11 and max(last) >= 21, last)

    def test_a_stream_without_cover_is_dear_and_shows(self):
        p = program(the_streams(10, 10))
        silent = [i for i, x in enumerate(p.plans) if x[2] == exchange.SILENT]
        seen = {self_o for self_o, g in zip(p.o, p.group) if p.plan_of[g] in silent}
        self.assertEqual(len(seen), 2)
        self.assertTrue(p.cost[np.isin(p.plan_of[p.group], silent)].min() >
                        9 * p.settings.cell)

    def test_streams_have_cells_of_cover_for_what_comes_in_a_slot(self):
        some = fit.stream_covers(the_streams(10, 20), .02, .05)
        self.assertEqual(some[0][0], 288)	# 204 bytes and a cell's 29, but no less than two replies
        self.assertEqual(fit.stream_covers(the_set((1000, .01, 500), (1000, .19, 500)), .02, .05), [])

    def test_a_burst_in_the_first_slot_hides_how_large_an_answer_was(self):
        p = program(the_set((1000, .01, 500), (1000, .01, 30000)))
        self.assertNear(p.solve(p.least() * 1.0001)["named"], 1, .01)
        self.assertNear(p.solve(p.least() * 20)["named"], .5, SOLVER)

    def test_the_answer_to_a_small_request_is_padded_and_shows_when_it_came(self):
        p = program(the_set((100, .01, 500), (100, .01, 30000)))
        self.assertEqual(p.grid.up.tolist(), [144, 1452])
        self.assertTrue(all(x == (0, 0, exchange.SILENT) for x in p.plans), p.plans)
        self.assertNear(p.solve(p.least() * 1.0001)["named"], 1, .01)
        found = p.solve(p.least() * 20)
        self.assertNear(found["named"], .5, SOLVER)
        # Who asks pads nothing, and nobody settles a plan.
        tables = p.tables(found)
        self.assertFalse(tables["ask"] or tables["plan"])
        self.assertTrue(tables["answer"])
        p = program(the_set((100, .01, 500), (100, .19, 500)))
        self.assertNear(p.solve(p.least() * 20)["named"], 1, SOLVER)

    def test_a_small_request_is_told_from_a_large_one(self):
        p = program(the_set((100, .01, 500), (1000, .01, 500)))
        self.assertEqual(p.grid.up.tolist(), [144, 1452])
        self.assertNear(p.solve(p.least() * 20)["named"], 1, SOLVER)

    def test_more_bytes_leave_no_more(self):
        p = program(four())
        least = p.least()
        named = [p.solve(least * x)["named"] for x in (1.001, 1.2, 1.5, 2, 3)]
        self.assertTrue(all(a >= b - SOLVER for a, b in zip(named, named[1:])), named)
        self.assertTrue(named[0] > .9 and named[-1] < .6, named)

    def test_too_few_bytes_are_refused(self):
        p = program(the_set((1000, .01, 500), (2500, .01, 500)))
        with self.assertRaisesRegex(JudgeError, "bytes an exchange are too few"):
            p.solve(p.least() * .99)

    def test_requests_without_answers_are_refused(self):
        ts = TraceSet("mute", [Visit(c, "g", str(i), [0], [1], [900]) for c in "ab" for i in range(20)])
        with self.assertRaisesRegex(JudgeError, "no request has an answer"):
            program(ts)


class Tables(results.Test):
    @classmethod
    def setUpClass(cls):
        cls.p = program(four())
        found = cls.p.solve(cls.p.least() * 1.5)
        cls.tables = cls.p.tables(found)
        cls.text = exchange.text("own", "of a test", cls.p.settings, cls.p.grid, cls.tables,
                                 "one\n\ntwo")

    def rows(self, section):
        part = self.text.split(f"[{section}]\n")[1].split("\n\n")[0].strip()
        return [line.split(" = ") for line in part.splitlines()]

    def test_each_tables_chances_sum_up(self):
        for x in self.tables["ask"].values():
            self.assertNear(sum(x.values()), 1, 1e-3)
        for (a, target), x in self.tables["plan"].items():
            self.assertNear(sum(x.values()), self.tables["ask"][a][target], SOLVER)

    def test_no_target_is_below_its_volume_and_no_cover_ends_before_its_answer(self):
        for a, x in self.tables["ask"].items():
            self.assertTrue(min(x) >= a)
        for (_, _, _, b, c), x in self.tables["answer"].items():
            self.assertTrue(all(to >= b and down >= c for to, down in x), (b, c, x))

    def test_the_rows_sum_to_100_percent_exactly(self):
        for section in "Ask", "Plan", "Answer":
            rows = self.rows(section)
            self.assertTrue(rows)
            for _, choices in rows:
                parts = [round(1000 * float(re.search(r"([\d.]+)%$", c)[1]))
                         for c in choices.split(", ")]
                self.assertEqual(sum(parts), 100000)
        self.assertEqual(len(self.rows("Answer")), len(self.tables["answer"]))

    def test_the_text_has_its_comment_and_compiles(self):
        self.assertTrue(self.text.startswith("# one\n#\n# two\n[Profile]\nName = own\n"))
        with tempfile.TemporaryDirectory(dir=os.environ.get("OUT")) as folder:
            path = os.path.join(folder, "own.profile")
            with open(path, "w", encoding="utf-8") as f:
                f.write(self.text)
            said = subprocess.run([os.environ["RTPL_PROFILE"], "blob", path], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
        self.assertEqual(said.stderr, b"")
        self.assertTrue(len(said.stdout) > 1000)


    def compiled(self, ts, **settings):
        """What rtpl-profile says of tables of these settings; the settings."""
        settings = exchange.Settings(.02, **settings)
        ex = exchange.exchanges(ts, settings, .02)
        p = exchange.Program(ex, settings, exchange.Grid(ex, settings, (12, 5, 6)))
        text = exchange.text("own", "of a test", settings, p.grid,
                             p.tables(p.solve(p.least() * 1.5)))
        with tempfile.TemporaryDirectory(dir=os.environ.get("OUT")) as folder:
            path = os.path.join(folder, "own.profile")
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            return subprocess.run([os.environ["RTPL_PROFILE"], "blob", path], stderr=subprocess.PIPE,
                                  stdout=subprocess.DEVNULL, text=True).stderr, settings

    def test_the_idle_time_is_no_shorter_than_cover(self):
        said, s = self.compiled(the_set((1000, .01, 500), (1000, 4, 500)))
        self.assertEqual(said, "")
        self.assertTrue(s.idle >= (s.most + s.linger) * s.slot > 5, s.idle)

    def test_volumes_are_some_that_cells_make(self):
        for cover, spread in fit.COVERS:
            for small in 144, 184, 256:
                said, _ = self.compiled(four(), cover=cover, spread=spread, small=small)
                self.assertEqual(said, "", (cover, spread, small))


class Replies(results.Test):
    def acknowledged(self, *sizes):
        return TraceSet("acks", [Visit("a", "g", "1", [0, .01, *(.02 + .001 * i for i in range(len(sizes)))],
                                       [1, -1] + [1] * len(sizes), [900, 1400, *sizes])])

    def test_a_reply_takes_two_acknowledgements_of_the_set(self):
        # 29 bytes of a cell, and two blocks, in steps of 8; with timestamps 52 and 72
        for sizes, bytes_ in (((), 144), ((40, 40), 144), ((52, 52, 60), 144), ((72, 72, 52), 184),
                              ((80,), 200), ((81, 81, 52), 144)):
            self.assertEqual(fit.reply(self.acknowledged(*sizes)), bytes_, sizes)


class Fits(results.Test):
    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.mkdtemp(dir=os.environ.get("OUT"))
        cls.cache = Cache(os.path.join(cls.tmp, "cache"))
        cls.was = fit.CLASSES, fit.COVERS
        fit.CLASSES, fit.COVERS = ((.6, (6, 4, 4)), (float("inf"), (6, 4, 4))), fit.COVERS[:1]
        cls.ts = four(40)
        cls.text, cls.one = cls.fitted(cls.ts, 1.5)

    @classmethod
    def tearDownClass(cls):
        fit.CLASSES, fit.COVERS = cls.was

    @classmethod
    def fitted(cls, ts, price):
        return fit.fit(ts, price, .05, .02, "own", ("volume",), cache=cls.cache, progress=Silent())

    def test_the_simulator_confirms_the_price(self):
        path = os.path.join(self.tmp, "own.profile")
        with open(path, "w", encoding="utf-8") as f:
            f.write(self.text)
        data = os.path.join(self.tmp, "four.csv")
        self.ts.write(data)
        said = Link(None, .02, None, 1, 1, 0).run(path, data, "--tail", "2s")["both"]
        over = said["wire_bytes"] / said["sent_bytes"] - 1
        self.assertNear(over, self.one["overhead"], 1e-6)
        self.assertTrue(1.2 < over <= 1.5, over)
        self.assertEqual(said["dropped"] if "dropped" in said else 0, 0)

    def test_tables_are_judged_on_other_groups(self):
        train, test = fit.halves(self.ts)
        held = self.one["held_out"]
        self.assertEqual((held["made_from"], held["judged_on"]), (len(train), len(test)))
        self.assertFalse(set(self.ts.groups[train]) & set(self.ts.groups[test]))
        self.assertEqual(len(train) + len(test), len(self.ts))
        # All that leaves, cover behind the answer too, as the price has it.
        self.assertTrue(abs(held["overhead"] - 1.5) < .35, held["overhead"])

    def test_other_visits_are_named_less_than_undefended(self):
        test = self.ts.take(fit.halves(self.ts)[1])
        bare = run.judge(test, "none", Link(None, .02, None, 1, 1, 0), ("volume",), 5, 1, self.cache,
                         Silent(), measures=False)["attacks"]["volume"]["accuracy"]["mean"]
        self.assertNear(self.one["held_out"]["undefended"]["volume"]["mean"], bare)
        self.assertIn(f"undefended {100 * bare:.1f}", fit.text(self.one))
        self.assertNotIn("nothing that is sure", fit.text(self.one))
        idle = {**self.one, "held_out": {**self.one["held_out"], "attacks": self.one["held_out"]["undefended"]}}
        self.assertIn("nothing that is sure is hidden", fit.text(idle))
        self.assertTrue(self.one["held_out"]["attacks"]["volume"]["mean"] < bare - .04,
                        (self.one["held_out"]["attacks"], bare))

    def test_the_figures_are_in_order(self):
        r = self.one
        self.assertTrue(r["bound"]["named"] - .02 <= r["named"] <= 1)
        self.assertNear(r["chance"], .25)
        self.assertTrue(r["rows"] > 10 and r["delay_ms"]["p50"] <= r["delay_ms"]["p99"] <=
                        r["delay_ms"]["max"] <= 500)

    def test_a_set_that_was_made_here(self):
        made_here = subprocess.run([sys.executable, os.path.join(JUDGE, "rtpl-judge"), "make-data",
                                    "--workload", "inference", "--visits", "20", self.tmp],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(made_here.returncode, 0, made_here.stderr)
        one = self.fitted(traces.read(os.path.join(self.tmp, "inference.csv")), 2)[1]
        self.assertEqual((one["visits"], len(one["classes"])), (200, 10))
        self.assertTrue(one["overhead"] <= 2 and one["named"] < .5, one["named"])

    def test_a_price_that_nothing_keeps_is_refused_with_the_least(self):
        with self.assertRaisesRegex(JudgeError, r"1 % are too few: .* take \d+ %"):
            self.fitted(self.ts, .01)

    def test_the_least_that_a_refusal_names_is_more_than_what_it_refuses(self):
        maker = SimpleNamespace(ts=self.ts, base=1, each=1, once=lambda *_: {"overhead": .303})
        with self.assertRaisesRegex(JudgeError, "30 % are too few: .* take 31 %"):
            fit.Maker.at(maker, SimpleNamespace(least=lambda: 1), .30, "n", "a", self.tmp)

    def test_who_follows_the_least_that_a_refusal_names_is_not_refused(self):
        # What tables take goes with the price: of more than 45 % they have other classes here.
        was = fit.CLASSES
        for classes in was, ((.45, (6, 4, 4)), (float("inf"), (3, 2, 2))):
            fit.CLASSES = classes
            try:
                with self.assertRaisesRegex(JudgeError, "are too few") as told:
                    self.fitted(self.ts, .01)
                least = int(re.search(r"take (\d+) %", str(told.exception))[1])
                self.assertLessEqual(self.fitted(self.ts, least / 100)[1]["overhead"], least / 100)
            finally:
                fit.CLASSES = was

    def test_a_refusal_looks_on_until_a_price_does(self):
        asked = []

        def made_at(makers, price, *_):
            asked.append(round(100 * price))
            if price < .5:
                raise fit.TooFew("x", price, 31)
        was, fit.made_at = fit.made_at, made_at
        try:
            least = fit.least_price(None, fit.TooFew("x", .1, 30), 144, self.tmp, Silent())
        finally:
            fit.made_at = was
        self.assertEqual((least, asked), (61, [30, 31, 33, 37, 45, 61]))

    def test_the_report_tells_what_its_figures_are_of(self):
        said, held = fit.text(self.one), self.one["held_out"]
        for part in ("replies of 144 bytes", "judged: another profile, made from "
                     f"{held['made_from']} visits of half of the groups (the one that is written is made from all "
                     f"{len(self.ts)})", "played with --react"):
            self.assertIn(part, said)
        plain = {**self.one, "held_out": {**held, "react": False}}
        self.assertIn("played without --react", fit.text(plain))

    def test_attacks_beyond_what_the_tables_leave_are_told(self):
        held = self.one["held_out"]
        for low, told in ((held["named"] + .01, True), (held["named"] - .01, False)):
            one = {**self.one, "streams": .4, "exchanges": 3, "held_out": {
                **held, "attacks": {"volume": {"mean": low + .02, "low": low, "high": low + .04}}}}
            self.assertEqual("does not hold for this set (40 of 100 answers come bit by bit; a visit has 3.0 "
                             "exchanges" in fit.text(one), told, fit.text(one))

    def test_bytes_that_are_not_used_are_told(self):
        for asked, used, told in ((4, 3.14, True), (3.17, 3.14, False)):
            one = {**self.one, "bytes": asked, "overhead": used, "asked_small": .5}
            self.assertEqual("86 % of the bytes are not used: requests that fit into a small cell (50 of 100 here) "
                             "have no cover" in fit.text(one), told, fit.text(one))

    def test_one_group_is_not_judged_and_says_so(self):
        ts = TraceSet("one", [Visit(v.cls, "g", f"{v.cls}{v.visit}", v.t, v.d, v.b)
                              for v in self.ts.visits])
        one = self.fitted(ts, 1.5)[1]
        self.assertEqual(one["held_out"], None)
        self.assertTrue("not judged" in fit.text(one))

    def test_what_is_refused(self):
        few = self.ts.take([i for i, y in enumerate(self.ts.y) if y or i % 3])
        for ts, name, part in ((self.ts, "Own", "no name of a profile"),
                               (self.ts, "-own", "no name of a profile"),
                               (self.ts, "o" * 32, "no name of a profile"),
                               (self.ts.take(np.flatnonzero(self.ts.y == 0)), "own", "one class only"),
                               (four(19), "own", "has 19 visits; tables are made from 20"),
                               (few.take(range(60)), "own", "visits; tables are made from 20")):
            with self.assertRaisesRegex(JudgeError, part):
                fit.fit(ts, 1.5, .05, .02, name, ("volume",), cache=self.cache, progress=Silent())


class Command(results.Test):
    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.mkdtemp(dir=os.environ.get("OUT"))
        ts = TraceSet("two", [v for v in made.planned("inference", 20).visits if v.cls in FOUR[:2]])
        cls.path = os.path.join(cls.tmp, "two.csv")
        ts.write(cls.path)

    @classmethod
    def judge(cls, *words):
        return subprocess.run([sys.executable, os.path.join(JUDGE, "rtpl-judge"), *words],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def fit(self, *words):
        return self.judge("fit", "-q", "--cache", os.path.join(self.tmp, "cache"), "-a", "volume",
                          "--repeats", "2", *words)

    def test_it_writes_the_profile_and_says_what_it_is_worth(self):
        out = os.path.join(self.tmp, "mine.profile")
        said = self.fit("--bytes", "200", "--out", out, self.path)
        self.assertEqual(said.returncode, 0, said.stderr)
        with open(out, encoding="utf-8") as f:
            text = f.read()
        self.assertTrue("\nName = mine\n" in text and "\nKind = exchange\n" in text)
        for part in "mine: from 40 visits of 2 classes", "in the simulator (at most 200)", "volume":
            self.assertTrue(part in said.stdout, said.stdout)

    def test_as_json(self):
        out = os.path.join(self.tmp, "mine.profile")
        said = self.fit("-j", "--bytes", "200", "--out", out, self.path)
        self.assertEqual(said.returncode, 0, said.stderr)
        one = json.loads(said.stdout)
        self.assertEqual((one["name"], one["file"], one["visits"]), ("mine", out, 40))
        self.assertTrue(one["overhead"] <= 2 and one["held_out"]["attacks"]["volume"]["mean"] <= 1)

    def test_a_profile_for_traffic_that_nothing_is_known_of(self):
        was = fit.SPREAD_VISITS, fit.SPREAD_CLASSES
        fit.SPREAD_VISITS, fit.SPREAD_CLASSES = 5, (6, 4, 4)
        try:
            text, report = fit.unfitted(1, .05, .02, "any", cache=Cache(self.tmp), progress=Silent())
            dear, _ = fit.unfitted(1.01, .05, .02, "any", cache=Cache(self.tmp), progress=Silent())
        finally:
            fit.SPREAD_VISITS, fit.SPREAD_CLASSES = was
        self.assertTrue(1 / 60 < report["named"] < .9, report["named"])
        self.assertTrue("Kind = exchange" in text and "Name = any" in text, text[:300])
        self.assertTrue("by the program's count" in fit.text(report), fit.text(report))
        for of, small in (text, 192), (dear, 144):
            self.assertTrue(f"Small = {small} bytes" in of, of[:600])
            self.assertTrue(f"\n{small} {small} silent 1 " in of, "rows of small requests")

    def test_a_round_trip_longer_than_that_of_the_visits_is_told(self):
        out = os.path.join(self.tmp, "late.profile")
        for rtt, told in (("10s", True), ("1us", False)):
            said = self.fit("--bytes", "1", "--rtt", rtt, "--out", out, self.path)
            self.assertEqual("sooner than --rtt" in said.stderr, told, said.stderr)

    def altered(self, name, change):
        """The set's file with each visit changed: (t, b) -> (t, b)."""
        path = os.path.join(self.tmp, f"{name}.csv")
        TraceSet(name, [Visit(*v.key, *(lambda t, b: (t, v.d, b))(*change(v.t, v.b)))
                        for v in traces.read(self.path).visits]).write(path)
        return path

    def test_bytes_of_no_packet_are_refused_with_their_line(self):
        path = self.altered("payload", lambda t, b: (t, b - 40))
        with open(path, encoding="utf-8") as f:
            line = next(n for n, row in enumerate(f, 1) if n > 1 and int(row.split(",")[-1]) < 20)
        said = self.fit(path)
        self.assertEqual(said.returncode, 1)
        self.assertIn(f"rtpl-judge: {path}:{line}: an IP packet has 20 to 65535 bytes", said.stderr)

    def test_what_no_profile_can_have_names_the_option(self):
        late = self.altered("late", lambda t, b: (t * 10000, b))
        for words, part in ((("--rtt", "20s", self.path), "--rtt: 20000ms is longer than 255 slots"),
                            (("--delay", "1us", self.path), "--delay: 0.001ms is too short for a slot"),
                            (("--delay", "5ms", self.path), "--delay: 5ms is too short for a slot"),
                            (("--delay", "3s", self.path), "--delay: 3000ms is too long for a slot"),
                            (("--unfitted", "--delay", "3s"), "--delay: 3000ms is too long for a slot"),
                            (("--delay", "10ms", late), "are its times in ms?")):
            said = self.fit("--bytes", "200", *words)
            self.assertEqual(said.returncode, 1)
            self.assertIn(part, said.stderr)
            self.assertNotRegex(said.stderr, "try.profile|/rtpl-judge[.]")
        # The longest and shortest that these name are taken.
        for slot in "555ms", "7ms":
            said = self.fit("--bytes", "900", "--delay", slot, "--out", os.path.join(self.tmp, "y.profile"),
                            self.path)
            self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("are their times in ms?", self.fit("--bytes", "1", late).stderr)

    def test_a_price_may_have_its_sign(self):
        out = os.path.join(self.tmp, "sign.profile")
        said = self.fit("--bytes", "200%", "--out", out, self.path)
        self.assertEqual(said.returncode, 0, said.stderr)

    def test_small_requests_are_told(self):
        def small(t, b):
            b = b.copy()
            b[0] = 72
            return t, b
        said = self.fit("--bytes", "1", self.altered("tiny", small))
        self.assertIn("a request of at most 80 bytes is taken for an acknowledgement", said.stderr)

    def test_nothing_is_written_where_the_price_is_too_low(self):
        out = os.path.join(self.tmp, "x.profile")
        said = self.fit("--bytes", "1", "--out", out, self.path)
        self.assertEqual(said.returncode, 1)
        self.assertTrue("1 % are too few" in said.stderr, said.stderr)
        self.assertFalse(os.path.exists(out))

    def test_what_is_refused(self):
        for words, status, part in (((self.path, "--bytes", "10,20"), 2, "one share of bytes"),
                                    ((self.path, "--out", "Mine.profile"), 1, "no name of a profile"),
                                    ((self.path, "--out", "/nosuch/x.profile"), 1, "no such folder"),
                                    ((self.path, "--visits", "19"), 2, "19"),
                                    ((self.path, "-a", "luck"), 1, "there is no attack luck"),
                                    (("nothing.csv",), 1, "is not there"),
                                    ((), 1, "one SET, or none and --unfitted"),
                                    ((self.path, "--unfitted"), 1, "one SET, or none")):
            said = self.fit(*words)
            self.assertEqual(said.returncode, status, said.stderr)
            self.assertTrue(part in said.stderr, said.stderr)


if __name__ == "__main__":
    results.main()
