#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every refusal of the netlink family, one at a time: a request that is good
but for one thing is refused with the right error and sentence, changes
nothing, and is accepted without that thing.

Run by test_reject.sh in a namespace with 192.0.2.1/24 and 2001:db8::1/64 on eth0."""
import errno
import os
import re
import socket
import struct
import subprocess
import sys

from nl import *

rtpl, tap = Rtpl(), Tap()

PRIVATE = bytes([8]) + bytes(range(1, 31)) + bytes([64])
UNCLAMPED = bytes([8 + 5]) + PRIVATE[1:31] + bytes([128 + 64])
FIRST, OTHER, NEW = (bytes([i]) * 32 for i in (5, 6, 7))
MINE = "198.51.100.0/24"


def public():
    return first(attrs(first(attrs(rtpl.do(NODE_GET, [])[0]), A_NODE)), N_PUBLIC_KEY)


def state(conf):
    """All that a refused request must leave alone, the generation included."""
    node = rtpl.do(NODE_GET, [attr(A_SHOW_KEYS)])
    peers = []
    for message in rtpl.dump(PEER_GET, [attr(A_SHOW_KEYS)]):
        peers.append([(k, d) for k, d in attrs(first(attrs(message), A_PEER))
                      if k not in (P_STATE, P_LAST_HANDSHAKE, P_CELL_NOW)])
    return node, peers, conf and subprocess.run(["rtplctl", "showconf", "--show-keys"],
                                                capture_output=True, text=True, check=True).stdout


def peer(**parts):
    """RTPL_A_PEER of named attributes; bytes are taken as they are, None leaves one out."""
    make = {
        "key": lambda v: attr(P_PUBLIC_KEY, v),
        "psk": lambda v: attr(P_PSK, v),
        "endpoint": lambda v: attr(P_ENDPOINT, v),
        "prefixes": lambda v: attr(P_PREFIXES, [prefix(p) if isinstance(p, str) else p for p in v]),
        "require": lambda v: u8(P_REQUIRE, v),
        "keepalive": lambda v: u16(P_KEEPALIVE, v),
        "shape": lambda v: attr(P_SHAPE, v),
        "dscp": lambda v: u8(P_DSCP, v),
        "ecn": lambda v: u8(P_ECN, v),
        "twin": lambda v: attr(P_TWIN, v),
        "extra": lambda v: v,
    }
    return [attr(A_PEER, [make[n](v) for n, v in parts.items() if v is not None])]


def refuse(name, cmd, good, bad, code, sentence, undo=None):
    """bad must be refused, then good accepted; undo takes good back."""
    conf = tap.n % 5 == 0       # showconf too, but that takes its time
    before = state(conf)
    try:
        rtpl.do(cmd, bad)
        tap.ok(False, name, "it was accepted")
    except Refused as e:
        tap.ok(e.code == code and re.search(sentence, e.text or ""), name,
               f"got:  {e}", f"want: {errno.errorcode[code]}: /{sentence}/")
    tap.ok(state(conf) == before, f"{name}: nothing has changed")
    if good is None:
        return
    try:
        rtpl.do(cmd, good)
    except Refused as e:
        tap.ok(False, f"{name}: the same without it is accepted", f"refused: {e}")
        return
    if undo:
        undo()


def gone():
    rtpl.do(PEER_DEL, peer(key=NEW))


def add(name, code, sentence, **bad):
    """A new peer, good but for what is named."""
    good = {"key": NEW, "endpoint": endpoint("192.0.2.2", 5000), "prefixes": ["203.0.113.0/24"]}
    refuse(name, PEER_ADD, peer(**good), peer(**{**good, **bad}), code, sentence, gone)


def shape(name, code, sentence, bad, good=None):
    """A new peer with a shape; good: the shape as it would do."""
    base = {"key": NEW, "endpoint": endpoint("192.0.2.2", 5000)}
    refuse(name, PEER_ADD, peer(**base, shape=good), peer(**base, shape=bad), code, sentence, gone)


def entry(addr, size):
    return attr(X_ENTRY, [attr(X_ADDR, addr), u8(X_LEN, size)])


def buckets(*sizes):
    return attr(S_BUCKETS, struct.pack(f"={len(sizes)}H", *sizes))


def test_key():
    add("no public key", errno.EINVAL, "^the peer has no public key$", key=None)
    for n in (31, 33):
        add(f"public key of {n} bytes", errno.EINVAL, f"^the public key has {n} bytes, not 32$", key=bytes([7]) * n)
    add("public key all zero", errno.EINVAL, "^the public key is all zero$", key=bytes(32))
    add("public key of small order", errno.EINVAL, "small order", key=b"\1" + bytes(31))
    add("own key as a peer", errno.EINVAL, "^key .{8} is this node's own", key=public())
    for what, key in (("as it is kept", PRIVATE), ("as it was given", UNCLAMPED)):
        add(f"own private key as a peer's public one, {what}", errno.EINVAL,
            "^the public key is this node's private key$", key=key)
    add("peer that is there already", errno.EEXIST, "^peer BQUFBQUF is there already$", key=FIRST)
    add("pre-shared key of 31 bytes", errno.EINVAL, "^the pre-shared key has 31 bytes, not 32$", psk=bytes(31))
    add("twin of 31 bytes", errno.EINVAL, "^the twin's public key has 31 bytes, not 32$", twin=bytes(31))
    add("twin that is not there", errno.ENOENT, "^there is no peer CQkJCQkJ to be the twin of$", twin=bytes([9]) * 32)
    add("its own twin", errno.EINVAL, "^a peer is not its own twin$", twin=NEW)
    refuse("no peer in the request", PEER_ADD, None, [], errno.EINVAL, "^the request names no peer$")


def test_endpoint():
    bad = [
        ("of 1 byte", b"\2", errno.EINVAL, "^the endpoint has only 1 bytes$"),
        ("of 15 bytes", endpoint("192.0.2.2", 1)[:15], errno.EINVAL, "^the endpoint has 15 bytes, not 16$"),
        ("of 29 bytes", endpoint("2001:db8::2", 1) + b"\0", errno.EINVAL, "^the endpoint has 29 bytes, not 28$"),
        ("of another family", struct.pack("=H14x", socket.AF_UNIX), errno.EAFNOSUPPORT, "family 1 is neither"),
        ("with port 0", endpoint("192.0.2.2", 0), errno.EINVAL, r"^endpoint 192\.0\.2\.2:0 has port 0$"),
        ("0.0.0.0", endpoint("0.0.0.0", 1), errno.EINVAL, r"^endpoint 0\.0\.0\.0:1 is no host's address$"),
        ("::", endpoint("::", 1), errno.EINVAL, r"^endpoint \[::\]:1 is no host's address$"),
        ("224.0.0.1", endpoint("224.0.0.1", 1), errno.EINVAL, r"^endpoint 224\.0\.0\.1:1 is a multicast"),
        ("ff02::1", endpoint("ff02::1", 1, 2), errno.EINVAL, r"^endpoint \[ff02::1.*\]:1 is a multicast"),
        ("255.255.255.255", endpoint("255.255.255.255", 1), errno.EINVAL, "multicast or broadcast address$"),
        ("192.0.2.255, the subnet's", endpoint("192.0.2.255", 1), errno.EINVAL, "multicast or broadcast address$"),
        ("IPv4 as IPv6", endpoint("::ffff:192.0.2.2", 1), errno.EINVAL, "IPv4 address in IPv6 clothes$"),
        ("link-local without interface", endpoint("fe80::2", 1), errno.EINVAL, "link-local and names no interface$"),
        ("without a route", endpoint("203.0.113.1", 1), errno.ENETUNREACH, r"^no route to endpoint 203\.0\.113\.1:1$"),
        ("without an IPv6 route", endpoint("2001:db8:9::1", 1), errno.ENETUNREACH,
         r"^no route to endpoint \[2001:db8:9::1\]:1$"),
    ]
    for name, value, code, sentence in bad:
        add(f"endpoint {name}", code, sentence, endpoint=value)


def test_prefixes():
    add("prefix with host bits", errno.EINVAL, r"^prefix 203\.0\.113\.1/24 has bits set behind its length$",
        prefixes=["203.0.113.1/24"])
    add("IPv6 prefix with host bits", errno.EINVAL, "^prefix 2001:db8::1/64 has bits", prefixes=["2001:db8::1/64"])
    add("prefix longer than IPv4", errno.ERANGE, r"^prefix 203\.0\.113\.0/33 is longer", prefixes=["203.0.113.0/33"])
    add("prefix longer than IPv6", errno.ERANGE, "^prefix 2001:db8::/129 is longer", prefixes=["2001:db8::/129"])
    add("prefix of 5 bytes", errno.EINVAL, "^a prefix's address has 5 bytes", prefixes=[entry(bytes(5), 8)])
    add("prefix without length", errno.EINVAL, "^a prefix lacks its address or its length$",
        prefixes=[attr(X_ENTRY, [attr(X_ADDR, bytes(4))])])
    add("prefix given twice", errno.EINVAL, r"^prefix 203\.0\.113\.0/24 is given twice$",
        prefixes=["203.0.113.0/24", "203.0.113.128/25", "203.0.113.0/24"])
    add("prefix of another peer", errno.EEXIST, rf"^prefix {MINE} belongs to peer BQUFBQUF already$",
        prefixes=["203.0.113.0/24", MINE])
    add("something else among the prefixes", errno.EINVAL, "^attribute 2 among prefixes is unknown$",
        prefixes=[attr(X_ADDR, bytes(4))])
    many = [entry(socket.inet_aton(f"203.{i >> 8}.{i & 255}.0"), 24) for i in range(2001)]
    add("2001 prefixes", errno.E2BIG, "^2001 prefixes are more than 2000$", prefixes=many)


def test_shape():
    size, const = u32(S_SIZES, SIZES_FIXED), u32(S_SCHED, SCHED_CONST)
    shape("unknown kind of sizes", errno.EOPNOTSUPP, "^kind 9 of sizes is unknown$", [u32(S_SIZES, 9)])
    shape("unknown schedule", errno.EOPNOTSUPP, "^kind 9 of schedule is unknown$", [u32(S_SCHED, 9)])
    shape("unknown overflow", errno.EOPNOTSUPP, "^kind 9 of overflow is unknown$", [u32(S_OVERFLOW, 9)])
    for n in (255, 9001):
        shape(f"cell of {n} bytes", errno.ERANGE, f"^a cell of {n} bytes is not between 256 and 9000$",
              [size, u32(S_CELL, n)], [size, u32(S_CELL, 1400)])
    shape("cell above the device's MTU", errno.EMSGSIZE, r"larger than.*: 1472 bytes to endpoint 192\.0\.2\.2:5000$",
          [size, u32(S_CELL, 1473)], [size, u32(S_CELL, 1472)])
    shape("fixed size without its bytes", errno.EINVAL, "needs the cell's bytes$", [size])
    shape("cell with sizes that follow the device", errno.EINVAL, "^a cell .1000. and sizes .* contradict",
          [u32(S_SIZES, SIZES_DEVICE), u32(S_CELL, 1000)])
    lists = u32(S_SIZES, SIZES_BUCKETS)
    shape("buckets that do not ascend", errno.EINVAL, "ascending order$", [lists, buckets(512, 512)],
          [lists, buckets(512, 513)])
    shape("bucket too small", errno.ERANGE, "^A bucket is not between 64 and 9000 bytes$", [lists, buckets(63, 512)],
          [lists, buckets(64, 512)])
    shape("no bucket for a handshake", errno.ERANGE, "^No bucket has 256 bytes or more, which a handshake needs$",
          [lists, buckets(64, 255)], [lists, buckets(64, 256)])
    shape("bucket above the device's MTU", errno.EMSGSIZE, "larger than.*: 1472 bytes to endpoint",
          [lists, buckets(512, 1473)])
    for n in (0, 17):
        shape(f"{n} buckets", errno.EINVAL, f"^a bucket list of {n * 2} bytes is not", [lists, buckets(*range(256, 256 + n))])
    shape("half a bucket", errno.EINVAL, "^a bucket list of 3 bytes is not", [lists, attr(S_BUCKETS, bytes(3))])
    shape("buckets without saying so", errno.EINVAL, "^a bucket list and sizes .* contradict", [buckets(512)])
    shape("rate above the limit", errno.ERANGE, "^a rate of 500001 cells per second is above 500000, more than one processor seals$",
          [const, u32(S_RATE, 500001)], [const, u32(S_RATE, 500000)])
    shape("constant rate without a rate", errno.EINVAL, "needs the cells per second$", [const])
    shape("rate without a constant schedule", errno.EINVAL, "^a rate .100. and a schedule .* contradict", [u32(S_RATE, 100)])
    shape("constant rate with several sizes", errno.EINVAL, "^A constant rate needs one size",
          [const, u32(S_RATE, 100), u32(S_SIZES, SIZES_POW2)], [const, u32(S_RATE, 100)])
    shape("rate too slow for the latency budget", errno.ERANGE, "slots are longer than the latency budget$",
          [const, u32(S_RATE, 99), u64(S_LATENCY, 10000000)], [const, u32(S_RATE, 100), u64(S_LATENCY, 10000000)])
    shape("latency budget too long", errno.ERANGE, "^The latency budget is above 10 s$", [u64(S_LATENCY, 10000000001)],
          [u64(S_LATENCY, 10000000000)])
    for n in (0, 65537):
        shape(f"limit of {n} packets", errno.ERANGE, "^The limit is not between 1 and 65536 packets$", [u32(S_LIMIT, n)],
              [u32(S_LIMIT, 65536)])
    # What only the qdisc's settings make whole would be none when the qdisc goes.
    subprocess.run("tc qdisc add dev eth0 root rtpl cell 600".split(), check=True)
    shape("fixed size with the qdisc's bytes", errno.EINVAL, "needs the cell's bytes$", [size],
          [size, u32(S_CELL, 700)])
    subprocess.run("tc qdisc replace dev eth0 root rtpl rate 1000".split(), check=True)
    shape("constant rate at the qdisc's", errno.EINVAL, "needs the cells per second$", [const],
          [const, u32(S_RATE, 500)])
    subprocess.run("tc qdisc del dev eth0 root".split(), check=True)


def test_policy():
    def named(text):
        return attr(S_POLICY, text.encode() + b"\0")

    good = named("off standard enhanced")

    def policy(name, code, sentence, bad, right=None):
        shape(f"policy: {name}", code, sentence, [good] + bad, [good] + right if right else [good])

    def names(name, code, sentence, text):
        shape(f"policy: {name}", code, sentence, [named(text)], [good])

    names("one profile", errno.EINVAL, "^A policy has 2 to 8 profiles$", "off")
    names("nine profiles", errno.EINVAL, "^A policy has 2 to 8 profiles$", "a b c d e f g h i")
    names("blanks alone", errno.EINVAL, "^The policy names no profile$", "   ")
    names("a profile twice", errno.EINVAL, "^The policy names a profile twice$", "off standard off")
    names("a name too long", errno.EINVAL, "^The policy has a name that is too long", "off " + "x" * 32)
    names("a profile that is not there", errno.ENOENT, "^The policy names a profile that is not there$", "off nosuch")
    shape("policy: too long", errno.EINVAL, ".", [named("x" * 256)], [good])
    shape("policy: without an end", errno.EINVAL, ".", [attr(S_POLICY, b"off dp")], [good])
    policy("a threat level above the list", errno.ERANGE, "^The threat level is not one of the policy's",
           [u8(S_THREAT, 3)], [u8(S_THREAT, 2)])
    policy("a load too high", errno.ERANGE, "^The policy's load is above", [u64(S_LOAD, 2**40 + 1)],
           [u64(S_LOAD, 2**40)])
    policy("a budget too high", errno.ERANGE, "^The policy's budget is above", [u64(S_BUDGET, 2**60 + 1)],
           [u64(S_BUDGET, 2**60)])
    for ms in (0, 999, 3600001):
        policy(f"an epoch of {ms} ms", errno.ERANGE, "^The policy's epoch is not between 1 s and 1 h$",
               [u32(S_EPOCH, ms)], [u32(S_EPOCH, 1000)])
    policy("no calm epoch", errno.ERANGE, "^The policy's calm is not between", [u8(S_CALM, 0)], [u8(S_CALM, 255)])
    for seconds in (0, 31622401):
        policy(f"a period of {seconds} s", errno.ERANGE, "^The budget's period is not between",
               [u32(S_PERIOD, seconds)], [u32(S_PERIOD, 31622400)])
    policy("a period that is no whole number of epochs", errno.EINVAL, "period is not a whole number of epochs$",
           [u64(S_BUDGET, 1), u32(S_PERIOD, 15)], [u64(S_BUDGET, 1), u32(S_PERIOD, 20)])
    policy("beside a profile", errno.EINVAL, "^a policy stands in the place of a profile",
           [attr(S_PROFILE, b"standard\0")], [attr(S_PROFILE, b"\0")])
    policy("a rate that goes with none of it", errno.EINVAL, "contradict each other",
           [u32(S_SCHED, SCHED_CONST), u32(S_RATE, 1000), attr(S_POLICY, b"maximum regulator\0")])
    for part, what in ((u8(S_THREAT, 1), "a threat level"), (u64(S_LOAD, 1), "a policy's load"),
                       (u64(S_BUDGET, 1), "a policy's budget"), (u32(S_PERIOD, 10), "a policy's budget"),
                       (u32(S_EPOCH, 1000), "a policy's epoch"), (u8(S_CALM, 1), "a policy's calm epochs")):
        shape(f"{what} without a policy", errno.EINVAL, f"^There (is|are) {what}, but no policy$", [part], [good, part])
    policy("a threat level of 4 bytes", errno.EINVAL, ".", [u32(S_THREAT, 1)], [u8(S_THREAT, 1)])

    # What there is already counts.
    rtpl.do(PEER_ADD, peer(key=OTHER, shape=[good, u8(S_THREAT, 2)]))
    refuse("set: a shorter list than its threat level", PEER_SET, peer(key=OTHER, shape=[named("off dp"), u8(S_THREAT, 1)]),
           peer(key=OTHER, shape=[named("off dp")]), errno.ERANGE, "^The threat level is not one")
    refuse("set: a threat level as the policy goes", PEER_SET, peer(key=OTHER, shape=[named("")]),
           peer(key=OTHER, shape=[named(""), u8(S_THREAT, 1)]), errno.EINVAL, "^There is a threat level, but no policy$")
    refuse("set: a threat level when the policy has gone", PEER_SET, None, peer(key=OTHER, shape=[u8(S_THREAT, 1)]),
           errno.EINVAL, "^There is a threat level, but no policy$")
    rtpl.do(PEER_DEL, peer(key=OTHER))


def test_form():
    """What the policies refuse, with the core's own sentences where they do."""
    add("require neither 0 nor 1", errno.EINVAL, "^require is 0 or 1, not 2$", require=2)
    for kind, what in ((P_ID, "id"), (P_STATE, "state"), (P_CELL_NOW, "present cell"), (P_STATS, "counters"),
                       (P_LAST_HANDSHAKE, "last handshake"), (P_SHAPE_NOW, "present shape")):
        add(f"a peer's {what}", errno.EINVAL, f"^a peer's {what} (is|are) read only$", extra=u32(kind, 1))
    add("an unknown attribute of a peer", errno.EINVAL, ".", extra=u32(P_MISMATCH + 1, 1))
    add("an unknown attribute of a shape", errno.EINVAL, ".", shape=[u32(S_CALM + 1, 1)])
    add("a profile that is not there", errno.ENOENT, "no profile of that name", shape=[attr(10, b"nosuch\0")])
    add("a profile's name without an end", errno.EINVAL, ".", shape=[attr(10, b"standard")])
    add("a profile's name too long", errno.EINVAL, ".", shape=[attr(10, b"x" * 32 + b"\0")])
    add("a role that is none", errno.EOPNOTSUPP, "kind 2 of role is unknown", shape=[u32(11, 2)])
    add("a keepalive of 4 bytes", errno.EINVAL, ".", extra=u32(P_KEEPALIVE, 1))
    good = peer(key=NEW)
    refuse("an unknown attribute of a request", PEER_ADD, good, good + [u32(9, 1)], errno.EINVAL, ".", gone)
    refuse("an attribute of another request", PEER_ADD, good, good + [attr(A_SHOW_KEYS)], errno.EINVAL, ".", gone)
    refuse("a nest that does not say so", PEER_ADD, good, [attr(A_PEER, attr(P_PUBLIC_KEY, NEW))], errno.EINVAL, ".", gone)
    refuse("an unknown command", 99, None, [], errno.EOPNOTSUPP, "")


