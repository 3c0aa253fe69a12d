#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 600
# tier: all
#
# The debug kernel barks: each mistake that it is there to find is made once,
# on purpose (LKDTM), and must end the run with a report.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB" || exit
try() {
	local name=$1 provoke=$2 want=$3
	vm/run -n -k debug -t 60 - "echo $provoke >/sys/kernel/debug/provoke-crash/DIRECT" >"$OUT/$provoke" 2>&1
	t_isnt $? 0 "the debug kernel: $name fails the run"
	t_like "$(cat "$OUT/$provoke")" "$want" "and is reported"
}
try "use after free" READ_AFTER_FREE "KASAN: .*use-after-free"
try "a write past the end" SLAB_LINEAR_OVERFLOW "KASAN: .*out-of-bounds"
try "a lock kept on the way to user space" SPINLOCKUP "sleeping function called from invalid context"
try "a broken list" CORRUPT_LIST_ADD "list_add corruption"
t_done
