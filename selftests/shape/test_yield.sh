#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 150
#
# On a slow line, where a cell is built when the device asks for it, an upload in cells goes on when
# a flow in clear begins that wants more than the line: the links that wait then are woken though
# the device takes packets in clear first.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
topo_host c pc 3
slow_line 10000000
pair_up || t_bail "no pair"
iperf_up b
wait_until 30 a iperf3 -n 1K -c $B4 || t_bail "no link"
# Twelve bursts in clear of 300 ms, at twice the line's rate, a second apart.
cat >"$OUT/bursts.py" <<'PY'
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
for k in range(12):
    time.sleep(1)
    for i in range(500):
        s.sendto(bytes(1400), ("192.0.2.3", 9))
        time.sleep(0.0006)
PY
a iperf3 -t 18 -c $B4 >/dev/null &
upload=$!
sleep 2
capture_start "$OUT/yield.pcap" "udp and src $A4"
a python3 "$OUT/bursts.py"
capture_stop
wait $upload
read -r cells clear longest <<<"$(python3 - "$OUT/yield.pcap" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
at, last, count, longest, clear = 24, None, 0, 0, 0
while at < len(data):
    sec, us, n, full = struct.unpack_from("<IIII", data, at)
    frame = data[at + 16:at + 16 + n]
    at += 16 + n
    if frame[33] != 2:		# to c
        clear += 1
        continue
    now = sec * 10**6 + us
    if last is not None:
        longest = max(longest, now - last)
    last, count = now, count + 1
print(count, clear, longest // 1000)
PY
)"
t_between "$clear" 2000 6000 "packets in clear crossed: $clear"
t_between "$cells" 5000 100000 "and cells: $cells"
t_between "$longest" 0 60 "no silence of cells is longer than 60 ms: $longest"
t_done
