#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 300
# order: 20
#
# The neural attacks (Deep Fingerprinting, Tik-Tok, RF, token streams): made-up traces with known
# answers, shuffled labels, seeds, visits without packets, and networks as published.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
need /usr/lib/python3/dist-packages/torch:python3-torch \
	/usr/lib/python3/dist-packages/sklearn:python3-sklearn

said=$(OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$T_LIB/judge/nets.py" -v 2>&1)
rc=$?
while read -r name how; do
	case $how in
	ok) t_ok "$name" ;;
	*) t_not_ok "$name" "$how" ;;
	esac
done < <(sed -nE 's/^(test_[a-z_0-9]+) \(.*\.\.\. ?(.*)$/\1 \2/p' <<<"$said")
t_is "$rc" 0 "all of nets.py"
[ $rc = 0 ] || t_diag "$said"
t_between "$T_N" 21 100 "all of it was judged"
t_done
