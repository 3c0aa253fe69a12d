#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 30
#
# The test environment must turn red when it should: each fixture is wrong in one
# way, and the runner must say which, and still run the others.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB" || exit
export RTPL_BUILD=$OUT/build

# Both at a time, as in `make check`.
all=$(RTPL_SILENT=15 ./run-tests -n -j 2 -e vm -e uml -k 6.1 environment/fixtures/test_*.sh 2>"$OUT/run.err")
t_is $? 1 "the run is red"
echo "$all" >"$OUT/run.tap"
t_is "$(tail -n 1 <<<"$all")" "17 passed, 15 failed, 4 skipped" "the last line counts"
for environment in vm uml; do
	case $environment in vm) where=vm-6.1 ;; *) where=uml ;; esac
	# Its results, each with what follows to explain it.
	said=$(awk -v "where=$where" '/^(not )?ok / { mine = index($0, " - " where " ") } mine' <<<"$all")
	fix="^not ok [0-9]+ - $where environment/fixtures"
	t_like "$said" "$fix/test_warn.sh: the kernel complained" "$environment: a WARN in the kernel log fails the test"
	t_like "$said" "made/up.c:1" "$environment: the complaint is shown"
	t_like "$said" "$fix/test_fails.sh: one is two" "$environment: a failure is a failure"
	t_like "$said" "fixtures/test_fails.sh: this one does not # SKIP made up" "$environment: a skip is a skip"
	t_like "$said" "$fix/test_hangs.sh: ran longer" "$environment: a test that hangs is ended"
	t_like "$said" "$fix/test_no_plan.sh: no plan" "$environment: a plan is needed"
	t_like "$said" "$fix/test_short.sh: planned 3 results, gave 1" "$environment: the plan must be met"
	t_like "$said" "$fix/test_status.sh: all results are ok, but its status is 3" "$environment: the exit status counts"
	t_like "$said" "$fix/test_crash.sh: the machine went down" "$environment: a panic fails the test under way"
	t_like "$said" "fixtures/test_skips.sh # SKIP nothing to see" "$environment: a whole file may be skipped"
	t_like "$said" "^ok [0-9]+ - $where environment/fixtures/test_fine.sh: fine" "$environment: the others run all the same"
done
t_like "$said" "$fix/test_stuck.sh: the machine hung" "uml: a machine that does not end a test is ended"
said=$(./run-tests -n -e uml environment/fixtures/test_skips.sh 2>/dev/null)
t_is "$?: $(tail -n 1 <<<"$said")" "1: 0 passed, 0 failed, 1 skipped" "a run in which nothing ran is red"

# Tiers: where a test would run. All run with --all, and who is asked for runs.
where() { # TEST OPTION...
	local list
	list=$(./run-tests -l "${@:2}") || { echo failed; return; }
	awk -v "test=selftests/$1" '$2 == test { print $1 }' <<<"$list" | sort | tr '\n' ' '
}
t_is "$(where netlink/test_reject.sh)" "uml-tt vm-6.12 " "tier newest: not the older stock kernel"
t_is "$(where netlink/test_reject.sh -a)" "uml-tt vm-6.1 vm-6.12 " "tier newest: all of them with --all"
t_is "$(where netlink/test_reject.sh -k debug)" "uml-tt-debug " "tier newest: the debug kernel"
t_is "$(where netlink/test_reject.sh -k 6.12 -k debug -k 6.1)" "uml-tt uml-tt-debug vm-6.12 " "tier newest: in any order"
t_is "$(where netlink/test_reject.sh netlink/test_reject.sh)" "uml-tt vm-6.1 vm-6.12 " "tier newest: all of them when asked for"
t_is "$(where life/test_peer.sh -a -k debug)" "uml-debug vm-debug " "debug smp: in user-mode Linux and with several processors"
t_is "$(where life/test_leaks_long.sh -a -k debug)" "vm-debug " "what user-mode Linux cannot do: with several processors"
t_is "$(where traffic/test_mtu.sh)" "uml-tt " "tier uml: no stock kernel"
t_is "$(where traffic/test_mtu.sh -a)" "uml-tt vm-6.1 vm-6.12 " "tier uml: all of them with --all"
t_is "$(where traffic/test_bytes_full.sh)" "" "tier all: not by itself"
t_is "$(where traffic/test_bytes_full.sh -a)" "uml vm-6.1 vm-6.12 " "tier all: with --all"
t_is "$(where environment/test_topology.sh)" "uml uml-tt vm-6.1 vm-6.12 " "no tier: all kernels"

# flags WHAT EFLAGS: what the runner makes of an oops with these flags.
flags() {
	python3 - "$@" <<-'PY'
	import sys, importlib.machinery, importlib.util
	sys.dont_write_bytecode = True
	load = importlib.machinery.SourceFileLoader("run_tests", "./run-tests")
	run = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", load))
	load.exec_module(run)
	print(run.impossible_flags(f"[ 1.0] {sys.argv[1]}\n[ 1.0] RIP: 0010:f+0x1/0x2\n"
	                           f"[ 1.0] RSP: 0018:ffffd25300a0b690 EFLAGS: {sys.argv[2]}\n"))
	PY
}
t_is "$(flags "Oops: double fault: 0000 [#1]" 986be242)" 986be242 "flags that no processor has: the emulator's fault"
t_is "$(flags "Oops: double fault: 0000 [#1]" 00010246)" None "flags that one has: ours"
t_is "$(flags "all is well" 986be242)" None "no oops, no fault"
t_done
