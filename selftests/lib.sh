# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests written in bash: results in TAP, conditions to wait for, and two
# hosts with an observer between them. A test looks like this:
#
#	#!/bin/bash
#	# environment: vm uml
#	# timeout: 30
#	. "$(dirname "$0")/../lib.sh"
#	topo_up
#	t_run "a reaches b" a ping -c 1 -W 5 192.0.2.2
#	t_done
#
# Each test runs in namespaces of its own (network, mounts, processes): what it
# leaves behind is gone when it ends. Files in lib.d/ add to this one.

set -u
T_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
T_N=0 T_FAILED=0 T_DONE=
# Everything takes longer under the debug kernel.
case ${RTPL_KERNEL:-} in debug*) T_SCALE=6 ;; *) T_SCALE=1 ;; esac
# In virtual time waiting costs nothing, but looking does.
case ${RTPL_ENVIRONMENT:-} in uml-tt) T_STEP=0.5 ;; *) T_STEP=0.05 ;; esac
: "${OUT:=$(mktemp -d)}"

# --- results ---------------------------------------------------------------

t_diag() { printf '%s\n' "$*" | sed 's/^/# /'; }
t_ok() { T_N=$((T_N + 1)); echo "ok $T_N - $1"; }
# t_not_ok NAME [WHY...]
t_not_ok() {
	T_N=$((T_N + 1)) T_FAILED=$((T_FAILED + 1))
	echo "not ok $T_N - $1"
	shift
	[ $# = 0 ] || t_diag "$@"
	return 0
}
t_skip() { T_N=$((T_N + 1)); echo "ok $T_N - $1 # SKIP $2"; }

# t_is GOT WANT NAME
t_is() {
	if [ "$1" = "$2" ]; then t_ok "$3"; else t_not_ok "$3" "got:  $1
want: $2"; fi
}
# t_isnt GOT UNWANTED NAME
t_isnt() {
	if [ "$1" != "$2" ]; then t_ok "$3"; else t_not_ok "$3" "got: $1"; fi
}
# t_like GOT REGEX NAME
t_like() {
	if grep -qE -- "$2" <<<"$1"; then t_ok "$3"; else t_not_ok "$3" "got:  $1
want: /$2/"; fi
}
t_unlike() {
	if grep -qE -- "$2" <<<"$1"; then t_not_ok "$3" "got:      $1
unwanted: /$2/"; else t_ok "$3"; fi
}
# t_between GOT LOW HIGH NAME: numbers, both ends included.
t_between() {
	if awk -v g="$1" -v l="$2" -v h="$3" 'BEGIN { exit !(g ~ /^-?[0-9]/ && g + 0 >= l && g + 0 <= h) }'; then
		t_ok "$4"
	else
		t_not_ok "$4" "got: $1, want $2 to $3"
	fi
}
# t_run NAME CMD...: the command must succeed. t_fails: it must not.
t_run() {
	local name=$1 said rc=0
	shift
	said=$("$@" 2>&1) || rc=$?
	if [ $rc = 0 ]; then t_ok "$name"; else t_not_ok "$name" "status $rc: $*
$said"; fi
}
t_fails() {
	local name=$1 said rc=0
	shift
	said=$("$@" 2>&1) || rc=$?
	if [ $rc != 0 ]; then t_ok "$name"; else t_not_ok "$name" "succeeded: $*
$said"; fi
}
# t_fails_with REGEX NAME CMD...: it must fail and say so.
t_fails_with() {
	local want=$1 name=$2 said rc=0
	shift 2
	said=$("$@" 2>&1) || rc=$?
	if [ $rc != 0 ] && grep -qE -- "$want" <<<"$said"; then
		t_ok "$name"
	else
		t_not_ok "$name" "status $rc: $*
got:  $said
want: /$want/"
	fi
}
# t_done: the plan; ends the script.
t_done() {
	T_DONE=1
	echo "1..$T_N"
	exit $((T_FAILED != 0))
}
# t_skip_all WHY: nothing of this test can run here.
t_skip_all() {
	T_DONE=1
	echo "1..0 # SKIP $*"
	exit 4
}
# t_bail WHY: the rest makes no sense.
t_bail() {
	t_not_ok "$*"
	t_done
}
t_at_exit() {
	local rc=$?
	[ -n "$T_DONE" ] || t_not_ok "the test ended before its end" "status $rc"
}
trap t_at_exit EXIT

# --- waiting -----------------------------------------------------------------

# wait_until SECONDS CMD...: until CMD succeeds, as often as makes sense.
wait_until() {
	local limit=$(($1 * T_SCALE)) end
	shift
	end=$((SECONDS + limit + 1))
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep $T_STEP
	done
}

# --- two hosts and an observer --------------------------------------------------
#
#	   ns a                      ns o                       ns b
#	 +--------+     +----------------------------+      +--------+
#	 |  eth0  +-----+ pa ------- br0 -------- pb +------+  eth0  |
#	 +--------+     +----------------------------+      +--------+
#	 192.0.2.1/24                                     192.0.2.2/24
#	 2001:db8::1/64                                 2001:db8::2/64
#
# The observer sees and may impair every packet; it has no address.

# shellcheck disable=SC2034 # for the tests
A4=192.0.2.1 B4=192.0.2.2 A6=2001:db8::1 B6=2001:db8::2

in_ns() { local ns=$1; shift; nsenter --net="/run/netns/$ns" -- "$@"; }
a() { in_ns a "$@"; }
b() { in_ns b "$@"; }
o() { in_ns o "$@"; }

# topo_host NS PORT HOST: one more host on the bridge (192.0.2.HOST, ::HOST).
topo_host() {
	local ns=$1 port=$2 host=$3
	ip netns add "$ns"
	ip -n "$ns" link set lo up
	ip -n "$ns" link add eth0 address "02:00:00:00:00:$(printf %02x "$host")" type veth peer name "$port" netns o
	ip -n o link set "$port" master br0 up
	in_ns "$ns" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad
		echo 0 >/proc/sys/net/ipv6/conf/eth0/router_solicitations' 2>/dev/null
	# A connection whose program and peer went with the test holds its namespace while it tries.
	in_ns "$ns" sh -c 'echo 1 >/proc/sys/net/ipv4/tcp_orphan_retries'
	ip -n "$ns" addr add "192.0.2.$host/24" dev eth0
	ip -n "$ns" addr add "2001:db8::$host/64" dev eth0 nodad
	ip -n "$ns" link set eth0 up
}

topo_up() {
	ip netns add o
	ip -n o link add br0 type bridge forward_delay 0 mcast_snooping 0
	o sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
	ip -n o link set br0 up
	topo_host a pa 1
	topo_host b pb 2
	wait_until 10 topo_ready || t_bail "the two hosts' links do not come up"
}
topo_ready() {
	! ip -n a -6 addr show dev eth0 tentative | grep -q inet6 &&
		! ip -n b -6 addr show dev eth0 tentative | grep -q inet6 &&
		o bridge link show | grep -c 'state forwarding' | grep -qx '[2-9]'
}
topo_down() {
	local ns
	for ns in $(ip netns list | cut -d' ' -f1); do ip netns del "$ns"; done
}

# impair a2b|b2a|both NETEM...: what the observer does to packets; `none` ends it.
impair() {
	local dir=$1 port
	shift
	case $dir in a2b) set -- pb "$@" ;; b2a) set -- pa "$@" ;; both) impair a2b "$@"; impair b2a "$@"; return ;; esac
	port=$1
	shift
	if [ "$1" = none ]; then
		tc -n o qdisc del dev "$port" root 2>/dev/null || true
	else
		tc -n o qdisc replace dev "$port" root netem "$@"
	fi
}

