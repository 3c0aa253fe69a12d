#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# Packets that wait for links without keys belong to no socket any more: together they take a bounded
# amount of memory, however many links there are.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
# 100 peers that never answer, by an address that nobody has.
for ((i = 1; i <= 100; i++)); do
	echo "peer add $(rtplctl genkey 2>/dev/null | rtplctl pubkey) allowed 10.1.0.$i/32 endpoint 192.0.2.99:9"
done >"$OUT/peers"
while read -r line; do a rtplctl $line || t_bail "$line"; done <"$OUT/peers"
a ip neigh add 192.0.2.99 lladdr 02:00:00:00:00:99 dev eth0
a ip route add 10.1.0.0/24 dev eth0
for ((i = 1; i <= 100; i++)); do echo "neigh add 10.1.0.$i lladdr 02:00:00:00:00:99 dev eth0"; done | a ip -batch -
free_kb() { awk '/^MemAvailable/ { print $2 }' /proc/meminfo; }
before=$(free_kb)
a python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, 32, 16 << 20)
for n in range(4):
    for i in range(1, 101):
        try: s.sendto(bytes(60000), ("10.1.0.%d" % i, 9))
        except OSError: pass'
t_between $((before - $(free_kb))) 0 24000 "100 links without keys hold less than 24 MB (KB)"
# Each datagram is 41 fragments, of which a link alone takes 128.
t_between "$(a rtplctl -j stats | jq '[.peers[].drops["queue-full"].count // 0] | add')" 3601 16400 "more was dropped, and counted, than each link's own bound drops"
t_run "a link with keys carries as before" a ping -c 3 -i 0.1 -W 5 $B4
a rtplctl flush >/dev/null 2>&1
t_done
