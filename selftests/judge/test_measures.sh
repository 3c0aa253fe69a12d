#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# The judge's measures (intervals, AUPRC, information in bits, tests between classes) against
# closed forms, integration, scikit-learn, and how often they are right over many repeats;
# figures are printed (run-tests -v shows them).
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs scipy sklearn
judge_python 32 measures.py
t_done
