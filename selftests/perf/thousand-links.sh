#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How much of one processor many links take: a hub with LINKS peers, each in a network
# namespace of its own, all in one kernel (user-mode Linux, which has one processor).
# With profile `off` and with each PROFILE: idle, and with sparse traffic. Both ends of
# each link are in that kernel: what is printed is two engines a link, and all of the
# stack between them. Prints a table, or with -j a JSON object a line; asserts nothing.
#
#	selftests/perf/thousand-links.sh [-j] [-i] [-l LINKS] [-s SECONDS] [-p PERIOD] [PROFILE...]
#
# LINKS 1000, 30 s for each figure, a page of some 100 packets every PERIOD (60) s for each
# link (with -i idle only), PROFILE wtfpad. Time is the process's own, of the kernel without what user space in
# it takes (utime and stime of the host, to the ns), so that other load does not count.
# Minutes pass before all links are up.
set -eu
links=1000 secs=30 period=60 json='' idle=''
while getopts jil:s:p:h opt; do
	case $opt in
	j) json=1 ;;
	i) idle=1 ;;
	l) links=$OPTARG ;;
	s) secs=$OPTARG ;;
	p) period=$OPTARG ;;
	*) sed -n '4,18s/^# \{0,1\}//p' "$0"; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
for v in "$links" "$secs" "$period"; do
	case $v in
	''|*[!0-9]*|0*) echo "error: '$v' is no whole number from 1 on" >&2; exit 2 ;;
	esac
done
[ "$links" -le 1000 ] || { echo "error: a bridge has 1000 links at most" >&2; exit 2; }
[ $# -gt 0 ] || set -- wtfpad

# ---- outside: starts the machine, and reads its time at each mark ----

if [ -z "${RTPL_ENVIRONMENT:-}" ]; then
	# shellcheck source=selftests/environment.sh
	. "$(dirname "$0")/../environment.sh"
	need python3:python3-minimal
	exec python3 - "$RTPL_TOP" "$json" "$idle" "$links" "$secs" "$period" "$@" <<-'PY'
	import glob, json, os, subprocess, sys

	top, as_json, idle, links, secs, period, *profiles = sys.argv[1:]
	limit = 900 + int(links) + len(profiles) * 3 * int(secs)
	run = subprocess.Popen([top + "/selftests/uml/run", "-m", "2500", "-t", str(limit),
	                        top + "/selftests/perf/thousand-links.sh", "-l", links, "-s", secs, *(["-i"] if idle else []),
	                        "-p", period, *profiles], stdout=subprocess.PIPE, text=True, cwd=top)

	def parents():
	    for stat in glob.glob("/proc/[0-9]*/stat"):
	        try:
	            text = open(stat).read()
	        except OSError:
	            continue
	        name = text[text.index("(") + 1:text.rindex(")")]
	        rest = text[text.rindex(")") + 2:].split()
	        yield int(text.split()[0]), int(rest[1]), name, int(rest[19])

	def kernel():
	    """The machine's kernel: the first linux.run below what was started. Numbers begin anew at times."""
	    known, found = {run.pid}, []
	    while True:
	        more = [(p, n, start) for p, up, n, start in parents() if up in known and p not in known]
	        if not more:
	            return min((start, p) for p, n, start in found if n == "linux.run")[1]
	        known |= {p for p, n, start in more}
	        found += more

	def spent(pid):
	    return sum(int(open(f).read().split()[0]) for f in glob.glob(f"/proc/{pid}/task/*/schedstat"))

	pid, began, ns, rows = None, 0, 0, []
	for line in run.stdout:
	    word, *rest = line.split() or [""]
	    if word == "#@begin":
	        pid = pid or kernel()
	        began = spent(pid)
	    elif word == "#@stop":
	        ns = spent(pid) - began
	    elif word == "#@end":
	        took = float(rest[2])
	        rows.append(dict(profile=rest[0], traffic=rest[1], links=int(links), seconds=took,
	                         cpu=ns / took / 1e9, packets_per_s=int(rest[3]) / took,
	                         data_per_s=int(rest[4]) / took, chaff_per_s=int(rest[5]) / took,
	                         memory=int(rest[6])))
	        if as_json:
	            print(json.dumps(rows[-1]), flush=True)
	    elif not as_json:
	        print(line, end="", flush=True)
	if run.wait():
	    sys.exit("error: the machine ended with status %d" % run.returncode)
	if not as_json and rows:
	    print(f"{'profile':10} {'traffic':8}{'packets/s':>10}{'data/s':>9}{'chaff/s':>9}{'of one CPU':>12}{'beside off':>12}{'memory':>9}")
	    off = {r["traffic"]: r["cpu"] for r in rows if r["profile"] == "off"}
	    for r in rows:
	        print(f"{r['profile']:10} {r['traffic']:8}{r['packets_per_s']:10.1f}{r['data_per_s']:9.1f}"
	              f"{r['chaff_per_s']:9.1f}{100 * r['cpu']:10.2f} %{100 * (r['cpu'] - off[r['traffic']]):+10.2f} %{r['memory']:9d}")
	    print(f"\n{links} links, both ends in one kernel, {secs} s each. data, chaff: cells, both ways. A page of "
	          f"some 100 packets\nevery {period} s for each link; idle: nothing is sent, and nobody is asked for new keys. memory: bytes of\n"
	          "a link at the hub, by rtplctl's account.")
	PY
fi

# ---- inside ----

ulimit -n 65536 # `ip -batch` and what makes traffic hold one for each namespace
modprobe rtpl
dir=$(mktemp -d) took=0 packets=0
mkdir -p /run/netns
echo 1 >/proc/sys/net/core/devconf_inherit_init_net
for f in all default; do echo 1 >/proc/sys/net/ipv6/conf/$f/disable_ipv6; done 2>/dev/null || true

# Keys, configuration and the commands of ip for all of them: X25519 as RFC 7748 has it.
python3 - "$dir" "$links" <<'PY'
import base64, hashlib, sys

P = 2**255 - 19
where, links = sys.argv[1], int(sys.argv[2])

def public(private):
    k = bytearray(private)
    k[0] &= 248
    k[31] = k[31] & 127 | 64
    k = int.from_bytes(k, "little")
    x2, z2, x3, z3, swap = 1, 0, 9, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb)**2 % P, 9 * (da - cb)**2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")

