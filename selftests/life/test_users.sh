#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml
# timeout: 120
# tier: uml
#
# User namespaces share one worker for handshakes, by turns: while the node of one is flooded with
# initiations over its own loopback, a pair in another gets its keys, and so does one of the
# administrator's; and the flooded node's own.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
unshare -Urnm true 2>/dev/null || t_skip_all "no user namespaces"
modprobe rtpl || t_skip_all "no module"
topo_up
mkdir -p /run/netns

# An initiation whose first MAC is right: a Diffie-Hellman for each that is taken.
cat >"$OUT/flood.py" <<-'PY'
	import base64, hashlib, os, socket, subprocess, sys, time
	pub, seconds = base64.b64decode(sys.argv[1]), float(sys.argv[2])
	def mac(label, data):
	    key = hashlib.blake2s(label + pub).digest()
	    return hashlib.blake2s(data, key=key, digest_size=16).digest()
	d = bytes(4) + b"\x01\0\0\0" + b"\x11\x22\x33\x44" + b"\x09" + bytes(31) + os.urandom(1400 - 76)
	d += mac(b"RTPL v1 mac1", d)
	d += mac(b"RTPL v1 open", d)
	s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in range(16)]
	for i, one in enumerate(s):
	    one.bind((f"127.0.{i}.1", 0))
	end = time.monotonic() + seconds
	while time.monotonic() < end:
	    for one in s:
	        one.sendto(d, ("127.0.0.1", 51900))
PY
# A pair within a user namespace: FILE is there when pings are answered. FLOOD: and a flood first.
cat >"$OUT/in.sh" <<-'I'
	mount -t tmpfs none /run/netns && mkdir /run/netns/keys && cd /run/netns/keys || exit 1
	ip netns add a && ip netns add b
	ip -n a link add e type veth peer name e netns b
	for h in a b; do
	    ip -n $h link set lo up
	    ip -n $h link set e up
	    (umask 077; rtplctl genkey >$h.key)
	    rtplctl -n $h node set private-key $h.key listen 51900
	done
	ip -n a addr add 192.0.2.1/24 dev e
	ip -n b addr add 192.0.2.2/24 dev e
	[ -z "$FLOOD" ] || ip netns exec a python3 "${0%/*}/flood.py" "$(rtplctl pubkey <a.key)" "$FLOOD" &
	[ -z "$FLOOD" ] || while [ "$(rtplctl -n a -j stats | jq '[.drops[].count] | add')" -lt 300 ]; do sleep 0.1; done
	touch "$1.begun"
	rtplctl -n a peer add "$(rtplctl pubkey <b.key)" endpoint 192.0.2.2:51900 allowed 192.0.2.2/32
	rtplctl -n b peer add "$(rtplctl pubkey <a.key)" endpoint 192.0.2.1:51900 allowed 192.0.2.1/32
	for h in a b; do tc -n $h qdisc add dev e root rtpl; done
	until ip netns exec a ping -c 1 -W 1 192.0.2.2; do :; done
	touch "$1"
	wait
I
pids=()
FLOOD=1000 setsid unshare -Urnm bash "$OUT/in.sh" "$OUT/flooded" >"$OUT/flooded.log" 2>&1 &
pids+=($!)
wait_until 30 test -e "$OUT/flooded.begun" || t_bail "no flood: $(cat "$OUT/flooded.log")"
FLOOD='' setsid unshare -Urnm bash "$OUT/in.sh" "$OUT/other" >"$OUT/other.log" 2>&1 &
pids+=($!)
t_run "another user namespace's pair gets keys" wait_until 25 test -e "$OUT/other"
pair_up || t_bail "no pair"
t_run "the administrator's pair gets keys" wait_until 10 a ping -c 1 -W 1 $B4
t_run "the flood still went on" kill -0 "${pids[0]}"
t_run "the flooded node's own pair gets keys" wait_until 60 test -e "$OUT/flooded"
for p in "${pids[@]}"; do kill -- -"$p" 2>/dev/null; done
wait
t_done
