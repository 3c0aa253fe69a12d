#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
#
# rtplctl sim: what is known beforehand comes out (cells of lone and of many packets, a
# constant rate, a bottleneck), limits are kept, a seed gives the same run, a replay too;
# all forms of input are one, and bad input is refused with a sentence.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
here=$T_LIB/shape
o=$(mktemp -d)
make -s -C "$here/../../tools/sim" O="$o" >"$o/make" 2>&1 || t_bail "make: $(tail -n 5 "$o/make")"
cd "$o" || exit
sim() { ./rtpl-sim "$@"; }
py() { python3 "$here/sim.py" "$@"; }
# value JQ-PATH, of the JSON on stdin (python: the userland of hosts need not have jq)
value() {
	python3 -c 'import json, sys
v = json.loads(sys.stdin.read().splitlines()[-1])
for k in sys.argv[1].split("."): v = v[k]
print(v)' "$1"
}
# profile NAME SECTIONS: a file
profile() { printf '[Profile]\nName = %s\nAbout = for a test\n%s\n' "$1" "$2" >"$1.profile"; }

profile fixed '[Sizes]
Cell = 1232
[Schedule]
Kind = as-it-comes'
profile rate '[Sizes]
Cell = 1232
[Schedule]
Kind = constant
Rate = 1000 cells/s
[Link]
Latency = 50 ms'
profile slow '[Sizes]
Cell = 1232
[Schedule]
Kind = constant
Rate = 100 cells/s
[Link]
Latency = 50 ms
Limit = 10 packets
Overflow = newest'
sed 's/newest/oldest/; s/= slow/= slow2/; s/50 ms/10 s/' slow.profile >slow2.profile
profile jit '[Sizes]
Cell = 1232
[Schedule]
Kind = jitter
Longest = 20 ms
Hold = uniform:0,20 ms'
profile capped '[Sizes]
Cell = 512
[Schedule]
Kind = as-it-comes
[Chaff]
Kind = cover
Every = exponential:5 min=1 max=50 ms
[Limits]
Overhead = 12 %
Free = 21000 bytes
Window = 2 s'
profile cover '[Sizes]
Cell = 1232
[Schedule]
Kind = as-it-comes
[Chaff]
Kind = cover
Every = exponential:1 min=0.1 max=20 ms'

# --- cells ---
for bytes in 20 1203 1204 3000 65535; do
	printf '0,1,%s\n1,-1,%s\n2.5,1,%s\n' $bytes $bytes $bytes >lone.csv
	cells=$((3 * ((bytes + 1202) / 1203)))
	said=$(sim -j -p ./fixed.profile lone.csv)
	t_is "$(value both.wire_bytes <<<"$said")" $((cells * 1260)) "$bytes bytes alone: $((cells / 3)) cells"
	t_is "$(value both.overhead.padding_bytes <<<"$said")" $((cells * 1203 - 3 * bytes)) "the rest is padding"
	t_is "$(value both.overhead.header_bytes <<<"$said")" $((cells * 57)) "57 bytes of headers each"
	t_is "$(value both.delay.max_ns <<<"$said")" 0 "as it comes adds no delay"
done
# Cut blocks: a thousand packets at a moment are one stream of bytes, 64 cells a batch.
awk 'BEGIN { for (i = 0; i < 999; i++) print "5,1," 20 + i * 7 % 1481 }' >many.csv
bytes=$(awk -F, '{ n += $3 } END { print n }' many.csv)
t_is "$(sim -j -p ./fixed.profile many.csv | value client.cells)" $(((bytes + 1202) / 1203)) \
	"packets of $bytes bytes at once: no byte between them is lost"

# --- chaff beside no packets is no share of anything ---
printf '0,1,100\n0.5,1,200\n' >up.csv
said=$(sim -p ./cover.profile up.csv)
t_is "$(awk '$1 == "chaff" { print $4 }' <<<"$said")" n/a "chaff in a direction without packets is not 0.00 %"
t_is "$(awk '/bytes of chaff/ { print ($5 > 0) }' <<<"$said")" 1 "it has bytes"

# --- the observer is at the client ---
printf '10,1,100\n10.02,-1,1000\n10.5,1,100\n10.5,-1,100\n' >times.csv
sim -p ./fixed.profile --rtt 80ms --out seen times.csv >/dev/null
t_is "$(cut -d, -f1,2 seen/times.csv | paste -sd' ')" \
	"0.000000000,1 0.020000000,-1 0.500000000,1 0.500000000,-1" "undelayed, the trace is what is seen"
