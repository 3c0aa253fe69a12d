#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 900
# tier: all
#
# DKMS takes the module and builds it for stock kernels, in trees of its own.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
need dkms:dkms
tmp=$(mktemp -d)
version=$(sed -n 's/^VERSION := //p' Makefile)
t_run "make dkms lays the sources down" make -s dkms DESTDIR="$tmp"
mkdir -p "$tmp/tree" "$tmp/modules"
for k in 6.1 6.12 6.12-rt newest; do
	kdir=$(selftests/vm/kernels headers $k)
	rel=$(cat "$kdir/include/config/kernel.release")
	t_run "dkms builds for $k" dkms build -m rtpl -v "$version" -k "$rel" --kernelsourcedir "$(readlink -f "$kdir")" \
		--sourcetree "$tmp/usr/src" --dkmstree "$tmp/tree" --installtree "$tmp/modules"
	t_run "its module is there" test -n "$(find "$tmp/tree" -path "*$rel*" -name 'rtpl.ko*')"
done
rm -rf "$tmp"
t_done
