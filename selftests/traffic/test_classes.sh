#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 360
# tier: uml
#
# Which class a packet takes: by tc filter, by skb priority, by prefix; what
# `unprotected` does to the rest; what always passes; and that classes' children
# can be replaced while packets pass.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"

C4=192.0.2.9
# seen FILTER CMD...: how many such packets the observer sees while CMD runs.
seen() {
	local filter=$1
	shift
	capture_start "$OUT/seen.pcap" "$filter"
	"$@" >/dev/null 2>&1
	capture_stop
	tcpdump -n -r "$OUT/seen.pcap" 2>/dev/null | wc -l
}
# sends PORT [PRIORITY]: three datagrams from a to b; sends_c: to c, who is no peer.
sends() { a "$XFER" burst $B4 "$1" 3 100 "${2:-0}"; }
sends_c() { a "$XFER" burst $C4 "$1" 3 100 "${2:-0}"; }
# dropped REASON CMD...: how often a counts it while CMD runs.
dropped() {
	local reason=$1 was
	shift
	was=$(node_drops a "$reason")
	"$@" >/dev/null 2>&1
	echo $(($(node_drops a "$reason") - was))
}
filter() {
	local pref=$1 proto=$2
	shift 2
	a tc filter add dev eth0 parent 1: pref "$pref" protocol "$proto" flower "$@" || t_not_ok "tc filter add $*"
}
no_filters() { a tc filter del dev eth0 parent 1:; }

topo_up
topo_host c pc 9
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
# c knows a's address, so that only what is looked at passes.
a ping -q -c 1 -W 5 $C4 >/dev/null
a ping -q -c 1 -W 5 $B4 >/dev/null

# ---- filters ----

filter 1 ip dst_ip $B4 ip_proto udp dst_port 7101 classid 1:1
filter 2 ip dst_ip $B4 ip_proto udp dst_port 7102 classid 1:2
filter 3 ip dst_ip $B4 ip_proto udp dst_port 7103 classid 1:3
filter 4 ip ip_proto udp dst_port 7104 classid 1:4
filter 5 ip ip_proto udp dst_port 7105 action drop
filter 6 ip dst_ip $C4 ip_proto udp dst_port 7106 classid 1:2

t_is "$(dropped leakguard-out sends 7101)" 3 "clear: not for a peer that requires protection"
t_is "$(seen "dst port 7101" sends 7101)" 0 "clear: nothing of it leaves then"
t_is "$(dropped no-circuit sends 7103)" 3 "private: dropped, there is no circuit"
t_is "$(dropped class-drop sends 7104)" 3 "drop"
t_is "$(dropped class-drop sends_c 7104)" 3 "drop, of what is not protected too"
t_is "$(dropped class-drop sends 7105)" 3 "a filter's action drop"
t_is "$(dropped no-peer sends_c 7106)" 3 "fast, where there is no peer: dropped"
was=$(pair_stat a tx_packets)
t_is "$(seen "dst port 7102" sends 7102)" 0 "fast: nothing in clear"
t_is $(($(pair_stat a tx_packets) - was)) 3 "fast: three packets in cells"

a rtplctl peer set "$B_PUB" require off
t_is "$(seen "dst port 7101" sends 7101)" 3 "clear: passes for a peer that does not require protection"
t_is "$(seen "dst port 7102" sends 7102)" 0 "fast: still in cells"
# The example of tc-rtpl(8).
no_filters
filter 1 ip dst_ip $B4 ip_proto udp dst_port 53 classid 1:2
filter 2 ip dst_ip $B4 classid 1:1
t_is "$(seen "dst port 53" sends 53) $(seen "dst port 7101" sends 7101)" "0 3" "DNS alone by the link, all else in clear"
t_between "$(seen "icmp[0] = 8" a ping -c 1 -W 2 $B4)" 1 2 "a ping, too"
no_filters
filter 3 ip dst_ip $B4 ip_proto udp dst_port 7103 classid 1:3
a rtplctl peer set "$B_PUB" require on
t_run "filters are listed with their classes" bash -c "tc -n a filter show dev eth0 parent 1: | grep -q 'classid 1:3'"
no_filters
was=$(pair_stat a tx_packets)
sends 7104
t_is $(($(pair_stat a tx_packets) - was)) 3 "without filters the prefix decides"

# ---- priority ----

t_is "$(dropped class-drop sends 7107 0x10004)" 3 "priority 1:4: drop"
t_is "$(dropped leakguard-out sends 7107 0x10001)" 3 "priority 1:1: clear, not for this peer"
t_is "$(dropped no-peer sends_c 7107 0x10002)" 3 "priority 1:2 where there is no peer: dropped"
t_is "$(dropped no-circuit sends 7107 0x10003)" 3 "priority 1:3: no circuit"
was=$(pair_stat a tx_packets)
sends 7107 0x10002
t_is $(($(pair_stat a tx_packets) - was)) 3 "priority 1:2: fast"
sends 7107 6
t_is $(($(pair_stat a tx_packets) - was)) 6 "a priority that is no class of ours: the prefix decides"

