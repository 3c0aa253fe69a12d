#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 180
#
# Whatever the mistake, no message and no list of processes holds a key: see keys.py.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
for tool in rtplctl sim profile; do
	make -s -C tools/$tool >/dev/null 2>&1 || t_bail "make $tool"
done
exec python3 selftests/rtplctl/keys.py
