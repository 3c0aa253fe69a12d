#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The judge's output on made-up results: table, JSON, page, and the verdicts in all of them."""
import html
import json
import math
import os
import re
import sys
import tempfile
from html.parser import HTMLParser
from unittest import mock
from xml.etree import ElementTree

import numpy as np

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tools", "judge"))
from rtpl_judge import JudgeError, cli, jsonform, page, pictures, svg, table, verdict	# noqa: E402
import results  # noqa: E402

ATTACKS = {"kfp": "k-fingerprinting (Hayes, Danezis 2016)", "cumul": "CUMUL (Panchenko 2016)",
           "df": "Deep Fingerprinting (Sirinam 2018)", "tiktok": "Tik-Tok (Rahman 2020)",
           "rf": "Robust Fingerprinting (Shen 2023)", "token": "token stream (Whisper Leak)",
           "volume": "flow volume"}
PROFILES = [("none", None, 0, .97), ("off", .04, .1, .96), ("censored", .05, 2, .958),
            ("bip324", .06, 1, .95), ("wtfpad", .54, 3, .88), ("regulator", .42, 40, .62),
            ("standard", .24, 38, .41), ("enhanced", .61, 80, .22), ("dp", .9, 160, .3),
            ("tamaraw", 1.4, 900, .11), ("maximum", 3.2, 45, .021), ("front", .8, 9, .85)]
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source",
        "track", "wbr"}


def around(mean, half=.01):
    return {"mean": mean, "low": mean - half, "high": mean + half,
            "each": [mean + half * k / 4 for k in range(-2, 3)]}


def made_run(rng, name, profile, overhead, p99, accuracy, classes=60, target=None):
    """A run in which everything was measured."""
    chance = 1 / classes
    attacks = {}
    for a, title in ATTACKS.items():
        right = chance + (accuracy - chance) * (1 if a == "rf" else rng.uniform(.4, .97))
        m = rng.poisson(40 * (1 - right) / classes, (classes, classes))
        m[np.arange(classes), np.arange(classes)] += round(40 * right)
        attacks[a] = {"title": title, "accuracy": around(right, rng.uniform(.004, .02)),
                      "shuffled": around(chance, .004), "confusion": m.tolist(), "seconds": 12.5}
        if target:
            attacks[a]["auprc"] = around(min(right + .02, .99))
            attacks[a]["open"] = {"auprc": around(right), "base_rate": .35, "curve":
                                  [[x, .35 + .65 * right * (1 - x ** 3)]
                                   for x in np.linspace(0, 1, 300)]}
    entropy = math.log2(classes)
    left = entropy * accuracy
    information = {"entropy": entropy, "features": [
        {"name": f"bytes down {k}", "bits": left / k + .03 * k, "low": .8 * left / k,
         "high": 1.2 * left / k, "bias": .03 * k, "corrected": left / k} for k in range(1, 30)]}
    for e, f in (("wefde", .8), ("knn", .7), ("fano", .75), ("cross_entropy", .72)):
        information[e] = {"bits": left * f + .2, "low": left * f - .1, "high": left * f + .1,
                          "bias": .2, "corrected": left * f}
    edges = list(range(0, 1601, 20))
    if profile in ("none", "off"):
        sizes = rng.gamma(.4, 1, (2, len(edges) - 1))
    else:
        sizes = np.full((2, len(edges) - 1), 1e-4)
        sizes[:, 71] = 1
    gaps = np.exp(-(np.arange(60) - rng.uniform(15, 45)) ** 2 / 60) + rng.uniform(0, .02, (2, 60))
    sizes, gaps = (x / x.sum(axis=1, keepdims=True) for x in (sizes, gaps))
    costs = {"wire_bytes_per_visit": 1234567.8 * (1 + (overhead or 0)), "bytes_per_second": 52000.,
             "duration_s": {"p50": 7.25, "p99": 31.5}}
    if overhead is not None:
        costs.update(overhead=overhead, window_overhead=1.1 * overhead + .01, late=.0003,
                     padding=.3 * overhead, chaff=.6 * overhead, headers=.1 * overhead,
                     delay_ms={"p50": .2 * p99, "p99": p99, "max": 3.1 * p99, "mean": .3 * p99})
    return {"set": name, "profile": profile, "digest": "ab12" * 16, "visits": 3000,
            "classes": [f"page{k}" for k in range(classes)], "groups": 6, "window": 35.2,
            "packets": 1234567, "chance": chance, "target": target,
            "base_rate": .35 if target else None, "attacks": attacks, "information": information,
            "differences": {"pairs": classes * (classes - 1) // 2, "different": .9,
                            "ks": {"sizes_up": .21, "gaps_down": .4},
                            "permutation": {"statistic": .3, "p": .001, "shuffles": 999}},
            "costs": costs,
            "histograms": {"sizes": {"edges": edges, "up": sizes[0], "down": sizes[1]},
                           "gaps_ms": {"edges": np.logspace(-2, 4, 61), "up": gaps[0],
                                       "down": gaps[1]}}}


