#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Super-packets of the kinds that xfer.py cannot make.

    gso.py sctp-serve ADDR PORT BYTES     takes one SCTP stream, answers with what came
    gso.py sctp       ADDR PORT BYTES     sends it in large messages; prints the answer
    gso.py tap        DEV KIND DST        a super-packet as a guest's, through a tap DEV
    gso.py raw        DEV KIND SRC DST    the same by a packet socket, Ethernet header and all
    gso.py sniff      DEV KIND SECONDS    puts the pieces of the above together, says what came
    gso.py pieces     DEV SRC DST         packets whose headers or checksums lie out of place

KIND is tcp4, tcp6, udp4 or big6: TCP with more than 64 KB, which IPv6 counts in a header of
its own (BIG TCP; by a packet socket alone). Super-packets by tap and raw are what the stack calls
dodgy: nobody has counted their segments or believes their headers.
"""
import fcntl
import hashlib
import os
import socket
import struct
import sys
import time

IPPROTO_SCTP = 132
SOL_PACKET, PACKET_VNET_HDR = 263, 15
SIOCGIFHWADDR = 0x8927
TUNSETIFF = 0x400454ca
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
NEEDS_CSUM, GSO_TCPV4, GSO_TCPV6, GSO_UDP_L4 = 1, 1, 4, 5
SEG, PAYLOAD, BIG = 1000, 20500, 66000
MAC_B = bytes.fromhex("020000000002")
GUEST = {"tcp4": "10.9.0.2", "udp4": "10.9.0.2", "tcp6": "2001:db8:9::2"}


def family(addr):
    return socket.AF_INET6 if ":" in addr else socket.AF_INET


def size(kind):
    return BIG if kind == "big6" else PAYLOAD


def payload(total=PAYLOAD):
    out = b""
    while len(out) < total:
        out += hashlib.sha256(struct.pack(">I", len(out))).digest()
    return out[:total]


def digest(data):
    return f"{len(data)} {hashlib.sha256(data).hexdigest()[:16]}"


# ---- SCTP ----

def sctp_serve(addr, port, total):
    sk = socket.socket(family(addr), socket.SOCK_STREAM, IPPROTO_SCTP)
    sk.bind((addr, int(port)))
    sk.listen(1)
    print("ready", flush=True)
    conn = sk.accept()[0]
    got = b""
    while len(got) < int(total):
        data = conn.recv(1 << 18)
        if not data:
            break
        got += data
    conn.send(digest(got).encode())
    conn.close()


def sctp(addr, port, total):
    data = (payload() * (int(total) // PAYLOAD + 1))[:int(total)]
    sk = socket.socket(family(addr), socket.SOCK_STREAM, IPPROTO_SCTP)
    sk.connect((addr, int(port)))
    for i in range(0, len(data), 20000):
        sk.sendall(data[i:i + 20000])
    said = sk.recv(200).decode()
    print("right" if said == digest(data) else f"{said}, sent {digest(data)}")


# ---- dodgy ones ----

def fold(s):
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return s


def summed(data):
    return fold(sum(struct.unpack(f">{len(data) // 2}H", data)))


def build(kind, src, dst):
    """An IP packet with all of the payload, its transport checksum partial."""
    v6 = kind.endswith("6")
    jumbo = kind == "big6"
    fam = socket.AF_INET6 if v6 else socket.AF_INET
    ends = socket.inet_pton(fam, src) + socket.inet_pton(fam, dst)
    proto = 17 if kind.startswith("udp") else 6
    l4_len = (20 if proto == 6 else 8) + size(kind)
    partial = fold(summed(ends) + proto + l4_len)
    if proto == 6:
        l4 = struct.pack(">HHIIBBHHH", 9999, 9998, 1000, 1, 0x50, 0x18, 4096, partial, 0)
    else:
        l4 = struct.pack(">HHHH", 9999, 9998, l4_len, partial)
    if jumbo:
        ip = struct.pack(">IHBB", 6 << 28, 0, 0, 64) + ends
        ip += struct.pack(">BBBBI", proto, 0, 194, 4, 8 + l4_len)
    elif v6:
        ip = struct.pack(">IHBB", 6 << 28, l4_len, proto, 64) + ends
    else:
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + l4_len, 7, 0x4000, 64, proto, 0) + ends
        ip = ip[:10] + struct.pack(">H", 0xffff - summed(ip)) + ip[12:]
    vnet = struct.pack("=BBHHHH", NEEDS_CSUM,
                       {"tcp4": GSO_TCPV4, "tcp6": GSO_TCPV6, "big6": GSO_TCPV6,
                        "udp4": GSO_UDP_L4}[kind],
                       14 + len(ip) + len(l4), SEG, 14 + len(ip), 16 if proto == 6 else 6)
    return vnet, struct.pack(">H", 0x86dd if v6 else 0x0800), ip + l4 + payload(size(kind))


def by_raw(dev, kind, src, dst):
    vnet, ethertype, packet = build(kind, src, dst)
    sk = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sk.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    sk.bind((dev, 0))
    try:
        sk.send(vnet + MAC_B + bytes(6) + ethertype + packet)
    except OSError as e:
        print(e.strerror)


def by_tap(dev, kind, dst):
    vnet, ethertype, packet = build(kind, GUEST[kind], dst)
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", dev.encode(), IFF_TAP | IFF_NO_PI |
                                           IFF_VNET_HDR))
    # Not from /sys, which may be another namespace's.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        mac = fcntl.ioctl(sock, SIOCGIFHWADDR, struct.pack("16s24x", dev.encode()))[18:24]
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            os.write(fd, vnet + mac + bytes(6) + ethertype + packet)
            break
        except OSError as e:	# until the carrier is up
            why = e.strerror
            time.sleep(0.05)
    else:
        print(why)
    time.sleep(0.5)


def sniff(dev, kind, seconds):
    v6 = kind.endswith("6")
    sk = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x86dd if v6 else 0x0800))
    sk.bind((dev, 0x86dd if v6 else 0x0800))
    sk.settimeout(float(seconds))
    print("ready", flush=True)
    have = {}
    try:
        while sum(map(len, have.values())) < size(kind):
            data = sk.recv(1 << 17)
            proto, at = (data[6], 40) if v6 else (data[9], 20)
            if proto != (17 if kind.startswith("udp") else 6) or len(data) < at + 8 or \
                    struct.unpack(">HH", data[at:at + 4]) != (9999, 9998):
                continue
            if proto == 6:
                have[struct.unpack(">I", data[at + 4:at + 8])[0] - 1000] = data[at + 20:]
            else:
                have[len(have)] = data[at + 8:]
    except TimeoutError:
        pass
    got = b"".join(have[k] for k in sorted(have))
    sent = payload(size(kind))
    print("right" if got == sent else f"{digest(got)}, sent {digest(sent)}")


def pieces(dev, src, dst):
    vnet, _, packet = build("udp4", src, dst)
    sk = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sk.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    sk.bind((dev, 0))
    small = packet[:20 + 8 + 500]
    small = small[:2] + struct.pack(">H", len(small)) + small[4:]

    def send(gso, hdr_len, size, start, off, behind, body):
        head = struct.pack("=BBHHHH", NEEDS_CSUM if start is not None else 0, gso, hdr_len, size,
                           start or 0, off)
        try:
            sk.send(head + MAC_B + bytes(6) + behind + body)
        except OSError:
            pass		# the socket itself knows better

    plain, tag = b"\x08\x00", b"\x81\x00\x00\x05\x08\x00"
    for behind in (plain, tag, tag[:4] + tag):
        off = 12 + len(behind)
        for gso, size in ((0, 0), (GSO_TCPV4, SEG), (GSO_UDP_L4, SEG), (GSO_UDP_L4, 65535)):
            for hdr_len in (0, 14, off, off + 28):
                # A checksum that begins in the Ethernet header, in the IP header, at its place,
                # and behind what the IP header says that there is.
                for start, at in ((None, 0), (0, 2), (6, 6), (off, 10), (off + 20, 6),
                                  (off + 600, 6)):
                    send(gso, hdr_len, size, start, at, behind, small + bytes(300))
                    send(gso, hdr_len, size, start, at, behind, packet[:1600])


def main():
    {"sctp-serve": sctp_serve, "sctp": sctp, "raw": by_raw, "tap": by_tap, "sniff": sniff,
     "pieces": pieces}[sys.argv[1]](*sys.argv[2:])


main()
