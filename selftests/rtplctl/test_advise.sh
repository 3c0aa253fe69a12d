#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 240
#
# profile advise without a kernel: its figures are those that the judge recorded; sets of each
# workload are told as what they are, and the number of clients that ask; costs are the simulator's;
# what it refuses.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
judge_needs
judge_simulator
cd "$T_LIB/.." || exit
dir=$(mktemp -d)
R=${RTPLCTL:-tools/rtplctl/rtplctl}
if [ ! -x "$R" ]; then
	make -s -C tools/rtplctl O="$dir" >/dev/null 2>&1 || t_bail "make rtplctl"
	R=$dir/rtplctl
fi
RTPL_EXEC_PATH=$(dirname "$RTPL_SIM")
export RTPL_EXEC_PATH PYTHONDONTWRITEBYTECODE=1

# --- one source ---
t_is "$(tools/judge/advice --check)" "" "what it knows is what was recorded (else: make advice)"
mkdir -p "$dir/tree/tools/judge/recorded" "$dir/tree/tools/rtplctl" "$dir/tree/tools/profile" "$dir/tree/Documentation"
cp tools/profile/Makefile "$dir/tree/tools/profile/"
cp tools/judge/advice "$dir/tree/tools/judge/"
cp tools/judge/recorded/live.json "$dir/tree/tools/judge/recorded/"
cp tools/rtplctl/advice_gen.c "$dir/tree/tools/rtplctl/"
cp Documentation/judge.rst "$dir/tree/Documentation/"
t_is "$("$dir/tree/tools/judge/advice" --check)" "" "so in a copy of the tree"
python3 - "$dir/tree/tools/judge/recorded/live.json" <<'P'
import json, sys
d = json.load(open(sys.argv[1]))
next(x for x in d["live"] if x["workload"] == "web" and x["profile"] == "enhanced")["kernel"]["accuracy"]["mean"] = 0.123
json.dump(d, open(sys.argv[1], "w"))
P
t_like "$("$dir/tree/tools/judge/advice" --check)" '^\+.*"web", "enhanced", 12\.3,' "another result shows"
sed -i 's/^clients  undefended/users    undefended/' "$dir/tree/Documentation/judge.rst"
t_fails_with 'advice: judge.rst has no table whose first column is "clients"' "a table that is not there" \
	"$dir/tree/tools/judge/advice" --check
all=$("$R" profile advise)
for w in inference token web federated; do
	for p in none off standard enhanced maximum; do
		n=$(jq -r ".live[] | select(.workload == \"$w\" and .profile == \"$p\") | .kernel.accuracy.mean" \
			tools/judge/recorded/live.json)
		t_is "$("$R" -j profile advise | jq ".workloads[] | select(.name == \"$w\") | .profiles[] | select(.profile == \"$p\") | (.named * 1000 | round)")" \
			"$(jq -n "$n * 1000 | round")" "$w, $p: the recorded share"
	done
done
t_like "$all" 'standard .*hides nothing that is sure' "what hides nothing is said"
t_like "$all" 'maximum .* 10\.1 Mbit/s each way' "a rate as a rate, of each way"
t_like "$all" 'waits ms +later ms +p99 ms' "columns have units"
t_like "$all" 'later ms +small ms +p90 ms' "of many clients, too"
t_like "$all" '300 +11\.3 ' "many clients"

# --- sets ---
make_data() { /usr/bin/python3 tools/judge/rtpl-judge make-data "$dir/sets" "$@" >"$dir/made" 2>&1 || t_bail "no sets"; }
make_data --workload inference,token,web,federated --visits 10
make_data --workload inference --clients 10 --visits 10
make_data --workload inference --clients 30 --visits 5
says() { jq -r '.advice[]' "$dir/said" | paste -sd' '; }
for w in inference token web federated; do
	"$R" -j profile advise "$dir/sets/$w.csv" >"$dir/said"
	t_is "$(jq -r '.looks.kind' "$dir/said")" $w "$w is told as that"
	t_between "$(jq '.looks | .visits[.kind] / ([.visits[]] | add) * 100 | round' "$dir/said")" 95 100 "nearly every visit of it"
	"$RTPL_SIM" -j --profile enhanced --tail 2s "$dir/sets/$w.csv" >"$dir/sim"
	t_is "$(jq '.profiles[] | select(.profile == "enhanced") | .here.overhead * 1e6 | round' "$dir/said")" \
		"$(jq '(.both.wire_bytes / .both.sent_bytes - 1) * 1e6 | round' "$dir/sim")" "and what enhanced costs on it is the simulator's"
