#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many peers, many prefixes, many links, beside WireGuard with as many in the same machine. Prints
# tables, or with -j a JSON object; leaves `figures` in DIR. Asserts nothing.
#
#	selftests/perf/scale.sh [-j] [-k KERNEL] [-s SECONDS] [-n PEERS] [-l LINKS] [-o DIR] [PART...]
#
#	peers	PEERS (10000) peers, and 100 with a thousand prefixes each: time to configure them by
#		one file and by one command each, to show and to remove them; their memory; what a packet
#		costs then, beside ten peers
#	cpu	20 links that trickle beside one that floods, and 8 that flood, where the one processor
#		is what they share: loss and delay, and Jain's index
#	line	the same where a line of 20 Mbit/s is what they share
#	links	LINKS (1000) links with a profile: memory, share of a processor when idle, by
#		thousand-links.sh, which takes five minutes
#
# All parts but links by default; 10 minutes. peers and cpu run in a VM that counts instructions instead
# of time: a processor of 10^9 instructions a second, the same figures on each run, nearly. line runs
# in user-mode Linux in virtual time: the line alone takes time. SECONDS (1) is for each figure of a
# packet's cost; that is of both ends, with the programs that send and receive. Memory is what
# /proc/meminfo has in slabs, for each processor and by vmalloc, and what rtplctl stats says. KERNEL 6.1.
set -eu
if [ -z "${RTPL_ENVIRONMENT:-}" ]; then
	set -o pipefail
	cd "$(dirname "$0")/../.."
	# shellcheck source=selftests/environment.sh
	. selftests/environment.sh
	kernel=6.1 secs=1 peers=10000 links=1000 out=build/scale form=text
	while getopts jk:s:n:l:o: opt; do
		case $opt in
		j) form=json ;;
		k) kernel=$OPTARG ;;
		s) secs=$OPTARG ;;
		n) peers=$OPTARG ;;
		l) links=$OPTARG ;;
		o) out=$OPTARG ;;
		*) sed -n '4,25s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	for v in "$secs" "$peers" "$links"; do
		case $v in
		'' | *[!0-9]* | 0*) die "'$v' is no whole number from 1 on" ;;
		esac
	done
	[ $# -gt 0 ] || set -- peers cpu line
	need gcc:gcc python3:python3-minimal
	mkdir -p "$out"
	gcc -O2 -Wall -o "$out/volley" selftests/perf/volley.c
	: >"$out/figures"
	for part; do
		mkdir -p "$out/$part"
		: >"$out/$part/figures"
		case $part in
		peers | cpu)
			selftests/vm/run -k "$kernel" -I -m 3072 -t 3000 -f "$out/volley" -o "$out/$part" \
				selftests/perf/scale.sh "$part" "$secs" "$peers" >&2 ;;
		line)
			selftests/uml/run -T -t 1500 -f "$out/volley" -o "$out/$part" \
				selftests/perf/scale.sh "$part" "$secs" "$peers" >&2 ;;
		links)
			selftests/perf/thousand-links.sh -j -i -l "$links" -s 20 | sed 's/^/links /' >"$out/$part/figures" ;;
		*) die "$part: no such part (peers, cpu, line, links)" ;;
		esac
		cat "$out/$part/figures" >>"$out/figures"
	done
	exec python3 selftests/perf/scale.py report "$out" $form
fi
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
set +eu
part=$1 secs=$2 peers=$3
py=$(dirname "$0")/scale.py
load=$(dirname "$0")/../shape/queue.py
volley=$(find /rtpl -name volley -type f | head -n 1)
say() { echo "$*" >>"$OUT/figures"; t_diag "$*"; }