def made(sets=("web-pages", "token streams", "inference"), profiles=PROFILES, seed=1):
    """A result in which everything was measured."""
    rng = np.random.default_rng(seed)
    shape = {"token streams": (2, "secret topic"), "inference": (10, None)}
    runs = []
    for s in sets:
        classes, target = shape.get(s, (60, None))
        runs += [made_run(rng, s, *p, classes, target) for p in profiles]
    there = {"accuracy": around(.4, .03), "overhead": .26,
             "delay_ms": {"p50": 4., "p99": 39., "max": 88.}}
    here = {"accuracy": around(.38, .03), "overhead": .25,
            "delay_ms": {"p50": 4.2, "p99": 37., "max": 81.}}
    return {"judge": "0.1.0", "seed": 1, "repeats": 5, "seconds": 812.0,
            "command": "rtpl-judge run --all web.csv.xz", "runs": runs,
            "anchors": [
                {"set": "web-pages", "name": f"{n} (published, 95 sites, RF)", "accuracy": a,
                 "overhead": o, "delay": d, "source": "Palette, table 5"} for n, a, o, d in
                (("Palette", .364, .84, .09), ("Palette k=5", .707, .39, .18),
                 ("RegulaTor", .724, .36, .16), ("FRONT", .906, .18, 0), ("Tamaraw", .102, 1.21,
                 .43), ("Maybenot-class", .554, .59, 0), ("WTF-PAD", .969, .54, 0))],
            "frontier": {"limits": {"standard": {"overhead": .3, "delay_p99_ms": 50, "mean_ms": 5.5,
                                                 "bits": None},
                                    "maximum": {"bits": 1e7}},
                         "points": [{"tier": "standard", "profile_text": "[Profile] <a>",
                                     "name": f"buckets {k}, rate {k}",
                                     "overhead": .02 * 1.15 ** k,
                                     "delay_p99_ms": 100 - 3 * k, "accuracy": 1 / (1 + .2 * k),
                                     "held_out_accuracy": 1 / (1 + .18 * k), "bits": 3 / (1 + k),
                                     "chosen": k in (7, 18, 25)} for k in range(30)]},
            "live": [{"workload": w, "profile": p, "kernel": there, "simulator": here}
                     for w in ("inference", "web pages", "token stream")
                     for p in ("standard", "maximum")]}


