#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Parts of scale.sh.

    scale.py conf rtpl|wireguard PEERS PREFIXES PRIVATE-KEY-FILE [FILE]
            A configuration: peers with random keys and PREFIXES prefixes each, spread over
            10.0.0.0/8, but no endpoint: of those this end would seek a session with each. Behind
            it what is in FILE, the real peer.
    scale.py address N
            An address in that range of a prefix that no configuration of fewer than N prefixes has.
    scale.py trickle SECONDS INTERVAL-MS NETNS=ADDRESS...
            100 bytes to each address in each interval; prints "NETNS SENT BACK MEDIAN P99 MAX": the
            time in us from the program to when the stack has the packet in NETNS, on one clock.
    scale.py report DIR [json]
            The tables of DIR/figures.
"""
import base64
import ctypes
import json
import os
import select
import socket
import struct
import sys
import time


def address(n):
    """The first address of prefix number n, a /28: all different below 2^20, any few of them spread."""
    return socket.inet_ntoa(struct.pack("!I", (10 << 24) | (n * 0x9E375 % 2**20) << 4))


def conf(kind, peers, prefixes, key, behind=None):
    with open(key, encoding="ascii") as f:
        private = f.read().strip()
    rtpl = kind == "rtpl"
    out = [f"[Node]\nPrivateKey = {private}\nListen = 51900\nDevice = eth0" if rtpl else
           f"[Interface]\nPrivateKey = {private}\nListenPort = 51821"]
    n = 0
    for _ in range(int(peers)):
        public = base64.b64encode(os.urandom(31) + b"\x01").decode()
        out.append(f"[Peer]\nPublicKey = {public}")
        mine = [f"{address(n + k)}/28" for k in range(int(prefixes))]
        n += len(mine)
        # A line has at most 4096 bytes.
        for k in range(0, len(mine), 100):
            out.append(f"{'Allowed' if rtpl else 'AllowedIPs'} = {', '.join(mine[k:k + 100])}")
    if behind:
        with open(behind, encoding="ascii") as f:
            out.append(f.read())
    print("\n".join(out))


def enter(path):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path, "rb") as f:
        if libc.setns(f.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), path)


def receiver(netns, addr):
    """A socket there; the kernel stamps what comes (SO_TIMESTAMPNS, 35)."""
    enter("/run/netns/" + netns)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 35, 1)
    s.bind((addr, 7000))
    s.setblocking(False)
    return s


def trickle(seconds, interval, *flows):
    flows = [f.split("=") for f in flows]
    # Here first: what sends is where we were started.
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setblocking(False)
    to = [(addr, 7000) for _, addr in flows]
    socks = [receiver(netns, addr) for netns, addr in flows]
    number = {sock.fileno(): i for i, sock in enumerate(socks)}
    took, sent = [[] for _ in flows], [0] * len(flows)
    poll = select.poll()
    for sock in socks:
        poll.register(sock, select.POLLIN)

    def receive(wait):
        for fd, _ in poll.poll(max(0, wait) * 1000):
            i = number[fd]
            try:
                while True:
                    data, extra, _, _ = socks[i].recvmsg(200, 200)
                    came = next(struct.unpack("qq", d) for _, kind, d in extra if kind == 35)
                    took[i].append(came[0] * 10**9 + came[1] - struct.unpack_from("q", data)[0])
            except BlockingIOError:
                pass

    step = float(interval) / 1e3 / len(flows)
    began = time.monotonic()
    for k in range(int(float(seconds) / step)):
        while time.monotonic() < began + k * step:
            receive(began + k * step - time.monotonic())
        i = k % len(flows)
        sent[i] += 1
        try:
            s.sendto(struct.pack("q", time.clock_gettime_ns(time.CLOCK_REALTIME)) + bytes(92), to[i])
        except OSError:
            pass
    end = time.monotonic() + 2
    while time.monotonic() < end:
        receive(end - time.monotonic())
    for (netns, _), t, n in zip(flows, took, sent):
        t.sort()
        at = [t[len(t) // 2], t[len(t) * 99 // 100], t[-1]] if t else [0, 0, 0]
        print(netns, n, len(t), *(v // 1000 for v in at))


# ---- tables ----

def read(folder):
    """[(words of a line)] by the line's first word"""
    out = {}
    with open(os.path.join(folder, "figures"), encoding="utf-8") as f:
        for line in f:
            first, *rest = line.split()
            out.setdefault(first, []).append(rest)
    return out


