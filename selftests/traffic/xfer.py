#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Carries random bytes between two hosts and says what came of them.

    xfer.py tcp-serve ADDR PORT STREAMS BYTES SEED    both ways at once on each
    xfer.py tcp       ADDR PORT STREAMS BYTES SEED    stream; one line a stream and way
    xfer.py udp-serve ADDR PORT                       echoes what is right
    xfer.py udp       ADDR PORT COUNT MAXLEN SEED     sizes up to MAXLEN
    xfer.py gso-sink  ADDR PORT COUNT [gro]           until idle for a second after
    xfer.py gso       ADDR PORT SEG COUNT [SENDS]     COUNT datagrams of SEG bytes in one call
    xfer.py collect   ADDR PORT IDLE                  numbers that came, until IDLE s after the last
    xfer.py burst     ADDR PORT COUNT LEN [PRIORITY]  numbered datagrams, as fast as it goes

The two ends of `tcp` print the same lines if every byte arrived as it was
sent: each end hashes what it sent and what it received by itself.
"""
import hashlib
import json
import random
import socket
import struct
import sys
import threading
import time

UDP_SEGMENT, UDP_GRO = 103, 104
SOL_UDP = 17
SO_RCVBUFFORCE = 33
CHUNK = 1 << 16


def family(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


# ---- TCP: all streams both ways at once ----

def stream_send(sock, seed, total, out, key):
    rng = random.Random(seed)
    sha = hashlib.sha256()
    left = total
    while left:
        data = rng.randbytes(min(left, CHUNK))
        sock.sendall(data)
        sha.update(data)
        left -= len(data)
    sock.shutdown(socket.SHUT_WR)
    out[key] = (total, sha.hexdigest())


def stream_receive(sock, out, key):
    sha = hashlib.sha256()
    got = 0
    while True:
        data = sock.recv(1 << 18)
        if not data:
            break
        sha.update(data)
        got += len(data)
    out[key] = (got, sha.hexdigest())


def streams(conns, total, seed, here, there):
    """conns: {number: socket}."""
    out, threads = {}, []
    for n, sock in conns.items():
        threads.append(threading.Thread(target=stream_send, args=(
            sock, f"{seed} {here} {n}", total, out, (n, f"from-{here}"))))
        threads.append(threading.Thread(target=stream_receive, args=(
            sock, out, (n, f"from-{there}"))))
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for (n, way), (count, sha) in sorted(out.items()):
        print(f"stream {n} {way} {count} bytes sha256 {sha}")


def tcp_serve(addr, port, count, total, seed):
    srv = socket.create_server((addr, int(port)), family=family(addr), backlog=int(count))
    conns = {}
    for _ in range(int(count)):
        sock, _ = srv.accept()
        conns[sock.recv(1, socket.MSG_WAITALL)[0]] = sock
    streams(conns, int(total), seed, "server", "client")


def tcp(addr, port, count, total, seed):
    conns = {}
    for n in range(int(count)):
        sock = socket.create_connection((addr, int(port)), timeout=120)
        sock.settimeout(None)
        sock.sendall(bytes([n]))
        conns[n] = sock
    streams(conns, int(total), seed, "client", "server")


# ---- UDP: echo, checked on both sides ----

def datagram(rng, seq, most):
    body = struct.pack("!I", seq) + rng.randbytes(rng.randrange(most - 36 + 1))
    return body + hashlib.sha256(body).digest()


def datagram_seq(data):
    """Its number, or None if it is not what was sent."""
    if len(data) < 36 or hashlib.sha256(data[:-32]).digest() != data[-32:]:
        return None
    return struct.unpack("!I", data[:4])[0]


def udp_socket(addr, port=None):
    sock = socket.socket(family(addr), socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
    if port is not None:
        sock.bind((addr, int(port)))
    return sock


def udp_serve(addr, port):
    sock = udp_socket(addr, port)
    seen, bad, again = set(), 0, 0
    while True:
        data, who = sock.recvfrom(65536)
        if data == b"bye":
            sock.sendto(json.dumps([len(seen), bad, again]).encode(), who)
            continue
        seq = datagram_seq(data)
        if seq is None:
            bad += 1
            continue
        again += seq in seen
        seen.add(seq)
        sock.sendto(data, who)


def udp(addr, port, count, most, seed):
    """At most 32 are under way: what is lost is the path's, not a queue's."""
    sock = udp_socket(addr)
    sock.connect((addr, int(port)))
    rng = random.Random(seed)
    sent, echoed, wrong, again = {}, set(), 0, 0
    waiting = set()
    sock.settimeout(0.3)
    seq = 0
    while seq < int(count) or waiting:
        while seq < int(count) and len(waiting) < 32:
            data = datagram(rng, seq, int(most))
            sent[seq] = hashlib.sha256(data).digest()
            sock.send(data)
            waiting.add(seq)
            seq += 1
        try:
            data = sock.recv(65536)
        except socket.timeout:
            waiting.clear()
            continue
        got = datagram_seq(data)
        if got is None or sent.get(got) != hashlib.sha256(data).digest():
            wrong += 1
            continue
        again += got in echoed
        echoed.add(got)
        waiting.discard(got)
    for _ in range(100):
        sock.send(b"bye")
        try:
            data = sock.recv(65536)
            if data[:1] == b"[":
                break
        except socket.timeout:
            pass
    there, there_bad, there_again = json.loads(data)
    print(json.dumps({"sent": int(count), "arrived": there, "echoed": len(echoed),
                      "wrong": wrong + there_bad, "doubled": again + there_again}))


# ---- UDP segmentation offload: which of one super-packet's datagrams arrive ----

def gso_payload(i, seg):
    return random.Random(f"gso {i}").randbytes(seg - 4)


def gso_sink(addr, port, count, how=""):
    """Prints numbers of the datagrams that came, and the largest receive."""
    sock = udp_socket(addr, port)
    if how == "gro":
        sock.setsockopt(SOL_UDP, UDP_GRO, 1)
    sock.settimeout(60)
    got, wrong, largest, again = set(), 0, 0, 0
    while len(got) < int(count):
        try:
            data, anc, _, _ = sock.recvmsg(65536, 64)
        except socket.timeout:
            break
        sock.settimeout(1)
        seg = len(data)
        for level, kind, value in anc:
            if level == SOL_UDP and kind == UDP_GRO:
                seg = struct.unpack("=i", value[:4])[0]
        largest = max(largest, len(data))
        for at in range(0, len(data), seg):
            one = data[at:at + seg]
            i = struct.unpack("!I", one[:4])[0]
            if one[4:] != gso_payload(i, len(one)):
                wrong += 1
                continue
            again += i in got
            got.add(i)
    # A straggler would be one too many.
    sock.settimeout(0.3)
    try:
        while True:
            sock.recv(65536)
            again += 1
    except socket.timeout:
        pass
    print(json.dumps({"got": sorted(got), "missing": sorted(set(range(int(count))) - got),
                      "wrong": wrong, "doubled": again, "largest": largest}))


def gso(addr, port, seg, count, sends="1"):
    sock = udp_socket(addr)
    sock.connect((addr, int(port)))
    sock.setsockopt(SOL_UDP, UDP_SEGMENT, int(seg))
    per = int(count) // int(sends)
    for s in range(int(sends)):
        sock.send(b"".join(struct.pack("!I", i) + gso_payload(i, int(seg))
                           for i in range(s * per, (s + 1) * per)))
        if s + 1 < int(sends):
            time.sleep(0.002)


# ---- numbered datagrams ----

def collect(addr, port, idle):
    sock = udp_socket(addr, port)
    sock.settimeout(60)
    got = []
    try:
        while True:
            got.append(struct.unpack("!I", sock.recv(65536)[:4])[0])
            sock.settimeout(float(idle))
    except socket.timeout:
        print(json.dumps(got))


def burst(addr, port, count, length, priority="0"):
    sock = udp_socket(addr)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_PRIORITY, int(priority, 0))
    sock.connect((addr, int(port)))
    for i in range(int(count)):
        for _ in range(2):
            try:
                sock.send(struct.pack("!I", i) + bytes(int(length) - 4))
                break
            except ConnectionRefusedError:
                pass    # of one before: nothing listens
            except PermissionError:
                break   # the leakguard says so of each


if __name__ == "__main__":
    {"collect": collect, "burst": burst, "tcp-serve": tcp_serve, "tcp": tcp, "udp-serve": udp_serve, "udp": udp,
     "gso-sink": gso_sink, "gso": gso}[sys.argv[1]](*sys.argv[2:])
    sys.stdout.flush()
