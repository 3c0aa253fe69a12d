#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The judge's search: its limits, its order, its errors, the cache it shares.

    search.py JUDGE-FOLDER SIMULATOR
"""
import contextlib
import io
import json
import os
import sys
import tempfile
import unittest

import numpy as np

JUDGE, SIM = sys.argv[1:3]
del sys.argv[1:3]
os.environ["RTPL_SIM"] = SIM
sys.path.insert(0, JUDGE)
from rtpl_judge import JudgeError, cache, cli, defend, frontier, made, run, space	# noqa: E402
from results import main	# noqa: E402

TMP = tempfile.mkdtemp(dir=os.environ.get("OUT"))
os.chdir(TMP)
PAGES = made.make("pages", classes=4, visits=10)
LIMITS = {**frontier.TIERS["standard"], "overhead": 2.0, "mean_ms": 9.0}


def failing(text):
    """A simulator that takes every profile, and then fails."""
    with open("failing", "w", encoding="utf-8") as f:
        f.write(f"#!/bin/sh\nfor a; do :; done\n[ \"$a\" = - ] && exec {SIM} \"$@\"\n{text}\n")
    os.chmod("failing", 0o755)
    return os.path.join(TMP, "failing")


class CacheTests(unittest.TestCase):
    def setUp(self):
        self.store = cache.Cache(tempfile.mkdtemp(dir=TMP))

    def left(self):
        return os.listdir(self.store.folder)

    def tidied(self, take):
        """Does take() work if the file goes before it is read?"""
        store, made_once = self.store, self.store.made

        def and_gone(*args):
            path = made_once(*args)
            if store.made is and_gone:
                store.made = made_once
                os.unlink(path)
            return path
        store.made = and_gone
        return take()

    def test_an_array_that_another_process_tidied_away(self):
        a = self.tidied(lambda: self.store.array("t", {}, lambda: np.arange(3)))
        self.assertEqual(a.tolist(), [0, 1, 2])

    def test_a_value_that_another_process_tidied_away(self):
        self.assertEqual(self.tidied(lambda: self.store.value("t", {}, lambda: [1])), [1])

    def test_damaged_results_are_made_again(self):
        for ending, take in (("json", lambda: self.store.value("t", {}, lambda: [1])),
                             ("npy", lambda: self.store.array("t", {}, lambda: [1]).tolist())):
            take()
            for text in ("", "[1"):
                with open(self.store.path("t", {}, ending), "w", encoding="utf-8") as f:
                    f.write(text)
                with contextlib.redirect_stderr(io.StringIO()) as said:
                    self.assertEqual(take(), [1])
                self.assertIn("made again", said.getvalue())

    def test_a_part_of_a_killed_process_is_not_added_to(self):
        path = self.store.path("t", {}, "txt")
        with open(f"{path[:-4]}.{os.getpid()}.txt", "w", encoding="utf-8") as f:
            f.write("old")

        def append(p):
            with open(p, "a", encoding="utf-8") as f:
                f.write("new")
        with open(self.store.made("t", {}, "txt", append), encoding="utf-8") as f:
            self.assertEqual(f.read(), "new")

    def test_cells_of_a_search_go_and_the_rest_stays(self):
        store = cache.Passing(self.store)
        defend.defend(PAGES, "off", defend.Link(5), store)
        defend.costs(PAGES, "off", defend.Link(5), store)
        self.assertTrue(any(n.startswith("cells-") for n in self.left()))
        store.forget()
        kinds = {n.split("-")[0] for n in self.left()}
        self.assertEqual(kinds, {"set", "costs"})

    def test_no_other_process_s_cells(self):
        a, b = (cache.Passing(self.store) for _ in range(2))
        key = {"k": 1}
        path = a.made("cells", key, "cells", lambda p: open(p, "w").close())
        self.assertNotEqual(path, self.store.path("cells", key, "cells"))
        b.forget()
        self.assertTrue(os.path.exists(path))


class SearchTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.store = cache.Cache(os.path.join(TMP, "cache"))
        cls.search = frontier.Search([(PAGES, defend.Link(5))], cls.store)

    def other(self, sim):
        """The search, with another simulator."""
        link = defend.Link(5)
        link.sim, link.sim_digest = sim, "of a test"
        out = frontier.Search.__new__(frontier.Search)
        out.__dict__.update(self.search.__dict__, sets=[(PAGES, link)])
        return out

    def test_a_profile_that_the_engine_refuses_is_no_point(self):
        with open("bad.profile", "w", encoding="utf-8") as f:
            f.write("[Profile]\nName = x\nAbout = y\n\n[Sizes]\nCell = 10\n")
        for bad in ("./bad.profile", "bad.profile", "nonsense"):
            self.assertIsNone(self.search.cost(bad))
        self.assertEqual(len(self.search.cost("off")), 1)

    def test_another_error_is_one(self):
        for text, said in (("echo disk full >&2; exit 1", "disk full"),
                           ("kill -9 $$", "the simulator failed")):
            with self.assertRaisesRegex(JudgeError, said):
                self.other(failing(text)).cost("off")
        with self.assertRaisesRegex(JudgeError, "the simulator failed"):
            frontier.accepted("off", self.other("/bin/false").sets[0][1])

    def test_limits(self):
        cost = {"overhead": .2, "late": 0, "delay_ms": {"p99": 20, "mean": 6}}
        standard, maximum = frontier.TIERS["standard"], frontier.TIERS["maximum"]
        self.assertFalse(frontier.within([cost], standard, None))
        self.assertTrue(frontier.within([cost], frontier.TIERS["enhanced"], None))
        cost["delay_ms"]["mean"] = 5.4
        self.assertTrue(frontier.within([cost], standard, None))
        worse = {**cost, "delay_ms": {"p99": 20, "mean": 5.6}}
        self.assertFalse(frontier.within([cost, worse], standard, None))
        self.assertFalse(frontier.within(None, standard, None))
        worse["delay_ms"]["mean"] = 500
        point = {"sizes": {"cell": 1200}, "schedule": {"rate": 1000}}
        self.assertTrue(frontier.within([worse], maximum, point))
        self.assertFalse(frontier.within([worse], maximum, {**point, "schedule": {"rate": 2000}}))

    def test_order(self):
        def p(accuracy, bits, overhead):
            return {"accuracy": accuracy, "bits_share": bits, "overhead": overhead}
        # equal within the noise: bits, then bytes
        order = [p(.201, .10, .3), p(.199, .101, .4), p(.2, .3, .1), p(.3, .0, .1)]
        self.assertEqual(sorted(order[::-1], key=frontier.better), order)

    def test_bits(self):
        search = frontier.Search([(PAGES, defend.Link(5))], self.store, measured=True)
        none = search.attack("none")
        self.assertAlmostEqual(none["bits_share"], 1)
        self.assertAlmostEqual(none["accuracy"], 1)
        self.assertGreater(none["bits"][0], 1)
        flat = search.attack("maximum")
        self.assertLess(flat["bits_share"], .35)
        self.assertLessEqual(flat["bits"][0], 2)
        self.assertNotIn("bits", self.search.attack("maximum"))
        self.assertFalse([n for n in os.listdir(self.store.folder) if n.startswith("cells-")])

    def test_other_chance(self):
        link = defend.Link(5, seed=3)
        other = frontier.other_chance(link, 10)
        self.assertEqual((link.seed, other.seed), (3, 13))
        a, b = (defend.defend(PAGES, "standard", x, self.store) for x in (link, other))
        self.assertNotEqual(a.digest(), b.digest())


class WholeTests(unittest.TestCase):
    def found(self, out, jobs, **kw):
        store = cache.Cache(os.path.join(TMP, out, "cache"))
        sets = [(PAGES, defend.Link(5))]
        kw = {"first": 6, "generations": 1, "size": 4, "best": 2, "visits": 40, "repeats": 2,
              "seed": 4, **kw}
        return store, frontier.frontier(
            sets, {"standard": LIMITS, "maximum": frontier.TIERS["maximum"]}, ["off"], store,
            os.path.join(TMP, out, "points"), progress=run.Progress(True), jobs=jobs, **kw)

    def test_a_search(self):
        store, one = self.found("one", 1)
        with self.subTest("cells are gone"):
            self.assertEqual({n.split("-")[0] for n in os.listdir(store.folder)},
                             {"set", "costs", "quick"})
        points = {t: [p for p in one["points"] if p.get("tier") == t]
                  for t in ("standard", "maximum", None)}
        with self.subTest("each point once"):
            for tier in "standard", "maximum":
                names = [p["name"] for p in points[tier]]
                self.assertEqual(len(names), len(set(names)))
        with self.subTest("what is within its limits"):
            for p in points["standard"]:
                if p["ok"]:
                    self.assertLessEqual(p["delay_mean_ms"], 9)
            self.assertEqual(one["limits"]["standard"]["mean_ms"], 9)
        with self.subTest("bits of the confirmed and those beside"):
            best = next(p for p in points["standard"] if p["chosen"])
            for p in [best, *points[None]]:
                for key in ("bits", "bits_share", "held_out_bits", "held_out_bits_share",
                            "held_out_accuracy"):
                    self.assertIsNotNone(p[key], key)
            self.assertEqual(sum("bits" in p for p in points["standard"]), 2)
        with self.subTest("no attack on a constant rate"):
            best = next(p for p in points["maximum"] if p["chosen"])
            self.assertIsNone(best["held_out_accuracy"])
            self.assertIsNotNone(best["held_out_delay_mean_ms"])
            self.assertFalse(any("accuracy" in p for p in points["maximum"]))

        with self.subTest("the same by two processes, and a seed matters"):
            _, two = self.found("two", 2)
            one.pop("seconds"), two.pop("seconds")
            self.assertEqual(json.dumps(one), json.dumps(two))
            _, other = self.found("two", 2, seed=5)
            self.assertNotEqual(one["points"], other["points"])

        with self.subTest("what was kept is not worked out again"):
            quick, frontier._quick = frontier._quick, None
            try:
                _, again = self.found("one", 1)
            finally:
                frontier._quick = quick
            self.assertEqual(again["points"], one["points"])

    def test_a_killed_process_ends_it(self):
        evaluate = frontier.costs
        frontier.costs = lambda *a: os._exit(1)
        try:
            with self.assertRaisesRegex(JudgeError, "was killed"):
                self.found("killed", 1)
        finally:
            frontier.costs = evaluate


class SpaceTests(unittest.TestCase):
    def test_starts_of_each_tier(self):
        for tier, many in ("standard", 3), ("enhanced", 3), ("maximum", 1):
            kinds = frontier.TIERS[tier]["kinds"]
            starts = space.starts(kinds)
            self.assertGreaterEqual(len(starts), many)
            for p in starts:
                self.assertIn(p["limits"]["kind"], kinds["limits"])
                path = frontier.profile_of(p, TMP)
                self.assertTrue(frontier.accepted(path, defend.Link(5)), p)
            if tier != "maximum":
                self.assertIn("front", [p["chaff"]["kind"] for p in starts])

    def test_a_point_s_file(self):
        p = space.draw(np.random.default_rng(1))
        a = frontier.profile_of(p, TMP)
        self.assertEqual(frontier.profile_of(p, TMP), a)
        with open(a, encoding="utf-8") as f:
            self.assertEqual(f.read(), space.text(p, "search", "a point of a search"))
        self.assertFalse([n for n in os.listdir(TMP) if ".profile." in n])

    def test_limits_as_words(self):
        self.assertEqual(cli.limit("standard:30%:50ms"),
                         ("standard", {"overhead": .3, "delay_p99_ms": 50.0}))
        self.assertEqual(cli.limit("standard:30%:50ms:5.5ms")[1]["mean_ms"], 5.5)
        for bad in ("standard", "standard:30%", "standard:30%:50ms:5", "standard:30%:50ms:"):
            with self.assertRaisesRegex(Exception, "not a limit"):
                cli.limit(bad)


if __name__ == "__main__":
    main()
