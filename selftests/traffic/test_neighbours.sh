#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 2400
# tier: all
#
# The send path among its neighbours: bridges, VLANs, bonds, tunnels, redirecting and copying
# rules, child qdiscs. With each of them bytes arrive as they were sent and the observer sees
# cells only. A table of all of it stands at the end, with the round trip under load (four TCP
# connections) beside that of the same hosts without RTPL.
#
# With NEIGHBOURS="word word": only the rows whose name has one of the words.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"
load=$(dirname "$0")/../shape/queue.py

for m in bonding ip_gre vxlan wireguard macvlan ipvlan 8021q ifb act_mirred sch_ingress cls_matchall vrf dummy \
	nf_dup_ipv4 nft_dup_ipv4 nft_dup_netdev nf_flow_table nft_flow_offload esp4 xfrm_user sch_multiq; do
	modprobe $m 2>/dev/null
done
: >"$OUT/table"
TO=
# loaded: the median round trip (us) to TO beside four TCP connections.
loaded() {
	local server p got
	nsenter --net=/run/netns/b -- timeout 60 "$load" sink "$TO" 5001 &
	server=$!
	nsenter --net=/run/netns/b -- timeout 60 "$load" echo "$TO" 7 &
	p=$!
	wait_until 20 listening b 5001
	nsenter --net=/run/netns/$BYTES_FROM -- timeout 40 "$load" tcp "$TO" 5001 4 5 2>/dev/null &
	got=$(sleep 1; in_ns $BYTES_FROM timeout 30 "$load" ping "$TO" 7 20 0.1)
	kill $server $p 2>/dev/null
	wait $server $p 2>/dev/null
	# shellcheck disable=SC2086 # words
	set -- $got
	[ "${1:-0}" -ge 15 ] && echo "$2" || echo "${1:-0}/20 back"
}

# without: RTPL gone from both hosts, what is around it stays.
without() {
	local h dev
	for h in a b; do
		for dev in $(in_ns $h tc -j qdisc show | jq -r '.[] | select(.kind == "rtpl") | .dev'); do
			in_ns $h tc qdisc del dev "$dev" root
		done
		in_ns $h rtplctl flush
	done
	[ -z "${ALONE:-}" ] || in_ns a $ALONE
}

# row NAME SETUP...: a fresh pair, SETUP, traffic, and a line of the table. SETUP may set TO,
# the address that traffic goes to, BYTES_FROM, the namespace that it comes from, PORT, which the
# observer sees, CAPTURE_ON, where it looks, and ALONE, what a then has instead of RTPL. It returns
# other than 0 where the kernel has no such thing.
row() {
	local name=$1 bytes seen clear cells rtt plain before word wanted=
	shift
	for word in ${NEIGHBOURS:-}; do
		case $name in *"$word"*) wanted=1 ;; esac
	done
	[ -n "$wanted" ] || [ -z "${NEIGHBOURS:-}" ] || return 0
	topo_down
	topo_up
	TO=$B4 BYTES_FROM=a PORT=$PAIR_PORT ALONE='' CAPTURE_ON=pa
	before=$T_FAILED
	if ! "$@" >"$OUT/setup" 2>&1; then
		t_skip "$name" "this kernel has no such device or rule: $(tail -n 1 "$OUT/setup")"
		printf '%-28s | %s\n' "$name" "not in this kernel" >>"$OUT/table"
		return
	fi
	if ! wait_until 20 pair_is_up || ! wait_until 20 in_ns $BYTES_FROM ping -c 1 -W 2 "$TO"; then
		t_not_ok "$name: the link comes up" "$(cat "$OUT/setup")" "$(node_dropped a)" "$(node_dropped b)"
		printf '%-28s | does not come up\n' "$name" >>"$OUT/table"
		return
	fi
	capture_start "$OUT/watch.pcap" -s 128
	tcp_both "$name" "$TO" 40000 2
	rtt=$(loaded)
	capture_stop
	seen=$("$PCAP" "$OUT/watch.pcap" $PORT $A4 $B4 $A6 $B6 {198.51.100,10.7.0,10.8.0,10.50.0}.{1,2})
	clear=$(jq .clear <<<"$seen")
	cells=$(jq .cells <<<"$seen")
	t_is "$clear" 0 "$name: no clear packet"
	t_between "$cells" 10 1000000 "$name: $cells cells, and the storm of a copy does not come"
	without >"$OUT/setup" 2>&1
	plain=$(loaded)
	bytes=right
	[ "$before" = "$T_FAILED" ] || bytes=SEE
	printf '%-24s | bytes %s | clear %s | cells %6s | round trip %9s us | without %9s us\n' "$name" \
		"$bytes" "$clear" "$cells" "$rtt" "$plain" >>"$OUT/table"
}

