#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# The judge's environment: what it reads and refuses, that no group is on both sides of a split,
# what defended sets and their costs are, results by content, and its commands end to end.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
# Without any of the packages that it works with: stand-ins that are not there.
bare=$(mktemp -d)
for m in numpy scipy sklearn matplotlib dpkt; do
	printf 'raise ModuleNotFoundError("No module named %s", name="%s")\n' $m $m >"$bare/$m.py"
done
for w in --help --version "run --help" "capture --help" "page --help"; do
	# shellcheck disable=SC2086 # words
	t_run "rtpl-judge $w, without numpy" env PYTHONPATH="$bare" "$T_LIB/../tools/judge/rtpl-judge" $w
done
t_fails_with "Python's numpy is missing: apt install python3-numpy" "what needs it says so" \
	env PYTHONPATH="$bare" "$T_LIB/../tools/judge/rtpl-judge" make-data "$bare/x"
rm -r "$bare"
judge_needs scipy sklearn matplotlib dpkt
judge_simulator
judge_python 130 core.py
t_done
