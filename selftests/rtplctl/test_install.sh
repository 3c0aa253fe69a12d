#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# What comes with rtplctl: man pages without a warning that say what the program
# takes, completion that completes, unit files that systemd would take.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
dir=$(mktemp -d)
t_run "make install of rtplctl" make -s -C tools/rtplctl install DESTDIR="$dir"
t_run "make install of the tc plugin" make -s -C tools/tc install DESTDIR="$dir"
t_run "make install of the simulator" make -s -C tools/sim install DESTDIR="$dir"
R=$dir/usr/bin/rtplctl
for f in usr/bin/rtplctl usr/share/man/man8/rtplctl.8 usr/share/man/man8/tc-rtpl.8 usr/share/man/man8/rtplctl-sim.8 usr/libexec/rtpl/rtpl-sim usr/share/man/man7/rtpl.7 usr/share/man/man5/rtpl-profile.5 \
	 usr/share/bash-completion/completions/rtplctl lib/systemd/system/rtpl@.service \
	 lib/systemd/system/rtpl-leakguard@.service lib/systemd/system/rtpl-attach@.service lib/systemd/system/rtpl-monitor.service \
	 lib/systemd/system/rtpl-reresolve.service lib/systemd/system/rtpl-reresolve.timer \
	 lib/udev/rules.d/90-rtpl.rules var/lib/rtpl etc/rtpl; do
	t_run "$f" test -e "$dir/$f"
done
t_is "$(stat -c %a "$dir/etc/rtpl")" 700 "the folder of keys is root's alone"

for f in Documentation/man/*.[578]; do
	if command -v man >/dev/null; then
		t_is "$(LC_ALL=C.UTF-8 MANROFFSEQ='' man -l --warnings "$f" 2>&1 >/dev/null)" "" "${f##*/}: no warning"
	else
		t_skip "${f##*/}: no warning" "no man"
	fi
done
page=$(cat Documentation/man/rtplctl-sim.8)
for w in $("$R" help sim | grep -o -- '--[a-z0-9-]*' | sort -u); do
	t_like "$page" "Fl ${w#-}( |$)" "rtplctl-sim.8 has $w"
done
t_like "$(echo 0,1,1000 | RTPL_EXEC_PATH=$dir/usr/libexec/rtpl "$R" sim -p off -j -)" '^\{"profile":"off"' \
	"rtplctl runs rtpl-sim"
t_like "$(printf '\357\273\2770,1,1000\r\n' | RTPL_EXEC_PATH=$dir/usr/libexec/rtpl "$R" sim -p off -j -)" '^\{"profile":"off"' \
	"of a trace with a byte order mark"
# Built for one place and installed into another, as "make" and "make install PREFIX=" are.
t_run "make" make -s -C tools/rtplctl O="$dir/o" PREFIX=/usr
t_run "make install of the same into /usr/local" make -s -C tools/rtplctl O="$dir/o" install DESTDIR="$dir/local" PREFIX=/usr/local
t_fails_with '"/usr/local/libexec/rtpl/rtpl-sim" cannot be run: .* \(RTPL_EXEC_PATH names the folder that has rtpl-sim\)' \
	"looks for rtpl-sim there, and says how to say where it is" env -u RTPL_EXEC_PATH "$dir/local/usr/local/bin/rtplctl" sim -p off -