def test_set():
    ep = endpoint("192.0.2.2", 5000)
    rtpl.do(PEER_ADD, peer(key=OTHER, endpoint=ep, prefixes=["203.0.113.0/24"]))

    def change(name, code, sentence, good, **bad):
        refuse(f"set: {name}", PEER_SET, peer(key=OTHER, **good), peer(**{"key": OTHER, **good, **bad}), code, sentence)

    change("unknown peer", errno.ENOENT, "^there is no peer BwcHBwcH$", {"keepalive": 5}, key=NEW)
    change("key of 31 bytes", errno.EINVAL, "^the public key has 31 bytes, not 32$", {"keepalive": 6}, key=bytes(31))
    change("a DSCP that is none", errno.ERANGE, "^a DSCP of 65 is not between 0 and 63, nor 64, to copy it$",
           {"dscp": 64}, dscp=65)
    change("an ECN field that is none", errno.EOPNOTSUPP, "^kind 3 of ecn is unknown$", {"ecn": 2}, ecn=3)
    change("prefix of another peer", errno.EEXIST, rf"^prefix {MINE} belongs to peer BQUFBQUF already$",
           {"prefixes": ["203.0.113.0/25"]}, prefixes=["203.0.113.0/25", MINE])
    change("endpoint without a route", errno.ENETUNREACH, r"^no route to endpoint 203\.0\.113\.1:1$",
           {"endpoint": endpoint("2001:db8::2", 5000)}, endpoint=endpoint("203.0.113.1", 1))
    change("cell above the MTU to the endpoint that is there", errno.EMSGSIZE,
           r": 1452 bytes to endpoint \[2001:db8::2\]:5000$",
           {"shape": [u32(S_SIZES, SIZES_FIXED), u32(S_CELL, 1452)]},
           shape=[u32(S_SIZES, SIZES_FIXED), u32(S_CELL, 1453)])
    change("rate too slow for the budget that is there", errno.ERANGE, "longer than the latency budget$",
           {"shape": [u32(S_SCHED, SCHED_CONST), u32(S_RATE, 1000), u64(S_LATENCY, 1000000)]},
           shape=[u32(S_SCHED, SCHED_CONST), u32(S_RATE, 999), u64(S_LATENCY, 1000000)])
    change("a good part and a bad one", errno.EINVAL, "bits set behind its length$",
           {"keepalive": 9, "psk": bytes([9]) * 32, "prefixes": ["203.0.113.0/26"]}, prefixes=["203.0.113.1/26"])
    # The endpoint's MTU counts for the shape that is there.
    rtpl.do(PEER_SET, peer(key=OTHER, endpoint=ep, shape=[u32(S_CELL, 1472), u32(S_SCHED, SCHED_ASAP)]))
    change("endpoint whose MTU is too small for the cell that is there", errno.EMSGSIZE, "1452 bytes to endpoint",
           {"endpoint": endpoint("192.0.2.3", 5000)}, endpoint=endpoint("2001:db8::2", 5000))
    rtpl.do(PEER_DEL, peer(key=OTHER))


