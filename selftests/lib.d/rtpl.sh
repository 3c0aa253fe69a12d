# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# A protected pair on top of topo_up: keys, peers, qdiscs.
#
#	pair_up [PEER OPTIONS...]	both hosts, with PAIR_TC as the qdisc's options
#	pair_down			qdiscs, peers and keys away
#
# PAIR_EP=6 takes the IPv6 endpoints.

# shellcheck disable=SC2034 # for the tests
PAIR_PORT=51900
PAIR_TC=${PAIR_TC:-} PAIR_EP=${PAIR_EP:-4}
PAIR_DIR=

pair_keys() {
	local h
	[ -z "$PAIR_DIR" ] || return 0
	PAIR_DIR=$(mktemp -d)
	for h in a b; do
		(umask 077; rtplctl genkey >"$PAIR_DIR/$h.key")
		rtplctl pubkey <"$PAIR_DIR/$h.key" >"$PAIR_DIR/$h.pub"
	done
	A_PUB=$(cat "$PAIR_DIR/a.pub") B_PUB=$(cat "$PAIR_DIR/b.pub")
}

# pair_node HOST: key and port.
pair_node() { in_ns "$1" rtplctl node set private-key "$PAIR_DIR/$1.key" listen $PAIR_PORT; }

# pair_peer HOST [OPTIONS...]: the other end as HOST's peer.
pair_peer() {
	local h=$1 pub v4 v6 ep
	shift
	if [ "$h" = a ]; then pub=$B_PUB v4=$B4 v6=$B6; else pub=$A_PUB v4=$A4 v6=$A6; fi
	if [ "$PAIR_EP" = 6 ]; then ep="[$v6]"; else ep=$v4; fi
	in_ns "$h" rtplctl peer add "$pub" endpoint "$ep:$PAIR_PORT" allowed "$v4/32,$v6/128" "$@"
}

pair_qdisc() {
	# shellcheck disable=SC2086 # words
	in_ns "$1" tc qdisc add dev eth0 root handle 1: rtpl $PAIR_TC
}

pair_up() {
	local h
	modprobe rtpl || return
	pair_keys
	for h in a b; do
		pair_node $h && pair_peer $h "$@" && pair_qdisc $h || return
	done
}

pair_down() {
	local h
	for h in a b; do
		in_ns $h tc qdisc del dev eth0 root || return
	done
	a rtplctl peer del "$B_PUB" && b rtplctl peer del "$A_PUB"
}

# pair_stat HOST KEY: a counter of HOST's only link, as `rtplctl -j stats` names it.
pair_stat() { in_ns "$1" rtplctl -j stats | jq -r "[.. | objects | .$2? | select(. != null)][0]"; }
