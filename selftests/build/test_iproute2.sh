#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 600
#
# tools/tc/to-iproute2 makes tc's plugin a part of iproute2's tree. With IPROUTE2=DIR, a source tree
# of iproute2, a copy of that is built, and its tc knows the qdisc. Without, for Debian's archive
# need not have sources, the files are compiled as iproute2 does in a tree that has only the
# headers of the plugin's own build, and their names are compared with those that tc exports.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
need gcc:gcc make:make tc:iproute2
tmp=$(mktemp -d)
tree=$tmp/tree
if [ -n "${IPROUTE2:-}" ]; then
	need flex:flex bison:bison
	cp -r "$IPROUTE2" "$tree"
else
	mkdir -p "$tree"/{tc,include/uapi/linux,man/man8}
	printf 'TCMODULES :=\nTCMODULES += q_fifo.o\nTCMODULES += q_sfq.o\n' >"$tree/tc/Makefile"
	cp tools/tc/iproute2.h "$tree/include/utils.h"
	cp tools/tc/iproute2.h "$tree/include/tc_util.h"
fi
t_fails_with 'no source tree of iproute2' "another folder is refused" tools/tc/to-iproute2 "$tmp"
t_run "to-iproute2" tools/tc/to-iproute2 "$tree"
t_run "once more" tools/tc/to-iproute2 "$tree"
t_is "$(grep -c rtpl "$tree/tc/Makefile")" 1 "there is one line in the makefile"
read -ra objs < <(sed -n 's/^TCMODULES += \(.*rtpl.*\)/\1/p' "$tree/tc/Makefile")
t_is "$(for o in "${objs[@]}"; do [ -e "$tree/tc/${o%.o}.c" ] || echo "$o"; done)" "" "each object has its source"
t_is "$(grep -l '\.\./' "$tree"/tc/q_rtpl.c "$tree"/tc/rtpl/*)" "" "no file looks outside"

if [ -n "${IPROUTE2:-}" ]; then
	said=$(cd "$tree" && { make clobber; make SUBDIRS="lib tc"; } 2>&1)
	t_is $? 0 "iproute2's tc builds"
	t_is "$(grep -E 'rtpl.*(warning|error):' <<<"$said")" "" "without a warning"
	[ -x "$tree/tc/tc" ] || t_diag "$(tail -n 20 <<<"$said")"
	tc=$tree/tc/tc
	t_like "$(TC_LIB_DIR=/nonexistent "$tc" qdisc add dev lo root rtpl help 2>&1)" '^Usage: ... rtpl ' "it knows the qdisc without a plugin"
	t_fails_with 'rtpl: unknown option "colour"' "and its options" env TC_LIB_DIR=/nonexistent "$tc" qdisc add dev lo root rtpl colour red
else
	# The warnings that iproute2 asks for.
	said=$(cd "$tree/tc" && for o in "${objs[@]}"; do
		gcc -D_GNU_SOURCE -O2 -fno-inline -Wall -Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations \
			-Wold-style-definition -Wformat=2 -Werror -I../include -I../include/uapi -c -o "$o" "${o%.o}.c"
	done 2>&1)
	t_is "$said" "" "the files compile there"
	cd "$tree/tc" || exit
	tc=$(PATH=$PATH:/sbin:/usr/sbin command -v tc)
	names() { nm "$@" "${objs[@]}" | awk 'NF { print $NF }' | grep -v ':$' | sort -u; }
	exported=$(nm -D --defined-only "$tc" | awk '{ print $3 }' | sort -u)
	t_between "$(wc -l <<<"$exported")" 100 100000 "tc exports names"
	# Static ones of q_rtpl.c, too: it sees tc's headers.
	t_is "$({ names -g --defined-only; nm --defined-only q_rtpl.o | awk '{ print $NF }'; } | sort -u | comm -12 - <(echo "$exported"))" "" "no name of ours is one of tc's"
	t_like "$(names -g --defined-only)" '^rtpl_qdisc_util$' "tc finds the qdisc by its name"
	t_is "$(names -u | grep '^print_' | comm -23 - <(echo "$exported"))" "" "tc has what they call of it"
fi
rm -rf "$tmp"
t_done
