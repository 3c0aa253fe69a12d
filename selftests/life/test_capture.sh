#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 300
# debug: smp
# tier: uml
#
# What a capture hangs on goes while its records flow, at both ends: the module, a namespace, the
# peer; and the program that captures. Packets that a link of a constant rate has taken already go
# on without a qdisc, which would keep the module.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 2)
modprobe rtpl || t_bail "no module"
pair_keys
life_topo
module_gone
SPARE=$(rtplctl genkey | rtplctl pubkey)

ready() { [ -s "$OUT/$1" ]; }
flows() { [ "$(cat "$OUT/$1")" -gt "${2:-20}" ]; }
is_up() { in_ns "$1" rtplctl show | grep -q 'state: up'; }
# Of two links each takes what it can queue.
setup() {
	local h
	for h in a b; do
		life_netns $h && life_device $h && life_link $h && life_plug $h && pair_node $h &&
			pair_peer $h require off rate 100 latency off limit 3000 &&
			in_ns $h rtplctl peer add "$SPARE" require off 2>/dev/null || return
	done
	wait_until 20 is_up a && wait_until 20 is_up b
}
# Captures at both ends, of some seconds' packets that nobody has to hand over any more.
flow() {
	local h
	for h in a b; do
		rm -f "$OUT/$h"
		life_qdisc $h || return
	done
	nsenter --net=/run/netns/a -- "$LIFE_PYTHON" "$LIFE/capture.py" "$B_PUB" "$OUT/a" >/dev/null 2>&1 & CAP_A=$!
	nsenter --net=/run/netns/b -- "$LIFE_PYTHON" "$LIFE/capture.py" "$A_PUB" "$OUT/b" >/dev/null 2>&1 & CAP_B=$!
	wait_until 20 ready a && wait_until 20 ready b || return
	for h in a b; do
		in_ns $h "$LIFE_PYTHON" - "$(if [ $h = a ]; then echo $B4; else echo $A4; fi)" <<-'PY' || return
			import socket, sys
			s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
			s.setsockopt(socket.SOL_SOCKET, 32, 16 << 20)
			for i in range(2900):	# half a minute of slots
			    s.sendto(bytes(1000), (sys.argv[1], 9))
		PY
		tc -n $h qdisc del dev eth0 root || return
	done
	wait_until 10 flows a && wait_until 10 flows b
}
# Records still come at both ends.
flow_on() {
	local a b
	a=$(cat "$OUT/a") b=$(cat "$OUT/b")
	wait_until 20 flows a "$a" && wait_until 20 flows b "$b"
}
stop() { kill $CAP_A $CAP_B 2>/dev/null; wait $CAP_A $CAP_B 2>/dev/null; }
down() {
	stop
	for h in a b; do
		! ip netns pids $h 2>/dev/null | grep -q . || sleep 0.2
		ip netns del $h 2>/dev/null
	done
	true
}
# rounds WHAT COMMAND...: the command, while records flow at both ends.
rounds() {
	local what=$1
	shift
	LIFE_BAD=
	for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
		life_must modprobe rtpl
		# Not life_must: they leave programs behind, which would hold its pipe.
		setup && flow || { LIFE_BAD+="no records: a $(cat "$OUT/a") b $(cat "$OUT/b")"$'\n'; }
		flow_on || LIFE_BAD+="no more records than: a $(cat "$OUT/a") b $(cat "$OUT/b")"$'\n'
		"$@" || LIFE_BAD+="round $LIFE_ROUND: $* failed"$'\n'
		down
		module_gone
	done
	t_is "$LIFE_BAD" "" "$what, $n times, after $(cat "$OUT/a") and $(cat "$OUT/b") records"
}

netns_goes() { ip netns del b && kill $CAP_B && ip netns del a; }
peer_goes() { a rtplctl peer del "$B_PUB" && b rtplctl peer del "$A_PUB"; }
# And the next one begins at once.
program_goes() {
	local i
	for ((i = 0; i < 6; i++)); do
		kill -9 $CAP_A
		wait $CAP_A 2>/dev/null
		rm -f "$OUT/a"
		nsenter --net=/run/netns/a -- "$LIFE_PYTHON" "$LIFE/capture.py" "$B_PUB" "$OUT/a" >/dev/null 2>&1 & CAP_A=$!
		wait_until 10 ready a || return
	done
}
rounds "the module goes while records flow" rmmod rtpl
rounds "a namespace goes" netns_goes
rounds "the peer goes" peer_goes
rounds "the program goes, and another comes" program_goes
modprobe rtpl
life_calm
t_done
