#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# An end that was not there yet has not made the path narrow: if it answers an initiation of a
# smaller size, the full width is tried again at once, and not ten minutes later. A path that is
# narrow stays found so.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up
cell() { in_ns $1 rtplctl -j show | jq .peers[0].cell_now; }
is() { [ "$(cell a) $(cell b)" = "$1 $1" ]; }
# begin SECONDS: a asks, b comes so much later.
begin() {
	pair_keys
	pair_node a && pair_node b && pair_peer a && pair_qdisc a && pair_qdisc b || t_bail "no nodes"
	a ping -c 1 -W 1 $B4 >/dev/null
	sleep "$1"
	# Without an endpoint: b waits to be asked.
	b rtplctl peer add "$A_PUB" allowed "$A4/32,$A6/128" require on || t_bail "no peer"
	pair_wait 20 || t_bail "the link does not come up"
}
for s in 8 18; do
	begin $s
	t_run "$s s late: the whole width within seconds" wait_until 15 is 1472
	t_run "$s s late: and it carries" a ping -c 3 -i 0.1 -s 1400 -M do -W 5 $B4
	pair_down
done
# A narrow one: nothing above 1300 bytes passes, and nobody says so.
for port in pa pb; do
	tc -n o qdisc add dev $port clsact
	tc -n o filter add dev $port ingress matchall action police mtu 1314 rate 10gbit burst 10m conform-exceed drop/pipe
done
begin 1
t_run "a narrow path is found" wait_until 40 is 1252
sleep 40
t_is "$(cell a) $(cell b)" "1252 1252" "and stays so"
t_run "and carries" a ping -c 3 -i 0.1 -s 1400 -W 5 $B4
t_done
