#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 240
# tier: all
# debug: no
#
# Cells that the stack puts into a tunnel of its own, on a path that becomes narrow: routers quote
# the tunnel's packets, and what the tunnel makes of it narrows the cells.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

modprobe -a ip_gre vxlan esp4 xfrm_user 2>/dev/null
modprobe rtpl || t_skip_all "no module"
topo_up
topo_far 1500
wire_like 2>/dev/null
pair_keys
pair_node a
pair_node b
below4=$B4

router() { ip -n r link set eth1 mtu "$1" && ip -n q link set eth0 mtu "$1"; }
cell_between() { [ "$(pair_cell a)" -ge "$1" ] && [ "$(pair_cell a)" -le "$2" ]; }

# below NAME ADDRESS-OF-A ADDRESS-OF-B DEVICE WIDE: between 10.9.0.1 and 10.9.0.2 cells are WIDE bytes;
# behind 1300 as many less as it is.
below() {
	local name=$1 to=10.9.0.2 dev=$4 wide=$5 h
	b rtplctl peer add "$A_PUB" endpoint "$2:$PAIR_PORT" allowed 10.9.0.1/32 rate 100
	a rtplctl peer add "$B_PUB" endpoint "$3:$PAIR_PORT" allowed 10.9.0.2/32 rate 100
	for h in a b; do in_ns $h tc qdisc add dev "$dev" root handle 1: rtpl; done
	t_run "$name: the link comes up" wait_until 60 a ping -c 1 -W 1 "$to"
	t_between "$(pair_cell a)" $((wide - 20)) "$wide" "$name: cells as wide as it takes"
	router 1300
	t_run "$name: as wide as a narrower path takes" wait_until 30 cell_between $((wide - 220)) $((wide - 200))
	t_like "$(a ping -q -c 20 -i 0.05 -s 1100 -W 2 "$to")" " 0% packet loss" "$name: which gets there"
	router 1500
	a rtplctl peer del "$B_PUB"
	b rtplctl peer del "$A_PUB"
	for h in a b; do in_ns $h tc qdisc del dev "$dev" root; done
}

# device NAME OPTIONS...: t0 at both ends, 10.9.0.1 and 10.9.0.2.
device() {
	ip -n a link add t0 type "$@" local $A4 remote "$below4" &&
		ip -n b link add t0 type "$@" local "$below4" remote $A4 || return
	ip -n a addr add 10.9.0.1/24 dev t0
	ip -n b addr add 10.9.0.2/24 dev t0
	ip -n a link set t0 up
	ip -n b link set t0 up
}
device_end() {
	ip -n a link del t0
	ip -n b link del t0
	# Nor are there exceptions left of the routes below.
	ip -n a route del default
	ip -n b route del default
	ip -n a route add default via 192.0.2.3
	ip -n b route add default via 203.0.113.1
}

# bulk NAME: a flow of nothing but batches goes on when the path below becomes narrow.
bulk() {
	local job
	b rtplctl peer add "$A_PUB" endpoint "10.9.0.1:$PAIR_PORT" allowed 10.9.0.1/32
	a rtplctl peer add "$B_PUB" endpoint "10.9.0.2:$PAIR_PORT" allowed 10.9.0.2/32
	for h in a b; do in_ns $h tc qdisc add dev t0 root handle 1: rtpl; done
	b iperf3 -s -D
	wait_until 60 a iperf3 -n 1K -c 10.9.0.2
	a iperf3 -J -i 1 -t 10 -c 10.9.0.2 >"$OUT/bulk.json" &
	job=$!
	sleep 3
	router 1300
	wait $job
	t_diag "$1: $(jq -c '[.intervals[].sum.bytes / 1000 | floor]' "$OUT/bulk.json") KB in each second, narrow from the fourth on"
	t_between "$(jq '[.intervals[5:][].sum.bytes] | add' "$OUT/bulk.json")" 100000 1e12 \
		"$1: bulk goes on beyond a narrower path"
	router 1500
	a rtplctl peer del "$B_PUB"
	b rtplctl peer del "$A_PUB"
	for h in a b; do in_ns $h tc qdisc del dev t0 root; done
}

state() { in_ns "$1" ip xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 mode tunnel auth 'hmac(sha1)' 0x0123456789abcdef0123456789abcdef01234567 enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff; }
policy() { in_ns "$1" ip xfrm policy add src "$2" dst "$3" proto udp dport $PAIR_PORT dir "$4" tmpl src "$2" dst "$3" proto esp mode tunnel reqid 1; }

if device gre; then
	bulk GRE
	device_end
	device gre
	below GRE 10.9.0.1 10.9.0.2 t0 $((1500 - 24 - 28))
	device_end
else
	t_skip GRE "none here"
fi
if device vxlan id 5 dstport 4789 df set; then
	below "VXLAN, which tells the route" 10.9.0.1 10.9.0.2 t0 $((1500 - 50 - 28))
	device_end
else
	t_skip VXLAN "none here"
fi
for h in a b; do
	state $h $A4 "$below4" 0x100 && state $h "$below4" $A4 0x200 || t_bail "no ESP"
done
policy a $A4 "$below4" out
policy a "$below4" $A4 in
policy b $A4 "$below4" in
policy b "$below4" $A4 out
ip -n a addr add 10.9.0.1/32 dev lo
ip -n b addr add 10.9.0.2/32 dev lo
ip -n a route add 10.9.0.2 via 192.0.2.3 src 10.9.0.1
ip -n b route add 10.9.0.1 via 203.0.113.1 src 10.9.0.2
below ESP $A4 "$below4" eth0 $((1500 - 28 - 58))
t_done
