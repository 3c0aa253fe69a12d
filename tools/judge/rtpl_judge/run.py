# SPDX-License-Identifier: GPL-2.0
"""Set x profile x attack: what can still be learned, and what it costs.

The attacker knows the defence: it is trained on traces that went through the same profile with
other chance, of other groups than those it is tested on. Each step is cached by content, so
that a run that was broken off goes on where it was.
"""
import hashlib
import os
import re
import sys
import threading
import time

import numpy as np

from . import JudgeError, difference, information, registry, stats
from .cache import digest
from .defend import costs, cut_off, defend, lasting, watching
from .kfp import FEATURES
from .traces import splits, unequal

SHUFFLE = 0x5EED		# of labels: another stream of chance than any split's
SIZE_EDGES = list(range(0, 1601, 50))
GAP_EDGES = [0.0] + [float(x) for x in np.round(np.logspace(-3, 4, 29), 6)]	# ms


class Progress:
    """Lines on stderr: one at each step and in 20 seconds on a file, one line that is overwritten on
    a terminal. They go on while nothing is told, so that who looks sees that it works. quiet: none."""

    def __init__(self, quiet=False):
        self.quiet, self.last, self.head, self.said = quiet, 0.0, "", (0.0, "")
        self.kind = ""
        self.began = time.monotonic()
        self.tty = sys.stderr.isatty()
        self.over = threading.Event()
        self.beat = None

    def step(self, head, fraction=0.0):
        self.head, self.last = head, 0.0
        if not self.beat and not self.quiet:
            self.beat = threading.Thread(target=self._beat, daemon=True)
            self.beat.start()
        self(fraction, "")

    def _beat(self):
        while not self.over.wait(1):
            if time.monotonic() - self.last >= (1 if self.tty else 20):
                self(*self.said)

    def __call__(self, fraction, text=""):
        self.said = fraction, text
        now, kind = time.monotonic(), re.sub(r"\d+", "", text)
        # On a file what is new is told soon, what only counts on is not.
        if self.quiet or now - self.last < (.2 if self.tty else 2 if kind != self.kind else 20):
            return
        self.last, self.kind = now, kind
        line = f"{now - self.began:6.0f} s  {self.head} {100 * fraction:3.0f} % {text}"
        print(f"\r\033[K{line[:118]}" if self.tty else f"# {line}", end="" if self.tty else "\n",
              file=sys.stderr, flush=True)

    def end(self):
        self.over.set()
        if self.tty and not self.quiet:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


class Shares:
    """Progress of a work of several steps, as one: each step has a share of it."""

    def __init__(self, progress, shares):
        self.progress = progress
        self.ends = [0.0, *(np.cumsum(shares) / sum(shares)).tolist()]
        self.now = -1

    def step(self, head, fraction=0.0):
        self.now = min(self.now + 1, len(self.ends) - 2)
        self.progress.step(head, self._at(fraction))

    def _at(self, fraction):
        begin, end = self.ends[max(0, self.now):][:2]
        return begin + (end - begin) * fraction

    def __call__(self, fraction, text=""):
        self.progress(self._at(fraction), text)


def _extract(attack, ts, cache):
    return cache.array("x", {"set": ts.digest(), **registry.settings(attack)},
                       lambda: attack.extract(ts.visits))


def _probabilities(attack, x, y, ts, classes, split, number, seed, cache, progress, what):
    """Of one split's test side, cached. what: names what the labels y are."""
    train, test = split
    key = {"set": ts.digest(), "attack": registry.settings(attack), "seed": seed + number,
           "split": number, "what": what, "train": len(train), "test": test.tolist()}
    return cache.array("p", key, lambda: attack.fit_predict(
        x[train], y[train], ts.groups[train], x[test], classes, seed + number, progress))


def digest_of(a):
    return hashlib.sha256(np.ascontiguousarray(a).tobytes()).hexdigest()


def part(progress, k, n):
    """Progress of the kth of n parts."""
    return lambda f, text="": progress((k + f) / n, text)


def copies(ts):
    """(numbers of the first copy of each visit, which of these each row is a copy of)."""
    seen, first, of = {}, [], np.empty(len(ts), np.int64)
    for i, v in enumerate(ts.visits):
        if v.key not in seen:
            seen[v.key] = len(first)
            first.append(i)
        of[i] = seen[v.key]
    return np.array(first), of