done
t_like "$(says)" "the cheapest that hides something is requests-strong: 88 of 100 are named instead of 100" "federated: little but by a constant rate"
t_like "$(says)" "nothing that is sure is gained by standard, enhanced, requests" "and nothing by these"
"$R" -j profile advise "$dir/sets/inference.csv" >"$dir/said"
t_like "$(says)" "a profile fitted to traffic like it left 57 of 100 for 31 % more bytes" "lone requests: a fitted profile"
t_like "$(says)" "the cheapest that hides something is requests: 54 of 100 .* for less delay enhanced: 84" \
	"and requests, which hides more than enhanced for less"
t_unlike "$(says)" "slow ladder" "no aggregate where there is none"
"$R" -j profile advise "$dir/sets/inference-10.csv" >"$dir/said"
t_between "$(jq '.looks.clients * 10 | round' "$dir/said")" 80 110 "ten clients are told: $(jq -c '[.looks.clients, .looks.clients_error]' "$dir/said")"
t_like "$(says)" "as many requests as 10 clients of the judge's: a slow ladder on their sum .* leaves 12 of 100" "and what a ladder leaves of them"
"$R" -j profile advise "$dir/sets/inference-30.csv" >"$dir/said"
t_between "$(jq '.looks.clients * 10 | round' "$dir/said")" 255 330 "thirty: $(jq -c '[.looks.clients, .looks.clients_error]' "$dir/said")"
"$R" -j profile advise "$dir/sets/inference.csv" --clients 5 >"$dir/said"
t_like "$(says)" "too few share the link" "five are too few"
xz -k "$dir/sets/web.csv"
t_is "$("$R" -j profile advise "$dir/sets/web.csv.xz" | jq -c .looks)" "$("$R" -j profile advise "$dir/sets/web.csv" | jq -c .looks)" \
	"a set in xz"
t_like "$(RTPL_EXEC_PATH=/nosuch "$R" profile advise "$dir/sets/token.csv")" \
	'costs are the recorded ones: "/nosuch/rtpl-sim", .* cannot be run: No such file or directory \(RTPL_EXEC_PATH names' \
	"without the simulator it says so, and how to say where it is"
# In a source tree its own simulator is found, and in another place it is not.
mkdir -p "$dir/mytree/tools/rtplctl" "$dir/mytree/tools/sim" "$dir/mytree/bin"
cp "$R" "$dir/mytree/tools/rtplctl/rtplctl"
cp "$R" "$dir/mytree/bin/rtplctl"
cp "$RTPL_SIM" "$dir/mytree/tools/sim/rtpl-sim"
t_like "$(env -u RTPL_EXEC_PATH "$dir/mytree/tools/rtplctl/rtplctl" profile advise "$dir/sets/token.csv")" \
	'what it costs here by the simulator' "run from a source tree: the tree's simulator"
t_is "$(env -u RTPL_EXEC_PATH "$dir/mytree/tools/rtplctl/rtplctl" sim -p off -j "$dir/sets/token.csv")" \
	"$("$RTPL_SIM" -p off -j "$dir/sets/token.csv")" "so does sim"
[ -x /usr/libexec/rtpl/rtpl-sim ] || t_like "$(env -u RTPL_EXEC_PATH "$dir/mytree/bin/rtplctl" profile advise "$dir/sets/token.csv")" \
	'libexec/rtpl/rtpl-sim", .* cannot be run' "a tree's is for its own rtplctl only"
