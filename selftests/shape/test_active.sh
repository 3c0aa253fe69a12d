#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
#
# What an attacker learns who holds what the client sends, or loses some of it, and watches what comes from
# the server, in the simulator (tools/sim/tells --active): where cells leave as packets come, all; at constant
# rate nothing, and nothing changes.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs sklearn
cd "$T_LIB/.." || exit
o=$(mktemp -d)
make -s -C tools/sim O="$o" >"$o/make" 2>&1 || t_bail "make: $(tail -n 5 "$o/make")"
t_run "it runs" sh -c "/usr/bin/python3 tools/sim/tells --active -j -n 60 --sim $o/rtpl-sim maximum off >$o/active"
# auc PROFILE ATTACK WHAT KEY: thousandths
auc() {
	/usr/bin/python3 -c 'import json, sys
for o in json.load(open(sys.argv[1]))["active"]:
    if o["profile"] == sys.argv[2]:
        print(round(1000 * o[sys.argv[3]][sys.argv[4]][sys.argv[5]]))' "$o/active" "$@"
}
for how in passive hold lose; do
	for what in busy come; do
		chance=$(auc maximum $how $what half)
		t_between "$(auc maximum $how $what auc)" $((500 - 3 * chance / 2)) $((500 + 3 * chance / 2)) \
			"maximum, $how, $what: no more than a guess"
		t_is "$(auc maximum $how $what auc)" "$(auc maximum passive $what auc)" "nor does the attack change it"
		t_between "$(auc off $how $what auc)" 950 1000 "off, $how, $what: all shows"
	done
done
# The attack itself: an answer waits for a request that is held, and shows it.
cat >"$o/plain.profile" <<'P'
[Profile]
Name = plain
About = for a test

[Sizes]
Cell = 1232

[Schedule]
Kind = as-it-comes
P
printf '%s\n' seconds,direction,bytes,flow 0,1,100,1 0.1,1,100,1 0.14,-1,100,1 0.5,1,100,1 0.54,-1,100,1 >"$o/one.csv"
# seen OPTION...: when an observer at the client sees the server's cells
seen() {
	rm -f "$o/out.csv"
	"$o/rtpl-sim" -p "$o/plain.profile" --rtt 20ms --out "$o/out.csv" "$@" "$o/one.csv" >/dev/null
	awk -F, '$5 == -1 { printf "%s%g", s, $4; s = " " }' "$o/out.csv"
}
t_is "$(seen --react)" "0.14 0.54" "untouched"
# The request of 0.1 s would come at 0.11 s, and comes at 0.29 s; the next one waits for the answer.
t_is "$(seen --react --hold client:90ms:200ms)" "0.32 0.72" "what is held comes when it is over"
t_is "$(seen --hold client:90ms:200ms)" "0.14 0.54" "without --react nothing answers it"
t_is "$(seen --hold server:130ms:100ms)" "0.23 0.54" "the server's cells are held"
t_is "$(seen --react --hold client:0ms:200ms)" "0.23 0.63" "all from the beginning, too"
# 200 ms and a round trip later.
t_is "$(seen --react --lose client:90ms:200ms:100)" "0.36 0.76" "what is lost comes again"
t_is "$(seen --lose server:130ms:100ms:100)" "0.54" "a lost cell is not seen"
t_is "$(seen --lose server:130ms:100ms:100%)" "0.54" "a share with its sign"
bad() { # OPTION VALUE PART
	t_fails_with "$3" "$1 $2" "$o/rtpl-sim" -p off "$1" "$2" "$o/one.csv"
}
bad --hold client:1s "takes END:AT:FOR"
bad --hold both:1s:1s "client or server"
bad --hold client:1s:0s "more than no time"
bad --lose client:1s:1s "takes END:AT:FOR:PERCENT"
bad --lose client:1s:1s:101 "from 1 to 100"
bad --lose client:1s:1s:% "from 1 to 100"
t_fails_with "all there can be" "two of them" "$o/rtpl-sim" -p off --hold client:1s:1s --lose client:1s:1s:5 "$o/one.csv"
rm -rf "$o"
t_done
