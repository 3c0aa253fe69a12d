# SPDX-License-Identifier: GPL-2.0
"""What the capture of an observer's bridge says, cut into visits.

Two hosts, known by their addresses, talk over the bridge. Either what they say is in clear (a
run without RTPL), or it is UDP between their RTPL ports, and then anything else between them is
a failure of the defence, told by name. ARP, neighbour discovery and what others say are not
looked at.
"""
import array
import ipaddress
import os
import socket

import numpy as np

from . import JudgeError
from .traces import TraceSet, Visit

A = ("192.0.2.1", "2001:db8::1")		# the client's, as selftests/lib.sh has them
CROWD = 10, 9					# how its clients' addresses begin, if it is a gateway
B = ("192.0.2.2", "2001:db8::2")
PORT = 51900					# of RTPL, selftests/lib.d/rtpl.sh
UNITS = {0xa1b2c3d4: 1e-6, 0xa1b23c4d: 1e-9}	# of a pcap file's times, seconds
LEAST = 58					# bytes of a frame that are looked at


def frames(path):
    """(seconds since 1970 [n] float64 after `base`, frames [n, 58] uint8, base): of each record
    of a pcap file with Ethernet frames; a frame that is shorter ends in zeros. A record that is
    cut off at the file's end is left out. Memory: the file and 250 bytes a packet, at most."""
    try:
        with open(path, "rb") as f:
            size = os.fstat(f.fileno()).st_size
            data = np.zeros(size + 16 + LEAST, np.uint8)
            size = f.readinto(data[:size])
    except OSError as e:
        raise JudgeError(f"{path}: {e.strerror}") from None
    head = data[:24].view("<u4") if size >= 24 else [0]
    if int(head[0]) not in UNITS or head[5] & 0xffff != 1:
        raise JudgeError(f"{path}: this is not a pcap file of a little-endian machine with "
                         "Ethernet frames")
    raw, at, starts, lengths = memoryview(data), 24, array.array("q"), array.array("q")
    while at + 16 <= size:
        length = int.from_bytes(raw[at + 8:at + 12], "little")
        if at + 16 + length > size:
            break
        starts.append(at)
        lengths.append(length)
        at += 16 + length
    if not starts:
        raise JudgeError(f"{path}: no packet in it")
    rows = np.lib.stride_tricks.sliding_window_view(data, 16 + LEAST)[np.frombuffer(starts, "q")]
    times = np.ascontiguousarray(rows[:, :8]).view("<u4").astype(np.int64)
    rows, lengths = rows[:, 16:], np.frombuffer(lengths, "q")
    short = np.flatnonzero(lengths < LEAST)
    rows[short] *= np.arange(LEAST) < lengths[short, None]
    base = int(times[0, 0])
    return (times[:, 0] - base) + times[:, 1] * UNITS[int(head[0])], rows, base


def _word(rows, at):
    """The 16 bits of each row at this place, the larger byte first."""
    return rows[:, at].astype(np.int32) << 8 | rows[:, at + 1]


def _is(rows, at, address):
    want = np.frombuffer(ipaddress.ip_address(address).packed, np.uint8)
    return (rows[:, at:at + len(want)] == want).all(1)


def read(path, sealed):
    """(seconds [n], direction [n] int8, bytes [n] int32, base) of what passed between the hosts,
    in order of time; seconds are since `base`, whole seconds since 1970. Bytes are the IP
    packet's. With `sealed`, anything that is not a datagram between RTPL's ports is an error."""
    t, d, b, _, base = _passed(path, sealed)
    return t, d, b, base


