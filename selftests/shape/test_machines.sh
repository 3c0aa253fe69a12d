#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 180
#
# Padding machines: strings that are refused, each for its reason; published ones that
# are taken; and whole runs that go as they go in the Maybenot library, whose logs are
# in machines/logs (machines/README.rst says how they were made).
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/shape/machines" || exit
o=$(mktemp -d)
make -s -C ../../../tools/machine O="$o" all compare >"$o/log" 2>&1 || t_bail "make: $(tail -n 5 "$o/log")"

n=0 bad=''
while IFS=$'\t' read -r want text; do
	n=$((n + 1))
	said=$("$o/rtpl-machine" check - <<<"$text" 2>&1)
	case $?:$want:$said in
	0:ok:*) ;;
	1:ok:*) bad+="taken: $said"$'\n' ;;
	1:*:*"$want"*) ;;
	*) bad+="$want: $said"$'\n' ;;
	esac
done < <(python3 encode.py)
t_between "$n" 50 1000 "there were strings"
t_is "$bad" "" "strings are refused for their reasons"

said=$("$o/rtpl-machine" check published.txt 2>&1)
t_is $? 0 "published machines are taken"
t_is "$(grep -c bytes <<<"$said")" "$(grep -vc '^#' published.txt)" "all of them"
said=$(sed -n 's/^02/&/p' published.txt | sed -n 4p | "$o/rtpl-machine" show -)
t_is "$(sed -n 4p <<<"$said")" "  pad after normal(38801.286, 31145.169) + 54620.057 up to 55953.49 us, bypass, replace" \
	"show has them in words"

for log in logs/*.log.xz; do
	name=$(basename "$log" .log.xz)
	xz -dc "$log" >"$o/want"
	"$o/machine-replay" <"$o/want" >"$o/got" 2>"$o/err"
	t_is "$?:$(cat "$o/err")" "0:" "$name is repeated"
	calls=$(grep -c '^=' "$o/want")
	case $name in
	shared-*) # a time may be rounded to the next us; what machines do is the same
		t_between "$(diff "$o/want" "$o/got" | grep -c '^<')" 0 "$((calls / 500))" \
			"$name: $calls calls, times within 1 us"
		sed -i 's/^=.*|/|/' "$o/want" "$o/got" ;;
	esac
	t_is "$(diff "$o/want" "$o/got" | head -n 2)" "" "$name: $calls calls, no difference"
done
# a difference would be seen
xz -dc logs/published-2.log.xz | sed '1s/ [0-9.]* [0-9.]*$/ 0.01 0/' >"$o/want"
"$o/machine-replay" <"$o/want" >"$o/got" 2>/dev/null
t_is "$?:$(cmp -s "$o/want" "$o/got" && echo same)" "2:" "other limits are another run"
rm -rf "$o"
t_done
