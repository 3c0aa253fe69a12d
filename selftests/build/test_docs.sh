#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 60
#
# The test vectors in wire-format.rst are those of the unit tests, and the files
# that README.md and Documentation/ name exist.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit

said=$(python3 selftests/build/docs.py check . 2>&1)
rc=$?
while read -r line; do
	case $line in
	"ok - "*) t_ok "${line#ok - }" ;;
	"not ok - "*) t_not_ok "${line#not ok - }" ;;
	*) t_diag "${line#"# "}" ;;
	esac
done <<<"$said"
t_is $rc 0 "the comparison's status"

# One digit more or less, or a number, and it says so.
tmp=$(mktemp -d)
differs() { # NAME SED-EXPRESSION
	sed "$2" Documentation/wire-format.rst >"$tmp/changed"
	if cmp -s Documentation/wire-format.rst "$tmp/changed"; then
		t_not_ok "$1 is noticed" "nothing was changed"
		return
	fi
	t_like "$(python3 selftests/build/docs.py check . "$tmp/changed")" "not ok - vector" "$1 is noticed"
}
differs "a wrong byte" 's/^    60000000 00321140/    60000000 00321141/'
differs "a missing line" '/^    60000000 00321140/d'
differs "a wrong number" 's/^    0xa0b0c1d0$/    0xa0b0c1d1/'
differs "an unknown vector" 's/^\.\. vector vectors\.h vec4_cell1$/&x/'
rm -rf "$tmp"
t_done
