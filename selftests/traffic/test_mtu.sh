#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 600
# tier: uml
# debug: no
#
# A path that carries 1280 bytes where the hosts' devices carry 1500: routers
# that say so, and one that drops without a word. The cell follows and it is
# told; every byte arrives, and nothing is in fragments or in clear.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"

case $RTPL_ENVIRONMENT in
uml) size=800000 udp=500 ;;
*) size=30000 udp=60 ;;
esac
# What a cell may be: the path's MTU less the headers outside.
narrow4=$((1280 - 28)) narrow6=$((1280 - 48))

cell_is() { [ "$(pair_cell "$1")" = "$2" ]; }
# told HOST CELL: an event path-mtu with that size.
told() { events "$1" path-mtu | jq -e "select(.cell == $2)" >/dev/null; }

# carries NAME [short]: both directions, each protocol; largest packets too.
carries() {
	tcp_both "$1, IPv4" "$B4" $size
	if [ "${2:-}" != short ]; then
		tcp_both "$1, IPv6" "$B6" $size
		udp_both "$1, IPv4" "$B4" $udp 6000 90
		udp_both "$1, IPv6" "$B6" $udp 1400 90
	fi
	# Packets of the inner MTU: a black hole leaves it as the device has it.
	[ "${2:-}" = told ] || whole "$1" 1500
}

# whole NAME MTU: packets of that size in one piece.
whole() {
	t_run "$1: $2 bytes in one piece, IPv4" a ping -M 'do' -s $(($2 - 28)) -c 3 -i 0.1 -W 5 "$B4"
	t_run "$1: $2 bytes in one piece, IPv6" a ping -M 'do' -s $(($2 - 48)) -c 3 -i 0.1 -W 5 "$B6"
	t_run "$1: $2 from the other end too" b ping -M 'do' -s $(($2 - 28)) -c 3 -i 0.1 -W 5 "$A4"
}

# ---- a black hole: too large is dropped, nobody says so ----

# hole both|a2b|b2a|off
hole() {
	local from
	o nft delete table bridge hole 2>/dev/null
	case $1 in both) from= ;; a2b) from="iifname pa" ;; b2a) from="iifname pb" ;; off) return ;; esac
	o nft "add table bridge hole; add chain bridge hole f { type filter hook forward priority 0; }
		add rule bridge hole f $from ether type { ip, ip6 } meta length > 1280 counter drop"
}
hole_hits() { o nft list table bridge hole | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'; }

# follows NAME BYTES: both ends get to know what the path carries, and tell.
follows() {
	local h
	for h in a b; do
		t_run "$1: $h's cell is $2 bytes" wait_until 90 cell_is $h "$2"
		t_run "$1: $h's event path-mtu says so" wait_until 5 told $h "$2"
	done
}

black_hole() {
	local name=$1 narrow=$2
	hole both
	pair_up || t_bail "$name: no pair"
	events_start a
	events_start b
	t_run "$name: the link comes up" pair_wait 60
	follows "$name" "$narrow"
	t_between "$(hole_hits)" 1 1000 "$name: it did swallow larger ones"
	watch_start
	carries "$name"
	watch_stop "$name"
	events_stop a
	events_stop b
	pair_down || t_bail "$name: cannot take the pair down"
	hole off
}

# It opens under a link that is up: a sends on, and hears nothing.
black_hole_opens() {
	local name=$1 dir=$2
	pair_up || t_bail "$name: no pair"
	t_run "$name: the link comes up" pair_wait 60
	t_is "$(pair_cell a)/$(pair_cell b)" 1472/1472 "$name: cells as wide as the device at first"
	events_start a
	events_start b
	hole "$dir"
	a ping -q -i 1 -c 60 $B4 >/dev/null
	case $dir in
	both) follows "$name" $narrow4 ;;
	a2b) t_run "$name: a's cell is $narrow4 bytes" wait_until 90 cell_is a $narrow4 ;;
	b2a) t_run "$name: b's cell is $narrow4 bytes" wait_until 200 cell_is b $narrow4 ;;
	esac
	t_run "$name: pings come back again" wait_until 60 a ping -c 1 -W 1 $B4
	carries "$name" short
	events_stop a
	events_stop b
	pair_down || t_bail "$name: cannot take the pair down"
	hole off
}

# ---- routers that say so ----

routers() {
	local name=$1 narrow=$2
	pair_up || t_bail "$name: no pair"
	events_start a
	events_start b
	t_run "$name: the link comes up" pair_wait 60
	# Whoever has not met the routers' answer yet does so with its first cells.
	a ping -q -c 2 -i 0.2 -W 1 $B4 >/dev/null
	b ping -q -c 2 -i 0.2 -W 1 $A4 >/dev/null
	follows "$name" "$narrow"
	watch_start
	# What a router told is the host's path MTU to the peer's outside address,
	# for packets inside as well: as without RTPL, the program is told.
	carries "$name" told
	whole "$name" 1280
	t_run "$name: 1500 bytes that may be in pieces" a ping -M dont -s 1472 -c 3 -i 0.1 -W 5 "$B4"
	watch_stop "$name"
	events_stop a
	events_stop b
	pair_down || t_bail "$name: cannot take the pair down"
}

topo_up
wire_like
black_hole "black hole" $narrow4
if [ $RTPL_ENVIRONMENT != vm ]; then
	PAIR_EP=6
	black_hole "black hole, IPv6 outside" $narrow6
	PAIR_EP=4
fi
# These wait for half a minute: where it costs nothing.
if [ $RTPL_ENVIRONMENT = uml-tt ]; then
		black_hole_opens "black hole opens" both
	black_hole_opens "black hole opens, from a to b" a2b
	black_hole_opens "black hole opens, from b to a" b2a
fi
topo_far 1280
wire_like 2>/dev/null
routers "routers" $narrow4
PAIR_EP=6
routers "routers, IPv6 outside" $narrow6
t_done
