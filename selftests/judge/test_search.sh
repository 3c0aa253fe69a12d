#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# The judge's search of settings: limits and order, errors that are none of a profile, the same
# search of one seed, and a cache that others tidy meanwhile.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs scipy sklearn
judge_simulator
judge_python 24 search.py
t_done
