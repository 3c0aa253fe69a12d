#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 600
# order: 95
#
# Style, types and arrows: tools/lint, one result for each of its checks.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
for what in arrows versions shellcheck python checkpatch docs sparse; do
	t_run "lint: $what" tools/lint $what
done

# A lint that finds nothing is right only if it can find something.
bad=$(mktemp -d)
mkdir -p "$bad/kmod/core" "$bad/include/uapi/linux" "$bad/tools/tc"
printf '#include <linux/skbuff.h>\n' >"$bad/kmod/core/x.c"
t_fails_with 'core includes <linux/skbuff.h>' "lint: arrows sees the kernel in core" tools/lint-arrows "$bad"
printf '#include "../../kmod/core/x.h"\n' >"$bad/tools/tc/x.c"
t_fails_with 'may see uapi only' "lint: arrows sees the core in a tool" tools/lint-arrows "$bad"
printf '#include "main.h"\n' >"$bad/kmod/y.c"
t_fails_with 'nothing includes main.h' "lint: arrows sees main.h" tools/lint-arrows "$bad"
# arrow FROM TO: what lint says of one room that includes another
arrow() {
	mkdir -p "$bad/kmod/$1"
	printf '#include "%s/%s.h"\n' "$2" "$2" >"$bad/kmod/$1/z.c"
	t_fails_with "z.c:1: the room $1 includes $2/$2.h; it may see" "lint: arrows sees $2 in $1" tools/lint-arrows "$bad"
	rm "$bad/kmod/$1/z.c"
}
arrow route link
arrow netlink link
arrow session sch
: >"$bad/kmod/rtpl.h"
t_fails_with 'y.c: stands in no room' "lint: arrows sees a file outside the rooms" tools/lint-arrows "$bad"
sed 's/"session": ("transport",)/"session": ("transport", "sch")/' tools/lint-arrows >"$bad/arrows"
t_fails_with 'session may include sch, which is not below it' "lint: arrows allows no circle" python3 "$bad/arrows" "$bad"
rm -rf "$bad"

# A function that a header offers, without a word on it.
docs=$(mktemp -d)
mkdir -p "$docs/kmod/core"
git -C "$docs" init -q
printf 'int rtpl_x(int a);\n' >"$docs/kmod/core/x.h"
printf '/**\n * rtpl_x() - does x\n * @a: a\n *\n * Return: 0.\n */\nint rtpl_x(int a)\n{\n\treturn 0;\n}\n' >"$docs/kmod/core/x.c"
git -C "$docs" add kmod
t_run "lint: docs: where it is defined" tools/lint-docs "$docs"
sed -i 1d "$docs/kmod/core/x.c"
t_fails_with 'x.h:1: rtpl_x\(\) has no kernel-doc' "lint: docs sees that there is none" tools/lint-docs "$docs"
rm -rf "$docs"

# What was clean is not looked at again; what was not, and what changed, is.
tree=$(mktemp -d)
export RTPL_CACHE=${RTPL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rtpl}
mkdir -p "$tree/tools" "$tree/selftests/vm" "$tree/kmod" "$tree/cache"
cp tools/lint "$tree/tools/"
cp selftests/environment.sh "$tree/selftests/"
printf '#!/bin/sh\necho %s\n' "$(selftests/vm/kernels source)" >"$tree/selftests/vm/kernels"
chmod +x "$tree/selftests/vm/kernels"
git -C "$tree" init -q
lint() { RTPL_CACHE=$tree/cache "$tree/tools/lint" checkpatch; }
good='/* SPDX-License-Identifier: GPL-2.0 */\nint rtpl_x;\n'
printf %b "$good" >"$tree/kmod/x.h"
t_run "checkpatch: a good file" lint
printf %b "${good}int rtpl_y ;\n" >"$tree/kmod/x.h"
for time in "" ", again"; do
	t_fails_with 'kmod/x.h:3: .*SPACING' "checkpatch: it is not good any more$time" lint
done
printf %b "$good" >"$tree/kmod/x.h"
t_run "checkpatch: it is again" lint
rm -rf "$tree"
t_done
