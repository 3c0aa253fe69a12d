# SPDX-License-Identifier: GPL-2.0
"""The words of rtpl-judge(1)."""
import argparse
import json
import os
import re
import shlex
import signal
import sys
import time

from . import JudgeError, VERSION, anchors, capture, jsonform, registry, table, workloads
from .cache import Cache

PROFILES = "none,off,standard,enhanced,maximum"
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "": 1.0}
LONG = 60			# seconds of a visit of which times in ms are thought
SHARE = re.compile(r"\d{1,6}(\.\d+)?%?")	# per cent
RATES = {"kbit": 1e3, "mbit": 1e6, "gbit": 1e9}


ATTACKS = (f"of {', '.join(registry.NAMES)} (between commas); quick: {', '.join(registry.QUICK)}; "
           "all (quick)")


class Word(argparse.ArgumentParser):
    """Of a word: what it does not know it says with its own usage."""

    def parse_known_args(self, args=None, namespace=None):
        out, more = super().parse_known_args(args, namespace)
        if more:
            self.error(f"unrecognized arguments: {' '.join(more)}")
        return out, more


def seconds(word):
    m = re.fullmatch(r"(\d+(?:\.\d+)?)(us|ms|s|)", word)
    if not m or float(m[1]) * UNITS[m[2]] > 1e5:
        raise argparse.ArgumentTypeError(f"not a time such as 40ms: {word}")
    if not m[2] and float(m[1]):
        raise argparse.ArgumentTypeError(f"{word} has no unit (such as 20ms)")
    return float(m[1]) * UNITS[m[2]]


def some_seconds(word):
    if not seconds(word):
        raise argparse.ArgumentTypeError(f"longer than no time: {word}")
    return seconds(word)


def rate(word):
    m = re.fullmatch(r"(\d+(?:\.\d+)?)(kbit|mbit|gbit)", word)
    if not m or not float(m[1]):
        raise argparse.ArgumentTypeError(f"not a rate such as 10mbit: {word}")
    return float(m[1]) * RATES[m[2]]


def framing(word):
    from .traces import PACKET, Framing
    m = re.fullmatch(r"(\d{1,5}):(\d{1,5})", word)
    if not m or not int(m[1]) or int(m[2]) < PACKET[0] or int(m[1]) + int(m[2]) > PACKET[1]:
        raise argparse.ArgumentTypeError(f"not bytes of payload and of headers, as 1448:52: {word}")
    return Framing(int(m[1]), int(m[2]))


def limit(word):
    number = r"(\d+(?:\.\d+)?)"
    m = re.fullmatch(rf"([a-z0-9-]+):{number}%:{number}ms(?::{number}ms)?", word)
    if not m:
        raise argparse.ArgumentTypeError(
            f"not a limit such as standard:30%:50ms or standard:30%:50ms:3.7ms: {word}")
    out = {"overhead": float(m[2]) / 100, "delay_p99_ms": float(m[3])}
    return m[1], {**out, "mean_ms": float(m[4])} if m[4] else out


def prices(word):
    parts = words(word)
    if not parts or not all(SHARE.fullmatch(w) for w in parts):
        raise argparse.ArgumentTypeError(f"not shares of bytes such as 0,10,30: {word}")
    return tuple(sorted({float(w.removesuffix("%")) / 100 for w in parts}))


def price(word):
    if not SHARE.fullmatch(word):
        raise argparse.ArgumentTypeError(f"not one share of bytes, such as 30: {word}")
    return float(word.removesuffix("%")) / 100


def whole(least, most):
    def check(word):
        if not re.fullmatch(r"\d{1,9}", word) or not least <= int(word) <= most:
            raise argparse.ArgumentTypeError(f"not a number from {least} to {most}: {word}")
        return int(word)
    return check


def words(text):
    return [w.strip() for w in text.split(",") if w.strip()]


