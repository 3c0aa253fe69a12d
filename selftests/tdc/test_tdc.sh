#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 300
# tier: all
#
# The kernel's own tdc, from linux-source-6.1, runs the cases of rtpl.json in user-mode Linux;
# the results are tdc's, one by one.
. "$(dirname "$0")/../lib.sh"
cd "$T_LIB/.." || exit
. selftests/environment.sh
tdc=$(selftests/vm/kernels kselftest)/tc-testing || t_bail "there is no tdc"
tmp=$(mktemp -d)

# Two cases that are wrong, so that tdc's word is worth something.
python3 - "$tmp/wrong.json" <<'END'
import json, sys
cases = {c["id"]: c for c in json.load(open("selftests/tdc/rtpl.json"))}
code, match = cases["d1a0"], cases["d1a7"]
code["expExitCode"] = "2"
match["matchPattern"] = match["matchPattern"].replace("99p", "98p")
json.dump([code, match], open(sys.argv[1], "w"))
END
said=$(python3 - "$tdc" <<'END'
import json, pathlib, sys
ids = [c["id"] for f in pathlib.Path(sys.argv[1], "tc-tests").rglob("*.json") if f.name != "rtpl.json"
       for c in json.load(open(f))]
mine = [c["id"] for c in json.load(open("selftests/tdc/rtpl.json"))]
print(len(mine), *sorted(i for i in mine if i in ids or mine.count(i) > 1))
END
)
want=${said%% *}
t_is "$said" "$want" "no case has another's number"

said=$(selftests/uml/run -t 240 -o "$tmp" -f "$tdc" -f "$tmp/wrong.json" selftests/tdc/inside \
	selftests/tdc/rtpl.json files/wrong.json 2>&1)
rc=$?
[ -s "$tmp/rtpl.tap" ] || t_diag "$said"
t_is $rc 0 "tdc runs, and the kernel has nothing to complain of"

# Each result of tdc, with the lines that follow it as the reason.
n=0 name='' ok='' why=''
result() {
	[ -n "$name" ] || return 0
	n=$((n + 1))
	if [ -n "$ok" ]; then t_ok "$name"; else t_not_ok "$name" "$why"; fi
}
while IFS= read -r line; do
	case $line in
	"ok "*"# skipped"*|"not ok "*) result; name=${line#*ok * } ok='' why=$line ;;
	"ok "*) result; name=${line#ok * } ok=1 why='' ;;
	*) why+=$'\n'$line ;;
	esac
done <"$tmp/rtpl.tap"
result
t_is "$n $(grep -m 1 '^1\.\.' "$tmp/rtpl.tap")" "$want 1..$want" "tdc has run all of them"
t_is "$(grep -cE '^not ok [12] d1a[07] ' "$tmp/wrong.tap")" 2 "a wrong exit status and a wrong text are noticed"
rm -rf "$tmp"
t_done
