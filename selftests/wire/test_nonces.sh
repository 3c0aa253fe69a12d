#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml
# timeout: 240
#
# No counter seals two cells under one key: a test build looks at each cell that it seals (the module's
# parameter nonces: cells, keys, counters used twice), while traffic flows and whatever could use a counter
# again happens. On a debug kernel allocations fail, too.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
param=/sys/module/rtpl/parameters
modprobe rtpl || t_skip_all "no module"
echo 1 >$param/nonces || t_bail "no test build"
topo_up
pair_up require off || t_bail "no pair"
wait_until 30 a ping -c 1 -W 1 $B4 || t_bail "no link"
iperf_up b
fail=/sys/kernel/debug
mountpoint -q $fail || mount -t debugfs none $fail

flow() { a timeout $((${NONCES_SECONDS:-0} + 120)) iperf3 -J -t "$1" --bidir -c $B4 >"$OUT/iperf" 2>&1; }
# during SECONDS COMMAND...: again and again beside traffic both ways
during() {
	local secs=$1
	shift
	flow "$secs" &
	local pid=$!
	while kill -0 $pid 2>/dev/null; do
		"$@" >/dev/null 2>&1
		sleep 0.2
	done
	wait $pid
}
said() { cat $param/nonces; }
twice() {
	read -r cells keys again < <(said)
	t_is "$again" 0 "$1: no counter twice ($cells cells, $keys keys so far)"
}

# NONCES_SECONDS: 10^8 cells are some 2000 s.
flow "${NONCES_SECONDS:-5}"
twice "traffic both ways"
n=0
profiles=(off standard requests maximum)
change() {
	n=$((n + 1))
	a rtplctl peer set "$B_PUB" profile ${profiles[$((n % 4))]}
	b rtplctl peer set "$A_PUB" profile ${profiles[$((n / 4 % 4))]}
}
during 5 change
twice "profiles change"
for h in a b; do in_ns $h rtplctl peer set "$([ $h = a ] && echo "$B_PUB" || echo "$A_PUB")" profile none; done
during 5 eval 'echo restored >$param/machine'
twice "restored from a snapshot"
during 5 eval 'echo sleep >$param/machine; echo wake >$param/machine'
twice "asleep and awake"
device() {
	ip -n a link set eth0 down
	ip -n a link set eth0 up
}
during 5 device
twice "the device goes down and comes up"
endpoint() { a rtplctl peer set "$B_PUB" endpoint "10.0.0.2:$PAIR_PORT"; }
during 3 endpoint
twice "the endpoint is set"
key() {
	a rtplctl node set listen $((PAIR_PORT + n % 2))
	n=$((n + 1))
}
during 3 key
a rtplctl node set listen $PAIR_PORT
twice "the port changes"
if [ -d $fail/failslab ]; then
	for f in failslab fail_page_alloc; do
		echo -1 >$fail/$f/times
		echo Y >$fail/$f/ignore-gfp-wait
		echo 0 >$fail/$f/verbose
	done
	echo 0 >$fail/fail_page_alloc/min-order
	shorter() {
		for f in failslab fail_page_alloc; do echo $((n % 3)) >$fail/$f/probability; done
		n=$((n + 1))
	}
	during 10 shorter
	for f in failslab fail_page_alloc; do echo 0 >$fail/$f/probability; done
	twice "of allocations that may not wait one or two of a hundred fail"
	t_diag "drops without memory: a $(node_drops a no-memory), b $(node_drops b no-memory)"
fi
wait_until 60 a ping -c 1 -W 1 $B4 || t_not_ok "the link is up in the end"
flow 5
read -r cells keys again < <(said)
t_between "$cells" 10000 1e12 "so many cells were sealed"
t_between "$keys" 10 1e9 "with so many keys"
t_is "$again" 0 "and no counter twice"
t_done
