#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 120
# tier: newest
# debug: no
#
# RTNL is the whole host's: a device that comes, is renamed or goes does not wait, under RTNL, for
# the lock of its namespace's node, which whoever is root there may hold for long with thousands of
# peers. Only a node that is bound to a device's name takes it. Not on the debug kernel, whose locks
# have other functions.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
trace=/sys/kernel/tracing

topo_up
pair_up || t_bail "no pair"
echo 'p:rtpltest/lock mutex_lock' >$trace/kprobe_events || t_skip_all "this kernel has no kprobes"
echo 'comm == "ip"' >$trace/events/rtpltest/lock/filter || t_bail "no filter"
echo 'stacktrace if comm == "ip"' >$trace/events/rtpltest/lock/trigger || t_bail "no trigger"
echo 4096 >$trace/buffer_size_kb

# locks: taken by the module's notifier for three events of a device in a's namespace.
locks() {
	echo >$trace/trace
	echo 1 >$trace/events/rtpltest/enable
	ip -n a link add one type veth peer name other &&
		ip -n a link set one name another &&
		ip -n a link del another || t_bail "no device"
	echo 0 >$trace/events/rtpltest/enable
	cp $trace/trace "$OUT/trace"
	grep -c '=> rtpl_config_netdev' $trace/trace
}
t_is "$(locks)" 0 "a node that is bound to no device: no event takes its lock"
a rtplctl node set bind-device eth0 || t_bail "not bound"
# Two come, one is renamed, two go.
t_is "$(locks)" 5 "a node that is bound to one: each does"
a rtplctl node set bind-device off || t_bail "still bound"
t_is "$(locks)" 0 "bound no more: none does"
echo '!stacktrace' >$trace/events/rtpltest/lock/trigger
echo >$trace/kprobe_events
t_done