def _over_visits(ts, parts, truth, proba, of=stats.accuracy, weight=None):
    """Where fewer sessions than splits are tested on: the mean over sessions, and an interval of
    visits and seeds within these sessions. What other sessions would give it cannot say.
    of: what is told of each split; weight [classes]: of each visit."""
    weight = np.ones(len(ts.classes)) if weight is None else weight
    hits, times = np.zeros(len(ts)), np.zeros(len(ts))
    for (_, test), t, p in zip(parts, truth, proba):
        hits[test] += stats.hits(t, p) * weight[t]
        times[test] += 1
    means, error = [], 0.0
    for g in np.unique(ts.groups[times > 0]):
        mine = (ts.groups == g) & (times > 0)
        share = hits[mine] / times[mine]
        means.append(share.mean())
        error += share.var(ddof=1) / mine.sum()
    mean, half = float(np.mean(means)), 1.96 * np.sqrt(error) / len(means)
    return {"mean": mean, "low": max(0.0, mean - half), "high": min(1.0, mean + half),
            "each": [of(t, p) for t, p in zip(truth, proba)], "of": "visits", "half": float(half)}


def closed_world(attack, ts, repeats, seed, cache, progress, shuffled=False):
    """Accuracy with its interval over splits, of classes that are not equally frequent balanced
    accuracy, too, and of a set with a target AUPRC; p of a guesser being as good. (dict, numbers of
    the visits that were tested, their labels, their probabilities)."""
    x = _extract(attack, ts, cache)
    y = ts.y
    if shuffled:
        first, of = copies(ts)
        y = information.shuffled(y[first], ts.groups[first],
                                 np.random.default_rng([seed, SHUFFLE]))[of]
    parts = splits(ts, repeats, seed)
    truth, proba = [], []
    for k, (train, test) in enumerate(parts):
        progress(k / repeats, f"split {k + 1} of {repeats}")
        p = _probabilities(attack, x, y, ts, len(ts.classes), (train, test), k, seed, cache,
                           part(progress, k, repeats), "shuffled" if shuffled else "closed")
        truth.append(y[test])
        proba.append(p)
    sizes = np.mean([len(b) for _, b in parts]), np.mean([len(a) for a, _ in parts])
    again = len({tuple(test) for _, test in parts}) < len(parts)

    def over(proba, of, weight=None):
        return _over_visits(ts, parts, truth, proba, of, weight) if again else \
            stats.interval([of(t, p) for t, p in zip(truth, proba)], *sizes)
    out, answers, weight = {"accuracy": over(proba, stats.accuracy)}, proba, None
    if unequal(ts):
        count = np.bincount(y, minlength=len(ts.classes))
        weight = len(y) / np.maximum(1, count) / len(ts.classes)
        answers = [stats.by_prior(p, np.bincount(y[train], minlength=len(ts.classes)) / len(train))
                   for p, (train, _) in zip(proba, parts)]
        out["balanced"] = over(answers, stats.balanced, weight)
    tests = np.concatenate([test for _, test in parts])
    once = np.unique(tests, return_index=True)[1]
    out["p"] = stats.permutation(np.concatenate(truth)[once], np.concatenate(answers)[once],
                                 ts.groups[tests[once]], weight, seed=seed)
    if ts.target is not None:
        c = ts.classes.index(ts.target)
        out["auprc"] = stats.interval([stats.auprc(t == c, p[:, c], resamples=1)["auprc"]
                                       for t, p in zip(truth, proba)], *sizes)
    return out, tests, np.concatenate(truth), np.concatenate(proba)


