#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 360
#
# What each setting of a shape does to the cells, in virtual time, where it is
# the same every time: sizes of single packets, packets that share a cell, rate
# and its changes, latency budget, limit and overflow.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/bytes.sh"

# cells_of CMD...: sizes of a's cells to b while CMD runs, in their order.
cells_of() {
	capture_start "$OUT/cells.pcap" "udp port $PAIR_PORT and dst host $B4"
	"$@" >/dev/null 2>&1
	capture_stop
	tcpdump -nn -q -r "$OUT/cells.pcap" 2>/dev/null | awk '{ printf "%s%s", s, $NF; s = " " }'
}
one_ping() { a ping -c 1 -W 2 -s "$1" $B4; }
set_a() { a rtplctl peer set "$B_PUB" "$@" || t_bail "peer set $*"; }

# sized NAME "PING-SIZE:CELL..."...: IP is 28 bytes more, the cell 29 more than that.
sized() {
	local name=$1 c size want
	shift
	for c; do
		size=${c%%:*} want=${c#*:}
		t_is "$(cells_of one_ping "$size")" "$want" "$name: a ping of $size bytes leaves in cells of $want"
	done
}

topo_up
wire_like
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
a ping -c 2 -i 0.2 $B4 >/dev/null

sized "device" 56:1472 1415:1472 "1416:1472 1472"
set_a cell 600
sized "fixed cell 600" 56:600 543:600 "544:600 600" "1400:600 600 600"
set_a cell 300,700,1400
sized "buckets" 56:300 243:300 244:700 643:700 644:1400 1343:1400 "1344:1400 300"
set_a cell 64,97,256,1400
sized "sizes from 64 on" 7:64 8:97 40:97 41:256 199:256 200:1400 "1344:1400 64"
set_a cell pow2
sized "powers of two" 7:64 8:128 71:128 72:256 199:256 200:512 455:512 456:1024 967:1024 968:1472
set_a cell pow2:1024
sized "powers of two up to 1024" 967:1024 "968:1024 64" "1400:1024 512"
set_a cell device

# ---- rate ----

count() { pair_stat a "$1"; }
# over SECONDS KEY: how much a counter of a grows.
over() {
	local was
	was=$(count "$2")
	sleep "$1"
	echo $(($(count "$2") - was))
}
set_a cell 1000 rate 100 latency off
sleep 1
t_between "$(over 10 tx_chaff)" 999 1001 "rate 100: 1000 cells in 10 s, all chaff"
t_is "$(count slots_missed)" 0 "rate 100: no slot missed"
set_a cell 1000 rate 400kbit
sleep 1
t_between "$(over 10 tx_chaff)" 499 501 "rate 400kbit in cells of 1000 bytes: 500 cells in 10 s"
t_is "$(count rate_changes)" 1 "one change of a fixed rate is counted"
t_between "$(a rtplctl -j stats | jq '.peers[0].leak_bits')" 1 64 "and what it may tell is shown"

# Ten small packets between two slots share a cell.
set_a cell 1472 rate 5
sleep 1
was=$(count tx_cells)
nsenter --net=/run/netns/b -- "$XFER" collect $B4 7020 3 >"$OUT/got" &
pid=$!
wait_until 10 listening b 7020 -u
a "$XFER" burst $B4 7020 10 100
wait $pid
t_is "$(cat "$OUT/got")" "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]" "rate 5: ten packets of 128 bytes arrive"
t_is $(($(count tx_cells) - was)) 1 "rate 5: they shared one cell"

# ---- latency budget ----

# bursts COUNT: full cells at once; what came is in $OUT/got
bursts() {
	nsenter --net=/run/netns/b -- "$XFER" collect $B4 7020 5 >"$OUT/got" &
	pid=$!
	wait_until 10 listening b 7020 -u
	a "$XFER" burst $B4 7020 "$1" 1400
	wait $pid
}
set_a rate 10 latency 450ms
sleep 1
late=$(node_drops a latency)
bursts 20
late=$(($(node_drops a latency) - late))
got=$(jq length "$OUT/got")
t_between "$got" 4 5 "latency 450ms at 10 cells/s: $got of 20 packets, a cell each, are in time"
t_is $((got + late)) 20 "the other $late are counted as latency"
t_is "$(jq -c . "$OUT/got")" "$(jq -nc "[range($got)]")" "those in time are the first ones"
t_between "$(count delay_max_ns)" 1 450000000 "none waited longer than 450 ms"

# ---- no cells without a reason ----

set_a rate off cell device latency off
sleep 20
t_is "$(over 50 tx_chaff) $(over 1 tx_cells)" "0 0" "as it comes: an idle link sends nothing"

# ---- limit and overflow: of a link that others may not wait for ----

# The limit is the link's own queue; with one peer what is beyond a few cells
# waits in the child qdisc, so there are two.
topo_host c pc 9
rtplctl genkey >"$PAIR_DIR/c.key" 2>/dev/null
a rtplctl peer add "$(rtplctl pubkey <"$PAIR_DIR/c.key")" endpoint 192.0.2.9:$PAIR_PORT allowed 192.0.2.9/32
set_a rate 10 limit 5 overflow newest
sleep 1
full=$(node_drops a queue-full)
bursts 50
full=$(($(node_drops a queue-full) - full))
got=$(jq length "$OUT/got")
t_between "$got" 5 7 "limit 5, overflow newest: $got of 50 packets arrive"
t_is $((got + full)) 50 "the other $full are counted as queue-full"
t_is "$(jq -c . "$OUT/got")" "$(jq -nc "[range($got)]")" "those that arrive are the first ones"
set_a overflow oldest
full=$(node_drops a queue-full)
bursts 50
full=$(($(node_drops a queue-full) - full))
got=$(jq length "$OUT/got")
t_between "$got" 5 7 "limit 5, overflow oldest: $got of 50 packets arrive"
t_is $((got + full)) 50 "the other $full are counted as queue-full"
t_is "$(jq -c '.[-5:]' "$OUT/got")" "[45,46,47,48,49]" "the last five are among them"
rm -f "$OUT/got" "$OUT/cells.pcap"
t_done
