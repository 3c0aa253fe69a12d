#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 900
# tier: uml
#
# Every profile that comes with the module, and one of exchanges, in force at both ends under traffic: bytes
# arrive as they were sent, and the kernel's shape engine does, event for event,
# what the core does in user space from the same seed (tools/harness/engine_replay.c).
# AGREE_FULL: for 10000 events of each profile and more, else for 2000.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/../traffic/bytes.sh"

trace_instance profiles
echo 65536 >$TRACE/buffer_size_kb
inum() { in_ns "$1" readlink /proc/self/ns/net | tr -dc 0-9; }

# Pings, a file each way, many small packets: what a person and a program do.
traffic() {
	local name=$1 sum
	t_run "$name: pings" a ping -q -c 20 -i 0.05 -s 100 -W 10 $B4
	by_program "$name" $B4 "$2"
	t_run "$name: small ones" a ping -q -c 100 -i 0.01 -s 24 -W 10 $B6
}

# same NAME HOST ROLE: the host's engine did what the core does
same() {
	local said rc=0
	grep " net=$(inum $2) " "$OUT/trace" >"$OUT/trace.$2"
	said=$(engine-replay selftest "$OUT/$1.blob" "$3" <"$OUT/trace.$2" 2>&1) || rc=$?
	t_is "$rc" 0 "$1: $3: the core does the same ($said)"
	t_diag "$1 $3: $said"
	events=$((events + $(sed -n 's/.*events \([0-9]*\) .*/\1/p' <<<"$said")))
}

topo_up
wire_like
modprobe rtpl || t_bail "no module"
printf selftest >/sys/module/rtpl/parameters/seed

for profile in ${PROFILES:-off standard enhanced requests requests-strong maximum censored bip324 wtfpad regulator tamaraw dp exchange}; do
	events=0
	# Enough for so many events in all, in virtual time.
	case $RTPL_ENVIRONMENT:$profile in
	uml-tt:dp) bytes=1000000 ;;
	uml-tt:regulator|uml-tt:tamaraw|uml-tt:maximum) bytes=200000 ;;
	uml-tt:*) bytes=4000000 ;;
	*) bytes=200000 ;;
	esac
	least=10000
	[ -n "${AGREE_FULL:-}" ] || bytes=$((bytes / 4)) least=2000
	text=$profile
	[ $profile != exchange ] || text=${0%/*}/profiles/exchange.profile
	rtpl-profile blob "$text" >"$OUT/$profile.blob" || t_bail "$profile: no blob"
	echo >$TRACE/trace
	echo 1 >$TRACE/events/rtpl/rtpl_engine/enable
	pair_keys
	for h in a b; do
		pair_node $h || t_bail "$profile: no node"
		[ "$text" = $profile ] || $h rtplctl profile load "$text" || t_bail "$profile: not loaded"
	done
	if ! pair_peer b profile $profile role server || ! pair_peer a profile $profile; then
		t_bail "$profile: no peers"
	fi
	for h in a b; do pair_qdisc $h || t_bail "$profile: no qdisc"; done
	t_is "$(a rtplctl -j show | jq -r '.peers[0].shape_now.profile')" $profile "$profile: in force"
	t_run "$profile: link up" pair_wait 60
	traffic $profile $bytes
	echo 0 >$TRACE/events/rtpl/rtpl_engine/enable
	cat $TRACE/trace >"$OUT/trace"
	t_is "$(grep -o 'entries-in-buffer/entries-written: [0-9]*/[0-9]*' "$OUT/trace" | awk '{ split($2, n, "/"); print n[1] == n[2] }')" 1 \
		"$profile: the trace is whole"
	same $profile a client
	same $profile b server
	[ $RTPL_ENVIRONMENT != uml-tt ] || t_between $events $least 100000000 "$profile: $events events"
	a rtplctl stats | sed -n '/overhead\|waited\|chaff asked\|tell/p' | sed 's/^/# /'
	pair_down
	took $profile
done
printf '' >/sys/module/rtpl/parameters/seed
rmdir $TRACE
rm -f "$OUT"/*.blob "$OUT"/trace*
t_done
