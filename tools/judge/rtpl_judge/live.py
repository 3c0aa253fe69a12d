# SPDX-License-Identifier: GPL-2.0
"""Real programs through the kernel module, on the test machine's observer bridge.

record() plays a workload (workloads.py) in a throw-away machine, once for each profile: the
programs of tools/judge/live on two hosts, with RTPL between them or without, and a capture
from the bridge, next to the client. What comes out is a collection of traces for each profile, and
what it cost. simulate() plays the traces that were taken without RTPL through the simulator,
compare() sets the two side by side.

The simulator is open loop: its packets come when the plain trace had them. In the kernel TCP
reacts. Answers come later where requests did, and programs end later. A socket keeps back what
its host's queue would only hold (TCP small queues), so that delays in the queue are short, and
nothing there grows too old and is dropped, where the simulator, which gets all at once, waits
and drops; the kernel's waiting is then in the time to an answer's end. And in virtual time a
program's packets have one and the same time, which the simulator puts into one cell where the
kernel had sent the first before it saw the next.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np

from . import JudgeError, defend, observer, traces, workloads
from .defend import BEFORE, TOP

PROGRAMS = os.path.join(TOP, "tools/judge/live")
PROFILES = os.path.join(TOP, "tools/profile/profiles")
# Virtual time, where waiting costs nothing; or a stock kernel, whose clock counts instructions:
# either way this machine's speed and load change nothing.
KERNELS = {
    "uml": [os.path.join(TOP, "selftests/uml/run"), "-T"],
    "6.1": [os.path.join(TOP, "selftests/vm/run"), "-I", "-k", "6.1"],
    "6.12": [os.path.join(TOP, "selftests/vm/run"), "-I", "-k", "6.12"],
}
LINK = "link.csv"		# beside none.csv: all that many clients sent and got, without RTPL
MOST_SECONDS = 20000		# of the machine's clock, a run: 10^7 cells and more
TICK = 1e-5			# seconds: gaps are compared so exactly, as no observer needs more
SMALL = 13800			# bytes of bodies: 15,000 of packets, up to which the simulator calls a
				# request small
COUNTED = ("tx_cells", "tx_chaff", "tx_handshake", "tx_wire_bytes", "tx_packets", "tx_bytes",
           "tx_pad_bytes", "tx_chaff_bytes", "delay_count", "slots_missed")


def _to_stderr(fraction, text):
    print(f"{fraction:4.0%} {text}", file=sys.stderr, flush=True)


# ---- what is asked for ---------------------------------------------------------------------------

def find_profile(profile):
    """(name, file or None): of a profile that comes with RTPL, of a profile's file, or none."""
    if "/" in profile or profile.endswith(".profile"):
        try:
            with open(profile, encoding="utf-8") as f:
                name = re.search(r"^Name *= *([a-z0-9-]+) *$", f.read(), re.M)
        except (OSError, UnicodeDecodeError) as e:
            raise JudgeError(f"{profile}: {getattr(e, 'strerror', None) or 'not a text'}") from None
        if not name:
            raise JudgeError(f"{profile}: no profile's Name in it")
        return name[1], profile
    if not os.path.isdir(PROFILES):
        raise JudgeError(f"{TOP} is not RTPL's source tree, which has what live runs need")
    known = sorted(f[:-len(".profile")] for f in os.listdir(PROFILES) if f.endswith(".profile"))
    if profile not in known + ["none"]:
        raise JudgeError(f"there is no profile {profile}; there are none, {', '.join(known)}")
    return profile, None


