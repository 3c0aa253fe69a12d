#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 90
# tier: newest
#
# The programs that other tests rely on carry traffic here.
. "$(dirname "$0")/../lib.sh"

topo_up
iperf_up b
j=$(a iperf3 -c $B4 -n 4M -J)
t_between "$(jq .end.sum_received.bytes <<<"$j")" 100000 9999999 "iperf3 carries data over TCP"

head -c 1000000 /dev/urandom >"$OUT/sent"
b socat -u TCP6-LISTEN:7000 "OPEN:$OUT/received,creat" &
wait_until 10 listening b 7000
a socat -u "OPEN:$OUT/sent" "TCP6:[$B6]:7000"
wait
t_run "a file arrives over IPv6 as it was sent" cmp "$OUT/sent" "$OUT/received"
rm -f "$OUT/sent" "$OUT/received"

wg_key() { wg genkey | tee "$OUT/$1.key" | wg pubkey; }
umask 077
ka=$(wg_key a) kb=$(wg_key b)
ip -n a link add wg0 type wireguard
ip -n b link add wg0 type wireguard
a wg set wg0 private-key "$OUT/a.key" listen-port 1 peer "$kb" endpoint $B4:2 allowed-ips 10.0.0.2/32
b wg set wg0 private-key "$OUT/b.key" listen-port 2 peer "$ka" endpoint $A4:1 allowed-ips 10.0.0.1/32
ip -n a addr add 10.0.0.1/24 dev wg0
ip -n b addr add 10.0.0.2/24 dev wg0
ip -n a link set wg0 up
ip -n b link set wg0 up
t_run "WireGuard, to be compared with, carries a ping" a ping -c 1 -W 10 10.0.0.2

a nft add table inet t
t_run "nft counts packets" a nft add chain inet t c '{ type filter hook output priority 0; ip daddr 192.0.2.2 icmp type echo-request counter; }'
a ping -c 2 -i 0.2 -W 5 $B4 >/dev/null
t_like "$(a nft list chain inet t c)" "counter packets 2 " "nft saw the two pings"
t_run "netem, fq_codel, prio and tbf are there" bash -c '
	for q in "netem delay 1ms" "fq_codel" "prio" "tbf rate 10mbit burst 10k latency 10ms"; do
		tc -n a qdisc replace dev eth0 root $q && tc -n a qdisc del dev eth0 root || exit
	done'
printf 'import socket\ns = socket.socket()\nprint("python says", 6 * 7)\n' >"$OUT/t.py"
t_is "$(python3 "$OUT/t.py")" "python says 42" "python3 runs"
rm -f "$OUT"/*.key "$OUT/t.py"
t_done
