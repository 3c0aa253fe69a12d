#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 600
# order: 10
#
# The core's unit tests in user space; their own TAP.
cd "$(dirname "$0")/../.." || exit
exec make -s --no-print-directory unit-check
