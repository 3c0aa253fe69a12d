#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 300
# debug: smp
# tier: uml
#
# The module is unloaded while namespaces still have nodes and peers that do not
# require protection, with handshakes, cells of constant rates, exchanges, captures
# and foreign datagrams under way; and refuses to go as long as a peer requires it.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 6)
modprobe rtpl || t_bail "no module"
pair_keys
life_topo
for h in a b; do
	life_netns $h && life_device $h && life_link $h && life_plug $h || t_bail "host $h"
done
module_gone
a socat -u -b 1400 OPEN:/dev/urandom UDP-SENDTO:$B4:$PAIR_PORT &
b socat -u -b 1400 OPEN:/dev/urandom UDP-SENDTO:$A4:$PAIR_PORT &
disown -a
life_flood a

rates=("rate 100" "$LIFE_FAST" "profile exchange")
sessions() { a rtplctl show | grep -q 'state: up'; }
LIFE_BAD=
captures=()
for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
	life_must modprobe rtpl
	for h in a b; do
		life_must pair_node $h
		life_must in_ns $h rtplctl profile load "$T_LIB/shape/profiles/exchange.profile"
		life_must pair_peer $h require off ${rates[LIFE_ROUND % 3]}
		# Exchanges send what there is, so a qdisc has to give them some.
		[ $((LIFE_ROUND % 3)) != 2 ] || life_must life_qdisc $h
	done
	# Every fourth time in the middle of the handshake.
	[ $((LIFE_ROUND % 4)) = 0 ] || life_must wait_until 20 sessions
	for h in a b; do
		[ $((LIFE_ROUND % 3)) != 2 ] || life_must tc -n $h qdisc del dev eth0 root
	done
	# A capture that is under way keeps nobody from it. Its first second is not recorded.
	a timeout 600 rtplctl fit record "$B_PUB" --for 10min --out "$OUT/$LIFE_ROUND.csv" \
		>"$OUT/$LIFE_ROUND.said" 2>&1 &
	captures+=($!)
	sleep 1.2
	# Its first requests do, while they are answered.
	life_must wait_until 20 rmmod rtpl
done
kill "${captures[@]}" 2>/dev/null
wait "${captures[@]}"
t_is "$LIFE_BAD" "" "unloaded while two namespaces have nodes at work, $n times"

life_must modprobe rtpl
pair_node a
pair_peer a require on
t_fails "a required peer keeps the module" rmmod rtpl
a rtplctl peer set "$B_PUB" require off
a tc qdisc add dev eth0 root rtpl
t_fails "a qdisc keeps the module" rmmod rtpl
a tc qdisc del dev eth0 root
t_run "nothing else does" rmmod rtpl
life_calm
modprobe rtpl
t_done
