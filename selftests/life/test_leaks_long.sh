#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 900
# tier: all
#
# Nothing leaves in clear, and nothing is left behind, while qdisc, device, peer,
# namespace and module are taken away and restored under traffic, in random
# order, 60 rounds; 20 on the debug kernel (SMP, KASAN, lockdep, kmemleak), which takes minutes for one.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
. "$T_LIB/life/rounds.sh"
. "$T_LIB/life/leaktest.sh"
case ${RTPL_KERNEL:-} in debug*) n=20 ;; *) n=60 ;; esac
leaktest "${RTPL_ROUNDS:-$n}"
