#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs fuzzers, then tells what they reached. Called by `make fuzz`:
#
#   fuzz.sh OUT SECONDS JOBS CORE FUZZER...
#
# OUT has for each fuzzer the program OUT/FUZZER, OUT/FUZZER-cov (built for
# line coverage) and OUT/seeds/FUZZER. What is found interesting is kept in
# OUT/corpus/FUZZER, crashes in OUT/crashes. Exit status 1 if there is one.
set -u
out=$1 seconds=$2 jobs=$3 core=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
crashes=$out/crashes
mkdir -p "$crashes" "$out/log" "$out/seeds"

one() {
	local name=$1 seed=("$out/seeds/$1")
	mkdir -p "$out/corpus/$name" "$out/seeds/$name"
	[ ! -d "$here/corpus/$name" ] || seed+=("$here/corpus/$name")
	"$out/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=16384 \
		-print_final_stats=1 -artifact_prefix="$crashes/$name-" \
		"$out/corpus/$name" "${seed[@]}" >"$out/log/$name" 2>&1
	echo $? >"$out/log/$name.rc"
}

echo "# $# fuzzers, $seconds s each, $jobs at a time"
for name; do
	while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
	one "$name" &
done
wait

failed=0
passed=0
for name; do
	log=$out/log/$name
	last=$(grep -E '^#[0-9]+.* cov: ' "$log" | tail -n 1)
	cov=$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) corp: \([0-9]*\).*/cov \1, ft \2, corpus \3/p' <<<"$last")
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
	if [ "$(cat "$log.rc")" = 0 ]; then
		passed=$((passed + 1))
		echo "ok - $name: ${runs:-?} runs, ${cov:-nothing}"
	else
		failed=$((failed + 1))
		echo "not ok - $name: ${cov:-nothing}; its log: $log"
		grep -E 'ERROR|SUMMARY|runtime error|Test unit written' "$log" | sed 's/^/# /'
	fi
done

# Lines reached by the corpora, one after the other over the same core files.
profiles=() objects=()
for name; do
	LLVM_PROFILE_FILE=$out/$name.profraw "$out/$name-cov" -runs=0 \
		"$out/corpus/$name" "$out/seeds/$name" >/dev/null 2>&1
	[ ! -s "$out/$name.profraw" ] || profiles+=("$out/$name.profraw")
	[ ${#objects[@]} = 0 ] || objects+=(-object)
	objects+=("$out/$name-cov")
done
if [ ${#profiles[@]} -gt 0 ] && command -v llvm-cov >/dev/null; then
	llvm-profdata merge -sparse -o "$out/fuzz.profdata" "${profiles[@]}"
	echo "# lines of kmod/core and of rtplctl's parser reached:"
	llvm-cov report "${objects[@]}" -instr-profile="$out/fuzz.profdata" \
		-show-region-summary=0 -show-branch-summary=1 "$core"/*.c "$here"/../rtplctl/{parse,config}.c 2>/dev/null |
		awk '/\.c / { printf "# %-12s lines %4d, missed %3d, %7s; branches missed %d of %d\n", $1, $5, $6, $7, $9, $8 }'
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
