#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Puts bad datagrams on a wire, made from what was captured there.

    inject.py DEV NETNS CAPTURE PORT SRC DST PUBKEY <ORDERS

CAPTURE holds datagrams from SRC to DST, PORT to PORT; what is made of them
goes out of DEV to DST. NETNS is where DST lives, PUBKEY its key. A line of
ORDERS is

    KIND COUNT REASON[,REASON...] [ADDR:PORT]

so many datagrams of a kind, as if from SRC (or from ADDR:PORT), all of which
must be counted under the REASONs and none under any other. Prints `ok TEXT`
or `not ok TEXT` for each.

    empty, short        0 bytes; 1 to 63 bytes
    garbage             random, with a random session index
    garbage-control     random behind the index of handshakes
    short-handshake     captured handshake datagrams, cut to 64 to 255 bytes
    fake-initiation     the frame of an initiation around random bytes
    truncated           captured cells without their last bytes; these, flip-text, flip-tag and
                        grown with a counter that was not used, or they would be replays
    flip-head           captured cells, a bit of the session index flipped
    flip-counter, flip-text, flip-tag    a bit flipped there
    grown               captured cells with a byte more
    replay              captured cells as they were
    initiation, response   captured handshake datagrams as they were
    flip-initiation     a bit of the number, the key, the padding, the MAC flipped
    forged-initiation   random bytes, with MACs as anyone can make who knows PUBKEY
    wrong-cookie        an initiation with another second MAC
