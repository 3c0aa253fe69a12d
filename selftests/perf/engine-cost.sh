#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the shape engine costs: for each profile and end of a link, ns and instructions for
# each event, memory of a link; and the share of one processor that LINKS links take.
# Prints tables, or with -j one JSON object; asserts nothing, for speed is no test's business.
#
#	selftests/perf/engine-cost.sh [-j] [-l LINKS] [PROFILE...]
#
# PROFILE is the name of one that comes with the module, or a file.
# ns: the least of several rounds in a process, tools/harness/engine_cost.c (what an event is,
# and which traffic, stands there). Instructions: by valgrind, the difference of three repeats
# and one, so that only the engine counts; the same on each run. LINKS is 1000 unless
# told, of the profiles named or else wtfpad and off. What all of a peer takes in the kernel:
# selftests/memory/test_memory.sh; links in the kernel: selftests/perf/thousand-links.sh.
set -eu
# shellcheck source=selftests/environment.sh
. "$(dirname "$0")/../environment.sh"

json='' links=1000
while getopts jl:h opt; do
	case $opt in
	j) json=-j ;;
	l) links=$OPTARG ;;
	*) sed -n '4,18s/^# \{0,1\}//p' "$0"; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
case $links in
''|*[!0-9]*|0*) die "-l takes a number of links from 1 on, not '$links'" ;;
esac

need make:make gcc:gcc python3:python3-minimal /usr/include/openssl/evp.h:libssl-dev /usr/include/zlib.h:zlib1g-dev \
	valgrind:valgrind
o=$RTPL_BUILD/engine-cost
make -s -C "$RTPL_TOP/tools/harness" O="$o" "$o/engine-cost"
cost=$o/engine-cost

# instructions PROFILE END EVENTS: for each event
instructions() {
	local times said n=()
	for times in 1 3; do
		said=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$cost" -r $times "$1" "$2" 2>&1 >/dev/null) ||
			die "valgrind: $(tail -n 3 <<<"$said")"
		n+=("$(sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p' <<<"$said")")
	done
	awk -v a="${n[0]}" -v b="${n[1]}" -v e="$3" 'BEGIN { printf "%.1f", (b - a) / 2 / e }'
}

lines=$("$cost" -j "$@")
events='' at=0 all=$(wc -l <<<"$lines")
while IFS= read -r line; do
	at=$((at + 1))
	[ ! -t 2 ] || printf '\rcounting instructions: %s of %s ' "$at" "$all" >&2
	read -r profile end n < <(python3 -c 'import json, sys
j = json.loads(sys.argv[1]); print(j["profile"], j["end"], j["events"])' "$line")
	events+="${line%\}},\"instructions_per_event\":$(instructions "$profile" "$end" "$n")}"$'\n'
done <<<"$lines"
[ ! -t 2 ] || printf '\r\033[K' >&2
[ $# -gt 0 ] || set -- wtfpad off
many=$("$cost" -j -l "$links" "$@")

python3 - "$json" "$events" "$many" <<'PY'
import json
import sys

as_json, events, links = sys.argv[1], *([json.loads(l) for l in a.splitlines()] for a in sys.argv[2:])
if as_json:
    print(json.dumps({"events": events, "links": links}))
    sys.exit()
print(f"{'profile':10} {'end':7}{'packets':>8}{'events':>8}{'data':>7}{'chaff':>7}{'ns':>8}{'instr':>8}"
      f"{'ns a cell':>11}{'tables':>8}")
for e in events:
    print(f"{e['profile']:10} {e['end']:7}{e['packets']:8}{e['events']:8}{e['data']:7}{e['chaff']:7}"
          f"{e['ns_per_event']:8.1f}{e['instructions_per_event']:8.1f}{e['ns_per_cell']:11.1f}"
          f"{e['memory']['profile_tables']:8}")
m = events[0]["memory"]
print(f"""
ns and instr are for each event: what happened, what is asked, what is taken. Both ends
have 60 s of pages, a download, keys and silence; data and chaff are cells sent. A slow
machine's ns, instructions are the same anywhere.

A link's engine has {m['link']} bytes: machines {m['machines']}, chaff {m['chaff']}, schedule {m['sched']}, limits {m['limits']},
random numbers {m['rng']}, counters and settings the rest. A profile is there once for all
links: {m['profile_struct']} bytes and its tables (above). All of a peer in the kernel:
selftests/memory/test_memory.sh prints it.

{'profile':10} {'end':7}{'links':>6}  {'traffic':8}{'packets/s':>10}{'chaff/s':>9}{'events/s':>10}{'ns':>7}{'of one CPU':>13}""")
for e in links:
    print(f"{e['profile']:10} {e['end']:7}{e['links']:6}  {e['traffic']:8}{e['packets_per_s']:10.1f}{e['chaff_per_s']:9.1f}"
          f"{e['events_per_s']:10.0f}{e['ns_per_event']:7.1f}{100 * e['cpu']:11.4f} %")
print("""
pages: each link has a page of about 100 packets every 60 s, at a moment of its own; none:
one packet each way, and then nothing. 120 s of all links, by time. The engine alone: what
the kernel does around it, selftests/perf/thousand-links.sh measures.""")
PY
