#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml
# timeout: 200
#
# The next hop has no address while packets wait: no profile looks again and again at one moment, which
# would take the processor for as long as it lasts (`requests` did: 3.7 million times in 8 s). Cells leave
# when the address is there.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
topo_up
pair_up || t_bail "no pair"
wait_until 20 a ping -c 1 -W 2 $B4 || t_bail "no link"
# Inner packets are IPv6, to a neighbour that is known; cells go to one that is not.
ip -n a neigh replace $B6 lladdr "$(ip -n b -j link show eth0 | jq -r '.[0].address')" nud permanent dev eth0
for profile in $(rtplctl -j profile list | jq -r '.profiles[].name'); do
	a rtplctl peer set "$B_PUB" profile "$profile" && b rtplctl peer set "$A_PUB" profile "$profile" ||
		t_bail "$profile"
	wait_until 20 a ping -c 1 -W 2 $B4 || t_not_ok "$profile: no link"
	before=$(pair_stat a slots_missed)
	ip -n o link set pb down
	ip -n a -4 neigh flush dev eth0
	a ping -q -6 -c 3 -i 0.5 -W 1 $B6 >/dev/null
	missed=$(($(pair_stat a slots_missed) - before))
	t_between $missed 0 6000 "$profile: $missed slots were missed in 2 s"
	ip -n o link set pb up
	t_run "$profile: and then cells leave" wait_until 20 a ping -6 -c 1 -W 2 $B6
done
t_done
