#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 600
#
# `make install` puts each thing where programs look for it, and the packages
# hold the same.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/ground.sh
dest=$(mktemp -d)
need /usr/lib/python3/dist-packages/numpy:python3-numpy
kdir=$(selftests/vm/kernels headers 6.1)
# The module that is built already is not built once more.
t_run "make install" make -s install DESTDIR="$dest" KDIR="$kdir" MODULE=6.1
t_run "the module" test -n "$(find "$dest/lib/modules" -name 'rtpl.ko*')"
t_run "rtplctl runs from there" "$dest/usr/bin/rtplctl" --version
t_run "rtpl-judge runs from there" "$dest/usr/bin/rtpl-judge" --version
t_run "the tc plugin" test -n "$(find "$dest" -name q_rtpl.so)"
t_run "the uapi headers" test -e "$dest/usr/include/linux/rtpl.h"
rm -rf "$dest"
t_done
