# SPDX-License-Identifier: GPL-2.0
"""Traces: what an observer saw of one visit each, with the class that is to be guessed.

The form is rtplctl-sim(8)'s: columns class, group, visit, seconds, direction, bytes, a row a
packet. `group` says what must not stand on both sides of a split (a capture session, a
prompt, a simulation run). Where a file has no groups, each visit is a group of its own.

A column `flow` makes it a set of an aggregate: all packets of a link that many clients share, round
the request of one of them, which is the visit. Seconds count from that request, so what the link
carried before is negative; a flow's number says what belongs together.
"""
import csv
import hashlib
import io
import lzma
import os
import re

import numpy as np

from . import JudgeError

COLUMNS = ["class", "group", "visit", "seconds", "direction", "bytes"]
FLOW = "flow"			# the column behind them, of an aggregate
MOST_FLOWS = 10**6		# of a visit; the simulator's bound
MOST_PACKETS = 20 * 10**6	# of a set that is read: 13 bytes each, some hundred while reading
LATEST = 1e11			# seconds: more is no time since 1970, nor since a visit began
LONGEST = 3e7			# seconds of a visit; the simulator's bound
PACKET = 20, 65535		# bytes of an IP packet
ENDINGS = (".csv", ".csv.xz", ".pcap", ".pcapng", ".cap")


class Visit:
    """One visit: `t` seconds (float64, ascending), `d` +1 from the client or -1 to it (int8),
    `b` bytes on the wire (int32), all of the same length; `key` is (class, group, visit). Of an
    aggregate `f` has their flows (int32), and `t` is negative before the visit; else it is None."""

    __slots__ = ("cls", "group", "visit", "t", "d", "b", "f")

    def __init__(self, cls, group, visit, t, d, b, f=None):
        self.cls, self.group, self.visit = cls, group, visit
        self.t = np.ascontiguousarray(t, np.float64)
        self.d = np.ascontiguousarray(d, np.int8)
        self.b = np.ascontiguousarray(b, np.int32)
        self.f = None if f is None else np.ascontiguousarray(f, np.int32)

    @property
    def preceding(self):
        """Seconds of an aggregate that are before the visit."""
        return max(0.0, -float(self.t[0])) if self.f is not None and len(self) else 0.0

    @property
    def key(self):
        return self.cls, self.group, self.visit

    def __len__(self):
        return len(self.t)

    @property
    def seconds(self):
        """From the first packet to the last."""
        return float(self.t[-1] - self.t[0]) if len(self) else 0.0

    def until(self, seconds):
        """The same visit, as far as an observer who stops then sees it. He begins with it."""
        n = int(np.searchsorted(self.t, seconds, "right"))
        at = slice(0 if self.f is None else int(np.searchsorted(self.t, 0.0)), n)
        return Visit(*self.key, self.t[at], self.d[at], self.b[at],
                     None if self.f is None else self.f[at])


UNSEEN = "unseen-"		# how the groups of a set begin that nothing is tuned to


