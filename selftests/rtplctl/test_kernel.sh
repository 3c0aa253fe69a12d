#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 180
#
# rtplctl against the module: each request does what it says; each refusal is one
# sentence, and leaves everything as it was.
. "$(dirname "$0")/../lib.sh"
topo_up
umask 077
dir=$(mktemp -d)
pair_keys
third=$(rtplctl genkey | rtplctl pubkey)

# All that is configured, keys included; not in the order of the output.
running() { a rtplctl -j --show-keys showconf; }
# refused REGEX NAME ARGS...: one sentence, status 1 or 2, nothing changed.
refused() {
	local want=$1 name=$2 before rc=0
	shift 2
	before=$(running)
	a rtplctl "$@" >"$dir/out" 2>"$dir/err" || rc=$?
	if [ $rc != 0 ] && [ ! -s "$dir/out" ] && [ "$(wc -l <"$dir/err")" = 1 ] &&
	   grep -qE -- "^rtplctl: $want" "$dir/err" && [ "$before" = "$(running)" ]; then
		t_ok "$name: $(sed 's/^rtplctl: //' "$dir/err" | tr '#\n' '  ')"
	else
		t_not_ok "$name" "status $rc: $*
said: $(cat "$dir/out" "$dir/err")
want: /^rtplctl: $want/
before: $before
after:  $(running)"
	fi
}
peer() { a rtplctl -j --show-keys peer show "$1" | jq -c ".peers[0]$2"; }

# --- before the module ---
# A request for its family makes the kernel load it; what the kernel calls for that does nothing here.
module_gone
loader=$(cat /proc/sys/kernel/modprobe)
if [ ! -e /sys/module/rtpl ] && echo /bin/false >/proc/sys/kernel/modprobe; then
	t_fails_with 'the kernel module is not loaded \(load it with "modprobe rtpl"\)' \
		"without the module: show" a rtplctl show
	t_fails_with 'the kernel module is not loaded' "without the module: peer add" \
		a rtplctl peer add "$B_PUB"
	t_like "$(rtplctl version)" 'module \(not loaded\)' "without the module: version"
	echo "$loader" >/proc/sys/kernel/modprobe
fi
modprobe rtpl

# --- node ---
t_run "node set" a rtplctl node set private-key "$PAIR_DIR/a.key" listen 51900 fwmark 0x20
t_is "$(a rtplctl -j node show | jq -c '[.public_key, .private_key, .listen, .fwmark, .peers]')" \
	"[\"$A_PUB\",\"(hidden)\",51900,32,0]" "node show"
t_is "$(a rtplctl -j node show --show-keys | jq -r .private_key | rtplctl pubkey)" "$A_PUB" \
	"with the key if asked"
t_run "fwmark off" a rtplctl node set fwmark off
t_is "$(a rtplctl -j node show | jq -c '[.listen, .fwmark]')" "[51900,0]" "leaves the port"

# --- peers ---
a rtplctl peer add "$third"
t_unlike "$(a rtplctl show)" 'no private key' "with a key show does not warn"
a rtplctl node set private-key none
t_like "$(a rtplctl show)" '^  warning: the node has no private key: no link can come up' "without one it does"
a rtplctl node set private-key "$PAIR_DIR/a.key" listen 51900
a rtplctl peer del "$third"
rtplctl genpsk >"$dir/psk"
t_run "peer add" a rtplctl peer add "$B_PUB" endpoint $B4:51900 allowed $B4/32,$B6/128 psk "$dir/psk" \
	require on cell 1000 rate 1000 latency 20 limit 50 overflow oldest keepalive 25
t_is "$(peer "$B_PUB" '|[.endpoint, .allowed, .preshared_key, .require, .keepalive]')" \
	"[\"$B4:51900\",[\"$B4/32\",\"$B6/128\"],\"$(cat "$dir/psk")\",true,25]" "what was given"
t_is "$(peer "$B_PUB" .shape)" \
	'{"sizes":"fixed","cell":1000,"schedule":"constant","rate":1000,"latency_ns":20000000,"limit":50,"overflow":"oldest"}' \
	"and its shape"