def attack_of(option, word):
    """What an attacker on the path does in each visit: {"end", "at", "for" (seconds) and of --lose "lose" (per
    cent)}, of an option's END:AT:FOR[:PERCENT], as rtplctl-sim(8) has them."""
    part, parts = word.split(":"), 4 if option == "lose" else 3
    try:
        units = [re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", t) for t in part[1:3]]
        at, length = (float(u[1]) * (.001 if u[2] == "ms" else 1) for u in units)
        lose = int(part[3].removesuffix("%")) if parts == 4 else None
    except (TypeError, ValueError, IndexError):
        at = length = lose = None
    if len(part) != parts or part[0] not in ("client", "server") or not length or \
            (parts == 4 and not 1 <= lose <= 100):
        raise JudgeError(f"--{option} takes END:AT:FOR{':PERCENT' if parts == 4 else ''} (client:100ms:300ms), "
                         f"not '{word[:40]}'")
    return {"end": part[0], "at": at, "for": length} | ({"lose": lose} if lose else {})


def record(workload, profiles, visits, seed, kernel="uml", out_dir=".", progress=None, rtt=0.020,
           groups=5, classes=None, keep=False, clients=None, attack=None):
    """Plays `visits` visits of each class of a workload, under each profile, on a kernel: one after
    the other, or as those of one among so many `clients` on the link (workloads.crowd()).

    Returns {name of profile: path of its collection}. Beside each PROFILE.csv stands
    PROFILE.json, with what was measured (see measured()), and of `none` the capture, too; with
    `keep` all captures; of `none` with clients LINK, too: all that passed over the link. attack: as attack_of() makes it. progress(fraction, text) is called now and then; unless told, it goes to
    standard error. rtt: seconds, there and back. Time of the machine is bounded
    (MOST_SECONDS), its memory by 1.5 GB. What the programs say follows from the seed; what the
    module draws (jitter, chaff) is its own chance, as in use, and another in each run.
    """
    progress = progress or _to_stderr
    if kernel not in KERNELS:
        raise JudgeError(f"there is no kernel {kernel}; there are {', '.join(KERNELS)}")
    wanted = dict(find_profile(p) for p in profiles)
    if len(wanted) != len(profiles) or not wanted:
        raise JudgeError("two profiles of one name" if wanted else "no profile is named")
    if not 0 <= rtt <= 2:
        raise JudgeError(f"a path of {rtt} s there and back: 0 to 2 s can be made")
    if clients and attack:
        raise JudgeError("--hold and --lose are for lone visits: without --clients")
    if clients:
        plan = workloads.crowd(workload, clients, visits, seed, groups, classes)
        seconds = plan["seconds"]
    else:
        plan = workloads.plan(workload, visits, seed, groups, classes)
        seconds = sum(v["rest"] + plan["window"] for v in plan["visits"])
        if attack:
            plan["attack"] = attack
            if attack["at"] + attack["for"] > plan["window"]:
                raise JudgeError(f"an attack that lasts until {attack['at'] + attack['for']:g} s, longer than "
                                 f"the window of {workload} ({plan['window']} s)")
    if seconds > MOST_SECONDS:
        raise JudgeError(f"{len(plan['visits'])} visits of {workload} take {seconds:.0f} s; "
                         f"a run may last {MOST_SECONDS} s")
    os.makedirs(out_dir, exist_ok=True)
    out = {}
    for n, (name, file) in enumerate(wanted.items()):
        def so_far(fraction, text, n=n, name=name):
            progress((n + fraction) / len(wanted), f"{workload}, {name}: {text}")
        so_far(0, "the module is built, the machine starts")
        run = os.path.join(out_dir, f"{name}.run")
        _machine(plan, name, file, kernel, seconds, rtt, run, so_far)
        out[name] = os.path.join(out_dir, f"{name}.csv")
        ts, figures = measured(run, plan, name)
        figures.update(workload=workload, profile=name, kernel=kernel, seed=seed, rtt=rtt,
                       clients=clients, attack=attack)
        ts.write(out[name])
        if clients and name == "none":
            whole, began = observer.link(os.path.join(run, "capture.pcap"), "link")
            whole.write(os.path.join(out_dir, LINK))
            figures["starts"] = [one - began for one in figures["starts"]]
        with open(os.path.join(out_dir, f"{name}.json"), "w", encoding="utf-8") as f:
            json.dump(figures, f, indent=1)
            f.write("\n")
        if keep or name == "none":
            os.replace(os.path.join(run, "capture.pcap"),
                       os.path.join(out_dir, f"{name}.pcap"))
        shutil.rmtree(run)
    progress(1, f"{workload}: done")
    return out


def _machine(plan, name, file, kernel, seconds, rtt, run, progress):
    """One run in the machine; what it leaves is in the folder `run`."""
    shutil.rmtree(run, ignore_errors=True)
    os.makedirs(run)
    with tempfile.TemporaryDirectory(prefix="rtpl-live.") as tmp:
        where = os.path.join(tmp, "plan")
        os.mkdir(where)
        with open(os.path.join(where, "plan.json"), "w", encoding="utf-8") as f:
            json.dump(plan, f)
        if file:
            shutil.copy(file, os.path.join(where, f"{name}.profile"))
        command = KERNELS[kernel] + [
            "-m", "1536", "-t", str(round(600 + 3 * seconds)), "-f", PROGRAMS, "-f", where,
            "-o", run, os.path.join(PROGRAMS, "scene.sh"), "/rtpl/files/plan/plan.json", name,
            f"{rtt / 2 * 1e6:.0f}us"]
        wrong = ""
        with open(os.path.join(run, "log"), "w+", encoding="utf-8") as log:
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True,
                                  stdin=subprocess.DEVNULL) as p:
                try:
                    for line in p.stdout:
                        made = re.fullmatch(r"made (\d+) of (\d+)\n", line)
                        if made:
                            progress(int(made[1]) / int(made[2]), f"{made[1]} of {made[2]} visits")
                        elif line.startswith("error: "):
                            wrong = line[len("error: "):].strip()
                        else:
                            log.write(line)
                except BaseException:
                    p.terminate()		# the machine ends with who started it
                    raise
            log.seek(0)
            said = [line.strip() for line in log if line.strip()]
        if p.returncode:
            raise JudgeError(f"{name} on {kernel}: the machine failed: "
                             f"{wrong or (said or ['it said nothing'])[-1]} (see {run})")


