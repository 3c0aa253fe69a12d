#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 120
# tier: newest
#
# Peers are charged to the control group of whoever configures them, and given back with them.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
peers=300

cgroup=$(mktemp -d)
mount -t cgroup2 none "$cgroup" || t_bail "no cgroup2"
grep -qw memory "$cgroup/cgroup.controllers" || t_skip_all "this kernel has no memory controller"
echo +memory >"$cgroup/cgroup.subtree_control" || t_bail "no memory controller"
mkdir "$cgroup/admin" || t_bail "no group"

topo_up
modprobe rtpl || t_bail "module"
pair_keys
python3 - $peers "$PAIR_DIR/a.key" >"$OUT/many.conf" <<'PY'
import base64, os, sys
print(f"[Node]\nPrivateKey = {open(sys.argv[2]).read().strip()}\nListen = 51900")
for i in range(int(sys.argv[1])):
    key = base64.b64encode(os.urandom(31) + b"\x01").decode()
    print(f"[Peer]\nPublicKey = {key}\nRequire = off\nAllowed = 10.{i // 250}.{i % 250}.0/24")
PY
chmod 600 "$OUT/many.conf"
# Slabs and what is for each CPU; freed ones are uncharged behind grace periods.
charged() { awk '$1 == "slab" || $1 == "percpu" { n += $2 } END { print n }' "$cgroup/admin/memory.stat"; }
in_group() { bash -c 'echo $$ >"$0/cgroup.procs"; shift 0; exec "$@"' "$cgroup/admin" "$@"; }

before=$(charged)
t_run "peers are added" in_group ip netns exec a rtplctl setconf "$OUT/many.conf"
after=$(charged)
t_diag "$peers peers: $((after - before)) bytes charged"
t_between $(((after - before) / peers)) 6000 20000 "each peer is charged to the group"
head -n 3 "$OUT/many.conf" >"$OUT/none.conf"
chmod 600 "$OUT/none.conf"
t_run "they are removed" a rtplctl setconf "$OUT/none.conf"
back() { [ $(($(charged) - before)) -lt $((peers * 1000)) ]; }
t_run "and given back with it" wait_until 30 back
t_done
