# SPDX-License-Identifier: GPL-2.0
"""Captures of a host that one has: for each class a shell command that makes its traffic.

Visits are in blocks, the groups: each class is in each group, in an order by chance, so that
what changes with the hours is no sign of a class, and an attack can be tested on a block that
it was not trained on. One visit at a time: tcpdump watches from before the command starts until
the window is over. What is there already is not made again, so that the same command goes on
where it was broken off.
"""
import ipaddress
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

from . import JudgeError

HEADERS = 128			# bytes of a packet that are kept: link, IP, TCP or UDP
BUFFER = 16384			# KiB, of what tcpdump has yet to take
EMPTY = 24			# bytes of a pcap file without a packet
MOST_VISITS = 10**6		# in all
PATIENCE = 10			# seconds for tcpdump and a command to end when told to


def order(classes, visits, groups, seed):
    """[(class, group, visit)] in the order in which they are made; groups and the visits of a
    class count from 1, with zeros in front, so that names sort as they were made."""
    import numpy as np
    r = np.random.default_rng(seed)
    wide_group, wide_visit = len(str(groups)), len(str(visits))
    out = []
    for g in range(groups):
        block = [(c, f"{g + 1:0{wide_group}}", f"{v + 1:0{wide_visit}}")
                 for c in classes for v in range(g * visits // groups, (g + 1) * visits // groups)]
        out += [block[i] for i in r.permutation(len(block))]
    return out


def _last_line(text):
    return (text.strip().splitlines() or ["it said nothing"])[-1]


class Watch:
    """tcpdump on an interface, as a context: it listens when the context begins, and has written
    all to `path` when it ends."""

    def __init__(self, interface, client, path):
        self.where = f"tcpdump on {interface}"
        # As root it would go on as another user, who cannot write here. Unless immediate, it gets
        # packets a second late, and those of the last second never.
        self.command = ["tcpdump", "-n", "-p", "-U", "--immediate-mode", "-B", str(BUFFER),
                        "-Z", "root", "-s", str(HEADERS), "-i", interface, "-w", path,
                        "host", client]

    def _failed(self, said):
        hint = "" if os.geteuid() == 0 else "; captures need root"
        own = re.findall(r"^tcpdump: (.*)", said, re.M)
        return JudgeError(f"{self.where}: {own[-1] if own else _last_line(said)}{hint}")

    def __enter__(self):
        self.p = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                                  start_new_session=True)
        said = ""
        for line in self.p.stderr:
            said += line
            if "listening on" in line:
                return self
        self.p.wait()
        self.p.stderr.close()
        raise self._failed(said)

    def __exit__(self, kind, value, trace):
        self.p.send_signal(signal.SIGINT)
        try:
            said = self.p.communicate(timeout=PATIENCE)[1]
        except subprocess.TimeoutExpired:
            self.p.kill()
            said = self.p.communicate()[1]
        if kind is not None:
            return
        if self.p.returncode:
            raise self._failed(said)
        dropped = re.search(r"^(\d+) packets? dropped by kernel", said, re.M)
        if dropped and int(dropped[1]):
            raise JudgeError(f"{self.where}: {dropped[1]} packets were dropped; "
                             "the same command makes this visit again")


def _end(p):
    """A command with all that it started."""
    for sign in signal.SIGTERM, signal.SIGKILL:
        try:
            os.killpg(p.pid, sign)
            p.wait(PATIENCE)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            pass


def visit(cls, command, watch, window, now=time.monotonic, sleep=time.sleep):
    """One visit; True if its command was over in the window. If not, it is ended then."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as err:
        with watch:
            began = now()
            p = subprocess.Popen(command, shell=True, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=err, start_new_session=True)
            try:
                p.wait(window)
                if p.returncode == 0:
                    sleep(max(0, window - (now() - began)))
            except subprocess.TimeoutExpired:
                pass
            finally:
                status = p.returncode
                _end(p)
            if status:
                err.seek(0)
                raise JudgeError(f"class {cls}: `{command}` failed with status {status}: "
                                 f"{_last_line(err.read(10**5))}")
    return status is not None


def capture(client, interface, classes, visits, window, out, seed=1, groups=5, rest=1.0,
            progress=None, now=time.monotonic, sleep=time.sleep):
    """Makes `visits` visits of each of {class: command}, and writes OUT/CLASS/GROUP-VISIT.pcap.

    window: seconds that each is watched; rest: seconds between two, 1 to 1.5 times it, by chance.
    Returns (visits made now, of them how many whose command was not over in the window).
    """
    if not shutil.which("tcpdump"):
        raise JudgeError("tcpdump is not there: Debian's package tcpdump has it")
    try:
        ipaddress.ip_address(client)
    except ValueError:
        raise JudgeError(f"--client takes an address, not {client}") from None
    if len(classes) < 2:
        raise JudgeError("two classes are needed, at least: nothing to tell apart")
    if not 2 <= groups <= visits or visits * len(classes) > MOST_VISITS or not 0 < window <= 3600:
        raise JudgeError(f"{visits} visits in {groups} groups, {window:g} s each: 2 groups, no "
                         f"more than visits, at most {MOST_VISITS} visits in all, and windows "
                         "of up to an hour can be made")
    settings = {"client": client, "interface": interface, "classes": classes, "visits": visits,
                "groups": groups, "window": window, "seed": seed}
    _same(os.path.join(out, "capture.json"), settings)
    import numpy as np
    plan = order(sorted(classes), visits, groups, seed)
    r = np.random.default_rng([seed, 1])
    made = late = 0
    part = os.path.join(out, "part.pcap")
    for n, (cls, group, number) in enumerate(plan):
        wait = rest * r.uniform(1, 1.5)
        path = os.path.join(out, cls, f"{group}-{number}.pcap")
        if os.path.exists(path):
            continue
        if made:
            sleep(wait)
        if progress:
            progress(n / len(plan), f"visit {n + 1} of {len(plan)}, {cls}")
        late += not visit(cls, classes[cls], Watch(interface, client, part), window, now, sleep)
        if os.path.getsize(part) <= EMPTY:
            raise JudgeError(f"class {cls}: nothing of {client} was seen on {interface} in "
                             f"{window:g} s of `{classes[cls]}`")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.replace(part, path)
        made += 1
    return made, late


def _same(path, settings):
    """A folder holds captures of one kind only."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                before = json.load(f)
            other = [k for k, v in settings.items() if before.get(k) != v]
            if other:
                raise JudgeError(f"{path}: these captures were made with another "
                                 f"{', '.join(other)}; use another folder")
            return
        with open(path, "w", encoding="utf-8") as f:
            json.dump(settings, f, indent=1)
            f.write("\n")
    except OSError as e:
        raise JudgeError(f"{path}: {e.strerror}") from None
    except (ValueError, AttributeError):
        raise JudgeError(f"{path}: not what a capture leaves") from None


# ---- the word ------------------------------------------------------------------------------------

def _class(word):
    import argparse
    m = re.fullmatch(r"([A-Za-z0-9_][A-Za-z0-9._-]*)=(.*\S.*)", word, re.S)
    if not m:
        raise argparse.ArgumentTypeError(f"not NAME=COMMAND: {word}")
    return m[1], m[2]


def add(sub):
    """The word `capture` and its options."""
    from .cli import seconds, whole
    c = sub.add_parser("capture", help="capture a command's traffic for each class")
    c.add_argument("--client", required=True, metavar="ADDRESS", help="the protected host")
    c.add_argument("--interface", required=True, metavar="NAME", help="where tcpdump listens")
    c.add_argument("--class", required=True, action="append", type=_class, dest="classes",
                   metavar="NAME=COMMAND", help="a class, and what makes a visit of it")
    c.add_argument("--visits", type=whole(2, MOST_VISITS), default=30, metavar="N",
                   help="of each class (30)")
    c.add_argument("--window", type=seconds, required=True, metavar="TIME",
                   help="how long each visit is watched")
    c.add_argument("--groups", type=whole(2, 1000), default=5, metavar="N",
                   help="blocks in which visits are made (5)")
    c.add_argument("--rest", type=seconds, default=1., metavar="TIME", help="between two (1s)")
    c.add_argument("--seed", type=whole(0, 10**9), default=1, help="of their order (1)")
    c.add_argument("--out", required=True, metavar="DIR", help="where captures go")
    c.add_argument("-q", "--quiet", action="store_true", help="no progress")


def do(args):
    """Captures, and says what to do with them."""
    from .run import Progress
    classes = dict(args.classes)
    if len(classes) < len(args.classes):
        raise JudgeError("--class: two of one name")
    progress = Progress(args.quiet)
    progress.step("capture")
    try:
        made, late = capture(args.client, args.interface, classes, args.visits, args.window,
                             args.out, args.seed, min(args.groups, args.visits), args.rest,
                             progress)
    finally:
        progress.end()
    ended = f"; {late} commands were not over in {args.window:g} s, and ended" if late else ""
    print(f"{args.out}: {made} visits captured{ended}")
    print(f"rtpl-judge seen --client {args.client} --window {args.window:g}s {args.out}")
