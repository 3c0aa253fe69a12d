#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml
# timeout: 300
#
# Prefixes move from peer to peer and configurations are exchanged while packets flow: the
# observer sees none of them in clear.
. "$(dirname "$0")/../lib.sh"
umask 077
topo_up
pair_up || t_bail "no pair"
pair_wait 60 || t_bail "the link does not come up"
other=$(rtplctl genkey | rtplctl pubkey) third=$(rtplctl genkey | rtplctl pubkey)
a rtplctl peer add "$other" allowed 198.51.100.0/24 || t_bail "no second peer"

owner() { a rtplctl -j show | jq -r ".peers[] | select(.allowed | index(\"$1\")) | .public_key"; }

# To both addresses of b, from outside this script's shell: at all times, but for the sleep.
capture_start "$OUT/clear.pcap" "udp dst port 9"
a python3 -c '
import socket, sys, time
four, six = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
for s in (four, six):
    s.setblocking(False)	# what waits for an endpoint fills its buffer
n = 0
while True:
    for s, to in ((four, sys.argv[1]), (six, sys.argv[2])):
        try:
            s.sendto(b"clear?", (to, 9))
        except OSError:
            pass
    n += 1
    if n % 20 == 0:
        print(n, flush=True)
    time.sleep(0.002)
' $B4 $B6 >"$OUT/sent" &
sender=$!
sent() { tail -n 1 "$OUT/sent" | grep . || echo 0; }
more() { [ "$(sent)" -gt "$1" ]; }
# What is done next meets traffic.
flows() { wait_until 20 more "$(sent)" || t_bail "nothing is sent"; }

flows
for i in 1 2 3; do
	said=$(a rtplctl peer set "$other" allowed "$B4,198.51.100.0/24" 2>&1) || t_bail "refused"
	if [ $i = 1 ]; then
		t_is "$(owner $B4/32)" "$other" "peer set moves a prefix"
		t_is "$said" "rtplctl: peer set: warning: $B4/32 was the prefix of peer ${B_PUB:0:8}, and is this peer's now; it does not go back when this peer goes" \
			"and says whose it was"
	fi
	flows
	a rtplctl peer set "$B_PUB" allowed "$B4,$B6" || t_bail "refused"
done
t_is "$(owner $B4/32) $(owner $B6/128)" "$B_PUB $B_PUB" "and back"
t_is "$(owner 198.51.100.0/24)" "$other" "what was not named stays where it was"
a rtplctl peer add "$third" allowed "$B4,$B6" || t_bail "refused"
t_is "$(owner $B4/32) $(a rtplctl -j show | jq -c ".peers[] | select(.public_key == \"$B_PUB\") | .allowed")" \
	"$third []" "peer add takes them"
flows
a rtplctl peer del "$B_PUB"
a rtplctl peer add "$B_PUB" endpoint $B4:$PAIR_PORT allowed "$B4,$B6"
a rtplctl peer del "$third"

# Files: the peer is another, both exchange what they have, and half of it.
file() {
	local name=$1
	shift
	{
		printf '[Node]\nPrivateKeyFile = %s\nListen = %s\n' "$PAIR_DIR/a.key" $PAIR_PORT
		while [ $# -gt 0 ]; do
			printf '[Peer]\nPublicKey = %s\nAllowed = %s\n' "$1" "$2"
			shift 2
		done
	} >"$OUT/$name.conf"
}
file now "$B_PUB" "$B4,$B6" "$other" 198.51.100.0/24
file rotated "$third" "$B4,$B6" "$other" 198.51.100.0/24
file exchanged "$B_PUB" 198.51.100.0/24 "$other" "$B4,$B6"
file half "$other" "$B6" "$B_PUB" "$B4,198.51.100.0/24"
file circle "$third" "$B4" "$B_PUB" "$B6" "$other" 198.51.100.0/24
for f in rotated now exchanged now half exchanged circle half now; do
	flows
	a rtplctl setconf "$OUT/$f.conf" >"$OUT/said" 2>&1 || t_bail "$f: $(cat "$OUT/said")"
done
t_is "$(owner $B4/32) $(owner 198.51.100.0/24)" "$B_PUB $other" "setconf, nine times"
# Refused half way (no route to that endpoint), and taken back.
sed "s/^Allowed = 198.*/&\nEndpoint = 203.0.113.9:1/" "$OUT/exchanged.conf" >"$OUT/refused.conf"
flows
t_fails_with 'no route to endpoint' "setconf that is refused" a rtplctl setconf "$OUT/refused.conf"
t_is "$(owner $B4/32) $(owner 198.51.100.0/24)" "$B_PUB $other" "leaves all as it was"
flows
kill $sender
capture_stop
t_is "$(tcpdump -nr "$OUT/clear.pcap" 2>/dev/null | wc -l)" 0 "no packet left in clear, of $(($(sent) * 2))"
t_done