# What the kernel holds in slabs, for each CPU, and by vmalloc, in KB; when it has come to rest.
held() {
	local now last=-1
	while :; do
		echo 3 >/proc/sys/vm/drop_caches
		now=$(awk '$1 ~ /^(Slab|Percpu|VmallocUsed):$/ { n += $2 } END { print n }' /proc/meminfo)
		[ $((now > last ? now - last : last - now)) -gt 64 ] || break
		last=$now
		sleep 1
	done
	echo "$now"
}
# took CMD...: ms
took() {
	local start
	start=$(date +%s%N)
	"$@" >"$OUT/said" 2>&1 || t_diag "status $?: $*: $(head -n 1 "$OUT/said")"
	echo $(($(date +%s%N) - start)) | awk '{ printf "%.2f\n", $1 / 1e6 }'
}
# arrived FROM TO ADDRESS: datagrams of 64 bytes that come, one program sending all it can
arrived() {
	local pid n
	nsenter --net="/run/netns/$2" -- "$volley" sink 8002 >"$OUT/sink" &
	pid=$!
	wait_until 10 listening "$2" 8002 -u
	in_ns "$1" "$volley" send "$3" 8002 "$secs" 64 >/dev/null
	sleep 0.5
	kill -TERM $pid
	wait $pid
	read -r n _ <"$OUT/sink"
	echo "$n"
}
# cost FROM TO ADDRESS: instructions for each of them
cost() { echo "$(arrived "$@")" "$secs" | awk '{ printf "%.1f\n", $1 ? $2 * 1e9 / $1 : 0 }'; }

# ---- many peers ----

# What the two call the same: do_NAME ARG...
rtpl_conf() { a rtplctl setconf "$1"; }
rtpl_add() { a rtplctl peer add "$1" allowed "$2"; }
rtpl_del() { a rtplctl peer del "$1"; }
rtpl_nothing() { a rtplctl node show; }
rtpl_show() { a rtplctl show; }
rtpl_json() { a rtplctl -j show; }
rtpl_stats() { a rtplctl stats; }
rtpl_told() { a rtplctl -j stats | jq '[.peers[].memory] | add / 1024'; }
wireguard_conf() { a wg setconf wg0 "$1"; }
wireguard_add() { a wg set wg0 peer "$1" allowed-ips "$2"; }
wireguard_del() { a wg set wg0 peer "$1" remove; }
wireguard_nothing() { a wg show wg0 listen-port; }
wireguard_show() { a wg show wg0; }
wireguard_json() { a wg show wg0 dump; }

# one_set WHO PEERS PREFIXES TO BACK CLEAR
one_set() {
	local who=$1 n=$2 each=$3 to=$4 back=$5 clear=$6 none many k ms what="$2x$3"
	note() { say set $who "$what" "$1" "$2"; }
	(umask 077; "$py" conf $who $n $each "$PAIR_DIR/$who.key" "$PAIR_DIR/$who.b" >"$PAIR_DIR/many.conf")
	none=$(held)
	note setconf "$(took ${who}_conf "$PAIR_DIR/many.conf")"
	many=$(held)
	note memory $((many - none))
	[ $who = wireguard ] || note told "$(rtpl_told)"
	note again "$(took ${who}_conf "$PAIR_DIR/many.conf")"
	for k in nothing show json stats; do
		[ "$(type -t ${who}_$k)" != function ] || note $k "$(took ${who}_$k)"
	done
	ms=''
	for ((k = 0; k < 10; k++)); do
		ms="$ms $(took ${who}_add "${more[k]}" "172.16.$k.0/24")"
	done
	note add "$(awk '{ for (i = 1; i <= NF; i++) s += $i; printf "%.2f\n", s / NF }' <<<"$ms")"
	ms=''
	for ((k = 0; k < 10; k++)); do
		ms="$ms $(took ${who}_del "${more[k]}")"
	done
	note del "$(awk '{ for (i = 1; i <= NF; i++) s += $i; printf "%.2f\n", s / NF }' <<<"$ms")"
	wait_until 20 a ping -c 1 -W 1 "$to" || t_diag "$who $what: no link"
	note out "$(cost a b "$to")"
	note in "$(cost b a "$back")"
	[ -z "$clear" ] || note clear "$(cost a b "$clear")"
	note gone "$(took ${who}_conf "$PAIR_DIR/$who.none")"
	note left $(($(held) - none))
}

# busy SECONDS: the share of the processor that is not idle
busy() {
	local was now
	was=$(awk '$1 == "cpu" { print $5 + $6 }' /proc/stat)
	sleep "$1"
	now=$(awk '$1 == "cpu" { print $5 + $6 }' /proc/stat)
	echo $((now - was)) "$1" | awk '{ printf "%.4f\n", 1 - $1 / 100 / $2 }'
}

