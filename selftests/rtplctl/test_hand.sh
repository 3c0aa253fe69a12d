#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml vm
# timeout: 240
# tier: uml
#
# What was set by hand becomes a file or goes away; devices that come again get
# their qdisc again; commands of a file may call rtplctl, fail, and hold a '#'.
. "$(dirname "$0")/../lib.sh"
topo_up
umask 077
dir=$(mktemp -d)
pair_keys
mkdir -p /run/rtpl
modprobe rtpl
peers() { a rtplctl -j peer show | jq '.peers|length'; }
qdisc() { a tc -j qdisc show dev "$1" root | jq -r '.[0].kind'; }
by_hand() {
	a rtplctl node set private-key "$PAIR_DIR/a.key" listen 51900
	a rtplctl peer add "$B_PUB" endpoint $B4:51900 allowed $B4 keepalive 7
	a tc qdisc add dev eth0 root rtpl latency 30ms
}

# --- by hand ---
by_hand
t_fails_with 'wan. is not up here: the node.s 1 peer was set by hand .*rtplctl flush.*rtplctl save wan' \
	"down of what was set by hand names the next step" a rtplctl down "$dir/wan.conf"
printf '[Node]\nPrivateKeyFile = %s\n' "$PAIR_DIR/a.key" >"$dir/other.conf"
t_fails_with 'set up already, with 1 peer: .*rtplctl save [^ ]*/other.conf.*rtplctl flush' \
	"and so does up" a rtplctl up "$dir/other.conf"
said=$(a rtplctl save "$dir/wan.conf")
t_like "$said" "\"rtplctl up $dir/wan.conf\" sets it up again; at boot only files in /etc/rtpl are" "save says what to do with a file elsewhere"
t_unlike "$said" 'systemctl' "and nothing that does not work with it"
t_is "$(stat -c %a "$dir/wan.conf")" 600 "root alone reads the file"
t_is "$(a rtplctl up --wait 60 --hold "$dir/wan.conf" 2>&1; echo $?)" 0 "the unit, started behind save, ends well"
t_fails_with "save: cannot write \"/tmp/nodir/wan.conf\": there is no folder \"/tmp/nodir\"" "save into no folder" a rtplctl save /tmp/nodir/wan.conf
t_fails_with 'is there already' "save does not write over a file" a rtplctl save "$dir/wan.conf"
echo 'PostUp = true # kept' >"$dir/hook"
sed -i "/^\[Node\]/r $dir/hook" "$dir/wan.conf"
t_run "unless forced" a rtplctl save --force "$dir/wan.conf"
t_like "$(cat "$dir/wan.conf")" '^PostUp = true # kept$' "and keeps its commands"
cp "$dir/wan.conf" "$dir/was.conf"
sed -i -e "s|^PrivateKey =.*|PrivateKeyFile = $PAIR_DIR/a.key|" -e 's/^Endpoint =.*/Endpoint = peer.example:51900/' "$dir/wan.conf"
said=$(a rtplctl save --force "$dir/wan.conf" 2>&1)
t_like "$said" 'warning: .*wan.conf" named a PrivateKeyFile: now the key itself' "a key file that is replaced is told"
t_like "$said" 'warning: .*wan.conf" had "peer.example" as the endpoint of peer .*: now its address' "and an endpoint's name"
t_is "$(cat "$dir/wan.conf")" "$(cat "$dir/was.conf")" "which are replaced"
printf '[Profile]\nName = own\nAbout = mine\n[Schedule]\nKind = as-it-comes\n' >"$dir/own.profile"
t_is "$(a rtplctl profile load "$dir/own.profile")" 'profile own loaded' "a profile that no link has"
a rtplctl peer set "$B_PUB" profile own
t_is "$(a rtplctl profile load "$dir/own.profile")" 'profile own loaded: 1 link that has it goes on with it' "and one that has"
t_like "$(a rtplctl save --force "$dir/wan.conf" 2>&1)" 'profile own was loaded by hand: .*PreUp = rtplctl profile load' \
	"a profile that a reboot forgets is told"
