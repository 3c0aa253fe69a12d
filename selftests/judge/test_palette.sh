#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 120
# order: 20
#
# The defence Palette, that shapes are compared with: sets of k sites or more, counts by the
# matrices, and what came is sent, in order and not before it came.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
need /usr/lib/python3/dist-packages/numpy:python3-numpy

/usr/bin/python3 "$T_LIB/judge/palette.py" -v >"$OUT/said" 2>&1
rc=$?
while read -r name _ _ result; do
	case $result in
	ok) t_ok "$name" ;;
	FAIL | ERROR) t_not_ok "$name" ;;
	esac
done < <(grep -E '^test_.* \.\.\. ' "$OUT/said")
t_is "$rc" 0 "the module's status"
[ $rc = 0 ] || t_diag "$(grep -E '^[A-Za-z.]*(Error|Exception)|^(FAIL|ERROR):' "$OUT/said")"
t_between $T_N 19 100 "all of it was run ($T_N)"
t_done