sim -p ./fixed.profile --before 1s --out seen1 times.csv >/dev/null
t_is "$(head -n 1 seen1/times.csv)" "1.000000000,1,1260" "--before is time before"

# --- constant rate ---
py make web 3000 1 >web.csv
py make voice 900 2 >voice.csv
for t in web voice; do
	sim -p ./rate.profile --truth --out rate --tail 5s $t.csv >$t.said
	t_is "$(py rate rate/$t.csv 1000000 | cut -d' ' -f1,3,4 | paste -sd' ')" "1 0 0 -1 0 0" \
		"$t: every cell is 1 ms behind the one before"
done
n=5000
t_between "$(wc -l <rate/web.csv)" $n 1000000 "there is much to see"
t_is "$(cmp <(head -n $n rate/web.csv | cut -d, -f1-3) <(head -n $n rate/voice.csv | cut -d, -f1-3) && echo same)" \
	same "what is seen does not depend on the payload"
t_isnt "$(head -n $n rate/web.csv | md5sum)" "$(head -n $n rate/voice.csv | md5sum)" "what is in it does"
last=$(tail -n 1 rate/voice.csv | cut -d, -f1)
t_between "$(awk -F, '$2 == 1' rate/voice.csv | wc -l)" "$(awk "BEGIN { print $last * 1000 - 1 }")" \
	"$(awk "BEGIN { print $last * 1000 + 1 }")" "cells are rate times time"
t_like "$(cat voice.said)" "leak from the client: nothing" "it tells nothing"

# --- nothing is lost but what is told ---
for p in off standard enhanced requests requests-strong maximum censored bip324 wtfpad regulator tamaraw dp ./slow.profile ./slow2.profile; do
	name=${p##*/} name=${name%.profile}
	sim -j -p $p --truth --out "sum-$name" web.csv >said
	t_is "$(python3 - 3<&0 <<'PY'
import json
j = json.load(open("said"))
for e in (j["client"], j["server"]):
    o, d = e["overhead"], e["drops"]
    lost = sum(v["bytes"] for v in d.values()) + e["not_sent"]["bytes"]
    if e["bytes"] != e["sent_bytes"] + lost:
        print("came", e["bytes"], "left", e["sent_bytes"], "lost", lost)
    # a packet that was not all sent has bytes in cells
    rest = e["wire_bytes"] - e["sent_bytes"] - sum(o[k] for k in o if k != "ratio")
    if not 0 <= rest <= 65535 * (e["not_sent"]["packets"] + d["too_big"]["packets"]):
        print("of the wire", rest, "bytes are of nobody")
PY
)" "" "$name: bytes"
	t_is "$(py sums sum-$name/web.csv | paste -sd' ')" \
		"1 $(value client.wire_bytes <said) $(value client.cells <said) $(value client.chaff <said) -1 $(value server.wire_bytes <said) $(value server.cells <said) $(value server.chaff <said) sorted True" \
		"$name: what is seen is what is counted, in order"
done
sim -j -p ./slow.profile web.csv >said
t_between "$(value server.drops.late.packets <said)" 1 3000 "too late is dropped"
t_between "$(value server.delay.max_ns <said)" 1 50000000 "what leaves is in time"
sim -j -p ./slow2.profile web.csv >said2
t_between "$(value server.drops.queue_full.packets <said2)" 1 3000 "a full queue drops"
t_is "$(value server.drops.late.packets <said2)" 0 "and nothing is late"

# --- limits, delays ---
sim -j -p ./jit.profile voice.csv >said
t_between "$(value both.delay.max_ns <said)" 15000000 20000000 "jitter: no more than the longest"
t_between "$(value both.delay.p50_ns <said)" 8000000 12000000 "half of it in the middle"
for t in web voice; do
	sim -p ./capped.profile --truth --out capped --tail 3s $t.csv >/dev/null
	t_is "$(py window capped/$t.csv 21000 120 2 | awk '$2 > 0')" "" "$t: chaff within its limit in any 2 s"
	t_between "$(py sums capped/$t.csv | awk '{ n += $4 } END { print n }')" 20 100000 "there is chaff"
	sim -p ./cover.profile --truth --out cover --tail 3s $t.csv >/dev/null
	t_isnt "$(py window cover/$t.csv 21000 120 2 | awk '$2 > 0')" "" "without a limit there is more"
done

