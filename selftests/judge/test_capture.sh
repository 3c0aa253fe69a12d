#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 120
# order: 20
#
# The judge's captures of one's own hosts: the order of visits, their files, windows and rests,
# and what goes wrong, with a script in tcpdump's place.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
dist=/usr/lib/python3/dist-packages
need $dist/numpy:python3-numpy $dist/scipy:python3-scipy $dist/sklearn:python3-sklearn \
	$dist/dpkt:python3-dpkt
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
rc=0
/usr/bin/python3 "$T_LIB/judge/capture.py" -v >"$OUT/said" 2>&1 || rc=$?
# A test of several words' docstring has its result on the line after.
while read -r name result; do
	case $result in
	ok) t_ok "$name" ;;
	*) t_not_ok "$name" "$result" ;;
	esac
done < <(awk '
	/^test_[a-z_]+ \(/ { name = $1 }
	name && / \.\.\. / { sub(/.* \.\.\. /, ""); print name, $0; name = "" }' "$OUT/said")
t_between "$T_N" 9 100 "all of them ran"
t_is $rc 0 "their status"
[ $rc = 0 ] || t_diag "$(tail -n 40 "$OUT/said")"
t_done
