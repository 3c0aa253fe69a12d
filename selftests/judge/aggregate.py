#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Many clients on one link; run by test_aggregate.sh.

Needs RTPL_SIM, the path of rtpl-sim. Prints PASS or FAIL for each thing that it looks at.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
JUDGE = os.path.join(HERE, "../../tools/judge")
sys.path.insert(0, JUDGE)
from rtpl_judge import JudgeError, bins, cache, defend, made, registry, run, traces, workloads	# noqa: E402

TMP = tempfile.mkdtemp(dir=os.environ.get("OUT"))
os.chdir(TMP)


def ok(good, what, why=""):
    print(f"{'PASS' if good else 'FAIL'} {what}")
    if not good and why != "":
        print(f"# {why}")


def refused(what, part, f, *args):
    try:
        f(*args)
        ok(False, f"{what} is refused", "it was taken")
    except JudgeError as e:
        ok(part in str(e), f"{what} is refused: {part}", str(e))


def write(name, text):
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    return name


# ---- the form ----

HEAD = "class,group,visit,seconds,direction,bytes,flow\n"
two = write("two.csv", HEAD + "a,g,1,0.5,1,100,0\na,g,1,-0.25,-1,200,3\nb,h,1,0,1,300,0\n"
            "b,h,1,1,1,60,2\n")
ts = traces.read(two, rebase=True)
v = ts.visits[0]
ok(ts.flows and v.t.tolist() == [-.25, .5] and v.f.tolist() == [3, 0], "flows; seconds stay as they are")
ok(v.preceding == .25 and ts.visits[1].preceding == 0, "what was before the visit")
ok(v.until(.6).t.tolist() == [.5] and v.until(.4).t.tolist() == [], "the observer begins with the visit")
slow = traces.TraceSet("two", traces.read_csv(two), ts.target)
ok(slow.digest() == ts.digest(), "the quick reader and the careful one read the same")
ts.write("again.csv")
ok(traces.read("again.csv").digest() == ts.digest(), "what is written is read again")
other = traces.Visit(*v.key, v.t, v.d, v.b, [3, 1])
ok(traces.TraceSet("two", [other, ts.visits[1]], ts.target).digest() != ts.digest(),
   "other flows are another set")
plain = [traces.Visit(*x.key, x.t, x.d, x.b) for x in ts.visits]
ok(not traces.TraceSet("two", plain).flows, "a set without flows has none")
for bad in "x", "-1", "1000000", "1.5":
    refused(f"flow {bad}", "bad.csv:2: the flow is no number", traces.read,
            write("bad.csv", HEAD + f"a,g,1,0,1,100,{bad}\nb,g,1,0,1,100,0\n"))

# ---- what is drawn ----

few = made.aggregate("inference", 5, 10, 3)
ok(len(few) == 100 and len(few.classes) == 10 and len(set(few.groups)) == 5 and few.flows and
   few.name == "inference-5", "ten visits of ten classes in five groups")
ok(few.digest() == made.aggregate("inference", 5, 10, 3).digest(), "a seed gives the same set")
ok(few.digest() != made.aggregate("inference", 5, 10, 4).digest(), "another another")
before = [v.preceding for v in few.visits]
ok(3.7 < np.mean(before) < 4.6 and max(before) < 5.05, "some four seconds of others' before each",
   (np.mean(before), max(before)))
mine = {c: np.mean([v.b[(v.f == 0) & (v.d == 1) & (v.b > 52)].sum() for v in few.visits if v.cls == c])
        for c in few.classes}
want = {c: workloads.INFERENCE[c][0] + made.HTTP for c in few.classes}
ok(all(.7 < mine[c] / (want[c] * 1500 / 1448 + 52) < 1.6 for c in few.classes),
   "flow 0 is the visit's own request", {c: (round(mine[c]), want[c]) for c in few.classes})
ok(all(abs(v.t[v.f == 0].min()) < .01 for v in few.visits), "which begins at 0 s")
n = np.mean([v.f.max() for v in few.visits])	# 4 others, 8.5 s, one each 1.5 s
ok(abs(n - 4 * 8.5 / 1.5) < 3 * np.sqrt(4 * 8.5 / 1.5 / 100) + .5, "the others come as often as they shall", n)
late = [v.t[(v.f == 0) & (v.d == -1) & (v.b != 52)].min() for v in few.visits if v.cls == "long-document"]
ok(min(late) > made.RTT + .2, "an answer is behind its request and its service", min(late))
refused("another workload", "only of inference", made.aggregate, "web", 5, 10)

# ---- how it is played ----

RATE = write("rate.profile", "[Profile]\nName = rate\nAbout = for a test\n[Schedule]\nKind = constant\n"
             "Rate = 200 cells/s\n[Link]\nLatency = off\nLimit = 60000\n")
# A ladder as it was before: chosen anew by what waits.
LADDER = "[Profile]\nName = %s\nAbout = for a test\n[Schedule]\nKind = ladder\nRates = %s cells/s\n" \
    "First = %s cells/s\nUp = 90 %%\nDown = 70 %%\nEpoch = 1 s\n%s\n[Link]\nLatency = off\nLimit = 60000\n"
STEPS = "60, 75, 93, 116, 145, 181, 226, 282, 352, 440, 550, 687, 858, 1072"
PLAIN = write("plain.profile", LADDER % ("plain", STEPS, 75, ""))
SLOW = write("slow.profile", LADDER % ("slow", STEPS, 75, "Average = 4 s"))