# ---- what no peer protects ----

t_is "$(seen "dst port 7108" sends_c 7108)" 3 "unprotected pass: in clear"
a tc qdisc change dev eth0 root handle 1: rtpl unprotected drop
t_is "$(seen "dst port 7108" sends_c 7108)" 0 "unprotected drop: nothing leaves"
t_is "$(dropped unprotected sends_c 7108)" 3 "unprotected drop: counted"
t_run "unprotected drop: the pair goes on" a ping -c 2 -i 0.2 -W 5 $B4
ip -n a neigh flush all
ip -n a -6 neigh flush all
# One that gets no answer within a second is asked again.
t_between "$(seen "arp and arp[6:2] = 1" a ping -c 1 -W 1 $C4)" 1 3 "unprotected drop: ARP passes"
t_between "$(seen "icmp6 and ip6[40] = 135 and ip6[6] = 58" a ping -c 1 -W 1 2001:db8::9)" 1 2 \
	"unprotected drop: neighbour discovery passes"
dhcp() {
	ip -n a addr add 192.0.2.201/32 dev eth0
	a socat -u - UDP4-DATAGRAM:255.255.255.255:67,bind=192.0.2.201:68,broadcast,so-bindtodevice=eth0 <<<"discover"
	a socat -u - UDP4-DATAGRAM:255.255.255.255:69,bind=192.0.2.201:68,broadcast,so-bindtodevice=eth0 <<<"other"
	ip -n a addr del 192.0.2.201/32 dev eth0
}
t_is "$(seen "udp src port 68" dhcp)" 1 "unprotected drop: DHCP passes, its neighbour does not"
t_run "unprotected drop: neighbours of the pair are found" a ping -c 2 -i 0.2 -W 5 $B4
a tc qdisc change dev eth0 root handle 1: rtpl unprotected pass

# ---- children ----

packets_of() { a tc -s qdisc show dev eth0 | awk -v h="$1" '/^qdisc/ { on = index($0, " " h " ") } on && /Sent/ { print $4; exit }'; }
h=10
for child in "pfifo limit 100" "fq_codel" "sfq perturb 10" "tbf rate 100mbit burst 20k latency 50ms" "netem delay 20ms"; do
	h=$((h + 1))
	t_run "child: $child" a tc qdisc replace dev eth0 parent 1:2 handle $h: $child
	t_run "child: $child: packets pass" a ping -q -c 5 -i 0.05 -W 5 $B4
	t_between "$(packets_of $h:)" 5 100 "child: $child: it was they that passed through it"
done
# Replaced under load: what waited in the old one is lost, nothing else.
a tc qdisc replace dev eth0 parent 1:2 handle 21: pfifo limit 500
nsenter --net=/run/netns/b -- socat -u TCP4-LISTEN:7003,reuseaddr "CREATE:$OUT/file.b" &
sink=$!
wait_until 20 listening b 7003
head -c 3000000 /dev/urandom >"$OUT/file"
nsenter --net=/run/netns/a -- socat -u "OPEN:$OUT/file" "TCP4:$B4:7003" &
source=$!
for i in 22 23 24 25 26 27 28 29; do
	a tc qdisc replace dev eth0 parent 1:2 handle $i: "$([ $((i % 2)) = 0 ] && echo fq_codel || echo pfifo)"
done
wait $source
wait $sink
t_run "children replaced while a file passes: it arrives as it was" cmp "$OUT/file" "$OUT/file.b"
rm -f "$OUT/file" "$OUT/file.b"
t_run "a child deleted: the default one comes again" a tc qdisc del dev eth0 parent 1:2
t_run "and packets pass" a ping -q -c 3 -i 0.05 -W 5 $B4
t_run "a child of clear" a tc qdisc replace dev eth0 parent 1:1 handle 30: pfifo limit 10
t_is "$(seen "dst port 7108" sends_c 7108)" 3 "and clear packets pass through it"
t_fails_with "no circuits" "a child of private is refused" a tc qdisc replace dev eth0 parent 1:3 handle 40: pfifo
t_fails_with "no queue" "a child of drop is refused" a tc qdisc replace dev eth0 parent 1:4 handle 40: pfifo
t_like "$(a tc class show dev eth0)" "class rtpl 1:2 .*" "tc class show knows the classes"
t_is "$(a tc class show dev eth0 | grep -c 'class rtpl 1:')" 4 "all four of them"
rm -f "$OUT/seen.pcap"
t_done
