#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# cpus: 2
# timeout: 240
#
# Several processors seal and open the cells of one link: the bytes arrive as they were sent, each cell is
# counted at the processor that did it, and processors come and go meanwhile.
. "$(dirname "$0")/../lib.sh"
. "$(dirname "$0")/bytes.sh"
modprobe rtpl || t_skip_all "no module"
[ "$(nproc)" -ge 2 ] || t_skip_all "one processor"
nonces=/sys/module/rtpl/parameters/nonces
[ ! -e $nonces ] || echo 1 >$nonces
topo_up
pair_up require off || t_bail "no pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no link"

# by NODE WHAT: cells that each processor sealed or opened; sum NODE JQ: of the links' counters
by() { in_ns "$1" rtplctl -j stats | jq -c "[.processors[].$2]"; }
sum() { in_ns "$1" rtplctl -j stats | jq "[.peers[] | $2] | add"; }

tcp_both spread $B4 $(((4 << 20) / T_SCALE)) 2
t_diag "a sealed $(by a sealed), opened $(by a opened); b sealed $(by b sealed), opened $(by b opened)"
for h in a b; do
	sent=$(sum $h '.tx_cells + .tx_chaff') got=$(sum $h '.rx_cells + .rx_chaff')
	# Of handshakes no cell is sealed, but one may have the place of one.
	t_between "$(by $h sealed | jq add)" "$sent" $((sent + 20)) "$h: each cell that was sent is some processor's"
	t_between "$(by $h opened | jq add)" "$got" $((got + got / 5 + 20)) "$h: each that came, too"
	t_is "$(by $h sealed | jq 'length')" "$(nproc)" "$h: all processors seal"
done

# Processors that come and go.
while :; do
	for c in /sys/devices/system/cpu/cpu[1-9]*/online; do
		echo 0 >"$c"
		sleep 0.1
		echo 1 >"$c"
		sleep 0.1
	done
done &
hotplug=$!
tcp_both hotplug $B4 $(((2 << 20) / T_SCALE)) 2
kill $hotplug
wait $hotplug 2>/dev/null
for c in /sys/devices/system/cpu/cpu[1-9]*/online; do echo 1 >"$c"; done
# A test build looks at each counter.
[ ! -e $nonces ] || t_is "$(cut -d' ' -f3 $nonces)" 0 "no counter seals two cells ($(cat $nonces))"
t_done
