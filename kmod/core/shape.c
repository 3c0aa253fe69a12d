// SPDX-License-Identifier: GPL-2.0
/*
 * A shape's defaults, and checks whether it can be kept.
 */
#include "shape.h"

#define NSEC_PER_S	1000000000ULL

/**
 * rtpl_shape_default() - give a shape the default settings
 * @s: shape to set
 *
 * Cells of the size that the device carries, sent as they come.
 *
 * Context: Any.
 */
void rtpl_shape_default(struct rtpl_shape *s)
{
	memset(s, 0, sizeof(*s));
	s->sizes = RTPL_SIZES_DEVICE;
	s->sched = RTPL_SCHEDULE_ASAP;
	s->overflow = RTPL_OVERFLOW_DROP_NEWEST;
	s->limit = RTPL_SHAPE_LIMIT_DEFAULT;
	s->latency_ns = RTPL_SHAPE_LATENCY_DEFAULT;
}

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

static int check_sizes(const struct rtpl_shape *s, u32 max_cell, const char **why)
{
	u8 i;

	switch (s->sizes) {
	case RTPL_SIZES_DEVICE:
		return 0;
	case RTPL_SIZES_FIXED:
		if (!s->cell)
			return refuse(why, "A fixed size needs the cell's bytes.", -EINVAL);
		break;
	case RTPL_SIZES_POW2:
		if (!s->cell)
			return 0;
		break;
	case RTPL_SIZES_BUCKETS:
		if (!s->n_buckets || s->n_buckets > RTPL_SHAPE_BUCKETS)
			return refuse(why, "A bucket list has 1 to 16 sizes.", -EINVAL);
		for (i = 0; i < s->n_buckets; i++) {
			if (s->bucket[i] < RTPL_CELL_MIN || s->bucket[i] > RTPL_CELL_MAX)
				return refuse(why, "A bucket is not between 64 and 9000 bytes.",
					      -ERANGE);
			if (i && s->bucket[i] <= s->bucket[i - 1])
				return refuse(why, "The buckets are not in ascending order.",
					      -EINVAL);
		}
		if (s->bucket[s->n_buckets - 1] < RTPL_HANDSHAKE_MIN)
			return refuse(why,
				      "No bucket has 256 bytes or more, which a handshake needs.",
				      -ERANGE);
		if (max_cell && s->bucket[s->n_buckets - 1] > max_cell)
			return refuse(why, "A bucket is larger than the device carries.",
				      -EMSGSIZE);
		return 0;
	default:
		return refuse(why, "The kind of sizes is unknown.", -EINVAL);
	}

	/* Of powers of two this is the largest. */
	if (s->cell < RTPL_HANDSHAKE_MIN || s->cell > RTPL_CELL_MAX)
		return refuse(why, "The cell is not between 256 and 9000 bytes.", -ERANGE);
	if (max_cell && s->cell > max_cell)
		return refuse(why, "The cell is larger than the device carries.", -EMSGSIZE);
	return 0;
}

static int check_schedule(const struct rtpl_shape *s, const char **why)
{
	switch (s->sched) {
	case RTPL_SCHEDULE_ASAP:
		return 0;
	case RTPL_SCHEDULE_CONST:
		break;
	default:
		return refuse(why, "The kind of schedule is unknown.", -EINVAL);
	}

	if (s->sizes != RTPL_SIZES_DEVICE && s->sizes != RTPL_SIZES_FIXED)
		return refuse(why,
			      "A constant rate needs one size: cell device or BYTES, no list or pow2.",
			      -EINVAL);
	if (!s->rate)
		return refuse(why, "A constant rate needs the cells per second.", -EINVAL);
	if (s->rate > RTPL_RATE_MAX)
		return refuse(why,
			      "The rate is above 500000 cells per second, more than one processor seals.",
			      -ERANGE);
	/* At the soonest a packet can leave one slot after it came. */
	if (s->latency_ns && s->latency_ns * s->rate < NSEC_PER_S)
		return refuse(why, "The rate's slots are longer than the latency budget.",
			      -ERANGE);
	return 0;
}

int rtpl_shape_check(const struct rtpl_shape *s, u32 max_cell, const char **why)
{
	int err;

	if (s->overflow > RTPL_OVERFLOW_DROP_OLDEST)
		return refuse(why, "The kind of overflow is unknown.", -EINVAL);
	if (!s->limit || s->limit > RTPL_LIMIT_MAX)
		return refuse(why, "The limit is not between 1 and 65536 packets.", -ERANGE);
	if (s->latency_ns > RTPL_LATENCY_MAX_NS)
		return refuse(why, "The latency budget is above 10 s.", -ERANGE);

	err = check_sizes(s, max_cell, why);
	return err ? err : check_schedule(s, why);
}
