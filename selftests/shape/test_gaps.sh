#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 240
# debug: no
# tier: all
#
# Constant rate on the stock kernel: gaps between cells of idle and of loaded
# runs, taken in turns, compared by gaps.py. The machine itself is noisy, so
# that idle runs are compared with each other as well.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

rate=100 secs=8 rounds=3
topo_up || t_bail "topology"
pair_up rate $rate latency 100 || t_bail "pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no answer through the pair"
b nft -f - <<-'NFT'
	table inet sink { chain in { type filter hook input priority 0; udp dport 9 counter drop; }; }
NFT

# load PACKETS-PER-SECOND
load() {
	a python3 - "$1" $secs $B4 <<-'PY'
	import socket, sys, time
	pps, secs = int(sys.argv[1]), int(sys.argv[2])
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	t = time.monotonic()
	for k in range(pps * secs):
	    time.sleep(max(0, t + k / pps - time.monotonic()))
	    s.sendto(b"x" * 1200, (sys.argv[3], 9))
	PY
}

watch() {
	nsenter --net=/run/netns/o tcpdump -U -i pa -Q in -nn -q -s 64 --time-stamp-precision=nano \
		-c $((rate * secs)) -w "$OUT/$1.pcap" "udp port 51900 and src $A4" 2>/dev/null &
	local pid=$!
	[ "$2" = 0 ] || load "$2"
	wait $pid
}

for ((i = 1; i <= rounds; i++)); do
	watch idle.$i 0
	watch half.$i $((rate / 2))
	watch over.$i $((rate * 2))
done
carried=$(b nft -j list chain inet sink in | jq '[.. | .counter? | select(. != null) | .packets][0]')
t_between "$carried" $((rate * secs)) 1000000 "the load went through ($carried packets)"
said=$(python3 "$(dirname "$0")/gaps.py" "$OUT"/*.pcap)
t_diag "$said"
t_is "$(tail -n 1 <<<"$said")" alike "gaps of idle and loaded runs are alike"
t_done
