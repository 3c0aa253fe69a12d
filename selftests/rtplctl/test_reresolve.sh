#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml
# timeout: 120
#
# The peer's address changes while it is silent, and the name in the file with it: once the
# link has been down for a while the name is asked for again, and only then.
. "$(dirname "$0")/../lib.sh"
topo_up
umask 077
pair_keys
modprobe rtpl
dir=$(mktemp -d)
mkdir -p /run/rtpl
[ -d /etc/rtpl ] || mkdir -p /etc/rtpl 2>/dev/null
mount -t tmpfs tmpfs /etc/rtpl || t_bail "no place for the file"
hosts() { printf '127.0.0.1 localhost\n%s\n' "$@" >"$dir/hosts"; }
hosts "$B4 peer.example"
mount --bind "$dir/hosts" /etc/hosts || t_bail "no /etc/hosts"

cat >/etc/rtpl/wan.conf <<-END
	[Node]
	PrivateKeyFile = $PAIR_DIR/a.key
	Listen = 51900
	Device = eth0
	[Peer]
	PublicKey = $B_PUB
	Endpoint = peer.example:51900
	Allowed = 10.9.0.2/32
END
a ip addr add 10.9.0.1/32 dev lo
b ip addr add 10.9.0.2/32 dev lo
a ip route add 10.9.0.2/32 dev eth0 src 10.9.0.1
pair_node b
b rtplctl peer add "$A_PUB" allowed 10.9.0.1/32
b ip route add 10.9.0.1/32 dev eth0 src 10.9.0.2
b tc qdisc add dev eth0 root rtpl
t_run "up, by name" a rtplctl up wan
inner() { a ping -c 1 -W 2 10.9.0.2; }
t_run "the link is up" wait_until 20 inner

where() { a rtplctl -j peer show | jq -r '.peers[0].endpoint'; }
again() { a rtplctl reresolve --after 0; }
hosts "192.0.2.9 peer.example"
t_is "$(a rtplctl -j reresolve | jq -c .)" '{"moved":[],"asked":0}' "a peer that answers is left alone"
t_is "$(where)" "$B4:51900" "and its endpoint"

# b moves without a word: what it would say does not come through.
b ip addr del $B4/24 dev eth0
b ip addr add 192.0.2.9/24 dev eth0
b ip route replace 10.9.0.1/32 dev eth0 src 10.9.0.2
b rtplctl node set private-key none
# What three minutes without an answer would do.
a rtplctl node set private-key none
a rtplctl node set private-key "$PAIR_DIR/a.key" listen 51900
t_isnt "$(a rtplctl -j peer show | jq -r '.peers[0].state')" up "the link is lost"
t_is "$(a rtplctl -j reresolve | jq -c .asked)" 0 "a peer that was heard a moment ago is left alone, too"
hosts "192.0.2.9 other.example"
t_fails_with 'warning: .*wan.conf:[0-9]+: cannot resolve "peer.example"' "a name that is gone is told" again
t_is "$(where)" "$B4:51900" "and changes nothing"
hosts "$B4 peer.example"
t_is "$(a rtplctl -j reresolve --after 0 wan | jq -c .)" '{"moved":[],"asked":1}' "the same address changes nothing"
hosts "$B4 peer.example" "192.0.2.9 peer.example"
t_is "$(again)" "wan: peer $B_PUB: peer.example is 192.0.2.9:51900 now, was $B4:51900" \
	"another address than the one that does not answer"
t_is "$(where)" "192.0.2.9:51900" "is the endpoint now"
pair_node b
t_run "the link is up again" wait_until 20 inner
t_is "$(again 2>&1)" "" "and is left alone"
t_fails_with 'is not a number of seconds' "--after x" a rtplctl reresolve --after x
t_fails_with 'cannot open "/etc/rtpl/nosuchname.conf"' "a name without a file" a rtplctl reresolve nosuchname
a rtplctl down wan
t_is "$(a rtplctl -j reresolve | jq -c .)" '{"moved":[],"asked":0}' "nothing up, nothing asked"
t_done
