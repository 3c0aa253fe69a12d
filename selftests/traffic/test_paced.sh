#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# What a child of class fast paces, or sends later because its sender wants it so, has not waited
# for its link: the latency says nothing of that time.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
cat >"$OUT/pace.py" <<'PY'
"""pace.py rate|txtime ADDRESS: 100 datagrams of 1200 bytes, by fq at 1 Mbit/s, or 10 ms apart"""
import socket, struct, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
if sys.argv[1] == "rate":
    s.setsockopt(socket.SOL_SOCKET, 47, 125000)		# SO_MAX_PACING_RATE
else:
    s.setsockopt(socket.SOL_SOCKET, 61, struct.pack("iI", time.CLOCK_MONOTONIC, 0))	# SO_TXTIME
first = time.clock_gettime_ns(time.CLOCK_MONOTONIC) + 5_000_000
for i in range(100):
    at = [] if sys.argv[1] == "rate" else [(socket.SOL_SOCKET, 61, struct.pack("Q", first + i * 10_000_000))]
    s.sendmsg([bytes(1200)], at, 0, (sys.argv[2], 9))
PY
# arrive CMD...: datagrams that b gets meanwhile
arrive() {
	local before
	before=$(b nstat -asz UdpNoPorts | awk '/^Udp/ { print $2 }')
	"$@"
	sleep 3
	echo $(($(b nstat -asz UdpNoPorts | awk '/^Udp/ { print $2 }') - before))
}
a tc qdisc replace dev eth0 parent 1:2 fq || t_bail "no fq"
t_is "$(arrive a python3 "$OUT/pace.py" rate $B4)" 100 "fq, SO_MAX_PACING_RATE: all arrive"
t_is "$(arrive a python3 "$OUT/pace.py" txtime $B4)" 100 "fq, SO_TXTIME: all arrive"
iperf_up b
t_is "$(a iperf3 -J --fq-rate 300k -t 5 -c $B4 | jq .end.sum_sent.retransmits)" 0 "fq, TCP at 300 kbit/s: no retransmission"
a tc qdisc replace dev eth0 parent 1:2 netem delay 80ms
t_like "$(a ping -q -c 5 -i 0.3 -W 2 $B4)" " 0% packet loss" "netem, longer than the latency: pings pass"
t_is "$(node_drops a latency)" 0 "nothing was dropped as late"
# But what waits because the link is slow is.
a tc qdisc replace dev eth0 parent 1:2 pfifo
a rtplctl peer set "$B_PUB" cell 1400 rate 1mbit latency 50ms
a python3 "$OUT/pace.py" rate $B4
sleep 2
t_between "$(node_drops a latency)" 50 100 "what waits for a slow link is dropped as late"
t_done
