# SPDX-License-Identifier: GPL-2.0
"""Which settings give least away under given limits of cost.

A search (random points, then generations of neighbours of the best, as evolution strategies
do) over the engine's settings. Points that break a limit on any set are left at once: the
simulator tells. The others are attacked: a forest on k-FP's features and the flow's volume,
which are quick. What is sought is the least mean over the sets of

    (accuracy - chance) / (accuracy undefended - chance)

of the stronger attack (AUPRC and base rate where a set has a target). A set weighs as much as
its undefended figure stands out of its own noise, but no more than WEIGHT: a small set would
lead the search by its luck. Points that are equal within their noise are ordered by bytes.

The search sees one half of each set only; the found points and those that they stand beside are
then judged on the other half, whose visits, groups or classes the search never saw.
"""
import multiprocessing
import os
import time

import numpy as np

from . import JudgeError, registry, space, stats
from .defend import costs, defend, thin
from .traces import splits

TREES = 80			# of the search's forests
WEIGHT = 15.0			# most of a set: its signal by its noise
# overhead (share), delay_p99_ms, late (share dropped): most on every set, None: any; bits: most
# each way a second, always, for a rate that is paid whether used or not. kinds: what is searched.
TIERS = {
    "standard": {"overhead": .30, "delay_p99_ms": 50.0, "late": .001, "bits": None,
                 "kinds": {"schedule": ["as-it-comes", "jitter", "interval"],
                           "limits": ["tight"]}},
    "enhanced": {"overhead": 1.5, "delay_p99_ms": 50.0, "late": .001, "bits": None,
                 "kinds": {"schedule": ["jitter", "interval", "ladder", "fill"],
                           "limits": ["cap"]}},
    # What it gives away is known: nothing. So the least delay for the price is sought.
    "maximum": {"overhead": None, "delay_p99_ms": None, "late": None, "bits": 10.1e6,
                "kinds": {"schedule": ["constant"], "chaff": ["none"], "sizes": ["one"],
                          "limits": ["cap"]}},
}
OUTER = 28			# bytes of UDP and IPv4


def halves(ts, seed):
    """(search, held out): by groups where every class is in four or more, else by classes
    where there are twenty or more, else by groups as far as they go."""
    r = np.random.default_rng([seed, 17])
    names = np.unique(ts.groups)
    crossed = len(names) <= 20 and all(len(np.unique(ts.y[ts.groups == g])) == len(ts.classes)
                                       for g in names)
    if crossed and len(names) >= 4:
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


def _quick(ts, link, seed, repeats):
    """The stronger quick attack's (accuracy or AUPRC, what a guess gets, tests)."""
    from sklearn.ensemble import RandomForestClassifier
    best, tests = 0.0, 0
    for name in ("kfp", "volume"):
        attack = registry.make(name, link.window)
        x = attack.extract(ts.visits)
        got = []
        for k, (train, test) in enumerate(splits(ts, repeats, seed)):
            forest = RandomForestClassifier(TREES, random_state=seed + k, n_jobs=1)
            forest.fit(x[train], ts.y[train])
            p = np.zeros((len(test), len(ts.classes)))
            p[:, forest.classes_] = forest.predict_proba(x[test])
            if ts.target is not None:
                c = ts.classes.index(ts.target)
                got.append(stats.auprc(ts.y[test] == c, p[:, c], resamples=1)["auprc"])
            else:
                got.append(stats.accuracy(ts.y[test], p))
        best = max(best, float(np.mean(got)))
        tests = len(test) * repeats
    if ts.target is not None:
        floor = float(np.mean(ts.y == ts.classes.index(ts.target)))
    else:
        floor = float(np.bincount(ts.y).max() / len(ts))
    return best, floor, tests


class Search:
    """sets: [(TraceSet, Link)], halves of the whole ones already; cache: for files."""

    def __init__(self, sets, cache, folder, seed=1, repeats=2):
        self.sets, self.cache, self.folder = sets, cache, folder
        self.seed, self.repeats = seed, repeats
        self.base = [_quick(defend(ts, "none", link, cache), link, seed, repeats)
                     for ts, link in sets]
        # Of a share of n tests the noise is about sqrt(p (1 - p) / n), of AUPRC near it.
        self.weight = np.array([min(WEIGHT, (v - g) / np.sqrt(max(.05, v * (1 - v)) / n))
                                if v > g else 0.0 for v, g, n in self.base])
        if not self.weight.any():
            raise JudgeError("the attacks are at chance on these sets, undefended: there is "
                             "nothing to search for")
        self.weight /= self.weight.sum()

    def profile(self, point):
        """The file of a point's profile."""
        text = space.text(point, "search", "a point of a search")
        from .cache import digest
        path = os.path.join(self.folder, digest(text)[:16] + ".profile")
        if not os.path.exists(path):
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        return path

    def cost(self, profile):
        """[costs] on each set; None if the engine refuses the profile."""
        try:
            return [costs(ts, profile, link, self.cache) for ts, link in self.sets]
        except JudgeError:
            return None

    def attack(self, profile, repeats=None, seed=None):
        """{"values": [on each set], "accuracy": the weighted share of what is undefended}"""
        values, shares = [], []
        for (ts, link), (undefended, _, _) in zip(self.sets, self.base):
            v, floor, _ = _quick(defend(ts, profile, link, self.cache), link,
                                 self.seed if seed is None else seed, repeats or self.repeats)
            values.append(v)
            shares.append(max(0.0, (v - floor) / max(1e-9, undefended - floor)))
        return {"values": values, "accuracy": float(np.dot(self.weight, shares))}


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
                               ("late", [c["late"] for c in cost])))


