#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 90
# tier: uml
#
# Packets that are another's when the leakguard and the qdisc look at them, and the peer's later: what
# filters of the clear class's child make of them, what waits there while the peer comes, and
# what comes in by loopback though it is not this host's.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
modules_for_tc() {
	local m
	for m in act_pedit act_csum act_mirred cls_u32 cls_matchall sch_prio sch_netem sch_ingress; do
		modprobe -q $m
	done
}
modules_for_tc
topo_up
topo_host c pc 3
ip -n b addr add 192.0.2.77/24 dev eth0
pair_up || t_bail "no pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no link"

# leaked NAME ADDRESS COMMAND...: packets to b's port 5000 seen in clear meanwhile.
leaked() {
	local name=$1
	shift
	capture_start "$OUT/$name.pcap"
	"$@"
	sleep 0.5
	capture_stop
	tcpdump -nn -r "$OUT/$name.pcap" "dst host $B4 and udp port 5000" 2>/dev/null | wc -l
}
say() { a bash -c "for i in 1 2 3; do echo -n secret >/dev/udp/$1/5000; done"; }

tc -n a qdisc replace dev eth0 parent 1:1 handle 10: prio
if tc -n a filter add dev eth0 parent 10: protocol ip u32 match ip dst 192.0.2.77/32 classid 10:1 \
	action pedit ex munge ip dst set $B4 pipe action csum ip and udp 2>"$OUT/err"; then
	was=$(node_drops a leakguard-out)
	t_is "$(leaked pedit say 192.0.2.77)" 0 "rewritten in the clear class's child: not sent in clear"
	t_is "$(($(node_drops a leakguard-out) - was))" 3 "but dropped and counted"
else
	t_skip "rewritten in the clear class's child" "$(head -1 "$OUT/err")"
fi
t_is "$(tc -n a -j -s qdisc show dev eth0 | jq '[.[] | select(.kind == "rtpl" or .kind == "prio") | .qlen, .backlog] | unique[]')" \
	0 "and nothing is thought to wait"
tc -n a filter del dev eth0 parent 10: 2>/dev/null
t_run "what else is clear passes" a ping -c 1 -W 5 192.0.2.3

# A peer that comes while packets to it wait in clear.
a rtplctl peer del "$B_PUB"
tc -n a qdisc replace dev eth0 parent 1:1 handle 11: netem delay 2s
late() {
	say $B4
	a rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT allowed $B4/32
	sleep 2.5
}
t_is "$(leaked late late)" 0 "a peer that comes while packets wait: not sent in clear"
tc -n a qdisc del dev eth0 parent 1:1

# In by loopback, from elsewhere.
cat >"$OUT/hear.py" <<-'PY'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("", 7777))
	while True:
	    print(s.recv(100).decode(), flush=True)
PY
cat >"$OUT/forge.py" <<-'PY'
	import socket, struct, sys
	pay = sys.argv[1].encode()
	ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28 + len(pay), 1, 0, 64, 17, 0,
	                 socket.inet_aton("192.0.2.2"), socket.inet_aton("192.0.2.1"))
	n = sum(struct.unpack("!10H", ip))
	n = (n >> 16) + (n & 0xffff)
	ip = ip[:10] + struct.pack("!H", ~(n + (n >> 16)) & 0xffff) + ip[12:]
	s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
	s.bind(("eth0", 0))
	s.send(bytes.fromhex("020000000001020000000003") + b"\x08\0" + ip +
	       struct.pack("!HHHH", 4444, 7777, 8 + len(pay), 0) + pay)
PY
nsenter --net=/run/netns/a -- python3 -u "$OUT/hear.py" >"$OUT/heard" &
wait_until 10 listening a 7777 -u
for k in all eth0 lo; do a sysctl -qw net.ipv4.conf.$k.rp_filter=0 net.ipv4.conf.$k.accept_local=1; done
a sysctl -qw net.ipv4.conf.lo.route_localnet=1
a bash -c 'echo -n own >/dev/udp/127.0.0.1/7777; echo -n own-eth >/dev/udp/192.0.2.1/7777'
t_run "this host hears itself" wait_until 5 grep -q own-eth "$OUT/heard"
tc -n a qdisc add dev eth0 clsact
if tc -n a filter add dev eth0 ingress protocol ip u32 match ip dport 7777 0xffff \
	action mirred ingress redirect dev lo 2>"$OUT/err"; then
	was=$(node_drops a leakguard-in)
	in_ns c python3 "$OUT/forge.py" forged
	sleep 1
	t_unlike "$(cat "$OUT/heard")" forged "forged, and redirected to loopback: not heard"
	t_is "$(($(node_drops a leakguard-in) - was))" 1 "but dropped and counted"
else
	t_skip "forged, and redirected to loopback" "$(head -1 "$OUT/err")"
fi
tc -n a qdisc del dev eth0 clsact
t_run "and the link works" wait_until 20 a ping -c 1 -W 1 $B4
t_done
