#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 120
# tier: newest
#
# Namespaces that never heard of RTPL go as fast as without it: it waits for grace periods once
# for all that go together, not for each. A host of containers deletes them by the hundred.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
many=24
trace=/sys/kernel/tracing

modprobe rtpl || t_bail "module"
modprobe -r vxlan 2>/dev/null
{
	echo 'p:rtpltest/net synchronize_net'
	echo 'p:rtpltest/barrier rcu_barrier'
} >$trace/kprobe_events || t_skip_all "this kernel has no kprobes"
for e in net barrier; do echo stacktrace >$trace/events/rtpltest/$e/trigger; done
echo 4096 >$trace/buffer_size_kb
echo >$trace/trace

started() { [ "$(pgrep -c -x -f 'sleep 86421')" = "$many" ]; }
pids=
for ((i = 0; i < many; i++)); do
	unshare --net sleep 86421 &
	pids="$pids $!"
done
t_run "$many namespaces begin" wait_until 30 started
echo 1 >$trace/events/rtpltest/enable
# shellcheck disable=SC2086 # words
kill $pids
# shellcheck disable=SC2086 # words
wait $pids 2>/dev/null
# Whoever registers for namespaces waits until those that go are gone.
t_run "and are gone" modprobe vxlan
echo 0 >$trace/events/rtpltest/enable
waits=$(awk '/rtpltest|: (net|barrier): / { n = 1 } n && /=> rtpl_net_exit/ { w++; n = 0 } END { print w + 0 }' $trace/trace)
cp $trace/trace "$OUT/trace"
for e in net barrier; do echo '!stacktrace' >$trace/events/rtpltest/$e/trigger; done
echo >$trace/kprobe_events
t_between "$waits" 1 $((many - 1)) "of $many namespaces not each one waits for a grace period ($waits waits)"
t_done
