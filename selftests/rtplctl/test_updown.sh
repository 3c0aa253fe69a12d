#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 240
# tier: uml
#
# up and down: peers before qdiscs, whole or not at all, leakguard and hold.
. "$(dirname "$0")/../lib.sh"
topo_up
umask 077
dir=$(mktemp -d)
pair_keys
mkdir -p /run/rtpl

conf() {
	cat <<-EOF2
	[Node]
	PrivateKeyFile = $PAIR_DIR/$1.key
	Listen = 51900
	Device = eth0
	Unprotected = pass
	Latency = 30
	PreUp = echo pre-up %i >>$dir/hooks
	PostUp = echo post-up %i >>$dir/hooks
	PreDown = echo pre-down %i >>$dir/hooks
	PostDown = echo post-down %i >>$dir/hooks
	[Peer]
	PublicKey = $2
	Endpoint = $3:51900
	Allowed = $3/32
	EOF2
}
conf a "$B_PUB" $B4 >"$dir/wan.conf"
conf b "$A_PUB" $A4 >"$dir/lan.conf"
hooks() { tr '\n' ' ' <"$dir/hooks"; : >"$dir/hooks"; }
: >"$dir/hooks"
peers() { a rtplctl -j peer show | jq '.peers|length'; }
qdisc() { a tc -j qdisc show dev eth0 root | jq -r '.[0].kind'; }
public() { a rtplctl -j node show | jq -r .public_key; }

t_fails_with 'down: "wan" is not up here' "down when not up" a rtplctl down "$dir/wan.conf"
t_run "up" a rtplctl up "$dir/wan.conf"
t_is "$(hooks)" "pre-up wan post-up wan " "its commands"
t_is "$(peers) $(qdisc) $(public)" "1 rtpl $A_PUB" "peer, qdisc and key"
t_is "$(a tc -j qdisc show dev eth0 root | jq -c '.[0].options')" '{"unprotected":"pass","latency_ns":30000000}' "the qdisc's options"
t_run "up on the other side" b rtplctl up "$dir/lan.conf"
t_run "ping" wait_until 30 a ping -c 1 -W 2 $B4
t_is "$(a rtplctl -j peer show | jq -r '.peers[0].state')" up "through the link"
t_fails_with 'up: "wan" is already up \(rtplctl down wan' "up twice" a rtplctl up "$dir/wan.conf"
mkdir "$dir/other"
cp "$dir/wan.conf" "$dir/other/"
t_fails_with 'up: "wan" is already up, from another file, "[^"]*/wan.conf" \(rtplctl down wan' "up of another file of that name" a rtplctl up "$dir/other/wan.conf"
t_fails_with 'is already up, from another file' "with --hold, too" a rtplctl up --wait 60 --hold "$dir/other/wan.conf"
was=$(a rtplctl --show-keys showconf)
said=$(a rtplctl up --wait 60 --hold "$dir/wan.conf" 2>&1)
t_is "$? $said" "0 " "up --hold of what is up from the same file, as the unit has it"
t_is "$(a rtplctl --show-keys showconf)" "$was" "changes nothing"
t_is "$(hooks)" "pre-up lan post-up lan " "runs no command again"
touch "$dir/wan.conf"
t_like "$(a rtplctl up --hold "$dir/wan.conf" 2>&1)" \
	'warning: "wan" is up already and stays as it is, and .* was written since \(rtplctl setconf [^ ]*wan.conf' "but says where the file is newer"
cp "$dir/wan.conf" "$dir/other.conf"
t_fails_with 'up: "wan" is up in this network namespace already .rtplctl down wan.' "up of another" a rtplctl up "$dir/other.conf"
: >"$dir/wan.conf"
t_run "down, even when the file has changed" a rtplctl down "$dir/wan.conf"
t_is "$(hooks)" "pre-down wan post-down wan " "its commands"
t_is "$(peers) $(public)" "0 null" "no peer, no key"
t_isnt "$(qdisc)" rtpl "no qdisc"
t_fails_with 'is not up here' "down twice" a rtplctl down "$dir/wan.conf"
conf a "$B_PUB" $B4 >"$dir/wan.conf"

# --- a step fails ---
nothing_left() { t_is "$(peers) $(public) $(a tc -j qdisc show dev eth0 root | jq -r '.[0].kind // "none"' | grep -c rtpl)" "0 null 0" "$1: nothing is left"; : >"$dir/hooks"; }
sed 's/^Device.*/Device = eth0, eth7/' "$dir/wan.conf" >"$dir/bad.conf"
t_fails_with 'up: [^ ]*bad.conf:4: there is no device "eth7"' "no device" a rtplctl up "$dir/bad.conf"
nothing_left "no device"
sed 's/^PostUp.*/PostUp = false/' "$dir/wan.conf" >"$dir/bad.conf"
t_fails_with 'up: the command "false" ended with status 1' "PostUp fails" a rtplctl up "$dir/bad.conf"
t_is "$(hooks)" "pre-up bad pre-down bad post-down bad " "the others undo"
nothing_left "PostUp fails"
sed 's/^PreUp.*/PreUp = kill $$/' "$dir/wan.conf" >"$dir/bad.conf"
t_fails_with 'up: the command "kill \$\$" ended by signal 15' "PreUp fails" a rtplctl up "$dir/bad.conf"
nothing_left "PreUp fails"
sed 's/^Endpoint.*/Endpoint = 203.0.113.1:1/' "$dir/wan.conf" >"$dir/bad.conf"
t_fails_with 'up: peer .* no route to endpoint 203.0.113.1:1' "no route" a rtplctl up "$dir/bad.conf"
nothing_left "no route"
sed 's/^Endpoint.*/Endpoint = nosuch.invalid:1/' "$dir/wan.conf" >"$dir/bad.conf"
t_fails_with 'up: .*bad.conf:[0-9]+: cannot resolve "nosuch.invalid"' "no name" a rtplctl up "$dir/bad.conf"
nothing_left "no name"
a tc qdisc add dev eth0 root handle 7: pfifo
t_fails_with 'up: [^ ]*wan.conf:4: device "eth0" has a root qdisc already' "a root qdisc" a rtplctl up "$dir/wan.conf"
nothing_left "a root qdisc"
t_is "$(qdisc)" pfifo "the qdisc stays"
a tc qdisc del dev eth0 root

