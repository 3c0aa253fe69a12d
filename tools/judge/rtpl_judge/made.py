# SPDX-License-Identifier: GPL-2.0
"""Sets that are made here, for trying things and for tests: no substitute for real traffic.

Each is drawn from a model of what the name says: a class has its means, a visit its own
luck around them, a group (five of them) a bit of its own, as a day or a path has.
"""
import numpy as np

from . import workloads
from .traces import TraceSet, Visit

RTT = .04
MTU, HEAD = 1500, 52
GROUPS = 5
HTTP = 200			# bytes of a message's header


class _Scene:
    """Packets of one visit, as a client sees them."""

    def __init__(self, r, rate):
        self.r, self.rate, self.rows = r, rate, []

    def send(self, at, d, size):
        """A message of `size` bytes in full packets at the link's rate, acknowledged by every
        second; the time when its last packet is there."""
        n = max(1, -(-int(size) // (MTU - HEAD)))
        sizes = np.full(n, MTU)
        sizes[-1] = HEAD + int(size) - (n - 1) * (MTU - HEAD)
        gaps = sizes * 8 / self.rate * self.r.lognormal(0, .3, n)
        t = at + np.cumsum(gaps)
        self.rows += [(x, d, int(s)) for x, s in zip(t, sizes)]
        for x in t[1::2]:
            self.rows.append((x + RTT / 2 * self.r.uniform(.02, .1), -d, HEAD))
        return float(t[-1])

    def visit(self, cls, group, name):
        rows = sorted(self.rows)
        first = rows[0][0]
        return Visit(cls, group, name, [x - first for x, _, _ in rows], [d for _, d, _ in rows],
                     [s for _, _, s in rows])


def _pages(s, c, r):
    at = s.send(0, 1, r.normal(420, 20))
    at = s.send(at + RTT * r.uniform(1, 1.3), -1, c["html"] * r.lognormal(0, .05))
    for size in c["objects"] * r.lognormal(0, .04, len(c["objects"])):
        if r.random() < .95:
            up = s.send(at + r.exponential(.01), 1, r.normal(380, 40))
            end = s.send(up + RTT * r.uniform(1, 1.3), -1, size)
            at = at + r.exponential(.03) if r.random() < .7 else end


def _page(r):
    return {"html": r.lognormal(10, .6), "objects": r.lognormal(9.3, 1.1, r.integers(4, 16))}


def _inference(s, c, r):
    up = s.send(0, 1, max(60, c["ask"] * r.lognormal(0, .15)))
    s.send(up + RTT + c["think"] * r.lognormal(0, .25), -1,
           max(60, c["answer"] * r.lognormal(0, .15)))


def _service(r):
    return {"ask": r.lognormal(8.5, 1.8), "think": r.lognormal(-1.8, .7),
            "answer": r.lognormal(7.5, 1.8)}


def _tokens(s, c, r):
    at = s.send(0, 1, r.lognormal(6.5, .5)) + RTT + r.lognormal(-1, .3)
    for n in r.negative_binomial(4, .4, int(np.clip(c["words"] * r.lognormal(0, .3), 10, 400))):
        s.send(at, -1, 180 + int(c["longer"] * n))
        at += r.gamma(4, c["pace"] / 4)


def _topic(r):
    return {"words": r.uniform(60, 110), "longer": r.uniform(1, 1.6), "pace": r.uniform(.02, .03)}


KINDS = {"pages": (_page, _pages, 10, 30), "inference": (_service, _inference, 10, 30),
         "tokens": (_topic, _tokens, 2, 100)}


def make(kind, seed=1, classes=None, visits=None):
    """A set of this kind: `classes` times `visits` visits, in five groups."""
    draw, play, k, n = KINDS[kind]
    k, n = classes or k, visits or n
    out = []
    for c in range(k):
        model = draw(np.random.default_rng([seed, 1, c]))
        for i in range(n):
            r = np.random.default_rng([seed, 2, c, i])
            day = np.random.default_rng([seed, 3, i % GROUPS])
            scene = _Scene(r, 20e6 * day.lognormal(0, .2))
            play(scene, model, r)
            name = ("target", "other")[c] if kind == "tokens" else f"{kind}{c + 1:02}"
            out.append(scene.visit(name, f"day{i % GROUPS + 1}", str(i + 1)))
    return TraceSet(kind, out, "target" if kind == "tokens" else None)


def planned(workload, visits, seed=1):
    """What `rtpl-judge live` would send of this workload, `visits` of each class, as packets on a
    link of this model: without handshakes, and each exchange on a connection of its own."""
    out = []
    for n, v in enumerate(workloads.plan(workload, visits, seed, GROUPS)["visits"]):
        day = np.random.default_rng([seed, 3, int(v["group"][1:])])
        scene = _Scene(np.random.default_rng([seed, 4, n]), 20e6 * day.lognormal(0, .2))
        ends = []
        for e in v["exchanges"]:
            at = (ends[e["after"]] if e["after"] is not None else 0) + e["wait"]
            at = scene.send(at, 1, HTTP + e["up"]) + RTT
            for k, (wait, size) in enumerate(e["down"]):
                at = max(at + wait, scene.send(at + wait, -1, size + (0 if k else HTTP)))
            ends.append(at)
        out.append(scene.visit(v["class"], v["group"], v["visit"]))
    return TraceSet(workload, out)
