#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# What is promised of times and sizes, held by a distinguisher through the whole engine
# (tools/harness/distinguish.c): private windows of 22 plans, (epsilon, delta) beside what two
# streams that differ by the sensitivity look like; every other schedule beside what the
# leakage meter says of it. What breaks the promise is found: a queue told in cells instead of
# bytes, and streams that differ by more.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
o=$(mktemp -d)
make -s -C tools/harness O="$o" "$o/distinguish" >"$o/log" 2>&1 || t_bail "make: $(tail -n 5 "$o/log")"

said=$("$o/distinguish" -n "${RUNS:-8000}")
rc=$?
while read -r word what; do
	case $word in
	PASS) t_ok "$what" ;;
	*) t_not_ok "$what" ;;
	esac
done <<<"$said"
t_is $rc 0 "its status"
t_is "$(grep -cE '(laplace|skellam)' <<<"$said")" 22 "22 plans"
t_is "$(grep -c 'the meter' <<<"$said")" 9 "and all other schedules"

cells=$("$o/distinguish" -n 3000 -c)
t_between "$(grep -c ^FAIL <<<"$cells")" 8 22 "a queue told in whole cells breaks the promise, and that is found"
t_like "$cells" "FAIL  laplace 1 1e-06 S 100 grain 1 " "that of 100 bytes beside none among them"
more=$("$o/distinguish" -n 3000 -m 6)
t_between "$(grep -c ^FAIL <<<"$more")" 18 22 "streams that differ by six times as much are told apart"
rm -rf "$o"
t_done
