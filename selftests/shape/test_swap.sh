#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 900
# tier: all
#
# Data and chaff swapped: one end gets a cell each 16 to 18 s, of data or of chaff by lot. What
# leaves it then may not tell which it was: no answer after 10 s, no handshake after 15 s.
# Each profile, each end, RUNS (30) runs of each kind; a table of p values. Tamaraw's and RegulaTor's
# sessions begin with data that comes, as their authors have it: those are in the table only.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

swap=$(dirname "$0")/swap.py
topo_up
pair_up profile off || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
b nft -f - <<-'NFT'
	table inet sink { chain in { type filter hook input priority 0; udp dport 9 drop; }; }
NFT

# cover LOW HIGH: what the end that triggers has, in seconds.
cover() {
	printf '[Profile]\nName = one\nAbout = a cell now and then\n[Schedule]\nKind = as-it-comes\n[Chaff]\nKind = cover\nEvery = uniform:%s,%s min=%s max=%s s\n' \
		"$1" "$2" "$1" "$2" >"$OUT/one.profile"
	a rtplctl profile load "$OUT/one.profile" >/dev/null || t_bail "no cover"
}

for p in ${PROFILES:-off standard enhanced requests requests-strong maximum censored bip324 wtfpad regulator tamaraw dp}; do
	# What always sends is seen in less time.
	low=16 high=18
	case $p in maximum|dp) low=1 high=2 ;; esac
	cover $low $high
	for role in client server; do
		b rtplctl peer set "$A_PUB" profile $p role $role || t_bail "$p as $role"
		nsenter --net=/run/netns/o tcpdump -U -i pb -nn -q -s 64 -B 16384 -w "$OUT/pcap" "udp port $PAIR_PORT" 2>/dev/null &
		dump=$!
		sleep 1
		a rtplctl peer set "$B_PUB" profile one
		a "$swap" send eth0 "$PAIR_PORT" $B4 $low $high "${RUNS:-30}" >"$OUT/runs"
		sleep $high
		kill $dump
		wait $dump
		a rtplctl peer set "$B_PUB" profile off
		tcpdump -nn -tt -r "$OUT/pcap" 2>/dev/null | awk '{ sub(/\.[0-9]+$/, "", $3); print $1, $3 }' >"$OUT/seen"
		read -r runs others data chaff value <<<"$("$swap" judge "$OUT/runs" "$OUT/seen" $B4 $low)"
		t_diag "$p, $role: $data departures a run after data, $chaff after chaff, p = $value"
		t_between "$runs" "${RUNS:-30}" 1000 "$p, $role: runs with data"
		t_between "$others" "${RUNS:-30}" 1000 "$p, $role: runs with chaff"
		case $p in
		regulator|tamaraw) ;;
		*) t_between "$value" 0.0005 1 "$p, $role: departures do not tell what came" ;;
		esac
	done
done
rm -f "$OUT/pcap" "$OUT/seen"
t_done
