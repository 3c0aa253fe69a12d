#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""UDP datagrams with an ECN field, and what of it arrives.

    ecn.py receive HOST PORT N      prints the traffic class of each of N datagrams, as they come,
                                    or of those that came until nothing comes for 20 s
    ecn.py send HOST PORT SIZE SEGMENT CLASS...
                                    one datagram of each class; if SEGMENT is not 0 it is cut by
                                    the kernel (UDP_SEGMENT)
    ecn.py stamps HOST PORT         sends one and prints which times its socket is told of
"""
import select
import socket
import struct
import sys

UDP_SEGMENT = 103
SO_TIMESTAMPING = 37
TX_SOFTWARE, SOFTWARE, OPT_ID, TX_SCHED, OPT_TSONLY = 1 << 1, 1 << 4, 1 << 7, 1 << 8, 1 << 11
WHAT = {0: "left", 1: "queued"}     # SCM_TSTAMP_SND, SCM_TSTAMP_SCHED


def udp(host):
    v6 = ":" in host
    return v6, socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)


def receive(host, port, n):
    v6, s = udp(host)
    s.setsockopt(*((socket.IPPROTO_IPV6, socket.IPV6_RECVTCLASS) if v6 else (socket.IPPROTO_IP, socket.IP_RECVTOS)), 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.bind((host, port))
    got = []
    s.settimeout(20)
    while len(got) < n:
        try:
            _, cmsg, _, _ = s.recvmsg(65536, 256)
        except socket.timeout:
            break
        got += [data[0] for level, kind, data in cmsg
                if (level, kind) in ((socket.IPPROTO_IP, socket.IP_TOS), (socket.IPPROTO_IPV6, socket.IPV6_TCLASS))]
    print(*got)


def send(host, port, size, segment, *classes):
    v6, s = udp(host)
    if segment:
        s.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, segment)
    for c in classes:
        s.setsockopt(*((socket.IPPROTO_IPV6, socket.IPV6_TCLASS) if v6 else (socket.IPPROTO_IP, socket.IP_TOS)), c)
        s.sendto(bytes(size), (host, port))


def stamps(host, port):
    _, s = udp(host)
    s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, TX_SOFTWARE | SOFTWARE | OPT_ID | TX_SCHED | OPT_TSONLY)
    s.sendto(bytes(64), (host, port))
    told = {}
    s.settimeout(10)
    while len(told) < 2:
        try:
            _, cmsg, _, _ = s.recvmsg(1024, 1024, socket.MSG_ERRQUEUE)
        except BlockingIOError:
            p = select.poll()
            p.register(s, 0)
            if not p.poll(10000):
                break
            continue
        when = what = None
        for level, kind, data in cmsg:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPING):
                sec, nsec = struct.unpack_from("=qq", data)
                when = sec * 10**9 + nsec
            elif level in (socket.IPPROTO_IP, socket.IPPROTO_IPV6):
                what = struct.unpack_from("=IBBBBII", data)[5]
        told[WHAT.get(what, what)] = when
    print(*sorted(told), "in-order" if len(told) == 2 and told["queued"] <= told["left"] else "")


MODES = {"receive": receive, "send": send, "stamps": stamps}
MODES[sys.argv[1]](sys.argv[2], *(int(a, 0) for a in sys.argv[3:]))
