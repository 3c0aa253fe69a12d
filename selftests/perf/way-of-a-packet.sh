#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which of the module's functions, in which files, one packet calls on its way from the qdisc's
# enqueue to the driver and from the UDP socket's encap_rcv to the stack: a datagram of 100 bytes
# from one host to another, traced by the kernel's function graph in a VM with a stock kernel. The
# module is built without inlining of its functions (those that headers call inline are not
# counted). Prints the calls as a tree, then each way's functions by file; asserts nothing.
#
#	selftests/perf/way-of-a-packet.sh [KERNEL]
#
# KERNEL 6.1. The module that is built for it lies in build/way/.
set -eu
if [ -z "${RTPL_ENVIRONMENT:-}" ]; then
	cd "$(dirname "$0")/../.."
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
say() { a python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(bytes(100), ("'$B4'", 9))'; }
b python3 -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 9)); time.sleep(60)' &
sleep 2
# Once before, so that what only the first packet does is done.
say
sleep 2
echo 0 >$t/tracing_on
echo ':mod:rtpl' >$t/set_ftrace_filter
echo function_graph >$t/current_tracer
echo funcgraph-tail >$t/trace_options
echo 1 >$t/tracing_on
say
sleep 0.2
echo 0 >$t/tracing_on
cat $t/trace >"$OUT/trace"
python3 - "$OUT/trace" "$kmod" <<'P'
import pathlib
import re
import sys

where = {}
for path in sorted(pathlib.Path(sys.argv[2]).rglob("*.c")):
    if "kunit" in path.parts:
        continue
    for m in re.finditer(r"^(?:[a-z][\w *]*?\b\**)?(\w+)\([^;{]*\)\n\{", path.read_text(), re.M):
        where.setdefault(m[1], []).append(str(path.relative_to(sys.argv[2])))


def file_of(name, caller):
    """Static functions of one name: the caller's."""
    files = where.get(name, ["?"])
    return caller if caller in files else files[0]



trees, depth = [], None
for line in open(sys.argv[1]):
    m = re.match(r"[^|]*\|( +)([\w.]+)(?: \[rtpl\])?\(\)( \[rtpl\])?[;{ ]|[^|]*\|( +)([\w.]+)(?: \[rtpl\])?\(\)", line)
    if not m:
        continue
    indent, name = (m[1] or m[4]), (m[2] or m[5]).split(".")[0]
    level = (len(indent) - 2) // 2
    if level == 0:
        trees.append([])
    if trees:
        above = [f for n, _, f in trees[-1] if n < level]
        trees[-1].append((level, name, file_of(name, above[-1] if above else None)))
for tree in trees:
    for level, name, path in tree:
        print("  " * level + f"{name}  {path}")
    print()
INWARD = re.compile(r"rx|receive|input|deliver|join|pre_routing|ingress|open")
for way in "out", "in":
    calls, seen = 0, {}
    for tree in trees:
        inward = bool(INWARD.search(tree[0][1]))
        if inward == (way == "in"):
            calls += len(tree)
            for _, name, path in tree:
                seen[name, path] = path
    files = sorted(set(seen.values()))
    print(f"{way}: {len(seen)} functions in {len(files)} files, {calls} calls")
    for path in files:
        print(f"    {path}: {' '.join(sorted(n for n, p in seen if p == path))}")
P
T_DONE=1
