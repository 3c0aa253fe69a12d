#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Which profiles are worth their cost: verdicts and bits, of made-up results."""
import math
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tools", "judge"))
from rtpl_judge import jsonform, page, table, verdict	# noqa: E402
import results  # noqa: E402
from made_up import around, small	# noqa: E402


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
        said = " ".join(table.text({"runs": [off, front]}).split())
        self.assertIn("No profile was judged.", said)
        self.assertIn("with -a kfp,rf judges them", said)
        self.assertNotIn("judges them", table.text({"runs": [off]}))
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


if __name__ == "__main__":
    results.main()
