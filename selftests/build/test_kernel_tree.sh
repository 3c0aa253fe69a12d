#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 1500
# tier: all
#
# tools/to-kernel-tree puts RTPL into a copy of linux-source-6.1, and the kernel's own build
# takes it from there with W=1, for user-mode Linux: as a module, built in, without IPv6.
# The kernel's image is not linked anew: what the objects want is looked up in the image that there is.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
src=$(selftests/vm/kernels source) && built=$(selftests/vm/build-kernel uml) || t_bail "there is no kernel"
# In the cache, for hard links.
scratch tmp
tree=$tmp/tree out=$tmp/out
cp -al "$src" "$tree"
sum() { (cd "$src" && sha256sum net/Kconfig net/Makefile MAINTAINERS); }
before=$(sum)
t_run "to-kernel-tree" tools/to-kernel-tree "$tree"
t_run "once more" tools/to-kernel-tree "$tree"
t_is "$(grep -c rtpl "$tree/net/Makefile") $(grep -c rtpl "$tree/net/Kconfig") $(grep -c '^RTPL$\|^RTPL ' "$tree/MAINTAINERS")" "1 1 1" \
	"changes nothing more"
t_is "$(sum)" "$before" "the tree that it was linked from is as it was"
t_fails_with 'no kernel source tree' "another folder is refused" tools/to-kernel-tree "$tmp"

cp -r "$built" "$out"
rm -f "$out/source" "$out/kdir" "$out"/linux*
# build NAME OPTIONS-OF-scripts/config... -- TARGETS...
build() {
	local name=$1 said rc options=()
	shift
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	"$tree/scripts/config" --file "$out/.config" "${options[@]}"
	make -s -C "$tree" O="$out" ARCH=um olddefconfig >"$tmp/said" 2>&1
	make -s -j"$(nproc)" -C "$tree" O="$out" ARCH=um W=1 "$@" >>"$tmp/said" 2>&1
	rc=$?
	[ $rc = 0 ] || t_diag "$(tail -n 20 "$tmp/said")"
	t_is $rc 0 "$name: it builds"
	# Without an image modpost knows no symbol of it; the kernel's own files have warnings.
	said=$(grep -E '(warning|error|WARNING):?' "$tmp/said" |
		grep -vE 'vmlinux\.o is missing|You may get many unresolved symbol warnings|modpost: ".*undefined!|modpost: suppressed|/(asm|user|kernel)-offsets\.[ch]:')
	t_is "$said" "" "$name: W=1 says nothing"
}
setting() { sed -n "s/^CONFIG_$1=//p" "$out/.config"; }
# What is wanted and in no other of the objects: names, one a line.
wanted() { nm "$1" 2>/dev/null | awk '$1 == "U" { u[$2] = 1 } NF == 3 { d[$3] = 1 } END { for (s in u) if (!(s in d) && s != "__this_module") print s }' | sort; }

build "module" -m RTPL -m RTPL_KUNIT_TEST -- net/rtpl/rtpl.ko net/rtpl/rtpl_kunit.ko net/rtpl/rtpl_slowdev.ko
t_is "$(setting RTPL) $(setting RTPL_KUNIT_TEST)" "m m" "module: as configured"
t_is "$(wanted "$out/net/rtpl/rtpl.o" | comm -23 - <(cut -f2 "$built/Module.symvers" | sort))" "" "module: it wants nothing that is not exported"
t_is "$(modinfo -F intree "$out/net/rtpl/rtpl.ko")" Y "module: it says that it is of the tree"
said=$(selftests/uml/run -f "$out/net/rtpl/rtpl.ko" - 'insmod files/rtpl.ko && cat /proc/sys/kernel/tainted &&
	ip link add dummy9 type dummy && tc qdisc add dev dummy9 root rtpl && tc qdisc show dev dummy9' 2>&1)
t_like "$said" '^0$' "module: a kernel takes it, and is not tainted"
t_like "$said" 'qdisc rtpl .* unprotected pass' "module: and has its qdisc"

build "built in" -e RTPL -- net/rtpl/
t_is "$(setting RTPL)" y "built in: as configured"
t_is "$(wanted "$out/net/rtpl/built-in.a" | comm -23 - <(awk '{ print $3 }' "$built/System.map" | sort))" "" \
	"built in: it wants nothing that the image has not"

build "without IPv6 and classifiers" -m RTPL -d IPV6 -d NET_CLS -d NETFILTER_INGRESS -d NETFILTER_EGRESS -- net/rtpl/
t_is "$(setting RTPL) $(setting IPV6) $(setting NETFILTER_INGRESS) $(setting NETFILTER_EGRESS)" "m  y y" \
	"without IPv6: the leakguard's hooks are selected"
"$tree/scripts/config" --file "$out/.config" -d NET_SCHED
make -s -C "$tree" O="$out" ARCH=um olddefconfig >/dev/null 2>&1
t_is "$(setting RTPL)" "" "without NET_SCHED there is no RTPL"
t_done
