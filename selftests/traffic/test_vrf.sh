#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 120
# tier: uml
#
# A device in a VRF: cells are routed there when the node is bound to it, whatever becomes of
# the device's name meanwhile. And a node that is bound to a device.
. "$(dirname "$0")/../lib.sh"

inner() { a ping -c 1 -W 1 -I "${1:-red}" "${2:-$B4}"; }
bound() { a rtplctl -j node show | jq -c .bind_device; }
# vrf HOST NAME: eth0 into it; the kernel takes IPv6 addresses away then.
vrf() {
	local n=1
	[ "$1" = a ] || n=2
	ip -n "$1" link add "$2" type vrf table 10
	ip -n "$1" link set "$2" up
	ip -n "$1" link set eth0 master "$2"
	ip -n "$1" addr replace 2001:db8::$n/64 dev eth0 nodad
}

topo_up
for h in a b; do vrf $h red; done
modprobe rtpl
pair_keys
for h in b a; do
	pair_node $h
	t_fails_with 'no route to endpoint' "$h, not bound: there is no way to the peer" pair_peer $h
	t_run "$h: bound to the VRF" in_ns $h rtplctl node set bind-device red
done
t_is "$(bound)" '"red"' "and it is shown"
for v in 4 6; do
	for h in b a; do PAIR_EP=$v pair_peer $h; done
	for h in a b; do pair_qdisc $h; done
	t_run "IPv$v: the link is up" wait_until 20 inner
	[ $v = 6 ] || to=$B6
	t_run "IPv$v: and carries the other family" inner red "$to"
	[ $v = 6 ] || pair_down
	to=$B4
done

# Its name comes and goes.
a rtplctl node set bind-device blue
t_like "$(a rtplctl node show)" 'bind device: blue .there is none' "bound to what is not there"
t_fails "cells go nowhere then" inner
vrf a blue
t_run "until it comes" wait_until 20 inner blue
ip -n a link set blue down
ip -n a link set blue name green
ip -n a link set green up
t_fails "and when it has another name" inner green
t_run "bound to that" a rtplctl node set bind-device green
t_run "it goes on" wait_until 20 inner green
ip -n a link del green
ip -n a addr replace $A6/64 dev eth0 nodad
t_fails "the VRF is gone" inner eth0
t_run "bound to a device" a rtplctl node set bind-device eth0
t_run "is up again" wait_until 20 inner eth0
t_run "bound to none" a rtplctl node set bind-device off
t_is "$(bound)" null "is shown"
t_run "and is up" wait_until 20 inner eth0
t_fails_with '"a/b" is not a device' "no name" a rtplctl node set bind-device a/b

# The VRF is above a VLAN, whose packets the leakguard sees at the device below first.
pair_down
n=0
for h in a b; do
	n=$((n + 1))
	ip -n $h link add link eth0 name eth0.5 type vlan id 5
	ip -n $h link add above type vrf table 11
	ip -n $h link set above up
	ip -n $h link set eth0.5 master above
	ip -n $h addr add 2001:db8:5::$n/64 dev eth0.5 nodad
	ip -n $h link set eth0.5 up
	in_ns $h rtplctl node set bind-device above
done
a rtplctl peer add "$B_PUB" endpoint "[2001:db8:5::2]:$PAIR_PORT" allowed 2001:db8:5::2/128
b rtplctl peer add "$A_PUB" endpoint "[2001:db8:5::1]:$PAIR_PORT" allowed 2001:db8:5::1/128
for h in a b; do pair_qdisc $h; done
t_run "a VRF above a VLAN, IPv6: the link is up" wait_until 20 inner above 2001:db8:5::2
t_done
