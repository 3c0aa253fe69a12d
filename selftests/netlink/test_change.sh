#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 150
# tier: uml
#
# Changes of a running configuration: in any order, under traffic, and back.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
umask 077
topo_up
pair_keys
works() { a ping -c 1 -W 1 $B4; }

# Peers and qdiscs first, keys last.
for h in a b; do pair_peer $h; pair_qdisc $h; done
t_fails "no keys, no link" works
pair_node a
pair_node b
t_run "keys that come last start the link" wait_until 20 works

# Prefixes come and go around one that stays: it loses nothing, and nothing is in clear.
capture_start "$OUT/clear.pcap" "ip and host $A4 and not udp and not igmp"
nsenter --net=/run/netns/a -- ping -i 0.01 -q $B4 >"$OUT/ping" &
ping=$!
for i in $(seq 25); do
	a rtplctl peer set "$B_PUB" allowed "$B4/32,$B6/128,192.0.2.0/30,198.51.$i.0/24"
	a rtplctl peer set "$B_PUB" allowed "$B4/32,$B6/128"
done
kill -INT $ping
wait $ping
capture_stop
t_like "$(cat "$OUT/ping")" " 0% packet loss" "prefixes replaced 50 times: no packet is lost"
t_is "$(tcpdump -nr "$OUT/clear.pcap" 2>/dev/null | wc -l)" 0 "and none is in clear"

# Ports and endpoints.
b rtplctl node set listen 52000
t_run "b's new port is learnt from its next cell" wait_until 20 b ping -c 1 -W 1 $A4
t_run "and used" works
b rtplctl node set listen $PAIR_PORT
t_run "a new endpoint" a rtplctl peer set "$B_PUB" endpoint "[$B6]:$PAIR_PORT"
t_run "of the other family works" wait_until 20 works
t_run "and the old one again" a rtplctl peer set "$B_PUB" endpoint "$B4:$PAIR_PORT"
t_run "too" wait_until 20 works

# The mark decides the route of cells, at once.
ip -n a rule add fwmark 7 lookup 100
ip -n a route add unreachable default table 100
t_run "a mark is set" a rtplctl node set fwmark 7
t_fails "its route leads nowhere" works
t_run "the mark is taken back" a rtplctl node set fwmark off
t_run "and the link works" wait_until 20 works

# Another key ends the sessions, the old one brings them back.
a rtplctl genkey >"$OUT/other.key"
t_run "another key" a rtplctl node set private-key "$OUT/other.key"
t_fails "which b does not know" works
t_run "the old key" pair_node a
t_run "which b knows" wait_until 30 works

# A pre-shared key on one side only must not work.
a rtplctl genpsk >"$OUT/psk"
a rtplctl peer del "$B_PUB"
b rtplctl peer del "$A_PUB"
pair_peer a psk "$OUT/psk"
pair_peer b
t_fails "a pre-shared key that only one end has" works
t_run "the other end gets it" b rtplctl peer set "$A_PUB" psk "$OUT/psk"
t_run "and both agree" wait_until 30 works
t_done