t_run "peer set" a rtplctl peer set "$B_PUB" rate 8mbit keepalive off
t_is "$(peer "$B_PUB" '|[.shape.rate, .keepalive, .shape.limit]')" "[1000,0,50]" "changes only that"
t_run "a bit rate by the cell that runs" a rtplctl peer set "$B_PUB" rate 16mbit
t_is "$(peer "$B_PUB" .shape.rate)" 2000 "is 2000 cells"
t_run "as it comes, power of two" a rtplctl peer set "$B_PUB" rate off cell pow2
t_is "$(peer "$B_PUB" '.shape_now|[.sizes, .schedule]')" '["pow2","as-it-comes"]' "is in force"
t_run "a list" a rtplctl peer set "$B_PUB" cell 512,1024,1400
t_is "$(peer "$B_PUB" .shape_now.buckets)" '[512,1024,1400]' "is in force"
t_fails_with 'rate off and profile maximum contradict each other: .*\(rtplctl peer set PUBKEY shape none' "a rate that was set, and a profile" \
	a rtplctl peer set "$B_PUB" cell 1400 profile maximum
a rtplctl peer set "$B_PUB" cell 1400 rate 1000
t_is "$(a rtplctl peer set "$B_PUB" profile standard 2>&1 | grep -o 'shape none' | wc -l)" 1 "the advice comes once"
a rtplctl peer set "$B_PUB" rate off
t_fails_with 'in a command of their own' "shape none, and a setting" a rtplctl peer set "$B_PUB" shape none limit 5
t_fails_with 'shape "off" is not none' "shape of another name" a rtplctl peer set "$B_PUB" shape off
t_run "shape none" a rtplctl peer set "$B_PUB" shape none
t_is "$(peer "$B_PUB" '|[.shape, .require, .keepalive]')" '[{},true,0]' "gives up the shape's settings alone"
t_run "makes room for the profile" a rtplctl peer set "$B_PUB" profile maximum
t_run "gives up a profile, too" a rtplctl peer set "$B_PUB" shape none
t_is "$(peer "$B_PUB" .shape)" '{}' "and there is none"
a rtplctl peer set "$B_PUB" cell 512,1024,1400 rate off latency 20 limit 50 overflow oldest
t_like "$(a rtplctl show)" 'content and exact sizes of packets are never visible, but which of the few sizes a cell needed is' \
	"several sizes: show says what of them is seen"
t_like "$(a rtplctl show)" '^  Content and exact sizes of packets are never visible .*; where cells have several sizes' "and does not contradict itself"
t_run "a name" a rtplctl peer set "$B_PUB" name berlin
t_run "does for the key" a rtplctl peer set berlin limit 51
t_is "$(peer berlin .shape.limit) $(a rtplctl -j stats berlin | jq -r '.peers[].public_key')" "51 $B_PUB" "in show and stats, too"
refused 'peer set: "paris" is neither a public key nor the name of a peer' "an unknown name" peer set paris limit 1
for w in "peer show" "peer del" stats; do
	# shellcheck disable=SC2086 # two words
	t_is "$(a rtplctl $w paris >/dev/null 2>&1; echo $?) $(a rtplctl $w "$third" >/dev/null 2>&1; echo $?)" "1 1" \
		"$w: an unknown peer is status 1, by name and by key"
done
a rtplctl peer add "$third" name berlin
refused 'peer set: 2 peers have the name "berlin"' "a name of two" peer set berlin limit 1
t_is "$(a rtplctl peer set berlin limit 1 2>/dev/null; echo $?)" 1 "status 1 as well"
t_run "a name of one again" a rtplctl peer del "$third"
a rtplctl peer set berlin name none limit 50
t_run "the device's" a rtplctl peer set "$B_PUB" cell device psk none allowed none
t_is "$(peer "$B_PUB" '|[.shape_now.sizes, .preshared_key, .allowed]')" '["device",null,[]]' "is in force"
t_run "all back" a rtplctl peer set "$B_PUB" psk "$dir/psk" allowed $B4/32,$B6/128 cell 1000 rate 1000
t_unlike "$(a rtplctl peer show; a rtplctl show; a rtplctl showconf; a rtplctl -j show)" \
	"$(tr + . <"$dir/psk")" "a pre-shared key is not shown"
