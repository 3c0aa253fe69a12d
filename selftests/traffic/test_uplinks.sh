#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# A host with two uplinks, each with an address of its own, to a peer behind a
# router that lets in only what comes from the uplink that the source belongs to:
#
#	a eth0 192.0.2.1 ------- r (rp_filter) --- b 203.0.113.2
#	a eth1 198.51.100.1 ---- r
#
# The default route moves to the other uplink while the first stays up: the link
# goes on from the other's address. And an address that the peer spoke to and whose
# network is gone does not hold the link for ever, though route and device stay.
. "$(dirname "$0")/../lib.sh"

r() { in_ns r "$@"; }

topo_hosts() {
	local h
	for h in a r b; do
		ip netns add $h
		ip -n $h link set lo up
	done
	ip -n a link add eth0 type veth peer name eth0 netns r
	ip -n a link add eth1 type veth peer name eth1 netns r
	ip -n b link add eth0 type veth peer name eth2 netns r
	for h in a:eth0 a:eth1 r:eth0 r:eth1 r:eth2 b:eth0; do
		in_ns ${h%:*} sh -c "echo 0 >/proc/sys/net/ipv6/conf/${h#*:}/accept_dad"
		ip -n ${h%:*} link set ${h#*:} up
	done
	topo_addr a eth0 192.0.2.1/24 2001:db8::1/64
	topo_addr a eth1 198.51.100.1/24 2001:db8:c::1/64
	topo_addr r eth0 192.0.2.254/24 2001:db8::fe/64
	topo_addr r eth1 198.51.100.254/24 2001:db8:c::fe/64
	topo_addr r eth2 203.0.113.254/24 2001:db8:b::fe/64
	topo_addr b eth0 203.0.113.2/24 2001:db8:b::2/64
	r sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
		echo 1 >/proc/sys/net/ipv4/conf/all/rp_filter'
	# IPv6 has no rp_filter.
	r nft -f - <<-END
		table inet wan {
			chain f {
				type filter hook forward priority 0
				iifname eth0 ip6 saddr != 2001:db8::/64 drop
				iifname eth1 ip6 saddr != 2001:db8:c::/64 drop
			}
		}
	END
	ip -n b route add default via 203.0.113.254
	ip -n b -6 route add default via 2001:db8:b::fe
}

# uplink 0|1: the default route's.
uplink() {
	local gw4=192.0.2.254 gw6=2001:db8::fe
	[ $1 = 0 ] || gw4=198.51.100.254 gw6=2001:db8:c::fe
	ip -n a route replace default via $gw4 dev eth$1
	ip -n a -6 route replace default via $gw6 dev eth$1
}

where() { b rtplctl -j show | jq -r '.peers[0].endpoint'; }
is_at() { [ "$(where)" = "$1" ]; }
inner() { a ping -c 1 -W 2 10.9.0.2; }

modprobe rtpl
topo_hosts
pair_keys
for h in a b; do pair_node $h; done
a ip addr add 10.9.0.1/32 dev lo
b ip addr add 10.9.0.2/32 dev lo
uplink 0
b rtplctl peer add "$A_PUB" allowed 10.9.0.1/32
for v in 4 6; do
	uplink 0
	if [ $v = 4 ]; then ep=203.0.113.2:51900; else ep='[2001:db8:b::2]:51900'; fi
	a rtplctl peer del "$B_PUB" 2>/dev/null
	a rtplctl peer add "$B_PUB" endpoint "$ep" allowed 10.9.0.2/32
	for d in eth0 eth1; do a tc qdisc replace dev $d root rtpl; done
	b tc qdisc replace dev eth0 root rtpl
	ip -n a route replace 10.9.0.2/32 dev eth0 via 192.0.2.254 src 10.9.0.1
	ip -n b route replace 10.9.0.1/32 dev eth0 via 203.0.113.254 src 10.9.0.2
	if [ $v = 4 ]; then at0=192.0.2.1:51900 at1=198.51.100.1:51900
	else at0='[2001:db8::1]:51900' at1='[2001:db8:c::1]:51900'; fi

	t_run "IPv$v: up by the first uplink" wait_until 40 inner
	t_is "$(where)" "$at0" "IPv$v: and its address"
	uplink 1
	# No new handshake: the first cell by the other uplink has its address.
	t_run "IPv$v: the default route moved: the link follows at once" wait_until 3 inner
	t_is "$(where)" "$at1" "IPv$v: from the other uplink's address"
	uplink 0
	t_run "IPv$v: and back" wait_until 3 inner
	t_is "$(where)" "$at0" "IPv$v: to the first one's address"

	# The peer spoke to a second address of the same device, whose network goes.
	if [ $v = 4 ]; then second=192.0.2.7 to=192.0.2.7:51900 fam=ip bits=24 deprecated=
	else second=2001:db8::7 to='[2001:db8::7]:51900' fam=ip6 bits=64 deprecated='nodad preferred_lft 0'; fi
	# Not one that the route would choose by itself.
	a ip addr add $second/$bits dev eth0 $deprecated
	b rtplctl peer set "$A_PUB" endpoint "$to"
	b ping -c 1 -W 2 10.9.0.1 >/dev/null
	t_is "$(where)" "$to" "IPv$v: a second address is spoken to, and answers"
	r nft add rule inet wan f iifname eth0 $fam saddr $second drop
	t_run "IPv$v: an address that leads nowhere any more is given up" wait_until 60 inner
	t_is "$(where)" "$at0" "IPv$v: for the route's own"
done
t_done
