#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# Chance: samples of the core's tables against SciPy's distributions, and private windows
# against closed forms and the privacy loss itself. 200,000 samples of each here, a
# million in test_chance_full.sh; figures of each are printed (run-tests -v shows them).
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
need make:make gcc:gcc /usr/include/openssl/evp.h:libssl-dev \
	/usr/lib/python3/dist-packages/scipy:python3-scipy
o=$RTPL_BUILD/chance
mkdir -p "$o"

# judged NAME LEAST COMMAND...: a result for each line of judgement, LEAST of them at least
judged() {
	local name=$1 least=$2 rc=0 lines=0 word what
	shift 2
	"$@" -O "$o" >"$o/said" 2>"$o/err" || rc=$?
	while read -r word what; do
		case $word in
		PASS) t_ok "$name: $what" ;;
		FAIL) t_not_ok "$name: $what" ;;
		*) continue ;;
		esac
		lines=$((lines + 1))
	done <"$o/said"
	t_is "$rc" 0 "$name: its status"
	[ $rc = 0 ] || t_diag "$(tail -n 3 "$o/err")"
	t_between $lines "$least" 1000 "$name: all of it was judged ($lines)"
}

least=80
[ -z "${CHANCE_SAMPLES:-}" ] || least=90
judged dist $least /usr/bin/python3 "$T_LIB/shape/dist-against-scipy.py" -n "${CHANCE_SAMPLES:-200000}"
judged dp 55 /usr/bin/python3 "$T_LIB/shape/dp-against-reference.py" -n "${CHANCE_SAMPLES:-200000}"
t_done
