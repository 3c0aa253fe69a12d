# SPDX-License-Identifier: GPL-2.0
"""Reads pcap files: which IP packets passed between two hosts, when, how long."""
import ipaddress
import struct
from typing import NamedTuple

UP, DOWN = 1, -1		# from a to b, from b to a
ETHERTYPE = {0x0800: 4, 0x86DD: 6}
# What a program would have said in clear.
PLAIN = (b"GET /", b"HTTP/1.", b"data: {", b"GNU ", b"icense")


class Packet(NamedTuple):
    time: float		# seconds since 1970
    direction: int	# UP or DOWN
    size: int		# bytes of the IP packet, its header included
    plain: bool		# something readable in what was captured of it


class CaptureError(Exception):
    pass


def records(data):
    """(time, bytes) of each record of a pcap file with Ethernet frames."""
    orders = {b"\xd4\xc3\xb2\xa1": ("<", 1e6), b"\x4d\x3c\xb2\xa1": ("<", 1e9),
              b"\xa1\xb2\xc3\xd4": (">", 1e6), b"\xa1\xb2\x3c\x4d": (">", 1e9)}
    if len(data) < 24 or data[:4] not in orders:
        raise CaptureError("this is not a pcap file")
    order, unit = orders[data[:4]]
    if (link := struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF) != 1:
        raise CaptureError(f"link type {link}: only Ethernet is known")
    at = 24
    # A capture that was cut off ends in the middle of a record.
    while at + 16 <= len(data):
        sec, part, length, _ = struct.unpack_from(order + "4I", data, at)
        at += 16
        if at + length > len(data):
            return
        yield sec + part / unit, data[at:at + length]
        at += length


def parse(frame):
    """(source, destination, size) of the IP packet in an Ethernet frame, or None."""
    if len(frame) < 14:
        return None
    version = ETHERTYPE.get(struct.unpack_from("!H", frame, 12)[0])
    if version == 4 and len(frame) >= 34:
        return (ipaddress.IPv4Address(frame[26:30]), ipaddress.IPv4Address(frame[30:34]),
                struct.unpack_from("!H", frame, 16)[0])
    if version == 6 and len(frame) >= 54:
        return (ipaddress.IPv6Address(frame[22:38]), ipaddress.IPv6Address(frame[38:54]),
                40 + struct.unpack_from("!H", frame, 18)[0])
    return None


def is_discovery(frame):
    """Neighbour discovery: IPv6's ARP, always clear."""
    return (len(frame) >= 55 and frame[12:14] == b"\x86\xdd" and frame[20] == 58
            and 133 <= frame[54] <= 137)


def read(path, a=("192.0.2.1", "2001:db8::1"), b=("192.0.2.2", "2001:db8::2")):
    """The packets between a and b, in order of time, without ARP and discovery."""
    a, b = ({ipaddress.ip_address(x) for x in side} for side in (a, b))
    packets = []
    with open(path, "rb") as f:
        data = f.read()
    for time, frame in records(data):
        seen = parse(frame)
        if not seen or is_discovery(frame):
            continue
        src, dst, size = seen
        if src in a and dst in b:
            direction = UP
        elif src in b and dst in a:
            direction = DOWN
        else:
            continue
        packets.append(Packet(time, direction, size, any(word in frame for word in PLAIN)))
    packets.sort(key=lambda p: p.time)
    return packets


def between(packets, start, end):
    return [p for p in packets if start <= p.time < end]
