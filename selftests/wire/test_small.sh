#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 600
# tier: uml
#
# Cells of 64 bytes, the smallest: small packets cost what they should, large ones are cut and
# joined, and whatever happens (keys renewed, an end restarted, a narrow path) all datagrams have
# sizes of the shape, and handshakes the largest.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$T_LIB/traffic/bytes.sh"

look() { # what was captured; sizes, handshakes: what of it
	capture_stop
	said=$("$PCAP" "$OUT/cells.pcap" $PAIR_PORT $A4 $B4 $A6 $B6)
}
sizes() { jq -r ".${1:-sizes} | keys_unsorted | join(\" \")" <<<"$said"; }
carries() { # NAME: ping, UDP, TCP and IPv6
	local server
	t_run "$1: ping" a ping -q -c 3 -i 0.2 -W 5 $B4
	t_run "$1: small ones" a ping -q -c 20 -i 0.05 -s 0 -W 5 $B4
	t_run "$1: one of 8 KB, in fragments" a ping -q -c 2 -i 0.2 -s 8000 -W 5 $B6
	nsenter --net=/run/netns/b -- "$XFER" collect $B4 7020 3 >"$OUT/got" &
	server=$!
	wait_until 10 listening b 7020 -u
	a "$XFER" burst $B4 7020 12 100
	wait $server
	t_is "$(cat "$OUT/got")" "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]" "$1: UDP"
	nsenter --net=/run/netns/b -- socat -u "TCP4-LISTEN:7005,reuseaddr" "CREATE:$OUT/sent.b" &
	server=$!
	wait_until 20 listening b 7005
	a socat -u "OPEN:$OUT/sent" "TCP4:$B4:7005"
	wait $server
	t_run "$1: TCP, $(stat -c %s "$OUT/sent") bytes in super-packets" cmp "$OUT/sent" "$OUT/sent.b"
}
head -c 400000 /dev/urandom >"$OUT/sent"

topo_up
wire_like
pair_keys
modprobe rtpl
t_fails_with 'cell "64" is not between 256 and 9000' "one size of 64 is refused: no handshake has it" \
	pair_peer a cell 64
t_fails_with 'holds no size of 256 bytes or more, which a handshake needs' "a list without a size for handshakes, too" \
	pair_peer a cell 64,128

capture_start "$OUT/cells.pcap"
pair_up cell 64,100,256,1400 latency off || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
carries "from 64 on"

# Either end may have begun the session that is renewed; after 120 s.
rekeys() { echo $(($(pair_stat a rekeys) + $(pair_stat b rekeys))); }
rekeyed() { [ "$(rekeys)" -gt "$was" ]; }
renew() {
	was=$(rekeys)
	a ping -q -i 1 -c 122 $B4 >/dev/null
	wait_until 30 rekeyed
}
t_run "keys are renewed" renew

b rtplctl peer del "$A_PUB"
a ping -q -c 2 -i 0.2 -W 1 $B4 >/dev/null
pair_peer b cell 64,100,256,1400 latency off || t_bail "the peer does not come again"
t_run "b restarted" wait_until 40 a ping -c 1 -W 1 $B4
carries "after that"
look
t_is "$(sizes)" "64 100 256 1400" "on the wire: these sizes and no other"
t_is "$(sizes handshakes)" 1400 "handshakes: the largest"
t_is "$(jq '.clear + .fragments' <<<"$said")" 0 "nothing but cells"
t_is "$(node_dropped a | grep -oE '(short|auth|bad-[a-z]+|reasm-[a-z]+|too-big|handshake-type)=[0-9]+') $(node_dropped b | grep -oE '(short|auth|bad-[a-z]+|reasm-[a-z]+|too-big|handshake-type)=[0-9]+')" \
	" " "neither end refused one"

# An acknowledgement costs 128 bytes on the wire instead of 284.
capture_start "$OUT/cells.pcap" "udp port $PAIR_PORT and src $B4"
nsenter --net=/run/netns/b -- socat -u TCP4-LISTEN:7006,reuseaddr OPEN:/dev/null &
server=$!
wait_until 20 listening b 7006
# Nothing but acknowledgements comes back, of 52 bytes each; handshakes of TCP have 60.
a sh -c "for i in 1 2 3 4 5 6 7 8 9 10; do echo x; sleep 0.1; done | socat -u - TCP4:$B4:7006"
wait $server
look
t_is "$(sizes)" "100" "acknowledgements leave in cells of 100 bytes: $(jq -c .sizes <<<"$said")"
t_between "$(jq .cells <<<"$said")" 10 20 "one each"
pair_down

# Of the sizes that a handshake may have the path carries none: it takes the path's.
capture_start "$OUT/cells.pcap"
pair_up cell 64,128,1400 latency off || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
for h in a b; do
	in_ns $h ip route add "$([ $h = a ] && echo $B4 || echo $A4)/32" dev eth0 mtu lock 628
done
a ping -q -c 3 -i 0.2 -W 5 $B4 >/dev/null
b ping -q -c 3 -i 0.2 -W 5 $A4 >/dev/null
capture_stop
capture_start "$OUT/cells.pcap"
t_run "a narrow path: keys are renewed" renew
a ping -q -c 3 -i 0.2 -s 900 -W 5 $B4 >/dev/null
a ping -q -c 3 -i 0.2 -s 0 -W 5 $B4 >/dev/null
look
t_is "$(sizes)" "64 128 600" "sizes there: those that fit, and the path's"
t_is "$(sizes handshakes)" 600 "handshakes there: the path's"
rm -f "$OUT/sent" "$OUT/sent.b" "$OUT/got" "$OUT/cells.pcap"
t_done
