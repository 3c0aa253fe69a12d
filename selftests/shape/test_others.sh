#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 400
# debug: no
# tier: all
#
# One processor, two links: the slots of a constant rate to b, while another link, which sends as
# it comes, is idle and while it seals all that it can. How many cells leave more than 1 ms after
# their slot, or not at all, as the module counts them. On a machine that shares its processors
# runs are noisy, hence three in turns, of which the medians count, and where an idle machine misses
# slots the check is skipped; exact, in two minutes, with selftests/vm/run -I -e ROUNDS=1.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

rate=200 secs=5 rounds=${ROUNDS:-3}
topo_up || t_bail "topology"
topo_host c pc 3
C4=192.0.2.3
pair_up rate $rate latency 100ms || t_bail "pair"
(umask 077; rtplctl genkey >"$PAIR_DIR/c.key")
in_ns c rtplctl node set private-key "$PAIR_DIR/c.key" listen $PAIR_PORT
# shellcheck disable=SC2153 # pair_keys
in_ns c rtplctl peer add "$A_PUB" endpoint "$A4:$PAIR_PORT" allowed "$A4/32"
in_ns c tc qdisc add dev eth0 root handle 1: rtpl
C_PUB=$(rtplctl pubkey <"$PAIR_DIR/c.key")
a rtplctl peer add "$C_PUB" endpoint "$C4:$PAIR_PORT" allowed "$C4/32" latency 0 || t_bail "no third"
wait_until 30 a ping -c 1 -W 1 $B4 || t_bail "no answer from b"
wait_until 30 a ping -c 1 -W 1 $C4 || t_bail "no answer from c"
# What goes to c has left; opening it there is not a's work.
o tc qdisc replace dev pc root netem loss 100%

# Super-packets of UDP to c, in bursts that the link takes as one.
load() {
	a python3 - "$secs" "$C4" <<-'PY'
	import socket, sys, time
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.IPPROTO_UDP, 103, 1200)	# UDP_SEGMENT
	s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
	s.setblocking(False)
	end = time.monotonic() + float(sys.argv[1])
	while time.monotonic() < end:
	    for _ in range(8):
	        try:
	            s.sendto(bytes(48000), (sys.argv[2], 9))
	        except BlockingIOError:
	            break
	    time.sleep(0.01)
	PY
}
sent() { a rtplctl -j stats | jq '[.. | objects | select(has("tx_cells")) | .tx_cells + .tx_chaff] | add'; }
bad() {
	echo $(($(pair_stat a slots_missed) + $(a tc -s qdisc show dev eth0 | grep -oE '[0-9]+ late' | cut -d' ' -f1)))
}
# watch idle|busy: bad slots of 1000, and on fd 3 the cells that all links sent
watch() {
	local before cells
	before=$(bad) cells=$(sent)
	if [ "$1" = busy ]; then load; else sleep $secs; fi
	echo "$(($(bad) - before)) $(($(sent) - cells))"
}

for ((i = 0; i < rounds; i++)); do
	watch idle >>"$OUT/idle"
	watch busy >>"$OUT/busy"
done
t_diag "idle: $(tr '\n' ';' <"$OUT/idle") busy: $(tr '\n' ';' <"$OUT/busy")"
median() { cut -d' ' -f"$2" "$OUT/$1" | sort -n | sed -n "$((rounds / 2 + 1))p"; }
# Where nearly every slot is missed without any load there is nothing to compare.
if [ "$(median idle 1)" -gt $((rate * secs / 50)) ]; then
	t_skip "slots beside another link's load" "this machine misses $(median idle 1) of $((rate * secs)) without any; selftests/vm/run -I does not"
	t_done
fi
t_between "$(median busy 2)" $((3 * rate * secs)) 100000000 "the other link sends: $(median busy 2) cells, $(median idle 2) without"
t_between "$(median busy 1)" 0 $(($(median idle 1) + rate * secs / 50)) \
	"its load shows in no more than 2 % of the slots: $(median busy 1) of $((rate * secs)), idle $(median idle 1)"
t_done
