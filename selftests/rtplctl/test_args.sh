#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# What rtplctl says without a kernel: help, keys, wrong words, files. Each wrong
# word gives one sentence that names it, and status 2; each wrong file status 1.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
dir=$(mktemp -d)
R=${RTPLCTL:-tools/rtplctl/rtplctl}
if [ ! -x "$R" ]; then
	make -s -C tools/rtplctl O="$dir" >/dev/null 2>&1 || t_bail "make rtplctl"
	R=$dir/rtplctl
fi
umask 077

# says STATUS REGEX NAME ARGS...: fails so, in one line on standard error only.
says() {
	local status=$1 want=$2 name=$3 out rc=0
	shift 3
	out=$("$R" "$@" 2>"$dir/err") || rc=$?
	if [ $rc = "$status" ] && [ -z "$out" ] && [ "$(wc -l <"$dir/err")" = 1 ] &&
	   grep -qE -- "^rtplctl: $want" "$dir/err"; then
		t_ok "$name"
	else
		t_not_ok "$name" "status $rc, want $status: $*
said: $out $(cat "$dir/err")
want: /^rtplctl: $want/"
	fi
}

# --- help ---
for c in $("$R" -j help | python3 -c 'import json, sys
print(*[c["name"] for c in json.load(sys.stdin)["commands"]])'); do
	t_like "$("$R" help "$c")" "^Usage: rtplctl .*$c" "help $c"
	t_is "$("$R" "$c" --help)" "$("$R" help "$c")" "$c --help is the same"
done
t_like "$("$R" --help)" '^Usage' "--help"
t_like "$("$R" -j version)" '"rtplctl":"[0-9.]+"' "version -j"

# --- keys ---
"$R" genkey >"$dir/key"
t_like "$(cat "$dir/key")" '^[A-Za-z0-9+/]{43}=$' "genkey"
t_isnt "$("$R" genkey)" "$("$R" genkey)" "never the same key"
pub=$("$R" pubkey <"$dir/key")
t_is "$("$R" pubkey "$dir/key")" "$pub" "pubkey of a file or standard input"
# RFC 7748, section 6.1
t_is "$(echo 'dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=' | "$R" pubkey)" \
	'hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=' "pubkey as RFC 7748 has it"
t_like "$("$R" -j genpsk)" '^\{"preshared_key":"[A-Za-z0-9+/]{43}="\}$' "genpsk -j"
umask 022
t_like "$("$R" genkey 2>&1 >"$dir/open")" 'warning: .*can be read by others \(mode 0644\)' \
	"genkey warns when others can read the file"
t_like "$("$R" pubkey "$dir/open" 2>&1 >/dev/null)" 'warning: .*can be read by others' \
	"and so does who reads it"
umask 077
t_is "$("$R" genkey 2>&1 >"$dir/closed")" "" "not when they cannot"
t_fails_with 'genkey: cannot write the key: No space left' "genkey on a full disk" \
	sh -c '"$0" genkey >/dev/full' "$R"
for w in version "-j version" help "-j help" "profile show standard" "-j profile list" "-j profile show standard"; do
	# shellcheck disable=SC2016 # the inner shell's
	t_fails_with 'cannot write( JSON)?: No space left' "$w on a full disk" sh -c '"$0" $1 >/dev/full' "$R" "$w"
done
umask 022
echo nonsense >"$dir/text"
umask 077
says 1 'pubkey: what .*text" holds is not a key: 8 characters' "of what is no key nothing else is said" pubkey "$dir/text"
echo >"$dir/empty"
says 1 'pubkey: what .*empty" holds is not a key: 0 characters' "an empty key file" pubkey "$dir/empty"
says 1 'pubkey: cannot open "/nosuch"' "no key file" pubkey /nosuch
# Random as a piece of a key is.
says 1 'pubkey: cannot open "/t\.EkMd2CwRkI/empty"' "a temporary directory's name" pubkey /t.EkMd2CwRkI/empty
says 1 'pubkey: cannot open "/t\.\(hidden\)"' "but not a piece of a key in it" \
	pubkey /t.EkMd2CwRkI/6HmHHtlKqKP5jZrXYD0ceIoSSf2
says 1 'pubkey: cannot open "/etc/\.\(hidden\)"' "a key behind a dot" \
	pubkey /etc/.VMObGUtE/uHftRYZVBB2cla/Ty/WSCWKHKl/RNsqw8k=
says 1 'pubkey: cannot open "\(hidden\)"' "a key as openssl prints it" \
	pubkey "$(python3 -c 'print(":".join("%02x" % (37 * i % 256) for i in range(32)))')"
head -c 5000 /dev/zero >"$dir/zero"
says 1 'pubkey: what .* holds is not a key' "a long key file" pubkey "$dir/zero"
echo AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= >"$dir/null"
says 1 'pubkey: the key in .* is all zero' "a key of nothing" pubkey "$dir/null"

# What some editors put in front of UTF-8, and a carriage return: in whatever a user writes.
marked() { # FILE: the same with both
	printf '\357\273\277%s' "$(sed 's/$/\r/' "$1")" >"$1.marked"
	! cmp -s "$1" "$1.marked" && echo "$1.marked"
}
t_is "$("$R" pubkey "$(marked "$dir/key")" 2>&1)" "$pub" "a byte order mark before a key"
printf '[Node]\nPrivateKeyFile = key\nListen = 51900\n' >"$dir/mark.conf"
t_is "$("$R" checkconf "$(marked "$dir/mark.conf")" 2>&1 | sed 's/^[^ ]* //')" \
	"$("$R" checkconf "$dir/mark.conf" | sed 's/^[^ ]* //')" "before a configuration"
"$R" profile show standard >"$dir/mark.profile"
t_is "$("$R" profile check "$(marked "$dir/mark.profile")" 2>&1)" "$("$R" profile check standard)" "before a profile"
printf '\357\273\277' | cat - "$dir/mark.conf.marked" >"$dir/two.conf"
says 1 'checkconf: ' "two of them are not taken" checkconf "$dir/two.conf"

# --- wrong words ---
says 2 '"nosuch" is no subcommand' "no subcommand" nosuch
says 2 '"shwo" is no subcommand \(is show meant\?\)' "the nearest subcommand" shwo
says 2 'peer ad: .* \(is add meant\?\)' "the nearest word of peer" peer ad x
says 2 'help: "shwo" is no subcommand \(is show meant' "of help" help shwo
says 2 'help: "nosuch" is no subcommand \(rtplctl help lists them' "or where they are" help nosuch
says 2 'rotate pear: "pear" is neither peer nor node \(is peer meant' "the nearest word of rotate" rotate pear
# The nearest option: of each subcommand, of those that stand anywhere; at each place.
while read -r want words; do
	read -ra words <<<"$words"
	says 2 "(${words[0]}: )?unknown option \"-.*\" \(is $want meant\?\)" "${words[*]}: $want" "${words[@]}"
done <<-'END'
	--leakguard up --leakgaurd x
	--wait up --wiat 5 x
	--hold up x --hodl
	--hold down --hlod x
	--force save --froce x
	--after reresolve --afetr 60
	--brief show --breif
	--watch stats --wach
	--count stats --watch 1 --cuont 3
	--count monitor --cuont 3
	--json show --jsn
	--netns flush --nets
	--json --jsno show
	--show-keys --show-kyes
END
says 2 'show: unknown option "--nosuch" \(rtplctl help show lists them' "none is near" show --nosuch
says 2 'up: unknown option "--wait=5" \(a value is a word of its own, behind --wait\)' "a value behind =" up --wait=5 x
says 2 'unknown option "--netns=x" \(a value is a word of its own, behind --netns\)' "of those that stand anywhere" --netns=x show
says 2 'help: "stats" is one word too many' "help of two" help show stats
says 2 'up: wait "3x" is not a number of seconds' "up: wait" up --wait 3x n
says 2 'genkey: "x" is one word too many' "a word too many" genkey x
says 2 'node x: "x" is neither set nor show' "node: no such word" node x
says 2 'node set: nothing to set' "node set: nothing" node set
says 2 'node set: "listen" needs a value' "node set: no value" node set listen
says 2 'node set: port "65536" is not between 0 and 65535' "node set: port" node set listen 65536
says 2 'node set: "listen" is given twice' "node set: twice" node set listen 1 listen 1
says 2 'node set: unknown word "colour"' "node set: unknown" node set colour red
says 1 'node set: cannot open "/nosuch"' "node set: no file" node set private-key /nosuch
says 2 'node set: fwmark "0x1g" is not' "node set: fwmark" node set fwmark 0x1g
says 2 "peer add: a peer's public key is missing" "peer add: no key" peer add
says 2 'peer add: "abc" is not a key: 3 characters' "peer add: short key" peer add abc
says 2 'peer add: "\(hidden\)" is not a key: 45' "peer add: long key" peer add "${pub}x"
says 2 'peer add: "\(hidden\)" is not a key: all zero' "peer add: zero key" peer add "$(cat "$dir/null")"
says 2 'peer set: nothing to set' "peer set: nothing" peer set "$pub"
says 2 'peer del: "x" is one word too many' "peer del: too much" peer del "$pub" x
while IFS='|' read -r words want; do
	# shellcheck disable=SC2086 # words
	says 2 "peer add: $want" "peer add: $words" peer add "$pub" $words
done <<'EOF2'
endpoint 192.0.2.300:1|"192.0.2.300" is not an address
endpoint 192.0.2.2|endpoint "192.0.2.2" has no port
endpoint 2001:db8::1:1|.*stands in brackets
endpoint 192.0.2.2:1 endpoint 192.0.2.2:1|"endpoint" is given twice
allowed 192.0.2.1/24|"192.0.2.1/24" has bits set behind its length \(192.0.2.0/24\?\)
allowed 192.0.2.300|"192.0.2.300" is not an address
allowed 192.0.2.1,192.0.2.1/32|prefix 192.0.2.1/32 is given twice
allowed 192.0.2.1,|.* is not a comma separated list
require maybe|require "maybe" is neither on nor off
cell 100|cell "100" is not between 256 and 9000
cell 63,512|cell "63,512" holds a size that is not between 64 and 9000 bytes
cell 64,128|cell "64,128" holds no size of 256 bytes or more, which a handshake needs
cell 512,512|cell "512,512" is not in ascending order
cell round|cell "round" is neither
rate 10mbit|rate "10mbit" is a bit rate, and the size of a cell is not known
rate 10mbit cell pow2|rate "10mbit" and cell "pow2" contradict each other
rate 0.1|rate "0.1" is not a whole number of cells per second
rate 100.9|rate "100.9" is not a whole number of cells per second
latency 20.9ns|latency "20.9ns" is not a whole number of nanoseconds
rate 10 latency 10|at rate "10" a cell leaves only every 100ms, and the latency 10ms is shorter
latency 11s|latency "11s" is not between
latency 1y|latency "1y" has an unknown unit
limit 0|limit "0" is not between 1 and 65536
overflow all|overflow "all" is neither newest nor oldest
dscp 64|dscp "64" is not between 0 and 63
dscp ef|dscp "ef" is neither a number, 0 to 63
ecn on|ecn "on" is not off, ect0 or ect1
keepalive -1|keepalive "-1" is not a number
keepalive 25 keepalive 25s|"keepalive" is given twice
keepalive 25x|keepalive "25x" is not a number of seconds \(s, min, h\)
keepalive 25h|keepalive "25h" is not between 1 and 65535 seconds, nor off
keepalive 25s latncy 1ms|unknown word "latncy" \(is latency meant\?\)
psk|"psk" needs a value
policy off standard maximum|policy "off" has 1 profile: it takes 2 to 8, weakest first, in one word
colour red|unknown word "colour"
EOF2
says 1 'peer add: cannot open "/nosuch"' "peer add: no psk file" peer add "$pub" psk /nosuch
says 2 'stats: --count makes sense' "stats: --count alone" stats --count 2
says 2 'stats: interval "0" is not between' "stats: interval" stats --watch 0
says 2 'stats: interval "0.5" is not a whole number of seconds' "stats: half a second" stats --watch 0.5
says 2 'stats: interval "-1" is not a number of seconds' "stats: less than none" stats --watch -1
says 1 'attach: there is no device "nodev0"' "attach: no device" attach nodev0
says 2 'monitor: count "0" is not' "monitor: count" monitor --count 0
says 2 'up: the configuration' "up: nothing" up
says 2 'up: --leakguard contradicts' "up: contradiction" up --leakguard --hold x
says 2 'up: "x/" is neither a file nor a name' "up: no name" up x/
says 2 'up: "a b" is neither' "up: a blank" up 'a b'
says 2 'save: ".hidden" is neither a file nor a name .*none of . and - first; at most 64' "save: a name that begins so" save .hidden
says 1 'up: cannot open "/etc/rtpl/nosuchname.conf"' "up: no file" up nosuchname
says 1 'up: cannot open "nosuch.conf": No such file or directory \(a file in this folder; the name nosuch means /etc/rtpl/nosuch.conf\)' "up: a file's name" up nosuch.conf
says 1 'up: cannot open "[^"]*/nosuch.conf": No such file or directory$' "up: a path" up "$dir/nosuch.conf"
t_like "$(make help)" '^make unit +unit tests' "make help has unit"
t_like "$("$R" help show)" 'beside_leakguard.*left_shut.*held.*peers' "help show has all keys"
t_like "$("$R" help node)" '"version", "warnings"' "and help node"
says 1 'there is no network namespace "nosuch"|show: there is no network' "no namespace" -n nosuch show
says 2 '"-n" needs the name' "-n alone" -n

# --- files ---
conf=$dir/x.conf
check() { says 1 "checkconf: $1" "$2" checkconf "$conf"; }
printf '[Node]\nPrivateKeyFile = key\nDevice = eth0\n[Peer]\nPublicKey = hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\nAllowed = 192.0.2.2/32\nEndpoint = peer.example:1\n' >"$conf"
t_like "$("$R" checkconf "$conf")" 'x.conf is good: 1 peer, 1 prefix, 1 device$' "checkconf"
t_is "$("$R" checkconf - <"$conf" 2>&1)" "rtplctl: checkconf: -:2: PrivateKeyFile: cannot open \"key\": No such file or directory" \
	"checkconf of standard input knows no folder"
json=$("$R" -j checkconf "$conf")
t_is "$(python3 -c 'import json, sys
j = json.load(sys.stdin)
print(j["devices"], j["node"]["private_key"], j["peers"][0]["endpoint"], j["peers"][0]["require"])' <<<"$json")" \
	"['eth0'] (hidden) peer.example:1 True" "checkconf -j"
t_fails "no key in it" grep -F "$(cat "$dir/key")" <<<"$json"
t_run "unless asked" grep -qF "$(cat "$dir/key")" <("$R" -j --show-keys checkconf "$conf")
printf '[Peer]\nPublicKey = %s\n' "$pub" >>"$conf"
check ".*x.conf:9: the peer's PublicKey is the node's own" "the node as its own peer"
# The same scalar (RFC 7748, section 5), as it is given and as it is kept.
printf '[Node]\nPrivateKey = %s\n[Peer]\nPublicKey = %s\n' "dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=" \
	"cAdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LGo=" >"$conf"
check ".*x.conf:4: the peer's PublicKey is the node's private key" "its private key, clamped, as a peer's public one"
printf '[Node]\nPrivateKeyFile = key\nColour = red\n' >"$conf"
check '.*x.conf:3: unknown key "Colour"' "an unknown key"
printf '[Node]\nPrivateKeyFile = key\n[Peer]\nPublicKey = %s\nPresharedKeyFile = nosuch\n' "$pub" >"$conf"
check '.*x.conf:5: PresharedKeyFile: cannot open' "no psk file"
# shaped NODE PEER: a file with settings of both
shaped() {
	printf '[Node]\nPrivateKeyFile = key\n%s\n[Peer]\nPublicKey = %s\n%s\n' "$1" \
		hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo= "$2" >"$conf"
}
# good and bad NODE PEER WHAT: as the kernel has it
good() {
	shaped "$1" "$2"
	t_like "$("$R" checkconf "$conf" 2>&1)" 'is good' "good: $3"
}
bad() {
	shaped "$1" "$2"
	check "$4" "bad: $3"
}
slow='at rate "10" a cell leaves only every 100ms, and the latency'
bad '' 'Rate = 10' "a rate slower than what holds where none is set" \
	".*x.conf:6: $slow 50ms that holds where none is given is shorter: give it a latency of its own, or a rate of 20 or more"
bad 'Rate = 10' '' "the node's, too" ".*x.conf:3: \\[Node\\] $slow"
bad 'Latency = 1s' 'Rate = 10' "only with the node's latency" ".*x.conf:6: $slow 50ms"
good 'Latency = 1s' 'Rate = 10
Latency = 1s' "with a latency of its own"
bad 'Rate = 1000' 'Cell = pow2' "sizes over the node's rate" '.*x.conf:6: rate "1000" and cell "pow2" contradict'
good 'Rate = 1000' 'Profile = none
Cell = pow2' "a profile, be it none, takes the place of what the node has"
good 'Latency = 5' 'Profile = maximum
Rate = 100' "so do those that come with the module"
bad 'Latency = 200' 'Profile = none
Rate = 10' "none has the module's latency" ".*x.conf:7: $slow 50ms"
bad '' 'Rate = 3
Latency = 333333333ns' "a nanosecond too little" '.*x.conf:6: at rate "3" a cell leaves only every 333333334ns'
bad 'Cell = 400' 'Profile = maximum
Rate = 10mbit' "a bit rate, and the profile's cells" ".*x.conf:7: rate .*the size of a cell is not known"
bad '' 'Load = 8797gbit
Policy = off standard' "a load" '.*not between 8bit and 8796gbit'
bad '' 'Name = x
Threat = 1' "a threat level without a policy" '.*x.conf:7: threat is given, but no policy'
bad '' 'Policy = off standard
Budget = 1MB/15s
Name = x' "a period" '.*x.conf:7: the period of budget 1MB/15s'
bad '' 'Allowed = 192.0.2.0/24
Allowed = 198.51.100.0/24
Allowed = 192.0.2.0/24
Name = x' "a prefix twice" '.*x.conf:8: prefix 192.0.2.0/24 is given twice'
bad '' 'Allowed = 192.0.2.0/24
Allowed = none' "none beside a prefix" '.*x.conf:7: Allowed is none and has prefixes, too'
bad '' 'Allowed = none
Allowed = 192.0.2.0/24' "a prefix beside none" '.*x.conf:7: Allowed is none and has prefixes, too'
bad 'Device = eth1 eth2' '' "devices without a comma" '.*x.conf:3: "eth1 eth2" is not a device.s name: several are separated by commas'
good 'Device = eth1 , eth2' '' "devices with blanks around the comma"
bad 'Limit = 10.5' '' "no whole number" '.*x.conf:3: limit "10.5" is not a whole number$'
bad '[Nod]' '' "a section with a slip" '.*x.conf:3: unknown section "\[Nod\]" \(is Node meant\?\)'
bad '' '[Peers]' "another" '.*x.conf:6: unknown section "\[Peers\]" \(is Peer meant\?\)'
bad '' '[Peer]
PublicKey = hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=' "a peer twice" '.*x.conf: peer hSDwCYkw stands twice, at lines 5 and 7$'
bad '' 'Endpoint = 0.1.2.3:1' "no host's address" ".*is no host's address"
good '' 'Profile = standrad' "a profile with a slip, for who may load it"
t_like "$("$R" checkconf "$conf" 2>&1)" 'warning: .*x.conf:6: profile "standrad" .*\(is standard meant\?\): unless it is loaded, "up" fails' "with the nearest"
shaped 'Profile = of' 'Name = x
Policy = off maxmum'
t_like "$("$R" checkconf "$conf" 2>&1)" 'warning: .*x.conf:3: profile "of" .*\(is off meant' "one of [Node], with its line"
t_like "$("$R" checkconf "$conf" 2>&1)" 'warning: .*x.conf:7: profile "maxmum" .*\(is maximum meant' "and of a policy"
# What goes beside a profile that comes with the module, up would refuse.
own='has a schedule of its own \(take the Rate line out: Rate = off is one, too; a constant rate goes with profile maximum, or without one\)'
bad '' 'Profile = standard
Rate = 100' "a rate beside a schedule" ".*x.conf:7: rate \"100\" and profile standard contradict each other: the profile $own"
bad 'Profile = standard' 'Rate = 100' "the profile is the node's" ".*x.conf:6: rate \"100\" and profile standard contradict"
bad 'Profile = dp
Rate = 1mbit
Cell = 500' '' "both are" ".*x.conf:4: \\[Node\\] rate \"250\" and profile dp contradict|.*x.conf:4: \\[Node\\] rate \"1mbit\" and profile dp contradict"
bad '' 'Policy = off maximum
Rate = 100' "one of a policy's" '.*x.conf:7: rate "100" and profile off contradict each other'
bad '' 'Profile = maximum
Rate = off' "no rate beside a constant one" '.*x.conf:7: rate off and profile maximum contradict each other: the profile is a constant rate \(take the Rate line out'
bad '' 'Profile = tamaraw
Cell = pow2' "several sizes" '.*x.conf:7: cell "pow2" and profile tamaraw contradict each other: the profile needs cells of one size'
bad '' 'Profile = standard
Latency = 2' "a latency below what it holds" '.*x.conf:7: latency 2ms is shorter than profile standard holds a cell, 5ms: give it a latency of 5ms or more'
bad 'Profile = maximum' 'Rate = 10' "a rate too slow for the profile's latency" '.*x.conf:6: .*10.*latency 50ms'
good 'Rate = 100' 'Profile = standard' "the node's rate counts no more beside a peer's profile"
good 'Profile = standard' 'Profile = none
Rate = 100' "none gives the node's up"
good 'PreUp = rtplctl profile load /etc/rtpl/x.profile' 'Profile = standard
Rate = 100' "what a command loads may have that name"
for p in $("$R" -j profile list | python3 -c 'import json, sys
print(*[p["name"] for p in json.load(sys.stdin)["profiles"]])'); do
	good '' "Profile = $p" "profile $p by itself"
done
shaped '' 'Profile = mine'
t_like "$("$R" checkconf "$conf" 2>&1)" 'warning: .*x.conf:6: profile "mine" does not come with the module' "a profile to be loaded"
shaped 'PreUp = rtplctl profile load x' 'Policy = off mine'
t_unlike "$("$R" checkconf "$conf" 2>&1)" 'warning: profile' "which a command loads"
# What protects nothing, or has nowhere to leave by, is told.
notes() { # NODE PEER REGEX WHAT
	shaped "$1" "$2"
	t_like "$("$R" checkconf "$conf" 2>&1)" "$3" "$4"
}
noted='names no Device: '
notes '' 'Allowed = 203.0.113.9' "warning: \".*x.conf\" ${noted}what the peers require is stopped until a device has the qdisc \\(Device = eth0" "no device"
notes '' 'Allowed = 203.0.113.9
Require = off' "warning: \".*x.conf\" ${noted}what goes to the peers leaves in clear until" "where nothing is required"
t_like "$("$R" checkconf "$conf" 2>/dev/null)" 'is good' "it is good all the same"
notes '' 'Name = x' "warning: .*x.conf:4: the peer has no Allowed: it protects nothing" "no prefix"
notes 'Device = eth0' 'Allowed = 203.0.113.9
Policy = off maximum
Load = 50mbit' "warning: .*x.conf:8: load 50mbit is not less than profile maximum carries \\(9624kbit at most\\): there the policy does not step down for load" "a load that is never reached"
notes 'Device = eth0' 'Allowed = 203.0.113.9
Policy = off maximum
Cell = 8000
Load = 50mbit' 'x.conf is good' "one that is, with larger cells"
t_unlike "$("$R" checkconf "$conf" 2>&1)" 'carries' "and is not told"
for w in '1B/day|' '1B/day|Cell = 1000' '999B/day|Cell = 1000' '63B/week|Cell = pow2'; do
	notes 'Device = eth0' "Allowed = 203.0.113.9
Policy = off requests requests-strong
Budget = ${w%|*}
${w#*|}" "warning: .*x.conf:8: budget ${w%|*} is less than a cell of [0-9]+ bytes: one padded cell is above it, at each level" \
		"a budget that no level keeps: $w"
done
for w in '1000B/day|Cell = 1000' '64B/day|Cell = pow2' 'off|' '1kB/day|Cell = 512,1024'; do
	shaped 'Device = eth0' "Allowed = 203.0.113.9
Policy = off requests requests-strong
Budget = ${w%|*}
${w#*|}"
	t_unlike "$("$R" checkconf "$conf" 2>&1)" 'warning' "one that may do: $w"
done
for w in 'maximum off' 'off dp standard' 'standard off'; do
	notes 'Device = eth0' "Allowed = 203.0.113.9
Policy = \"$w\"" 'warning: .*x.conf:7: policy ".*" has [a-z]* before [a-z]*, which hides less: the weakest comes first' "the strongest first: $w"
done
notes 'Device = eth0' "Allowed = 203.0.113.9
Policy = off standard enhanced dp maximum" '^[^ ]*x.conf is good' "the weakest first"
t_is "$("$R" checkconf "$conf" 2>&1 | grep -c warning)" 0 "is not told"
shaped 'Device = eth0' 'Allowed = none'
t_is "$("$R" checkconf "$conf" 2>&1 | grep -c warning)" 0 "nothing of none, and a device"
shaped 'PostUp = tc qdisc add dev eth0 root rtpl' 'Allowed = 203.0.113.9'
t_is "$("$R" checkconf "$conf" 2>&1 | grep -c warning)" 0 "nor of a command that puts the qdisc there"
head -c 17000000 /dev/zero >"$conf"
check '.*x.conf" is larger than 16 MiB' "a file too large"
mkdir "$dir/d.conf"
says 1 'checkconf: cannot read ".*/d.conf": Is a directory' "a folder" checkconf "$dir/d.conf"
chmod 644 "$dir/key"
printf '[Node]\nPrivateKey = %s\n' "$(cat "$dir/key")" >"$conf"
chmod 644 "$conf"
t_like "$("$R" checkconf "$conf" 2>&1)" 'warning: .*holds keys and can be read by others' "a file of keys that others can read"
chmod 620 "$conf"
t_like "$("$R" checkconf "$conf" 2>&1)" 'warning: .* can be changed by others \(mode 0620\): chmod 600 it' "one that others can change"
(umask 0; printf '[Node]\nPrivateKeyFile = key\nPostUp = true\n' >"$dir/open.conf")
says 1 'checkconf: ".*open.conf" has commands, which root runs, and can be changed by others \(mode 0666\): chmod 600 it' \
	"with commands it is refused" checkconf "$dir/open.conf"

"$R" profile show wtfpad | sed 's/^Overhead = .*/Overhead = 6 %/' >"$dir/six.profile"
t_like "$("$R" -j profile check "$dir/six.profile")" '"overhead": 0.06,' "a number as it was given, in JSON"

# --- amounts: one reader for all tools, so each takes and refuses the same ---
umask 077
exec=$PWD/tools/sim
if [ ! -x "$exec/rtpl-sim" ]; then
	make -s -C tools/sim O="$dir" >/dev/null 2>&1 || t_bail "make rtpl-sim"
	exec=$dir
fi
echo 1.0,1,100 >"$dir/one.csv"
sim() { RTPL_EXEC_PATH=$exec "$R" sim --profile off "$@" "$dir/one.csv"; }
profile() {
	printf '[Profile]\nName = x\nAbout = x\n[Schedule]\nKind = jitter\nLongest = %s\nHold = uniform:0,5 ms\n' \
		"$1" >"$dir/x.profile"
	"$R" profile check "$dir/x.profile"
}
conf() {
	printf '[Node]\nPrivateKeyFile = key\nCell = 600\n%s\n' "$1" >"$dir/x.conf"
	"$R" checkconf "$dir/x.conf"
}
# alike WANT WORD COMMAND...: each command takes the word, or each refuses it.
alike() {
	local want=$1 word=$2 got='' command rc
	shift 2
	for command; do
		rc=0
		# shellcheck disable=SC2086,SC2294 # words
		eval "$command" >"$dir/out" 2>&1 || rc=$?
		got+="$rc "
	done
	t_like "$got" "^($want )+$" "$word: $want from each that reads it"
}
for word in 20ms 20MS "20 ms" 0.02s 20000us 20.0ms 20000000.5ns 20.0000001ms .02s 20. 0x14ms 2e1ms 1.5.2ms 20parsecs -20ms 99999999999999999999ms; do
	case $word in *5ns|*1ms) want='[12]' ;; 20[mMu0.]*[sS]|"20 ms"|0.*) want=0 ;; *) want='[12]' ;; esac
	alike "$want" "$word" 'sim --rtt "$word"' 'profile "$word"' 'conf "Latency = $word"'
done
for word in 10mbit 10Mbit 0.5gbit 10000000.5bit "8 mbit" 10mb 0x10mbit 1e6bit 9.mbit; do
	case $word in *0x*|*e*|*.m*|*mb) want='[12]' ;; *) want=0 ;; esac
	alike "$want" "$word" 'sim --link-rate "$word" --rtt 0' 'conf "Rate = $word"'
