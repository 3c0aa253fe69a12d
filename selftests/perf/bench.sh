#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# RTPL beside WireGuard, ESP and nothing, in one machine, in turns: datagrams of several sizes, as many
# as a program can send (thousands a second that arrive), TCP of one, eight and 64 flows (Mbit/s),
# questions and answers (a second), the idle round trip and that beside a transfer (ms). Prints a table
# of ratios, and leaves result.json and, where matplotlib is, bench.svg. Asserts nothing.
#
# Beside them the limit: what would go through if a packet cost nothing but a copy and the cipher over its
# bytes, at both ends (limit/limit.c, built for KERNEL), and how many times as much each really costs
# beyond what it does in clear (by instruction count: processors that wait would count).
#
#	selftests/perf/bench.sh [-k KERNEL] [-c CPUS] [-s SECONDS] [-r ROUNDS] [-o DIR] [WORK...]
#
# One processor (-c 1, the default): instructions are counted instead of time, and each run gives the
# same figures, nearly. More: in real time, so that only ratios of one run mean something. KERNEL 6.1; 2 seconds
# of each, 1 round (3 with several processors); DIR build/bench. `make bench` runs it.
#
# Each of the others has a bridge of its own between the hosts, without a qdisc of RTPL's. Both ends share
# the processors. RTPL's cells are those of a new link: of one size, as packets come.
set -eu
WORKS="udp64 udp128 udp200 udp512 udp1300 imix tcp1 tcp8 tcp64 ask100 rtt loaded"
if [ -z "${RTPL_ENVIRONMENT:-}" ]; then
	cd "$(dirname "$0")/../.."
	# shellcheck source=selftests/environment.sh
	. selftests/environment.sh
	kernel=6.1 cpus=1 secs=2 rounds='' out=build/bench
	while getopts k:c:s:r:o: opt; do
		case $opt in
		k) kernel=$OPTARG ;;
		c) cpus=$OPTARG ;;
		s) secs=$OPTARG ;;
		r) rounds=$OPTARG ;;
		o) out=$OPTARG ;;
		*) sed -n '4,22s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	for v in "$cpus" "$secs" "${rounds:-1}"; do
		case $v in
		'' | *[!0-9]* | 0*) die "'$v' is no whole number from 1 on" ;;
		esac
	done
	: "${rounds:=$((cpus > 1 ? 3 : 1))}"
	need gcc:gcc
	mkdir -p "$out"
	gcc -O2 -Wall -o "$out/volley" selftests/perf/volley.c
	args=(-k "$kernel" -t 3000 -f "$out/volley" -o "$out")
	# limit_module: in a folder of its own, as build-module does; nothing of another kernel's is used.
	limit_module() {
		local dir kdir
		if [ "$kernel" = debug ]; then
			kdir=$(selftests/vm/build-kernel debug)/kdir
		else
			kdir=$(selftests/vm/kernels headers "$kernel")
		fi || return
		dir=$(realpath "$out")/limit
		rm -rf "$dir"
		mkdir "$dir" && cp selftests/perf/limit/* "$dir/" || return
		make -s --no-print-directory -C "$kdir" M="$dir" CONFIG_DEBUG_INFO_BTF_MODULES= CONFIG_PAHOLE_VERSION=0 \
			PAHOLE=false modules
	}
	if limit_module; then
		args+=(-f "$out/limit/limit.ko")
	else
		say "limit: its module (selftests/perf/limit) could not be built for $kernel: the figures lack it"
	fi
	[ "$cpus" = 1 ] && args+=(-I) || args+=(-c "$cpus")
	held selftests/vm/run "${args[@]}" selftests/perf/bench.sh "$secs" "$rounds" "${@:-$WORKS}"
	exec /usr/bin/python3 selftests/perf/bench.py "$out" "$kernel" "$cpus" "$secs" "$rounds"
fi
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
set +eu
secs=$1 rounds=$2
shift 2
# shellcheck disable=SC2048,SC2086
set -- $*
volley=$(find /rtpl -name volley -type f | head -n 1)
limit_ko=$(find /rtpl -name limit.ko -type f | head -n 1)

topo_up
pair_up require off || exit 1
# The others' hosts: a second bridge.
ip -n o link add br1 type bridge forward_delay 0 mcast_snooping 0
ip -n o link set br1 up
for h in a b; do
	ip -n $h link add eth1 type veth peer name "q$h" netns o
	ip -n o link set "q$h" master br1 up
	ip -n $h link set eth1 up
done
WG_ON=eth1 wg_up
ip -n a addr add 203.0.113.1/24 dev eth1 2>/dev/null
ip -n b addr add 203.0.113.2/24 dev eth1 2>/dev/null
# esp NUMBER ALGORITHM KEY-BYTES ICV: a tunnel between 198.19.NUMBER.1 and .2
esp() {
	local n=$1 alg=$2 key icv=$4 h other
	key=0x$(head -c "$3" /dev/zero | tr '\0' '\21' | od -v -An -tx1 | tr -d ' \n')
	for h in 1 2; do
		other=$((3 - h))
		local ns=a
		[ $h = 1 ] || ns=b
		ip -n $ns addr add "198.19.$n.$h/32" dev lo
		ip -n $ns xfrm state add src 203.0.113.$h dst 203.0.113.$other proto esp spi "$((n * 10 + h))" \
			reqid "$n" mode tunnel aead "$alg" "$key" "$icv" replay-window 128 || return 1
		ip -n $ns xfrm state add src 203.0.113.$other dst 203.0.113.$h proto esp spi "$((n * 10 + other))" \
			reqid "$n" mode tunnel aead "$alg" "$key" "$icv" replay-window 128 || return 1
		ip -n $ns xfrm policy add src "198.19.$n.$h" dst "198.19.$n.$other" dir out \
			tmpl src 203.0.113.$h dst 203.0.113.$other proto esp reqid "$n" mode tunnel
		ip -n $ns xfrm policy add src "198.19.$n.$other" dst "198.19.$n.$h" dir in \
			tmpl src 203.0.113.$other dst 203.0.113.$h proto esp reqid "$n" mode tunnel
		ip -n $ns route add "198.19.$n.$other" via 203.0.113.$other src "198.19.$n.$h"
	done
}
declare -A at=([rtpl]=$B4 [wireguard]=198.18.0.2 [none]=203.0.113.2)
peers="rtpl wireguard none"
esp 1 'rfc4106(gcm(aes))' 20 128 && at[esp-gcm]=198.19.1.2 peers+=" esp-gcm"
esp 2 'rfc7539esp(chacha20,poly1305)' 36 128 && at[esp-chacha]=198.19.2.2 peers+=" esp-chacha"
iperf_up b
nsenter --net=/run/netns/b -- "$volley" answer 8001 &
trap 'kill $(jobs -p) 2>/dev/null' EXIT
for p in $peers; do
	wait_until 20 a ping -c 1 -W 1 "${at[$p]}" && wait_until 10 a iperf3 -n 1K -c "${at[$p]}" ||
		t_bail "$p: no link"
done

goodput() { a iperf3 -J -t "$secs" -P "$2" -c "$1" | jq '.end.sum_received.bits_per_second / 1e6'; }
small() { a iperf3 -J -u -b 0 -l "$2" -t "$secs" -c "$1" |
	jq '.end.sum | (.packets - .lost_packets) / .seconds / 1e3'; }
rtt() { a ping -q -i 0.01 -c 200 "$1" | sed -n 's#^rtt.*= [^/]*/\([^/]*\)/.*#\1#p'; }
# imix ADDRESS: payloads of which IPv4 makes 64, 570 and 1400 bytes, 7:4:1
imix() {
	local sent pid
	nsenter --net=/run/netns/b -- "$volley" sink 8002 >"$OUT/imix" &
	pid=$!
	wait_until 10 listening b 8002 -u
	a "$volley" send "$1" 8002 "$secs" 36 36 542 36 542 36 36 542 36 542 36 1372 >/dev/null
	sleep 1
	kill -TERM $pid
	wait $pid
	read -r sent _ <"$OUT/imix"
	echo "$sent $secs" | awk '{ print $1 / $2 / 1e3 }'
}
# loaded ADDRESS: the round trip beside a transfer
loaded() {
	a iperf3 -t $((secs + 3)) -c "$1" >/dev/null 2>&1 &
	sleep 1
	a ping -q -i 0.02 -c $((secs * 50)) "$1" | sed -n 's#^rtt.*= [^/]*/\([^/]*\)/.*#\1#p'
	wait $!
}
# The cipher's module, which it needs, came with RTPL's.
if [ -n "$limit_ko" ] && ! insmod "$limit_ko" bytes=64; then
	t_diag "limit: its module could not be loaded: the figures lack it"
	limit_ko=
fi
# cost BYTES: ns of a packet, both ends
cost() { echo "$1" >/sys/module/limit/parameters/bytes && cat /sys/module/limit/parameters/ns; }
# limit_of WORK: in the work's unit, all processors doing nothing else; IPv4 and UDP make 28 bytes, and TCP's
# stream goes in packets of 1460 bytes, all of them data
limit_of() {
	local cpus
	cpus=$(nproc)
	case $1 in
	udp*) echo "$(cost $((${1#udp} + 28)))" "$cpus" | awk '{ print $2 * 1e6 / $1 }' ;;
	imix) echo "$(cost 64) $(cost 570) $(cost 1400) $cpus" |
		awk '{ print $4 * 12e6 / (7 * $1 + 4 * $2 + $3) }' ;;
	tcp*) echo "$(cost 1460)" "$cpus" | awk '{ print $2 * 1460 * 8e3 / $1 }' ;;
	esac
}
for ((i = 0; i < rounds; i++)); do
	nth=0
	for work; do
		t_diag "round $((i + 1)) of $rounds, $((++nth)) of $#: $work"
		for p in $peers; do
			to=${at[$p]}
			case $work in
			udp*) x=$(small "$to" "${work#udp}") ;;
			tcp*) x=$(goodput "$to" "${work#tcp}") ;;
			ask*) x=$(a "$volley" ask "$to" 8001 "$secs" "${work#ask}") ;;
			imix | rtt | loaded) x=$($work "$to") ;;
			*) t_bail "$work: no such work" ;;
			esac
			echo "$work $p $x" >>"$OUT/figures"
		done
		[ -z "$limit_ko" ] || echo "$work limit $(limit_of "$work")" >>"$OUT/figures"
	done
done
T_DONE=1
