#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 180
# tier: uml
#
# An own cell is known whatever the stack makes of it: a bridge that floods, tc's mirror, nft's
# dup, a program that replays what it saw, segments of a batch. It leaves as a cell, no packet
# makes more of it, and it is counted. Inside a tunnel whose outer address belongs to the same
# peer it is dropped and counted, and makes no other.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

xstat() { a tc -s -j qdisc show dev eth0 root | jq -r ".[0].$1"; }
sent() { pair_stat a tx_cells; }
# one_ping NAME ADDR: one ping through the pair, and then how many cells a built for it.
one_ping() {
	local was now
	a ping -c 2 -i 0.2 -W 5 "$2" >/dev/null	# whatever is asked for once
	was=$(sent)
	t_run "$1: a ping is answered" a ping -c 1 -W 5 "$2"
	sleep 0.5
	now=$(sent)
	t_between $((now - was)) 1 4 "$1: one ping is a cell, and no more come of it"
}

topo_up
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
one_ping "plain" "$B4"
t_is "$(xstat cell_copies)" 0 "plain: no cell came twice"

ip -n a link add x0 type dummy
ip -n a link set x0 up
was=$(xstat cell_copies)
a nft -f - <<-NFT || t_bail "no nft"
	table netdev copy {
		chain out { type filter hook egress device eth0 priority 0; meta mark 7 return; udp dport $PAIR_PORT meta mark set 7 dup to eth0; }
	}
NFT
one_ping "nft dup" "$B4"
t_between $(($(xstat cell_copies) - was)) 1 100 "nft dup: the copies are counted"
t_between "$(node_drops b replay)" 1 100 "nft dup: the other end knows them for copies"
a nft delete table netdev copy

# What a program captured, sent again as it is. Small cells, for a trailer has to fit, too.
a rtplctl peer set "$B_PUB" cell 1000
was=$(xstat cell_copies) cells=$(sent)
nsenter --net=/run/netns/a -- python3 - $PAIR_PORT <<-'PY' >"$OUT/replay" 2>&1 &
	import socket, sys
	tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
	tap.bind(("eth0", 0x0003))
	tap.settimeout(10)
	print("ready", flush=True)
	n = 0
	while n < 5:
	    data, who = tap.recvfrom(70000)
	    if who[2] == 4 and data[-2:] != b"\x88\xfb" and data[23] == 17 and data[36:38] == int(sys.argv[1]).to_bytes(2, "big"):
	        out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
	        out.bind(("eth0", 0x0800))
	        # as it was, and as PRP sends it, with a trailer
	        out.send(data + (bytes(4) + b"\x88\xfb" if n % 2 else b""))
	        n += 1
	print("sent", n)
PY
wait_until 10 grep -q ready "$OUT/replay"
one_ping "replayed" "$B4"
wait_until 20 grep -q sent "$OUT/replay"
t_is "$(tail -n 1 "$OUT/replay")" "sent 5" "replayed: so often"
t_between $(($(xstat cell_copies) - was)) 5 100 "replayed: known and counted"
t_between $(($(sent) - cells)) 1 20 "replayed: nothing was sealed again"
a rtplctl peer set "$B_PUB" cell device
pair_down || t_bail "cannot take the pair down"

# A hub: every frame out of every port.
ip -n a addr flush dev eth0
ip -n a link add br0 address 02:00:00:00:00:01 type bridge forward_delay 0 mcast_snooping 0 ageing_time 0
# The port that came first gets the packet itself, all others copies.
ip -n a link set x0 master br0
ip -n a link set eth0 master br0
ip -n a addr add $A4/24 dev br0
ip -n a addr add $A6/64 dev br0 nodad
ip -n a link set br0 up
wait_until 10 a ping -c 1 -W 1 $B4
pair_up || t_bail "no pair"
pair_wait || t_bail "hub: the link does not come up"
one_ping "hub" "$B4"
t_between "$(xstat cell_copies)" 2 1000 "hub: copies are known, handshake and cells"
offload off
a ping -c 3 -i 0.2 -s 20000 -W 5 "$B4" >/dev/null
one_ping "hub, many cells at once" "$B4"
pair_down || t_bail "cannot take the pair down"
ip -n a link del br0
ip -n a addr add $A4/24 dev eth0

