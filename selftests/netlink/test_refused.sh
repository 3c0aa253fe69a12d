#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC2153 # A_PUB, B_PUB: pair_keys
# environment: vm uml-tt
# timeout: 90
# tier: newest
#
# What the kernel refuses, seen through rtplctl: its sentence, status 1, and the
# same configuration as before. reject.py has every refusal; these are those
# that user space cannot see coming.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
umask 077
topo_up
pair_keys
pair_node a
pair_peer a
C_PUB=$(rtplctl genkey | rtplctl pubkey)
conf() { a rtplctl showconf --show-keys; }

# refused NAME REGEX ARG...: of rtplctl in a.
refused() {
	local name=$1 want=$2 said rc=0 before
	shift 2
	before=$(conf)
	said=$(a rtplctl "$@" 2>&1) || rc=$?
	t_is $rc 1 "$name: status 1"
	t_like "$said" "$want" "$name: says why"
	t_is "$(conf)" "$before" "$name: nothing has changed"
}

refused "peer that is there" "is there already" peer add "$B_PUB"
refused "own key" "this node's own" peer add "$A_PUB"
refused "unknown peer" "there is no peer" peer set "$C_PUB" keepalive 5
refused "endpoint without a route" "no route to endpoint 203.0.113.1:9" peer add "$C_PUB" endpoint 203.0.113.1:9
refused "cell above the MTU" "1472 bytes to endpoint 192.0.2.3:9" peer add "$C_PUB" endpoint 192.0.2.3:9 cell 1473
refused "rate below the budget" "latency budget" peer add "$C_PUB" rate 10
nsenter --net=/run/netns/a -- socat -u UDP-RECV:51998 /dev/null &
wait_until 10 listening a 51998 -u
refused "port in use" "port 51998 is in use" node set listen 51998
kill $!
t_run "the same peer with nothing wrong" a rtplctl peer add "$C_PUB" endpoint 192.0.2.3:9 allowed 198.51.100.0/24 cell 1472 rate 100
t_done