def open_world(attack, ts, monitored, repeats, seed, cache, progress):
    """The first `monitored` classes of a random order are looked for; the others are the
    world, and no class of it is on both sides of a split."""
    r = np.random.default_rng([seed, 13])
    order = r.permutation(len(ts.classes))
    mine, other = order[:monitored], order[monitored:]
    number = np.full(len(ts.classes), monitored)
    number[mine] = np.arange(monitored)
    y = number[ts.y]
    x = _extract(attack, ts, cache)
    truth, proba, kept = [], [], []
    parts = splits(ts, repeats, seed)
    for k, (train, test) in enumerate(parts):
        seen = r.permutation(other)[:len(other) // 2]
        train = train[(y[train] < monitored) | np.isin(ts.y[train], seen)]
        test = test[(y[test] < monitored) | ~np.isin(ts.y[test], seen)]
        proba.append(_probabilities(attack, x, y, ts, monitored + 1, (train, test), k, seed,
                                    cache, part(progress, k, repeats), f"open {monitored}"))
        truth.append(y[test])
        kept.append((train, test))
    tests = np.concatenate([test for _, test in kept])
    # What varies is the session, and with it all of its visits.
    out = stats.open_world(np.concatenate(truth), np.concatenate(proba), monitored,
                           groups=ts.groups[tests])
    return {"monitored": monitored, "base_rate": out["base"], "guess": out["guess"],
            "auprc": {"mean": out["auprc"], "low": out["low"], "high": out["high"]},
            **{k: out[k] for k in ("fpr", "tpr", "precision_at")},
            "curve": [list(p) for p in zip(out["recall"], out["precision"])]}


def confusion(y, proba, classes):
    """Rows: what it was; columns: what the attack said."""
    m = np.zeros((classes, classes), int)
    np.add.at(m, (y, proba.argmax(1)), 1)
    return m.tolist()


def histograms(ts):
    """Shares of sizes and of gaps (ms), each way; of a gap between packets of one direction."""
    out = {"sizes": {"edges": SIZE_EDGES}, "gaps_ms": {"edges": GAP_EDGES}}
    for word, d in (("up", 1), ("down", -1)):
        sizes = np.zeros(len(SIZE_EDGES) - 1)
        gaps = np.zeros(len(GAP_EDGES) - 1)
        for v in ts.visits:
            of = v.d == d
            sizes += np.histogram(np.minimum(v.b[of], SIZE_EDGES[-1]), SIZE_EDGES)[0]
            gaps += np.histogram(np.minimum(np.diff(v.t[of]) * 1e3, GAP_EDGES[-1]), GAP_EDGES)[0]
        out["sizes"][word] = (sizes / max(1, sizes.sum())).tolist()
        out["gaps_ms"][word] = (gaps / max(1, gaps.sum())).tolist()
    return out


def describe(ts, window):
    """What the set is, and what an observer counts in it."""
    counts = np.bincount(ts.y, minlength=len(ts.classes))
    spans = [v.seconds for v in ts.visits]
    mean = float(np.mean([v.b.sum() for v in ts.visits]))
    return {"set": ts.name, "digest": ts.digest(), "visits": len(ts), "classes": ts.classes,
            "groups": len(set(ts.groups)), "ungrouped": ts.ungrouped, "window": window,
            "packets": ts.packets,
            "chance": float(counts.max() / counts.sum()), "target": ts.target,
            "base_rate": float(counts[ts.classes.index(ts.target)] / counts.sum())
            if ts.target is not None else None,
            "wire_bytes_per_visit": mean, "bytes_per_second": mean / window,
            "duration_s": {"p50": float(np.quantile(spans, .5)),
                           "p99": float(np.quantile(spans, .99))}}


def judge_seen(ts, window, attacks, repeats, seed, cache, progress, shuffled=False, opened=0,
               measures=True):
    """Everything but costs of one set that an observer saw: a run of the result."""
    if opened and opened > len(ts.classes) - 4:
        raise JudgeError(f"--open {opened}: {ts.name} has {len(ts.classes)} classes, of which at "
                         "least four must be the world")
    run = describe(ts, window)
    # Who was tested with whom: runs of the same splits are compared in pairs.
    run["splits"] = digest([[ts.visits[i].key for i in test] for _, test in splits(ts, repeats, seed)])
    run["attacks"] = {}
    best = None
    first = copies(ts)[0]
    for name in attacks:
        attack = registry.make(name, window, ts.visits)
        began = time.monotonic()
        progress.step(f"{ts.name}: {name}")
        one, tests, y, proba = closed_world(attack, ts, repeats, seed, cache, progress)
        one = {"title": attack.title, "paper": attack.paper, "trained": registry.trained(attack),
               "version": registry.version(attack),
               "settings": attack.settings(), "seen": attack.seen(ts.visits), **one,
               "confusion": confusion(y, proba, len(ts.classes))}
        once = np.unique(tests, return_index=True)[1]
        once = once[np.isin(tests[once], first)]
        answers = proba[once], y[once], ts.groups[tests[once]]
        one["bounds"] = information.bounds(*answers, seed)
        proved = one["bounds"]["cross_entropy"]["corrected"]
        if best is None or proved > best[0]:
            best = proved, *answers
        if shuffled:
            progress.step(f"{ts.name}: {name}, labels shuffled")
            few = closed_world(attack, ts, repeats, seed, cache, progress, shuffled=True)[0]
            one["shuffled"] = few.get("balanced", few["accuracy"])
            if "auprc" in few:
                one["shuffled_auprc"] = few["auprc"]
        if opened:
            progress.step(f"{ts.name}: {name}, open world")
            one["open"] = open_world(attack, ts, opened, repeats, seed, cache, progress)
        one["seconds"] = round(time.monotonic() - began, 3)
        run["attacks"][name] = one
    if measures:
        progress.step(f"{ts.name}: information")
        kfp = registry.make("kfp", window)
        x = _extract(kfp, ts, cache)
        run["information"] = cache.value(
            "i", {"set": ts.digest(), "x": registry.settings(kfp),
                  "proba": best and digest_of(best[1]),
                  "source": registry.source("information", "density", "fano", "stats"), "seed": seed},
            lambda: information.information(x[first], FEATURES, ts.y[first], ts.groups[first],
                                            *(best or ())[1:], seed=seed, progress=progress))
        run["differences"] = cache.value(
            "d", {"set": ts.digest(), "source": registry.source("difference"), "seed": seed},
            lambda: difference.differences(ts.take(first), seed, progress))
    run["histograms"] = histograms(ts)
    return run


def judge(ts, profile, link, attacks, repeats=5, seed=1, cache=None, progress=None,
          shuffled=False, opened=0, measures=True, bounded=False):
    """One set through one profile: see the schema in rtpl-judge(1). bounded: with the least that any
    scheme leaves at its price."""
    progress.step(f"{ts.name}: through {os.path.basename(profile)}")
    link = watching(ts, profile, link, cache)
    seen = defend(ts, profile, link, cache)
    run = judge_seen(seen, link.window, attacks, repeats, seed, cache, progress, shuffled, opened,
                     measures)
    run["profile"] = profile_name(profile)
    run["cut"] = cut_off(lasting(ts, profile, link, cache), seen.visits, link.window)
    keys = {v.key for v in seen.visits}
    plain = [v.until(link.window) for v in ts.visits if v.key in keys]
    bare = float(np.mean([v.b.sum() + link.header * len(v) for v in plain]))
    cost = costs(ts, profile, link, cache)
    bare *= 1 - cost.get("dropped_bytes", 0)	# what was dropped was not carried for these bytes
    run["costs"] = {**cost,
                    "window_overhead": run["wire_bytes_per_visit"] / bare - 1
                    if profile != "none" and bare else None,
                    "wire_bytes_per_visit": run.pop("wire_bytes_per_visit"),
                    "bytes_per_second": run.pop("bytes_per_second"),
                    "duration_s": run.pop("duration_s")}
    if bounded:
        progress.step(f"{ts.name}: bound at the price of {run['profile']}")
        run["bound"] = beside(ts, run["costs"], seed, cache)
    return run


def beside(ts, cost, seed, cache):
    """The least that any scheme leaves of `ts`, undefended, at these costs of a run: of bytes in the
    window, and of what 99 packets in 100 wait. Kept by content."""
    from . import bound
    price = cost.get("window_overhead") or 0.0
    price, delay = max(0.0, round(price, 4)), cost["delay_ms"]["p99"] / 1e3
    return cache.value("bound", {"set": ts.digest(), **bound.key(price, delay, seed)},
                       lambda: bound.beside(ts, price, delay, seed))


def profile_name(profile):
    """Of a name or a file."""
    name = profile.replace("\\", "/").rsplit("/", 1)[-1]
    return name[:-len(".profile")] if name.endswith(".profile") else name
