#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 180
# order: 20
#
# The judge's attacks of a forest or an SVM: features of visits worked out by hand, and
# made-up traces of which it is known what each attack must find and must not.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs sklearn
judge_python 30 attacks.py
t_done
