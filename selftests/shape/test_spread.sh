#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 300
# tier: all
# cpus: 2
#
# A hub with two processors passes on what comes from one peer, on one of them, to two others:
# their cells are sealed on both. Peers come and go meanwhile.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
[ "$(nproc)" -gt 1 ] || t_skip_all "one processor"

trace_instance spread
topo_up || t_bail "topology"
topo_host c pc 3
topo_host d pd 4
pair_up || t_bail "pair"
key_of() { rtplctl pubkey <"$PAIR_DIR/$1.key"; }
# spoke NAME N: a host with 198.51.100.N, whose only peer is the hub
spoke() {
	(umask 077; rtplctl genkey >"$PAIR_DIR/$1.key")
	in_ns "$1" rtplctl node set private-key "$PAIR_DIR/$1.key" listen $PAIR_PORT &&
	in_ns "$1" rtplctl peer add "$A_PUB" endpoint "192.0.2.1:$PAIR_PORT" allowed "$A4/32,$B4/32" &&
	ip -n "$1" addr add "198.51.100.$2/32" dev lo &&
	in_ns "$1" tc qdisc add dev eth0 root rtpl &&
	hub "$1" "$2"
}
hub() {
	a rtplctl peer add "$(key_of "$1")" endpoint "192.0.2.$2:$PAIR_PORT" allowed "198.51.100.$2/32" &&
	ip -n a route replace "198.51.100.$2/32" via "192.0.2.$2"
}
spoke c 3 && spoke d 4 || t_bail "no spokes"
a sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
b rtplctl peer set "$A_PUB" allowed "$A4/32,198.51.100.0/24" rate 200 && ip -n b route add 198.51.100.0/24 via $A4 || t_bail "b"
for to in 198.51.100.3 198.51.100.4; do
	t_run "b reaches $to" wait_until 30 b ping -c 1 -W 1 $to
done
id() { a rtplctl -j show | jq -r --arg k "$(key_of "$1")" '.peers[] | select(.public_key == $k) | .id'; }
net=$(a readlink /proc/self/ns/net | tr -dc 0-9)
c_id=$(id c) d_id=$(id d)

# flood SECONDS: from b to both, by turns, on the first processor; a's cells from b have packets
# for both
flood() {
	nsenter --net=/run/netns/b -- taskset 1 python3 - "$1" <<-'PY'
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	end = time.monotonic() + float(sys.argv[1])
	while time.monotonic() < end:
	    time.sleep(0.0005)
	    for to in ("198.51.100.3", "198.51.100.4"):
	        s.sendto(bytes(40), (to, 9))
	PY
}
got() { in_ns "$1" cat /proc/net/snmp | awk '/^Udp:/ { n = $5 + $3 } END { print n }'; }
was=$(($(got c) + $(got d)))
echo 1 >$TRACE/events/rtpl/rtpl_engine/enable
flood 4
echo 0 >$TRACE/events/rtpl/rtpl_engine/enable
# on CPU: runs of a's two tx workers there
on() { grep -cE "\[00$1\].* net=$net peer=($c_id|$d_id) what=asked" $TRACE/trace; }
first=$(on 0) second=$(on 1)
t_diag "asked on the first processor $first times, on the second $second"
rmdir $TRACE
t_between "$first" 10 100000000 "cells for two peers: built on the processor where the packets come in"
t_between "$second" 10 100000000 "and on the other"
t_between $(($(got c) + $(got d) - was)) 10 100000000 "they arrive"

# ---- peers end while their tx worker is on its way to the other processor ----

n=20
[ "${RTPL_KERNEL:-}" != debug ] || n=3 # each takes half a minute there
flood 20 &
for _ in $(seq $n); do
	a rtplctl peer del "$(key_of c)" && a rtplctl peer del "$(key_of d)" && hub c 3 && hub d 4 || t_bail "peers"
done
t_ok "peers removed and added $n times under it"
wait
for to in 198.51.100.3 198.51.100.4; do
	t_run "b reaches $to after it" wait_until 30 b ping -c 1 -W 1 $to
done
pair_down
t_done
