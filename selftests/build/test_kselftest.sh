#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 600
# tier: all
#
# The kernel's kselftest, from linux-source-6.1, runs tests of ours in user-mode Linux: from where
# tools/to-kernel-tree puts them in a kernel tree, and from here with KSFT=.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
need perl:perl make:make
ks=$(selftests/vm/kernels kselftest) && src=$(selftests/vm/kernels source) && built=$(selftests/vm/build-kernel uml) ||
	t_bail "there is no kernel"
tmp=$(mktemp -d)
mkdir -p "$tmp/tree/include/uapi/linux" "$tmp/tree/net" "$tmp/tree/tools/testing"
cp "$src/Kbuild" "$tmp/tree/"
cp "$src/net/Kconfig" "$src/net/Makefile" "$tmp/tree/net/"
cp -r "$ks" "$tmp/tree/tools/testing/selftests"
t_run "to-kernel-tree" tools/to-kernel-tree "$tmp/tree"
in=$tmp/tree/tools/testing/selftests
t_is "$(cd "$in/net/rtpl" && find . -name 'test_*.sh' | sed 's|^\./||' | grep -cxFf - <(make -s tests | tr ' ' '\n'))" \
	"$(make -s -C "$in/net/rtpl" tests | wc -w)" "all tests that the makefile names are there"
t_fails_with 'give KSFT=' "outside a kernel tree the makefile asks for one" make -s -C selftests
# A kernel of CONFIG_ lines as they are asked for; user-mode Linux has no modules but RTPL.
t_is "$(sed -n 's/=[ym]$/=y/p' selftests/config | grep -vxF CONFIG_RTPL=y | grep -vxFf "$built/.config")" "" \
	"user-mode Linux has what selftests/config asks for"

# Three tests, and one each that fails, skips itself, and takes too long.
mkdir "$in/net/rtpl/wrong"
for what in fails:'echo "not ok 1 - x"; echo 1..1; exit 1' skips:'echo "1..0 # SKIP no"; exit 4' hangs:'sleep 60'; do
	printf '#!/bin/sh\n%s\n' "${what#*:}" >"$in/net/rtpl/wrong/${what%%:*}"
	chmod +x "$in/net/rtpl/wrong/${what%%:*}"
done
tests="netlink/test_refused.sh rtplctl/test_tc.sh life/test_qdisc.sh"
# The userland there has no make, and of perl no modules.
said=$(selftests/uml/run -t 300 -f "$in" -f "$(command -v make)" -f "$(perl -e 'print grep { m|/perl-base$| } @INC')" \
	-e PERL5LIB=/rtpl/files/perl-base - "
	ln -sfn /proc/self/fd/1 /dev/stdout
	cd /rtpl/files/selftests/net/rtpl
	../../../make -s run_tests TESTS='$tests'
	echo timeout=5 >settings
	../../../make -s run_tests TESTS='wrong/fails wrong/skips wrong/hangs'
	cd /rtpl/selftests
	../files/make -s run_tests KSFT=/rtpl/files/selftests TESTS=netlink/test_refused.sh" 2>&1)
rc=$?
t_is $rc 0 "the runner runs, and the kernel has nothing to complain of"
n=0
for test in $tests; do
	n=$((n + 1))
	name=rtpl-${test//\//-}
	t_is "$(grep "ok $n selftests: net/rtpl: rtpl-[^w]" <<<"$said")" "ok $n selftests: net/rtpl: $name" "kselftest: $test"
	# Its own results: the plan's number of them.
	part=$(sed -n "/^# selftests: net.rtpl: $name\$/,/^[on][^#]*selftests: /p" <<<"$said")
	t_is "# 1..$(grep -cE '^# ok [0-9]+ - ' <<<"$part")" "$(grep -E '^# 1\.\.[0-9]+$' <<<"$part")" "kselftest: $test has met its plan"
	t_is "$(sed -n 2p <<<"$part")" "# KTAP version 1" "kselftest: $test says which TAP"
done
t_like "$said" '^not ok 1 selftests: net/rtpl: rtpl-wrong-fails # exit=1$' "kselftest sees a failure"
t_like "$said" '^ok 2 selftests: net/rtpl: rtpl-wrong-skips # SKIP$' "and one that skips itself"
t_like "$said" '^not ok 3 selftests: net/rtpl: rtpl-wrong-hangs # TIMEOUT 5 seconds$' "and one that hangs, by the time in settings"
t_like "$said" '^ok 1 selftests: /rtpl/selftests: rtpl-netlink-test_refused.sh$' "with KSFT= it runs from here"
[ "$T_FAILED" = 0 ] || t_diag "$said"
rm -rf "$tmp"
t_done
