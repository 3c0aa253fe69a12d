#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 400
# tier: uml
# debug: no
#
# Nothing leaves in clear while qdisc, device, peer, namespace and module are
# taken away and restored under traffic: each kind of round once. Many rounds,
# and on the debug kernel: test_leaks_long.sh.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
. "$T_LIB/life/rounds.sh"
. "$T_LIB/life/leaktest.sh"
leaktest "${RTPL_ROUNDS:-13}"
