#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 600
#
# rtplctl fit record: what it writes of real traffic is what was sent, packet by packet and as the
# link counts it; who may record, one at a time; visits of a command, and of what others send; the
# profile of a set is loaded and chosen, and traffic goes on.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
topo_up
umask 022
impair both delay 10ms
pair_up profile off || t_bail "no pair"
b rtplctl peer set "$A_PUB" role server
wait_until 30 a ping -c 1 -W 1 $B4 || t_bail "no link"
b "$T_LIB/rtplctl/fit_server.py" $B4 8080 0.05 &
wait_until 120 a curl -s -o /dev/null http://$B4:8080/1 || t_bail "no server"
set=$OUT/set.csv
# record LABEL GROUP TIMES WORD...: visits of curl.
record() {
	local label=$1 group=$2 times=$3
	shift 3
	a rtplctl -j fit record "$B_PUB" --label "$label" --group "$group" --times "$times" --pause 500ms --out "$set" \
		-- curl -s "$@" 2>"$OUT/said"
}
# total SET LABEL DIRECTION FIELD: rows, or bytes of them.
total() { awk -F, -v l="$2" -v d="$3" -v f="$4" '$1 == l && $5 == d { n += f == "bytes" ? $6 : 1 } END { print n + 0 }' "$1"; }
stat() { in_ns "$1" rtplctl -j stats | jq ".peers[0].$2"; }

# --- a command's visits ---
sleep 1	# until that connection is closed
before=$(stat a tx_packets) before_bytes=$(stat a tx_bytes) rx=$(stat a rx_packets) rx_bytes=$(stat a rx_bytes)
record small s1 3 http://$B4:8080/700 >"$OUT/small.json"
t_is "$(jq -c '[.visits, .classes[0].label, .classes[0].visits]' "$OUT/small.json")" '[3,"small",3]' \
	"three visits$(sed 's/^/ /' "$OUT/said" | grep -v ': visit ' | tr '\n' ' ')"
t_is "$(total "$set" small 1 rows)" $(($(stat a tx_packets) - before)) "packets up are those of the link"
t_is "$(total "$set" small 1 bytes)" $(($(stat a tx_bytes) - before_bytes)) "and their bytes"
t_is "$(total "$set" small -1 rows)" $(($(stat a rx_packets) - rx)) "packets down"
t_is "$(total "$set" small -1 bytes)" $(($(stat a rx_bytes) - rx_bytes)) "and their bytes"
t_is "$(jq -c '[.up_bytes, .down_bytes, .packets]' "$OUT/small.json")" \
	"[$(total "$set" small 1 bytes),$(total "$set" small -1 bytes),$(grep -c ^small "$set")]" "and so it says"
t_is "$(command stat -c %a "$set")" 600 "for nobody else to read"
t_is "$(head -n 1 "$set")" class,group,visit,seconds,direction,bytes "as rtpl-judge reads it"
t_is "$(cut -d, -f3 "$set" | sort -u | grep -v visit | paste -sd' ')" "1 2 3" "visits are numbered"
t_unlike "$(cat "$set")" "192\\.0|2001:db8" "no address"

# Of a large answer each packet, though the host sends super-packets.
record large s1 2 http://$B4:8080/200000 >"$OUT/large.json"
down=$(total "$set" large -1 bytes)
t_between "$down" 400000 430000 "two answers of 200,000 bytes and their headers ($down)"
t_between "$(awk -F, '$1 == "large" { if ($6 > m) m = $6 } END { print m }' "$set")" 1400 1500 "no row is larger than a packet"
post=$OUT/post
head -c 100000 /dev/zero >"$post"
record upload s1 1 -X POST --data-binary "@$post" http://$B4:8080/10 >"$OUT/upload.json"
t_between "$(total "$set" upload 1 bytes)" 100000 115000 "100,000 bytes up"
t_between "$(awk -F, '$1 == "upload" { if ($6 > m) m = $6 } END { print m }' "$set")" 1400 1500 "as packets, too"
gap() { awk -F, -v l="$1" '$1 == l && $5 == -1 && $6 > 80 && !t[$3]++ { print $4 * 1000 }' "$set" | sort -n | head -n 1; }
t_between "$(printf %.0f "$(gap small)")" 50 400 "the answer's time has the server's 50 ms in it ($(gap small))"
case $RTPL_ENVIRONMENT in
uml-tt) most=21000 ;;
*) most=60000 ;;
esac
t_between "$(jq '.rtt_ns / 1000 | floor' "$OUT/large.json")" 19900 $most "the round trip, in us"
t_is "$(jq .connections "$OUT/large.json")" 2 "of each connection"
t_like "$(jq -r '.next[]' "$OUT/large.json" | paste -sd' ')" "rtpl-judge fit $set --bytes 30 --rtt [0-9]+us" "and what comes next"
t_like "$(jq -r '.next[]' "$OUT/large.json" | paste -sd' ')" "profile load .*peer set ${B_PUB//+/.} profile mine role client" "to the end"

