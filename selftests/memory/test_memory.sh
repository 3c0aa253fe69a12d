#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 240
# tier: uml
# debug: no
#
# What the module holds: alone, with 1,000 idle peers, with 10,000 prefixes, with one that carries
# traffic; and how long 1,000 peers take to set up. Figures are printed; what is
# asserted is that an idle peer stays below 16 KB, that rtplctl's own figure is
# near the kernel's, and that all of it is given back.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/traffic/bytes.sh
. "$T_LIB/traffic/bytes.sh"
peers=1000

# What the kernel holds in slabs, for each CPU, and by vmalloc, in KB.
held() {
	echo 3 >/proc/sys/vm/drop_caches
	awk '$1 ~ /^(Slab|Percpu|VmallocUsed):$/ { n += $2 } END { print n }' /proc/meminfo
}
# held_still: until two looks in a row agree, for the kernel frees behind grace periods.
held_still() {
	local now last=-1
	now=$(held)
	while [ $((now > last ? now - last : last - now)) -gt 64 ]; do
		last=$now
		sleep 0.5
		now=$(held)
	done
	echo "$now"
}
# memory_of HOST: rtplctl's figures of all peers, added up.
memory_of() { in_ns "$1" rtplctl -j stats | jq '[.peers[].memory] | add // 0'; }

# conf PEERS [MORE]: random public keys, a prefix of each family and an endpoint each; so many more
# prefixes of IPv4.
conf() {
	python3 - "$1" "$PAIR_DIR/a.key" "${2:-0}" <<-'PY'
	import base64, os, sys
	print(f"[Node]\nPrivateKey = {open(sys.argv[2]).read().strip()}\nListen = 51900")
	for i in range(int(sys.argv[1])):
	    key = base64.b64encode(os.urandom(31) + b"\x01").decode()
	    print(f"[Peer]\nPublicKey = {key}\nRequire = off\nEndpoint = 192.0.2.2:{10000 + i}\n"
	          f"Allowed = 10.{i // 250}.{i % 250}.0/24, 2001:db8:1:{i:x}::/64")
	    for k in range(0, int(sys.argv[3]), 100):
	        print("Allowed =", ", ".join(f"172.{16 + i}.{n // 256}.{n % 256}/32" for n in range(k, k + 100)))
	PY
}

topo_up
module_gone
before=$(held_still)
modprobe rtpl || t_bail "the module does not load"
after=$(held_still)
code=$(awk '$1 == "rtpl" { print $2 }' /proc/modules)
nets=$(ip netns list | wc -l)
t_diag "the module alone: $code bytes of code and data; $((after - before)) KB with what $((nets + 1)) network namespaces hold"

pair_keys
a rtplctl node set private-key "$PAIR_DIR/a.key" listen $PAIR_PORT
(umask 077; conf $peers >"$PAIR_DIR/many.conf"; conf 0 >"$PAIR_DIR/none.conf")
none=$(held_still)
start=$(date +%s%N)
t_run "setconf of $peers peers" a rtplctl setconf "$PAIR_DIR/many.conf"
end=$(date +%s%N)
t_diag "setting up $peers peers by setconf: $(((end - start) / 1000000)) ms"
many=$(held_still)
t_is "$(a rtplctl -j show | jq '.peers | length')" $peers "all of them are there"
kernel=$(((many - none) * 1024 / peers)) told=$(($(memory_of a) / peers))
t_diag "an idle peer without a session: $kernel bytes by /proc/meminfo, $told by its own count"
t_between $kernel 1 16383 "an idle peer takes less than 16 KB ($kernel bytes)"
t_between $told $((kernel / 2)) $((kernel * 2)) "rtplctl's own figure is near it ($told bytes)"
start=$(date +%s%N)
t_run "setconf that takes them away" a rtplctl setconf "$PAIR_DIR/none.conf"
end=$(date +%s%N)
t_diag "taking them away: $(((end - start) / 1000000)) ms"
gone() { [ "$(held)" -le $((none + (many - none) / 10)) ]; }
t_run "what they held is given back" wait_until 20 gone
t_diag "left of $((many - none)) KB: $(($(held_still) - none)) KB"
# Prefixes are most of what a peer with many takes.
(umask 077; conf 10 1000 >"$PAIR_DIR/many.conf")
none=$(held_still)
t_run "setconf of 10 peers with 1000 prefixes each" a rtplctl setconf "$PAIR_DIR/many.conf"
kernel=$((($(held_still) - none) * 1024)) told=$(memory_of a)
t_between "$told" $((kernel / 2)) $((kernel * 2)) "its own figure is near, with prefixes, too: $told bytes, by /proc/meminfo $kernel"
a rtplctl setconf "$PAIR_DIR/none.conf" >/dev/null
a rtplctl node set listen 0

# One with sessions: idle, then with traffic and a path that makes cells wait.
pair_up || t_bail "no pair"
pair_wait || t_bail "the link does not come up"
a ping -q -c 2 -i 0.2 -W 5 $B4 >/dev/null
idle=$(memory_of a)
t_diag "an idle peer with a session: $idle bytes"
t_between "$idle" 1 16383 "an idle peer with a session takes less than 16 KB ($idle bytes)"
wire_like
bad_path
iperf_up b
nsenter --net=/run/netns/a -- iperf3 -c $B4 -P 8 -n 20M --bidir >/dev/null 2>&1 &
load=$!
most=0
while kill -0 $load 2>/dev/null; do
	for h in a b; do
		now=$(memory_of $h)
		[ "$now" -le "$most" ] || most=$now
	done
done
wait $load
t_diag "a loaded peer, at most: $most bytes"
# 128 KB and a packet in its queue, 8 incomplete packets of 64 KB for each of 3
# sessions; an skb may hold twice the bytes that are in it.
t_between "$most" "$idle" $((2 * (3 * 65536 + 3 * 8 * 65536))) "a loaded peer stays within its limits ($most bytes)"
t_done
