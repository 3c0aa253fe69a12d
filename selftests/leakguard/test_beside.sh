#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 240
#
# What once passed beside the leakguard: forged packets that a bridge takes away
# before IP sees them, whatever calls itself DHCP, groups. And what a program
# is told of a packet that the leakguard stops.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
inner=$T_LIB/leakguard/inner.py
pair_routed

drops() { local n; n=$(node_drops "$1" "$2"); [ "$n" = null ] && n=0; echo "$n"; }
# dropped HOST REASON NAME CMD...: one packet more is dropped for it.
dropped() {
	local host=$1 why=$2 name=$3 n
	shift 3
	n=$(drops "$host" "$why")
	"$@"
	wait_until 3 dropped_more "$host" "$why" "$n"
	t_is "$(($(drops "$host" "$why") - n)) $why" "1 $why" "$name"
}
dropped_more() { [ "$(drops "$1" "$2")" -gt "$3" ]; }

# ---- DHCP, outwards ----
dhcp_watch() { capture_start "$OUT/dhcp.pcap" "udp port 67 and ether src 02:00:00:00:00:01"; }
dhcp_seen() { capture_stop; tcpdump -nr "$OUT/dhcp.pcap" 2>/dev/null | wc -l; }
# in_clear WANT NAME SRC DST: how many DHCP-like packets of a's the observer saw.
in_clear() {
	local want=$1 name=$2
	dhcp_watch
	${FROM:-a} python3 "$inner" "udp:${PORTS:-68:67}" "$3" "$4"
	t_is "$(dhcp_seen)" "$want" "$name"
}
PORTS=67:67 in_clear 0 "ports of DHCP to the peer's own address: sealed" $A4 $B4
in_clear 1 "limited broadcast: in clear" $A4 255.255.255.255
a rtplctl peer set "$B_PUB" allowed "0.0.0.0/0,$B6/128"
in_clear 1 "limited broadcast, a peer for all: in clear" $A4 255.255.255.255
in_clear 1 "a server in the own subnet, a peer for all: in clear" $A4 192.0.2.3
ip -n a route add 198.51.100.0/24 via $B4
in_clear 0 "a server elsewhere: sealed" $A4 198.51.100.9
a sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
ip -n c route add 192.0.2.99/32 via $A4
ip -n a neigh replace 192.0.2.99 lladdr 02:00:00:00:00:02 dev eth0
FROM=c in_clear 0 "what a host forwards is no DHCP of its own" 192.0.2.3 192.0.2.99
a sysctl -qw net.ipv4.ip_forward=0
a rtplctl peer set "$B_PUB" allowed "$B4/32,$B6/128,198.51.100.0/24"

# ---- DHCP, inwards: c says it is a ----
dropped b leakguard-in "ports of DHCP from the peer's address, forged, stay out" \
	c python3 "$inner" udp:67:68 $A4 $B4
n=$(drops b leakguard-in) g=$(drops b leakguard-group)
c python3 "$inner" udp:67:68 $A4 255.255.255.255
b ping -c 1 -W 1 192.0.2.3 >/dev/null
t_is "$(drops b leakguard-in) $(drops b leakguard-group)" "$n $g" "limited broadcast of a DHCP server comes in"

# ---- groups ----
events_start b
group() { a python3 "$inner" "$@"; }
dropped b leakguard-group "multicast in clear stays out, and has a counter" group udp $A4 239.1.1.1
t_run "and an event names it" wait_until 5 grep -q leakguard-group "$OUT/events.b"
events_stop b
dropped b leakguard-group "multicast by IPv6, too" group udp $A6 ff05::1234
dropped b leakguard-group "and broadcast" group udp $A4 192.0.2.255
a rtplctl peer set "$B_PUB" allowed "$B4/32,$B6/128,198.51.100.0/24,239.1.1.1/32,192.0.2.255/32"
n=$(pair_stat b rx_packets)
group udp $A4 239.1.1.1
group udp $A4 192.0.2.255
more_rx() { [ "$(pair_stat b rx_packets)" -ge $((n + 2)) ]; }
t_run "groups among the peer's prefixes go sealed, and come in" wait_until 5 more_rx

