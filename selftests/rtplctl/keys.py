#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Keys in the wrong place: nothing that a tool says, whatever the mistake, holds a piece of one.

The tools are taken from the tree. Pieces are of 10 characters: 60 of a key's 256 bits.
"""
import base64
import os
import random
import subprocess
import sys
import tempfile
import time

TOOLS = "tools"
CTL, SIM, PROFILE = (f"{TOOLS}/{t}" for t in ("rtplctl/rtplctl", "sim/rtpl-sim", "profile/rtpl-profile"))
PIECE = 10
RANDOM = random.Random(10)
TMP = tempfile.mkdtemp(dir=os.environ.get("OUT"))
count = failed = 0


def ok(good, what, why=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {what}")
    if not good:
        print("\n".join("# " + line for line in str(why).split("\n")))


def key():
    return base64.b64encode(RANDOM.randbytes(32)).decode()


def pieces(secret, said):
    """Those of @secret that stand in @said."""
    return [secret[i:i + PIECE] for i in range(len(secret) - PIECE + 1) if secret[i:i + PIECE] in said]


def run(*argv, given=None):
    done = subprocess.run(argv, input=given, capture_output=True, text=True, errors="replace", check=False)
    return done.returncode, done.stdout + done.stderr


def write(text, mode=0o600, name="c.conf"):
    path = os.path.join(TMP, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", newline="") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


# What a key looks like after a slip.
SHAPES = {
    "a key": lambda k: k,
    "a letter too many": lambda k: k + "x",
    "a letter too few": lambda k: k[1:],
    "without =": lambda k: k[:-1],
    "half a key": lambda k: k[:24],
    "in quotes": lambda k: f'"{k}"',
    "with a comma": lambda k: k + ",",
    "twice": lambda k: k + k,
    "in hexadecimal": lambda k: base64.b64decode(k).hex(),
    "for an URL": lambda k: k.replace("+", "-").replace("/", "_"),
    "behind a blank": lambda k: " " + k,
}

NODE = "[Node]\nPrivateKey = {good}\n"
PEER = NODE + "[Peer]\nPublicKey = {pub}\n"
FILES = {
    "line ends of an old Mac": "[Node]\rPrivateKey = {k}\rListen = 51900\r",
    "a byte order mark": "\ufeff[Node]\nPrivateKey = {k}\nColour = red\n",
    "section and key in a line": "[Node] PrivateKey = {k}\nListen = 51900\n",
    "a section without its end": "[Node PrivateKey = {k}\n",
    "a section of that name": "[{k}]\n",
    "no section": "PrivateKey = {k}\n",
    "the key alone": "{k}\n",
    "the key in a line of its own": "[Node]\nPrivateKey =\n{k}\n",
    "no =": "[Node]\nPrivateKey {k}\n",
    "a colon": "[Node]\nPrivateKey: {k}\n",
    "name and value exchanged": "[Node]\n{k} = PrivateKey\n",
    "the wrong value": "[Node]\nListen = PrivateKey = {k}\n",
    "an unknown name": "[Node]\nPrivatKey = {k}\n",
    "the private key": "[Node]\nPrivateKey = {k}\n",
    "a private key with a unit": "[Node]\nPrivateKey = {k} s\n",
    "the key for its file": "[Node]\nPrivateKeyFile = {k}\n",
    "the key as a file in a folder": "[Node]\nPrivateKeyFile = keys/{k}\n",
    "a PublicKey": NODE + "[Peer]\nPublicKey = {k}\nColour = red\n",
    "a PresharedKey": PEER + "PresharedKey = {k}\nColour = red\n",
    "a PresharedKeyFile": PEER + "PresharedKeyFile = {k}\n",
    "a line that breaks": "[Node]\nPrivateKey = {h}\n{t}\n",
    **{name: NODE + f"{name} = {{k}}\n" for name in
       ("FwMark", "Device", "Unprotected", "Cell", "Rate", "Latency", "Limit", "Profile")},
    **{name: PEER + f"{name} = {{k}}\n" for name in
       ("Endpoint", "Allowed", "Require", "Keepalive", "Overflow", "Role", "Policy", "Threat", "Load",
        "Budget", "Epoch", "Calm")},
    "an endpoint's host": PEER + "Endpoint = {k}:51900\n",
    "an IPv6 endpoint": PEER + "Endpoint = [{k}]:51900\n",
    "a prefix": PEER + "Allowed = {k}/32\n",
    "a prefix of a list": PEER + "Allowed = 192.0.2.1, {k}\n",
    "a rate of one cell": PEER + "Cell = {k}\nRate = 10mbit\n",
}


def files():
    for what, text in FILES.items():
        leaks, taken = [], 0
        for shape, make in SHAPES.items():
            k, good, pub = key(), key(), key()
            given = make(k)
            path = write(text.format(k=given, h=given[:22], t=given[22:], good=good, pub=pub))
            for tool in ((CTL, "checkconf", path), (CTL, "-j", "checkconf", path), (PROFILE, "blob", path),
                         (SIM, "-p", path, path)):
                rc, said = run(*tool)
                taken += not rc
                for secret in (k, given, good):
                    if pieces(secret, said) and not (rc == 0 and secret == pub):
                        leaks.append(f"{shape}: {' '.join(tool[1:3])}: {said}")
        # What is taken for a public key, or a name, is shown by -j as such.
        leaks = [one for one in leaks if '"public_key":' not in one]
        ok(not leaks, f"file: {what}", "\n".join(leaks[:4]))


def words():
    pub = key()
    places = [["{k}"], ["-n", "{k}", "show"], ["node", "{k}"], ["node", "set", "{k}"], ["node", "set", "{k}", "1"],
              ["node", "set", "private-key", "{k}"], ["node", "set", "listen", "{k}"],
              ["node", "set", "fwmark", "{k}"], ["node", "show", "{k}"], ["genkey", "{k}"], ["pubkey", "{k}"],
              ["pubkey", "-", "{k}"], ["peer", "{k}"], ["peer", "add", "{k}", "{k}"],
              ["peer", "add", "{k}", "rate", "1s"], ["peer", "set", pub, "psk", "{k}"],
              ["peer", "set", pub, "{k}", "1"], ["peer", "set", pub, "endpoint", "{k}"],
              ["peer", "set", pub, "allowed", "{k}"], ["peer", "set", pub, "rate", "{k}"],
              ["peer", "set", pub, "profile", "{k}"], ["peer", "del", "{k}", "x"], ["show", "{k}"],
              ["stats", "{k}", "--nosuch"], ["stats", "--watch", "{k}"], ["monitor", "{k}"], ["setconf", "{k}"],
              ["checkconf", "{k}"], ["checkconf", "./{k}.conf"], ["up", "{k}"], ["up", "--wait", "{k}", "x"],
              ["up", "--{k}", "x"], ["down", "{k}", "{k}"], ["profile", "{k}"], ["profile", "show", "{k}"],
              ["profile", "load", "{k}"], ["profile", "check", "./{k}"], ["help", "{k}"], ["sim", "--profile", "{k}"],
              ["version", "{k}"]]
    for words_ in places:
        leaks = []
        for shape, make in SHAPES.items():
            k = key()
            given = make(k)
            rc, said = run(CTL, *(w.format(k=given) for w in words_), given=given)
            if pieces(k, said) or pieces(given, said):
                leaks.append(f"{shape}: rc {rc}: {said}")
        ok(not leaks, "words: " + " ".join("PUBLIC" if w == pub else w.replace("{k}", "KEY") for w in words_),
           "\n".join(leaks[:4]))


def inputs():
    """Key files with something else in them, and standard input."""
    for command in (["pubkey"], ["pubkey", "-"], ["checkconf", "-"], ["setconf", "-"], ["node", "set", "private-key", "-"]):
        leaks = []
        for shape, make in SHAPES.items():
            k = key()
            for text in (make(k) + "x\n", "PrivateKey = " + make(k) + "\n", make(k) + "\0", "[Node]" + make(k)):
                rc, said = run(CTL, *command, given=text)
                if pieces(k, said):
                    leaks.append(f"{shape}: {said}")
        ok(not leaks, "standard input: " + " ".join(command), "\n".join(leaks[:4]))
    k = key()
    rc, said = run(CTL, "pubkey", write(k + "\n", 0o644, "open"))
    ok("can be read by others" in said and not pieces(k, said), "a key file that others can read", said)


def processes():
    """The list of processes, while the sentence cannot be written: its pipe is full."""
    for before in (["node", "set", "private-key"], ["peer", "set", key(), "psk"]):
        k = key()
        read, full = os.pipe()
        os.set_blocking(full, False)
        try:
            while True:
                os.write(full, b"x" * 4096)
        except BlockingIOError:
            pass
        os.set_blocking(full, True)
        ctl = subprocess.Popen([CTL, *before, k], stderr=full)
        end = time.monotonic() + 20
        line = k
        # An empty one is that of a program which has not begun yet.
        while (not line or pieces(k, line)) and time.monotonic() < end:
            with open(f"/proc/{ctl.pid}/cmdline", encoding="ascii", errors="replace") as f:
                line = f.read()
            time.sleep(0.01)
        ok(line and not pieces(k, line), "list of processes: " + " ".join(before[:2]), line)
        os.close(full)
        os.read(read, 1 << 20)
        ctl.kill()
        ctl.wait()
        os.close(read)


def names_stay():
    """What is no key is quoted as before, or nobody finds their mistake."""
    for argv, said in (
            (["pubkey", "/etc/wireguard/PrivateKeyOfTheOffice.key"], '"/etc/wireguard/PrivateKeyOfTheOffice.key"'),
            (["checkconf", "/srv/Projekte/Office-2026/nosuch.conf"], '"/srv/Projekte/Office-2026/nosuch.conf"'),
            (["-n", "netns-of-the-container", "show"], '"netns-of-the-container"'),
            (["peer", "add", key(), "endpoint", "ec2-54-210-11-22.compute-1.amazonaws.com"],
             '"ec2-54-210-11-22.compute-1.amazonaws.com"'),
            (["peer", "add", key(), "PersistentKeepalive", "25"], '"PersistentKeepalive"'),
            (["peer", "add", key(), "allowed", "2001:db8:a1b2:c3d4:e5f6:1234:5678:9abc/129"],
             '"2001:db8:a1b2:c3d4:e5f6:1234:5678:9abc/129"')):
        rc, out = run(CTL, *argv)
        ok(said in out, f"quoted: {said}", out)


os.environ.pop("LC_ALL", None)
files()
words()
inputs()
processes()
names_stay()
print(f"1..{count}")
sys.exit(failed > 0)