# --- leakguard, wait, hold ---
t_run "up --leakguard" a rtplctl up --leakguard "$dir/wan.conf"
t_is "$(peers) $(a rtplctl -j peer show | jq -r '.peers[0].endpoint')" "1 null" "peers without endpoints"
t_isnt "$(qdisc)" rtpl "no qdisc"
t_fails "nothing leaves in clear" a ping -c 1 -W 1 $B4
# held WHAT: show says whose state that is, and not what by hand would end it.
held() {
	local said
	said=$(a rtplctl show)
	t_like "$said" "^  warning: \"$2\" is held .*\"rtplctl up $dir/$2.conf\" goes on, \"rtplctl down $2\" ends it" "$1: show says what goes on"
	t_unlike "$said" 'no private key|tc qdisc add' "$1: and not how to do it by hand"
	t_is "$(a rtplctl -j show | jq -r .held) $(a rtplctl -j node show | jq -r '.warnings[]' | grep -c 'is held')" "$2 1" "$1: in JSON"
}
held "up --leakguard" wan
t_run "up goes on from there" a rtplctl up "$dir/wan.conf"
t_is "$(qdisc) $(a rtplctl -j peer show | jq -r '.peers[0].endpoint')" "rtpl $B4:51900" "to all of it"
t_run "ping" wait_until 30 a ping -c 1 -W 2 $B4
t_is "$(hooks)" "pre-up wan post-up wan " "commands ran once"
# As a restart of the unit has it.
link_up() { [ "$(a rtplctl -j peer show | jq -r '.peers[0].state')" = up ]; }
t_run "down --hold" a rtplctl down --hold "$dir/wan.conf"
held "down --hold" wan
sed 's/^Device.*/Device = eth0, eth7/' "$dir/wan.conf" >"$dir/other/wan.conf"
stays='the peers stay guarded, and what they require is stopped where it meets no qdisc: "rtplctl up [^ ]*conf" goes on when that is mended, "rtplctl down [a-z]*" ends it$'
t_fails_with "other/wan.conf:4: there is no device \"eth7\"; $stays" "up that fails there" a rtplctl up "$dir/other/wan.conf"
t_fails "no link then" link_up
t_run "up --hold" a rtplctl up --wait 20 --hold "$dir/wan.conf"
t_run "its link is there at once, not only when it would be tried again" wait_until 3 link_up
: >"$dir/hooks"
t_is "$(a rtplctl -j down "$dir/wan.conf" | jq -c .)" '{"down":"wan","held":false,"peers":1,"devices":1}' "down -j"
: >"$dir/hooks"

sed 's/^Device.*/Device = eth0, late0/' "$dir/wan.conf" >"$dir/late.conf"
t_fails_with "late.conf:4: there is no device \"late0\"; $stays" "up --hold" a rtplctl up --hold "$dir/late.conf"
t_is "$(peers)" 1 "keeps the leakguard"
held "up --hold that failed" late
t_like "$(a rtplctl setconf "$dir/late.conf" 2>&1)" 'warning: device "late0" has no qdisc rtpl: "late" is held \(rtplctl up [^ ]*late.conf\)' "setconf says what puts it there"
a ip link add late0 type dummy
t_run "up again completes it" a rtplctl up "$dir/late.conf"
t_unlike "$(a rtplctl show)" 'is held' "and it is held no more"
t_is "$(a tc qdisc show dev late0 | grep -c rtpl)" 1 "on the late device"
t_run "down" a rtplctl down "$dir/late.conf"
a ip link del late0
(sleep 1; a ip link add late0 type dummy) &
t_run "up --wait" a rtplctl up --wait 20 "$dir/late.conf"
wait
t_run "down" a rtplctl down "$dir/late.conf"
sed 's/late0/late1/' "$dir/late.conf" >"$dir/vain.conf"
t_fails_with 'there is no device "late1"' "up --wait in vain" a rtplctl up --wait 1 "$dir/vain.conf"
nothing_left "in vain"
a rtplctl up --hold "$dir/vain.conf" 2>/dev/null
t_like "$(a rtplctl down "$dir/vain.conf" 2>&1)" 'warning: there is no device "late1"' "down without the device"
: >"$dir/hooks"
t_run "down on the other side" b rtplctl down "$dir/lan.conf"

# --- a state that says nothing any more ---
t_run "up" a rtplctl up "$dir/wan.conf"
a rtplctl peer del "$B_PUB"
a rtplctl node set private-key none
a tc qdisc del dev eth0 root
t_run "up after all was removed by hand" a rtplctl up "$dir/wan.conf"
a tc qdisc del dev eth0 root
t_like "$(a rtplctl down "$dir/wan.conf" 2>&1)" 'warning: device "eth0" has no qdisc rtpl' "down without the qdisc"
t_is "$(peers)" 0 "takes the rest down"
t_done