t_is "$(make -s -C tools/rtplctl O="$dir/o" PREFIX=/usr/local Q= | grep -c -- '-c -o')" 0 "and is not built again"
page=$(cat Documentation/man/rtplctl.8)
for c in $("$R" -j help | python3 -c 'import json, sys
print(*[c["name"] for c in json.load(sys.stdin)["commands"]])'); do
	t_like "$page" "^\.(It )?(Op )?Cm .*\b$c\b" "rtplctl.8 has $c"
done
# Each form of each subcommand, as its help has it: of "set A|B" the first word.
synopsis=$(sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' Documentation/man/rtplctl.8 | tr '\n' ' ')
for c in $("$R" -j help | python3 -c 'import json, sys
print(*[c["name"] for c in json.load(sys.stdin)["commands"]])'); do
	t_like "$synopsis" "\.(Cm|Op Cm) ([a-z]+ \| )*$c\b" "the synopsis has $c"
done
for c in peer profile rotate node; do
	for w in $("$R" help $c | sed -n "1s/.*\] $c //p" | sed 's/\[[^][]* [^][]*\]//g' | tr '|' '\n' |
		   sed -n 's/^[][ ]*\([a-z]\{3,\}\).*/\1/p'); do
		t_like "$synopsis" "\.Nm \.Cm $c .*\b$w\b" "the synopsis has $c $w"
		t_like "$page" "^\.It Cm $c (.* )?$w\b" "rtplctl.8 says what $c $w does"
	done
done
for w in endpoint allowed psk require cell rate latency limit overflow keepalive dscp ecn; do
	t_like "$page" "^\.It Cm $w " "rtplctl.8 has peer's $w"
	t_like "$("$R" help peer)" "^  $w " "and so has the help"
done
mapfile -t keys < <(sed -n 's/^\t{ "\([A-Za-z]*\)",.*K_.*/\1/p' tools/rtplctl/config.c)
for k in "${keys[@]}"; do
	t_like "$page" "^\.(It )?Li .*\b$k\b|^\.Li $k" "rtplctl.8 has the file's $k"
done

# completes LINE: what completion offers at its end.
completes() {
	bash -c '. tools/completion/rtplctl.bash
		compopt() { :; }
		COMP_LINE=$1 COMP_POINT=${#1}
		_rtplctl
		printf "%s " "${COMPREPLY[@]}"' _ "$1"
}
t_is "$(completes "rtplctl gen")" "genkey genpsk " "completion: subcommands"
t_is "$(completes "rtplctl -j peer ")" "show add set del " "completion: of peer"
t_is "$(completes "rtplctl -n x peer add KEY= endpoint 192.0.2.1:51900 la")" "latency " "completion: settings"
t_is "$(completes "rtplctl peer add KEY= require ")" "on off " "completion: values"
t_like "$(completes "rtplctl peer add KEY= psk no")" "none " "completion: no key"
t_like "$(completes "rtplctl node set private-key no")" "none " "nor of the node"
t_is "$(completes "rtplctl up --w")" "--wait " "completion: options"
t_is "$(completes "rtplctl up --wait 5 --h")" "--help --hold " "completion: behind an option's value"
t_is "$(completes "rtplctl up --wait 5 ./READ")" "./README.md " "completion: the file behind it"
t_is "$(completes "rtplctl reresolve --after 60 ./READ")" "./README.md " "of reresolve"
mkdir "$dir/stub"
printf '#!/bin/sh\nprintf "peer KEY%%s=\\n" 1 2\n' >"$dir/stub/rtplctl"
chmod +x "$dir/stub/rtplctl"
# A value that is counted for a word would leave nothing to complete.
for w in "stats --watch 5 --count 2" "stats --count 3" "stats"; do
	t_is "$(PATH=$dir/stub:$PATH completes "rtplctl $w ")" "KEY1= KEY2= " "completion: of $w"
done
t_is "$(PATH=$dir/stub:$PATH completes "rtplctl stats KEY1= ")" " " "but one key is all"
printf '#!/bin/sh\nprintf "peer KEY%%s=\\n  name: %%s\\n" 1 berlin 2 "two words"\n' >"$dir/stub/rtplctl"
for w in stats "peer show" "peer set" "peer del" "rotate peer"; do
	t_is "$(PATH=$dir/stub:$PATH completes "rtplctl $w ")" "KEY1= KEY2= berlin " "completion: $w has names"
done
# Whatever option a subcommand's help has, completion and the page have.
for c in show stats monitor up down save reresolve sim fit profile; do
	mapfile -t words < <("$R" help $c | grep -oE -- '(^|[^a-z-])--[a-z][a-z0-9-]+' | grep -oE -- '--.*' | sort -u)
	t_isnt "${#words[@]}" 0 "$c has options"
	for w in "${words[@]}"; do
		case $w in --show-keys) continue ;; esac
		t_like " $(completes "rtplctl $c $w")" " $w " "completion: $c $w"
		[ $c = sim ] || t_like "$page" "(Fl|Ar|Op) .*${w#-}( |$)|Fl ${w#-}( |$)" "rtplctl.8 has $c $w"
	done
done
t_is "$(completes "rtplctl fit ")" "record " "completion: of fit"
t_is "$(PATH=$dir/stub:$PATH completes "rtplctl fit record --label x --out y ")" "KEY1= KEY2= berlin " "completion: the peer to record"
t_is "$(completes "rtplctl fit record KEY= --by ")" "port host " "completion: by what"
t_is "$(PATH=$dir/stub:$PATH completes "rtplctl profile advise --for 5s ")" "KEY1= KEY2= berlin " "completion: of profile advise"
t_is "$(completes "rtplctl profile advise ./READ")" "./README.md " "or a set"
t_is "$(PATH=$dir/stub:$PATH completes "rtplctl profile advise READ")" "README.md " "in the folder itself, too"
t_is "$(completes "rtplctl profile load READ")" "README.md " "a file to load"
printf '#!/bin/sh\n[ "$2" = list ] && echo "off  cells" || printf "off 9 bytes, comes with the module\\nmine 9 bytes, loaded\\n"\n' \
	>"$dir/stub/rtplctl"
t_is "$(PATH=$dir/stub:$PATH completes "rtplctl peer set KEY= profile m")" "mine " "a profile that was loaded"
t_is "$(completes "rtplctl profile ")" "list show check load unload loaded advise " "completion: of profile"
t_is "$(PATH=$dir/usr/bin:$PATH completes "rtplctl profile show tam")" "tamaraw " "completion: profiles"
t_is "$(PATH=$dir/usr/bin:$PATH completes "rtplctl profile check ma")" "maximum " "and where a file may stand"
t_is "$(PATH=$dir/usr/bin:$PATH completes "rtplctl sim --profile sta")" "standard " "completion: profiles of sim"
t_is "$(completes "rtplctl sim --se")" "--seed " "completion: options of sim"
t_is "$(completes "rtplctl node set listen 1 f")" "fwmark " "completion: of node"

t_unlike "$(cat tools/systemd/rtpl-leakguard@.service)" '^(ExecStop|PartOf)' "nothing stops the leakguard"
t_like "$(cat tools/systemd/rtpl-leakguard@.service)" '^RefuseManualStop=yes' "or restarts it"
t_like "$(cat tools/systemd/rtpl@.service)" '^ExecStop=-?/usr/bin/rtplctl down --hold %i' "stopping the link keeps the leakguard"
if command -v systemd-analyze >/dev/null; then
	mkdir -p "$dir/units"
	for u in rtpl rtpl-leakguard rtpl-attach; do
		sed "s|/usr/bin/rtplctl|$R|" "tools/systemd/$u@.service" >"$dir/units/$u@.service"
	done
	sed "s|/usr/bin/rtplctl|$R|" tools/systemd/rtpl-reresolve.service >"$dir/units/rtpl-reresolve.service"
	cp tools/systemd/rtpl-reresolve.timer "$dir/units/"
	t_is "$(SYSTEMD_UNIT_PATH=$dir/units: systemd-analyze verify --man=no "$dir"/units/rtpl{,-attach}@x.service "$dir"/units/rtpl-reresolve.timer 2>&1 | grep -F "$dir/units")" "" \
		"systemd takes the units"
else
	t_skip "systemd takes the units" "no systemd-analyze"
fi
rm -rf "$dir"
t_done