many_peers() {
	local k to wto s
	topo_up
	modprobe rtpl && pair_keys || exit 1
	modprobe -q wireguard
	to=$("$py" address 1000000) wto=$("$py" address 1000001)
	for ((k = 0; k < 10; k++)); do
		more[k]=$(rtplctl genkey 2>/dev/null | rtplctl pubkey)
	done
	cp "$PAIR_DIR/a.key" "$PAIR_DIR/rtpl.key"
	printf '[Peer]\nPublicKey = %s\nEndpoint = %s:%s\nAllowed = %s/32, %s/32\n' "$B_PUB" $B4 $PAIR_PORT $B4 "$to" >"$PAIR_DIR/rtpl.b"
	ip -n b addr add "$to/32" dev lo
	ip -n b addr add 203.0.113.9/32 dev lo
	ip -n a route add "$to/32" via $B4
	# In clear both ways: neither address is a peer's.
	ip -n a addr add 203.0.113.8/32 dev lo
	ip -n a route add 203.0.113.9/32 via $B4 src 203.0.113.8
	# What b sends has its source among the many, too.
	ip -n b route add $A4/32 dev eth0 src "$to"
	(umask 077; "$py" conf rtpl 0 0 "$PAIR_DIR/rtpl.key" "$PAIR_DIR/rtpl.b" >"$PAIR_DIR/rtpl.none")
	pair_qdisc a && rtpl_conf "$PAIR_DIR/rtpl.none" >/dev/null && pair_node b && pair_qdisc b &&
		b rtplctl peer add "$A_PUB" endpoint "$A4:$PAIR_PORT" allowed "$A4/32" || t_bail "no pair"
	wait_until 20 a ping -c 1 -W 1 "$to" || t_bail "no link"
	for s in "10 1" "$((peers / 10)) 1" "$peers 1" "100 1000"; do
		one_set rtpl $s "$to" $A4 203.0.113.9
	done
	# Required and with an endpoint, this end seeks a session by itself: here nobody answers.
	(umask 077; "$py" conf rtpl 100 1 "$PAIR_DIR/rtpl.key" "$PAIR_DIR/rtpl.b" |
		awk '/^PublicKey/ && ++n <= 100 { print "Endpoint = 192.0.2.2:" 10000 + n } { print }' >"$PAIR_DIR/many.conf")
	k=$(busy 30)
	rtpl_conf "$PAIR_DIR/many.conf" >/dev/null
	say seek 100 "$k" "$(busy 30)"
	rtpl_conf "$PAIR_DIR/rtpl.none" >/dev/null
	for h in a b; do
		in_ns $h tc qdisc del dev eth0 root
		in_ns $h rtplctl flush
	done
	ip -n b route del $A4/32 dev eth0
	umask 077
	WG_ON=eth0 wg_up
	cp "$PAIR_DIR/wg.a" "$PAIR_DIR/wireguard.key"
	printf '[Peer]\nPublicKey = %s\nEndpoint = 203.0.113.2:51821\nAllowedIPs = 198.18.0.2/32, %s/32\n' \
		"$(cat "$PAIR_DIR/wg.b.pub")" "$wto" >"$PAIR_DIR/wireguard.b"
	ip -n b addr add "$wto/32" dev lo
	ip -n a route add "$wto/32" dev wg0
	ip -n b route add 198.18.0.1/32 dev wg0 src "$wto"
	(umask 077; "$py" conf wireguard 0 0 "$PAIR_DIR/wireguard.key" "$PAIR_DIR/wireguard.b" >"$PAIR_DIR/wireguard.none")
	wireguard_conf "$PAIR_DIR/wireguard.none"
	for s in "10 1" "$((peers / 10)) 1" "$peers 1" "100 1000"; do
		one_set wireguard $s "$wto" 198.18.0.1 ''
	done
}

# ---- fairness ----