# --- a bottleneck ---
printf '0,1,1203\n0,1,1203\n1,1,1203\n' >two.csv
t_is "$(sim -j -p ./fixed.profile --link-rate 1mbit two.csv | value client.delay.max_ns)" \
	$((2 * 1260 * 8 * 1000)) "two cells at 1 Mbit/s: 20.16 ms"
py make load 8000 3 >load.csv
for p in fixed cover; do sim -j -p ./$p.profile --link-rate 22mbit --rtt 10ms load.csv >$p.said; done
t_between "$(value client.chaff <cover.said)" 100 1000000 "chaff between the packets of a loaded link"
plain=$(value client.delay.mean_ns <fixed.said)
t_between "$(value client.delay.mean_ns <cover.said)" 0 \
	"$(awk "BEGIN { print $plain + 1260 * 8 / 22 * 1000 }")" "costs data no more than the cell under way"

# The profiles whose chaff is all they do, with and without it (the rest of chance is none).
for p in bip324 wtfpad; do
	awk '/^\[/ { skip = /^\[(Chaff|Limits)/ } !skip' "$here/../../tools/profile/profiles/$p.profile" >bare.profile
	sim -j -p ./bare.profile --link-rate 20mbit --rtt 40ms load.csv >bare.said
	sim -j -p $p --link-rate 20mbit --rtt 40ms load.csv >full.said
	t_between "$(value client.chaff <full.said)" 20 1000000 "$p: chaff on a link at 80 %"
	t_between "$(value client.delay.mean_ns <full.said)" 0 \
		"$(awk "BEGIN { print $(value client.delay.mean_ns <bare.said) * 1.02 }")" "$p: data waits at most 2 % longer"
done

# FRONT on a line that its sender fills for 3.5 s: as many cells as with a line to spare, all of them
# when data is through, which waits no longer for them. Before, chaff that was late was left out, four cells in ten.
printf '[Profile]\nName = front\nAbout = x\n[Sizes]\nCell = 544\n[Schedule]\nKind = as-it-comes\n[Link]\nLatency = off\nLimit = 10000\n' >bare.profile
sed 's/^.Link.$/[Chaff]\nKind = front\nLeast = 850\nMost = 1700\nWindow = 1 s - 8 s\nSilence = 10 s\n&/' bare.profile >front.profile
awk 'BEGIN { for (i = 0; i < 3000; i++) printf "%.4f,1,1400\n", i * .0001 }' >page.csv
for p in bare front; do sim -j -p ./$p.profile --link-rate 10mbit --tail 60s page.csv >$p.said; done
sim -j -p ./front.profile --tail 60s page.csv >spare.said
t_between "$(value client.chaff <front.said)" "$(awk "BEGIN { print int($(value client.chaff <spare.said) * .9) }")" 1700 \
	"front: a sender that fills the line sends its chaff"
t_is "$(value client.delay.mean_ns <front.said)" "$(value client.delay.mean_ns <bare.said)" "and its data waits no longer"

# --- chance ---
sim -p standard --out s1 --seed 7 web.csv voice.csv >s1.said
sim -p standard --out s2 --seed 7 web.csv voice.csv >s2.said
sim -p standard --out s3 --seed 8 voice.csv web.csv >/dev/null
t_is "$(diff -r s1 s2 && cmp s1.said s2.said && echo same)" same "a seed gives the same run"
t_isnt "$(md5sum <s1/web.csv)" "$(md5sum <s3/web.csv)" "another seed another one"
t_is "$(md5sum <s1/voice.csv)" "$(md5sum <s3/voice.csv)" "the second trace has the seed's next"

# --- one link ---
head -n 20 voice.csv >short.csv
one=$(sim -j -p dp short.csv | value client.leak.epsilon)
t_is "$(sim -j -p off --seed 18446744073709551615 short.csv | value seed)" 18446744073709551615 "JSON has a large seed"
t_is "$(for p in off maximum; do sim -j -p $p short.csv | value client.leak.bound; done | xargs)" "unbounded zero" "and one word for each bound"
printf 'class,group,visit,seconds,direction,bytes\nc,g,v\xff,0,1,1000\n' >bytes.csv
t_is "$(sim -j -p off --each bytes.csv | sed -n 1p | value visit)" "v?" "a visit's name that is not UTF-8 is there"
t_is "$(sim -j -p dp --each --keep 100ms short.csv short.csv short.csv | sed -n 1p | value client.leak.epsilon)" "$one" \
	"the first trace of a link is as one alone"
