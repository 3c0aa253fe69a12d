#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ground: vm
# timeout: 120
# tier: newest
#
# Who is root in a user namespace of his own sets rates that no processor seals: everybody else
# still gets a good part of it.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
unshare -Urnm true 2>/dev/null || t_skip_all "no user namespaces"

# share: percent of a processor that a program gets which takes all it can
share() {
	python3 - <<-'PY'
	import time
	start = time.monotonic()
	while time.monotonic() - start < 5:
	    sum(range(1000))
	print(int(100 * time.process_time() / (time.monotonic() - start)))
	PY
}

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
rtplctl -n a peer add "$(rtplctl pubkey <b.key)" endpoint 192.0.2.2:51900 allowed 192.0.2.2/32 rate 500000 cell 256
rtplctl -n b peer add "$(rtplctl pubkey <a.key)" endpoint 192.0.2.1:51900 allowed 192.0.2.1/32 rate 500000 cell 256
for h in a b; do tc -n $h qdisc add dev e root rtpl; done
for i in 1 2 3 4 5 6 7 8 9 10; do
	ip netns exec a ping -c 1 -W 2 192.0.2.2 >/dev/null 2>&1
	rtplctl -n a -j stats | jq -r '.peers[0] | .tx_cells + .tx_chaff' >"$1"
	[ "$(cat "$1")" -lt 1000 ] || break
done
sleep 1000
I
mkdir -p /run/netns
alone=$(share)
echo 0 >"$OUT/cells"
setsid unshare -Urnm bash "$OUT/in.sh" "$OUT/cells" >"$OUT/in.log" 2>&1 &
there=$!
busy() { [ "$(cat "$OUT/cells")" -ge 1000 ]; }
wait_until 60 busy || t_bail "no cells, $(cat "$OUT/cells"): $(cat "$OUT/in.log")"
sleep 2
beside=$(share)
t_diag "percent of the processor: alone $alone, beside them $beside"
t_between $((beside * 100 / alone)) 25 1000 "a program beside two links of 500000 cells a second: percent of what it gets alone"
kill -KILL -- -$there
wait $there 2>/dev/null || true # killed
t_done
