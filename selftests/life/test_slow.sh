#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 150
# tier: uml
#
# test_qdisc.sh on a line of 4 Mbit/s, where cells are built when the device asks for them.
export LIFE_SLOW=4000000
exec "$(dirname "$0")/test_qdisc.sh"