def test_others():
    refuse("del: unknown peer", PEER_DEL, None, peer(key=NEW), errno.ENOENT, "^there is no peer BwcHBwcH$")
    refuse("del: with more than a key", PEER_DEL, None, peer(key=FIRST, keepalive=1), errno.EINVAL, ".")
    refuse("get: unknown peer", PEER_GET, peer(key=FIRST), peer(key=NEW), errno.ENOENT, "^there is no peer BwcHBwcH$")
    refuse("get: no peer", PEER_GET, None, [], errno.EINVAL, "^the request names no peer$")
    refuse("stats: a peer's without a dump", STATS_GET, [], peer(key=FIRST), errno.EINVAL, "^counters of peers come by a dump$")


def test_node():
    def node(name, code, sentence, bad, good=None):
        refuse(f"node: {name}", NODE_SET, good, bad, code, sentence)

    def sets(*parts):
        return [attr(A_NODE, list(parts))]

    node("nothing", errno.EINVAL, "^the request sets nothing of the node$", [])
    node("private key of 31 bytes", errno.EINVAL, "^the private key has 31 bytes, not 32$",
         sets(attr(N_PRIVATE_KEY, bytes(31))), sets(attr(N_PRIVATE_KEY, PRIVATE)))
    for kind, what in ((N_PUBLIC_KEY, "the node's public key"), (N_PEERS, "the number of peers"), (N_VERSION, "the version")):
        node(f"sets {what}", errno.EINVAL, f"^{what} is read only$", sets(u32(kind, 1)))
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.bind(("0.0.0.0", 51999))
    both = sets(u16(N_PORT, 51999), u32(N_FWMARK, 77))
    node("port in use", errno.EADDRINUSE, "^UDP port 51999 is in use$", both)
    taken.close()
    taken = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    taken.bind(("::1", 51999))
    node("port in use by IPv6 only", errno.EADDRINUSE, "^UDP port 51999 is in use$", both)
    taken.close()
    rtpl.do(NODE_SET, both)
    rtpl.do(NODE_SET, sets(u16(N_PORT, 51900), u32(N_FWMARK, 0)))

    mine = public()
    rtpl.do(NODE_SET, sets(attr(N_PRIVATE_KEY, bytes(32))))
    rtpl.do(PEER_ADD, peer(key=mine))
    node("private key of a peer", errno.EINVAL, "^peer .{8} has the public key of this private key$",
         sets(attr(N_PRIVATE_KEY, PRIVATE)))
    rtpl.do(PEER_DEL, peer(key=mine))
    for what, key in (("as it is kept", PRIVATE), ("as it was given", UNCLAMPED)):
        rtpl.do(PEER_ADD, peer(key=key))
        node(f"private key that a peer has as its public one, {what}", errno.EINVAL,
             "^a peer's public key is this private key$", sets(attr(N_PRIVATE_KEY, PRIVATE)))
        rtpl.do(PEER_DEL, peer(key=key))
    rtpl.do(NODE_SET, sets(attr(N_PRIVATE_KEY, PRIVATE)))
    tap.ok(public() == mine, "node: the key is back")