plain() { pair_up; }
# bridge AGEING: a's address on a bridge over eth0.
bridge() {
	ip -n a addr flush dev eth0
	ip -n a link add br0 address 02:00:00:00:00:01 type bridge forward_delay 0 mcast_snooping 0 ageing_time "$1" &&
		ip -n a link add x0 type dummy && ip -n a link set x0 master br0 up && ip -n a link set eth0 master br0 &&
		ip -n a addr add $A4/24 dev br0 && ip -n a addr add $A6/64 dev br0 nodad && ip -n a link set br0 up &&
		ip -n a link add x1 type dummy && ip -n a link set x1 master br0 up && pair_up
}
vlan_over() {
	local h n=1
	pair_up || return
	a rtplctl peer set "$B_PUB" allowed "$B4/32,198.51.100.2/32"
	b rtplctl peer set "$A_PUB" allowed "$A4/32,198.51.100.1/32"
	for h in a b; do
		ip -n $h link add link eth0 name v5 type vlan id 5 && ip -n $h addr add 198.51.100.$n/24 dev v5 &&
			ip -n $h link set v5 up || return
		n=2
	done
	TO=198.51.100.2
}
# The qdisc on the VLAN device, nothing on the one below.
vlan_under() {
	local h n=1 dev
	for h in a b; do
		# Kernels before 6.2 rename what is down only.
		ip -n $h addr flush dev eth0 && ip -n $h link set eth0 down &&
			ip -n $h link set eth0 name base0 && ip -n $h link set base0 up &&
			ip -n $h link add link base0 name eth0 type vlan id 5 && ip -n $h addr add 192.0.2.$n/24 dev eth0 &&
			ip -n $h link set eth0 up || return
		n=2
	done
	pair_up
}
# A device of four queues, with the qdisc as its root.
mq() {
	ip -n a link del eth0
	ip -n a link add eth0 numtxqueues 4 numrxqueues 4 type veth peer name pa netns o && ip -n o link set pa master br0 up &&
		ip -n a addr add $A4/24 dev eth0 && ip -n a link set eth0 up &&
		a tc qdisc replace dev eth0 root handle 8: mq && a tc qdisc del dev eth0 root && pair_up
	ALONE="tc qdisc replace dev eth0 root mq"
}
bond() {
	ip -n a link add eth1 type veth peer name pa1 netns o && ip -n o link set pa1 master br0 up
	# The observer stands where both legs of the bond meet.
	CAPTURE_ON=pb
	ip -n a addr flush dev eth0
	ip -n a link add bond0 type bond mode "$1" miimon 100 || return
	ip -n a link set eth0 down && ip -n a link set eth0 master bond0 && ip -n a link set eth1 master bond0 &&
		ip -n a link set bond0 up && ip -n a addr add $A4/24 dev bond0 || return
	pair_keys
	for h in a b; do pair_node $h; done
	for h in b a; do pair_peer $h; done
	a tc qdisc add dev bond0 root handle 1: rtpl && pair_qdisc b
}
# over KIND MODE: a's address on a device of its own above eth0.
over() {
	ip -n a addr flush dev eth0
	ip -n a link add link eth0 name mv0 type $1 mode $2 && ip -n a addr add $A4/24 dev mv0 && ip -n a link set mv0 up && pair_up
}
# A container of a's with its own stack, behind a: what it says is sealed by a's qdisc.
container() {
	topo_behind s a eth1 198.51.100.2 198.51.100.1 && ip -n s link set lo up && a sysctl -qw net.ipv4.ip_forward=1 &&
		ip -n b route add 198.51.100.0/24 via $A4 && pair_up || return
	b rtplctl peer set "$A_PUB" allowed "$A4/32,$A6/128,198.51.100.0/24"
	BYTES_FROM=s
}
ifb() {
	pair_up && ip -n a link add ifb0 type ifb && ip -n a link set ifb0 up && a tc qdisc add dev eth0 clsact &&
		a tc filter add dev eth0 ingress matchall action mirred egress redirect dev ifb0
}
mirred() {
	pair_up && ip -n a link add x0 type dummy && ip -n a link set x0 up && a tc qdisc add dev x0 clsact &&
		a tc qdisc add dev eth0 clsact && a tc filter add dev eth0 egress matchall action mirred egress mirror dev x0
}
nft_dup() {
	pair_up && a nft "table netdev c { chain o { type filter hook egress device eth0 priority 0; meta mark 7 return; udp dport $PAIR_PORT meta mark set 7 dup to eth0; }; }"
}
tee() {
	pair_up && a nft "table ip c { chain o { type filter hook output priority 0; udp dport $PAIR_PORT dup to $B4 device eth0; }; }"
}
flowtable() {
	container && a nft "table inet f { flowtable ft { hook ingress priority 0; devices = { eth0, eth1 }; }; chain c { type filter hook forward priority 0; ip protocol tcp flow add @ft; }; }"
}
child() {
	ALONE="tc qdisc replace dev eth0 root $*"
	pair_up && a tc qdisc add dev eth0 parent 1:2 handle 20: "$@" && b tc qdisc add dev eth0 parent 1:2 handle 20: "$@"
}
wg_dev() {
	local h n=1
	WG=$(mktemp -d)
	for h in a b; do (umask 077; wg genkey >"$WG/$h"); wg pubkey <"$WG/$h" >"$WG/$h.pub"; done
	for h in a b; do
		ip -n $h link add wg0 type wireguard && in_ns $h wg set wg0 listen-port 51820 private-key "$WG/$h" &&
			ip -n $h addr add 10.7.0.$n/24 dev wg0 && ip -n $h link set wg0 up || return
		n=2
	done
	a wg set wg0 peer "$(cat "$WG/b.pub")" endpoint $B4:51820 allowed-ips 10.7.0.2/32
	b wg set wg0 peer "$(cat "$WG/a.pub")" endpoint $A4:51820 allowed-ips 10.7.0.1/32
}
wg_above() { pair_up && wg_dev && TO=10.7.0.2; }
# Cells inside WireGuard: what the observer sees is WireGuard's.
wg_below() {
	local h n=1
	wg_dev || return
	modprobe rtpl && pair_keys || return
	for h in a b; do
		pair_node $h && ip -n $h addr add 10.8.0.$n/24 dev wg0 && in_ns $h tc qdisc add dev wg0 root handle 1: rtpl || return
		n=2
	done
	a wg set wg0 peer "$(cat "$WG/b.pub")" allowed-ips 10.7.0.2/32,10.8.0.2/32
	b wg set wg0 peer "$(cat "$WG/a.pub")" allowed-ips 10.7.0.1/32,10.8.0.1/32
	b rtplctl peer add "$A_PUB" endpoint 10.7.0.1:$PAIR_PORT allowed 10.8.0.1/32
	a rtplctl peer add "$B_PUB" endpoint 10.7.0.2:$PAIR_PORT allowed 10.8.0.2/32
	TO=10.8.0.2 PORT=51820
}
# esp OFFLOAD: transport mode between the hosts, around it cells.
esp() {
	local h dir
	if [ "$1" = with ]; then modprobe esp4_offload || return; else modprobe -r esp4_offload; fi
	[ "$1" = with ] || [ ! -e /sys/module/esp4_offload ] || { echo "esp4_offload stays"; return 1; }
	for h in a b; do
		for dir in out in; do
			ip -n $h xfrm policy add src $A4 dst $B4 proto udp dport $PAIR_PORT dir $dir priority 1 action allow
			ip -n $h xfrm policy add src $B4 dst $A4 proto udp dport $PAIR_PORT dir $dir priority 1 action allow
		done
		esp_state $h $A4 $B4 0x100 && esp_state $h $B4 $A4 0x200 || return
	done
	esp_policy a $A4 $B4 out && esp_policy a $B4 $A4 in && esp_policy b $B4 $A4 out && esp_policy b $A4 $B4 in && pair_up
}
esp_state() {
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 mode transport \
		aead 'rfc4106(gcm(aes))' 0x00112233445566778899aabbccddeeff01020304 128
}
esp_policy() { ip -n "$1" xfrm policy add src "$2" dst "$3" dir "$4" priority 10 tmpl src "$2" dst "$3" proto esp mode transport reqid 1; }
tunnel() {
	local h n=1 l r
	pair_up || return
	for h in a b; do
		l=192.0.2.$n r=192.0.2.$((3 - n))
		eval "ip -n $h link add t0 type $*" && ip -n $h addr add 10.50.0.$n/24 dev t0 && ip -n $h link set t0 up || return
		n=2
	done
	TO=10.50.0.2
}
vrf() {
	local h n=1
	for h in a b; do
		ip -n $h link add red type vrf table 100 && ip -n $h link set red up && in_ns $h sysctl -qw net.ipv4.udp_l3mdev_accept=1 net.ipv4.tcp_l3mdev_accept=1 || return
		n=2
	done
	pair_up
}
policy_route() {
	pair_up && a ip rule add to $B4 table 50 priority 100 && a ip route add $B4 dev eth0 src $A4 table 50
}

row "plain" plain
row "bridge, learned" bridge 30000
row "bridge, hub" bridge 0
row "VLAN above" vlan_over
row "VLAN under" vlan_under
row "mq, 4 queues" mq
for mode in active-backup balance-rr balance-xor broadcast; do row "bond, $mode" bond $mode; done
row "macvlan above" over macvlan bridge
row "ipvlan above" over ipvlan l2
row "veth into a container" container
row "ifb on ingress" ifb
row "mirred on egress" mirred
row "nft dup" nft_dup
row "TEE" tee
row "flowtable, software" flowtable
row "child fq_codel" child fq_codel
row "child fq" child fq
row "child cake" child cake
row "child tbf" child tbf rate 50mbit burst 100k latency 100ms
row "child netem" child netem delay 1ms
row "WireGuard above" wg_above
row "WireGuard below" wg_below
row "ESP above, no offload" esp without
row "ESP above, offload" esp with
row "GRE above" tunnel 'gre local $l remote $r'
row "VXLAN above" tunnel 'vxlan id 5 dstport 4789 local $l remote $r'
row "VRF beside" vrf
row "policy routing" policy_route
t_diag "$(cat "$OUT/table")"
t_done
