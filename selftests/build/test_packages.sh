#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 600
# order: 50
#
# make install, uninstall and deb under the umask that the README advises and with
# another PREFIX; the packages' fields, their scripts, and lintian where it is.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
need /usr/lib/python3/dist-packages/numpy:python3-numpy
dir=$(mktemp -d)
chmod 755 "$dir"
# In a copy: rtplctl is linked anew for another PREFIX, and others use the one in the tree.
mkdir "$dir/tree"
tar -c --exclude=./build --exclude=./.git --exclude=./tools/harness/build . | tar -x -C "$dir/tree"
cd "$dir/tree" || exit
umask 077

# --- install and uninstall ---
t_run "make install, umask 077, PREFIX=/usr/local" make -s install KDIR= PREFIX=/usr/local DESTDIR="$dir/sysroot"
t_is "$(find "$dir/sysroot" ! -path '*/etc/rtpl' ! -path '*/var/lib/rtpl' ! -perm -a+r ! -type l -printf '%P ')" "" "everybody may read what is installed"
t_is "$(find "$dir/sysroot" -type d ! -path '*/etc/rtpl' ! -path '*/var/lib/rtpl' ! -perm -a+x -printf '%P ')" "" "and enter its folders"
t_is "$(grep -ho '[^ =-]*/bin/rtplctl' "$dir"/sysroot/usr/local/lib/systemd/system/*.service | sort -u)" /usr/local/bin/rtplctl \
	"units call the program where it is"
t_is "$(find "$dir/sysroot/usr" -maxdepth 1 -mindepth 1 -printf '%P ')" "local " "all of it is below PREFIX"
for page in Documentation/man/*.[1-9]; do
	t_run "man page ${page##*/}" test -s "$dir/sysroot/usr/local/share/man/man${page##*.}/${page##*/}"
	t_is "$(for s in NAME SYNOPSIS DESCRIPTION 'SEE ALSO'; do grep -qx "\.Sh $s" "$page" || echo "$s"; done | grep -v SYNOPSIS)" "" "${page##*/} is whole"
done
touch "$dir/sysroot/etc/rtpl/key"
t_run "make uninstall" make -s uninstall KDIR= PREFIX=/usr/local DESTDIR="$dir/sysroot"
t_is "$(cd "$dir/sysroot" && find . ! -type d)" ./etc/rtpl/key "leaves keys, and nothing else"

# --- packages ---
t_run "make deb, umask 077" make -s deb RTPL_BUILD="$dir/build"
umask 022
version=$(sed -n 's/^VERSION := //p' Makefile)
field() { dpkg-deb -f "$dir/build/$1"_*.deb "$2"; }
for p in rtpl-dkms rtpl-tools rtpl-judge; do
	t_is "$(field $p Version)" "$version" "$p is there"
	dpkg-deb -x "$dir/build/$p"_*.deb "$dir/$p"
	dpkg-deb -e "$dir/build/$p"_*.deb "$dir/$p.control"
	t_run "$p: copyright" grep -q '^License: GPL-2$' "$dir/$p/usr/share/doc/$p/copyright"
	t_like "$(zcat "$dir/$p/usr/share/doc/$p/changelog.gz")" '^  \* [A-Z]' "$p: changelog"
	t_is "$(cd "$dir/$p" && md5sum --quiet -c "../$p.control/md5sums" 2>&1)" "" "$p: checksums"
	t_is "$(find "$dir/$p" ! -path '*/etc/rtpl' ! -path '*/var/lib/rtpl' ! -perm -a+r ! -type l -printf '%P ')" "" "$p: everybody may read it"
done
t_like "$(field rtpl-tools Depends)" 'libnl-3-200 .*nftables' "rtpl-tools depends on what it runs"
t_unlike "$(field rtpl-tools Depends) $(field rtpl-tools Recommends)" 'python' "and on no Python"
t_like "$(field rtpl-tools Recommends)" rtpl-dkms "tools recommend the module"
t_like "$(field rtpl-dkms Recommends)" 'rtpl-tools .*linux-headers' "the module recommends tools and headers"
t_run "the module's profiles come compiled" test -s "$dir/rtpl-dkms/usr/src/rtpl-$version/kmod/node/profiles.c"
t_run "the judge has its man page" test -e "$dir/rtpl-judge/usr/share/man/man1/rtpl-judge.1.gz"
t_is "$(find "$dir/rtpl-tools" -name '*judge*')" "" "and nothing of it is in rtpl-tools"
if command -v lintian >/dev/null; then
	t_is "$(lintian --fail-on none --no-tag-display-limit "$dir"/build/rtpl-*_"$version"_*.deb 2>&1 | grep -E '^[EW]:')" "" "lintian has no error and no warning"
else
	t_skip "lintian has no error and no warning" "no lintian"
fi

# --- what DKMS is told: a machine with four kernels, and dkms that notes its calls ---
mkdir -p "$dir/bin" "$dir/machine"/lib/modules/{6.1-a,6.12-b,6.12-bare,7.9-new}/kernel \
	"$dir/machine"/lib/modules/{6.1-a,6.12-b,7.9-new}/build "$dir/machine/var/lib/dkms/rtpl/0.0.9"
touch "$dir/machine"/lib/modules/{6.1-a,6.12-b,7.9-new}/build/Makefile
cat >"$dir/bin/dkms" <<-'EOF2'
	#!/bin/sh
	echo "$*" >>"$NOTES"
	case "$*" in
	build*"$FAILS"*) exit 10 ;;
	build*7.9-new*) exit 77 ;;
	esac
