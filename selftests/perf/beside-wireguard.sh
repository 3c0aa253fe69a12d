#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# TCP goodput of one and of eight flows, datagrams of 64 bytes that arrive, and the
# idle round trip beside WireGuard's, in one machine and in turns; then the bytes on
# the wire for each byte of IP of RTPL's. Prints a table; asserts nothing, for speed
# is no test's business.
#
#	selftests/uml/run selftests/perf/beside-wireguard.sh [SECONDS [ROUNDS]]
#	selftests/vm/run -I -t 900 selftests/perf/beside-wireguard.sh 2 1	(counts instructions)
#
# Both tunnels run over the same two hosts and bridge; both ends share the
# machine's processors. WireGuard's inner MTU is 1420; RTPL needs none.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

secs=${1:-5} rounds=${2:-3}
topo_up || exit 1
pair_up require off || exit 1

# goodput ADDRESS [OPTION...]: Mbit/s
goodput() {
	local to=$1
	shift
	a iperf3 -J -t "$secs" "$@" -c "$to" |
		jq '.end.sum_received.bits_per_second / 1e6 | . * 10 | round / 10'
}
# small ADDRESS: datagrams of 64 bytes that arrive in a second, thousands, as many as a can send
small() {
	a iperf3 -J -u -b 0 -l 64 -t "$secs" -c "$1" |
		jq '.end.sum | (.packets - .lost_packets) / .seconds / 1e3 | . * 100 | round / 100'
}
rtt() { a ping -q -i 0.01 -c 200 "$1" | sed -n 's#^rtt.*= [^/]*/\([^/]*\)/.*#\1#p'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

seen_bytes() { ip -n o -s -j link show pa | jq '.[0].stats64.rx.bytes'; }
# Bytes that the observer's bridge counts for each byte of IP, datagrams of `size` bytes that leave
# as they come: each its own cell where nothing waits (test_wire_cost.sh has it with a backlog).
wire_cost() {
	local addr=$1 size=$2 before after sent
	before=$(seen_bytes)
	sent=$(a iperf3 -J -u -b 0 -n $((size * 4000)) -l "$size" -c "$addr" |
		jq '.end.sum.bytes')
	sleep 1
	after=$(seen_bytes)
	awk -v w=$((after - before)) -v p="$sent" -v s="$size" \
		'BEGIN { printf "%.4f", w / (p / s * (s + 28)) }'
}

wg_up
b iperf3 -s -D --pidfile "$PAIR_DIR/iperf.pid" >/dev/null
wait_until 10 a ping -c 1 -W 1 198.18.0.2 || exit 1
wait_until 10 a ping -c 1 -W 1 $B4 || exit 1
wait_until 10 a iperf3 -n 1K -c $B4 || exit 1

measured="tcp flows8 udp64 rtt"
declare -A unit=([tcp]=Mbit/s [flows8]=Mbit/s [udp64]="thousand a second" [rtt]=ms)
# figure WHAT ADDRESS: one of them
figure() {
	case $1 in
	tcp) goodput "$2" ;;
	flows8) goodput "$2" -P 8 ;;
	udp64) small "$2" ;;
	rtt) rtt "$2" ;;
	esac
}
for ((i = 0; i < rounds; i++)); do
	for what in $measured; do
		figure $what 198.18.0.2 >>"$OUT/$what.wg"
		figure $what $B4 >>"$OUT/$what.rtpl"
	done
done
for what in $measured; do
	w=$(median <"$OUT/$what.wg") r=$(median <"$OUT/$what.rtpl")
	ratio=$(paste "$OUT/$what.rtpl" "$OUT/$what.wg" | awk '{ print $1 / $2 }' | median)
	echo "$what wireguard $w rtpl $r ratio $ratio ($rounds rounds; ${unit[$what]})"
	echo "$what.all wireguard $(tr '\n' ' ' <"$OUT/$what.wg")rtpl $(tr '\n' ' ' <"$OUT/$what.rtpl")"
done
for size in 64 1200; do
	echo "wire$size bytes on the wire for a byte of IP, datagrams of $size bytes: $(wire_cost $B4 $size)"
done
T_DONE=1
