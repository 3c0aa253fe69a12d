# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Rounds: each takes something away from a host under traffic, and restores it.
# At no moment of any of them may a clear packet pass between the two hosts.

# rounds_stopped HOST: the leakguard stops what traffic sends meanwhile.
rounds_grew() { [ "$(life_drops "$1" leakguard-out)" -gt "$2" ]; }
rounds_stopped() {
	local was
	was=$(life_drops "$1" leakguard-out)
	life_must wait_until 20 rounds_grew "$1" "$was"
}

# The qdisc goes for a while: what is sent is stopped by the leakguard.
round_qdisc_del() {
	life_must tc -n "$1" qdisc del dev eth0 root
	rounds_stopped "$1"
	life_must life_qdisc "$1"
}

# Another qdisc in its place, and back.
round_qdisc_other() {
	life_pick fq_codel pfifo_fast 'tbf rate 100mbit burst 20k latency 50ms' prio netem
	# shellcheck disable=SC2086 # options
	life_must tc -n "$1" qdisc replace dev eth0 root handle 7: $R
	[ $((RANDOM % 2)) = 0 ] || rounds_stopped "$1"
	life_must tc -n "$1" qdisc replace dev eth0 root handle 1: rtpl unprotected drop
}

# A new rtpl in the place of the old one, and new options for it.
round_qdisc_itself() {
	life_must tc -n "$1" qdisc replace dev eth0 root handle 2: rtpl unprotected drop
	life_must tc -n "$1" qdisc replace dev eth0 root handle 1: rtpl unprotected drop
	life_must tc -n "$1" qdisc change dev eth0 root handle 1: rtpl limit $((RANDOM % 500 + 50))
}

round_children() {
	local class
	for class in 1 2; do
		life_pick 'pfifo limit 20' fq_codel sfq 'tbf rate 50mbit burst 20k latency 20ms' netem
		# shellcheck disable=SC2086 # options
		life_must tc -n "$1" qdisc replace dev eth0 parent 1:$class handle $((RANDOM % 5000 + 16)): $R
	done
	life_must tc -n "$1" qdisc del dev eth0 parent 1:2
}

round_link() {
	life_must ip -n "$1" link set eth0 down
	[ $((RANDOM % 2)) = 0 ] || sleep 0.2
	life_must ip -n "$1" link set eth0 up
}

# Its qdisc first or its link first.
rounds_restore() {
	if [ $((RANDOM % 2)) = 0 ]; then
		life_must life_qdisc "$1"
		life_must life_link "$1"
	else
		life_must life_link "$1"
		life_must life_qdisc "$1"
	fi
}

# The device is deleted, with what waits in it, and there is a new one.
round_device() {
	life_must ip -n "$1" link del eth0
	life_must life_device "$1"
	[ $((RANDOM % 2)) = 0 ] || life_plug "$1"
	rounds_restore "$1"
	life_plug "$1"
}

# It goes to another namespace and comes back.
round_move() {
	life_must ip netns add "x$1"
	life_must ip -n "$1" link set eth0 netns "x$1"
	[ $((RANDOM % 2)) = 0 ] || life_must ip -n "x$1" link set eth0 up
	life_must ip -n "x$1" link set eth0 netns "$1"
	life_must ip netns del "x$1"
	rounds_restore "$1"
}

# While the peer is not there the qdisc drops what is for it: unprotected drop.
round_peer() {
	life_must life_peer_del "$1"
	life_shape
	# shellcheck disable=SC2086 # options
	life_must life_peer "$1" $R
	life_must life_endpoint "$1"
}

# Other shapes, one after the other.
round_shape() {
	local i pub=$B_PUB
	[ "$1" = a ] || pub=$A_PUB
	for i in 1 2 3; do
		life_shape
		# shellcheck disable=SC2086 # options
		life_must in_ns "$1" rtplctl peer set "$pub" $R
	done
}

# Not the module with a required peer, and nothing happens when one tries.
round_rmmod_refused() {
	if rmmod rtpl 2>/dev/null; then
		life_must echo "the module went away from under a required peer" && false
		modprobe rtpl
	fi
}

# The namespace goes, with all processes in it; there is a new one.
round_netns() {
	if [ $((RANDOM % 2)) = 0 ]; then
		life_kill "$1"
		life_must ip netns del "$1"
	else
		# Its processes keep it for a moment longer than its name.
		local pids
		pids=$(ip netns pids "$1")
		life_must ip netns del "$1"
		# shellcheck disable=SC2086 # a list
		kill -KILL $pids 2>/dev/null
	fi
	life_must life_up "$1"
	life_traffic "$1"
}

# Processors go offline, one after the other, and come back. One alone stays.
round_processor() {
	local c
	for c in /sys/devices/system/cpu/cpu*/online; do
		[ -w "$c" ] || continue
		life_must sh -c "echo 0 >$c"
		[ $((RANDOM % 2)) = 0 ] || sleep 0.3
		life_must sh -c "echo 1 >$c"
	done
}

# Everything is taken down, the module too, and set up again under the same traffic.
round_module() {
	local h
	for h in a b; do
		life_must ip -n $h link set eth0 down
	done
	for h in a b; do
		if [ $((RANDOM % 2)) = 0 ]; then
			life_must tc -n $h qdisc del dev eth0 root
			life_must life_peer_del $h
		else
			life_must life_peer_del $h
			life_must tc -n $h qdisc del dev eth0 root
		fi
	done
	life_must rmmod rtpl
	life_must modprobe rtpl
	for h in a b; do
		life_must pair_node $h
		life_shape
		# shellcheck disable=SC2086 # options
		life_must life_peer $h $R
		rounds_restore $h
		life_must life_endpoint $h
	done
}

# rounds N: so many, in random order; each kind once before any comes again.
rounds() {
	local n=$1 todo=() kind h i
	for ((LIFE_ROUND = 1; LIFE_ROUND <= n; LIFE_ROUND++)); do
		[ ${#todo[@]} != 0 ] || todo=(qdisc_del qdisc_other qdisc_itself children link device
			move peer shape rmmod_refused netns module processor)
		i=$((RANDOM % ${#todo[@]}))
		kind=${todo[i]}
		unset "todo[i]"
		todo=("${todo[@]}")
		life_pick a b
		h=$R
		ROUNDS_LOG+="$kind:$h "
		if [ -n "${RTPL_VERBOSE:-}" ] || [ $((LIFE_ROUND % 10)) = 0 ]; then
			t_diag "round $LIFE_ROUND of $n, after $SECONDS s: $kind $h"
		fi
		case $kind in
		module|netns|rmmod_refused|processor) "round_$kind" "$h" ;;
		*)	# At the other end something else, at the same time.
			if [ $((RANDOM % 3)) = 0 ]; then
				life_pick qdisc_other qdisc_itself children link peer shape
				ROUNDS_LOG+="+$R "
				rounds_beside "$R" "$(life_other "$h")"
			fi
			"round_$kind" "$h"
			;;
		esac
		[ -z "${ROUNDS_BESIDE:-}" ] || rounds_join
		life_recovered || return
	done
}
# Its failures come back through a file, for it is a subshell.
# shellcheck disable=SC2030,SC2031
rounds_beside() {
	(LIFE_BAD=''; "round_$1" "$2"; printf %s "$LIFE_BAD" >/tmp/beside) &
	ROUNDS_BESIDE=$!
}
# shellcheck disable=SC2031
rounds_join() {
	wait "$ROUNDS_BESIDE" 2>/dev/null
	ROUNDS_BESIDE=
	LIFE_BAD+=$(cat /tmp/beside)
}
