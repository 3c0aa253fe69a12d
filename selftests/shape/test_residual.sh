#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: vm
# timeout: 400
# debug: no
# tier: all
#
# `maximum` in real time, on a stock kernel: do gaps between cells tell load? Blocks with and without
# load by lot, a two-sample test of residual gaps by permuting blocks, and a classifier (residual.py).
# In the simulator nothing can be told, nearly by construction; here timers and processors are real,
# as far as an emulator has such. The processor is emulated, and runs later when it has more to do,
# so only a gross leak fails: slots that are missing under load, or gaps of another distribution
# altogether. The figures are printed (run-tests -v).
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

judge=$(dirname "$0")/residual.py
rate=100 blocks=16 secs=5
topo_up || t_bail "topology"
pair_up profile maximum rate $rate latency 500 || t_bail "pair"
wait_until 20 a ping -c 1 -W 1 $B4 || t_bail "no answer through the pair"
b nft -f - <<-'NFT'
	table inet sink { chain in { type filter hook input priority 0; udp dport 9 counter drop; }; }
NFT
missed=$(pair_stat a slots_missed)
nsenter --net=/run/netns/o tcpdump -U -i pa -Q in -nn -q -s 64 -B 16384 --time-stamp-precision=nano \
	-w "$OUT/pcap" "udp port $PAIR_PORT and src $A4" 2>/dev/null &
dump=$!
sleep 2
nsenter --net=/run/netns/a -- "$judge" load $B4 $((rate / 2)) $blocks $secs 7 >"$OUT/blocks"
sleep 1
kill $dump
wait $dump
missed=$(($(pair_stat a slots_missed) - missed))
carried=$(b nft -j list chain inet sink in | jq '[.. | .counter? | select(. != null) | .packets][0]')
t_between "$carried" $((rate * blocks * secs * 8 / 40)) 1000000 "the load went through ($carried packets, $missed slots missed)"
said=$("$judge" judge "$OUT/pcap" "$OUT/blocks" $rate)
t_is "$(tail -n 1 <<<"$said")" ok "load does not show grossly: $(tail -n 2 <<<"$said" | head -n 1)"
t_diag "$said"
# The same capture with each third slot skipped under load is a leak.
said=$("$judge" judge "$OUT/pcap" "$OUT/blocks" $rate 3)
t_is "$(tail -n 1 <<<"$said")" "slots are missing under load" "and skipped slots would be told: $(tail -n 2 <<<"$said" | head -n 1)"
rm -f "$OUT/pcap"
t_done