t_like "$(a rtplctl peer show "$B_PUB")" 'preshared key: \(hidden\)' "but that there is one"
t_like "$(a rtplctl show)" 'promise: constant rate: the departure process does not depend on the payload' "show says what is promised"
t_like "$(a rtplctl show)" 'cost: 8.224 Mbit/s' "and what it costs"
t_run "a profile" a rtplctl peer set "$B_PUB" rate off cell device profile standard
said=$(a rtplctl show)
t_like "$said" '^  profile: standard$' "show: the profile, set here"
t_like "$said" '^  role: client \(not set for this peer\)$' "and the role, which was not"
t_like "$said" "^  rate: off, the profile's schedule$" "times are the profile's"
t_like "$said" 'promise: by the profile: content is never visible; what sizes and times tell is bounded or not, which "rtplctl profile check" says' "no promise of another shape"
t_like "$said" 'cost: .* delay that the profile adds; a packet waits at most' "packets do wait"
t_unlike "$said" 'as it comes|wait for nothing|not set here' "and no word that is not so"
t_fails_with 'rate "1000" and profile standard contradict each other: .*\(profile none beside it' "a rate beside it says what makes room" \
	a rtplctl peer set "$B_PUB" cell 1000 rate 1000
for w in "cell 1000" "limit 9"; do
	# shellcheck disable=SC2086 # words
	t_fails_with 'rate "100" and profile standard contradict each other: the profile has a schedule of its own \(leave the rate out; a constant rate goes with profile maximum' \
		"both at once, $w" a rtplctl peer set "$B_PUB" profile standard rate 100 $w
done
t_fails_with 'latency 2ms is shorter than profile standard holds a cell, 5ms' "a latency too short for it: both times" \
	a rtplctl peer set "$B_PUB" latency 2
t_like "$(a rtplctl peer set "$B_PUB" policy "off standard" budget 1B/day 2>&1)" \
	'warning: budget 1B/day is less than a cell of 1400 bytes: one padded cell is above it' "a budget that no level keeps"
# By the name of one of the module's.
a rtplctl profile show bip324 | sed 's/^About = .*/About = mine/' >"$dir/bip324.profile"
t_unlike "$(a rtplctl profile list)" 'is loaded' "list: nothing is replaced"
t_like "$(a rtplctl profile load "$dir/bip324.profile" 2>&1 >/dev/null)" \
	'^rtplctl: note: bip324 is the name of a profile that comes with the module: this one is in its place' "load says that it replaces one"
t_like "$(a rtplctl profile list | grep ^bip324)" " \\(another is loaded, in place of the module's\\)$" "list says so"
t_is "$(a rtplctl -j profile list | jq -c '[.profiles[] | select(.replaced) | .name]')" '["bip324"]' "with -j, too"
t_like "$(a rtplctl profile loaded)" "bip324 .* loaded, in place of the module's" "and loaded"
a rtplctl profile unload bip324
t_unlike "$(a rtplctl profile list)" 'is loaded' "until it is unloaded"
a rtplctl profile show bip324 | sed 's/^Name = .*/Name = own/' >"$dir/own.profile"
t_unlike "$(a rtplctl profile load "$dir/own.profile" 2>&1)" 'note' "one of a name of its own replaces none"
a rtplctl profile unload own
t_run "without it" a rtplctl peer set "$B_PUB" policy none profile none cell 1000 rate 1000

