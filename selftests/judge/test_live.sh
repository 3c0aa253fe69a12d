#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 600
# order: 94
#
# The judge's live runs: plans, captures made by hand, and four visits of real programs in
# virtual time, without RTPL and at a constant rate, and six among five clients', by a slow ladder.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs
judge_simulator
judge_python 27 live.py
t_done
