#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# A link that is slow by its own schedule: packets wait in the class's child, so fq_codel lets small
# flows go before bulk ones, and TCP's sockets are held back (small queues) and keep what they have.
# Beside four bulk connections a small datagram waits for the cell of its slot and for what waited
# ready, one slot's cells, and not for the bulk. At a constant rate and by a slow ladder, in virtual
# time: a cell each 10 ms.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
load=$(dirname "$0")/queue.py

topo_up
offload off		# whole packets: a super-packet of two is two more cells to wait for
cat >"$OUT/slow.profile" <<'P'
[Profile]
Name = slow
About = a cell each 10 ms, or a little more, for the sum of many
[Schedule]
Kind = ladder
Rates = 100, 101 cells/s
Up = 100 %
Down = 1 %
Epoch = 1 s
Average = 4 s
[Link]
Latency = off
Limit = 60000
P
pair_up rate 100 latency 0 || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
nsenter --net=/run/netns/b -- "$load" echo $B4 7 &
nsenter --net=/run/netns/b -- "$load" sink $B4 5001 &
wait_until 10 listening b 5001

# told KIND CHILD: "BACK MEDIAN NINETY MAX" (us) of small datagrams beside four TCP connections.
told() {
	a tc qdisc del dev eth0 parent 1:2 2>/dev/null
	# shellcheck disable=SC2086 # words
	a tc qdisc replace dev eth0 parent 1:2 handle 20: $2 || t_bail "no child"
	nsenter --net=/run/netns/a -- "$load" tcp $B4 5001 4 20 2>/dev/null &
	local p=$!
	sleep 5
	read -ra got <<<"$(a "$load" ping $B4 7 40 0.237)"
	most=$(a ss -tnm dst $B4 | grep -o ',w[0-9]*' | tr -d ,w | sort -n | tail -n 1)
	waits=$(a tc -s -j qdisc show dev eth0 handle 20: | jq '.[0].backlog')
	wait $p
	t_is "${got[0]}" 40 "$1, ${2%% *}: all answers come"
}

for kind in constant ladder; do
	if [ $kind = ladder ]; then
		for h in a b; do
			peer=$B_PUB
			[ $h = a ] || peer=$A_PUB
			why=$(in_ns $h rtplctl profile load "$OUT/slow.profile" 2>&1 &&
				in_ns $h rtplctl peer set "$peer" shape none 2>&1 &&
				in_ns $h rtplctl peer set "$peer" profile slow 2>&1) || t_bail "$why"
		done
	fi
	# There: 5 ms until a slot, of which what waited ready takes the cell, and one slot more. Back,
	# where nothing but acknowledgements waits, 5 ms. 17 ms more if two slots' cells wait ready and a
	# packet waits between the child and these.
	told $kind fq_codel
	t_between "${got[1]}" 10000 33000 "$kind: the median of small ones beside bulk: ${got[1]} us"
	t_between "${got[2]}" 10000 52000 "$kind: nine of ten: ${got[2]} us"
	t_between "$waits" 3000 60000 "$kind: the bulk waits in the child: $waits bytes"
	# By TCP's small queues: a few packets of each socket, which keeps what the program wrote.
	t_between "$most" $((2 * waits)) 300000 "$kind: one socket alone keeps $most bytes back"
	told $kind "pfifo limit 60"
	t_between "${got[1]}" 100000 2000000 "$kind: first come, first served, they wait for it: ${got[1]} us"
done
t_done