# offload on|off: with offloads off the observer sees packets as a wire carries them.
offload() {
	a ethtool -K eth0 tso "$1" gso "$1" gro "$1" tx-udp-segmentation "$1" >/dev/null 2>&1
	b ethtool -K eth0 tso "$1" gso "$1" gro "$1" tx-udp-segmentation "$1" >/dev/null 2>&1
	o ethtool -K pa tso "$1" gso "$1" gro "$1" tx-udp-segmentation "$1" >/dev/null 2>&1
	o ethtool -K pb tso "$1" gso "$1" gro "$1" tx-udp-segmentation "$1" >/dev/null 2>&1
	return 0
}

# capture_start FILE [FILTER...] ... capture_stop: what passes the observer, on a's port or CAPTURE_ON.
capture_start() {
	local file=$1
	shift
	nsenter --net=/run/netns/o tcpdump -i "${CAPTURE_ON:-pa}" -s 0 -U -n --immediate-mode -B 16384 -w "$file" "$@" 2>"$OUT/tcpdump.err" &
	T_CAPTURE=$!
	wait_until 10 grep -q 'listening on' "$OUT/tcpdump.err" || t_bail "tcpdump does not start"
}
capture_stop() {
	# What is on its way must be written before the end.
	sleep 0.2
	kill -TERM "$T_CAPTURE" 2>/dev/null
	wait "$T_CAPTURE" 2>/dev/null || true
}

# trace_instance NAME: an instance of tracefs of the test's own, at $TRACE; it removes that itself.
trace_instance() {
	local tracing=/sys/kernel/tracing
	[ -e $tracing/trace ] || mount -t tracefs none $tracing || t_bail "no tracefs"
	TRACE=$tracing/instances/$1
	mkdir -p "$TRACE" || t_bail "no instance of tracefs"
}

# listening NS PORT [-u]: does something listen there? For wait_until.
listening() { in_ns "$1" ss -Hln "${3:--t}" "sport = :$2" | grep -q .; }

# iperf_up NS [ARG...]: an iperf3 server that is ready when this returns.
iperf_up() {
	local ns=$1
	shift
	in_ns "$ns" iperf3 -s -D "$@" >/dev/null 2>&1
	wait_until 10 listening "$ns" 5201 || t_bail "iperf3 does not start in $ns"
}

# pair_up: make rtpl peers of a and b. Defined by those who know how, in lib.d/.
pair_up() { t_bail "nothing in selftests/lib.d defines pair_up"; }

for T_FILE in "$T_LIB"/lib.d/*.sh; do
	# shellcheck disable=SC1090
	[ ! -e "$T_FILE" ] || . "$T_FILE"
done
