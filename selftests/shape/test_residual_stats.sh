#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# The statistics of test_residual.sh, which runs where there is no SciPy: distances are SciPy's, p is
# uniform where there is nothing to find though gaps of a block depend on each other, and what there
# is is found.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
need /usr/lib/python3/dist-packages/scipy:python3-scipy
said=$(/usr/bin/python3 "$(dirname "$0")/residual.py" self-test 2>&1)
t_is "$(tail -n 1 <<<"$said")" ok "two samples: $(head -n 1 <<<"$said")"
t_done
