// SPDX-License-Identifier: GPL-2.0
/*
 * Tables from outside. Whatever the core accepts it samples within its bounds, be it
 * a distribution, sizes with noise or a private window; whatever words user space
 * accepts become a table that the core accepts.
 *
 * Input: u8 mode, then what the mode takes.
 */
#define _GNU_SOURCE
#include <stdio.h>

#include "../input/number.c"
#include "../dist/cdf.c"
#include "../dist/parse.c"
#include "../dist/special.c"
#undef CUT
#include "../dist/table.c"

#include "../../kmod/core/dp.h"
#include "../../kmod/core/noise_size.h"

struct input {
	const u8 *p;
	size_t left;
};

struct entries {
	u64 p[RTPL_DIST_MAX + 1];
	s64 x[RTPL_DIST_MAX + 1];
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static u64 next(struct input *in, size_t bytes)
{
	u64 v = 0;

	for (; bytes; bytes--, in->left -= !!in->left)
		v = v << 8 | (in->left ? *in->p++ : 0);
	return v;
}

/* Any table; most of them nearly right. */
static struct rtpl_dist any_table(struct input *in, struct entries *e)
{
	u8 how = next(in, 1);
	struct rtpl_dist d = { .kind = how & 3, .p = e->p, .x = e->x };
	u32 i, n;

