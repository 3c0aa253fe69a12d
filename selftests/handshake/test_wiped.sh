#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# Keys are wiped nine minutes after the last session began. Whoever has something to send about
# then gets new keys, and these stay: the wiping concerns the old ones.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
modprobe rtpl || t_bail "no module"
memory() { echo "$(pair_stat a memory) $(pair_stat b memory)" | awk '{ print $1 + $2 }'; }
for s in 530 539 540 541 543 546 550 554 558 570; do
	pair_up require off || t_bail "no nodes"
	wait_until 10 a ping -c 1 -W 1 $B4 || t_bail "no link"
	sleep $s
	t_run "$s s after the session began: a packet goes to and fro" a ping -c 1 -W 3 $B4
	t_run "and another" a ping -c 1 -W 3 $B4
	sleep 1
	keys=$(memory)
	sleep 700
	# A session's keys take more than 1500 bytes at each end.
	t_between "$(memory)" 1 $((keys - 3000)) "and these are wiped in their turn: bytes at both ends"
	pair_down
done
t_done