def _evaluate(job):
    search, limits, point, name = job
    profile = search.profile(point) if point else name
    cost = search.cost(profile)
    out = {"point": point, "name": name or os.path.basename(profile)[:-8],
           "ok": within(cost, limits, point) if limits else cost is not None}
    if cost is None:
        return {**out, "refused": True}
    out["overhead"] = float(np.mean([c["overhead"] for c in cost]))
    out["overheads"] = [c["overhead"] for c in cost]
    out["delay_p99_ms"] = max(c["delay_ms"]["p99"] for c in cost)
    out["delay_mean_ms"] = float(np.mean([c["delay_ms"]["mean"] for c in cost]))
    out["late"] = max(c["late"] for c in cost)
    if out["ok"] and not (limits and limits["bits"]):
        out.update(search.attack(profile))
    return out


def better(a):
    """Key to sort points by: what they give away in steps of two hundredths (its noise), then
    bytes; where that is known, what was late, then the mean delay."""
    if "accuracy" in a:
        return (0, round(a["accuracy"] / .02), a["overhead"])
    return (1, a["late"], a["delay_mean_ms"])


def search_tier(search, tier, limits, first, generations, size, pool, progress, seed):
    """[points], all that were looked at."""
    r = np.random.default_rng([seed, 19, *tier.encode()])
    kinds = limits["kinds"]
    seen, parents = [], []
    for g in range(generations + 1):
        if g == 0:
            points = space.starts(kinds)[:first]
            points += [space.draw(r, kinds) for _ in range(first - len(points))]
        else:
            points = [space.change(r, parents[int(r.integers(len(parents)))]["point"],
                                   .5 * .8 ** g, kinds) for _ in range(size)]
        jobs = [(search, limits, p, None) for p in points]
        for k, out in enumerate(pool.imap_unordered(_evaluate, jobs)):
            seen.append({**out, "tier": tier, "generation": g})
            progress((g + (k + 1) / len(jobs)) / (generations + 1), f"generation {g}, "
                     f"{sum(p['ok'] for p in seen)} of {len(seen)} within limits")
        parents = sorted((p for p in seen if p["ok"]), key=better)[:max(4, size // 6)]
        if not parents:		# go on from what is nearest to the limits
            parents = sorted((p for p in seen if not p.get("refused")),
                             key=lambda p: max(p["overheads"]))[:4]
            if not parents:
                raise JudgeError(f"no point of {first} can be a profile")
    return seen


def confirm(search, whole, limits, seen, best, repeats, pool_seed=101):
    """The best few that hold the limits on the whole sets, too (bytes of a half can be those of
    a few long visits), again with other chance and more splits, so that luck is not chosen."""
    good = []
    for p in sorted((p for p in seen if p["ok"]), key=better):
        cost = [costs(ts, search.profile(p["point"]), link, search.cache) for ts, link in whole]
        p["whole_overheads"] = [c["overhead"] for c in cost]
        if within(cost, limits, p["point"]):
            good.append(p)
        if len(good) == best:
            break
    for p in good:
        if not limits["bits"]:
            p.update(search.attack(search.profile(p["point"]), repeats, pool_seed))
    return sorted(good, key=better)


def frontier(sets, tiers, beside, cache, folder, first=48, generations=4, size=24, best=6,
             visits=600, repeats=3, seed=1, progress=None, jobs=None):
    """Searches; the result's key "frontier".

    sets: [(TraceSet, Link)]; tiers: as TIERS, those that are searched; beside: names of
    profiles to place beside; visits: of each half at most. Every profile looked at is a
    file in `folder`.
    """
    os.makedirs(folder, exist_ok=True)
    began = time.monotonic()
    parts = [halves(ts, seed) for ts, _ in sets]
    mine = Search([(thin(a, visits, seed), link) for (a, _), (_, link) in zip(parts, sets)],
                  cache, folder, seed)
    other = Search([(thin(b, visits, seed), link) for (_, b), (_, link) in zip(parts, sets)],
                   cache, folder, seed, repeats)
    points, chosen = [], {}
    with multiprocessing.Pool(jobs or os.cpu_count()) as pool:
        progress.step("profiles beside")
        for out in pool.imap(_evaluate, [(mine, None, None, name) for name in beside]):
            if not out.get("refused"):
                points.append(out)
        for tier, limits in tiers.items():
            progress.step(f"search: {tier}")
            seen = search_tier(mine, tier, limits, first, generations, size, pool, progress, seed)
            top = confirm(mine, sets, limits, seen, best, repeats)
            if not top:
                raise JudgeError(f"nothing within the limits of {tier} was found")
            chosen[tier] = top[0]["name"]
            for p in seen:
                p["chosen"] = p is top[0]
                if p["point"]:
                    p["profile_text"] = space.text(p["point"], tier, "found by rtpl-judge frontier")
            points += seen
    progress.step("held out")
    names = set(chosen.values()) | set(beside)
    for p in points:
        if p["name"] not in names or p.get("refused"):
            continue
        profile = mine.profile(p["point"]) if p["point"] else p["name"]
        cost = other.cost(profile)
        got = other.attack(profile)
        p["held_out_values"], p["held_out_accuracy"] = got["values"], got["accuracy"]
        p["held_out_overheads"] = [c["overhead"] for c in cost]
        p["held_out_delay_p99_ms"] = max(c["delay_ms"]["p99"] for c in cost)
    return {"sets": [{"name": ts.name, "digest": ts.digest(), "window": link.window,
                      "rtt": link.rtt} for ts, link in sets],
            "seed": seed, "first": first, "generations": generations, "size": size,
            "visits": visits, "undefended": [list(b) for b in mine.base],
            "weights": mine.weight.tolist(),
            "limits": tiers,
            "chosen": chosen, "points": points, "seconds": round(time.monotonic() - began, 1)}


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