# --- what goes wrong ---
lines=$(wc -l <"$set")
t_fails_with 'fit: visit 1: "false" ended with status 1; 0 visits are in ' "a command that fails" \
	a rtplctl fit record "$B_PUB" --label x --out "$set" -- false
t_fails_with 'fit: cannot run "nosuch": No such file' "a command that is not there" \
	a rtplctl fit record "$B_PUB" --label x --out "$set" -- nosuch
t_fails_with 'fit: visit 1: no packet went over the link' "a command that sends nothing there" \
	a rtplctl fit record "$B_PUB" --label x --pause 100ms --out "$set" -- true
echo "what is this" >"$OUT/text"
t_fails_with 'fit: ".*/text" is no set of traces: its first line is not class' "another file is left alone" \
	a rtplctl fit record "$B_PUB" --label x --out "$OUT/text" -- true
t_is "$(cat "$OUT/text")" "what is this" "as it was"
t_fails_with 'there is no peer' "no such peer" a rtplctl fit record "$A_PUB" --label x --out "$set" -- true
a rtplctl fit record "$B_PUB" --for 30s --out "$OUT/other.csv" >"$OUT/other" 2>"$OUT/other.err" &
other=$!
wait_until 10 grep -q 'packets' "$OUT/other.err"
t_fails_with 'another program captures packets already \(netlink port [0-9]+\)' "one at a time" \
	a rtplctl fit record "$B_PUB" --label x --out "$set" -- true
t_is "$(wc -l <"$set")" "$lines" "none of these wrote anything"
chmod 644 "$set"
t_like "$(a rtplctl fit record "$B_PUB" --label x --out "$set" -- true 2>&1)" \
	'warning: ".*set.csv" can be read by others \(mode 0644\)' "a set that others can read"

# --- what others send ---
sleep 2	# what begins in the first second was not seen whole
for _ in 1 2 3; do
	a curl -s -o /dev/null http://$B4:8080/1000
	sleep 2
done
wait $other
t_is "$(cut -d, -f1 "$OUT/other.csv" | sort -u | paste -sd' ')" "class port-8080" "visits by the server's port"
t_is "$(cut -d, -f1-3 "$OUT/other.csv" | sort -u | grep -c port)" 3 "one each: $(paste -sd' ' "$OUT/other")"
a rtplctl -j fit record "$B_PUB" --for 8s --by host --group mine --out "$OUT/host.csv" >"$OUT/host" 2>/dev/null &
other=$!
sleep 2
a curl -s -o /dev/null http://$B4:8080/1000
wait $other
t_is "$(cut -d, -f1-3 "$OUT/host.csv" | sort -u | paste -sd' ')" "class,group,visit host-1,mine,1" "or by its host"
t_fails_with 'host.csv" has visits by host already' "but a second recording does not mix its numbers with them" \
	a rtplctl fit record "$B_PUB" --for 2s --by host --out "$OUT/host.csv"
# The same from the other end: who asks is the client, and times are as it sees them.
a rtplctl -j fit record "$B_PUB" --for 6s --out "$OUT/a.csv" >"$OUT/a.json" 2>/dev/null &
one=$!
b rtplctl -j fit record "$A_PUB" --for 6s --out "$OUT/b.csv" >"$OUT/b.json" 2>/dev/null &
other=$!
sleep 2
a curl -s -o /dev/null http://$B4:8080/30000
wait $one $other
t_is "$(cut -d, -f5,6 "$OUT/b.csv" | sort)" "$(cut -d, -f5,6 "$OUT/a.csv" | sort)" "the server's end records the same packets"

