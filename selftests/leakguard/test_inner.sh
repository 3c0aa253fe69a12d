#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 200
#
# What a peer may send in: never control of the local link, addresses of a link
# only where a prefix names them, never a hop limit that proves a neighbour; and
# with an Ethernet header, always.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
inner=$T_LIB/leakguard/inner.py
topo_up
pair_keys
pair_node a
pair_node b
# To b, a is a gateway: anything may come from it.
b rtplctl peer add "$A_PUB" endpoint $A4:$PAIR_PORT allowed "0.0.0.0/0,::/0"
a rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT \
	allowed "$B4/32,$B6/128,224.0.0.251/32,239.1.1.1/32,ff02::fb/128"
pair_qdisc a
pair_qdisc b
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no link"

# What b refused and what it took so far.
judged() {
	b rtplctl -j stats | jq -r '"\(.drops["inner-link"].count + .drops["bad-source"].count) \(
		[.. | objects | .rx_packets? | select(. != null)][0])"'
}
judged_more() { now=$(judged); [ "$now" != "$1" ]; }
# judge NAME REFUSED TAKEN KIND SRC DST [HOPS]: what became of one packet that a seals.
judge() {
	local name=$1 want="$2 refused, $3 taken" was now
	shift 3
	was=$(judged)
	a python3 "$inner" "$@" || t_diag "not sent: $*"
	wait_until 5 judged_more "$was"
	t_is "$((${now% *} - ${was% *})) refused, $((${now#* } - ${was#* })) taken" "$want" "$name"
}
stays_out() { local name=$1; shift; judge "$name stays out" 1 0 "$@"; }
comes_in() { local name=$1; shift; judge "$name comes in" 0 1 "$@"; }

comes_in "a datagram" udp $A4 $B4
comes_in "a datagram, IPv6, behind options" opt:udp $A6 $B6

stays_out "a router advertisement" opt:icmp:134 fe80::bad $B6 255
t_is "$(ip -n b -6 route show default)" "" "and makes nobody a router"
stays_out "a neighbour advertisement" opt:icmp:136 $A6 $B6 255
stays_out "a redirect, IPv6" opt:icmp:137 fe80::bad $B6 255
stays_out "a group report, IPv6" opt:icmp:143 $A6 $B6 1
stays_out "a redirect, IPv4" icmp:5 192.0.2.254 $B4
stays_out "a router advertisement, IPv4" icmp:9 $A4 $B4
stays_out "a group query" igmp $A4 $B4
stays_out "a DHCP server's word" udp:67:68 $A4 $B4
stays_out "a DHCP server's word, IPv6" udp:547:546 $A6 $B6
stays_out "a DHCP server's word from another port" udp:1067:68 $A4 $B4
stays_out "a DHCP server's word from another port, IPv6" udp:1546:546 $A6 $B6
comes_in "an echo request" icmp:8 $A4 $B4

stays_out "a link-local source, IPv4" udp 169.254.1.1 $B4
stays_out "a link-local source, IPv6" udp fe80::bad $B6
stays_out "a link-local group, IPv4" udp $A4 224.0.0.251
stays_out "a link-local group, IPv6" udp $A6 ff02::fb
comes_in "another group" udp $A4 239.1.1.1
stays_out "a source of nobody, IPv4" udp 127.0.0.1 $B4
stays_out "a source of nobody, IPv6" udp :: $B6
b rtplctl peer set "$A_PUB" \
	allowed "0.0.0.0/0,::/0,169.254.0.0/16,fe80::bad/128,224.0.0.251/32,ff02::fb/128"
comes_in "a link-local source that a prefix names, IPv4," udp 169.254.1.1 $B4
comes_in "a link-local source that a prefix names, IPv6," udp fe80::bad $B6
comes_in "a link-local group that a prefix names, IPv4," udp $A4 224.0.0.251
comes_in "a link-local group that a prefix names, IPv6," udp $A6 ff02::fb
stays_out "a router advertisement from a named source" opt:icmp:134 fe80::bad $B6 255
t_is "$(ip -n b -6 route show default)" "" "and makes nobody a router"

# The hop limit, as a program at b sees it.
hops() {
	rm -f "$OUT/hops"
	nsenter --net=/run/netns/b -- python3 -c '
import socket, sys
v6 = ":" in sys.argv[1]
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(*((socket.IPPROTO_IPV6, 51, 1) if v6 else (socket.IPPROTO_IP, 12, 1)))
s.bind((sys.argv[1], 7))
s.settimeout(10)
print(int.from_bytes(s.recvmsg(100, 100)[1][0][2][:4], sys.byteorder))' "$1" >"$OUT/hops" &
	wait_until 10 listening b 7 -u
	a python3 "$inner" udp "$2" "$1" "$3"
	wait $!
	cat "$OUT/hops"
}
t_is "$(hops $B4 $A4 255)" 254 "a hop limit of 255 is lowered, IPv4"
t_is "$(hops $B6 $A6 255)" 254 "a hop limit of 255 is lowered, IPv6"
t_is "$(hops $B4 $A4 64)" 64 "another one is not"

# Whole segments of super-packets that lost cells go up by a timer, with no frame at hand.
wire_like
impair a2b loss 30% limit 10000
b nft -f - <<'N'
table ip inner {
	chain pre {
		type filter hook prerouting priority 0;
		udp dport 9 counter comment "seen"
		udp dport 9 ether saddr != 00:00:00:00:00:00 counter comment "framed"
	}
}
N
inner() {
	b nft -j list chain ip inner pre | jq --arg rule "$1" '.nftables[].rule?
		| select(.comment == $rule) | .expr[].counter? // empty | .packets'
}
a python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(17, 103, 1000)		# UDP_SEGMENT
for i in range(10):
    s.sendto(bytes(40000), (sys.argv[1], 9))
    time.sleep(0.1)' $B4
sleep 0.2
impair a2b none
t_diag "lost: $(node_drops b reasm-lost)"
seen=$(inner seen)
t_between "$seen" 5 400 "packets came out of cells"
t_is "$(inner framed)" "$seen" "each has an Ethernet header"

# One cell makes no crowd of packets: super-packets of tiny segments are cut before.
seen=$(inner seen) cells=$(pair_stat a tx_cells)
a python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(17, 103, 1)
for i in range(50):
    s.sendto(bytes(64), (sys.argv[1], 9))
    time.sleep(0.01)' $B4
sleep 0.5
seen=$(($(inner seen) - seen)) cells=$(($(pair_stat a tx_cells) - cells))
t_is "$seen" 3200 "datagrams of a byte come out"
t_between $((seen / cells)) 1 51 "datagrams of a byte in a cell: $cells cells"
t_done
