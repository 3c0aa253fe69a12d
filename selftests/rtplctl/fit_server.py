#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""An HTTP service for tests: GET /N is answered with N bytes, GET /sN with N pieces of 60 bytes, one
each 40 ms; what is posted is read.

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
        if self.path.startswith("/s"):
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            for _ in range(int(self.path[2:])):
                self.wfile.write(bytes(60))
                time.sleep(.04)
            self.close_connection = True
            return
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
