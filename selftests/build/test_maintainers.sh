#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# MAINTAINERS, in the place that tools/to-kernel-tree gives it, is what the kernel's own scripts
# expect: get_maintainer.pl finds us for each of our files, parse-maintainers.pl would sort it so.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
need perl:perl git:git
src=$(selftests/vm/kernels source) || t_bail "there is no kernel"
tree=$(mktemp -d)
# As much of a kernel as get_maintainer.pl takes for one.
mkdir -p "$tree"/{arch,Documentation,drivers,fs,include/uapi/linux,init,ipc,kernel,lib,net,scripts,tools/testing/selftests/tc-testing/tc-tests/qdiscs}
cp "$src"/{COPYING,CREDITS,Kbuild,MAINTAINERS,Makefile,README} "$tree/"
cp "$src"/scripts/{get_maintainer,parse-maintainers}.pl "$tree/scripts/"
cp "$src"/net/{Kconfig,Makefile} "$tree/net/"
touch "$tree/tools/testing/selftests/lib.mk"
echo CONFIG_NET_SCH_PRIO=m >"$tree/tools/testing/selftests/tc-testing/config"
git -C "$tree" init -q && git -C "$tree" add -A && (cd "$tree" && git ls-files | sort) >"$tree/.git/before"
t_run "to-kernel-tree" tools/to-kernel-tree "$tree"
cd "$tree" || exit
git add -A
git ls-files | sort | comm -13 .git/before - >.git/ours
t_between "$(wc -l <.git/ours)" 150 1000 "our files are there"

title=$(grep -m 1 '^RTPL ' MAINTAINERS)
missed=$(awk -F/ '!seen[$1 $2 $3]++' .git/ours | while read -r f; do
	perl scripts/get_maintainer.pl --no-git --no-git-fallback --no-rolestats -f "$f" | grep -q rtpl@ || echo "$f"
done)
t_is "$missed" "" "get_maintainer.pl names us for files of each folder"
t_is "$(perl scripts/get_maintainer.pl --no-git --no-git-fallback -f net/ipv4/udp.c net/Kconfig 2>/dev/null | grep rtpl@)" "" "and for no other's"
t_is "$(perl scripts/get_maintainer.pl --self-test=patterns 2>&1 | grep -i rtpl)" "" "each pattern matches a file"
t_is "$(perl scripts/get_maintainer.pl --self-test=sections 2>&1 | grep -i rtpl)" "" "the section is in order"
sed -i 's|^F:.net/rtpl/$|&nothing/|' MAINTAINERS
t_like "$(perl scripts/get_maintainer.pl --self-test=patterns 2>&1)" 'no file matches.*net/rtpl/nothing/' "a pattern that matches none is noticed"
sed -i 's|net/rtpl/nothing/|net/rtpl/|' MAINTAINERS

section() { sed -n "/^$title\$/,/^\$/p" "$1"; }
titles() { awk 'last == "" && /^[0-9A-Z]/ { print } { last = $0 }' "$1" | grep -x -B 1 -A 1 "$title"; }
t_run "parse-maintainers.pl reads it" perl scripts/parse-maintainers.pl --order --input=MAINTAINERS --output=.git/sorted --section=.git/section
t_is "$(section .git/sorted)" "$(section MAINTAINERS)" "and has nothing to sort in the section"
t_is "$(titles .git/sorted)" "$(titles MAINTAINERS)" "nor its place"
rm -rf "$tree"
t_done