t_between "$(sim -j -p dp --keep 100ms short.csv short.csv short.csv | value client.leak.epsilon)" \
	"$(awk "BEGIN { print $one * 1.2 }")" 1e9 "one link: the account adds up"
# A wire of less than the rate: slots are skipped, and what waits too long is dropped.
sim -j -p maximum --link-rate 1mbit load.csv >slow.said
t_between "$(value both.delay.max_ns <slow.said)" 1 50000000 "a slow wire: nothing waits longer than the latency budget"
t_between "$(value both.drops.late.packets <slow.said)" 1 1000000 "and is dropped, as by the module"
t_between "$(value client.leak.slots_missed <slow.said)" 100 100000000 "slots that the wire has no room for are counted"
t_fails_with 'profile maximum: 100000 s of one link are up to 200 million cells' "a link kept for a day is refused" \
	sim -p maximum --keep 100000s voice.csv voice.csv
t_run "and is not played behind the last trace" timeout 60 ./rtpl-sim -p maximum --keep 100000s voice.csv
sim -j -p ./rate.profile --keep 500ms web.csv voice.csv >said
sim -j -p ./rate.profile web.csv voice.csv >said2
t_is "$(value both.sent_bytes <said)" "$(value both.sent_bytes <said2)" "a pause is no trace's"
t_between "$(value both.wire_bytes <said)" $(($(value both.wire_bytes <said2) - 5040)) \
	$(($(value both.wire_bytes <said2) + 5040)) "nor are its cells"
{
	echo class,group,visit,seconds,direction,bytes
	for v in 1 2; do sed "s/^/a,,$v,/; s/,[0-9]*\$/,514/" web.csv; done
} >cells.csv
xz -k cells.csv
"$here/../../tools/sim/compare" --sim ./rtpl-sim cells.csv.xz >said 2>&1
t_is "$(grep -cE '^(WTF|FRONT|Regu|Tama)' said)" 12 "compare: twelve defences"

# --- replay ---
for p in off standard enhanced requests requests-strong maximum censored bip324 wtfpad regulator tamaraw dp; do
	for end in client server; do
		rm -f log
		sim -p $p --seed 5 --rtt 30ms --log log --end $end web.csv >/dev/null
		t_between "$(wc -l <log)" 500 1000000 "$p, $end: a log"
		t_is "$(cmp <(grep sent- log) <(sim -p $p --seed 5 --replay log --end $end) && echo same)" \
			same "its departures again"
		t_is "$(cmp <(grep sent- log) <(grep -v asked log | sim -p $p --seed 5 --replay - --end $end) && echo same)" \
			same "without being told when to ask"
	done
done
t_isnt "$(grep sent- log)" "$(sim -p dp --seed 6 --replay log --end server)" "another seed is another run"
rm -f log
sim -p standard --log log voice.csv >/dev/null
sed 's/^\([0-9]*\) \([a-z-]*\) \([0-9]*\) \([0-9]*\)$/ <idle>-0 [000] ..s1. 1.2: rtpl_engine: peer=3 what=\2 now=\1 at=\3 bytes=\4/' \
	log | grep -v -e what=late -e what=stop >trace
echo ' ping-1 [000] b.s2. 1.3: rtpl_cell_sent: peer=3 counter=1 size=1232 data' >>trace
t_is "$(cmp <(grep sent- log) <(sim -p standard --peer 3 --replay trace) && echo same)" same "a kernel's trace is read too"

# --- input ---
mkdir -p dir/a dir/b
cp web.csv dir/a/1.csv
cp voice.csv dir/b/2.csv
{
	echo class,group,visit,seconds,direction,bytes
	sed 's/^/a,,1,/' web.csv
	sed 's/^/b,,2,/' voice.csv
} >all.csv
xz -k all.csv
sim -p standard --out from-dir dir >/dev/null
sim -p standard --out from-csv all.csv >/dev/null
sim -p standard --out from-xz - <all.csv.xz >/dev/null
t_is "$(diff -r from-dir from-csv && diff -r from-dir from-xz && ls from-dir | paste -sd' ')" "a b" \
	"folders, a collection and a compressed one are the same"
# Joined files are one file to xz.
{ head -n 400 voice.csv | xz; tail -n +401 voice.csv | xz; } >joined.csv.xz
xz -dc joined.csv.xz | cmp - voice.csv || t_bail "xz does not join"
t_is "$(sim -j -p off joined.csv.xz | value both.bytes)" "$(sim -j -p off voice.csv | value both.bytes)" \
	"joined .xz files are read to their end"
