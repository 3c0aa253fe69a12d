#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 300
# debug: smp
# tier: uml
#
# Peers are removed and added while their tx workers, slots, handshakes and
# queues are at work, one by one and by whole configurations.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 18)
life_pair
life_flood a
life_flood b

LIFE_BAD=
for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
	life_must life_peer_del a
	case $((LIFE_ROUND % 3)) in
	0) life_must pair_peer a $LIFE_FAST ;;
	1) life_must pair_peer a ;;
	2) life_must pair_peer a rate 500 cell 300 latency 100ms ;;
	esac
	[ $((LIFE_ROUND % 4)) != 0 ] || wait_until 10 life_ping a $B4
done
# The slow rates above leave no room for more than the flood.
life_must life_peer_del a
life_must pair_peer a
t_is "$LIFE_BAD" "" "a peer removed and added $n times, at up to ${LIFE_FAST% cell*}"
t_run "and the link works" life_works

# Both at once, so that handshakes cross with removals.
churn() {
	local i
	LIFE_BAD=
	for ((i = 0; i < n / 2; i++)); do
		life_must life_peer_del $1
		life_must pair_peer "$@"
	done
	printf %s "$LIFE_BAD" >"$OUT/churn.$1"
}
churn a $LIFE_FAST & one=$!
churn b & other=$!
wait $one $other
t_is "$(cat "$OUT/churn.a" "$OUT/churn.b")" "" "peers of both hosts removed and added at the same time"
t_run "and the link works" life_works

# Whole configurations: many peers come and go beside the one in use.
conf() {
	local i
	printf '[Node]\nPrivateKey = %s\nListen = %s\n' "$(cat "$PAIR_DIR/a.key")" $PAIR_PORT
	printf '[Peer]\nPublicKey = %s\nAllowed = %s/32,%s/128\nEndpoint = %s:%s\n' "$B_PUB" $B4 $B6 $B4 $PAIR_PORT
	for ((i = 0; i < $1; i++)); do
		printf '[Peer]\nPublicKey = %s\nAllowed = 198.18.%d.0/24\nEndpoint = 192.0.2.77:%d\nRequire = %s\n%s\n' \
			"${extra[i]}" $i $((1000 + i)) "$([ $((i % 2)) = 0 ] && echo yes || echo no)" \
			"$([ $((i % 3)) = 0 ] && echo 'Rate = 200')"
	done
}
extra=()
for i in 1 2 3 4 5 6; do extra+=("$(rtplctl genkey | rtplctl pubkey)"); done
(umask 077; conf 0 >"$OUT/0.conf"; conf 6 >"$OUT/6.conf")
LIFE_BAD=
for ((LIFE_ROUND = 0; LIFE_ROUND < n / 3; LIFE_ROUND++)); do
	life_must a rtplctl setconf "$OUT/6.conf"
	life_must a rtplctl setconf "$OUT/0.conf"
done
t_is "$LIFE_BAD" "" "six more peers come and go by setconf"
t_run "and the link works" life_works
t_is "$(a rtplctl -j show | jq '.peers | length')" 1 "one peer is left"
life_calm
t_done