a rtplctl peer set "$B_PUB" profile none
t_unlike "$(a rtplctl save --force "$dir/wan.conf" 2>&1)" 'loaded by hand' "one that no peer has is not"
a rtplctl profile unload own
t_fails_with 'what runs is "wan"' "one name for one node" a rtplctl save "$dir/second.conf"
sockets() { a ss -Huln; }
was=$(a rtplctl --show-keys showconf)
t_run "down takes down what was saved" a rtplctl down "$dir/wan.conf"
t_is "$(peers) $(qdisc eth0 | grep -c rtpl)" "0 0" "all of it"
t_run "up sets it up again" a rtplctl up "$dir/wan.conf"
t_is "$(a rtplctl --show-keys showconf)" "$was" "as it was"
t_run "flush" a rtplctl flush
t_is "$(peers) $(a rtplctl -j node show | jq -c .public_key) $(qdisc eth0 | grep -c rtpl)" "0 null 0" "nothing is left"
t_run "flush of nothing" a rtplctl flush
t_is "$(sockets)" "" "no socket is left either"
a rtplctl up "$dir/wan.conf"
a rtplctl down --hold "$dir/wan.conf"
a rtplctl down "$dir/wan.conf"
t_is "$(sockets)" "" "nor when down comes after down --hold"
t_run "up after flush" a rtplctl up "$dir/wan.conf"

# --- who has no peer, or the wrong one, is told at both ends ---
node_warns() { b rtplctl -j show | jq -r '.node.warnings[]' | grep -qE "$1"; }
b rtplctl node set private-key "$PAIR_DIR/b.key" listen 51900
peer='^ *warning: [0-9]+ handshakes? so far from a key that was no peer here: is a "peer add" missing'
t_run "a peer that is not there: show -j at the end that lacks it" wait_until 40 node_warns 'from a key that was no peer here'
t_like "$(b rtplctl show)" "$peer" "show"
t_like "$(a rtplctl show)" '^  state: connecting, no handshake yet \(sent [0-9]+, no answer: is UDP port 51900 open' "and at the other"
t_like "$(a rtplctl -j show | jq -r '.peers[0].warnings[]')" '^no handshake yet: sent [0-9]+, no answer' "in JSON, too"
rtplctl genkey >"$dir/other.key"
b rtplctl node set private-key "$dir/other.key"
t_run "a key that the other end does not have" wait_until 40 node_warns 'meant for another public key.*stranger.*has the other end this node.s key'
b rtplctl node set private-key "$PAIR_DIR/b.key"
b rtplctl peer add "$A_PUB" endpoint $A4:51900 allowed $A4
none='^  warning: no device has the qdisc: '
t_like "$(b rtplctl show)" "${none}what the peers require is stopped, not sent \\(tc" "no qdisc: of what is required"
third=$(rtplctl genkey | rtplctl pubkey)
b rtplctl peer add "$third" allowed 198.51.100.1 require off
t_like "$(b rtplctl show)" "${none}what the peers require is stopped, not sent; what goes to peers with require off leaves in clear \\(tc" "of some that is not"
b rtplctl peer del "$third"
b rtplctl peer set "$A_PUB" require off
t_like "$(b rtplctl show)" "${none}what goes to the peers leaves in clear, require is off \\(tc" "of nothing"
t_like "$(b rtplctl -j show | jq -r '.node.warnings[]')" '^no device has the qdisc: what goes' "in JSON, too"
b_up() { [ "$(b rtplctl -j peer show | jq -r '.peers[0].state')" = up ]; }
t_run "with the peer the link comes up" wait_until 60 b_up
t_unlike "$(b rtplctl show)" 'meant for another public key' "and what strangers send is of no interest"
t_like "$(b rtplctl show)" '^  warning: [0-9]+ handshakes? so far from a key that was no peer here, maybe long ago: all peers are up, the last handshake with one was [0-9]+ s ago; if handshake-peer' \
	"what an unknown key sent may be over"
# The other end sends what this one does not allow, and the qdisc is where nothing leaves by.
b tc qdisc add dev eth0 root rtpl
b rtplctl peer set "$A_PUB" require on allowed 192.0.2.9
a ping -c 2 -i 0.2 -W 1 $B4 >/dev/null
t_like "$(b rtplctl show)" '^  warning: 2 packets so far from the other end had a source that is not in allowed here \(bad-source' "allowed is not what the other end sends from"
b rtplctl peer set "$A_PUB" allowed $A4
b tc qdisc del dev eth0 root
b ip link add d9 type dummy
b ip link set d9 up
b tc qdisc add dev d9 root rtpl
t_like "$(b rtplctl show)" "^  warning: what goes to $A4/32 leaves by device eth0, which has no qdisc: it is stopped, not sent \\(tc qdisc add dev eth0 root rtpl" \
	"the qdisc is on a device by which nothing leaves"
