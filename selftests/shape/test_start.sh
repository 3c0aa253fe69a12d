#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 240
# tier: uml
#
# A constant rate begins alike whether packets wait for the first session or not: the first
# cell behind the answer to the handshake is that of the first slot. Under a profile without
# slots an empty cell goes at once, whatever becomes of the packets.
. "$(dirname "$0")/../lib.sh"

topo_up
pair_up rate 20 cell 600 || t_bail "no pair"
pair_wait || t_bail "the link does not come up"

# begun: ms from b's answer to a's first three cells.
begun() {
	tcpdump -nr "$OUT/begin.pcap" -tt -x "udp port $PAIR_PORT" 2>/dev/null | awk -v a="$A4" '
		/ IP / { at = $1; mine = index($3, a ".") == 1; next }
		/0x0010:/ { index4 = $8 $9 }
		/0x0020:/ && index4 == "00000000" { if (!mine && $2 == "0200") { t0 = at; n = 0 }; next }
		/0x0020:/ && mine && t0 && n < 3 { printf "%s%d", n++ ? " " : "", (at - t0) * 1000 + 0.5 }'
}

# start nothing|packets PEER-OPTION...: a's link begins anew, with packets that wait or without.
start() {
	local waits=$1
	shift
	a rtplctl peer del "$B_PUB" && a rtplctl peer add "$B_PUB" allowed "$B4/32,$B6/128" "$@" ||
		t_bail "no peer"
	capture_start "$OUT/begin.pcap" udp
	[ $waits = nothing ] || a ping -c 1 -W 1 $B4 >/dev/null
	a rtplctl peer set "$B_PUB" endpoint $B4:$PAIR_PORT
	wait_until 20 pair_is_up || t_bail "$waits: the link does not come up"
	sleep 0.5
	capture_stop
}

for waits in nothing packets; do
	start $waits rate 20 cell 600
	t_is "$(begun)" "50 100 150" "$waits to send: the first cell leaves in the first slot"
done
for waits in nothing packets; do
	start $waits profile standard
	at=$(begun)
	t_is "${at%% *}" 0 "$waits to send, standard: a cell at once"
done
t_done
