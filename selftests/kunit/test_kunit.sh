#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# The core's unit tests in the kernel: rtpl_kunit.ko runs its suites when it is
# loaded and writes TAP into the kernel log; here each case is one result.
. "$(dirname "$0")/../lib.sh"
modinfo rtpl_kunit >/dev/null 2>&1 || t_bail "rtpl_kunit.ko is not built (RTPL_KUNIT=1)"

echo "rtpl-test: kunit" >/dev/kmsg
t_run "rtpl_kunit loads" modprobe rtpl_kunit
dmesg | awk '/rtpl-test: kunit/ { out = ""; next } { sub(/^\[ *[0-9.]+\] /, ""); out = out $0 "\n" } END { printf "%s", out }' >"$OUT/kunit.tap"

t_like "$(head -n 3 "$OUT/kunit.tap")" "Subtest: |KTAP|TAP version" "the kernel's log holds all of it"

suite=
# Cases are indented below their suite's name; the suites' own lines are sums.
result='^ {4,}(not )?ok [0-9]+ (- )?([^ ]+)( # SKIP ?(.*))?'
while IFS= read -r line; do
	if [[ $line == *"# Subtest: "* ]]; then
		suite=${line##*# Subtest: }
	elif [[ $line =~ $result ]]; then
		name=$suite.${BASH_REMATCH[3]}
		if [ -n "${BASH_REMATCH[4]}" ]; then
			t_skip "$name" "${BASH_REMATCH[5]}"
		elif [ -n "${BASH_REMATCH[1]}" ]; then
			t_not_ok "$name" "$(grep -B 20 -F "$line" "$OUT/kunit.tap")"
		else
			t_ok "$name"
		fi
	fi
done <"$OUT/kunit.tap"
t_between "$T_N" 2 1000000 "there were cases"
t_run "rtpl_kunit unloads" rmmod rtpl_kunit
t_done
