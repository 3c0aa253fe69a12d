#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml
# timeout: 90
#
# monitor: each change of the configuration is an event that says who asked for it and
# what it was and is, but no secret; and monitor ends when nobody reads it. Names of peers,
# wherever a peer is shown; JSON that says what is there.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
umask 077
topo_up
pair_keys
# changed FILTER: of the newest event of host a.
changed() { tail -n 1 "$OUT/events.a" | jq -cr "$1"; }
# seen N: have N events been written?
seen() { [ "$(wc -l <"$OUT/events.a")" -ge "$1" ]; }
# event_is NAME FILTER WANTED CMD...: CMD's event, and no other, is the next.
event_is() {
	local name=$1 filter=$2 want=$3 n
	shift 3
	n=$(wc -l <"$OUT/events.a")
	"$@" || { t_not_ok "$name" "$* failed"; return; }
	wait_until 10 seen $((n + 1)) || { t_not_ok "$name" "no event"; return; }
	t_is "$(changed "$filter")" "$want" "$name"
}
events_start a
nsenter --net=/run/netns/a -- rtplctl monitor >"$OUT/text" &
text=$!
wait_until 10 eval '[ "$(in_ns a awk '"'"'$2 == 16 && $4 != "00000000" { n++ } END { print n + 0 }'"'"' /proc/self/net/netlink)" -ge 2 ]'

event_is "a node's key and port" '[.event, .uid, (.portid > 0), .before.public_key, .after.public_key, .after.listen]' \
	"[\"node-changed\",0,true,null,\"$A_PUB\",$PAIR_PORT]" pair_node a
event_is "a node's mark" '[.event, .before, .after]' '["node-changed",{"fwmark":0},{"fwmark":7}]' \
	a rtplctl node set fwmark 7
event_is "a peer that comes" '[.event, .public_key, .before, .after.allowed, .after.require, .after.keepalive]' \
	"[\"peer-added\",\"$B_PUB\",{},[\"198.51.100.0/24\",\"203.0.113.0/24\"],true,0]" \
	a rtplctl peer add "$B_PUB" allowed 198.51.100.0/24,203.0.113.0/24
event_is "its keepalive, and nothing else" '[.event, .before, .after]' \
	'["peer-changed",{"keepalive":0},{"keepalive":20}]' a rtplctl peer set "$B_PUB" keepalive 20
event_is "its prefixes: those that went and those that came" '[.before, .after]' \
	'[{"allowed":["203.0.113.0/24"]},{"allowed":["203.0.113.128/25"]}]' \
	a rtplctl peer set "$B_PUB" allowed 198.51.100.0/24,203.0.113.128/25
event_is "its profile" '[.before, .after]' '[{},{"profile":"wtfpad"}]' a rtplctl peer set "$B_PUB" profile wtfpad
a rtplctl genpsk >"$OUT/psk"
event_is "its pre-shared key: that there is another one" '[.event, .preshared_key_changed, .before, .after]' \
	'["peer-changed",true,{},{}]' a rtplctl peer set "$B_PUB" psk "$OUT/psk"
# The owner's event comes before the one of who takes.
other=$(a rtplctl genkey 2>/dev/null | rtplctl pubkey)
a rtplctl peer add "$other" allowed 198.51.100.0/24
wait_until 10 eval 'tail -n 1 "$OUT/events.a" | grep -q peer-added'
t_is "$(tail -n 2 "$OUT/events.a" | head -n 1 | jq -c '[.event, .public_key, .before, .after]')" \
	"[\"peer-changed\",\"$B_PUB\",{\"allowed\":[\"198.51.100.0/24\"]},{}]" "a prefix that another peer takes"
event_is "a qdisc" '[.event, .device, .uid, .unprotected, .before, .after.latency_ns]' \
	'["qdisc-changed","eth0",0,"drop",{},20000000]' a tc qdisc add dev eth0 root handle 1: rtpl unprotected drop latency 20ms
event_is "its options" '[.event, .before.latency_ns, .after.latency_ns]' '["qdisc-changed",20000000,10000000]' \
	a tc qdisc change dev eth0 handle 1: root rtpl latency 10ms
event_is "its end" '[.event, .device, .after]' '["qdisc-removed","eth0",{}]' a tc qdisc del dev eth0 root
event_is "a profile" '[.event, .profile, .uid]' '["profile-loaded","off",0]' a rtplctl profile load off
# Names: shown with the key, wherever a peer is.
event_is "its name" '[.event, .name, .before, .after]' '["peer-changed",null,{},{"name":"Büro Nord"}]' \
	a rtplctl peer set "$B_PUB" name "Büro Nord"
