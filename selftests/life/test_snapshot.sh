#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml-tt
# timeout: 180
#
# A machine that was restored from a snapshot, and one that sleeps: no session, seed or
# handshake of before is used after. In a VM the machine's generation ID is changed in memory,
# as a hypervisor does it; user-mode Linux has none, so that a test build is told.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
here=$(dirname "$0")
param=/sys/module/rtpl/parameters
python=$(command -v python3) || t_bail "python3"

topo_up || t_bail "topology"
pair_up || t_bail "pair"
pair_wait 30 || t_bail "the link does not come up"
if [ "$RTPL_ENVIRONMENT" = vm ] && [ "$RTPL_KERNEL" != debug ]; then
	t_is "$(ls $param 2>/dev/null)" "" "the module has no parameter: no seed, no trigger"
fi

# restored: another life begins, at the time in $OUT/restored (s).
restored() {
	if [ "$RTPL_ENVIRONMENT" = vm ]; then "$python" "$here/vmgenid.py" change >"$OUT/restored"
	else date +%s.%N >"$OUT/restored" && sleep 0.01 && echo restored >$param/machine; fi
}
# cells FILE [SINCE]: "source index counter" of each cell, from the time in the file SINCE on;
# sessions FILE [SINCE]: "source index" of each session.
cells() {
	"$python" - "$@" <<'PY'
import struct, sys
data, at = open(sys.argv[1], "rb").read(), 24
since = float(open(sys.argv[2]).read()) if len(sys.argv) > 2 else 0
while at + 16 <= len(data):
    s, us, n, _ = struct.unpack("<IIII", data[at:at + 16])
    p = data[at + 30:at + 16 + n]
    at += 16 + n
    udp = p[(p[0] & 15) * 4:]
    if udp[8:12] != bytes(4) and s + us / 1e6 > since:
        print(p[15], udp[8:12].hex(), struct.unpack("<I", udp[12:16])[0])
PY
}
sessions() { cells "$@" | awk '{ print $1, $2 }' | sort -u; }

wire_like
capture_start "$OUT/before.pcap" udp port $PAIR_PORT
t_run "carries before" a ping -c 5 -i 0.2 -W 5 $B4
capture_stop
rekeys=$(pair_stat a rekeys)

# Nothing is on its way but what timers send until then.
capture_start "$OUT/after.pcap" udp port $PAIR_PORT
restored || t_bail "no way to change the generation ID"
t_run "restored: carries again" wait_until 30 a ping -c 1 -W 2 $B4
t_run "and goes on" a ping -c 5 -i 0.2 -W 5 $B4
capture_stop
t_between "$(sessions "$OUT/before.pcap" | wc -l)" 1 6 "sessions were seen before"
t_between "$(sessions "$OUT/after.pcap" "$OUT/restored" | wc -l)" 2 8 "and after, for each way"
t_is "$(comm -12 <(sessions "$OUT/before.pcap") <(sessions "$OUT/after.pcap" "$OUT/restored"))" "" \
	"restored: no cell under a session of before"
t_is "$({ cells "$OUT/before.pcap"; cells "$OUT/after.pcap"; } | sort | uniq -d | head -n 3)" "" \
	"no counter of a session twice"
# Both ends begin anew here, so that their handshakes may cross: then one session renews another.
t_between "$(($(pair_stat a rekeys) - rekeys))" 0 1 "the sessions were dropped, not renewed"
t_like "$(dmesg | grep rtpl)" "restored from a snapshot" "the log says so"

# Under a fixed schedule, whose slots do not wait for packets.
a rtplctl peer set "$B_PUB" rate 200
b rtplctl peer set "$A_PUB" rate 200
t_run "constant rate: up" pair_wait 10
capture_start "$OUT/const.pcap" udp port $PAIR_PORT
a ping -q -c 20 -i 0.05 -W 5 $B4 >/dev/null
was=$(a rtplctl -j show | jq '.peers[0].last_handshake_ns')
restored
newer() { [ "$(a rtplctl -j show | jq '.peers[0].last_handshake_ns')" != "$was" ]; }
t_run "constant rate: a new session by itself" wait_until 30 newer
t_run "constant rate: carries" wait_until 10 a ping -c 1 -W 2 $B4
capture_stop
t_between "$(sessions "$OUT/const.pcap" | wc -l)" 4 8 "constant rate: two sessions each way"
# Each session's cells are one run: none of an old one after a new one's first.
t_is "$(cells "$OUT/const.pcap" | awk '{ k = $1 " " $2 } last[$1] != k { if (seen[k]++) print k; last[$1] = k }')" "" \
	"constant rate: the old session never comes back"

# Sleep.
if [ "$RTPL_ENVIRONMENT" != vm ] || [ -e $param/machine ]; then
	echo sleep >$param/machine
	t_isnt "$(pair_state a)" up "asleep: no session"
	capture_start "$OUT/asleep.pcap" udp port $PAIR_PORT
	sleep 12
	capture_stop
	t_is "$(cells "$OUT/asleep.pcap" | wc -l)" 0 "asleep: no cell"
	echo wake >$param/machine
	t_run "awake: up" pair_wait 10
	t_run "awake: carries" a ping -c 3 -W 5 $B4
fi
t_done
