#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
#
# test_gather.sh where instructions are counted instead of time, so that it is the same on each machine
# whether small packets come faster than they could be sent one by one.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
said=$("$T_LIB/vm/run" -I -t 240 -e GATHER_COUNTED=1 selftests/traffic/test_gather.sh 2>&1)
t_diag "$said"
t_is "$(grep -c '^ok' <<<"$said"), $(grep -c '^not ok' <<<"$said")" "7, 0" "all of it, counted"
t_is "$(grep -o '^ok 2 - they share cells' <<<"$said")" "ok 2 - they share cells" "small packets share cells"
t_done
