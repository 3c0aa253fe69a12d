#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 360
# debug: smp
# tier: uml
#
# Peers as they live: an address that changes, keepalive, a pre-shared key that
# only one end has, two peers at once with shapes of their own.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"

endpoint() { in_ns "$1" rtplctl -j show | jq -r '.peers[0].endpoint'; }
a_answers() { a ping -c 1 -W 1 $B4; }

topo_up
wire_like

# ---- roaming: the outer address changes, IPv4 inside goes on ----

PAIR_EP=6 pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
a ping -q -c 2 -i 0.2 -W 5 $B4 >/dev/null
events_start b
was=$(pair_stat b rx_handshake)
ip -n a addr add 2001:db8::11/64 dev eth0 nodad
ip -n a addr del $A6/64 dev eth0
t_run "roaming: packets go on from the new address" wait_until 20 a_answers
t_is "$(endpoint b)" "[2001:db8::11]:51900" "roaming: b sends there now"
t_run "roaming: b's event says so" wait_until 5 event b roamed
t_is "$(events b roamed | jq -r .endpoint | tail -n 1)" "[2001:db8::11]:51900" "roaming: and where to"
t_is "$(pair_stat b rx_handshake)" "$was" "roaming: without a new handshake"
a rtplctl node set listen 51999
t_run "roaming: another port" wait_until 20 a_answers
t_is "$(endpoint b)" "[2001:db8::11]:51999" "roaming: b follows to the other port"
t_run "roaming: and back from b" b ping -c 1 -W 5 $A4
tcp_both "roaming: after it, IPv4" $B4 50000
events_stop b
pair_down || t_bail "cannot take the pair down"
ip -n a addr add $A6/64 dev eth0 nodad
ip -n a addr del 2001:db8::11/64 dev eth0

# ---- keepalive ----

if [ $RTPL_ENVIRONMENT = uml-tt ]; then
	pair_up || t_bail "no pair"
	pair_wait || t_bail "the link does not come up"
	a_answers >/dev/null
	sleep 30
	was=$(pair_stat a tx_chaff) there=$(pair_stat b rx_chaff)
	sleep 30
	t_is $(($(pair_stat a tx_chaff) - was)) 0 "no keepalive: 30 s of silence"
	a rtplctl peer set "$B_PUB" keepalive 5
	sleep 1
	was=$(pair_stat a tx_chaff) there=$(pair_stat b rx_chaff)
	sleep 30
	t_between $(($(pair_stat a tx_chaff) - was)) 5 7 "keepalive 5: six cells in 30 s"
	t_is $(($(pair_stat b rx_chaff) - there)) $(($(pair_stat a tx_chaff) - was)) "b gets them"
	pair_down || t_bail "cannot take the pair down"
fi

# ---- pre-shared key ----

pair_node a && pair_node b || t_bail "no nodes"
(umask 077; rtplctl genpsk >"$PAIR_DIR/psk1"; rtplctl genpsk >"$PAIR_DIR/psk2")
refused() { [ "$(node_drops "$1" handshake-auth)" -gt "$2" ]; }
wasa=$(node_drops a handshake-auth)
pair_peer b psk "$PAIR_DIR/psk2" && pair_peer a psk "$PAIR_DIR/psk1" && pair_qdisc a && pair_qdisc b || t_bail "no pair"
t_run "different pre-shared keys: handshakes fail and are counted" wait_until 30 refused a "$wasa"
t_is "$(pair_state a)" connecting "different pre-shared keys: no session at a"
t_fails "different pre-shared keys: nothing arrives" a ping -c 1 -W 1 $B4
b rtplctl peer set "$A_PUB" psk "$PAIR_DIR/psk1"
t_run "the same pre-shared key: the link comes up" pair_wait 60
t_run "the same pre-shared key: packets pass" wait_until 20 a_answers
pair_down || t_bail "cannot take the pair down"

# ---- two peers, two shapes ----

topo_host c pc 9
C4=192.0.2.9
(umask 077; rtplctl genkey >"$PAIR_DIR/c.key")
c_pub=$(rtplctl pubkey <"$PAIR_DIR/c.key")
in_ns c rtplctl node set private-key "$PAIR_DIR/c.key" listen $PAIR_PORT
in_ns c rtplctl peer add "$A_PUB" endpoint $A4:$PAIR_PORT allowed $A4/32 cell 1200
in_ns c tc qdisc add dev eth0 root handle 1: rtpl
capture_start "$OUT/two.pcap" -s 128
pair_up cell 700 || t_bail "no pair"
a rtplctl peer add "$c_pub" endpoint $C4:$PAIR_PORT allowed $C4/32 cell 1200
t_run "two peers: c is up" wait_until 30 a ping -c 1 -W 1 $C4
t_run "two peers: b is up" wait_until 30 a_answers
nsenter --net=/run/netns/c -- "$XFER" tcp-serve $C4 7001 4 100000 two >"$OUT/tcp.c" &
server=$!
wait_until 20 listening c 7001
nsenter --net=/run/netns/a -- "$XFER" tcp $C4 7001 4 100000 two >"$OUT/tcp.ac" &
client=$!
tcp_both "two peers: to b" $B4 100000 4
wait $client
wait $server
t_run "two peers: to c at the same time, each byte right" cmp "$OUT/tcp.c" "$OUT/tcp.ac"
t_is "$(wc -l <"$OUT/tcp.c")" 8 "two peers: all of c's streams"
# A source that is not among the sending peer's prefixes is not let in.
in_ns c ip addr add $B4/32 dev lo
was=$(node_drops a bad-source)
in_ns c ping -c 2 -i 0.2 -W 1 -I $B4 $A4 >/dev/null
t_is $(($(node_drops a bad-source) - was)) 2 "two peers: c cannot speak in b's name"
capture_stop
# On a slow machine a handshake that waits for its answer is tried for a narrow path, too: 548 bytes.
t_is "$("$PCAP" "$OUT/two.pcap" $PAIR_PORT $A4 $B4 | jq -c '.sizes | keys - ["548"]')" '["700"]' "two peers: b's cells have b's size"
t_is "$("$PCAP" "$OUT/two.pcap" $PAIR_PORT $A4 $C4 | jq -c '.sizes | keys - ["548"]')" '["1200"]' "two peers: c's cells have c's size"
t_is "$("$PCAP" "$OUT/two.pcap" $PAIR_PORT $A4 $B4 $C4 | jq .clear)" 0 "two peers: nothing in clear"
rm -f "$OUT"/two.pcap "$OUT"/tcp.*
t_done
