// SPDX-License-Identifier: GPL-2.0
/*
 * RegulaTor: downloads leave at the rate of a surge that decays, uploads follow them.
 *
 * As in the paper, a slot decides its distance to the next slot, and whether a surge begins: gap =
 * 1 / rate, new surge if more than threshold * rate packets wait. Unlike in its simulation, data
 * that comes within the gap takes the slot, and the end of a page is not known: the budget or
 * idle_ns ends it.
 */
#include "sched.h"

#define RATE_BITS	32	/* fraction bits of a rate */
#define STEPS		32	/* fraction bits of the exponent */

/* 2^(-2^-(i + 1)), as fractions of 2^64. */
static const u64 root[STEPS] = {
	0xb504f333f9de6484ULL, 0xd744fccad69d6af4ULL, 0xeac0c6e7dd24392eULL,
	0xf5257d152486cc2cULL, 0xfa83b2db722a033aULL, 0xfd3e0c0cf486c174ULL,
	0xfe9e115c7b8f884bULL, 0xff4ecb59511ec8a5ULL, 0xffa756521c8daed1ULL,
	0xffd3a751c0f7e10bULL, 0xffe9d2b2f7db2755ULL, 0xfff4e91bff1b8c3dULL,
	0xfffa747ea0040664ULL, 0xfffd3a3b7814eb53ULL, 0xfffe9d1cc60ddab1ULL,
	0xffff4e8e25879bfaULL, 0xffffa7470363f451ULL, 0xffffd3a37dda0313ULL,
	0xffffe9d1bdf703aeULL, 0xfffff4e8debe025eULL, 0xfffffa746f4fa150ULL,
	0xfffffd3a37a3f8b0ULL, 0xfffffe9d1bd1065aULL, 0xffffff4e8de845adULL,
	0xffffffa746f41376ULL, 0xffffffd3a37a05e3ULL, 0xffffffe9d1bd01fbULL,
	0xfffffff4e8de80c0ULL, 0xfffffffa746f4050ULL, 0xfffffffd3a37a024ULL,
	0xfffffffe9d1bd011ULL, 0xffffffff4e8de808ULL,
};

/* 2^(-t / half) as a fraction of 2^64; STEPS steps. Its exponent is exact to 2^-24 at least. */
static u64 decay(u64 t, u64 half)
{
	u64 rest, frac, x = U64_MAX, whole = div64_u64_rem(t, half, &rest);
	int i, shift = min(STEPS, 64 - fls64(half));

	if (whole >= 64)
		return 0;
	frac = div64_u64(rest << shift, half) << (STEPS - shift);
	for (i = 0; i < STEPS; i++)
		if (frac & BIT_ULL(STEPS - 1 - i))
			x = mul_u64_u64_shr(x, root[i], 64);
	return x >> whole;
}

/* Cells per second at @at, with RATE_BITS fraction bits; never 0. */
static u64 rate_at(const struct rtpl_surge *s, const struct rtpl_sched_regulator *r, u64 at)
{
	u64 rate = (u64)r->rate << RATE_BITS, t = rtpl_since(at, s->surge);

	if (s->warm)
		return (u64)r->warm_rate << RATE_BITS;
	if (s->known && s->known_t == t)
		return s->known;
	if (r->half_ns && t)
		rate = mul_u64_u64_shr(rate, decay(t, r->half_ns), 64);
	return max(rate, (u64)r->floor << RATE_BITS);
}

/* As rate_at(), but keep the result: a slot's rate is asked once for each waiting packet. */
static u64 keep_rate_at(struct rtpl_surge *s, const struct rtpl_sched_regulator *r, u64 at)
{
	u64 rate = rate_at(s, r, at);

	if (!s->warm) {
		s->known = rate;
		s->known_t = rtpl_since(at, s->surge);
	}
	return rate;
}

static u16 batch_at(u64 rate)
{
	return rtpl_pace_batch(rate >> RATE_BITS);
}

