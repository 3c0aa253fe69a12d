#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 300
#
# A line slower than a schedule: its slots are late, and packets in clear, ARP replies among them, share
# the line with them by bytes. (Late slots went first, always: clear packets waited 4.6 s in the mean
# behind `standard`, and 90 % were lost behind `requests`.) Where slots are in time they go first.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
topo_up
topo_host c pc 3
c() { in_ns c "$@"; }
slow_line 1000000 || t_bail "no slow line"
modprobe rtpl || t_skip_all "no module"
pair_keys
pair_node a
pair_node b
iperf_up b
# pings: "LOST MEAN MAX" of 20 pings in clear from c to a; %, ms
pings() {
	c ping -q -c 20 -i 0.2 -W 5 192.0.2.1 >"$OUT/ping"
	sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$OUT/ping"
	sed -n 's#^rtt [^=]*= [^/]*/\([^/]*\)/\([^/]*\)/.*#\1 \2#p' "$OUT/ping"
}
# The constant rate is 2.3 Mbit/s.
for profile in standard requests constant; do
	shape="profile $profile"
	[ $profile != constant ] || shape="profile none cell 1400 rate 200"
	# shellcheck disable=SC2086
	pair_peer a $shape
	pair_peer b profile "$([ $profile = constant ] && echo off || echo $profile)"
	pair_qdisc a
	pair_qdisc b
	wait_until 20 a ping -c 1 -W 2 $B4 || t_bail "$profile: no link"
	a timeout 15 iperf3 -t 7 -c $B4 >/dev/null 2>&1 &
	load=$!
	sleep 2
	# shellcheck disable=SC2207
	got=($(pings))
	wait $load
	t_diag "$profile: ${got[0]} % lost, mean ${got[1]:-none} ms, at most ${got[2]:-none} ms"
	t_between "${got[0]}" 0 4 "$profile: packets in clear come through"
	t_between "${got[1]:-99999}" 0 200 "$profile: and wait for little"
	pair_down
	sleep 1
done
# A rate that the line does carry, 0.6 of it, beside more in clear than it has: a packet in clear in front
# makes slots late, and none is missed.
pair_peer b profile off
pair_peer a profile none cell 1400 rate 52
pair_qdisc a
pair_qdisc b
wait_until 20 a ping -c 1 -W 2 $B4 || t_bail "no link"
missed=$(pair_stat a slots_missed)
a ping -q -i 0.005 -c 1000 -s 1400 192.0.2.3 >/dev/null
missed=$(($(pair_stat a slots_missed) - missed))
t_between $missed 0 10 "0.6 of the line in slots, beside too much in clear: $missed of 260 are missed"
t_done
