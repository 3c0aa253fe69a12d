#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 180
# tier: uml
#
# stats and monitor: the counters add up, events come as they happen.
. "$(dirname "$0")/../lib.sh"
topo_up
dir=$(mktemp -d)
modprobe rtpl
pair_keys
a rtplctl monitor >"$dir/text" &
monitor=$!
a rtplctl -j monitor >"$dir/json" &
sleep 2 # both have to listen
pair_up
t_run "the link" wait_until 30 a ping -c 1 -W 2 $B4
t_run "ping" a ping -c 5 -i 0.2 -W 10 $B4
t_run "an event of the link" wait_until 10 grep -q link-up "$dir/json"
for e in peer-added link-up; do
	t_like "$(cat "$dir/text")" "^[0-9:.]+ $e peer $(tr + . <<<"$B_PUB")" "monitor: $e"
	t_is "$(jq -r "select(.event == \"$e\") | .public_key" <"$dir/json" | sort -u)" "$B_PUB" "monitor -j: $e"
done

s=$(a rtplctl -j stats)
q() { jq "$1" <<<"$s"; }
t_is "$(q '.peers|length')" 1 "stats of one peer"
t_between "$(q '.peers[0].tx_packets')" 5 60 "packets"
t_is "$(q '.peers[0] | .tx_wire_bytes == .tx_bytes + .overhead.padding_bytes + .overhead.chaff_bytes + .overhead.header_bytes')" \
	true "payload, padding, chaff and headers are what is on the wire"
t_is "$(q '.peers[0] | .delay_count == .tx_packets')" true "each packet's wait is counted"
t_is "$(q '.drops | to_entries | map(.value.text | length > 10) | all')" true "a text for each reason"
t_like "$(a rtplctl stats "$B_PUB")" 'overhead: [0-9.]+ % \(padding' "stats as text"
for w in "stats" "peer show"; do
	# shellcheck disable=SC2086 # two words
	t_fails_with "there is no peer $(cut -c1-8 <<<"$A_PUB" | sed 's/[+]/[+]/g') \(rtplctl peer show lists them\)" "$w of a stranger" \
		a rtplctl $w "$A_PUB"
done
t_is "$(a rtplctl -j stats --watch 1 --count 2 | wc -l)" 2 "--watch: one object a line"

# The leakguard, without a qdisc.
a tc qdisc del dev eth0 root
a ping -c 1 -W 1 $B4
t_run "an event of the leakguard" wait_until 5 grep -q leakguard-hit "$dir/json"
t_is "$(jq -c 'select(.event == "leakguard-hit") | [.device, .reason, .address]' <"$dir/json" | head -n 1)" \
	"[\"eth0\",\"leakguard-out\",\"$B4\"]" "says where, why and to whom"
t_like "$(a rtplctl stats)" '[0-9]+ leakguard-out: A clear packet to a required peer was stopped' "and is counted, with its reason"
a rtplctl peer del "$B_PUB"
t_run "an event of the removal" wait_until 5 grep -q peer-removed "$dir/text"
kill $monitor %2 2>/dev/null
t_done
