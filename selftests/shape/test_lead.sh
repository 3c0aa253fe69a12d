#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 120
# tier: newest
# debug: no
#
# How early a slot is built follows what building takes, on a grid that only data uses as at a rate
# that is always filled: otherwise cells leave late, by what the machine is busy with. Emulated
# processors take longer than the least lead.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

trace_instance lead
topo_up
modprobe rtpl || t_bail "no module"
for chaff in on off; do
	cat >"$OUT/grid-$chaff.profile" <<-P
		[Profile]
		Name = grid-$chaff
		About = ten slots in each 100 ms
		[Sizes]
		Cell = 1200
		[Link]
		Latency = off
		[Schedule]
		Kind = interval
		Period = 10 ms
		Chaff = $chaff
	P
done
for chaff in on off; do
	pair_up || t_bail "no pair"
	for h in a b; do
		in_ns $h rtplctl profile load "$OUT/grid-$chaff.profile" || t_bail "$chaff: no profile"
	done
	a rtplctl peer set "$B_PUB" profile grid-$chaff && b rtplctl peer set "$A_PUB" profile grid-$chaff role server ||
		t_bail "$chaff: not set"
	wait_until 20 a ping -c 1 -W 2 $B4 || t_bail "$chaff: no link"
	echo >"$TRACE/trace"
	echo 1 >"$TRACE/events/rtpl/rtpl_engine/enable"
	a ping -q -c 200 -i 0.013 -s 1000 -W 5 $B4 >/dev/null
	echo 0 >"$TRACE/events/rtpl/rtpl_engine/enable"
	cp "$TRACE/trace" "$OUT/trace.$chaff"
	n=$(grep -c 'what=lead' "$OUT/trace.$chaff")
	t_diag "chaff $chaff: the lead was set $n times; $(grep -o 'what=lead.*' "$OUT/trace.$chaff" | head -3 | tr '\n' ';')"
	t_between "$n" 1 100000 "a grid with chaff $chaff: the lead follows what building takes"
	pair_down
done
rmdir $TRACE
t_done
