#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
# tier: uml
#
# While a request that has no end comes, an exchange holds what is large and lets its replies carry
# pieces of it. A super-packet arrives whole all the same, though in cells of a reply's size alone it
# would span more of them than a block may.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
pair_up profile requests || t_bail "no pair"
b rtplctl peer set "$A_PUB" role server || t_bail "no role"
pair_wait 20 || t_bail "the link does not come up"

cat >"$OUT/flood.py" <<'PY'
"""flood.py ADDRESS SECONDS: 8000 datagrams of 1300 bytes a second"""
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(400 * int(sys.argv[2])):
    for k in range(20):
        s.sendto(bytes(1300), (sys.argv[1], 9))
    time.sleep(0.01 - time.time() % 0.01)
PY
cat >"$OUT/super.py" <<'PY'
"""super.py ADDRESS: one super-packet of 40 datagrams of 1400 bytes"""
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_UDP, 103, 1400)		# UDP_SEGMENT
s.sendto(bytes(40 * 1400), (sys.argv[1], 7))
PY
cat >"$OUT/take.py" <<'PY'
"""take.py ADDRESS: how many datagrams came, when none has for a second"""
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)		# SO_RCVBUFFORCE
s.bind((sys.argv[1], 7))
s.settimeout(8)
n = 0
try:
    while True:
        n += len(s.recv(65535)) == 1400
        s.settimeout(1)
except TimeoutError:
    print(n)
PY
came() { [ "$(b nstat -asz UdpNoPorts | awk '/^Udp/ { print $2 }')" -gt 1000 ]; }

a python3 "$OUT/take.py" $A4 >"$OUT/took" &
took=$!
a python3 "$OUT/flood.py" $B4 2 &
wait_until 10 came
b python3 "$OUT/super.py" $A4
t_diag "$(b rtplctl -j stats | jq -c '.peers[0]|[.rx_cells,.tx_cells,.tx_chaff]')"
wait $took
t_diag "$(b rtplctl -j stats | jq -c '.peers[0]|[.rx_cells,.tx_cells,.tx_chaff]')"
t_is "$(cat "$OUT/took")" 40 "all of a super-packet's datagrams arrive"
t_is "$(b rtplctl -j stats | jq '.drops["too-big"].count')" 0 "none was too large"
t_done
