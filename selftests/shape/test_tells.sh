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
t_like "$(tools/sim/tells --sim "$o/rtpl-sim" -n 3 off 2>&1 | tail -n 1)" "off +server +0 +- +-" "too few, or no chaff: no figure"
t_fails_with "nosuch" "a profile that there is not" tools/sim/tells --sim "$o/rtpl-sim" nosuch
rm -rf "$o"
t_done
