#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Traffic of all kinds with one host, until it is killed.

    traffic.py PEER4 PEER6 COUNTS

Datagrams (some of them larger than the MTU), echo requests and TCP streams,
over IPv4 and IPv6, whatever becomes of devices, addresses and routes: what
fails is tried again. Every payload holds MARK, so that it is known again where
it must not be seen. COUNTS is a file that holds what came in: datagrams,
echo replies, bytes of TCP.
"""
import os
import random
import select
import socket
import struct
import sys
import time

MARK = b"RTPL-IN-CLEAR-"
PORT = 7001
SCALE = int(os.environ.get("T_SCALE", 1))
TICK = 0.02 * SCALE ** 2        # a slow kernel is to do something else too
STALL = 2.0 * SCALE             # a connection on which nothing moves for so long is given up


def payload(size):
    return (MARK * (size // len(MARK) + 1))[:size]


class Stream:
    """One connection to the other side, reopened when it fails or stalls."""

    def __init__(self, family, addr):
        self.family, self.addr, self.sock, self.moved = family, addr, None, 0

    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def open(self, now):
        self.sock = socket.socket(self.family, socket.SOCK_STREAM)
        self.sock.setblocking(False)
        # Sometimes it ends with a reset.
        if random.random() < 0.5:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.moved = now
        try:
            self.sock.connect((self.addr, PORT))
        except BlockingIOError:
            pass

    def step(self, now):
        try:
            if not self.sock:
                self.open(now)
            elif now - self.moved > STALL or random.random() < 0.002:
                self.close()
            else:
                try:
                    if self.sock.send(payload(random.choice((40, 600, 5000, 20000)))):
                        self.moved = now
                except BlockingIOError:
                    pass
        except OSError:
            self.close()


class Traffic:
    def __init__(self, peer4, peer6, counts):
        self.file = counts
        self.got = dict(udp=0, echo=0, tcp=0)
        self.peer = {socket.AF_INET: peer4, socket.AF_INET6: peer6}
        self.udp, self.raw, self.listeners, self.accepted = {}, {}, [], {}
        for f in self.peer:
            self.udp[f] = self.bound(f, socket.SOCK_DGRAM)
            listener = self.bound(f, socket.SOCK_STREAM)
            listener.listen(16)
            self.listeners.append(listener)
            proto = socket.IPPROTO_ICMP if f == socket.AF_INET else socket.IPPROTO_ICMPV6
            self.raw[f] = socket.socket(f, socket.SOCK_RAW, proto)
            self.raw[f].setblocking(False)
        self.streams = [Stream(f, a) for f, a in self.peer.items()]
        self.seq = 0

    @staticmethod
    def bound(family, kind):
        s = socket.socket(family, kind)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind(("", PORT))
        s.setblocking(False)
        return s

    def echo(self, family):
        """An ICMP echo request; IPv6 fills in the checksum by itself."""
        v4 = family == socket.AF_INET
        body = struct.pack("!HH", os.getpid() & 0xffff, self.seq & 0xffff) + payload(56)
        head = struct.pack("!BBH", 8 if v4 else 128, 0, 0)
        if v4:
            total = sum(struct.unpack("!%dH" % (len(head + body) // 2), head + body))
            while total >> 16:
                total = (total & 0xffff) + (total >> 16)
            head = struct.pack("!BBH", 8, 0, ~total & 0xffff)
        return head + body

    def send(self, now):
        self.seq += 1
        for f, addr in self.peer.items():
            for sock, data in ((self.udp[f], payload(random.choice((30, 200, 1200, 3000)))),
                               (self.raw[f], self.echo(f))):
                try:
                    sock.sendto(data, (addr, PORT if sock is self.udp[f] else 0))
                except OSError:
                    pass
        for s in self.streams:
            s.step(now)

    def receive(self):
        socks = [*self.udp.values(), *self.raw.values(), *self.listeners, *self.accepted]
        for s in select.select(socks, [], [], TICK)[0]:
            try:
                if s in self.listeners:
                    new = s.accept()[0]
                    new.setblocking(False)
                    self.accepted[new] = time.monotonic()
                elif s in self.accepted:
                    data = s.recv(65536)
                    self.got["tcp"] += len(data)
                    if not data:
                        raise ConnectionError
                    self.accepted[s] = time.monotonic()
                elif s in self.udp.values():
                    s.recv(65536)
                    self.got["udp"] += 1
                else:
                    data = s.recv(65536)
                    v4 = s is self.raw[socket.AF_INET]
                    if data[20:21] == b"\0" if v4 else data[:1] == b"\x81":
                        self.got["echo"] += 1
            except BlockingIOError:
                pass
            except OSError:
                if self.accepted.pop(s, None):
                    s.close()
        old = time.monotonic() - 2 * STALL
        for s in [s for s, t in self.accepted.items() if t < old]:
            del self.accepted[s]
            s.close()

    def run(self):
        told = sent = 0
        while True:
            self.receive()
            now = time.monotonic()
            if now - sent >= TICK:
                sent = now
                self.send(now)
            if now - told > 0.2:
                told = now
                with open(self.file + ".new", "w") as f:
                    f.write("%(udp)d %(echo)d %(tcp)d\n" % self.got)
                os.rename(self.file + ".new", self.file)


if __name__ == "__main__":
    Traffic(*sys.argv[1:4]).run()
