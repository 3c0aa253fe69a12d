#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 120
#
# An initiator's clock that goes back locks nobody out: not by a day, not after it was ten years
# ahead by mistake. And a recording moves nothing.
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

topo_up || t_bail "topology"
pair_up || t_bail "pair"
pair_wait 30 || t_bail "the link does not come up"
was=$(date +%s)
# a forgets what it knows, as with a reboot, and is asked by nobody.
again() {
	a rtplctl peer del "$B_PUB"
	b rtplctl peer set "$A_PUB" endpoint none require off 2>/dev/null
	pair_peer a
}
carries() { a ping -c 1 -W 1 $B4; }

date -s "@$((was - 86400))" >/dev/null
t_run "a day back: the session goes on" carries
again
t_run "a day back: a reboot, up within 12 s" wait_until 12 carries
t_like "$(dmesg)" "clock of peer" "and the log of the other end names the clock"
sleep 400
t_run "renewals go on" carries
t_is "$(node_drops b auth)" 0 "nothing failed to open"

date -s "@$((was + 86400 * 3650))" >/dev/null
again
t_run "ten years ahead: up" wait_until 12 carries
date -s "@$((was + 5))" >/dev/null
again
t_run "ten years ahead by mistake, then right again: up within 12 s" wait_until 12 carries
t_done
