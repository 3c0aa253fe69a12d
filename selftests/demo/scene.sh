#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demo's machine: hosts a and b, an observer's bridge between them, real
# programs talking. Follows the plan in the folder given (plan.py wrote it) and
# leaves one folder for each run in $OUT: what the observer captured, what the
# programs said, and when each phase began (seconds since 1970).
. "$(dirname "$0")/../lib.sh"
# shellcheck disable=SC2034 # lib.sh looks at it
T_DONE=1		# no test: says what it does, and fails with a sentence
plan=$1
docs=/usr/share/common-licenses

say() { echo "# $*"; }
die() {
	echo "error: $*"
	exit 1
}
now() { date +%s.%N; }
mark() { echo "$1 $(now)" >>"$run/phases"; }

nginx_up() {
	mkdir -p /tmp/nginx
	cat >/tmp/nginx/conf <<-'CONF'
	user root root;
	worker_processes 1;
	pid /tmp/nginx/pid;
	error_log /tmp/nginx/error.log;
	events { worker_connections 64; }
	http {
		access_log off;
		sendfile on;
		client_body_temp_path /tmp/nginx/1;
		proxy_temp_path /tmp/nginx/2;
		fastcgi_temp_path /tmp/nginx/3;
		uwsgi_temp_path /tmp/nginx/4;
		scgi_temp_path /tmp/nginx/5;
		default_type text/plain;
		server { listen 192.0.2.2:80; root /usr/share/common-licenses; }
	}
	CONF
	b nginx -c /tmp/nginx/conf -p /tmp/nginx/ 2>"$OUT/nginx.err" || die "nginx: $(cat "$OUT/nginx.err")"
	b python3 -B "$(dirname "$0")/answers.py" "$B4" 8080 >"$OUT/answers.err" 2>&1 &
	wait_until 20 listening b 80 || die "the web server does not start"
	wait_until 30 listening b 8080 || die "the answers' server does not start: $(cat "$OUT/answers.err")"
}

# protect PEER-WORDS QDISC-WORDS: make rtpl peers of a and b. `-`: none.
# Both listen before one of them speaks: a port nobody listens on is answered
# by ICMP, and the observer would see that too.
# shellcheck disable=SC2086 # words are words
protect() {
	local peer=$1 qdisc=$2 ns
	[ "$peer" != - ] || peer=
	[ "$qdisc" != - ] || qdisc=
	for ns in a b; do
		(umask 077 && rtplctl genkey >/tmp/key-$ns) && rtplctl pubkey </tmp/key-$ns >/tmp/key-$ns.pub &&
			in_ns $ns rtplctl node set private-key /tmp/key-$ns listen 51900 || die "no key for $ns"
	done
	b rtplctl peer add "$(cat /tmp/key-a.pub)" endpoint $A4:51900 allowed $A4/32,$A6/128 $peer &&
		a rtplctl peer add "$(cat /tmp/key-b.pub)" endpoint $B4:51900 allowed $B4/32,$B6/128 $peer &&
		b tc qdisc add dev eth0 root handle 1: rtpl $qdisc &&
		a tc qdisc add dev eth0 root handle 1: rtpl $qdisc || die "cannot set up RTPL"
}
unprotect() {
	local ns
	for ns in a b; do
		in_ns "$ns" tc qdisc del dev eth0 root || die "cannot remove the qdisc in $ns"
		in_ns "$ns" rtplctl peer show -j | jq -r '.peers[].public_key' | while read -r key; do
			in_ns "$ns" rtplctl peer del "$key"
		done
		in_ns "$ns" rtplctl node set private-key none || die "cannot remove the key in $ns"
	done
}

# visits KIND: what the plan says, by one curl; what arrived is checked afterwards.
visits() {
	mkdir -p /tmp/got
	mark "$1"
	(cd /tmp/got && a curl -K "$plan/$1.curl" >"$run/$1.said" 2>"$run/$1.trace")
	mark "$1-end"
	(cd /tmp/got && sha256sum -- *) >"$run/$1.got"
	rm -rf /tmp/got
}

one_run() {
	local name=$1 peer=$2 qdisc=$3 title=$4
	run=$OUT/$name
	mkdir -p "$run"
	say "$title"
	capture_start "$run/capture.pcap" -s 160
	mark setup
	if [ "$name" != without ]; then
		protect "$peer" "$qdisc"
		{ a tc qdisc show dev eth0; a rtplctl show; } >"$run/setup.txt" 2>&1
	fi
	wait_until 20 a ping -c 1 -W 1 "$B4" || die "a does not reach b"
	a curl -s -o /dev/null -o /dev/null --max-time 20 "http://$B4/BSD" "http://$B4:8080/recipe?visit=0" || die "no answer from b"
	mark ping
	a ping -i 0.05 -c 60 "$B4" >"$run/ping.txt" || die "ping fails"
	say "  $(($(wc -l <"$plan/documents.curl") / 2 - 4)) documents"
	visits documents
	mark idle
	sleep 1.5
	say "  $(($(wc -l <"$plan/answers.curl") / 2 - 4)) streamed answers"
	visits answers
	sleep 1.5	# the last window's end
	mark end
	capture_stop
	cp "$OUT/tcpdump.err" "$run/"
	if [ "$name" != without ]; then
		{ a rtplctl stats; b rtplctl stats; } >"$run/stats.txt" 2>&1
		unprotect
	fi
}

[ -r "$plan/runs.tsv" ] || die "no plan in $plan"
topo_up
offload off		# packets as a wire carries them
nginx_up
(cd $docs && sha256sum -- *) >"$OUT/documents.sha256"
uname -r >"$OUT/kernel"
python3 -c 'import time; print(time.time() - time.monotonic())' >"$OUT/clock"
while IFS=$'\t' read -r name peer qdisc title; do
	one_run "$name" "$peer" "$qdisc" "$title" </dev/null || exit
done <"$plan/runs.tsv"
