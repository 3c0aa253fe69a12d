#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 60
#
# What tools/netlink/generate makes of the netlink family's description is what the tree
# has; it differs when the description does; and a description that contradicts itself
# makes nothing.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
need /usr/lib/python3/dist-packages/yaml:python3-yaml
generate="/usr/bin/python3 tools/netlink/generate"
spec=Documentation/netlink/specs/rtpl.yaml

t_is "$($generate --check 2>&1)" "" "the tree has what the description gives"

tmp=$(mktemp -d)
changed() { # SED-EXPRESSION
	sed "$1" $spec >"$tmp/rtpl.yaml"
	! cmp -s $spec "$tmp/rtpl.yaml"
}
# Each of these makes FILE other than the tree's, in a line like LINE.
stale() { # NAME SED-EXPRESSION FILE LINE
	local said
	if ! changed "$2"; then t_not_ok "$1" "nothing was changed"; return; fi
	if said=$($generate --check --spec "$tmp/rtpl.yaml" 2>&1); then t_not_ok "$1" "all is fresh"; return; fi
	t_like "$(sed -n "\\#^$3 is not what#,/ is not what/p" <<<"$said")" "$4" "$1: $3 is stale"
}
gen=kmod/netlink/nl_gen
stale "another type of an attribute" '/name: calm/{n;s/u8/u16/}' $gen.c '^\+.*SHAPE_A_CALM.*NLA_U16'
stale "a shorter string" '/max-len: name-max - 1/s/1$/2/' $gen.c '^\+.*PEER_A_NAME.*RTPL_NAME_MAX - 2'
stale "another sentence" "s/a peer's id is read only/the id is read only/" $gen.c '^\+.*"the id is read only"'
stale "a request for everybody" '/name: profile-del/,/flags/{/flags/d}' $gen.c '^-.*GENL_UNS_ADMIN_PERM'
stale "a dump more" 's/^      name: profile-del/&\n      dump: {}/' $gen.h '^\+int rtpl_nl_profile_del_dumpit'
uapi=include/uapi/linux/rtpl.h
stale "an attribute more" 's/^        name: psk-set$/        name: new\n        type: u8\n      -\n&/' $uapi '^\+.RTPL_PEER_A_NEW,'
stale "an attribute less" '/^      -$/{N;/name: rekeys$/{N;d}}' $uapi '^-.RTPL_STAT_A_REKEYS'
stale "another number of a command" 's/^      name: peer-set$/      name: peer-sat/' $uapi '^\+.RTPL_CMD_PEER_SAT,'
stale "another limit" 's/value: 9000$/value: 9001/' $uapi '^\+#define RTPL_CELL_MAX.*9001'
stale "another comment" 's/doc: cells sent that carry data/doc: cells of data/' $uapi '^\+.*u64, cells of data'
stale "another length of keys" '/name: psk$/,/exact-len/s/key-len/name-max/' tools/lib/policy_gen.c '^\+.*minlen = RTPL_NAME_MAX'
stale "another word" 's/^        name: link-lost$/        name: link-gone/' tools/lib/names_gen.c '^\+.*"link-gone"'
stale "an enum more" 's/^    name: role-kind$/    name: roles/; s/enum-name: rtpl-role-kind/enum-name: rtpl-roles/; s/enum: role-kind/enum: roles/' \
	tools/lib/names_gen.h '^\+.*rtpl_roles_names'

refused() { # NAME SED-EXPRESSION SENTENCE
	if ! changed "$2"; then t_not_ok "$1" "nothing was changed"; return; fi
	t_fails_with "$3" "$1 is refused" $generate --out "$tmp/out" --spec "$tmp/rtpl.yaml"
}
refused "a nest of no set" 's/nested-attributes: shape$/&s/' 'holds shapes, which is no set'
refused "an unknown enum" 's/enum: size-kind/enum: sizes/' 'the enum sizes, which is none'
refused "an unknown constant" 's/max-len: name-max/max-len: names-max/' 'names-max is no constant'
refused "a string without a length" '/checks:$/{N;/ifnamsiz/d}' 'node.bind-device: .* needs max-len'
refused "a reply of what is not there" 's/^            - generation$/&s/' 'rtpl has no attribute generations'
refused "a subset of more than there is" '/subset-of: prefix/,/name: len/s/name: len/name: length/' 'prefix-entry.length is not in prefix'
refused "read only without a sentence" "s/a peer's id is read only/read only/" 'ends with "is read only"'
t_is "$(ls "$tmp/out" 2>/dev/null)" "" "nothing was written then"

$generate --out "$tmp/out"
t_is "$($generate --check --out "$tmp/out")" "" "what was written is fresh"
rm -rf "$tmp"
t_done
