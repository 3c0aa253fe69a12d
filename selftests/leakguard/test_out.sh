#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 600
# tier: uml
#
# Traffic to a required peer never leaves in clear: without the qdisc, before
# the handshake, by another device, through packet sockets, while the qdisc is
# being replaced. The observer must see cells and link control only.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
raw=$T_LIB/leakguard/raw.py

# Neither a cell nor control of the link (ARP, groups, neighbours).
cell="udp and (src port 51900 or dst port 51900)"
v4="ip and not igmp and not ($cell)"
v6="ip6 and not ($cell) and (not icmp6 or ip6[40] == 128 or ip6[40] == 129) and not ip6[6] == 0"
clear="($v4) or ($v6) or (vlan and (($v4) or ($v6) or (vlan and ip)))"

topo_up
topo_host c pc 3
c() { in_ns c "$@"; }
pair_keys
pair_node a
pair_peer a

hits() { a rtplctl -j stats | jq '[.. | .["leakguard-out"]? | select(. != null)] | last | .count // 0'; }

# What the observer saw of a's traffic to b that was no cell.
watch() { capture_start "$OUT/clear.pcap" "src host $A4 or src host $A6 or vlan"; }
clear_seen() {
	capture_stop
	tcpdump -nr "$OUT/clear.pcap" "$clear" 2>/dev/null |
		grep -v '\.51900 > ' |	# cells in a tunnel
		tee "$OUT/clear.txt" | wc -l
}

# quiet NAME CMD...: the command's packets are stopped, and counted.
quiet() {
	local name=$1 before after
	shift
	before=$(hits)
	watch
	"$@" >/dev/null 2>&1
	t_is "$(clear_seen)" 0 "$name: nothing in clear"
	head -n 3 "$OUT/clear.txt" | sed 's/^/# /'
	after=$(hits)
	t_between "$((after - before))" 1 100000 "$name: the leakguard stopped it"
}

send4() { a ping -c 2 -i 0.1 -W 1 $B4; }
send6() { a ping -c 2 -i 0.1 -W 1 $B6; }
tcp() { a socat -u /dev/null TCP:$B4:80,connect-timeout=0.5; }

# The watching itself must be able to see.
a rtplctl peer set "$B_PUB" require off
watch
send4 >/dev/null
send6 >/dev/null
t_between "$(clear_seen)" 4 4 "require off: the observer sees clear packets"
t_is "$(hits)" 0 "require off: the leakguard stops none"
a rtplctl peer set "$B_PUB" require on

quiet "no qdisc, IPv4" send4
quiet "no qdisc, IPv6" send6
quiet "no qdisc, TCP" tcp
# Source routes, which every program may set: behind another host they lead to the peer.
route() { a python3 "$raw" route "$@"; }
routes() {
	local how before
	before=$(hits)
	watch
	for how in loose strict visited dhcp; do route $how 192.0.2.3 $B4; done >/dev/null 2>&1
	for how in segments deep fragment second compressed split torn; do route $how 2001:db8::3 $B6; done >/dev/null 2>&1
	clear_seen >/dev/null
	# A second fragment may leave: without the first it leads nowhere.
	t_is "$(grep -vc ' frag ([1-9]' "$OUT/clear.txt")" 0 "$1, eleven kinds of source routes: nothing in clear"
	cut -c1-200 "$OUT/clear.txt" | sed 's/^/# /'
	t_is "$(($(hits) - before))" 11 "$1, eleven kinds of source routes: the leakguard stopped each"
	watch
	route loose 192.0.2.3 192.0.2.4
	for how in segments deep fragment compressed; do route $how 2001:db8::3 2001:db8::4; done
	t_is "$(clear_seen)" 5 "$1, source routes to others: pass"
}
routes "no qdisc"
t_run "another host is reached" a ping -c 1 -W 5 192.0.2.3
t_run "and by IPv6" a ping -c 1 -W 5 2001:db8::3

# Before the handshake: b has no node, so there is none.
pair_qdisc a
watch
send4 >/dev/null
send6 >/dev/null
tcp >/dev/null 2>&1
t_is "$(clear_seen)" 0 "qdisc, but no handshake: nothing in clear"
routes qdisc
a tc qdisc del dev eth0 root

# Who reads a tun goes by the packet's version, whatever its sender calls it.
modprobe tun 2>/dev/null
for how in "" qdisc; do
	for claim in 0800 88cc; do
		# shellcheck disable=SC2086 # a word or none
		t_is "$(a python3 "$raw" tun $claim $B4 $how)" stopped "tun ${how:-no qdisc}, claimed $claim: stopped"
		# shellcheck disable=SC2086 # a word or none
		t_is "$(a python3 "$raw" tun $claim 198.51.100.9 $how)" got "tun ${how:-no qdisc}, claimed $claim: others' pass"
	done
done

