# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# WireGuard beside rtpl, for what compares the two. Read by lib.sh.

# wg_up: after topo_up and pair_up, a tunnel between a and b, 198.18.0.1 and .2, by outer addresses
# that are not among rtpl's prefixes, on the device WG_ON, or eth0.
wg_up() {
	local h other n=1
	modprobe -q wireguard || true # it may be built in
	for h in a b; do
		(umask 077; wg genkey >"$PAIR_DIR/wg.$h")
		wg pubkey <"$PAIR_DIR/wg.$h" >"$PAIR_DIR/wg.$h.pub"
	done
	for h in a b; do
		[ $h = a ] && other=b || other=a
		in_ns $h ip link add wg0 type wireguard
		in_ns $h wg set wg0 private-key "$PAIR_DIR/wg.$h" listen-port 51821 \
			peer "$(cat "$PAIR_DIR/wg.$other.pub")" allowed-ips 198.18.0.0/24 \
			endpoint 203.0.113.$((3 - n)):51821
		in_ns $h ip addr add 198.18.0.$n/24 dev wg0
		in_ns $h ip addr add 203.0.113.$n/24 dev "${WG_ON:-eth0}"
		in_ns $h ip link set wg0 up
		n=$((n + 1))
	done
}
