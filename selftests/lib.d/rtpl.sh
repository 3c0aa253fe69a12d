# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A protected pair on top of topo_up: keys, peers, qdiscs.
#
#	pair_up [PEER OPTIONS...]	both hosts, with PAIR_TC as the qdisc's options
#	pair_wait [SECONDS]		until both ends have keys
#	pair_down			qdiscs and peers away
#
# PAIR_EP=6 takes the IPv6 endpoints. Both hosts are A4/A6 and B4/B6, wherever
# these lead to.

# shellcheck disable=SC2034 # for the tests
PAIR_PORT=51900
PAIR_TC=${PAIR_TC:-} PAIR_EP=${PAIR_EP:-4}
PAIR_DIR=

pair_keys() {
	local h
	[ -z "$PAIR_DIR" ] || return 0
	PAIR_DIR=$(mktemp -d)
	for h in a b; do
		(umask 077; rtplctl genkey >"$PAIR_DIR/$h.key")
		rtplctl pubkey <"$PAIR_DIR/$h.key" >"$PAIR_DIR/$h.pub"
	done
	A_PUB=$(cat "$PAIR_DIR/a.pub") B_PUB=$(cat "$PAIR_DIR/b.pub")
}

# pair_node HOST: key and port.
pair_node() { in_ns "$1" rtplctl node set private-key "$PAIR_DIR/$1.key" listen $PAIR_PORT; }

# pair_peer HOST [OPTIONS...]: the other end as HOST's peer.
pair_peer() {
	local h=$1 pub v4 v6 ep
	shift
	if [ "$h" = a ]; then pub=$B_PUB v4=$B4 v6=$B6; else pub=$A_PUB v4=$A4 v6=$A6; fi
	if [ "$PAIR_EP" = 6 ]; then ep="[$v6]"; else ep=$v4; fi
	in_ns "$h" rtplctl peer add "$pub" endpoint "$ep:$PAIR_PORT" allowed "$v4/32,$v6/128" "$@"
}

pair_qdisc() {
	# shellcheck disable=SC2086 # words
	in_ns "$1" tc qdisc add dev eth0 root handle 1: rtpl $PAIR_TC
}

# Sockets first, then peers: no first handshake meets a closed port. b's peer
# first, so that a's first initiation meets one who knows a.
# pair_up [OPTIONS...]: says what did not go.
pair_up() {
	pair_begin "$@" 2>"$OUT/pair.err" && return
	t_diag "$(cat "$OUT/pair.err")"
	return 1
}
pair_begin() {
	local h
	modprobe rtpl || return
	pair_keys
	for h in a b; do pair_node $h || return; done
	for h in b a; do pair_peer $h "$@" || return; done
	for h in a b; do pair_qdisc $h || return; done
}

pair_state() { in_ns "$1" rtplctl -j show | jq -r '.peers[0].state'; }
pair_cell() { in_ns "$1" rtplctl -j show | jq -r '.peers[0].cell_now'; }
pair_is_up() { a rtplctl -j show | grep -q '"state": "up"' && b rtplctl -j show | grep -q '"state": "up"'; }
# pair_routed: a link up between a and b, by which a reaches 198.51.100.0/24 behind b, too; a third
# host c beside them, and s() for one behind b that the test makes.
pair_routed() {
	topo_up
	topo_host c pc 3
	c() { in_ns c "$@"; }
	s() { in_ns s "$@"; }
	pair_keys
	pair_node a
	pair_node b
	a rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT allowed "$B4/32,$B6/128,198.51.100.0/24"
	pair_peer b
	pair_qdisc a
	pair_qdisc b
	wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no link"
}

pair_wait() { wait_until "${1:-30}" pair_is_up; }

pair_down() {
	local h
	for h in a b; do
		in_ns $h tc qdisc del dev eth0 root || return
	done
	a rtplctl peer del "$B_PUB" && b rtplctl peer del "$A_PUB"
}

# module_gone: the module is not loaded. The namespaces of a test before hold it until they have
# gone, which the kernel does behind its back.
module_gone() {
	grep -q '^rtpl ' /proc/modules || return 0
	wait_until 90 rmmod rtpl || t_bail "the module stays: used by $(awk '$1 == "rtpl" { print $3, $4 }' /proc/modules)"
}

# slow_devices BIT/S: slow0 and slow1, a wire of that rate, in the test's first namespace. Those of
# a test before are at another rate, or went with its namespace.
slow_devices() {
	wait_until 90 modprobe -r rtpl_slowdev || t_bail "slow devices of a test before stay"
	modprobe rtpl_slowdev rate="$1" || t_bail "no slow devices"
}

# slow_line BIT/S: a's eth0 with its address is one end of such a wire, the observer's pa the other.
slow_line() {
	slow_devices "$1"
	ip -n a link del eth0
	ip link set slow0 address 02:00:00:00:00:01 netns a name eth0
	ip link set slow1 netns o name pa
	ip -n o link set pa master br0 up
	ip -n a addr add "$A4/24" dev eth0
	ip -n a link set eth0 up
}