# The link's cells through a tunnel, whose own packets go to the same peer.
for h in a b; do
	n=$([ $h = a ] && echo 1 || echo 2)
	ip -n $h link add t0 type vxlan id 5 dstport 4789 local 192.0.2.$n remote 192.0.2.$((3 - n)) || t_bail "no VXLAN"
	ip -n $h addr add 10.60.0.$n/24 dev t0
	ip -n $h link set t0 up
done
wait_until 10 a ping -c 1 -W 1 10.60.0.2
for h in a b; do pair_node $h; done
b rtplctl peer add "$A_PUB" endpoint 10.60.0.1:$PAIR_PORT allowed 198.51.100.1/32
a rtplctl peer add "$B_PUB" endpoint 10.60.0.2:$PAIR_PORT allowed 198.51.100.2/32
wait_until 20 pair_is_up || t_bail "tunnel: the link does not come up"
pair_qdisc a
a rtplctl peer set "$B_PUB" allowed "198.51.100.2/32,$B4/32"
was=$(sent)
for i in 1 2 3 4 5 6 7 8; do a ping -c 1 -W 0.2 -s 4000 "$B4" >/dev/null; done
sleep 1
t_between $(($(sent) - was)) 0 60 "tunnel: what its packets carry is not sealed again"
t_between "$(node_drops a loop)" 1 1000 "tunnel: they are dropped and counted"
tc -n a qdisc del dev eth0 root
a rtplctl peer del "$B_PUB"
b rtplctl peer del "$A_PUB"
for h in a b; do ip -n $h link del t0; done

# Two links, the cells of each through a tunnel to an address of the other's peer.
topo_host c pc 3
key=$PAIR_DIR/c.key C4=192.0.2.3
(umask 077; rtplctl genkey >"$key")
pub=$(rtplctl pubkey <"$key")
for h in a b; do pair_node $h; done
in_ns c rtplctl node set private-key "$key" listen $PAIR_PORT
a rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT allowed $B4/32
a rtplctl peer add "$pub" endpoint $C4:$PAIR_PORT allowed $C4/32
b rtplctl peer add "$A_PUB" endpoint $A4:$PAIR_PORT allowed $A4/32
in_ns c rtplctl peer add "$A_PUB" endpoint $A4:$PAIR_PORT allowed $A4/32
for h in a b; do pair_qdisc $h; done
in_ns c tc qdisc add dev eth0 root rtpl
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "two links: no link a - b"
wait_until 20 a ping -c 1 -W 1 $C4 || t_bail "two links: no link a - c"
all_sent() { a rtplctl -j stats | jq '[.peers[].tx_cells] | add'; }
# One of them through the other: a good thing, and no loop.
ip -n a link add vxb type vxlan id 1 dstport 4789 remote $C4 dev eth0 || t_bail "no VXLAN"
ip -n a link add vxc type vxlan id 2 dstport 4790 remote $B4 dev eth0
for d in vxb vxc; do ip -n a link set $d up; done
ip -n a neigh add 10.9.1.2 lladdr 02:00:00:00:99:01 dev vxb
ip -n a addr add 10.9.1.1/24 dev vxb
ip -n a neigh add 10.9.2.2 lladdr 02:00:00:00:99:02 dev vxc
ip -n a addr add 10.9.2.1/24 dev vxc
a rtplctl node set fwmark 51
ip -n a rule add fwmark 51 lookup 51
ip -n a route add $B4/32 via 10.9.1.2 dev vxb table 51
loops=$(node_drops a loop)
a ping -c 2 -i 0.2 -W 0.2 $B4 >/dev/null
t_is "$(node_drops a loop)" "$loops" "two links: one through the other is no loop"
ip -n a route add $C4/32 via 10.9.2.2 dev vxc table 51
was=$(all_sent)
a ping -c 2 -i 0.2 -W 0.2 $B4 >/dev/null
sleep 1
t_between $(($(all_sent) - was)) 0 200 "two links through each other: a packet is not sealed without end"
t_between $(($(node_drops a loop) - loops)) 1 200 "two links through each other: dropped and counted"
ip -n a rule del fwmark 51
a rtplctl node set fwmark 0
t_run "two links: and both are there again" wait_until 20 a ping -c 1 -W 1 $B4
t_done
