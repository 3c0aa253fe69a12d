#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What an observer finds in a capture.

    pcap.py FILE PORT HOST... [-- NAME=HEX...]

HOSTs are the addresses of the pair. Prints a JSON object:

    cells       UDP datagrams between the pair, PORT to PORT
    sizes       of their UDP payloads: {size: how often}
    handshakes  likewise, of those that are handshakes
    control     ARP, neighbour and router discovery, group reports
    clear       any other packet from one of the pair to another; and `samples`
    others      packets that are not between the pair
    fragments   IP fragments between the pair, cells or not
    truncated   records that hold less than the packet
    found       {NAME: how many records hold those bytes}
"""
import collections
import ipaddress
import json
import struct
import sys


def records(path):
    with open(path, "rb") as f:
        data = f.read()
    magic = data[:4]
    end = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        _, _, incl, orig = struct.unpack(end + "IIII", data[at:at + 16])
        if at + 16 + incl > len(data):
            break       # the last one was being written
        yield data[at + 16:at + 16 + incl], orig
        at += 16 + incl


def parse(frame):
    """(kind, source, destination, UDP ports, payload bytes and the first four or None, fragment)"""
    kind = struct.unpack("!H", frame[12:14])[0]
    p = frame[14:]
    while kind in (0x8100, 0x88a8) and len(p) >= 4:
        # A VLAN tag hides nothing.
        kind, p = struct.unpack("!H", p[2:4])[0], p[4:]
    if kind == 0x0800 and len(p) >= 20:
        src, dst = ipaddress.ip_address(p[12:16]), ipaddress.ip_address(p[16:20])
        frag = bool(struct.unpack("!H", p[6:8])[0] & 0x3fff)
        proto, p = p[9], p[(p[0] & 15) * 4:]
        if proto == 2:
            return "control", src, dst, None, frag
    elif kind == 0x86dd and len(p) >= 40:
        src, dst = ipaddress.ip_address(p[8:24]), ipaddress.ip_address(p[24:40])
        proto, hop, p, frag = p[6], p[7], p[40:], False
        if proto == 44:
            proto, p, frag = p[0], p[8:], True
        if proto == 0 and len(p) >= 8:
            proto, p = p[0], p[(p[1] + 1) * 8:]
        if proto == 58 and p and (133 <= p[0] <= 137 and hop == 255 or
                                  p[0] in (130, 131, 132, 143) and hop == 1):
            return "control", src, dst, None, frag
    else:
        return "control", None, None, None, False
    if proto == 17 and len(p) >= 8 and not frag:
        sport, dport, length = struct.unpack("!HHH", p[:6])
        return "udp", src, dst, (sport, dport, length - 8, p[8:12]), frag
    return f"proto {proto}", src, dst, None, frag


def main():
    argv, marks = sys.argv[1:], {}
    if "--" in argv:
        for word in argv[argv.index("--") + 1:]:
            name, value = word.split("=")
            marks[name] = bytes.fromhex(value)
        argv = argv[:argv.index("--")]
    path, port = argv[0], int(argv[1])
    pair = {ipaddress.ip_address(a) for a in argv[2:]}
    count, sizes, found = collections.Counter(), collections.Counter(), collections.Counter()
    handshakes = collections.Counter()
    samples = []
    for frame, orig in records(path):
        count["truncated"] += len(frame) < orig
        for name, value in marks.items():
            found[name] += value in frame
        kind, src, dst, udp, frag = parse(frame)
        if kind == "control":
            count["control"] += 1
            continue
        if src not in pair or dst not in pair:
            count["others"] += 1
            continue
        count["fragments"] += frag
        if udp and udp[0] == port and udp[1] == port:
            count["cells"] += 1
            sizes[udp[2]] += 1
            if udp[3] == bytes(4):
                handshakes[udp[2]] += 1
        else:
            count["clear"] += 1
            if len(samples) < 5:
                samples.append(f"{src} > {dst} {kind} {udp or ''} {frame[14:60].hex()}")
    print(json.dumps({**{k: count[k] for k in
                         ("cells", "control", "clear", "others", "fragments", "truncated")},
                      "sizes": {str(k): v for k, v in sorted(sizes.items())},
                      "handshakes": {str(k): v for k, v in sorted(handshakes.items())},
                      "found": {k: found[k] for k in marks}, "samples": samples}))


if __name__ == "__main__":
    main()