# node_drops HOST REASON: how often HOST dropped something for REASON.
node_drops() { in_ns "$1" rtplctl -j stats | jq -r ".drops[\"$2\"].count"; }
# node_dropped HOST: all reasons that ever counted, as "name=count ...".
node_dropped() {
	in_ns "$1" rtplctl -j stats | jq -r '[.drops | to_entries[] | select(.value.count > 0) | "\(.key)=\(.value.count)"] | join(" ")'
}

# The observer's view of a wire: each cell by itself, though the hosts' stacks
# still hand over super-packets.
wire_like() {
	local dev
	a ethtool -K eth0 tx-udp-segmentation off >/dev/null
	b ethtool -K eth0 tx-udp-segmentation off >/dev/null
	for dev in pa pb; do o ethtool -K $dev tx-udp-segmentation off gro off >/dev/null; done
}

# events_start HOST: from now on what happens to HOST's links stands in
# $OUT/events.HOST, one JSON object a line; events_stop HOST.
events_start() {
	nsenter --net="/run/netns/$1" -- rtplctl -j monitor >"$OUT/events.$1" 2>&1 &
	echo $! >"$OUT/events.$1.pid"
	wait_until 10 events_heard "$1" || t_bail "rtplctl monitor does not start"
}
# Someone listens to a group of generic netlink (16).
events_heard() {
	in_ns "$1" awk '$2 == 16 && $4 != "00000000" { n++ } END { exit !n }' /proc/self/net/netlink
}
events_stop() {
	kill "$(cat "$OUT/events.$1.pid")" 2>/dev/null
	rm -f "$OUT/events.$1.pid"
}
# events HOST KIND: those of a kind; event HOST KIND: was there any?
events() { jq -c "select(.event == \"$2\")" "$OUT/events.$1"; }
event() { events "$1" "$2" | grep -q .; }

# pair_stat HOST KEY: a counter of HOST's only link, as `rtplctl -j stats` names it.
pair_stat() { in_ns "$1" rtplctl -j stats | jq -r "[.. | objects | .$2? | select(. != null)][0]"; }

# topo_far MTU: moves b behind two routers with a narrow link between them:
#
#	a eth0 --- (o) --- r eth0 | r eth1 ===MTU=== q eth0 | q eth1 --- b eth0
#
# B4 and B6 change with it. Packets that are too large are answered by r and q.
topo_far() {
	local mtu=$1 h
	ip -n b link del eth0
	topo_host r pr 3
	ip netns add q
	ip -n r link add eth1 mtu "$mtu" type veth peer name eth0 netns q
	ip -n q link set eth0 mtu "$mtu"
	ip -n q link add eth1 type veth peer name eth0 netns b
	for h in r q; do
		ip -n $h link set lo up
		in_ns $h sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
			echo 0 >/proc/sys/net/ipv6/icmp/ratelimit; echo 0 >/proc/sys/net/ipv4/icmp_ratelimit'
		in_ns $h ethtool -K eth0 tx-udp-segmentation off gro off >/dev/null
		in_ns $h ethtool -K eth1 tx-udp-segmentation off gro off >/dev/null
	done
	B4=203.0.113.2 B6=2001:db8:b::2
	topo_addr r eth1 198.51.100.1/24 2001:db8:c::1/64
	topo_addr q eth0 198.51.100.2/24 2001:db8:c::2/64
	topo_addr q eth1 203.0.113.1/24 2001:db8:b::1/64
	topo_addr b eth0 $B4/24 $B6/64
	topo_via a default default 192.0.2.3 2001:db8::3
	topo_via r 203.0.113.0/24 2001:db8:b::/64 198.51.100.2 2001:db8:c::2
	topo_via q 192.0.2.0/24 2001:db8::/64 198.51.100.1 2001:db8:c::1
	topo_via b default default 203.0.113.1 2001:db8:b::1
}
# topo_addr NS DEV IPV4 [IPV6]
topo_addr() {
	ip -n "$1" addr add "$3" dev "$2"
	[ $# -lt 4 ] || ip -n "$1" addr add "$4" dev "$2" nodad
	ip -n "$1" link set "$2" up
}
# topo_behind NS HOST DEV IPV4 GATE4 [IPV6 GATE6]: one more host NS behind HOST's DEV, which has the
# two gates' addresses, /24 and /64.
topo_behind() {
	ip netns add "$1"
	ip -n "$1" link add eth0 type veth peer name "$3" netns "$2"
	topo_addr "$2" "$3" "$5/24" ${7:+"$7/64"}
	topo_addr "$1" eth0 "$4/24" ${6:+"$6/64"}
	[ $# -lt 7 ] || ip -n "$1" -6 route add default via "$7"
	ip -n "$1" route add default via "$5"
}
# topo_via NS TO4 TO6 VIA4 VIA6
topo_via() {
	ip -n "$1" route add "$2" via "$4"
	ip -n "$1" -6 route add "$3" via "$5"
}
