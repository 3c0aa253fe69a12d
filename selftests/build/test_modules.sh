#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 1800
# order: 20
#
# The module builds for each kernel, the tools build, and nothing is said.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit

for k in 6.1 6.12 uml; do
	said=$(make -s --no-print-directory modules-$k 2>&1)
	rc=$?
	t_is $rc 0 "the module builds for $k"
	warn=$(grep -E 'warning|WARNING|error|undefined' <<<"$said")
	t_is "$warn" "" "without a warning on $k"
	t_run "build/$k/rtpl.ko is there" test -s "${RTPL_BUILD:-build}/$k/rtpl.ko"
done
said=$(make -s --no-print-directory userland 2>&1)
t_is $? 0 "the tools build"
t_is "$(grep -E 'warning|error' <<<"$said")" "" "without a warning"
t_done
