#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The client of a live run: makes the visits of a plan, one after the other, and notes when.

    client.py PLAN ADDRESS PORT LOG [FIFO]

LOG gets a JSON object a line for each visit: its number, when it began (ns since 1970), and
how much later (ns) the first byte of an answer came and the last answer was whole; or `error`,
what went wrong. Standard output says how far it is. FIFO, which attacker.py reads, gets a line when
a visit begins.
"""
import http.client
import json
import os
import sys
import threading
import time

PATIENCE = 20		# seconds that a socket may be silent


class Visit:
    """One visit: a thread for each connection, exchanges on it in the plan's order."""

    def __init__(self, number, exchanges, address, port):
        self.number, self.exchanges, self.to = number, exchanges, (address, port)
        self.done = [threading.Event() for _ in exchanges]
        self.first, self.error = None, None

    def connection(self, numbers):
        conn = http.client.HTTPConnection(*self.to, timeout=PATIENCE)
        try:
            for n in numbers:
                self.exchange(conn, n)
        except (OSError, http.client.HTTPException) as e:
            self.error = f"exchange {n}: {e or type(e).__name__}"
        finally:
            conn.close()
            for n in numbers:
                self.done[n].set()	# who waits for it must not wait for ever

    def exchange(self, conn, n):
        e = self.exchanges[n]
        if e["after"] is not None:
            self.done[e["after"]].wait()
        if e["wait"]:
            time.sleep(e["wait"])
        path = f"/{self.number:06d}/{n:03d}"
        if e["up"]:
            conn.request("POST", path, b"x" * e["up"],
                         {"Content-Type": "application/octet-stream"})
        else:
            conn.request("GET", path)
        answer = conn.getresponse()
        if self.first is None:
            self.first = time.time_ns()
        got = len(answer.read())
        want = sum(length for _, length in e["down"])
        if answer.status != 200 or got != want:
            raise http.client.HTTPException(f"status {answer.status}, {got} bytes of {want}")
        self.done[n].set()

    def make(self):
        numbers = {} if self.exchanges else {0: []}
        for n, e in enumerate(self.exchanges):
            numbers.setdefault(e["conn"], []).append(n)
        began = time.time_ns()
        others = [threading.Thread(target=self.connection, args=(part,))
                  for part in list(numbers.values())[1:]]
        for t in others:
            t.start()
        self.connection(next(iter(numbers.values())))
        for t in others:
            t.join()
        said = {"number": self.number, "began": began, "done": time.time_ns() - began}
        if not self.exchanges:		# nothing to say
            self.first = began
        if self.first is not None:
            said["first"] = self.first - began
        if self.error:
            said["error"] = self.error
        return said


def main():
    if len(sys.argv) not in (5, 6):
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        plan = json.load(f)
    every = max(1, len(plan["visits"]) // 50)
    ready = time.monotonic()
    with open(sys.argv[4], "w", encoding="utf-8") as log, \
            open(sys.argv[5] if len(sys.argv) == 6 else os.devnull, "w", encoding="utf-8") as begins:
        for n, v in enumerate(plan["visits"]):
            ready = max(ready, time.monotonic()) + v["rest"]
            time.sleep(max(0, ready - time.monotonic()))
            began = time.monotonic()
            print(n, file=begins, flush=True)
            said = Visit(n, v["exchanges"], sys.argv[2], int(sys.argv[3])).make()
            log.write(json.dumps(said) + "\n")
            ready = began + plan["window"]
            if (n + 1) % every == 0:
                print(f"made {n + 1} of {len(plan['visits'])}", flush=True)
    # The last window is to be seen whole.
    time.sleep(max(0, ready - time.monotonic()))


if __name__ == "__main__":
    main()
