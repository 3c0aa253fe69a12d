# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests that carry bytes through the pair and look at every one of them.
# Sourced after lib.sh.
XFER=$T_LIB/traffic/xfer.py
PCAP=$T_LIB/wire/pcap.py
BYTES_TOTAL=0 BYTES_LAST=0

# took: how long since it was last asked, for the log.
took() {
	t_diag "$1: $((SECONDS - BYTES_LAST)) s"
	BYTES_LAST=$SECONDS
}

# What a path does that is bad but not broken, to each cell by itself.
bad_path() { impair both limit 20000 delay 2ms reorder 5% loss 1% duplicate 1%; }

# tcp_both NAME ADDR BYTES [STREAMS]: as many bytes on each stream each way, between b and a (or
# the namespace BYTES_FROM).
tcp_both() {
	local name=$1 to=$2 bytes=$3 n=${4:-8} all server
	all=$((2 * n * bytes))
	b timeout 200 "$XFER" tcp-serve "$to" 7001 "$n" "$bytes" "$name" >"$OUT/tcp.b" 2>&1 &
	server=$!
	wait_until 20 listening b 7001
	in_ns "${BYTES_FROM:-a}" timeout 190 "$XFER" tcp "$to" 7001 "$n" "$bytes" "$name" >"$OUT/tcp.a" 2>&1
	wait $server
	if [ "$(wc -l <"$OUT/tcp.a")" = $((2 * n)) ] && cmp -s "$OUT/tcp.a" "$OUT/tcp.b" &&
		[ "$(awk '{ s += $4 } END { print s }' "$OUT/tcp.a")" = "$all" ]; then
		BYTES_TOTAL=$((BYTES_TOTAL + all))
		t_ok "$name: $all bytes of TCP, $n streams both ways, arrive as they were sent"
	else
		t_not_ok "$name: $all bytes of TCP, $n streams both ways, arrive as they were sent" \
			"$(diff "$OUT/tcp.a" "$OUT/tcp.b")"
	fi
}

# udp_both NAME ADDR COUNT MAXLEN PERCENT: echoed; at least PERCENT come back.
udp_both() {
	local name=$1 to=$2 count=$3 most=$4 percent=$5 server said
	nsenter --net=/run/netns/b -- "$XFER" udp-serve "$to" 7002 &
	server=$!
	wait_until 20 listening b 7002 -u
	said=$(a "$XFER" udp "$to" 7002 "$count" "$most" "$name")
	kill $server
	wait $server 2>/dev/null
	t_is "$(jq -c '[.wrong, .doubled]' <<<"$said")" "[0,0]" \
		"$name: of $count datagrams up to $most bytes none is wrong, none doubled ($said)"
	t_between "$(jq .echoed <<<"$said")" $((count * percent / 100)) "$count" \
		"$name: $percent % and more come back"
}

# pings NAME ADDR SIZE COUNT PERCENT: ping compares what comes back by itself.
pings() {
	local name=$1 to=$2 size=$3 count=$4 percent=$5 said got
	said=$(a ping -n -q -i 0.01 -c "$count" -W 2 -s "$size" "$to" 2>&1)
	got=$(sed -n 's/.* \([0-9]*\) received.*/\1/p' <<<"$said")
	t_between "$got" $((count * percent / 100)) "$count" \
		"$name: $got of $count pings of $size bytes come back"
	t_unlike "$said" "DUP|wrong|corrupt|truncated" "$name: none wrong, none doubled"
}

# by_program NAME ADDR BYTES: a file by socat, and back by nc; both as they are.
by_program() {
	local name=$1 to=$2 bytes=$3 addr=$2 kind=4 sum server
	case $to in *:*) addr="[$to]" kind=6 ;; esac
	head -c "$bytes" /dev/urandom >"$OUT/file"
	sum=$(sha256sum <"$OUT/file")
	b socat -u "TCP$kind-LISTEN:7003,reuseaddr" "CREATE:$OUT/file.b" &
	server=$!
	wait_until 20 listening b 7003
	a socat -u "OPEN:$OUT/file" "TCP$kind:$addr:7003"
	wait $server
	t_is "$(sha256sum <"$OUT/file.b")" "$sum" "$name: $bytes bytes by socat: sha256 is the same"
	b nc -"$kind" -N -l "$to" 7004 <"$OUT/file" >/dev/null &
	server=$!
	wait_until 20 listening b 7004
	a nc -"$kind" -d "$to" 7004 >"$OUT/file.a"
	wait $server
	t_is "$(sha256sum <"$OUT/file.a")" "$sum" "$name: $bytes bytes back by nc: sha256 is the same"
	BYTES_TOTAL=$((BYTES_TOTAL + 2 * bytes))
	rm -f "$OUT"/file "$OUT"/file.[ab]
}

# watch_start ... watch_stop NAME: the observer meanwhile, headers only. WATCH_ALSO: addresses of
# the hosts beside those of topo_up.
watch_start() { capture_start "$OUT/watch.pcap" -s 128; }
watch_stop() {
	local said
	capture_stop
	# shellcheck disable=SC2086 # words
	said=$("$PCAP" "$OUT/watch.pcap" $PAIR_PORT $A4 $B4 $A6 $B6 ${WATCH_ALSO:-})
	t_is "$(jq '.clear + .fragments' <<<"$said")" 0 "$1: nothing but cells between the hosts, and none in fragments"
	t_between "$(jq .cells <<<"$said")" 10 1000000000 "$1: the observer saw $(jq .cells <<<"$said") cells"
	[ "$(jq .clear <<<"$said")" = 0 ] || t_diag "$said"
	rm -f "$OUT/watch.pcap"
}