# ---- what was measured ---------------------------------------------------------------------------

def measured(run, plan, name):
    """(TraceSet, figures) of what a run left. Figures:

    visits, classes, window, release    how many; seconds; the kernel's
    failed, late                        visits in which something went wrong, and what; whose
                                        answer was not whole when the window ended
    first_ms, done_ms                   from a visit's start to an answer's first byte, to the end
    each                                these two of each visit: [class, group, visit, first, done],
                                        None where it failed
    wire                                of the windows, a visit (mean): see wire()
    requests, starts                    of many clients: whether it is small, and ms until it was
                                        done (None: failed), of each; when those began that are
                                        watched (seconds since 1970, written as since LINK's first)
    client, server                      what the module counted over the whole run, pauses and
                                        all (bytes of the IP packets, overhead = wire bytes over
                                        them less one), and its delays in ms, from the qdisc to the
                                        departure of a packet's last cell; None without RTPL
    """
    path = os.path.join(run, "visits")
    try:
        with open(path, encoding="utf-8") as f:
            said = [json.loads(line) for line in f]
        with open(os.path.join(run, "kernel"), encoding="utf-8") as f:
            release = f.read().strip()
        ends = {h: _counted(run, h) for h in "ab"} if name != "none" else {"a": None, "b": None}
    except (OSError, ValueError, KeyError, IndexError) as e:
        raise JudgeError(f"{run}: not what a run leaves: {e}") from None
    if len(said) != len(plan["visits"]):
        raise JudgeError(f"{path}: {len(said)} visits of {len(plan['visits'])}")
    ts = observer.visits(os.path.join(run, "capture.pcap"), name != "none", plan, said, name)
    every = said
    said = [said[n] for n in workloads.watched(plan)]
    good = [v for v in said if "error" not in v]
    if not good:
        raise JudgeError(f"{path}: no visit went well; the first: {said[0]['error']}")
    crowd = {
        "requests": [[sum(workloads.payload(v)) <= SMALL, None if "error" in x else x["done"] / 1e6]
                     for v, x in zip(plan["visits"], every)],
        "starts": [v["began"] / 1e9 for v in said]} if "clients" in plan else {}
    return ts, {
        **crowd, "visits": len(ts), "classes": len({v["class"] for v in plan["visits"]}),
        "window": plan["window"], "release": release,
        "failed": [v["error"] for v in said if "error" in v],
        "late": sum(v["done"] > plan["window"] * 1e9 for v in good),
        "first_ms": _spread([v["first"] / 1e6 for v in good]),
        "done_ms": _spread([v["done"] / 1e6 for v in good]),
        "wire": wire(ts), "client": ends["a"], "server": ends["b"],
        "each": [_each(plan["visits"][v["number"]], v) for v in said],
    }


def _each(visit, said):
    times = [None, None] if "error" in said else [said["first"] / 1e6, said["done"] / 1e6]
    return [visit["class"], visit["group"], visit["visit"]] + times


