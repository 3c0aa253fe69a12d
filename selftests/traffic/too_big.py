#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Say that a packet was too big, as ICMP does, and quote what is asked for.

	too_big.py VICTIM DEST MTU PORT echo|ports|UDP-PAYLOAD-IN-HEX

PORT is both ends' UDP port. echo quotes an echo reply; ports the ports and not a byte more.
"""
import ipaddress
import socket
import struct
import sys


def checksum(data):
    data += bytes(len(data) % 2)
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def main():
    victim, dest = (ipaddress.ip_address(a) for a in sys.argv[1:3])
    mtu, port, what = int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    v6 = victim.version == 6
    if what == "echo":
        proto, inside = (58, bytes([129]) + bytes(7)) if v6 else (1, bytes(8))
    else:
        data = b"" if what == "ports" else bytes.fromhex(what)
        proto, inside = 17, struct.pack("!HHHH", port, port, 1480, 0) + data
    if v6:
        quoted = struct.pack("!IHBB", 6 << 28, 1452, proto, 60) + victim.packed + dest.packed
        s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        icmp = struct.pack("!BBHI", 2, 0, 0, mtu) + quoted + inside
    else:
        head = struct.pack("!BBHHHBBH", 0x45, 0, 1500, 7, 0x4000, 60, proto, 0)
        head += victim.packed + dest.packed
        quoted = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        icmp = struct.pack("!BBHHH", 3, 4, 0, 0, mtu) + quoted + inside
        icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    s.sendto(icmp, (str(victim), 0))


main()
