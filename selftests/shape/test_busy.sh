#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 200
#
# Traffic in clear that keeps the line half and nearly whole busy does not tell chaff from data:
# as many cells of either leave right behind another packet, for which a cell has to wait, as
# their times make it likely; and chaff goes on beside a full line.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
topo_host c pc 3
slow_line 10000000
pair_up profile enhanced || t_bail "no pair"
wait_until 30 a ping -c 1 -W 1 $B4 || t_bail "no link"
cat >"$OUT/load.py" <<'PY'
"""load.py N PERIOD: pings of 1482 bytes of frame to a."""
import socket, struct, sys, time
packet = struct.pack("!BBHHH", 8, 0, 0xf7fd, 1, 1) + bytes(1440)
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
for i in range(int(sys.argv[1])):
    s.sendto(packet, ("192.0.2.1", 0))
    time.sleep(float(sys.argv[2]))
PY
data() {
	a python3 - "$1" "$2" <<-'PY'
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for k in range(int(sys.argv[1])):
	    time.sleep(float(sys.argv[2]))
	    s.sendto(bytes(60), ("192.0.2.2", 9))
	PY
}
# tight PERIOD N COMMAND...: "cells percent" of a's while c loads the line so: how many of them
# leave right behind another packet, to which a cell that need not wait comes by chance alone.
tight() {
	local job
	in_ns c python3 "$OUT/load.py" "$2" "$1" &
	job=$!
	capture_start "$OUT/tight.pcap"
	"${@:3}"
	capture_stop
	wait $job
	python3 - "$OUT/tight.pcap" <<-'PY'
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	at, last, silence = 24, None, []
	while at < len(data):
	    sec, us, n, full = struct.unpack_from("<IIII", data, at)
	    frame = data[at + 16:at + 16 + n]
	    at += 16 + n
	    if frame[6:12] != b"\2\0\0\0\0\1":
	        continue		# not a's
	    now = sec * 10**6 + us
	    if frame[12:14] == b"\x08\0" and frame[23] == 17 and last is not None:
	        silence.append(now - last - full * 8 / 10)
	    last = now
	print(len(silence), round(100 * sum(s < 30 for s in silence) / max(1, len(silence))))
	PY
}
for load in "0.0024 13500" "0.0013 24500"; do
	# shellcheck disable=SC2086 # words
	set -- $load
	read -r cells idle <<<"$(tight "$1" "$2" sleep 30)"
	t_between "$cells" 40 130 "a ping each $1 s, no data: $cells cells of chaff in half a minute"
	read -r cells busy <<<"$(tight "$1" "$2" data 100 0.3)"
	t_between $((busy - idle)) -35 35 \
		"a ping each $1 s: $idle % of cells right behind another packet without data, $busy % with"
done

# A second link: one that waits for the device wakes the other, and neither falls silent.
topo_host d pd 4
rtplctl genkey >"$OUT/d.key"
d_pub=$(rtplctl pubkey <"$OUT/d.key")
in_ns d rtplctl node set private-key "$OUT/d.key" listen $PAIR_PORT
in_ns d rtplctl peer add "$A_PUB" endpoint $A4:$PAIR_PORT allowed "$A4/32" profile enhanced
a rtplctl peer add "$d_pub" endpoint 192.0.2.4:$PAIR_PORT allowed 192.0.2.4/32 profile enhanced
in_ns d tc qdisc add dev eth0 root rtpl
wait_until 30 a ping -c 1 -W 1 192.0.2.4 || t_bail "no second link"
in_ns c python3 "$OUT/load.py" 52000 0.00115 &
job=$!
capture_start "$OUT/two.pcap" "udp and src $A4"
sleep 60
capture_stop
wait $job
for to in $B4 192.0.2.4; do
	t_between "$(tcpdump -nn -r "$OUT/two.pcap" "dst $to" 2>/dev/null | wc -l)" 80 260 \
		"two links on a line that is all but full: cells of chaff to $to in a minute"
done
t_done
