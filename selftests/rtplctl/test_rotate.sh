#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml
# timeout: 300
#
# Both ends' keys are exchanged while packets go both ways: none is lost, and none leaves in clear.
. "$(dirname "$0")/../lib.sh"
umask 077
topo_up
pair_up keepalive 5s || t_bail "no pair"
pair_wait 60 || t_bail "the link does not come up"
key() { in_ns "$1" rtplctl -j node show | jq -r .public_key; }
peers() { in_ns "$1" rtplctl -j show | jq -r '[.peers[] | "\(.public_key) \(.allowed | join(","))"] | join(" ")'; }
knows() { in_ns "$1" rtplctl peer show "$2"; }

# rotate HOST OTHER NUMBER [NAME]: HOST gets a new key, OTHER, who may call it NAME, knows it in time.
rotate() {
	local old new rc=0
	old=$(key "$1")
	rtplctl genkey >"$OUT/$1.$3"
	new=$(rtplctl pubkey <"$OUT/$1.$3")
	in_ns "$2" rtplctl rotate peer "${4:-$old}" "$new" wait 60s >"$OUT/rotated" 2>&1 &
	wait_until 20 knows "$2" "$new" || t_bail "$2 does not take the new key"
	in_ns "$1" rtplctl rotate node "$OUT/$1.$3" >"$OUT/public" || t_bail "rotate node"
	wait $! || rc=$?
	t_is "$rc $(cat "$OUT/rotated")" "0 the peer is $new now: a file that has the peer needs that as its PublicKey" \
		"$1's key: the other end has moved to it, and says what is next"
	t_is "$(cat "$OUT/public") $(key "$1")" "$new $new" "$1's key: it is the new one"
	t_unlike "$(peers "$2")" "${old//+/[+]}" "$1's key: the old one is gone at the other end"
}

clear="icmp or icmp6 and (ip6[40] == 128 or ip6[40] == 129)"
capture_start "$OUT/clear.pcap" "$clear"
prefixes=$(peers b | cut -d ' ' -f 2)
a ping -i 0.05 -W 5 $B4 >"$OUT/there" 2>&1 &
there=$!
b ping -i 0.05 -W 5 $A6 >"$OUT/back" 2>&1 &
back=$!
rotate a b 1
rotate b a 1
b rtplctl peer set "$(key a)" name "of a"
rotate a b 2 "of a"
t_is "$(b rtplctl -j show | jq -c "[.peers[].name]")" '["of a"]' "by its name, which it keeps"
t_is "$(peers b)" "$(key a) $prefixes" "the peer has the prefixes that it had"
pkill -INT -x ping
wait $there $back
capture_stop
t_like "$(grep transmitted "$OUT/there")" ' 0% packet loss' "none was lost: $(grep transmitted "$OUT/there")"
t_like "$(grep transmitted "$OUT/back")" ' 0% packet loss' "nor the other way: $(grep transmitted "$OUT/back")"
t_is "$(tcpdump -nr "$OUT/clear.pcap" 2>/dev/null | wc -l)" 0 "and none left in clear"

# What cannot be.
t_fails_with 'there is no peer' "of a peer that is not there" \
	b rtplctl rotate peer "$(rtplctl genkey | rtplctl pubkey)" "$(key a)" wait 0
new=$(rtplctl genkey | rtplctl pubkey)
short=${new:0:8}
t_fails_with "no link yet: the old one stays in use .*\"rtplctl peer del NEWKEY\", the whole key that begins with ${short//+/[+]}, gives up; the old one must stay" "a key that nobody has" b rtplctl rotate peer "$(key a)" "$new" wait 0
t_run "the old one works" a ping -c 1 -W 10 $B4
t_like "$(peers b)" "$prefixes" "and has its prefixes"
t_run "given up" b rtplctl peer del "$new"
t_done
