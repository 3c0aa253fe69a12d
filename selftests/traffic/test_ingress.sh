#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 90
#
# What consumes a device's ingress sees each byte once, in its cell: tc filters,
# netfilter's ingress hook, taps, and so an ifb that shapes what comes in.
. "$(dirname "$0")/../lib.sh"

topo_up
pair_up
t_run "a and b are linked" pair_wait 40

# counted PROTOCOL: packets that b's ingress filter of that IP protocol has seen.
counted() { b tc -s -j filter show dev eth0 ingress | jq "[.[] | select(.pref == $1) | .options.actions[]?.stats.packets] | add // 0"; }
# logged RULE: the same of netfilter's hook, by the place of the rule.
logged() { b nft -j list chain netdev seen in | jq "[.nftables[].rule?.expr[]?.counter?.packets | numbers][$1]"; }
more_than() { [ "$("$1" "$2")" -gt "$3" ]; }

modprobe sch_ingress 2>/dev/null; modprobe cls_matchall 2>/dev/null
b tc qdisc add dev eth0 ingress
b tc filter add dev eth0 ingress pref 1 protocol ip u32 match ip protocol 1 0xff action continue
b tc filter add dev eth0 ingress pref 17 protocol ip u32 match ip protocol 17 0xff action continue
b nft -f - <<-END || t_bail "no netfilter ingress"
	table netdev seen {
		chain in {
			type filter hook ingress device eth0 priority 0
			ip protocol icmp counter
			ip protocol udp counter
		}
	}
END
nsenter --net=/run/netns/b tcpdump -i eth0 -Q in -n -U --immediate-mode -w "$OUT/b.pcap" ip 2>"$OUT/b.err" &
tap=$!
wait_until 10 grep -q 'listening on' "$OUT/b.err" || t_bail "tcpdump does not start"

t_run "ping" a ping -c 5 -i 0.2 -W 5 $B4
wait_until 5 more_than counted 17 4
t_run "tc ingress sees cells" more_than counted 17 4
t_is "$(counted 1)" 0 "and no packet out of one"
t_run "netfilter ingress sees cells" more_than logged 1 4
t_is "$(logged 0)" 0 "and no packet out of one"
sleep 0.3
kill $tap
wait $tap 2>/dev/null
t_isnt "$(tcpdump -n -r "$OUT/b.pcap" udp 2>/dev/null | wc -l)" 0 "a tap sees cells"
t_is "$(tcpdump -n -r "$OUT/b.pcap" icmp 2>/dev/null | wc -l)" 0 "and no packet out of one"

# What an admin does to shape what comes in.
b tc qdisc del dev eth0 ingress
modprobe ifb 2>/dev/null
ip -n b link add ifb0 type ifb && ip -n b link set ifb0 up
b tc qdisc add dev ifb0 root tbf rate 8mbit burst 20k limit 100k
b tc qdisc add dev eth0 ingress
b tc filter add dev eth0 ingress matchall action mirred egress redirect dev ifb0
iperf_up b
got=$(a iperf3 -J -c $B4 -t 5 | jq '.end.sum_received.bits_per_second / 100000 | floor')
t_diag "TCP through a link whose ingress is shaped to 8 Mbit/s: $got of 80"
t_between "$got" 50 80 "an ingress shaper of 8 Mbit/s lets so much through"
t_done
