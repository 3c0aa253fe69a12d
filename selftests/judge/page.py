#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The judge's output on made-up results: table, JSON, page, and pictures."""
import html
import json
import os
import re
import sys
import tempfile
from html.parser import HTMLParser
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from unittest import mock
from xml.etree import ElementTree

import numpy as np

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JUDGE = os.path.join(TOP, "tools", "judge")
sys.path.insert(0, JUDGE)
from rtpl_judge import JudgeError, cli, jsonform, page, pictures, svg, table, verdict	# noqa: E402
import results  # noqa: E402
from made_up import PROFILES, around, made, made_run, small	# noqa: E402

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr"}


class Page(HTMLParser):
    """Whether tags balance, what is loaded from where, ids, and the text."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.loads, self.ids, self.refs = [], [], [], [], []
        self.tags, self.words, self.pictures = set(), [], []
        self.feed(source)
        self.close()
        self.wrong += [f"<{t}> is never closed" for t in self.open]

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        attrs = dict(attrs)
        for key in ("src", "href", "xlink:href", "srcset", "action", "data", "poster"):
            if attrs.get(key) is not None:
                self.loads.append(attrs[key])
        self.loads += re.findall(r"url\(([^)]*)\)", attrs.get("style") or "")
        self.wrong += [f"{k}= in <{tag}>" for k in attrs if k.startswith("on")]
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag in ("svg", "img"):
            self.pictures.append(attrs.get("aria-label") or attrs.get("alt"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes something else")

    def handle_data(self, data):
        if not self.open or self.open[-1] not in ("style", "text", "title"):
            self.words.append(data)


class Whole(results.Test):
    """What holds for every result."""

    def see(self, result):
        text = table.text(result)
        source = page.html(result)
        seen = Page(source)
        self.assertEqual(seen.wrong, [])
        self.assertNotIn("script", seen.tags)
        for x in seen.loads:
            self.assertRegex(x, r"^(#[\w-]+|data:image/png;base64,[\w+/=]+)$")
            if x.startswith("#"):
                self.assertIn(x[1:], seen.ids)
        self.assertEqual(len(seen.ids), len(set(seen.ids)))
        self.assertTrue(all(seen.pictures))
        for x in ("@import", "#0101", "#0102"):
            self.assertFalse(x in source, x)
        words = " ".join(" ".join(seen.words).split())
        numbers = set(re.findall(r"\d+(?:\.\d+)?", words))
        for line in text.splitlines():
            self.assertLessEqual(table.wide(line), 120, line)
            self.assertTrue(line.isprintable(), line)
            for x in re.findall(r"\d+(?:\.\d+)?", line):
                self.assertIn(x, numbers, line)
        flat = " ".join(text.split())
        for profiles in jsonform.form(result)["verdicts"].values():
            for sentence in profiles.values():
                self.assertIn(" ".join(verdict.clean(sentence).split()), flat)
                self.assertIn(" ".join(verdict.clean(sentence).split()), words)
        again = json.loads(jsonform.dumps(result))
        self.assertNear(again, jsonform.form(result))
        self.assertNear(again, jsonform.form(again))
        self.assertEqual(table.text(again), text)
        return text, source, seen


class Full(Whole):
    def test_full(self):
        result = made(sets=("web-pages", "token streams"), profiles=PROFILES[:2] + PROFILES[6:11:4])
        text, source, seen = self.see(result)
        self.assertIn("svg", seen.tags)
        for heading in ("strongest %", "Accuracy against overhead", "Each attack",
                        "Finding the target", "Sizes, before and after",
                        "Gaps, before and after", "What is taken for what",
                        "Information about the class", "Costs", "The search: standard",
                        "Kernel and simulator", "Published figures", "published, other data"):
            self.assertTrue(heading in source, heading)
        row = next(x for x in text.splitlines() if x.startswith("standard"))
        self.assertIn("24.0", row)
        self.assertIn("41.0 ±", row)
        self.assertIn("chance 1.7 %; on shuffled labels 1.7 to 1.7 % (intervals from 1.3 to 2.1 %)",
                      text)
        self.assertIn("/ 35.0", text)
        self.assertTrue(page.html(result) == source)

    def test_one_name_two_profiles(self):
        runs = [small("off", .9), small("x" * 60, .5), small("x" * 60, .4)]
        runs[1]["digest"], runs[2]["digest"] = "1234aa", "5678aa"
        text, source, _ = self.see({"runs": runs})
        for digest in ("1234", "5678"):
            self.assertRegex(text, f"(?m)^x+… {digest} ")
            self.assertTrue(f"… {digest}</th>" in source)

    def test_overheads(self):
        # Both are shown; what is drawn is the one that all have.
        runs = [small("off", .9, .05, 1), small("a", .5, .2, 5), small("b", .4, .3, 6)]
        for k, r in enumerate(runs):
            r["costs"]["window_overhead"] = .5 + k / 10
        text, source, _ = self.see({"runs": runs})
        self.assertRegex(text, r"overhead % +in window % +p99 ms")
        self.assertNotIn("dropped", text)
        self.assertRegex(text, r"(?m)^a +20\.0 +60\.0 +5\.0")
        self.assertTrue("strongest attack against overhead. Within 30 % overhead, b" in source)
        del runs[1]["costs"]["overhead"]
        text, source, _ = self.see({"runs": runs})
        self.assertRegex(text, r"(?m)^a +- +60\.0 +5\.0")
        self.assertTrue("against overhead in the window. No profile here keeps to 30 % overhead "
                        "in the window." in source)
        # A picture of one mark a run.
        for key, want in (("overhead", [5, 30]), ("window_overhead", [50, 60, 70])):
            self.assertEqual(verdict.overhead_of(runs, key), "window_overhead")
            some = [{**r, "costs": {k: v for k, v in r["costs"].items() if k in (key, "delay_ms")}}
                    for r in runs]
            axes = pictures.frontier(some, []).axes[0]
            self.assertEqual([round(x) for x in axes.containers[0][0].get_xdata()], want)
            self.assertIn(verdict.OVERHEADS[key] + ", %", axes.get_xlabel())

    def test_bound(self):
        # What no scheme goes below, and how far above it the strongest attack is.
        runs = [small("off", .9, .2), small("a", .5, .3), small("b", .2, .4), small("c", .3, .5)]
        for k, (r, x) in enumerate(zip(runs, (
                {"named": .434, "there": {"mean": .373}}, {"named": .35, "there": None}, {"named": .3},
                {"why": "there is <no> exchange"}))):
            r["bound"] = {"bytes": .2 + k / 10, **x}
        text, source, _ = self.see({"runs": runs})
        for row in ("off +20.0 +10.0 +rf 90.0 ±1.0 +43.4 / 37.3 +[+]46.6", "a .* 35.0 +[+]15.0",
                    "b .* 30.0 +-10.0", "c .* - +- +30.0"):
            self.assertRegex(text, f"(?m)^{row}")
        self.assertIn("No bound of c: there is <no> exchange.", text)
        self.assertIn("The bound is above the strongest attack on b:", text)
        self.assertTrue("Short lines are bounds" in source and "The bound is above" in source)
        lines = pictures.frontier(runs, []).axes[0].lines
        bars = next(x for x in lines if x.get_label() == "bound")
        self.assertNear([bars.get_xdata(), bars.get_ydata()], [[20.0, 30, 40], [43.4, 35, 30]])
        self.assertNear(jsonform.form({"runs": runs})["limits"]["s"]["a"],
                        {"bytes": .3, "named": .35, "there": None, "above": .15})
        runs[0]["bound"] = {"named": "x", "there": [], "why": 3, "bytes": {}}
        runs[1]["bound"] = {"named": .3}
        self.see({"runs": runs})
        text, source, _ = self.see({"runs": [small("off", .9)]})
        self.assertFalse("bound" in text or "Short lines" in source)

    def test_how_an_attack_was_trained(self):
        run = small("off", .9)
        run["attacks"]["rf"].update(title="a network", trained="30 passes & no more")
        self.assertTrue("a network (trained: 30 passes &amp; no more)" in self.see({"runs": [run]})[1])

    def test_late(self):
        # A profile that drops is not cheap.
        for late, seen in ((.00001, False), (.0004, True), (.0124, True)):
            text, _, _ = self.see({"runs": [small("off", .9), small("a", .5, .2, 5, late=late)]})
            self.assertEqual(bool(re.search(r"dropped % +p99 ms", text)), seen)
            self.assertEqual(f"{100 * late:.2f}" in text, seen)

    def test_chaff_beside_no_packets(self):
        # Is no share of anything: it is told in bytes.
        run = small("a", .5, .2, 5, chaff=5.4, chaff_bytes=1620.0, directions={
            "up": {"chaff": 3.24, "chaff_bytes": 972.0}, "down": {"chaff": None, "chaff_bytes": 648.0}})
        source = self.see({"runs": [small("off", .9), run]})[1]
        self.assertTrue("<td>540.0</td><td>324.0</td><td>n/a: 648 B</td>" in source)

    def test_features(self):
        # As they come, the most telling first; without their bias.
        run = made_run(np.random.default_rng(1), "s", "off", .04, .1, .96)
        run["information"]["features"] = [
            {"name": n, "bits": bits, "corrected": less, "bias": bits - less}
            for n, bits, less in (("first", 1.5, 1.4321), ("second", 2.1789, 1.1234),
                                      ("bias", 2.5, 1.1))]
        words = " ".join(self.see({"runs": [run]})[2].words)
        self.assertRegex(words, r"off first 1\.43 off second 1\.12")
        self.assertNotIn("2.18", words)
        self.assertNotRegex(words, "bias 1[.]10")

    def test_big(self):
        # The widest table, and what three sets of twelve profiles weigh: counted from one.
        result = made(sets=("web-pages",))
        _, source, seen = self.see(result)
        self.assertLess(len(source.encode()), 10 ** 6)
        # frontier, attacks, sizes and gaps of eleven, bits, costs, search, live; a ramp, maps
        self.assertEqual(len(seen.pictures), 2 + 2 * 11 + 4 + 1 + 3)

    def test_width(self):
        # However many attacks there are, each is in the table, and none past 120 columns.
        widest = 0
        for n in range(1, 40):
            run = small("off", .9)
            run["attacks"] = {"a" * (k % 7 + 1) + str(k): {"accuracy": around(k / 40)}
                              for k in range(n)}
            text = table.text({"runs": [run]})
            widest = max(widest, max(len(line) for line in text.splitlines()))
            for k in range(n):
                self.assertIn(f"{2.5 * k:.1f} ±1.0", text)
        self.assertTrue(110 < widest <= 120, widest)

    def test_unmeasured_result(self):
        for result in ({}, {"runs": []}, {"runs": [], "anchors": None, "live": []}):
            text, source, _ = self.see(result)
            self.assertIn("Nothing was judged.", text)
            self.assertTrue("Nothing was judged." in source)

    def test_write(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "x.html")
            page.write(made(sets=("inference",), profiles=PROFILES[:2]), path)
            self.assertEqual(os.listdir(d), ["x.html"])
            with self.assertRaisesRegex(JudgeError, "no-such"):
                page.write({}, os.path.join(d, "no-such", "x.html"))


    def test_picture(self):
        result = made(sets=("inference", "web-pages"))
        text = page.picture(result)
        root = ElementTree.fromstring(text)
        self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        self.assertIn("inference: accuracy", root.find("{*}title").text)
        self.assertNotIn("var(", text)
        self.assertNotIn("Palette", text)		# published of another set
        words = {"".join(t.itertext()).strip() for t in root.iter("{http://www.w3.org/2000/svg}text")}
        # What waits for longer than 50 ms says so.
        self.assertLessEqual({"enhanced (80 ms)", "tamaraw (900 ms)", "standard", "maximum"}, words)
        self.assertEqual(text, page.picture(jsonform.brief(result)))
        with self.assertRaisesRegex(JudgeError, "to draw"):
            page.picture({"runs": []})

    def test_joined(self):
        old = {"set": "a", "profile": "b", "digest": "1", "information": {"entropy": 1},
               "attacks": {"kfp": {"version": "v", "accuracy": 1, "shuffled": 2},
                           "rf": {"accuracy": 3}}}
        new = {"set": "a", "profile": "b", "digest": "1",
               "attacks": {"kfp": {"version": "v", "accuracy": 4}}}
        both = jsonform.joined(old, new)
        self.assertEqual(both["attacks"], {"kfp": {"version": "v", "accuracy": 4, "shuffled": 2},
                                           "rf": {"accuracy": 3}})
        # Of another version of the attack nothing is taken over.
        for version in ("w", None):
            other = {"kfp": {"version": version, "accuracy": 4}}
            self.assertEqual(jsonform.joined(old, {**new, "attacks": other})["attacks"]["kfp"],
                             other["kfp"])
        self.assertEqual(both["information"], {"entropy": 1})
        # Other traces have nothing to add.
        self.assertEqual(jsonform.joined(old, {**new, "digest": "2"})["attacks"], new["attacks"])
        self.assertEqual(jsonform.joined({**old, "digest": None}, {**new, "digest": None}),
                         {**new, "digest": None})

    def page_of(self, **files):
        """rtpl-judge page of results whose runs are (profile, {attack: version})."""
        with tempfile.TemporaryDirectory() as d:
            for name, runs in files.items():
                jsonform.write({"runs": [
                    {"set": "s", "profile": p, "digest": p, "attacks": {
                        a: {"accuracy": around(.5), **({"version": v} if v else {})}
                        for a, v in attacks.items()}} for p, attacks in runs]},
                    os.path.join(d, name))
            return cli.do_page(cli.parser().parse_args(
                ["page", *(os.path.join(d, name) for name in files)]), [])

    def test_versions_are_not_joined(self):
        first = [("off", {"rf": "1", "kfp": "7"}), ("a", {"rf": "1"})]
        self.assertEqual(len(self.page_of(x=first, y=[("b", {"rf": "1"})])["runs"]), 3)
        for other in ([("b", {"rf": "2"})], [("b", {"rf": None})], [("a", {"rf": "2"})]):
            with self.assertRaisesRegex(JudgeError, "s: rf is of different versions .*1 in .*run it"):
                self.page_of(x=first, y=other)
        with self.assertRaisesRegex(JudgeError, "different versions"):
            self.page_of(x=first + [("b", {"rf": "2"})])
        # One whose every row is made anew may be of another.
        again = self.page_of(x=first, y=[("off", {"rf": "2"}), ("a", {"rf": "2"})])
        self.assertEqual([r["attacks"]["rf"]["version"] for r in again["runs"]], ["2", "2"])
        # Where no version was told, one file is believed to be of one; two are not.
        old = [("off", {"rf": None}), ("a", {"rf": None})]
        self.assertIn("older version", table.text(self.page_of(x=old)))
        self.assertNotIn("older version, which did", table.text(self.page_of(x=first)))
        with self.assertRaisesRegex(JudgeError, "no version in .*x, no version in .*y"):
            self.page_of(x=old, y=[("b", {"rf": None})])

    def test_open_world(self):
        run = small("off", .9)
        run["attacks"]["kfp"] = {"accuracy": around(.8)}
        for a, f in (("rf", 1), ("kfp", .5)):
            run["attacks"][a]["open"] = {"auprc": around(.81 * f), "tpr": around(.62 * f),
                                         "precision_at": {"20": around(.43 * f),
                                                          "1000": around(.017 * f)}}
        text, _, _ = self.see({"runs": [run]})
        self.assertRegex(text, "open: AUPRC % +TPR % at FPR 1 % +right % at 1:20 +at 1:1000\n"
                               "off +81.0 +62.0 +43.0 +1.7")

    def test_notes(self):
        run = small("off", .9)
        run["attacks"]["rf"].update(version="1", seen=1.0)
        run["cut"] = {"visits": .1, "cells": .034}
        self.assertEqual(table.notes([run]), [])
        run["attacks"]["rf"]["seen"] = .34
        text, _, _ = self.see({"runs": [run]})
        self.assertIn("off: rf saw the first 34.0 % of packets only.", text)
        self.assertIn("10.0 / 3.4", text)
        run["ungrouped"] = .25
        self.assertIn("25.0 % of visits have no group", table.text({"runs": [run]}))
        del run["cut"]
        self.assertIn("Watched for a window of undefended visits", table.notes([run])[0])
        del run["attacks"]["rf"]["version"]
        self.assertIn("did not tell versions of attacks", table.notes([run])[0])
        self.assertIn("Watched for a window of undefended visits", table.notes([run])[1])

    def test_recorded(self):
        # Nothing in them says whose machine it was.
        folder = os.path.join(TOP, "tools", "judge", "recorded")
        for name in sorted(os.listdir(folder)):
            result = jsonform.load(os.path.join(folder, name))
            self.assertTrue(result["runs"] or result["frontier"], name)
            self.assertNotIn("/", re.sub(r"(sets|tools/judge/profiles)/", "", result["command"]))

    def test_drawn(self):
        # Each picture in the documentation is of what was recorded.
        path = os.path.join(JUDGE, "draw")
        spec = spec_from_loader("draw", SourceFileLoader("draw", path))
        draw = module_from_spec(spec)
        spec.loader.exec_module(draw)
        texts = draw.texts()
        self.assertEqual(sorted(texts), sorted(
            n for n in os.listdir(os.path.join(TOP, "Documentation/pictures")) if n.startswith("judge-")))
        for name, text in texts.items():
            with open(os.path.join(TOP, "Documentation/pictures", name), encoding="utf-8") as f:
                self.assertIn(re.search("numbers [0-9a-f]{16}", text)[0], f.read(), f"{name}: make pictures")
            # What is hollow is there.
            self.assertEqual("hollow" in text, name != "judge-inference.svg", name)
        rows = draw.clients()
        self.assertIn("hollow: simulated", page.clients(rows))
        rows[0]["later"] += 1
        self.assertNotIn(re.search("numbers [0-9a-f]{16}", texts["judge-clients.svg"])[0], page.clients(rows))
        result = jsonform.load(os.path.join(TOP, "tools", "judge", "recorded", "web-pages.json"))
        result["runs"][0]["attacks"] = {"kfp": {"accuracy": around(.5)}}
        self.assertNotIn(re.search("numbers [0-9a-f]{16}", texts["judge-web-pages.svg"])[0], page.picture(result))

    def test_brief(self):
        result = jsonform.form(made(sets=("web-pages",)))
        short = jsonform.form(jsonform.brief(result))
        self.assertEqual(table.text(short), table.text(result))
        self.assertEqual(short["verdicts"], result["verdicts"])
        self.assertLess(len(json.dumps(short)), len(json.dumps(result)) / 3)
        self.see(short)
        self.see(jsonform.brief({"runs": [{"set": "a", "profile": "b"}]}))


class Missing(Whole):
    def test_minimal(self):
        self.see({"runs": [{"set": "s", "profile": "off"}]})
        self.see({"runs": [{"set": "s", "profile": "off", "attacks": {"df": {}}, "costs": {},
                            "information": {}, "histograms": {}, "differences": {}}]})
        text, _, _ = self.see({"runs": [small("off", .9), small("x", .5)]})
        self.assertIn("Worth its cost: takes 90.0 % (rf) to 50.0 % (rf)", text)

    def test_each_key(self):
        # Any one key of a run may be missing, or hold nothing.
        full = jsonform.plain(made(sets=("inference",), profiles=PROFILES[5:7]))
        full["frontier"] = full["live"] = full["anchors"] = None
        for key in list(full["runs"][0]):
            for there in (False, True):
                runs = [dict(r) for r in full["runs"]]
                for r in runs:
                    if key != "set":
                        del r[key]
                    if there:
                        r[key] = None
                # Pictures of what is still there are the same: the table will do for most.
                result = {**full, "runs": runs}
                table.text(result)
                if key in ("attacks", "costs", "information") and there:
                    self.see(result)

    def test_no_numbers(self):
        bad = small("x", .5, overhead=float("nan"), p99=float("inf"))
        bad["attacks"]["df"] = {"accuracy": around(float("nan")), "confusion": [[1, 2], [3]]}
        bad["attacks"]["kfp"] = {"accuracy": around(.2), "confusion": [[float("nan")]]}
        bad["histograms"] = {"sizes": {"edges": [0, 0], "up": [1]}, "gaps_ms": {"edges": [1]}}
        text, source, _ = self.see({"runs": [small("off", .9), bad]})
        for s in (text, source):
            self.assertFalse("nan" in s)
        self.assertIsNone(json.loads(jsonform.dumps({"runs": [bad]}))["runs"][0]["costs"]
                          ["overhead"])

    def test_zero_and_minus(self):
        # Overheads that a logarithm cannot show, shares that are no shares.
        runs = [small("off", .9, overhead=0.0, p99=0.0), small("a", .5, overhead=-.1),
                small("b", .4, overhead=1e-9), small("c", 0.0, overhead=1e6, p99=1e9)]
        self.see({"runs": runs, "anchors": [{"name": "x", "accuracy": .5, "overhead": 0},
                                            {"name": "y", "accuracy": None, "overhead": 1}]})

    def test_json(self):
        self.assertNear(jsonform.plain({1: np.float32(.5), "a": [np.int64(3), (True, None)],
                                        "b": np.array([[1 / 3]]), "c": float("inf")}),
                        {"1": .5, "a": [3, [True, None]], "b": [[.333333]], "c": None})
        with self.assertRaises(TypeError):
            jsonform.plain({"a": object()})
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "r.json")
            jsonform.write({"runs": [small("off", .9)]}, path)
            self.assertEqual(jsonform.load(path)["verdicts"]["s"]["off"],
                             "Reference, sealed but not shaped: 90.0 % (rf).")
            for text in ("{", "[]", '{"runs": 1}'):
                with open(path, "w", encoding="utf-8") as f:
                    f.write(text)
                with self.assertRaisesRegex(JudgeError, "r.json"):
                    jsonform.load(path)


    def test_misshapen(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "r.json")

            def load(thing):
                with open(path, "w", encoding="utf-8") as f:
                    json.dump(thing, f)
                return jsonform.load(path)
            for bad, says in (([{}], "run 1 has no text `set`"), ([1], "run 1 is not an object"),
                              ([{"set": "s", "profile": 3}], "run 1 has no text `profile`"),
                              ([small("off", .9), {**small("a", .5), "attacks": 7}],
                               "it, runs, number 2, attacks is not an object"),
                              ([{**small("a", .5), "attacks": {"x\n": 7}}],
                               "attacks, x. is not an object"),
                              ([{**small("a", .5), "classes": 7}], "classes is not a list")):
                with self.assertRaisesRegex(JudgeError, "r.json: .*" + says):
                    load({"runs": bad})
            # Whatever is put anywhere: load() refuses it, or table and page can show it.
            # Pictures are left out: they take a second each time.
            rng = np.random.default_rng(3)
            run = made_run(rng, "s", "off", .04, .1, .96, classes=2, target="page1")
            run["attacks"] = {"df": run["attacks"]["df"]}
            run["attacks"]["df"]["open"]["curve"] = [[0, 1], [1, .5]]
            run["information"]["features"] = run["information"]["features"][:1]
            run["histograms"] = {"sizes": {"edges": [0, 1], "up": [1.], "down": [1.]}}
            whole = jsonform.plain({**made(sets=("s",), profiles=PROFILES[1:2]), "runs": [run]})
            whole["anchors"], whole["live"] = whole["anchors"][:1], whole["live"][:1]
            whole["frontier"]["points"] = whole["frontier"]["points"][:1]
            places = [[]]
            for place in places:
                thing = whole
                for key in place:
                    thing = thing[key]
                keys = thing if isinstance(thing, dict) else range(len(thing)) \
                    if isinstance(thing, list) else ()
                places += [place + [k] for k in keys]
            refused, wrong = 0, []
            drawn = {n: mock.DEFAULT for n in ("frontier", "attacks", "precision", "bits", "costs",
                                               "search", "live", "distribution", "png")}
            with mock.patch.object(svg.Writer, "svg", lambda draw, fig, alt: ""), \
                    mock.patch.multiple(pictures, **drawn):
                for place in places[1:]:
                    for what in (7, "x", [7], {"x": 7}):
                        copy = json.loads(json.dumps(whole))
                        thing = copy
                        for key in place[:-1]:
                            thing = thing[key]
                        thing[place[-1]] = what
                        try:
                            result = load(copy)
                        except JudgeError:
                            refused += 1
                            continue
                        try:
                            table.text(result)
                            jsonform.dumps(result)
                            page.html(result)
                        except Exception as e:
                            wrong.append(f"{place} {what}: {e!r}")
            self.assertEqual(wrong, [])
            self.assertGreater(refused, 100)


NASTY = ["<script>alert(1)</script>", "\"'><img src=http://example.org/x onerror=alert(1)>",
         "a\x1b[31mb\nc\x00d", "$\\frac{1}$ & %s {0}", "\ud800 lone", "日本語" * 30, "x" * 400,
         "&amp;</svg></style>", "\u202egnp.exe"]


class Nasty(Whole):
    def test_names(self):
        # Every name in each of a few places, in three turns.
        for turn in (0, 3, 6):
            names = NASTY[turn:] + NASTY[:turn]
            profile, name, attack, target, cls, feature, other, source, title = names
            result = made(sets=("inference",), profiles=[("off", .04, .1, .96),
                                                         (profile, .2, 3, .5)])
            result["command"] = result["judge"] = title
            result["live"] = [{**result["live"][0], "workload": other, "profile": profile}]
            result["anchors"] = [{"set": None, "name": other, "accuracy": .5, "overhead": .5,
                                  "source": source}]
            result["frontier"] = {"limits": {name: {"overhead": .3}}, "points": [
                {"tier": name, "name": feature, "overhead": .2, "accuracy": .3,
                 "profile_text": other, "chosen": True}]}
            for r in result["runs"]:
                r["set"], r["target"], r["classes"] = name, target, [cls] * 10
                r["attacks"] = {"df": r["attacks"]["df"], attack: r["attacks"]["rf"]}
                r["attacks"][attack]["title"] = title
                r["information"] = {"entropy": 3.3, other: r["information"]["knn"],
                                    "features": [{"name": feature, "bits": 1}]}
                r["differences"]["ks"] = {source: .5}
                r["histograms"] = {}
            _, source, _ = self.see(result)
            self.assertFalse("<script" in source or "<img src=http" in source)
            for x in names:
                self.assertTrue(html.escape(verdict.clean(x, 16).rstrip("…")) in source, x)
            source.encode()


class Pictures(results.Test):
    def test_confusion(self):
        uri, right = pictures.confusion([[9, 1], [5, 5]])
        self.assertNear(right.tolist(), [.9, .5])
        self.assertTrue(uri.startswith("data:image/png;base64,iVBOR"))
        for bad in (None, [], [[1, 2]], [[1, -1], [0, 1]], [["a"]]):
            self.assertIsNone(pictures.confusion(bad))

    def test_bins(self):
        # Neighbours are added up: shares stay shares.
        edges, shares = pictures._binned({"edges": list(range(101)), "up": [.01] * 100}, "up")
        self.assertLessEqual(len(shares), pictures.MOST_BINS)
        self.assertAlmostEqual(shares.sum(), 1)
        self.assertNear((edges[0], edges[-1]), (0, 100))

    def test_shown(self):
        runs = [{"profile": p} for p in ("maximum", "off", "none", "dp", "standard")]
        self.assertEqual(pictures.shown_profiles(runs), ["none", "standard", "maximum"])
        self.assertEqual(pictures.shown_profiles(runs[1:2] + runs[3:4]), ["off", "dp"])


if __name__ == "__main__":
    results.main()
