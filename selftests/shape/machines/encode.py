#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Strings of machines that should be refused, and some that should not:

    encode.py	a line each: expected words (ok: taken), a tab, the string
"""
import base64
import struct
import zlib

EVENTS = 13
NORMAL_RECV, NORMAL_SENT, PADDING_SENT, BLOCKING_BEGIN, TIMER_BEGIN, TIMER_END = 0, 3, 4, 6, 10, 11
END, SIGNAL = 2**32 - 1, 2**32 - 2
INF, NAN = float("inf"), float("nan")


def number(v):
    for first, size in ((None, 1), (251, 2), (252, 4), (253, 8)):
        if first is None and v < 251:
            return bytes([v])
        if first and v < 1 << 8 * size:
            return bytes([first]) + v.to_bytes(size, "little")
    raise ValueError(v)


def real(v):
    return struct.pack("<d", v)


def dist(kind, *args, start=0.0, top=0.0):
    kinds = ("uniform normal skew lognormal binomial geometric pareto poisson weibull gamma "
             "beta").split()
    body = b"".join(number(a) if isinstance(a, int) else real(a) for a in args)
    return number(kinds.index(kind)) + body + real(start) + real(top)


def option(v):
    return b"\0" if v is None else b"\1" + v


def pad(timeout, limit=None, flags=b"\0\0"):
    return number(1) + flags + timeout + option(limit)


def block(timeout, duration, limit=None, flags=b"\0\0"):
    return number(2) + flags + timeout + duration + option(limit)


def timer(duration, limit=None, replace=b"\1"):
    return number(3) + replace + duration + option(limit)


def state(action=None, trans={}, a=None, b=None):
    lists = b"".join(
        option(None if e not in trans else number(len(trans[e])) +
               b"".join(number(to) + struct.pack("<f", p) for to, p in trans[e]))
        for e in range(EVENTS))
    return option(action) + option(a) + option(b) + lists


def machine(*states, padding=0, max_padding=0.0, blocked=0, max_blocking=0.0, tail=b""):
    return (number(padding) + real(max_padding) + number(blocked) + real(max_blocking) +
            number(len(states)) + b"".join(states) + tail)


def string(body):
    return "02" + base64.b64encode(zlib.compress(body, 9)).decode()


ZERO = dist("uniform", 0.0, 0.0)
SOON = dist("uniform", 1000.0, 2000.0)
idle = state(trans={NORMAL_SENT: [(0, 1.0)]})


def padding(d, **k):
    return machine(state(pad(d), {NORMAL_SENT: [(0, 1.0)]}), **k)


def spin(action, event, **k):
    """0 leads to 1, which leads to itself and 0."""
    return machine(state(None, {NORMAL_SENT: [(1, 1.0)]}), state(action, {event: [(2, 1.0)]}),
                   state(action, {event: [(1, 0.5), (2, 0.5)]}), **k)


good = string(machine(idle))
cases = [
    ("ok", good),
    ("ok", string(padding(SOON))),
    ("too short", "02"),
    ("begin with 02", "03" + good[2:]),
    ("not base64", "02" + good[2:-4] + "!AAA"),
    ("not base64", good[:-1]),
    ("does not inflate", "02" + base64.b64encode(b"no zlib at all").decode()),
    ("cut off", "02" + base64.b64encode(zlib.compress(machine(idle))[:-5]).decode()),
    ("follow the compressed", "02" + base64.b64encode(zlib.compress(machine(idle)) + b"x").decode()),
    ("larger than 1048576 bytes", string(bytes(1 << 28))),
    ("larger than 1048576 bytes", string(machine(idle, tail=bytes(1 << 20)))),
    ("cut off", string(machine(idle)[:-1])),
    ("bytes follow the machine", string(machine(idle, tail=b"x"))),
    ("there may be 4096", string(number(0) + real(0) + number(0) + real(0) + number(2**40))),
    ("value that cannot be", string(machine(b"\2" + idle[1:]))),
    ("no state", string(machine())),
    ("max_padding_frac is 1.5", string(machine(idle, max_padding=1.5))),
    ("max_padding_frac is nan", string(machine(idle, max_padding=NAN))),
    ("max_blocking_frac is -1", string(machine(idle, max_blocking=-1.0))),
    ("state 0: NormalSent has chances of 1.5 together",
     string(machine(state(trans={NORMAL_SENT: [(0, 0.75), (END, 0.75)]})))),
    ("chance of 1.5;", string(machine(state(trans={NORMAL_SENT: [(0, 1.5)]})))),
    ("chance of 0;", string(machine(state(trans={NORMAL_SENT: [(0, 0.0)]})))),
    ("chance of -", string(machine(state(trans={NORMAL_SENT: [(0, -0.5)]})))),
    ("chance of nan", string(machine(state(trans={NORMAL_SENT: [(0, NAN)]})))),
    ("leads to state 7, which there is not",
     string(machine(idle, state(trans={NORMAL_SENT: [(7, 1.0)]})))),
    ("leads to state 0 twice",
     string(machine(state(trans={NORMAL_SENT: [(0, 0.25), (0, 0.25)]})))),
    ("empty list", string(machine(state(trans={NORMAL_SENT: []})))),
    ("ok", string(machine(state(trans={NORMAL_SENT: [(END, 0.5), (SIGNAL, 0.5)]})))),
    ("low end above", string(padding(dist("uniform", 2.0, 1.0)))),
    ("infinite or no number", string(padding(dist("uniform", 0.0, INF)))),
    ("infinite or no number", string(padding(dist("normal", NAN, 1.0)))),
    ("start that is infinite", string(padding(dist("uniform", 0.0, 1.0, start=INF)))),
    ("maximum that is infinite", string(padding(dist("uniform", 0.0, 1.0, top=NAN)))),
    ("samples that are infinite", string(padding(dist("lognormal", 800.0, 1.0)))),
    ("samples that are infinite", string(padding(dist("uniform", 1e308, 1e308, start=1e308)))),
    ("all negative", string(padding(dist("uniform", -9.0, -1.0)))),
    ("all negative", string(padding(dist("binomial", 10, 0.5, start=-11.0)))),
    ("ok", string(padding(dist("normal", -5.0, 10.0)))),
    ("probability", string(padding(dist("geometric", 1.25)))),
    ("probability", string(padding(dist("binomial", 10, 1e-10)))),
    ("trials", string(padding(dist("binomial", 2 * 10**9, 0.5)))),
    ("scale", string(padding(dist("pareto", 0.0, 1.0)))),
    ("shape", string(padding(dist("weibull", 1.0, -1.0)))),
    ("lambda", string(padding(dist("poisson", 0.0)))),
    ("alpha", string(padding(dist("beta", 1.0, 0.0)))),
    ("scale", string(padding(dist("skew", 1.0, 0.0, 1.0)))),
    ("state 1: from here it goes round", string(spin(pad(ZERO), PADDING_SENT))),
    ("ok", string(spin(pad(SOON), PADDING_SENT))),
    ("ok", string(spin(pad(ZERO), PADDING_SENT, max_padding=0.5))),
    ("ok", string(machine(state(pad(ZERO, limit=dist("uniform", 5.0, 9.0)),
                                {PADDING_SENT: [(0, 1.0)]})))),
    ("ok", string(machine(state(pad(ZERO), {PADDING_SENT: [(0, 0.9)]})))),
    ("goes round", string(spin(block(ZERO, SOON), BLOCKING_BEGIN))),
    ("goes round", string(spin(timer(SOON), TIMER_BEGIN))),
    ("goes round", string(spin(timer(ZERO), TIMER_END))),
    ("ok", string(spin(timer(SOON), TIMER_END))),
    # cannot be come to
    ("ok", string(machine(idle, state(pad(ZERO), {PADDING_SENT: [(1, 1.0)]})))),
    ("need more than", string(machine(*[
        state(pad(dist("normal", 1000.0 + i, 50.0)), {NORMAL_SENT: [(i, 1.0)]})
        for i in range(60)]))),
]
for want, text in cases:
    print(want, text, sep="\t")