# Other devices, there before or new.
a sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
vlan() {
	ip -n a link add link eth0 name v7 type vlan id 7 || return
	ip -n a link set v7 up
	ip -n a route add $B4/32 dev v7 src $A4
	ip -n a neigh add $B4 lladdr 02:00:00:00:00:02 dev v7
	send4
	ip -n a link del v7
}
quiet "a new VLAN device" vlan
macvlan() {
	ip -n a link add link eth0 name m0 type macvlan mode bridge || return
	ip -n a link set m0 up
	ip -n a route add $B4/32 dev m0 src $A4
	ip -n a neigh add $B4 lladdr 02:00:00:00:00:02 dev m0
	send4
	ip -n a link del m0
}
if ip -n a link add link eth0 name probe type macvlan 2>/dev/null; then
	ip -n a link del probe
	quiet "a macvlan device" macvlan
else
	t_skip "a macvlan device" "this kernel has none"
fi
gre() {
	ip -n a link add g0 type gre local $A4 remote 192.0.2.3 || return
	ip -n a link set g0 up
	ip -n a route add $B4/32 dev g0 src $A4
	send4
	ip -n a link del g0
}
if ip -n a link add probe type gre local $A4 remote 192.0.2.3 2>/dev/null; then
	ip -n a link del probe
	quiet "a tunnel to a third host" gre
else
	t_skip "a tunnel to a third host" "this kernel has none"
fi
bridge() {
	ip -n a link add br1 type bridge forward_delay 0
	ip -n a link set eth0 master br1
	ip -n a addr flush dev eth0
	ip -n a addr add $A4/24 dev br1
	ip -n a link set br1 up
	wait_until 5 sh -c "bridge -n a link show | grep -q 'state forwarding'"
	"$@"
	ip -n a link set eth0 nomaster
	ip -n a link del br1
	ip -n a addr add $A4/24 dev eth0
}
quiet "a bridge above the device" bridge send4
t_run "a bridge passes what nobody protects" bridge a ping -c 1 -W 5 192.0.2.3
dummy() {
	ip -n a link add d0 type dummy
	ip -n a link set d0 up
	ip -n a route add $B4/32 dev d0 src $A4
	send4
	ip -n a link del d0
}
quiet "a dummy device" dummy

# Packet sockets: the frame is believed, not what the socket claims.
frame() { a python3 "$raw" frame eth0 02:00:00:00:00:02 "$@"; }
quiet "packet socket" frame 0800 $B4
quiet "packet socket that claims another protocol" frame 0800 $B4 88cc
quiet "packet socket, VLAN tag" frame 8100,0800 $B4
quiet "packet socket, two VLAN tags" frame 88a8,8100,0800 $B4

# With the qdisc, too: it goes by what the socket claims.
pair_qdisc a
quiet "qdisc, packet socket that claims another protocol" frame 0800 $B4 88cc
quiet "qdisc, packet socket that hides a VLAN tag" frame 8100,0800 $B4 0800
# A tenant of the host, at the same bridge as the device.
tenant() {
	ip netns add t
	ip -n a link add vt type veth peer name eth0 netns t
	ip -n a link set vt master br1 up
	ip -n t link set eth0 up
	wait_until 5 sh -c "bridge -n a link show dev vt | grep -q 'state forwarding'"
	in_ns t python3 "$raw" frame eth0 02:00:00:00:00:02 "$@"
	sleep 0.1
	ip netns del t
}
for tags in 88a8,8100 8100,8100 8100,8100,8100; do
	quiet "qdisc, a bridge, a tenant's VLAN tags $tags" bridge tenant $tags,0800 $B4
done
a tc qdisc del dev eth0 root

# The qdisc comes and goes under traffic, until a whole session works at the end.
pair_node b
pair_peer b
pair_qdisc b
watch
nsenter --net=/run/netns/a -- ping -f -i 0.01 $B4 >/dev/null 2>&1 &
flood=$!
for i in $(seq 20); do
	a tc qdisc add dev eth0 root handle 1: rtpl
	[ $((i % 4)) != 0 ] || sleep 0.05
	case $((i % 3)) in
	0) a tc qdisc replace dev eth0 root handle 2: pfifo ;;
	1) a tc qdisc replace dev eth0 root handle 2: fq_codel ;;
	esac
	a tc qdisc del dev eth0 root
done
kill -9 $flood 2>/dev/null
wait $flood 2>/dev/null
t_is "$(clear_seen)" 0 "the qdisc comes and goes 20 times under traffic: nothing in clear"
head -n 3 "$OUT/clear.txt" | sed 's/^/# /'
pair_qdisc a
t_run "and then the link works" wait_until 20 a ping -c 1 -W 1 $B4

# The leakguard goes with the last required peer.
a tc qdisc del dev eth0 root
a rtplctl peer del "$B_PUB"
b tc qdisc del dev eth0 root
b rtplctl peer del "$A_PUB"
t_run "no peer, no leakguard" a ping -c 1 -W 5 $B4
t_done