sim -p standard --out back.csv all.csv.xz >/dev/null
t_is "$(sed -n 's/^b,,2,//p' back.csv | cmp - from-dir/b/2.csv && echo same)" same "a collection comes out as one"
sort -R --random-source=all.csv voice.csv >mixed.csv
sed 's/,/\t/g; s/$/\r/' voice.csv >tabs.csv
for f in mixed tabs; do sim -p standard --out $f $f.csv >/dev/null; done
sim -p standard --out alone voice.csv >/dev/null
t_is "$(cmp mixed/mixed.csv alone/voice.csv && cmp tabs/tabs.csv alone/voice.csv && echo same)" same \
	"order of rows, tabs and line ends do not matter"
printf '0 1\n0.5 -1\n' >tor.txt
t_is "$(sim -j -p off --cell-bytes 512 tor.txt | value both.bytes)" 1024 "lines without sizes are cells"
printf '%s\n' 'seconds,direction,bytes' '1e-1,+1,40' '-0.5,1.0,60' >odd.csv
t_is "$(sim -j -p off --header-bytes 40 odd.csv | value client.bytes)" 180 "numbers in other dress, headers added"
t_is "$(sim -j --each -p off dir | wc -l)" 3 "--each: a line for each, and the sum"
t_is "$(sim -j -p off --every 2 dir | value traces)" 1 "--every 2: half of them"

bad() { # WHAT-IT-SAYS ARGUMENT...; standard input: the trace
	local want=$1
	shift
	t_fails_with "$want" "refused: $want" sim "$@"
	t_is "$(sim "$@" 2>&1 </dev/null | wc -l)" 1 "in one sentence"
}
# shellcheck disable=SC2059 # the form is the point
file() { printf "$1" >bad.csv; }
file 'x,1,1\n'; bad 'bad.csv:1: neither a packet nor names of columns' -p off bad.csv
file '0,1,100\n\n0.1,1\n'; bad 'bad.csv:3: there are no bytes' -p off bad.csv
file '0,2,100\n'; bad 'bad.csv:1: the direction is neither' -p off bad.csv
file '0,1,19\n'; bad 'bad.csv:1: a packet has 20 to 65535' -p off bad.csv
file '0,1,65536\n'; bad 'bad.csv:1: a packet has 20 to 65535' -p off bad.csv
file '0,1,-5\n'; bad 'bad.csv:1: the bytes are no number' -p off bad.csv
file '9999999999,1,50\n'; bad 'bad.csv:1: the time is no number' -p off bad.csv
file 'nan,1,50\n'; bad 'bad.csv:1:' -p off bad.csv
file '0,1,50\n40000000,1,50\n'; bad 'longer than 30000000 seconds' -p off bad.csv
file 'class,visit,seconds,direction,bytes\n../x,1,0,1,50\n'; bad 'bad.csv:2: a name of a class' -p off bad.csv
file '\n'; bad 'there is no packet in it' -p off bad.csv
file '0,1\000050\n'; bad 'bad.csv:1: this is no text' -p off bad.csv
head -c 3000 all.csv.xz >cut.xz; bad 'cut.xz: is damaged or cut off' -p off cut.xz
bad 'none.csv: cannot be opened' -p off none.csv
mkdir empty; bad 'empty: there is no file in it' -p off empty
bad 'nosuch' -p nosuch web.csv
bad 'a profile is needed' web.csv
bad 'a trace is needed' -p off
bad -- '--seed takes a number' -p off --seed x web.csv
bad -- '--rtt takes a time' -p off --rtt 3parsec web.csv
bad -- '--rtt takes a time' -p off --rtt 20 web.csv
bad -- '--link-rate takes a rate with its unit' -p off --link-rate 20 web.csv
bad -- '--link-rate takes bits' -p off --link-rate 0 web.csv
bad -- '--link-rate takes bits' -p off --link-rate 0x10mbit web.csv
bad -- '--link-rate takes bits' -p off --link-rate 1e1mbit web.csv
bad -- '--rtt takes a time' -p off --rtt 0x10ms web.csv
t_is "$(sim -j -p ./fixed.profile --link-rate 22MBIT --rtt 10Ms load.csv | md5sum)" \
	"$(sim -j -p ./fixed.profile --link-rate 22mbit --rtt 10ms load.csv | md5sum)" "units are one in either case"
