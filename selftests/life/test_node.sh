#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 120
# debug: smp
# tier: uml
#
# The node changes under a flood: its private key, its port, its mark; and
# foreign datagrams come all the time.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 4)
life_pair
life_flood a
life_flood b

(umask 077; rtplctl genkey >"$PAIR_DIR/a2.key")
LIFE_BAD=
for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
	life_must a rtplctl node set private-key "$PAIR_DIR/a2.key"
	life_must a rtplctl node set private-key none
	life_must a rtplctl node set private-key "$PAIR_DIR/a.key"
done
t_is "$LIFE_BAD" "" "another private key, none, and the first again, $n times"
t_run "and the link works" life_works

LIFE_BAD=
for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
	life_must a rtplctl node set listen $((PAIR_PORT + 1))
	life_must b rtplctl node set listen $((PAIR_PORT + 2))
	life_must a rtplctl node set listen $PAIR_PORT
	life_must b rtplctl node set listen $PAIR_PORT
done
t_is "$LIFE_BAD" "" "other ports at both ends, $n times"
t_run "and the link works" life_works
a rtplctl node set listen $((PAIR_PORT + 5))
t_run "the other end follows to another port" life_works
a rtplctl node set listen $PAIR_PORT
t_run "and back" life_works

LIFE_BAD=
for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
	life_must a rtplctl node set fwmark $((LIFE_ROUND + 1))
	life_must a rtplctl peer set "$B_PUB" endpoint "[$B6]:$PAIR_PORT"
	life_must a rtplctl peer set "$B_PUB" psk none
	life_must a rtplctl peer set "$B_PUB" endpoint $B4:$PAIR_PORT
done
t_is "$LIFE_BAD" "" "other marks and endpoints, $n times"
t_run "and the link works" life_works
life_calm
t_done
