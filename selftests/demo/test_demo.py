#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 180
#
# The demo's observer on captures made here: what it reads, what it guesses,
# what it draws, and that it says so when a promise does not hold.
import contextlib
import hashlib
import io
import json
import random
import re
import struct
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "judge"))
sys.path.insert(0, str(Path(__file__).resolve().parent))
import answers
import plan
import report
import results
from observer import attack, capture, figures, measure
from observer.capture import DOWN, UP, Packet

T0 = 1_700_000_000
HOST = {4: {UP: "192.0.2.1", DOWN: "192.0.2.2"}, 6: {UP: "2001:db8::1", DOWN: "2001:db8::2"}}


def frame(direction=UP, size=100, version=4, payload=b"", protocol=17):
    import ipaddress
    src, dst = (ipaddress.ip_address(HOST[version][d]).packed for d in (direction, -direction))
    if version == 4:
        head = struct.pack("!BBHIBBH", 0x45, 0, size, 0, 64, protocol, 0) + src + dst
    else:
        head = struct.pack("!IHBB", 6 << 28, size - 40, protocol, 64) + src + dst
    return bytes(12) + (b"\x08\x00" if version == 4 else b"\x86\xdd") + head + payload


def pcap(frames, order="<", magic=0xA1B2C3D4, link=1):
    unit = 1e9 if magic == 0xA1B23C4D else 1e6
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link)
    for time, data in frames:
        sec = int(time)
        out += struct.pack(order + "4I", sec, round((time - sec) * unit), len(data), len(data)) + data
    return out


def stored(folder, data):
    path = Path(folder) / "capture.pcap"
    path.write_bytes(data)
    return path


class Capture(results.Test):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def read(self, data):
        return capture.read(stored(self.folder, data))

    def test_reads_both_directions_and_versions(self):
        got = self.read(pcap([(T0 + 0.25, frame(UP, 60)), (T0 + 0.5, frame(DOWN, 1500, 6))]))
        self.assertNear([(round(p.time - T0, 6), p.direction, p.size) for p in got],
                        [(0.25, UP, 60), (0.5, DOWN, 1500)])

    def test_reads_every_byte_order_and_unit(self):
        for order in "<>":
            for magic in (0xA1B2C3D4, 0xA1B23C4D):
                got = self.read(pcap([(T0 + 0.125, frame())], order, magic))
                self.assertAlmostEqual(got[0].time, T0 + 0.125, places=6)

    def test_leaves_out_what_is_not_between_the_two(self):
        other = frame()[:26] + bytes([192, 0, 2, 9]) + frame()[30:]
        arp = bytes(12) + b"\x08\x06" + bytes(28)
        discovery = frame(version=6, size=72, payload=bytes([135]) + bytes(31), protocol=58)
        echo = frame(version=6, size=72, payload=bytes([128]) + bytes(31), protocol=58)
        got = self.read(pcap([(T0, other), (T0, arp), (T0, discovery), (T0, echo)]))
        self.assertEqual([p.size for p in got], [72])

    def test_knows_readable_text(self):
        got = self.read(pcap([(T0, frame(payload=b"....GET /GPL-3 HTTP/1.1")), (T0 + 1, frame(payload=bytes(range(64))))]))
        self.assertEqual([p.plain for p in got], [True, False])

    def test_survives_a_cut_file(self):
        data = pcap([(T0, frame()), (T0 + 1, frame())])
        for cut in range(24, len(data)):
            self.assertLessEqual(len(self.read(data[:cut])), 1)
        self.assertEqual(len(self.read(data)), 2)

    def test_refuses_what_is_no_capture(self):
        for data in (b"", b"hello" * 10, pcap([], link=113), pcap([])[:20]):
            with self.assertRaises(capture.CaptureError):
                self.read(data)

    def test_survives_short_frames(self):
        whole = frame(version=6)
        self.assertEqual(self.read(pcap([(T0, whole[:n]) for n in range(54)])), [])


def visit(rnd, size, count, start=T0):
    return [Packet(start + rnd.uniform(0, 0.3), rnd.choice((UP, DOWN)), size + rnd.randrange(5), False) for _ in range(count)]


