#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A listener to a link's packets that reads none for a while: those that are told and those that are
counted as lost are together as many as went over the link.

    fit_slow.py PUBLIC-KEY ADDRESS     in selftests/netlink; prints "ok N told, N lost", or what is wrong
"""
import base64
import errno
import json
import os
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.getcwd())
from nl import *  # noqa: E402, pylint: disable=wildcard-import,unused-wildcard-import,wrong-import-position

COUNT = 4000


def packets():
    stats = json.loads(subprocess.run(["rtplctl", "-j", "stats"], capture_output=True, text=True, check=True).stdout)
    return sum(stats["peers"][0][k] for k in ("tx_packets", "rx_packets"))


def main():
    r = Rtpl()
    r.sk.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    r.do(TAP, [attr(A_PEER, [attr(P_PUBLIC_KEY, base64.b64decode(sys.argv[1]))])])
    before = packets()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for i in range(COUNT):
        udp.sendto(bytes(100), (sys.argv[2], 9))
        if i % 20 == 19:
            time.sleep(.002)
        if i == COUNT // 2:
            time.sleep(.1)
    time.sleep(1)
    went = packets() - before
    told = lost = 0
    r.sk.settimeout(2)
    while True:
        try:
            messages = r.messages()
        except TimeoutError:
            break
        except OSError as e:
            if e.errno != errno.ENOBUFS:
                raise
            continue
        for kind, _, payload in messages:
            if kind != r.family or payload[0] != PACKETS:
                continue
            for k, data in attrs(first(attrs(payload[4:]), A_PACKETS)):
                if k == K_ENTRY:
                    told += struct.unpack("=I", first(attrs(data), K_SEGS) or b"\1\0\0\0")[0]
                elif k == K_LOST:
                    lost = struct.unpack("=Q", data)[0]
    print("ok" if told + lost == went and went >= COUNT else f"of {went}:", told, "told,", lost, "lost", flush=True)


main()