refused 'peer add: peer .* is there already' "known" peer add "$B_PUB"
refused 'peer add: peer [^ ]* is there already$' "known, and the profile is not what is wrong" peer add "$B_PUB" profile nix
refused 'peer set: no route to endpoint [^ ]*$' "no route, likewise" peer set "$B_PUB" endpoint 203.0.113.1:1 profile nix
refused 'peer set: There is no profile of that name: "nix" \(rtplctl profile list has them\)' "no such profile" peer set "$B_PUB" rate off cell device profile nix
refused 'peer set: The policy names a profile that is not there: "nix" \(rtplctl profile list' "nor in a policy" peer set "$B_PUB" rate off cell device policy "off nix"
refused 'peer set: there is no peer [^ ]* \(rtplctl peer show lists them\)' "unknown" peer set "$third" keepalive 1
refused 'peer del: there is no peer [^ ]* \(rtplctl peer show lists them\)' "unknown" peer del "$third"
refused 'peer show: there is no peer' "unknown" peer show "$third"
refused "peer add: key .* is this node's own" "ourselves" peer add "$A_PUB"
refused "peer add: the public key is this node's private key$" "our private key" peer add "$(cat "$PAIR_DIR/a.key")"
refused 'peer add: no route to endpoint 203.0.113.1:1' "no route" peer add "$third" endpoint 203.0.113.1:1
refused 'peer set: .* larger than .*, with 1473 bytes: 1472 bytes to endpoint' "larger than the MTU" peer set "$B_PUB" cell 1473
refused 'peer set: A bucket is larger than .*, with 1500 bytes: 1472 bytes to endpoint' "which bucket" peer set "$B_PUB" rate off cell 512,1024,1500
refused 'peer set: at rate "10" a cell leaves only every 100ms, and the latency [0-9]+ms.* is shorter: give' \
	"too slow for the latency" peer set "$B_PUB" rate 10
refused 'peer set: at rate "1000" a cell leaves only every 1ms, and the latency 100us is shorter: give' \
	"too early for the rate" peer set "$B_PUB" latency 100us
refused 'peer set: rate "1000" and cell "pow2" contradict each other: a constant rate needs cells of one size' \
	"a constant rate of several sizes" peer set "$B_PUB" cell pow2
refused 'peer set: threat is given, but no policy: .*policy "NAME NAME' "a threat level without a policy" peer set "$B_PUB" threat 1
refused 'peer set: load is given, but no policy' "a load without one" peer set "$B_PUB" load 1mbit
refused 'peer add: "192.0.2.300" is not an address' "no address" peer add "$third" endpoint 192.0.2.300:1
refused 'node set: peer .* has the public key of this private key' "a peer's key" node set private-key "$PAIR_DIR/b.key"
refused 'node set: cannot open' "no key file" node set private-key /nosuch listen 1
a socat -u UDP4-RECV:51901 OPEN:/dev/null &
wait_until 5 listening a 51901 -u
refused 'node set: UDP port 51901 is in use' "port in use" node set listen 51901
kill $!
t_fails_with 'this needs CAP_NET_ADMIN: run it as root' "unprivileged: peer add" \
	a setpriv --reuid 65534 --clear-groups rtplctl peer add "$third"
t_fails_with 'this needs CAP_NET_ADMIN: run it as root' "unprivileged: peer show" \
	a setpriv --reuid 65534 --clear-groups rtplctl peer show
for w in "node set listen 1" "stats" "showconf" "monitor --count 1" "profile loaded" "save x" "flush" "down x"; do
	# shellcheck disable=SC2086 # several words
	t_fails_with "rtplctl: ${w%% *}.*: this needs CAP_NET_ADMIN: run it as root" "unprivileged: ${w%% *}" \
		a setpriv --reuid 65534 --clear-groups timeout 10 rtplctl $w
done
t_like "$(a setpriv --reuid 65534 --clear-groups rtplctl show 2>&1)" "public key: $(tr + . <<<"$A_PUB")" \
	"unprivileged: show has the node"

# --- configuration files ---
a rtplctl --show-keys showconf >"$dir/a.conf"
t_is "$(a rtplctl setconf "$dir/a.conf")" "peers: 0 added, 0 changed, 0 removed, 1 unchanged" \
	"what runs is what showconf writes"
