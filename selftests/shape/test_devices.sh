#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 60
#
# A host with two protected devices, one of them slow: two links wait for it when the qdisc of
# the other one goes. In virtual time, where the clock stands still for a loop that waits for
# the slow device to take a packet.
. "$(dirname "$0")/../lib.sh"
topo_up
pair_up || t_bail "no pair"

#	ns a eth1 (slow) ---- p0 br0 (ns w) ---- ns d, ns e
slow_devices 64000
ip netns add w
ip -n w link add br0 type bridge forward_delay 0 mcast_snooping 0
ip -n w link set br0 up
ip link set slow0 address 02:00:00:00:01:01 netns a name eth1
ip link set slow1 netns w name p0
ip -n w link set p0 master br0 up
ip -n a addr add 198.51.100.1/24 dev eth1
ip -n a link set eth1 up
a tc qdisc add dev eth1 root handle 2: rtpl

# far HOST NUMBER: one more host behind the slow device, and a's link to it.
far() {
	local h=$1 n=$2
	ip netns add "$h"
	ip -n "$h" link add eth0 type veth peer name "p$n" netns w
	ip -n w link set "p$n" master br0 up
	ip -n "$h" addr add "198.51.100.$n/24" dev eth0
	ip -n "$h" link set eth0 up
	(umask 077; rtplctl genkey >"$PAIR_DIR/$h.key")
	in_ns "$h" rtplctl node set private-key "$PAIR_DIR/$h.key" listen $PAIR_PORT
	in_ns "$h" rtplctl peer add "$A_PUB" endpoint 198.51.100.1:$PAIR_PORT allowed 198.51.100.1/32
	in_ns "$h" tc qdisc add dev eth0 root handle 1: rtpl
	a rtplctl peer add "$(rtplctl pubkey <"$PAIR_DIR/$h.key")" endpoint "198.51.100.$n:$PAIR_PORT" \
		allowed "198.51.100.$n/32" cell 300 latency 9s
	wait_until 30 a ping -c 1 -W 5 "198.51.100.$n" || t_bail "no link to $h"
}
far d 2
far e 3
for n in 2 3; do
	nsenter --net=/run/netns/a -- ping -q -i 0.05 -c 20 -W 60 -s 1200 198.51.100.$n >"$OUT/ping.$n" 2>&1 &
	pings[n]=$!
done
sleep 1
t_between "$(a tc -j -s qdisc show dev eth1 | jq '.[0].backlog')" 1 1000000 "the slow device is full"
t_run "the qdisc of the other device goes while two links wait for the slow one" a tc qdisc del dev eth0 root
wait "${pings[@]}"
t_is "$(node_dropped a | tr ' ' '\n' | grep -v '^handshake')" "" "what waited leaves in the end: nothing is dropped"
for n in 2 3; do t_run "host $n answers" a ping -c 1 -W 20 198.51.100.$n; done
t_done
