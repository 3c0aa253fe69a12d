#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 480
# tier: all
#
# Each type of super-packet that the stack makes goes through the pair, with checksums left
# to the device and not: TCP, UDP, SCTP, inside tunnels, out of GRO's fragment lists, from a
# guest's tap and from a packet socket. Bytes arrive right and nothing goes in clear. Packets
# of which nothing can be believed take nobody down.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"
GSO=$T_LIB/traffic/gso.py

for m in sctp ip_gre ip6_gre ipip ip6_tunnel vxlan geneve tun; do modprobe $m 2>/dev/null; done
topo_up
pair_up || t_bail "no pair"
a rtplctl peer set "$B_PUB" allowed "$B4/32,$B6/128"
b rtplctl peer set "$A_PUB" allowed "$A4/32,$A6/128,10.9.0.0/24,2001:db8:9::/64,10.8.0.0/24"
for h in a b; do in_ns $h tc qdisc replace dev eth0 parent 1:2 fq_codel; done
pair_wait || t_bail "the link does not come up"

sctp_run() {
	local server
	if [ ! -e /proc/net/sctp ]; then
		t_skip "$1: SCTP" "this kernel has no SCTP"
		return
	fi
	b "$GSO" sctp-serve "$2" 7000 500000 >"$OUT/ready" &
	server=$!
	wait_until 20 grep -q ready "$OUT/ready"
	t_is "$(a timeout 60 "$GSO" sctp "$2" 7000 500000 2>&1)" right "$1: 500000 bytes of SCTP arrive as they were sent"
	kill $server 2>/dev/null
	wait $server 2>/dev/null
}
# gso_run NAME FROM ADDR: UDP that FROM sends to b in super-packets of 40 datagrams.
gso_run() {
	local server said
	nsenter --net=/run/netns/b -- "$XFER" gso-sink "$3" 7005 400 >"$OUT/sink" &
	server=$!
	wait_until 20 listening b 7005 -u
	if ! $2 "$XFER" gso "$3" 7005 1000 400 10 2>"$OUT/sent" && grep -q 'Errno 5\]' "$OUT/sent"; then
		kill $server
		wait $server 2>/dev/null
		t_skip "$1: 400 datagrams in 10 super-packets" \
			"this kernel refuses to split UDP for a device that makes no checksums"
		return
	fi
	wait $server
	said=$(jq -c '[(.got | length), .wrong, .doubled]' "$OUT/sink")
	t_is "$said" "[400,0,0]" "$1: 400 datagrams in 10 super-packets arrive, each once and right"
}
# tunnel NAME ADDRESSES(4|6) TYPE ARGS...
tunnel() {
	local name=$1 family=$2 h i=1 l r
	shift 2
	for h in a b; do
		if [ "$family" = 4 ]; then l=192.0.2.$i r=192.0.2.$((3 - i)); else l=2001:db8::$i r=2001:db8::$((3 - i)); fi
		if ! eval "ip -n $h link add t0 type $*" 2>/dev/null; then
			t_skip "$name" "this kernel has no such tunnel"
			return
		fi
		ip -n $h addr add 10.50.0.$i/24 dev t0
		ip -n $h link set t0 up
		i=$((i + 1))
	done
	tcp_both "$name" 10.50.0.2 60000 2
	for h in a b; do ip -n $h link del t0; done
}
# dodgy NAME KIND HOW...
dodgy() {
	local name=$1 kind=$2 sniffer
	shift 2
	nsenter --net=/run/netns/b -- "$GSO" sniff eth0 "$kind" 10 >"$OUT/sniff" &
	sniffer=$!
	wait_until 20 grep -q ready "$OUT/sniff"
	t_is "$(a "$GSO" "$@" 2>&1)" "" "$name: sent"
	wait $sniffer
	t_is "$(tail -n 1 "$OUT/sniff")" right "$name: all its bytes arrive"
}

