/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sliding window against replay, RFC 6479 (blocks of words, no shifting): it records which counters
 * of a key's cells have come.
 */
#ifndef RTPL_CORE_REPLAY_H
#define RTPL_CORE_REPLAY_H

#include "env.h"

#define RTPL_REPLAY_BITS	2048
#define RTPL_REPLAY_WORDS	(RTPL_REPLAY_BITS / 64)
/* One word is always being cleared, so this many behind the newest are accepted. */
#define RTPL_REPLAY_WINDOW	(RTPL_REPLAY_BITS - 64)

/**
 * struct rtpl_replay - the window of one key
 * @newest: the highest counter that was accepted
 * @any: has any been accepted?
 * @bits: a ring with a bit for each counter up to @newest that is in the window
 */
struct rtpl_replay {
	u32 newest;
	bool any;
	u64 bits[RTPL_REPLAY_WORDS];
};

void rtpl_replay_init(struct rtpl_replay *r);
bool rtpl_replay_check(const struct rtpl_replay *r, u32 counter);
bool rtpl_replay_accept(struct rtpl_replay *r, u32 counter);

#endif /* RTPL_CORE_REPLAY_H */
