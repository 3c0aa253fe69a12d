#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Dumps, generations and events of the netlink family.

Run by test_dump.sh in a namespace of its own."""
import errno
import socket
import struct

from nl import *

rtpl, tap = Rtpl(), Tap()
BIG = bytes([9]) * 32


def key(i):
    return struct.pack(">I", i) * 8


def peer(k, *parts):
    return [attr(A_PEER, [attr(P_PUBLIC_KEY, k), *parts])]


def generation():
    return struct.unpack("=I", first(attrs(rtpl.do(NODE_GET, [])[0]), A_GENERATION))[0]


def peers(messages):
    """(public key, attributes) of each message."""
    out = []
    for m in messages:
        p = attrs(first(attrs(m), A_PEER))
        out.append((first(p, P_PUBLIC_KEY), p))
    return out


def prefixes(parts):
    out = []
    for _, e in attrs(first(parts, P_PREFIXES) or b""):
        e = attrs(e)
        out.append((first(e, X_ADDR), first(e, X_LEN)[0]))
    return out


def test_generation():
    was = generation()
    tap.ok(generation() == was, "asking does not change the generation")
    rtpl.do(PEER_ADD, peer(key(1)))
    one = generation()
    tap.ok(one != was, "a new peer changes it")
    rtpl.do(PEER_SET, peer(key(1), u16(P_KEEPALIVE, 9)))
    two = generation()
    tap.ok(two not in (was, one), "a changed peer too")
    rtpl.do(PEER_DEL, peer(key(1)))
    tap.ok(generation() not in (was, one, two), "and one that goes")


def test_large_peer():
    """More prefixes than one message holds come in several, none twice."""
    want = [(socket.inet_pton(socket.AF_INET6, f"2001:db8:{i:x}::"), 48) for i in range(1000)] + \
        [(socket.inet_aton(f"198.{18 + (i >> 8)}.{i & 255}.0"), 24) for i in range(1000)]
    rtpl.do(PEER_ADD, peer(BIG, attr(P_PREFIXES, [
        attr(X_ENTRY, [attr(X_ADDR, a), u8(X_LEN, n)]) for a, n in want])))
    rtpl.do(PEER_ADD, peer(key(2), attr(P_PREFIXES, [prefix("192.0.2.0/24")])))
    got = peers(rtpl.dump(PEER_GET))
    mine = [p for k, p in got if k == BIG]
    tap.ok(len(mine) > 1, f"2000 prefixes come in {len(mine)} messages")
    tap.ok(sorted(x for p in mine for x in prefixes(p)) == sorted(want), "all of them, each once")
    tap.ok(all({k for k, _ in p} == {P_PUBLIC_KEY, P_ID, P_PREFIXES} for p in mine[1:]),
           "further messages hold key, id and prefixes only")
    tap.ok(first(mine[0], P_REQUIRE) == b"\1", "the first one holds the rest")
    tap.ok([prefixes(p) for k, p in got if k == key(2)] == [[(socket.inet_aton("192.0.2.0"), 24)]],
           "the next peer is whole")
    one = peers(rtpl.dump(PEER_GET, peer(key(2))))
    tap.ok([k for k, _ in one] == [key(2)], "a dump by key gives that peer only")
    tap.ok(rtpl.dump(PEER_GET, peer(key(3))) == [], "a dump by an unknown key gives none")
    try:
        rtpl.do(PEER_GET, peer(BIG))
        tap.ok(False, "a do of so many prefixes is refused")
    except Refused as e:
        tap.ok(e.code == errno.EMSGSIZE and "use a dump" in (e.text or ""), "a do of so many prefixes is refused", e)
    rtpl.do(PEER_SET, peer(BIG, attr(P_PREFIXES, [])))
    got = peers(rtpl.do(PEER_GET, peer(BIG)))
    tap.ok(prefixes(got[0][1]) == [], "an empty list takes all of them away")
    rtpl.do(PEER_ADD, peer(key(3), attr(P_PREFIXES, [prefix("2001:db8:9::/48"), prefix("198.18.9.0/24")])))
    tap.ok(True, "and others may have them then")
    for k in (BIG, key(2), key(3)):
        rtpl.do(PEER_DEL, peer(k))


def test_interrupted():
    """A dump that a change runs into says so; one that no change meets does not."""
    n = 300
    for i in range(n):
        rtpl.do(PEER_ADD, peer(key(1000 + i), u8(P_REQUIRE, 0), attr(P_PREFIXES, [prefix(f"10.{i >> 8}.{i & 255}.0/24")])))
    small = Rtpl(8192)
    got = peers(small.dump(PEER_GET))
    tap.ok(len({k for k, _ in got}) == n and len(got) == n, f"{n} peers come, each once", len(got))
    tap.ok(small.reads > 3 and not small.interrupted, f"in {small.reads} reads, undisturbed")
    tap.ok(len(peers(small.dump(STATS_GET))) == n, "and their counters")

    other = Rtpl()
    small.send(small.family, PEER_GET, [], NLM_F_DUMP)
    small.messages()
    other.do(PEER_SET, peer(key(1000), u16(P_KEEPALIVE, 1)))
    other.do(PEER_DEL, peer(key(1000 + n - 1)))
    seen = interrupted = False
    while not seen:
        for kind, flags, _ in small.messages():
            interrupted |= bool(flags & NLM_F_DUMP_INTR)
            seen |= kind == NLMSG_DONE
    tap.ok(interrupted, "a dump that a change runs into is marked (NLM_F_DUMP_INTR)")
    ids = {first(p, P_ID) for _, p in peers(rtpl.dump(PEER_GET))}
    other.do(PEER_ADD, peer(key(1000 + n - 1)))
    tap.ok(first(peers(rtpl.do(PEER_GET, peer(key(1000 + n - 1))))[0][1], P_ID) not in ids, "an id is not used again")
    for i in range(n):
        rtpl.do(PEER_DEL, peer(key(1000 + i)))
    tap.ok(rtpl.dump(PEER_GET) == [], "all gone")


def test_events():
    ear = Rtpl()
    ear.listen()
    rtpl.do(PEER_ADD, peer(key(5)))
    e = ear.event()
    tap.ok(first(e, E_KIND) == struct.pack("=I", EV_PEER_ADDED) and first(e, E_PUBLIC_KEY) == key(5),
           "an event tells of the new peer", e)
    rtpl.do(PEER_DEL, peer(key(5)))
    e = ear.event()
    tap.ok(first(e, E_KIND) == struct.pack("=I", EV_PEER_REMOVED) and first(e, E_PUBLIC_KEY) == key(5),
           "and of its end", e)


def test_node():
    drops = attrs(first(attrs(rtpl.do(STATS_GET, [])[0]), A_DROPS))
    tap.ok(len(drops) > 30 and all(len(attrs(d)) >= 3 for _, d in drops), f"{len(drops)} reasons of drops, with text")


for test in (test_generation, test_large_peer, test_interrupted, test_events, test_node):
    test()
tap.done()
