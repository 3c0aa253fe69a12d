#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 200
# tier: uml
#
# What is sent to a required peer never left in clear: no ICMP error and no redirect about it that
# comes in clear is genuine, whoever it is for. Out of a cell a peer's errors are about its own
# addresses. Those about cells, about others and out of the peer's own net come in.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
icmp=$T_LIB/leakguard/icmp.py
D4=198.18.0.7 D6=2001:db8:77::7 K4=198.51.100.2 K6=2001:db8:51::2 R4=192.0.2.5 C4=192.0.2.3
M4=192.0.2.4 M6=2001:db8::4
topo_up
topo_host c pc 3	# nobody
topo_host m pm 4	# another peer
topo_host r pr 5	# whom a takes for the router to D's net
c() { in_ns c "$@"; }
m() { in_ns m "$@"; }
# D's net is behind b, by a narrower link; a container k behind a.
topo_behind s b eth1 $D4 198.18.0.1 $D6 2001:db8:77::1
ip -n b link set eth1 mtu 1400
ip -n s link set eth0 mtu 1400
topo_behind k a vk $K4 198.51.100.1 $K6 2001:db8:51::1
for h in a b; do
	in_ns $h sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
done
# A host that forwards takes no redirects by itself; of IPv6 none by a device that it forwards from.
a sysctl -qw net.ipv4.conf.all.accept_redirects=1 net.ipv4.conf.eth0.accept_redirects=1 \
	net.ipv6.conf.eth0.forwarding=0 net.ipv6.conf.eth0.accept_redirects=1
for h in c r; do
	ip -n $h route add 198.51.100.0/24 via $A4
	ip -n $h -6 route add 2001:db8:51::/64 via $A6
done

pair_keys
pair_node a
pair_node b
b rtplctl peer add "$A_PUB" allowed "$A4/32,$A6/128,198.51.100.0/24,2001:db8:51::/64"
a rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT \
	allowed "$B4/32,$B6/128,198.18.0.0/24,2001:db8:77::/64"
(umask 077; rtplctl genkey >"$PAIR_DIR/m.key")
mpub=$(rtplctl pubkey <"$PAIR_DIR/m.key")
m rtplctl node set private-key "$PAIR_DIR/m.key" listen $PAIR_PORT
m rtplctl peer add "$A_PUB" endpoint $A4:$PAIR_PORT allowed "$A4/32,$A6/128"
a rtplctl peer add "$mpub" endpoint $M4:$PAIR_PORT allowed "$M4/32,$M6/128,203.0.113.0/24"
m tc qdisc add dev eth0 root rtpl
pair_qdisc a
pair_qdisc b
link_local() { ip -n $1 -6 addr show dev eth0 scope link | awk '/inet6/ { sub("/.*", "", $2); print $2 }'; }
R6=$(link_local r) C6=$(link_local c)
ip -n a route add 198.18.0.0/24 via $R4
ip -n a -6 route add 2001:db8:77::/64 via $R6 dev eth0
ip -n a route add 203.0.113.0/24 via $R4
ip -n b route add 198.51.100.0/24 via $A4
ip -n b -6 route add 2001:db8:51::/64 via $A6
wait_until 30 a ping -c 1 -W 1 $D4 || t_bail "no link"
wait_until 30 m ping -c 1 -W 1 $A4 || t_bail "no link of m"
wait_until 10 a ping -c 1 -W 1 $D6 || t_bail "no IPv6 inside"
in_ns s nft -f - <<-'N'
	table inet sink { chain in { type filter hook input priority 0; udp dport 53 drop; }; }
N

# told NS DST PORT COMMAND...: what a program at NS that waits for DST's answer is told meanwhile.
told() {
	local ns=$1 dst=$2 port=$3
	shift 3
	in_ns "$ns" python3 - "$dst" "$port" >"$OUT/told" <<-'PY' &
	import socket, sys
	s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("", 40000))
	s.connect((sys.argv[1], int(sys.argv[2])))
	s.settimeout(2)
	try:
	    s.send(b"question")
	    s.recv(100)
	except OSError as e:
	    print("nothing" if isinstance(e, TimeoutError) else e.strerror)
	PY
	sleep 1
	"$@"
	wait $!
	cat "$OUT/told"
}
hits() { node_drops a leakguard-in; }
foreign() { node_drops a bad-source; }
# stays_out NAME TOLD-ARGS -- ICMP-ARGS: by nobody, and it is counted.
stays_out() {
	local name=$1 n
	shift
	n=$(hits)
	t_is "$(told "$@")" nothing "$name stays out"
	t_between "$(($(hits) - n))" 1 2 "and is counted"
}
# refused NAME TOLD-ARGS -- ICMP-ARGS: by a peer, in a cell.
refused() {
	local name=$1 n
	shift
	n=$(foreign)
	t_is "$(told "$@")" nothing "$name stays out"
	t_is "$(($(foreign) - n))" 1 "and is counted"
}
err() { local ns=$1; shift; in_ns "$ns" python3 "$icmp" "$@"; }

