#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 200
#
# Who ends a run of a test machine ends the machine: a signal to selftests/vm/run, selftests/uml/run, or to
# what started one, leaves no emulator behind.
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
set +eu
cd "$T_LIB" || exit

# ended WHAT SIGNAL STATUS CMD...: CMD starts a machine that says `up`, or of which $UP is said; it gets the signal.
ended() {
	local what=$1 sign=$2 want=$3 pid tmp
	shift 3
	tmp=$(mktemp -d)	# not in the tree, whose files have places of their own in the machine
	TMPDIR=$tmp setsid "$@" >"$OUT/said" 2>"$OUT/err" &
	pid=$!
	wait_until 60 grep -qa "${UP:-up}" "$OUT/said" || { t_not_ok "$what: it starts"; t_diag "$(tail -n 5 "$OUT/err")"; return; }
	t_between "$(pgrep -cf "$tmp/rtpl-")" 1 100 "$what: the machine runs"
	kill "-$sign" $pid
	wait $pid
	t_is $? "$want" "$what: the status after SIG$sign"
	t_run "$what: no process is left" wait_until 10 nothing_of "$tmp/rtpl-"
	t_is "$(ls "$tmp")" "" "$what: nor any of its files"
	# What is left is this test's own.
	pgrep -f "$tmp/rtpl-" | xargs -r kill -KILL
	rm -rf "$tmp"
}
nothing_of() { ! pgrep -f "$1" >/dev/null; }

ended vm/run TERM 143 vm/run -n -k 6.1 -t 100 - 'echo up; sleep 90'
ended "vm/run, instructions counted" HUP 129 vm/run -n -k 6.1 -I -t 100 - 'echo up; while :; do :; done'
ended uml/run TERM 143 uml/run -n -t 100 - 'echo up; sleep 90'
ended "what starts one" TERM 143 bash -c '. ./environment.sh; held ./vm/run -n -k 6.1 -t 100 - "echo up; sleep 90"'
judge_needs
judge_simulator
RTPL_NOBUILD=1 UP="of 200 visits" ended "rtpl-judge live" TERM 143 bash -c 'exec ../tools/judge/rtpl-judge live token \
	--visits 100 --cache "$1/cache" --out "$1/live" 2>&1' - "$OUT"
# A machine's status is its caller's as before.
t_is "$(held sh -c 'cat; exit 5' <<<x; echo $?)" "x
5" "held: input, output and status are the command's"
t_done
