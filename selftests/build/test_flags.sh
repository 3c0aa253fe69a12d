#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# The builder's CPPFLAGS reach each compiler's call, a _FORTIFY_SOURCE among them is the only
# one, and a warning ends a build only with CI=true or WERROR=1.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
o=$(mktemp -d)
unset CI WERROR CPPFLAGS CFLAGS MAKEFLAGS

# calls TOOL VAR=VALUE...: the compiler's calls that build a tool. Nothing is run.
calls() {
	local tool=$1
	shift
	make -n -B -C "tools/$tool" O="$o" "$@" 2>/dev/null | grep -E -- ' -c -o ' | grep -v 'real_dist_sample'
}
for tool in dist machine profile rtplctl sim tc harness; do
	said=$(calls $tool CPPFLAGS="-DMINE -D_FORTIFY_SOURCE=3")
	t_between "$(grep -c . <<<"$said")" 4 500 "$tool: its files"
	t_is "$(grep -vc -- '-DMINE' <<<"$said")" 0 "$tool: CPPFLAGS are in each call"
	t_is "$(grep -c -- '-D_FORTIFY_SOURCE=2' <<<"$said")" 0 "$tool: one _FORTIFY_SOURCE, the builder's"
	said=$(calls $tool)
	t_is "$(grep -c -- '-Werror' <<<"$said")" 0 "$tool: warnings are shown"
	[ $tool != harness ] || continue
	t_between "$(calls $tool CI=true | grep -c -- '-Werror')" 4 500 "$tool: with CI=true they are errors"
done
t_between "$(calls rtplctl | grep -c -- '-D_FORTIFY_SOURCE=2')" 20 500 "rtplctl is fortified if nobody says how"

# With a compiler: -Wpadded finds something in any of these.
t_run "a warning does not end a build" make -s -C tools/dist O="$o/a" CFLAGS="-O2 -Wpadded"
t_fails "with WERROR=1 it does" make -s -C tools/dist O="$o/b" WERROR=1 CFLAGS="-O2 -Wpadded"
t_run "_FORTIFY_SOURCE=3 builds without a warning" make -s -C tools/tc O="$o/c" WERROR=1 CPPFLAGS=-D_FORTIFY_SOURCE=3
rm -rf "$o"
t_done