t_like "$(a rtplctl show)" "^  name: Büro Nord$" "show has it"
t_like "$(a rtplctl stats "$B_PUB")" "^  name: Büro Nord$" "stats, too"
t_is "$(a rtplctl -j show | jq -c '[.peers[] | [.name, .stats.name]] | sort')" '[[null,null],["Büro Nord","Büro Nord"]]' "and both as JSON"
t_is "$(a rtplctl show --brief | grep -c .)" 2 "show --brief is a line for each peer"
t_like "$(a rtplctl show --brief)" "^$(tr + . <<<"$B_PUB") [a-z]+ - wtfpad \"Büro Nord\" 0/0 bytes, never$" "with its name, in quotes for its blank"
a rtplctl --show-keys showconf >"$OUT/conf"
t_like "$(<"$OUT/conf")" "^Name = Büro Nord$" "showconf writes it"
t_like "$(a rtplctl setconf "$OUT/conf")" " 0 changed, .* 2 unchanged" "setconf reads it"
sed -i 's/^Name = .*/Name = Lager/' "$OUT/conf"
event_is "and changes it" '[.name, .before, .after]' '["Büro Nord",{"name":"Büro Nord"},{"name":"Lager"}]' a rtplctl setconf "$OUT/conf"
t_fails_with 'is not UTF-8 without control characters' "a name for a terminal to obey" a rtplctl peer set "$B_PUB" name $'x\e[2J'
t_fails_with 'is not UTF-8' "a name in another encoding" a rtplctl peer set "$B_PUB" name $'B\xfcro'

# JSON.
t_is "$(a rtplctl -j show | jq -c '[.peers[] | .preshared_key] | sort')" '[null,"(hidden)"]' "that there is a pre-shared key is shown, not the key"
t_is "$(a rtplctl showconf | grep -c 'Key = (hidden)')" 2 "in showconf, too"
t_is "$(a rtplctl -j stats | jq -r '.peers[].leak | .bound, .ever' | sort -u)" unbounded "no bound is unbounded, not none"
ip -n a link add $'d\xff' type dummy
ip -n a link set $'d\xff' up
ip -n a addr add 192.0.2.99/32 dev $'d\xff'
a tc qdisc add dev $'d\xff' root rtpl
t_is "$(a rtplctl -j show | jq -c '[.devices[].device]')" '["d�"]' "a device's name that is not UTF-8 is there"
ip -n a link del $'d\xff'
# The nearest name.
t_fails_with 'no profile of that name: "standrad" \(is standard meant\?\)' "a profile that does not exist" a rtplctl peer set "$B_PUB" profile standrad
sed -i 's/^Profile = .*/Profile = enhnaced/' "$OUT/conf"
t_fails_with 'is enhanced meant' "in a file" a rtplctl setconf "$OUT/conf"

event_is "a peer that goes" '[.event, .public_key, .before.keepalive, .after]' "[\"peer-removed\",\"$B_PUB\",20,{}]" \
	a rtplctl peer del "$B_PUB"
n=$(wc -l <"$OUT/events.a")
a rtplctl node set fwmark 7
event_is "a request that changes nothing is no event" '[.before.fwmark, .after.fwmark]' '[7,8]' a rtplctl node set fwmark 8
t_is "$(wc -l <"$OUT/events.a")" $((n + 1)) "and none is between"

t_like "$(cat "$OUT/text")" "peer-changed peer $(tr + . <<<"$B_PUB") by uid 0 netlink port [0-9]+: keepalive off -> 20 s$" "as text"
t_like "$(cat "$OUT/text")" " latency 20ms -> 10ms$" "as show has it"
t_like "$(cat "$OUT/text")" "profile-loaded profile off by uid 0 netlink port [0-9]+$" "no colon where nothing follows"
t_unlike "$(cat "$OUT/text")" "_(ns|ms|s) " "no key of JSON in it"
kill $text
events_stop a
t_is "$(grep -cF -e "$(<"$OUT/psk")" -e "$(<"$PAIR_DIR/a.key")" "$OUT/events.a" "$OUT/text" | paste -sd ' ')" \
	"$OUT/events.a:0 $OUT/text:0" "no secret in any of them"

# What is set already is not set again.
printf '[Node]\nPrivateKeyFile = %s\nDevice = eth0\nCell = 1000\nRate = 8mbit\nLatency = 20ms\nLimit = 70\nUnprotected = drop\n' \
	"$PAIR_DIR/b.key" >"$OUT/same.conf"
