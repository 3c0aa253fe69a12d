# SPDX-License-Identifier: GPL-2.0
"""What real programs say to each other, drawn beforehand: the plan of a live run.

A visit is a list of exchanges, requests and their answers over HTTP/1.1:

    conn    number of the connection that it goes over; each is opened for the visit
    after   number of the exchange whose end it waits for, or None: the visit's start
    wait    seconds from then until it is sent (a program that thinks, or trains)
    up      bytes of the request's body; 0: a GET
    down    [[seconds, bytes], ...]: parts of the answer's body, each so long after the one
            before (the first: after the request), as the server has them
    stream  the parts are server-sent events, a chunk each; else one body of known length

A crowd's plan is for many clients on one link at once: all their requests, of which some are
watched.

Sizes and times are lognormal round a median, cut off at 2.5 sigma, so that no visit lasts
longer than its workload's window. All chance is from the seed, the class and the visit.
"""
import math
import random

from . import JudgeError

CUT = 2.5			# of lognormal draws, in sigma
REST = 0.4			# seconds between a window's end and the next visit, at least
PHASE = 0.05			# and at most so much more, so that no clock goes with the visits
MOST_VISITS = 100000		# of a run
WEB_CONNECTIONS = 4


def _around(rng, median, sigma):
    return median * math.exp(sigma * max(-CUT, min(CUT, rng.gauss(0, 1))))


def _bytes(rng, median, sigma):
    return max(1, round(_around(rng, median, sigma)))


def _exchange(up, down, conn=0, after=None, wait=0.0, stream=False):
    return {"conn": conn, "after": after, "wait": round(wait, 6), "up": up, "stream": stream,
            "down": [[round(s, 6), n] for s, n in down]}


# ---- inference: one request, one answer ----------------------------------------------------------

# Bytes of the request and their sigma, seconds of service, bytes of the answer. The kinds of
# input lie as services have them: prompts and their context, pictures and sound by their own
# forms' sizes, vectors of 1536 numbers. Neighbours overlap in each figure, not in all three.
INFERENCE = {
    "short-question": (420, 0.25, 0.180, 0.30, 900, 0.35),
    "long-document": (24000, 0.35, 0.420, 0.25, 1800, 0.30),
    "small-image": (14000, 0.20, 0.035, 0.20, 380, 0.10),
    "large-image": (110000, 0.25, 0.140, 0.20, 420, 0.10),
    "audio-chunk": (64000, 0.05, 0.220, 0.25, 300, 0.30),
    "embedding-batch": (6000, 0.40, 0.030, 0.20, 49152, 0.20),
    "code-completion": (5200, 0.35, 0.120, 0.30, 650, 0.40),
    "classification": (700, 0.35, 0.012, 0.25, 140, 0.10),
    "ranking": (9500, 0.30, 0.065, 0.20, 700, 0.15),
    "tool-call": (2600, 0.20, 0.260, 0.25, 420, 0.25),
}


def _inference(cls, rng):
    up, up_sigma, service, service_sigma, down, down_sigma = INFERENCE[cls]
    return [_exchange(_bytes(rng, up, up_sigma),
                      [(_around(rng, service, service_sigma), _bytes(rng, down, down_sigma))])]


# ---- spread: requests and answers of any size, for profiles that know no traffic -----------------

SPREAD = 60
SPREAD_SIGMA = .2
SPREAD_UP, SPREAD_WAIT, SPREAD_DOWN = (300, 200000), (.008, .8), (150, 150000)
# Each so many classes one that answers bit by bit: bytes, seconds between two, and of all.
SPREAD_STREAM, SPREAD_BIT, SPREAD_GAP, SPREAD_LASTS = 5, (60, 300), (.015, .08), (.5, 3.2)


def _spread(cls, rng):
    """A point of Halton's sequence, in logarithms."""
    n = int(cls[7:])

    def drawn(base, bounds):
        low, high = bounds
        return _around(rng, low * (high / low) ** _halton(n, base), SPREAD_SIGMA)
    up, wait = round(drawn(2, SPREAD_UP)), drawn(3, SPREAD_WAIT)
    if n % SPREAD_STREAM:
        return [_exchange(up, [(wait, round(drawn(5, SPREAD_DOWN)))])]
    size, gap, lasts = drawn(7, SPREAD_BIT), drawn(11, SPREAD_GAP), drawn(13, SPREAD_LASTS)
    down = [(wait, round(size))]
    while sum(s for s, _ in down[1:]) < lasts:
        down.append((_around(rng, gap, .35), _bytes(rng, size, .1)))
    return [_exchange(up, down, stream=True)]


