#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 300
# tier: uml
# debug: no
#
# Whoever is not on the path does not narrow a link's cells by saying that a packet was too big:
# only what quotes a cell of late is believed, or an initiation. What is believed counts for ten
# minutes, and for that way alone; the route's own MTU counts always.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

modprobe rtpl || t_skip_all "no module"
topo_up
topo_far 1500
wire_like 2>/dev/null
# x is behind r, and not on the path.
ip netns add x
ip -n r link add eth9 type veth peer name eth0 netns x
topo_addr r eth9 100.64.9.1/24 2001:db8:9::1/64
topo_addr x eth0 100.64.9.9/24 2001:db8:9::9/64
topo_via x default default 100.64.9.1 2001:db8:9::1
# A second way from a to r.
ip -n r link add eth8 type veth peer name eth1 netns a
topo_addr r eth8 100.64.8.1/24 2001:db8:8::1/64
topo_addr a eth1 100.64.8.8/24 2001:db8:8::8/64
pair_keys
pair_node a
pair_node b

cell_is() { [ "$(pair_cell a)" = "$1" ]; }
# says QUOTE: x tells a that what it quotes was larger than $told bytes.
says() { in_ns x python3 "$T_LIB/traffic/too_big.py" "$src" "$dst" $told $PAIR_PORT "$1"; }
# ignored NAME QUOTE
ignored() {
	local errors
	errors=$(icmp_got)
	says "$2"
	sleep 0.5
	t_isnt "$(icmp_got)" "$errors" "$v, $1: a gets it"
	t_is "$(pair_cell a)" $wide "$v, $1: the cells stay as they are"
}
# believed NAME QUOTE
believed() {
	says "$2"
	t_run "$v, $1: cells are $least bytes" wait_until 5 cell_is $least
	a rtplctl peer set "$B_PUB" endpoint "$ep"
	t_run "$v, $1: the endpoint set anew is another way" wait_until 5 cell_is $wide
}
icmp_got() { a nstat -asz | awk '/^Icmp6?InMsgs/ { n += $2 } END { print n }'; }
le32() { printf '%08x' "$1" | sed 's/\(..\)\(..\)\(..\)\(..\)/\4\3\2\1/'; }

router() { ip -n r link set eth1 mtu "$1" && ip -n q link set eth0 mtu "$1"; }

# listen SECONDS: what a sends meanwhile, for last.
listen() {
	capture_start "$OUT/heads.pcap" src "$src" and udp
	sleep "$1"
	capture_stop
}
# last [hs]: the first 12 bytes of the last cell (of the last initiation) in that capture, in hex.
last() {
	python3 - "$OUT/heads.pcap" "${1:-}" "$over" <<-'PY'
		import struct, sys
		data = open(sys.argv[1], "rb").read()
		at, found = 24, b""
		while at < len(data):
		    n = struct.unpack_from("<I", data, at + 8)[0]
		    head = data[at + 16 + 14 + int(sys.argv[3]):at + 16 + n][:12]
		    at += 16 + n
		    if (head[:4] == bytes(4)) == (sys.argv[2] == "hs"):
		        found = head
		print(found.hex())
	PY
}