# What attacks would see and this does not.
small() { # FILE REQUEST-BYTES
	echo class,group,visit,seconds,direction,bytes
	for i in {1..20}; do printf 'a,g,%s,0,1,%s\na,g,%s,.02,-1,900\na,g,%s,.03,1,52\n' "$i" "$2" "$i" "$i"; done
}
small - 72 >"$dir/small.csv"
small - 81 >"$dir/large.csv"
t_like "$("$R" profile advise "$dir/small.csv")" 'in 20 of 20 visits what was sent before .* requests that small are taken for acknowledgements' \
	"requests of at most 80 bytes are told"
t_is "$("$R" -j profile advise "$dir/small.csv" | jq -c '[.looks.asked_small, .looks.exchanges]')" "[20,0]" "with -j, too"
t_is "$("$R" -j profile advise "$dir/large.csv" | jq -c '[.looks.asked_small, .looks.exchanges]')" "[0,20]" "one of 81 is a request"
t_unlike "$("$R" profile advise "$dir/large.csv")" 'acknowledgements' "of which nothing is said"
for w in inference token; do
	t_like "$("$R" profile advise "$dir/sets/$w.csv")" "rtpl-judge fit .*/sets/$w.csv makes a profile of this set" "$w: rtpl-judge fit is named"
done
t_unlike "$("$R" profile advise "$dir/sets/web.csv")" "rtpl-judge fit" "web pages: it is not"
printf 'seconds,direction,bytes\n0,-1,700\n1,-1,600\n' >"$dir/oneway.csv"
t_like "$("$R" profile advise "$dir/oneway.csv")" "no request with an answer was seen" "traffic of one direction is like nothing recorded"

# --- what goes wrong ---
wrong() { t_fails_with "^rtplctl: profile advise: $2" "$1" "$R" profile advise "${@:3}"; }
wrong "a time for a set" '--for goes with a peer, and ".*token.csv" is a set' "$dir/sets/token.csv" --for 5s
wrong "no such file" 'cannot open ".*/nosuch.csv"' "$dir/nosuch.csv"
echo "what is this" >"$dir/text.csv"
wrong "no set" '".*/text.csv": its first line names no column seconds' "$dir/text.csv"
printf 'class,group,visit,seconds,direction,bytes\na,g,1,0,1,100\na,g,1,x,1,100\n' >"$dir/row.csv"
wrong "a wrong row, by its line" '".*/row.csv":3: this is not seconds, direction, bytes' "$dir/row.csv"
for t in 5e10 -2e8; do
	printf 'class,group,visit,seconds,direction,bytes\na,g,1,%s,1,100\n' $t >"$dir/row.csv"
	wrong "a time that no clock has ($t s)" '".*/row.csv":2: this is not seconds, direction, bytes' "$dir/row.csv"
done
printf 'class,group,visit,seconds,direction,bytes\na,g,1,0,2,100\n' >"$dir/row.csv"
wrong "a wrong direction" '".*/row.csv":2:' "$dir/row.csv"
printf 'class,group,visit,seconds,direction,bytes\na,g,1,0,1\n' >"$dir/row.csv"
wrong "a short row" '".*/row.csv":2:' "$dir/row.csv"
: >"$dir/empty.csv"
wrong "an empty file" '".*/empty.csv" is empty' "$dir/empty.csv"
printf 'class,group,visit,seconds,direction,bytes\n' >"$dir/head.csv"
wrong "a file without packets" '".*/head.csv" has no packet in it' "$dir/head.csv"
cp "$dir/row.csv" "$dir/bad.csv.xz"
wrong "what is not xz" 'cannot read ".*/bad.csv.xz": xz does not unpack it' "$dir/bad.csv.xz"
wrong "a folder" 'cannot read ".*/sets/\.": Is a directory' "$dir/sets/."
wrong "an option of nothing" '--for goes with a set or a peer, which is missing' --for 5s
cp "$dir/sets/token.csv" "$dir/bare"
t_fails_with '"bare" is no peer; .* a file.s name has a "/" or "\."' "a file that looks like a peer's name" \
	env -C "$dir" "$(realpath "$R")" profile advise bare
wrong "a wrong number" 'clients "0" is not between' ./x --clients 0
wrong "one word too many" '"./y" is one word too many' ./x ./y
wrong "a slip" 'unknown option "--client" \(is --clients meant\?\)' --client 5
rm -rf "$dir"
t_done
