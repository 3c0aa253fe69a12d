#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 300
#
# A slow line, loaded by TCP: the round trip stays near what fq_codel alone has, with one peer
# and with three, and with a VLAN above the qdisc; and a fast child that holds packets back by
# itself gets its share beside clear traffic; and a constant rate above the line's skips slots,
# counts them and keeps the latency budget. In virtual time, where a line has its rate exactly.
# With QUEUE_TABLE=1: the table of round trips at 1, 10 and 100 Mbit/s.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
load=$(dirname "$0")/queue.py

# line BIT/S [vlan]: the hosts a and b with a's line that slow.
line() {
	local h
	topo_up
	topo_host c pc 3
	slow_line "$1"
	if [ "${2:-}" = vlan ]; then
		for h in a b; do
			ip -n $h addr flush dev eth0
			ip -n $h link add link eth0 name eth0.10 type vlan id 10
			ip -n $h link set eth0.10 up
		done
		ip -n a addr add "$A4/24" dev eth0.10
		ip -n b addr add "$B4/24" dev eth0.10
	fi
	nsenter --net=/run/netns/b -- "$load" echo $B4 7 &
	jobs_of="$!"
	nsenter --net=/run/netns/b -- "$load" sink $B4 5001 &
	jobs_of="$jobs_of $!"
	wait_until 10 listening b 5001
}
unline() {
	local h
	# shellcheck disable=SC2086 # words
	kill $jobs_of 2>/dev/null
	for h in a b; do in_ns $h tc qdisc del dev eth0 root 2>/dev/null; done
	# The slow devices go with their module.
	modprobe -r rtpl_slowdev || t_bail "slow devices stay"
	for h in a b c o; do ip netns del $h; done
	wait_until 10 no_rest
}
no_rest() { [ -z "$(ip netns list)" ]; }

# loaded: "BACK MEDIAN NINETY MAX" (us) beside four TCP connections.
loaded() {
	local p
	nsenter --net=/run/netns/a -- "$load" tcp $B4 5001 4 9 2>/dev/null &
	p=$!
	sleep 3
	a "$load" ping $B4 7 60 0.066
	wait $p
}
fast_child() {
	# One of another kind cannot take the place of what has the handle.
	a tc qdisc del dev eth0 parent 1:2 2>/dev/null
	a tc qdisc replace dev eth0 parent 1:2 handle 20: "$@"
}
more_peers() {
	local i
	for i in 1 2; do
		a rtplctl peer add "$(rtplctl genkey 2>/dev/null | rtplctl pubkey)" \
			allowed "10.$i.0.0/16" require off
	done
}

# judged NAME ALONE GOT CELL TENTHS: the median at most so many tenths of a cell of CELL us more
# than fq_codel alone. Sixty answers give a median to a quarter of a cell, their tail to one or two.
judged() {
	local alone got
	read -ra alone <<<"$2"
	read -ra got <<<"$3"
	t_is "${got[0]}" 60 "$1: all answers come"
	t_between "${got[1]}" 1 $((alone[1] + $5 * $4 / 10)) \
		"$1: median ${got[1]} us, fq_codel alone ${alone[1]} us, a cell has $4 us"
	t_between "${got[2]}" 1 $((alone[2] + ($5 + 20) * $4 / 10)) \
		"$1: nine of ten within ${got[2]} us, fq_codel alone ${alone[2]} us"
	t_between "${got[3]}" 1 $((alone[3] + ($5 + 60) * $4 / 10)) \
		"$1: at most ${got[3]} us, fq_codel alone ${alone[3]} us"
}

# trips BIT/S: what a line has without and with RTPL.
trips() {
	local cell=$((1538 * 8 * 1000000 / $1)) mbit=$(($1 / 1000000)) alone got v tenths=40
	# A cell waits there, for building one when the device asks would cost too much of the line.
	[ $mbit -lt 100 ] || tenths=60
	for v in plain vlan; do
		line "$1" $v
		a tc qdisc replace dev eth0 root handle 9: fq_codel
		alone=$(loaded)
		a tc qdisc del dev eth0 root
		pair_up latency 0 || t_bail "no pair"
		pair_wait || t_bail "the link does not come up"
		fast_child fq_codel
		got=$(loaded)
		judged "$mbit Mbit/s, $v, one peer" "$alone" "$got" $cell $tenths
		more_peers
		got=$(loaded)
		judged "$mbit Mbit/s, $v, three peers" "$alone" "$got" $cell $tenths
		unline
	done
}

if [ -n "${QUEUE_TABLE:-}" ]; then
	for rate in 1000000 10000000 100000000; do trips $rate; done
	t_done
fi

trips 10000000

line 10000000
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
fast_child netem delay 20ms
nsenter --net=/run/netns/a -- "$load" udp 192.0.2.3 9 20000000 8 &
flood=$!
sleep 1
read -ra got <<<"$(a "$load" ping $B4 7 10 0.4)"
t_is "${got[0]}" 10 "a fast child that delays packets, beside a flood of clear ones: all answers come"
t_between "${got[1]}" 20000 30000 "a fast child that delays by 20 ms: median ${got[1]} us beside a flood"
wait $flood

# 12.3 Mbit/s of cells on a line of 10, with a budget of 50 ms; b answers as it comes. Idle and
# overloaded, so that data does not decide what is skipped.
a rtplctl peer set "$B_PUB" rate 1000 latency 50ms || t_bail "no constant rate"
fast_child pfifo limit 200 || t_bail "no child"
sleep 2
missed=$(pair_stat a slots_missed) cells=$(($(pair_stat a tx_cells) + $(pair_stat a tx_chaff)))
read -ra got <<<"$(a "$load" ping $B4 7 20 0.1)"
idle=$(($(pair_stat a slots_missed) - missed))
t_is "${got[0]}" 20 "a rate above the line's: all answers come"
t_between "${got[3]}" 1 15000 "a rate above the line's, idle: at most ${got[3]} us"
cells=$(($(pair_stat a tx_cells) + $(pair_stat a tx_chaff) - cells))
t_between $((100 * cells / (cells + idle))) 77 84 \
	"slots that the line does not carry are skipped and counted: $idle, and $cells cells sent"
missed=$(pair_stat a slots_missed)
nsenter --net=/run/netns/a -- "$load" udp $B4 9 20000000 4 &
flood=$!
read -ra got <<<"$(a "$load" ping $B4 7 20 0.1)"
wait $flood
over=$(($(pair_stat a slots_missed) - missed))
# The budget is a's; the answer has the line's other direction to itself.
t_between "${got[3]}" 1 56000 "a rate above the line's, overloaded: at most ${got[3]} us"
t_between $((100 * over / (idle ? idle : 1))) 97 103 "as many are skipped ($over) with data as without ($idle)"
unline
t_done