SPOKES=21
flood_pid=
# flood ADDRESS SECONDS: more than there is room for
flood() {
	case $part in
	line) nsenter --net=/run/netns/a -- "$load" udp "$1" 9 "${3:-6e7}" "$2" & ;;
	cpu) nsenter --net=/run/netns/a -- "$volley" send "$1" 9 "$2" 1300 >/dev/null & ;;
	esac
	flood_pid="$flood_pid $!"
}
sunk() { in_ns "s$1" nft -j list chain inet sink in | jq '[.. | .counter? | select(. != null) | .packets][0]'; }
# fair WHO NET: the same load on what is set up, spokes at NET.11 to .31
fair() {
	local who=$1 net=$2 i flows='' line
	for ((i = 2; i <= SPOKES; i++)); do
		flows="$flows s$i=$net.$((10 + i))"
	done
	for ((i = 1; i <= SPOKES; i++)); do
		wait_until 30 a ping -c 1 -W 1 $net.$((10 + i)) || t_diag "$who: s$i does not answer"
	done
	for what in alone flood; do
		flood_pid=
		[ $what = alone ] || flood $net.11 8
		[ $what = alone ] || sleep 1
		in_ns a "$py" trickle 5 100 $flows | while read -r line; do
			say fair $part $who $what $line
		done
		[ -z "$flood_pid" ] || wait $flood_pid
	done
	floods $who $net
}
# floods WHO NET: eight at once
floods() {
	local who=$1 net=$2 i was=() line=
	flood_pid=
	for ((i = 1; i <= 8; i++)); do was[i]=$(sunk $i); done
	for ((i = 1; i <= 8; i++)); do flood $net.$((10 + i)) 5 2e7; done
	wait $flood_pid
	sleep 1
	for ((i = 1; i <= 8; i++)); do line="$line $(($(sunk $i) - was[i]))"; done
	say jain $part $who $line
}

fairness() {
	local i h
	topo_up
	modprobe rtpl && pair_keys || exit 1
	modprobe -q wireguard
	[ $part != line ] || slow_line 20000000
	pair_node a
	for ((i = 1; i <= SPOKES; i++)); do
		topo_host s$i p$i $((10 + i))
		in_ns s$i nft -f - <<-'NFT'
			table inet sink { chain in { type filter hook input priority 0; udp dport 9 counter drop; }; }
		NFT
		(umask 077; rtplctl genkey >"$PAIR_DIR/s$i.key")
		in_ns s$i rtplctl node set private-key "$PAIR_DIR/s$i.key" listen $PAIR_PORT
		in_ns s$i rtplctl peer add "$A_PUB" endpoint "$A4:$PAIR_PORT" allowed "$A4/32"
		in_ns s$i tc qdisc add dev eth0 root handle 1: rtpl
		a rtplctl peer add "$(rtplctl pubkey <"$PAIR_DIR/s$i.key")" endpoint "192.0.2.$((10 + i)):$PAIR_PORT" \
			allowed "192.0.2.$((10 + i))/32"
	done
	pair_qdisc a
	# The default on Debian, but not in user-mode Linux.
	a tc qdisc replace dev eth0 parent 1:2 handle 20: fq_codel || t_bail "no child"
	fair rtpl 192.0.2
	# The same if no packet is too late.
	for ((i = 1; i <= 8; i++)); do
		a rtplctl peer set "$(rtplctl pubkey <"$PAIR_DIR/s$i.key")" latency off
	done
	floods rtpl-latency-off 192.0.2
	for h in a $(seq -f s%.0f $SPOKES); do
		in_ns $h tc qdisc del dev eth0 root
		in_ns $h rtplctl flush
		ip -n $h link add wg0 type wireguard
	done
	# The same keys; WireGuard's packets pass fq_codel, as RTPL's do.
	a tc qdisc replace dev eth0 root fq_codel
	a wg set wg0 private-key "$PAIR_DIR/a.key" listen-port 51821
	ip -n a addr add 198.18.0.1/24 dev wg0
	ip -n a link set wg0 up
	for ((i = 1; i <= SPOKES; i++)); do
		in_ns s$i wg set wg0 private-key "$PAIR_DIR/s$i.key" listen-port 51821 peer "$A_PUB" \
			endpoint $A4:51821 allowed-ips 198.18.0.0/24
		ip -n s$i addr add 198.18.0.$((10 + i))/24 dev wg0
		ip -n s$i link set wg0 up
		a wg set wg0 peer "$(rtplctl pubkey <"$PAIR_DIR/s$i.key")" endpoint "192.0.2.$((10 + i)):51821" \
			allowed-ips 198.18.0.$((10 + i))/32
	done
	fair wireguard 198.18.0
}
case $part in
peers) many_peers ;;
*) fairness ;;
esac
T_DONE=1
