#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 240
#
# Documentation/shapes.rst: each setting has a picture; each picture of every text is there, and
# none without a text. Each picture's profile is one that the compiler takes, and its numbers are
# what the simulator gives today. Nothing is drawn here, so that matplotlib is not needed;
# `make pictures` draws.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
pictures=Documentation/pictures
o=$(mktemp -d)
R=${RTPLCTL:-tools/rtplctl/rtplctl}
make -s -C tools/sim O="$o" >"$o/make" 2>&1 || t_bail "make: $(tail -n 5 "$o/make")"
if [ ! -x "$R" ]; then
	make -s -C tools/rtplctl O="$o" >"$o/make" 2>&1 || t_bail "make: $(tail -n 5 "$o/make")"
	R=$o/rtplctl
fi

tap() { # lines of results
	while read -r line; do
		case $line in
		"ok - "*) t_ok "${line#ok - }" ;;
		"not ok - "*) t_not_ok "${line#not ok - }" ;;
		*) t_diag "${line#"# "}" ;;
		esac
	done
}
check() { python3 tools/sim/pictures --sim "$o/rtpl-sim" --check "$@" 2>&1; }

said=$(python3 selftests/build/pictures.py . 2>&1)
rc=$?
tap <<<"$said"
t_is $rc 0 "the comparison's status"
for f in "$pictures"/*.profile; do
	t_run "${f##*/} is a profile" "$R" profile check "./$f"
done
t_is "$($pictures/make-trace | cmp - $pictures/page-and-answer.csv 2>&1 && echo same)" same \
	"the trace is the one that is made"
said=$(check)
rc=$?
tap <<<"$said"
t_is $rc 0 "the pictures' status"

# What no longer tells the truth is noticed.
new() { rm -rf "$o/d"; mkdir "$o/d"; cp -r $pictures "$o/d/"; cp Documentation/shapes.rst "$o/d/"; }
lies() { # WHAT WORDS
	t_like "$(check --dir "$o/d/pictures" "$only")" "not ok - $only: $2" "$1 is noticed"
}
only=chaff-cover
new; sed -i 's/exponential:100/exponential:90/' "$o/d/pictures/$only.profile"
lies "another profile" "overhead was"
new; sed -i '40s/,[0-9]*$/,777/' "$o/d/pictures/page-and-answer.csv"
lies "another trace" ".* was "
new; sed -i 's/<desc>numbers [0-9a-f]*/<desc>numbers 0/' "$o/d/pictures/$only.svg"
lies "an old picture" "the picture is not of these numbers"
new; rm "$o/d/pictures/$only.svg"; lies "a missing one" "there is no picture"
new; sed -i "s/^\"$only\"/\"gone\"/" "$o/d/pictures/numbers.json"; lies "one without numbers" "there are no numbers"
new; sed -i "/$only.svg/{n;s/ %/ % and more/}" "$o/d/shapes.rst"; lies "another cost in the text" "shapes.rst does not say"

# --- what cannot be drawn ---
picture() { tools/sim/picture --sim "$o/rtpl-sim" "$@" 2>&1; }
trace=$pictures/page-and-answer.csv
bad() { # WORDS ARGUMENT...
	local words=$1
	shift
	t_fails_with "$words" "refused: $words" picture "$@"
}
printf '0,1,100\n0.1,2,100\n' >"$o/way.csv"
printf '0,1,100\nx,1,100\n' >"$o/time.csv"
: >"$o/empty.csv"
bad 'there is nothing to do' -p off -t $trace
bad 'ends neither in .svg nor in .png' -p off -t $trace --out x.jpg
bad 'there is no profile "nosuch"' -p nosuch -t $trace -j
bad 'way.csv:2: the direction is neither' -p off -t "$o/way.csv" -j
bad 'time.csv:2: this is not seconds' -p off -t "$o/time.csv" -j
bad 'empty.csv: there is no packet' -p off -t "$o/empty.csv" -j
bad 'none.csv: No such file' -p off -t "$o/none.csv" -j
bad 'is not from a time to a later one' -p off -t $trace --seconds 2-1 -j
bad 'is not TO or FROM-TO' -p off -t $trace --seconds soon -j
bad 'the gap is not above 0' -p off -t $trace --bursts 0 -j
bad 'build it' -p off -t $trace --sim "$o/none" -j
t_is "$(picture -p off -t $trace -j | python3 -c 'import json, sys; print(json.load(sys.stdin)["packets"])')" \
	"$(($(wc -l <$trace) - 1))" "as many packets as the trace has"
t_is "$(picture -p off -t $trace $trace -j | python3 -c 'import json, sys; print(json.load(sys.stdin)["packets"])')" \
	"$((2 * ($(wc -l <$trace) - 1)))" "two traces, one after the other"
rm -rf "$o"
t_done
