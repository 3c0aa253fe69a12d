#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: host
# timeout: 120
#
# The netlink family's description and the uapi header say the same; and the
# comparison notices when they do not.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/ground.sh
python=python3
if ! $python -c 'import yaml' 2>/dev/null; then
	need /usr/lib/python3/dist-packages/yaml:python3-yaml
	python=/usr/bin/python3
fi
spec=Documentation/netlink/specs/rtpl.yaml
header=include/uapi/linux/rtpl.h

said=$($python selftests/netlink/spec.py $spec $header 2>&1)
rc=$?
while read -r line; do
	case $line in
	"ok "*) t_ok "${line#ok * - }" ;;
	"not ok "*) t_not_ok "${line#not ok * - }" ;;
	"#"*) echo "$line" ;;
	esac
done <<<"$said"
t_is $rc 0 "the comparison's status"

# Each of these makes them differ.
tmp=$(mktemp -d)
differs() { # NAME SED-EXPRESSION FILE
	local s=$spec h=$header
	sed "$2" "$3" >"$tmp/changed"
	if cmp -s "$3" "$tmp/changed"; then t_not_ok "$1 is noticed" "nothing was changed"; return; fi
	case $3 in *.yaml) s=$tmp/changed ;; *) h=$tmp/changed ;; esac
	t_fails_with '^not ok' "$1 is noticed" $python selftests/netlink/spec.py "$s" "$h"
}
differs "an attribute that only the header has" 's/^\tRTPL_PEER_A_PSK,.*/&\n\tRTPL_PEER_A_NEW,/' $header
differs "an attribute that the header lost" '/^\tRTPL_STAT_A_REKEYS,/d' $header
differs "a command out of order" 's/^      name: peer-set/      name: peer-sat/' $spec
differs "another limit" 's/value: 9000/value: 9001/' $spec
differs "an enum nobody describes" 's/^enum rtpl_cmd {/enum rtpl_x {\n\tRTPL_X_A,\n};\n&/' $header
rm -rf "$tmp"
t_done
