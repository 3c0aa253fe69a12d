#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 90
# debug: smp
# tier: uml
#
# The shape changes between as it comes, buckets and constant rates under load.
# Every datagram that was sent comes to the other end, once, or was counted as
# a drop with its reason.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 40)
life_pair

lost() { # HOST: packets that the node says it dropped on their way.
	in_ns "$1" rtplctl -j stats | jq '[.drops | to_entries[] |
		select(.key | startswith("handshake") | not) | .value.count] | add // 0'
}
py=$LIFE_PYTHON
nsenter --net=/run/netns/b -- "$py" "$LIFE/datagrams.py" receive "$OUT/came" &
wait_until 10 listening b 7002 -u || t_bail "the receiver does not start"
before=$(($(lost a) + $(lost b)))
nsenter --net=/run/netns/a -- "$py" "$LIFE/datagrams.py" send $B4 "$(awk -v s=$T_SCALE 'BEGIN { print 0.01 * s }')" "$OUT/sent" &
sender=$!

LIFE_BAD=
shapes=('rate 400 cell device' 'rate off cell 600' 'rate 200 cell 1000' 'rate off cell 300,700,1400'
	'rate 100 cell device limit 20' 'rate off cell pow2 limit 1000' 'rate 1000 cell 400 latency 1s'
	'rate off cell device latency off')
for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
	life_must a rtplctl peer set "$B_PUB" ${shapes[LIFE_ROUND % ${#shapes[@]}]}
done
a rtplctl peer set "$B_PUB" rate off cell device limit 1000 latency off
t_is "$LIFE_BAD" "" "the shape changes $n times"
kill -TERM $sender
wait $sender 2>/dev/null
sent=$(cat "$OUT/sent")

# Nothing is on its way any more when nothing comes and nothing is counted.
settled() {
	local now
	now="$(cat "$OUT/came") $(($(lost a) + $(lost b)))"
	[ "$now" = "$was" ] || { was=$now; sleep 1; return 1; }
}
was=''
wait_until 30 settled
read -r came twice <"$OUT/came"
drops=$(($(lost a) + $(lost b) - before))
t_diag "$sent sent, $came came, $drops dropped and counted"
t_between "$came" 1 "$sent" "datagrams came while the shape changed"
t_is "$twice" 0 "none came twice"
t_between "$((came + drops))" "$sent" $((sent + drops)) "each of them came or was counted as dropped"
a rtplctl -j stats | jq -c '.drops | map_values(.count) | with_entries(select(.value > 0))' | t_indent
t_is "$(b cat /proc/net/snmp | awk '/^Udp: [0-9]/ { print $6 }')" 0 "the receiver's socket dropped none"
t_run "and the link works" life_works
t_done
