#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Changes the profile of a peer again and again, faster than by a program each time.

    switch.py PUBKEY client|server ROUNDS PAUSE_MS PROFILE...

in the host's namespace; each time one of the PROFILEs, by chance. Prints how many were
taken."""
import base64
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "netlink"))
from nl import A_PEER, P_PUBLIC_KEY, P_SHAPE, PEER_SET, Refused, Rtpl, S_PROFILE, S_ROLE, attr, u32

key, role, rounds, pause, profiles = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:]
rtpl, taken = Rtpl(), 0
for _ in range(rounds):
    shape = [attr(S_PROFILE, random.choice(profiles).encode() + b"\0"), u32(S_ROLE, ["client", "server"].index(role))]
    try:
        rtpl.do(PEER_SET, [attr(A_PEER, [attr(P_PUBLIC_KEY, base64.b64decode(key)), attr(P_SHAPE, shape)])])
        taken += 1
    except Refused as e:
        print(e, file=sys.stderr)
    time.sleep(pause / 1e3)
print(taken)
