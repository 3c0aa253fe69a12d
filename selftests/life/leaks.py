#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Judges what an observer saw that was no cell.

    leaks.py PCAP

PCAP (Ethernet) holds whole frames. ARP, neighbour discovery and group reports
belong to the local link; anything else is
a leak: it is printed, at most 20 of them, and the status is 1.
"""
import ipaddress
import struct
import sys

ND = range(133, 138)
GROUPS = (130, 131, 132, 143)


def frames(path):
    with open(path, "rb") as f:
        head = f.read(24)
        magic = struct.unpack("<I", head[:4])[0]
        if magic not in (0xa1b2c3d4, 0xa1b23c4d):
            sys.exit("not a pcap file of this machine's byte order")
        if struct.unpack("<I", head[20:24])[0] != 1:
            sys.exit("not Ethernet")
        while True:
            h = f.read(16)
            if len(h) < 16:
                return
            sec, frac, caplen, _ = struct.unpack("<IIII", h)
            yield sec, frac, f.read(caplen)


def link_local(frame):
    """Control of the local link? With a word for it, or None."""
    kind = frame[12:14]
    if kind == b"\x08\x06":
        return "arp"
    if kind == b"\x86\xdd":
        nxt, hop, off = frame[20], frame[21], 54
        if nxt == 0:
            nxt, off = frame[54], 54 + (frame[55] + 1) * 8
        if nxt == 58 and len(frame) > off:
            if frame[off] in ND and hop == 255:
                return "neighbour discovery"
            if frame[off] in GROUPS and hop == 1:
                return "group report"
    return None


def addresses(frame):
    if frame[12:14] == b"\x08\x00":
        return ipaddress.ip_address(frame[26:30]), ipaddress.ip_address(frame[30:34])
    if frame[12:14] == b"\x86\xdd":
        return ipaddress.ip_address(frame[22:38]), ipaddress.ip_address(frame[38:54])
    return None, None


def main():
    leaks, fine = 0, {}
    for sec, frac, frame in frames(sys.argv[1]):
        word = link_local(frame)
        if word:
            fine[word] = fine.get(word, 0) + 1
            continue
        leaks += 1
        if leaks <= 20:
            src, dst = addresses(frame)
            proto = frame[23] if frame[12:14] == b"\x08\x00" else frame[20]
            print(f"leak at {sec}.{frac:06}: {src} -> {dst} type {frame[12:14].hex()} "
                  f"protocol {proto} {len(frame)} bytes {frame[14:60].hex()}")
    print("besides cells:", ", ".join(f"{n} {w}" for w, n in sorted(fine.items())) or "nothing")
    print(f"leaks: {leaks}")
    return leaks > 0


if __name__ == "__main__":
    sys.exit(main())