printf '[Peer]\nPublicKey = %s\nAllowed = 10.0.0.0/8\nCell = 512,1024\n' "$third" >>"$dir/a.conf"
t_is "$(a rtplctl -j setconf "$dir/a.conf" | jq -c .)" '{"node":false,"added":1,"changed":0,"removed":0,"unchanged":1,"devices":0}' "setconf adds"
id=$(peer "$B_PUB" .id)
sed -i 's/^Rate = .*/Rate = 500/; s/^Limit = .*//' "$dir/a.conf"
t_is "$(a rtplctl setconf "$dir/a.conf")" "peers: 0 added, 1 changed, 0 removed, 1 unchanged" "and changes"
t_is "$(peer "$B_PUB" '|[.id, .shape_now.rate, .shape_now.limit]')" "[$id,500,1000]" "the peer that there is"
cp "$dir/a.conf" "$dir/good.conf"
printf '[Peer]\nPublicKey = %s\nEndpoint = 203.0.113.1:1\n' "$(rtplctl genkey | rtplctl pubkey)" >>"$dir/a.conf"
sed -i 's/^Rate = .*/Rate = 700/; s/10.0.0.0/11.0.0.0/; s/^Listen.*/Listen = 51999/' "$dir/a.conf"
refused 'setconf: peer .* \(line [0-9]+ of .*a.conf\): no route to endpoint 203.0.113.1:1' \
	"setconf with a part that the kernel refuses" setconf "$dir/a.conf"
cp "$dir/good.conf" "$dir/rate.conf"
printf '[Peer]\nPublicKey = %s\nProfile = maximum\nRate = off\n' "$(rtplctl genkey | rtplctl pubkey)" >>"$dir/rate.conf"
refused 'setconf: .*rate.conf:[0-9]+: rate off and profile maximum contradict each other: .*\(take the Rate line out: Rate = off is one, too' \
	"a rate beside a profile, and be it off, names the next step" setconf "$dir/rate.conf"
sed -i 's/^Profile = maximum/Profile = standard/; s/^Rate = off/Rate = 100/' "$dir/rate.conf"
refused 'setconf: .*rate.conf:[0-9]+: rate "100" and profile standard contradict each other: .*\(take the Rate line out' \
	"a rate beside a schedule, likewise" setconf "$dir/rate.conf"
# Two peers exchange prefixes.
sed "s|^Allowed = .*$B4.*|@|; s|^Allowed = 10.*|Allowed = $B4/32, $B6/128|; s|^@|Allowed = 10.0.0.0/8|" \
	"$dir/good.conf" >"$dir/swap.conf"
t_is "$(a rtplctl setconf "$dir/swap.conf")" "peers: 0 added, 2 changed, 0 removed, 0 unchanged" \
	"two peers exchange their prefixes"
t_is "$(peer "$third" .allowed)" "[\"$B4/32\",\"$B6/128\"]" "so they do"
grep -v '^Endpoint' "$dir/good.conf" | sed "/^PublicKey = $(tr + . <<<"$third" | sed 's|/|.|g')/,\$d" |
	sed '$d' >"$dir/less.conf"
t_is "$(a rtplctl setconf "$dir/less.conf")" "peers: 0 added, 1 changed, 1 removed, 0 unchanged" "setconf removes"

# --- many ---
{
	printf '[Node]\nPrivateKey = %s\nListen = 51900\n' "$(cat "$PAIR_DIR/a.key")"
	python3 -c '
import base64
for i in range(1000):
    key = bytes([9]) + (i + 1).to_bytes(4, "big") + bytes(27)
    print("[Peer]\nPublicKey = %s\nAllowed = 10.%d.%d.0/24, 2001:db8:%x::/48\nEndpoint = 192.0.2.2:%d"
          % (base64.b64encode(key).decode(), i >> 8, i & 255, i + 1, i + 1))'
} >"$dir/many.conf"
start=$(date +%s%N)
t_is "$(a rtplctl setconf "$dir/many.conf")" "peers: 1000 added, 0 changed, 1 removed, 0 unchanged" \
	"a thousand peers"
