#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 600
# order: 95
#
# Style, types and arrows: tools/lint, one result for each of its checks.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
for what in arrows versions shellcheck python checkpatch sparse; do
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
rm -rf "$bad"
t_done
