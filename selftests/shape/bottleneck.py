#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Load for a bottleneck, and how long its packets took.

    bottleneck.py sink ADDR PORT            prints "N MEAN P50 P99 MAX" (ns) when nothing
                                            has come for 3 s
    bottleneck.py load ADDR PORT BIT/S SECONDS SEED
                                            bursts of datagrams of chance sizes at chance
                                            times, as many bytes of IP a second as told;
                                            the same for the same seed

Both hosts have one clock. For virtual time: nothing here polls.
"""
import random
import socket
import struct
import sys
import time

IP_UDP = 28


def now():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def plan(rate, seconds, seed):
    """(second, sizes of IP packets) of each burst."""
    rng = random.Random(seed)
    at = 0.0
    while at < seconds:
        sizes = [rng.choice((80, 300, 700, 1300)) for _ in range(rng.choice((1, 1, 2, 4, 9)))]
        yield at, sizes
        at += rng.expovariate(1) * sum(sizes) * 8 / rate


def load(addr, port, rate, seconds, seed):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    start, n = now(), 0
    for at, sizes in plan(float(rate), float(seconds), int(seed)):
        wait = start + int(at * 1e9) - now()
        if wait > 0:
            time.sleep(wait / 1e9)
        for size in sizes:
            head = struct.pack("!QI", now(), n)
            sock.sendto(head + bytes(size - IP_UDP - len(head)), (addr, int(port)))
            n += 1
    print(n)


def sink(addr, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind((addr, int(port)))
    took = []
    try:
        sock.settimeout(600)
        while True:
            data = sock.recv(2048)
            took.append(now() - struct.unpack_from("!Q", data)[0])
            sock.settimeout(3)
    except socket.timeout:
        pass
    took.sort()
    n = len(took)
    print(n, sum(took) // max(n, 1), *(took[min(n * q // 100, n - 1)] for q in (50, 99, 100)) if n else ())


if __name__ == "__main__":
    {"load": load, "sink": sink}[sys.argv[1]](*sys.argv[2:])
