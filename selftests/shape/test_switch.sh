#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 600
# debug: smp
# tier: uml
#
# Profiles changed while traffic runs, to exchanges and away from them in the middle of a burst, too:
# no byte is lost for good, nothing goes in clear,
# and between profiles of one constant rate no slot is missed or moved. And a profile
# of one's own: loaded, replaced in running links, refused, forgotten.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$(dirname "$0")/../traffic/bytes.sh"

all=(off standard enhanced requests maximum censored bip324 wtfpad regulator tamaraw dp exchange exchange)
rounds=200 again=50
case $RTPL_ENVIRONMENT:${RTPL_KERNEL:-} in
vm:debug*) rounds=60 again=10 ;;	# where a change takes seconds
*:debug*) rounds=500 ;;
esac

topo_up
wire_like
pair_up profile off || t_bail "no pair"
pair_wait || t_bail "the link does not come up"

for h in a b; do
	t_run "a profile of exchanges is loaded at $h" $h rtplctl profile load "${0%/*}/profiles/exchange.profile"
done

# ---- under load ----
impair both rate 30mbit limit 2000
nsenter --net=/run/netns/o tcpdump -U -i pa -nn -s 64 --immediate-mode -B 16384 -w "$OUT/all.pcap" \
	"ip and (host $A4 or host $B4)" 2>/dev/null &
dump=$!
nsenter --net=/run/netns/b -- socat -u TCP4-LISTEN:7003,reuseaddr - | md5sum >"$OUT/came" &
sink=$!
wait_until 20 listening b 7003
head -c 500000 /dev/urandom >"$OUT/part"
touch "$OUT/more"
# As many parts as it takes until all changes are done, and at least six.
parts() {
	local n=0
	while [ $n -lt 6 ] || [ -e "$OUT/more" ]; do
		cat "$OUT/part"
		n=$((n + 1))
	done
	echo $n >"$OUT/parts"
}
{ parts | tee /dev/fd/3 | nsenter --net=/run/netns/a -- socat -u - "TCP4:$B4:7003"; } 3>&1 | md5sum >"$OUT/left" &
source=$!
switch=$(dirname "$0")/switch.py
nsenter --net=/run/netns/b -- "$switch" "$A_PUB" server $rounds 11 "${all[@]}" >"$OUT/b.taken" &
other=$!
a "$switch" "$B_PUB" client $rounds 10 "${all[@]}" >"$OUT/a.taken"
wait $other
t_is "$(($(cat "$OUT/a.taken") + $(cat "$OUT/b.taken")))" $((2 * rounds)) "$((2 * rounds)) changes of profile under load"
t_between "$(pair_stat a profile_switches)" $((rounds / 2)) "$rounds" "the engine took them"
t_is "$(a rtplctl -j stats | jq -r '.peers[0].leak.ever')" unbounded "the meter does not forget profiles without a bound"
a rtplctl peer set "$B_PUB" profile off
b rtplctl peer set "$A_PUB" profile off
rm "$OUT/more"
wait $source $sink
t_is "$(cat "$OUT/came")" "$(cat "$OUT/left")" "$(($(cat "$OUT/parts") * 500000)) bytes are what they were"
t_run "and packets pass" a ping -q -c 3 -i 0.2 -W 5 $B4
kill $dump
wait $dump
seen() { tcpdump -nn -r "$OUT/all.pcap" "$@" 2>/dev/null | wc -l; }
t_between "$(seen udp port $PAIR_PORT)" 1000 10000000 "the observer saw cells"
t_is "$(seen not udp port $PAIR_PORT)" 0 "nothing went in clear"

# ---- one constant rate ----
impair both none
rtplctl profile show maximum | sed 's/^Name = .*/Name = twin/' >"$OUT/twin.profile"
t_run "a profile of one's own is loaded" a rtplctl profile load "$OUT/twin.profile"
t_is "$(a rtplctl -j profile loaded | jq -c '.profiles[] | select(.name == "twin") | [.builtin, .links]')" \
	"[false,0]" "the kernel knows it"
a rtplctl peer set "$B_PUB" profile maximum
sleep 1
missed=$(pair_stat a slots_missed)
nsenter --net=/run/netns/o tcpdump -U -i pa -Q in -nn -q -s 64 --immediate-mode -B 16384 --time-stamp-precision=nano -w "$OUT/rate.pcap" \
	"udp port $PAIR_PORT and src $A4" 2>/dev/null &