mkdir -p /run/rtpl
b rtplctl up "$OUT/same.conf"
events_start b
t_like "$(b rtplctl setconf "$OUT/same.conf")" "^peers: 0 added" "setconf of what is set"
sed -i 's/^Limit.*/Limit = 71/' "$OUT/same.conf"
b rtplctl setconf "$OUT/same.conf" >/dev/null
t_run "another limit is an event" wait_until 10 event b qdisc-changed
events_stop b
t_is "$(jq -c '[.event, .before, .after]' "$OUT/events.b")" '["qdisc-changed",{"limit":70},{"limit":71}]' "and the only one"
b rtplctl down "$OUT/same.conf"

# Two ends that do not fit tell each other so, and stop when they do.
fits() { [ "$(a rtplctl -j show | jq -c '.peers[].mismatch')$(b rtplctl -j show | jq -c '.peers[].mismatch')" = "$1$1" ]; }
talk() { a ping -c 1 -W 2 $B4 && fits "$1"; }
a rtplctl peer del "$other"
a rtplctl node set fwmark off
pair_up || t_bail "no pair"
events_start b
t_run "two ends without a profile fit" wait_until 20 talk '[]'
t_is "$(a rtplctl -j show | jq -c '.peers[0].shape_theirs')" '{"sizes":"device","schedule":"as-it-comes"}' "and have said what they have"
a rtplctl peer set "$B_PUB" profile wtfpad
t_run "one has a profile" wait_until 20 talk '["profile"]'
t_like "$(b rtplctl show)" "warning: when data last came from the other end, it had the profile wtfpad, this end has none" "show warns, at the other end"
t_like "$(a rtplctl show)" "warning: when data last came from the other end, it had the profile none, this end has wtfpad" "and at this one"
t_run "an event" wait_until 5 event b mismatch
t_is "$(events b mismatch | jq -c '[.public_key, .mismatch]' | sort -u)" "[\"$A_PUB\",[\"profile\"]]" "says what"
b rtplctl peer set "$A_PUB" profile wtfpad
t_run "both have it, both are clients" wait_until 20 talk '["role"]'
t_like "$(a rtplctl show)" "warning: when data last came from the other end, both ends were the client of the profile: set the role server at one" "show says what to do"
b rtplctl peer set "$A_PUB" role server
t_run "client and server fit" wait_until 20 talk '[]'
a rtplctl peer set "$B_PUB" profile none cell 512
b rtplctl peer set "$A_PUB" profile none
t_run "cells differ" wait_until 20 talk '["cell"]'
a rtplctl peer set "$B_PUB" cell device rate 100
t_run "rates differ" wait_until 20 talk '["rate"]'
a rtplctl peer set "$B_PUB" rate off policy "off wtfpad"
t_run "a policy is not compared" wait_until 20 talk '[]'
t_is "$(node_drops a bad-block) $(node_drops b bad-block)" "0 0" "no cell is refused for what it says"
events_stop b

# One end alone has a pre-shared key: no session was ever made.
unheard() { a rtplctl show | grep -q '^  state: [a-z]*, no handshake yet; handshakes do not authenticate: keys or pre-shared keys differ?$'; }
t_fails "no word of it in good days" unheard
a rtplctl peer del "$B_PUB"
a rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT allowed $B4 psk "$OUT/psk"
t_run "unequal pre-shared keys: show says so beside the state" wait_until 20 unheard
t_is "$(a rtplctl -j show | jq -c '[.peers[].stats.drops[].text | length > 0] | [length > 0, all]')" '[true,true]' "show says what drops are, as stats does"

# Nobody reads any more: the program ends, without an event that it could not write.
ends() { # NAME CMD...
	local name=$1
	shift
	mkfifo "$OUT/pipe"
	nsenter --net=/run/netns/a -- "$@" >"$OUT/pipe" &
	local pid=$!
	exec 7<"$OUT/pipe"
	[ $# -gt 2 ] && read -r -t 20 _ <&7
	exec 7<&-
	# shellcheck disable=SC2016 # the state, Z once it ended
	t_run "$name" wait_until 15 eval '! [ -e /proc/'$pid'/stat ] || grep -q ") Z" /proc/'$pid'/stat'
	kill $pid 2>/dev/null
	rm "$OUT/pipe"
}
ends "monitor ends when its reader does" rtplctl monitor
ends "stats --watch, too, long before the next time" rtplctl stats --watch 3600
t_done
