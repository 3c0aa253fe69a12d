#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 400
# tier: uml
#
# What the units run fails closed: without the module, with one for another
# kernel, with a wrong file, when the module is taken away by force, when a step
# fails, at a restart. The observer captures all the time; no packet in clear to
# or from the required prefixes may be in what it caught.
. "$(dirname "$0")/../lib.sh"
topo_up
umask 077
dir=$(mktemp -d)
pair_keys
mkdir -p /run/rtpl /var/lib/rtpl "$dir/bin"
mount -t tmpfs tmpfs /var/lib/rtpl 2>/dev/null || t_bail "no place for what is kept"

# As the units call it.
leakguard() { a rtplctl up --leakguard "$dir/wan.conf"; }
start() { a rtplctl up --wait "${1:-20}" --hold "$dir/wan.conf"; }
stop() { a rtplctl down --hold "$dir/wan.conf"; }

good() {
	cat >"$dir/wan.conf" <<-EOF2
	[Node]
	PrivateKeyFile = $PAIR_DIR/a.key
	Listen = 51900
	Device = eth0
	[Peer]
	PublicKey = $B_PUB
	Endpoint = $B4:51900
	Allowed = 192.0.2.0/24, 2001:db8::2
	EOF2
}
good

# Whatever may go: both families, TCP, source routes, and what comes from the other end.
via=2001:db8::3 source_routes="segments deep fragment second compressed split torn"
b ip addr add $via/64 dev eth0 nodad
b ip addr add 198.51.100.3/24 dev eth0
a ip route add 198.51.100.0/24 dev eth0 src $A4
try() {
	local how
	for how in $source_routes; do
		a python3 "$T_LIB/leakguard/raw.py" route $how $via $B6
	done
	for how in ${source_routes:+visited dhcp}; do
		a python3 "$T_LIB/leakguard/raw.py" route $how 198.51.100.3 $B4
	done
	a ping -c 1 -W 1 $B4 && return 1
	a ping -6 -c 1 -W 1 $B6 && return 1
	a timeout 1 socat -u OPEN:/etc/hostname TCP4:$B4:7 && return 1
	a sh -c "echo x | timeout 1 socat -u - UDP4-SENDTO:$B4:51900,sourceport=51900"
	return 0
}
# leaked [FILE]: packets of the capture, but for cells and the local link's own.
leaked() {
	o tcpdump -n -r "${1:-$OUT/closed.pcap}" \
		"src $A4 and ip or (ip6 and src $A6 and not (icmp6 and ip6[40] >= 133 and ip6[40] <= 137))" 2>/dev/null |
		grep -v "$A4.51900 > $B4.51900" | head -n 20
}
# closed WHAT: nothing gets through, and the observer saw nothing in clear.
closed() {
	t_run "$1: nothing passes" try
	t_is "$(leaked)" "" "$1: the observer saw no packet in clear"
}
tables() { a nft list tables | grep -c rtpl_; }

# The judge itself: without all of this it must see something.
capture_start "$OUT/open.pcap"
t_fails "unguarded: packets pass" try
capture_stop
t_like "$(leaked "$OUT/open.pcap")" "$A4 > $B4" "unguarded: the observer sees them"
capture_start "$OUT/closed.pcap"

# The kernel is to load no module from now on, but has nftables.
t_run "up, for its barrier" sh -c "modprobe rtpl; nsenter --net=/run/netns/a rtplctl up $dir/wan.conf"
t_run "nftables take it" a nft -f /var/lib/rtpl/wan.barrier
a nft delete table inet rtpl_wan
a rtplctl down "$dir/wan.conf"
rm /var/lib/rtpl/wan.barrier

# --- no module: as after a kernel update without a build ---
module_gone
modprobe_was=$(cat /proc/sys/kernel/modprobe)
echo /bin/false >/proc/sys/kernel/modprobe
printf '#!/bin/sh\necho "modprobe: FATAL: Module rtpl not found" >&2\nexit 1\n' >"$dir/bin/modprobe"
chmod +x "$dir/bin/modprobe"
path_was=$PATH
PATH=$dir/bin:$PATH
t_fails_with 'modprobe rtpl. failed .*linux-headers.*; nftables stop what "wan" protects' \
	"leakguard without the module fails and says what holds" leakguard
