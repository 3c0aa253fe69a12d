#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 60
#
# A packet leaves in several slots, and the device at which it began is deleted meanwhile. Its
# sender's timestamp names the device by which it left in the end, and nothing looks at the other.
. "$(dirname "$0")/../lib.sh"
topo_up
pair_up || t_bail "no pair"
pair_wait || t_bail "no link"
ip -n a link add d0 type dummy
ip -n a addr add 198.51.100.1/32 dev d0
ip -n a link set d0 up
ip -n a route add 192.0.2.0/24 dev d0 metric 500
a rtplctl peer set "$B_PUB" cell 256 rate 2 latency off || t_bail "no rate"
sleep 1
# Six slots.
a python3 - "$B4" >"$OUT/stamp" 2>&1 <<'P' &
import select, socket, struct, sys

TX_SOFTWARE, SOFTWARE, OPT_CMSG = 1 << 1, 1 << 4, 1 << 10
SO_TIMESTAMPING, IP_PKTINFO = 37, 8
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, TX_SOFTWARE | SOFTWARE | OPT_CMSG)
s.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
s.sendto(bytes(1200), (sys.argv[1], 9))
print("sent", flush=True)
p = select.poll()
p.register(s, 0)
while p.poll(60000):
    try:
        _, anc, _, _ = s.recvmsg(2048, 1024, socket.MSG_ERRQUEUE)
    except BlockingIOError:
        continue
    except OSError as e:
        print(e, flush=True)
        continue
    if not any((level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPING) for level, kind, _ in anc):
        continue
    for level, kind, data in anc:
        if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO):
            print("by", struct.unpack("=i", data[:4])[0], flush=True)
    break
P
sender=$!
wait_until 10 grep -q sent "$OUT/stamp"
sleep 1
t_is "$(cat "$OUT/stamp")" sent "the packet is under way"
ip -n a link del eth0
wait $sender
t_is "$(cat "$OUT/stamp")" "sent
by $(ip -n a -j link show d0 | jq ".[0].ifindex")" "it left by the other device, and says so"
t_done
