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
from unittest import mock

import numpy as np

JUDGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/judge")
SIM = os.environ["RTPL_SIM"]
sys.path.insert(0, JUDGE)
from rtpl_judge import JudgeError, cache, cli, defend, frontier, made, run, space, table	# noqa: E402
import results	# noqa: E402

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


class CacheTests(results.Test):
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
        self.assertEqual(kinds, {"set", "played"})

    def test_no_other_process_s_cells(self):
        a, b = (cache.Passing(self.store) for _ in range(2))
        key = {"k": 1}
        path = a.made("cells", key, "cells", lambda p: open(p, "w").close())
        self.assertNotEqual(path, self.store.path("cells", key, "cells"))
        b.forget()
        self.assertTrue(os.path.exists(path))


class SearchTests(results.Test):
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
        cost["delay_ms"]["mean"] = 3.6
        self.assertTrue(frontier.within([cost], standard, None))
        worse = {**cost, "delay_ms": {"p99": 20, "mean": 3.8}}
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
        self.assertExact(sorted(order[::-1], key=frontier.better), order)

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
        # no setting tells more than the packets do
        more = {"value": .5, "tests": 9, "floor": .1, "bits": 2 * none["bits"][0]}
        with mock.patch.object(search, "_judged", lambda *_: more):
            self.assertExact(search.attack("off")["bits_share"], 1.0)
        self.assertFalse([n for n in os.listdir(self.store.folder) if n.startswith("cells-")])

    def test_each_profile_has_its_window(self):
        # a profile that delays is attacked in the window by which it is through
        seen = []

        def quick(ts, link, *_):
            seen.append(link.window)
            return {"value": .5, "floor": .1, "tests": 100, "bits": None}
        store = cache.Cache(tempfile.mkdtemp(dir=TMP))
        with mock.patch.object(frontier, "_quick", quick):
            search = frontier.Search([(PAGES, defend.Link())], store)
            search.attack("tamaraw")
        self.assertEqual(len(seen), 2)
        self.assertGreater(seen[1], seen[0] + 1)

    def test_other_chance(self):
        link = defend.Link(5, seed=3)
        other = frontier.other_chance(link, 10)
        self.assertEqual((link.seed, other.seed), (3, 13))
        a, b = (defend.defend(PAGES, "standard", x, self.store) for x in (link, other))
        self.assertNotEqual(a.digest(), b.digest())


def found(out, jobs, seed=4):
    """A small search's (cache, result), without how long it took."""
    store = cache.Cache(os.path.join(TMP, out, "cache"))
    one = frontier.frontier(
        [(PAGES, defend.Link(5))], {"standard": LIMITS, "maximum": frontier.TIERS["maximum"]},
        ["off"], store, os.path.join(TMP, out, "points"), 6, 1, 4, 2, 40, 2, seed,
        run.Progress(True), jobs, bounded=True)
    one.pop("seconds")
    return store, one