def test_tap():
    good = peer(key=FIRST)
    refuse("a capture of nobody", TAP, None, [], errno.EINVAL, "^the request names no peer$")
    refuse("a capture of an unknown peer", TAP, None, peer(key=NEW), errno.ENOENT, "^there is no peer BwcHBwcH$")
    other = Rtpl()
    other.do(TAP, good)
    refuse("a second capture", TAP, None, good, errno.EBUSY,
           r"^another program captures packets already \(netlink port \d+\)$")
    refuse("one more by the same socket", TAP, None, good, errno.EBUSY, "^another program captures")
    other.sk.close()
    third = Rtpl()
    third.do(TAP, good)
    tap.ok(True, "a capture ends with its socket")
    third.sk.close()


def as_nobody(name, call, code, sentence):
    """What someone without CAP_NET_ADMIN gets."""
    read, write = os.pipe()
    if not os.fork():
        os.setgid(65534)
        os.setuid(65534)
        try:
            call(Rtpl())
            said = "0 "
        except Refused as e:
            said = f"{e.code} {e.text}"
        os.write(write, said.encode())
        os._exit(0)
    os.wait()
    got, text = os.read(read, 1000).decode().split(" ", 1)
    tap.ok(int(got) == code and re.search(sentence, text), f"nobody: {name}", f"got: {got} {text}")