/* ns between slots; at least 3 microseconds, and rate is at least 1. */
static u64 gap_at(u64 rate)
{
	return div64_u64(batch_at(rate) * RTPL_NSEC << (RATE_BITS - 6), rate >> 6);
}

static bool too_many(const struct rtpl_sched_regulator *r, u64 rate, u32 queued)
{
	return ((u64)queued * 1000) << 16 > (rate >> (RATE_BITS - 16)) * r->threshold;
}

static int regulator_check(const struct rtpl_sched_params *p, const char **why)
{
	const struct rtpl_sched_regulator *r = &p->regulator;

	if (r->end >= RTPL_END_COUNT)
		return sched_wrong(why, "The end is neither client nor server.", -EINVAL);
	if (r->warm_cells && (!r->warm_rate || r->warm_rate > RTPL_NSEC / RTPL_PACE_TICK_MIN))
		return sched_wrong(why,
				   "The first rate is not between 1 and 20000 cells per second.",
				   -ERANGE);
	if (r->idle_ns < 1000000 || r->idle_ns > RTPL_SCHED_SPAN_MAX)
		return sched_wrong(why, "The idle time is not between 1 ms and 2^55 ns.", -ERANGE);
	if (r->end == RTPL_END_CLIENT) {
		if (r->ratio < 1000 || r->ratio > 1000000)
			return sched_wrong(why, "The ratio is not between 1 and 1000.", -ERANGE);
		if (!r->cap_ns || r->cap_ns > RTPL_LATENCY_MAX_NS)
			return sched_wrong(why, "The cap on delay is not between 1 ns and 10 s.",
					   -ERANGE);
		return 0;
	}
	if (!r->rate || r->rate > RTPL_RATE_MAX)
		return sched_wrong(why, "The rate is not between 1 and 500000 cells per second.",
				   -ERANGE);
	if (!r->floor || r->floor > r->rate)
		return sched_wrong(why, "The lowest rate is not between 1 and the surge's.",
				   -ERANGE);
	if (!r->threshold || r->threshold > 1000000)
		return sched_wrong(why, "The threshold is not between 0.001 and 1000 s.", -ERANGE);
	if (r->half_ns && (r->half_ns < RTPL_SCHED_HALF_MIN || r->half_ns > RTPL_SCHED_HALF_MAX))
		return sched_wrong(why, "The half-life is not between 1 ms and 2^40 ns.", -ERANGE);
	return 0;
}

/* A slot's length at the lowest rate, rounded up. */
static u64 slowest(const struct rtpl_sched_regulator *r)
{
	u64 tick = rtpl_pace_tick(r->floor);

	return r->warm_cells ? max(tick, rtpl_pace_tick(r->warm_rate)) : tick;
}

static u64 regulator_delay(const struct rtpl_sched_params *p)
{
	const struct rtpl_sched_regulator *r = &p->regulator;

	return r->end == RTPL_END_CLIENT ? r->cap_ns : slowest(r);
}

static void regulator_start(struct rtpl_sched_state *st, const struct rtpl_sched_params *p, u64 now)
{
}

/* Begin a session, with its first slot at once. */
static void begin(struct rtpl_surge *s, const struct rtpl_sched_regulator *r,
		  struct rtpl_rng *rng, u64 now)
{
	s->on = true;
	s->warm = r->warm_cells;
	s->count = 0;
	s->owed = 0;
	s->credit = 0;
	s->reserved = 0;
	s->budget = r->end == RTPL_END_SERVER && r->budget ? rtpl_rng_below(rng, r->budget) : 0;
	s->surge = now;
	s->at = now;
	s->fresh = false;
	s->armed = true;
	s->linger = rtpl_rng_below(rng, 1 << 16);
	s->sessions++;
}

/*
 * Has the session ended by @at? Not a fixed time after the last data, or the last chaff would tell
 * when that was.
 */
static bool over(const struct rtpl_surge *s, const struct rtpl_sched_regulator *r, u64 at)
{
	return rtpl_since(at, s->last) >= r->idle_ns + mul_u64_u32_shr(r->idle_ns, s->linger, 16);
}

