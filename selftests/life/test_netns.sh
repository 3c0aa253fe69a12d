#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 120
# debug: smp
# tier: uml
#
# A namespace goes with everything in it at work: traffic, cells of a constant
# rate, a handshake under way, the device that it is bound to; the other host goes on sending.
. "$(dirname "$0")/../lib.sh"
. "$T_LIB/life/life.sh"
n=$(life_loops 6)
life_pair
life_flood b
users() { awk '$1 == "rtpl" { print $3 }' /proc/modules; }
held=$(users)

LIFE_BAD=
for ((LIFE_ROUND = 0; LIFE_ROUND < n; LIFE_ROUND++)); do
	life_flood a
	case $((LIFE_ROUND % 3)) in
	0) life_must a rtplctl peer set "$B_PUB" $LIFE_FAST ;;
	1) a rtplctl peer del "$B_PUB"; pair_peer a rate 20 latency 5s ;;
	# The device goes with it, which the socket is told of.
	2) life_must a rtplctl node set bind-device eth0 ;;
	esac
	if [ $((LIFE_ROUND % 2)) = 0 ]; then
		life_kill a
		ip netns del a
	else
		pids=$(ip netns pids a)
		ip netns del a
		kill -KILL $pids 2>/dev/null
	fi
	life_must life_netns a
	life_must life_device a
	life_must pair_node a
	life_must life_link a
	life_must life_plug a
	life_must pair_peer a
	life_must life_qdisc a
	life_must life_works
done
t_is "$LIFE_BAD" "" "a namespace goes under traffic and there is a new one, $n times"
same_users() { [ "$(users)" = "$held" ]; }
t_run "those that went gave the module back" wait_until 30 same_users
life_calm
t_done
