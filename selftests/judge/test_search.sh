#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 300
# order: 20
#
# The judge's search of settings: limits and order, errors that are none of a profile, the same
# search of one seed, and a cache that others tidy meanwhile.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
dist=/usr/lib/python3/dist-packages
need make:make gcc:gcc /usr/include/openssl/evp.h:libssl-dev /usr/include/jansson.h:libjansson-dev \
	/usr/include/lzma.h:liblzma-dev /usr/include/zlib.h:zlib1g-dev \
	$dist/numpy:python3-numpy $dist/scipy:python3-scipy $dist/sklearn:python3-sklearn
o=$(mktemp -d)
make -s -C "$T_LIB/../tools/sim" O="$o" >"$o/make" 2>&1 || t_bail "make: $(tail -n 5 "$o/make")"
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
rc=0
/usr/bin/python3 "$T_LIB/judge/search.py" "$T_LIB/../tools/judge" "$o/rtpl-sim" \
	>"$OUT/said" 2>"$OUT/err" || rc=$?
while read -r word what; do
	case $word in
	PASS) t_ok "$what" ;;
	FAIL) t_not_ok "$what" ;;
	'#') t_diag "$what" ;;
	esac
done <"$OUT/said"
t_is $rc 0 "its status"
[ $rc = 0 ] || t_diag "$(tail -n 5 "$OUT/err")"
t_between $T_N 25 100 "all of it ran ($T_N)"
t_done
