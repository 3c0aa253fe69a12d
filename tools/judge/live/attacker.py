#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The attacker of a live run, on the observer's bridge: holds, or loses, what one end sends.

    attacker.py PLAN PORT HALF FIFO

PORT is the bridge's port to the other end. Its qdisc is a netem, which delays by HALF, with a plug
under it. FIFO says when a visit begins, a line each. The plan's `attack` says what is done then: `at`
seconds later, for `for` seconds, all is held, to come when that is over, in its order, or, with
`lose`, so many per cent never come.
"""
import json
import subprocess
import sys
import time


def tc(port, *words):
    subprocess.run(["tc", "qdisc", "change", "dev", port, *words], check=True)


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        attack = json.load(f)["attack"]
    port, netem = sys.argv[2], ["root", "handle", "1:", "netem", "delay", sys.argv[3], "limit", "100000"]
    plug = ["parent", "1:1", "handle", "2:", "plug"]
    lose = attack.get("lose")
    with open(sys.argv[4], encoding="utf-8") as begins:
        for _ in begins:
            time.sleep(attack["at"])
            tc(port, *(netem + ["loss", f"{lose}%"] if lose else plug + ["block"]))
            time.sleep(attack["for"])
            tc(port, *(netem + ["loss", "0%"] if lose else plug + ["release_indefinite"]))


if __name__ == "__main__":
    main()
