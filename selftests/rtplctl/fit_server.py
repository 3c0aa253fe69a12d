#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""An HTTP service for test_fit.sh: GET /N is answered with N bytes; what is posted is read.

    fit_server.py ADDRESS PORT [SECONDS]     each answer begins SECONDS late (0)
"""
import http.server
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    late = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0

    def do_GET(self):
        time.sleep(self.late)
        body = bytes(int(self.path[1:]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
