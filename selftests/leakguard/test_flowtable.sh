#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 240
# tier: newest
#
# A flow table forwards before IP sees a packet: what is sealed passes it, a forged packet
# of the same flow does not. What no hook can see, netconsole and pktgen, is shown.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
inner=$T_LIB/leakguard/inner.py
modprobe -a nf_flow_table nf_flow_table_inet nft_flow_offload 2>/dev/null
pair_routed
ip netns add s
ip -n s link set lo up

ip -n b link add eth1 type veth peer name eth0 netns s
ip -n b addr add 198.51.100.1/24 dev eth1
ip -n b link set eth1 up
ip -n s addr add 198.51.100.2/24 dev eth0
ip -n s link set eth0 up
ip -n s route add default via 198.51.100.1
b sysctl -qw net.ipv4.ip_forward=1
ip -n a route add 198.51.100.0/24 via $B4
ip -n c route add 198.51.100.0/24 via $B4
if b nft -f - 2>"$OUT/nft.err" <<'N'
table inet t {
	flowtable f1 {
		hook ingress priority 0
		devices = { eth0, eth1 }
	}
	chain forw {
		type filter hook forward priority 0
		ct state established,related flow add @f1
	}
}
N
then
	nsenter --net=/run/netns/s -- socat UDP4-LISTEN:9,fork PIPE &
	server=$!
	wait_until 10 listening s 9 -u
	# shellcheck disable=SC2016 # python
	a python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("192.0.2.1", 5555))
s.settimeout(2)
n = 0
for i in range(8):
    s.sendto(b"sealed", ("198.51.100.2", 9))
    try:
        n += len(s.recv(100)) > 0
    except OSError:
        pass
print(n)' >"$OUT/echoes"
	kill $server
	t_between "$(cat "$OUT/echoes")" 4 8 "flow table: the flow works, sealed"
	t_like "$(b conntrack -L -p udp 2>/dev/null || b cat /proc/net/nf_conntrack)" "OFFLOAD" "and is in the table"
	caught() { c python3 "$inner" udp:5555:9 $A4 198.51.100.2; }
	n=$(s nstat -asz UdpInDatagrams UdpNoPorts 2>/dev/null | awk '/^Udp/ { n += $2 } END { print n }')
	hits=$(node_drops b leakguard-in)
	caught
	more_hits() { [ "$(node_drops b leakguard-in)" -gt "$hits" ]; }
	wait_until 5 more_hits
	t_is "$(($(node_drops b leakguard-in) - hits))" 1 "flow table: a forged packet of that flow is dropped"
	t_is "$(s nstat -asz UdpInDatagrams UdpNoPorts 2>/dev/null | awk '/^Udp/ { n += $2 } END { print n }')" "$n" \
		"and does not pass"
else
	t_skip "flow table" "this kernel has none: $(head -n 1 "$OUT/nft.err")"
fi

# ---- what no hook sees is shown ----
t_unlike "$(b rtplctl show)" "^warning: (netconsole|pktgen)" "nothing passes the leakguard: no warning"
nc=/sys/kernel/config/netconsole
if modprobe netconsole 2>/dev/null && { [ -d $nc ] || mount -t configfs none /sys/kernel/config; } &&
	mkdir $nc/t1 2>/dev/null; then
	b sh -c "cd $nc/t1 && echo eth0 >dev_name && echo $B4 >local_ip && echo 192.0.2.3 >remote_ip &&
		echo 02:00:00:00:00:03 >remote_mac && echo 1 >enabled"
	t_like "$(b rtplctl show)" "^warning: netconsole t1 on eth0 passes the qdisc and the leakguard" "netconsole: a warning"
	t_is "$(b rtplctl -j show | jq -c .beside_leakguard)" \
		'[{"what":"netconsole","device":"eth0","name":"t1"}]' "and in JSON"
	echo 0 >$nc/t1/enabled
	rmdir $nc/t1
	modprobe -r netconsole
else
	t_skip "netconsole: a warning" "this kernel has none"
fi
if modprobe pktgen 2>/dev/null; then
	b sh -c 'cd /proc/net/pktgen && echo add_device eth0 >kpktgend_0 && echo count 0 >eth0 &&
		echo delay 100000000 >eth0 && echo dst 192.0.2.3 >eth0 && echo dst_mac 02:00:00:00:00:03 >eth0'
	nsenter --net=/run/netns/b -- sh -c 'echo start >/proc/net/pktgen/pgctrl' &
	pktgen_warned() { b rtplctl show | grep -q "^warning: pktgen kpktgend_0 on eth0 passes"; }
	t_run "pktgen: a warning while it runs" wait_until 10 pktgen_warned
	b sh -c 'echo stop >/proc/net/pktgen/pgctrl; echo rem_device_all >/proc/net/pktgen/kpktgend_0'
	wait $!
	t_fails "and none after that" pktgen_warned
	modprobe -r pktgen
else
	t_skip "pktgen: a warning" "this kernel has none"
fi
t_done
