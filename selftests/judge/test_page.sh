#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 300
# order: 20
#
# The judge's table, JSON and page of made-up results: whole, minimal, with missing keys and
# names that would break out of HTML or a terminal; and which profiles are worth their cost.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
need /usr/lib/python3/dist-packages/numpy:python3-numpy \
	/usr/lib/python3/dist-packages/matplotlib:python3-matplotlib
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
rc=0
/usr/bin/python3 "$T_LIB/judge/page.py" -v >"$OUT/said" 2>&1 || rc=$?
while read -r name result; do
	case $result in
	ok) t_ok "$name" ;;
	*) t_not_ok "$name" "$result" ;;
	esac
done < <(sed -nE 's/^(test_[a-z_]+) \(.*\) \.\.\. (.*)$/\1 \2/p' "$OUT/said")
t_between "$T_N" 20 100 "all of them ran"
t_is $rc 0 "their status"
[ $rc = 0 ] || t_diag "$(tail -n 40 "$OUT/said")"
t_done