class TraceSet:
    """Visits of several classes.

    name:    for people
    visits:  list of Visit
    classes: sorted names; `y` (int64, a number a visit) counts in them
    target:  the class that an attacker in the open world looks for, or None
    """

    def __init__(self, name, visits, target=None):
        if not visits:
            raise JudgeError(f"{name}: no visit in it")
        self.name, self.visits, self.target = name, visits, target
        self.classes = sorted({v.cls for v in visits})
        number = {c: i for i, c in enumerate(self.classes)}
        self.y = np.array([number[v.cls] for v in visits], np.int64)
        self.groups = np.array([v.group if v.group else "/".join(v.key) for v in visits])
        self.ungrouped = sum(not v.group for v in visits) / len(visits)
        self._digest = self.framing = None
        self.flows = any(v.f is not None for v in visits)

    def __len__(self):
        return len(self.visits)

    @property
    def packets(self):
        return sum(len(v) for v in self.visits)

    def digest(self):
        """SHA-256 (hex) of all that can have an influence on a result but the name."""
        if self._digest is None:
            h = hashlib.sha256()
            for v in self.visits:
                h.update(("\0".join(v.key) + "\0" + str(len(v)) + "\0").encode())
                for a in (v.t, v.d, v.b) if v.f is None else (v.t, v.d, v.b, v.f):
                    h.update(a.tobytes())
            h.update(str(self.target).encode())
            self._digest = h.hexdigest()
        return self._digest

    def take(self, numbers, name=None):
        """The set of these visits only."""
        out = TraceSet(name or self.name, [self.visits[i] for i in numbers], self.target)
        out.framing = self.framing
        return out

    def tuned_to(self, what):
        """JudgeError if nothing may be tuned to this set. what: who would."""
        if any(v.group.startswith(UNSEEN) for v in self.visits):
            raise JudgeError(f"{self.name}: this set is held out of every search and fit, to tell what a "
                             f"profile does to traffic that it was not tuned to: no {what}")

    def duration(self, quantile):
        """Seconds from first to last packet, at this quantile of visits."""
        return float(np.quantile([v.seconds for v in self.visits], quantile))

    def write(self, path):
        """As one collection, in CSV. What is there is replaced, at once or not at all."""
        for v in self.visits:
            if any(c in word for word in v.key for c in ',"\r\n'):
                raise JudgeError(f"{self.name}: a name with a comma, quote or line in it: "
                                 f"{v.key}")
        part = f"{path}.{os.getpid()}"
        with open(part, "w", encoding="utf-8") as f:
            f.write(",".join(COLUMNS + [FLOW] * self.flows) + "\n")
            for v in self.visits:
                head = ",".join(v.key)
                if self.flows:
                    flows = v.f.tolist() if v.f is not None else [0] * len(v)
                    f.writelines(f"{head},{t:.6f},{d},{b},{n}\n" for t, d, b, n in
                                 zip(v.t.tolist(), v.d.tolist(), v.b.tolist(), flows))
                    continue
                f.writelines(f"{head},{t:.9f},{d},{b}\n" for t, d, b in
                             zip(v.t.tolist(), v.d.tolist(), v.b.tolist()))
        os.replace(part, path)


# ---- reading ---------------------------------------------------------------------------------

def _text(path):
    try:
        if path.endswith(".xz"):
            return io.TextIOWrapper(lzma.open(path), encoding="utf-8", newline="")
        return open(path, encoding="utf-8", newline="")
    except OSError as e:
        raise JudgeError(f"{path}: {e.strerror}") from None


def _visits(parts):
    """Of {key: ([seconds], [direction], [bytes])}; rows are put in order of time."""
    visits = []
    for key, (t, d, b, *f) in parts.items():
        t = np.array(t, np.float64)
        order = np.argsort(t, kind="stable")
        visits.append(Visit(*key, t[order], np.array(d, np.int8)[order],
                            np.array(b, np.int32)[order],
                            *(np.array(x, np.int32)[order] for x in f)))
    return visits


def _base(path):
    """A file's name without folders and known endings."""
    name = os.path.basename(os.path.normpath(path))
    end = max((e for e in ENDINGS if name.endswith(e)), key=len, default="")
    return name[:len(name) - len(end)]


def _whole(word):
    """The whole number that a word is: 1400 and 1400.0, as programs with floats write it."""
    if re.fullmatch(r"\s*[+-]?\d+(\.0*)?\s*", word):
        return int(word.split(".")[0])
    if not float(word).is_integer():
        raise ValueError(word)
    return int(float(word))


def _number(path, n, row, where, sizes):
    try:
        t, d, b = float(row[where[3]]), _whole(row[where[4]]), _whole(row[where[5]])
    except (ValueError, IndexError, OverflowError):
        raise JudgeError(f"{path}:{n}: this is not seconds, direction, bytes: "
                         f"{','.join(row)[:60]}") from None
    if d not in (1, -1):
        raise JudgeError(f"{path}:{n}: the direction is neither 1 nor -1: {d}")
    if not 0 <= b < 2**31 or not abs(t) < LATEST:
        raise JudgeError(f"{path}:{n}: no packet has {b} bytes at {t} s")
    _sized(path, n, b, sizes)
    if len(where) == 6:
        return t, d, b
    try:
        f = _whole(row[where[6]])
    except (ValueError, IndexError, OverflowError):
        f = -1
    if not 0 <= f < MOST_FLOWS:
        raise JudgeError(f"{path}:{n}: the flow is no number below {MOST_FLOWS}: "
                         f"{','.join(row)[:60]}")
    return t, d, b, f


