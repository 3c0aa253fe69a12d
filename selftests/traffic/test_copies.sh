#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# Whoever sends a cell of this host's again, as often as he can, gets no more of the line than
# with any other packets: a neighbour that it routes for, by a slow line; and a program without
# rights, which gives each copy a time of departure an hour from now. The link's cells keep to
# their slots, and nothing is left in the release queue.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
slow_line 10000000
topo_host x px 9
topo_behind c a eth1 198.51.100.2 198.51.100.1
a sysctl -qw net.ipv4.ip_forward=1
pair_up rate 100 latency 0 || t_bail "no pair"
pair_wait || t_bail "the link does not come up"

capture_start "$OUT/cells.pcap" "udp and src $A4"
sleep 0.3
capture_stop
cat >"$OUT/again.py" <<'PY'
"""again.py CAPTURE copies|random N GAP [TXTIME]: the last cell of a capture, N times."""
import os, socket, struct, sys, time
data = open(sys.argv[1], "rb").read()
at, cell = 24, None
while at < len(data):
    n = struct.unpack_from("<I", data, at + 8)[0]
    p = data[at + 30:at + 16 + n]
    at += 16 + n
    if len(p) > 36 and p[0] >> 4 == 4 and p[9] == 17 and p[28:32] != bytes(4):
        cell = p[28:]
if sys.argv[2] == "random":
    cell = os.urandom(len(cell))
late = len(sys.argv) > 5
if late:
    os.setgid(65534)
    os.setuid(65534)
for k in range(int(sys.argv[3])):
    if not k % 40:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setblocking(False)
        if late:	# SO_TXTIME by CLOCK_MONOTONIC
            s.setsockopt(socket.SOL_SOCKET, 61, struct.pack("iI", 1, 0))
    when = [(socket.SOL_SOCKET, 61, struct.pack("Q", time.monotonic_ns() + 3600 * 10**9))] if late else []
    try:
        s.sendmsg([cell], when, 0, ("192.0.2.9", 9))
    except OSError:
        pass
    time.sleep(float(sys.argv[4]))
PY
again() { nsenter --net=/run/netns/"$1" -- python3 "$OUT/again.py" "$OUT/cells.pcap" "${@:2}"; }

# sent: a's cells to b in 5.2 seconds, of 520 slots
sent() {
	capture_start "$OUT/y.pcap" "udp and src $A4 and dst $B4"
	sleep 5
	capture_stop
	tcpdump -nn -r "$OUT/y.pcap" 2>/dev/null | wc -l
}
for what in random copies; do
	again c $what 14000 0.0006 &
	job=$!
	sleep 1
	got=$(sent)
	t_between "$got" 500 530 "20 Mbit/s of $what through a line of 10: cells of 520"
	t_run "20 Mbit/s of $what: a ping is answered" a ping -q -c 1 -W 2 $B4
	wait $job
	sleep 3
done

again a copies 4800 0 txtime
t_between "$(sent)" 500 530 "4800 copies that are to leave in an hour: cells of 520"
t_run "4800 copies that are to leave in an hour: a ping is answered" a ping -q -c 1 -W 2 $B4
t_is "$(node_drops a release-full)" 0 "and none finds the release queue full"
t_done
