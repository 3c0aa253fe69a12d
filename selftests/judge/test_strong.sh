#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 900
# order: 20
#
# The attacks that were made for this engine: on bursts, by the tables of an exchange, and several as one:
# made-up traces with known answers, what each is trained on, shuffled labels, and visits without packets.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs torch sklearn scipy
judge_python 15 strong.py
t_done
