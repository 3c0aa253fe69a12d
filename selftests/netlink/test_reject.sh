#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 120
# tier: newest
#
# Every refusal of the netlink family; see reject.py.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
topo_up
T_DONE=1
cd "$T_LIB/netlink" || exit
a python3 reject.py
exit