/* Data came, in either direction. */
static void active(struct rtpl_surge *s, const struct rtpl_sched_regulator *r,
		   struct rtpl_rng *rng, u64 now)
{
	if (!s->on || rtpl_since(now, s->last) >= r->idle_ns)
		begin(s, r, rng, now);
	s->last = max(s->last, now);
}

/* ---- server ---- */

static void server_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_regulator *r,
			   struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	struct rtpl_surge *s = &st->surge;

	switch (what) {
	case RTPL_QUEUED:
		active(s, r, rng, now);
		s->count = min_t(u32, s->count + rtpl_sched_cells(st, bytes), U32_MAX / 2);
		if (s->warm && s->count > r->warm_cells) {
			s->warm = false;
			s->surge = now;
			s->surges++;
			s->at = s->fresh ? max(s->at, now) : now;
			s->fresh = false;
			s->armed = true;
		}
		break;
	case RTPL_SENT_DATA:
		s->last = max(s->last, now);
		if (s->reserved) {
			s->reserved--;
			s->budget++;
		}
		break;
	case RTPL_SENT_CHAFF:
		if (s->reserved)
			s->reserved--;
		break;
	default:
		break;
	}
}

/* After a slot: compute the next, and whether a surge begins. */
static void advance(struct rtpl_surge *s, const struct rtpl_sched_regulator *r, u32 queued)
{
	u64 rate = rate_at(s, r, s->at), before = s->at;

	s->at += gap_at(rate);
	s->fresh = false;
	s->armed = true;
	if (!s->warm && r->end == RTPL_END_SERVER && too_many(r, rate, queued)) {
		s->surge = before;
		s->surges++;
	}
}

/*
 * The slot is past. Move to the grid of the current rate: if the slot could have been used (armed),
 * to the latest slot unless this is that one; otherwise to the next.
 */
static u64 catch_up(struct rtpl_surge *s, const struct rtpl_sched_regulator *r, u64 now)
{
	u64 gap = gap_at(rate_at(s, r, now)), late = now - s->at, rest, slots;

	slots = div64_u64_rem(late, gap, &rest);
	if (s->armed) {
		if (late <= gap)
			return 0;
		s->at = now - rest;
		return slots;
	}
	s->at = rest ? now + gap - rest : now;
	return 0;
}

static bool server_next(struct rtpl_sched_state *st, const struct rtpl_sched_regulator *r,
			struct rtpl_rng *rng, u64 now, u32 queued, struct rtpl_departure *d)
{
	struct rtpl_surge *s = &st->surge;
	u16 cells;
	bool chaff;

	if (!s->on) {
		if (!queued)
			return false;
		active(s, r, rng, now);
	}
	if (s->fresh)
		advance(s, r, queued + rtpl_sched_behind(st));
	if (now > s->at && (queued || s->warm || s->budget))
		st->missed += catch_up(s, r, now);

	cells = batch_at(keep_rate_at(s, r, s->at));
	chaff = s->warm || s->budget >= cells;
	if (!chaff && !queued) {
		s->armed = false;
		return false;
	}
	if (!queued && over(s, r, s->at)) {
		s->on = false;
		return false;
	}
	s->armed = true;
	*d = (struct rtpl_departure){
		.at = s->at,
		.cells = chaff ? cells : min_t(u32, cells, queued),
		.chaff = chaff,
		.timed = true,
	};
	return true;
}

static void server_take(struct rtpl_surge *s, const struct rtpl_departure *d)
{
	s->reserved = 0;
	if (d->chaff && !s->warm) {
		s->reserved = min_t(u32, d->cells, s->budget);
		s->budget -= s->reserved;
	}
	s->at = d->at;
	s->fresh = true;
}

/* ---- client ---- */

