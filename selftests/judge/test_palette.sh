#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
# order: 20
#
# The defence Palette, that shapes are compared with: sets of k sites or more, counts by the
# matrices, and what came is sent, in order and not before it came.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs
judge_python 19 palette.py
t_done