def _counted(run, host):
    """What one end's module counted while the visits were made."""
    peers = []
    for when in "before", "after":
        with open(os.path.join(run, f"{when}.{host}"), encoding="utf-8") as f:
            peers.append(json.load(f)["peers"][0])
    before, after = peers
    out = {key: after[key] - before[key] for key in COUNTED}
    out["overhead"] = out["tx_wire_bytes"] / out["tx_bytes"] - 1 if out["tx_bytes"] else None
    out["delay_ms"] = {q: after[f"delay_{q}_ns"] / 1e6 for q in ("p50", "p99", "max")}
    out["leak"] = after["leak"]
    out["drops"] = {why: d["count"] for why, d in after["drops"].items() if d["count"]}
    return out


def _spread(values):
    p50, p99 = np.percentile(values, [50, 99])
    return {"mean": float(np.mean(values)), "p50": float(p50), "p99": float(p99),
            "max": float(max(values))}


def wire(ts):
    """Of a set, in the mean of its visits: packets and bytes from the client and to it, and how
    many sizes there are in all."""
    def mean(of):
        return float(np.mean([of(v) for v in ts.visits]))
    return {"packets_up": mean(lambda v: (v.d > 0).sum()),
            "packets_down": mean(lambda v: (v.d < 0).sum()),
            "bytes_up": mean(lambda v: v.b[v.d > 0].sum()),
            "bytes_down": mean(lambda v: v.b[v.d < 0].sum()),
            "sizes": len(np.unique(np.concatenate([v.b for v in ts.visits])))}


def costs(figures, plain):
    """What a profile cost, from its figures and those without RTPL of the same visits:

    overhead    bytes that the observer saw in the windows, over those without RTPL, less one
    first_ms    how much later, visit by visit, the first byte came (mean, p50, p99, max)
    done_ms     and the end
    requests    of many clients: as the simulator has it, of all, small and large: count, plain_ms,
                took_ms, added_ms
    """
    def whole(f):
        return f["wire"]["bytes_up"] + f["wire"]["bytes_down"]
    out = {"overhead": whole(figures) / whole(plain) - 1}
    before = {tuple(row[:3]): row[3:] for row in plain["each"]}
    pairs = [(row[3:], before.get(tuple(row[:3]))) for row in figures["each"]]
    pairs = [(x, y) for x, y in pairs if y and None not in x + y]
    if not pairs:
        raise JudgeError(f"{figures['profile']}: not the visits that were made without RTPL")
    for n, key in enumerate(("first_ms", "done_ms")):
        out[key] = _spread([x[n] - y[n] for x, y in pairs])
    if figures.get("requests"):
        out["requests"] = _requests(figures["requests"], plain["requests"])
    return out


def _requests(rows, plain):
    """Of two runs of the same requests: how long they took."""
    if len(rows) != len(plain):
        raise JudgeError(f"{len(rows)} requests beside {len(plain)} without RTPL")
    done = [(small, was, now) for (small, now), (_, was) in zip(rows, plain)
            if now is not None and was is not None]
    parts = {"all": done, "small": [x for x in done if x[0]],
             "large": [x for x in done if not x[0]]}
    out = {"unfinished": len(rows) - len(done)}
    for word, part in parts.items():
        was, now = np.array([x[1:] for x in part]).reshape(-1, 2).T
        out[word] = {"count": len(part)} | {
            f"{key}_ms": {"mean": float(x.mean()), "p50": float(np.median(x)),
                          "p90": float(np.quantile(x, .9))} if len(part) else None
            for key, x in (("plain", was), ("took", now), ("added", now - was))}
    return out


# ---- beside the simulator ------------------------------------------------------------------------

def simulate(plain_csv, profile, rtt, window, seed=1, out=None):
    """Plays the traces that were taken without RTPL through the simulator, under a profile.

    Returns {"csv": path (`out`, or beside plain_csv: PROFILE.sim.csv), "wire": as wire(), "client"
    and "server": what the simulator counted over all traces, with what comes before and behind
    their windows, as packets, bytes, cells, delay_ms {p50, p99, max}, drops}. Each trace has a
    link of its own, which runs for a second before it (BEFORE) and on until its window has ended.
    A link with slots has one when the visit's first packet comes: unlike the kernel's, its
    visits all have the same phase, as the simulator counts time from there.
    """
    name, file = find_profile(profile)
    if name == "none":
        raise JudgeError("none is no profile that could be simulated")
    plain = traces.read(plain_csv)
    out = out or os.path.join(os.path.dirname(plain_csv), f"{name}.sim.csv")
    with tempfile.TemporaryDirectory(prefix="rtpl-live.") as tmp:
        cells = os.path.join(tmp, "out.cells")
        said = defend.Link(window, rtt, seed=seed).run(
            file or name, plain_csv, "--before", f"{BEFORE}s",
            "--tail", f"{min(600, window):.3f}s", "--until", f"{BEFORE + window}s",
            "--out", cells)
        # The simulator counts from a visit's first packet, the judge from the visit's start.
        seen = np.fromfile(cells, defend.RECORD)
        seen["ns"] += np.round(np.array([v.t[0] for v in plain.visits]) *
                               1e9).astype(np.uint64)[seen["trace"]]
        seen.tofile(cells)
        ts = traces.TraceSet(f"{name}, simulated", defend.read_cells(cells, plain, window))
    ts.write(out)
    return _simulated(out, ts, said)


