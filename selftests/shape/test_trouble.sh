#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# Trouble, for each schedule and each kind of chaff, in virtual time: a clock that steps by an hour,
# each two profiles at the two ends, and a change from each profile to each other in the middle of a
# burst. All bytes leave in time, no cell before the one before it, no burst, no spinning, and ends
# that only answer each other's chaff fall silent (tools/harness/trouble.c).
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
o=$(mktemp -d)
make -s -C tools/harness O="$o" "$o/trouble" >"$o/make" 2>&1 || t_bail "make: $(tail -n 5 "$o/make")"
cat >"$o/reply.profile" <<'P'
[Profile]
Name = reply
About = answers chaff with chaff, without a limit

[Sizes]
Cell = 544

[Schedule]
Kind = as-it-comes

[Chaff]
Kind = wtf-pad
SentBurst = normal:0.02,0.005 s tokens 10000 infinity 1/20
SentGap = normal:0.02,0.005 s tokens 10000 infinity 1/20
ReceivedBurst = normal:0.02,0.005 s tokens 10000 infinity 1/20
ReceivedGap = normal:0.02,0.005 s tokens 10000 infinity 1/20
Removal = lower
OnChaff = on
P
profiles=(off standard enhanced requests requests-strong maximum censored bip324 wtfpad regulator tamaraw dp)
# What the profiles that come with RTPL do not have.
for p in schedule-interval schedule-interval-chaff schedule-ladder schedule-jitter \
	schedule-private-laplace schedule-exchange \
	chaff-front chaff-cover chaff-wtf-pad machines messages-laplace; do
	profiles+=("Documentation/pictures/$p.profile")
done
for mode in jump pair change; do
	said=$("$o/trouble" $mode "${profiles[@]}" 2>&1)
	t_like "$(tail -n 1 <<<"$said")" "^PASS $mode: [1-9][0-9]+ cases, 0 of them wrong" "$mode: $(tail -n 1 <<<"$said")"
	[ "$(wc -l <<<"$said")" = 1 ] || t_diag "$(head -n 20 <<<"$said")"
done
# It can fail: two ends each of whose cells calls for more than one go on for ever.
t_like "$("$o/trouble" pair "$o/reply.profile" 2>&1 | tail -n 1)" "^FAIL pair" "ends that answer each other for ever are told"
rm -rf "$o"
t_done
