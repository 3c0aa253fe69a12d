// SPDX-License-Identifier: GPL-2.0
/*
 * Sliding window against replay, RFC 6479: a ring of words; those that the window moves over are
 * cleared. Nothing is shifted.
 */
#include "replay.h"

static u64 *word_of(struct rtpl_replay *r, u32 counter)
{
	return &r->bits[counter / 64 % RTPL_REPLAY_WORDS];
}

/**
 * rtpl_replay_init() - initialise a window: no counter came yet
 * @r: the window
 *
 * Context: Any.
 */
void rtpl_replay_init(struct rtpl_replay *r)
{
	memset(r, 0, sizeof(*r));
}

/**
 * rtpl_replay_check() - would a counter be accepted?
 * @r: the window, which does not change
 * @counter: the cell's counter
 *
 * This avoids deciphering a replayed cell. The counter of a cell that is not authentic means
 * nothing: rtpl_replay_accept() decides.
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: false if it was seen or is too old to tell.
 */
bool rtpl_replay_check(const struct rtpl_replay *r, u32 counter)
{
	BUILD_BUG_ON(RTPL_REPLAY_WORDS & (RTPL_REPLAY_WORDS - 1));

	if (!r->any || counter > r->newest)
		return true;
	if (r->newest - counter > RTPL_REPLAY_WINDOW)
		return false;
	return !(r->bits[counter / 64 % RTPL_REPLAY_WORDS] >> (counter % 64) & 1);
}

/**
 * rtpl_replay_accept() - accept a counter
 * @r: the window
 * @counter: of a cell that was authenticated
 *
 * At most RTPL_REPLAY_WORDS words are cleared.
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: false if it was seen or is too old to tell.
 */
bool rtpl_replay_accept(struct rtpl_replay *r, u32 counter)
{
	u64 bit = 1ULL << (counter % 64);
	u32 i, from, words;
	u64 *word;

	if (!r->any) {
		r->any = true;
		r->newest = counter;
	} else if (counter > r->newest) {
		from = r->newest / 64;
		words = min_t(u32, counter / 64 - from, RTPL_REPLAY_WORDS);
		for (i = 1; i <= words; i++)
			r->bits[(from + i) % RTPL_REPLAY_WORDS] = 0;
		r->newest = counter;
	} else if (r->newest - counter > RTPL_REPLAY_WINDOW) {
		return false;
	}

	word = word_of(r, counter);
	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}