b tc qdisc add dev eth0 root rtpl
t_unlike "$(b rtplctl show)" 'has no qdisc' "on both it is not told"
b ip link del d9
a rtplctl peer set "$B_PUB" psk "$PAIR_DIR/a.key"
a rtplctl node set private-key none
a rtplctl node set private-key "$PAIR_DIR/a.key"
lost() { a rtplctl show | grep -qE '^  state: connecting, last handshake [0-9]+ s ago .no answer since, and [0-9]+ so far did not authenticate: has an end another pre-shared key now'; }
t_run "a pre-shared key that one end has now" wait_until 60 lost
a rtplctl peer set "$B_PUB" psk none endpoint $B4:51999
a rtplctl peer del "$B_PUB"
a rtplctl peer add "$B_PUB" allowed $B4
t_like "$(a rtplctl show)" '^  state: down, no handshake yet \(no endpoint here: the other end has to begin' "no endpoint"
a rtplctl setconf "$dir/wan.conf" >/dev/null
b rtplctl flush

# --- this host's own address in the place of the other end's: README's lines as they stand ---
b rtplctl node set private-key "$PAIR_DIR/b.key" listen 51900
own="$B4 is this host's own address: allowed takes the other end's; what goes to the other end leaves in clear unless"
said=$(b rtplctl peer add "$A_PUB" endpoint $B4:51900 allowed $B4/32 2>&1)
t_like "$said" "^rtplctl: peer add: warning: $own" "peer add: allowed is this host's own"
t_like "$said" "^rtplctl: peer add: warning: $B4 is this host's own address: endpoint takes the other end's" "and so is endpoint"
t_like "$(b rtplctl show)" "^  warning: $own" "show warns"
t_is "$(b rtplctl -j show | jq -r '.peers[0].warnings[]' | grep -c "$B4 is this host's own")" 2 "show -j, too"
t_like "$(b rtplctl peer set "$A_PUB" allowed $A4,$B6 2>&1)" "warning: $B6 is this host's own address: allowed" "peer set: IPv6"
b rtplctl --show-keys showconf >"$dir/own.conf"
for w in checkconf setconf; do
	t_like "$(b rtplctl $w "$dir/own.conf" 2>&1)" "warning: $dir/own.conf:[0-9]+: $B6 is this host's own address" "$w names the line"
done
b rtplctl flush
t_like "$(b rtplctl up "$dir/own.conf" 2>&1)" "warning: $dir/own.conf:[0-9]+: $B6 is this host's own address" "up, too"
b rtplctl down "$dir/own.conf"
b rtplctl node set private-key "$PAIR_DIR/b.key" listen 51900
said=$(b rtplctl peer add "$A_PUB" endpoint $A4:51900 allowed 192.0.2.0/24,2001:db8::/64 2>&1; b rtplctl show)
t_unlike "$said" "own address" "a wider prefix may hold this host, too"
b rtplctl peer set "$A_PUB" allowed 127.0.0.1,$A4,fe80::1
t_unlike "$(b rtplctl show)" "own address" "nor is the other end's, or what every host has"
b rtplctl flush

# --- an endpoint on an interface that goes ---
b rtplctl node set private-key "$PAIR_DIR/b.key" listen 51900
b ip link add d6 type dummy
b ip link set d6 up
b ip addr add fe80::1/64 dev d6 nodad
t_run "an endpoint on a link" b rtplctl peer add "$A_PUB" endpoint '[fe80::2%d6]:51900' allowed 198.51.100.1
gone="there is no interface of the endpoint's number [0-9]+ now"
t_unlike "$(b rtplctl show)" "$gone" "is shown by the interface's name"
b ip link del d6
t_like "$(b rtplctl show)" "warning: $gone" "when that has gone show warns"
b rtplctl flush

# --- a file without a device ---
sed '/^Device/d' "$dir/own.conf" >"$dir/bare.conf"
noted='names no Device: what the peers require is stopped until a device has the qdisc'
t_like "$(b rtplctl setconf "$dir/bare.conf" 2>&1; echo $?)" "warning: \"$dir/bare.conf\" $noted" "setconf without a device"
b tc qdisc add dev eth0 root rtpl
t_unlike "$(b rtplctl setconf "$dir/bare.conf" 2>&1)" "$noted" "but not where one has it"
b rtplctl flush
t_like "$(b rtplctl up "$dir/bare.conf" 2>&1)" "warning: \"$dir/bare.conf\" $noted" "up without a device"
b rtplctl flush
b rtplctl node set private-key "$PAIR_DIR/b.key" listen 51900
t_like "$(b rtplctl peer add "$A_PUB" endpoint $A4:51900 2>&1)" 'warning: the peer has no allowed: it protects nothing' "a peer without prefixes"
b rtplctl flush

