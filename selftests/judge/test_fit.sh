#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# A profile for one's own traffic: the program against closed forms, tables whose chances sum to
# 100 % in a text that compiles, a price that the simulator confirms, and what other visits show.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs scipy sklearn
judge_simulator
make -s -C "$T_LIB/../tools/profile" O="$OUT/profile" "$OUT/profile/rtpl-profile" >"$OUT/make" 2>&1 ||
	t_bail "make: $(tail -n 5 "$OUT/make")"
export RTPL_PROFILE=$OUT/profile/rtpl-profile
judge_python 35 fit.py
t_done
