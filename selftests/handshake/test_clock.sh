#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 300
#
# An initiator's clock that goes back locks nobody out: not by a day, not after it was ten years
# ahead by mistake, not beside somebody who sends recordings. And a recording moves nothing, nor
# does what its sender makes of the answer.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up || t_bail "topology"
topo_host c pc 3
modprobe rtpl || t_skip_all "no module"
pair_keys
for h in a b; do pair_node $h; done
# b knows of no endpoint, and so asks nobody: all is a's doing.
b rtplctl peer add "$A_PUB" allowed "$A4/32,$A6/128" require off
pair_peer a
for h in a b; do pair_qdisc $h; done
pair_wait 30 || t_bail "the link does not come up"
was=$(date +%s)
# a forgets what it knows, as with a reboot.
again() {
	a rtplctl peer del "$B_PUB"
	pair_peer a
}
carries() { a ping -c 1 -W 1 $B4; }

# What somebody on the path has: initiations, of many restarts.
capture_start "$OUT/hs.pcap" "udp port $PAIR_PORT and src $A4"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
	again
	wait_until 12 carries || t_bail "a restart without an end of the old session"
	sleep 1
done
capture_stop

date -s "@$((was - 86400))" >/dev/null
t_run "a day back: the session goes on" carries
again
t_run "a day back: a reboot, up within 12 s" wait_until 12 carries
t_like "$(dmesg)" "clock of peer" "and the log of the other end names the clock"
sleep 400
t_run "renewals go on" carries
t_is "$(node_drops b auth)" 0 "nothing failed to open"

date -s "@$((was + 86400 * 3650))" >/dev/null
again
t_run "ten years ahead: up" wait_until 12 carries
date -s "@$((was + 5))" >/dev/null
again
t_run "ten years ahead by mistake, then right again: up within 12 s" wait_until 12 carries

# All recordings are of the past now, as a's next initiation is, and b has no session.
a rtplctl peer del "$B_PUB"
sleep 600
cat >"$OUT/play.py" <<'PY'
"""play.py PCAP SECONDS [A'S-KEY]: the recordings in it, 200 a second, to b; how many answers come.
With a's key: a cookie reply to each answer."""
import base64, ctypes, hashlib, socket, struct, sys, time
def xseal(key, ad, text, nonce):
    out, n = ctypes.create_string_buffer(len(text) + 16), ctypes.c_ulonglong()
    ctypes.CDLL("libsodium.so.23").crypto_aead_xchacha20poly1305_ietf_encrypt(
        out, ctypes.byref(n), text, ctypes.c_ulonglong(len(text)), ad, ctypes.c_ulonglong(len(ad)),
        None, nonce, key)
    return out.raw
data, at, out = open(sys.argv[1], "rb").read(), 24, []
while at + 16 <= len(data):
    n = struct.unpack("<IIII", data[at:at + 16])[2]
    p = data[at + 30:at + 16 + n]
    at += 16 + n
    udp = p[(p[0] & 15) * 4:]
    if udp[8:13] == bytes(4) + b"\1":
        out.append(udp[8:])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setblocking(False)
end = time.monotonic() + float(sys.argv[2])
i = answers = 0
while time.monotonic() < end:
    s.sendto(out[i % len(out)], ("192.0.2.2", 51900))
    i += 1
    time.sleep(0.005)
    try:
        r = s.recv(9000)
    except BlockingIOError:
        continue
    answers += r[4] == 2
    if len(sys.argv) > 3 and r[4] == 2:
        key = hashlib.blake2s(b"RTPL v1 cook" + base64.b64decode(sys.argv[3])).digest()
        head = bytes(4) + b"\3\0\0\0" + r[8:12]
        sealed = xseal(key, head + r[-32:-16], b"FORGEDCOOKIE3456" + bytes(len(r) - 68), bytes(24))
        s.sendto(head + bytes(24) + sealed, ("192.0.2.2", 51900))
print(len(out), answers)
PY
# beside FILE NAME: a comes up though c sends recordings meanwhile; how many, and how many answers
# it got, into FILE.
beside() {
	local player
	in_ns c python3 "$OUT/play.py" "$OUT/hs.pcap" 60 >"$1" &
	player=$!
	sleep 3
	pair_peer a
	t_run "$2: up within 20 s" wait_until 20 carries
	wait $player
}
beside "$OUT/played" "beside somebody who sends recordings"
a rtplctl peer del "$B_PUB"
sleep 600
in_ns c nft -f - <<-N
	table ip pose {
		chain out { type nat hook postrouting priority 100; udp dport $PAIR_PORT snat to $A4; }
	}
N
beside "$OUT/posed" "who forges the initiator's own address"
t_is "$(cut -d ' ' -f 2 "$OUT/posed")" 0 "whom no answer reaches"
in_ns c nft flush ruleset
read -r recorded answers <"$OUT/played"
t_between "$recorded" 10 100 "there were recordings ($recorded)"
t_between "$answers" 20 62 "one a second was answered ($answers)"

# With the answer to a recording, and a's public key, its sender makes a cookie reply.
refused() { echo $(($(node_drops b handshake-state) + $(node_drops b handshake-auth))); }
a rtplctl peer del "$B_PUB"
sleep 600
n=$(refused)
in_ns c python3 "$OUT/play.py" "$OUT/hs.pcap" 3 "$A_PUB" >"$OUT/played" 2>&1
t_like "$(cat "$OUT/played")" '^[0-9]+ [1-9]' "recordings were answered: $(tail -n 1 "$OUT/played")"
sleep 1
t_between $(($(refused) - n)) 1 10 "a cookie reply to such an answer is not the peer's"
t_done
