#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The machine of a live run: hosts a and b, an observer's bridge with a delay between them,
# and real programs that follow a plan.
#
#	scene.sh PLAN PROFILE HALF
#
# PROFILE is `none` (no RTPL), a name, or the name of a file that lies beside PLAN as
# PROFILE.profile. HALF is what the bridge delays either way, as netem takes it (10ms). Leaves in
# $OUT: capture.pcap (from the bridge's port to a), visits (client.py's), before.HOST and
# after.HOST (what the module counted), and the programs' errors.
#
# A plan with an `attack` has the bridge hold or lose what one end sends (attacker.py): of the client's
# cells the capture is before that, of the server's behind.
#
# A crowd's plan has many clients: they are a host c behind a, which forwards, with an address each
# of $crowd. b is the server in either case.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../../../selftests/lib.sh"
# shellcheck disable=SC2034 # lib.sh looks at it
T_DONE=1		# no test: fails with a sentence
plan=$1 profile=$2 half=$3
here=$(cd "$(dirname "$0")" && pwd)
port=8080
crowd=10.9.0.0/16 first=10.9.0.1

die() {
	echo "error: $*"
	exit 1
}

# As systemd sets it on Debian: packets wait in fair order. The kernel's own default is a fifo.
echo fq_codel >/proc/sys/net/core/default_qdisc || die "there is no fq_codel"
topo_up
offload off		# packets as a wire carries them
for h in a b; do
	# A visit must not know what an earlier one learnt of the path, nor ask for addresses.
	in_ns $h sh -c 'echo 1 >/proc/sys/net/ipv4/tcp_no_metrics_save'
done
ip -n a neigh replace $B4 lladdr 02:00:00:00:00:02 dev eth0 nud permanent
ip -n b neigh replace $A4 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
impair both delay "$half" limit 100000
fifo=()
if [ "$(jq .attack "$plan")" != null ]; then
	# What the client sends leaves the bridge by b's port: behind the capture, as what the server sends.
	case $(jq -r .attack.end "$plan") in client) at=pb ;; *) at=pa ;; esac
	tc -n o qdisc replace dev $at root handle 1: netem delay "$half" limit 100000 &&
		tc -n o qdisc add dev $at parent 1:1 handle 2: plug limit 100000000 &&
		tc -n o qdisc change dev $at parent 1:1 handle 2: plug release_indefinite &&
		mkfifo "$OUT/begins" || die "nothing can be held or lost here"
	fifo=("$OUT/begins")
	in_ns o timeout 100000 python3 -B "$here/attacker.py" "$plan" $at "$half" "${fifo[0]}" 2>"$OUT/attacker.err" &
	attacker=$!
fi
clients=$(jq .clients "$plan")
if [ "$clients" != null ]; then
	topo_behind c a eth1 198.51.100.2 198.51.100.1
	in_ns a sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	ip -n a route add $crowd via 198.51.100.2
	ip -n b route add $crowd via $A4
	ip -n c route add local $crowd dev lo
	in_ns c sh -c 'echo 1 >/proc/sys/net/ipv4/tcp_no_metrics_save'
	a ethtool -K eth1 tso off gso off gro off >/dev/null 2>&1
	in_ns c ethtool -K eth0 tso off gso off gro off >/dev/null 2>&1
fi

if [ "$profile" != none ]; then
	modprobe rtpl || die "there is no module"
	file=$(dirname "$plan")/$profile.profile
	for h in a b; do
		[ ! -e "$file" ] || why=$(in_ns $h rtplctl profile load "$file" 2>&1) || die "$why"
	done
	pair_keys
	{
		pair_node a && pair_node b &&
			b rtplctl peer add "$A_PUB" endpoint "$A4:$PAIR_PORT" \
				allowed "$A4/32,$A6/128,$crowd" profile "$profile" role server &&
			pair_peer a profile "$profile" && pair_qdisc a && pair_qdisc b
	} 2>"$OUT/pair.err" || die "$(tail -n 1 "$OUT/pair.err")"
	pair_wait || die "the link does not come up"
fi

in_ns b timeout 100000 python3 -B "$here/server.py" "$plan" $B4 $port 2>"$OUT/server.err" &
wait_until 30 listening b $port || die "the server does not start: $(cat "$OUT/server.err")"

nsenter --net=/run/netns/o tcpdump -i pa -s 64 -n --immediate-mode -B 65536 \
	--time-stamp-precision=nano -w "$OUT/capture.pcap" 2>"$OUT/tcpdump.err" &
T_CAPTURE=$!
wait_until 10 grep -q 'listening on' "$OUT/tcpdump.err" || die "tcpdump does not start"
# In virtual time tcpdump would wake for each packet, which is a fifth of all work: there it
# sleeps, and takes every two seconds what its ring has. The times are the kernel's either way.
if [ "${RTPL_ENVIRONMENT:-}" = uml-tt ]; then
	while kill -STOP $T_CAPTURE; do
		sleep 2
		kill -CONT $T_CAPTURE
		sleep 0.001
	done 2>/dev/null &
	sleeper=$!
fi

# counted WHEN: what the module has counted until now.
counted() {
	[ "$profile" = none ] || for h in a b; do in_ns $h rtplctl -j stats >"$OUT/$1.$h"; done
}
counted before
if [ "$clients" = null ]; then
	who=a program=client.py address=("${fifo[@]}")
else
	who=c program=crowd.py address=("$first")
fi
in_ns $who timeout 100000 python3 -B "$here/$program" "$plan" $B4 $port "$OUT/visits" \
	"${address[@]}" 2>"$OUT/client.err" || die "the client fails: $(tail -n 1 "$OUT/client.err")"
[ -z "${attacker:-}" ] || { wait "$attacker" && rm "${fifo[0]}"; } ||
	die "the attacker fails: $(tail -n 1 "$OUT/attacker.err")"
counted after
for h in a b; do in_ns $h tc -s qdisc show dev eth0 >"$OUT/qdisc.$h"; done
for h in b c; do in_ns $h cat /proc/net/netstat /proc/net/snmp >"$OUT/net.$h"; done
if [ -n "${sleeper:-}" ]; then
	kill "$sleeper"
	kill -CONT $T_CAPTURE
fi
capture_stop
grep -q '^0 packets dropped by kernel' "$OUT/tcpdump.err" ||
	die "the capture is not whole: $(tail -n 1 "$OUT/tcpdump.err")"
uname -r >"$OUT/kernel"
