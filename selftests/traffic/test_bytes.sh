#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 480
# debug: smp
# tier: newest
#
# Every byte right: TCP in both directions over 8 streams, UDP and ICMP, IPv4 and
# IPv6, by programs that know nothing of it, through a path that is whole and
# one that drops 1 %, reorders 5 % and doubles 1 % of the cells. Over 50 MB
# in user-mode Linux; test_bytes_full.sh sends over 100.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"

# Bytes on each of the 8 streams, each way, for each family; datagrams; pings, and such in
# fragments. User-mode Linux is where the many are.
pings=100 frags=60
if [ -n "${BYTES_FULL:-}" ]; then
	whole=500000 bad=3200000 udp=2000
elif [ "$RTPL_ENVIRONMENT" = uml ]; then
	whole=400000 bad=1500000 udp=1000
elif [ "${RTPL_KERNEL:-}" = debug ]; then
	whole=6000 bad=10000 udp=60 pings=30 frags=20
else
	whole=12000 bad=20000 udp=60 pings=40 frags=25
fi

# once NAME BYTES UDP-PERCENT PING-PERCENT
once() {
	watch_start
	tcp_both "$1, IPv4" "$B4" "$2"
	tcp_both "$1, IPv6" "$B6" "$2"
	took "tcp_both"
	udp_both "$1, IPv4" "$B4" $udp 6000 "$3"
	udp_both "$1, IPv6" "$B6" $udp 6000 "$3"
	took "udp_both"
	pings "$1, IPv4" "$B4" 56 $pings "$4"
	pings "$1, IPv6" "$B6" 1300 $pings "$4"
	took "pings"
	pings "$1, IPv4 in fragments" "$B4" 4000 $frags "$4"
	pings "$1, IPv6 in fragments" "$B6" 4000 $frags "$4"
	took "pings"
	by_program "$1, IPv4" "$B4" "$2"
	by_program "$1, IPv6" "$B6" "$2"
	took "by_program"
	watch_stop "$1"
}

topo_up
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"

# As the hosts' stacks like it best: batches cross the bridge whole.
tcp_both "in batches, IPv4" "$B4" $whole
tcp_both "in batches, IPv6" "$B6" $whole
took "tcp_both"

wire_like
once "whole path" $whole 95 95
# A queue that a slow machine lets grow may be cut; nothing else.
for h in a b; do
	t_is "$(node_dropped $h | tr ' ' '\n' | grep -vE '^(child-full|latency|handshake-peer)=')" "" \
		"$h: on a whole path nothing was dropped on the path's account"
done

bad_path
once "1 % lost, 5 % reordered, 1 % doubled" $bad 50 50
for h in a b; do
	t_between "$(node_drops $h replay)" 1 1000000000 "$h: doubled cells were known again ($(node_dropped $h))"
	t_is "$(node_drops $h auth) $(node_drops $h bad-cell) $(node_drops $h bad-block)" "0 0 0" \
		"$h: nothing looked forged or broken"
done
impair both none
pair_down || t_bail "cannot take the pair down"

# The other family outside.
PAIR_EP=6 pair_up || t_bail "no pair over IPv6"
pair_wait || t_bail "the link over IPv6 does not come up"
once "IPv6 outside" $((whole / 2)) 95 95
bad_path
tcp_both "IPv6 outside, bad path, IPv4" "$B4" $whole
took "tcp_both"
tcp_both "IPv6 outside, bad path, IPv6" "$B6" $whole
took "tcp_both"
t_diag "$BYTES_TOTAL bytes of TCP in all"
t_done