def _passed(path, sealed):
    """As read(), with the frames in front of `base`."""
    t, rows, base = frames(path)
    kind = _word(rows, 12)
    d, b = np.zeros(len(t), np.int8), np.zeros(len(t), np.int32)
    proto, ports = np.zeros(len(t), np.int32), np.zeros((len(t), 2), np.int32)
    for ether, src, dst, length, add, next_header, first in (
            (0x0800, 26, 30, 16, 0, 23, None), (0x86dd, 22, 38, 18, 40, 20, 54)):
        ours = kind == ether
        six = ether == 0x86dd
        d[ours & _is(rows, src, A[six]) & _is(rows, dst, B[six])] = 1
        d[ours & _is(rows, src, B[six]) & _is(rows, dst, A[six])] = -1
        b[ours] = (_word(rows, length) + add)[ours]
        proto[ours] = rows[ours, next_header]
        header = np.full(len(t), first) if six else 14 + 4 * (rows[:, 14] & 15).astype(np.int32)
        header = np.minimum(header, LEAST - 4)
        for k in 0, 1:
            n = np.arange(len(t)), header + 2 * k
            word = rows[n].astype(np.int32) << 8 | rows[n[0], n[1] + 1]
            ports[ours, k] = word[ours]
    crowd = (kind == 0x0800) & (d == 0)
    for way, near, far in (1, 26, 30), (-1, 30, 26):
        d[crowd & (rows[:, near:near + 2] == CROWD).all(1) & _is(rows, far, B[0])] = way
    icmp6 = (kind == 0x86dd) & (proto == socket.IPPROTO_ICMPV6)
    d[icmp6 & (ports[:, 0] >> 8 >= 133) & (ports[:, 0] >> 8 <= 137)] = 0
    ours = d != 0
    if sealed:
        clear = ours & ~((proto == socket.IPPROTO_UDP) & (ports == PORT).all(1))
        if clear.any():
            n = int(np.flatnonzero(clear)[0])
            name = {6: "TCP", 17: "UDP", 1: "ICMP", 58: "ICMPv6"}.get(int(proto[n]),
                                                                     f"protocol {proto[n]}")
            raise JudgeError(f"{path}: {int(clear.sum())} packets went in clear, the first {name} "
                             f"from {'client' if d[n] > 0 else 'server'}, port {ports[n, 0]} to "
                             f"{ports[n, 1]}, {b[n]} bytes, {t[n] + base:.6f}")
    order = np.flatnonzero(ours)[np.argsort(t[ours], kind="stable")]
    return t[order], d[order], b[order], rows[order], base


def link(path, name):
    """(a TraceSet of one visit, which is all that passed over a link of many clients in clear, with a
    flow for each connection over IPv4; seconds since 1970 of its first packet)."""
    t, d, b, rows, base = _passed(path, sealed=False)
    near = np.where(d > 0, 28, 32)
    ports = 14 + 4 * (rows[:, 14] & 15).astype(np.int32) + np.where(d > 0, 0, 2)
    n = np.arange(len(t))
    key = sum(rows[n, at + k].astype(np.int64) << (24 - 8 * i)
              for i, (at, k) in enumerate(((near, 0), (near, 1), (ports, 0), (ports, 1))))
    # A port that is used again opens with a new SYN.
    begins = (d > 0) & (rows[:, 23] == socket.IPPROTO_TCP) & \
        (rows[n, 14 + 4 * (rows[:, 14] & 15) + 13] & 0x12 == 2)
    order = np.lexsort((n, key))
    new = begins[order] | (np.diff(key[order], prepend=-1) != 0)
    flow = np.empty(len(t), np.int64)
    flow[order] = np.cumsum(new) - 1
    return TraceSet(name, [Visit("link", "", "0", t - t[0], d, b, flow)]), base + float(t[0])


def visits(path, sealed, plan, said, name):
    """A TraceSet: for each visit of the plan that is watched what the observer saw in the plan's
    window from its start on. `said` are the client's lines, as client.py writes them: `began` in ns since 1970."""
    t, d, b, base = read(path, sealed)
    out = []
    for line in said:
        v = plan["visits"][line["number"]]
        if "visit" not in v:
            continue
        began = line["began"] - base * 10**9
        began = began / 1e9
        i, j = np.searchsorted(t, [began, began + plan["window"]])
        if i == j and v.get("exchanges", True):
            raise JudgeError(f"{path}: nothing was seen of visit {line['number']} "
                             f"({v['class']})")
        out.append(Visit(v["class"], v["group"], v["visit"], t[i:j] - began, d[i:j], b[i:j]))
    return TraceSet(name, out)
