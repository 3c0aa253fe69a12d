#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# Two links on one processor, slots of a constant rate and packets that leave as they come: the
# second builds little at a time where a slot of the first is near, and all it can where none is.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

trace_instance share
topo_up || t_bail "topology"
topo_host c pc 3
# c's cells leave by a device of their own, without a qdisc whose room would bound them, too.
ip -n a link add eth1 type veth peer name eth1 netns c
for h in a c; do ip -n $h link set eth1 up; done
ip -n a addr add 203.0.113.1/24 dev eth1
ip -n c addr add 203.0.113.2/24 dev eth1
ip -n a route add 198.51.100.0/24 via 192.0.2.3
pair_up rate 1000 latency 100ms || t_bail "pair"
(umask 077; rtplctl genkey >"$PAIR_DIR/c.key")
C_PUB=$(rtplctl pubkey <"$PAIR_DIR/c.key")
in_ns c rtplctl node set private-key "$PAIR_DIR/c.key" listen $PAIR_PORT
# shellcheck disable=SC2153 # pair_keys
in_ns c rtplctl peer add "$A_PUB" endpoint "203.0.113.1:$PAIR_PORT" allowed "$A4/32"
in_ns c ip addr add 198.51.100.1/32 dev lo
in_ns c tc qdisc add dev eth0 root handle 1: rtpl
a rtplctl peer add "$C_PUB" endpoint "203.0.113.2:$PAIR_PORT" allowed 198.51.100.0/24 || t_bail "no third"
wait_until 30 a ping -c 1 -W 1 $B4 || t_bail "no answer from b"
wait_until 30 a ping -c 1 -W 1 198.51.100.1 || t_bail "no answer from c"
net=$(a readlink /proc/self/ns/net | tr -dc 0-9)
id=$(a rtplctl -j show | jq -r --arg k "$C_PUB" '.peers[] | select(.public_key == $k) | .id')

# most: the largest number of cells that c's link may build at a time, of 60 bursts.
most() {
	echo >$TRACE/trace
	echo 1 >$TRACE/events/rtpl/rtpl_engine/enable
	a python3 - 198.51.100.1 <<-'PY'
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.IPPROTO_UDP, 103, 1200)	# UDP_SEGMENT
	for _ in range(60):
	    s.sendto(bytes(48000), (sys.argv[1], 9))
	    time.sleep(0.0131)
	PY
	echo 0 >$TRACE/events/rtpl/rtpl_engine/enable
	sed -n "s/.* net=$net peer=$id what=asked .* most=\([0-9]*\).*/\1/p" $TRACE/trace | sort -n | tail -n 1
}
t_is "$(most)" 16 "slots every millisecond: 16 cells at a time beside them"
# Both ends: all hosts share the one processor.
# shellcheck disable=SC2153 # pair_keys
a rtplctl peer set "$B_PUB" rate 2 latency 2s && b rtplctl peer set "$A_PUB" rate 2 latency 2s || t_bail "no slow rate"
sleep 2
t_between "$(most)" 17 1000 "slots every half second: a whole batch between them"
rmdir $TRACE
t_done