def _halton(n, base):
    """The nth number, from 1, in 0 to 1: its digits, mirrored."""
    x, part = 0.0, 1.0
    while n:
        part /= base
        n, digit = divmod(n, base)
        x += digit * part
    return x


# ---- token: an answer as it is written ---------------------------------------------------------

# Letters of a token (mean), seconds between tokens (median), tokens of an answer (median).
# A topic has longer words, a little less speed, longer answers; each alone tells little, all
# together make some nine answers of ten recognisable.
TOKEN = {
    "target": (4.8, 0.0250, 72),
    "other": (3.6, 0.0220, 56),
}
EVENT = 84			# bytes of an event beside its token
FIRST = 0.30			# seconds to the first token, median
MOST_TOKENS = 100


def _token(cls, rng):
    letters, gap, count = TOKEN[cls]
    n = max(8, min(MOST_TOKENS, _bytes(rng, count, 0.25)))
    speed = _around(rng, 1, 0.1)		# the service's load, the same for a whole answer
    down = [(_around(rng, FIRST, 0.25), EVENT)]
    for _ in range(n):
        long = min(16, 1 + int(rng.expovariate(1 / (letters - 0.5))))
        down.append((speed * min(0.06, _around(rng, gap, 0.35)), EVENT + long))
    return [_exchange(_bytes(rng, 800, 0.3), down, stream=True)]


# ---- web: a page and what is on it ---------------------------------------------------------------

WEB = [f"page-{n}" for n in range(10)]


def _web(cls, rng):
    page = random.Random(f"rtpl-judge web {cls}")	# the page itself, the same for all visits
    out = [_exchange(0, [(_around(rng, 0.020, 0.3), _jitter(rng, _bytes(page, 18000, 0.4)))])]
    for n in range(page.randint(6, 14)):
        size, changes = min(90000, _bytes(page, 9000, 0.9)), page.random() < 0.2
        if changes:			# what is new at each visit, as advertisements are
            size = _bytes(rng, 9000, 0.5)
        if rng.random() < 0.04:		# cached
            continue
        out.append(_exchange(0, [(_around(rng, 0.008, 0.4), _jitter(rng, size))],
                             conn=n % WEB_CONNECTIONS, after=0, wait=rng.uniform(0.004, 0.02)))
    return out


def _jitter(rng, size):
    return max(1, round(size * rng.uniform(0.98, 1.02)))


# ---- federated: a round of learning --------------------------------------------------------------

# Parameters, of a byte each (8-bit updates), and seconds of local training, median.
FEDERATED = {
    "softmax": (7850, 0.10), "ds-cnn": (24900, 0.35), "lenet-5": (61700, 0.30),
    "resnet-8": (78700, 0.70), "gru-keyboard": (130000, 0.90), "mlp-2nn": (199000, 0.20),
    "mobilenet-v1-0.25": (221000, 0.80), "autoencoder": (268000, 0.25),
    "resnet-20": (272000, 1.10), "char-lstm": (820000, 1.20),
}


def _federated(cls, rng):
    size, train = FEDERATED[cls]
    return [_exchange(0, [(_around(rng, 0.010, 0.3), _jitter(rng, size))]),
            _exchange(_jitter(rng, size), [(_around(rng, 0.015, 0.3), 160)], after=0,
                      wait=_around(rng, train, 0.15))]


# ---- asked: is a request under way, and has it been answered? ------------------------------------

# Seconds of service: of who is attacked while an answer is on its way, or to come.
ASKED = {"idle": None, "answered": .01, "waits": .35}
ASKED_APART = 10.0		# seconds before each visit: no profile remembers the one before


def _asked(cls, rng):
    if cls == "idle":
        return []
    size = 1400 * rng.choice((1, 2, rng.randint(3, 24))) - rng.randint(0, 1300)
    return [_exchange(rng.randint(200, 4000), [(ASKED[cls], size)], wait=rng.uniform(0, .04))]


# name: (window in seconds, classes, draw(class, rng) -> exchanges)
WORKLOADS = {
    "inference": (1.5, list(INFERENCE), _inference),
    "spread": (9.0, [f"spread-{n}" for n in range(1, SPREAD + 1)], _spread),
    "token": (5.0, list(TOKEN), _token),
    "web": (2.5, WEB, _web),
    "federated": (5.0, list(FEDERATED), _federated),
    "asked": (1.6, list(ASKED), _asked),
}


# Of which each visit has packets, so that a set can hold it: "asked" has an idle class.
OF_PACKETS = [name for name in WORKLOADS if name != "asked"]


