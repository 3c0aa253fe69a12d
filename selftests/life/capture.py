#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""capture.py KEY FILE: captures the packets of the peer KEY, and writes to FILE how many there were,
whenever some come. It goes on until it is killed."""
import base64
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "netlink"))
from nl import A_PACKETS, A_PEER, K_ENTRY, P_PUBLIC_KEY, PACKETS, TAP, Rtpl, attr, attrs, first  # noqa: E402

rtpl = Rtpl()
rtpl.sk.setsockopt(1, 33, 4 << 20)		# SO_RCVBUFFORCE
rtpl.do(TAP, [attr(A_PEER, [attr(P_PUBLIC_KEY, base64.b64decode(sys.argv[1]))])])
rtpl.sk.settimeout(None)
n = 0
out = open(sys.argv[2], "w")
while True:
    out.seek(0)
    out.write(f"{n}\n")
    out.flush()
    for kind, _, body in rtpl.messages():
        if kind == rtpl.family and body[0] == PACKETS:
            n += sum(k == K_ENTRY for k, _ in attrs(first(attrs(body[4:]), A_PACKETS)))
