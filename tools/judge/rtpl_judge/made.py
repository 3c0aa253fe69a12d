# SPDX-License-Identifier: GPL-2.0
"""Sets that are made here, for trying things and for tests: no substitute for real traffic.

Each is drawn from a model of what the name says: a class has its means, a visit its own
luck around them, a group (five of them) a bit of its own, as a day or a path has.
"""
import numpy as np

from . import JudgeError, workloads
from .traces import UNSEEN, TraceSet, Visit

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
        second, which takes the client's half a round trip to be there, and its acknowledgement
        another half to come back; the time when its last packet is seen at the client."""
        n = max(1, -(-int(size) // (MTU - HEAD)))
        sizes = np.full(n, MTU)
        sizes[-1] = HEAD + int(size) - (n - 1) * (MTU - HEAD)
        gaps = sizes * 8 / self.rate * self.r.lognormal(0, .3, n)
        t = at + np.cumsum(gaps)
        self.rows += [(x, d, int(s)) for x, s in zip(t, sizes)]
        for x in t[1::2]:
            self.rows.append((x + (RTT if d > 0 else 0) + RTT / 2 * self.r.uniform(.02, .1), -d, HEAD))
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


# ---- what nothing is tuned to --------------------------------------------------------------------

# Medians, each with its sigma: bytes asked, seconds of service, bytes answered. Other kinds than those
# of workloads.py, of other sizes and times; a search or fit refuses them, so that what a profile was
# tuned to can be told from what it does to others' traffic.
KINDS_UNSEEN = {
    "translate-line": (310, 0.30, 0.060, 0.20, 350, 0.30),
    "translate-book": (41000, 0.25, 0.650, 0.20, 43000, 0.25),
    "summarise-mail": (7800, 0.45, 0.300, 0.30, 1150, 0.35),
    "face-match": (31000, 0.15, 0.090, 0.20, 260, 0.15),
    "scan-page": (175000, 0.20, 0.380, 0.25, 5200, 0.45),
    "speech-out": (480, 0.40, 0.240, 0.25, 36000, 0.35),
    "wake-word": (17500, 0.05, 0.018, 0.20, 190, 0.10),
    "similar-products": (1500, 0.20, 0.045, 0.25, 21000, 0.20),
    "fraud-score": (3300, 0.15, 0.022, 0.30, 300, 0.15),
    "plan-route": (900, 0.30, 0.110, 0.35, 9500, 0.40),
}


def unseen(visits, seed=1):
    """A set like planned("inference"), of KINDS_UNSEEN, `visits` of each; its groups' names mark it."""
    out = []
    for c, (name, (up, su, wait, sw, down, sd)) in enumerate(KINDS_UNSEEN.items()):
        for i in range(visits):
            r = np.random.default_rng([seed, 0x0753, c, i])
            day = np.random.default_rng([seed, 0x0754, i % GROUPS])
            luck = np.clip(r.standard_normal(3), -workloads.CUT, workloads.CUT)
            scene = _Scene(r, 20e6 * day.lognormal(0, .2))
            at = scene.send(0, 1, HTTP + round(up * np.exp(su * luck[0]))) + RTT
            scene.send(at + wait * np.exp(sw * luck[1]), -1, HTTP + round(down * np.exp(sd * luck[2])))
            out.append(scene.visit(name, f"{UNSEEN}{i % GROUPS + 1}", str(i + 1)))
    return TraceSet("unseen", out)


# ---- many clients on one link --------------------------------------------------------------------

PRECEDING = 4.0			# seconds of the others before the visit; up to a second more, by lot
FOLLOWING = 4.0			# and behind it


def _burst(r, at, size, rate):
    """Messages of `size` bytes each from `at` on, as _Scene.send() has them: (message, seconds, bytes)
    of each packet, and when each message's last one is there."""
    n = np.maximum(1, -(-size // (MTU - HEAD)))
    of = np.repeat(np.arange(len(n)), n)
    last = np.cumsum(n) - 1
    b = np.full(len(of), MTU)
    b[last] = HEAD + size - (n - 1) * (MTU - HEAD)
    gaps = np.cumsum(b * 8 / rate * r.lognormal(0, .3, len(b)))
    t = gaps - np.concatenate(([0], gaps[last[:-1]]))[of] + at[of]
    return of, t, b, t[last]


def _acks(of, t, d, delay):
    """Of each second packet of a message: how the client sees its acknowledgement."""
    first = np.searchsorted(of, of)		# each message's first packet
    second = (np.arange(len(of)) - first) % 2 == 1
    return of[second], t[second] + delay, np.full(second.sum(), d), np.full(second.sum(), HEAD)


def _crowd(r, cls, classes, clients, rate):
    """Packets of one visit, arrays: flow, seconds, direction, bytes. Flow 0 is the visit's own
    request, at 0 s; each other client's come by chance, as often as any's, and of any class."""
    table = np.array([workloads.INFERENCE[c] for c in classes])
    start = -PRECEDING - r.random()
    others = r.poisson((FOLLOWING - start) / workloads.THINK, clients - 1).sum()
    at = np.concatenate(([0], r.uniform(start, FOLLOWING, others)))
    p = table[np.concatenate(([classes.index(cls)], r.integers(0, len(classes), others)))]

    def drawn(k):
        luck = np.clip(r.standard_normal(len(p)), -workloads.CUT, workloads.CUT)
        return p[:, k] * np.exp(p[:, k + 1] * luck)
    up, service, down = np.rint(drawn(0)).astype(int), drawn(2), np.rint(drawn(4)).astype(int)
    of_up, t_up, b_up, there = _burst(r, at, HTTP + up, rate)
    of_down, t_down, b_down, _ = _burst(r, there + RTT + service, HTTP + down, rate)
    parts = [(of_up, t_up, np.ones(len(of_up), int), b_up),
             (of_down, t_down, np.full(len(of_down), -1), b_down),
             _acks(of_up, t_up, -1, RTT + .0002), _acks(of_down, t_down, 1, .0002)]
    f, t, d, b = (np.concatenate(x) for x in zip(*parts))
    order = np.argsort(t, kind="stable")
    return f[order], t[order], d[order], b[order]


def aggregate(workload, clients, visits, seed=1):
    """Visits that are one request each of `clients` clients on one link, all of whose packets are
    there: `visits` of each class. In each visit all clients have chance of their own."""
    if workload != "inference":
        raise JudgeError(f"there is no set of many clients of {workload}, only of inference")
    classes = list(workloads.INFERENCE)
    out = []
    for c, cls in enumerate(classes):
        for i in range(visits):
            r = np.random.default_rng([seed, 6, clients, c, i])
            day = np.random.default_rng([seed, 3, i % GROUPS])
            f, t, d, b = _crowd(r, cls, classes, clients, 20e6 * day.lognormal(0, .2))
            out.append(Visit(cls, f"day{i % GROUPS + 1}", str(i + 1), t, d, b, f))
    return TraceSet(f"{workload}-{clients}", out)
