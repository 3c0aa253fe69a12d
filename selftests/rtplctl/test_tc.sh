#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm uml
# timeout: 180
# tier: uml
#
# tc's plugin: what was given is sent, shown as text and JSON, and nothing else;
# wrong words are one sentence and change nothing.
. "$(dirname "$0")/../lib.sh"
topo_up
options() { a tc -j qdisc show dev eth0 root | jq -c '.[0].options'; }
# refused REGEX NAME WORDS...
refused() {
	local want=$1 name=$2
	shift 2
	t_fails_with "$want" "$name" a tc qdisc change dev eth0 root rtpl "$@"
}

t_like "$(a tc qdisc add dev eth0 root rtpl help 2>&1)" '^Usage: ... rtpl ' "help"
t_fails_with 'rtpl: at rate "10" a cell leaves only every 100ms, and the latency 50ms that holds where none is given is shorter' \
	"a rate that the default latency does not go with" a tc qdisc add dev eth0 root rtpl rate 10
t_fails_with 'rtpl: unknown option "colour"' "unknown word" a tc qdisc add dev eth0 root rtpl colour red
t_unlike "$(a tc qdisc show dev eth0)" rtpl "adds nothing"
t_run "add" a tc qdisc add dev eth0 root handle 1: rtpl
t_is "$(options)" '{"unprotected":"pass"}' "nothing given, nothing shown"
t_run "change" a tc qdisc change dev eth0 root rtpl unprotected drop cell 1400 rate 2000 latency 10ms limit 99
t_is "$(options)" '{"unprotected":"drop","cell":1400,"rate":2000,"latency_ns":10000000,"limit":99}' "shown as JSON"
t_like "$(a tc qdisc show dev eth0)" 'rtpl 1: root refcnt [0-9]+ unprotected drop cell 1400 rate 2000cps latency 10ms limit 99p' "and as text"
t_run "change one" a tc qdisc change dev eth0 root rtpl latency 20ms
t_is "$(options)" '{"unprotected":"drop","cell":1400,"rate":2000,"latency_ns":20000000,"limit":99}' "the others stay"
t_run "a bit rate" a tc qdisc change dev eth0 root rtpl cell 1000 rate 16mbit
t_is "$(options | jq .rate)" 2000 "is 2000 cells of 1000 bytes"
t_run "back to the device's" a tc qdisc change dev eth0 root rtpl cell device rate off latency off
t_like "$(a tc qdisc show dev eth0)" 'cell device rate off latency off' "shown in words"
t_run "replace" a tc qdisc replace dev eth0 root handle 1: rtpl unprotected pass
t_like "$(a tc -s qdisc show dev eth0)" 'clear [0-9]+ control [0-9]+ fast [0-9]+ packets, [0-9]+ cells' "statistics"
t_is "$(a tc -s -j qdisc show dev eth0 root | jq -c '.[0] | [has("clear_packets", "control_packets", "fast_packets", "cells", "late_cells", "cell_copies", "unprotected_drops", "class_drops", "queue_drops", "release_packets", "release_bytes")] | all')" \
	true "statistics as JSON"
before=$(options)
refused 'rtpl: unprotected "maybe" is neither pass nor drop' "unprotected" unprotected maybe
refused 'rtpl: cell "100" is not between 256 and 9000' "cell" cell 100
refused 'rtpl: cell "pow2" is neither a number of bytes nor device' "cell of a peer" cell pow2
refused "cell is larger than the device's MTU carries" "cell and MTU" cell 1473
refused 'rtpl: rate "500001" is not between' "rate" rate 500001
refused 'rtpl: rate "10mbit" is a bit rate: tc does not see the cell that is set, give cell BYTES in the same command' "bit rate without cell" rate 10mbit
refused 'rtpl: rate "100.9" is not a whole number of cells per second' "a fraction of a cell" rate 100.9
refused 'rtpl: latency "20.9ns" is not a whole number of nanoseconds' "a fraction of a nanosecond" latency 20.9ns
refused 'rtpl: latency "10" has no unit' "latency without unit" latency 10
refused 'rtpl: latency "11s" is not between' "latency" latency 11s
refused 'rtpl: limit "65537" is not between' "limit" limit 65537
refused 'rtpl: "limit" is given twice' "twice" limit 1 limit 2
refused 'rtpl: "limit" needs a value' "no value" limit
refused 'rtpl: at rate "10"' "rate and latency" rate 10 latency 10ms
t_is "$(options)" "$before" "nothing has changed"
t_fails_with 'rtpl: classes are fixed' "class" a tc class add dev eth0 parent 1: classid 1:5 rtpl
t_is "$(a tc class show dev eth0 | grep -c 'class rtpl 1:[1-4]')" 4 "four classes"
t_unlike "$(a tc class show dev eth0 2>&1)" 'cannot parse' "shown without a complaint"
t_run "del" a tc qdisc del dev eth0 root
a ip link add d7 mtu 303 type dummy
t_fails_with "MTU is below 304 bytes: no handshake fits" "an MTU too small" a tc qdisc add dev d7 root rtpl
a ip link set d7 mtu 304
t_run "one that will do" a tc qdisc add dev d7 root rtpl
t_done
