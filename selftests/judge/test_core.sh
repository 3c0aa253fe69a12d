#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 300
# order: 20
#
# The judge's ground: what it reads and refuses, that no group is on both sides of a split,
# what defended sets and their costs are, results by content, and its commands end to end.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/ground.sh
. "$T_LIB/ground.sh"
judge_needs scipy sklearn matplotlib dpkt
judge_simulator
judge_python 75 core.py
t_done
