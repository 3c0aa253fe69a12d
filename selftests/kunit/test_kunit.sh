#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: uml
# timeout: 120
#
# The core's unit tests in the kernel: rtpl_kunit.ko runs its suites when it is
# loaded and writes TAP into the kernel log; here each case is one result.
. "$(dirname "$0")/../lib.sh"
modinfo rtpl_kunit >/dev/null 2>&1 || t_skip_all "rtpl_kunit.ko is not built"

echo "rtpl-test: kunit" >/dev/kmsg
t_run "rtpl_kunit loads" modprobe rtpl_kunit
dmesg | awk '/rtpl-test: kunit/ { out = ""; next } { sub(/^\[ *[0-9.]+\] /, ""); out = out $0 "\n" } END { printf "%s", out }' >"$OUT/kunit.tap"

# Cases are indented below their suite's name; the suites' own lines are sums.
while IFS= read -r line; do
	case $line in
	*"# Subtest: "*) suite=${line##*# Subtest: } ;;
	"    ok "*|"        ok "*)
		name=${line#*- }
		case $name in *"# SKIP"*) t_skip "$suite ${name%% #*}" "${name##*SKIP}" ;; *) t_ok "$suite.$name" ;; esac ;;
	"    not ok "*|"        not ok "*) t_not_ok "$suite.${line#*- }" "$(grep -B 12 -F "$line" "$OUT/kunit.tap")" ;;
	esac
done <"$OUT/kunit.tap"
t_between "$T_N" 2 1000000 "there were cases"
t_run "rtpl_kunit unloads" rmmod rtpl_kunit
t_done
