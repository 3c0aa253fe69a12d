#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# The judge's table, JSON and page of made-up results: whole, minimal, with missing keys and
# names that would break out of HTML or a terminal; and the pictures in
# the documentation are of what was recorded.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs matplotlib
judge_python 29 page.py
t_done
