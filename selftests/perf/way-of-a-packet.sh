#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which of the module's functions, in which files, one packet calls on its way from the qdisc's
# enqueue to the driver and from the UDP socket's encap_rcv to the stack: a datagram of 100 bytes
# from one host to another, traced by the kernel's function graph in a VM with a stock kernel. The
# module is built without inlining of its functions (those that headers call inline are not
# counted), or, with "built", as it always is; then WireGuard's of the kernel are counted, too, from
# its device's xmit to the driver and from encap_rcv. Prints the calls as a tree, then each way's
# functions by file; asserts nothing.
#
#	selftests/perf/way-of-a-packet.sh [KERNEL [built]]
#
# KERNEL 6.1. The module that is built for it lies in build/way/, or build/KERNEL/.
set -eu
if [ -z "${RTPL_ENVIRONMENT:-}" ]; then
	cd "$(dirname "$0")/../.."
	[ "${2:-}" != built ] || exec selftests/vm/run -k "$1" -f kmod selftests/perf/way-of-a-packet.sh "$@"
	export RTPL_BUILD=$PWD/build/way
	export KCFLAGS="-fno-inline-small-functions -fno-inline-functions-called-once -fno-inline-functions -fno-ipa-sra -fno-ipa-cp -fno-partial-inlining -fno-ipa-icf"
	exec selftests/vm/run -k "${1:-6.1}" -f kmod selftests/perf/way-of-a-packet.sh
fi
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
set +eu
kmod=$(cd "$(dirname "$0")/../.." && pwd)/kmod

topo_up
pair_up require off || exit 1
wait_until 20 a ping -c 1 -W 1 $B4 || exit 1
t=/sys/kernel/tracing
[ -d $t/events ] || mount -t tracefs tracefs $t
# say ADDRESS: a datagram of 100 bytes
say() { a python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(bytes(100), ("'"$1"'", 9))'; }
# traced MODULE ADDRESS: the calls, one datagram's
traced() {
	# Once before, so that what only the first packet does is done.
	say "$2"
	sleep 2
	echo 0 >$t/tracing_on
	echo ":mod:$1" >$t/set_ftrace_filter
	echo function_graph >$t/current_tracer
	echo funcgraph-tail >$t/trace_options
	: >$t/trace
	echo 1 >$t/tracing_on
	say "$2"
	sleep 0.2
	echo 0 >$t/tracing_on
	cat $t/trace
}
b python3 -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 9)); time.sleep(60)' &
sleep 2
traced rtpl $B4 >"$OUT/trace"
[ "${2:-}" != built ] || { wg_up && wait_until 10 a ping -c 1 -W 1 198.18.0.2 && traced wireguard 198.18.0.2 >"$OUT/wireguard"; } || exit 1
python3 - "$kmod" "$OUT/trace" "$OUT/wireguard" <<'P'
import os
import pathlib
import re
import sys

INWARD = re.compile(r"rx|receive|input|deliver|join|pre_routing|ingress|open|decrypt|poll")
where = {}
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.c")):
    if "kunit" in path.parts:
        continue
    for m in re.finditer(r"^(?:[a-z][\w *]*?\b\**)?(\w+)\([^;{]*\)\n\{", path.read_text(), re.M):
        where.setdefault(m[1], []).append(str(path.relative_to(sys.argv[1])))


def file_of(name, caller):
    """Static functions of one name: the caller's. WireGuard's files are not there."""
    files = where.get(name, ["?"])
    return caller if caller in files else files[0]


def trees_of(trace):
    trees = []
    for line in open(trace):
        m = re.match(r"[^|]*\|( +)([\w.]+)(?: \[\w+\])?\(\)", line)
        if not m:
            continue
        level, name = (len(m[1]) - 2) // 2, m[2].split(".")[0]
        if level == 0:
            trees.append([])
        if trees:
            above = [f for n, _, f in trees[-1] if n < level]
            trees[-1].append((level, name, file_of(name, above[-1] if above else None)))
    return trees


for trace in sys.argv[2:]:
    if not os.path.exists(trace):
        continue
    print(f"== {os.path.basename(trace)}")
    trees = trees_of(trace)
    for tree in trees:
        for level, name, path in tree:
            print("  " * level + f"{name}  {path}")
        print()
    for way in "out", "in":
        calls, seen = 0, {}
        for tree in trees:
            if bool(INWARD.search(tree[0][1])) == (way == "in"):
                calls += len(tree)
                for _, name, path in tree:
                    seen[name, path] = path
        files = sorted(set(seen.values()))
        print(f"{way}: {len(seen)} functions in {len(files)} files, {calls} calls")
        for path in files:
            print(f"    {path}: {' '.join(sorted(n for n, p in seen if p == path))}")
P
T_DONE=1
