#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 200
# tier: newest
# debug: no
#
# Who is root in a user namespace of his own sets what no processor seals, a constant rate or a
# surge of RegulaTor's that does not end: everybody else still gets a good part of it, and a link of
# the machine's administrator keeps its slots. Not on the debug kernel: it measures shares of a
# processor, and what is sealed in a millisecond elsewhere takes all of it there.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
unshare -Urnm true 2>/dev/null || t_skip_all "no user namespaces"
topo_up
pair_up rate 50 latency 1s || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
mkdir -p /run/netns

# rounds: of a loop in five seconds
rounds() {
	python3 - <<-'PY'
	import time
	end, n = time.monotonic() + 5, 0
	while time.monotonic() < end:
	    n += sum(1 for _ in range(1000))
	print(n // 1000)
	PY
}

cat >"$OUT/surge.profile" <<'P'
[Profile]
Name = surge
About = a surge that does not end
[Sizes]
Cell = 256
[Link]
Latency = off
[Schedule]
Kind = regulator
Rate = 500000
Decay = off
Threshold = 1000
Budget = 4000000000 cells
Ratio = 1
Cap = 1 s
Floor = 500000
Idle = 1000 s
P
# in.sh KIND FILE: two nodes in a user namespace; FILE gets how many cells left
cat >"$OUT/in.sh" <<'I'
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
shape=(rate 500000 cell 256)
if [ "$1" = surge ]; then
	for h in a b; do rtplctl -n $h profile load "${0%/*}/surge.profile"; done
	shape=(profile surge)
fi
rtplctl -n a peer add "$(rtplctl pubkey <b.key)" endpoint 192.0.2.2:51900 allowed 192.0.2.2/32 "${shape[@]}"
[ "$1" != surge ] || shape+=(role server)
rtplctl -n b peer add "$(rtplctl pubkey <a.key)" endpoint 192.0.2.1:51900 allowed 192.0.2.1/32 "${shape[@]}"
for h in a b; do tc -n $h qdisc add dev e root rtpl; done
for i in 1 2 3 4 5 6 7 8 9 10; do
	ip netns exec b ping -i 0.01 -c 20 -W 2 192.0.2.1 >/dev/null 2>&1
	rtplctl -n a -j stats | jq -r '.peers[0] | .tx_cells + .tx_chaff' >"$2"
	[ "$(cat "$2")" -lt 1000 ] || break
done
sleep 1000
I

# left: by the administrator's link, and missed
left() { a rtplctl -j stats | jq -r '.peers[0] | .tx_cells + .tx_chaff, .slots_missed'; }
alone=$(rounds)
for kind in rate surge; do
	echo 0 >"$OUT/cells"
	setsid unshare -Urnm bash "$OUT/in.sh" $kind "$OUT/cells" >"$OUT/in.log" 2>&1 &
	there=$!
	busy() { [ "$(cat "$OUT/cells")" -ge 1000 ]; }
	wait_until 60 busy || t_bail "$kind: no cells, $(cat "$OUT/cells"): $(cat "$OUT/in.log")"
	sleep 2
	mapfile -t was < <(left)
	beside=$(rounds)
	mapfile -t is < <(left)
	sent=$((is[0] - was[0])) missed=$((is[1] - was[1]))
	t_diag "$kind: rounds alone $alone, beside it $beside; slots sent $sent, missed $missed"
	t_between $((beside * 100 / alone)) 15 1000 "$kind: a program beside two such links: percent of its rounds alone"
	t_between $((missed * 100 / (sent + missed))) 0 40 "$kind: an administrator's link of 50 cells a second: percent of slots missed"
	kill -KILL -- -$there
	wait $there 2>/dev/null || true # killed
	sleep 3
done
pair_down
t_done
