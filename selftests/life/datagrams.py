#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Numbered datagrams, to know how many of them are lost.

    datagrams.py send ADDRESS SECONDS-BETWEEN FILE
        until it is told to end (SIGTERM); FILE then has how many were sent
    datagrams.py receive FILE
        FILE is renewed all the time: how many came, how many of them twice
"""
import os
import random
import signal
import socket
import sys
import time

PORT = 7002


def write(path, text):
    with open(path + ".new", "w") as f:
        f.write(text + "\n")
    os.rename(path + ".new", path)


def send(addr, gap, path):
    told = []       # to end, which it does between two datagrams: each that left is counted
    signal.signal(signal.SIGTERM, lambda *_: told.append(True))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 32, 1 << 24)     # SO_SNDBUFFORCE: the socket drops none
    n = 0
    while not told:
        for _ in range(random.randint(1, 8)):
            s.sendto(b"%012d" % n + bytes(random.randint(0, 1200)), (addr, PORT))
            n += 1
        time.sleep(float(gap))
    write(path, str(n))


def receive(path):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)     # SO_RCVBUFFORCE
    s.bind(("", PORT))
    s.settimeout(0.1)
    seen, twice, told = set(), 0, 0.0
    while True:
        try:
            n = int(s.recv(2048)[:12])
            twice += n in seen
            seen.add(n)
        except socket.timeout:
            pass
        if time.monotonic() - told > 0.2:
            told = time.monotonic()
            write(path, f"{len(seen)} {twice}")


if __name__ == "__main__":
    (send if sys.argv[1] == "send" else receive)(*sys.argv[2:])
