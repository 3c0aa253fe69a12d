// SPDX-License-Identifier: GPL-2.0
/* A differentially private window: see dp.h. */
#include "dp.h"

#define QUEUE_MAX	BIT_ULL(40)	/* bytes; more counts as this */

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

static int check_noise(const struct rtpl_dp_plan *s, const char **why)
{
	int err;
	u8 i;

	if (s->mechanism >= RTPL_DP_MECHANISMS)
		return refuse(why, "The private window's mechanism is unknown.", -EINVAL);
	if (s->mechanism == RTPL_DP_LAPLACE && s->draws != 2)
		return refuse(why, "Laplace noise takes two draws.", -EINVAL);
	if (!s->draws || s->draws > RTPL_DP_DRAWS)
		return refuse(why, "The private window's draws are not between 1 and 64.", -ERANGE);
	if (!s->parts || s->parts > ARRAY_SIZE(s->part))
		return refuse(why, "A draw of the private window has 1 or 2 parts.", -EINVAL);
	if (!s->step || s->step > RTPL_DP_GRAINS_MAX)
		return refuse(why, "The private window's step is not between 1 and 1048576.",
			      -ERANGE);
	for (i = 0; i < s->parts; i++) {
		if (s->part[i].kind != RTPL_DIST_STEPS)
			return refuse(why, "The private window's noise is not made of steps.",
				      -EINVAL);
		if (s->part[i].min < -(s64)RTPL_DP_GRAINS_MAX ||
		    s->part[i].max > (s64)RTPL_DP_GRAINS_MAX)
			return refuse(why, "The private window's noise goes beyond 1048576 grains.",
				      -ERANGE);
		err = rtpl_dist_check(&s->part[i], why);
		if (err)
			return err;
	}
	return 0;
}

static int check_account(const struct rtpl_dp_plan *s, const char **why)
{
	if (!s->windows || s->windows > RTPL_DP_WINDOWS_MAX)
		return refuse(why, "The windows of the account are not between 1 and 2^40.",
			      -ERANGE);
	if (!s->burst || s->burst > s->windows)
		return refuse(why, "A burst's windows are not between 1 and those of the account.",
			      -ERANGE);
	if (!s->n_lines || s->n_lines > RTPL_DP_LINES)
		return refuse(why, "The account has 1 to 64 lines.", -EINVAL);
	return 0;
}

int rtpl_dp_check(const struct rtpl_dp_plan *s, const char **why)
{
	int err;

	if (s->window_ns < RTPL_DP_WINDOW_MIN_NS || s->window_ns > RTPL_DP_WINDOW_MAX_NS)
		return refuse(why, "The private window is not between 100 us and 1 min.", -ERANGE);
	if (!s->grain || s->grain > RTPL_DP_GRAINS_MAX)
		return refuse(why, "The private window's grain is not between 1 and 1048576 bytes.",
			      -ERANGE);
	if (s->min > s->max)
		return refuse(why, "The private window's min is above its max.", -ERANGE);
	if (!s->max || s->max > RTPL_DP_GRAINS_MAX)
		return refuse(why, "The private window's max is not between 1 and 1048576 grains.",
			      -ERANGE);
	if ((u64)s->max * s->grain > RTPL_DP_BYTES_MAX)
		return refuse(why, "The private window's max is above 4 GiB.", -ERANGE);

	err = check_noise(s, why);
	return err ? err : check_account(s, why);
}

/**
 * rtpl_dp_start() - begin, or begin anew
 * @p: the window; all zero before the first time
 * @s: the plan, checked
 * @now: ns
 *
 * Decision 0 is one window after @now. What was taken and missed goes on counting.
 *
 * Context: Any; the caller serialises calls on @p.
 */
void rtpl_dp_start(struct rtpl_dp *p, const struct rtpl_dp_plan *s, u64 now)
{
	p->t0 = now + s->window_ns;
	p->slot = 0;
}

u64 rtpl_dp_next(struct rtpl_dp *p, const struct rtpl_dp_plan *s, u64 now)
{
	u64 at = p->t0 + p->slot * s->window_ns, late;

	if (unlikely(now > at && now - at > s->window_ns)) {
		/* The window that @now is in began less than a window ago. */
		late = div64_u64(now - at, s->window_ns);
		p->slot += late;
		p->missed += late;
		at += late * s->window_ns;
	}
	return at;
}

/**
 * rtpl_dp_noise() - draw the noise of one window
 * @s: the plan, checked
 * @r: generator; parts * draws numbers of it
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: grains, below 2^47 either way.
 */
s64 rtpl_dp_noise(const struct rtpl_dp_plan *s, struct rtpl_rng *r)
{
	s64 sum = 0, x;
	u8 i;

	for (i = 0; i < s->draws; i++) {
		x = rtpl_dist_sample(&s->part[0], r);
		if (s->parts > 1)
			x = x * s->step + rtpl_dist_sample(&s->part[1], r);
		sum += s->mechanism == RTPL_DP_LAPLACE && i ? -x : x;
	}
	return sum;
}

u64 rtpl_dp_volume(struct rtpl_dp *p, const struct rtpl_dp_plan *s, u64 queue, struct rtpl_rng *r)
{
	u64 grains = div_u64(min_t(u64, queue, QUEUE_MAX) + s->grain - 1, s->grain);
	s64 volume;

	p->slot++;
	if (s->hold && p->taken >= s->windows)
		return (u64)s->max * s->grain;
	p->taken++;
	volume = (s64)grains + rtpl_dp_noise(s, r);
	return (u64)clamp_t(s64, volume, s->min, s->max) * s->grain;
}

u64 rtpl_dp_epsilon(const struct rtpl_dp_plan *s, u64 windows)
{
	u64 least = U64_MAX, sum;
	u8 i;

	if (!windows)
		return 0;
	if (windows > s->windows)
		return U64_MAX;
	for (i = 0; i < s->n_lines; i++)
		/* A line too steep for 64 bits is not the lowest. */
		if (!check_mul_overflow(windows, s->line[i].each, &sum) &&
		    !check_add_overflow(sum, s->line[i].once, &sum))
			least = min_t(u64, least, sum);
	return least;
}

/**
 * rtpl_dp_spent() - privacy cost of all windows so far
 * @p: the window
 * @s: the plan, checked
 *
 * Context: Any; the caller serialises calls on @p.
 * Return: epsilon as in rtpl_dp_epsilon(); U64_MAX once the account is over.
 */
u64 rtpl_dp_spent(const struct rtpl_dp *p, const struct rtpl_dp_plan *s)
{
	return rtpl_dp_epsilon(s, p->taken);
}
