#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 120
#
# Where cells leave as packets come, small packets that come faster than they could be sent one by one
# share cells: all of them arrive, in order, and the last does not wait for more. Who sends one at a time,
# or waits for an answer before the next, has a cell for each. A profile's cells are the profile's.
. "$(dirname "$0")/../lib.sh"
modprobe rtpl || t_skip_all "no module"
topo_up
pair_up require off || t_bail "no pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no link"

cells() { in_ns "$1" rtplctl -j stats | jq '[.peers[].tx_cells] | add'; }
# numbers N: N datagrams of 64 bytes from a to b, a hundred with each call (sendmmsg), so that no program's
# own pace counts; which arrived, in which order
numbers() {
	nsenter --net=/run/netns/b -- python3 - "$1" >"$OUT/came" <<-'PY' &
	import socket, sys
	n = int(sys.argv[1])
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.setsockopt(socket.SOL_SOCKET, 33, 1 << 24)	# SO_RCVBUFFORCE
	s.bind(("", 9))
	s.settimeout(10)
	got = []
	try:
	    while len(got) < n:
	        got.append(int.from_bytes(s.recv(100)[:4], "big"))
	except TimeoutError:
	    pass
	print("all, in order" if got == list(range(n)) else f"{len(got)} of {n}, {len(set(got))} different")
	PY
	local server=$!
	wait_until 10 listening b 9 -u
	a python3 - "$1" <<-'PY'
	import ctypes as c, socket, sys
	class Iovec(c.Structure):
	    _fields_ = [("base", c.c_void_p), ("len", c.c_size_t)]
	class Message(c.Structure):
	    _fields_ = [("name", c.c_void_p), ("namelen", c.c_uint32), ("iov", c.c_void_p), ("iovlen", c.c_size_t),
	                ("control", c.c_void_p), ("controllen", c.c_size_t), ("flags", c.c_int), ("pad", c.c_int), ("sent", c.c_uint)]
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.connect(("192.0.2.2", 9))
	libc = c.CDLL(None, use_errno=True)
	for first in range(0, int(sys.argv[1]), 100):
	    texts = [c.create_string_buffer(k.to_bytes(4, "big") + b"x" * 60, 64) for k in range(first, first + 100)]
	    parts = (Iovec * 100)(*[Iovec(c.addressof(t), 64) for t in texts])
	    all = (Message * 100)(*[Message(None, 0, c.addressof(parts) + k * c.sizeof(Iovec), 1) for k in range(100)])
	    at = 0
	    while at < 100:
	        n = libc.sendmmsg(s.fileno(), c.byref(all, at * c.sizeof(Message)), 100 - at, 0)
	        if n <= 0:
	            sys.exit(f"sendmmsg: {c.get_errno()}")
	        at += n
	PY
	wait $server
	cat "$OUT/came"
}

before=$(cells a)
t_is "$(numbers 4000)" "all, in order" "4000 small datagrams: all arrive, in order"
spent=$(($(cells a) - before))
t_diag "4000 datagrams took $spent cells"
# How many do is a matter of what is faster here, unless instructions are counted (test_gather_counted.sh).
if [ -n "${GATHER_COUNTED:-}" ]; then
	t_between $spent 300 3000 "they share cells"
else
	t_between $spent 300 4010 "they take no more cells than that"
fi

before=$(cells a)
a ping -q -i 0.05 -c 20 -s 20 $B4 >"$OUT/ping"
t_like "$(cat "$OUT/ping")" "20 received" "twenty requests, one at a time"
t_between $(($(cells a) - before)) 20 23 "a cell for each"

# Of questions that wait for their answers.
nsenter --net=/run/netns/b -- python3 - <<-'PY' &
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("", 7))
	while True:
	    d, who = s.recvfrom(100)
	    s.sendto(d, who)
	PY
server=$!
wait_until 10 listening b 7 -u
before=$(cells a)
a python3 - <<-'PY'
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.settimeout(10)
	s.connect(("192.0.2.2", 7))
	for k in range(500):
	    s.send(b"x" * 60)
	    s.recv(100)
	PY
t_between $(($(cells a) - before)) 500 510 "500 questions, each behind the answer before: a cell for each"
kill $server

for h in a b; do in_ns $h rtplctl peer set "$([ $h = a ] && echo "$B_PUB" || echo "$A_PUB")" profile off; done
before=$(cells a)
t_is "$(numbers 300)" "all, in order" "a profile that sends as it comes: all arrive, in order"
t_between $(($(cells a) - before)) 300 340 "and each has its own cell"
t_done
