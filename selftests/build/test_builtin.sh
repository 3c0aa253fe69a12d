#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# order: 20
#
# The module's own build compiles the profiles that come with it, and again when a text changes;
# the sources for DKMS have them compiled, and need no program of the machine but a compiler.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
kdir=$(selftests/vm/kernels headers 6.1) || t_bail "no headers of 6.1"
o=$(mktemp -d)
c=$o/tree

# kbuild DIR TARGET... : as in a tree of one's own, without this one's Makefile.
kbuild() { make -s -C "$kdir" M="$1" "${@:2}" 2>&1; }
made() { find "$c" \( -type f -o -type l \) -printf '%P\n' | sort; }
when() { stat -c %y "$c/kmod/node/profiles.o"; }
have() { grep -c '^static const u8 blob_' "$1/kmod/node/profiles.c"; }

# --- a fresh tree ---
mkdir "$c"
git ls-files -z --cached --others --exclude-standard Kbuild include kmod tools |
	while IFS= read -r -d '' f; do [ ! -e "$f" ] || printf '%s\0' "$f"; done |
	xargs -0 cp --parents -t "$c"
t_fails "a fresh tree has texts only" test -e "$c/kmod/node/profiles.c"
was=$(made)
# What is meant for the module's compiler, which may be another machine's, is not for the program.
t_is "$(CFLAGS=--wrong LDFLAGS=--wrong kbuild "$c" AR=false kmod/node/profiles.o)" "" "the build makes them, and says nothing"
t_is "$(have "$c")" "$(find tools/profile/profiles -name '*.profile' | wc -l)" "all of them"
t_run "and compiles them" test -s "$c/kmod/node/profiles.o"

before=$(when)
kbuild "$c" kmod/node/profiles.o
t_is "$(when)" "$before" "once"
sed -i 's/^About = .*/About = another text/' "$c/tools/profile/profiles/tamaraw.profile"
kbuild "$c" kmod/node/profiles.o
t_fails "again when a text changed" test "$(when)" = "$before"
t_is "$(grep -c 'another text' "$c/kmod/node/profiles.c") $(grep -c 'another text' "$c/kmod/node/profiles.o")" "1 1" "with what it says now"
echo 'Foo = 1' >>"$c/tools/profile/profiles/tamaraw.profile"
t_like "$(kbuild "$c" kmod/node/profiles.o)" 'tamaraw:[0-9]+: Foo is no setting of ' "a wrong text fails the build, with its line"
t_fails "and leaves no file" test -e "$c/kmod/node/profiles.c"
kbuild "$c" clean
t_is "$(made)" "$was" "clean leaves the sources alone"

# --- for DKMS ---
t_run "make dkms lays the sources down" make -s dkms DESTDIR="$o"
c=$(echo "$o"/usr/src/rtpl-*)
t_is "$(have "$c") $(ls -d "$c/tools" 2>/dev/null)" "$(find tools/profile/profiles -name '*.profile' | wc -l) " "with the profiles, without the tools"
was=$(made)
t_is "$(kbuild "$c" HOSTCC=false kmod/node/profiles.o)" "" "no program is compiled for the machine"
kbuild "$c" HOSTCC=false clean
t_is "$(made)" "$was" "clean leaves the profiles"
rm -rf "$o"
t_done