def simulate_crowd(folder, profile, rtt, window, starts, seed=1):
    """As simulate(), of many clients on one link: plays LINK of the folder, all of it over one link
    whose flows share it fairly and react, and cuts the visits of none.csv out, which began at
    `starts` (seconds since LINK's first packet). "requests" has how long they took."""
    name, file = find_profile(profile)
    plain = traces.read(os.path.join(folder, "none.csv"))
    if len(plain) != len(starts):
        raise JudgeError(f"{folder}: {len(plain)} visits, {len(starts)} of which began")
    source, out = os.path.join(folder, LINK), os.path.join(folder, f"{name}.sim.csv")
    if not os.path.exists(source):
        raise JudgeError(f"{source} is not there: record again")
    with tempfile.TemporaryDirectory(prefix="rtpl-live.") as tmp:
        cells = os.path.join(tmp, "out.cells")
        said = defend.Link(window, rtt, seed=seed, fair=True).run(
            file or name, source, "--react", "--tail", f"{window:.3f}s", "--out", cells)
        seen = np.fromfile(cells, defend.RECORD)
    t, b = seen["ns"] * 1e-9, seen["bytes"]
    visits = []
    for v, began in zip(plain.visits, starts):
        i, j = np.searchsorted(t, [began, began + window])
        visits.append(traces.Visit(*v.key, t[i:j] - began, np.sign(b[i:j]), np.abs(b[i:j])))
    ts = traces.TraceSet(f"{name}, simulated", visits)
    ts.write(out)
    return _simulated(out, ts, said)


def _simulated(out, ts, said):
    figures = {"csv": out, "wire": wire(ts)}
    if "requests" in said:
        figures["requests"] = said["requests"]
    for end in "client", "server":
        e = said[end]
        figures[end] = {key: e[key] for key in ("packets", "bytes", "cells", "chaff", "wire_bytes",
                                                "overhead", "drops", "leak")}
        figures[end]["delay_ms"] = {q: e["delay"][f"{q}_ns"] / 1e6 for q in ("p50", "p99", "max")}
    return figures


def ks(x, y):
    """The Kolmogorov-Smirnov distance of two samples: the largest difference of their
    distribution functions, 0 to 1; None where one is empty."""
    if not len(x) or not len(y):
        return None
    x, y = np.sort(x), np.sort(y)
    at = np.unique(np.concatenate([x, y]))
    return float(np.abs(np.searchsorted(x, at, "right") / len(x) -
                        np.searchsorted(y, at, "right") / len(y)).max())


def _gaps(ts, direction):
    """Between packets of one direction, in ticks."""
    return np.concatenate([np.round(np.diff(v.t[v.d == direction]) / TICK) for v in ts.visits])


def compare(kernel, simulated):
    """Two sets of the same visits, as the kernel made them and as the simulator did: relative
    differences of bytes and packets a visit (the simulator's over the kernel's, less one), and
    KS distances of sizes and of gaps (to 10 us), for either direction."""
    a, b = wire(kernel), wire(simulated)
    out = {"kernel": a, "simulator": b,
           "relative": {key: b[key] / a[key] - 1 if a[key] else None
                        for key in a if key != "sizes"}}
    for way, d in ("up", 1), ("down", -1):
        sizes = [np.concatenate([v.b[v.d == d] for v in ts.visits]) for ts in (kernel, simulated)]
        out[f"ks_sizes_{way}"] = ks(*sizes)
        out[f"ks_gaps_{way}"] = ks(_gaps(kernel, d), _gaps(simulated, d))
    return out