	n = how & 4 ? next(in, 2) % (RTPL_DIST_MAX + 2) : next(in, 1) % 24;
	d.n = n;
	d.start = how & 8 ? (s64)next(in, 8) : (s8)next(in, 1);
	d.min = how & 16 ? (s64)next(in, 8) : -(s64)next(in, 1);
	d.max = how & 32 ? (s64)next(in, 8) : (s64)next(in, 2);
	for (i = 0; i < n; i++) {
		e->p[i] = how & 64 ? next(in, 8) : (i ? e->p[i - 1] : 0) + (next(in, 2) << 48) + !!i;
		e->x[i] = how & 128 ? (s64)next(in, 8) : (i ? e->x[i - 1] : -100) + (s64)next(in, 1);
	}
	if (n && !(how & 64) && d.kind == RTPL_DIST_KNOTS) {
		e->p[0] = 0;
		e->p[n - 1] = U64_MAX;
	}
	return d;
}

static void within(const struct rtpl_dist *d, struct rtpl_rng *r, struct input *in)
{
	s64 last, at;
	u32 i;

	need(rtpl_dist_at(d, 0) <= rtpl_dist_at(d, U64_MAX), "a falling quantile");
	for (i = 0; i < 64; i++) {
		at = rtpl_dist_sample(d, r);
		need(at >= d->min && at <= d->max, "a sample out of bounds");
	}
	for (i = 0, last = d->min; i < d->n; i++) {
		at = rtpl_dist_at(d, d->p[i]);
		need(at >= last && at <= d->max, "a knot out of order");
		last = at;
	}
	at = rtpl_dist_at(d, next(in, 8));
	need(at >= d->min && at <= d->max, "a quantile out of bounds");
}

static void a_size(struct input *in, struct entries *e, struct rtpl_rng *r)
{
	struct rtpl_noise_size s = { .n_buckets = next(in, 1) };
	const char *why = NULL;
	u64 total;
	u32 want;
	int i;

	for (i = 0; i < RTPL_NOISE_SIZE_BUCKETS; i++)
		s.bucket[i] = next(in, 1) & 1 ? next(in, 4) : (i ? s.bucket[i - 1] : 0) + next(in, 2);
	s.noise = any_table(in, e);
	if (rtpl_noise_size_check(&s, &why)) {
		need(why, "refused without a word");
		return;
	}
	for (i = 0; i < 16; i++) {
		want = next(in, 1 + i % 4);
		total = rtpl_noise_size_pick(&s, want, r);
		need(total >= want, "a message that does not fit");
		need(total <= (u64)want + s.bucket[s.n_buckets - 1] + s.noise.max, "too much");
		need(rtpl_noise_size_grown(&s, total, want, r) == total, "grown without need");
	}
}

/* A number of @bytes; of low ... high, unless the next bit of *@wild says any. */
static u64 number_in(struct input *in, size_t bytes, u16 *wild, u64 low, u64 high)
{
	u64 v = next(in, bytes);
	bool any = *wild & 1;

	*wild >>= 1;
	return any ? v : low + v % (high - low + 1);
}

static void a_window(struct input *in, struct entries *e, struct rtpl_rng *r)
{
	u16 wild = next(in, 2);
	struct rtpl_dp_plan s = {
		.mechanism = number_in(in, 1, &wild, 0, 1),
		.parts = number_in(in, 1, &wild, 1, 2),
		.draws = number_in(in, 1, &wild, 2, 2),
		.n_lines = number_in(in, 1, &wild, 1, 64),
		.step = number_in(in, 3, &wild, 1, 1 << 20),
		.grain = number_in(in, 3, &wild, 1, 1 << 20),
		.min = number_in(in, 3, &wild, 0, 9),
		.max = number_in(in, 3, &wild, 10, 1 << 20),
		.burst = number_in(in, 1, &wild, 1, 9),
		.window_ns = number_in(in, 5, &wild, 100000, 60000000000),
		.windows = number_in(in, 5, &wild, 9, 1000),
		.hold = next(in, 1) & 1,
	};
	u64 now = next(in, 6), at, last = 0, volume, spent;
	const char *why = NULL;
	struct rtpl_dp p = {};
	u32 i;

	s.part[0] = any_table(in, &e[0]);
	s.part[1] = any_table(in, &e[1]);
	for (i = 0; i < s.n_lines && i < RTPL_DP_LINES; i++)
		s.line[i] = (struct rtpl_dp_line){ next(in, 8), next(in, 8) };
	if (rtpl_dp_check(&s, &why)) {
		need(why, "refused without a word");
		return;
	}
	rtpl_dp_start(&p, &s, now);
	for (i = 0; i < 64; i++) {
		now += next(in, 5);
		at = rtpl_dp_next(&p, &s, now);
		need(at > last, "a decision that is no later than the last one");
		need(now <= at || now - at <= s.window_ns, "a decision of a window long past");
		need(rtpl_dp_next(&p, &s, now) == at, "asked again, another time");
		last = at;
		volume = rtpl_dp_volume(&p, &s, next(in, 1 + i % 8), r);
		need(volume >= (u64)s.min * s.grain && volume <= (u64)s.max * s.grain, "the volume");
		spent = rtpl_dp_spent(&p, &s);
		need(spent >= rtpl_dp_epsilon(&s, p.taken - 1) || spent == U64_MAX, "privacy given back");
	}
}

/* Words to table to core. */
static void words(struct input *in)
{
	static struct dist_table t;
	static const double units[] = { 1, 1000, 1e6, 0.001 };
	double unit = units[next(in, 1) % 4];
	char err[DIST_ERR] = "", text[128];
	struct dist_spec s;
	const char *why;
	struct rtpl_dist d;
	size_t len = min_t(size_t, in->left, sizeof(text) - 1);

	memcpy(text, in->p, len);
	text[len] = '\0';
	if (dist_parse(text, &s, err)) {
		need(*err, "refused without a word");
		return;
	}
	/* Exact sums take their time: not what is looked for here. */
	if (s.name == DIST_BINOMIAL || s.name == DIST_POISSON || s.name == DIST_SKELLAM)
		if (s.arg[0] > 1000 || s.arg[1] > 1000)
			return;
	if (s.name == DIST_GAMMA || s.name == DIST_BETA)
		if (s.arg[0] > 1000 || s.arg[1] > 1000)
			return;
	if (dist_build(&s, unit, &t, err)) {
		need(*err, "refused without a word");
		return;
	}
	d = (struct rtpl_dist){ .kind = t.kind, .n = t.n, .start = t.start, .min = t.min,
				.max = t.max, .p = t.p, .x = t.x };
	if (rtpl_dist_check(&d, &why)) {
		fprintf(stderr, "%s: ", why);
		need(false, "user space made what the core refuses");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const u8 seed[RTPL_RNG_SEED];
	struct input in = { data, size };
	static struct entries e[2];
	const char *why = NULL;
	struct rtpl_dist d;
	struct rtpl_rng r;

	rtpl_rng_seed(&r, seed);
	switch (next(&in, 1) % 4) {
	case 0:
		d = any_table(&in, e);
		if (rtpl_dist_check(&d, &why))
			need(why, "refused without a word");
		else
			within(&d, &r, &in);
		break;
	case 1:
		a_size(&in, e, &r);
		break;
	case 2:
		a_window(&in, e, &r);
		break;
	default:
		words(&in);
	}
	return 0;
}
