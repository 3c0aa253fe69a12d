#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Sends one Ethernet frame, one UDP datagram with a chosen source, or one by a source route.

    raw.py frame DEV DST-MAC TYPE[,TYPE...] DST-IP [PROTOCOL]
        an IPv4 packet behind these Ethernet types (0x8100,0x0800: a VLAN tag),
        by a packet socket that claims PROTOCOL (default: the first type)
    raw.py tun TYPE DST-IP [qdisc]
        an IPv4 packet by a packet socket that claims TYPE, on a tun device, without or with
        RTPL's qdisc: "got" or "stopped", by who reads the device
    raw.py udp SRC-IP SRC-PORT DST-IP DST-PORT
        by a raw socket
    raw.py route loose|strict|segments VIA DST
        to DST by way of VIA, as any program may
    raw.py route deep|fragment|split|torn|second|compressed VIA DST
        likewise by a raw socket: behind 400 bytes of options; in a fragment that is all of the
        packet; in the second one; with its addresses in the second one; behind one that leads to
        VIA; with the bytes left out that DST has like VIA (RFC 6554)
    raw.py route visited|dhcp VIA DST
        IPv4: a loose source route of which one address was visited; from the port of DHCP to
        that of its servers
"""
import fcntl
import select
import socket
import struct
import subprocess
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


def route(how, via, dst):
    if how == "segments":
        sk = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        head = struct.pack(">8B", 0, 4, 4, 1, 1, 0, 0, 0) + bytes(16)
        sk.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RTHDR,
                      head + socket.inet_pton(socket.AF_INET6, via))
    else:
        sk = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        kind = 0x83 if how == "loose" else 0x89
        # NOP, the option, and room for its pointer: that to DST is the kernel's to put in.
        sk.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS,
                      bytes([1, kind, 7, 4]) + socket.inet_aton(via))
    try:
        sk.sendto(b"in clear", (dst, 7))
    except OSError as e:
        print(e.strerror)


def route_raw4(how, via, dst):
    src, via, dst = (socket.inet_aton(a) for a in ("192.0.2.1", via, dst))
    options = bytes([1, 0x83, 7, 4]) + dst
    if how == "visited":
        options = bytes([1, 0x83, 11, 8]) + via + dst
    ports = (68, 67) if how == "dhcp" else (7, 7)
    packet = udp(*ports)
    words = 5 + len(options) // 4
    head = struct.pack(">BBHHHBBH4s4s", 0x40 | words, 0, 4 * words + len(packet), 0, 0, 64, 17, 0,
                       src, via)
    sk = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sk.sendto(head + options + packet, (socket.inet_ntoa(via), 0))


def route_raw(how, via, dst):
    if how in ("visited", "dhcp"):
        route_raw4(how, via, dst)
        return
    via, dst = (socket.inet_pton(socket.AF_INET6, a) for a in (via, dst))
    options = 50 if how == "deep" else 0
    first = {"deep": 60, "fragment": 44, "split": 44, "torn": 44}.get(how, 43)
    chain = b"".join(struct.pack(">8B", 43 if i == options - 1 else 60, 0, 1, 4, 0, 0, 0, 0)
                     for i in range(options))
    if how == "fragment":
        chain += struct.pack(">BBHI", 43, 0, 0, 7)
    if how == "compressed":
        # 15 bytes are as those of VIA, one is there, 7 are padding.
        chain += struct.pack(">8B", 17, 1, 3, 1, 15 << 4 | 15, 7 << 4, 0, 0) + dst[15:] + bytes(7)
    else:
        if how == "second":
            chain += struct.pack(">8B", 43, 2, 4, 1, 0, 0, 0, 0) + via
        chain += struct.pack(">8B", 17, 2, 4, 1, 0, 0, 0, 0) + dst
    chain += udp(7, 7)
    if how == "split":
        parts = [struct.pack(">8B", 43, 0, 1, 4, 0, 0, 0, 0), chain]
    else:
        parts = [chain[:8], chain[8:]]
    if how in ("split", "torn"):
        head = 60 if how == "split" else 43
        parts = [struct.pack(">BBHI", head, 0, 1, 7) + parts[0],
                 struct.pack(">BBHI", head, 0, len(parts[0]), 7) + parts[1]]
    else:
        parts = [chain]
    source = socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    sk = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for part in parts:
        sk.sendto(struct.pack(">IHBB", 6 << 28, len(part), first, 64) + source + via + part,
                  (socket.inet_ntop(socket.AF_INET6, via), 0))


def tun(claim, dst, qdisc):
    device = open("/dev/net/tun", "r+b", buffering=0)
    fcntl.ioctl(device, 0x400454ca, struct.pack("16sH22x", b"tun7", 0x1001))  # TUN, without a head
    subprocess.run("ip link set tun7 up", shell=True, check=True)
    if qdisc:
        subprocess.run("tc qdisc add dev tun7 root rtpl", shell=True, check=True)
    sk = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
    try:
        sk.sendto(ipv4("192.0.2.1", dst, udp(7, 7)), ("tun7", int(claim, 16)))
    except OSError:
        pass
    got = "stopped"
    while select.select([device], [], [], 1)[0]:
        if b"in clear" in device.read(2000):
            got = "got"
    print(got)


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
    elif sys.argv[1] == "tun":
        tun(sys.argv[2], sys.argv[3], len(sys.argv) > 4)
    elif sys.argv[1] == "route":
        (route if sys.argv[2] in ("loose", "strict", "segments") else route_raw)(*sys.argv[2:5])
    else:
        src, sport, dst, dport = sys.argv[2:6]
        sk = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        sk.sendto(ipv4(src, dst, udp(int(sport), int(dport))), (dst, 0))


main()
