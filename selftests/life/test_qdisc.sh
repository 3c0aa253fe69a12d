#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 240
# debug: smp
# tier: uml
#
# The qdisc is replaced by itself, by others, deleted and put back, and its
# classes get other children, under a flood in both directions; with exchanges the device goes down, too. LIFE_SLOW: a's line has so many bit/s.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 4)
if [ -n "${LIFE_SLOW:-}" ]; then
	slow_devices "$LIFE_SLOW"
	life_device() {
		if [ "$1" = a ]; then
			ip link set slow0 address 02:00:00:00:00:01 netns a name eth0 &&
				ip link set slow1 netns o name pa && ip -n o link set pa master br0
		else
			ip -n "$1" link add eth0 address 02:00:00:00:00:02 type veth peer name pb netns o &&
				ip -n o link set pb master br0
		fi
	}
	# Without answers: the bridge's side of the line has a queue of seconds.
	life_flood() {
		nsenter --net="/run/netns/$1" -- nice "$LIFE_PYTHON" -c '
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    for size in 1200, 3000:
        try:
            s.sendto(bytes(size), (sys.argv[1], 9))
        except OSError:
            pass
    time.sleep(0.004)' $B4 &
		LIFE_FLOODS+=($!)
		disown -a
	}
fi
life_pair
life_flood a
[ -n "${LIFE_SLOW:-}" ] || life_flood b

# times NAME CMD...: n times at a, then at b.
times() {
	local name=$1 i h
	shift
	LIFE_BAD=
	for ((i = 0; i < n; i++)); do
		for h in a b; do LIFE_ROUND=$i; life_must "$@" $h; done
	done
	t_is "$LIFE_BAD" "" "$name, $n times"
	t_run "and the link works" life_works
}
itself() {
	tc -n "$1" qdisc replace dev eth0 root handle 2: rtpl unprotected drop &&
		tc -n "$1" qdisc replace dev eth0 root handle 1: rtpl unprotected drop
}
other() {
	tc -n "$1" qdisc replace dev eth0 root handle 2: fq_codel &&
		tc -n "$1" qdisc replace dev eth0 root handle 1: rtpl unprotected drop
}
deleted() { tc -n "$1" qdisc del dev eth0 root && life_qdisc "$1"; }
children() {
	tc -n "$1" qdisc replace dev eth0 parent 1:2 handle 12: pfifo limit 5 &&
		tc -n "$1" qdisc replace dev eth0 parent 1:1 handle 11: sfq &&
		tc -n "$1" qdisc replace dev eth0 parent 1:2 handle 13: netem delay 2ms &&
		tc -n "$1" qdisc del dev eth0 parent 1:2 &&
		tc -n "$1" qdisc replace dev eth0 parent 1:2 handle 14: tbf rate 100mbit burst 20k latency 5ms
}
changed() {
	tc -n "$1" qdisc change dev eth0 root handle 1: rtpl limit 20 cell 600 &&
		tc -n "$1" qdisc change dev eth0 root handle 1: rtpl rate 500 limit 100 cell 800 &&
		tc -n "$1" qdisc change dev eth0 root handle 1: rtpl rate off cell device limit 1000
}
times "replaced by itself" itself
times "replaced by fq_codel and back" other
times "deleted and put back" deleted
times "other children" children
times "other options" changed
# Exchanges hold packets and cells of their own.
downup() { ip -n "$1" link set eth0 down && ip -n "$1" link set eth0 up; }
for h in a b; do
	pub=$B_PUB
	[ $h = a ] || pub=$A_PUB
	in_ns $h rtplctl profile load "$T_LIB/shape/profiles/exchange.profile" &&
		in_ns $h rtplctl peer set "$pub" profile exchange || t_bail "no profile at $h"
done
t_run "exchanges: the link works" life_works
times "exchanges: replaced by itself" itself
times "exchanges: deleted and put back" deleted
times "exchanges: device down and up" downup

life_calm
# idle HOST: nothing waits in the qdisc once nobody sends: what it counted in, it counted out.
idle() {
	tc -n "$1" -s -j qdisc show dev eth0 root |
		jq -e '.[0] | .backlog == 0 and .qlen == 0' >/dev/null
}
t_run "nothing is left waiting at a, by its own count" wait_until 20 idle a
t_run "nothing is left waiting at b, by its own count" wait_until 20 idle b
if [ -n "${LIFE_SLOW:-}" ]; then
	# The slow devices go with their module.
	for h in a b; do in_ns $h tc qdisc del dev eth0 root; done
	t_run "nothing holds the devices" modprobe -r rtpl_slowdev
fi
t_done