EOF2
chmod +x "$dir/bin/dkms"
# scripted FAILS SCRIPT ARGUMENT: runs it, shows what dkms was told.
scripted() {
	: >"$dir/notes"
	NOTES=$dir/notes FAILS=$1 DPKG_ROOT=$dir/machine PATH=$dir/bin:$PATH sh "$dir/rtpl-dkms.control/$2" "$3" 2>"$dir/said"
}
scripted none postinst configure
t_is "$?" 0 "postinst"
t_is "$(grep -c '^build.* -k 6.1-a\|^build.* -k 6.12-b' "$dir/notes") $(grep -c '^install' "$dir/notes")" "2 2" "builds for each kernel with headers"
t_like "$(cat "$dir/said")" 'no module for kernel 6.12-bare: it has no headers .apt-get install linux-headers-6.12-bare' "and tells of the one without"
t_like "$(cat "$dir/said")" 'no module for kernel 7.9-new: this version is not known to build' "and of the one that is too new"
t_fails "what is left of an older version's tree goes" test -e "$dir/machine/var/lib/dkms/rtpl/0.0.9"
mkdir -p "$dir/machine/var/lib/dkms/rtpl/0.0.9"
t_fails "a build that fails fails the installation" scripted 6.12-b postinst configure
t_like "$(cat "$dir/said")" 'ERROR: the build for kernel 6.12-b failed' "and says for which kernel"
t_run "the other kernel has its module" grep -q '^install.*6.1-a' "$dir/notes"
t_run "what was there before stays" test -e "$dir/machine/var/lib/dkms/rtpl/0.0.9"
touch "$dir/machine/lib/modules/6.12-bare/kernel/x"
rm -r "$dir/machine"/lib/modules/{6.1-a,6.12-b,7.9-new}
t_fails "no kernel with headers fails the installation" scripted none postinst configure
mkdir -p "$dir/machine/lib/modules/6.12-bare/updates/dkms"
touch "$dir/machine/lib/modules/6.12-bare/updates/dkms/rtpl.ko.xz"
scripted none prerm upgrade
t_is "$(cat "$dir/notes")" "" "an upgrade drops nothing"
t_run "no module either" test -e "$dir/machine/lib/modules/6.12-bare/updates/dkms/rtpl.ko.xz"
scripted none prerm remove
t_fails "removal takes all of them" test -e "$dir/machine/lib/modules/6.12-bare/updates/dkms/rtpl.ko.xz"

for f in COPYING LICENSES/GPL-2.0.txt LICENSES/MIT.txt LICENSES/Linux-syscall-note.txt CHANGELOG.md SECURITY.md CONTRIBUTING.md; do
	t_run "$f" test -s "$f"
done
rm -rf "$dir"
t_done
