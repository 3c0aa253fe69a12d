#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 240
# tier: uml
#
# The IP header of cells, and congestion: DSCP and ECN are the same on all datagrams of a
# link, whatever is in them; a router's mark on a cell reaches the packets in it (RFC 6040) and no others;
# the child qdisc marks what waits for a link. And an inner socket is told when its packet left.
. "$(dirname "$0")/../lib.sh"

PY=$(dirname "$0")/ecn.py

# cross DST N SIZE SEGMENT CLASS...: a sends one datagram of each class; the classes of the N
# that arrive at b.
cross() {
	local to=$1 n=$2 pid
	shift 2
	b "$PY" receive "$to" 4000 "$n" >"$OUT/got" &
	pid=$!
	wait_until 60 listening b 4000 -u || { kill $pid; return; }
	a "$PY" send "$to" 4000 "$@"
	wait $pid
	cat "$OUT/got"
}
# marks RULE...: which cells to b get CE on the way; none: no more.
marks() {
	o nft flush ruleset
	[ "${1:-}" != none ] || return 0
	o nft -f - <<-END
		table bridge way {
			chain f {
				type filter hook forward priority 0
				oifname pb ether type ip udp dport $PAIR_PORT $* ip ecn set ce
				oifname pb ether type ip6 udp dport $PAIR_PORT $* ip6 ecn set ce
			}
		}
	END
}
# classes FILE FILTER: the different traffic classes there.
classes() { tcpdump -n -v -r "$1" "$2" 2>/dev/null | grep -oE '(tos|class) 0x[0-9a-f]+' | sort -u | tr '\n' ' '; }
not_ect() { node_drops b not-ect; }

topo_up
wire_like

# ---- the same on all datagrams ----

for v in 4 6; do
	[ $v = 4 ] && word=tos || word=class
	capture_start "$OUT/all$v.pcap" udp port 51900
	PAIR_EP=$v pair_up rate 100 dscp 46 ecn ect0 || t_bail "no pair"
	t_run "IPv$v: the link comes up" pair_wait
	a ping -c 5 -i 0.1 -Q 0x28 $B4 >/dev/null
	capture_stop
	t_is "$(classes "$OUT/all$v.pcap" "udp port 51900")" "$word 0xba " "IPv$v: all datagrams have the DSCP and ECT(0)"
	[ $v = 4 ] && first='udp[8:4]' || first='ip6[48:4]'
	t_between "$(tcpdump -n -r "$OUT/all$v.pcap" "$first = 0" 2>/dev/null | wc -l)" 2 99 \
		"IPv$v: handshakes are among them"
	t_between "$(pair_stat a tx_chaff)" 1 100000 "IPv$v: and chaff"
	pair_down
done
t_is "$(not_ect)" 0 "nothing was lost by it"

# ---- marks ----

pair_up ecn ect0 || t_bail "no pair"
a ping -c 1 -W 5 $B4 >/dev/null
pair_wait || t_bail "no link"
for to in $B4 $B6; do
	t_is "$(cross $to 4 100 0 0x28 0x29 0x2a 0x2b)" "40 41 42 43" "$to: without a mark packets keep their class"
	marks
	before=$(not_ect)
	t_is "$(cross $to 3 100 0 0x28 0x29 0x2a 0x2b)" "43 43 43" \
		"$to: with a mark each gets CE, and keeps its DSCP, but for the one that has no ECN"
	t_is "$(($(not_ect) - before))" 1 "$to: which is lost, and counted"
	marks none
done
# A packet of many cells: one mark is enough.
marks numgen inc mod 4 == 0
t_is "$(cross $B4 1 6000 0 0x2a)" 43 "fragments of a packet: a mark on one cell marks the packet"
marks none

a rtplctl peer set "$B_PUB" ecn ect1
t_is "$(cross $B4 2 100 0 0x28 0x2a)" "40 42" "ECT(1) of the cells makes no L4S of an ECT(0) packet"
marks
t_is "$(cross $B4 1 100 0 0x29)" 43 "and is marked alike"
marks none

# Of a super-packet the segments in marked cells, no more: each cell has parts of two or three.
t_is "$(cross $B4 20 28000 1400 0x2a | tr ' ' '\n' | sort | uniq -c | xargs)" "20 42" "a super-packet of 20"
for n in 7 10; do
	marks numgen inc mod $n == 0
	got=$(cross $B4 20 28000 1400 0x2a)
	t_is "$(wc -w <<<"$got")" 20 "with a mark on every ${n}th cell it arrives whole"
	t_between "$(tr ' ' '\n' <<<"$got" | grep -c 43)" 2 10 "and the segments in those cells are marked ($got)"
	marks none
done

# ---- to the sender, without a loss ----

for h in a b; do in_ns $h sh -c 'echo 1 >/proc/sys/net/ipv4/tcp_ecn'; done
in_ce() { b nstat -asz IpExtInCEPkts | awk '$1 == "IpExtInCEPkts" { print $2 }'; }
# tcp ARG...: retransmissions of a transfer from a to b.
tcp() { a iperf3 -c $B4 "$@" -J | jq .end.sum_sent.retransmits; }
iperf_up b
marks meta length gt 1200 numgen inc mod 50 == 5
before=$(in_ce)
t_is "$(tcp -n 3M)" 0 "TCP over a path that marks: nothing sent twice"
t_between "$(($(in_ce) - before))" 1 100000 "and packets that are marked"
marks none

# ---- what waits for the link ----

a rtplctl peer set "$B_PUB" rate 200 latency 2s ecn off
before=$(in_ce)
a tc qdisc replace dev eth0 parent 1:2 handle 20: fq_codel
t_is "$(tcp -n 1M -P 4)" 0 "four TCP connections through a slow link: nothing sent twice"
t_between "$(a tc -s -j qdisc show dev eth0 | jq '[.[] | select(.kind == "fq_codel") | .ecn_mark] | add')" 1 100000 \
	"for its fq_codel marks what waits"
t_between "$(($(in_ce) - before))" 1 100000 "and the marks arrive"

# ---- the class of the packets ----

a rtplctl peer set "$B_PUB" dscp copy rate off
sleep 0.3
capture_start "$OUT/copy.pcap" udp src port 51900 and src $A4
a ping -c 2 -i 0.1 -Q 0x88 $B4 >/dev/null
a ping -c 2 -i 0.1 -Q 0x28 $B6 >/dev/null
capture_stop
t_is "$(classes "$OUT/copy.pcap" udp)" "tos 0x28 tos 0x88 " "copied: cells have the packets' DSCP"
t_is "$(a rtplctl -j peer show "$B_PUB" | jq -c '.peers[0] | [.dscp, .ecn]')" '["copy","off"]' "and it is shown"

# ---- when did it leave? ----

for to in $B4 $B6; do
	t_is "$(a "$PY" stamps $to 4000)" "left queued in-order" "$to: a socket is told when its packet was queued and left"
done
t_done