class Attack(results.Test):
    def rows(self, make, names="ABCDE", repeat=6):
        rnd = random.Random(7)
        rows, labels, rounds = [], [], []
        for r in range(repeat):
            for n in names:
                packets = sorted(make(rnd, n), key=lambda p: p.time)
                rows.append(attack.features(packets, T0, 0.4))
                labels.append(n)
                rounds.append(r)
        return rows, labels, rounds

    def test_features_have_one_width_for_any_trace(self):
        rnd = random.Random(1)
        widths = {len(attack.features(sorted(visit(rnd, 60, n), key=lambda p: p.time), T0, 0.4)) for n in (0, 1, 2, 50, 500)}
        self.assertEqual(len(widths), 1)

    def test_names_what_differs(self):
        got = attack.judge(*self.rows(lambda rnd, n: visit(rnd, 100 + 90 * ord(n) % 800, 20)))
        self.assertNear(got["best"], 1.0)
        self.assertTrue(all(got["confusion"][n] == {n: 6} for n in "ABCDE"))

    def test_is_lucky_at_most_where_nothing_differs(self):
        got = attack.judge(*self.rows(lambda rnd, n: visit(rnd, 100, 20), repeat=8))
        self.assertLessEqual(got["best"], got["lucky"])
        self.assertLess(got["lucky"], 0.5)

    def test_alike_traces_are_no_error(self):
        got = attack.judge(*self.rows(lambda rnd, n: [Packet(T0, UP, 100, False)] * 5))
        self.assertAlmostEqual(got["best"], 0.2)

    def test_never_learns_from_the_round_that_it_guesses(self):
        # Each round has a mark of its own: known only to who saw it in training.
        seen = []

        class Spy(attack.Nearest):
            def fit(self, rows, labels):
                self.known = {r[0] for r in rows}
                return self

            def guess(self, row):
                seen.append(row[0] in self.known)
                return "A"

        kept, attack.Nearest = attack.Nearest, Spy
        try:
            attack.judge([[float(r)] for r in range(4) for _ in "AB"], list("AB" * 4), [r for r in range(4) for _ in "AB"])
        finally:
            attack.Nearest = kept
        self.assertEqual(seen, [False] * 8)

    def test_luck(self):
        # Of ten fair coins, eight or fewer fall heads in 98.9 % of cases, seven in 94.5 %.
        self.assertNear(attack.lucky(0.5, 10), 0.8)
        self.assertNear(attack.lucky(0.5, 10, 0.06), 0.7)


class Plan(results.Test):
    def test_each_round_has_each_name_once(self):
        got = list(plan.rounds("documents", plan.DOCUMENTS, 3))
        for r in range(3):
            self.assertEqual(sorted(v["name"] for v in got if v["round"] == r), sorted(plan.DOCUMENTS))
        self.assertEqual(got, list(plan.rounds("documents", plan.DOCUMENTS, 3)))

    def test_tokens_are_the_text(self):
        for text in answers.ANSWERS.values():
            self.assertEqual("".join(answers.tokens(text)), text)

    def test_an_answer_fits_its_window(self):
        for name, text in answers.ANSWERS.items():
            for n in range(20):
                lasts = sum(g for g, _ in zip(answers.gaps(name, n), answers.tokens(text)))
                self.assertLess(lasts, plan.PERIOD["answers"] * 0.95, f"{name} {n}")

    def test_gaps_come_back_for_a_visit_and_differ_between_visits(self):
        def first(n):
            return [g for g, _ in zip(answers.gaps("merger", n), range(9))]
        self.assertNear(first(1), first(1))
        self.assertApart(first(1), first(2))


class Measures(results.Test):
    def test_quantile(self):
        v = list(range(1, 101))
        self.assertEqual([measure.quantile(v, q) for q in (0, 0.5, 0.99, 1)], [1, 50, 99, 100])
        self.assertEqual(measure.quantile([5], 0.99), 5)

    def test_starts_follow_the_real_clock(self):
        # The monotonic clock is 100.3 s behind; curl added 100 or 101.
        for added_ in (100, 101, 86400 * 19000 + 100):
            real = [T0 + 0.9, T0 + 1.3]
            shown = [t - 100.3 + added_ for t in real]
            text = "".join(f"{int(t % 86400 // 3600):02d}:{int(t % 3600 // 60):02d}:{t % 60:09.6f} *   Trying x\n" for t in shown)
            got = measure.read_starts(text, 0.2, T0 + 1.6, 100.3)
            for g, want in zip(got, real):
                self.assertAlmostEqual(g, want, places=4)

    def test_starts_go_on_after_midnight(self):
        midnight = T0 // 86400 * 86400
        text = "23:59:59.500000 *   Trying x\n00:00:00.100000 *   Trying x\n"
        got = measure.read_starts(text, 0.2, midnight + 0.4, 7.0)
        self.assertAlmostEqual(got[0], midnight - 0.5, places=4)
        self.assertAlmostEqual(got[1], midnight + 0.1, places=4)

    def test_sizes(self):
        self.assertEqual(measure.sizes_seen({1500: 3}), "1500")
        self.assertEqual(measure.sizes_seen(range(52, 1501)), "52-1500")