"""
import base64
import hashlib
import ipaddress
import json
import random
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import pcap  # noqa: E402


def csum(data):
    if len(data) % 2:
        data += b"\0"
    s = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def frame(macs, src, dst, sport, dport, payload):
    """An Ethernet frame with everything right but what is in it."""
    length = 8 + len(payload)
    udp = struct.pack("!HHHH", sport, dport, length, 0) + payload
    if src.version == 6:
        pseudo = src.packed + dst.packed + struct.pack("!II", length, 17)
    else:
        pseudo = src.packed + dst.packed + struct.pack("!BBH", 0, 17, length)
    udp = udp[:6] + struct.pack("!H", csum(pseudo + udp) or 0xffff) + udp[8:]
    if src.version == 6:
        return macs + struct.pack("!HIHBB", 0x86dd, 6 << 28, length, 17, 64) + \
            src.packed + dst.packed + udp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, 17, 0) + \
        src.packed + dst.packed
    head = head[:10] + struct.pack("!H", csum(head)) + head[12:]
    return macs + struct.pack("!H", 0x0800) + head + udp


def unused(cell):
    """The cell with a counter far ahead."""
    return cell[:7] + bytes([cell[7] | 0x40]) + cell[8:]


def flip(data, at, rng):
    data = bytearray(data)
    data[at] ^= 1 << rng.randrange(8)
    return bytes(data)


def mac(pubkey, label, data):
    key = hashlib.blake2s(label + pubkey).digest()
    return hashlib.blake2s(data, digest_size=16, key=key).digest()


def sealed(data, pubkey):
    """With both MACs of a handshake datagram, kmod/core/cookie.h."""
    data += mac(pubkey, b"RTPL v1 mac1", data)
    return data + mac(pubkey, b"RTPL v1 open", data)


def make(kind, cells, handshakes, pubkey, count, rng):
    def some(what):
        return [what[i % len(what)] for i in range(count)]

    def typed(t):
        return some([h for h in handshakes if h[4] == t])
    index = struct.Struct("<I")
    if kind == "empty":
        return [b""] * count
    if kind == "short":
        return [rng.randbytes(rng.randrange(1, 64)) for _ in range(count)]
    if kind == "garbage":
        return [index.pack(rng.randrange(1, 1 << 32)) + rng.randbytes(rng.randrange(60, 1400))
                for _ in range(count)]
    if kind == "garbage-control":
        return [bytes(4) + bytes([rng.randrange(4, 256)]) + rng.randbytes(rng.randrange(251, 1400))
                for _ in range(count)]
    if kind == "short-handshake":
        return [h[:rng.randrange(64, 256)] for h in some(handshakes)]
    if kind == "fake-initiation":
        return [bytes(4) + bytes([1, 0, 0, 0]) + rng.randbytes(1000) for _ in range(count)]
    if kind == "truncated":
        return [unused(c)[:rng.randrange(64, len(c))] for c in some(cells)]
    if kind == "flip-head":
        return [flip(c, rng.randrange(0, 4), rng) for c in some(cells)]
    if kind == "flip-counter":
        return [flip(c, rng.randrange(4, 8), rng) for c in some(cells)]
    if kind == "flip-text":
        return [flip(unused(c), rng.randrange(8, len(c) - 16), rng) for c in some(cells)]
    if kind == "flip-tag":
        return [flip(unused(c), rng.randrange(len(c) - 16, len(c)), rng) for c in some(cells)]
    if kind == "grown":
        return [unused(c) + b"\0" for c in some(cells)]
    if kind == "replay":
        return some(cells)
    if kind == "initiation":
        return typed(1)
    if kind == "response":
        return typed(2)
    if kind == "flip-initiation":
        return [flip(h, [8, 20, 50, 200, len(h) - 20][i % 5], rng) for i, h in enumerate(typed(1))]
    if kind == "forged-initiation":
        return [sealed(bytes(4) + bytes([1, 0, 0, 0]) + rng.randbytes(1000), pubkey)
                for _ in range(count)]
    if kind == "wrong-cookie":
        return [h[:-16] + rng.randbytes(16) for h in typed(1)]
    sys.exit(f"unknown kind {kind}")


def drops(netns):
    said = subprocess.run(["nsenter", f"--net=/run/netns/{netns}", "--", "rtplctl", "-j", "stats"],
                          stdout=subprocess.PIPE, check=True).stdout
    return {name: d["count"] for name, d in json.loads(said)["drops"].items()}


def order(line, send, netns, cells, handshakes, pubkey):
    kind, count, reasons, *origin = line.split()
    before = drops(netns)
    todo = make(kind, cells, handshakes, pubkey, int(count), random.Random(line))
    for payload in todo:
        send(payload, origin[0] if origin else None)
    for _ in range(100):
        after = drops(netns)
        grown = {k: n - before[k] for k, n in after.items() if n > before[k]}
        if sum(grown.values()) >= len(todo):
            break
        time.sleep(0.05)
    right = len(todo) == sum(grown.values()) == sum(grown.get(r, 0) for r in reasons.split(","))
    what = " ".join(f"{k}={v}" for k, v in grown.items())
    print(f"{'ok' if right and todo else 'not ok'} {kind}{' from ' + origin[0] if origin else ''}: "
          f"{len(todo)} sent, counted: {what or 'none'}", flush=True)


def main():
    dev, netns, capture, port, src, dst, pubkey = sys.argv[1:]
    pubkey = base64.b64decode(pubkey)
    port, src, dst = int(port), ipaddress.ip_address(src), ipaddress.ip_address(dst)
    cells, handshakes, macs = [], [], None
    for data, _ in pcap.records(capture):
        what, s, d, udp, _ = pcap.parse(data)
        if what != "udp" or (s, d) != (src, dst) or udp[:2] != (port, port):
            continue
        macs = data[:12]
        payload = data[-udp[2]:]
        (cells if payload[:4] != bytes(4) else handshakes).append(payload)
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    sock.bind((dev, 0))

    def send(payload, origin):
        who, sport = src, port
        if origin:
            who, sport = origin.rsplit(":", 1)
            who, sport = ipaddress.ip_address(who.strip("[]")), int(sport)
        sock.send(frame(macs, who, dst, sport, port, payload))
    for line in sys.stdin:
        order(line, send, netns, cells, handshakes, pubkey)


if __name__ == "__main__":
    main()
