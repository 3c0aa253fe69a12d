#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 400
# order: 93
#
# From traffic on a link to a profile of its own: two kinds of visits are recorded by rtplctl fit in
# virtual time, rtpl-judge fit makes a profile of them, and the same visits go through it.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs scipy sklearn
judge_simulator
cd "$T_LIB/.." || exit
visits=selftests/rtplctl/fit_visits.sh
mkdir -p "$OUT/recorded" "$OUT/through"
t_run "visits are recorded" selftests/uml/run -T -t 200 -o "$OUT/recorded" $visits record 4 5
said=$OUT/recorded/said.json set=$OUT/recorded/set.csv
t_is "$(jq -c '.classes' "$said")" \
	'[{"label":"search","visits":20,"groups":4},{"label":"upload","visits":20,"groups":4}]' "20 of each, in four groups"
t_is "$(jq -r '.next[0]' "$said" | cut -d' ' -f1,2)" "rtpl-judge fit" "nothing more is asked for"
t_between "$(jq '.rtt_ns / 1000 | floor' "$said")" 19900 21000 "the path's 20 ms were measured, in us"
rtt=$(jq -r '.next[0]' "$said" | sed -n 's/.*--rtt \([0-9]*us\) .*/\1/p')
RTPL_JUDGE_THREADS=1 OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1 timeout 200 /usr/bin/python3 tools/judge/rtpl-judge \
	fit "$set" --bytes 150 --rtt "$rtt" --out "$OUT/mine.profile" -q --cache "$OUT/cache" >"$OUT/fit" 2>&1
t_is $? 0 "rtpl-judge fit makes a profile of them: $(head -n 1 "$OUT/fit")"
t_like "$(cat "$OUT/fit")" 'made from 20 visits of half of the groups .*, on the 20 others' "and judges it on other groups"
dir=$(mktemp -d)	# a file of the repository would lie elsewhere in the machine
cp "$OUT/mine.profile" "$dir/"
t_run "it is loaded and chosen at both ends, and all answers come through it" \
	selftests/uml/run -T -n -t 200 -o "$OUT/through" -f "$dir/mine.profile" $visits through /rtpl/files/mine.profile
t_is "$(jq -r '.peers[0].shape_now.profile' "$OUT/through/show")" mine "the link has it"
t_between "$(jq '.peers[0].tx_chaff' "$OUT/through/stats")" 10 10000 "and pads by its tables: cells of chaff"
rm -rf "$dir"
t_done
