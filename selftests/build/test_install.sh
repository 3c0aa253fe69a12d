#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 600
#
# `make install` puts each thing where programs look for it, and the packages
# hold the same.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
dest=$(mktemp -d)
need /usr/lib/python3/dist-packages/numpy:python3-numpy
kdir=$(selftests/vm/kernels headers 6.1)
# The module that is built already is not built once more.
t_run "make install" make -s install DESTDIR="$dest" KDIR="$kdir" MODULE=6.1
t_run "the module" test -n "$(find "$dest/lib/modules" -name 'rtpl.ko*')"
t_run "rtplctl runs from there" "$dest/usr/bin/rtplctl" --version
t_run "rtpl-judge runs from there" "$dest/usr/bin/rtpl-judge" --version
t_run "the tc plugin" test -n "$(find "$dest" -name q_rtpl.so)"
t_run "the uapi headers" test -e "$dest/usr/include/linux/rtpl.h"
said=$(make -s install DESTDIR="$dest/none" KERNELRELEASE=0.0 2>&1)
t_isnt $? 0 "without headers it fails"
t_like "$(tail -n 1 <<<"$said")" 'The module is NOT installed, the tools are: .*0\.0' \
	"and the last line says that there is no module"
t_run "the tools are there then" test -x "$dest/none/usr/bin/rtplctl"
t_run "the tools alone, where KDIR= asks for it" make -s install DESTDIR="$dest/tools" KDIR=
# DKMS where the first try ended without headers.
mkdir "$dest/stub"
cat >"$dest/stub/dkms" <<-'END'
	#!/bin/sh
	echo "$1" >>"$STUB/did"
	case $1 in
	status) [ ! -e "$STUB/added" ] || echo "rtpl/0: added" ;;
	add) [ ! -e "$STUB/added" ] && touch "$STUB/added" ;;
	build) grep -c build "$STUB/did" | grep -qv 1 ;;
	esac
END
chmod +x "$dest/stub/dkms"
t_fails "make dkms, the build fails" env PATH="$dest/stub:$PATH" STUB="$dest/stub" make -s dkms DKMS_SRC="$dest/src"
t_run "make dkms again" env PATH="$dest/stub:$PATH" STUB="$dest/stub" make -s dkms DKMS_SRC="$dest/src"
t_like "$(tail -n 1 "$dest/stub/did")" install "installs"
t_like "$(make -n dkms)" 'need dkms:dkms' "make dkms fetches dkms"
t_unlike "$(make -n dkms DESTDIR="$dest/none")" 'need dkms:dkms' "but not for another place"
: >"$dest/stub/did"
t_run "make dkms-remove" env PATH="$dest/stub:$PATH" STUB="$dest/stub" make -s dkms-remove DKMS_SRC="$dest/src"
t_is "$(tr '\n' ' ' <"$dest/stub/did")$(ls -d "$dest/src" 2>/dev/null)" "status remove " "takes it away, sources too"
rm -rf "$dest"
t_done
