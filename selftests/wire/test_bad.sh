#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 300
# tier: uml
#
# Datagrams that should not be: garbage, truncated, replayed, flipped, foreign
# ones. Each is counted under its reason, none changes anything, and traffic
# goes on meanwhile. The observer makes them from what it captured.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
INJECT=$T_LIB/wire/inject.py
case $RTPL_ENVIRONMENT in vm) flood=600 ;; *) flood=3000 ;; esac

# All of b's that must not change: configuration, endpoint, state; and handshakes
# are those that a began or answered, for a slow machine may see keys renewed.
b_state() {
	b rtplctl -j show | jq -cS '(.node | del(.warnings)), (.peers[] | del(.stats, .last_handshake_ns, .warnings))'
	echo "$(($(pair_stat b rx_handshake) - $(pair_stat a tx_handshake)))" \
		"$(($(pair_stat a rx_handshake) - $(pair_stat b tx_handshake)))"
}
b_drops() { b rtplctl -j stats | jq -c '.drops | map_values(.count)'; }
b_grown() { b_drops | jq -r --argjson was "$1" '[to_entries[] | select(.value > $was[.key]) | .key] | join(" ")'; }

# bad <ORDERS: as inject.py has them; a result for each.
bad() {
	local said
	while read -r said; do
		case $said in
		"ok "*) t_ok "${said#ok }" ;;
		*) t_not_ok "${said#not ok }" ;;
		esac
	done < <(o "$INJECT" pb b "$OUT/wire.pcap" $PAIR_PORT "$SRC" "$DST" "$B_PUB" 2>&1)
}

# The last one is so much at once that the node asks for cookies, or its queue is full.
all_kinds() {
	local state
	state=$(b_state)
	bad <<-END
		empty 5 short
		short 50 short
		garbage 50 unknown-index
		garbage-control 20 handshake-type
		short-handshake 20 handshake-type
		fake-initiation 20 handshake-mac
		truncated 50 auth
		flip-head 50 unknown-index
		flip-counter 50 auth,replay
		flip-text 50 auth
		flip-text 50 auth $ELSE
		flip-tag 50 auth
		grown 20 auth
		replay 100 replay
		replay 50 replay $ELSE
		initiation 20 handshake-replay,handshake-flood
		initiation 20 handshake-replay,handshake-flood $ELSE
		flip-initiation 20 handshake-mac
		forged-initiation 20 handshake-auth
		wrong-cookie 20 handshake-replay,handshake-flood,handshake-cookie
		initiation $flood handshake-replay,handshake-flood,handshake-cookie,handshake-queue
	END
	t_is "$(b_state)" "$state" "$1: b's sessions, peer, endpoint and configuration are what they were"
}

# What a said from its first handshake on is captured, to be made worse.
up() {
	capture_start "$OUT/wire.pcap" udp port $PAIR_PORT
	pair_up cell 1200 latency off || t_bail "no pair"
	pair_wait || t_bail "the link does not come up"
	a ping -q -c 40 -i 0.01 -s 800 "$B_ADDR" >/dev/null
	capture_stop
}
topo_up
wire_like
SRC=$A4 DST=$B4 B_ADDR=$B4 ELSE=192.0.2.77:4444
up
a ping -q -i 0.02 -c 500 -W 5 $B4 >"$OUT/ping" 2>&1 &
pinger=$!
all_kinds "IPv4 outside, under load"
kill -INT $(pgrep -P $pinger) $pinger 2>/dev/null
wait $pinger
t_like "$(cat "$OUT/ping")" " 0% packet loss" "traffic went on meanwhile: $(grep received "$OUT/ping")"
# In silence nobody repairs what one of them might have changed.
state=$(b_state)
bad <<-END
	replay 50 replay $ELSE
	flip-head 10 unknown-index $ELSE
	flip-text 10 auth $ELSE
END
t_is "$(b_state)" "$state" "in silence too: b's endpoint for a and all else are what they were"
t_run "and goes on" a ping -q -c 5 -i 0.1 -W 5 $B4

# A stranger who knows b's public key, but whom b does not know.
topo_host c pc 9
in_ns c rtplctl node set private-key <(rtplctl genkey) listen $PAIR_PORT
before=$(b_drops) state=$(b_state)
strange() { b_grown "$before" | grep -q .; }
in_ns c rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT allowed $B4/32
t_run "a stranger's handshake is counted" wait_until 20 strange
t_is "$(b_grown "$before")" handshake-peer "under handshake-peer and nothing else"
t_is "$(in_ns c rtplctl -j show | jq -r '.peers[0].state')" connecting "the stranger gets no session"
t_is "$(b_state)" "$state" "b does not change for a stranger"
in_ns c rtplctl peer del "$B_PUB"

# Cells of a session that is over are as foreign as any.
b rtplctl peer del "$A_PUB"
pair_peer b cell 1200 latency off || t_bail "the peer does not come again"
t_run "the link comes up again" wait_until 40 a ping -c 1 -W 1 $B4
bad <<<"replay 50 unknown-index"
pair_down

PAIR_EP=6 SRC=$A6 DST=$B6 B_ADDR=$B6 ELSE="[2001:db8::77]:4444"
up
all_kinds "IPv6 outside"
t_run "IPv6 outside: traffic goes on" a ping -q -c 5 -i 0.1 -W 5 $B6
rm -f "$OUT/wire.pcap" "$OUT/ping"
t_done
