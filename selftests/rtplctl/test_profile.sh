#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 180
#
# rtplctl profile: the list, texts, what check says of each, for people and as JSON, and
# what it refuses. What texts mean: selftests/shape/test_profiles.sh.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
dir=$(mktemp -d)
R=${RTPLCTL:-tools/rtplctl/rtplctl}
if [ ! -x "$R" ]; then
	make -s -C tools/rtplctl O="$dir" >/dev/null 2>&1 || t_bail "make rtplctl"
	R=$dir/rtplctl
fi

# --- list and show ---
mapfile -t names < <(sed -n 's/^PROFILES := //p' tools/profile/Makefile | tr ' ' '\n')
t_is "$("$R" profile list | cut -d' ' -f1 | paste -sd' ')" "${names[*]}" "list has all, in order"
t_is "$("$R" profile)" "$("$R" profile list)" "and is what is shown without a word"
t_is "$("$R" -j profile | python3 -c 'import json, sys
print(*["%-15s %s" % (p["name"], p["about"]) for p in json.load(sys.stdin)["profiles"]], sep="\n")')" \
	"$("$R" profile list)" "list -j says the same"
t_is "$("$R" -j profile | python3 -c 'import json, sys
print([p["name"] for p in json.load(sys.stdin)["profiles"] if p["replaced"]])')" "[]" "and that none is replaced"
for n in "${names[@]}"; do
	"$R" profile show "$n" >"$dir/$n.profile"
	t_run "show $n is its text" cmp "$dir/$n.profile" "tools/profile/profiles/$n.profile"
	t_is "$("$R" profile check "$dir/$n.profile")" "$("$R" profile check "$n")" \
		"$n: check of the file and of the name"
	t_is "$(LC_ALL=C grep -c '[^ -~	]' "tools/profile/profiles/$n.profile")" 0 "$n: plain ASCII"
done

# --- check: what each promises ---
line() { "$R" profile check "$1" | sed -n "s/^  $2: //p"; }
t_is "$(line standard leak)" "no bound: judged by attacks" "standard's leak"
t_is "$(line standard delay)" "at most 5ms, for any packet" "standard's delay"
t_like "$(line standard limits)" "at most 0 % of the data and 16000 bytes in 10s" "standard's limits"
t_like "$(line maximum leak)" "^nothing: what leaves depends on nothing" "maximum's leak"
t_is "$(line maximum chaff)" "the schedule's own, where there is no data" "maximum's chaff"
t_is "$(line regulator "delay, client")" "at most 1.77 s, for any packet" "regulator's delay at the client"
t_like "$(line regulator "schedule, server")" "277 cells/s that halve each 11.2023 s" "its surges at the server"
t_like "$(line tamaraw leak)" "how many times 100 cells" "tamaraw's leak"
t_like "$(line dp leak)" "^epsilon 4, delta 1e-06 for a burst of 3000 bytes felt in 5 windows" "dp's leak"
t_like "$(line censored schedule)" "lognormal:1.4,0.9 max=25 ms, at most 25ms" "censored's schedule"
t_is "$(line selftests/shape/profiles/ladder.profile leak)" "at most 2 bits (one of 4 rates) for each epoch" \
	"a ladder's leak"
slow=selftests/shape/profiles/slow-ladder.profile
t_is "$(line $slow "leak, client")" "at most 2 bits (one of 4 steps) for each epoch" "a slow ladder's leak"
t_is "$(line $slow "leak, server")" "at most 1.58 bits (one of 3 rates) for each epoch" \
	"where it may step anywhere"
t_like "$(line $slow "schedule, client")" "chosen anew each 1s by an average of 4s, at most 2 up, 1 down, with noise of laplace:20 min=-100 max=100 cells/s$" \
	"a slow ladder's schedule"
t_like "$(line selftests/shape/profiles/all.profile "chaff, server")" "wtf-pad: .*; a machine of 2 states; a machine of 2 states$" \
	"chaff and machines beside each other"

j() { "$R" -j profile check "$1" | python3 -c "import json, sys
p = json.load(sys.stdin)
print($2)"; }
t_is "$(j standard '*p["buckets"], p["limits"]["overhead"], p["client"]["schedule"]["delay_ns"]')" \
	"84 106 132 165 206 258 323 404 505 631 789 986 1232 0.0 5000000" "standard -j"
t_is "$(j maximum 'p["sizes"], p["cell"], p["server"]["leak"]["kind"], p["client"]["schedule"]["fills"], p["limits"]["overhead"]')" \
	"fixed 1232 zero True None" "maximum -j"
t_is "$(for n in "${names[@]}"; do j "$n" 'p["client"]["leak"]["kind"]'; done | paste -sd' ')" \
	"unbounded unbounded unbounded unbounded unbounded zero unbounded unbounded unbounded unbounded bits dp" "kinds of leak -j"
t_is "$(j selftests/shape/profiles/all.profile 'p["latency_ns"], p["limit"], p["overflow"], p["messages"], len(p["server"]["machines"])')" \
	"0 5000 oldest [1000, 4000, 20000] 2" "a file's -j"
t_is "$("$R" -j profile show off | python3 -c 'import json, sys; print(json.load(sys.stdin)["text"], end="")')" \
	"$(cat tools/profile/profiles/off.profile)" "show -j has the text"
# Under 30 % and 50 ms: what the text alone can promise.
t_is "$(j standard 'p["limits"]["overhead"] <= 0.25 and p["client"]["schedule"]["delay_ns"] < 50e6')" True \
	"standard stays below its limits"

# --- refused: one sentence, nothing on standard output ---
says() {
	local status=$1 want=$2 name=$3 out rc=0
	shift 3
	out=$("$R" "$@" 2>"$dir/err") || rc=$?
	if [ $rc = "$status" ] && [ -z "$out" ] && [ "$(wc -l <"$dir/err")" = 1 ] &&
	   grep -qE -- "^rtplctl: $want" "$dir/err"; then
		t_ok "$name"
	else
		t_not_ok "$name" "status $rc, want $status: $*
said: $out $(cat "$dir/err")
want: /^rtplctl: $want/"
	fi
}
says 2 'profile put: "put" is none of list, show, check' "a wrong word" profile put
says 2 'profile show: the profile.s name is missing' "show of nothing" profile show
says 2 'profile check: the profile.s name or file is missing' "check of nothing" profile check
says 2 'profile list: "x" is one word too many' "a word too many" profile list x
says 2 'profile show: "x" is one word too many' "behind show" profile show off x
says 1 'profile show: there is no profile "nosuch"' "show of none" profile show nosuch
says 1 'profile check: there is no profile "nosuch"; a file' "check of none" profile check nosuch
says 1 'profile check: \./nosuch: No such file' "no such file" profile check ./nosuch
printf '[Profile]\nName = x\nAbout = y\n[Schedule]\nKind = constant\nRate = 1000\n[Limits]\nOverhead = 30 %%\n' >"$dir/x.profile"
says 1 'profile check: .*/x.profile:7: Overhead: the schedule \(line 4\) sends chaff' "file, line, setting, reason" \
	profile check "$dir/x.profile"
says 1 'profile check: .*/x.profile:7: Overhead' "with -j, too" -j profile check "$dir/x.profile"
printf '[Profile]\nName = \033[31mx\nAbout = y\n' >"$dir/x.profile"
says 1 'profile check: .*:2: Name: "\?\[31mx" is not' "nothing that a terminal acts on" profile check "$dir/x.profile"
t_fails_with 'cannot write: No space left' "show on a full disk" sh -c '"$0" profile show off >/dev/full' "$R"
t_done
