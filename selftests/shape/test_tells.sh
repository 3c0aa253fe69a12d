#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# What an observer who knows times and sizes alone tells chaff from data by, and busy from idle, in
# the simulator (tools/sim/tells): nothing at constant rate, and elsewhere no more than was measured
# when what told most was mended.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
o=$(mktemp -d)
make -s -C tools/sim O="$o" >"$o/make" 2>&1 || t_bail "make: $(tail -n 5 "$o/make")"
t_run "it runs" sh -c "tools/sim/tells -j --sim $o/rtpl-sim >$o/tells"
# least PROFILE END WHAT: the least that the AUC may be, thousandths
least() {
	python3 -c 'import json, sys
for o in json.load(open(sys.argv[1]))["tells"]:
    if [o["profile"], o["end"]] == sys.argv[2:4]:
        print(round(1000 * (o[sys.argv[4]]["auc"] - o[sys.argv[4]]["half"])))' "$o/tells" "$@"
}
for end in client server; do
	t_between "$(least maximum $end cell)" 0 505 "maximum, $end: no cell of data is told from chaff"
	t_between "$(least maximum $end busy)" 0 505 "maximum, $end: nor a busy time from an idle one"
done
# Before chaff had any of the sizes: 788, 949.
t_between "$(least censored client cell)" 500 620 "censored, client: what its cells tell"
t_between "$(least censored server cell)" 500 780 "censored, server"
# Before its chaff ended at random: 763, 696.
t_between "$(least regulator client busy)" 500 735 "regulator, client: what busy times tell"
t_between "$(least regulator server busy)" 500 660 "regulator, server"
# Cover and decoys in the background: how many leave does not tell how long ago there was data.
# Before data earned them nothing and message padding took nothing: standard 2.8 a second and
# then 0.3, enhanced 0.0 and then 2.5.
cat >"$o/bound.profile" <<'P'
[Profile]
Name = bound
About = more cover than its limit allows

[Sizes]
Cell = 258, 323, 404, 505, 631, 789, 986, 1232

[Schedule]
Kind = jitter
Longest = 5 ms
Hold = uniform:0,5 ms

[Chaff]
Kind = cover
Every = lognormal:5.35,1.13 min=2 max=10000 ms

[Limits]
Overhead = 6 %
Free = 2400 bytes
Window = 10 s
P
t_run "silences" sh -c "tools/sim/tells -j --silence -n 100 --sim $o/rtpl-sim \
	standard enhanced censored bip324 $o/bound.profile >$o/silences"
while read -r profile end soon then late apart; do
	t_between "$apart" 0 1000 "$profile, $end: chaff a second soon after data $soon, then $then, long after $late"
	t_between "$((10#${late/./}))" 200 1000000 "$profile, $end: there is chaff"
done < <(python3 -c 'import json, sys
for o in json.load(open(sys.argv[1]))["silence"]:
    # how far apart, in thousandths of what chance allows: four standard deviations, and a fifth
    # more right after a cell, as a lognormal gap has it after any
    soon, then, late = o["soon"], o["then"], o["late"]
    apart = max((abs(x["rate"] - late["rate"]) - slack * late["rate"]) /
                ((x["half"] ** 2 + late["half"] ** 2) ** .5 * 4 / 1.96) for x, slack in ((soon, .2), (then, 0)))
    print(o["profile"].split("/")[-1], o["end"], "%.3f %.3f %.3f" % tuple(x["rate"] for x in (soon, then, late)),
          max(0, round(1000 * apart)))
' "$o/silences")
t_like "$(tools/sim/tells --sim "$o/rtpl-sim" -n 3 off 2>&1 | tail -n 1)" "off +server +0 +- +-" "too few, or no chaff: no figure"
t_fails_with "nosuch" "a profile that there is not" tools/sim/tells --sim "$o/rtpl-sim" nosuch
rm -rf "$o"
t_done
