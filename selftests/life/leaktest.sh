# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# leaktest N: N rounds between two hosts that require protection of each other,
# judged by what passed their bridge from before they were there until after
# they are gone, and by what the module left behind.

leaktest_capture() {
	local own="ip and host $A4 and host $B4 and udp src port $PAIR_PORT and udp dst port $PAIR_PORT and ip[6:2] & 0x3fff = 0"
	nsenter --net=/run/netns/o tcpdump -i br0 -s 0 -U -n -B 8192 -w /tmp/rest.pcap "not arp and not ($own)" 2>/tmp/rest.err &
	LEAK_REST=$!
	nsenter --net=/run/netns/o tcpdump -i br0 -s 256 -n -B 32768 -w /tmp/cells.pcap "$own" 2>/tmp/cells.err &
	LEAK_CELLS=$!
	wait_until 20 grep -q 'listening on' /tmp/rest.err && wait_until 20 grep -q 'listening on' /tmp/cells.err
}

leaktest_capture_end() {
	sleep 0.5
	kill -TERM $LEAK_REST $LEAK_CELLS
	wait $LEAK_REST $LEAK_CELLS 2>/dev/null
	cat /tmp/rest.err /tmp/cells.err >"$OUT/tcpdump.err"
	cp /tmp/rest.pcap "$OUT/"
}

# What the module's own calls have allocated and not freed, by caller; debug kernel only.
leaktest_slabs() {
	local s
	[ -e /sys/kernel/debug/slab ] || return 0
	for s in /sys/kernel/slab/kmalloc-*/shrink; do echo 1 >"$s" 2>/dev/null; done
	grep -h '\[rtpl\]' /sys/kernel/debug/slab/*/alloc_traces 2>/dev/null |
		awk '{ n[$2] += $1 } END { for (f in n) print n[f], f }' | sort -k2
}

# What the test before this one had goes a moment after its namespaces.
leaktest_settled() {
	local was
	was=$(leaktest_slabs)
	sleep 5
	[ "$(leaktest_slabs)" = "$was" ]
}

leaktest_slabs_are() { [ "$(leaktest_slabs)" = "$1" ]; }

leaktest_kmemleak() {
	# It reports what is older than some seconds, and what two scans agree on.
	local i
	for i in 1 2; do
		sleep 6
		echo scan >/sys/kernel/debug/kmemleak
	done
	cat /sys/kernel/debug/kmemleak
}

leaktest() {
	local n=$1 h before cells kmemleak=/sys/kernel/debug/kmemleak
	life_seed
	modprobe rtpl || t_bail "no module"
	life_topo	# the observer's namespace is there to the end
	[ ! -e /sys/kernel/debug/slab ] || wait_until 60 leaktest_settled
	before=$(leaktest_slabs)
	[ ! -w $kmemleak ] || echo clear >$kmemleak
	pair_keys
	leaktest_capture || t_bail "tcpdump does not start"
	for h in a b; do
		life_must life_up $h || t_bail "host $h cannot be set up"
		life_traffic $h
	done
	LIFE_ROUND=0
	life_recovered || t_bail "no traffic between the hosts"

	local start=$SECONDS
	rounds "$n"
	t_diag "rounds: $ROUNDS_LOG" "$((LIFE_ROUND - 1)) rounds in $((SECONDS - start)) s"
	t_is "$((LIFE_ROUND - 1))" "$n" "$n rounds of taking away and restoring, with traffic after each"
	t_is "$LIFE_BAD" "" "each step of them did what it should"

	# The end: traffic still runs while things go, the link first.
	for h in a b; do
		life_must ip -n $h link set eth0 down
		life_must life_peer_del $h
		life_kill $h
		life_must ip netns del $h
	done
	life_must wait_until 30 life_no_port pa
	life_must wait_until 30 life_no_port pb
	leaktest_capture_end
	t_is "$(grep -h 'dropped by kernel' /tmp/rest.err /tmp/cells.err | sort -u)" \
		"0 packets dropped by kernel" "the observer missed nothing"
	cells=$(sed -n 's/ packets captured//p' /tmp/cells.err)
	t_between "$cells" $((n * 10)) 1e9 "it saw cells ($cells)"
	t_run "and besides them no packet but of the local link" "$LIFE_PYTHON" "$LIFE/leaks.py" /tmp/rest.pcap
	t_diag "$("$LIFE_PYTHON" "$LIFE/leaks.py" /tmp/rest.pcap | tail -n 3)"
	t_is "$(grep -ac RTPL-IN-CLEAR /tmp/cells.pcap)" 0 "no cell shows what it carries"

	if [ -n "$before" ]; then
		wait_until 30 leaktest_slabs_are "$before"
		t_is "$(leaktest_slabs)" "$before" "the module holds the same memory as at the start"
	fi
	life_must wait_until 60 rmmod rtpl
	t_is "$LIFE_BAD" "" "the module goes when the last namespace is gone"
	modprobe rtpl
	if [ -w $kmemleak ]; then
		t_is "$(leaktest_kmemleak)" "" "kmemleak finds nothing"
	fi
	t_done
}
