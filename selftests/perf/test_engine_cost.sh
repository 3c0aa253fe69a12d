#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# timeout: 120
#
# engine-cost builds, measures a profile that comes with the module and one from a file, at both ends, and
# refuses what it does not know. Speed is no test's business: only what is counted is asserted.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=selftests/environment.sh
. "$T_LIB/environment.sh"
need make:make gcc:gcc jq:jq /usr/include/openssl/evp.h:libssl-dev /usr/include/zlib.h:zlib1g-dev
cd "$T_LIB/.." || exit
o=$(mktemp -d)
make -s -C tools/harness O="$o" "$o/engine-cost" >"$o/make" 2>&1 || t_bail "make: $(tail -n 5 "$o/make")"
cost=$o/engine-cost exchange=selftests/shape/profiles/exchange.profile

said=$("$cost" -j -n 1 off $exchange 2>&1)
t_is "$(jq -r '[.profile, .end] | join(" ")' <<<"$said" | paste -sd,)" \
	"off client,off server,exchange client,exchange server" "by name and from a file, both ends"
t_is "$(jq -s 'all(.[]; .events == .happened + .next + .take)' <<<"$said")" true "every event is of some kind"
t_is "$(jq -s 'all(.[]; .ns_per_event > 0 and .data > 1000)' <<<"$said")" true "and takes time"
t_is "$(jq -rs '[.[] | select(.chaff > 0) | .profile] | unique | join(" ")' <<<"$said")" exchange "what has chaff sends some"
for end in client server; do
	n=$(jq -r "select(.profile == \"exchange\" and .end == \"$end\") | .events" <<<"$said")
	t_is "$("$cost" -r 1 $exchange $end)" "$n" "as many events for valgrind to count: $end"
done
t_is "$("$cost" -j -n 1 -l 3 $exchange | jq -s 'length')" 4 "many links, with traffic and without"
t_fails_with "nosuch" "a profile that is not there" "$cost" nosuch
t_fails_with "neither client nor server" "an end that is none" "$cost" -r 1 off both
rm -rf "$o"
t_done
