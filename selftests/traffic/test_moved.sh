#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 240
# tier: uml
#
# Both ends move while neither hears the other: each has the other's last port,
# where nobody is any more. What was configured is then tried, too.
. "$(dirname "$0")/../lib.sh"

endpoint() { in_ns "$1" rtplctl -j show | jq -r '.peers[0].endpoint'; }
answers() { a ping -c 1 -W 1 $B4; }
# follows HOST ENDPOINT: it sends there, once it has heard from there.
follows() {
	in_ns "$([ "$1" = a ] && echo b || echo a)" ping -c 1 -W 1 "$([ "$1" = a ] && echo $A4 || echo $B4)"
	[ "$(endpoint "$1")" = "$2" ]
}

topo_up
wire_like
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
a rtplctl node set listen $((PAIR_PORT + 1))
t_run "b follows to another port" wait_until 20 follows b "$A4:$((PAIR_PORT + 1))"
b rtplctl node set listen $((PAIR_PORT + 2))
t_run "and a" wait_until 20 follows a "$B4:$((PAIR_PORT + 2))"

events_start b
ip -n o link set pa down
a rtplctl node set listen $PAIR_PORT
b rtplctl node set listen $PAIR_PORT
ip -n o link set pa up
t_is "$(endpoint a)" "$B4:$((PAIR_PORT + 2))" "both go back unheard: a has b's old port"
t_is "$(endpoint b)" "$A4:$((PAIR_PORT + 1))" "and b has a's"
t_run "they find each other where they were configured" wait_until 120 answers
t_is "$(endpoint a) $(endpoint b)" "$B4:$PAIR_PORT $A4:$PAIR_PORT" "and stay there"
t_run "the events say where a was found" wait_until 5 event b roamed
t_is "$(events b roamed | jq -r .endpoint | tail -n 1)" "$A4:$PAIR_PORT" "namely at its old port"
events_stop b

# Nor is where the peer was last heard given up for what is configured: only b speaks.
a rtplctl node set listen $((PAIR_PORT + 1))
t_run "b follows once more" wait_until 20 follows b "$A4:$((PAIR_PORT + 1))"
sent=$(pair_stat b tx_handshake)
ip -n o link set pa down
tries() {
	b ping -c 1 -W 1 $A4
	endpoint b >>"$OUT/there"
	[ "$(pair_stat b tx_handshake)" -ge $((sent + 5)) ]
}
t_run "in the dark b calls five times" wait_until 120 tries
t_is "$(sort -u "$OUT/there")" "$A4:$((PAIR_PORT + 1))" "and its cells go where a was heard"
ip -n o link set pa up
t_run "there a is found" wait_until 120 b ping -c 1 -W 1 $A4
t_is "$(endpoint b)" "$A4:$((PAIR_PORT + 1))" "and there it stays"
pair_down || t_bail "cannot take the pair down"
t_done
