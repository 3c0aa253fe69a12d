#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 600
# order: 94
#
# The judge's live runs: plans, captures made by hand, and four visits of real programs in
# virtual time, without RTPL and at a constant rate.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
need make:make gcc:gcc /usr/lib/python3/dist-packages/numpy:python3-numpy
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 RTPL_BUILD
o=$RTPL_BUILD/judge-sim
make -s -C "$T_LIB/../tools/sim" O="$o" >"$OUT/make" 2>&1 || t_bail "make: $(tail -n 5 "$OUT/make")"
rc=0
RTPL_SIM=$o/rtpl-sim /usr/bin/python3 "$T_LIB/judge/live.py" -v >"$OUT/said" 2>&1 || rc=$?
# A test of several words' docstring has its result on the line after.
while read -r name result; do
	case $result in
	ok) t_ok "$name" ;;
	*) t_not_ok "$name" "$result" ;;
	esac
done < <(awk '
	/^test_[a-z_]+ \(/ { name = $1 }
	name && / \.\.\. / { sub(/.* \.\.\. /, ""); print name, $0; name = "" }' "$OUT/said")
t_between "$T_N" 15 100 "all of them ran"
t_is $rc 0 "their status"
[ $rc = 0 ] || t_diag "$(tail -n 40 "$OUT/said")"
t_done
