#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 1800
# order: 20
#
# The module builds for each kernel, the tools build, and nothing is said.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit

# Does dkms.conf let that kernel release in?
dkms_takes() {
	(set +u; . ./dkms.conf && [[ $1 =~ $BUILD_EXCLUSIVE_KERNEL ]])
}

kernels="6.1 6.12 uml newest"
selftests/vm/kernels headers newest >/dev/null || t_bail "no headers of the newest kernel"
newest=$(cat "${RTPL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rtpl}/kernels/newest/release")
if ! dkms_takes "$newest"; then
	# Debian has moved on, which is no fault of a change here; make check-all does not skip it.
	t_skip "the module builds for $newest" "newer than what dkms.conf says is known to build"
	kernels=${kernels% newest}
fi
for rel in 6.0.0-1-amd64 5.10.0-30-amd64 7.4.1+deb13-amd64 7.30.1-amd64 61.2-amd64; do
	t_fails "dkms.conf leaves $rel out" dkms_takes $rel
done
for rel in 6.1.0-56-cloud-amd64 6.12.117+deb12-rt-amd64 6.19.2-amd64 7.0.1-amd64 7.3-amd64; do
	t_run "dkms.conf takes $rel" dkms_takes $rel
done

for k in $kernels; do
	said=$(make -s --no-print-directory modules-$k 2>&1)
	rc=$?
	t_is $rc 0 "the module builds for $k"
	warn=$(grep -E 'warning|WARNING|error|undefined' <<<"$said")
	t_is "$warn" "" "without a warning on $k"
	t_run "build/$k/rtpl.ko is there" test -s "${RTPL_BUILD:-build}/$k/rtpl.ko"
done
said=$(make -s --no-print-directory userland 2>&1)
t_is $? 0 "the tools build"
t_is "$(grep -E 'warning|error' <<<"$said")" "" "without a warning"
t_done