# What a guest or another host sends through a: forwarded, so that GRO joins it.
topo_behind s a eth1 10.8.0.2 10.8.0.1
a sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
s() { in_ns s "$@"; }
s ethtool -K eth0 gso off tso off tx-udp-segmentation off >/dev/null 2>&1
a ethtool -K eth1 gro on >/dev/null

# forwarded NAME FEATURE: UDP that a's GRO joins in that way on its way through.
forwarded() {
	local tap
	a ethtool -K eth1 rx-gro-list off rx-udp-gro-forwarding off >/dev/null
	t_run "$1: the device can" a ethtool -K eth1 "$2" on
	nsenter --net=/run/netns/a -- tcpdump -i eth1 -n -q -c 400 --immediate-mode -Q in "udp port 7005" >"$OUT/joined" 2>"$OUT/joined.err" &
	tap=$!
	wait_until 10 grep -q 'listening on' "$OUT/joined.err"
	gso_run "$1" s "$B4"
	# It ends by itself after 400; else it writes what it has.
	kill $tap 2>/dev/null
	wait $tap 2>/dev/null
	t_like "$(grep -o 'length [0-9]*' "$OUT/joined" | sort -k2n | tail -n 1)" 'length [0-9]{4,}' "$1: they were joined on their way"
}

ip -n a tuntap add dev tap0 mode tap vnet_hdr
ip -n a addr add 10.9.0.1/24 dev tap0
ip -n a addr add 2001:db8:9::1/64 dev tap0 nodad
ip -n a link set tap0 up

for csum in on off; do
	for h in a b; do in_ns $h ethtool -K eth0 tx $csum >/dev/null 2>&1; done
	watch_start
	tcp_both "tx $csum, TCP, IPv4" "$B4" 200000 2
	tcp_both "tx $csum, TCP, IPv6" "$B6" 200000 2
	gso_run "tx $csum, UDP, IPv4" a "$B4"
	gso_run "tx $csum, UDP, IPv6" a "$B6"
	sctp_run "tx $csum, IPv4" "$B4"
	sctp_run "tx $csum, IPv6" "$B6"
	tunnel "tx $csum, GRE" 4 'gre local $l remote $r'
	tunnel "tx $csum, VXLAN with checksums" 4 'vxlan id 5 dstport 4789 local $l remote $r udpcsum'
	if [ $csum = on ]; then
		tunnel "GRE with key and checksum" 4 'gre local $l remote $r key 5 csum'
		tunnel "GRE over IPv6" 6 'ip6gre local $l remote $r'
		tunnel "IPIP" 4 'ipip local $l remote $r'
		tunnel "Geneve" 4 'geneve id 5 remote $r'
	fi
	forwarded "tx $csum, UDP joined by GRO" rx-udp-gro-forwarding
	forwarded "tx $csum, UDP in a fragment list" rx-gro-list
	for kind in tcp4 tcp6; do
		to=$B4 from=$A4
		[ $kind = tcp4 ] || to=$B6 from=$A6
		dodgy "tx $csum, $kind from a tap" $kind tap tap0 $kind "$to"
		dodgy "tx $csum, $kind from a packet socket" $kind raw eth0 $kind "$from" "$to"
	done
	dodgy "tx $csum, BIG TCP from a packet socket" big6 raw eth0 big6 "$A6" "$B6"
	watch_stop "tx $csum"
done
# The packet socket of 6.1 does not know UDP's.
if [ "$RTPL_ENVIRONMENT" = vm ] && [ "$RTPL_KERNEL" != 6.1 ]; then
	dodgy "udp4 from a packet socket" udp4 raw eth0 udp4 "$A4" "$B4"
fi
for h in a b; do
	t_is "$(node_dropped $h | tr ' ' '\n' | grep -E '^(malformed-out|too-big|bad-|no-memory)')" "" \
		"$h took every packet for what it was"
done

a "$GSO" pieces eth0 "$A4" "$B4"
t_run "the pair still carries packets after those that are none" a ping -c 2 -i 0.2 -W 3 "$B4"
t_between "$(node_drops a malformed-out)" 1 100000 "what was no packet is counted"
t_done