def _sized(path, n, b, sizes):
    if sizes and not sizes[0] <= b <= sizes[1]:
        raise JudgeError(f"{path}:{n}: an IP packet has {PACKET[0]} to {PACKET[1]} bytes, and this has "
                         f"{b}" + (f" besides {PACKET[0] - sizes[0]} of its header"
                                   if sizes != PACKET else "") +
                         "; of records --framing PAYLOAD:HEADER makes packets")


class Framing:
    """Records as packets: each is cut into parts of at most `payload` bytes, with `header` bytes of
    their own each. A record of no bytes is one packet of a header."""

    def __init__(self, payload, header):
        self.payload, self.header = payload, header

    def visit(self, v):
        parts = np.maximum(1, -(-v.b.astype(np.int64) // self.payload))
        last = np.cumsum(parts) - 1
        sizes = np.full(parts.sum(), self.payload, np.int64)
        sizes[last] = v.b - (parts - 1) * self.payload
        return Visit(*v.key, np.repeat(v.t, parts), np.repeat(v.d, parts), sizes + self.header,
                     None if v.f is None else np.repeat(v.f, parts))

    def set(self, ts):
        """The set in packets; what that took is its `framing`."""
        out = TraceSet(ts.name, [self.visit(v) for v in ts.visits], ts.target)
        if out.packets > MOST_PACKETS:
            raise JudgeError(f"{ts.name}: more than {MOST_PACKETS} packets of {self.payload} bytes")
        before, after = (int(sum(v.b.sum(dtype=np.int64) for v in s.visits)) for s in (ts, out))
        out.framing = {"payload": self.payload, "header": self.header, "records": ts.packets,
                       "packets": out.packets, "bytes": after - before,
                       "share": (after - before) / before if before else None}
        return out


def read_csv(path, cls="", group="", sizes=None):
    """Visits of a collection, or the one of a file that has no column `class`. sizes: least and
    most bytes of a packet, where a row with others is an error."""
    parts = {}
    where = [None, None, None, 0, 1, 2]
    name = _base(path)
    packets = 0
    with _text(path) as f:
        try:
            for n, row in enumerate(csv.reader(f), 1):
                if not row or row[0].startswith("#"):
                    continue
                if n == 1 and not row[0][:1].lstrip("-").isdigit() and "seconds" in row:
                    where = [row.index(c) if c in row else None for c in COLUMNS]
                    for c, at in zip(COLUMNS[3:], where[3:]):
                        if at is None:
                            raise JudgeError(f"{path}: there is no column {c}")
                    if FLOW in row:
                        where.append(row.index(FLOW))
                    continue
                key = tuple(d if w is None else row[w]
                            for w, d in zip(where[:3], (cls, group, name)))
                part = parts.get(key)
                if part is None:
                    part = parts[key] = tuple([] for _ in where[3:])
                for a, x in zip(part, _number(path, n, row, where, sizes)):
                    a.append(x)
                packets += 1
                _bounded(path, packets)
        except (UnicodeDecodeError, csv.Error):
            raise JudgeError(f"{path}: this is not text in UTF-8, as rows of packets are") from None
        except (lzma.LZMAError, EOFError):
            raise JudgeError(f"{path}: xz does not unpack it: it is damaged, or was not packed by xz") \
                from None
        except IndexError:
            raise JudgeError(f"{path}:{n}: the row is too short") from None
    return _visits(parts)


def _bounded(path, packets):
    if packets > MOST_PACKETS:
        raise JudgeError(f"{path}: more than {MOST_PACKETS} packets")


def _numbers(rows, wide):
    """float64 [rows, wide] of their texts; None if they are not that."""
    try:
        a = np.array(",".join(rows).split(",") if rows else [], dtype=np.float64)
    except ValueError:
        return None
    return a.reshape(-1, wide) if len(a) == len(rows) * wide else None


def _fast_collection(path, sizes=None):
    """As read_csv(), for the usual columns and millions of rows; None if it is not that."""
    with _text(path) as f:
        keys, counts, parts, rows, last, wide = [], [], [], [], None, 3
        try:
            names = f.readline().strip().split(",")
            if names != COLUMNS and names != COLUMNS + [FLOW]:
                return None
            wide = len(names) - 3
            for line in f:
                key = line.rsplit(",", wide)[0]
                if key != last:
                    parts.append(_numbers(rows, wide))
                    rows = []
                    keys.append(key)
                    counts.append(0)
                    last = key
                counts[-1] += 1
                rows.append(line[len(key) + 1:])
                if not counts[-1] % 1000:
                    _bounded(path, sum(counts))
            _bounded(path, sum(counts))
            parts.append(_numbers(rows, wide))
        except (UnicodeDecodeError, lzma.LZMAError, EOFError):
            return None
    if len(set(keys)) != len(keys) or any(k.count(",") != 2 for k in keys):
        return None
    if any(p is None for p in parts):
        return None
    a = np.concatenate(parts)
    if not len(a) or not np.isin(a[:, 1], (1, -1)).all() or a[:, 2].min() < 0 or \
            a[:, 2].max() >= 2**31 or not np.isfinite(a).all() or \
            np.abs(a[:, 0]).max() >= LATEST or (a[:, 2] % 1).any():
        return None
    if wide == 4 and (a[:, 3].min() < 0 or a[:, 3].max() >= MOST_FLOWS or (a[:, 3] % 1).any()):
        return None
    if sizes:
        wrong = np.flatnonzero((a[:, 2] < sizes[0]) | (a[:, 2] > sizes[1]))
        if len(wrong):			# a row a line, behind the names of columns
            _sized(path, int(wrong[0]) + 2, int(a[wrong[0], 2]), sizes)
    visits, at = [], 0
    for key, n in zip(keys, counts):
        t, d, b, *f = a[at:at + n].T
        order = np.argsort(t, kind="stable")
        visits.append(Visit(*key.split(","), t[order], d[order], b[order], *(x[order] for x in f)))
        at += n
    return visits


def read_pcap(path, client, cls, group):
    """The visit of a capture: packets of the host `client` (an address), by IP length.
    Packets between others are not looked at."""
    import dpkt
    import ipaddress
    try:
        want = ipaddress.ip_address(client).packed
    except ValueError:
        raise JudgeError(f"--client takes an address, not {client}") from None
    t, d, b = [], [], []
    try:
        with open(path, "rb") as f:
            magic = f.read(4)
            f.seek(0)
            new = magic == b"\x0a\x0d\x0d\x0a"
            r = dpkt.pcapng.Reader(f) if new else dpkt.pcap.UniversalReader(f)
            link = r.datalink()
            for at, frame in r:
                ip = _ip(dpkt, link, frame)
                if ip is None or want not in (ip.src, ip.dst):
                    continue
                six = isinstance(ip, dpkt.ip6.IP6)
                t.append(float(at))
                d.append(1 if ip.src == want else -1)
                b.append(40 + ip.plen if six else ip.len)
    except (OSError, ValueError, dpkt.Error) as e:
        raise JudgeError(f"{path}: cannot be read as a capture: {e}") from None
    if not t:
        raise JudgeError(f"{path}: no packet of {client} in it")
    t = np.array(t)
    order = np.argsort(t, kind="stable")
    return Visit(cls, group, _base(path), (t - t.min())[order], np.array(d)[order],
                 np.array(b)[order])


def _ip(dpkt, link, frame):
    """The IP packet of a frame, or None."""
    try:
        if link == dpkt.pcap.DLT_EN10MB:
            ip = dpkt.ethernet.Ethernet(frame).data
        elif link == dpkt.pcap.DLT_LINUX_SLL:
            ip = dpkt.sll.SLL(frame).data
        elif link == getattr(dpkt.pcap, "DLT_LINUX_SLL2", 276):
            ip = dpkt.sll2.SLL2(frame).data
        else:			# raw
            ip = (dpkt.ip6.IP6 if frame[0] >> 4 == 6 else dpkt.ip.IP)(frame)
    except (dpkt.Error, IndexError):
        return None
    return ip if isinstance(ip, (dpkt.ip.IP, dpkt.ip6.IP6)) else None


def read(path, target=None, client=None, rebase=False, sizes=None):
    """A set out of a collection (.csv, .csv.xz), or a folder whose sub-folders name the
    classes and whose files (CSV, pcap) are visits; a file GROUP-VISIT.csv is of that group.
    rebase: seconds count from each visit's first packet, whatever the file has: since 1970 to a
    quarter of a microsecond; those of an aggregate stay. sizes: see read_csv()."""
    name = _base(path)
    if not os.path.isdir(path):
        visits = _fast_collection(path, sizes) or read_csv(path, sizes=sizes)
        if visits and not visits[0].cls:
            raise JudgeError(f"{path}: there is no column class, so nothing to guess")
    else:
        visits = []
        for cls in sorted(os.listdir(path)):
            folder = os.path.join(path, cls)
            if not os.path.isdir(folder) or cls.startswith("."):
                continue
            for file in sorted(os.listdir(folder)):
                whole = os.path.join(folder, file)
                group = file.split("-")[0] if "-" in file else ""
                if file.endswith((".csv", ".csv.xz")):
                    visits += read_csv(whole, cls, group, sizes)
                elif file.endswith((".pcap", ".pcapng", ".cap")):
                    if not client:
                        raise JudgeError(f"{whole}: a capture needs --client ADDRESS")
                    visits.append(read_pcap(whole, client, cls, group))
        if not visits:
            raise JudgeError(f"{path}: no folder of a class with traces in it")
    if rebase:
        visits = [Visit(*v.key, v.t - v.t[0], v.d, v.b) if v.f is None else v for v in visits]
        for v in visits:
            if v.t[-1] > LONGEST:
                raise JudgeError(f"{path}: the visit {'/'.join(v.key)} lasts {v.t[-1]:.0f} s; are "
                                 "these seconds?")
    keys = {}
    for v in visits:
        if keys.setdefault(v.key, v) is not v:
            raise JudgeError(f"{path}: the visit {'/'.join(v.key)} is there twice")
    ts = TraceSet(name, visits, target)
    if target is not None and target not in ts.classes:
        raise JudgeError(f"{path}: there is no class {target}; there are "
                         f"{', '.join(ts.classes[:8])}")
    if len(ts.classes) < 2:
        raise JudgeError(f"{path}: one class only ({ts.classes[0]}): nothing to tell apart")
    if target is None and len(ts.classes) == 2:
        ts.target = "target" if "target" in ts.classes else \
            ts.classes[int(np.argmin(np.bincount(ts.y)))]
    return ts


UNEQUAL = 1.1		# of the most frequent class by the rarest: then each counts as much


def unequal(ts):
    """Is naming the most frequent class better than guessing? Then it is no merit."""
    counts = np.bincount(ts.y, minlength=len(ts.classes))
    return counts.max() > UNEQUAL * counts.min()


# ---- splits ----------------------------------------------------------------------------------

def crossed(ts):
    """Is every class in every group, and are groups few (sessions, not prompts)?"""
    names = np.unique(ts.groups)
    return len(names) <= 20 and all(len(np.unique(ts.y[ts.groups == g])) == len(ts.classes)
                                    for g in names)


def splits(ts, repeats=5, seed=1):
    """[(train, test)]: arrays of numbers of visits, `repeats` of them.

    No group is on both sides. Where every class is in each of a few groups (capture sessions,
    simulation runs), each split tests on one whole group, in turn, with what the others have;
    with fewer groups than splits they come again, to be taken with another seed. Else (a prompt
    or a visit is a group) it is stratified cross-validation by group: the test sides of
    `repeats` splits are then all visits, each once.
    """
    names = np.unique(ts.groups)
    if len(names) < 2:
        raise JudgeError(f"{ts.name}: one group only: nothing could be tested on another")
    if crossed(ts):
        out = []
        for k in range(repeats):
            test = ts.groups == names[k % len(names)]
            out.append((np.flatnonzero(~test), np.flatnonzero(test)))
        return out
    from sklearn.model_selection import StratifiedGroupKFold
    if len(names) < repeats:
        raise JudgeError(f"{ts.name}: {len(names)} groups are too few for {repeats} splits")
    rare = int(np.argmin(np.bincount(ts.y, minlength=len(ts.classes))))
    if (ts.y == rare).sum() < repeats:
        raise JudgeError(f"{ts.name}: class {ts.classes[rare]} has {int((ts.y == rare).sum())} "
                         f"visits, too few for {repeats} splits")
    k = StratifiedGroupKFold(repeats, shuffle=True, random_state=seed)
    out = list(k.split(np.zeros(len(ts)), ts.y, ts.groups))
    if ts.target is not None:
        c = ts.classes.index(ts.target)
        for _, test in out:
            if len(np.unique(ts.y[test] == c)) < 2:
                raise JudgeError(f"{ts.name}: groups are too few or too large for {repeats} "
                                 f"splits that all have visits of {ts.target} and others")
    return out