for v in IPv4 IPv6; do
	if [ $v = IPv4 ]; then
		PAIR_EP=4 src=$A4 dst=$B4 over=28 told=256 least=$((552 - 28)) ep=$B4:$PAIR_PORT f=-4 via=192.0.2.3 via8=100.64.8.1
	else
		PAIR_EP=6 src=$A6 dst=$B6 over=48 told=1280 least=$((1280 - 48)) ep=[$B6]:$PAIR_PORT f=-6 via=2001:db8::3 via8=2001:db8:8::1
	fi
	wide=$((1500 - over))
	pair_peer b rate 1000
	# The leakguard drops such errors about a required peer before the stack has them.
	pair_peer a rate 1000 require off
	pair_qdisc b
	pair_qdisc a
	wait_until 30 a ping -c 1 -W 1 $B4 || t_bail "$v: no link"
	t_is "$(pair_cell a)" $wide "$v: cells as wide as the device"

	listen 0.5
	early=$(last)
	ignored "an echo reply that never was" echo
	t_like "$(ip -n a route get "$dst")" "mtu" "$v: the host's own route believes it"
	t_is "$(a ping -q -c 200 -i 0.02 -s 1000 $B4 | grep -o ' 0% packet loss')" " 0% packet loss" \
		"$v: and every cell gets there"
	ignored "the ports and nothing more" ports
	ignored "a cell of a session that there is not" "5e5510000100000000000000"
	ignored "an initiation that there is not" "000000000100000012345678"
	ignored "a cell not sent yet" "${early:0:8}$(le32 $((0x7f000000)))00000000"
	sleep 17
	ignored "a cell of long ago" "$early"
	if [ $v = IPv6 ]; then
		listen 0.5
		told=1279
		ignored "less than the least that there is" "$(last)"
		told=1280
	fi
	listen 0.5
	believed "who sees the cells" "$(last)"

	# A router of the path says so.
	router 1400
	t_run "$v: a router says 1400" wait_until 5 cell_is $((1400 - over))
	router 1500
	sleep 550
	t_is "$(pair_cell a)" $((1400 - over)) "$v: it counts for ten minutes"
	sleep 60
	t_is "$(pair_cell a)" $wide "$v: and no longer"
	t_is "$(a ping -q -c 20 -i 0.1 -s 1000 $B4 | grep -o ' 0% packet loss')" " 0% packet loss" \
		"$v: which then gets there"

	# Another uplink is another way.
	router 1400
	t_run "$v: a router says 1400 again" wait_until 5 cell_is $((1400 - over))
	router 1500
	ip -n a $f route add "$dst" via $via8
	t_run "$v: it said nothing of another uplink" wait_until 5 cell_is $wide
	ip -n a $f route del "$dst"
	sleep 1

	# What the admin gave the route.
	ip -n a $f route add "$dst" via $via mtu lock 1450
	t_run "$v: the route's own MTU counts" wait_until 5 cell_is $((1450 - over))
	if [ $v = IPv4 ]; then
		listen 0.5
		says "$(last)"
		sleep 0.5
		t_is "$(pair_cell a)" $((1450 - over)) "$v: and nothing else, if it is locked"
	fi
	ip -n a $f route del "$dst"
	a rtplctl peer set "$B_PUB" endpoint "$ep"
	t_run "$v: as long as it has one" wait_until 5 cell_is $wide

	# Nobody answers: an initiation is under way.
	a rtplctl peer del "$B_PUB"
	b rtplctl peer del "$A_PUB"
	pair_peer a rate 1000
	listen 6
	says "$(last hs)"
	listen 6
	t_is "$(python3 -c 'import struct, sys
d = open(sys.argv[1], "rb").read()
print(struct.unpack_from("<I", d, 36)[0] - 14 - int(sys.argv[2]))' "$OUT/heads.pcap" $over)" $least \
		"$v: the next initiation is as small as the router says"
	a rtplctl peer del "$B_PUB"
	a tc qdisc del dev eth0 root
	b tc qdisc del dev eth0 root
done

# b is heard from another address, and comes back where it is configured without a word, behind a
# narrow link that the other address was not. What the router says of calls there nobody keeps.
src=$A4 over=28
a rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT allowed "$B4/32,$B6/128" rate 100
b rtplctl peer add "$A_PUB" endpoint $A4:$PAIR_PORT allowed "$A4/32,$A6/128" rate 100
pair_qdisc a
pair_qdisc b
t_run "called from elsewhere: the link comes up" pair_wait 60
ip -n b addr add 203.0.113.9/25 dev eth0
ip -n b addr del $B4/24 dev eth0
heard_at() { a rtplctl -j show | jq -r '.peers[0].endpoint' | grep -qx "$1:$PAIR_PORT"; }
t_run "a hears b from another address" wait_until 60 heard_at 203.0.113.9
b rtplctl peer del "$A_PUB"
ip -n b addr add $B4/24 dev eth0
ip -n b addr del 203.0.113.9/25 dev eth0
ip -n r route add $B4/32 via 198.51.100.2 mtu 1280
b rtplctl peer add "$A_PUB" allowed "$A4/32,$A6/128" rate 100
t_run "and finds it where it was configured, by smaller calls" wait_until 100 heard_at $B4
t_done
