# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What a run carries into its machine: selftests, the built module for that
# kernel, the tools. Shared by the VM and UML runners.

# payload_add IN PATH: a file or folder of the repository keeps its place.
payload_add() {
	local in=$1 path rel
	path=$(realpath -- "$2")
	case $path in
	"$RTPL_TOP"/*) rel=${path#"$RTPL_TOP"/} ;;
	*) rel=files/${path##*/} ;;
	esac
	mkdir -p "$in/rtpl/$(dirname "$rel")"
	cp -a "$path" "$in/rtpl/$(dirname "$rel")/"
}

# payload IN RELEASE IMAGE BUILD FILE...: fill the directory IN. IMAGE is the
# unpacked kernel whose modules lie on a disk of their own, or empty.
payload() {
	local in=$1 release=$2 image=$3 built=$4 f ko mods
	shift 4
	mkdir -p "$in/rtpl"/{bin,lib,ko}
	cp -a "$RTPL_TOP/selftests" "$in/rtpl/"
	for f in rtplctl rtpld; do
		[ ! -x "$RTPL_TOP/tools/$f/$f" ] || cp "$RTPL_TOP/tools/$f/$f" "$in/rtpl/bin/"
	done
	for f in tools/profile/rtpl-profile tools/harness/build/engine-replay; do
		[ ! -x "$RTPL_TOP/$f" ] || cp "$RTPL_TOP/$f" "$in/rtpl/bin/"
	done
	for f in "$RTPL_TOP"/tools/tc/*.so; do
		[ ! -e "$f" ] || cp "$f" "$in/rtpl/lib/"
	done
	for f in "$@"; do payload_add "$in" "$f"; done

	# The module, where modprobe and the kernel's autoload look for it.
	mods=$in/usr/lib/modules/$release
	mkdir -p "$mods/extra"
	for ko in "$built"/*.ko; do
		[ -e "$ko" ] || continue
		strip -g -o "$mods/extra/${ko##*/}" "$ko"
		ln -s "/usr/lib/modules/$release/extra/${ko##*/}" "$in/rtpl/ko/"
	done
	if [ -n "$image" ]; then
		# depmod over all of them, then keep only what it wrote.
		cp -al "$image/lib/modules/$release/kernel" "$mods/kernel" 2>/dev/null ||
			{ rm -rf "$mods/kernel"; cp -a "$image/lib/modules/$release/kernel" "$mods/kernel"; }
		cp "$image/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} "$mods/"
	else
		touch "$mods/modules.order" "$mods/modules.builtin" "$mods/modules.builtin.modinfo"
	fi
	mkdir -p "$in/lib"
	mv "$in/usr/lib/modules" "$in/lib/modules"
	PATH=$PATH:/sbin:/usr/sbin depmod -b "$in" "$release"
	rm -rf "$in/lib/modules/$release/kernel"
	mv "$in/lib/modules" "$in/usr/lib/modules"
	rmdir "$in/lib"
}

# payload_job IN SCRIPT ARG...: what the machine is to run, as `job`. SCRIPT is
# a path in the repository, or `-`: then the ARGs are a command line.
payload_job() {
	local in=$1 script=$2
	shift 2
	if [ "$script" = - ]; then
		printf 'exec bash -c %q\n' "$*" >"$in/rtpl/job"
		return
	fi
	[ -e "$script" ] || script=$RTPL_TOP/$script
	script=$(realpath -e -- "$script")
	case $script in
	"$RTPL_TOP"/*) script=${script#"$RTPL_TOP"/} ;;
	*) die "$script lies outside the repository" ;;
	esac
	payload_add "$in" "$RTPL_TOP/$script"
	{ printf 'exec ./%q' "$script"; [ $# = 0 ] || printf ' %q' "$@"; echo; } >"$in/rtpl/job"
}
