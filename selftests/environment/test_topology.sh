#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml uml-tt
# timeout: 60
#
# The environment itself: two hosts, the observer between them, and what it can do.
. "$(dirname "$0")/../lib.sh"

topo_up
t_run "a reaches b over IPv4" a ping -c 1 -W 5 $B4
t_run "a reaches b over IPv6" a ping -6 -c 1 -W 5 $B6
t_run "b reaches a over IPv4" b ping -c 1 -W 5 $A4

capture_start "$OUT/ping.pcap" icmp
a ping -c 3 -i 0.2 -W 5 $B4 >/dev/null
capture_stop
n=$(tcpdump -nr "$OUT/ping.pcap" 2>/dev/null | wc -l)
t_is "$n" 6 "the observer sees each packet once"

impair a2b loss 100%
t_fails "the observer can drop what a sends" a ping -c 1 -W 1 $B4
impair a2b none
impair both delay 100ms
rtt=$(a ping -c 1 -W 10 $B4 | sed -n 's/.*time=\([0-9.]*\) ms/\1/p')
t_between "${rtt:-none}" 200 2000 "a delay of 100 ms each way is a round trip of 200"
impair both none
t_run "without impairment all is as before" a ping -c 1 -W 5 $B4

offload off
t_like "$(a ethtool -k eth0)" "tcp-segmentation-offload: off" "offloads can be turned off"

t_is "$(ls /sys/class/net | tr '\n' ' ')" "lo " "the test has a network of its own"
t_done
