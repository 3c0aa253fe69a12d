#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
#
# Profiles: texts that are refused, each for its reason and with its line; what user space
# reads of the others beside what the core makes of their blobs; those that come with the
# module are what their texts give.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
o=$(mktemp -d)
make -s -C tools/harness O="$o" "$o/profile-compare" >"$o/log" 2>&1 || t_bail "make: $(tail -n 5 "$o/log")"
P=$o/profile/rtpl-profile

# --- those that come with it ---
mapfile -t names < <(sed -n 's/^PROFILES := //p' tools/profile/Makefile | tr ' ' '\n')
t_between "${#names[@]}" 12 100 "there are twelve profiles and more"
for n in "${names[@]}"; do
	t_is "$("$o/profile-compare" "$n")" "$n: same" "$n: user space and core read the same"
	t_is "$("$o/profile-compare" -b "$n")" "$n: same" \
		"$n: the module has what the text gives"
done
for change in 'standard/Latency = .*/Latency = 11 ms' 'dp/Epsilon = .*/Epsilon = 4.01' \
	'wtfpad/About = .*/About = other' 'standard/Hold = .*/Hold = exponential:3 ms'; do
	n=${change%%/*}
	sed "s/^${change#*/}/" "tools/profile/profiles/$n.profile" >"$o/x.profile"
	t_fails_with "$n: " "a change of the text is noticed: $change" \
		"$o/profile-compare" -b "$n" "$o/x.profile"
done
t_is "$(find tools/profile/profiles -name '*.profile' | wc -l)" "${#names[@]}" "each text is one of them"
t_is "$(grep -c '^static const u8 blob_' "$o/profile/profiles.c")" "${#names[@]}" "and so is each blob"
# What standard promises, as far as the text tells.
"$P" blob standard >"$o/a" && "$P" blob tools/profile/profiles/standard.profile >"$o/b"
t_run "by name and by file, the same" cmp "$o/a" "$o/b"

# --- every kind ---
for f in selftests/shape/profiles/*.profile; do
	t_is "$("$o/profile-compare" "$f")" "$f: same" "${f##*/}: user space and core read the same"
done