t_diag "in $((($(date +%s%N) - start) / 1000000)) ms"
start=$(date +%s%N)
t_is "$(a rtplctl setconf "$dir/many.conf")" "peers: 0 added, 0 changed, 0 removed, 1000 unchanged" \
	"again: nothing to do"
t_diag "in $((($(date +%s%N) - start) / 1000000)) ms"
a rtplctl --show-keys showconf >"$dir/many2.conf"
t_like "$(a rtplctl setconf "$dir/many2.conf")" "1000 unchanged" "there and back by showconf"
{
	cat "$dir/less.conf"
	python3 -c '
for i in range(0, 2000, 40):
    print("Allowed = " + ", ".join("2001:db8:%x::/48" % k for k in range(i, i + 40)))'
} | grep -v "^Allowed.*$B4" >"$dir/wide.conf"
t_run "a peer with 2000 prefixes" a rtplctl setconf "$dir/wide.conf"
t_is "$(peer "$B_PUB" '.allowed|length')" 2000 "is shown with all of them"
t_like "$(a rtplctl setconf "$dir/wide.conf")" "1 unchanged" "and compared"
t_run "peer del" a rtplctl peer del "$B_PUB"
t_is "$(a rtplctl -j peer show | jq -c .peers)" "[]" "no peer left"
a rtplctl flush

# --- a path that takes less than what is set ---
pair_up
o nft "add table bridge hole; add chain bridge hole f { type filter hook forward priority 0; }
	add rule bridge hole f meta length gt 1300 drop"
warnings() { a rtplctl -j show | jq -r '.peers[0].warnings[]'; }
t_is "$(warnings)" "" "a path as wide as the device: nothing to tell"
narrow() {
	a rtplctl node set private-key none
	a rtplctl node set private-key "$PAIR_DIR/a.key"
	pair_wait 60 && [ "$(pair_cell a)" = 1252 ]
}
t_run "a path that drops large packets in silence" narrow
t_like "$(a rtplctl show)" '^  warning: the path was found narrower than device eth0: it takes cells of 1252 bytes, whose MTU of 1500 would do for 1472; more is tried again' \
	"show tells that it was found narrow"
t_like "$(a rtplctl -j peer show | jq -r '.peers[0].warnings[]')" '^the path was found narrower than device eth0' "and so does peer show -j"
a rtplctl peer set "$B_PUB" cell 1400 rate 100
t_like "$(a rtplctl show)" '^  warning: a cell of 1400 bytes is more than the path takes, 1252: cells have 1252 bytes$' "a set cell that is larger"
t_like "$(a rtplctl -j show | jq -r '.peers[0].cost')" '^1.024 Mbit/s \(100 cells of 1252 bytes a second\)' "the cost is that of the cells that leave"
a rtplctl peer set "$B_PUB" shape none
a rtplctl peer set "$B_PUB" profile standard
t_unlike "$(warnings)" 'more than the path takes' "sizes of a profile that fit"
t_like "$(a rtplctl show)" '^  promise: by the profile: .* what sizes and times tell has no bound \(' "show says that a profile has no bound"
a rtplctl peer set "$B_PUB" profile dp
t_like "$(a rtplctl show)" '^  promise: by the profile: .* is bounded as "rtplctl stats" says$' "or that it has"
a rtplctl peer set "$B_PUB" profile standard
o nft delete table bridge hole
a rtplctl peer set "$B_PUB" limit 1
t_like "$(a rtplctl show)" '^  limit: 1 packet$' "one is not several"
a rtplctl peer set "$B_PUB" shape none
a rtplctl peer set "$B_PUB" policy off,maximum epoch 1s load 1mbit
one_epoch() { a rtplctl stats | grep -qE ' in 1 epoch, which tell'; }
t_run "nor is an epoch" wait_until 5 one_epoch
t_done