def results(figures):
    r = {"sets": {}, "fair": [], "jain": [], "links": []}
    for who, what, name, value in figures.get("set", []):
        r["sets"].setdefault(who, {}).setdefault(what, {})[name] = float(value)
    for where, who, load, flow, *numbers in figures.get("fair", []):
        row = dict(zip(("sent", "back", "median_us", "p99_us", "max_us"), map(int, numbers)))
        r["fair"].append({"where": where, "who": who, "load": load, "flow": flow, **row})
    for where, who, *packets in figures.get("jain", []):
        x = [int(p) for p in packets]
        r["jain"].append({"where": where, "who": who, "packets": x,
                          "index": sum(x)**2 / len(x) / sum(v * v for v in x) if sum(x) else 0})
    for peers, idle, busy in figures.get("seek", []):
        r["seek"] = {"peers": int(peers), "idle": float(idle), "busy": float(busy)}
    for rest in figures.get("links", []):
        r["links"].append(json.loads(" ".join(rest)))
    return r


ROWS = (("setconf", "configured by one file", "ms"), ("again", "the same file again", "ms"),
        ("add", "one peer more, a command", "ms"), ("del", "and away, a command", "ms"),
        ("nothing", "a command that does nothing", "ms"),
        ("show", "show", "ms"), ("json", "show, JSON or dump", "ms"), ("stats", "stats", "ms"),
        ("gone", "all removed by one file", "ms"), ("memory", "memory, /proc/meminfo", "KB"),
        ("told", "memory, by its own count", "KB"), ("left", "not given back", "KB"),
        ("out", "a packet out", "instr"), ("in", "a packet in", "instr"), ("clear", "a packet in clear", "instr"))


def tables(r):
    for who, sets in r["sets"].items():
        print(f"{who:30}" + "".join(f"{s:>13}" for s in sets))
        for key, what, unit in ROWS:
            if any(key in s for s in sets.values()):
                print(f"{what + ', ' + unit:30}" + "".join(f"{s[key]:13.1f}" if key in s else " " * 13
                                                           for s in sets.values()))
        print()
    if "seek" in r:
        print(f"{r['seek']['peers']} required peers with an endpoint where nobody answers: "
              f"{100 * r['seek']['busy']:.2f} % of the processor, {100 * r['seek']['idle']:.2f} % without them\n")
    groups = {}
    for row in r["fair"]:
        groups.setdefault((row["where"], row["who"], row["load"]), []).append(row)
    if groups:
        print(f"{'tricklers beside one flood':40}{'lost':>8}{'most':>8}{'median us':>12}{'worst':>9}{'p99 us':>10}{'max us':>10}")
    for (where, who, load), rows in groups.items():
        lost = [100 * (1 - x["back"] / x["sent"]) for x in rows]
        med = sorted(x["median_us"] for x in rows)
        print(f"{where + ', ' + who + ', ' + load:40}{sum(lost) / len(lost):6.1f} %{max(lost):6.1f} %"
              f"{med[len(med) // 2]:12d}{med[-1]:9d}{max(x['p99_us'] for x in rows):10d}{max(x['max_us'] for x in rows):10d}")
    for row in r["jain"]:
        print(f"{len(row['packets'])} floods, {row['where']}, {row['who']}: Jain's index {row['index']:.4f} "
              f"(least {min(row['packets'])}, most {max(row['packets'])} packets)")
    for row in r["links"]:
        print(f"{row['links']} links, both ends in one kernel, {row['profile']}, {row['traffic']}: "
              f"{100 * row['cpu']:.2f} % of one processor, {row['memory']} bytes a link at one end")


def report(folder, form="text"):
    r = results(read(folder))
    print(json.dumps(r)) if form == "json" else tables(r)


if __name__ == "__main__":
    {"conf": conf, "address": lambda n: print(address(int(n))), "trickle": trickle,
     "report": report}[sys.argv[1]](*sys.argv[2:])
