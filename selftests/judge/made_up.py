# SPDX-License-Identifier: GPL-2.0
"""Results that were made up, for tests of what is said of results."""
import math

import numpy as np

ATTACKS = {"kfp": "k-fingerprinting (Hayes, Danezis 2016)", "cumul": "CUMUL (Panchenko 2016)",
           "df": "Deep Fingerprinting (Sirinam 2018)", "tiktok": "Tik-Tok (Rahman 2020)",
           "rf": "Robust Fingerprinting (Shen 2023)", "token": "token stream (Whisper Leak)",
           "volume": "flow volume"}
PROFILES = [("none", None, 0, .97), ("off", .04, .1, .96), ("censored", .05, 2, .958),
            ("bip324", .06, 1, .95), ("wtfpad", .54, 3, .88), ("regulator", .42, 40, .62),
            ("standard", .24, 38, .41), ("enhanced", .61, 80, .22), ("dp", .9, 160, .3),
            ("tamaraw", 1.4, 900, .11), ("maximum", 3.2, 45, .021), ("front", .8, 9, .85)]


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
