#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sends one ICMP or ICMPv6 error, or a redirect, about a packet that was never sent.

    icmp.py TO TYPE[,CODE[,INFO]] DST [KEY=VALUE...]

What TO and DST, the destination of the quoted packet, are, IPv4 or IPv6, the message is. INFO is the
MTU, or of a redirect the router (IPv6: the target). Keys:

    src=ADDR        source of the quoted packet (TO)
    proto=NUMBER    its protocol (17); of UDP also sport= and dport= (40000, 53)
                    and data=, its first bytes in hex (none)
    from=ADDR       source of the message (the host's own)
    cut=BYTES       so much of the quoted packet (all)
    segment=ADDR    a segment routing header in it whose last segment that is, visited already
    extension=N     so many extension headers before the ICMPv6 header
    parts=BYTES     in two fragments, so much in the first
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


def ipv4(src, dst, proto, body, length=None, part=0):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + (len(body) if length is None else length), 7,
                       part, 64, proto, 0) + src + dst
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def ipv6(src, dst, proto, body, hops=64):
    return struct.pack(">IHBB", 6 << 28, len(body), proto, hops) + src + dst + body


def own_address(af, to):
    with socket.socket(af, socket.SOCK_DGRAM) as s:
        s.connect((to, 9))
        return s.getsockname()[0]


def main():
    to, kind, about = sys.argv[1:4]
    key = dict(a.split("=", 1) for a in sys.argv[4:])
    v6 = ":" in to
    af = socket.AF_INET6 if v6 else socket.AF_INET

    def addr(text):
        return socket.inet_pton(af, text)

    kind, code, info = (kind.split(",") + ["0", "0"])[:3]
    kind, code = int(kind), int(code)
    src = addr(key.get("from") or own_address(af, to))
    proto = int(key.get("proto", 17))
    upper = bytes(8)
    if proto == 17:
        upper = struct.pack(">HHHH", int(key.get("sport", 40000)), int(key.get("dport", 53)), 28, 0)
        upper += bytes.fromhex(key.get("data", ""))
    quoted_src = addr(key.get("src", to))
    if not v6:
        quote = ipv4(quoted_src, addr(about), proto, upper, 40)
        rest = addr(info) if kind == 5 else struct.pack(">I", int(info))
    else:
        if "segment" in key:
            upper = struct.pack(">8B", proto, 2, 4, 0, 0, 0, 0, 0) + addr(key["segment"]) + upper
            proto = 43
        quote = ipv6(quoted_src, addr(about), proto, upper)
        rest = struct.pack(">I", 0 if kind == 137 else int(info))
        if kind == 137:
            quote = addr(info) + addr(about)
    quote = quote[:int(key.get("cut", len(quote)))]
    body = struct.pack(">BBH", kind, code, 0) + rest + quote
    cover = src + addr(to) + struct.pack(">II", len(body), 58) + body if v6 else body
    body = body[:2] + struct.pack(">H", checksum(cover)) + body[4:]

    parts = []
    first = int(key.get("parts", 0))
    if not v6:
        if first:
            parts = [ipv4(src, addr(to), 1, body[:first], part=0x2000),
                     ipv4(src, addr(to), 1, body[first:], part=first // 8)]
        else:
            parts = [ipv4(src, addr(to), 1, body)]
    else:
        extensions = int(key.get("extension", 0))
        for i in range(extensions):             # PadN over six bytes
            body = struct.pack(">BBBBI", 60 if i else 58, 0, 1, 4, 0) + body
        proto = 60 if extensions else 58
        if first:
            parts = [ipv6(src, addr(to), 44, struct.pack(">BBHI", proto, 0, 1, 7) + body[:first]),
                     ipv6(src, addr(to), 44, struct.pack(">BBHI", proto, 0, first, 7) + body[first:])]
        else:
            parts = [ipv6(src, addr(to), proto, body, 255 if kind == 137 else 64)]
    sk = socket.socket(af, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sk.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
    for part in parts:
        sk.sendto(part, (to, 0))


main()
