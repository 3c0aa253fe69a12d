#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 120
# debug: smp
# tier: uml
#
# The device goes down and up, is deleted, and moves to another namespace and
# back, with packets in all queues: before there are keys, as it comes, and at
# a constant rate that leaves packets in the child qdisc, in the link's queue,
# and cells in the release queue.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 1)
life_pair
life_flood a
life_flood b

again() { life_link "$1" && life_qdisc "$1" && life_plug "$1"; }
down_up() { ip -n "$1" link set eth0 down && ip -n "$1" link set eth0 up; }
deleted() { ip -n "$1" link del eth0 && life_device "$1" && again "$1"; }
moved() {
	ip netns add x && ip -n "$1" link set eth0 netns x && ip -n x link set eth0 netns "$1" &&
		ip netns del x && again "$1"
}
# No keys: the handshake is under way, and packets wait for it.
unkeyed() {
	local pub=$B_PUB
	[ "$1" = a ] || pub=$A_PUB
	o tc qdisc replace dev br0 root netem loss 0% && o tc qdisc replace dev pa root netem loss 100% &&
		o tc qdisc replace dev pb root netem loss 100% && life_peer_del "$1" && pair_peer "$1" &&
		"$2" "$1"
	o tc qdisc del dev pa root 2>/dev/null
	o tc qdisc del dev pb root 2>/dev/null
	return 0
}
shape() {
	local h=$1
	shift
	in_ns "$h" rtplctl peer set "$([ "$h" = a ] && echo "$B_PUB" || echo "$A_PUB")" "$@"
}

for what in down_up deleted moved; do
	for sort in "rate off cell device" "rate 20 cell device latency 5s limit 500" "$LIFE_FAST latency 1s"; do
		shape a $sort
		shape b $sort
		LIFE_BAD=
		for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
			life_must $what a
			life_must $what b
		done
		t_is "$LIFE_BAD" "" "$what under a flood, $sort, $n times"
	done
	shape a rate off cell device latency off
	shape b rate off cell device latency off
	t_run "and the link works" life_works
	LIFE_BAD=
	life_must unkeyed a $what
	t_is "$LIFE_BAD" "" "$what with a handshake under way"
	t_run "and the link works" life_works
done
life_calm
t_done