def pair(i):
    private = hashlib.sha256(b"thousand links %d" % i).digest()
    return [base64.b64encode(k).decode() for k in (private, public(private))]

def addr(i):
    return f"10.1.{i // 250}.{i % 250 + 1}"

def mac(i):
    return f"02:00:00:01:{i // 256:02x}:{i % 256:02x}"

hub = pair(-1)
conf = open(where + "/hub.conf", "w")
print(f"[Node]\nPrivateKey = {hub[0]}\nListen = 51900", file=conf)
make = open(where + "/make", "w")
neigh = open(where + "/hub.ip", "w")
print("netns add o\nnetns add hub\nlink add br0 netns o type bridge forward_delay 0 ageing_time 1000000"
      "\nlink add eth0 netns hub address 02:00:00:02:00:00 type veth peer name hub netns o", file=make)
print("link set lo up\naddr add 10.0.0.1/8 dev eth0\nlink set eth0 up", file=neigh)
ports = open(where + "/ports.ip", "w")
print("link set br0 up\nlink set hub master br0 up", file=ports)
for i in range(links):
    mine = pair(i)
    print(f"netns add s{i}\nlink add eth0 netns s{i} address {mac(i)} type veth peer name p{i} netns o", file=make)
    print(f"link set p{i} master br0 up", file=ports)
    print(f"neigh add {addr(i)} lladdr {mac(i)} dev eth0", file=neigh)
    print(f"[Peer]\nPublicKey = {mine[1]}\nRole = server\nRequire = off\nEndpoint = {addr(i)}:51900\n"
          f"Allowed = {addr(i)}/32", file=conf)
    with open(f"{where}/s{i}.conf", "w") as f:
        print(f"[Node]\nPrivateKey = {mine[0]}\nListen = 51900\n[Peer]\nPublicKey = {hub[1]}\nRequire = off\n"
              f"Endpoint = 10.0.0.1:51900\nAllowed = 10.0.0.1/32", file=f)
    with open(f"{where}/s{i}.ip", "w") as f:
        print(f"link set lo up\naddr add {addr(i)}/8 dev eth0\nlink set eth0 up\n"
              "neigh add 10.0.0.1 lladdr 02:00:00:02:00:00 dev eth0", file=f)
