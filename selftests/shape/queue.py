#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Load on a slow line, and the round trip beside it.

    queue.py echo ADDR PORT                     answers datagrams, for ever
    queue.py sink ADDR PORT                     takes TCP connections and reads, for ever
    queue.py tcp ADDR PORT N SECONDS            N connections that send all they can
    queue.py udp ADDR PORT BIT/S SECONDS        datagrams of 1400 bytes of IP
    queue.py ping ADDR PORT N INTERVAL          prints "BACK MEDIAN NINETY MAX": answers to N small
                                                datagrams, and their round trip in us: the median,
                                                what nine of ten keep to, the longest

For virtual time: nothing here polls.
"""
import socket
import sys
import threading
import time

SIZE = 1372


def now():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


def echo(addr, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((addr, int(port)))
    while True:
        sock.sendto(*sock.recvfrom(2048))


def drain(conn):
    while conn.recv(1 << 16):
        pass


def sink(addr, port):
    with socket.create_server((addr, int(port))) as server:
        while True:
            conn, _ = server.accept()
            threading.Thread(target=drain, args=(conn,), daemon=True).start()


def fill(addr, port):
    with socket.create_connection((addr, int(port))) as conn:
        while True:
            conn.sendall(bytes(32768))


def tcp(addr, port, n, seconds):
    for _ in range(int(n)):
        threading.Thread(target=fill, args=(addr, port), daemon=True).start()
    time.sleep(float(seconds))


def udp(addr, port, rate, seconds):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    start, sent, left = now(), 0, float(seconds)
    while now() < start + left * 1e9:
        due = int((now() - start) / 1e9 * float(rate) / 8 / (SIZE + 28))
        while sent < due:
            try:
                sock.sendto(bytes(SIZE), (addr, int(port)))
            except OSError:
                pass
            sent += 1
        time.sleep(0.005)


def ping(addr, port, n, interval):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("", 0))
    took = []

    def receive():
        while True:
            sent = int(sock.recv(2048).split()[0])
            took.append(now() - sent)

    threading.Thread(target=receive, daemon=True).start()
    for _ in range(int(n)):
        sock.sendto(b"%d ." % now(), (addr, int(port)))
        time.sleep(float(interval))
    time.sleep(2)
    took.sort()
    at = (len(took) // 2, len(took) * 9 // 10, -1)
    print(len(took), *(took[i] // 1000 for i in at) if took else (0, 0, 0))


if __name__ == "__main__":
    try:
        {f.__name__: f for f in (echo, sink, tcp, udp, ping)}[sys.argv[1]](*sys.argv[2:])
    except KeyboardInterrupt:
        pass
