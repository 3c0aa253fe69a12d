#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 200
#
# Two things between a link and the wire: IPv4 IDs of one session say nothing of the last one's;
# and while a neighbour does not answer cells do not wait for it in a queue that packets in clear
# have, too, where what is left of them would tell how many of those there were: their slots pass.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
pair_up rate 20 || t_bail "no pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no link"
capture_start "$OUT/rekey.pcap" "udp and src $A4"
sleep 140
capture_stop
python3 - "$OUT/rekey.pcap" >"$OUT/steps" <<'PY'
import struct, sys
data = open(sys.argv[1], "rb").read()
at, last, steps = 24, {}, []
while at < len(data):
    n = struct.unpack_from("<I", data, at + 8)[0]
    p = data[at + 30:at + 16 + n]
    at += 16 + n
    index, ident = p[28:32], p[4] << 8 | p[5]
    if index == bytes(4):
        continue
    if index in last:
        steps.append((ident - last[index]) & 0xffff)
    elif last:
        print("new", (ident - max(last.values())) & 0xffff)
    last = {index: ident} if index not in last else {**last, index: ident}
print("same", *sorted(set(steps)))
PY
t_diag "$(cat "$OUT/steps")"
t_is "$(grep -c '^new' "$OUT/steps")" 1 "a second session begins"
new=$(sed -n 's/^new //p' "$OUT/steps")
t_between "$new" 4 65532 "its IDs begin elsewhere: $new from the last one's"

a rtplctl peer set "$B_PUB" rate 100
b nft -f - <<-'NFT'
	table inet sink { chain in { type filter hook input priority 0; udp dport 9 drop; }; }
NFT
tc -n o qdisc add dev pa clsact
sleep 3
# burst COMMAND...: cells of a's in the first 50 ms after b answers again, for whom a asked in vain.
burst() {
	local missed
	missed=$(pair_stat a slots_missed)
	capture_start "$OUT/burst.pcap" "udp and src $A4"
	tc -n o filter add dev pa egress prio 1 protocol arp flower action drop
	sleep 0.3
	a ip neigh del $B4 dev eth0
	"$@"
	tc -n o filter del dev pa egress prio 1
	sleep 3
	capture_stop
	python3 - "$OUT/burst.pcap" <<-'PY'
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	at, when = 24, []
	while at < len(data):
	    sec, us, n = struct.unpack_from("<III", data, at)
	    at += 16 + n
	    when.append(sec * 10**6 + us)
	gap = max(range(1, len(when)), key=lambda k: when[k] - when[k - 1])
	print(sum(t < when[gap] + 50000 for t in when[gap:]) if when[gap] > when[gap - 1] + 10**6 else "no gap")
	PY
	[ $(($(pair_stat a slots_missed) - missed)) -ge 100 ] || echo "slots are not counted"
}
send() {
	a python3 - "$1" <<-'PY'
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for k in range(2 * int(sys.argv[1])):
	    time.sleep(1 / int(sys.argv[1]))
	    try:
	        s.sendto(bytes(1000), ("192.0.2.2", 9))
	    except OSError:
	        pass
	PY
}
t_between "$(burst sleep 2.0003)" 1 6 "idle: when the neighbour answers again its slots go on"
t_between "$(burst send 100)" 1 6 "with 200 datagrams that waited: the same"
t_run "and the link works" a ping -c 1 -W 2 $B4
t_done
