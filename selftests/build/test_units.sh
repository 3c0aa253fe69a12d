#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 600
# order: 10
#
# The core's unit tests in user space; their own TAP.
cd "$(dirname "$0")/../.." || exit
if [ ! -e tools/harness/Makefile ]; then
	echo "1..0 # SKIP there is no tools/harness yet"
	exit 4
fi
exec make -s --no-print-directory -C tools/harness check