def clock_words(t):
    return f"{int(t % 86400 // 3600):02d}:{int(t % 3600 // 60):02d}:{t % 60:09.6f} *   Trying 192.0.2.2:80...\n"


def make_run(folder, name, the_plan, packets_of):
    """A run's folder as scene.sh leaves it."""
    folder = folder / name
    folder.mkdir()
    phases, frames, at = {"setup": T0, "ping": T0 + 1}, [], T0 + 2.0
    for kind, visits in the_plan["visits"].items():
        period = the_plan["period"][kind]
        phases[kind] = at
        trace = said = got = ""
        for n, v in enumerate(visits):
            start = at + 0.1 + n * period
            trace += clock_words(start)
            said += "200 1000 0.001 0.002 0.010000\n"
            got += f"{hashlib.sha256(v['name'].encode()).hexdigest()}  {kind}-{n:03d}\n"
            frames += packets_of(v["name"], start, period)
        at += 0.1 + len(visits) * period
        phases[f"{kind}-end"] = at - period + 0.2
        if kind == "documents":
            phases["idle"] = at
            at += 1.5
        (folder / f"{kind}.trace").write_text(trace)
        (folder / f"{kind}.said").write_text(said)
        (folder / f"{kind}.got").write_text(got)
    (folder / "phases").write_text("".join(f"{k} {v}\n" for k, v in phases.items()))
    (folder / "ping.txt").write_text("".join(f"64 bytes: time={0.3 + n / 100} ms\n" for n in range(20)))
    (folder / "tcpdump.err").write_text("9 packets captured\n0 packets dropped by kernel\n")
    (folder / "capture.pcap").write_bytes(pcap(frames))


