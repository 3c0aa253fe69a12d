#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 200
# tier: uml
#
# What comes in clear with a required peer's address stays out; cells, link
# control and ICMP errors about cells come in.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
raw=$T_LIB/leakguard/raw.py
topo_up
topo_host c pc 3
c() { in_ns c "$@"; }
pair_keys
pair_node a
pair_peer a

hits() { a rtplctl -j stats | jq '[.. | .["leakguard-in"]? | select(. != null)] | last | .count // 0'; }
# got SECONDS CMD...: what arrives at a's UDP port 7, at most so long after the command.
got() {
	local secs=$1
	shift
	rm -f "$OUT/got"
	nsenter --net=/run/netns/a -- socat -u UDP6-RECV:7,ipv6only=0 CREATE:"$OUT/got" &
	wait_until 10 listening a 7 -u
	"$@"
	wait_until "$secs" test -s "$OUT/got"
	kill $!
	wait $! 2>/dev/null
	cat "$OUT/got"
}
clear4() { b python3 "$raw" udp $B4 7 $A4 7; }
clear6() { echo "in clear" | b socat -u - "UDP6-SENDTO:[$A6]:7"; }

a rtplctl peer set "$B_PUB" require off
t_like "$(got 5 clear4)" "in clear" "require off: clear packets come in"
t_is "$(hits)" 0 "require off: the leakguard stops none"
a rtplctl peer set "$B_PUB" require on

n=$(hits)
t_is "$(got 1 clear4)" "" "clear IPv4 of the peer stays out"
t_between "$(($(hits) - n))" 1 5 "and is counted"
n=$(hits)
t_is "$(got 1 clear6)" "" "clear IPv6 of the peer stays out"
t_between "$(($(hits) - n))" 1 5 "and is counted"
t_is "$(got 1 c python3 "$raw" udp $B4 7 $A4 7)" "" "a third host's packet with the peer's address stays out"
t_like "$(got 5 c python3 "$raw" udp 192.0.2.3 7 $A4 7)" "in clear" "a third host's own comes in"

ip -n b neigh flush all
ip -n a neigh flush all
a ping -c 1 -W 1 $B4 >/dev/null 2>&1
b ping -c 1 -W 1 $A6 >/dev/null 2>&1
t_like "$(ip -n b neigh show $A6)" lladdr "address resolution works: IPv6"
b ping -c 1 -W 1 $A4 >/dev/null 2>&1
t_like "$(ip -n b neigh show $A4)" lladdr "address resolution works: IPv4"

# Cells come in: b joins in, and has no leakguard or qdisc of its own in the way.
pair_qdisc a
pair_node b
pair_peer b
pair_qdisc b
t_run "the link comes up through both guards" wait_until 20 a ping -c 1 -W 1 $B4
t_run "IPv6 inside" a ping -c 1 -W 5 $B6
n=$(hits)
sealed() { echo sealed | b socat -u - "UDP-SENDTO:$A4:7"; }
t_like "$(got 5 sealed)" sealed "what comes sealed comes in"
iperf_up a
t_run "TCP in bulk comes in" b iperf3 -c $A4 -n 4M
t_run "TCP by IPv6 too" b iperf3 -c $A6 -n 4M
t_run "fragments inside come in" b ping -c 2 -s 5000 -W 5 $A4
t_is "$(hits)" "$n" "and the leakguard stops none of it"

# A large forged packet right behind sealed ones must not be joined to them.
n=$(hits)
b tc qdisc del dev eth0 root
b rtplctl peer set "$A_PUB" require off
t_is "$(got 1 clear4)" "" "clear packets stay out while the session lives"
t_between "$(($(hits) - n))" 1 50 "and are counted"