class WholeTests(results.Test):
    @classmethod
    def setUpClass(cls):
        cls.store, cls.one = found("one", 1)
        cls.points = {t: [p for p in cls.one["points"] if p.get("tier") == t]
                      for t in ("standard", "maximum", None)}

    def chosen(self, tier):
        return next(p for p in self.points[tier] if p["chosen"])

    def test_no_cells_are_left(self):
        self.assertEqual({n.split("-")[0] for n in os.listdir(self.store.folder)},
                         {"set", "played", "quick", "bound"})

    def test_its_limits(self):
        self.assertExact(self.one["limits"]["standard"]["mean_ms"], 9)
        within = [p for p in self.points["standard"] if p["ok"]]
        self.assertLessEqual(max(p["delay_mean_ms"] for p in within), 9)
        self.assertLessEqual(self.chosen("standard")["overheads"][0], 2)

    def test_bits_of_the_confirmed_and_those_beside(self):
        for p in [self.chosen("standard"), *self.points[None]]:
            for key in ("bits", "bits_share", "held_out_bits", "held_out_bits_share",
                        "held_out_accuracy"):
                self.assertIsNotNone(p[key], key)
        self.assertEqual(sum("bits" in p for p in self.points["standard"]), 2)

    def test_the_bound_of_what_was_found_and_of_those_beside(self):
        base, floor = self.one["undefended"][0][:2]
        for p in [self.chosen("standard"), self.chosen("maximum"), *self.points[None]]:
            self.assertNear(p["bound_share"], (p["bounds"][0] - floor) / (base - floor), 1e-6)
        self.assertEqual(sum("bounds" in p for p in self.one["points"]), 3)
        self.assertNear(self.chosen("maximum")["bounds"], [1 / len(PAGES.classes)])
        self.assertIn("bound %", table.text({"runs": [], "frontier": self.one}))

    def test_no_attack_on_a_constant_rate(self):
        best = self.chosen("maximum")
        self.assertIsNone(best["held_out_accuracy"])
        self.assertIsNotNone(best["held_out_delay_mean_ms"])
        self.assertFalse(any("accuracy" in p for p in self.points["maximum"]))

    def test_the_same_by_two_processes(self):
        self.assertNear(self.one, json.loads(json.dumps(found("two", 2)[1])))

    def test_what_was_kept_is_not_worked_out_again(self):
        with mock.patch.object(frontier, "_quick", None):
            self.assertNear(found("one", 1)[1]["points"], self.one["points"])

    def test_each_point_once(self):
        def same(f, jobs):
            return [{"point": p, "name": name, "ok": True, "accuracy": .5, "overhead": .1}
                    for _, p, name in jobs]
        with mock.patch.object(space, "change", lambda r, point, *_: point):
            seen = frontier.search_tier(TMP, "standard", LIMITS, 6, 2, 4, same,
                                        run.Progress(True), 1)
        self.assertEqual(len(seen), 6)

    def test_confirmed_and_held_out_with_other_chance(self):
        made_with = []

        def search(sets, store, seed, *_, **kw):
            made_with.append((sets[0][1].seed, seed, sets[0][0].digest()))
            if len(made_with) == 3:
                raise JudgeError("enough")
        with mock.patch.object(frontier, "Search", search), \
                self.assertRaisesRegex(JudgeError, "enough"):
            found("chance", 1)
        defences, splits, halves = zip(*made_with)
        self.assertEqual((len(set(defences)), len(set(splits))), (3, 3))
        self.assertEqual(halves[0], halves[1])
        self.assertNotEqual(halves[0], halves[2])

    def test_a_killed_process_ends_it(self):
        with mock.patch.object(frontier, "costs", lambda *a: os._exit(1)), \
                self.assertRaisesRegex(JudgeError, "was killed"):
            found("killed", 1)


class SpaceTests(results.Test):
    def test_starts_of_each_tier(self):
        for tier, many in ("standard", 3), ("enhanced", 3), ("maximum", 1):
            kinds = frontier.TIERS[tier]["kinds"]
            starts = space.starts(kinds)
            self.assertGreaterEqual(len(starts), many)
            for p in starts:
                self.assertIn(p["limits"]["kind"], kinds["limits"])
                path = frontier.profile_of(p, TMP)
                self.assertTrue(frontier.accepted(path, defend.Link(5)), p)
            # Nothing that must know where visits begin.
            self.assertNotIn("front", [p["chaff"]["kind"] for p in starts])

    def test_no_number_is_varied_that_means_nothing(self):
        r = np.random.default_rng(1)
        of, p = {}, space.draw(r)
        for p in [*space.starts({}), *(p := space.change(r, p) for _ in range(300))]:
            of.setdefault(p["chaff"]["kind"], set()).add(tuple(sorted(p["limits"])))
            text = space.text(p, "point", "of a search")
            if p["chaff"]["kind"] == "cover":
                self.assertIn("Overhead = 0 %\n", text)
        self.assertEqual(of.pop("none"), {("kind",)})
        self.assertEqual(of.pop("cover"), {("free", "kind")})
        self.assertEqual(set().union(*of.values()), {("free", "kind", "overhead")})
        self.assertEqual(set(of), set(space.NUMBERS["chaff"]) - {"none", "cover"})

    def test_a_point_s_file(self):
        p = space.draw(np.random.default_rng(1))
        a = frontier.profile_of(p, TMP)
        self.assertEqual(frontier.profile_of(p, TMP), a)
        with open(a, encoding="utf-8") as f:
            self.assertEqual(f.read(), space.text(p, "search", "a point of a search"))
        self.assertFalse([n for n in os.listdir(TMP) if ".profile." in n])

    def test_limits_as_words(self):
        self.assertNear(cli.limit("standard:30%:50ms"),
                        ("standard", {"overhead": .3, "delay_p99_ms": 50.0}))
        self.assertNear(cli.limit("standard:30%:50ms:5.5ms")[1]["mean_ms"], 5.5)
        for bad in ("standard", "standard:30%", "standard:30%:50ms:5", "standard:30%:50ms:"):
            with self.assertRaisesRegex(Exception, "not a limit"):
                cli.limit(bad)


if __name__ == "__main__":
    results.main()
