#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 180
# tier: uml
#
# Hosts that reach each other through a virtual LAN on the protected device, its
# tag beside the packet or in it: cells carry their packets as any others.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"

size=200000
WATCH_ALSO="198.51.100.1 198.51.100.2 2001:db8:5::1 2001:db8:5::2"
topo_up
pair_up || t_bail "no pair"
a rtplctl peer set "$B_PUB" allowed "$B4/32,198.51.100.2/32,2001:db8:5::2/128"
b rtplctl peer set "$A_PUB" allowed "$A4/32,198.51.100.1/32,2001:db8:5::1/128"
pair_wait || t_bail "the link does not come up"

# vlan on|off: an address on a VLAN of each host.
vlan() {
	local h n=1
	for h in a b; do
		# Only where the device does not write the tag it stands in the packet.
		in_ns $h ethtool -K eth0 txvlan $1
		ip -n $h link add link eth0 name eth0.5 type vlan id 5 reorder_hdr $1 || t_bail "no VLAN"
		in_ns $h ethtool -K eth0.5 tso on gso on >/dev/null 2>&1
		ip -n $h addr add 198.51.100.$n/24 dev eth0.5
		ip -n $h addr add 2001:db8:5::$n/64 dev eth0.5 nodad
		ip -n $h link set eth0.5 up
		n=$((n + 1))
	done
}

for reorder in on off; do
	vlan $reorder
	watch_start
	tcp_both "reorder_hdr $reorder, IPv4" 198.51.100.2 $size
	tcp_both "reorder_hdr $reorder, IPv6" 2001:db8:5::2 $size
	udp_both "reorder_hdr $reorder, IPv6" 2001:db8:5::2 200 1400 95
	watch_stop "reorder_hdr $reorder"
	for h in a b; do
		t_is "$(node_dropped $h | tr ' ' '\n' | grep -E '^(malformed-out|too-big|bad-inner)=')" "" \
			"reorder_hdr $reorder: $h took every packet for what it was"
		ip -n $h link del eth0.5
	done
done
pair_down || t_bail "cannot take the pair down"

# What the watch says is worth something only if it sees a tagged packet for what it is.
vlan on
watch_start
t_run "without the pair: a ping through the VLAN" a ping -c 1 -W 5 198.51.100.2
capture_stop
# shellcheck disable=SC2086 # words
t_is "$("$PCAP" "$OUT/watch.pcap" $PAIR_PORT $A4 $B4 $WATCH_ALSO | jq .clear)" 2 "and the observer sees both packets in clear"
t_done
