#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 300
#
# Chaff hardly delays data: at a bottleneck of 10 Mbit/s in each direction, loaded to
# four fifths and past what it carries, packets wait for the one cell of chaff that the device
# has already (at most 5 % longer; WTF-PAD in front of a queue that it does not see: 46 %; decoys
# that make the device's bound grow, so that packets share cells no more: 23 %).
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
load=$(dirname "$0")/bottleneck.py

topo_up
slow_line 10000000

# took SECONDS RATE: "N MEAN P50 P99 MAX" of a load from a to b.
took() {
	local sink
	nsenter --net=/run/netns/b -- "$load" sink $B4 7000 >"$OUT/took" &
	sink=$!
	wait_until 10 listening b 7000 -u
	a "$load" load $B4 7000 "$2" "$1" 7 >"$OUT/left"
	wait $sink
	cat "$OUT/took"
}
field() { cut -d' ' -f"$1" <<<"$2"; }
pct() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (a / b - 1) * 100 }'; }

pair_up profile off || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
# fq_codel drops by chance, which would be more than what chaff does.
a tc qdisc replace dev eth0 parent 1:2 handle 2: pfifo limit 300 || t_bail "no child"
# Each profile's chaff, in cells of its size that leave as packets come: without jitter and
# padded messages, whose chance would hide what chaff does. Loads in Mbit/s of IP: half of
# what the bottleneck carries of them, four fifths, and more than it has.
# Two of them; test_bottleneck_full.sh has all.
profiles=(wtfpad:3:5.2:9 bip324:3.7:6:9)
[ -z "${BOTTLENECK_FULL:-}" ] || profiles+=(censored:3.7:6:9 enhanced:3.2:5.4:9)
for what in "${profiles[@]}"; do
	p=${what%%:*} loads=${what#*:}
	rtplctl profile show $p | awk '/^\[/ { skip = /^\[(Schedule|Chaff|Limits)/ }
		!skip && !/^(Messages|Noise) /' >"$OUT/sizes"
	rtplctl profile show $p | awk '/^\[/ { on = /^\[(Chaff|Limits)/ } on' >"$OUT/chaff"
	printf '[Schedule]\nKind = as-it-comes\n' >>"$OUT/sizes"
	sed 's/^Name = .*/Name = bare/' "$OUT/sizes" >"$OUT/bare.profile"
	sed 's/^Name = .*/Name = full/' "$OUT/sizes" | cat - "$OUT/chaff" >"$OUT/full.profile"
	a rtplctl profile load "$OUT/bare.profile" && a rtplctl profile load "$OUT/full.profile" ||
		t_bail "profiles of $p"
	before=$(pair_stat a tx_chaff)
	for rate in ${loads//:/ }; do
		# What is dropped past the limit is chance, 1 % of the mean more or less: three
		# in turns, of which the means count.
		times=1 bare=0 full=0
		[ "$rate" != "${loads##*:}" ] || times=3
		chaff=$(pair_stat a tx_chaff)
		for ((i = 0; i < times; i++)); do
			a rtplctl peer set "$B_PUB" profile bare
			without=$(took 6 ${rate}e6)
			a rtplctl peer set "$B_PUB" profile full
			with=$(took 6 ${rate}e6)
			bare=$((bare + $(field 2 "$without"))) full=$((full + $(field 2 "$with")))
		done
		chaff=$(($(pair_stat a tx_chaff) - chaff))
		t_between "$(pct $full $bare)" -100 5 \
			"$p, load of $rate Mbit/s: $(pct $full $bare) % ($without; with chaff $with; $chaff cells of it)"
	done
	t_between $(($(pair_stat a tx_chaff) - before)) 20 1000000 "$p: there is chaff"
	a rtplctl peer set "$B_PUB" profile off
	a rtplctl profile unload bare
	a rtplctl profile unload full
done
t_done
