# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# bash completion for rtplctl.

_rtplctl_peers() {
	rtplctl "${_rtplctl_ns[@]}" peer show 2>/dev/null | sed -n 's/^peer //p'
}

# One with a blank in it would be several words.
_rtplctl_names() {
	rtplctl "${_rtplctl_ns[@]}" peer show 2>/dev/null | sed -n 's/^  name: \([^[:blank:]]*\)$/\1/p'
}

_rtplctl_confs() {
	local f
	for f in /etc/rtpl/*.conf; do
		[ ! -e "$f" ] || basename "$f" .conf
	done
}

_rtplctl_profiles() { rtplctl profile list 2>/dev/null | cut -d' ' -f1; }

# Those that came from a file: what comes with the module stays.
_rtplctl_loaded() {
	rtplctl "${_rtplctl_ns[@]}" profile loaded 2>/dev/null | sed '/comes with the module$/d; s/ .*//'
}

# Words and files that begin with $cur.
_rtplctl_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
# Beside them $1.
_rtplctl_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"; compgen -W "${1:-}" -- "$cur"); }
# Public keys hold characters at which readline would break the word.
_rtplctl_peer() { mapfile -t COMPREPLY < <(compgen -W "$(_rtplctl_peers; _rtplctl_names)" -- "$cur"); }
_rtplctl_conf() {
	case $cur in
	*/*|.*) _rtplctl_files ;;
	*) _rtplctl_words "$(_rtplctl_confs)" ;;
	esac
}

# A file where no name begins so.
_rtplctl_profile() {
	_rtplctl_words "$(_rtplctl_profiles)"
	[ ${#COMPREPLY[@]} != 0 ] || _rtplctl_files
}

# What may follow the setting $1 of a peer.
_rtplctl_value() {
	case $1 in
	psk) _rtplctl_files none ;;
	require) _rtplctl_words "on off" ;;
	profile) _rtplctl_words "none $(_rtplctl_profiles; _rtplctl_loaded)" ;;
	policy|shape) _rtplctl_words "none" ;;
	threat) _rtplctl_words "0 1 2 3 4 5 6 7" ;;
	load) _rtplctl_words "off 10mbit" ;;
	budget) _rtplctl_words "off 2GB/day" ;;
	epoch) _rtplctl_words "10s" ;;
	calm) _rtplctl_words "6" ;;
	role) _rtplctl_words "client server" ;;
	cell) _rtplctl_words "device pow2 1472" ;;
	rate|latency|keepalive) _rtplctl_words "off" ;;
	dscp) _rtplctl_words "copy 0 46" ;;
	ecn) _rtplctl_words "off ect0 ect1" ;;
	allowed) _rtplctl_words "none" ;;
	overflow) _rtplctl_words "newest oldest" ;;
	*) return 1 ;;
	esac
}

_rtplctl() {
	local cur='' prev w i line words=() _rtplctl_ns=()
	local settings="endpoint allowed psk require cell rate latency limit overflow keepalive dscp ecn profile role name"
	settings+=" shape policy threat load budget epoch calm"
	COMPREPLY=()

	# By blanks: readline would break keys and endpoints at = and :.
	read -ra line <<<"${COMP_LINE:0:COMP_POINT}"
	if [[ ${COMP_LINE:0:COMP_POINT} != *[[:blank:]] ]]; then
		cur=${line[-1]}
		unset 'line[-1]'
	fi
	prev=${line[-1]}
	# The words before this one, without the options that stand anywhere.
	for ((i = 1; i < ${#line[@]}; i++)); do
		w=${line[i]}
		case $w in
		-n|--netns) _rtplctl_ns=(-n "${line[++i]}") ;;
		# Their values are no words of the subcommand.
		--wait|--watch|--count|--after|--label|--group|--out|--times|--pause|--for|--by|--quiet|--clients|--rtt) i=$((i + 1)) ;;
		--) break ;;
		-*) ;;
		*) words+=("$w") ;;
		esac
	done
	case $prev in
	-n|--netns) _rtplctl_words "$(ip netns list 2>/dev/null | cut -d' ' -f1)"; return ;;
	esac
	if [[ $cur == -* ]]; then
		case ${words[0]:-} in
		show) w="--brief" ;;
		stats) w="--watch --count" ;;
		monitor) w="--count" ;;
		up) w="--leakguard --wait --hold" ;;
		down) w="--hold" ;;
		save) w="--force" ;;
		reresolve) w="--after" ;;
		profile) w="--for --clients --rtt" ;;
		fit) w="--label --group --out --times --pause --for --by --quiet" ;;
		sim) w="--profile --seed --link-rate --rtt --fair --react --hold --lose --out --until --truth --each --every --cell-bytes
			--header-bytes --mtu --ipv6 --keep --before --tail --tell-end --lead --log --replay
			--end --peer --bench" ;;
		*) w= ;;
		esac
		_rtplctl_words "-j -n --json --netns --show-keys --help --version $w"
		return
	fi

	case ${words[0]:-} in
	"") _rtplctl_words "genkey pubkey genpsk node peer show stats monitor setconf showconf checkconf rotate profile up down save flush attach reresolve sim fit version help" ;;
	pubkey) _rtplctl_files ;;
	sim)
		case $prev in
		-p|--profile) _rtplctl_profile ;;
		--end) _rtplctl_words "client server" ;;
		*) _rtplctl_files ;;
		esac
		;;
	help) _rtplctl_words "genkey pubkey genpsk node peer show stats monitor setconf showconf checkconf rotate profile up down save flush attach reresolve sim fit version" ;;
	setconf|checkconf|up|down|save|reresolve) [ ${#words[@]} != 1 ] || _rtplctl_conf ;;
	profile)
		case ${#words[@]},${words[1]:-} in
		1,*) _rtplctl_words "list show check load unload loaded advise" ;;
		2,advise)
			case $prev in
			--for|--clients|--rtt) ;;
			*)
				_rtplctl_peer
				[ ${#COMPREPLY[@]} != 0 ] || _rtplctl_files
				;;
			esac
			;;
		2,show) _rtplctl_words "$(_rtplctl_profiles)" ;;
		2,check|2,load) _rtplctl_profile ;;
		2,unload) _rtplctl_words "$(_rtplctl_loaded)" ;;
		esac
		;;
	stats) [ ${#words[@]} != 1 ] || _rtplctl_peer ;;
	fit)
		case $prev,${#words[@]} in
		--out,*) _rtplctl_files ;;
		--by,*) _rtplctl_words "port host" ;;
		--label,*|--group,*|--times,*|--pause,*|--for,*|--quiet,*) ;;
		*,1) _rtplctl_words "record" ;;
		*,2) _rtplctl_peer ;;
		*) mapfile -t COMPREPLY < <(compgen -c -- "$cur") ;;
		esac
		;;
	attach) [ ${#words[@]} != 1 ] || _rtplctl_words "$(ls /sys/class/net 2>/dev/null)" ;;
	rotate)
		case ${#words[@]},${words[1]:-} in
		1,*) _rtplctl_words "peer node" ;;
		2,peer) _rtplctl_peer ;;
		3,peer) ;;
		2,node) _rtplctl_files ;;
		4,peer) _rtplctl_words "wait" ;;
		esac
		;;
	node)
		case ${#words[@]},$prev in
		1,*) _rtplctl_words "show set" ;;
		*,private-key) _rtplctl_files none ;;
		*,fwmark) _rtplctl_words "off" ;;
		*,bind-device) _rtplctl_words "off $(ls /sys/class/net 2>/dev/null)" ;;
		*,listen) ;;
		*) [ "${words[1]}" != set ] || _rtplctl_words "private-key listen fwmark bind-device" ;;
		esac
		;;
	peer)
		case ${#words[@]},${words[1]:-} in
		1,*) _rtplctl_words "show add set del" ;;
		2,show|2,set|2,del) _rtplctl_peer ;;
		2,*) ;;
		*,add|*,set)
			# Settings and values take turns behind the key.
			if ((${#words[@]} % 2)); then
				_rtplctl_words "$settings"
			else
				_rtplctl_value "$prev"
			fi
			;;
		esac
		;;
	esac
	return 0
}

complete -F _rtplctl rtplctl