PY
at() { nsenter --net="/run/netns/$1" -- "${@:2}"; }
chmod 600 "$dir"/*
ip -batch "$dir/make"
ip -n o -batch "$dir/ports.ip"
ip -n hub -batch "$dir/hub.ip"
at hub rtplctl setconf "$dir/hub.conf" >/dev/null
at hub tc qdisc add dev eth0 root handle 1: rtpl
for ((i = 0; i < links; i++)); do
	ip -n "s$i" -batch "$dir/s$i.ip"
	rtplctl -n "s$i" setconf "$dir/s$i.conf" >/dev/null
	tc -n "s$i" qdisc add dev eth0 root handle 1: rtpl
	[ $((i % 100)) != 99 ] || echo "# $((i + 1)) of $links links set up after $SECONDS s"
done

# What makes traffic, a process of its own: one line of input a measurement, "idle 30", and
# one of output: seconds, packets.
cat >"$dir/traffic.py" <<'PY'
import ctypes, heapq, os, random, socket, sys, time

links, period = int(sys.argv[1]), float(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)

def sock(ns, addr):
    with open("/run/netns/" + ns) as f:
        if libc.setns(f.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), ns)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)     # nobody reads
    s.bind((addr, 7000))
    s.setblocking(False)
    return s

addrs = [f"10.1.{i // 250}.{i % 250 + 1}" for i in range(links)]
hub = sock("hub", "10.0.0.1")
spokes = [sock(f"s{i}", a) for i, a in enumerate(addrs)]
dice = random.Random(1)
sent = 0

def send(s, size, to):
    global sent
    sent += 1
    try:
        s.sendto(bytes(size), (to, 7000))
    except BlockingIOError:
        pass

def page():
    """(seconds, from the hub?, bytes): requests, answers, what acknowledges them."""
    at, out = 0, []
    for _ in range(6):
        out.append((at, False, dice.randint(52, 570)))
        at += dice.uniform(.015, .06)
        n = dice.randint(5, 15)
        for i in range(n):
            out.append((at, True, 1400 if i < n - 1 else dice.randint(32, 1400)))
            if i & 1:
                out.append((at + .0005, False, 24))
            at += dice.uniform(.00005, .0004)
        at += dice.uniform(0, .15)
    return out

def run(kind, secs):
    global sent
    sent = 0
    began = time.monotonic()
    due = []
    if kind == "pages":
        due = [(began + dice.uniform(0, period), i, 0, None) for i in range(links)]
        heapq.heapify(due)
    end = began + secs
    while due and due[0][0] < end:
        at, i, k, todo = heapq.heappop(due)
        wait = at - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        if todo is None:
            heapq.heappush(due, (at + period, i, 0, None))
            todo = [(at + t, down, size) for t, down, size in page()]
            todo.sort()
        while k < len(todo) and todo[k][0] <= time.monotonic():
            down, size = todo[k][1:]
            send(hub, size, addrs[i]) if down else send(spokes[i], size, "10.0.0.1")
            k += 1
        if k < len(todo):
            heapq.heappush(due, (todo[k][0], i, k, todo))
    left = end - time.monotonic()
    if left > 0:
        time.sleep(left)
    return time.monotonic() - began

for line in sys.stdin:
    kind, secs = line.split()
    if kind == "hello":
        for s in spokes:
            send(s, 10, "10.0.0.1")
            time.sleep(.02)         # a handshake each
        print("hello", flush=True)
        continue
    took = run(kind, float(secs))
    print(took, sent, flush=True)
PY
coproc traffic { exec python3 "$dir/traffic.py" "$links" "$period"; }
tell() { echo "$*" >&"${traffic[1]}"; }
hear() { read -r -u "${traffic[0]}" "$@"; }
# cells with data and chaff that left the hub and came to it
count() { at hub rtplctl -j stats | jq -r '[.peers[] | [.tx_cells + .rx_cells, .tx_chaff + .rx_chaff]] | transpose | map(add) | join(" ")'; }
memory() { at hub rtplctl -j stats | jq '[.peers[].memory] | add / length | round'; }
up() { at hub rtplctl -j show | jq '[.peers[] | select(.state == "up")] | length'; }

hello=''
for _ in 1 2 3 4 5; do
	tell hello 0
	hear hello
	sleep 3
	n=$(up)
	[ "$n" -lt "$links" ] || break
done
echo "# $n of $links links up after $SECONDS s ($hello)"
[ "$n" -ge "$links" ] || { echo "error: only $n of $links links came up" >&2; exit 1; }

kinds='idle pages'
[ -z "$idle" ] || kinds=idle
for profile in off "$@"; do
	if [ "$profile" != off ]; then
		at hub tc qdisc change dev eth0 root handle 1: rtpl profile "$profile"
		for ((i = 0; i < links; i++)); do
			tc -n "s$i" qdisc change dev eth0 root handle 1: rtpl profile "$profile"
		done
	fi
	for kind in $kinds; do
		sleep 15 # what answers the last packet, keepalives among it, is over
		read -r cells chaff < <(count)
		echo "#@begin $profile $kind"
		tell $kind "$secs"
		hear took packets
		echo "#@stop"
		read -r cells2 chaff2 < <(count)
		echo "#@end $profile $kind $took $packets $((cells2 - cells)) $((chaff2 - chaff)) $(memory)"
	done
done
rm -rf "$dir"
