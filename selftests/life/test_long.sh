#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 900
# tier: all
# debug: no
#
# The tests of this folder with many more rounds each.
. "$(dirname "$0")/../lib.sh"
f=5
for spec in qdisc:10 device:3 peer:100 node:10 module:12 netns:12 shape:200; do
	name=${spec%:*}
	RTPL_LOOPS=$((${spec#*:} * f)) "$T_LIB/isolate" "$T_LIB/life/test_$name.sh" >"$OUT/$name" 2>&1
	rc=$?
	if [ $rc = 4 ]; then
		t_skip "$name" "$(tail -n 1 "$OUT/$name")"
	elif [ $rc = 0 ] && ! grep -q '^not ok' "$OUT/$name"; then
		t_ok "$name: $((${spec#*:} * f)) rounds"
	else
		t_not_ok "$name: $((${spec#*:} * f)) rounds" "status $rc" "$(grep -A20 '^not ok' "$OUT/$name")"
	fi
done
t_done