# What the socket does not get is no cell: with the node bound to a device, any program may have its
# port on another one.
topo_behind d a eth1 198.51.100.2 198.51.100.1
for dev in all eth0 eth1; do a sysctl -qw net.ipv4.conf.$dev.rp_filter=0; done
# heard DEV PORT NS ARGS...: what a program gets at that port of a's, on DEV
heard() {
	local dev=$1 port=$2 ns=$3
	shift 3
	rm -f "$OUT/heard"
	nsenter --net=/run/netns/a -- socat -u UDP4-RECV:"$port",so-bindtodevice="$dev",reuseaddr CREATE:"$OUT/heard" &
	sleep 1
	in_ns "$ns" python3 "$raw" udp "$@" "$port"
	wait_until 1 test -s "$OUT/heard"
	kill $!
	wait $! 2>/dev/null
	cat "$OUT/heard"
}
a rtplctl node set bind-device eth0
n=$(hits)
t_is "$(heard eth1 $PAIR_PORT d $B4 7 198.51.100.1)" "" \
	"the node is bound to a device: its port on another one is no way in"
t_between "$(($(hits) - n))" 1 2 "and that is counted"
pair_qdisc b
b rtplctl peer set "$A_PUB" require on
t_run "and cells come in by the device that it is bound to" wait_until 20 b ping -c 1 -W 1 $A4
b tc qdisc del dev eth0 root
a rtplctl node set bind-device off

# A device without an address waits for a server's offer, and for nothing else.
ip netns add e
ip -n e link add eth0 type veth peer name eth2 netns a
ip -n e link set eth0 up
ip -n a link set eth2 up
ip -n e addr add 203.0.113.9/24 dev eth0
ip -n e route add default dev eth0
ip -n e neigh add $A4 lladdr "$(a cat /sys/class/net/eth2/address)" dev eth0
a sysctl -qw net.ipv4.conf.eth2.rp_filter=0
n=$(hits)
t_is "$(heard eth2 68 e $B4 67 $A4)" "" "DHCP's ports are no way in to this host's addresses by another device"
t_is "$(heard eth2 67 e $B4 68 $A4)" "" "nor to a server"
t_between "$(($(hits) - n))" 2 4 "and both are counted"
# A VLAN above it that has its address from a server in its subnet.
for h in a e; do
	[ $h = a ] && dev=eth2 || dev=eth0
	ip -n $h link add link $dev name v5 type vlan id 5
	ip -n $h link set v5 up
done
ip -n a addr add 10.5.0.1/24 dev v5
ip -n e addr add 10.5.0.2/24 dev v5
a rtplctl peer set "$B_PUB" allowed "$B4/32,$B6/128,10.0.0.0/8"
t_like "$(heard v5 68 e 10.5.0.2 67 10.5.0.1)" "in clear" "a server's answer to a VLAN above it comes in"
# Bound to a bridge, whose packets are seen at its port first.
ip -n a link add br5 type bridge forward_delay 0
ip -n a addr flush dev v5
ip -n a link set v5 master br5
ip -n a addr add 10.5.0.1/24 dev br5
ip -n a link set br5 up
a rtplctl node set bind-device br5
sleep 2
n=$(hits)
e() { in_ns e "$@"; }
e python3 "$raw" udp 10.5.0.2 7 10.5.0.1 $PAIR_PORT
sleep 1
t_is "$(hits)" "$n" "the node is bound to a bridge: what comes to its port there passes the leakguard"
a rtplctl node set bind-device off
a rtplctl peer set "$B_PUB" allowed "$B4/32,$B6/128"

# b's port is closed: it says so by ICMP, which is about our cells.
b rtplctl peer del "$A_PUB"
b rtplctl node set private-key none listen 51901
unreached() { a nstat -asz IcmpInDestUnreachs 2>/dev/null | awk '/^Icmp/ { print $2 }'; }
n=$(hits) u=$(unreached)
more_unreached() { a ping -c 1 -W 1 $B4; [ "$(unreached)" -gt "$u" ]; }
t_run "ICMP errors about cells come in" wait_until 20 more_unreached
t_is "$(hits)" "$n" "and the leakguard stops none of it"

# The leakguard's event.
nsenter --net=/run/netns/a -- rtplctl monitor >"$OUT/events" 2>&1 &
monitor=$!
sleep 1
clear4
wait_until 10 grep -q -i leakguard "$OUT/events"
t_like "$(cat "$OUT/events")" "[Gg]uard" "an event tells of it"
kill $monitor 2>/dev/null
wait $monitor 2>/dev/null
t_done
