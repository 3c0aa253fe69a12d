#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The judge's word `capture`, with a tcpdump that is a script; run by test_capture.sh."""
import contextlib
import io
import json
import os
import struct
import sys
import tempfile
import time
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../tools/judge"))
from rtpl_judge import JudgeError, capture, cli, traces  # noqa: E402
import results  # noqa: E402

CLIENT = "192.0.2.1"
# Writes $FAKE_PCAP to what -w names, and notes its words and when it is told to end.
TCPDUMP = """#!/bin/sh
echo "start $*" >>"$FAKE_LOG"
if [ "$FAKE_FAILS" ]; then echo "tcpdump: $FAKE_FAILS
(No)" >&2; exit 1; fi
while [ "$1" != -w ]; do shift; done
cp "$FAKE_PCAP" "$2"
trap 'kill $!; echo end >>"$FAKE_LOG"; echo "$FAKE_DROPS packets dropped by kernel" >&2; exit 0' INT
sleep 60 &
echo "tcpdump: listening on x, link-type EN10MB (Ethernet)" >&2
wait
"""


def packet(src, dst, length):
    """A record: TCP of so many bytes, of which the headers are there."""
    frame = (bytes(12) + b"\x08\x00\x45\x00" + struct.pack("!H", length) + bytes(4) + b"\x40\x06" +
             bytes(2) + src + dst + struct.pack("!2H", 4000, 80) + bytes(8) + b"\x50" + bytes(7))
    return struct.pack("<4I", 7, length, len(frame), 14 + length) + frame


