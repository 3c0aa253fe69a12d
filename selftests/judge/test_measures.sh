#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 300
# order: 20
#
# The judge's measures (intervals, AUPRC, information in bits, tests between classes) against
# closed forms, integration, scikit-learn, and how often they are right over many repeats;
# figures are printed (run-tests -v shows them).
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
need /usr/lib/python3/dist-packages/numpy:python3-numpy \
	/usr/lib/python3/dist-packages/scipy:python3-scipy \
	/usr/lib/python3/dist-packages/sklearn:python3-sklearn
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
rc=0
/usr/bin/python3 "$T_LIB/judge/measures.py" >"$OUT/figures" 2>"$OUT/said" || rc=$?
t_diag "$(sed -n 's/^# //p' "$OUT/figures")"
while read -r name result; do
	case $result in
	ok) t_ok "$name" ;;
	*) t_not_ok "$name" "$result" ;;
	esac
done < <(sed -nE 's/^(test_[a-z_]+) \(.*\) \.\.\. (.*)$/\1 \2/p' "$OUT/said")
t_between "$T_N" 28 100 "all of them ran"
t_is $rc 0 "their status"
[ $rc = 0 ] || t_diag "$(tail -n 40 "$OUT/said")"
t_done
