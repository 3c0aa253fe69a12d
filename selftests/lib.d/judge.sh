# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Tests of tools/judge in Python.
#
#	judge_needs [PACKAGE...]	Debian's python3-numpy, and python3-PACKAGE, as dpkg has it
#	judge_simulator			builds rtpl-sim; its path is in RTPL_SIM then
#	judge_python LEAST FILE [ARG...]	runs selftests/judge/FILE: a result for each of its lines
#					PASS what, FAIL what, SKIP what: why; no fewer than LEAST

judge_needs() {
	local p dist=/usr/lib/python3/dist-packages
	local want=("$dist/numpy:python3-numpy")
	for p in "$@"; do want+=("$dist/$p:python3-$p"); done
	need "${want[@]}"
}

judge_simulator() {
	need make:make gcc:gcc /usr/include/openssl/evp.h:libssl-dev \
		/usr/include/jansson.h:libjansson-dev /usr/include/lzma.h:liblzma-dev \
		/usr/include/zlib.h:zlib1g-dev
	local o=$RTPL_BUILD/judge-sim
	mkdir -p "$o"
	flock "$o" make -s -C "$T_LIB/../tools/sim" O="$o" >"$OUT/make" 2>&1 ||
		t_bail "make: $(tail -n 5 "$OUT/make")"
	export RTPL_BUILD RTPL_SIM=$o/rtpl-sim
}

judge_python() {
	local least=$1 file=$2 rc=0 word what
	shift 2
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 RTPL_JUDGE_THREADS=1 PYTHONDONTWRITEBYTECODE=1 \
		/usr/bin/python3 "$T_LIB/judge/$file" "$@" >"$OUT/said" 2>"$OUT/err" || rc=$?
	while read -r word what; do
		case $word in
		PASS) t_ok "$what" ;;
		FAIL) t_not_ok "$what" ;;
		SKIP) t_skip "${what%%: *}" "${what#*: }" ;;
		'#') t_diag "$what" ;;
		esac
	done <"$OUT/said"
	t_is $rc 0 "the status of $file"
	[ $rc = 0 ] || t_diag "$(tail -n 20 "$OUT/err")"
	t_between "$T_N" "$least" 1000 "all of $file ran ($T_N)"
}
