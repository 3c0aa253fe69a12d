# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests of this folder share, on top of lib.sh: hosts that are set up
# before their cable is put in, traffic that goes on whatever happens, and the
# changes (rounds) that are made to them under it.

LIFE=$T_LIB/life
LIFE_PORT=([1]=pa [2]=pb)
LIFE_BAD=
# The system of the test machine has python3 somewhere; busybox may come first.
LIFE_PYTHON=$(command -v python3)

# life_seed: the order of what follows depends on this number alone.
life_seed() {
	RANDOM=${RTPL_SEED:=$((($(date +%s) ^ $$) & 0x7fff))}
	t_diag "seed $RTPL_SEED (RTPL_SEED=$RTPL_SEED gives the same order again)"
}

# life_pick WORD...: one of them, in R. Not in a subshell, where RANDOM would repeat.
life_pick() { local n=$((RANDOM % $# + 1)); R=${!n}; }

# Its scans by itself take the debug kernel's processor from those who work.
[ ! -w /sys/kernel/debug/kmemleak ] || echo scan=off >/sys/kernel/debug/kmemleak

# life_must CMD...: has to succeed; what does not is kept for the end.
life_must() {
	local said
	said=$("$@" 2>&1) && return 0
	LIFE_BAD+="round ${LIFE_ROUND:-?}: $*: $said"$'\n'
	t_diag "round ${LIFE_ROUND:-?}: $*: $said"
	return 1
}

life_host_no() { if [ "$1" = a ]; then echo 1; else echo 2; fi; }
life_other() { if [ "$1" = a ]; then echo b; else echo a; fi; }

# life_topo: the observer's bridge, without hosts.
life_topo() {
	ip netns add o
	ip -n o link add br0 type bridge forward_delay 0 mcast_snooping 0
	o sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	ip -n o link set br0 up
}

# life_netns HOST: its namespace, without a device.
life_netns() {
	ip netns add "$1" && in_ns "$1" sh -c 'cd /proc/sys/net/ipv6/conf
		for c in all default; do
			echo 0 >$c/accept_dad; echo 0 >$c/router_solicitations
			echo 1 >$c/keep_addr_on_down
		done
		# Connections of killed processes keep the namespace: not for long.
		echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries
		ip link set lo up'
}

# life_device HOST: eth0, down, and its port at the bridge, unplugged.
life_device() {
	local n port
	n=$(life_host_no "$1")
	port=${LIFE_PORT[n]}
	wait_until 20 life_no_port "$port" || return
	ip -n "$1" link add eth0 address 02:00:00:00:00:0$n type veth peer name "$port" netns o &&
		ip -n o link set "$port" master br0
}
life_no_port() { ! ip -n o link show "$1"; }

# life_link HOST: addresses, and up.
life_link() {
	local n
	n=$(life_host_no "$1")
	ip -n "$1" -batch - <<-IP
		addr replace 192.0.2.$n/24 dev eth0
		addr replace 2001:db8::$n/64 dev eth0 nodad
		link set eth0 up
	IP
}

life_plug() { ip -n o link set "${LIFE_PORT[$(life_host_no "$1")]}" up; }

# life_peer HOST [OPTIONS...]: the other one as its peer, as yet without an endpoint.
life_peer() {
	local h=$1 pub n
	shift
	if [ "$h" = a ]; then pub=$B_PUB n=2; else pub=$A_PUB n=1; fi
	in_ns "$h" rtplctl peer add "$pub" allowed "192.0.2.$n/32,2001:db8::$n/128" "$@"
}
life_endpoint() {
	if [ "$1" = a ]; then
		a rtplctl peer set "$B_PUB" endpoint $B4:$PAIR_PORT
	else
		b rtplctl peer set "$A_PUB" endpoint $A4:$PAIR_PORT
	fi
}
life_peer_del() {
	if [ "$1" = a ]; then a rtplctl peer del "$B_PUB"; else b rtplctl peer del "$A_PUB"; fi
}
life_qdisc() { tc -n "$1" qdisc add dev eth0 root handle 1: rtpl unprotected drop; }

# A shape for a peer, in R: of all kinds, none of them fast.
life_shape() {
	# What two ends of the debug kernel can build leaves it time for the rest.
	life_pick 'cell device rate off' "cell device rate $((200 / T_SCALE))" 'cell 600 rate off' \
		'cell pow2 rate off' 'cell 300,700,1400 rate off' \
		"cell 1000 rate $((150 / T_SCALE)) latency 300ms"
}

# life_up HOST: everything, in an order in which nothing can leave in clear.
life_up() {
	life_netns "$1" && life_device "$1" && pair_node "$1" && life_shape &&
		life_peer "$1" $R && life_link "$1" && life_qdisc "$1" && life_plug "$1" &&
		life_endpoint "$1"
}

# --- traffic ---------------------------------------------------------------------

life_traffic() {
	local h=$1 peer=([1]="$B4 $B6" [2]="$A4 $A6")
	: >"/tmp/traffic.$h"
	# shellcheck disable=SC2086 # two addresses
	T_SCALE=$T_SCALE nsenter --net="/run/netns/$h" "$LIFE_PYTHON" "$LIFE/traffic.py" ${peer[$(life_host_no "$h")]} "/tmp/traffic.$h" \
		>"$OUT/traffic.$h" 2>&1 &
	disown
}
# What came in: datagrams, echo replies, TCP bytes.
life_got() { cat "/tmp/traffic.$1" 2>/dev/null; }
# life_kill HOST: every process in its namespace.
life_kill() {
	local pids
	pids=$(ip netns pids "$1")
	# shellcheck disable=SC2086 # a list
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null
	return 0
}

life_ping() { in_ns "$1" ping -c 1 -W 1 -n "$2"; }
# life_flows HOST U E T: has traffic of each kind come in since?
life_flows() {
	local u e t
	read -r u e t <"/tmp/traffic.$1" && [ "$u" -gt "$2" ] && [ "$e" -gt "$3" ] && [ "$t" -gt "$4" ]
}

# life_recovered: traffic of all kinds goes both ways again.
life_recovered() {
	local h was
	for h in a b; do
		was=$(life_got $h)
		# shellcheck disable=SC2086 # three numbers
		wait_until 30 life_flows $h ${was:-0 0 0} && continue
		LIFE_BAD+="round ${LIFE_ROUND:-?}: no traffic to $h: $was, now $(life_got $h)"$'\n'
		t_diag "round ${LIFE_ROUND:-?}: no traffic to $h: $was, now $(life_got $h)"
		in_ns $h ip addr show dev eth0 2>&1 | t_indent
		in_ns $h tc -s qdisc show dev eth0 2>&1 | t_indent
		in_ns $h rtplctl show 2>&1 | t_indent
		in_ns $h rtplctl stats 2>&1 | t_indent
		return 1
	done
}
t_indent() { sed 's/^/# /'; }

# life_drops HOST REASON: the node's drops.
life_drops() {
	in_ns "$1" rtplctl -j stats | jq -r --arg r "$2" '.drops[$r].count // 0'
}

# life_pair [PEER OPTIONS...]: both hosts, their link up. LIFE_QDISC is the qdisc's options.
life_pair() {
	local h
	modprobe rtpl || t_bail "no module"
	pair_keys
	life_topo
	for h in a b; do
		life_netns $h && life_device $h && pair_node $h && life_link $h || t_bail "host $h"
		life_plug $h
	done
	for h in a b; do
		pair_peer $h "$@" && life_qdisc $h || t_bail "peer of $h"
	done
	life_works || t_bail "the link does not come up"
}
# life_works: packets go through the link, both families.
# Where both ends moved at once nobody hears the other: 15 s until that is noticed, and 15 more until the
# configured endpoint is tried (rtpl_handshake_elsewhere()).
life_works() { wait_until 60 life_ping a $B4 && wait_until 60 life_ping b $A6; }

# life_flood HOST: hundreds of packets a second, some in pieces, until life_calm. More
# would leave an emulated machine no time for what is to happen meanwhile.
LIFE_FLOODS=()
life_flood() {
	local to=$B4 to6=$B6
	[ "$1" = a ] || to=$A4 to6=$A6
	ms() { awk -v n="$1" -v s=$T_SCALE 'BEGIN { print n * s / 1000 }'; }
	nsenter --net="/run/netns/$1" -- nice ping -q -i "$(ms 3)" -s 1200 $to >/dev/null 2>&1 &
	LIFE_FLOODS+=($!)
	nsenter --net="/run/netns/$1" -- nice ping -q -i "$(ms 5)" -l 20 -s 3000 $to6 >/dev/null 2>&1 &
	LIFE_FLOODS+=($!)
	disown -a
	wait_until 20 life_flooding "$1" || t_diag "no flood in $1"
}
life_flooding() { [ "$(ip netns pids "$1" | wc -l)" -ge 2 ]; }
life_calm() {
	kill "${LIFE_FLOODS[@]}" 2>/dev/null
	LIFE_FLOODS=()
}
# A rate that keeps this machine busy, and leaves it time for what the tests do.
# Two links at 20000 cells/s on one emulated processor leave it none.
LIFE_FAST="rate $((4000 / T_SCALE)) cell 256"
# life_loops N: how often, unless RTPL_LOOPS says otherwise. The debug kernel, emulated, takes
# minutes for what user-mode Linux does in seconds: a third there.
life_loops() {
	case $RTPL_ENVIRONMENT:${RTPL_KERNEL:-} in
	vm:debug*) echo "${RTPL_LOOPS:-$((($1 + 2) / 3))}" ;;
	*) echo "${RTPL_LOOPS:-$1}" ;;
	esac
}
