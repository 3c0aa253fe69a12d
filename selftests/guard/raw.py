#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sends one Ethernet frame, or one UDP datagram with a chosen source.

    raw.py frame DEV DST-MAC TYPE[,TYPE...] DST-IP [PROTOCOL]
        an IPv4 packet behind these Ethernet types (0x8100,0x0800: a VLAN tag),
        by a packet socket that claims PROTOCOL (default: the first type)
    raw.py udp SRC-IP SRC-PORT DST-IP DST-PORT
        by a raw socket
"""
import socket
import struct
import sys


def checksum(data):
    s = sum(struct.unpack(f">{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def ipv4(src, dst, payload):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, 17, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def udp(sport, dport):
    return struct.pack(">HHHH", sport, dport, 16, 0) + b"in clear"


def main():
    if sys.argv[1] == "frame":
        dev, mac, types, dst = sys.argv[2:6]
        types = [int(t, 16) for t in types.split(",")]
        claim = int(sys.argv[6], 16) if len(sys.argv) > 6 else types[0]
        head = bytes.fromhex(mac.replace(":", "") + "0200000000aa")
        for t in types[:-1]:
            head += struct.pack(">HH", t, 7)
        head += struct.pack(">H", types[-1])
        sk = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        try:
            sk.sendto(head + ipv4("192.0.2.1", dst, udp(7, 7)), (dev, claim))
        except OSError as e:
            print(e.strerror)
    else:
        src, sport, dst, dport = sys.argv[2:6]
        sk = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        sk.sendto(ipv4(src, dst, udp(int(sport), int(dport))), (dst, 0))


main()