t_is "$(told a $D4 53 true)" nothing "no answer comes: the program waits"
stays_out "port unreachable" a $D4 53 err c $A4 3,3 $D4
stays_out "port unreachable, IPv6," a $D6 53 err c $A6 1,4 $D6
stays_out "the same behind an extension header" a $D6 53 err c $A6 1,4 $D6 extension=1
stays_out "the same behind more of them than anybody has" a $D6 53 err c $A6 1,4 $D6 extension=9
stays_out "the same behind more bytes of them" a $D6 53 err c $A6 1,4 $D6 extension=40
stays_out "the same from an address of this host" a $D6 53 err c $A6 1,4 $D6 from=$A6
stays_out "the same whose last segment is the peer's" a $D6 53 err c $A6 1,4 $C6 segment=$D6
stays_out "in a fragment that does not show what it is about," a $D4 53 err c $A4 3,3 $D4 parts=16
stays_out "in such a fragment, IPv6," a $D6 53 err c $A6 1,4 $D6 parts=16
stays_out "administratively prohibited" a $D4 53 err c $A4 3,13 $D4
stays_out "what is for a container" k $D4 53 err c $K4 3,3 $D4
stays_out "what is for a container, IPv6," k $D6 53 err c $K6 1,4 $D6
stays_out "a container's own word" a $D4 53 err k $A4 3,3 $D4

refused "another peer's port unreachable" a $D4 53 err m $A4 3,3 $D4
refused "another peer's port unreachable, IPv6," a $D6 53 err m $A6 1,4 $D6
refused "the same whose last segment is not its own" a $D6 53 err m $A6 1,4 $M6 segment=$D6

# Errors that are true.
t_is "$(told a $D4 54 true)" "Connection refused" "a closed port inside says so"
t_is "$(told a $D6 54 true)" "Connection refused" "a closed port inside says so, IPv6"
t_is "$(told k $D4 54 true)" "Connection refused" "and to a container"
t_is "$(told a $C4 53 true)" "Connection refused" "so does one of a host that is no peer"
t_is "$(told a 2001:db8::3 53 true)" "Connection refused" "so does one of it, IPv6"
t_is "$(told a $M4 53 err m $A4 3,3 $M4)" "Connection refused" "a peer speaks for its own"
t_like "$(a ping -c 1 -t 1 -W 2 $D4)" "$B4.*ime to live exceeded" "hops inside can be traced"
t_like "$(a ping -6 -c 1 -t 1 -W 2 $D6)" "Time exceeded" "hops inside can be traced, IPv6"
t_like "$(a ping -c 1 -M do -s 1420 -W 2 $D4)" "mtu ?= ?1400" "a narrow link behind the peer says so"
t_like "$(a ping -6 -c 1 -M do -s 1420 -W 2 $D6)" "mtu ?= ?1400" \
	"a narrow link behind the peer says so, IPv6"

# The paths to addresses that no error was about yet.
mtu() { ip -n a route get $1 | grep -o 'mtu [0-9]*'; }
for who in c m; do
	n=8
	[ $who = c ] || n=9
	err $who $A4 3,4,600 198.18.0.$n proto=1
	err $who $A6 2,0,1280 2001:db8:77::$n
	err $who $A4 3,4,600 198.18.0.1$n sport=$PAIR_PORT
	err $who $A6 2,0,1280 2001:db8:77::1$n sport=$PAIR_PORT
	err $who $A4 3,4,600 $B4 proto=1
	err $who $A4 3,4,600 $B4 src=203.0.113.1 sport=$PAIR_PORT
done
sleep 1
for n in 8 9 18 19; do
	t_is "$(mtu 198.18.0.$n)$(mtu 2001:db8:77::$n)" "" "too big about an address inside ($n) is not believed"
done
a ping -q -c 1 -W 1 $B4 >/dev/null
t_is "$(pair_cell a)" 1472 "nor about the endpoint, unless it is about a cell"
t_is "$(mtu $B4)" "" "and its path is as wide as before"

