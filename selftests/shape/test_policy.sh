#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 300
# tier: uml
#
# Adaptive policies: a load steps a link down and calm steps it up, as the hysteresis says; a
# budget steps it down; a threat level acts at once and is the floor. Nothing is lost and
# nothing goes in clear over the steps, and the meter counts each of them.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
wire_like
pair_up profile off || t_bail "no pair"
pair_wait || t_bail "the link does not come up"

policy() { a rtplctl peer set "$B_PUB" "$@"; }
profile() { a rtplctl -j show | jq -r '.peers[0].shape_now.profile'; }
is() { [ "$(profile)" = "$1" ]; }
# meter KEY: of a's policy.
meter() { a rtplctl -j stats | jq -r ".peers[0].policy.$1"; }
state() { a rtplctl -j show | jq -cS '.peers[0] | [.shape, .shape_now]'; }
# load_start ... load_stop NAME: 2.6 Mbit/s of pings, of which none may be lost. Where less than
# 10 ms are left before the next one ping spins, and virtual time hardly moves: so few, and
# large ones.
load_start() {
	nsenter --net=/run/netns/a -- ping -q -i 0.05 -s 16000 $B4 >"$OUT/load" &
	load=$!
}
load_stop() {
	sleep 0.04
	kill -INT $load
	wait $load
	# A machine that is slow may be late for the latency budget.
	[ $RTPL_ENVIRONMENT = uml-tt ] || return 0
	t_like "$(cat "$OUT/load")" " 0% packet loss" "$1: nothing is lost"
}
# gap KIND N: from the Nth to the next of them, in ms.
gap() { events a policy-step | jq -s "(.[$1].time - .[$1 - 1].time) * 1000 | round"; }

events_start a
nsenter --net=/run/netns/o tcpdump -U -i pa -nn -s 64 --immediate-mode -B 16384 -w "$OUT/all.pcap" \
	"ip and (host $A4 or host $B4)" 2>/dev/null &
dump=$!

# ---- load ----
t_is "$(meter decisions)" null "no policy, no meter"
t_run "a policy" policy policy "off standard maximum" load 1mbit epoch 1s calm 3
t_is "$(profile) $(meter level)" "maximum 2" "begins with the highest"
load_start
wait_until 60 is off
sleep 1
# While the load goes on: on a slow machine calm epochs pass before one has looked.
t_is "$(profile)" off "a load steps it down, level by level"
t_is "$(events a policy-step | jq -c '[.level, .profile]' | tr '\n' ' ')" '[1,"standard"] [0,"off"] ' \
	"and each step is an event"
t_is "$(a rtplctl -j stats | jq -c '.peers[0].policy | [.level, .steps_up, .steps_down]')" "[0,0,2]" \
	"and counted"
load_stop "stepping down"
ended=$(date +%s%3N)
wait_until 30 is maximum
t_is "$(profile)" maximum "calm steps it up"
t_is "$(events a policy-step | jq -c .level | tr '\n' ' ')" "1 0 1 2 " "level by level"
t_is "$(meter steps_up)" 2 "and counted"
if [ $RTPL_ENVIRONMENT = uml-tt ]; then
	t_between "$(gap 1)" 999 1001 "down: one epoch after the other ($(gap 1) ms)"
	t_between "$(gap 3)" 2999 3001 "up: after exactly three calm epochs ($(gap 3) ms)"
	# Steps on the grid of the first, as many whole epochs after it.
	t_between "$((($(gap 2) + 500) % 1000))" 499 501 "on the epochs' grid ($(gap 2) ms)"
	# The epoch in which it ended may have been calm too.
	up=$(events a policy-step | jq -s ".[2].time * 1000 - $ended | round")
	t_between "$up" 2000 4001 "and after the load had ended ($up ms)"
fi

# ---- a threat level is the floor, and acts at once ----
policy threat 1
load_start
wait_until 60 is standard
sleep 3
t_is "$(profile)" standard "a load does not step below the threat level"
load_stop "at the threat level"
policy threat 2
t_is "$(profile) $(meter level)" "maximum 2" "a higher threat level acts at once"
load_start
sleep 3
load_stop "at the highest"
t_is "$(profile)" maximum "and holds"
policy threat 0
t_is "$(profile)" maximum "a lower one lets it decide"
policy load off
t_is "$(profile)" off "without a load and a budget the level is the threat level"
policy threat 1
t_is "$(profile)" standard "and changes with it"
t_is "$(a rtplctl show | sed -n 's/^  policy: //p')" \
	"off standard maximum; threat 1, load off, budget off, epoch 1s, calm 3" "show says it"

# ---- a budget ----
# maximum is 1000 cells a second: the first epoch is over its share, and pays for the others.
policy policy "off maximum" threat 0 budget 4MB/10s
before=$(pair_stat a tx_chaff_bytes)
t_is "$(profile)" maximum "another list begins with the highest again"
down=$(meter steps_down)
wait_until 20 is off
# An emulated processor may not send so much, and epochs go by before one has looked.
if [ $RTPL_ENVIRONMENT = uml-tt ]; then
	t_is "$(profile) $(($(meter steps_down) - down))" "off 1" "a budget that is overspent steps it down"
	spent=$(($(pair_stat a tx_chaff_bytes) - before))
	sleep 1
	t_between $(($(pair_stat a tx_chaff_bytes) - before - spent)) 0 20000 "it spends no more"
	t_between $spent 400000 2000000 "it had spent one epoch's worth ($spent bytes)"
