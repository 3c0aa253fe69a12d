#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 180
# tier: uml
#
# A lost cell costs what was in it, no more. One super-packet of 40 datagrams
# fills 34 cells; the observer drops a certain one, the first and the last
# among them, and exactly the datagrams that had a byte in it are missing.
# On a path that loses nothing, nothing is sent twice.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"

seg=1200 segs=40 cell=1472
room=$((cell - 8 - 5 - 16))

# lose none|NUMBER...: of the cells that a sends from now on, counted from 0.
lose() {
	o nft delete table bridge loss 2>/dev/null
	[ "$1" != none ] || return 0
	local nr
	# No set of numbers: stock 6.1 with PROVE_RCU complains of how it looks one up.
	{
		echo "add table bridge loss"
		echo "add chain bridge loss f { type filter hook forward priority 0; }"
		echo "add rule bridge loss f iifname pa udp dport $PAIR_PORT" \
			"meta mark set numgen inc mod 100000 offset 1"
		for nr; do
			echo "add rule bridge loss f meta mark $((nr + 1)) counter drop"
		done
	} | o nft -f -
}
lost_now() {
	o nft list table bridge loss | sed -n 's/.*counter packets \([0-9]*\).*/\1/p' |
		awk '{ n += $1 } END { print n + 0 }'
}

# expected HEADERS CELL...: datagrams with a byte in one of these cells, behind
# the 8 bytes that say how the super-packet is to be cut and its headers.
expected() {
	local from=$((8 + $1)) i k list=
	shift
	for ((i = 0; i < segs; i++)); do
		for k; do
			[ $((from + (i + 1) * seg)) -gt $((k * room)) ] && [ $((from + i * seg)) -lt $(((k + 1) * room)) ] || continue
			list=$list,$i
			break
		done
	done
	echo "[${list#,}]"
}

# Cells of a's that are not the super-packet's: keys renewed, keepalive.
others() { a rtplctl -j stats | jq '.peers[0] | .tx_handshake + .tx_chaff'; }

# once ADDR CELL...: one super-packet, without these cells; the receiver's words.
once() {
	local to=$1 sink
	shift
	nsenter --net=/run/netns/b -- "$XFER" gso-sink "$to" 7010 $segs >"$OUT/sink" &
	sink=$!
	wait_until 20 listening b 7010 -u
	[ $# = 0 ] || lose "$@"
	a "$XFER" gso "$to" 7010 $seg $segs
	wait $sink
}

# one NAME ADDR HEADERS CELL...: again if another cell came between and was counted.
one() {
	local name=$1 to=$2 headers=$3 want try was
	shift 3
	for try in 1 2 3; do
		was=$(others) cells=$(pair_stat a tx_cells)
		once "$to" "$@"
		[ "$(others)" != "$was" ] || break
	done
	want=$(expected "$headers" "$@")
	t_is "$(jq -c '[.missing, .wrong, .doubled]' "$OUT/sink")" "[$want,0,0]" \
		"$name, cells lost: ${*:-none}: missing are exactly $want"
	[ $# = 0 ] || t_is "$(lost_now)" $# "$name: the observer dropped $# cells"
	lose none
}

# retransmitted: segments of TCP, by both hosts.
retransmitted() { { a nstat -asz TcpRetransSegs; b nstat -asz TcpRetransSegs; } | awk '/Retrans/ { n += $2 } END { print n + 0 }'; }

topo_up
wire_like
pair_up latency off || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
a ping -q -c 2 -i 0.2 -W 5 $B4 >/dev/null
a ping -q -c 2 -i 0.2 -W 5 $B6 >/dev/null

# 8 + 28 + 40 * 1200 + 28 + 8 bytes over cells of 1443.
one "UDP over IPv4" $B4 28
t_is $(($(pair_stat a tx_cells) - cells)) 34 "a super-packet of 40 datagrams takes 34 cells"
one "UDP over IPv4" $B4 28 0
[ $RTPL_ENVIRONMENT = vm ] || one "UDP over IPv4" $B4 28 1
one "UDP over IPv4" $B4 28 17
[ $RTPL_ENVIRONMENT = vm ] || one "UDP over IPv4" $B4 28 32
one "UDP over IPv4" $B4 28 33
one "UDP over IPv4" $B4 28 0 16 17
[ $RTPL_ENVIRONMENT = vm ] || one "UDP over IPv4" $B4 28 5 33
[ $RTPL_ENVIRONMENT = vm ] || one "UDP over IPv6" $B6 48
one "UDP over IPv6" $B6 48 0
[ $RTPL_ENVIRONMENT = vm ] || one "UDP over IPv6" $B6 48 20
one "UDP over IPv6" $B6 48 33

# A receiver that asks for it gets the super-packet whole.
nsenter --net=/run/netns/b -- "$XFER" gso-sink $B4 7010 $segs gro >"$OUT/sink" &
sink=$!
wait_until 20 listening b 7010 -u
a "$XFER" gso $B4 7010 $seg $segs
wait $sink
if [ $T_SCALE = 1 ]; then
	t_is "$(jq -c '[.largest, .missing, .wrong]' "$OUT/sink")" "[$((seg * segs)),[],0]" \
		"40 datagrams of one call are one receive of $((seg * segs)) bytes"
else	# there the next cell may take longer than what came may wait
	t_is "$(jq -c '[.missing, .wrong]' "$OUT/sink")" "[[],0]" "40 datagrams of one call arrive"
fi

# TCP, in virtual time, where nothing but loss is a reason to send again.
if [ $RTPL_ENVIRONMENT = uml-tt ]; then
	impair both limit 100000 delay 5ms
	before=$(retransmitted)
	tcp_both "5 ms path" $B4 300000
	tcp_both "5 ms path" $B6 300000
	t_is "$(retransmitted)" "$before" "a whole path: no segment of TCP is sent twice"
	t_is "$({ node_dropped a; node_dropped b; } | tr ' ' '\n' | grep -vE '^(reasm-lost|handshake-peer)=')" "" \
		"a whole path: nothing is dropped but what the observer took before"
	nsenter --net=/run/netns/b -- socat -u TCP4-LISTEN:7003,reuseaddr "CREATE:$OUT/file.b" &
	sink=$!
	wait_until 20 listening b 7003
	head -c 3000000 /dev/urandom >"$OUT/file"
	lose 1000
	a socat -u "OPEN:$OUT/file" "TCP4:$B4:7003"
	wait $sink
	t_is "$(lost_now)" 1 "one cell of 3 MB of TCP lost"
	t_run "the file is what it was" cmp "$OUT/file" "$OUT/file.b"
	t_between $(($(retransmitted) - before)) 1 2 "no more than its two segments are sent again"
	rm -f "$OUT/file" "$OUT/file.b"
fi
rm -f "$OUT/sink"
t_done
