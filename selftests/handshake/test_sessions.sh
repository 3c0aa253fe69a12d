#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 300
#
# The life of sessions in virtual time: up without a packet to carry, renewed by
# the clock by one end only and without losing a packet, lost and found again.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up || t_bail "topology"
modprobe rtpl || t_bail "module"
pair_keys
for h in a b; do
	pair_node $h || t_bail "node"
	events_start $h
done
for h in a b; do pair_peer $h && pair_qdisc $h || t_bail "peer"; done
t_run "comes up with nothing to send" pair_wait 10

# Eleven minutes, with a packet every three seconds, through five renewals. (In virtual
# time ping by itself does not wait between packets.)
lost=0
for ((i = 0; i < 220; i++)); do
	a ping -c 1 -W 2 -q $B4 >/dev/null || lost=$((lost + 1))
	sleep 3
done
t_is $lost 0 "no packet is lost while keys change"
for h in a b; do
	t_is "$(events $h link-up | wc -l)" 1 "$h: link-up is told once"
	t_between "$(events $h rekeyed | wc -l)" 5 6 "$h: each renewal is told"
	t_is "$(pair_stat $h rekeys)" "$(events $h rekeyed | wc -l)" "$h: and counted"
	t_is "$(events $h link-lost | wc -l)" 0 "$h: the link was never lost"
	t_is "$(node_dropped $h | grep -c auth)" 0 "$h: nothing failed to open"
done
# Each end sent its half of every handshake: six or seven initiations or responses.
t_between "$(($(pair_stat a tx_handshake) + $(pair_stat b tx_handshake)))" 12 18 \
	"one end renews, the other answers"

# Ten minutes cut off.
impair both loss 100%
sleep 600
for h in a b; do
	t_is "$(pair_state $h)" connecting "$h: tries on while cut off"
	t_is "$(events $h link-lost | wc -l)" 1 "$h: the loss is told once"
done
impair both none
t_run "is up again within seconds" pair_wait 6
t_run "and carries" a ping -c 3 -W 2 $B4
for h in a b; do t_is "$(events $h link-up | wc -l)" 2 "$h: link-up is told again"; done

# A pre-shared key on one end only: no session is agreed on any more.
(umask 077; rtplctl genkey >"$OUT/psk")
rekeys=$(pair_stat a rekeys)
a rtplctl peer set "$B_PUB" psk "$OUT/psk"
sleep 200
t_is "$(pair_stat a rekeys)" "$rekeys" "no renewal with different pre-shared keys"
t_isnt "$(pair_state a)" up "and no session in the end"
t_between "$(node_drops a handshake-auth)" 1 100 "refused as not authentic"
b rtplctl peer set "$A_PUB" psk "$OUT/psk"
t_run "the same one on both ends works" pair_wait 10
t_run "and carries again" a ping -c 3 -W 2 $B4

# Another identity: the peer does not know it.
(umask 077; rtplctl genkey >"$OUT/other.key")
a rtplctl node set private-key "$OUT/other.key"
sleep 10
t_is "$(pair_state a)" connecting "a new identity drops all sessions at once"
t_between "$(node_drops b handshake-peer)" 1 10 "its handshakes are from a stranger"
pair_node a
t_run "the old identity is taken back" pair_wait 10
t_run "and carries once more" a ping -c 3 -W 2 $B4
for h in a b; do events_stop $h; done
t_done
