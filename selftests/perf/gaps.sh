#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# When packets of a constant rate leave: RTPL's cells beside what the kernel has for such, in one
# machine, in turns. Of the gaps between packets: mean, standard deviation, and by how much 50, 99 and
# 99.9 % of them differ at most from what the rate says. Prints a table, or with -j a JSON array;
# leaves the captures in DIR. Asserts nothing.
#
#	selftests/perf/gaps.sh [-j] [-k KERNEL] [-c CPUS] [-p PACKETS] [-w LOADS] [-o DIR] [RATE...]
#
#	rtpl		rtplctl peer set ... rate RATE cell 256
#	fq		a socket with SO_MAX_PACING_RATE under fq with a quantum of one packet
#	fq-txtime	a socket that gives each packet its time (SO_TXTIME, CLOCK_MONOTONIC) under fq
#	etf		the same by CLOCK_TAI under etf, a queue of mqprio
#	idle		nothing else to do
#	same		TCP on the same link or device, of as many bits as the link carries
#	other		a second link, or another host by the same device, gets all that a program can send,
#			which is lost behind the device
#	busy		a program that computes; on the other processor where there are two
#
# One processor (-c 1, the default): instructions are counted instead of time, 10^9 a second, and each
# run gives nearly the same. More: in real time on emulated processors, so that only ratios of one run
# mean something. At least PACKETS (1000) of each, and for a second, at RATE 100, 1000 and 10000 packets
# a second. LOADS: only these, such as "idle other". Times are the kernel's, when the packet has crossed the veth. KERNEL 6.1; DIR build/gaps.
set -eu
if [ -z "${RTPL_ENVIRONMENT:-}" ]; then
	cd "$(dirname "$0")/../.."
	# shellcheck source=selftests/environment.sh
	. selftests/environment.sh
	kernel=6.1 cpus=1 packets=1000 loads='idle same other busy' out=build/gaps form=text
	while getopts jk:c:p:w:o: opt; do
		case $opt in
		j) form=json ;;
		k) kernel=$OPTARG ;;
		c) cpus=$OPTARG ;;
		p) packets=$OPTARG ;;
		w) loads=$OPTARG ;;
		o) out=$OPTARG ;;
		*) sed -n '4,26s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	[ $# -gt 0 ] || set -- 100 1000 10000
	for v in "$cpus" "$packets" "$@"; do
		case $v in
		'' | *[!0-9]* | 0*) die "'$v' is no whole number from 1 on" ;;
		esac
	done
	need gcc:gcc python3:python3-minimal
	mkdir -p "$out"
	rm -f "$out"/*.pcap
	gcc -O2 -Wall -o "$out/volley" selftests/perf/volley.c
	args=(-k "$kernel" -t 3000 -f "$out/volley" -o "$out")
	[ "$cpus" = 1 ] && args+=(-I) || args+=(-c "$cpus")
	selftests/vm/run "${args[@]}" selftests/perf/gaps.sh "$packets" "$loads" "$@" >&2
	exec python3 selftests/perf/departures.py "$out" $form
fi
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
set +eu
packets=$1 loads=$2
shift 2
volley=$(find /rtpl -name volley -type f | head -n 1)
for m in sch_fq sch_etf sch_mqprio; do modprobe $m || t_bail "no $m"; done

topo_up
topo_host c pc 3
wire_like
# A second bridge, without RTPL's qdisc: two queues, of which etf has one.
ip -n o link add br1 type bridge forward_delay 0 mcast_snooping 0
ip -n o link set br1 up
n=0
for h in a b c; do
	n=$((n + 1))
	ip -n $h link add eth1 numtxqueues 2 numrxqueues 2 type veth peer name "q$h" netns o
	ip -n o link set "q$h" master br1 up
	ip -n $h addr add 203.0.113.$n/24 dev eth1
	ip -n $h link set eth1 up
	in_ns $h nft -f - <<-'NFT'
		table inet sink { chain in { type filter hook input priority 0; udp dport 9 counter drop; }; }
	NFT
done
pair_up cell 256 latency 100 || t_bail "pair"
(umask 077; rtplctl genkey >"$PAIR_DIR/c.key")
in_ns c rtplctl node set private-key "$PAIR_DIR/c.key" listen $PAIR_PORT
in_ns c rtplctl peer add "$A_PUB" endpoint "$A4:$PAIR_PORT" allowed "$A4/32"
in_ns c tc qdisc add dev eth0 root handle 1: rtpl
a rtplctl peer add "$(rtplctl pubkey <"$PAIR_DIR/c.key")" endpoint "192.0.2.3:$PAIR_PORT" allowed 192.0.2.3/32
iperf_up b
for to in $B4 192.0.2.3 203.0.113.2 203.0.113.3; do
	wait_until 30 a ping -c 1 -W 1 $to || t_bail "$to does not answer"
done
wait_until 10 a iperf3 -n 1K -c $B4 || t_bail "no iperf3"

# watch NAME COUNT SECONDS: that many of a's, at the observer's end of the veth
watch() {
	local dev=qa filter="udp dst port 9 and dst 203.0.113.2"
	[ "${1%%.*}" != rtpl ] || dev=pa filter="udp port $PAIR_PORT and src $A4 and dst $B4"
	nsenter --net=/run/netns/o timeout $(($3 * 3 + 20)) tcpdump -i $dev -Q in -nn -q -s 64 -B 16384 \
		--time-stamp-precision=nano -c "$2" -w "$OUT/$1.pcap" "$filter" 2>"$OUT/tcpdump.err" &
	dump=$!
	wait_until 10 grep -q 'listening on' "$OUT/tcpdump.err" || t_bail "tcpdump does not start"
}
# begin KIND RATE SECONDS: what sends
begin() {
	sender=
	case $1 in
	rtpl) return ;;
	# A quantum of one packet: it paces quanta, and by default they are ten of these.
	fq) a tc qdisc replace dev eth1 root handle 5: fq flow_limit 1000 quantum 298 initial_quantum 298; clock=max ;;
	fq-txtime) a tc qdisc replace dev eth1 root handle 5: fq flow_limit 1000; clock=monotonic ;;
	etf)
		a tc qdisc replace dev eth1 root handle 100: mqprio num_tc 2 map 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 \
			queues 1@0 1@1 hw 0
		a tc qdisc replace dev eth1 parent 100:2 etf clockid CLOCK_TAI delta 1000000
		clock=tai ;;
	esac || t_bail "$1: no qdisc"
	nsenter --net=/run/netns/a -- "$volley" pace 203.0.113.2 9 "$3" 256 "$2" $clock &
	sender=$!
}
burn() { while :; do :; done; }
# load KIND LOAD RATE: the load's process
load() {
	local to=203.0.113
	[ "$1" != rtpl ] || to=192.0.2
	loader=
	case $2 in
	# What the cells of the rate carry: 227 bytes each.
	same) nsenter --net=/run/netns/a -- iperf3 -t 60 -l 2K -b $(($3 * 227 * 8)) -c $to.2 >/dev/null 2>&1 & ;;
	other)
		o tc qdisc add dev pc root netem loss 100%
		o tc qdisc add dev qc root netem loss 100%
		nsenter --net=/run/netns/a -- "$volley" send $to.3 9 60 1200 >/dev/null & ;;
	busy)
		burn &
		[ "$(nproc)" = 1 ] || taskset -p -c 1 $! >/dev/null ;;
	*) return ;;
	esac
	loader=$!
}
for rate; do
	secs=$(((packets + rate - 1) / rate))
	count=$((secs * rate))
	a rtplctl peer set "$B_PUB" rate "$rate" || t_bail "rate $rate"
	for what in $loads; do
		for kind in rtpl fq fq-txtime etf; do
			# A link that sends at a rate does so while others are measured, too.
			[ $kind = rtpl ] || a rtplctl peer set "$B_PUB" rate off
			[ $kind != rtpl ] || a rtplctl peer set "$B_PUB" rate "$rate"
			before=$(pair_stat a slots_missed)
			load $kind $what "$rate"
			sleep 1
			watch $kind.$rate.$what $count $secs
			begin $kind "$rate" $secs
			[ -z "$sender" ] || wait $sender
			if [ $kind = rtpl ]; then
				wait $dump
			else
				# It looks at what came once a second.
				sleep 2
				kill -INT $dump 2>/dev/null
				wait $dump
			fi
			o tc qdisc del dev pc root 2>/dev/null
			o tc qdisc del dev qc root 2>/dev/null
			[ -z "$loader" ] || { kill $loader && wait $loader; } 2>/dev/null
			t_diag "$rate a second, $what, $kind: $(($(pair_stat a slots_missed) - before)) slots missed"
		done
	done
done
T_DONE=1
