#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 540
# tier: uml
#
# What the observer has in the end, who recorded everything from before the
# first packet on: handshake, idle, load, keepalive, keys renewed, the peer
# restarted, a wrong key in between. Under a fixed cell all datagrams have one
# size, under buckets only the buckets' sizes, at constant rate one size; no
# packet in clear, and nowhere what was sent.
#
# Keys are renewed after two minutes: only in virtual time this waits for it.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$T_LIB/traffic/bytes.sh"

case $RTPL_ENVIRONMENT in
uml) load=2000000 rate=500 ;;
uml-tt) load=200000 rate=100 ;;
*) load=200000 rate=500 ;;
esac
# 32 random bytes, sent over and over; the observer looks for its four parts of 8.
marker_file=$OUT/marker
marker=$(python3 -c '
import os, sys
one = os.urandom(32)
open(sys.argv[1], "wb").write(one * (int(sys.argv[2]) // 32))
print(one.hex())' "$marker_file" $load)
marks=(one="${marker:0:16}" two="${marker:16:16}" three="${marker:32:16}" four="${marker:48:16}")

# send_marker FAMILY ADDR: the marker, over and over, by TCP, UDP and ping.
send_marker() {
	local addr=$2 server
	case $addr in *:*) addr="[$addr]" ;; esac
	nsenter --net=/run/netns/b -- socat -u "TCP$1-LISTEN:7005,reuseaddr" "CREATE:$OUT/marker.b" &
	server=$!
	wait_until 20 listening b 7005
	a socat -u "OPEN:$marker_file" "TCP$1:$addr:7005"
	wait $server
	cmp "$marker_file" "$OUT/marker.b" || return
	rm -f "$OUT/marker.b"
	head -c 1024 "$marker_file" | a socat -u - "UDP$1:$addr:7006"
	a ping -q -c 3 -i 0.2 -W 5 -s 1000 -p "${marker:0:32}" "$2" >/dev/null
	# From b: what a said stays what it was.
	b ping -q -c 2 -i 0.2 -W 5 -s 64 -p "${marker:0:32}" "$([ "$1" = 4 ] && echo "$A4" || echo "$A6")" >/dev/null
}

rekeyed() { [ "$(pair_stat a rekeys)" -gt "$1" ]; }

# phases NAME [PEER OPTIONS]: all of them, from nothing; the capture is $OUT/NAME.pcap.
phases() {
	local name=$1 file=$OUT/${1// /-}.pcap was
	shift
	ip -n a neigh flush all
	ip -n b neigh flush all
	capture_start "$file"
	pair_up "$@" || t_bail "$name: no pair"
	t_run "$name: handshake" pair_wait
	sleep 1		# idle is a phase too
	t_run "$name: load, IPv4" send_marker 4 "$B4"
	t_run "$name: load, IPv6" send_marker 6 "$B6"
	t_run "$name: many small ones" a ping -q -f -c 200 -s 24 -W 5 "$B4"
	t_run "$name: middling ones" a ping -q -c 3 -i 0.2 -s 350 -W 5 "$B4"

	a rtplctl peer set "$B_PUB" keepalive 1
	sleep 3
	a rtplctl peer set "$B_PUB" keepalive off

	# The peer restarted: its sessions are gone, ours are not.
	was=$(pair_stat b tx_handshake)
	b rtplctl peer del "$A_PUB"
	a ping -q -c 2 -i 0.2 -W 1 "$B4" >/dev/null
	pair_peer b "$@" || t_bail "$name: the peer does not come again"
	t_run "$name: the peer restarted" wait_until 40 a ping -c 1 -W 1 "$B4"
	t_run "$name: load after it" send_marker 4 "$B4"

	# Both get a pre-shared key, one after the other; new keys need it.
	(umask 077; rtplctl genpsk >"$PAIR_DIR/psk")
	a rtplctl peer set "$B_PUB" psk "$PAIR_DIR/psk"
	a ping -q -c 2 -i 0.2 -W 1 "$B4" >/dev/null
	b rtplctl peer set "$A_PUB" psk "$PAIR_DIR/psk"
	a rtplctl node set private-key "$PAIR_DIR/a.key"
	t_run "$name: a pre-shared key is set" wait_until 40 a ping -c 1 -W 1 "$B4"

	if [ "$RTPL_ENVIRONMENT" = uml-tt ]; then
		was=$(pair_stat a rekeys)
		b ping -q -i 1 -c 140 "$A4" >/dev/null
		t_run "$name: keys renewed by age" wait_until 60 rekeyed "$was"
		t_run "$name: load after it" send_marker 4 "$B4"
	fi
	sleep 1
	capture_stop
	pair_down || t_bail "$name: cannot take the pair down"
	said=$("$PCAP" "$file" $PAIR_PORT $A4 $B4 $A6 $B6 -- "${marks[@]}")
	t_is "$(jq '.clear + .fragments' <<<"$said")" 0 "$name: nothing but cells (and ARP, neighbour discovery) between the hosts"
	t_is "$(jq .truncated <<<"$said")" 0 "$name: the capture is whole"
	t_is "$(jq -c '.found | add' <<<"$said")" 0 "$name: the marker is nowhere in $(stat -c %s "$file") bytes"
	t_between "$(jq .cells <<<"$said")" $((load / 1500)) 100000000 "$name: the observer saw $(jq .cells <<<"$said") cells"
	t_diag "$name: $said"
	rm -f "$file"
}

sizes() { jq -r '.sizes | keys_unsorted | join(" ")' <<<"$said"; }
handshakes() { jq -r '.handshakes | keys_unsorted | join(" ")' <<<"$said"; }

topo_up
wire_like

# A look at the observer itself: it finds the marker where nothing hides it.
capture_start "$OUT/clear.pcap"
send_marker 4 "$B4" || t_bail "no path in clear"
capture_stop
said=$("$PCAP" "$OUT/clear.pcap" $PAIR_PORT $A4 $B4 $A6 $B6 -- "${marks[@]}")
t_between "$(jq -c '.found | add' <<<"$said")" 10 1000000 "without the pair the observer finds the marker"
t_between "$(jq .clear <<<"$said")" 10 1000000 "without the pair the observer sees clear packets"
rm -f "$OUT/clear.pcap"

phases "device size"
t_is "$(sizes)" 1472 "device size: exactly one datagram size"

phases "fixed cell" cell 1000
t_is "$(sizes)" 1000 "fixed cell: exactly one datagram size"

phases "buckets" cell 300,700,1400
t_is "$(sizes)" "300 700 1400" "buckets: these sizes and no other"

phases "powers of two" cell pow2:1024
t_is "$(sizes)" "64 128 256 512 1024" "powers of two: these sizes and no other"
t_is "$(handshakes)" 1024 "powers of two: handshakes have the largest"

# A handshake takes more than the smallest cells: it has the largest of the sizes.
phases "small cells" cell 64,97,400,1400
t_is "$(sizes)" "64 97 400 1400" "small cells: these sizes and no other"
t_is "$(handshakes)" 1400 "small cells: handshakes have the largest"

phases "constant rate" cell 1200 rate $rate latency off
t_is "$(sizes)" 1200 "constant rate: exactly one datagram size"

rm -f "$marker_file"
t_done
