#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 180
#
# rtplctl's parsers, and its way from one configuration to another against a
# kernel made of paper: see unit_main.c.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
o=$(mktemp -d)
make -s -C tools/rtplctl O="$o" unit >"$o/log" 2>&1 || t_bail "make unit: $(tail -n 5 "$o/log")"
said=$("$o/unit" 2>&1)
t_is $? 0 "unit tests: $(grep -c '^ok' <<<"$said") passed"
grep '^not ok' <<<"$said" | sed 's/^/# /'
t_is "$(tail -n 1 <<<"$said")" "1..$(grep -cE '^(not )?ok' <<<"$said")" "all of them ran"
rm -rf "$o"
t_done
