#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 180
# order: 20
#
# The judge's attacks of a forest or an SVM: features of visits worked out by hand, and
# made-up traces of which it is known what each attack must find and must not.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
need /usr/lib/python3/dist-packages/numpy:python3-numpy \
	/usr/lib/python3/dist-packages/sklearn:python3-sklearn

rc=0
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
/usr/bin/python3 "$T_LIB/judge/attacks.py" >"$OUT/said" 2>"$OUT/err" || rc=$?
while read -r word what; do
	case $word in
	PASS) t_ok "$what" ;;
	FAIL) t_not_ok "$what" ;;
	'#') t_diag "$what" ;;
	esac
done <"$OUT/said"
t_is $rc 0 "its status"
[ $rc = 0 ] || t_diag "$(tail -n 5 "$OUT/err")"
t_between $T_N 20 100 "all of it ran ($T_N)"
t_done
