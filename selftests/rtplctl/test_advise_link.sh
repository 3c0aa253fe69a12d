#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 200
#
# profile advise of a link: what goes over it is told as what it is, by how many, at either end.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
topo_up
impair both delay 10ms
pair_up profile off || t_bail "no pair"
b rtplctl peer set "$A_PUB" role server name hub allowed "$A4/32,198.51.100.0/24"
b ip route add 198.51.100.0/24 via $A4
for i in $(seq 12); do a ip addr add 198.51.100.$i/32 dev lo; done
wait_until 30 a ping -c 1 -W 1 $B4 || t_bail "no link"
b "$T_LIB/rtplctl/fit_server.py" $B4 8080 0.05 &
wait_until 120 a curl -s -o /dev/null http://$B4:8080/1 || t_bail "no server"
sleep 1
says() { jq -r '.advice[]' "$OUT/said" | paste -sd' '; }
# looks TIME: what a says of the link meanwhile, to $OUT/said.
looks() { a rtplctl -j profile advise "$B_PUB" --for "$1" >"$OUT/said" 2>"$OUT/err"; }
# one ADDRESS PATH TIMES REST: a client.
one() {
	local i
	for ((i = 0; i < $3; i++)); do
		a curl -s -o /dev/null --interface "$1" "http://$B4:8080/$2"
		sleep "$4"
	done
}

t_fails_with 'no packet went over the link in 2 s' "an idle link" a rtplctl profile advise "$B_PUB" --for 2s

one 198.51.100.1 3000 5 1.5 &
before=$(a rtplctl -j stats | jq '.peers[0] | .tx_bytes')
looks 10s
wait $!
t_is "$(jq -c '[.looks.kind, .looks.hosts, .looks.exchanges, .looks.visits.inference > 0]' "$OUT/said")" \
	'["inference",1,5,true]' "lone requests of one client"
t_is "$(jq .looks.up_bytes "$OUT/said")" $(($(a rtplctl -j stats | jq '.peers[0] | .tx_bytes') - before)) \
	"bytes are those of the link"
t_between "$(jq '.looks.rtt_ns / 1000 | floor' "$OUT/said")" 19900 21000 "the round trip, in us"
t_like "$(says)" "too few share the link" "too few to hide one among the others"
t_like "$(says)" "nothing that is sure is gained by standard" "and what gains nothing"
t_is "$(jq '[.profiles[].profile] | join(" ")' "$OUT/said")" '"none off standard enhanced requests requests-strong wtfpad maximum"' "of each profile"

one 198.51.100.1 s40 2 1 &
looks 8s
wait $!
t_is "$(jq -c '[.looks.kind, .looks.visits.token > 0]' "$OUT/said")" '["token",true]' "a stream of tokens"

pids=()
for i in $(seq 12); do
	{ sleep 0.$((i * 7)); one 198.51.100.$i $((500 * i)) 13 1.5; } &
	pids+=($!)
done
looks 15s &
at_a=$!
b rtplctl -j profile advise hub --for 15s >"$OUT/server" 2>"$OUT/server.err"
wait $at_a "${pids[@]}"
t_is "$(jq .looks.hosts "$OUT/said")" 12 "twelve clients' addresses"
t_between "$(jq '.looks.clients | round' "$OUT/said")" 10 12 "twelve that ask each 1.6 s are worth eleven of the judge's"
t_like "$(says)" "as many requests as 10 clients of the judge's: a slow ladder on their sum" "what is in reach then"
t_like "$(says)" "First would be about [0-9]+ cells/s up and [0-9]+ down" "and at which rate"
t_is "$(jq -c '[.looks.kind, .looks.hosts]' "$OUT/server")" "$(jq -c '[.looks.kind, .looks.hosts]' "$OUT/said")" \
	"the server's end sees the same"
t_is "$(jq '(.looks.up_bytes > 0) and (.looks.down_bytes > .looks.up_bytes)' "$OUT/server")" true "and who asks"
a rtplctl -j profile advise "$B_PUB" --for 2s --clients 100 >"$OUT/said" 2>"$OUT/err" &
other=$!
one 198.51.100.1 3000 1 0
wait $other
t_like "$(says)" "as many requests as 100 clients" "a number that is given counts"
b rtplctl peer set "$A_PUB" profile standard
a rtplctl peer set "$B_PUB" profile standard
looks 3s &
other=$!
one 198.51.100.1 3000 2 0.5
wait $other
t_like "$(says)" "the link has the profile standard: what comes in was shaped" "a profile that shapes is told of"
t_done
