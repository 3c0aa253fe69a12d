#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sends one IP packet, whole and as told, by a raw socket.

    inner.py KIND SRC DST [HOPS]

What SRC and DST are, IPv4 or IPv6, the packet is. Kinds: udp (to port 7), udp:SPORT:DPORT,
icmp:TYPE, igmp; of IPv6 also opt:KIND, which puts destination options before it, so that a
sender that looks for neighbour discovery right behind the IP header takes it for data.
"""
import socket
import struct
import sys


def checksum(data):
    data += b"\0" * (len(data) % 2)
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def upper(kind, pseudo, v6):
    """Protocol number and bytes, checksum and all."""
    if kind.startswith("udp"):
        sport, dport = map(int, kind.split(":")[1:]) if ":" in kind else (7, 7)
        body = struct.pack(">HHHH", sport, dport, 16, 0) + b"in clear"
        return 17, body[:6] + struct.pack(">H", checksum(pseudo(17, body)) or 0xffff) + body[8:]
    if kind == "igmp":
        body = struct.pack(">BBHI", 0x11, 0, 0, 0)
        return 2, body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    t = int(kind.split(":")[1])
    if v6 and t == 134:         # a router, for half an hour
        body = struct.pack(">BBHBBHII", t, 0, 0, 64, 0, 1800, 0, 0)
    else:
        body = struct.pack(">BBH", t, 0, 0) + bytes(28)
    cover = pseudo(58, body) if v6 else body
    return 58 if v6 else 1, body[:2] + struct.pack(">H", checksum(cover)) + body[4:]


def main():
    kind, src, dst = sys.argv[1:4]
    hops = int(sys.argv[4]) if len(sys.argv) > 4 else 64
    v6 = ":" in dst
    af = socket.AF_INET6 if v6 else socket.AF_INET
    s, d = socket.inet_pton(af, src), socket.inet_pton(af, dst)
    opt = kind.startswith("opt:")

    def pseudo(proto, body):
        return s + d + struct.pack(">II", len(body), proto) + body

    proto, body = upper(kind[4:] if opt else kind, pseudo, v6)
    if opt:                     # PadN over six bytes
        body = struct.pack(">BBBBI", proto, 0, 1, 4, 0) + body
        proto = 60
    if v6:
        head = struct.pack(">IHBB", 6 << 28, len(body), proto, hops) + s + d
    else:
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, hops, proto, 0) + s + d
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
    sk = socket.socket(af, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sk.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    sk.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
    sk.sendto(head + body, (dst, 0))


main()
