#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 120
# tier: newest
#
# Dumps over several messages, generations, events; see dump.py.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
ip netns add a
ip -n a link set lo up
T_DONE=1
cd "$T_LIB/netlink" || exit
a python3 dump.py
exit
