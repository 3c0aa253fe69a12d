#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 300
# tier: uml
#
# At constant rate nothing outside the cells tells what goes on inside: not the cells' own headers
# (the IPv4 ID, which the stack would count together with sealed UDP), and not what the host asks
# its neighbours (which a connection that gets on would confirm, so that nobody asked).
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
topo_up
pair_up rate 100 || t_bail "no pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no link"
b nft -f - <<-'NFT'
	table inet sink { chain in { type filter hook input priority 0; udp dport 9 drop; }; }
NFT

# send A-SECOND: datagrams to b's sink, from one unconnected socket.
send() {
	a python3 - "$1" <<-'PY'
	import socket, sys, time
	n = int(sys.argv[1])
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	for k in range(2 * n):
	    time.sleep(1 / n)
	    s.sendto(b"x" * 200, ("192.0.2.2", 9))
	PY
}
# fields NAME COMMAND...: of a's cells meanwhile: how their IDs step, and the rest of the header.
fields() {
	local name=$1
	shift
	capture_start "$OUT/$name.pcap"
	"$@"
	capture_stop
	python3 - "$OUT/$name.pcap" "$A4" <<-'PY'
	import struct, sys
	data = open(sys.argv[1], "rb").read()
	want = bytes(int(x) for x in sys.argv[2].split("."))
	at, ids, rest = 24, [], set()
	while at < len(data):
	    n = struct.unpack_from("<I", data, at + 8)[0]
	    p = data[at + 16 + 14:at + 16 + n]
	    at += 16 + n
	    if len(p) < 28 or p[0] >> 4 != 4 or p[9] != 17 or p[12:16] != want:
	        continue
	    ids.append(p[4] << 8 | p[5])
	    rest.add((p[0], p[1], p[6:9].hex(), p[20:24].hex()))
	steps = {(b - a) & 0xffff for a, b in zip(ids, ids[1:])}
	print(f"{'many' if len(ids) > 150 else len(ids)} cells, steps {sorted(steps)}, {len(rest)} kind")
	PY
}
t_is "$(fields idle sleep 2.0003)" "many cells, steps [1], 1 kind" "idle: IDs go on by one"
t_is "$(fields some send 25)" "many cells, steps [1], 1 kind" "25 datagrams a second: the same"
t_is "$(fields more send 300)" "many cells, steps [1], 1 kind" "300 datagrams a second: the same"

# asked COMMAND...: how often a, and b, asked for an address meanwhile.
asked() {
	capture_start "$OUT/asked.pcap"
	"$@" >/dev/null
	capture_stop
	for host in 1 2; do
		tcpdump -nn -r "$OUT/asked.pcap" "ether src 02:00:00:00:00:0$host and
			(arp[6:2] == 1 or (icmp6 and ip6[40] == 135))" 2>/dev/null | wc -l
	done | xargs
}
# as_often GOT NAME: as when idle. How long an address is good is drawn anew each five minutes, 15 to 45 s,
# so that one and the same traffic asks up to three times as often.
as_often() {
	t_between "${1% *}" $((${idle% *} / 3)) $((${idle% *} * 3)) "$2: a asks as often"
	t_between "${1#* }" $((${idle#* } / 3)) $((${idle#* } * 3)) "$2: b asks as often"
}
serve_echo() {
	# By itself: a child that is left would keep the namespace, and its link's slots, alive.
	nsenter --net=/run/netns/b -- python3 - <<-'PY' &
	import socket
	s = socket.socket()
	s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
	s.bind(("", 7))
	s.listen(1)
	while True:
	    c, _ = s.accept()
	    while d := c.recv(100):
	        c.send(d)
	PY
	server=$!
}
# chat NS SECONDS: a connection of NS's to b on which something is said and answered each second.
chat() {
	in_ns "$1" python3 - "$2" <<-'PY'
	import socket, sys, time
	c = socket.create_connection(("192.0.2.2", 7))
	for k in range(int(sys.argv[1])):
	    c.send(b"hello")
	    c.recv(100)
	    time.sleep(1)
	PY
}
idle=$(asked sleep 200.3)
serve_echo
sleep 1.0003
busy=$(asked chat a 200)
# A container's connection, which a forwards.
topo_behind k a vk 198.51.100.2 198.51.100.1
a sysctl -qw net.ipv4.ip_forward=1
b rtplctl peer set "$A_PUB" allowed "$A4/32,$A6/128,198.51.100.0/24"
ip -n b route add 198.51.100.0/24 via $A4
wait_until 20 in_ns k ping -c 1 -W 1 $B4 || t_bail "no link from k"
forwarded=$(asked chat k 200)
t_diag "requests for an address in 200 s, of a and of b: idle $idle, with a connection inside $busy,"
t_diag "with a container's $forwarded"
kill $server
t_between "${idle% *}" 3 50 "idle: a asks for addresses"
t_between "${idle#* }" 3 50 "idle: b asks for addresses"
as_often "$busy" "a connection inside"
as_often "$forwarded" "a container's connection"
t_done
