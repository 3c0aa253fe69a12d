# SPDX-License-Identifier: GPL-2.0
"""The netlink family "rtpl" byte by byte, so that tests can send what
rtplctl would refuse to send. No library but Python's own."""
import errno
import os
import socket
import struct

NLM_F_REQUEST, NLM_F_MULTI, NLM_F_ACK, NLM_F_DUMP_INTR, NLM_F_DUMP = 1, 2, 4, 0x10, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_CAPPED, NLM_F_ACK_TLVS = 0x100, 0x200
NESTED = 0x8000
SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 1, 10, 11

NODE_GET, NODE_SET, PEER_ADD, PEER_SET, PEER_DEL, PEER_GET, STATS_GET, EVENT = range(1, 9)
TAP, PACKETS = 12, 13
A_NODE, A_PEER, A_DROPS, A_EVENT, A_GENERATION, A_SHOW_KEYS = range(1, 7)
N_PRIVATE_KEY, N_PUBLIC_KEY, N_PORT, N_PEERS, N_VERSION, N_FWMARK, N_ROTATE, N_BIND = range(1, 9)
S_SIZES, S_CELL, S_BUCKETS, S_SCHED, S_RATE, S_LATENCY, S_LIMIT, S_OVERFLOW = range(1, 9)
S_PROFILE, S_ROLE, S_POLICY, S_THREAT, S_LOAD, S_BUDGET, S_PERIOD, S_EPOCH, S_CALM = range(10, 19)
(P_PUBLIC_KEY, P_PSK, P_ENDPOINT, P_PREFIXES, P_REQUIRE, P_KEEPALIVE, P_SHAPE, P_ID, P_STATE,
 P_LAST_HANDSHAKE, P_CELL_NOW, P_STATS, P_PAD, P_SHAPE_NOW, P_TWIN, P_MOVE,
 P_DSCP, P_ECN, P_NAME, P_PSK_SET, P_SHAPE_THEIRS, P_MISMATCH) = range(1, 23)
X_ENTRY, X_ADDR, X_LEN = range(1, 4)
A_PACKETS = 9
(K_ENTRY, K_LOST, K_TIME, K_BYTES, K_SEGS, K_FULL, K_OUT, K_FLOW, K_NEAR, K_FAR, K_NEAR_PORT,
 K_FAR_PORT, K_PROTO) = range(1, 14)
E_KIND, E_PUBLIC_KEY, E_ID, E_ENDPOINT, E_CELL, E_IFINDEX, E_REASON, E_ADDR = range(1, 9)
SIZES_DEVICE, SIZES_FIXED, SIZES_POW2, SIZES_BUCKETS = range(4)
SCHED_ASAP, SCHED_CONST = range(2)
EV_LEAKGUARD_HIT, EV_PEER_ADDED, EV_PEER_REMOVED = 4, 7, 8


def attr(kind, data=b""):
    """One attribute; data: bytes, or a list of attributes: a nest."""
    if isinstance(data, list):
        kind, data = kind | NESTED, b"".join(data)
    return struct.pack("=HH", len(data) + 4, kind) + data + b"\0" * (-len(data) % 4)


def u8(kind, v):
    return attr(kind, struct.pack("=B", v))


def u16(kind, v):
    return attr(kind, struct.pack("=H", v))


def u32(kind, v):
    return attr(kind, struct.pack("=I", v))


def u64(kind, v):
    return attr(kind, struct.pack("=Q", v))


def attrs(data):
    """Attributes of a message or nest: a list of (kind, bytes)."""
    out = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        out.append((kind & 0x3fff, data[4:size]))
        data = data[(size + 3) & ~3:]
    return out


def first(pairs, kind):
    return next((d for k, d in pairs if k == kind), None)


def endpoint(host, port, scope=0):
    if ":" in host:
        return struct.pack("=HHI", socket.AF_INET6, socket.htons(port), 0) + \
            socket.inet_pton(socket.AF_INET6, host) + struct.pack("=I", scope)
    return struct.pack("=HH", socket.AF_INET, socket.htons(port)) + socket.inet_aton(host) + bytes(8)


