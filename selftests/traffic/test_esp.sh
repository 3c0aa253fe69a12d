#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 150
# tier: all
#
# ESP that the stack would encrypt behind the qdisc (esp4_offload) arrives whole
# and encrypted, small and in super-packets, in transport and tunnel mode. And a packet that
# waits for a peer without an endpoint keeps neither its socket nor its namespace. Peers and keys
# may go while packets flow.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"

modprobe -a esp4 xfrm_user 2>/dev/null
modprobe esp4_offload || t_skip_all "this kernel has no esp4_offload"

state() { in_ns "$1" ip xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 mode "$5" auth 'hmac(sha1)' 0x0123456789abcdef0123456789abcdef01234567 enc 'cbc(aes)' 0x00112233445566778899aabbccddeeff; }
# esp MODE A B: everything between the hosts in ESP, both ways; but for cells, which are outside.
esp() {
	local h dir
	for h in a b; do
		for dir in out in; do
			in_ns $h ip xfrm policy add src "$2" dst "$3" proto udp dport $PAIR_PORT dir $dir priority 1 action allow
			in_ns $h ip xfrm policy add src "$3" dst "$2" proto udp dport $PAIR_PORT dir $dir priority 1 action allow
		done
	done
	for h in a b; do state $h "$2" "$3" 0x100 "$1"; state $h "$3" "$2" 0x200 "$1"; done || t_bail "no ESP"
	a ip xfrm policy add src "$2" dst "$3" dir out priority 10 tmpl src "$2" dst "$3" proto esp mode "$1" reqid 1
	a ip xfrm policy add src "$3" dst "$2" dir in priority 10 tmpl src "$3" dst "$2" proto esp mode "$1" reqid 1
	b ip xfrm policy add src "$3" dst "$2" dir out priority 10 tmpl src "$3" dst "$2" proto esp mode "$1" reqid 1
	b ip xfrm policy add src "$2" dst "$3" dir in priority 10 tmpl src "$2" dst "$3" proto esp mode "$1" reqid 1
}
esp_end() { for h in a b; do in_ns $h ip xfrm policy flush; in_ns $h ip xfrm state flush; done; }
# What b's ESP could not open.
esp_bad() { b awk '$1 ~ /^XfrmIn/ && $2 { print $1, $2 }' /proc/net/xfrm_stat; }

# esp_count: what b gets of ESP, and of ESP with the pings' pattern in it. A tap there sees cells
# only, and a raw socket nothing that the policy wants in ESP.
esp_count() {
	b nft delete table inet seen 2>/dev/null
	b nft -f - <<-'NFT'
		table inet seen {
			chain in {
				type filter hook prerouting priority -400
				ip protocol esp @th,0,32 0x00000100 counter
				ip protocol esp @th,768,32 0xdeadbeef counter
			}
		}
	NFT
}
# esp_counted: both numbers
esp_counted() { b nft list chain inet seen in | grep -oE 'packets [0-9]+' | cut -d' ' -f2 | paste -sd' '; }

topo_up
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
for mode in transport tunnel; do
	esp $mode $A4 $B4
	t_run "$mode: pings come back" a ping -c 3 -i 0.2 -W 5 $B4
	esp_count || t_bail "no rules to count by"
	a ping -c 2 -i 0.2 -W 5 -s 200 -p deadbeef $B4 >/dev/null
	read -ra n <<<"$(esp_counted)"
	t_between "${n[0]}" 2 100 "$mode: what b gets is ESP (${n[0]} packets)"
	t_is "${n[1]}" 0 "$mode: and encrypted"
	tcp_both "$mode, TCP in super-packets" $B4 100000 2
	t_is "$(esp_bad)" "" "$mode: b could open all of it"
	esp_end
done
t_is "$(node_dropped a | tr ' ' '\n' | grep -E '^(crypt|malformed)')" "" "a dropped nothing of it"

# Under traffic peers go and come, and so do the keys of IPsec.
esp tunnel $A4 $B4
nsenter --net=/run/netns/a -- ping -q -i 0.005 -s 1000 $B4 >/dev/null 2>&1 &
flood=$!
gone=
for _ in 1 2 3 4; do
	a rtplctl peer del "$B_PUB" && pair_peer a || gone+="peer of a; "
	b ip xfrm state flush && state b $A4 $B4 0x100 tunnel && state b $B4 $A4 0x200 tunnel ||
		gone+="keys of b; "
	b rtplctl peer del "$A_PUB" && pair_peer b || gone+="peer of b; "
	a ip xfrm state deleteall src $B4 && state a $B4 $A4 0x200 tunnel || gone+="keys of a; "
done
t_is "$gone" "" "peers and keys go under traffic"
t_run "and afterwards pings come back" wait_until 30 a ping -c 1 -W 1 $B4
kill $flood
wait $flood 2>/dev/null
esp_end
pair_down || t_bail "cannot take the pair down"

# Waits for an endpoint that never comes.
a rtplctl peer add "$B_PUB" allowed $B4/32
pair_qdisc a
ip -n a neigh replace $B4 lladdr 02:00:00:00:00:02 dev eth0 nud permanent
a bash -c "echo hello >/dev/udp/$B4/7777"
wait_until 10 test "$(pair_stat a queue_packets)" = 1
t_is "$(pair_stat a queue_packets)" 1 "a packet waits for a peer without endpoint"
ip netns del a
gone() { ! ip -n o link show pa; }
t_run "its namespace goes all the same" wait_until 20 gone
t_done