done
# --- fit ---
says 2 'fit: what of fit\? There is: record$' "fit alone" fit
says 2 'fit: "recrod" is not record, ' "another word" fit recrod
says 2 'fit: the peer is missing' "of whom" fit record --out "$dir/s" --label x
says 2 'fit: --out FILE is missing' "into what" fit record berlin --label x -- true
says 2 'fit: --label NAME is missing' "what the command makes" fit record berlin --out "$dir/s" -- true
says 2 'fit: what is to be recorded\? Give a command behind "--", or --for TIME$' "neither" fit record berlin --out "$dir/s" --label x
says 2 'fit: a command and --for contradict' "both" fit record berlin --out "$dir/s" --label x --for 10s -- true
says 2 'fit: --by goes with --for' "--by and a command" fit record berlin --out "$dir/s" --label x --by port -- true
says 2 'fit: --times goes with a command' "--times and --for" fit record berlin --out "$dir/s" --for 10s --times 3
says 2 'fit: times "0" is not between 1 and 100000' "no times" fit record berlin --out "$dir/s" --label x --times 0 -- true
says 2 'fit: for "10m" has no unit that is known \(ms, s, min, h\)$' "a time's unit" fit record berlin --out "$dir/s" --for 10m
says 2 'fit: pause "1ms" is not between 100ms and 60s' "a pause that is too short" fit record berlin --out "$dir/s" --pause 1ms
says 2 'fit: for "x" is not a time$' "no time" fit record berlin --out "$dir/s" --for x
says 2 'fit: --for is less than twice --quiet' "too short to see a visit" fit record berlin --out "$dir/s" --for 3s --quiet 2s
says 2 'fit: by "name" is none of port, host$' "by what" fit record berlin --out "$dir/s" --for 3s --by name
says 2 'fit: the label "a,b" has a comma' "a label that would be two fields" fit record berlin --out "$dir/s" --label a,b -- true
says 2 'fit: the group is empty' "an empty group" fit record berlin --out "$dir/s" --label a --group "" -- true
says 2 'fit: the label .* has more than 64 bytes' "a long label" fit record berlin --out "$dir/s" --label "$(printf 'a%.0s' {1..65})" -- true
says 2 'fit: --label needs a value' "an option at the end" fit record berlin --out "$dir/s" --label
says 2 'fit: unknown option "--lable" \(is --label meant\?\)' "a slip" fit record berlin --lable x
t_fails "none of them made a file" test -e "$dir/s"

rm -rf "$dir"
t_done
