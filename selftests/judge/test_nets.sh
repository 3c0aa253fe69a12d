#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# The neural attacks (Deep Fingerprinting, Tik-Tok, RF, token streams): made-up traces with known
# answers, shuffled labels, seeds, visits without packets, and networks as published.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs torch sklearn
judge_python 25 nets.py
t_done
