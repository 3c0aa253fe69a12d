#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 900
# order: 95
#
# The demo itself, with few visits: what it captured is what RTPL promises.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
dir=$OUT/demo
rm -rf "$dir"
said=$(selftests/demo/run -n 3 -r cells,constant -o "$dir" 2>&1)
t_is $? 0 "the demo ends well"
t_diag "$said"
[ -s "$dir/table.json" ] || t_bail "there is a table"
row() { jq -r ".runs[] | select(.run == \"$1\") | $2" "$dir/table.json"; }

t_between "$(row without .distinct_sizes)" 10 1000 "without RTPL there are many sizes"
t_between "$(row without .readable_packets)" 100 100000 "and what is said can be read"
t_between "$(row without .right_documents.share)" 0.9 1 "and guessed from sizes and times"
for r in cells constant; do
	t_is "$(row $r .distinct_sizes)" 1 "$r: one size, handshake included"
	t_is "$(row $r .readable_packets)" 0 "$r: nothing can be read"
done
t_between "$(row constant '.idle_bytes_per_second / 1500')" 399 401 "constant: 200 cells a second each way with nothing to say"
# Few visits: luck alone stays below these in all but one of thousands of runs.
t_between "$(row constant .right_documents.share)" 0 0.3 "constant: documents are not guessed"
t_between "$(row constant .right_answers.share)" 0 0.7 "constant: answers are not guessed"

# The whole time, seen by the observer: 5 ms between departures, whatever is said.
t_is "$(PYTHONDONTWRITEBYTECODE=1 python3 - "$dir/files/constant" <<-'EOF2'
	import sys
	sys.path.insert(0, "selftests/demo")
	from observer import capture, figures, measure
	from pathlib import Path
	folder = Path(sys.argv[1])
	at = measure.read_phases(folder / "phases")
	seen = capture.between(capture.read(folder / "capture.pcap"), at["ping"], at["answers-end"])
	gaps = figures.gaps_of(seen)
	wrong = [g for those in gaps.values() for g in those if abs(g - 0.005) > 0.0005]
	print(len(wrong), "wrong", "of many" if sum(map(len, gaps.values())) > 2000 else "of few")
EOF2
)" "0 wrong of many" "constant: every gap is 5 ms, to half a millisecond"
t_is "$(grep -cE '(href|src)=|https?:' "$dir/index.html")" 0 "the page needs no network"
t_done
