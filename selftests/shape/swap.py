#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Data or chaff by lot, and whether what another end sends tells which.

    swap.py send DEVICE PORT PEER LOW HIGH TIMES
            In the namespace of the end that triggers, whose link has cover with intervals of
            uniform:LOW,HIGH seconds: after each cell that leaves, a datagram to PEER at a time
            drawn likewise. Which of the two comes first is a fair lot, and the time of the first
            tells nothing of it. A cell begins a run of LOW seconds if no other run is open.
            Prints "TIME data|chaff" for TIMES runs of each kind.
    swap.py judge RUNS CAPTURE HERE SECONDS
            RUNS: what `send` printed; CAPTURE: lines "TIME SOURCE-ADDRESS" of the observer.
            Prints "RUNS RUNS MEAN MEAN P" for runs with data and with chaff: departures of HERE in
            a run, and how often as large a difference comes of chance: permutation tests of
            their number and of the time of the first; the lesser counts twice. Seeded: the same
            for the same capture.
"""
import random
import select
import socket
import sys
import time

ROUNDS = 20000
OUTGOING = 4            # PACKET_OUTGOING, linux/if_packet.h
SOON = 0.05             # seconds from a datagram to its cell


def send(device, port, peer, low, high, times):
    low, high, times = float(low), float(high), int(times)
    cells = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(3))
    cells.bind((device, 3))
    data = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    rng = random.Random(3)
    runs = {"data": 0, "chaff": 0}
    begun = sent = 0.0
    first = True            # its chaff has limits that nothing has used yet
    due = time.time() + rng.uniform(low, high)
    limit = time.time() + 5 * times * high
    while min(runs.values()) < times and time.time() < limit:
        if not select.select([cells], [], [], max(0, due - time.time()))[0]:
            data.sendto(b"x" * 20, (peer, 9))
            sent, due = time.time(), time.time() + high
            continue
        packet, who = cells.recvfrom(64)
        now = time.time()
        udp = packet[9] == 17 and packet[20:22] == int(port).to_bytes(2, "big")
        if who[2] != OUTGOING or not udp or now < begun + low:
            continue
        kind = "data" if now < sent + SOON else "chaff"
        begun, due = now, now + rng.uniform(low, high)
        if first:
            first = False
            continue
        runs[kind] += 1
        print("%.6f %s" % (now, kind), flush=True)


def mean(values):
    return sum(values) / len(values)


def chance(a, b, rng):
    """How often does drawing lots give as large a difference of means?"""
    both, want = a + b, abs(mean(a) - mean(b)) - 1e-9
    hits = 0
    for _ in range(ROUNDS):
        rng.shuffle(both)
        hits += abs(mean(both[:len(a)]) - mean(both[len(a):])) >= want
    return (hits + 1) / (ROUNDS + 1)


def judge(runs, capture, here, seconds):
    seconds = float(seconds)
    with open(capture, encoding="ascii") as f:
        left = [float(at) for at, source in map(str.split, f) if source == here]
    kinds = {"data": [], "chaff": []}
    with open(runs, encoding="ascii") as f:
        for start, kind in map(str.split, f):
            after = [at - float(start) for at in left if 0 <= at - float(start) < seconds]
            kinds[kind].append((len(after), after[0] if after else seconds))
    data, chaff = kinds["data"], kinds["chaff"]
    if min(len(data), len(chaff)) < 2:
        print(len(data), len(chaff), 0, 0, 0)
        return
    rng = random.Random(1)
    p = min(chance([r[i] for r in data], [r[i] for r in chaff], rng) for i in (0, 1))
    print(len(data), len(chaff), *("%.1f" % mean([r[0] for r in k]) for k in (data, chaff)),
          "%.4f" % min(1, 2 * p))


if __name__ == "__main__":
    {"send": send, "judge": judge}[sys.argv[1]](*sys.argv[2:])
