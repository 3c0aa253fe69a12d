# SPDX-License-Identifier: GPL-2.0
"""Which settings give least away under given limits of cost.

A search (random points, then generations of neighbours of the best, as evolution strategies
do) over the engine's settings. Points that break a limit on any set are left at once: the
simulator tells. The others are attacked: a forest on k-FP's features and the flow's volume,
which are quick. What is sought is the least weighted mean over the sets of

    (accuracy - chance) / (accuracy undefended - chance)

of the stronger attack (AUPRC and base rate where a set has a target; balanced
accuracy where classes are not equally frequent). A set weighs as much as
its undefended figure stands out of its own noise, but no more than WEIGHT: a small set would
lead the search by its luck.

The search sees one half of each set only. The best few are attacked again, with other chance
in the defence, the splits and the forests, and measured: bits that nearest neighbours find
(information.py). The one that is chosen gives away the least accuracy; among those equal
within its noise, the fewest bits, then bytes. It and the profiles that it stands beside are
then judged on the other half, whose visits, groups or classes the search never saw, with
other chance again.

The same seed gives the same search, however many processes there are. Costs and what attacks
got are kept by their content, so that a search that was broken off goes on where it was.
"""
import copy
import functools
import multiprocessing
import os
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np

from . import JudgeError, information, registry, run, space, stats
from .cache import Passing, digest
from .defend import PALETTE, costs, defend, thin, watching
from .traces import crossed, splits, unequal

TREES = 80			# of the search's forests
ATTACKS = ("kfp", "volume")
WEIGHT = 15.0			# most of a set: its signal by its noise
STEP = .02			# shares nearer than that are equal: about their noise
BITS = .05			# a set that tells fewer undefended has no share of them
# What another chance adds to the seed: of the attacks' repetition, and of what is held out.
AGAIN, HELD_OUT = 100003, 200003
# Most on every set, None: any. overhead: share of bytes; delay_p99_ms; mean_ms: mean delay one
# way, because delays of single packets add up along an answer of a TCP program; late: share
# dropped. bits: most each way a second, always, for a rate that is paid whether used or not.
# kinds: what is searched. FRONT is not: its chaff comes when a visit begins behind a silence, and
# the sets' visits all do. On a link that goes on it is not there: a search that had it found
# settings that left 61 % of an inference service's visits named in the simulator, and 92 % in the
# kernel.
CHAFF = ["none", "cover", "bip324", "wtf-pad"]
TIERS = {
    "standard": {"overhead": .30, "delay_p99_ms": 50.0, "mean_ms": 3.7, "late": .001,
                 "bits": None,
                 "kinds": {"schedule": ["as-it-comes", "jitter", "interval"],
                           "limits": ["tight"], "chaff": CHAFF}},
    "enhanced": {"overhead": 1.5, "delay_p99_ms": 50.0, "mean_ms": 8.0, "late": .001,
                 "bits": None,
                 "kinds": {"schedule": ["jitter", "interval", "ladder", "fill"],
                           "limits": ["cap"], "chaff": CHAFF}},
    # What it gives away is known: nothing. So the least delay for the price is sought.
    "maximum": {"overhead": None, "delay_p99_ms": None, "mean_ms": None, "late": None,
                "bits": 10.1e6,
                "kinds": {"schedule": ["constant"], "chaff": ["none"], "sizes": ["one"],
                          "limits": ["cap"]}},
}
OUTER = 28			# bytes of UDP and IPv4


