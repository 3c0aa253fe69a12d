#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The judge's environment: reading traces, splits, defended sets, costs, the cache, the commands.

Needs RTPL_SIM, the path of rtpl-sim. Prints PASS or FAIL for each thing that it looks at.
"""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

JUDGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/judge")
SIM = os.environ["RTPL_SIM"]
sys.path.insert(0, JUDGE)
from rtpl_judge import JudgeError, cache, defend, made, run, space, traces, workloads	# noqa: E402
import results	# noqa: E402

TMP = tempfile.mkdtemp(dir=os.environ.get("OUT"))
os.chdir(TMP)


def ok(good, what, why=""):
    what = what.replace("\n", " ")
    print(f"{'PASS' if good else 'FAIL'} {what}")
    if not good and why != "":
        print(f"# {why}")


def refused(what, part, f, *args, **kw):
    """Does it say what is wrong?"""
    try:
        f(*args, **kw)
        ok(False, f"{what} is refused", "it was taken")
    except JudgeError as e:
        ok(part in str(e), f"{what} is refused: {part}", str(e))


def write(name, text):
    os.makedirs(os.path.dirname(os.path.join(TMP, name)), exist_ok=True)
    with open(name, "w", encoding="utf-8") as f:
        f.write(text)
    return name


# ---- reading ----

HEAD = "class,group,visit,seconds,direction,bytes\n"
two = write("two.csv", HEAD + "a,g,1,0.5,1,100\na,g,1,0.25,-1,200\nb,h,1,0,1,300\n")
ts = traces.read(two)
ok([v.key for v in ts.visits] == [("a", "g", "1"), ("b", "h", "1")], "a collection: its visits")
ok(ts.visits[0].t.tolist() == [.25, .5] and ts.visits[0].b.tolist() == [200, 100],
   "rows are put in order of time")
ok(ts.y.tolist() == [0, 1] and ts.classes == ["a", "b"], "classes are numbered by name")
slow = traces.TraceSet("two", traces.read_csv(two), "a")
ok(slow.digest() == ts.digest(), "the quick reader and the careful one read the same")
ts.write("again.csv")
ok(traces.read("again.csv", target="a").digest() == ts.digest(), "what is written is read again")
write("swapped.csv", "bytes,direction,seconds,visit,group,class\n100,1,0.5,1,g,a\n"
      "200,-1,0.25,1,g,a\n300,1,0,1,h,b\n")
ok(traces.read("swapped.csv").digest() == ts.digest(), "columns may stand in any order")
write("tree/a/g-1.csv", "0.25,-1,200\n0.5,1,100\n")
write("tree/b/h-1.csv", "seconds,direction,bytes\n0,1,300\n")
tree = traces.read("tree")
ok([v.group for v in tree.visits] == ["g", "h"] and tree.visits[0].b.tolist() == [200, 100],
   "a folder of classes: groups are in names of files")

import dpkt	# noqa: E402


def capture(name, rows):
    with open(name, "wb") as f:
        w = dpkt.pcap.Writer(f)
        for t, src, dst, size in rows:
            ip = dpkt.ip.IP(src=bytes(src), dst=bytes(dst), p=17, ttl=64,
                            data=dpkt.udp.UDP(sport=1, dport=2, data=b"x" * (size - 28)))
            ip.data.ulen = size - 20
            ip.len = size
            w.writepkt(bytes(dpkt.ethernet.Ethernet(data=ip)), t)


me, you, other = (192, 0, 2, 1), (192, 0, 2, 2), (192, 0, 2, 3)
os.makedirs("caps/a")
os.makedirs("caps/b")
capture("caps/a/x-1.pcap", [(10, me, you, 100), (10.5, you, me, 200), (10.6, other, you, 90)])
capture("caps/b/y-1.pcap", [(3, you, me, 1000)])
caps = traces.read("caps", client="192.0.2.1")
ok(caps.visits[0].t.tolist() == [0, .5] and caps.visits[0].d.tolist() == [1, -1] and
   caps.visits[0].b.tolist() == [100, 200], "a capture: the client's packets, by IP length")

refused("a capture without --client", "--client", traces.read, "caps")
refused("a capture of nobody", "no packet of", traces.read, "caps", client="192.0.2.9")
refused("no address", "not nobody", traces.read, "caps", client="nobody")
for text, part in (("a,g,1,x,1,1\nb,g,1,0,1,1\n", "bad.csv:2: this is not seconds"),
                   ("a,g,1,0,2,1\nb,g,1,0,1,1\n", "bad.csv:2: the direction is neither"),
                   ("a,g,1,0,1,-5\nb,g,1,0,1,1\n", "no packet has -5 bytes"),
                   ("a,g,1,0,1\nb,g,1,0,1,1\n", "bad.csv:2"),
                   ("a,g,1,0,1,1\n", "one class only"), ("", "no visit")):
    refused(f"a collection with '{text[:12].strip()}'", part, traces.read,
            write("bad.csv", HEAD + text))
# ---- traces of others' programs ----

epoch = write("epoch.csv", HEAD + "a,g,1,1700000000.25,1.0,1400.0\na,g,1,1700000000.5,-1.0,200.\n"
              "b,h,1,1700000009,1,300\n")
since = traces.read(epoch, rebase=True)
ok([v.t.tolist() for v in since.visits] == [[0, .25], [0]] and
   since.visits[0].b.tolist() == [1400, 200] and since.visits[0].d.tolist() == [1, -1],
   "seconds since 1970, and whole numbers with a point")
# The careful reader: columns in another order.
other = write("epoch2.csv", "class,group,visit,direction,seconds,bytes\na,g,1,1.0,1700000000.25,1400.0\n"
              "a,g,1,-1,1700000000.5,2e2\nb,h,1,1,1700000009,300\n")
ok(traces.read(other, rebase=True).digest() == since.digest(), "by the careful reader, too")
for text, part in (("a,g,1,0,1,1400.5\nb,g,1,0,1,1\n", "bad.csv:2: this is not seconds"),
                   ("a,g,1,0,1,1\nb,g,1,0,1,inf\n", "bad.csv:3: this is not seconds"),
                   ("a,g,1,0,1,1\na,g,1,1700000000,1,1\nb,g,1,0,1,1\n",
                    "the visit a/g/1 lasts 1700000000 s")):
    refused(f"a collection with '{text[:20].strip()}'", part, traces.read, write("bad.csv", HEAD + text),
            rebase=True)
records = write("records.csv", HEAD + "a,g,1,0,1,100\na,g,1,0.5,-1,70000\nb,h,1,0,1,5\n")
for where, name in ((3, "records.csv"), (3, "records2.csv")):
    if name == "records2.csv":
        write(name, "group,class,visit,seconds,direction,bytes\ng,a,1,0,1,100\ng,a,1,0.5,-1,70000\n"
              "h,b,1,0,1,5\n")
    refused(f"a record of 70000 bytes, {name}", f"{name}:{where}: an IP packet has 20 to 65535 bytes, "
            "and this has 70000; of records --framing", traces.read, name, sizes=traces.PACKET)
framed = traces.Framing(1448, 52).set(traces.read(records))
ok([v.b.tolist() for v in framed.visits] == [[152] + [1500] * 48 + [70000 - 48 * 1448 + 52], [57]],
   "records are cut into packets")
ok(framed.framing["packets"] == 51 and framed.framing["bytes"] == 51 * 52, "what that adds is told",
   framed.framing)
refused("a file that is not there", "No such file", traces.read, "nothing.csv")
refused("a class that is not there", "there is no class z", traces.read, two, target="z")
write("broken.csv.xz", "this is no xz")
refused("a damaged file", "broken.csv.xz: xz does not unpack it", traces.read, "broken.csv.xz")
with open("noise.csv", "wb") as f:
    f.write(bytes(range(255, -1, -1)))
refused("a file that is no text", "noise.csv: this is not text", traces.read, "noise.csv")

# ---- sets that are made here, splits ----

pages = made.make("pages", classes=4, visits=10)
ok(pages.digest() == made.make("pages", classes=4, visits=10).digest() and
   pages.digest() != made.make("pages", 2, 4, 10).digest(), "made sets follow from their seed")
parts = traces.splits(pages)
ok(len(parts) == 5 and all(not set(pages.groups[a]) & set(pages.groups[b]) and
                           len(set(pages.groups[b])) == 1 for a, b in parts),
   "five groups with every class: each is the test once, and never on both sides")
two_groups = pages.take([i for i, v in enumerate(pages.visits) if v.group in ("day1", "day2")])
parts = traces.splits(two_groups)
ok([two_groups.groups[b[0]] for _, b in parts] == ["day1", "day2", "day1", "day2", "day1"] and
   all(not set(two_groups.groups[a]) & set(two_groups.groups[b]) for a, b in parts),
   "two groups: by turns")
prompts = traces.TraceSet("p", [traces.Visit(v.cls, f"{v.cls}{int(v.visit) % 6}", v.visit, v.t,
                                             v.d, v.b) for v in pages.visits])
parts = traces.splits(prompts)
ok(sorted(np.concatenate([b for _, b in parts]).tolist()) == list(range(len(prompts))) and
   all(not set(prompts.groups[a]) & set(prompts.groups[b]) for a, b in parts),
   "groups of one class each: every visit is tested once, none beside its group")
lone = traces.TraceSet("l", [traces.Visit(v.cls, "", v.visit, v.t, v.d, v.b)
                             for v in pages.visits])
ok(len(set(lone.groups)) == len(lone), "without groups each visit is its own")
ok(abs(lone.ungrouped - 1) < 1e-9 and pages.ungrouped == 0, "and that is told")
refused("one group", "one group only", traces.splits,
        traces.TraceSet("o", [traces.Visit(v.cls, "g", v.visit, v.t, v.d, v.b)
                              for v in pages.visits]))

# ---- defended sets and costs ----

store = cache.Cache(os.path.join(TMP, "cache"))
link = defend.Link(5, rtt=.02)
lonely = traces.TraceSet("lonely", [traces.Visit(c, g, "1", [0, 1], [1, -1], [100, 300])
                                    for c in "ab" for g in "gh"])
fixed = write("fixed.profile", "[Profile]\nName = fixed\nAbout = one size\n\n"
              "[Sizes]\nCell = 1000\n\n[Link]\nLatency = 50 ms\n")
cost = defend.costs(lonely, fixed, link, store)
ok(abs(cost["overhead"] - (2 * 1028 / 400 - 1)) < 1e-9, "a cell for each packet costs a cell",
   cost)
ok(abs(cost["headers"] + cost["padding"] + cost["chaff"] - cost["overhead"]) < 1e-9,
   "padding, chaff and headers are all of it", cost)
ok(cost["delay_ms"]["max"] < 1e-9 and cost["late"] == 0, "nothing waits as it comes")
seen = defend.defend(lonely, fixed, link, store)
ok(all(v.b.tolist() == [1028, 1028] and v.d.tolist() == [1, -1] for v in seen.visits),
   "the observer sees two cells")
ok(all(abs(v.t[0]) < 1e-6 and abs(v.t[1] - 1) < 1e-6 for v in seen.visits),
   "when the packets were there", [v.t.tolist() for v in seen.visits])
rate = defend.defend(lonely, "maximum", link, store)
ok({int(b) for v in rate.visits for b in v.b} == {1260} and
   all(v.t[-1] > 4.99 and v.t[-1] <= 5 and len(v) in range(9990, 10011) for v in rate.visits),
   "a constant rate fills the window, and no more", [len(v) for v in rate.visits])
ok(defend.defend(pages, "none", link, store).visits[0].t[-1] <= 5, "none: no later than the window")
a, b = (defend.defend(pages, "standard", defend.Link(5, seed=s), store) for s in (1, 2))
ok(a.digest() == defend.defend(pages, "standard", defend.Link(5, seed=1),
                               cache.Cache(os.path.join(TMP, "other"))).digest(),
   "the same seed sees the same")
ok(a.digest() != b.digest(), "another seed does not")
twice = defend.defend(pages, "standard", defend.Link(5, copies=2), store)
ok(len(twice) == 80 and all(not set(v.key for v in twice.take(p).visits) &
                            set(v.key for v in twice.take(q).visits)
                            for p, q in traces.splits(twice)),
   "copies of a visit stay on one side")
# The window is of the profile: a shape that delays is not called safe for being late.
free = defend.Link(rtt=.02)
slow = {p: defend.watching(pages, p, free, store).window for p in ("none", "off", "tamaraw")}
ok(slow["none"] == slow["off"] and slow["tamaraw"] > slow["none"] + 2.5,
   "a profile that delays is watched for longer", slow)
ok(defend.watching(pages, "tamaraw", link, store) is link, "a window that was given stays")
lasts = defend.lasting(pages, "tamaraw", free, store)
ok(sum(s <= slow["tamaraw"] for s, _ in lasts.values()) >= .9 * len(pages) and
   sum(s <= slow["none"] for s, _ in lasts.values()) < .9 * len(pages),
   "by its end nine in ten visits have all their data through, and not before")
seen = defend.defend(pages, "tamaraw", free, store)
more = defend.defend(pages, "tamaraw", defend.Link(60, rtt=.02), store)
ok(sum(len(v) == len(w) for v, w in zip(seen.visits, more.visits)) >= .8 * len(pages),
   "and the link is silent, which tells how much it sent",
   [(len(v), len(w)) for v, w in zip(seen.visits, more.visits)][:9])
ok(defend.watching(pages, "maximum", free, store).window == slow["none"],
   "a link that never stops is watched while visits last")
cuts = [defend.cut_off(lasts, defend.defend(pages, "tamaraw", defend.Link(w), store).visits, w)
        for w in (slow["none"], slow["tamaraw"], 700)]
ok(cuts[0]["visits"] > .1 >= cuts[1]["visits"] and cuts[0]["cells"] > cuts[1]["cells"] >= 0 and
   cuts[2] == {"visits": 0, "cells": 0}, "what a window cuts off is told", cuts)
two_ends = {v.key: (float(k), 10) for k, v in enumerate(lonely.visits)}
half = defend.cut_off(two_ends, [traces.Visit(*v.key, [0] * 4, [1] * 4, [1] * 4)
                                 for v in lonely.visits], 1.5)
ok(abs(half["visits"] - .5) < 1e-9 and abs(half["cells"] - 12 / 40) < 1e-9,
   "of four visits two end later: half of them, and their six cells each", half)
wide = defend.lasting(pages, "palette-2", free, store)
ok(defend.watching(pages, "palette-2", free, store).window >= slow["none"] and
   len(wide) == len(pages), "Palette, too, is watched to its own end")

# 200 packets at once on a link that takes 40 of them within its latency: the rest is dropped.
burst = traces.TraceSet("burst", [traces.Visit(c, g, "1", [0] * 200, [1] * 200, [1400] * 200)
                                  for c in "ab" for g in "gh"])
cost = defend.costs(burst, "maximum", link, store)
ok(.5 < cost["late"] < .9 and abs(cost["dropped_bytes"] - cost["late"]) < 1e-9 and
   cost["delay_ms"]["p50"] == cost["delay_ms"]["max"] == cost["delay_ms"]["p99"],
   "packets that are dropped waited longest", cost)
wire = sum(v.b.sum() for v in defend.defend(burst, "maximum", link, store).visits) / 4
judged = run.judge(burst, "maximum", link, [], 2, 1, store, run.Progress(True), measures=False)
ok(abs(judged["costs"]["window_overhead"] - (wire / 280000 / (1 - cost["late"]) - 1)) < 1e-3,
   "bytes are over those that were not dropped, in the window, too", judged["costs"])
down = cost["directions"]["down"]
ok(down["chaff"] is None and down["overhead"] is None and down["chaff_bytes"] > 10000,
   "chaff where there is no packet is no share of anything, but has bytes", down)
write("late/a/1.csv", "100000.5,1,100\n100001,-1,200\n")
write("late/b/1.csv", "5,1,100\n")
late = traces.read("late", rebase=True)
ok(late.visits[0].t.tolist() == [0, .5] and late.visits[1].t.tolist() == [0],
   "seconds count from a visit's first packet", [v.t.tolist() for v in late.visits])
write("twins/a/g-1.x.csv", "0,1,1\n")
write("twins/a/g-1.y.csv", "0,1,2\n")
write("twins/b/g-1.csv", "0,1,3\n")
ok([v.visit for v in traces.read("twins").visits] == ["g-1.x", "g-1.y", "g-1"],
   "only known endings are no part of a name")
write("twins/a/g-1.x.csv.xz", "")
os.unlink("twins/a/g-1.x.csv.xz")
import lzma	# noqa: E402
with lzma.open("twins/a/g-1.x.csv.xz", "wt") as f:
    f.write("0,1,1\n")
refused("a visit that is there twice", "is there twice", traces.read, "twins")
refused("a name with a comma", "comma", traces.TraceSet("c", [traces.Visit(
    "a,b", "", "1", [0], [1], [1])]).write, "comma.csv")
rare = pages.take([i for i, v in enumerate(pages.visits) if v.cls != "pages01"] +
                  [i for i, v in enumerate(pages.visits) if v.cls == "pages01"][:4])
seven = defend.thin(rare, 17, 1)
ok(np.bincount(seven.y).tolist()[0] in (1, 2, 3) and np.bincount(seven.y)[1:].min() >= 4,
   "thinned: rare classes stay rare", np.bincount(seven.y))
refused("too few of a class", "too few for 5 splits", traces.splits, traces.TraceSet(
    "f", [traces.Visit(v.cls, "", v.visit, v.t, v.d, v.b) for v in rare.visits]))
few = defend.thin(pages, 20, 1)
ok(np.bincount(few.y).tolist() == [5] * 4 and
   all((few.groups == g).sum() == 4 for g in set(few.groups)), "thinned: classes and groups alike")
ok(len(defend.defend(pages, "maximum", link, store, most=200000)) <= 40 and
   defend.defend(pages, "maximum", link, store, most=450000).packets <= 450000,
   "too many cells: fewer visits")
refused("a profile that is not there", "no profile", defend.costs, pages, "nonsense", link, store)

# ---- the cache ----

calls = []


def make():
    calls.append(1)
    return np.arange(5)


ok(all(store.array("t", {"a": 1}, make).tolist() == [0, 1, 2, 3, 4] for _ in range(3)) and
   len(calls) == 1, "what is in the cache is not made again")
store.array("t", {"a": 2}, make)
ok(len(calls) == 2, "another key is another result")
path = store.path("t", {"a": 1}, "npy")
with open(path, "r+b") as f:
    f.truncate(40)
ok(store.array("t", {"a": 1}, make).tolist() == [0, 1, 2, 3, 4], "a damaged result is made again")
small = cache.Cache(os.path.join(TMP, "small"), most=2000)
for k in range(10):
    small.array("t", {"k": k}, lambda: np.zeros(100))
ok(sum(e.stat().st_size for e in os.scandir(small.folder)) <= 2000, "the oldest go")

from rtpl_judge import registry	# noqa: E402
settings = registry.settings(registry.make("volume", 5))["source"]
registry.source.cache_clear()
version, np.__version__ = np.__version__, "0.1"
ok(registry.settings(registry.make("volume", 5))["source"] != settings,
   "another version of a library is another key")
np.__version__ = version
registry.source.cache_clear()
ok(registry.settings(registry.make("volume", 5))["source"] == settings, "the same is the same key")

# ---- progress ----

said = subprocess.run([sys.executable, "-c", "import sys, time; sys.path.insert(0, sys.argv[1])\n"
                       "from rtpl_judge.run import Progress\np = Progress()\np.tty = True\n"
                       "p.step('work')\ntime.sleep(3.5)\np.end()", JUDGE],
                      stderr=subprocess.PIPE, text=True).stderr
ok(said.count("work") >= 3, "progress moves while nothing is told", said)

# ---- points of a search are profiles ----

r = np.random.default_rng(1)
bad = []
for i in range(60):
    p = space.draw(r)
    p = space.change(r, p) if i % 2 else p
    write("point.profile", space.text(p, "point", "of a search"))
    said = subprocess.run([SIM, "-p", "./point.profile", "-"], stdin=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True).stderr
    if "no packet" not in said:
        bad.append(said.strip())
ok(len(bad) <= 3, "points are profiles (a schedule slower than its budget may not be)", bad[:3])

# ---- the commands ----


def judge(*words, status=0):
    r = subprocess.run([sys.executable, os.path.join(JUDGE, "rtpl-judge"), *words],
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if r.returncode != status:
        ok(False, f"rtpl-judge {' '.join(words)[:60]}: status {status}",
           f"{r.returncode}: {r.stderr[-300:]}")
    return r


pages.write("pages.csv")
common = ["--cache", "cache", "-q", "-j", "--repeats", "3", "-a", "volume,kfp"]
one = judge("run", *common, "--shuffled", "-p", "none,maximum", "--out", "out", "pages.csv")
result = json.loads(one.stdout)
runs = {x["profile"]: x for x in result["runs"]}
ok(list(runs) == ["none", "maximum"], "run: a run for each profile")
ok(runs["none"]["attacks"]["kfp"]["accuracy"]["mean"] > .8,
   "pages are told apart undefended", runs["none"]["attacks"]["kfp"]["accuracy"])
ok(runs["none"]["splits"] == runs["maximum"]["splits"], "both are tested on the same splits")
ok(abs(runs["none"]["attacks"]["kfp"]["p"] - 1e-4) < 1e-6 and
   runs["maximum"]["attacks"]["kfp"]["p"] > .001, "p of guessing as well",
   [x["attacks"]["kfp"]["p"] for x in runs.values()])
ok(runs["maximum"]["attacks"]["kfp"]["accuracy"]["mean"] < .45 and
   runs["maximum"]["attacks"]["volume"]["accuracy"]["mean"] < .45,
   "and not at a constant rate", runs["maximum"]["attacks"]["kfp"]["accuracy"])
mix = [runs["none"]["attacks"][a]["shuffled"]["mean"] for a in ("kfp", "volume")]
ok(max(mix) < .55, "shuffled labels are not learned", mix)
ok(all(set(x["cut"]) == {"visits", "cells"} and 0 <= x["cut"]["visits"] <= .1 for x in runs.values()),
   "what was cut off is in the result", [x["cut"] for x in runs.values()])
cost = runs["maximum"]["costs"]
ok(cost["window_overhead"] > 3 and runs["none"]["costs"]["window_overhead"] is None and
   abs(cost["wire_bytes_per_visit"] / runs["none"]["costs"]["wire_bytes_per_visit"] - 1 -
       cost["window_overhead"]) < 1e-3, "the overhead of the window is that of its bytes", cost)
ok(all(0 <= a["bounds"][b]["corrected"] <= 2.001 for x in runs.values()
       for a in x["attacks"].values() for b in ("fano", "cross_entropy")) and
   runs["none"]["attacks"]["kfp"]["bounds"]["cross_entropy"]["bits"] > 1,
   "each attack has the bounds that its answers prove")
ok(runs["none"]["attacks"]["kfp"]["confusion"] and
   sum(map(sum, runs["none"]["attacks"]["kfp"]["confusion"])) > 0, "there is a confusion matrix")
again = json.loads(judge("run", *common, "--shuffled", "-p", "none,maximum", "--out", "out",
                         "pages.csv").stdout)
for x in result, again:
    x.pop("seconds")
    for y in x["runs"]:
        for z in y["attacks"].values():
            z.pop("seconds")
why = results.apart(result, again)
ok(not why, "the same command gives the same result", why)
# One of the two is enough: nothing of one run goes into another.
fresh = json.loads(judge("run", *common[:1], "cache2", *common[2:], "--shuffled",
                         "-p", "maximum", "--out", "out2", "pages.csv").stdout)["runs"]
for y in fresh:
    for z in y["attacks"].values():
        z.pop("seconds")
why = results.apart(fresh, again["runs"][1:])
ok(not why, "without the cache, too", why)
with open("out/page.html", encoding="utf-8") as f:
    page = f.read()
ok(all(f"{w}" in page for w in ("maximum", "k-fingerprint")) and "http://" not in
   page.replace("http://www.w3.org/", ""), "the page stands alone")
seen = json.loads(judge("seen", *common, "-a", "kfp", "--no-measures", "pages.csv").stdout)
ok(abs(seen["runs"][0]["attacks"]["kfp"]["accuracy"]["mean"] -
       runs["none"]["attacks"]["kfp"]["accuracy"]["mean"]) < 1e-9,
   "seen: as none")
short = json.loads(judge("seen", *common, "-a", "volume", "--no-measures", "--window", "400ms",
                         "pages.csv").stdout)["runs"][0]
ends = np.array([v.seconds for v in pages.visits])
ok(abs(short["cut"]["visits"] - (ends > .4).mean()) < 1e-5 and short["cut"]["cells"] > 0,
   "seen: what a window of one's own cuts off", short["cut"])
lone.write("lone.csv")
said = judge("seen", *common, "-a", "volume", "--no-measures", "lone.csv")
ok("lone.csv: 100 % of visits have no group" in said.stderr and
   json.loads(said.stdout)["runs"][0]["ungrouped"] == 1, "a set without groups warns", said.stderr)
# An acknowledgement of the client's packets crossed the link twice: none is there before.
for ts in made.make("inference", visits=3), made.planned("inference", 2):
    early = 0
    for v in ts.visits:
        full, acks = v.t[(v.d == 1) & (v.b == made.MTU)], v.t[(v.d == -1) & (v.b == made.HEAD)]
        early += (acks < (full[0] if len(full) else 0) + made.RTT).sum()
    ok(early == 0, f"{ts.name}: no acknowledgement before what it acknowledges", early)

eight = made.make("pages", classes=8, visits=10)
eight.write("eight.csv")
opened = json.loads(judge("seen", *common, "-a", "kfp", "--no-measures", "--open", "3",
                          "eight.csv").stdout)["runs"][0]["attacks"]["kfp"]["open"]
ok(0 < opened["tpr"]["mean"] <= 1 and 1 >= opened["precision_at"]["20"]["mean"] >
   opened["precision_at"]["1000"]["mean"] > 0, "the open world at base rates of 1:20 and 1:1000",
   opened["precision_at"])
uneven = made.make("pages", classes=3, visits=40).take(
    [i for i in range(120) if i < 40 or i % 4 == 0])
uneven.write("uneven.csv")
said = json.loads(judge("seen", *common, "-a", "volume", "--no-measures", "--shuffled",
                        "uneven.csv").stdout)["runs"][0]["attacks"]["volume"]
ok(said["balanced"]["mean"] <= 1 and abs(said["shuffled"]["mean"] - 1 / 3) < .25,
   "classes that are not equally frequent: balanced accuracy", said)
ok("balanced" not in runs["none"]["attacks"]["kfp"], "and of those that are none")
text = judge("page", "out/result.json", "--out", "out3").stdout
ok("cut off %" in text, "the table says what was cut off")
ok("maximum" in text and os.path.exists("out3/page.html"), "page: of a result that is there")
found = json.loads(judge("frontier", "--cache", "cache", "-q", "-j", "--tiers", "standard",
                         "--limit", "standard:200%:60ms:60ms", "--first", "6", "--generations", "1",
                         "--size", "4", "--each", "40", "--beside", "off", "--jobs", "1",
                         "--out", "found", "pages.csv").stdout)["frontier"]
best = [p for p in found["points"] if p.get("chosen")]
ok(len(best) == 1 and best[0]["overheads"][0] <= 2 and "held_out_accuracy" in best[0],
   "frontier: finds a point within the limits, and holds it out", best)
ok(best[0]["accuracy"] <= min(p["accuracy"] for p in found["points"] if p["ok"] and "point" in p
                              and p["point"]) + .15, "which is the best of those it looked at")
ok(subprocess.run([SIM, "-p", "found/standard.profile", "-j", "pages.csv"],
                  stdout=subprocess.DEVNULL).returncode == 0, "and is a profile")
write("foreign.csv", "".join([HEAD, *(f"{c},{g},{i},{1700000000 + t},{d},{b}\n" for c, b in (
    ("a", 5.0), ("b", 90000.0)) for g in "gh" for i in range(5) for t, d in ((0, 1), (.5, -1)))]))
r = judge("run", "-q", "--cache", "cache", "-a", "volume", "--no-measures", "--repeats", "2",
          "-p", "none,off", "--framing", "1448:52", "foreign.csv")
ok("framing is " in r.stdout and "40 packets" not in r.stderr and
   "40 records are 1280 packets; framing adds 66560 bytes" in r.stderr, "run: records are framed",
   r.stdout[:300] + r.stderr[-300:])
ok("bound %" in r.stdout, "run: with the bound beside it", r.stdout[:300])
r = judge("run", "-q", "--cache", "cache", "-a", "volume", "--no-measures", "--repeats", "2",
          "-p", "none", "--framing", "1448:52", "--no-bound", "foreign.csv")
ok("bound" not in r.stdout, "or without", r.stdout[:300])
told = json.loads(judge("make-data", "-j", "--workload", "federated", "--visits", "5", "fed").stdout)["sets"]
ok(told == [{"file": "fed/federated.csv", "visits": 50, "classes": 10, "packets": told[0]["packets"]}],
   "make-data -j", told)
ok(judge("run", "-q", "--cache", "cache", "-a", "volume, kfp", "--no-measures", "--no-bound", "--repeats", "2",
         "--rtt", "0", "-p", "none", "pages.csv").stdout, "a time of 0 has no unit; blanks between names")
for word in "run", "seen", "fit", "live":
    said = judge(word, "-h").stdout
    ok(all(n in said.replace(",", " ").split() for n in ("rfbursts", "ensemble")),
       f"rtpl-judge {word} -h breaks no attack's name in two", said)
# What the man page says of workloads is what there is.
with open(os.path.join(JUDGE, "../../Documentation/man/rtpl-judge.1"), encoding="utf-8") as f:
    live_part = f.read().split("Workloads:")[1].split(".Ss")[0]
ok(all(name in live_part.replace(",", " ").split() for name in workloads.WORKLOADS),
   "rtpl-judge(1) has all workloads", live_part)
# On a file: what is new is told soon, what only counts on is not; each step has its share.
lines = []
class Told:	# noqa: E302
    def step(self, head, fraction=0.0):
        lines.append((head, fraction))

    def __call__(self, fraction, text=""):
        lines.append((text, fraction))


shares = run.Shares(Told(), [3, 1])
shares.step("a")
shares(.5, "half")
shares.step("b")
shares(1, "all")
shares.step("too many")
ok(lines == [("a", 0), ("half", .375), ("b", .75), ("all", 1), ("too many", .75)], "each step has its share", lines)
# What nothing is tuned to.
judge("make-data", "--unseen", "--visits", "20", ".")
held = traces.read("unseen.csv")
ok(len(held.classes) == 10 and len(held) == 200 and traces.crossed(held), "make-data --unseen", len(held))
ok(not set(held.classes) & set(workloads.INFERENCE) and
   {made.KINDS_UNSEEN[c][0] for c in held.classes}.isdisjoint(
       {x[0] for x in workloads.INFERENCE.values()}), "other kinds, of other sizes")
for words in (["frontier", "-q", "--out", "never", "unseen.csv"], ["fit", "-q", "unseen.csv"],
              ["frontier", "-q", "--out", "never", "pages.csv", "unseen.csv"]):
    said = judge(*words, status=1).stderr
    ok("held out of every search and fit" in said, f"rtpl-judge {' '.join(words)}: refused", said[-200:])
ok(not os.path.exists("never/points"), "and nothing was tried")
ok("strongest %" in judge("run", "-q", "--cache", "cache", "-a", "volume", "--no-measures", "--no-bound",
                          "--repeats", "2", "-p", "none", "unseen.csv").stdout, "run takes it")
ok("workload of its own" in judge("make-data", "--unseen", "--workload", "web", ".", status=1).stderr,
   "make-data --unseen --workload")
bad_visit = traces.TraceSet("sim", [traces.Visit(c, g, "1", [0, 1], [1, -1], [100, 7 if c == "b" else 99])
                                    for c in "ab" for g in "gh"])
refused("what the simulator refuses names the visit", "sim: visit b/g/1, packet 2: a packet has 20",
        defend.costs, bad_visit, "off", link, store)
for words, part in ((["run", "-a", "magic", "pages.csv"], "there is no attack magic"),
                    (["run", "-p", "nonsense", "pages.csv"], 'no profile "nonsense"'),
                    (["run", "nothing.csv"], "nothing.csv: is not there"),
                    (["run", "records.csv"], "records.csv:3: an IP packet has 20 to 65535"),
                    (["frontier", "--tiers", "best", "pages.csv"], "there is no tier best"),
                    (["page", "pages.csv"], "pages.csv: this is not a result.json"),
                    (["page", "noise.csv"], "noise.csv: this is not text, as a result.json is"),
                    (["page", "nothing.json"], "nothing.json: cannot be read: No such file"),
                    (["live", "--clients", "10", "inference", "token"], "--clients: with the workload inference only"),
                    (["make-data", "--workload", "token", "--clients", "10", "nowhere"],
                     "--clients: with the workload inference only, not token"),
                    (["make-data", "--workload", "nonsense", "nowhere"], "no workload nonsense; there are inference"),
                    (["make-data", "--workload", "asked", "nowhere"], "make-data has no workload asked"),
                    (["frontier", "--beside", "none", "pages.csv"], "none is no profile"),
                    (["run", "-p", "off,./off.profile", "pages.csv"], "off is named twice"),
                    (["run", "-a", "volume", "--open", "3", "pages.csv"], "--open 3"),
                    (["run", "pages.csv", "found/../pages.csv"], "another set named pages"),
                    (["run", "--out", "pages.csv/x", "pages.csv"], "Not a directory")):
    said = judge(*words, status=1).stderr
    ok(part in said, f"rtpl-judge {' '.join(words)}: {part}", said[-200:])
for words, part in ((["run", "--rtt", "fast", "pages.csv"], "not a time"),
                    (["run", "--window", "0s", "pages.csv"], "longer than no time"),
                    (["seen", "-p", "off", "pages.csv"], "rtpl-judge seen: error: unrecognized arguments: -p"),
                    (["seen", "-p", "off", "pages.csv"], "usage: rtpl-judge seen "),
                    (["run", "--rtt", "20", "pages.csv"], "--rtt: 20 has no unit (such as 20ms)"),
                    (["run", "--window", "1.5", "pages.csv"], "--window: 1.5 has no unit"),
                    (["live", "--rtt", "20", "web"], "--rtt: 20 has no unit"),
                    (["bound", "--delay", "50", "pages.csv"], "--delay: 50 has no unit"),
                    (["fit", "--delay", "50", "pages.csv"], "--delay: 50 has no unit"),
                    (["capture", "--rest", "1"], "--rest: 1 has no unit"),
                    (["run", "--framing", "1448", "pages.csv"], "not bytes of payload"),
                    (["run", "--repeats", "1", "pages.csv"], "not a number from 2"),
                    (["frontier", "--limit", "standard", "pages.csv"], "not a limit")):
    said = judge(*words, status=2).stderr
    ok(part in said, f"rtpl-judge {' '.join(words)}: {part}", said[-200:])
ok(not os.path.exists("nowhere"), "make-data: what is refused makes no folder")
print("# all of it was run")
