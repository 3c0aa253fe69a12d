# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Shared by the scripts that set up the test environment (selftests/vm, selftests/uml):
# where caches live, how missing programs get here, how Debian packages are
# fetched without installing them. Source it; it changes nothing by itself.
#
# Everything that is fetched or built lands in $RTPL_CACHE, outside the tree,
# behind a lock and an atomic rename, so that several runs may share it.

RTPL_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
RTPL_CACHE=${RTPL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rtpl}
export RTPL_TOP RTPL_CACHE
# Where modules for the several kernels are built; see `make help`.
RTPL_BUILD=${RTPL_BUILD:-$RTPL_TOP/build}

say() { printf '# %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 2; }

# locked NAME CMD...: run CMD while holding the cache's lock NAME.
locked() {
	local lock_name=$1 lock_fd
	shift
	mkdir -p "$RTPL_CACHE/locks"
	exec {lock_fd}>"$RTPL_CACHE/locks/$lock_name"
	if ! flock -n "$lock_fd"; then
		say "waiting for another run that prepares $lock_name"
		flock "$lock_fd"
	fi
	# What CMD leaves running must not keep the lock.
	"$@" {lock_fd}>&-
	exec {lock_fd}>&-
}

# held CMD...: runs CMD. A signal that ends this shell ends CMD before: a shell that waits in the
# foreground would die of it, and leave CMD running.
held() {
	local held_pid held_rc=0
	"$@" <&0 &
	held_pid=$!
	trap 'kill -TERM $held_pid 2>/dev/null || :; wait $held_pid || :; exit 143' TERM
	trap 'kill -TERM $held_pid 2>/dev/null || :; wait $held_pid || :; exit 130' INT
	trap 'kill -TERM $held_pid 2>/dev/null || :; wait $held_pid || :; exit 129' HUP
	wait $held_pid || held_rc=$?
	trap - TERM INT HUP
	return $held_rc
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# need PROGRAM_OR_FILE:PACKAGE...: install the packages of what is missing.
need() {
	local pair what missing=()
	for pair in "$@"; do
		what=${pair%%:*}
		case $what in
		/*) [ -e "$what" ] && continue ;;
		*) PATH=$PATH:/usr/sbin:/sbin command -v "$what" >/dev/null 2>&1 && continue ;;
		esac
		missing+=("${pair#*:}")
	done
	[ ${#missing[@]} = 0 ] && return 0
	locked apt-install need_install "${missing[@]}"
}

need_install() {
	say "installing ${*}"
	local opt=(-qq -y --no-install-recommends -o DPkg::Lock::Timeout=600)
	if ! DEBIAN_FRONTEND=noninteractive as_root apt-get "${opt[@]}" install "$@" >"$RTPL_CACHE/apt-install.log" 2>&1; then
		as_root apt-get -qq -o DPkg::Lock::Timeout=600 update >&2
		DEBIAN_FRONTEND=noninteractive as_root apt-get "${opt[@]}" install "$@" >"$RTPL_CACHE/apt-install.log" 2>&1 ||
			{ tail -n 5 "$RTPL_CACHE/apt-install.log" >&2; die "cannot install $*"; }
	fi
}

# --- a private apt: own lists, own archive, the machine's mirror and keys ---

APT_DIR=$RTPL_CACHE/apt
# The release whose packages it has; empty: this machine's.
APT_RELEASE=

# apt_of CODENAME: from here on, packages are of this release of Debian.
apt_of() {
	APT_RELEASE=$1
	APT_DIR=$RTPL_CACHE/apt-$1
}

apt_opts() {
	printf '%s\n' -q -o "Dir::Etc::sourcelist=$APT_DIR/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
		-o "Dir::State=$APT_DIR/state" -o "Dir::State::lists=$APT_DIR/lists" \
		-o "Dir::State::status=$APT_DIR/status" -o "Dir::Cache=$APT_DIR/cache" \
		-o APT::Architecture=amd64 -o APT::Architectures=amd64 \
		-o APT::Sandbox::User=root -o Debug::NoLocking=0 \
		-o APT::Update::Post-Invoke-Success::= -o APT::Install-Recommends=0 \
		-o Acquire::Languages=none -o Acquire::Retries=3
}

papt() {
	local cmd=$1 opts
	shift
	mapfile -t opts < <(apt_opts)
	"$cmd" "${opts[@]}" "$@"
}

# The release's own main archive as this machine's apt is told to reach it, in
# whatever format, with its updates and backports suites beside it; security
# if the machine has it. Entries of third parties are left out. After apt_of:
# the same of that release, from the same places.
apt_sources() {
	local codename key=/usr/share/keyrings/debian-archive-keyring.gpg
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	[ "$codename" = bookworm ] || die "the test environment is made of Debian 12 (bookworm) packages; this is '$codename'"
	# shellcheck disable=SC2016 # apt fills these in
	apt-get indextargets --format '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)' \
		'Created-By: Packages' |
		awk -F'|' -v c="$codename" -v to="${APT_RELEASE:-$codename}" -v key="$([ ! -e $key ] || echo "[signed-by=$key] ")" '
	function add(uri, suite) {
		if (!seen[suite]++)
			printf "deb %s%s %s main\n", key, uri, suite
	}
	$3 != "main" || ($4 != "" && $4 != "Debian") { next }
	$2 == c { add($1, to); add($1, to "-updates"); add($1, to "-backports") }
	$2 == c "-security" { add($1, to "-security") }'
}

# apt_update [MAX_AGE_HOURS]: bring the private lists up to date.
apt_update() { locked "apt${APT_RELEASE:+-$APT_RELEASE}" apt_update_locked "${1:-24}"; }
apt_update_locked() {
	local age=$1 opts
	mkdir -p "$APT_DIR/lists/partial" "$APT_DIR/state" "$APT_DIR/cache/archives/partial"
	: >"$APT_DIR/status"
	apt_sources >"$APT_DIR/sources.list.new"
	grep -q -- '-backports' "$APT_DIR/sources.list.new" ||
		die "apt's sources on this machine name no bookworm main archive"
	if cmp -s "$APT_DIR/sources.list.new" "$APT_DIR/sources.list" &&
	   [ -n "$(find "$APT_DIR/stamp" -mmin "-$((age * 60))" 2>/dev/null)" ]; then
		return 0
	fi
	mv "$APT_DIR/sources.list.new" "$APT_DIR/sources.list"
	say "fetching package lists"
	mapfile -t opts < <(apt_opts)
	if apt-get "${opts[@]}" update >"$APT_DIR/update.log" 2>&1; then
		touch "$APT_DIR/stamp"
	elif [ -e "$APT_DIR/stamp" ]; then
		say "could not refresh package lists; going on with those at hand"
	else
		cat "$APT_DIR/update.log" >&2
		die "cannot fetch package lists"
	fi
}

# apt_unpack DIR PKG...: fetch each package (no dependencies), unpack into DIR.
apt_unpack() {
	local dir=$1 tmp='' p
	shift
	scratch tmp
	say "fetching $*"
	(cd "$tmp" && papt apt-get download "$@" >&2) || die "cannot fetch $*"
	mkdir -p "$dir"
	for p in "$tmp"/*.deb; do
		dpkg-deb --fsys-tarfile "$p" | tar -x --keep-directory-symlink -C "$dir"
	done
	rm -rf "$tmp"
}

# apt_newest REGEX: the newest package whose whole name matches.
apt_newest() {
	papt apt-cache pkgnames | grep -Ex -- "$1" | sort -V | tail -n 1
}

# publish TMP FINAL: make a finished directory or file visible in one step.
publish() {
	mkdir -p "$(dirname "$2")"
	rm -rf "$2"
	mv "$1" "$2"
}

# scratch VAR: a new directory in the cache, removed again at exit if it has
# not been published by then.
RTPL_SCRATCH=()
scratch() {
	mkdir -p "$RTPL_CACHE"
	printf -v "$1" '%s' "$(mktemp -d "$RTPL_CACHE/scratch.XXXXXX")"
	chmod 755 "${!1}"
	RTPL_SCRATCH+=("${!1}")
	trap 'rm -rf "${RTPL_SCRATCH[@]}"' EXIT
}