# --- refused ---
head=$'[Profile]\nName = x\nAbout = y\n'
# A schedule of kind exchange, in fourteen lines, as @.
exchange='[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1200, 2400|Down = 2000, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200|[Link]|Latency = off'
n=0 bad=''
# LINE of the error, counted from behind [Profile] (which has three lines); what it says;
# the text, with | for a new line.
while IFS=$'\t' read -r line want text; do
	case $line in
	''|\#*) continue ;;
	esac
	n=$((n + 1))
	text=${text//@/$exchange}
	printf '%s%s\n' "$head" "${text//|/$'\n'}" >"$o/x.profile"
	said=$("$P" blob "$o/x.profile" 2>&1 >"$o/blob") && bad+="taken: $text"$'\n'
	[[ $said == *"x.profile:$((line + 3)): "*"$want"* ]] || bad+="$line $want: $said"$'\n'
	[ ! -s "$o/blob" ] || bad+="a blob all the same: $text"$'\n'
done <<'EOF'
# the text
1	neither a section nor a setting	Foo
1	Name is given twice, first in line 2	Name = z
2	there is no section [Foo]	[Sizes]|[Foo]
2	there is no section [Shedule] (is [Schedule] meant?)	[Sizes]|[Shedule]
1	lacks the "]"	[Sizes
1	no end: client or server	[Schedule both]
1	the same for both ends	[Sizes client]
2	is there already, in line 4	[Sizes]|[Sizes]
4	is there already, in line 4	[Schedule]|Kind = constant|Rate = 9|[Schedule server]
2	neither a section nor a setting	[Sizes]|Cell
2	Cell has no value	[Sizes]|Cell =
3	cell is given twice, first in line 5	[Sizes]|Cell = 300|cell = 400
2	Foo is no setting of [Sizes]	[Sizes]|Foo = 1
2	Cel is no setting of [Sizes] (is Cell meant?)	[Sizes]|Cel = 300
3	Rtae is no setting of a schedule of kind constant (is Rate meant?)	[Schedule]|Kind = constant|Rtae = 1|Rate = 100
# sizes
2	Cell: "10" is no whole number between 64 and 9000	[Sizes]|Cell = 10
2	Cell: 255 bytes are too few for a handshake, which needs 256	[Sizes]|Cell = 255
2	Cell: the largest size's 128 bytes are too few	[Sizes]|Cell = 64, 128
2	not in ascending order at 300	[Sizes]|Cell = 400, 300
2	400 is there twice	[Sizes]|Cell = 400, 400
2	there are more than 16	[Sizes]|Cell = 301,302,303,304,305,306,307,308,309,310,311,312,313,314,315,316,317
2	pow2:MAX	[Sizes]|Cell = pow2:100
3	need cells of one size	[Sizes]|Cell = pow2|Messages = 512
2	there is no Messages	[Sizes]|Noise = uniform:0,1
3	is there twice	[Sizes]|Cell = 300|Messages = 512, 512
3	not bounded within 0 and 131072	[Sizes]|Messages = 512|Noise = laplace:10
3	SD is negative	[Sizes]|Messages = 512|Noise = normal:1,-1
# link
2	lacks its unit	[Link]|Latency = 50
2	unknown unit	[Link]|Latency = 0x10 ms
2	unknown unit	[Link]|Latency = 1e1 ms
2	is no time	[Link]|Latency = .5 ms
2	not between 0 s and 10 s	[Link]|Latency = 11 s
2	no whole number between 1 and 65536	[Link]|Limit = 0
2	none of newest, oldest	[Link]|Overflow = any
# limits
2	no number of percent	[Limits]|Overhead = 0.5
2	there is no Overhead	[Limits]|Free = 100
2	not between 16 ms and 1 h	[Limits]|Window = 1 ms
# schedules
1	[Schedule]: Kind is missing	[Schedule]
2	Kid is no setting of [Schedule] (is Kind meant?)	[Schedule]|Kid = jitter
2	"fast" is none of as-it-comes	[Schedule]|Kind = fast
1	Rate is missing	[Schedule]|Kind = constant
3	Priod is no setting of [Schedule] (is Period meant?)	[Schedule]|Kind = interval|Priod = 20 ms
3	Rate: 0 is no whole number	[Schedule]|Kind = constant|Rate = 0
4	Period is no setting of a schedule of kind constant	[Schedule]|Kind = constant|Rate = 100|Period = 1 ms
1	the same at both ends	[Schedule client]|Kind = constant|Rate = 100
1	longer than the latency budget of 50 ms	[Schedule]|Kind = constant|Rate = 10
1	holds a cell for up to 60 ms	[Schedule]|Kind = jitter|Longest = 60 ms|Hold = uniform:0,60 ms
4	lacks its unit	[Schedule]|Kind = jitter|Longest = 1 ms|Hold = uniform:0,1
4	LO is above HI	[Schedule]|Kind = jitter|Longest = 1 ms|Hold = uniform:2,1 ms
3	not between 50 us and 10 s	[Schedule]|Kind = interval|Period = 1 us|Chaff = on
3	2 to 16	[Schedule]|Kind = ladder|Rates = 100|Down = 10 %|Epoch = 1 s
3	not in ascending order	[Schedule]|Kind = ladder|Rates = 200, 100|Down = 10 %|Epoch = 1 s
3	too far apart	[Schedule]|Kind = ladder|Rates = 100, 900|Down = 50 %|Epoch = 1 s
6	not one of the Rates	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|First = 150
5	shorter than a slot	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 ms
4	below Up	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 95 %|Epoch = 1 s
6	Average: 999 ms is not between 1 s and 1 h	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|Average = 999 ms
6	Average: 2 h is not between 1 s and 1 h	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|Average = 2 h
7	StepsUp: 16 is no whole number between 1 and 15	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|Average = 4 s|StepsUp = 16
7	StepsDown: 0 is no whole number between 1 and 15	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|Average = 4 s|StepsDown = 0
6	StepsUp: only a ladder with an Average has it	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|StepsUp = 2
6	Noise: only a ladder with an Average has it	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|Noise = laplace:20 min=-9 max=9
7	Noise: samples are not bounded within -500000 and 500000: set min= and max=	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|Average = 4 s|Noise = laplace:20
7	no distribution is named "gumbo"	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|Average = 4 s|Noise = gumbo:20
6	StepsDown: only a ladder with an Average has it	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|StepsDown = 2
6	Averge is no setting of a schedule of kind ladder (is Average meant?)	[Schedule]|Kind = ladder|Rates = 100, 200|Down = 10 %|Epoch = 1 s|Averge = 4 s
4	above 0 and below 1	[Schedule]|Kind = regulator|Rate = 100|Decay = 1|Threshold = 1|Budget = 0|Ratio = 2|Cap = 1 ms
5	a multiple of Cells	[Schedule]|Kind = tamaraw|Period = 1 ms|Cells = 3|Multiple = 100|Quiet = 1 s
# private windows
4	Epsilon: it is not above 0	[Schedule]|Kind = private|Mechanism = laplace|Epsilon = 0|Delta = 1e-6|Sensitivity = 100|Window = 10 ms|Most = 1000
4	Epsilon: "-1" is no number	[Schedule]|Kind = private|Mechanism = laplace|Epsilon = -1|Delta = 1e-6|Sensitivity = 100|Window = 10 ms|Most = 1000
5	Delta: not between	[Schedule]|Kind = private|Mechanism = skellam|Epsilon = 1|Delta = 0|Sensitivity = 100|Window = 10 ms|Most = 1000
7	Grain: 67	[Schedule]|Kind = private|Mechanism = skellam|Epsilon = 0.001|Delta = 1e-6|Sensitivity = 100000|Grain = 100|Window = 10 ms|Most = 1000
7	Grain: above the sensitivity	[Schedule]|Kind = private|Mechanism = laplace|Epsilon = 1|Delta = 1e-6|Sensitivity = 100|Grain = 101|Window = 10 ms|Most = 1010
9	there is one private window	[Schedule client]|Kind = private|Mechanism = laplace|Epsilon = 1|Delta = 1e-6|Sensitivity = 100|Window = 10 ms|Most = 1000|[Schedule server]|Kind = private
1	up to 80 ms	[Schedule]|Kind = private|Mechanism = laplace|Epsilon = 1|Delta = 1e-6|Sensitivity = 100|Window = 40 ms|Most = 1000
# exchanges
1	Small is missing	[Schedule]|Kind = exchange
15	there is no section [Asks] (is [Ask] meant?)	@|[Asks]
3	Small: 63 is no whole number between 64 and 8999	[Schedule]|Kind = exchange|Small = 63
4	Cover: 256 is no whole number between 257 and 9000	[Schedule]|Kind = exchange|Small = 256|Cover = 256
5	Pace: 1 us is not between 50 us and 1 s	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 1 us
6	Grow: 0 is no whole number	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 0
8	Reply: 6 ms is not between 1 ns and 5 ms	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Slot = 5 ms|Reply = 6 ms|Most = 9
8	Up: they are not in ascending order at 1200	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 2400, 1200|Down = 1
10	Slots: "10" is no whole number between 1 and 9	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1|Down = 1|Slots = 1, 10
3	Chance is no setting of a schedule of kind exchange	[Schedule]|Kind = exchange|Chance = 1|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1|Down = 1|Slots = 1
11	Kind: an exchange has two ends	[Schedule client]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1|Down = 1|Slots = 1|[Schedule server]|Kind = exchange
1	[Ask]: it stands before a [Schedule] of kind exchange	[Ask]|1200 = 1200 100%|@
15	the same for both ends	@|[Ask client]
16	1201: "1201" is not one of Up	@|[Ask]|1201 = 1200 100%
16	1200: "2300" is not one of Up	@|[Ask]|1200 = 2300 100%
16	2400: a target is below its volume	@|[Ask]|2400 = 1200 100%
16	1200: the chances sum to 99 %, not to 100 %	@|[Ask]|1200 = 1200 33%, 2400 66%
16	1200: the chances sum to more than 100 %	@|[Ask]|1200 = 1200 50%, 2400 50%, 2400 1%
16	one is too small to count	@|[Ask]|1200 = 1200 0.00000001%, 2400 100%
16	"100" is no chance above 0 % ("12.5%")	@|[Ask]|1200 = 1200 100
16	"0%" is no chance	@|[Ask]|1200 = 1200 0%, 2400 100%
16	"" is no chance	@|[Ask]|1200 = 1200
16	there is more behind "100%"	@|[Ask]|1200 = 1200 100% 1
16	a row is "volume = target chance, ..."	@|[Ask]|1200 2400 = 2400 100%
17	1200 is given twice, first in line 19	@|[Ask]|1200 = 1200 100%|1200 = 1200 100%
17	the row is there already, in line 19	@|[Ask]|1200 = 1200 100%|01200 = 2400 100%
16	there are fewer than 2 words	@|[Plan]|1200 = cover 100%
16	"hidden" is not silent, cover or one of Down	@|[Plan]|1200 1200 = hidden 100%
16	"2400" is not silent, cover or one of Down	@|[Plan]|1200 1200 = 2400 100%
16	there are fewer than 5 words	@|[Answer]|1200 1200 cover 1 = 1 2000 100%
16	"2" is not one of Slots	@|[Answer]|1200 1200 cover 2 2000 = 5 2000 100%
16	cover ends before its answer	@|[Answer]|1200 1200 cover 5 2000 = 1 2000 100%
16	a target down is below its volume	@|[Answer]|1200 1200 cover 1 4800 = 1 2000 100%
16	there are fewer than 2 words	@|[Answer]|1200 1200 cover 1 2000 = 1
11	Small and Cover of the exchange (line 4) have to be among the sizes	[Schedule]|Kind = exchange|Small = 256|Cover = 801|Pace = 2 ms|Grow = 24|Most = 9|Up = 1200, 2400|Down = 2000, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200|[Link]|Latency = off
1	Small and Cover of the exchange (line 6) have to be among the sizes	[Sizes]|Cell = 1200|[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1200, 2400|Down = 2000, 4800|Slots = 1, 5|[Link]|Latency = off
15	it keeps no limit a second	@|[Limits]|Rate = 100000
7	Idle: it is shorter than Most and Linger slots, 550 ms	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Idle = 549 ms|Most = 9
7	Idle: it is shorter than Most and Linger slots, 5050 ms	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Idle = 5 s|Most = 100|Linger = 1
8	Up: 1300 bytes are no sum of cells	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1300, 2400|Down = 2000, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200|[Link]|Latency = off
8	Up: 100 bytes are no sum of cells	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 100, 2400|Down = 2000, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200|[Link]|Latency = off
8	Up: 1600 bytes are no sum of cells	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1600, 2400|Down = 2000, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200|[Link]|Latency = off
9	Down: 1600 bytes are no sum of cells: whole ones and one of another size, or up to Spread of Cover	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1200, 2400|Down = 1600, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200|[Link]|Latency = off
9	Down: 4832 bytes are no sum of cells	[Schedule]|Kind = exchange|Small = 256|Cover = 512|Pace = 2 ms|Grow = 24|Most = 9|Up = 1200, 2400|Down = 2224, 4832|Slots = 1, 5|[Sizes]|Cell = pow2:1200|[Link]|Latency = off
1	the client's schedule is exchange and the server's as-it-comes	[Schedule client]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1200, 2400|Down = 2000, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200|[Link]|Latency = off
1	the client's schedule is jitter and the server's exchange	[Schedule server]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1200, 2400|Down = 2000, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200|[Link]|Latency = off|[Schedule client]|Kind = jitter|Longest = 5 ms|Hold = uniform:0,5 ms
15	no room for other chaff	@|[Chaff]|Kind = cover|Every = 1 s
1	holds a cell for up to 102 ms	[Schedule]|Kind = exchange|Small = 256|Cover = 800|Pace = 2 ms|Grow = 24|Most = 9|Up = 1200, 2400|Down = 2000, 4800|Slots = 1, 5|[Sizes]|Cell = 256, 800, 1200
# chaff
2	none of none, cover	[Chaff]|Kind = lots
3	cover needs an interval	[Chaff]|Kind = cover|Every = off
3	not between 10 us and 1 h	[Chaff]|Kind = cover|Every = 1 us
3	not bounded within 10 us and 1 h	[Chaff]|Kind = cover|Every = exponential:5 ms
1	neither Padding nor Background	[Chaff]|Kind = bip324|Padding = off
5	above 100 %	[Chaff]|Kind = bip324|Padding = random|Count = 2|Chance = 150 %
4	between 1 and 16	[Chaff]|Kind = bip324|Padding = fixed|Count = 17
1	needs a histogram of bursts	[Chaff]|Kind = wtf-pad
3	no mass	[Chaff]|Kind = wtf-pad|SentBurst = bins 1 ms:0, infinity:5
3	infinity has no token	[Chaff]|Kind = wtf-pad|SentBurst = bins 1 ms:5
3	the bins do not rise at 1 ms	[Chaff]|Kind = wtf-pad|SentBurst = bins 2 ms:5, 1 ms:5, infinity:5
3	the bins do not rise at 2 ms	[Chaff]|Kind = wtf-pad|SentBurst = bins 2 ms:5, 2 ms:5, infinity:5
3	is no bin	[Chaff]|Kind = wtf-pad|SentBurst = bins 2 ms:70000, infinity:5
3	is not normal:MEAN,SD	[Chaff]|Kind = wtf-pad|SentBurst = normal:1,0 ms tokens 100 infinity 1/9
3	Least: it is above Most	[Chaff]|Kind = front|Least = 9|Most = 8|Window = 1 s|Silence = 1 s
4	the least is above the most	[Chaff]|Kind = front|Most = 8|Window = 2 s - 1 s|Silence = 1 s
# machines
2	String: it does not begin with 02	[Machine]|String = zzzzzzzzzzzz
2	String: state 1: from here it goes round for ever	[Machine]|String = 02eNpjYEAHzBCKkZGRgaHBHi7MyMRALHDod4DQ8x1wqmEEmQczntpmMwGdzmAPMhRqAQCQqQZv
2	max_padding_frac is 1.5	[Machine]|String = 02eNpjYACDH/YMMMAIpUB0A0IYADFkAfo=
1	there are limits, but no machine	[Machines]|MaxPadding = 10 %
17	more than 8 machines	[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==
# what contradicts
4	it cannot keep an overhead limit	[Schedule]|Kind = constant|Rate = 1000|[Limits]|Overhead = 30 %
4	below what the schedule (line 4) sends, 256000 bytes/s	[Schedule]|Kind = constant|Rate = 1000|[Limits]|Rate = 255999
4	no room for other chaff	[Schedule]|Kind = constant|Rate = 1000|[Chaff]|Kind = cover|Every = 1 s
4	machines have nothing to do	[Schedule]|Kind = constant|Rate = 1000|[Machine]|String = 02eNp1ibEJAEAIA5Nf7B3N0v1cSESwEL0m5A6YvBqSgP7WeXfM5UoBW7ICYg==
5	do not show	[Schedule]|Kind = constant|Rate = 1000|[Sizes]|Messages = 512
4	needs one size	[Schedule]|Kind = constant|Rate = 1000|[Sizes]|Cell = pow2
5	the machine blocks	[Schedule]|Kind = interval|Period = 20 ms|Chaff = off|[Machine]|String = 02eNpjYEAHjIxMMKZDvwOEnu/AgBUQVIAAAO7WBGE=
1	allows no chaff	[Limits]|Overhead = 0 %|[Chaff]|Kind = cover|Every = 1 s
1	machines or messages want some	[Limits]|Overhead = 0 %|[Sizes]|Messages = 512
1	on an idle link asks for 2560 bytes	[Limits]|Overhead = 10 %|Free = 2000|[Chaff]|Kind = cover|Every = 100 ms
1	less than one cell, and	[Limits]|Overhead = 10 %|[Chaff]|Kind = cover|Every = 10 s
1	less than one cell a window	[Limits]|Rate = 100|[Chaff]|Kind = cover|Every = 10 s
EOF
t_between "$n" 110 1000 "there were wrong texts"
t_is "$bad" "" "each is refused, with its line and its reason"

# Rows of a section have another limit than settings.
{
	printf '%s%s\n[Answer]\n' "$head" "${exchange//|/$'\n'}"
	for i in {1..8193}; do printf '%d 1200 cover 1 2000 = 1 2000 100%%\n' "$i"; done
} >"$o/x.profile"
t_like "$("$P" blob "$o/x.profile" 2>&1 >/dev/null)" 'x.profile:8211: \[Answer\] has more than 8192 settings' \
	"too many rows"
# Rows are found by a hash of their names: eight times as many take some eight times as long.
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
need valgrind:valgrind
rows() {
	printf '%s[Sizes]\nCell = 256, 800, 1200\n[Schedule]\nKind = exchange\nSmall = 256\nCover = 800\n' "$head"
	printf 'Pace = 2 ms\nGrow = 24\nMost = 100\nUp = %s\n' "$(seq -s, 1200 1200 38400)"
	printf 'Down = %s\nSlots = %s\n[Link]\nLatency = off\n[Answer]\n' "$(seq -s, 1200 1200 38400)" "$(seq -s, 32)"
	for ((i = 0; i < $1; i++)); do
		printf '1200 %d silent %d %d = 32 38400 100%%\n' $((i / 1024 % 32 * 1200 + 1200)) \
			$((i / 32 % 32 + 1)) $((i % 32 * 1200 + 1200))
	done
}
instructions() {
	rows "$1" >"$o/x.profile"
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$P" blob "$o/x.profile" 2>&1 >"$o/blob" |
		sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p'
}
few=$(instructions 1024) many=$(instructions 8192)
t_diag "instructions: 1024 rows $few, 8192 rows $many"
t_between "$((many * 10 / few))" 40 100 "8192 rows do not take the square of what 1024 take"
# Times that are not given fit those that are.
printf '%s%s\n' "$head" "${exchange//|/$'\n'}" >"$o/x.profile"
for change in 's/^Grow/Slot = 5 ms\n&/' 's/^Grow/Slot = 6 s\n&/'; do
	sed "$change" "$o/x.profile" >"$o/y.profile"
	t_is "$("$o/profile-compare" "$o/y.profile")" "$o/y.profile: same" "user space and core agree: $change"
done

same_time() { printf '[Profile]\nName = x\nAbout = y\n[Link]\nLatency = %s\n' "$1" >"$o/time.profile"; "$P" blob "$o/time.profile" | md5sum; }
t_is "$(same_time '50 MS')" "$(same_time '50 ms')" "a unit may be in capitals, as elsewhere"

# refused TEXT... WANT: without a line
refused() {
	local said
	said=$("$P" blob "$1" 2>&1 >/dev/null)
	t_like "$said" "$2" "$3"
}
printf '[Profile]\nName = Big\nAbout = y\n' >"$o/x.profile"
refused "$o/x.profile" 'x.profile:2: Name: "Big" is not' "a name of other letters"
printf '[Sizes]\nCell = 300\n' >"$o/x.profile"
refused "$o/x.profile" 'x.profile: there is no \[Profile\]' "no name at all"
printf 'Name = x\n' >"$o/x.profile"
refused "$o/x.profile" 'x.profile:1: Name stands before the first section' "a setting of no section"
printf 'a\0b' >"$o/x.profile"
refused "$o/x.profile" 'x.profile: it is no text' "bytes that are no text"
head -c 5000000 /dev/zero | tr '\0' '#' >"$o/x.profile"
refused "$o/x.profile" 'more than 4194304 bytes' "a text that is too long"
refused nosuch 'there is no profile "nosuch"' "a name that there is not"
refused standrad 'there is no profile "standrad" \(is standard meant\?\)' "a name that is nearly there"
refused ./nosuch 'nosuch: No such file' "a file that there is not"
refused / '/: Is a directory' "a folder"
t_done