# --- rights, and an end in the middle ---
t_fails_with 'CAP_NET_ADMIN' "nobody else may record" \
	a setpriv --reuid 65534 --clear-groups rtplctl fit record "$B_PUB" --for 2s --out /tmp/nobody.csv
nsenter --net=/run/netns/a -- rtplctl fit record "$B_PUB" --for 100s --out "$OUT/killed.csv" >/dev/null 2>"$OUT/killed" &
other=$!
wait_until 10 grep -q 'packets' "$OUT/killed"
kill -9 $other
wait $other 2>/dev/null
nsenter --net=/run/netns/a -- rtplctl fit record "$B_PUB" --for 100s --out "$OUT/ended.csv" >"$OUT/ended" 2>"$OUT/ended.err" &
other=$!
wait_until 10 grep -q 'packets' "$OUT/ended.err"
sleep 2
a curl -s -o /dev/null http://$B4:8080/1000
sleep 2
kill -INT $other
rc=0
wait $other || rc=$?
t_is $rc 0 "an interrupt ends a recording, and what was seen until then counts"
t_like "$(cat "$OUT/ended")" 'ended.csv: 1 visit, ' "so it says"
record small s2 1 http://$B4:8080/700 >"$OUT/again.json"
t_is "$(jq .visits "$OUT/again.json")" 1 "a recorder that was killed leaves the link to the next"
t_is "$(cut -d, -f1-3 "$set" | grep -c ^small,s2,1)" "$(grep -c ^small,s2 "$set")" "numbers begin anew in a group"

# --- a listener that is too slow ---
t_like "$(cd "$T_LIB/netlink" && a python3 ../rtplctl/fit_slow.py "$B_PUB" $B4 2>"$OUT/slow.err")" '^ok ([0-9]+) told, [1-9][0-9]* lost$' \
	"what it misses is counted and told"

# --- times are those before shaping ---
for h in a b; do
	if [ $h = a ]; then pub=$B_PUB; else pub=$A_PUB; fi
	in_ns $h rtplctl peer set "$pub" profile none cell 1400 rate 20 latency off
done
cat >"$OUT/burst.py" <<'P'
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(8):
    s.sendto(bytes(1000), (sys.argv[1], 9))
P
a rtplctl -j fit record "$B_PUB" --label burst --pause 2s --out "$OUT/burst.csv" -- python3 "$OUT/burst.py" $B4 >/dev/null 2>"$OUT/said"
t_is "$(total "$OUT/burst.csv" burst 1 rows)" 8 "a burst of eight datagrams on a link of 20 cells/s"
spread=$(awk -F, '$5 == 1 { if (!n++) first = $4; last = $4 } END { printf "%d", (last - first) * 1000 }' "$OUT/burst.csv")
t_between "$spread" 0 150 "they came at once, though they left over 250 ms ($spread ms)"
t_like "$(cat "$OUT/said")" "warning: the link has a constant rate" "and who records then is warned"
for h in a b; do
	if [ $h = a ]; then pub=$B_PUB; else pub=$A_PUB; fi
	in_ns $h rtplctl peer set "$pub" shape none && in_ns $h rtplctl peer set "$pub" profile off ||
		t_not_ok "profile off at $h again"
done
b rtplctl peer set "$A_PUB" role server

# --- a fitted profile ---
cp "$T_LIB/shape/profiles/exchange.profile" "$OUT/mine.profile"
name=$(sed -n 's/^Name *= *//p' "$OUT/mine.profile")
for h in a b; do in_ns $h rtplctl profile load "$OUT/mine.profile" >/dev/null || t_not_ok "load at $h"; done
t_run "a chooses it" a rtplctl peer set "$B_PUB" profile "$name" role client
t_run "and b" b rtplctl peer set "$A_PUB" profile "$name" role server
t_is "$(a curl -s http://$B4:8080/20000 | wc -c)" 20000 "traffic goes on through it"
record small s3 1 http://$B4:8080/700 >/dev/null
t_like "$(cat "$OUT/said")" "warning: the (link|other end) has the profile \"$name\"" "and who records now is warned"
t_done