def small(profile, accuracy, overhead=.1, p99=10., half=.01, **costs):
    """A run of one attack, for verdicts."""
    return {"set": "s", "profile": profile, "attacks": {"rf": {"accuracy": around(accuracy, half)}},
            "costs": {"overhead": overhead, "delay_ms": {"p99": p99}, **costs}}


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
        old = jsonform.load(os.path.join(TOP, "tools", "judge", "recorded", "web-pages.json"))
        self.assertEqual(len(table.notes(old["runs"])), 2)

    def test_recorded(self):
        # What stands in the documentation: the picture is of these numbers, and nothing in them
        # says whose machine it was.
        folder = os.path.join(TOP, "tools", "judge", "recorded")
        for name in sorted(os.listdir(folder)):
            result = jsonform.load(os.path.join(folder, name))
            self.assertTrue(result["runs"] or result["frontier"], name)
            self.assertNotIn("/", re.sub(r"(sets|tools/judge/profiles)/", "", result["command"]))
            if name != "web-pages.json":
                continue
            with open(os.path.join(TOP, "Documentation/pictures/judge-web-pages.svg"),
                      encoding="utf-8") as f:
                drawn = f.read()
            self.assertIn(re.search("numbers [0-9a-f]{16}", page.picture(result))[0], drawn)
            with self.assertRaises(AssertionError):
                result["runs"][0]["attacks"] = {"kfp": {"accuracy": around(.5)}}
                self.assertIn(re.search("numbers [0-9a-f]{16}", page.picture(result))[0], drawn)

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


