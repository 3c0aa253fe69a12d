#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What traffic in clear costs under the qdisc: packets a second that one and two processors hand to
# a device with four transmit queues, which drops them, under mq (its default), under a root with
# classes and one lock of the kernel's own, and under rtpl, without and with peers. In turns; prints
# a table, asserts nothing.
#
#	selftests/vm/run -c 2 -t 600 selftests/perf/clear-traffic.sh [SECONDS [ROUNDS]]
#
# The senders are pktgen's, by dev_queue_xmit(): one UDP datagram of 60 bytes of frame after the
# other, each processor to a queue of its own.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

secs=${1:-3} rounds=${2:-3}
modprobe pktgen && modprobe dummy && modprobe rtpl || exit 1
topo_up || exit 1
pair_keys
dir=/proc/net/pktgen
ip link add d0 numtxqueues 4 type dummy && ip link set d0 up && ip addr add 198.51.100.1/24 dev d0 || exit 1
rtplctl node set private-key "$PAIR_DIR/a.key"

# rate CPUS: thousand packets a second
rate() {
	local cpu
	echo reset >$dir/pgctrl
	for ((cpu = 0; cpu < $1; cpu++)); do
		echo "add_device d0@$cpu" >$dir/kpktgend_$cpu
		for word in "count 0" "delay 0" "pkt_size 60" "clone_skb 0" "xmit_mode queue_xmit" "dst 198.51.100.9" \
			"dst_mac 02:00:00:00:00:09" "queue_map_min $cpu" "queue_map_max $cpu" "udp_dst_min 9" "udp_dst_max 9"; do
			echo "$word" >"$dir/d0@$cpu"
		done
	done
	echo start >$dir/pgctrl &
	sleep "$secs"
	echo stop >$dir/pgctrl
	wait
	for ((cpu = 0; cpu < $1; cpu++)); do
		sed -n 's/^ *\([0-9]*\)pps .*/\1/p' "$dir/d0@$cpu"
	done | awk '{ n += $1 } END { printf "%.1f\n", n / 1e3 }'
}
root() {
	tc qdisc del dev d0 root 2>/dev/null
	[ "$1" = mq ] || tc qdisc add dev d0 root handle 1: $1
}
peers() {
	local i
	for ((i = 0; i < $1; i++)); do
		rtplctl peer add "$(rtplctl genkey 2>/dev/null | rtplctl pubkey)" allowed "10.$((i / 250)).$((i % 250)).0/24" require on
	done
}
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

cpus=$(nproc)
for who in none some; do
	[ $who = none ] || peers 100
	for ((r = 0; r < rounds; r++)); do
		for kind in mq fq_codel prio rtpl; do
			[ $who = none ] || [ $kind = rtpl ] || continue
			root $kind
			for ((n = 1; n <= cpus; n++)); do
				rate $n >>"$OUT/$who.$kind.$n"
			done
		done
	done
done
for f in none.mq none.fq_codel none.prio none.rtpl some.rtpl; do
	for ((n = 1; n <= cpus; n++)); do
		echo "$f: $n processors, $(median <"$OUT/$f.$n") thousand packets a second, of $(tr '\n' ' ' <"$OUT/$f.$n")"
	done
done | sed 's/^none\.//; s/^some\.rtpl/rtpl, 100 peers/'
T_DONE=1