# ---- what a program is told ----
# told HOST DST [PRIORITY]: the error of sending a datagram there, or "sent".
told() {
	in_ns "$1" python3 -c '
import errno, socket, sys
v6 = ":" in sys.argv[1]
s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(*((41, 25, 1) if v6 else (0, 11, 1)))	# errors, please
if len(sys.argv) > 2:
    s.setsockopt(socket.SOL_SOCKET, 12, int(sys.argv[2], 16))
try:
    s.sendto(b"x", (sys.argv[1], 7))
    print("sent")
except OSError as e:
    print(errno.errorcode[e.errno])' "${@:2}"
}
t_is "$(told a $B4)" sent "a datagram to be sealed: sent"
t_is "$(told a $B4 10001)" EPERM "one that asks for the class clear: not permitted"
t_is "$(told a 192.0.2.3 10001)" sent "but to a host that nobody protects: sent"
a tc filter add dev eth0 parent 1: protocol ip matchall classid 1:9
dropped a no-class "a filter to a class that does not exist: its packets are dropped" told a 192.0.2.3
t_like "$(dmesg | tail -n 50)" "rtpl: eth0: a filter names class 1:9, which does not exist" \
	"and the kernel's log says so"
a tc filter del dev eth0 parent 1:
a tc qdisc del dev eth0 root
dropped a leakguard-out "no qdisc: one packet is counted once" told a $B4
t_is "$(told a $B4)" EPERM "no qdisc, IPv4: not permitted"
t_is "$(told a $B6)" EPERM "no qdisc, IPv6: not permitted"
t_is "$(told a 192.0.2.3)" sent "another host: sent"
ip -n a link add link eth0 name v7 type vlan id 7
ip -n a link set v7 up
ip -n a route add $B4/32 dev v7 src $A4
ip -n a neigh add $B4 lladdr 02:00:00:00:00:02 dev v7
t_is "$(told a $B4)" EPERM "no qdisc, by a VLAN: not permitted"
ip -n a link del v7
pair_qdisc a

# ---- forged packets that IP does not see, or not first ----
ip netns add s
ip -n s link set lo up
# got CMD...: what arrives at s's UDP port 7.
got() {
	rm -f "$OUT/got"
	nsenter --net=/run/netns/s -- socat -u UDP4-RECV:7 CREATE:"$OUT/got" &
	wait_until 10 listening s 7 -u
	"$@"
	wait_until 2 test -s "$OUT/got"
	kill $!
	wait $! 2>/dev/null
	cat "$OUT/got" 2>/dev/null
}
echoed() {
	c python3 "$inner" udp:5555:7 192.0.2.3 "$1"
}
bridge_on() {
	ip -n b addr flush dev eth0
	ip -n b link add br1 type bridge forward_delay 0
	ip -n b link set eth0 master br1
	ip -n b link add eth1 type veth peer name eth0 netns s
	ip -n b link set eth1 master br1 up
	ip -n b addr add $B4/24 dev br1
	ip -n b link set br1 up
	ip -n s addr add 192.0.2.50/24 dev eth0
	ip -n s link set eth0 up
	wait_until 10 c ping -c 1 -W 1 192.0.2.50
}
bridge_on
forged() { c python3 "$inner" udp:5555:7 $A4 "$1"; }
t_like "$(got echoed 192.0.2.50)" "in clear" "bridge: a third host's packet reaches the container"
dropped b leakguard-in "bridge: a forged one is dropped" forged 192.0.2.50
t_is "$(got forged 192.0.2.50)" "" "and does not reach it"
t_run "bridge: the link works" wait_until 20 a ping -c 1 -W 1 $B4
t_run "with large packets" a ping -c 1 -W 5 -s 20000 $B4
ip -n b link del br1
ip -n b link del eth1
ip -n b addr add $B4/24 dev eth0
t_done
