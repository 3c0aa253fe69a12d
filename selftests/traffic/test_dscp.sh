#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 60
#
# Cells of a link with a DSCP of its own have it, and the priority that goes with it: a VLAN
# below tags them as it does a socket's packets of that TOS.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
A=198.51.100.1 B=198.51.100.2
for h in "a $A" "b $B"; do
	ip -n "${h% *}" link add link eth0 name v5 type vlan id 5 \
		egress-qos-map 0:0 1:1 2:2 3:3 4:4 5:5 6:6 7:7 || t_bail "no VLAN"
	ip -n "${h% *}" addr add "${h#* }/24" dev v5
	ip -n "${h% *}" link set v5 up
	in_ns "${h% *}" ethtool -K eth0 txvlan off
done
# tags COMMAND...: DSCP in hex and 802.1p tag of UDP that a sends meanwhile
tags() {
	capture_start "$OUT/tags.pcap"
	"$@" >/dev/null
	capture_stop
	python3 - "$OUT/tags.pcap" <<-'PY'
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	at, seen = 24, set()
	while at < len(data):
	    n = struct.unpack_from("<I", data, at + 8)[0]
	    f = data[at + 16:at + 16 + n]
	    at += 16 + n
	    if f[6:12] == b"\2\0\0\0\0\1" and f[12:14] == b"\x81\0" and f[16:18] == b"\x08\0" and f[27] == 17:
	        seen.add(f"{f[19] >> 2:02x}/{f[14] >> 5}")
	print(*sorted(seen))
	PY
}
plain=$(tags a python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0xb8)
s.sendto(b"x", (sys.argv[1], 9))' "$B")
t_isnt "$plain" "2e/0" "a socket's packets with EF have a priority ($plain)"
pair_keys
pair_node a
pair_node b
b rtplctl peer add "$A_PUB" endpoint "$A:$PAIR_PORT" allowed "$A/32"
a rtplctl peer add "$B_PUB" endpoint "$B:$PAIR_PORT" allowed "$B/32" dscp 46
a tc qdisc add dev v5 root rtpl
b tc qdisc add dev v5 root rtpl
wait_until 20 a ping -c 1 -W 1 "$B" || t_bail "no link"
t_is "$(tags a ping -c 3 -i 0.2 "$B")" "$plain" "cells with dscp 46: the same"
a rtplctl peer set "$B_PUB" dscp 0
t_is "$(tags a ping -c 3 -i 0.2 -Q 0xb8 "$B")" "00/0" "cells with dscp 0: none"
t_done
