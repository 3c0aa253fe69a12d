#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 300
# tier: newest
# debug: no
#
# Whoever is root in a user namespace changes the private key of a node with 3000 peers, over and
# over, and each change begins a handshake with each: a pair in another user namespace gets keys as
# beside the same with one peer, within six times as long. All user namespaces share one worker for
# handshakes. Not on the debug kernel, where 3000 peers take minutes.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
unshare -Urnm true 2>/dev/null || t_skip_all "no user namespaces"
modprobe rtpl || t_skip_all "no module"
mkdir -p /run/netns

# loop.sh PEERS: FILE counts the changes.
cat >"$OUT/loop.sh" <<'I'
	mount -t tmpfs none /run/netns && mkdir /run/netns/keys && cd /run/netns/keys || exit 1
	ip link set lo up
	(umask 077; rtplctl genkey >0.key; rtplctl genkey >1.key)
	python3 - "$1" >conf <<-'PY'
	import base64, os, sys
	print("[Node]\nPrivateKeyFile = /run/netns/keys/0.key\nListen = 51900")
	for i in range(int(sys.argv[1])):
	    print("[Peer]\nPublicKey =", base64.b64encode(os.urandom(31) + b"\0").decode())
	    print(f"Endpoint = 127.0.0.1:9\nAllowed = 10.1.{i >> 8}.{i & 255}/32")
	PY
	rtplctl setconf ./conf || exit 1
	for n in 0 1 2; do
		while rtplctl node set private-key $((n & 1)).key; do echo >>"$2"; done &
	done
	wait
I
# pair.sh DIR: a pair that begins anew whenever DIR/go comes; DIR/up is there when it has keys.
cat >"$OUT/pair.sh" <<'I'
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
	touch "$1/ready"
	while :; do
		until [ -e "$1/go" ]; do sleep 0.02; done
		rtplctl -n b peer add "$(rtplctl pubkey <a.key)" endpoint 192.0.2.1:51900 allowed 192.0.2.1/32
		rtplctl -n a peer add "$(rtplctl pubkey <b.key)" endpoint 192.0.2.2:51900 allowed 192.0.2.2/32
		until rtplctl -n a -j show | grep -q '"state": "up"'; do sleep 0.02; done
		rm "$1/go"
		rtplctl -n a peer del "$(rtplctl pubkey <b.key)"; rtplctl -n b peer del "$(rtplctl pubkey <a.key)"
	done
I
pids=()
start() { setsid unshare -Urnm bash "$@" >"$OUT/$(basename "$1").log" 2>&1 & pids+=($!); }
changes() { wc -l <"$OUT/changes"; }
changed() { [ "$(changes)" -ge "$1" ]; }
keys() { [ ! -e "$OUT/go" ]; }
# again LIMIT: the pair begins anew twice; prints how many ms that took. Fails if it took longer.
again() {
	local from=${EPOCHREALTIME/./} i
	for i in 1 2; do
		touch "$OUT/go"
		until keys; do
			[ $(((${EPOCHREALTIME/./} - from) / 1000)) -lt "$1" ] || return
			sleep 0.05
		done
	done
	echo $(((${EPOCHREALTIME/./} - from) / 1000))
}
start "$OUT/pair.sh" "$OUT"
wait_until 60 test -e "$OUT/ready" || t_bail "no pair: $(cat "$OUT/pair.sh.log")"
# beside PEERS LIMIT
beside() {
	: >"$OUT/changes"
	start "$OUT/loop.sh" "$1" "$OUT/changes"
	wait_until 100 changed 6 || t_bail "no loop: $(cat "$OUT/loop.sh.log")"
	took=$(again "$2")
	t_diag "beside $1 peers: keys twice after ${took:-more than $2} ms, $(($(changes) - 6)) changes"
	kill -KILL -- -"${pids[-1]}"
	wait "${pids[-1]}" 2>/dev/null
}
beside 1 100000
[ -n "$took" ] || t_bail "no keys beside one peer"
one=$took
beside 3000 $((one * 6))
t_isnt "$took" "" "beside 3000 peers a pair has keys within six times what it takes beside one"
kill -KILL -- -"${pids[0]}"
wait 2>/dev/null
t_done
