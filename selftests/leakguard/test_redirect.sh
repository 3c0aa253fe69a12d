#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
# tier: uml
#
# A hub that passes on by the device on which a packet came tells its sender of a better way, and
# an ICMPv6 redirect quotes that packet. What came sealed never leaves so in clear.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
topo_up
topo_host c pc 3
pair_up || t_bail "no pair"
C4=192.0.2.3 C6=2001:db8::3
b sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv4.ip_forward=1
key=$PAIR_DIR/c.key
(umask 077; rtplctl genkey >"$key")
pub=$(rtplctl pubkey <"$key")
in_ns c rtplctl node set private-key "$key" listen $PAIR_PORT
in_ns c rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT allowed $B4/32,$B6/128,$A4/32,$A6/128
in_ns c tc qdisc add dev eth0 root rtpl
b rtplctl peer add "$pub" endpoint $C4:$PAIR_PORT allowed $C4/32,$C6/128
a rtplctl peer set "$B_PUB" allowed $B4/32,$B6/128,$C4/32,$C6/128
ip -n a route add $C6/128 via $B6
ip -n a route add $C4/32 via $B4
ip -n c route add $A6/128 via $B6
ip -n c route add $A4/32 via $B4
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no link a - b"
wait_until 20 b ping -c 1 -W 1 $C4 || t_bail "no link b - c"

clear() {
	tcpdump -nn -r "$OUT/$1.pcap" \
		"not arp and not udp port $PAIR_PORT and not dst net ff02::/16 and not (icmp6 and ip6[40] >= 130 and ip6[40] <= 136)" \
		2>/dev/null
}
for v in 6 4; do
	to=C$v
	capture_start "$OUT/$v.pcap"
	t_run "IPv$v: a reaches c over the hub" a ping -$v -q -c 4 -i 1.2 -W 2 -s 600 "${!to}"
	capture_stop
	t_is "$(clear $v)" "" "and nothing but cells was on the wire"
done
t_done
