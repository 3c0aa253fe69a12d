#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A model's answers, streamed token by token over HTTP.

    answers.py ADDRESS PORT

GET /NAME?visit=N answers with server-sent events, one chunk and one packet for
each token, as services of language models do. The text of NAME is always the same,
the gaps between its tokens are drawn anew for each visit (lognormal, from a
seed: every run of the demo sees the same ones).
"""
import json
import random
import re
import sys
import time

GAP_MEDIAN, GAP_SIGMA, GAP_MAX = 0.022, 0.5, 0.08	# seconds; of the logarithm; seconds

ANSWERS = {
    "headache": "A headache that comes on suddenly, with fever and a stiff neck, should be "
                "seen by a doctor today. Until then, drink water and rest.",
    "divorce": "You can file without a lawyer, but gather tax returns, bank statements and the "
               "deed first. Courts want both incomes disclosed before any hearing.",
    "merger": "Assuming 4.2 billion enterprise value, the offer is 11.3 times EBITDA. "
              "Synergies below 90 million would make it dilutive in year one.",
    "password": "Do not reuse it. Change the password, sign out all other sessions, turn on "
                "two-factor authentication and look for new forwarding rules.",
    "recipe": "Fry the onions slowly until they are brown. Add rice, stock and a bay leaf, cover "
              "it, and do not stir for eighteen minutes.",
}


def tokens(text):
    """Cut as a tokenizer would: words with the space before them, long ones in pieces."""
    out = []
    for piece in re.findall(r" ?[A-Za-z]+| ?[0-9]{1,3}|[^A-Za-z0-9]", text):
        head = 7 if len(piece) > 9 else len(piece)
        out += [piece[:head]] + ([piece[head:]] if piece[head:] else [])
    return out


def event(token):
    said = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": token}}]}
    return b"data: " + json.dumps(said, separators=(",", ":")).encode() + b"\n\n"


def body(name):
    return b"".join(event(t) for t in tokens(ANSWERS[name])) + b"data: [DONE]\n\n"


def gaps(name, visit):
    rnd = random.Random(f"{name}/{visit}")
    while True:
        yield min(rnd.lognormvariate(0, GAP_SIGMA) * GAP_MEDIAN, GAP_MAX)


def serve(address, port):
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            name, _, visit = self.path.lstrip("/").partition("?visit=")
            if name not in ANSWERS:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Connection", "close")
            self.end_headers()
            due = time.monotonic()
            for token, gap in zip(tokens(ANSWERS[name]), gaps(name, visit)):
                due += gap
                time.sleep(max(0, due - time.monotonic()))
                self.chunk(event(token))
            self.chunk(b"data: [DONE]\n\n")
            self.chunk(b"")

        def chunk(self, data):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

        def log_message(self, *_):
            pass

    ThreadingHTTPServer((address, port), Handler).serve_forever()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    serve(sys.argv[1], int(sys.argv[2]))