bad -- '--mtu takes a number' -p off --mtu 100 web.csv
bad 'there is no option --frob' -p off --frob web.csv
bad 'there is no option --sede \(is --seed meant\?\)' -p off --sede 1 web.csv
bad 'there is no profile "standrad" \(is standard meant\?\)' -p standrad web.csv
bad -- '--log takes one trace' -p off --log two.log web.csv voice.csv
bad 'web.csv is there already' -p standard --out s1 web.csv
printf '0,1,x\n' >wrong.csv
for out in part.csv part.cells part; do
	for in in nofile.csv wrong.csv; do
		bad "$in:.*(cannot be opened|no number)" -p standard --out $out --log part.log web.csv $in
	done
	mkdir -p part
	t_is "$(find . -name 'part*' ! -type d -o -path './part/*')" "" "a run that fails leaves nothing: $out"
done
printf '1 queued 1 100\n' >bad.log; bad 'bad.log:1: this comes before the start' -p off --replay bad.log
printf '1 start 1 1472\n1 sung 1 1\n' >bad.log; bad 'bad.log:2: nothing known is called sung' -p off --replay bad.log
printf '1 start 1 500\n' >bad.log; bad 'the log is of cells of 500' -p off --replay bad.log

# --- flows ---
# A cell each 10 ms. Flow 1 sends eight packets of a cell each and is answered 100 ms after the last
# of them came; flow 2's small one comes 1 ms later, and is answered after 20 ms.
profile flows '[Sizes]
Cell = 1232
[Schedule]
Kind = constant
Rate = 100 cells/s
[Link]
Latency = off'
{
	echo seconds,direction,bytes,flow
	for _ in 1 2 3 4 5 6 7 8; do echo 0,1,1150,1; done
	printf '%s\n' 0.001,1,100,2 0.021,-1,100,2 0.1,-1,100,1
} >flows.csv
added() { # SIZE WHAT OPTION...
	sim -j -p ./flows.profile "${@:3}" flows.csv | value "requests.$1.added_ms.$2"
}
# Open loop: answers wait for their own slots only, 9 and 10 ms.
t_is "$(added all mean) $(added all p90)" "9.5 10.0" "requests: in the trace's time, however late they are"
t_is "$(sim -j -p ./flows.profile flows.csv | value requests.all.plain_ms.mean)" 60.0 "how long they took in it"
# Eight cells until 80 ms, the small packet in the last: flow 1 is 80 ms late, its answer sent at 180 ms and
# gone at 190; flow 2 is 79 ms late, its answer sent at 100 ms and gone at 110.
t_is "$(added all mean --react) $(added all p90 --react)" "89.5 90.0" "an answer is as late as its request was"
# In fair order the small packet leaves in the second cell, 19 ms late; its answer is sent at 40 and gone at 50.
t_is "$(added all p90 --react --fair)" 90.0 "flow 1 is no later for it"
sim -j -p ./flows.profile --react --fair --each flows.csv >fair.json
t_is "$(value requests.all.added_ms.mean <fair.json)" 59.5 "a small request passes a long one in fair order"
t_like "$(sim -p ./flows.profile --react --fair flows.csv)" \
	'requests +2 .* 59\.5 ' "and in words"
t_is "$(sim -j -p off web.csv | grep -c requests)" 0 "no requests where there is no column"
# What is dropped was still given way to: nothing waits for ever.
sed 's/^Latency.*/&\nLimit = 2/' flows.profile >few.profile
sim -j -p ./few.profile --react --fair flows.csv >few.json
t_is "$(value requests.unfinished <few.json) $(value both.not_sent.packets <few.json)" "1 0" \
	"a request that lost packets is told, and holds up no answer"
t_is "$(value client.drops.queue_full.packets <few.json)" 7 "fair order drops the long flow's"
t_is "$(sim -j -p standard --react web.csv | value both.not_sent.packets)" 0 "reactions in a trace without flows"
file 'seconds,direction,bytes,flow\n0,1,50,1000000\n'; bad 'bad.csv:2: the flow is no number' -p off bad.csv
file 'seconds,direction,bytes,flow\n0,1,50,x\n'; bad 'bad.csv:2: the flow is no number' -p off bad.csv
file 'seconds,direction,bytes,flow\n0,1,50\n'; bad 'bad.csv:2: a column is missing' -p off bad.csv

t_like "$(sim -p off --bench)" "1000000 packets, 0 of them dropped.* packets a second" "the bench runs"
for p in off standard wtfpad; do t_diag "$p: $(sim -p $p --bench)"; done
cd / && rm -rf "$o"
t_done