static void client_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_regulator *r,
			   struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now, u32 bytes)
{
	struct rtpl_surge *s = &st->surge;

	switch (what) {
	case RTPL_QUEUED:
		active(s, r, rng, now);
		rtpl_dues_put(&s->dues, now + r->cap_ns, rtpl_sched_cells(st, bytes));
		break;
	case RTPL_GOT_DATA:
		active(s, r, rng, now);
		fallthrough;
	case RTPL_GOT_CHAFF:
		if (!s->on)
			break;
		if (s->warm) {
			s->warm = ++s->count < r->warm_cells;
			break;
		}
		s->credit += 1000;
		if (s->credit >= r->ratio) {
			s->credit -= r->ratio;
			s->owed = min_t(u32, s->owed + 1, U32_MAX / 2);
		}
		break;
	default:
		break;
	}
}

static bool client_next(struct rtpl_sched_state *st, const struct rtpl_sched_regulator *r,
			u64 now, u32 queued, u16 batch, struct rtpl_departure *d)
{
	struct rtpl_surge *s = &st->surge;
	bool any;

	if (s->owed && batch) {
		*d = (struct rtpl_departure){
			.cells = min_t(u32, s->owed, batch),
			.chaff = true,
		};
		return true;
	}
	any = rtpl_dues_next(&s->dues, queued, batch, d);
	if (!s->on || !s->warm)
		return any;

	if (s->fresh)
		advance(s, r, queued);
	if (now > s->at)
		st->missed += catch_up(s, r, now);
	if (!queued && over(s, r, s->at)) {
		s->on = false;
		return any;
	}
	if (any && d->at < s->at)
		return true;
	*d = (struct rtpl_departure){ .at = s->at, .cells = 1, .chaff = true, .timed = true };
	return true;
}

static void client_take(struct rtpl_surge *s, const struct rtpl_departure *d)
{
	rtpl_dues_pop(&s->dues, d->cells);
	if (!d->chaff)
		return;
	if (s->owed) {
		s->owed -= min_t(u32, s->owed, d->cells);
		return;
	}
	s->at = d->at;
	s->fresh = true;
}

/* ---- both ---- */

static void regulator_traffic(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			      struct rtpl_rng *rng, enum rtpl_traffic_event what, u64 now,
			      u32 bytes)
{
	if (p->regulator.end == RTPL_END_SERVER)
		server_traffic(st, &p->regulator, rng, what, now, bytes);
	else
		client_traffic(st, &p->regulator, rng, what, now, bytes);
}

static bool regulator_next(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			   struct rtpl_rng *rng, u64 now, u32 queued, u16 batch,
			   struct rtpl_departure *d)
{
	if (p->regulator.end == RTPL_END_SERVER)
		return server_next(st, &p->regulator, rng, now, queued, d);
	return client_next(st, &p->regulator, now, queued, batch, d);
}

static void regulator_take(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			   const struct rtpl_departure *d)
{
	if (p->regulator.end == RTPL_END_SERVER)
		server_take(&st->surge, d);
	else
		client_take(&st->surge, d);
}

/* Neither the chaff budget nor the number of owed cells is reduced. */
static void regulator_skip(struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			   const struct rtpl_departure *d)
{
	st->surge.reserved = 0;
	st->surge.at = d->at;
	st->surge.fresh = true;
}

static u64 regulator_departs(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			     const struct rtpl_departure *d, u32 cells)
{
	const struct rtpl_sched_regulator *r = &p->regulator;
	u64 rate;

	if (r->end == RTPL_END_CLIENT)
		return rtpl_dues_departs(&st->surge.dues, d, cells);
	rate = rate_at(&st->surge, r, d->at);
	return d->at + (1 + (cells - d->cells) / batch_at(rate)) * gap_at(rate);
}

static void regulator_leak(const struct rtpl_sched_state *st, const struct rtpl_sched_params *p,
			   struct rtpl_sched_leak *leak)
{
	leak->choices = st->surge.sessions;
	leak->changes = st->surge.surges;
}

const struct rtpl_sched_ops rtpl_sched_regulator_ops = {
	.check = regulator_check,
	.delay = regulator_delay,
	.start = regulator_start,
	.traffic = regulator_traffic,
	.next = regulator_next,
	.take = regulator_take,
	.skip = regulator_skip,
	.departs = regulator_departs,
	.leak = regulator_leak,
	.demand = true,
};