# --- a device goes and comes again ---
ip -n a link del eth0
ip -n a link add eth0 address 02:00:00:00:00:01 type veth peer name pa netns o
ip -n o link set pa master br0 up
ip -n a addr add $A4/24 dev eth0
ip -n a link set eth0 up
t_isnt "$(qdisc eth0)" rtpl "a device made again has no qdisc"
t_fails "and nothing passes in clear" a ping -c 1 -W 1 $B4
t_is "$(a rtplctl -j attach eth0 | jq -c .)" '{"device":"eth0","attached":true}' "attach, as udev has it"
t_is "$(a tc -j qdisc show dev eth0 root | jq -c '.[0].options')" '{"unprotected":"pass","latency_ns":30000000}' "with the file's settings"
t_is "$(a rtplctl -j attach eth0 | jq .attached) $(a rtplctl -j attach lo | jq .attached)" "false false" "once, and only where it belongs"
a tc qdisc del dev eth0 root
t_like "$(a rtplctl setconf "$dir/wan.conf")" '^devices changed; peers: .*1 unchanged' "setconf puts it back, too"
t_is "$(qdisc eth0)" rtpl "and says so"
a ip link add d5 type dummy
sed -i 's/^Device.*/Device = eth0, d5/' "$dir/wan.conf"
a rtplctl setconf "$dir/wan.conf" >/dev/null
t_is "$(qdisc d5)" rtpl "setconf: a device that is new in the file"
sed -i 's/^Device.*/Device = eth0/' "$dir/wan.conf"
a rtplctl setconf "$dir/wan.conf" >/dev/null
t_isnt "$(qdisc d5)" rtpl "setconf: one that is in it no more"
t_is "$(qdisc eth0)" rtpl "and the one that stays"
a tc qdisc del dev eth0 root
cp "$dir/wan.conf" "$dir/name.conf"
t_like "$(a rtplctl setconf "$dir/name.conf" 2>&1)" 'warning: device "eth0" has no qdisc rtpl .tc qdisc add dev eth0 root rtpl' \
	"setconf of what is not up says which device has none"
a rtplctl flush
a ip link add m0 numtxqueues 4 type dummy
a tc qdisc add dev m0 root handle 7: mq
sed -i 's/^Device.*/Device = m0/' "$dir/wan.conf"
t_fails_with 'root qdisc already, mq: "tc qdisc del dev m0 root"' "up over an explicit mq says what to do" a rtplctl up "$dir/wan.conf"

# --- commands ---
conf() {
	printf '[Node]\nPrivateKeyFile = %s\n' "$PAIR_DIR/a.key"
	printf '%s\n' "$@"
	printf '[Peer]\nPublicKey = %s\nAllowed = %s\n' "$B_PUB" $B4
}
conf "PostUp = rtplctl setconf $dir/hook.conf >$dir/said 2>&1" "PreDown = false" \
	"PreDown = echo 'ran # this' >$dir/ran # but not that" "PostDown = exit 3" >"$dir/hook.conf"
t_run "a command of a file may call rtplctl" timeout 20 nsenter --net=/run/netns/a rtplctl up "$dir/hook.conf"
t_like "$(cat "$dir/said")" '1 unchanged' "which works under its caller's lock"
said=$(timeout 20 nsenter --net=/run/netns/a rtplctl down "$dir/hook.conf" 2>&1)
t_is "$? $(peers)" "0 0" "commands that fail do not keep down from its work"
t_is "$(grep -c 'warning: the command' <<<"$said")" 2 "and are told"
t_is "$(cat "$dir/ran")" 'ran # this' "a # in quotes is the shell's"
conf "PostUp = rtplctl down $dir/hook.conf" >"$dir/hook.conf"
t_fails_with 'ended with status 1' "up and down do not nest" timeout 20 nsenter --net=/run/netns/a rtplctl up "$dir/hook.conf"
conf "PostUp = sleep 1000" >"$dir/hook.conf"
a rtplctl up "$dir/hook.conf" &
wait_until 10 pgrep -f 'sleep 1000'
t_run "another namespace does not wait" timeout 20 nsenter --net=/run/netns/b rtplctl flush
t_fails_with 'another rtplctl .process [0-9]+. has worked in this network namespace' \
	"who waits too long is told for whom" timeout 100 nsenter --net=/run/netns/a rtplctl flush
pkill -f 'sleep 1000'
wait
t_run "then it goes on" a rtplctl flush
t_done
