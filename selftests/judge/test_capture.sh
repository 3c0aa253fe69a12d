#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
# order: 20
#
# The judge's captures of one's own hosts: the order of visits, their files, windows and rests,
# and what goes wrong, with a script in tcpdump's place.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs scipy sklearn dpkt
judge_python 9 capture.py
t_done
