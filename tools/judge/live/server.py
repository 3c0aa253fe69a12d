#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The service of a live run: answers as its plan has it, over ordinary HTTP/1.1.

    server.py PLAN ADDRESS PORT

/VISIT/EXCHANGE (numbers) names a request of the plan (rtpl_judge/workloads.py says what is
in one); the server takes the request's body, waits and answers with so many bytes.
"""
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self):
        _, visit, number = self.path.split("/")
        exchange = self.server.visits[int(visit)]["exchanges"][int(number)]
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        due = time.monotonic()
        for n, (seconds, length) in enumerate(exchange["down"]):
            due += seconds
            time.sleep(max(0, due - time.monotonic()))
            if not n:
                self.head(exchange)
            self.part(exchange, length)
        if exchange["stream"]:
            self.wfile.write(b"0\r\n\r\n")

    do_GET = do_POST = answer

    def head(self, exchange):
        self.send_response(200)
        if exchange["stream"]:
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(sum(n for _, n in exchange["down"])))
        self.end_headers()

    def part(self, exchange, length):
        data = b"x" * length
        self.wfile.write(b"%x\r\n%s\r\n" % (length, data) if exchange["stream"] else data)

    def log_message(self, *_):
        pass


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        visits = json.load(f)["visits"]
    server = Server((sys.argv[2], int(sys.argv[3])), Handler)
    server.visits = visits
    server.serve_forever()


if __name__ == "__main__":
    main()