def prefix(text):
    """An entry of a peer's prefixes."""
    host, size = text.split("/")
    return attr(X_ENTRY, [attr(X_ADDR, socket.inet_pton(
        socket.AF_INET6 if ":" in host else socket.AF_INET, host)), u8(X_LEN, int(size))])


class Refused(Exception):
    """An error's number, sentence and the offending attribute's place."""

    def __init__(self, code, text, offset):
        super().__init__(f"{errno.errorcode.get(code, code)}: {text}")
        self.code, self.text, self.offset = code, text, offset


class Rtpl:
    """A socket of the family."""

    def __init__(self, rcvbuf=65536):
        self.sk = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
        self.sk.bind((0, 0))
        self.sk.settimeout(20)
        self.sk.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sk.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.rcvbuf = rcvbuf
        self.seq = 0
        self.interrupted = False
        self.groups = {}
        self.family = self._resolve()

    def _resolve(self):
        reply = attrs(self._call(16, 3, [attr(2, b"rtpl\0")], NLM_F_ACK)[0])
        for _, group in attrs(first(reply, 7) or b""):
            g = attrs(group)
            self.groups[first(g, 1).rstrip(b"\0").decode()] = struct.unpack("=I", first(g, 2))[0]
        return struct.unpack("=H", first(reply, 1))[0]

    def send(self, family, cmd, body, flags):
        self.seq += 1
        data = struct.pack("=BBH", cmd, 1, 0) + b"".join(body)
        self.sk.send(struct.pack("=IHHII", len(data) + 16, family, flags | NLM_F_REQUEST,
                                 self.seq, 0) + data)

    def messages(self):
        """One read: (type, flags, body) of each message in it."""
        data, out = self.sk.recv(self.rcvbuf), []
        while len(data) >= 16:
            size, kind, flags, _, _ = struct.unpack_from("=IHHII", data)
            out.append((kind, flags, data[16:size]))
            data = data[(size + 3) & ~3:]
        return out

    @staticmethod
    def check(kind, flags, body):
        """Raise what an error message says."""
        code = -struct.unpack_from("=i", body)[0]
        if not code:
            return
        text = offset = None
        if flags & NLM_F_ACK_TLVS:
            at = 4 if kind == NLMSG_DONE else 4 + 16
            if kind == NLMSG_ERROR and not flags & NLM_F_CAPPED:
                at = 4 + (struct.unpack_from("=I", body, 4)[0] + 3 & ~3)
            tlvs = attrs(body[at:])
            text, offset = first(tlvs, 1), first(tlvs, 2)
        raise Refused(code, text.rstrip(b"\0").decode() if text else None,
                      struct.unpack("=I", offset)[0] if offset else None)

    def _call(self, family, cmd, body, flags):
        self.send(family, cmd, body, flags)
        replies, self.interrupted, self.reads = [], False, 0
        while True:
            self.reads += 1
            for kind, mflags, payload in self.messages():
                self.interrupted |= bool(mflags & NLM_F_DUMP_INTR)
                if kind == NLMSG_ERROR or kind == NLMSG_DONE:
                    self.check(kind, mflags, payload)
                    return replies
                replies.append(payload[4:])

    def do(self, cmd, body, flags=0):
        """A request and its acknowledgement. Return: attributes of the replies."""
        return self._call(self.family, cmd, body, flags | NLM_F_ACK)

    def dump(self, cmd, body=()):
        return self._call(self.family, cmd, list(body), NLM_F_DUMP)

    def listen(self, group="events"):
        self.sk.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, self.groups[group])

    def event(self):
        """Wait for one event: its attributes."""
        while True:
            for kind, _, payload in self.messages():
                if kind == self.family and payload[0] == EVENT:
                    return attrs(first(attrs(payload[4:]), A_EVENT))


class Tap:
    """Results in TAP."""

    def __init__(self):
        self.n = self.failed = 0

    def ok(self, good, name, *why):
        self.n += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}")
        if not good:
            for w in why:
                print(f"#   {w}")
        return good

    def done(self):
        print(f"1..{self.n}", flush=True)
        os._exit(self.failed != 0)
