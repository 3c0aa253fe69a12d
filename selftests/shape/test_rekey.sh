#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 200
# tier: uml
#
# A handshake is no data: keys that are renewed while nobody sends begin no exchange, no session and no message,
# and a request right behind them has its cover.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
modprobe rtpl || t_bail "no module"
pair_keys
pair_node a && pair_node b && pair_peer b profile requests role server && pair_peer a profile requests &&
	pair_qdisc a && pair_qdisc b || t_bail "no pair"
pair_wait 20 || t_bail "the link does not come up"
capture() {
	nsenter --net=/run/netns/o tcpdump -U -i pa -s 64 -B 16384 -w "$OUT/pcap" "udp port $PAIR_PORT" 2>/dev/null &
	dump=$!
}
capture
cat >"$OUT/seen.py" <<'PY'
"""seen.py PCAP: a line for each datagram: seconds, from a or b, bytes of UDP, handshake's type or 0"""
import struct, sys
data = open(sys.argv[1], "rb").read()
at = 24
while at + 16 <= len(data):
    s, us, n, _ = struct.unpack_from("<4I", data, at)
    f = data[at + 16:at + 16 + n]
    at += 16 + n
    if f[12:14] == b"\x08\x00":
        print("%.6f" % (s + us / 1e6), "a" if f[29] == 1 else "b", struct.unpack("!H", f[38:40])[0] - 8,
              f[46] if f[42:46] == bytes(4) else 0)
PY
seen() { python3 "$OUT/seen.py" "$OUT/pcap"; }
answered() { seen >"$OUT/seen"; grep -q ' b [0-9]* 2$' "$OUT/seen"; }
# renewed SECONDS: so long nothing is asked, then until an initiation is answered, and a second more; $OUT/seen has
# what was seen. No polling all the time: in virtual time that is all the work.
renewed() {
	local n=0
	sleep "$1"
	until answered; do
		[ $((n++)) -lt 30 ] || return
		sleep 2
	done
	sleep 1
	answered
}
t_run "keys are renewed in two minutes" renewed 112
t_is "$(awk '!$4 && $3 > 192' "$OUT/seen" | wc -l)" 0 "and nothing but handshakes and small cells leaves"
cat >"$OUT/serve.py" <<'PY'
"""serve.py ADDRESS: answers each datagram with 300 bytes 3 s later"""
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], 7007))
while True:
    data, who = s.recvfrom(9000)
    time.sleep(3)
    s.sendto(bytes(300), who)
PY
in_ns b python3 "$OUT/serve.py" $B4 &
wait_until 10 listening b 7007 -u
ask() { a python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(8)
s.sendto(bytes(1200), (sys.argv[1], 7007))
s.recv(9000)' $B4; }
before=$(seen | wc -l)
t_run "a request right behind them is answered" ask
sleep 1
t_between "$(seen | tail -n +$((before + 1)) | awk '$2 == "b" && $3 == 576' | wc -l)" 55 200 "with cover in the answer's place"

# Nor does a session begin. Cells that stand in for a keepalive are all that there is.
a rtplctl peer set "$B_PUB" profile tamaraw && b rtplctl peer set "$A_PUB" profile tamaraw role server ||
	t_bail "no profile"
sleep 5
kill $dump
wait $dump
capture
t_run "tamaraw: keys are renewed" renewed 85
t_between "$(awk '$4 == 2 { at = $1 } at && !$4 && $1 < at + .1' "$OUT/seen" | wc -l)" 0 5 "tamaraw: no session begins"
kill $dump
t_done