def halves(ts, seed):
    """(search, held out): by groups where every class is in four or more, else by classes
    where there are twenty or more, else by groups as far as they go."""
    r = np.random.default_rng([seed, 17])
    names = np.unique(ts.groups)
    if crossed(ts) and len(names) >= 4:
        mine = np.isin(ts.groups, r.permutation(names)[:len(names) // 2])
    elif len(ts.classes) >= 20:
        mine = np.isin(ts.y, r.permutation(len(ts.classes))[:len(ts.classes) // 2])
    else:
        from sklearn.model_selection import StratifiedGroupKFold
        k = StratifiedGroupKFold(2, shuffle=True, random_state=seed)
        part = next(k.split(np.zeros(len(ts)), ts.y, ts.groups))[0]
        mine = np.zeros(len(ts), bool)
        mine[part] = True
    return ts.take(np.flatnonzero(mine)), ts.take(np.flatnonzero(~mine))


def other_chance(link, add):
    """The same link with other chance in the defence."""
    out = copy.copy(link)
    out.seed = link.seed + add
    return out


def _quick(ts, link, seed, repeats, measured):
    """What the stronger quick attack gets of a defended set: value (accuracy or AUPRC), floor
    (what a guess gets), tests; bits: of nearest neighbours among k-FP's features, corrected
    for chance, where measured."""
    from sklearn.ensemble import RandomForestClassifier
    out = {"value": 0.0, "tests": 0, "bits": None}
    uneven = unequal(ts)
    for name in ATTACKS:
        attack = registry.make(name, link.window)
        x = attack.extract(ts.visits)
        if measured and name == "kfp":
            at = np.random.default_rng([seed, 23]).permutation(len(ts))
            at = np.sort(at[:information.MOST_VISITS])
            out["bits"] = information.by_neighbours(
                information.components(x[at]), ts.y[at], ts.groups[at], seed)["corrected"]
        got = []
        for k, (train, test) in enumerate(splits(ts, repeats, seed)):
            forest = RandomForestClassifier(TREES, random_state=seed + k, n_jobs=1)
            forest.fit(x[train], ts.y[train])
            p = np.zeros((len(test), len(ts.classes)))
            p[:, forest.classes_] = forest.predict_proba(x[test])
            if ts.target is not None:
                c = ts.classes.index(ts.target)
                got.append(stats.auprc(ts.y[test] == c, p[:, c], resamples=1)["auprc"])
            elif uneven:
                prior = np.bincount(ts.y[train], minlength=len(ts.classes)) / len(train)
                got.append(stats.balanced(ts.y[test], stats.by_prior(p, prior)))
            else:
                got.append(stats.accuracy(ts.y[test], p))
        out["value"] = max(out["value"], float(np.mean(got)))
        out["tests"] = len(test) * repeats
    if ts.target is not None:
        out["floor"] = float(np.mean(ts.y == ts.classes.index(ts.target)))
    else:
        out["floor"] = 1 / len(ts.classes) if uneven else float(np.bincount(ts.y).max() / len(ts))
    return out


def accepted(profile, link):
    """Does the engine take the profile? Any other trouble is an error."""
    if PALETTE.match(profile):
        return True
    word = os.path.join(os.getcwd(), profile) if os.path.exists(profile) else profile
    r = subprocess.run([link.sim, "--profile", word, "-"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = (r.stderr.strip().splitlines() or ["the simulator failed"])[-1]
    if "there is no packet in it" in said:
        return True
    if r.returncode == 1 and profile in said:
        return False
    raise JudgeError(f"{os.path.basename(profile)}: {said}")


def profile_of(point, folder):
    """The file of a point's profile, named by its content."""
    text = space.text(point, "search", "a point of a search")
    path = os.path.join(folder, digest(text)[:16] + ".profile")
    if not os.path.exists(path):
        part = f"{path}.{os.getpid()}"
        with open(part, "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(part, path)
    return path


class Costs:
    """What profiles cost on sets: [(TraceSet, Link)]. cache: for files."""

    def __init__(self, sets, cache):
        self.sets, self.cache = sets, Passing(cache)

    def cost(self, profile):
        """[costs] on each set; None if the engine refuses the profile."""
        if not accepted(profile, self.sets[0][1]):
            return None
        try:
            return [costs(ts, profile, link, self.cache) for ts, link in self.sets]
        finally:
            self.cache.forget()


class Search(Costs):
    """Attacks on sets: [(TraceSet, Link)], halves of the whole ones already. cache: for files;
    measured: bits, too. JudgeError where undefended nothing is learned of any set."""

    def __init__(self, sets, cache, seed=1, repeats=2, measured=False):
        super().__init__(sets, cache)
        self.seed, self.repeats, self.measured = seed, repeats, measured
        self.base = [self._judged(ts, "none", link) for ts, link in sets]
        # Of a share of n tests the noise is about sqrt(p (1 - p) / n), of AUPRC near it.
        self.weight = np.array([
            min(WEIGHT, (b["value"] - b["floor"]) /
                np.sqrt(max(.05, b["value"] * (1 - b["value"])) / b["tests"]))
            if b["value"] > b["floor"] else 0.0 for b in self.base])
        if not self.weight.any():
            raise JudgeError("the attacks are at chance on these sets, undefended: there is "
                             "nothing to search for")
        self.weight /= self.weight.sum()

    def _judged(self, ts, profile, link):
        """_quick() of the set through the profile, kept by content."""
        link = watching(ts, profile, link, self.cache)
        key = {**link.key(ts, profile), "trees": TREES, "split": self.seed,
               "repeats": self.repeats, "measured": self.measured, "version": 2,
               "attacks": [registry.settings(registry.make(name, link.window))
                           for name in ATTACKS]}
        try:
            return self.cache.value("quick", key, lambda: _quick(
                defend(ts, profile, link, self.cache), link, self.seed, self.repeats,
                self.measured))
        finally:
            self.cache.forget()

    def attack(self, profile):
        """values: on each set; accuracy: the weighted share of what is undefended. Where
        measured, bits and bits_share (None: no set tells anything undefended), too."""
        got = [self._judged(ts, profile, link) for ts, link in self.sets]
        shares = [max(0.0, (g["value"] - b["floor"]) / max(1e-9, b["value"] - b["floor"]))
                  for g, b in zip(got, self.base)]
        out = {"values": [g["value"] for g in got],
               "accuracy": float(np.dot(self.weight, shares))}
        if self.measured:
            out["bits"] = [g["bits"] for g in got]
            w = self.weight * [b["bits"] >= BITS for b in self.base]
            out["bits_share"] = None if not w.any() else float(sum(
                # No setting tells more than the packets do, whatever an estimate says.
                x * min(1.0, g["bits"] / b["bits"])
                for x, g, b in zip(w, got, self.base) if x) / w.sum())
        return out


def within(cost, limits, point):
    """Does it hold the limits on every set?"""
    if cost is None:
        return False
    if limits["bits"] is not None:
        cell, rate = point["sizes"]["cell"], point["schedule"]["rate"]
        if (cell + OUTER) * 8 * rate > limits["bits"]:
            return False
    return all(limits[k] is None or all(c <= limits[k] for c in seen)
               for k, seen in (("overhead", [c["overhead"] for c in cost]),
                               ("delay_p99_ms", [c["delay_ms"]["p99"] for c in cost]),
                               ("mean_ms", [c["delay_ms"]["mean"] for c in cost]),
                               ("late", [c["late"] for c in cost])))


def strain(p, limits):
    """How far a point is from the limits: the largest of its figures by their limits."""
    figures = {"overhead": max(p["overheads"]), "delay_p99_ms": p["delay_p99_ms"],
               "mean_ms": p["delay_mean_ms"], "late": p["late"]}
    return max((v / limits[k] for k, v in figures.items() if limits[k]), default=0.0)


# ---- what processes do -----------------------------------------------------------------------

_HAS = {}	# a process's searches, by what they are for; "whole" has costs only


def _begin(has):
    _HAS.update(has)


def _evaluate(job):
    """A point, attacked where it holds its limits, or a profile beside (limits: None). Attacks
    are on the search's half; costs are of the whole sets, for bytes of a half can be those of a
    few long visits. They look at no label."""
    limits, point, profile = job
    search = _HAS["search"]
    cost = _HAS["whole"].cost(profile)
    out = {"point": point,
           "name": os.path.basename(profile).removesuffix(".profile") if point else profile,
           "ok": within(cost, limits, point) if limits else cost is not None}
    if cost is None:
        return {**out, "refused": True}
    out["overhead"] = float(np.mean([c["overhead"] for c in cost]))
    out["overheads"] = [c["overhead"] for c in cost]
    out["delay_p99_ms"] = max(c["delay_ms"]["p99"] for c in cost)
    out["delay_mean_ms"] = float(np.mean([c["delay_ms"]["mean"] for c in cost]))
    out["late"] = max(c["late"] for c in cost)
    if out["ok"] and limits and not limits["bits"]:
        out.update(search.attack(profile))
    return out


def _again(profile):
    return _HAS["again"].attack(profile)


def _held_out(job):
    """Figures of the half that the search never saw; no attack on what is known to give
    nothing away."""
    profile, attacked = job
    search = _HAS["held out"]
    cost = search.cost(profile)
    got = search.attack(profile) if attacked else {}
    return {"held_out_values": got.get("values"), "held_out_accuracy": got.get("accuracy"),
            "held_out_bits": got.get("bits"), "held_out_bits_share": got.get("bits_share"),
            "held_out_overheads": [c["overhead"] for c in cost],
            "held_out_delay_p99_ms": max(c["delay_ms"]["p99"] for c in cost),
            "held_out_delay_mean_ms": float(np.mean([c["delay_ms"]["mean"] for c in cost]))}


# ---- the search ------------------------------------------------------------------------------

def better(a):
    """Key to sort points by: what they give away in steps of its noise, accuracy first, then
    bits where they are measured, then bytes; where that is known, what was late, then the mean
    delay."""
    if "accuracy" in a:
        return (0, round(a["accuracy"] / STEP), round((a.get("bits_share") or 0) / STEP),
                a["overhead"])
    return (1, a["late"], a["delay_mean_ms"])


def search_tier(folder, tier, limits, first, generations, size, each, progress, seed):
    """[points], all that were looked at, each once. each(f, jobs): f of each job, in order."""
    r = np.random.default_rng([seed, 19, *tier.encode()])
    kinds = limits["kinds"]
    seen, parents, names = [], [], set()
    for g in range(generations + 1):
        if g == 0:
            points = space.starts(kinds)[:first]
            points += [space.draw(r, kinds) for _ in range(first - len(points))]
        else:
            points = [space.change(r, parents[int(r.integers(len(parents)))]["point"],
                                   .5 * .8 ** g, kinds) for _ in range(size)]
        jobs = []
        for point in points:
            profile = profile_of(point, folder)
            if profile not in names:
                names.add(profile)
                jobs.append((limits, point, profile))
        for k, out in enumerate(each(_evaluate, jobs)):
            seen.append({**out, "tier": tier, "generation": g})
            progress((g + (k + 1) / len(jobs)) / (generations + 1), f"generation {g}, "
                     f"{sum(p['ok'] for p in seen)} of {len(seen)} within limits")
        parents = sorted((p for p in seen if p["ok"]), key=better)[:max(4, size // 6)]
        if not parents:		# go on from what is nearest to the limits
            parents = sorted((p for p in seen if not p.get("refused")),
                             key=lambda p: strain(p, limits))[:4]
            if not parents:
                raise JudgeError(f"no point of {first} can be a profile")
    return seen


def confirm(folder, limits, seen, best, each):
    """The best few, best first, attacked again with other chance, so that luck is not chosen."""
    good = sorted((p for p in seen if p["ok"]), key=better)[:best]
    if not limits["bits"]:
        for p, got in zip(good, each(_again, [profile_of(p["point"], folder) for p in good])):
            p.update(got)
    return sorted(good, key=better)


def frontier(sets, tiers, beside, cache, folder, first=48, generations=4, size=24, best=6,
             visits=600, repeats=3, seed=1, progress=None, jobs=None, bounded=False):
    """Searches; the result's key "frontier".

    sets: [(TraceSet, Link)]; tiers: as TIERS, those that are searched; beside: names of
    profiles to place beside; cache: a Cache, of the search's own or defended cells of many
    points would drive out other results; visits: of each half at most. Every profile looked at
    is a file in `folder`. bounded: of what was found, and of what stands beside, the least that any
    scheme leaves for as many bytes. JudgeError where nothing holds a tier's limits, or the simulator
    fails.
    """
    for ts, _ in sets:
        ts.tuned_to("search")
    os.makedirs(folder, exist_ok=True)
    began = time.monotonic()
    parts = [halves(ts, seed) for ts, _ in sets]

    def of(half, add, *args, **kw):
        return Search([(thin(part[half], visits, seed), other_chance(link, add))
                       for part, (_, link) in zip(parts, sets)], cache, seed + add, *args, **kw)
    progress.step("undefended")
    has = {"search": of(0, 0), "again": of(0, AGAIN, repeats, measured=True),
           "held out": of(1, HELD_OUT, repeats, measured=True), "whole": Costs(sets, cache)}
    with ProcessPoolExecutor(jobs or os.cpu_count(), multiprocessing.get_context("fork"),
                             _begin, (has,)) as pool:
        try:
            points, chosen = _searched(tiers, beside, folder, pool.map, progress, best, seed,
                                       functools.partial(search_tier, folder, first=first,
                                                         generations=generations, size=size))
        except BrokenProcessPool:
            raise JudgeError("a process of the search was killed: is there enough memory?") \
                from None
    for p in points if bounded else []:
        if p.get("chosen") or p.get("tier") is None:
            progress.step(f"bound at the price of {p['name']}")
            p["bounds"], p["bound_share"] = _bounds(p, sets, has["search"], seed, cache)
    return {"sets": [{"name": ts.name, "digest": ts.digest(), "rtt": link.rtt,
                      "window": watching(ts, "none", link, cache).window} for ts, link in sets],
            "seed": seed, "first": first, "generations": generations, "size": size,
            "visits": visits,
            "undefended": [[b["value"], b["floor"], b["tests"]] for b in has["search"].base],
            "undefended_bits": [b["bits"] for b in has["again"].base],
            "weights": has["search"].weight.tolist(), "limits": tiers,
            "chosen": chosen, "points": points, "seconds": round(time.monotonic() - began, 1)}


def _bounds(p, sets, search, seed, cache):
    """([what is named at least of each set, or None], their weighted share of what is undefended, as a
    point's accuracy): of sets with a target, whose figure is AUPRC, there is none."""
    out, share, weight = [], 0.0, 0.0
    for (ts, _), over, base, w in zip(sets, p["overheads"], search.base, search.weight):
        x = {} if ts.target is not None else run.beside(
            ts, {"window_overhead": over, "delay_ms": {"p99": p["delay_p99_ms"]}}, seed, cache)
        out.append(x.get("named"))
        if "named" in x and base["value"] > base["floor"]:
            share += w * max(0.0, x["named"] - base["floor"]) / (base["value"] - base["floor"])
            weight += w
    return out, share / weight if weight else None


def _searched(tiers, beside, folder, each, progress, best, seed, search):
    """(points of all tiers and those beside, {tier: the name of the one chosen})"""
    progress.step("profiles beside")
    points = [p for p in each(_evaluate, [(None, None, name) for name in beside])
              if not p.get("refused")]
    for p, got in zip(points, each(_again, [p["name"] for p in points])):
        p.update(got)
    held, chosen = [(p, (p["name"], True)) for p in points], {}
    for tier, limits in tiers.items():
        progress.step(f"search: {tier}")
        seen = search(tier=tier, limits=limits, each=each, progress=progress, seed=seed)
        progress.step(f"again: {tier}")
        top = confirm(folder, limits, seen, best, each)
        if not top:
            near = min((p for p in seen if not p.get("refused")), default=None,
                       key=lambda p: strain(p, limits))
            raise JudgeError(f"nothing within the limits of {tier} was found" + (
                f"; the nearest has {100 * max(near['overheads']):.1f} % overhead, "
                f"{near['delay_p99_ms']:.1f} ms p99, {near['delay_mean_ms']:.1f} ms mean, "
                f"{100 * near['late']:.2f} % late" if near else ""))
        chosen[tier] = top[0]["name"]
        for p in seen:
            p["chosen"] = p is top[0]
            p["profile_text"] = space.text(p["point"], tier, "found by rtpl-judge frontier")
        held.append((top[0], (profile_of(top[0]["point"], folder), not limits["bits"])))
        points += seen
    progress.step("held out")
    for (p, _), got in zip(held, each(_held_out, [job for _, job in held])):
        p.update(got)
    return points, chosen


def write_chosen(found, folder):
    """The chosen profiles as files named by tier; their paths."""
    out = []
    for p in found["points"]:
        if p.get("chosen"):
            path = os.path.join(folder, p["tier"] + ".profile")
            with open(path, "w", encoding="utf-8") as f:
                f.write(p["profile_text"])
            out.append(path)
    return out
