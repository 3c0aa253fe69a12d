#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Live runs of the judge: their plans, what is made of a capture, and a small run in virtual
time; run by test_live.sh. The machine runs once, with two classes of the inference workload."""
import json
import os
import struct
import sys
import tempfile
import tracemalloc
from unittest import mock

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/judge"))
from rtpl_judge import JudgeError, live, livejudge, observer, traces, workloads  # noqa: E402
from rtpl_judge.traces import TraceSet, Visit  # noqa: E402
import results  # noqa: E402

A4, B4 = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
A6, B6 = (bytes.fromhex("20010db8") + bytes(11) + bytes([n]) for n in (1, 2))
TCP, UDP, ICMP6 = 6, 17, 58
NANO = 0xa1b23c4d


def ipv4(src, dst, proto, sport, dport, length, options=0):
    head = bytes([0x45 + options // 4, 0]) + struct.pack("!H", length) + bytes(5)
    return (bytes(12) + b"\x08\x00" + head + bytes([proto, 0, 0]) + src + dst + bytes(options) +
            struct.pack("!2H", sport, dport) + bytes(8))


def ipv6(src, dst, proto, first, length):
    return (bytes(12) + b"\x86\xdd" + bytes(4) + struct.pack("!H", length - 40) +
            bytes([proto, 64]) + src + dst + first + bytes(4))


def pcap(path, packets, magic=NANO, cut=0):
    """Of (seconds, parts of a second, frame)."""
    data = struct.pack("<I2HiIII", magic, 2, 4, 0, 0, 64, 1)
    for s, part, frame in packets:
        data += struct.pack("<4I", s, part, len(frame[:64]), 1514) + frame[:64]
    with open(path, "wb") as f:
        f.write(data[:len(data) - cut])


class Folder(results.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "x.pcap")


class Capture(Folder):
    def test_what_passed_between_the_hosts(self):
        """Both ways, both IP versions, by IP length; ARP, discovery and others are left out."""
        pcap(self.path, [
            (100, 5, ipv4(A4, B4, TCP, 4000, 8080, 60)),
            (100, 900000000, ipv4(B4, A4, TCP, 8080, 4000, 1500, options=8)),
            (100, 950000000, bytes(12) + b"\x08\x06" + bytes(28)),
            (101, 0, ipv6(A6, B6, TCP, struct.pack("!2H", 1, 2), 1280)),
            (101, 0, ipv6(B6, A6, ICMP6, b"\x88\0\0\0", 72)),
            (101, 1, ipv4(bytes([192, 0, 2, 3]), B4, TCP, 1, 2, 99)),
            (102, 7, ipv4(B4, A4, UDP, 1, 2, 29))])
        t, d, b, base = observer.read(self.path, sealed=False)
        self.assertEqual(base, 100)
        np.testing.assert_allclose(t, [5e-9, 0.9, 1, 2 + 7e-9], rtol=0, atol=1e-12)
        self.assertEqual(d.tolist(), [1, -1, 1, -1])
        self.assertEqual(b.tolist(), [60, 1500, 1280, 29])

    def test_microseconds_and_a_cut_end(self):
        pcap(self.path, [(7, 250000, ipv4(A4, B4, TCP, 1, 2, 52))] * 3, 0xa1b2c3d4, cut=9)
        t, _, b, base = observer.read(self.path, sealed=False)
        self.assertNear((base, t.tolist(), b.tolist()), (7, [0.25, 0.25], [52, 52]))

    def test_memory_is_as_stated(self):
        """Some short frames among them; what stands behind them in the file is not theirs."""
        some = [(1, n, ipv4(A4, B4, UDP, 51900, 51900, 1260)) for n in range(3)]
        pcap(self.path, [*some, (2, 0, b"\xff" * 20)] * 5000)
        size = os.path.getsize(self.path)
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)
        _, rows, _ = observer.frames(self.path)
        self.assertLess((tracemalloc.get_traced_memory()[1] - size) / 20000, 250)
        self.assertEqual(rows.shape, (20000, 58))
        self.assertEqual((rows[3::4] > 0).sum(1).tolist(), [20] * 5000)
        self.assertTrue((rows[0::4] == rows[2::4]).all())
        self.assertEqual(len(observer.read(self.path, sealed=True)[0]), 15000)
        self.assertLess((tracemalloc.get_traced_memory()[1] - size) / 20000, 400)

    def test_clear_packets_are_named(self):
        cell = ipv4(A4, B4, UDP, 51900, 51900, 1260)
        six = ipv6(B6, A6, UDP, struct.pack("!2H", 51900, 51900), 1280)
        pcap(self.path, [(1, 0, cell), (1, 1, six)])
        self.assertEqual(observer.read(self.path, sealed=True)[2].tolist(), [1260, 1280])
        for frame, name in (
                (ipv4(A4, B4, TCP, 4000, 8080, 60), "TCP from client, port 4000 to 8080, 60"),
                (ipv4(B4, A4, UDP, 51900, 53, 90), "UDP from server, port 51900 to 53"),
                (ipv4(B4, A4, TCP, 51900, 51900, 90), "TCP from server"),
                (ipv6(A6, B6, ICMP6, b"\x80\0\0\0", 104), "ICMPv6 from client")):
            pcap(self.path, [(1, 0, cell), (1, 1, frame), (1, 2, frame)])
            with self.assertRaisesRegex(JudgeError, f"2 packets went in clear, the first {name}"):
                observer.read(self.path, sealed=True)

    def test_bad_captures(self):
        with self.assertRaisesRegex(JudgeError, "No such file"):
            observer.read(self.path, sealed=False)
        for data, why in ((b"", "not a pcap"), (bytes(24), "not a pcap"),
                          (struct.pack("<I2HiIII", NANO, 2, 4, 0, 0, 64, 113), "Ethernet"),
                          (struct.pack("<I2HiIII", NANO, 2, 4, 0, 0, 64, 1), "no packet")):
            with open(self.path, "wb") as f:
                f.write(data)
            with self.assertRaisesRegex(JudgeError, why):
                observer.read(self.path, sealed=False)

    def test_visits_are_windows_from_their_start(self):
        """[began, began + window), the end left out, seconds from `began`."""
        at = [0, 200000000, 699999000, 700000000, 900000000]
        pcap(self.path, [(50, ns, ipv4(A4, B4, TCP, 1, 2, 100 + n)) for n, ns in enumerate(at)])
        plan = {"window": 0.5, "visits": [{"class": "x", "group": "g", "visit": "0"},
                                          {"class": "y", "group": "g", "visit": "1"}]}
        said = [{"number": 0, "began": 50200000000}, {"number": 1, "began": 50700000000}]
        ts = observer.visits(self.path, False, plan, said, "n")
        self.assertEqual([v.b.tolist() for v in ts.visits], [[101, 102], [103, 104]])
        np.testing.assert_allclose(ts.visits[1].t, [0, 0.2], rtol=0, atol=1e-9)
        said[1]["began"] += 10**9
        with self.assertRaisesRegex(JudgeError, "nothing was seen of visit 1 .y."):
            observer.visits(self.path, False, plan, said, "n")


    def test_many_clients_are_told_by_their_connections(self):
        """Clients of 10.9.0.0/16 behind the first host; a port that is used again begins a flow."""
        def tcp(src, dst, sport, dport, length, flags):
            return ipv4(src, dst, TCP, sport, dport, length) + bytes([0, flags]) + bytes(10)
        one, two = bytes([10, 9, 0, 1]), bytes([10, 9, 1, 44])
        rows = [(1, one, B4, 5, 8080, 60, 2), (2, B4, one, 8080, 5, 60, 0x12), (3, two, B4, 5, 8080, 60, 2),
                (4, one, B4, 5, 8080, 52, 0x10), (5, B4, two, 8080, 5, 900, 0x18),
                (6, one, B4, 5, 8080, 60, 2), (7, B4, one, 8080, 5, 70, 0x12),
                (8, bytes([10, 8, 0, 1]), B4, 5, 8080, 60, 2)]
        pcap(self.path, [(50, ns, tcp(*row)) for ns, *row in rows])
        ts, began = observer.link(self.path, "link")
        self.assertNear(began, 50 + 1e-9)
        v, = ts.visits
        self.assertTrue(ts.flows)
        self.assertEqual(v.d.tolist(), [1, -1, 1, 1, -1, 1, -1])
        self.assertEqual(v.b.tolist(), [60, 60, 60, 52, 900, 60, 70])
        same = {}
        for f, name in zip(v.f.tolist(), "aababcc"):
            same.setdefault(name, set()).add(f)
        self.assertEqual(sorted(len(x) for x in same.values()), [1, 1, 1])
        self.assertEqual(set().union(*same.values()), {0, 1, 2})
        # Sealed, a client's packet is one in clear.
        with self.assertRaisesRegex(JudgeError, "7 packets went in clear, the first TCP from client"):
            observer.read(self.path, sealed=True)


class Plan(results.Test):
    def test_a_crowd(self):
        """As many requests as its clients make; visits apart, blocks apart, classes equal."""
        plan = workloads.crowd("inference", 20, 20, 3)
        self.assertExact(plan, workloads.crowd("inference", 20, 20, 3))
        seen = [plan["visits"][n] for n in workloads.watched(plan)]
        at = [v["at"] for v in plan["visits"]]
        self.assertExact(at, sorted(at))
        rate = len(at) / plan["seconds"] / (20 / workloads.THINK)
        self.assertTrue(0.9 < rate < 1.1, rate)
        self.assertEqual({v["client"] for v in plan["visits"]}, set(range(20)))
        count = {}
        for v in seen:
            count[v["class"], v["group"]] = count.get((v["class"], v["group"]), 0) + 1
        self.assertEqual((len(count), set(count.values())), (50, {4}))
        for one, two in zip(seen, seen[1:]):
            apart = two["at"] - one["at"]
            least = workloads.APART if one["group"] == two["group"] else \
                2 * plan["window"] + workloads.SETTLE
            self.assertGreaterEqual(apart, least - 1e-6)
        self.assertGreaterEqual(seen[0]["at"], plan["window"] + workloads.SETTLE)
        self.assertGreaterEqual(plan["seconds"], seen[-1]["at"] + plan["window"])
        # A visit is what it is in a plan without a crowd.
        lone = {(v["class"], v["visit"]): v["exchanges"] for v in workloads.plan("inference", 20, 3)["visits"]}
        self.assertExact([lone[v["class"], v["visit"]] for v in seen], [v["exchanges"] for v in seen])
        for why, args in (("0 clients", ("inference", 0, 5, 1)), ("2001 clients", ("inference", 2001, 5, 1)),
                          ("no clients of web", ("web", 5, 5, 1)), ("1 visits", ("inference", 5, 1, 1)),
                          ("no workload x", ("x", 5, 5, 1))):
            with self.assertRaisesRegex(JudgeError, why):
                workloads.crowd(*args)

    def test_the_seed_decides(self):
        for w in workloads.WORKLOADS:
            self.assertExact(workloads.plan(w, 3, 1), workloads.plan(w, 3, 1))
            self.assertFalse(workloads.plan(w, 3, 1) == workloads.plan(w, 3, 2))

    def test_each_group_has_each_class(self):
        for w, (_, classes, _) in workloads.WORKLOADS.items():
            there = {}
            for v in workloads.plan(w, 12, 1, groups=5)["visits"]:
                there.setdefault(v["group"], []).append(v["class"])
            self.assertEqual(len(there), 5)
            for seen in there.values():
                self.assertEqual(set(seen), set(classes))
                self.assertLessEqual(len(seen), 3 * len(classes))

    def test_visits_end_within_their_window(self):
        """By the server's times alone, with a fifth left for the path and RTPL; and no more
        bytes than a link of 10 Mbit/s carries in half of it."""
        for w, (window, _, _) in workloads.WORKLOADS.items():
            for v in workloads.plan(w, 60, 5)["visits"]:
                for e in v["exchanges"]:
                    self.assertGreater(min(n for _, n in e["down"]), 0)
                took = [sum(s for s, _ in e["down"]) + e["wait"] for e in v["exchanges"]] or [0]
                self.assertLess(took[0] + max(took[1:], default=0), 0.8 * window, v["class"])
                self.assertLess(max(workloads.payload(v)), 0.5 * window * 1.2e6, v["class"])

    def test_what_cannot_be_made_is_refused(self):
        for why, args in (("no workload nosuch", ("nosuch", 5, 1)), ("0 visits", ("web", 0, 1)),
                          ("1 visits", ("token", 1, 1)), ("99999999 visits", ("web", 99999999, 1))):
            with self.assertRaisesRegex(JudgeError, why):
                workloads.plan(*args)
        for why, kw in (("no kernel 5.4", {"kernel": "5.4"}),
                        ("no profile nosuch", {"profiles": ["nosuch"]}),
                        ("no profile is named", {"profiles": []}),
                        ("two profiles", {"profiles": ["off", "off"]}),
                        ("nosuch.profile: No such file", {"profiles": ["nosuch.profile"]}),
                        ("a path of 3 s", {"rtt": 3}), ("a run may last", {"visits": 5000})):
            kw = {"workload": "web", "profiles": ["off"], "visits": 2, "seed": 1, **kw}
            with self.assertRaisesRegex(JudgeError, why):
                live.record(**kw)


class Compare(results.Test):
    def test_kolmogorov_smirnov(self):
        self.assertNear(live.ks([1, 2, 3], [3, 2, 1]), 0)
        self.assertNear(live.ks([1, 2], [3, 4]), 1)
        self.assertNear(live.ks([1, 1, 2, 2], [1, 2, 2, 2]), 0.25)
        self.assertIsNone(live.ks([], [1]))

    def test_sets_beside_each_other(self):
        def made(t, b):
            return TraceSet("made", [Visit("x", "g", "0", t, [1, -1, 1, -1], b)])
        one = made([0, .1, .3, .4], [100, 200, 100, 200])
        two = made([0, .1, .2, .400004], [100, 200, 150, 200])
        same, other = live.compare(one, one), live.compare(one, two)
        self.assertNear([same[k] for k in same if k.startswith("ks_")], [0] * 4)
        self.assertNear((other["ks_sizes_up"], other["ks_sizes_down"]), (0.5, 0))
        self.assertNear((other["ks_gaps_up"], other["ks_gaps_down"]), (1, 0))
        self.assertNear(other["relative"]["bytes_up"], 0.25)


    def test_costs_go_by_visits(self):
        def made(each, up):
            return {"profile": "p", "each": each, "wire": {"bytes_up": up, "bytes_down": 50}}
        plain = made([["x", "g", "0", 10, 20], ["x", "g", "1", 10, 30], ["x", "g", "2", 0, 0]], 50)
        shaped = made([["x", "g", "1", 11, 33], ["x", "g", "0", 13, 21],
                       ["x", "g", "2", None, None]], 75)
        c = live.costs(shaped, plain)
        self.assertNear(c["overhead"], 0.25)
        self.assertNear((c["first_ms"]["mean"], c["first_ms"]["max"]), (2, 3))
        self.assertNear((c["done_ms"]["mean"], c["done_ms"]["max"]), (2, 3))
        with self.assertRaisesRegex(JudgeError, "p: not the visits"):
            live.costs(shaped, made([["y", "g", "0", 1, 1]], 50))


    def test_how_long_requests_took(self):
        rows = [[True, 30], [True, None], [False, 100], [False, 300]]
        said = live._requests(rows, [[True, 20], [True, 20], [False, 90], [False, 100]])
        self.assertEqual((said["unfinished"], said["all"]["count"], said["small"]["count"]), (1, 3, 1))
        self.assertNear((said["all"]["added_ms"]["mean"], said["all"]["added_ms"]["p50"]), (220 / 3, 10))
        self.assertNear((said["large"]["plain_ms"]["mean"], said["large"]["took_ms"]["mean"]), (95, 200))
        with self.assertRaisesRegex(JudgeError, "4 requests beside 1 without"):
            live._requests(rows, rows[:1])
        self.assertIsNone(live._requests(rows[:1], rows[:1])["large"]["added_ms"])


class Recorded(Folder):
    """What an earlier run left: two made-up visits, without RTPL and under `off`."""
    def setUp(self):
        super().setUp()
        self.folder = os.path.dirname(self.path)
        os.mkdir(os.path.join(self.folder, "web"))
        self.ts = TraceSet("made", [Visit(c, "g", "0", [.2503, .3], [1, -1], [100, 900])
                                    for c in ("x", "y")])
        for name in "none", "off":
            self.ts.write(os.path.join(self.folder, "web", f"{name}.csv"))
            self.leave(name)

    def leave(self, name, **more):
        said = {"workload": "web", "profile": name, "seed": 9, "rtt": .1, "kernel": "6.1",
                "window": 1.5, "release": "6.1.0", "visits": 2, "failed": [], "late": 0,
                "client": None, "server": None, "done_ms": {"p50": 50, "p99": 50},
                "wire": live.wire(self.ts), "each": [["x", "g", "0", 1, 2], ["y", "g", "0", 1, 2]]}
        with open(os.path.join(self.folder, "web", f"{name}.json"), "w", encoding="utf-8") as f:
            json.dump({**said, **more}, f)

    def judge(self):
        """Its rows, and how the simulator and the attacks were called."""
        def seen(*_, **__):
            return {"attacks": {"volume": {"accuracy": {"mean": .5, "low": .4, "high": .6}}},
                    "wire_bytes_per_visit": 1, "bytes_per_second": 1}
        with mock.patch("rtpl_judge.run.judge_seen", side_effect=seen) as judged, \
                mock.patch("rtpl_judge.live.simulate", side_effect=live.simulate) as simulated:
            rows = livejudge.judge("web", ["off"], 30, 1, "uml", .02, ["volume"], 2, self.folder,
                                   None, mock.Mock(), recorded=True)[1]
        return rows, simulated.call_args[0], [c[0][4] for c in judged.call_args_list]

    def test_path_and_seed_are_the_recordings(self):
        rows, simulated, seeds = self.judge()
        self.assertNear(simulated[2:], (.1, 1.5, 9))
        self.assertEqual(set(seeds), {9})
        self.assertNear([(r["rtt"], r["seed"], r["release"]) for r in rows],
                        [(.1, 9, "6.1.0")] * 2)

    def test_what_does_not_belong_together_is_refused(self):
        for what, more in (("rtt .0.1, 0.02.", {"rtt": .02}), ("seed .9, 1.", {"seed": 1}),
                           ("workload", {"workload": "token"}), ("kernel", {"kernel": "uml"}),
                           ("window", {"window": 2}),
                           ("other visits", {"each": [["x", "g", "0", 1, 2]]})):
            self.leave("off", **more)
            with self.assertRaisesRegex(JudgeError, "none.json and .*off.json: .*" + what):
                self.judge()
        with open(os.path.join(self.folder, "web", "off.json"), "w", encoding="utf-8") as f:
            f.write('{"seed": 9}')
        with self.assertRaisesRegex(JudgeError, "off.json: this is not what a recording leaves"):
            self.judge()
        os.remove(os.path.join(self.folder, "web", "off.json"))
        with self.assertRaisesRegex(JudgeError, "off.json is not there"):
            self.judge()

    def test_simulated_visits_begin_when_the_plain_ones_do(self):
        """A slot when the first packet comes, 0.3 ms behind a ms; slots from the start on."""
        s = live.simulate(os.path.join(self.folder, "web", "none.csv"), "maximum", .02, 1.5)
        for v in traces.read(s["csv"]).visits:
            up = v.t[v.d == 1]
            np.testing.assert_allclose(up * 1e3 % 1, .3, atol=1e-3)
            self.assertTrue(1499 <= len(up) <= 1501 and up[0] < .0011 and up[-1] > 1.4989)


class Machine(results.Test):
    """Two kinds of input, two visits each, without RTPL and at a constant rate."""
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.told = []
        # A profile of one's own that is maximum but for its name.
        cls.profile = os.path.join(folder.name, "mine.profile")
        with open(os.path.join(live.PROFILES, "maximum.profile"), encoding="utf-8") as f:
            text = f.read().replace("Name = maximum", "Name = constant")
        with open(cls.profile, "w", encoding="utf-8") as f:
            f.write(text)
        cls.paths = live.record("inference", ["none", cls.profile], 2, 7, out_dir=folder.name,
                                progress=lambda fraction, text: cls.told.append(fraction),
                                classes=2)
        cls.plan = workloads.plan("inference", 2, 7, classes=2)
        cls.sets = {name: traces.read(path) for name, path in cls.paths.items()}
        cls.sets = {name: {v.key: v for v in ts.visits} for name, ts in cls.sets.items()}
        cls.folder = folder.name

    def figures(self, name):
        with open(os.path.join(self.folder, f"{name}.json"), encoding="utf-8") as f:
            return json.load(f)

    def test_every_visit_was_made_under_both(self):
        keys = {(v["class"], v["group"], v["visit"]) for v in self.plan["visits"]}
        self.assertEqual(len(keys), 4)
        self.assertEqual({k[0] for k in keys}, {"short-question", "long-document"})
        for name in "none", "constant":
            self.assertEqual(set(self.sets[name]), keys)
            self.assertEqual((self.figures(name)["failed"], self.figures(name)["late"]), ([], 0))
        self.assertExact((self.told, self.told[-1]), (sorted(self.told), 1))

    def test_without_rtpl_the_bytes_are_the_plans(self):
        """What TCP carried, less the heads of HTTP, whose only changing part is the length.
        TCP's options: 12 bytes, 20 in the first packets."""
        rest = {1: set(), -1: set()}
        for number, p in enumerate(self.plan["visits"]):
            v = self.sets["none"][p["class"], p["group"], p["visit"]]
            for d, body in zip((1, -1), workloads.payload(p)):
                carried = v.b[v.d == d][1:].sum() - 52 * ((v.d == d).sum() - 1)
                rest[d].add(int(carried) - body - len(str(body)))
            self.assertEqual(v.b[:3].tolist(), [60, 60, 52], number)
        for left in rest.values():
            self.assertEqual(len(left), 1)
            self.assertTrue(100 < min(left) < 200)

    def test_without_rtpl_the_times_are_the_plans(self):
        """The answer: service, and a round trip for the request (more for what needs several)."""
        for p in self.plan["visits"]:
            v = self.sets["none"][p["class"], p["group"], p["visit"]]
            self.assertAlmostEqual(v.t[1] - v.t[0], 0.020, 4)
            first = v.t[(v.d < 0) & (v.b > 52)][1]
            service = p["exchanges"][0]["down"][0][0]
            trips = (first - v.t[0] - service) / 0.020
            self.assertTrue(1.99 < trips < 4.01, trips)

    def test_a_constant_rate_shows_one_size_and_equal_gaps(self):
        """A cell in each slot of a ms; the clock's step is 256 ns, four are left for all."""
        for v in self.sets["constant"].values():
            self.assertEqual(set(v.b.tolist()), {1260})
            for d in 1, -1:
                gaps = np.diff(v.t[v.d == d])
                self.assertTrue(1499 <= len(gaps) + 1 <= 1501, len(gaps))
                self.assertLess(np.abs(gaps - 0.001).max(), 1.1e-6)

    def test_what_the_module_counted(self):
        f = self.figures("constant")
        self.assertEqual(f["wire"]["sizes"], 1)
        for end in "client", "server":
            self.assertEqual((f[end]["slots_missed"], f[end]["drops"]), (0, {}))
            cells = sum(f[end][key] for key in ("tx_cells", "tx_chaff", "tx_handshake"))
            self.assertEqual(f[end]["tx_wire_bytes"], 1260 * cells)
            self.assertTrue(0 < f[end]["delay_ms"]["p50"] <= f[end]["delay_ms"]["max"] < 50)
        none = self.figures("none")
        self.assertIsNone(none["client"])
        c = live.costs(f, none)
        self.assertTrue(0 < c["done_ms"]["p50"] < 100, c)
        self.assertAlmostEqual(c["overhead"], 2 * 1500 * 1260 /
                               (none["wire"]["bytes_up"] + none["wire"]["bytes_down"]) - 1, 0)
        self.assertTrue(os.path.exists(os.path.join(self.folder, "none.pcap")))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "constant.pcap")))

    def test_the_simulator_sees_the_same(self):
        """At a constant rate all but the phase: as many cells, of one size, as far apart."""
        s = live.simulate(self.paths["none"], self.profile, 0.020, 1.5)
        c = live.compare(traces.read(self.paths["constant"]), traces.read(s["csv"]))
        for key, value in c["relative"].items():
            self.assertLess(abs(value), 0.001, key)
        for key in "ks_sizes_up", "ks_sizes_down", "ks_gaps_up", "ks_gaps_down":
            self.assertLess(c[key], 0.001, key)
        self.assertTrue(0 < s["server"]["delay_ms"]["p50"] < 50)
        with self.assertRaisesRegex(JudgeError, "none is no profile"):
            live.simulate(self.paths["none"], "none", 0.020, 1.5)