def test_rights():
    as_nobody("may see the node", lambda r: r.do(NODE_GET, []), 0, "")
    as_nobody("may not see keys", lambda r: r.do(NODE_GET, [attr(A_SHOW_KEYS)]), errno.EPERM, "^to see keys needs CAP_NET_ADMIN$")
    as_nobody("may not set the node", lambda r: r.do(NODE_SET, [attr(A_NODE, [u32(N_FWMARK, 1)])]), errno.EPERM, "")
    as_nobody("may not add a peer", lambda r: r.do(PEER_ADD, peer(key=NEW)), errno.EPERM, "")
    as_nobody("may not see peers", lambda r: r.dump(PEER_GET), errno.EPERM, "")
    as_nobody("may not capture packets", lambda r: r.do(TAP, peer(key=FIRST)), errno.EPERM, "")
    as_nobody("may not see counters", lambda r: r.do(STATS_GET, []), errno.EPERM, "")

    def join(r):
        try:
            r.listen()
        except OSError as e:
            raise Refused(e.errno, "", None) from e
    as_nobody("may not hear events", join, errno.EPERM, "")
    run = subprocess.run(["unshare", "-r", "-n", sys.executable, __file__, "root-of-a-container"],
                         capture_output=True, text=True, check=False)
    if "unshare" in run.stderr:
        print(f"ok {tap.n + 1} - root of a user namespace # SKIP {run.stderr.strip()}")
        tap.n += 1
    else:
        tap.ok(run.returncode == 0, "root of a user namespace may set up that one's node", run.stdout, run.stderr)


