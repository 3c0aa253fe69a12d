#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 120
#
# The module cannot be unloaded while a required peer is configured anywhere;
# a namespace that dies under traffic takes its peers and its leakguard along.
. "$(dirname "$0")/../lib.sh"
module_gone
modprobe rtpl || t_skip_all "no module"
topo_up
pair_keys
pair_node a

users() { awk '$1 == "rtpl" { print $3 }' /proc/modules; }
t_is "$(users)" 0 "nothing holds the module"
pair_peer a
t_is "$(users)" 1 "a required peer holds the module"
t_fails "it cannot be unloaded" rmmod rtpl
a rtplctl peer set "$B_PUB" require off
t_is "$(users)" 0 "a peer that is no longer required does not"
a rtplctl peer set "$B_PUB" require on
a rtplctl peer set "$B_PUB" require on
t_is "$(users)" 1 "required twice holds it once"
a rtplctl peer del "$B_PUB"
t_is "$(users)" 0 "a peer that is gone does not"
t_fails "a refused peer does not" a rtplctl peer add "$B_PUB" endpoint 203.0.113.1:1
t_is "$(users)" 0 "indeed"

# Three rounds: both hosts under traffic, then their namespaces go.
topo_down
for i in 1 2 3; do
	topo_up
	PAIR_DIR=
	pair_up
	wait_until 20 a ping -c 1 -W 1 $B4 || t_not_ok "round $i: no link"
	nsenter --net=/run/netns/a -- ping -f $B4 >/dev/null 2>&1 &
	pings=$!
	nsenter --net=/run/netns/b -- ping -f $A6 >/dev/null 2>&1 &
	pings="$pings $!"
	sleep 0.5
	# The namespaces lose their names now, and the pings are in them until they end.
	topo_down
	sleep 0.2
	# shellcheck disable=SC2086 # two of them
	kill $pings
	wait
done
t_run "namespaces that go give the module back" wait_until 20 sh -c "[ \$(awk '\$1 == \"rtpl\" { print \$3 }' /proc/modules) = 0 ]"
t_run "it can be unloaded then" rmmod rtpl
t_run "and loaded again" modprobe rtpl
t_done