fi
wait_until 30 is maximum
t_is "$(profile)" maximum "when it is far below its share it is up again"

# From here on it has enough, and stays.
policy budget 1TB/10s
wait_until 60 is maximum

# ---- the meter ----
t_is "$(a rtplctl -j stats | jq '.peers[0] | .leak.bits >= .policy.bits and .policy.bits > 0')" true \
	"what the steps told is told by the link"
t_is "$(a rtplctl -j stats | jq '.peers[0].policy | .steps_up + .steps_down')" \
	"$(events a policy-step | wc -l)" "as many steps as events"
said=$(a rtplctl -j stats | jq -c '.peers[0].policy')
t_is "$(jq '.bits > .steps_up and .bits <= 1.585 * .decisions + 10' <<<"$said")" true \
	"bits: no more than three outcomes an epoch ($said)"
t_like "$(a rtplctl stats)" "policy: at level 1, [0-9]+ steps? up and [0-9]+ down in [0-9]+ epochs?" \
	"stats says it"

# ---- what is refused ----
was=$(state)
t_like "$(policy policy "off nosuch" 2>&1)" "names a profile that is not there" "a profile that is not there"
t_like "$(policy policy "off dp" profile dp 2>&1)" "in the place of a profile" "a profile beside it"
t_like "$(policy threat 2 2>&1)" "threat 2 is not one of the policy's levels" "a threat level that it has not"
t_like "$(policy epoch 3s 2>&1)" "not a whole number of epochs" "an epoch that does not go with the period"
t_like "$(policy rate 500 2>&1)" 'rate "500" and profile [a-z]* contradict each other' "a setting that one of its profiles does not take"
t_is "$(state)" "$was" "and nothing has changed"

# ---- its profiles ----
rtplctl profile show maximum | sed 's/^Name = .*/Name = twin/' >"$OUT/twin.profile"
rtplctl profile show wtfpad | sed 's/^Name = .*/Name = twin/' >"$OUT/other.profile"
a rtplctl profile load "$OUT/twin.profile"
t_run "a policy with a profile of one's own" policy policy "off twin" load off budget off
t_is "$(profile)" off "that does not run"
t_like "$(a rtplctl profile unload twin 2>&1)" "twin is in use" "cannot vanish under it"
policy threat 1
t_is "$(profile)" twin "nor when it runs"
t_like "$(a rtplctl profile unload twin 2>&1)" "twin is in use" "of course"
policy latency 60ms policy "maximum twin" threat 0 rate 800
t_is "$(profile)" maximum "a rate beside two that take it"
t_like "$(a rtplctl profile load "$OUT/other.profile" 2>&1)" "does not go with peer" \
	"another of that name, which does not, is refused"
t_is "$(profile)" maximum "and it goes on"
t_run "the same again is not" a rtplctl profile load "$OUT/twin.profile"

# ---- there and back ----
a rtplctl peer del "$B_PUB"
pair_peer a policy "off standard twin" threat 1 load 10mbit budget 2GB/day epoch 20s calm 9
pair_wait || t_bail "the link does not come up again"
(umask 077; a rtplctl showconf --show-keys >"$OUT/a.conf")
t_is "$(grep -E '^(Policy|Threat|Load|Budget|Epoch|Calm) ' "$OUT/a.conf" | tr '\n' ';')" \
	"Policy = off standard twin;Threat = 1;Load = 10mbit;Budget = 2GB/day;Epoch = 20s;Calm = 9;" "showconf"
was=$(state)
t_is "$(a rtplctl -j setconf "$OUT/a.conf" | jq -c '[.changed, .unchanged]')" "[0,1]" "setconf changes nothing"
sed -i '/^Threat/d; s/^Calm.*/Calm = 1/' "$OUT/a.conf"
a rtplctl setconf "$OUT/a.conf"
t_is "$(a rtplctl -j show | jq -c '.peers[0].shape | [.threat, .calm]')" "[0,1]" "or what is another"
[ $RTPL_ENVIRONMENT != uml-tt ] || t_is "$(profile)" twin "without beginning anew"

# ---- its end ----
policy policy "off maximum" load 1kbit budget off epoch 1s
load_start
wait_until 60 is off
load_stop "to the last"
policy profile standard
t_is "$(profile) $(meter level)" "standard null" "a profile takes its place"
policy policy none
policy policy "off maximum" load 1mbit
policy policy none
t_is "$(profile)" null "none: no policy, and no profile"
t_isnt "$(meter decisions)" null "the meter stays"
kill $dump
wait $dump
seen() { tcpdump -nn -r "$OUT/all.pcap" "$@" 2>/dev/null | wc -l; }
t_between "$(seen udp port $PAIR_PORT)" 100 10000000 "the observer saw cells"
t_is "$(seen not udp port $PAIR_PORT)" 0 "nothing went in clear"
events_stop a

# Peers go while their policies run, and the namespace with the last.
for ((i = 0; i < 20; i++)); do
	policy policy "off standard" load 1mbit epoch 1s
	[ $((i % 5)) != 0 ] || sleep 1
	a rtplctl peer del "$B_PUB"
	pair_peer a policy "off standard" load 1mbit epoch 1s
done
t_is "$(a rtplctl -j show | jq '.peers | length')" 1 "peers removed under their policies"
rm -f "$OUT"/*.pcap "$OUT"/*.profile "$OUT"/*.conf
t_done