def window(workload):
    """Seconds from a visit's start that the observer looks: the same for all its classes."""
    return _known(workload)[0]


def _known(workload):
    if workload not in WORKLOADS:
        raise JudgeError(f"there is no workload {workload}; there are {', '.join(WORKLOADS)}")
    return WORKLOADS[workload]


def plan(workload, visits, seed, groups=5, classes=None):
    """The plan of a run: {"workload", "window", "visits": [...]}, each visit with `class`,
    `group`, `visit` (names), `rest` (seconds since the window before it ended) and `exchanges`.
    `visits` of each class, in `groups` blocks (at most) that have every class equally often
    or nearly so, each block in an order of its own; of the first `classes` classes, or all."""
    seconds, names, draw = _known(workload)
    names = names[:classes]
    if not 2 <= visits <= MOST_VISITS // len(names):
        raise JudgeError(f"{visits} visits of a class: 2 to {MOST_VISITS // len(names)} "
                         f"can be made of {workload}")
    blocks = min(groups, visits)
    out = []
    for block in range(blocks):
        rng = random.Random(f"{seed} {workload} block {block}")
        part = [(c, n) for c in names for n in range(visits) if n * blocks // visits == block]
        rng.shuffle(part)
        for cls, n in part:
            of_visit = random.Random(f"{seed} {workload} {cls} {n}")
            out.append({"class": cls, "group": f"g{block}", "visit": str(n),
                        "rest": round((ASKED_APART if workload == "asked" else REST) +
                                      rng.uniform(0, PHASE), 9),
                        "exchanges": draw(cls, of_visit)})
    return {"workload": workload, "window": seconds, "visits": out}


# ---- many clients at once ------------------------------------------------------------------------

THINK = 1.5			# seconds between two requests of a client, on average
SETTLE = 5.0			# seconds before each block in which nobody is watched: a slow schedule
				# remembers what another block's visits were
APART = 0.3			# seconds between the starts of two visits, at least
MOST_CLIENTS = 2000


def crowd(workload, clients, visits, seed, groups=5, classes=None):
    """The plan of a run with `clients` clients on one link: each asks once in THINK seconds on
    average, by chance and whatever has come of the request before, for one of the classes.

    As plan(), but `visits` are all requests, in order of time, with `at` (seconds since the run's
    start) and `client` (a number). Those that are watched, `visits` of each class in blocks of equal
    classes and APART seconds from each other, have a `group` and a `visit`; the others have
    neither. Windows overlap within a block, never between two. `seconds` is how long it lasts."""
    window, names, draw = _known(workload)
    names = names[:classes]
    if not 1 <= clients <= MOST_CLIENTS:
        raise JudgeError(f"{clients} clients: 1 to {MOST_CLIENTS} can be made")
    if any(len(draw(c, random.Random(f"{seed} {c}"))) != 1 for c in names):
        raise JudgeError(f"there are no clients of {workload}: its visits are several requests each")
    if not 2 <= visits <= MOST_VISITS // len(names):
        raise JudgeError(f"{visits} visits of a class: 2 to {MOST_VISITS // len(names)} "
                         f"can be made of {workload}")
    blocks, at, out = min(groups, visits), 0.0, []
    for block in range(blocks):
        rng = random.Random(f"{seed} {workload} crowd {clients} block {block}")
        part = [(c, n) for c in names for n in range(visits) if n * blocks // visits == block]
        rng.shuffle(part)
        due = at + window + SETTLE
        while part or at < due:
            at += rng.expovariate(clients / THINK)
            one = {"at": round(at, 6), "client": rng.randrange(clients)}
            if part and at >= due:
                cls, n = part.pop()
                one |= {"class": cls, "group": f"g{block}", "visit": str(n),
                        "exchanges": draw(cls, random.Random(f"{seed} {workload} {cls} {n}"))}
                due = at + (APART if part else window)
            else:
                cls = rng.choice(names)
                one |= {"class": cls, "exchanges": draw(cls, rng)}
            out.append(one)
    return {"workload": workload, "clients": clients, "window": window, "seconds": at + window,
            "visits": out}


def watched(plan):
    """Numbers of the visits of a plan that are watched: all, if it is no crowd's."""
    return [n for n, v in enumerate(plan["visits"]) if "visit" in v]


def payload(visit):
    """Bytes of bodies that a visit has: (from the client, to it)."""
    return (sum(e["up"] for e in visit["exchanges"]),
            sum(n for e in visit["exchanges"] for _, n in e["down"]))