class Attacked(results.Test):
    def test_what_is_held(self):
        """Of three kinds of visits, one of them silent: while the server's cells are held the observer behind
        sees none, and then an answer that was ready before."""
        seen = {}
        for how, attack in ("not", None), ("held", live.attack_of("hold", "server:220ms:300ms")):
            with tempfile.TemporaryDirectory() as folder:
                path = live.record("asked", ["off"], 2, 7, out_dir=folder, attack=attack,
                                   progress=lambda *_: None)["off"]
                seen[how] = {v.key: v.t[v.d < 0] for v in traces.read(path).visits}
                with open(path[:-3] + "json", encoding="utf-8") as f:
                    said = json.load(f)
                self.assertExact((said["attack"], said["failed"], said["visits"]), (attack, [], 6))
        held = lambda t: t[(t > .221) & (t < .519)]
        self.assertEqual({k[0] for k in seen["held"]}, {"answered", "waits"})
        for key, t in seen["held"].items():
            self.assertEqual(len(held(t)), 0)
            if key[0] == "waits":
                self.assertGreater(len(held(seen["not"][key])), 0)
                self.assertGreater(len(t[(t > .519) & (t < .53)]), 0)

    def test_options(self):
        self.assertExact(live.attack_of("hold", "client:8s:300ms"), {"end": "client", "at": 8.0, "for": .3})
        self.assertExact(live.attack_of("lose", "server:0ms:1.5s:10"),
                         {"end": "server", "at": 0.0, "for": 1.5, "lose": 10})
        self.assertExact(live.attack_of("lose", "server:0ms:1.5s:10%")["lose"], 10)
        for option, word in (("hold", "client:8:1s"), ("hold", "both:1s:1s"), ("hold", "client:1s:0s"),
                             ("hold", "client:1s"), ("lose", "client:1s:1s"), ("lose", "client:1s:1s:0"),
                             ("lose", "client:1s:1s:101"), ("lose", "client:1s:1s:x"), ("hold", "")):
            with self.assertRaisesRegex(JudgeError, f"--{option} takes END:AT:FOR"):
                live.attack_of(option, word)
        for why, kw in (("longer than the window", {"attack": live.attack_of("hold", "client:1s:1s")}),
                        ("without --clients", {"attack": live.attack_of("hold", "client:1s:1s"), "clients": 3})):
            with self.assertRaisesRegex(JudgeError, why):
                live.record("inference", ["off"], 2, 1, **kw)