class Verdicts(results.Test):
    def kind(self, runs, profile):
        return verdict.weigh(runs)[profile][0]

    def test_worth(self):
        runs = [small("none", .97, None, None), small("off", .95, .04, 1), small("a", .5, .2, 20)]
        self.assertEqual(verdict.verdict(runs), {
            "none": "Reference, undefended: 97.0 % (rf).",
            "off": "Reference, sealed but not shaped: 95.0 % (rf).",
            "a": "Worth its cost: takes 95.0 % (rf) to 50.0 % (rf) for 20.0 % overhead and 20.0 "
                 "ms p99."})

    def test_not_below(self):
        off = small("off", .95, .04, 1, half=.02)
        # 2 and 2 in quadrature are 2.83 points.
        self.assertEqual(self.kind([off, small("a", .93, half=.02)], "a"), "not worth")
        self.assertEqual(self.kind([off, small("a", .922, half=.02)], "a"), "not worth")
        self.assertEqual(self.kind([off, small("a", .921, half=.02)], "a"), "worth")
        self.assertEqual(self.kind([off, small("a", .99)], "a"), "not worth")
        self.assertIn("is not significantly below off, 95.0 % (rf)",
                      verdict.verdict([off, small("a", .93, half=.02)])["a"])

    def test_in_pairs(self):
        # Splits differ by 20 points, and the profile takes 4 in each: no two intervals tell that.
        def run(profile, each, splits="same", **more):
            mean = sum(each) / 5
            out = small(profile, mean, **more)
            out["attacks"]["rf"]["accuracy"] = {"mean": mean, "low": mean - .1, "high": mean + .1,
                                                "half": .1, "each": each, "ratio": .25}
            return {**out, "splits": splits, "visits": 1500}
        before = [.80, .85, .90, .95, .75]
        off, a = run("off", before), run("a", [x - .04 - k / 1000 for k, x in enumerate(before)])
        self.assertEqual(self.kind([off, a], "a"), "worth")
        self.assertEqual(self.kind([off, {**a, "splits": "others"}], "a"), "not worth")
        # d = .04, .041 ... .044: mean .042, s² = 2.5e-6, se² = .45 s², t = 39.6; by how few visits
        # 4.2 % of 1500 could be, se is .00518, t 8.11
        self.assertAlmostEqual(verdict.p_below(a, off), verdict.tails(.042 / (.042 * .958 / 1500) ** .5,
                                                                      4))
        # The same in all splits of ten visits each: of fifty, two more
        few = {**run("a", [x - .04 for x in before]), "visits": 50}
        self.assertGreater(verdict.p_below(few, off), .1)
        # Whatever somebody put into a result: no verdict stops at it.
        for key, bad in (("each", 7), ("each", ["x"] * 5), ("ratio", "x"), ("half", [])):
            odd = run("odd", before)
            odd["attacks"]["rf"]["accuracy"][key] = bad
            self.assertEqual(self.kind([off, odd], "odd"), "not worth")
        # A cheaper one with a lower upper end is worse all the same where it is in each split.
        dear, cheap = run("dear", [.4, .5, .6, .5, .4], overhead=.3), run(
            "cheap", [.45, .55, .65, .55, .45], overhead=.1)
        cheap["attacks"]["rf"]["accuracy"].update(half=.04)
        self.assertEqual(self.kind([off, cheap, dear], "dear"), "worth")
        for r in (cheap, dear):
            r["splits"] = r["profile"]
        self.assertEqual(self.kind([off, cheap, dear], "dear"), "not worth")
        # One that is no better is so in pairs, too.
        self.assertExact(verdict.p_below(off, a), 1.0)

    def test_many_profiles(self):
        # Of twenty profiles that do nothing one is below by chance: p .02 is no finding then.
        self.assertNear(verdict.holm({"a": .01, "b": .04, "c": .03}), {"a": .03, "b": .06, "c": .06})
        off = small("off", .95, .04, 1, half=.02)
        good = small("good", .91, half=.02)
        self.assertEqual(self.kind([off, good], "good"), "worth")
        others = [small(f"x{k}", .95, half=.02) for k in range(20)]
        self.assertEqual(self.kind([off, good, *others], "good"), "not worth")
        best = small("best", .5, half=.02)
        self.assertEqual(self.kind([off, best, *others], "best"), "worth")

    def test_student(self):
        # tables: t of 5 % and of 1 % in both tails
        for df, t, p in ((1, 12.7062, .05), (2, 4.30265, .05), (4, 2.77645, .05), (4, 4.60409, .01),
                         (9, 2.26216, .05), (49, 2.67995, .01)):
            self.assertAlmostEqual(verdict.tails(t, df), p, 6)
            self.assertAlmostEqual(verdict.critical(df, p), t, 4)
        self.assertAlmostEqual(verdict.tails(1.959964, 1000), .05, 6)

    def test_clipped_ends_say_nothing(self):
        # Two whose intervals end at 100 %: the cheaper one leaves more, and is not "no worse".
        off = small("off", .999, .04, 1, half=.0005)

        def wide(profile, mean, overhead, **more):
            run = small(profile, mean, overhead, 10)
            run["attacks"]["rf"]["accuracy"] = {"mean": mean, "low": mean - .3, "high": 1.0, **more}
            return run
        cheap, dear = wide("cheap", .75, .1, half=.3), wide("dear", .71, .3, half=.3)
        self.assertFalse(verdict._dominates(cheap, dear))
        self.assertTrue(verdict._dominates({**dear, "costs": cheap["costs"]}, dear))
        # Of an older result the other end tells; where that is clipped, too, nobody knows.
        cheap, dear = wide("cheap", .75, .1), wide("dear", .71, .3)
        self.assertFalse(verdict._dominates(cheap, dear))
        for r in (cheap, dear):
            r["attacks"]["rf"]["accuracy"]["low"] = 0.0
        self.assertFalse(verdict._dominates(cheap, dear))
        self.assertEqual(self.kind([off, cheap], "cheap"), "not worth")

    def test_balanced(self):
        # Where one class is frequent, naming it always is no attack.
        off, a = small("off", .9), small("a", .9, .2, 20)
        for run, share in ((off, .8), (a, .5)):
            run["classes"], run["chance"] = ["x", "y"], .9
            run["attacks"]["rf"]["balanced"] = around(share)
        self.assertEqual(self.kind([off, a], "a"), "worth")
        text = table.text({"runs": [off, a]})
        self.assertIn("takes 80.0 % (rf) to 50.0 % (rf)", text)
        self.assertIn("chance 50.0 % (classes are not equally frequent", text)
        self.assertNotIn("90.0", text)

    def test_dominated(self):
        off = small("off", .95, .04, 1)
        cheap, dear = small("cheap", .4, .1, 10), small("dear", .5, .3, 30)
        runs = [off, cheap, dear]
        self.assertEqual(self.kind(runs, "cheap"), "worth")
        self.assertEqual(verdict.verdict(runs)["dear"], "Not worth its cost: cheap leaves 40.0 % "
                         "(rf) at 10.0 % overhead and 10.0 ms p99, all no worse.")
        # Any of the three that is better saves it.
        for other in (small("dear", .3, .3, 30), small("dear", .5, .05, 30),
                      small("dear", .5, .3, 5)):
            self.assertEqual(self.kind([off, cheap, other], "dear"), "worth")
        # It is the interval's upper end that counts.
        self.assertEqual(self.kind([off, small("cheap", .4, .1, 10, half=.2), dear], "dear"),
                         "worth")
        # Equal in all: neither is better. In all but one: the other is.
        twin = [off, small("a", .4), small("b", .4)]
        self.assertEqual([self.kind(twin, n) for n in "ab"], ["worth", "worth"])
        twin = [off, small("a", .4), small("b", .4, p99=10.1)]
        self.assertEqual([self.kind(twin, n) for n in "ab"], ["worth", "not worth"])
        # One that loses packets is no better.
        loses = small("cheap", .4, .1, 10, late=.05)
        self.assertEqual(self.kind([off, loses, dear], "dear"), "worth")
        # Undefended packets cost nothing and are no profile.
        none = small("none", .1, 0, 0)
        self.assertEqual(self.kind([none, off, dear], "dear"), "worth")

    def test_attacks_in_common(self):
        # A profile that met fewer attacks is compared on these only.
        off, a, b = small("off", .9), small("a", .3, .1), small("b", .35, .2)
        b["attacks"]["df"] = {"accuracy": around(.7)}
        off["attacks"]["df"] = {"accuracy": around(.95)}
        self.assertEqual(self.kind([off, a, b], "b"), "not worth")
        a["attacks"] = {"volume": {"accuracy": around(.1)}}
        self.assertEqual(self.kind([off, a, b], "b"), "worth")
        self.assertEqual(self.kind([off, a, b], "a"), "unknown")

    def test_no_verdict_without_the_strong_attack(self):
        # FRONT leaves 27 % to k-FP and 72 % to RF: who did not ask RF knows nothing.
        off, front = small("off", .95), small("front", .27, .9)
        for r in (off, front):
            r["attacks"]["kfp"] = r["attacks"].pop("rf")
        self.assertEqual(self.kind([off, front], "front"), "unknown")
        self.assertEqual(verdict.verdict([off, front])["front"], "Not judged: 27.0 % (kfp), but rf, "
                         "the strongest attack on padding, was not run on front and off.")
        off["attacks"]["rf"] = {"accuracy": around(.9)}
        self.assertIn("was not run on front.", verdict.verdict([off, front])["front"])
        self.assertIn("No profile was judged.", table.text({"runs": [off, front]}))
        front["attacks"]["rf"] = {"accuracy": around(.72)}
        self.assertEqual(self.kind([off, front], "front"), "worth")
        # Nor is another profile better by an attack that says little.
        cheap = small("cheap", .2, .1)
        cheap["attacks"]["kfp"] = cheap["attacks"].pop("rf")
        self.assertEqual(self.kind([off, front, cheap], "front"), "worth")

    def test_overhead_in_window(self):
        # Where both have it, it decides; else that while visits last does.
        off = small("off", .95, .04, 1)
        a, b = small("a", .4, .1, 10), small("b", .5, .3, 10)
        self.assertEqual(self.kind([off, a, b], "b"), "not worth")
        a["costs"]["window_overhead"] = .9
        self.assertEqual(self.kind([off, a, b], "b"), "not worth")
        b["costs"]["window_overhead"] = .5
        self.assertEqual(self.kind([off, a, b], "b"), "worth")
        b["costs"]["window_overhead"] = .95
        self.assertIn("a leaves 40.0 % (rf) at 90.0 % overhead in the window and 10.0 ms p99",
                      verdict.verdict([off, a, b])["b"])
        # Live, there is no other.
        for r in (off, a, b):
            del r["costs"]["overhead"]
        self.assertEqual(self.kind([off, a, b], "b"), "not worth")
        self.assertIn("for 90.0 % overhead in the window and", verdict.verdict([off, a, b])["a"])

    def test_target(self):
        # Accuracy says nothing where most visits are not the target; AUPRC does.
        off, a = small("off", .7), small("a", .7, .2, 20)
        for run, auprc in ((off, .98), (a, .4)):
            run["target"] = "t"
            run["attacks"]["rf"]["auprc"] = around(auprc)
        self.assertEqual(self.kind([off, a], "a"), "worth")
        a["attacks"]["rf"]["auprc"] = around(.975)
        self.assertEqual(self.kind([off, a], "a"), "not worth")

    def test_one_name_two_profiles(self):
        runs = [small("off", .9), small("x", .5), small("x", .4), small("y", .3)]
        for r, digest in zip(runs, ("0000aa", "1234aa", "5678aa", "9abcaa")):
            r["digest"] = digest
        self.assertEqual([r["profile"] for r in verdict.sets({"runs": runs})["s"]],
                         ["off", "x 1234", "x 5678", "y"])
        # The same traces are the same profile, and a run without a digest has none to show.
        runs[2]["digest"] = "1234aa"
        self.assertEqual(list(verdict.verdicts({"runs": runs})["s"]), ["off", "x", "y"])
        del runs[2]["digest"]
        self.assertEqual(list(verdict.verdicts({"runs": runs})["s"]), ["off", "x 1234", "x", "y"])

    def test_unknown(self):
        self.assertEqual(self.kind([small("a", .5)], "a"), "unknown")
        self.assertEqual(self.kind([{"profile": "a"}], "a"), "unknown")
        self.assertEqual(self.kind([small("off", .9), small("a", .5, None)], "a"), "unknown")
        self.assertEqual(verdict.verdict([]), {})
        # Without a price nobody dominates.
        runs = [small("off", .9), small("a", .3, .1, None), small("b", .5)]
        self.assertEqual(self.kind(runs, "b"), "worth")
        # Without `off`, the undefended packets are what is compared with.
        runs = [small("none", .9, None, None), small("a", .5)]
        self.assertEqual(self.kind(runs, "a"), "worth")

    def test_bits(self):
        run = {"information": {"entropy": 2, "wefde": {"bits": 3, "low": 2.3, "high": 2.7,
                                                       "bias": .5, "corrected": 2.5},
                               "knn": {"bits": 1, "low": .65, "high": .85, "bias": .25},
                               "fano": {"bits": .1, "low": -.3, "high": -.1, "bias": .02,
                                        "corrected": -.2}}}
        found = verdict.information(run)
        self.assertNear(found["wefde"], (2, 2, 2))
        for x, want in zip(found["knn"], (.75, .65, .85)):
            self.assertAlmostEqual(x, want)
        self.assertNear(found["fano"], (0, 0, 0))
        # What an attack's answers prove comes first, the cross entropy before Fano's bound.
        self.assertEqual(verdict.bits(run)[0], "fano")
        run["information"]["cross_entropy"] = {"bits": .42, "low": .3, "high": .5, "bias": .02,
                                               "corrected": .4}
        self.assertNear(verdict.bits(run), ("cross_entropy", (.4, .3, .5)))
        # Fano's, where it proves more; estimates of traces, where there is no attack.
        run["information"]["fano"]["corrected"] = run["information"]["fano"]["high"] = .6
        self.assertEqual(verdict.bits(run)[0], "fano")
        del run["information"]["fano"], run["information"]["cross_entropy"]
        self.assertEqual(verdict.bits(run)[0], "knn")
        self.assertEqual(verdict.bits_text((0, 0, .1)), "< 0.10")
        self.assertEqual(verdict.bits_text((0, 0, .001)), "< 0.01")
        self.assertEqual(verdict.bits_text((.5, .3, .7)), "0.50")

    def test_bits_that_are_mostly_bias(self):
        # a joint density of few visits: 1.7 of 1.9 bits on shuffled labels
        run = {"set": "s", "profile": "off", "information": {
            "entropy": 2, "wefde": {"bits": 1.9, "low": 0, "high": 1.9, "bias": 1.7,
                                    "corrected": 1.8}}}
        self.assertEqual((verdict.information(run), verdict.bits(run)), ({}, None))
        self.assertEqual(verdict.withheld(run)["wefde"],
                         "its bias, 1.70 bits, is more than what is left, 0.20")
        self.assertIn("off: no bits, for of wefde its bias, 1.70 bits,",
                      " ".join(table.text({"runs": [run]}).split()))
        told = jsonform.form({"runs": [run]})["bits"]["s"]["off"]
        self.assertEqual((told["bits"], list(told["not_told"])), (None, ["wefde"]))
        # What is as good as nothing may have a bias as small.
        run["information"]["wefde"] = {"bits": .01, "low": 0, "high": .02, "bias": .01,
                                       "corrected": .0}
        self.assertNear(verdict.bits(run), ("wefde", (0, 0, .02)))

    def test_no_defence_adds_bits(self):
        def run(profile, bits, low, high):
            return {"set": "s", "profile": profile, "information": {"entropy": 6.64, "cross_entropy": {
                "bits": bits, "low": low, "high": high, "bias": 0, "corrected": bits}}}
        result = {"runs": [run("none", 4.38, 4.2, 4.5), run("off", 4.58, 4.3, 4.8),
                           run("standard", 3.73, 3.6, 3.8)]}
        runs = verdict.sets(result)["s"]
        self.assertNear([verdict.bits(r)[1] for r in runs],
                        [(4.38, 4.2, 4.5), (4.38, 4.2, 4.5), (3.73, 3.6, 3.8)])
        text = " ".join(table.text(result).split())
        self.assertIn("4.38* of 6.64", text)
        self.assertIn("off: * by the estimate 4.58 bits, more than undefended packets tell by the "
                      "same, 4.38;", text)
        told = jsonform.form(result)["bits"]["s"]
        self.assertNear((told["off"]["bits"], told["off"]["clipped_from"],
                         told["standard"]["clipped_from"]), (4.38, 4.58, None))

    def test_no_setting_adds_bits(self):
        # of a search of before that was known: 102.8 %
        found = {"limits": {"standard": {"overhead": .3}}, "points": [
            {"tier": t, "name": n, "overhead": .1, "chosen": t is not None, "held_out_bits_share": x}
            for t, n, x in (("standard", "a", .93), (None, "off", 1.028))]}
        text = table.text({"runs": [], "frontier": found})
        self.assertRegex(text, r"off .* 100\.0\*\n\* By the estimate more than undefended packets")
        self.assertNotIn("102.8", text)
        self.assertIn("100.0*", page.html({"runs": [], "frontier": found}))
        found["points"].pop()
        self.assertNotIn("*", table.text({"runs": [], "frontier": found}))

    def test_what_any_attack_names_counts(self):
        # 72 % of 50 classes by RF beside 27 % by k-FP, by whose answers the bounds were
        def bound(bits):
            return {"bits": bits, "low": bits - .1, "high": bits + .1, "bias": 0, "corrected": bits}
        run = {"classes": [str(k) for k in range(50)], "attacks": {
            "kfp": {"accuracy": around(.27)}, "rf": {"accuracy": around(.72)}},
            "information": {"entropy": math.log2(50), "fano": bound(.7),
                            "cross_entropy": bound(1.2)}}
        want = math.log2(50) + .72 * math.log2(.72) + .28 * math.log2(.28) - .28 * math.log2(49)
        name, x = verdict.bits(run)
        self.assertEqual(name, "fano")
        self.assertAlmostEqual(x[0], want)
        self.assertTrue(x[1] < x[0] < x[2])
        # A result that has each attack's own bounds is told by these.
        run["attacks"]["rf"]["bounds"] = {"fano": bound(3.2), "cross_entropy": bound(3.6)}
        self.assertNear(verdict.bits(run), ("cross_entropy", (3.6, 3.5, 3.7)))
        self.assertAlmostEqual(verdict.information(run)["fano"][0], 3.2)


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