dump=$!
sleep 0.5
for ((i = 0; i < again; i++)); do
	a rtplctl peer set "$B_PUB" profile twin
	[ $((i % 5)) != 0 ] || a ping -q -c 1 -W 1 $B4 >/dev/null
	a rtplctl peer set "$B_PUB" profile maximum
done
# The same profile again, loaded anew, is a change for those that have it.
a rtplctl peer set "$B_PUB" profile twin
t_run "loaded again while it runs" a rtplctl profile load "$OUT/twin.profile"
sleep 0.3
kill $dump
wait $dump
# An emulated processor misses slots by itself.
if [ $RTPL_ENVIRONMENT = uml-tt ]; then
	t_is "$(pair_stat a slots_missed)" "$missed" "constant rate: no slot missed over $((2 * again + 2)) changes"
	gaps=$(tcpdump -nn -tt --time-stamp-precision=nano -r "$OUT/rate.pcap" 2>/dev/null |
		awk '{ split($1, t, "."); s = t[1]; n = t[2]; if (NR > 1) print (s - ps) * 1000000000 + n - pn; ps = s; pn = n }' |
		sort -n)
	t_between "$(wc -l <<<"$gaps")" 500 1000000 "constant rate: cells were seen"
	# The clock has steps of 256 ns, and a cell may leave one late: a slot of 1000000 ns
	# is two of them more or less.
	t_between "$(head -n 1 <<<"$gaps")" 999488 1000512 "constant rate: the least gap is the slot"
	t_between "$(tail -n 1 <<<"$gaps")" 999488 1000512 "constant rate: the largest gap is the slot"
fi

# ---- what is refused ----
t_like "$(a rtplctl profile unload twin 2>&1)" "twin is in use" "one that is in use is not forgotten"
t_like "$(a rtplctl profile unload maximum 2>&1)" "profile maximum comes with the module" "nor one that comes with the module"
t_like "$(a rtplctl peer set "$B_PUB" profile nosuch 2>&1)" "no profile of that name" "a profile that is not there"
t_is "$(a rtplctl -j show | jq -r '.peers[0].shape_now.profile')" twin "and the old one stays"
t_like "$(a rtplctl peer set "$B_PUB" profile wtfpad rate 1000 2>&1)" "contradict" "a rate beside another schedule"
t_is "$(a rtplctl -j show | jq -r '.peers[0].shape_now.profile')" twin "and the old one stays"
t_run "a rate beside a constant one" a rtplctl peer set "$B_PUB" profile maximum rate 500
t_is "$(a rtplctl -j show | jq -r '.peers[0].shape_now.rate')" 500 "is in force"
a rtplctl peer set "$B_PUB" profile none rate off
t_is "$(a rtplctl -j show | jq -r '.peers[0].shape_now.profile')" null "none: no profile"
t_run "now it can be forgotten" a rtplctl profile unload twin

# Unloading one in whose place the module's would not do is refused, and leaves no trace.
cat >"$OUT/standard.profile" <<'P'
[Profile]
Name = standard
About = of one size, which the module's is not

[Sizes]
Cell = 1000

[Schedule]
Kind = constant
Rate = 100 cells/s
P
t_run "one by the name of a module's is loaded" a rtplctl profile load "$OUT/standard.profile"
a rtplctl peer set "$B_PUB" profile standard rate 150
shape() { a rtplctl -j show | jq -c '.peers[0].shape_now | [.profile, .cell, .rate]'; }
was=$(shape)
t_like "$(a rtplctl profile unload standard 2>&1)" "without it profile standard does not go with peer" "it cannot be unloaded"
t_is "$(a rtplctl -j profile list 2>/dev/null | jq -c '.profiles[] | select(.name == "standard") | .builtin // false')" "false" "and is still there"
t_run "the peer's settings can be set anew" a rtplctl peer set "$B_PUB" profile standard rate 150
a tc qdisc change dev eth0 root rtpl limit 900
t_is "$(shape)" "$was" "another setting leaves it in force"
a rtplctl peer set "$B_PUB" profile none rate off
t_run "without users it goes" a rtplctl profile unload standard
a tc qdisc change dev eth0 root rtpl profile standard
t_like "$(a tc qdisc show dev eth0)" "profile standard" "the qdisc's profile"
t_is "$(a rtplctl -j show | jq -r '.peers[0].shape_now.profile')" null "a peer that has none keeps none"
rm -f "$OUT/part" "$OUT"/*.pcap "$OUT"/*.profile
t_done
