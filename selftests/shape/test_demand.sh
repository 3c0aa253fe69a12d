#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
# tier: uml
#
# A schedule that decides by how much waits knows what waits in the class, behind the link: a ladder
# goes to the rung that a backlog needs in one step, not by one rung an epoch.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
cat >"$OUT/steep.profile" <<'P'
[Profile]
Name = steep
About = a ladder with far more rungs than a backlog needs

[Sizes]
Cell = 1400

[Schedule]
Kind = ladder
Rates = 100, 200, 400, 800, 1600, 3200 cells/s
Up = 90 %
Down = 40 %
Epoch = 1 s

[Link]
Latency = off
Limit = 1000 packets
P
modprobe rtpl || t_bail "no module"
pair_keys
for h in a b; do
	pair_node $h && in_ns $h rtplctl profile load "$OUT/steep.profile" || t_bail "no node"
done
pair_peer b profile steep role server && pair_peer a profile steep && pair_qdisc a && pair_qdisc b ||
	t_bail "no pair"
pair_wait 20 || t_bail "the link does not come up"
cat >"$OUT/burst.py" <<'PY'
"""burst.py ADDRESS: 700 datagrams of 1300 bytes at once"""
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)		# SO_RCVBUFFORCE
s.setsockopt(socket.SOL_SOCKET, 32, 16 << 20)		# SO_SNDBUFFORCE
for i in range(700):
    s.sendto(bytes(1300), (sys.argv[1], 9))
PY
count() { b nstat -asz UdpNoPorts | awk '/^Udp/ { print $2 }'; }
arrived() { [ $(($(count) - before)) -ge 700 ]; }
# Nothing of fq_codel's in between: what it drops is its own affair.
a tc qdisc replace dev eth0 parent 1:2 pfifo limit 1000
before=$(count)
a python3 "$OUT/burst.py" $B4
t_run "a burst arrives whole" wait_until 20 arrived
t_is "$(a rtplctl -j stats | jq -c '.peers[0] | [.rate_changes, .leak.choices]')" "[1,2]" "two epochs were seen, and one step taken"
t_done