store = cache.Cache("cache")
fair, fifo = defend.Link(fair=True), defend.Link()
ok(fair.options(few)[-2:] == ["--fair", "--react"] and "--react" in fifo.options(few) and
   "--fair" not in fifo.options(few) and "--react" not in fifo.options(),
   "packets of an aggregate react, and share fairly if they shall")
ok(fair.key(few, RATE) != fifo.key(few, RATE), "which is another result")
seen = defend.defend(few, RATE, fair, store)
ok(all(len(v) in range(596, 605) and v.t[0] < .006 and v.t[-1] > 1.49 for v in seen.visits),
   "a constant rate: 300 cells each way in 1.5 s from the visit on, whatever came before",
   sorted({len(v) for v in seen.visits}))
ok(all(abs(x - 1.5) < 1e-9 for x in (defend.watching(few, RATE, fair, store).window, defend.AGGREGATE)),
   "an aggregate is watched for as long as a lone visit of its workload")
none = defend.defend(few, "none", fair, store)
ok(all(v.t.min() >= 0 and v.t.max() <= 1.5 for v in none.visits), "undefended: the same window")

took = {}
for name, link in ("fair", fair), ("fifo", fifo):
    took[name] = defend.costs(few, RATE, link, store)["requests"]
sent = sum(len(np.unique(v.f)) for v in few.visits)
ok(took["fair"]["all"]["count"] == took["fifo"]["all"]["count"] == sent and
   not took["fair"]["unfinished"], "each request is counted", (took["fair"]["all"]["count"], sent))
ok(took["fair"]["small"]["added_ms"]["mean"] < took["fifo"]["small"]["added_ms"]["mean"] / 2,
   "small requests wait less in fair order", {k: x["small"]["added_ms"] for k, x in took.items()})
ok(0 < took["fair"]["all"]["plain_ms"]["mean"] < took["fair"]["all"]["took_ms"]["mean"],
   "and all take longer than without", took["fair"]["all"])

# The ladder by what waits pays for each large request with a rate for it.
cost = {p: run.judge(few, p, fair, [], cache=store, progress=run.Progress(True), measures=False)["costs"]
        for p in (PLAIN, SLOW)}
ok(cost[SLOW]["window_overhead"] < cost[PLAIN]["window_overhead"] - .5,
   "a slow ladder costs much less than one that steps up for a backlog",
   {p: c["window_overhead"] for p, c in cost.items()})
ok(cost[SLOW]["requests"]["all"]["added_ms"]["mean"] > cost[PLAIN]["requests"]["all"]["added_ms"]["mean"],
   "it takes time instead")

# ---- bytes in bins ----

a = bins.Bins()
a.window = .2
x = a.extract([traces.Visit("a", "g", "1", [0, .01, .06, .06, .19, .3], [1, 1, -1, 1, 1, 1],
                            [10, 20, 7, 5, 100, 1000])])[0].tolist()
ok(x[:8] == [0, 7, 0, 0, 0, 7, 7, 7] and x[8:10] == [7, 1], "what came, by hand", x[:11])
ok(x[11:19] == [30, 5, 0, 100, 30, 35, 35, 135] and x[19:21] == [100, 3], "what went, by hand", x[11:])
ok(registry.settings(registry.make("bins", 1.5)) != registry.settings(registry.make("bins", 2)),
   "another window is another result")
long = bins.Bins()
long.window = 1000
ok(long.extract([few.visits[0]]).shape == (1, 2 * (2 * bins.MOST + 3)), "a long window has longer bins")

# ---- the commands ----


def judge(*words, status=0):
    r = subprocess.run([sys.executable, os.path.join(JUDGE, "rtpl-judge"), *words], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True)
    ok(r.returncode == status, f"rtpl-judge {words[0]} ends with {status}", r.stderr[-300:])
    return r


r = judge("make-data", "sets", "--workload", "inference", "--clients", "5", "--visits", "10", "--seed", "3")
ok("sets/inference-5.csv: 100 visits of 10 classes" in r.stdout, "make-data --clients", r.stdout)
ok(traces.read("sets/inference-5.csv", rebase=True).packets == few.packets, "the same set")
r = judge("make-data", "sets", "--clients", "5", status=1)
ok("--clients needs --workload inference" in r.stderr, "clients of no workload", r.stderr)
profile = os.path.join(HERE, "aggregate.profile")
words = ("run", "sets/inference-5.csv", "-p", f"none,{profile}", "--fair", "-a", "volume,bins",
         "--no-measures", "-q", "--repeats", "2", "--cache", "cache")
out = json.loads(judge(*words, "-j").stdout)["runs"]
ok(out[1]["costs"]["requests"]["all"]["count"] == sent and out[1]["cut"] == {"visits": None, "cells": None},
   "requests in the result; nothing is cut off")
ok(out[0]["attacks"]["bins"]["accuracy"]["mean"] > .3 > out[1]["attacks"]["bins"]["accuracy"]["mean"],
   "undefended the visit is found among five clients', behind the profile it is not",
   [r["attacks"]["bins"]["accuracy"]["mean"] for r in out])
text = judge(*words).stdout
ok("requests +ms" in text and "small: p90 +ms" in text and "cut off" not in text, "and in the table", text)