closed "no module"
t_like "$(a rtplctl show 2>&1)" '^warning: nftables stop what "wan" protects \(table inet rtpl_wan\).*"rtplctl down wan"' \
	"show warns of it without the module"
t_like "$(a rtplctl show --brief 2>&1 >/dev/null)" '^warning: nftables stop what "wan" protects' "show --brief, beside its lines"
t_is "$(a rtplctl -j show 2>/dev/null | jq -c .)" '{"left_shut":[{"name":"wan","tables":"table inet rtpl_wan"}]}' "show -j, too"
t_fails_with 'the kernel module is not loaded' "and fails nevertheless" a rtplctl show
b ping -c 1 -W 1 $A4 >/dev/null
t_like "$(b ip neigh show $A4)" lladdr "neighbours are answered nevertheless"
t_like "$(a nft list table inet rtpl_wan)" 'counter packets [1-9][0-9]* bytes [0-9]+ drop' "what was stopped is counted"
t_fails "start without the module fails" start 1
closed "start without the module"
# A packet that claims to come from the peer does not come in.
a nft add table inet seen
a nft 'add chain inet seen in { type filter hook input priority 0; }'
a nft 'add rule inet seen in ip saddr 192.0.2.2 meta l4proto icmp counter'
b ping -c 1 -W 1 $A4 >/dev/null
t_like "$(a nft list table inet seen)" 'counter packets 0' "nothing in clear comes in from the peer"
a nft delete table inet seen
# Nor a redirect, from whomever.
a sysctl -qw net.ipv4.conf.all.accept_redirects=1
b python3 "$T_LIB/leakguard/icmp.py" $A4 5,1,192.0.2.9 192.0.2.7 proto=1 from=198.51.100.3
b python3 "$T_LIB/leakguard/icmp.py" $A6 137,0,$via $B6 from="$(
	ip -n b -6 addr show dev eth0 scope link | awk '/inet6/ { sub("/.*", "", $2); print $2 }')"
t_is "$(a nft list chain inet rtpl_wan input | grep -c 'redirect counter packets 1 ')" 2 "nor does a redirect"

# --- nor nftables: a kernel that has lost all of its modules ---
a rtplctl down "$dir/wan.conf"
printf '#!/bin/sh\necho "nft: cannot" >&2\nexit 1\n' >"$dir/bin/nft"
chmod +x "$dir/bin/nft"
t_fails_with 'routing rules stop what is sent to what "wan" protects' "leakguard without nftables" leakguard
# Rules for addresses do not look behind a destination.
was=$source_routes source_routes=
closed "without nftables"
source_routes=$was
t_run "a second time" sh -c '! "$@" 2>&1 | grep -q "cannot be set"' _ nsenter --net=/run/netns/a rtplctl up --leakguard "$dir/wan.conf"
t_like "$(a rtplctl show 2>&1)" '^warning: routing rules stop what is sent to what "wan" protects' "show warns of the rules, too"
t_is "$(a rtplctl down "$dir/wan.conf" 2>&1; a ip rule; a ip -6 rule)" "$(b ip rule; b ip -6 rule)" "down takes the rules away"
rm -f "$dir/bin/nft" "$dir/bin/modprobe"

# --- a module for another kernel ---
ko=$(modinfo -n rtpl 2>/dev/null)
if [ -e "$ko" ]; then
	# Where symbols have versions, that of the kernel is not compared, but the rest is.
	case $ko in *.xz) xz -dc "$ko" ;; *) cat "$ko" ;; esac |
		sed 's/\(vermagic=[^ ]* \)[A-Za-z]/\1_/' >"$dir/rtpl.ko"
	printf '#!/bin/sh\nexec insmod %s/rtpl.ko\n' "$dir" >"$dir/bin/modprobe"
	chmod +x "$dir/bin/modprobe"
	t_fails_with 'nftables stop what' "leakguard with a module for another kernel" leakguard
	closed "another kernel's module"
	t_like "$(dmesg)" 'rtpl: version magic .* should be' "its version was what the kernel refused"
	rm -f "$dir/bin/modprobe"
else
	t_skip "leakguard with a module for another kernel" "modinfo finds no file"
fi
PATH=$path_was

