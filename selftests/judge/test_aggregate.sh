#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# Sets of many clients on one link: their form, what make-data draws, how they are played before an
# observer, how long requests take, and the attack on bytes in bins.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs scipy sklearn
judge_simulator
judge_python 30 aggregate.py
t_done
