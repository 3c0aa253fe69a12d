#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Someone on the path, who knows all public keys, sends handshake datagrams.

    hostile.py replay|flip|cut|forge|flood FILE PUBLIC ADDRESS PORT COUNT

FILE holds an initiation as captured, PUBLIC is its receiver's public key in base64.
replay sends it COUNT times, flip with one bit changed in each byte in turn,
cut with lengths from 8 up, forge with MACs made anew after a change of what they
cover, flood as forge, as fast as it goes. Prints how many were sent.
"""
import base64
import hashlib
import random
import socket
import sys
import time


def mac(label, public, data):
    key = hashlib.blake2s(label + public).digest()
    return hashlib.blake2s(data, key=key, digest_size=16).digest()


def forged(real, public):
    """Random where the first seal is: costs the receiver a Diffie-Hellman."""
    d = real[:12] + random.randbytes(len(real) - 44)
    d += mac(b"RTPL v1 mac1", public, d)
    return d + mac(b"RTPL v1 open", public, d)


def main():
    what, path, public, address, port, count = sys.argv[1:]
    with open(path, "rb") as f:
        real = f.read()
    public, count = base64.b64decode(public), int(count)
    out = []
    if what == "replay":
        out = [real] * count
    elif what == "flip":
        for i in range(len(real)):
            d = bytearray(real)
            d[i] ^= 1 << i % 8
            out.append(bytes(d))
    elif what == "cut":
        out = [real[:n] for n in range(8, 256, 16)]
    else:
        out = (forged(real, public) for _ in range(count))
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((address, int(port)))
    sent = 0
    for d in out:
        try:
            s.send(d)
        except ConnectionRefusedError:
            s.send(d)
        sent += 1
        if what != "flood":
            time.sleep(0.001)
    print(sent)


main()
