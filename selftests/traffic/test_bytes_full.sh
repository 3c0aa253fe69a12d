#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# tier: all
# debug: no
# timeout: 900
#
# test_bytes.sh with over 100 MB.
export BYTES_FULL=1
exec "$(dirname "$0")/test_bytes.sh"
