#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# In a test machine: visits of two kinds to an HTTP service, recorded.
#
#	fit_visits.sh record GROUPS TIMES	by rtplctl fit, into $OUT/set.csv, on a path of 20 ms
#	fit_visits.sh through FILE		the same through that profile: what it costs, to $OUT/stats
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
T_DONE=1
topo_up
impair both delay 10ms
pair_up profile off || exit
b rtplctl peer set "$A_PUB" role server || exit
wait_until 30 a ping -c 1 -W 1 $B4 || exit
b "$T_LIB/rtplctl/fit_server.py" $B4 8080 0.03 &
wait_until 120 a curl -s -o /dev/null http://$B4:8080/1 || exit
sleep 1
head -c 20000 /dev/zero >/tmp/post
ask() { # KIND BYTES
	case $1 in
	search) echo curl -s "http://$B4:8080/$2" ;;
	upload) echo curl -s -X POST --data-binary @/tmp/post "http://$B4:8080/$2" ;;
	esac
}
case $1 in
record)
	for ((g = 1; g <= $2; g++)); do
		for kind in search upload; do
			for ((i = 0; i < $3; i++)); do
				# shellcheck disable=SC2046 # words
				a rtplctl -j fit record "$B_PUB" --label $kind --group "$g" --pause 500ms \
					--out "$OUT/set.csv" -- $(ask $kind $((600 + 37 * i + 11 * g))) >"$OUT/said.json" || exit
			done
		done
	done
	;;
through)
	for h in a b; do in_ns $h rtplctl profile load "$2" || exit; done
	name=$(sed -n 's/^Name *= *//p' "$2")
	a rtplctl peer set "$B_PUB" profile "$name" role client || exit
	b rtplctl peer set "$A_PUB" profile "$name" role server || exit
	for kind in search upload; do
		for ((i = 0; i < 5; i++)); do
			# shellcheck disable=SC2046 # words
			got=$(a $(ask $kind $((600 + 37 * i))) | wc -c)
			[ "$got" = $((600 + 37 * i)) ] || { echo "$kind: $got bytes" >&2; exit 1; }
			sleep 1
		done
	done
	a rtplctl -j stats >"$OUT/stats"
	a rtplctl -j show >"$OUT/show"
	;;
esac
exit 0
