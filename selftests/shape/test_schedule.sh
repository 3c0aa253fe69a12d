#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 300
#
# Constant rate in virtual time, where a timer fires at its nanosecond: what
# the observer sees must be one and the same schedule whether the link is
# idle, half loaded or overloaded, and no packet may wait longer than the budget.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

# User-mode Linux reads its clock in steps of 256 ns: a slot of 800000 ns is a
# whole number of them.
rate=1250 slot=800000	# cells per second, ns
budget=50		# ms
secs=3

topo_up || t_bail "topology"
pair_up rate $rate latency $budget || t_bail "pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no answer through the pair"

# b drops what comes without waking a process: one that reads the clock moves
# virtual time by a step of it.
b nft -f - <<-'NFT'
	table inet sink { chain in { type filter hook input priority 0; udp dport 9 drop; }; }
NFT
python=$(command -v python3)

# load PACKETS-PER-SLOT-PERCENT: UDP of 1200 bytes, one packet a cell, for `secs`,
# in bursts of 40 slots' worth, each at half a slot from the observed departures.
load() {
	a "$python" - "$1" "$secs" "$slot" "$phase" <<-'PY'
	import socket, sys, time
	percent, secs, slot, phase = map(int, sys.argv[1:])
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setblocking(False)
	now = time.clock_gettime_ns(time.CLOCK_REALTIME)
	t = (now // slot + 20) * slot + phase + slot // 2
	for burst in range(secs * 1000000000 // slot // 40):
	    left = t + burst * 40 * slot - time.clock_gettime_ns(time.CLOCK_REALTIME)
	    time.sleep(max(left, 0) / 1e9)
	    for k in range(40 * percent // 100):
	        try:
	            s.sendto(b"x" * 1200, ("192.0.2.2", 9))
	        except BlockingIOError:
	            break
	PY
}

# watch NAME LOAD: departures of a's cells, ns, in $OUT/NAME. No wait is a whole number of slots:
# what wakes at a slot's own nanosecond reads the clock, and moves the cell by a step of it.
watch() {
	nsenter --net=/run/netns/o tcpdump -U -i pa -Q in -nn -q -s 64 --time-stamp-precision=nano -w "$OUT/$1.pcap" \
		"udp port 51900 and src $A4" 2>/dev/null &
	local pid=$!
	sleep 0.5003
	if [ "$2" = 0 ]; then sleep $secs.0003; else load "$2"; fi
	sleep 0.2003
	kill $pid
	wait $pid
	tcpdump -nn -tt --time-stamp-precision=nano -r "$OUT/$1.pcap" 2>/dev/null |
		awk '{ print $1, $NF }' >"$OUT/$1"
}

# Where slots stand on the clock, modulo the slot: nearly all of them, see below.
phase() { awk '{ split($1, t, "."); print (t[1] * 1000000000 + t[2]) % '$slot' }' "$OUT/$1" | sort | uniq -c | sort -rn | awk 'NR == 1 { print $2 }'; }

before=$(pair_stat a slots_missed)
watch idle 0
phase=$(phase idle)
watch half 50
watch over 300

for name in idle half over; do
	n=$(wc -l <"$OUT/$name")
	t_between "$n" $((rate * secs)) $((rate * (secs + 2))) "$name: $n cells seen"
	sizes=$(awk '{ print $2 }' "$OUT/$name" | sort -u | tr '\n' ' ')
	t_is "$(wc -w <<<"$sizes")" 1 "$name: one size ($sizes)"
	# Every gap is the slot, to the nanosecond; but what else the kernel has to do at a slot's own
	# nanosecond (a neighbour's timer) may read the clock, and move one cell or two by its step.
	gaps=$(awk '{ split($1, t, "."); s = t[1]; n = t[2]; if (NR > 1) print (s - ps) * 1000000000 + n - pn; ps = s; pn = n }' \
		"$OUT/$name" | sort | uniq -c | awk '{ print $2 "ns*" $1 }' | tr '\n' ' ')
	t_like "$gaps" "^($((slot - 256))ns\*[12] )?${slot}ns\*[0-9]+ ($((slot + 256))ns\*[12] )?\$" "$name: every gap is $slot ns ($gaps)"
done

# All three on one grid: t0 + k * T with the same t0.
t_is "$(phase half)" "$(phase idle)" "half loaded: the same slots as idle ($(phase idle)ns behind t0 + k * $slot)"
t_is "$(phase over)" "$(phase idle)" "overloaded: the same slots as idle"

max=$(pair_stat a delay_max_ns) p50=$(pair_stat a delay_p50_ns) p99=$(pair_stat a delay_p99_ns)
t_between "$max" 1 $((budget * 1000000)) "added delay within $budget ms: p50 $p50 p99 $p99 max $max ns"
late=$(pair_stat a slots_missed)
t_is "$late" "$before" "no slot missed since ($before before the first answer)"
pair_down || t_bail "cannot take the pair down"

# Ten cells a slot of 50 us, as large as jumbo frames carry: more than one batch holds.
for dev in "a eth0" "b eth0" "o pa" "o pb" "o br0"; do
	ip -n "${dev% *}" link set "${dev#* }" mtu 9000
done
pair_up || t_bail "pair over jumbo frames"
t_run "jumbo frames: the link comes up" pair_wait
cell=$(pair_cell a)
nsenter --net=/run/netns/o tcpdump -U -i pa -Q in -nn -q -s 64 -B 16384 --time-stamp-precision=nano \
	-w "$OUT/jumbo.pcap" "udp port 51900 and src $A4" 2>/dev/null &
pid=$!
sleep 0.5
a rtplctl peer set "$B_PUB" rate 200000
sleep 0.05
a rtplctl peer set "$B_PUB" rate off
sleep 0.1
kill $pid
wait $pid
tcpdump -nn -tt -r "$OUT/jumbo.pcap" --time-stamp-precision=nano 2>/dev/null |
	awk -v cell="$cell" '{ n[$1] += $NF / cell } END { for (t in n) if (n[t] > 1) print n[t] }' |
	sort | uniq -c >"$OUT/jumbo"
t_like "$(cat "$OUT/jumbo")" '^ *[0-9]+ 10$' "jumbo frames: ten cells of $cell bytes in each slot"
t_between "$(awk '{ print $1 }' "$OUT/jumbo")" 500 100000 "jumbo frames: slot after slot"
t_done