def container():
    """In a network namespace of a user namespace of its own."""
    rtpl.do(NODE_SET, [attr(A_NODE, [attr(N_PRIVATE_KEY, PRIVATE), u16(N_PORT, 4000)])])
    rtpl.do(PEER_ADD, peer(key=FIRST, prefixes=[MINE], require=1))
    rtpl.do(NODE_GET, [attr(A_SHOW_KEYS)])
    rtpl.dump(PEER_GET)
    rtpl.listen()
    return 0


def test_secrets():
    """Keys come out only when asked for; what was put in is what comes out."""
    rtpl.do(PEER_SET, peer(key=FIRST, psk=bytes([3]) * 32))
    node = first(attrs(rtpl.do(NODE_GET, [])[0]), A_NODE)
    tap.ok(first(attrs(node), N_PRIVATE_KEY) is None, "the private key is hidden")
    node = first(attrs(rtpl.do(NODE_GET, [attr(A_SHOW_KEYS)])[0]), A_NODE)
    tap.ok(first(attrs(node), N_PRIVATE_KEY) == PRIVATE, "the private key is shown on request")
    tap.ok(all(first(attrs(first(attrs(m), A_PEER)), P_PSK) is None for m in rtpl.dump(PEER_GET)),
           "pre-shared keys are hidden")
    got = [first(attrs(first(attrs(m), A_PEER)), P_PSK) for m in rtpl.dump(PEER_GET, [attr(A_SHOW_KEYS)])]
    tap.ok(got == [bytes([3]) * 32], "pre-shared keys are shown on request", got)
    rtpl.do(PEER_SET, peer(key=FIRST, psk=bytes(32)))
    got = [first(attrs(first(attrs(m), A_PEER)), P_PSK) for m in rtpl.dump(PEER_GET, [attr(A_SHOW_KEYS)])]
    tap.ok(got == [None], "a pre-shared key of zeros removes it", got)


def main():
    if sys.argv[1:] == ["root-of-a-container"]:
        sys.exit(container())
    rtpl.do(NODE_SET, [attr(A_NODE, [attr(N_PRIVATE_KEY, PRIVATE), u16(N_PORT, 51900)])])
    rtpl.do(PEER_ADD, peer(key=FIRST, endpoint=endpoint("192.0.2.2", 51900), prefixes=[MINE, "2001:db8:1::/48"],
                           keepalive=25, shape=[u32(S_LIMIT, 500)]))
    for test in (test_key, test_endpoint, test_prefixes, test_shape, test_policy, test_form, test_set, test_others, test_node,
                 test_tap, test_rights, test_secrets):
        test()
    rtpl.do(PEER_DEL, peer(key=FIRST))
    tap.done()


main()
