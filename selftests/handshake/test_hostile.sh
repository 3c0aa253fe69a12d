#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 240
# tier: uml
#
# Handshake datagrams of someone on the path: captured, sent again, changed in
# every byte, cut, forged, and more of them than can be worked on.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
here=$(dirname "$0")
python=$(command -v python3) || t_bail "python3"

topo_up || t_bail "topology"
topo_host c pc 3
module_gone
modprobe rtpl || t_bail "module"
pair_keys
capture_start "$OUT/hs.pcap" udp port $PAIR_PORT
pair_up || t_bail "pair"
pair_wait 10 || t_bail "the link does not come up"
capture_stop

# The initiation that b answered: the last one before the first response.
"$python" - "$OUT/hs.pcap" "$OUT" <<'PY' >"$OUT/hs.info" || t_bail "no initiation captured"
import struct, sys
data, at, init = open(sys.argv[1], "rb").read(), 24, {}
while at + 16 <= len(data):
    n = struct.unpack("<IIII", data[at:at + 16])[2]
    p = data[at + 30:at + 16 + n]
    at += 16 + n
    src, udp = p[12:16], p[(p[0] & 15) * 4:]
    if udp[8:12] != bytes(4):
        continue
    if udp[12] == 1:
        init[udp[16:20]] = (src, udp[8:])
    elif udp[12] == 2 and udp[20:24] in init:
        src, msg = init[udp[20:24]]
        open(sys.argv[2] + "/init", "wb").write(msg)
        print("a b" if src[3] == 1 else "b a", len(msg))
        break
else:
    sys.exit(1)
PY
read -r from to len <"$OUT/hs.info"
if [ "$to" = b ]; then addr=$B4 pub=$B_PUB; else addr=$A4 pub=$A_PUB; fi
t_diag "$from began with $len bytes, $to answered"

hostile() { in_ns c "$python" "$here/hostile.py" "$1" "$OUT/init" "$pub" $addr $PAIR_PORT "$2"; }
# counted REASON: how often that was the reason since the last `from_here`.
declare -A before
reasons="short unknown-index handshake-type handshake-mac handshake-cookie handshake-auth handshake-replay"
from_here() { local r; for r in $reasons; do before[$r]=$(node_drops "$to" "$r"); done; }
counted() { echo $(($(node_drops "$to" "$1") - ${before[$1]})); }
settle() { sleep 0.5; }
del_peer() { in_ns "$1" rtplctl peer del "$(if [ "$1" = b ]; then echo "$A_PUB"; else echo "$B_PUB"; fi)"; }

from_here
sent=$(hostile replay 10)
settle
t_is "$(counted handshake-replay)" "$sent" "sent again: refused as old, every time"

# Of the frame (the first eight bytes) some bits make it a cell of no session, an
# unknown type or another one; all else fails the first MAC, but for the last 16 bytes: these
# are the second MAC, which matters under load, and what it is in is an old one.
from_here
hostile flip 0 >"$OUT/sent"
settle
t_is "$(counted unknown-index)" 4 "changed in the index: a cell of no session"
t_is "$(counted handshake-type)" 4 "changed in type or zeroes: not a handshake"
t_is "$(counted handshake-mac)" $((len - 8 - 16)) "changed under the first MAC: refused by it"
t_is $(($(counted handshake-cookie) + $(counted handshake-replay))) 16 \
	"changed in the second MAC: an old one, or under load refused by it"

from_here
sent=$(hostile cut 0)
settle
t_is "$(counted short)" 4 "cut: to less than any datagram has"
t_is "$(counted handshake-type)" $((sent - 4)) "cut: to what may be a cell, but no handshake"

from_here
sent=$(hostile forge 50)
settle
t_is "$(counted handshake-auth)" "$sent" "forged with good MACs: not authentic"
t_is "$(node_drops "$to" handshake-peer)" 0 "and never taken for somebody"
t_run "the link is as it was" pair_is_up
t_run "and carries" a ping -c 3 -W 2 $B4

from_here
# A flood. Meanwhile $from must get a new session, which then takes a cookie.
flood=()
for _ in 1 2 3 4; do hostile flood $((6000 / (T_SCALE * T_SCALE))) >>"$OUT/flood" & flood+=($!); done
del_peer "$from"
pair_peer "$from"
t_run "a peer comes up during a flood" pair_wait 30
t_run "and carries meanwhile" wait_until 30 a ping -c 1 -W 2 $B4
wait "${flood[@]}"
settle
sent=$(awk '{ n += $1 } END { print n }' "$OUT/flood")
t_between "$(counted handshake-cookie)" 1 "$sent" "under load strangers get a cookie, not a Diffie-Hellman"
t_diag "$(node_dropped "$to")"

# Everything goes away in the midst of it: peers, the module, a namespace.
flood() { flood=(); for _ in 1 2; do hostile flood "$1" >/dev/null 2>&1 & flood+=($!); done; }
flood $((4000 / (T_SCALE * T_SCALE)))
for _ in 1 2 3 4; do
	for h in a b; do del_peer $h && pair_peer $h; done
done
t_run "peers come and go during a flood" pair_wait 30
wait "${flood[@]}"

flood $((2000 / (T_SCALE * T_SCALE)))
t_run "qdiscs and peers go during a flood" pair_down
t_run "and so does the module" rmmod rtpl
wait "${flood[@]}"

pair_up || t_bail "pair"
pair_wait 20 || t_bail "the link does not come up again"
flood $((2000 / (T_SCALE * T_SCALE)))
t_run "a namespace goes during a flood" ip netns del "$to"
t_run "the other end's node still answers" in_ns "$from" rtplctl show
in_ns "$from" tc qdisc del dev eth0 root
del_peer "$from"
t_run "and the module goes when all has gone" wait_until 20 rmmod rtpl
wait "${flood[@]}"
t_done
