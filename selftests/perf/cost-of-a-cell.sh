#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What a full cell costs on its way, in instructions: of a TCP transfer from one host to another each
# stage's functions are timed by the kernel's function graph, in a VM that counts instructions instead
# of time. The tracer's own are in it, a few hundred for each call; a stage has those that it calls.
# Prints a table; asserts nothing.
#
#	selftests/vm/run -I -t 900 selftests/perf/cost-of-a-cell.sh
#
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

# stage: functions, which other files call and so are never inlined
stages="take:rtpl_txq_add
ask:rtpl_engine_next
lay:rtpl_lay_cell
seal:rtpl_seal_cell
batch:rtpl_batch_init rtpl_batch_finish
send:rtpl_transport_xmit
open:rtpl_open_cell rtpl_open_more rtpl_open_end
deliver:rtpl_join_deliver
receive, all of it:rtpl_rx_receive"

topo_up
pair_up require off || exit 1
wait_until 20 a ping -c 1 -W 1 $B4 || exit 1
iperf_up b
wait_until 10 a iperf3 -n 1K -c $B4 || exit 1
t=/sys/kernel/tracing
[ -d $t/events ] || mount -t tracefs tracefs $t
echo 0 >$t/tracing_on
echo 40000 >$t/buffer_size_kb
echo "$stages" | cut -d: -f2 | tr ' ' '\n' >$t/set_ftrace_filter
echo function_graph >$t/current_tracer
echo funcgraph-tail >$t/trace_options
cells() { in_ns "$1" rtplctl -j stats | jq "[.peers[].$2_cells] | add"; }
sent=$(cells a tx)
echo 1 >$t/tracing_on
a iperf3 -n 3M -c $B4 >/dev/null
echo 0 >$t/tracing_on
sent=$(($(cells a tx) - sent))
cat $t/trace >"$OUT/trace"
STAGES=$stages python3 - "$OUT/trace" "$sent" <<'P'
import os, re, sys
spent, calls = {}, {}
for line in open(sys.argv[1]):
    m = re.search(r"([\d.]+) us +\| +(?:([\w.]+)(?: \[rtpl\])?\(\)(?: \[rtpl\])?;|\} /\* (\w+))", line)
    if m:
        name = m[2] or m[3]
        spent[name] = spent.get(name, 0) + float(m[1]) * 1000
        calls[name] = calls.get(name, 0) + 1
cells = int(sys.argv[2])
print(f"{cells} cells sent by one host, most of them full; instructions for each of them:")
for stage in os.environ["STAGES"].split("\n"):
    what, names = stage.split(":")
    names = [n for n in names.split() if n in calls]
    print(f"    {what:20} {sum(spent[n] for n in names) / cells:8.0f}  in {sum(calls[n] for n in names) / cells:.2f} calls ({', '.join(names)})")
P
T_DONE=1
