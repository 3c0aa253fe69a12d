# SPDX-License-Identifier: GPL-2.0
"""What attacks learn from real programs through the kernel module, with the simulator beside.

The simulator plays what was captured without RTPL. Overheads here are bytes of a visit's window
on the wire over those without RTPL, less one: of the kernel's captures and of the simulator's
alike, with the silence at a window's end in them, as an admin's counters have it.
"""
import json
import os

from . import JudgeError, live, run, traces
from .verdict import figure, strongest


# Of what is compared visit by visit. Older recordings have no clients, and no attack.
SAME = ("workload", "seed", "rtt", "kernel", "window", "clients", "attack")


def _recorded(profiles, folder):
    out = {}
    for p in profiles:
        name = live.find_profile(p)[0]
        out[name] = os.path.join(folder, f"{name}.csv")
        for path in out[name], _beside(out[name]):
            if not os.path.exists(path):
                raise JudgeError(f"--recorded: {path} is not there; run without it")
    return out


def _beside(path):
    return path[:-len(".csv")] + ".json"


def figures(paths):
    """{name: what record() wrote beside each collection}, of one folder. An error if they are not
    the same visits of a workload, on the same kernel and path."""
    out, first = {}, None
    for name, path in paths.items():
        path = _beside(path)
        try:
            with open(path, encoding="utf-8") as f:
                one = out[name] = json.load(f)
            one.setdefault("clients", None)
            one.setdefault("attack", None)
            key = {**{k: one[k] for k in SAME}, "visits": sorted(row[:3] for row in one["each"])}
        except OSError as e:
            raise JudgeError(f"{path}: {e.strerror}") from None
        except (ValueError, KeyError, TypeError):
            raise JudgeError(f"{path}: this is not what a recording leaves") from None
        first = first or (path, key)
        for k, value in key.items():
            if value != first[1][k]:
                what = "other visits" if k == "visits" else f"another {k} ({first[1][k]}, {value})"
                raise JudgeError(f"{first[0]} and {path}: recorded with {what}: record them again")
    return out


def _delays(ends):
    """Of two ends: the worse one's figures; an average of percentiles means nothing."""
    seen = [e["delay_ms"] for e in ends if e]
    return {q: max(d[q] for d in seen) for q in ("p50", "p99", "max")} if seen else None


def _side(one, overhead, delay, more=None):
    best = strongest(one)[0]
    named = {n: figure(a, "accuracy") for n, a in one["attacks"].items()}
    out = {"accuracy": named[best], "attack": best, "overhead": overhead, "delay_ms": delay,
           "attacks": named,
           **(more or {})}
    if "auprc" in one["attacks"][best]:
        out["auprc"] = {n: a["auprc"] for n, a in one["attacks"].items()}
    return out


def judge(workload, profiles, visits, seed, kernel, rtt, attacks, repeats, folder, cache, progress,
          recorded=False, simulated=True, clients=None, attack=None):
    """(runs, rows) of one workload, of lone visits or of many `clients`: the kernel's sets as runs of
    a result, and rows of its key "live". `none` is recorded whether named or not. With `recorded`, workload, visits, seed,
    kernel and rtt are those of the recording, whatever is given here. With an `attack` (live.attack_of())
    nothing is simulated: what was recorded without RTPL was attacked, too."""
    profiles = ["none"] + [p for p in profiles if p != "none"]
    title = f"{workload}-{clients}" if clients else workload
    folder = os.path.join(folder, title)
    if recorded:
        paths = _recorded(profiles, folder)
    else:
        progress.step("live")
        paths = live.record(workload, profiles, visits, seed, kernel, folder, progress, rtt,
                            clients=clients, attack=attack)
    target = "target" if workload == "token" else None
    told = figures(paths)
    undefended = told["none"]
    seed, rtt = undefended["seed"], undefended["rtt"]
    plain = traces.read(paths["none"], target)
    total = {"none": sum(int(v.b.sum()) for v in plain.visits) / len(plain)}
    runs, rows = [], []
    for name, path in paths.items():
        ts = traces.read(path, target)
        ts.name = f"live {title}"
        said = told[name]
        window = said["window"]
        one = run.judge_seen(ts, window, attacks, repeats, seed, cache, progress)
        one["profile"] = name
        # The window is the plan's, for all; of cells behind it nothing was recorded.
        one["cut"] = {"visits": said["late"] / max(1, said["visits"]), "cells": None}
        total[name] = one.pop("wire_bytes_per_visit")
        later = live.costs(said, undefended) if name != "none" else {}
        over = later.get("overhead")
        delay = _delays([said["client"], said["server"]]) or \
            {"p50": 0, "p99": 0, "max": 0}
        one["costs"] = {"window_overhead": over, "delay_ms": delay,
                        "wire_bytes_per_visit": total[name],
                        "bytes_per_second": one.pop("bytes_per_second"),
                        "duration_s": {q: said["done_ms"][q] / 1e3 for q in ("p50", "p99")}}
        runs.append(one)
        if later.get("requests"):
            one["costs"]["requests"] = later["requests"]
        row = {"workload": title, "profile": name, "release": said["release"],
               "seed": seed, "rtt": rtt,
               "visits": said["visits"], "failed": len(said["failed"]), "late": said["late"],
               "kernel": _side(one, over, delay, {"added_ms": later.get("done_ms"),
                                                  "first_added_ms": later.get("first_ms"),
                                                  "requests": later.get("requests")})}
        if simulated and name != "none" and not said["attack"]:
            progress.step(f"live {title}: {name}, simulated")
            it = _profile(profiles, name)
            sim = live.simulate_crowd(folder, it, rtt, window, undefended["starts"], seed) \
                if clients else live.simulate(paths["none"], it, rtt, window, seed)
            seen = traces.read(sim["csv"], target)
            row["compared"] = live.compare(ts, seen)
            seen.name = f"simulated {title}"
            other = run.judge_seen(seen, window, attacks, repeats, seed, cache, progress,
                                   measures=False)
            row["simulator"] = _side(other, other["wire_bytes_per_visit"] / total["none"] - 1,
                                     _delays([sim["client"], sim["server"]]),
                                     {"requests": sim.get("requests")})
        rows.append(row)
    return runs, rows


def _profile(profiles, name):
    return next(p for p in profiles if live.find_profile(p)[0] == name)