# A peer that all the world is behind speaks for all but others' endpoints.
a rtplctl peer set "$B_PUB" allowed "$B6/128,198.18.0.0/24,2001:db8:77::/64"
a rtplctl peer set "$mpub" allowed "$M4/32,$M6/128,0.0.0.0/0"
wait_until 10 a ping -6 -c 1 -W 1 $B6
n=$(foreign)
err m $A4 3,4,600 $B4 proto=1
wait_until 5 test "$(foreign)" -gt "$n"
t_is "$(mtu $B4)" "" "a peer with a default route does not narrow another's endpoint"
err m $A4 3,4,600 203.0.113.9 proto=1
sleep 1
t_is "$(mtu 203.0.113.9)" "mtu 600" "but a path of its own"
# cell: the index and counter of a's next cell, in hex
cell() {
	capture_start "$OUT/cell.pcap" "udp and src $A4 and dst $B4"
	a ping -6 -q -c 1 -W 1 $B6 >/dev/null
	capture_stop
	python3 -c 'import sys; print(open(sys.argv[1], "rb").read()[24 + 16 + 42:][:8].hex())' "$OUT/cell.pcap"
}
too_big() { err c $A4 3,4,$1 $B4 sport=$PAIR_PORT dport=$PAIR_PORT data="$(cell)"; }
too_big 1400
sleep 1
a ping -6 -q -c 1 -W 1 $B6 >/dev/null
t_is "$(pair_cell a)" 1372 "too big about a cell is believed, whoever's prefix holds the endpoint"
a rtplctl peer set "$mpub" allowed "$M4/32,$M6/128"
a rtplctl peer set "$B_PUB" allowed "$B4/32,$B6/128,198.18.0.0/24,2001:db8:77::/64"
too_big 1300
sleep 1
a ping -6 -q -c 1 -W 1 $B6 >/dev/null
t_is "$(pair_cell a)" 1272 "and where it is the peer's own"

# Redirects, each sent from the router's address and twice: the first only starts an entry.
way() { ip -n a route get $1 | grep -o 'via [^ ]*'; }
redirect() { err c "$@"; sleep 2; err c "$@"; sleep 1; }
n=$(hits)
redirect $A4 5,1,$C4 $D4 proto=1 from=$R4
t_is "$(way $D4)" "via $R4" "a redirect about an address inside is not obeyed"
redirect $A4 5,1,$C4 $D4 from=$R4 sport=$PAIR_PORT
t_is "$(way $D4)" "via $R4" "nor as if it were about a cell"
redirect $A6 137,0,$C6 $D6 from=$R6
t_is "$(way $D6)" "via $R6" "a redirect about an address inside is not obeyed, IPv6"
t_is "$(($(hits) - n))" 6 "and each is counted"
ip -n a -6 route add 2001:db8:99::/64 via $R6 dev eth0
a ping -q -c 1 -W 1 203.0.113.1 >/dev/null
redirect $A4 5,1,$C4 203.0.113.1 proto=1 from=$R4
t_is "$(way 203.0.113.1)" "via $C4" "one about nobody's address is"
redirect $A6 137,0,$C6 2001:db8:99::1 from=$R6
t_is "$(way 2001:db8:99::1)" "via $C6" "one about nobody's address is, IPv6"

# A peer whose cells come from whatever address it likes makes no endpoint of another's.
# poses FAMILY ENDPOINT ADDRESS: m's datagrams to ENDPOINT come from ADDRESS.
poses() {
	m nft -f - <<-N
		table $1 pose {
			chain out { type nat hook postrouting priority 100; udp dport $PAIR_PORT snat to $3; }
		}
	N
	m rtplctl peer del "$A_PUB"
	sleep 3
	m rtplctl peer add "$A_PUB" endpoint "$2:$PAIR_PORT" allowed "$A4/32,$A6/128"
	m ping -c 2 -W 1 $A4 >/dev/null
	wait_until 20 posed "$3"
}
posed() { a rtplctl show | grep -qF "endpoint: $1" || a rtplctl show | grep -qF "endpoint: [$1]"; }
a sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.eth0.rp_filter=0
t_run "a peer poses as an address inside another, IPv6" poses ip6 "[$A6]" 2001:db8:77::7
n=$(hits)
redirect $A6 137,0,$C6 $D6 from=$R6
t_is "$(way $D6)" "via $R6" "a redirect about that is not obeyed"
t_is "$(($(hits) - n))" 2 "and is counted"
m nft flush ruleset
t_run "and of IPv4" poses ip $A4 198.18.0.6
n=$(hits)
redirect $A4 5,1,$C4 198.18.0.6 from=$R4 sport=$PAIR_PORT dport=$PAIR_PORT
t_is "$(way 198.18.0.6)" "via $R4" "a redirect about a cell to it is not obeyed"
t_between "$(($(hits) - n))" 1 2 "and is counted"
t_like "$(a ping -c 1 -M do -s 1420 -W 2 198.18.0.6)" "mtu ?= ?1400" "and that other peer still speaks for it"
t_done
