#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# What no padding and cover can go below: against closed forms, the dual, schemes by chance, and the
# figures of a sketch of the same program for the same ten kinds of requests.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs scipy sklearn
judge_python 24 bound.py
t_done
