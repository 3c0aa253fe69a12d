#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 900
# tier: all
#
# Each fuzzer of the core for ten seconds: enough to see that they run, and
# that no input they know of breaks anything.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
t_run "the fuzzers run and find nothing" make -s --no-print-directory fuzz FUZZ_SECONDS=10
t_done
