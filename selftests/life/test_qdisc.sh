#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: vm uml
# timeout: 90
# debug: smp
# tier: uml
#
# The qdisc is replaced by itself, by others, deleted and put back, and its
# classes get other children, under a flood in both directions.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 4)
life_pair
life_flood a
life_flood b

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

life_calm
# idle HOST: nothing waits in the qdisc once nobody sends: what it counted in, it counted out.
idle() {
	tc -n "$1" -s -j qdisc show dev eth0 root |
		jq -e '.[0] | .backlog == 0 and .qlen == 0' >/dev/null
}
t_run "nothing is left waiting at a, by its own count" wait_until 20 idle a
t_run "nothing is left waiting at b, by its own count" wait_until 20 idle b
t_done
