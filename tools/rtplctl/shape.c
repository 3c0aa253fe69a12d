// SPDX-License-Identifier: GPL-2.0
/* Shapes as a whole: what contradicts itself, which are the same, as text. See parse.h. */
#include "parse.h"

#include <stdio.h>
#include <string.h>

#define NSEC	1000000000ULL

int shape_settle(struct shape *s, uint32_t cell, struct err *e)
{
	if (shape_fits(s, NULL, e))
		return -1;
	if (s->bits) {
		if ((s->has & SHAPE_BIT(SIZES)) && s->sizes == RTPL_SIZE_FIXED)
			cell = s->cell;
		if (!cell)
			return err_set(e, "rate %s is a bit rate, and the size of a cell is not known: give cell BYTES too, or cells per second",
				       quoted(s->rate_word));
		if (s->bits / (8ULL * cell) < 1 || s->bits / (8ULL * cell) > RTPL_RATE_MAX)
			return err_set(e, "rate %s is not between 1 and %u cells of %u bytes per second",
				       quoted(s->rate_word), RTPL_RATE_MAX, cell);
		s->rate = s->bits / (8ULL * cell);
		s->bits = 0;
	}
	return shape_fits(s, NULL, e);
}

/* The peer's settings over @under, which is NULL where what is below is not known. */
static int fits_over(const struct shape *own, const struct shape *under, struct err *e)
{
	/* The setting of the two that counts; NULL: neither has it. */
#define SET(attr) ((own->has & SHAPE_BIT(attr)) ? own :				\
		   under && (under->has & SHAPE_BIT(attr)) ? under : NULL)
	const struct shape *profile = SET(PROFILE), *policy = SET(POLICY), *sizes = SET(SIZES);
	const struct shape *rate = SET(SCHED), *latency = SET(LATENCY);
	char size[SHAPE_TEXT_MAX], wait[SHAPE_TEXT_MAX], slot[SHAPE_TEXT_MAX];
	bool more = (profile && *profile->profile) || (policy && *policy->policy);
	uint64_t ns;
#undef SET

	if (!rate || rate->sched != RTPL_SCHED_CONST)
		return 0;
	/* Beside a profile only what stands in one place is known to be meant together. */
	if (sizes && (sizes == rate || !more) &&
	    (sizes->sizes == RTPL_SIZE_POW2 || sizes->sizes == RTPL_SIZE_BUCKETS))
		return err_set(e, "rate %s and cell %s contradict each other: a constant rate needs cells of one size",
			       quoted(rate->rate_word), quoted(cell_text(sizes, size)));
	/* What is not set comes from the profile, and without one from the module. */
	if (!latency && (!under || more))
		return 0;
	ns = latency ? latency->latency : SHAPE_LATENCY;
	if (!rate->rate || !ns || ns * rate->rate >= NSEC)
		return 0;
	return err_set(e, "at rate %s a cell leaves only every %s, and the latency %s%s is shorter: give it a latency of its own, or a rate of %llu or more",
		       quoted(rate->rate_word),
		       time_text((NSEC + rate->rate - 1) / rate->rate, slot), time_text(ns, wait),
		       latency ? "" : " that holds where none is given",
		       (unsigned long long)((NSEC + ns - 1) / ns));
}

int shape_fits(const struct shape *own, const struct shape *under, struct err *e)
{
	static const struct shape nothing;

	/* A peer's profile, be it none, and its policy take the place of all that is below. */
	if ((own->has & SHAPE_BIT(PROFILE)) || ((own->has & SHAPE_BIT(POLICY)) && *own->policy))
		under = under ? &nothing : NULL;
	/* A device may lose its qdisc: so a peer's settings have to do by themselves, too. */
	if (under && fits_over(own, &nothing, e))
		return -1;
	return fits_over(own, under, e);
}

bool shape_equal(const struct shape *a, const struct shape *b)
{
	if (a->has != b->has)
		return false;
#define SAME(attr, field) (!(a->has & SHAPE_BIT(attr)) || a->field == b->field)
	if (!SAME(SIZES, sizes) || !SAME(CELL, cell) || !SAME(SCHED, sched) ||
	    !SAME(RATE, rate) || !SAME(LATENCY, latency) || !SAME(LIMIT, limit) ||
	    !SAME(OVERFLOW, overflow) || !SAME(ROLE, role))
		return false;
#undef SAME
	if ((a->has & SHAPE_BIT(PROFILE)) && strcmp(a->profile, b->profile))
		return false;
	if (!policy_equal(a, b, a->has))
		return false;
	return !(a->has & SHAPE_BIT(BUCKETS)) ||
	       (a->n_buckets == b->n_buckets &&
		!memcmp(a->bucket, b->bucket, a->n_buckets * sizeof(a->bucket[0])));
}

const char *cell_text(const struct shape *s, char *buf)
{
	uint32_t i, at = 0;

	strcpy(buf, "device");
	switch (s->sizes) {
	case RTPL_SIZE_FIXED:
		sprintf(buf, "%u", s->cell);
		break;
	case RTPL_SIZE_POW2:
		if ((s->has & SHAPE_BIT(CELL)) && s->cell)
			sprintf(buf, "pow2:%u", s->cell);
		else
			strcpy(buf, "pow2");
		break;
	case RTPL_SIZE_BUCKETS:
		for (i = 0; i < s->n_buckets && i < RTPL_BUCKETS_MAX; i++)
			at += sprintf(buf + at, "%s%u", i ? "," : "", s->bucket[i]);
		/* A list of one reads back as a fixed size, which it is. */
		break;
	}
	return buf;
}

const char *time_text(uint64_t ns, char *buf)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	size_t i;

	strcpy(buf, "off");
	for (i = 0; ns && i < 4; i++)
		if (ns % units[i].ns == 0) {
			sprintf(buf, "%llu%s", (unsigned long long)(ns / units[i].ns), units[i].name);
			break;
		}
	return buf;
}
