#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 200
#
# What hiding sizes costs under load: bytes of IP on the wire for each byte of
# IP that is carried, for packets of one size each, as plain packets (no
# super-packets), with the link saturated by constant rate. IP-TFS has 4.02 % for
# any size (RFC 9347, appendix on overhead).
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up || t_bail "topology"
# Datagrams are counted one by one at the bridge.
a ethtool -K eth0 tx-udp-segmentation off >/dev/null
pair_up rate 2500 latency 1000 || t_bail "pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no answer through the pair"
b nft -f - <<-'NFT'
	table inet sink { chain in { type filter hook input priority 0; udp dport 9 counter drop; }; }
NFT
python=$(command -v python3)

carried() { b nft -j list chain inet sink in | jq '[.. | .counter? | select(. != null) | .bytes][0]'; }
wire() { # IP bytes that came from a
	o ip -j -s link show pa | jq '.[0].stats64.rx | .bytes - 14 * .packets'
}

# flood SIZE SECONDS: plain UDP packets of SIZE bytes of IP, more than the link takes
flood() {
	a "$python" - "$1" "$2" <<-'PY'
	import socket, sys, time
	size, secs = int(sys.argv[1]), float(sys.argv[2])
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
	s.setblocking(False)
	for tick in range(int(secs * 250)):
	    try:
	        # 4 ms of the link take 10 cells of 1443 bytes.
	        for k in range(10 * 1443 // size + 20):
	            s.sendto(b"x" * (size - 28), ("192.0.2.2", 9))
	    except BlockingIOError:
	        pass
	    time.sleep(0.004)
	PY
}

for size in 40 128 576 1440; do
	flood $size 6 &
	pid=$!
	sleep 2		# the queue is full from here on
	w0=$(wire) c0=$(carried)
	sleep 3
	w1=$(wire) c1=$(carried)
	wait $pid
	cost=$(awk -v w=$((w1 - w0)) -v c=$((c1 - c0)) 'BEGIN { printf "%.2f", (w / c - 1) * 100 }')
	t_between "$cost" 3 4.02 "packets of $size bytes: $cost % more bytes on the wire ($((w1 - w0)) for $((c1 - c0)))"
	sleep 1
done
t_done