class Crowd(results.Test):
    """Five clients behind a gateway, by a slow ladder, two visits of three kinds."""
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.profile = os.path.join(folder.name, "mine.profile")
        with open(cls.profile, "w", encoding="utf-8") as f:
            f.write("[Profile]\nName = slow\nAbout = for a test\n[Schedule client]\nKind = ladder\n"
                    "Rates = 150, 165 cells/s\nUp = 95 %\nDown = 85 %\nEpoch = 1 s\nAverage = 4 s\n"
                    "[Schedule server]\nKind = ladder\nRates = 70, 77 cells/s\nUp = 95 %\nDown = 85 %\n"
                    "Epoch = 1 s\nAverage = 4 s\n[Link]\nLatency = off\nLimit = 60000\n")
        cls.paths = live.record("inference", ["none", cls.profile], 2, 7, out_dir=folder.name,
                                progress=lambda fraction, text: None, classes=3, clients=5)
        cls.plan = workloads.crowd("inference", 5, 2, 7, classes=3)
        cls.sets = {name: traces.read(path) for name, path in cls.paths.items()}
        cls.told = {}
        for name in cls.paths:
            with open(os.path.join(folder.name, f"{name}.json"), encoding="utf-8") as f:
                cls.told[name] = json.load(f)

    def test_watched_visits_and_all_requests(self):
        for name, told in self.told.items():
            self.assertEqual((len(self.sets[name]), len(told["requests"])), (6, len(self.plan["visits"])))
            self.assertEqual((told["failed"], told["clients"]), ([], 5))
            self.assertEqual(sum(d is None for _, d in told["requests"]), 0)
        small = [sum(workloads.payload(v)) <= live.SMALL for v in self.plan["visits"]]
        self.assertEqual([s for s, _ in self.told["slow"]["requests"]], small)

    def test_the_ladder_hides_the_request(self):
        """The same number of cells in each window, whatever the visit was, one size."""
        self.assertEqual(self.told["slow"]["wire"]["sizes"], 1)
        for v in self.sets["slow"].visits:
            self.assertTrue(224 <= (v.d > 0).sum() <= 249 and 104 <= (v.d < 0).sum() <= 117)
        for end in "client", "server":
            self.assertEqual(self.told["slow"][end]["drops"], {})

    def test_flows_of_the_link_are_the_requests(self):
        whole, = traces.read_csv(os.path.join(self.folder, live.LINK))
        self.assertEqual(whole.f.max() + 1, len(self.plan["visits"]))
        began = [whole.t[whole.f == f].min() for f in range(whole.f.max() + 1)]
        for start in self.told["none"]["starts"]:
            self.assertLess(min(abs(x - start) for x in began), 0.001)

    def test_the_simulator_plays_the_same(self):
        sim = live.simulate_crowd(self.folder, self.profile, 0.020, 1.5, self.told["none"]["starts"])
        c = live.compare(self.sets["slow"], traces.read(sim["csv"]))
        for key in "packets_up", "packets_down", "bytes_up", "bytes_down":
            self.assertLess(abs(c["relative"][key]), 0.08, key)
        took = live.costs(self.told["slow"], self.told["none"])["requests"]
        for size in "small", "large":
            k, s = took[size]["added_ms"]["mean"], sim["requests"][size]["added_ms"]["mean"]
            self.assertTrue(0 < s and 0.5 < k / s < 3, (size, k, s))
        self.assertLess(took["small"]["added_ms"]["mean"], took["large"]["added_ms"]["mean"])
        with self.assertRaisesRegex(JudgeError, "6 visits, 1 of which began"):
            live.simulate_crowd(self.folder, self.profile, 0.020, 1.5, [1])


if __name__ == "__main__":
    results.main()