class Whole(results.Test):
    """report.py from folders to table and page."""

    def setUp(self):
        self.out = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.plan = plan.make(["without", "constant"], {"documents": 3, "answers": 3})
        names = set(plan.DOCUMENTS) | set(answers.ANSWERS)
        sums = {n: hashlib.sha256(n.encode()).hexdigest() for n in names}
        self.plan["answers"] = {n: sums[n] for n in answers.ANSWERS}
        (self.out / "plan.json").write_text(json.dumps(self.plan))
        (self.out / "clock").write_text(f"{T0 - 1000}\n")
        (self.out / "documents.sha256").write_text("".join(f"{sums[n]}  {n}\n" for n in plan.DOCUMENTS))
        (self.out / "kernel").write_text("6.1.0-test\n")
        known = sorted(names)

        def clear(name, start, _):
            k = known.index(name)
            return [(start + 0.002 * n, frame(DOWN, 100 + 40 * k, payload=b"data: {")) for n in range(3 + k)]

        def constant(_name, start, period):
            return [(start + 0.01 * n, frame(d, 1500, payload=bytes(32))) for n in range(round(period / 0.01)) for d in (UP, DOWN)]

        self.constant = constant
        make_run(self.out, "without", self.plan, clear)

    def report(self, *words):
        said, wrong = io.StringIO(), io.StringIO()
        kept, sys.argv = sys.argv, ["report.py", *words, str(self.out)]
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(wrong):
                rc = report.main()
        finally:
            sys.argv = kept
        return rc, said.getvalue(), wrong.getvalue()

    def test_table_and_page(self):
        make_run(self.out, "constant", self.plan, self.constant)
        rc, said, wrong = self.report("-j")
        self.assertEqual((rc, wrong), (0, ""))
        clear, constant = json.loads(said)["runs"]
        self.assertNear(clear["right_documents"]["share"], 1.0)
        self.assertEqual(constant["sizes"], "1500")
        self.assertEqual(constant["distinct_sizes"], 1)
        self.assertLessEqual(constant["right_documents"]["share"], constant["right_documents"]["luck_95"])
        self.assertGreater(clear["readable_packets"], 0)
        self.assertEqual(constant["readable_packets"], 0)
        self.assertGreater(constant["overhead"], 10)
        self.assertNear(json.loads((self.out / "table.json").read_text()), json.loads(said))
        self.assertIn("idle kbit/s: of both ways together", self.report()[1])
        self.assertIn("idle kbit/s,<br>both ways", (self.out / "index.html").read_text())

        rc, said, _ = self.report()
        self.assertEqual(rc, 0)
        self.assertRegex(said, r"(?m)^constant +1500 +1 ")
        self.assertLessEqual(max(map(len, said.splitlines())), 130)

        page = (self.out / "index.html").read_text()
        pictures = re.findall(r"<svg.*?</svg>", page, re.S)
        self.assertEqual(len(pictures), 2 + 5 * 2)
        for svg in pictures:
            root = xml.etree.ElementTree.fromstring(svg)
            width, height = float(root.get("width")), float(root.get("height"))
            self.assertLessEqual(width, 1060)
            for r in root.iter("rect"):
                x, y, w, h = (float(r.get(k)) for k in ("x", "y", "width", "height"))
                self.assertTrue(-1 <= x <= x + w <= width + 1 and -1 <= y <= y + h <= height + 1, r.attrib)
        # No network: nothing is loaded from anywhere.
        self.assertIsNone(re.search(r"https?:|<script|<link|<img|@import|url\(|src=", page))

    def test_two_sizes_are_an_error(self):
        make_run(self.out, "constant", self.plan, lambda *a: self.constant(*a) + [(a[1], frame(UP, 576))])
        rc, _, wrong = self.report()
        self.assertEqual(rc, 1)
        self.assertIn("2 sizes on the wire instead of 1", wrong)

    def test_readable_text_is_an_error(self):
        make_run(self.out, "constant", self.plan, lambda *a: self.constant(*a) + [(a[1], frame(UP, 1500, payload=b"GET /BSD"))])
        rc, _, wrong = self.report()
        self.assertEqual(rc, 1)
        self.assertIn("could be read", wrong)

    def test_missed_packets_are_an_error(self):
        make_run(self.out, "constant", self.plan, self.constant)
        (self.out / "constant/tcpdump.err").write_text("3 packets dropped by kernel\n")
        rc, _, wrong = self.report()
        self.assertEqual(rc, 1)
        self.assertIn("the observer missed 3 packets", wrong)

    def test_a_document_that_did_not_arrive_is_an_error(self):
        make_run(self.out, "constant", self.plan, self.constant)
        got = self.out / "constant/documents.got"
        got.write_text(got.read_text().replace(hashlib.sha256(b"BSD").hexdigest(), "0" * 64))
        with self.assertRaises(SystemExit) as e:
            self.report()
        self.assertIn("BSD did not arrive whole", str(e.exception))

    def test_a_missing_run_is_an_error(self):
        with self.assertRaises(SystemExit) as e:
            self.report()
        self.assertIn("constant", str(e.exception))


class Figures(results.Test):
    def test_pictures_of_nothing(self):
        for svg in (figures.size_histogram([]), figures.gap_histogram([]), figures.timeline([(T0, 1.0, [])], [], "x")):
            xml.etree.ElementTree.fromstring(svg)

    def test_a_stem_is_as_long_as_its_packet(self):
        up, down = figures.stems([Packet(T0, UP, 1500, False), Packet(T0 + 1, DOWN, 750, False)], T0, 100, 10, 50, 40).split("M")[1:]
        self.assertEqual((up, down), ("10.0 50V10.0", "110.0 50V70.0"))


class Tap(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.n = 0

    def say(self, ok, test, why=""):
        self.n += 1
        words = test._testMethodName.removeprefix("test_").replace("_", " ")
        print(f"{'ok' if ok else 'not ok'} {self.n} - {type(test).__name__.lower()}: {words}")
        for line in why.splitlines():
            print("# " + line)

    def addSuccess(self, test):
        self.say(True, test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say(False, test, self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self.say(False, test, self.errors[-1][1])


if __name__ == "__main__":
    result = Tap()
    unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]).run(result)
    print(f"1..{result.n}")
    sys.exit(not result.wasSuccessful() or not result.n)
