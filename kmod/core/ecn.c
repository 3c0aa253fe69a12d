// SPDX-License-Identifier: GPL-2.0
/* Which bytes of a block came with a congestion mark, and which segments this marks. */
#include "ecn.h"

/* Join at[i] and its successor. */
static void join(struct rtpl_mark *at, u16 *n, u16 i)
{
	at[i].to = max(at[i].to, at[i + 1].to);
	memmove(&at[i + 1], &at[i + 2], (*n - i - 2) * sizeof(*at));
	(*n)--;
}

/**
 * rtpl_marks_add() - note that bytes of a block came with CE
 * @m: the block's marks; all zero before the first call
 * @from: the first of these bytes, none of which came before
 * @to: one behind the last
 *
 * Runs that touch are joined. More than RTPL_MARKS are joined where they are nearest.
 *
 * Context: Any; the caller serialises calls on @m.
 */
void rtpl_marks_add(struct rtpl_marks *m, u16 from, u16 to)
{
	struct rtpl_mark at[RTPL_MARKS + 1];
	u16 n = m->n, i, nearest = 0;

	if (from >= to)
		return;
	memcpy(at, m->at, sizeof(m->at));
	for (i = n; i && at[i - 1].from > from; i--)
		at[i] = at[i - 1];
	at[i] = (struct rtpl_mark){ .from = from, .to = to };
	n++;
	if (i + 1 < n && at[i].to >= at[i + 1].from)
		join(at, &n, i);
	if (i && at[i - 1].to >= at[i].from)
		join(at, &n, i - 1);
	if (n > RTPL_MARKS) {
		for (i = 1; i + 1 < n; i++)
			if (at[i + 1].from - at[i].to < at[nearest + 1].from - at[nearest].to)
				nearest = i;
		join(at, &n, nearest);
	}
	memcpy(m->at, at, sizeof(m->at));
	m->n = n;
}

/**
 * rtpl_marks_hit() - did any of these bytes come with CE?
 * @m: the block's marks
 * @from: the first byte
 * @to: one behind the last
 *
 * Context: Any; the caller serialises calls on @m.
 * Return: true if at least one did, or lies between runs that were joined.
 */
bool rtpl_marks_hit(const struct rtpl_marks *m, u32 from, u32 to)
{
	u16 i;

	for (i = 0; i < m->n; i++)
		if (m->at[i].from < to && from < m->at[i].to)
			return true;
	return false;
}

static bool segment_hit(const struct rtpl_marks *m, const struct rtpl_gso *g, u16 seg)
{
	u32 base = sizeof(struct rtpl_gso_head) + g->hdr_len;
	u32 from = seg ? base + (u32)seg * g->gso_size : 0;
	u32 to = seg + 1 < g->segs ? base + (u32)(seg + 1) * g->gso_size : U32_MAX;

	return rtpl_marks_hit(m, from, to);
}

u16 rtpl_marks_run(const struct rtpl_marks *m, const struct rtpl_gso *g, u16 first, u16 end,
		   bool *ce)
{
	u16 at = first + 1;

	*ce = false;
	if (likely(!m->n))
		return end;
	*ce = segment_hit(m, g, first);
	while (at < end && segment_hit(m, g, at) == *ce)
		at++;
	return at;
}