def attacks_of(text):
    names = {"all": registry.NAMES, "quick": registry.QUICK}.get(text) or words(text)
    for name in names:
        if name not in registry.NAMES:
            raise JudgeError(f"--attacks: there is no attack {name}; there are "
                             f"{', '.join(registry.NAMES)}, and quick and all for several")
    return names


def profiles_of(text):
    from .defend import PALETTE, simulator
    import subprocess
    from .run import profile_name
    out = words(text)
    names = [profile_name(p) for p in out]
    for name in names:
        if names.count(name) > 1:
            raise JudgeError(f"--profiles: {name} is named twice")
    for p in out:
        if p == "none" or PALETTE.match(p):
            continue
        r = subprocess.run([simulator(), "--profile", p, "-"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        # Without traces that is an error of its own; one about the profile names it.
        if "profile" in r.stderr:
            raise JudgeError(f"--profiles: {r.stderr.strip().splitlines()[-1].split(': ', 2)[-1]}")
    return out


def settings(p):
    p.add_argument("-a", "--attacks", default="quick", metavar="NAMES",
                   help=ATTACKS)
    p.add_argument("--repeats", type=whole(2, 50), default=5, help="splits (5)")
    p.add_argument("--seed", type=whole(0, 10**9), default=1, help="of all chance (1)")
    p.add_argument("--shuffled", action="store_true",
                   help="each attack with shuffled labels, too (run: on `none`): must be at chance")
    p.add_argument("--open", type=whole(1, 10**6), default=0, metavar="N", dest="opened",
                   help="open world, too: N classes are looked for among the others")
    p.add_argument("--no-measures", action="store_true", help="attacks and costs only")


def common(p):
    p.add_argument("-j", "--json", action="store_true", help="the result as one JSON object")
    p.add_argument("-q", "--quiet", action="store_true", help="no progress")
    p.add_argument("--out", metavar="DIR", help="write result.json and page.html there")
    p.add_argument("--cache", metavar="DIR", help="where results are kept by their content")


def unbounded(p):
    p.add_argument("--no-bound", action="store_true",
                   help="without the least that any scheme leaves at each profile's price")


def played(p):
    """What is about the simulator."""
    p.add_argument("--rtt", type=seconds, default=.04, metavar="TIME", help="of the path (40ms)")
    p.add_argument("--link-rate", type=rate, metavar="RATE", help="of its narrowest place (any)")
    p.add_argument("--header-bytes", type=whole(0, 1000), default=0, metavar="N",
                   help="what each packet has besides, as 40 for records of TLS")
    p.add_argument("--copies", type=whole(1, 20), default=1, metavar="N",
                   help="how often each visit is played, with other chance (1)")
    p.add_argument("--fair", action="store_true",
                   help="flows share the link fairly, as the class's fq_codel has it")
    p.add_argument("--react", action="store_true",
                   help="packets wait for what they answer or acknowledge, as TCP's do")


def records(p):
    p.add_argument("--framing", type=framing, metavar="PAYLOAD:HEADER",
                   help="rows are records: cut them into packets, as 1448:52 for TCP")


def inputs(p):
    p.add_argument("data", nargs="+", metavar="DATA",
                   help="a collection (.csv, .csv.xz), a folder of classes, or a folder of "
                        "collections")
    p.add_argument("--window", type=some_seconds, metavar="TIME",
                   help="how long an observer watches each visit (until nine in ten are over, as "
                        "the profile delays them)")
    p.add_argument("--visits", type=whole(10, 10**6), metavar="N", help="no more than N of a set")
    p.add_argument("--target", metavar="CLASS", help="whom the attacker looks for")
    p.add_argument("--client", metavar="ADDRESS", help="the protected host in captures")
    records(p)


def parser():
    p = argparse.ArgumentParser(
        prog="rtpl-judge", description="What can be learned from what an observer of a link sees.",
        epilog="rtpl-judge(1) has the rest.")
    p.add_argument("--version", action="version", version=f"rtpl-judge {VERSION}")
    sub = p.add_subparsers(dest="word", metavar="WORD", required=True, parser_class=Word)
    c = sub.add_parser("run", help="attacks and measures on sets, through profiles")
    inputs(c)
    played(c)
    c.add_argument("-p", "--profiles", default=PROFILES, metavar="NAMES",
                   help=f"profiles or files, and none for packets as they are ({PROFILES})")
    settings(c)
    unbounded(c)
    common(c)
    c = sub.add_parser("seen", help="the same on what an observer saw: no simulator")
    inputs(c)
    settings(c)
    common(c)
    c = sub.add_parser("frontier", help="search the settings that give least away at a price")
    inputs(c)
    played(c)
    c.add_argument("--tiers", default="standard,enhanced,maximum", metavar="NAMES",
                   help="what is searched (standard,enhanced,maximum)")
    c.add_argument("--limit", action="append", default=[], type=limit,
                   metavar="TIER:BYTES:P99[:MEAN]",
                   help="as standard:30%%:50ms:3.7ms: most bytes more, most delay of 99 packets "
                        "in 100, most mean delay")
    c.add_argument("--beside", default="off,standard,enhanced", metavar="NAMES",
                   help="profiles to stand beside (off,standard,enhanced)")
    c.add_argument("--first", type=whole(4, 10**5), default=48, help="points by chance (48)")
    c.add_argument("--generations", type=whole(0, 100), default=4, help="after them (4)")
    c.add_argument("--size", type=whole(4, 10**5), default=24, help="of a generation (24)")
    c.add_argument("--each", type=whole(20, 10**6), default=600, metavar="N",
                   help="visits of each half of a set at most (600)")
    c.add_argument("--jobs", type=whole(1, 1024), help="processes (as many as processors)")
    unbounded(c)
    c.add_argument("--seed", type=whole(0, 10**9), default=1, help="of all chance (1)")
    common(c)
    c = sub.add_parser("bound", help="the least that any padding and cover can leave, by price")
    c.add_argument("data", nargs="+", metavar="SET",
                   help="a collection (.csv, .csv.xz), a folder of classes, or of collections")
    c.add_argument("--bytes", type=prices, default=(0, .1, .3, .5, 1, 2, 4), metavar="PERCENT,...",
                   help="additional bytes (0,10,30,50,100,200,400)")
    c.add_argument("--delay", type=some_seconds, default=.05, metavar="TIME",
                   help="how long a packet may wait: a slot of cover (50ms)")
    c.add_argument("--cell", type=whole(20, 65535), default=900, metavar="N",
                   help="bytes of a cell of cover (900)")
    c.add_argument("--tables", metavar="FILE", help="write the optimum's tables there, as JSON")
    c.add_argument("--visits", type=whole(10, 10**6), metavar="N", help="no more than N of a set")
    c.add_argument("--client", metavar="ADDRESS", help="the protected host in captures")
    records(c)
    c.add_argument("--seed", type=whole(0, 10**9), default=1, help="of all chance (1)")
    c.add_argument("-j", "--json", action="store_true", help="the result as one JSON object")
    c.add_argument("-q", "--quiet", action="store_true", help="no progress")
    c.set_defaults(target=None)
    c = sub.add_parser("fit", help="make a profile for traffic like this")
    c.add_argument("data", nargs="*", metavar="SET", help="a collection (.csv, .csv.xz), or a folder "
                   "of classes")
    c.add_argument("--unfitted", action="store_true",
                   help="for traffic that nothing is known of: no SET")
    c.add_argument("--bytes", type=price, default=.3, metavar="PERCENT",
                   help="additional bytes, at most (30)")
    c.add_argument("--delay", type=some_seconds, default=.05, metavar="TIME",
                   help="length of a slot: how long an answer waits, at most (50ms)")
    c.add_argument("--rtt", type=seconds, default=.02, metavar="TIME", help="of the path (20ms)")
    c.add_argument("--out", metavar="NAME.profile", default="fitted.profile",
                   help="write the profile there (fitted.profile)")
    c.add_argument("-a", "--attacks", default="quick", metavar="NAMES",
                   help=ATTACKS)
    c.add_argument("--visits", type=whole(20, 10**6), metavar="N", help="no more than N of the set")
    c.add_argument("--client", metavar="ADDRESS", help="the protected host in captures")
    c.add_argument("--cache", metavar="DIR", help="where results are kept by their content")
    records(c)
    c.add_argument("--repeats", type=whole(2, 50), default=5, help="splits (5)")
    c.add_argument("--seed", type=whole(0, 10**9), default=1, help="of all chance (1)")
    c.add_argument("-j", "--json", action="store_true", help="the report as one JSON object")
    c.add_argument("-q", "--quiet", action="store_true", help="no progress")
    c.set_defaults(target=None)
    c = sub.add_parser("live", help="real programs through the kernel module, on test machines")
    c.add_argument("workloads", nargs="+", metavar="WORKLOAD",
                   help=", ".join(workloads.WORKLOADS))
    c.add_argument("-p", "--profiles", default="none,off,standard,maximum", metavar="NAMES",
                   help="profiles or files (none,off,standard,maximum)")
    c.add_argument("-a", "--attacks", default="quick", metavar="NAMES",
                   help=ATTACKS)
    c.add_argument("--visits", type=whole(5, 10**5), default=30, metavar="N",
                   help="of each class (30)")
    c.add_argument("--kernel", default="uml", metavar="NAME",
                   help="uml: virtual time (the default); 6.1, 6.12: stock kernels")
    c.add_argument("--rtt", type=seconds, default=.02, metavar="TIME", help="of the path (20ms)")
    c.add_argument("--repeats", type=whole(2, 50), default=5, help="splits (5)")
    c.add_argument("--seed", type=whole(0, 10**9), default=1, help="of all chance (1)")
    c.add_argument("--recorded", action="store_true",
                   help="judge what an earlier run left in --out; record nothing")
    c.add_argument("--no-simulator", action="store_true", help="the kernel alone")
    c.add_argument("--clients", type=whole(2, 2000), metavar="N",
                   help="a visit is one among those of N clients on the link (inference)")
    c.add_argument("--hold", metavar="END:AT:FOR",
                   help="an attacker holds what client or server sends, in each visit (client:100ms:300ms)")
    c.add_argument("--lose", metavar="END:AT:FOR:PERCENT", help="loses so many of it")
    unbounded(c)
    common(c)
    capture.add(sub)
    c = sub.add_parser("page", help="results of several runs as one page")
    c.add_argument("results", nargs="+", metavar="RESULT.json")
    c.add_argument("--brief", action="store_true",
                   help="without histograms, confusion matrices and curves: a file to keep")
    c.add_argument("--picture", metavar="FILE.svg",
                   help="write accuracy against overhead, of the first set, there")
    common(c)
    c = sub.add_parser("make-data", help="write small sets that are made here")
    c.add_argument("folder", metavar="DIR")
    c.add_argument("--seed", type=whole(0, 10**9), default=1)
    c.add_argument("--workload", default="", metavar="NAMES",
                   help="of what live runs in place of them: " + ", ".join(workloads.OF_PACKETS))
    c.add_argument("--visits", type=whole(5, 10**5), metavar="N", help="of each class")
    c.add_argument("--clients", type=whole(2, 2000), metavar="N",
                   help="with --workload inference: all packets of N clients on one link")
    c.add_argument("--unseen", action="store_true",
                   help="the set that search and fit refuse, to judge what was tuned to others")
    c.add_argument("-j", "--json", action="store_true", help="what was written as one JSON object")
    c = sub.add_parser("attacks", help="the attacks there are, and their papers")
    c.add_argument("-j", "--json", action="store_true")
    return p


def sets_of(args):
    from . import traces
    from .defend import thin
    seen = set()
    for path in args.data:
        several = []
        if os.path.isdir(path):
            several = sorted(f for f in os.listdir(path) if f.endswith((".csv", ".csv.xz")))
        if not several and not os.path.exists(path):
            raise JudgeError(f"{path}: is not there")
        for one in [os.path.join(path, f) for f in several] or [path]:
            framing, more = getattr(args, "framing", None), getattr(args, "header_bytes", 0)
            least, most = traces.PACKET
            # What the simulator is to play are packets.
            plays = args.word in ("run", "frontier", "fit") and not framing
            sizes = (least - more, most - more) if plays else None
            ts = traces.read(one, args.target, args.client, rebase=True, sizes=sizes)
            if framing:
                ts = framing.set(ts)
                said = ts.framing
                print(f"# {one}: {said['records']} records are {said['packets']} packets; framing "
                      f"adds {said['bytes']} bytes ({100 * (said['share'] or 0):.1f} %)",
                      file=sys.stderr)
            if ts.name in seen:
                raise JudgeError(f"{one}: there is another set named {ts.name}")
            seen.add(ts.name)
            if ts.ungrouped:
                print(f"rtpl-judge: {one}: {100 * ts.ungrouped:.0f} % of visits have no group: what "
                      "was captured in one session may be trained on and tested on, and more is "
                      "named than in another session", file=sys.stderr)
            yield thin(ts, args.visits, args.seed) if args.visits else ts


def new_result(args, argv):
    return {"judge": VERSION, "seed": args.seed, "repeats": args.repeats,
            "command": "rtpl-judge " + shlex.join(argv), "runs": []}


def do_bound(args, argv):
    from . import bound, run
    progress = run.Progress(args.quiet)
    began, out = time.monotonic(), []
    for ts in sets_of(args):
        progress.step(f"{ts.name}: bound")
        out.append(bound.bound(ts, args.bytes, args.delay, args.cell, args.seed, bool(args.tables),
                               progress))
    progress.end()
    result = {"judge": VERSION, "seed": args.seed, "command": "rtpl-judge " + shlex.join(argv),
              "bounds": out, "seconds": round(time.monotonic() - began, 1)}
    if args.tables:
        with open(args.tables, "w", encoding="utf-8") as f:
            json.dump(jsonform.plain(result), f, allow_nan=False)
            f.write("\n")
    for one in out:
        for row in one["rows"]:
            row.pop("tables", None)
    if args.json:
        print(json.dumps(jsonform.plain(result), indent=1, allow_nan=False))
    else:
        print("\n".join(bound.text(one) for one in out), end="")


def tell_small(ts):
    from .bound import NO_DATA, asked_small
    n = asked_small(ts)
    if n:
        print(f"rtpl-judge: warning: in {n} of {len(ts)} visits the first packet of more than {NO_DATA} bytes "
              f"is an answer's: a request of at most {NO_DATA} bytes is taken for an acknowledgement, and "
              "nothing is made for it", file=sys.stderr)


def tell_long(ts):
    lasts = sorted(v.seconds for v in ts.visits)[len(ts) // 2]
    if lasts > LONG:
        print(f"rtpl-judge: warning: half of the visits last longer than {lasts:.0f} s: are their times in ms?",
              file=sys.stderr)


def do_fit(args, argv):
    from . import fit, run
    attacks = attacks_of(args.attacks)
    name, cache = os.path.basename(args.out).removesuffix(".profile"), Cache(args.cache)
    progress, began = run.Progress(args.quiet), time.monotonic()
    if len(args.data) != (not args.unfitted):
        raise JudgeError("fit takes one SET, or none and --unfitted")
    if not os.path.isdir(os.path.dirname(args.out) or "."):
        raise JudgeError(f"--out: {args.out}: there is no such folder")
    if args.unfitted:
        text, report = fit.unfitted(args.bytes, args.delay, args.rtt, name, seed=args.seed, cache=cache,
                                    progress=progress)
    else:
        (ts,) = sets_of(args)
        ts.tuned_to("fit")
        early, least = fit.sooner(ts, args.rtt)
        if early:
            print(f"rtpl-judge: warning: in {early} of {len(ts)} visits an answer comes sooner than --rtt "
                  f"({1e3 * args.rtt:g} ms), the soonest after {1e3 * least:.4g} ms: it counts as none, and "
                  "padding as more than it is", file=sys.stderr)
        tell_small(ts)
        tell_long(ts)
        text, report = fit.fit(ts, args.bytes, args.delay, args.rtt, name, attacks,
                               repeats=args.repeats, seed=args.seed, cache=cache, progress=progress)
    progress.end()
    with open(args.out, "w", encoding="utf-8") as f:
        f.write(text)
    report |= {"judge": VERSION, "command": "rtpl-judge " + shlex.join(argv), "file": args.out,
               "seconds": round(time.monotonic() - began, 1)}
    print(json.dumps(jsonform.plain(report), indent=1, allow_nan=False) if args.json
          else fit.text(report), end="\n" if args.json else "")


def do_run(args, argv):
    from . import run
    from .defend import Link
    attacks, profiles = attacks_of(args.attacks), profiles_of(args.profiles)
    cache, progress = Cache(args.cache), run.Progress(args.quiet)
    result, began = new_result(args, argv), time.monotonic()
    for ts in sets_of(args):
        link = Link(args.window, args.rtt, args.link_rate, args.seed, args.copies,
                    args.header_bytes, args.fair, args.react)
        for p in profiles:
            result["runs"].append(run.judge(
                ts, p, link, attacks, args.repeats, args.seed, cache, progress,
                shuffled=args.shuffled and p == "none", opened=args.opened,
                measures=not args.no_measures, bounded=not args.no_bound))
            if ts.framing:
                result["runs"][-1]["framing"] = ts.framing
            result["seconds"] = round(time.monotonic() - began, 1)
            finish(result, args, last=False)
    progress.end()
    return result


def do_seen(args, argv):
    from . import run, traces
    from .defend import cut_off, ends_by
    attacks = attacks_of(args.attacks)
    cache, progress = Cache(args.cache), run.Progress(args.quiet)
    result, began = new_result(args, argv), time.monotonic()
    for ts in sets_of(args):
        window = args.window or ends_by([v.seconds for v in ts.visits])
        lasts = {v.key: (v.seconds, len(v)) for v in ts.visits}
        framed = ts.framing
        ts = traces.TraceSet(ts.name, [v.until(window) for v in ts.visits], ts.target)
        one = run.judge_seen(ts, window, attacks, args.repeats, args.seed, cache, progress,
                             args.shuffled, args.opened, not args.no_measures)
        one["profile"] = "seen"
        one["cut"] = cut_off(lasts, ts.visits, window)
        if framed:
            one["framing"] = framed
        one["costs"] = {k: one.pop(k) for k in ("wire_bytes_per_visit", "bytes_per_second",
                                                "duration_s")}
        result["runs"].append(one)
    result["seconds"] = round(time.monotonic() - began, 1)
    progress.end()
    return result


def do_frontier(args, argv):
    from . import frontier, run
    from .defend import Link
    tiers, beside = words(args.tiers), profiles_of(args.beside)
    limits = dict(frontier.TIERS)
    for name, most in args.limit:
        if name not in limits:
            raise JudgeError(f"--limit: there is no tier {name}; there are {', '.join(limits)}")
        limits[name] = {**limits[name], **most}
    for name in tiers:
        if name not in limits:
            raise JudgeError(f"--tiers: there is no tier {name}; there are {', '.join(limits)}")
    if "none" in beside:
        raise JudgeError("--beside: none is no profile")
    out = args.out or "frontier"
    progress = run.Progress(args.quiet)
    cache = Cache(args.cache or os.path.join(out, "cache"))	# not among other runs' results
    sets = [(ts, Link(args.window, args.rtt, args.link_rate, args.seed, args.copies,
                      args.header_bytes, args.fair, args.react)) for ts in sets_of(args)]
    found = frontier.frontier(sets, {t: limits[t] for t in tiers}, beside, cache,
                              os.path.join(out, "points"), args.first, args.generations,
                              args.size, visits=args.each, seed=args.seed, progress=progress,
                              jobs=args.jobs, bounded=not args.no_bound)
    progress.end()
    for path in frontier.write_chosen(found, out):
        print(f"{path}: found", file=sys.stderr)
    return {"judge": VERSION, "seed": args.seed, "runs": [], "frontier": found,
            "command": "rtpl-judge " + shlex.join(argv), "seconds": found["seconds"]}


def crowded(clients, names):
    """An error if there are clients of another workload than that of lone requests."""
    other = [name for name in names if name != "inference"]
    if clients and other:
        raise JudgeError(f"--clients: with the workload inference only, not {other[0]}")


def do_live(args, argv):
    from . import live, livejudge, run, traces
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))		# what was started ends, too
    attacks = attacks_of(args.attacks)
    if args.hold and args.lose:
        raise JudgeError("one --hold or --lose is all there can be")
    crowded(args.clients, args.workloads)
    attack = next((live.attack_of(o, w) for o, w in (("hold", args.hold), ("lose", args.lose)) if w), None)
    cache, progress = Cache(args.cache), run.Progress(args.quiet)
    args.out = args.out or "live"
    result, began = {**new_result(args, argv), "live": []}, time.monotonic()
    for workload in args.workloads:
        runs, rows = livejudge.judge(workload, words(args.profiles), args.visits, args.seed,
                                     args.kernel, args.rtt, attacks, args.repeats, args.out,
                                      cache, progress, args.recorded, not args.no_simulator,
                                      args.clients, attack)
        if not args.no_bound and not args.clients:
            plain = traces.read(os.path.join(args.out, workload, "none.csv"))
            for one in runs:
                progress.step(f"{workload}: bound at the price of {one['profile']}")
                one["bound"] = run.beside(plain, one["costs"], args.seed, cache)
        result["runs"] += runs
        result["live"] += rows
        result["seconds"] = round(time.monotonic() - began, 1)
        finish(result, args, last=False)
    progress.end()
    return result


def runs_of(result):
    return {(r["set"], r["profile"]): r for r in result["runs"]}


def do_page(args, argv):
    result, where = None, {}
    for path in args.results:
        one = jsonform.load(path)
        if result is None:
            result = {**one, "runs": [], "live": [], "command": ""}
        runs = runs_of(result)
        for r in one["runs"]:
            key = r["set"], r["profile"]
            whole = key not in runs or not r.get("digest") or r["digest"] != runs[key].get("digest")
            where[key] = {**({} if whole else where[key]), **{n: path for n in r.get("attacks") or {}}}
            runs[key] = r if whole else jsonform.joined(runs[key], r)
        result["runs"] = list(runs.values())
        result["live"] += one.get("live") or []
        result["command"] = "; ".join(filter(None, [result["command"], one.get("command")]))
        if "frontier" in one:
            result["frontier"] = one["frontier"]
    sources = {}
    for (name, profile), run in runs_of(result).items():
        for attack, x in (run.get("attacks") or {}).items():
            sources.setdefault(name, {}).setdefault(attack, []).append(
                ((x or {}).get("version"), where[name, profile][attack]))
    jsonform.alike(sources)
    if args.brief:
        result = jsonform.brief(result)
    if args.picture:
        from . import page
        result["anchors"] = anchors.of(result)
        page.write(result, args.picture, page.picture)
    return result


def wrote(ts, path, told):
    """told: a list of what was written, for JSON, or None."""
    ts.write(path)
    if told is None:
        print(f"{path}: {len(ts)} visits of {len(ts.classes)} classes, {ts.packets} packets")
    else:
        told.append({"file": path, "visits": len(ts), "classes": len(ts.classes), "packets": ts.packets})


def do_make_data(args):
    told = [] if args.json else None
    make_data(args, told)
    if args.json:
        print(json.dumps({"sets": told}, indent=1))


def make_data(args, told):
    from . import made
    kinds = words(args.workload)
    if args.clients and not kinds:
        raise JudgeError("--clients needs --workload inference")
    crowded(args.clients, kinds)
    if args.unseen and (kinds or args.clients):
        raise JudgeError("--unseen is a workload of its own")
    for kind in kinds:
        if kind not in workloads.OF_PACKETS:
            raise JudgeError(f"--workload: make-data has no workload {kind}; there are "
                             f"{', '.join(workloads.OF_PACKETS)}")
    os.makedirs(args.folder, exist_ok=True)
    if args.unseen:
        wrote(made.unseen(args.visits or 30, args.seed), os.path.join(args.folder, "unseen.csv"), told)
        return
    for kind in kinds if args.clients else []:
        ts = made.aggregate(kind, args.clients, args.visits or 30, args.seed)
        wrote(ts, os.path.join(args.folder, f"{ts.name}.csv"), told)
    if args.clients:
        return
    for kind in kinds or made.KINDS:
        path = os.path.join(args.folder, f"{kind}.csv")
        ts = made.planned(kind, args.visits or 30, args.seed) if kinds else \
            made.make(kind, args.seed, visits=args.visits)
        wrote(ts, path, told)


def do_attacks(args):
    rows = [registry.make(name, 10) for name in registry.NAMES]
    if args.json:
        print(json.dumps([{"name": a.name, "title": a.title, "paper": a.paper, "network": a.heavy,
                           "trained": registry.trained(a)} for a in rows]))
        return
    for a in rows:
        print(f"{a.name:8} {a.title}\n{'':8} {a.paper}\n{'':8} trained: {registry.trained(a)}")


def finish(result, args, last=True):
    """Files, and on standard output the table or JSON."""
    result["anchors"] = anchors.of(result)
    if args.out:
        os.makedirs(args.out, exist_ok=True)
        part = os.path.join(args.out, f".result.{os.getpid()}")
        jsonform.write(result, part)
        os.replace(part, os.path.join(args.out, "result.json"))
    if not last:
        return
    if args.out:
        from . import page
        page.write(result, os.path.join(args.out, "page.html"))
    print(jsonform.dumps(result) if args.json else table.text(result), end="")
    if args.out:
        print(f"{os.path.join(args.out, 'page.html')}: pictures", file=sys.stderr)


def main(argv=None):
    argv = sys.argv[1:] if argv is None else argv
    args = parser().parse_args(argv)
    try:
        if getattr(args, "out", None) and args.word != "fit":
            os.makedirs(args.out, exist_ok=True)
        if args.word == "make-data":
            do_make_data(args)
        elif args.word == "capture":
            capture.do(args)
        elif args.word == "attacks":
            do_attacks(args)
        elif args.word == "bound":
            do_bound(args, argv)
        elif args.word == "fit":
            do_fit(args, argv)
        else:
            do = {"run": do_run, "seen": do_seen, "page": do_page, "frontier": do_frontier,
                  "live": do_live}[args.word]
            finish(do(args, argv), args)
    except JudgeError as e:
        print(f"rtpl-judge: {e}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except OSError as e:
        print(f"rtpl-judge: {e.filename or ''}: {e.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nrtpl-judge: broken off; the same command goes on where it was", file=sys.stderr)
        return 130
    return 0