# --- a file that cannot be read, at boot ---
sed -i 's/^PublicKey.*/PublicKey = nonsense/' "$dir/wan.conf"
a rtplctl down "$dir/wan.conf" 2>/dev/null
t_is "$(tables)" 0 "down opens it"
t_fails_with 'wan.conf:[0-9]+: .*; nftables stop what "wan" protects' "leakguard with a wrong file" leakguard
closed "a wrong file, read as far as it can be"
a rtplctl down "$dir/wan.conf"

# --- the module comes ---
good
PATH=$dir/bin:$PATH
printf '#!/bin/sh\nexit 1\n' >"$dir/bin/modprobe"
chmod +x "$dir/bin/modprobe"
t_fails "leakguard without the module" leakguard
rm -f "$dir/bin/modprobe"
PATH=$path_was
echo "$modprobe_was" >/proc/sys/kernel/modprobe
t_run "leakguard with the module" leakguard
t_is "$(tables)" 0 "the module's hooks stand, the barrier is gone"
closed "leakguard"
t_run "leakguard once more is no error" leakguard
t_fails_with 'there is no device "none0"' "a step fails" sh -c \
	"sed -i 's/eth0/none0/' $dir/wan.conf; nsenter --net=/run/netns/a rtplctl up --wait 1 --hold $dir/wan.conf"
closed "a step fails"
good

# --- up, and restarts ---
b rtplctl node set private-key "$PAIR_DIR/b.key" listen 51900
b rtplctl peer add "$A_PUB" endpoint $A4:51900 allowed $A4,$A6
b tc qdisc add dev eth0 root rtpl
t_run "start" start
t_run "the pair is up" wait_until 30 a ping -c 1 -W 1 $B4
t_is "$(leaked)" "" "up: the observer saw no packet in clear"
t_run "leakguard does not disturb what is up" leakguard
t_run "ping" a ping -c 1 -W 5 $B4
t_run "stop" stop
t_is "$(a rtplctl -j node show | jq -c '[.public_key, .peers]')" '[null,1]' "stop: no key, but the peers' leakguard"
closed "stop"
printf 'garbage\n' >"$dir/wan.conf"
t_fails_with 'what is guarded stays so' "restart with a wrong file" start 1
closed "restart with a wrong file"
good
t_run "restart with a good one" start
t_run "the pair is up again" wait_until 30 a ping -c 1 -W 1 $B4
t_is "$(leaked)" "" "restart: the observer saw no packet in clear"
t_run "down" a rtplctl down "$dir/wan.conf"
t_is "$(tables)" 0 "down leaves no barrier"
t_unlike "$(a rtplctl show)" 'nftables stop' "and show says nothing of one"
capture_stop

# --- a wrong file at the next boot: what is kept from the last time ---
printf 'garbage\n' >"$dir/wan.conf"
t_fails_with 'nftables stop what "wan" protects' "leakguard with a file that says nothing" leakguard
t_fails "nothing passes" a ping -c 1 -W 1 $B4
t_like "$(a nft list table inet rtpl_wan)" '192.0.2.0/24' "by what is kept"
t_like "$(a rtplctl show)" '^warning: nftables stop what "wan" protects \(table inet rtpl_wan\).*"rtplctl down wan"' \
	"show names the table and what takes it away"
t_is "$(a rtplctl -j show | jq -c .left_shut)" '[{"name":"wan","tables":"table inet rtpl_wan"}]' "show -j, too"
a rtplctl down "$dir/wan.conf"
rm -f /var/lib/rtpl/wan.barrier
t_fails_with 'NOTHING IS GUARDED' "and without that it says so" leakguard

# --- the module is taken away by force: its references do not count ---
good
t_run "start" start
t_run "the pair is up" wait_until 30 a ping -c 1 -W 1 $B4
capture_start "$OUT/forced.pcap"
rmmod -f rtpl 2>/dev/null &
t_run "the module is being removed" wait_until 10 grep -q '^rtpl .*Unloading' /proc/modules
a tc qdisc del dev eth0 root
t_run "module removed by force: nothing passes" try
t_is "$(leaked "$OUT/forced.pcap")" "" "module removed by force: the observer saw no packet in clear"
capture_stop
ip netns del a
ip netns del b
t_run "it goes with the last namespace that it guards" wait_until 20 sh -c '! grep -q "^rtpl " /proc/modules'
wait
t_run "and can be loaded again" modprobe rtpl
t_done