class Captures(results.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.out, self.log = self.at("out"), self.at("log")
        with open(self.at("tcpdump"), "w", encoding="utf-8") as f:
            f.write(TCPDUMP)
        os.chmod(self.at("tcpdump"), 0o755)
        self.head = struct.pack("<I2HiIII", 0xa1b2c3d4, 2, 4, 0, 0, 128, 1)
        a, b = bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2])
        self.write("pcap", self.head + packet(a, b, 100) + packet(b, a, 1500))
        env = mock.patch.dict(os.environ, {
            "PATH": f"{self.folder}:{os.environ['PATH']}", "FAKE_PCAP": self.at("pcap"),
            "FAKE_LOG": self.log, "FAKE_DROPS": "0", "FAKE_FAILS": ""})
        env.start()
        self.addCleanup(env.stop)
        self.slept = []
        self.classes = {c: f"echo visit {c} >>{self.log}" for c in "abc"}

    def at(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        with open(self.at(name), "wb") as f:
            f.write(data)

    def logged(self, word):
        with open(self.log, encoding="utf-8") as f:
            return [line.strip() for line in f if line.startswith(word)]

    def capture(self, visits=2, window=3., **kw):
        """With a clock that stands: it is slept for whole windows."""
        kw = {"client": CLIENT, "interface": "eth7", "classes": self.classes, "visits": visits,
              "window": window, "out": self.out, "groups": 2, **kw}
        return capture.capture(**kw, now=lambda: 0, sleep=self.slept.append)

    def test_order(self):
        """Each class in each group as often as can be; another order in each, by the seed."""
        plan = capture.order("abc", 12, 5, 1)
        self.assertEqual(plan, capture.order("abc", 12, 5, 1))
        self.assertNotEqual(plan, capture.order("abc", 12, 5, 2))
        self.assertEqual(len(set(plan)), 36)
        self.assertEqual([p[1] for p in plan], sorted(p[1] for p in plan))
        for c in "abc":
            self.assertEqual(sorted(p[2] for p in plan if p[0] == c),
                             [f"{n:02}" for n in range(1, 13)])
            self.assertEqual({sum(p[:2] == (c, g) for p in plan) for g in "12345"}, {2, 3})
        self.assertGreater(len({tuple(p[0] for p in plan if p[1] == g) for g in "12345"}), 1)

    def test_visits_are_captured_in_order(self):
        self.assertEqual(self.capture(), (6, 0))
        plan = capture.order("abc", 2, 2, 1)
        with open(self.log, encoding="utf-8") as f:
            said = [line.split()[:2] for line in f]
        self.assertEqual([s[0] for s in said], ["start", "visit", "end"] * 6)
        self.assertEqual([s[1] for s in said[1::3]], [p[0] for p in plan])
        words = self.logged("start")[0]
        for w in ("-i eth7", f"host {CLIENT}", "-Z root", "--immediate-mode"):
            self.assertIn(w, words)
        self.assertEqual(self.slept.count(3), 6)
        rests = [s for s in self.slept if s != 3]
        self.assertEqual(len(rests), 5)
        self.assertTrue(1 <= min(rests) < max(rests) <= 1.5)

    def test_the_judge_reads_them(self):
        self.capture()
        ts = traces.read(self.out, client=CLIENT)
        self.assertEqual(sorted(v.key for v in ts.visits),
                         sorted((c, g, f"{g}-{n}") for c in "abc" for g, n in ("11", "22")))
        self.assertEqual((ts.visits[0].d.tolist(), ts.visits[0].b.tolist()), ([1, -1], [100, 1500]))
        self.assertEqual(len(traces.splits(ts, 2)), 2)

    def test_the_same_command_goes_on(self):
        self.capture()
        self.assertEqual(self.capture(), (0, 0))
        os.remove(os.path.join(self.out, "b", "2-2.pcap"))
        self.assertEqual(self.capture(), (1, 0))
        self.assertEqual(len(self.logged("visit b")), 3)
        for what, kw in (("window", {"window": 4}), ("seed", {"seed": 2}),
                         ("classes", {"classes": {"a": "true", "b": "true"}})):
            with self.assertRaisesRegex(JudgeError, f"capture.json: .* another {what}"):
                self.capture(**kw)

    def test_a_command_that_fails_is_named(self):
        self.classes["b"] = "echo first >&2; echo no such page >&2; exit 3"
        with self.assertRaisesRegex(JudgeError, "class b: `echo first.*status 3: no such page"):
            self.capture()
        self.assertEqual(len(self.logged("start")), len(self.logged("end")))
        self.assertFalse(os.path.exists(os.path.join(self.out, "b")))

    def test_a_command_that_lasts_is_ended(self):
        """With all that it started: its children would be in the next visit."""
        pid = self.at("pid")
        start = f"sleep 60 & echo $! >>{pid}"
        self.classes = {"a": f"{start}; wait", "b": start}
        self.assertEqual(self.capture(window=.2), (4, 2))
        with open(pid, encoding="utf-8") as f:
            pids = f.read().split()
        self.assertEqual(len(pids), 4)
        # They were told to; who is their parent now may take a while to see it.
        for _ in range(1000):
            if not any(self.runs(p) for p in pids):
                break
            time.sleep(.01)
        self.assertEqual([p for p in pids if self.runs(p)], [])

    @staticmethod
    def runs(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
                return ") Z" not in f.read()
        except OSError:
            return False

    def test_tcpdump_that_cannot(self):
        os.environ["FAKE_FAILS"] = "eth7: No such device exists"
        with self.assertRaisesRegex(JudgeError, "tcpdump on eth7: eth7: No such device"):
            self.capture()
        self.assertEqual(self.logged("visit"), [])
        os.environ.update(FAKE_FAILS="", FAKE_DROPS="12")
        with self.assertRaisesRegex(JudgeError, "12 packets were dropped"):
            self.capture()
        os.environ["FAKE_DROPS"] = "0"
        self.write("pcap", self.head)
        with self.assertRaisesRegex(JudgeError, f"nothing of {CLIENT} was seen on eth7"):
            self.capture()
        self.assertEqual(sorted(os.listdir(self.out)), ["capture.json", "part.pcap"])
        with mock.patch.dict(os.environ, {"PATH": "/nowhere"}):
            with self.assertRaisesRegex(JudgeError, "tcpdump is not there"):
                self.capture()

    def test_what_cannot_be_made_is_refused(self):
        for why, kw in (("--client takes an address, not host", {"client": "host"}),
                        ("two classes", {"classes": {"a": "true"}}),
                        ("1 visits in 2 groups", {"visits": 1}),
                        ("1000000 visits", {"visits": 10**6}), ("-1 s each", {"window": -1})):
            with self.assertRaisesRegex(JudgeError, why):
                self.capture(**kw)

    def test_the_word(self):
        def said(*more):
            out, err = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                try:
                    rc = cli.main(["capture", "-q", "--client", CLIENT, "--interface", "eth7",
                                   "--out", self.out, "--window", "50ms", "--visits", "2",
                                   "--rest", "1ms", *more])
                except SystemExit as e:
                    rc = e.code
            return rc, out.getvalue() + err.getvalue()
        rc, text = said("--class", "a=true", "--class", "b=echo x=y")
        self.assertEqual(rc, 0, text)
        self.assertIn("4 visits captured\n", text)
        self.assertIn(f"rtpl-judge seen --client {CLIENT} --window 0.05s {self.out}", text)
        with open(os.path.join(self.out, "capture.json"), encoding="utf-8") as f:
            self.assertEqual(json.load(f)["classes"], {"a": "true", "b": "echo x=y"})
        self.assertEqual(said("--class", "a=x", "--class", "a=y"),
                         (1, "rtpl-judge: --class: two of one name\n"))
        for word in "a", "a=", "../a=true", ".a=true":
            rc, text = said("--class", word)
            self.assertEqual(rc, 2)
            self.assertIn("not NAME=COMMAND", text)


if __name__ == "__main__":
    results.main()
