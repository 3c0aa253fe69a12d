// SPDX-License-Identifier: GPL-2.0
/*
 * Profiles (core/profile.c): a blob with every kind of record read back field by field, and
 * every way in which its form can be wrong.
 */
#include "profile_make.h"

/* ---- read back ---- */

static void link_and_sizes(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_profile *p = &m->p;

	web(m);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_STREQ(test, p->name, "test-1");
	KUNIT_EXPECT_EQ(test, p->shape.sizes, RTPL_SIZES_FIXED);
	KUNIT_EXPECT_EQ(test, p->shape.cell, 1200);
	KUNIT_EXPECT_EQ(test, p->shape.latency_ns, 50 * MS);
	KUNIT_EXPECT_EQ(test, p->shape.limit, 777);
	KUNIT_EXPECT_EQ(test, p->shape.overflow, RTPL_OVERFLOW_DROP_OLDEST);
	KUNIT_EXPECT_EQ(test, p->shape.sched, RTPL_SCHEDULE_ASAP);
	KUNIT_EXPECT_TRUE(test, p->messages);
	KUNIT_EXPECT_EQ(test, p->noise.n_buckets, 2);
	KUNIT_EXPECT_EQ(test, p->noise.bucket[0], 512);
	KUNIT_EXPECT_EQ(test, p->noise.bucket[1], 8192);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&p->noise.noise, BIT_ULL(63)), 50);
	KUNIT_EXPECT_EQ(test, p->limits.overhead, 250);
	KUNIT_EXPECT_EQ(test, p->limits.free, 9000);
	KUNIT_EXPECT_EQ(test, p->limits.rate, 123456);
	KUNIT_EXPECT_EQ(test, p->limits.window, 1000 * MS);
}

static void two_ends(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_profile_end *c = &m->p.end[RTPL_END_CLIENT];
	const struct rtpl_profile_end *s = &m->p.end[RTPL_END_SERVER];
	const struct rtpl_wtfpad_hist *h;

	web(m);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->sched.kind, RTPL_SCHEDULE_JITTER);
	KUNIT_EXPECT_EQ(test, c->sched.jitter.max_ns, 5 * MS);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&c->sched.jitter.hold, U64_MAX), 5 * MS - 1);
	KUNIT_EXPECT_EQ(test, s->sched.kind, RTPL_SCHEDULE_INTERVAL);
	KUNIT_EXPECT_EQ(test, s->sched.interval.period_ns, 20 * MS);
	KUNIT_EXPECT_EQ(test, s->sched.interval.cells, 3);
	KUNIT_EXPECT_FALSE(test, s->sched.interval.chaff);
	KUNIT_EXPECT_EQ(test, s->sched.interval.jitter.n, 0);
	KUNIT_EXPECT_EQ(test, c->chaff.kind, RTPL_CHAFF_WTFPAD);
	KUNIT_EXPECT_EQ(test, s->chaff.wtfpad.removal, RTPL_WTFPAD_HIGHER);
	KUNIT_EXPECT_EQ(test, s->chaff.wtfpad.flags, RTPL_WTFPAD_ON_CHAFF);
	KUNIT_EXPECT_TRUE(test, !c->chaff.wtfpad.hist[RTPL_WTFPAD_SND][RTPL_WTFPAD_GAP]);
	KUNIT_EXPECT_TRUE(test, !c->chaff.wtfpad.hist[RTPL_WTFPAD_RCV][RTPL_WTFPAD_BURST]);
	h = c->chaff.wtfpad.hist[RTPL_WTFPAD_RCV][RTPL_WTFPAD_GAP];
	KUNIT_ASSERT_NOT_NULL(test, h);
	KUNIT_EXPECT_PTR_EQ(test, h, s->chaff.wtfpad.hist[RTPL_WTFPAD_RCV][RTPL_WTFPAD_GAP]);
	KUNIT_EXPECT_EQ(test, h->n, 2);
	KUNIT_EXPECT_EQ(test, h->infinity, 301);
	KUNIT_EXPECT_EQ(test, h->tokens[0], 1001);
	KUNIT_EXPECT_EQ(test, h->tokens[1], 2001);
	KUNIT_EXPECT_EQ(test, h->edge[0], 5 * MS + 1);
	KUNIT_EXPECT_EQ(test, h->edge[1], 6 * MS + 1);
	KUNIT_EXPECT_EQ(test, c->n_machines, 2);
	KUNIT_EXPECT_EQ(test, c->machine[0].state[0].kind, RTPL_MACHINE_BLOCK);
	KUNIT_EXPECT_EQ(test, s->n_machines, 1);
	KUNIT_EXPECT_EQ(test, s->machine[0].state[0].kind, RTPL_MACHINE_PAD);
	KUNIT_EXPECT_EQ(test, s->machine[0].allowed_padding, 9);
	KUNIT_EXPECT_EQ(test, c->machines.max_padding, 1ULL << 62);
	KUNIT_EXPECT_EQ(test, c->machines.max_blocking, 1ULL << 61);
	KUNIT_EXPECT_EQ(test, s->machines.max_padding, 0);
}

static void each_schedule(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_sched_params *c = &m->p.end[RTPL_END_CLIENT].sched;
	const struct rtpl_sched_params *s = &m->p.end[RTPL_END_SERVER].sched;
	const struct rtpl_sched_regulator *r = &c->regulator;

	plain(m, CLIENT);
	ladder(m, SERVER);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->kind, RTPL_SCHEDULE_ASAP);
	KUNIT_EXPECT_EQ(test, s->ladder.n, 2);
	KUNIT_EXPECT_EQ(test, s->ladder.first, 1);
	KUNIT_EXPECT_EQ(test, s->ladder.growth, 2);
	KUNIT_EXPECT_EQ(test, s->ladder.up, 900);
	KUNIT_EXPECT_EQ(test, s->ladder.down, 300);
	KUNIT_EXPECT_EQ(test, s->ladder.rate[1], 200);
	KUNIT_EXPECT_EQ(test, s->ladder.epoch_ns, 1000 * MS);
	KUNIT_EXPECT_EQ(test, s->ladder.epoch_max_ns, 60000 * MS);
	KUNIT_EXPECT_EQ(test, s->ladder.average_us, 0);
	KUNIT_EXPECT_EQ(test, s->ladder.steps_up, 0);

	plain(m, CLIENT);
	slow_ladder(m, SERVER);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, s->ladder.rate[1], 200);
	KUNIT_EXPECT_EQ(test, s->ladder.average_us, 4000000);
	KUNIT_EXPECT_EQ(test, s->ladder.steps_up, 2);
	KUNIT_EXPECT_EQ(test, s->ladder.steps_down, 1);
	KUNIT_EXPECT_NULL(test, s->ladder.noise);
	plain(m, CLIENT);
	slow_ladder(m, SERVER);
	table(m, -20, 30);
	EXPECT_GOOD(test, m);
	KUNIT_ASSERT_NOT_NULL(test, s->ladder.noise);
	KUNIT_EXPECT_EQ(test, s->ladder.noise->min, -20);
	KUNIT_EXPECT_EQ(test, s->ladder.noise->max, 30);

	plain(m, SERVER);
	regulator(m, CLIENT, RTPL_END_CLIENT);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, r->end, RTPL_END_CLIENT);
	KUNIT_EXPECT_EQ(test, r->warm_cells, 10);
	KUNIT_EXPECT_EQ(test, r->warm_rate, 11);
	KUNIT_EXPECT_EQ(test, r->rate, 277);
	KUNIT_EXPECT_EQ(test, r->floor, 21);
	KUNIT_EXPECT_EQ(test, r->threshold, 3550);
	KUNIT_EXPECT_EQ(test, r->budget, 3551);
	KUNIT_EXPECT_EQ(test, r->ratio, 3950);
	KUNIT_EXPECT_EQ(test, r->half_ns, 11202305584);
	KUNIT_EXPECT_EQ(test, r->cap_ns, 1770 * MS);
	KUNIT_EXPECT_EQ(test, r->idle_ns, 2000 * MS);

	plain(m, SERVER);
	tamaraw(m, CLIENT);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->tamaraw.period_ns, 12 * MS);
	KUNIT_EXPECT_EQ(test, c->tamaraw.quiet_ns, 5000 * MS);
	KUNIT_EXPECT_EQ(test, c->tamaraw.multiple, 100);
	KUNIT_EXPECT_EQ(test, c->tamaraw.cells, 2);

	begin(m);
	sizes(m, RTPL_SIZES_FIXED, 1200);
	link(m, 0);
	constant(m, BOTH, 1000);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->rate, 1000);
	KUNIT_EXPECT_EQ(test, s->rate, 1000);
	KUNIT_EXPECT_EQ(test, m->p.shape.sched, RTPL_SCHEDULE_CONST);
	KUNIT_EXPECT_EQ(test, m->p.shape.rate, 1000);
}

static void tables_of_exchanges(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_profile_end *c = &m->p.end[RTPL_END_CLIENT];
	const struct rtpl_profile_end *s = &m->p.end[RTPL_END_SERVER];
	const struct rtpl_exchange *x = &c->exchange;

	exchanging(m);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->sched.kind, RTPL_SCHEDULE_EXCHANGE);
	KUNIT_EXPECT_PTR_EQ(test, c->sched.exchange, x);
	KUNIT_EXPECT_PTR_EQ(test, s->sched.exchange, x);
	KUNIT_EXPECT_EQ(test, x->small, 256);
	KUNIT_EXPECT_EQ(test, x->cover, 800);
	KUNIT_EXPECT_EQ(test, x->start, 1);
	KUNIT_EXPECT_EQ(test, x->grow, 24);
	KUNIT_EXPECT_EQ(test, x->most, 9);
	KUNIT_EXPECT_EQ(test, x->every, 4);
	KUNIT_EXPECT_EQ(test, x->spread, 3);
	KUNIT_EXPECT_EQ(test, x->linger, 2);
	KUNIT_EXPECT_EQ(test, x->pace_ns, 2 * MS);
	KUNIT_EXPECT_EQ(test, x->slot_ns, 50 * MS);
	KUNIT_EXPECT_EQ(test, x->reply_ns, 6 * MS);
	KUNIT_EXPECT_EQ(test, x->idle_ns, 5000 * MS);
	KUNIT_EXPECT_EQ(test, x->n_up, 2);
	KUNIT_EXPECT_EQ(test, x->up[1], 2400);
	KUNIT_EXPECT_EQ(test, x->n_down, 2);
	KUNIT_EXPECT_EQ(test, x->down[0], 2400);
	KUNIT_EXPECT_EQ(test, x->n_slots, 2);
	KUNIT_EXPECT_EQ(test, x->slots[1], 5);
	KUNIT_EXPECT_EQ(test, x->n_rows, 3);
	KUNIT_EXPECT_EQ(test, x->row[2].key,
			rtpl_exchange_key(RTPL_EXCHANGE_ANSWER, 0, 1, 1, 0, 1));
	KUNIT_EXPECT_EQ(test, x->row[2].first, 3);
	KUNIT_EXPECT_EQ(test, x->row[2].n, 2);
	KUNIT_EXPECT_EQ(test, x->n_choices, 5);
	KUNIT_EXPECT_EQ(test, x->choice[3].upto, 1U << 30);
	KUNIT_EXPECT_EQ(test, x->choice[4].to, 1);
	KUNIT_EXPECT_EQ(test, x->choice[4].volume, 1);

	/* Each end its own. */
	begin(m);
	three_sizes(m);
	link(m, 0);
	exchange(m, SERVER);
	exchange(m, CLIENT);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_PTR_EQ(test, c->sched.exchange, &c->exchange);
	KUNIT_EXPECT_PTR_EQ(test, s->sched.exchange, &s->exchange);
	KUNIT_EXPECT_EQ(test, s->exchange.down[0], 2400);
}

static void bad_exchanges(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_exchange *r;
	struct rtpl_profile_row *row;
	struct rtpl_profile_choice *choice;
	__le32 *edge;

	exchanging(m);
	r = (struct rtpl_profile_exchange *)(m->blob + m->rec + EXCHANGE_AT);
	edge = (__le32 *)(r + 1);
	row = (struct rtpl_profile_row *)(m->blob + m->rec + EXCHANGE_ROWS_AT);
	choice = (struct rtpl_profile_choice *)(row + 3);
	EXPECT_GOOD(test, m);
	r->n_up = 33;
	expect_bad(test, m, -EINVAL, "Schedule", "1 to 32 classes");
	r->n_up = 1;
	expect_bad(test, m, -EINVAL, "Schedule", "not zero");
	r->n_up = 3;
	expect_bad(test, m, -EINVAL, "Schedule", "do not ascend");
	r->n_up = 2;
	edge[2 * RTPL_EXCHANGE_EDGES + 31] = cpu_to_le32(1);
	expect_bad(test, m, -EINVAL, "Schedule", "not zero");
	edge[2 * RTPL_EXCHANGE_EDGES + 31] = 0;
	r->n_rows = cpu_to_le32(RTPL_EXCHANGE_ROWS + 1);
	expect_bad(test, m, -E2BIG, "Schedule", "too large");
	r->n_rows = cpu_to_le32(RTPL_EXCHANGE_ROWS);
	expect_bad(test, m, -EINVAL, "Schedule", "cut off");
	r->n_rows = cpu_to_le32(3);
	r->n_choices = cpu_to_le32(U32_MAX);
	expect_bad(test, m, -E2BIG, "Schedule", "too large");
	r->n_choices = cpu_to_le32(6);
	expect_bad(test, m, -EINVAL, "Schedule", "cut off");
	r->n_choices = cpu_to_le32(4);
	expect_bad(test, m, -EINVAL, "Schedule", "longer");
	r->n_choices = cpu_to_le32(5);
	row[1].zero = cpu_to_le16(1);
	expect_bad(test, m, -EINVAL, "Schedule", "classes that there are not");
	row[1].zero = 0;
	row[2].n = cpu_to_le16(3);
	expect_bad(test, m, -EINVAL, "Schedule", "no choices");
	row[2].n = cpu_to_le16(2);
	choice[4].upto = cpu_to_le32(U32_MAX - 1);
	expect_bad(test, m, -EINVAL, "Schedule", "sum to one");
	KUNIT_EXPECT_EQ(test, m->where.at, m->rec);
	choice[4].upto = cpu_to_le32(U32_MAX);
	choice[2].zero = cpu_to_le16(1);
	expect_bad(test, m, -EINVAL, "Schedule", "below its volume or slot");
	choice[2].zero = 0;
	r->pace_ns = 0;
	expect_bad(test, m, -ERANGE, "Schedule", "The pace");
	r->pace_ns = cpu_to_le64(2 * MS);
	EXPECT_GOOD(test, m);
}

static void private_window(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_dp_plan *d = &m->p.dp;

	plain(m, CLIENT);
	kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_DP);
	plan(m);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_PTR_EQ(test, m->p.end[RTPL_END_SERVER].sched.dp, d);
	KUNIT_EXPECT_EQ(test, d->mechanism, RTPL_DP_SKELLAM);
	KUNIT_EXPECT_EQ(test, d->parts, 2);
	KUNIT_EXPECT_EQ(test, d->draws, 3);
	KUNIT_EXPECT_EQ(test, d->n_lines, 2);
	KUNIT_EXPECT_TRUE(test, d->hold);
	KUNIT_EXPECT_EQ(test, d->step, 64);
	KUNIT_EXPECT_EQ(test, d->grain, 1000);
	KUNIT_EXPECT_EQ(test, d->min, 1);
	KUNIT_EXPECT_EQ(test, d->max, 50);
	KUNIT_EXPECT_EQ(test, d->burst, 4);
	KUNIT_EXPECT_EQ(test, d->window_ns, 10 * MS);
	KUNIT_EXPECT_EQ(test, d->windows, 99);
	KUNIT_EXPECT_EQ(test, d->delta, 123456789);
	KUNIT_EXPECT_EQ(test, d->line[1].each, 8);
	KUNIT_EXPECT_EQ(test, d->line[1].once, 71);
	KUNIT_EXPECT_EQ(test, d->part[0].start, -3);
	KUNIT_EXPECT_EQ(test, d->part[0].min, -5);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d->part[0], 0), -1);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&d->part[1], 0), 0);
}

static void each_chaff(struct kunit *test)
{
	struct mk *m = mk_new(test);
	const struct rtpl_profile_end *c = &m->p.end[RTPL_END_CLIENT];
	const struct rtpl_profile_end *s = &m->p.end[RTPL_END_SERVER];
	struct rtpl_profile_bip324 *b;
	struct rtpl_profile_front *f;

	plain(m, BOTH);
	cover(m, CLIENT, 40 * MS);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->chaff.cover.idle, 55 * MS);
	KUNIT_EXPECT_EQ(test, c->chaff.cover.every.mode, RTPL_CHAFF_FIXED);
	KUNIT_EXPECT_EQ(test, c->chaff.cover.every.ns, 40 * MS);
	KUNIT_EXPECT_EQ(test, s->chaff.kind, RTPL_CHAFF_NONE);

	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, BOTH, RTPL_CHAFF_BIP324);
	b = add(m, sizeof(*b));
	b->padding = RTPL_CHAFF_RANDOM;
	b->count = 4;
	b->chance = cpu_to_le32(1U << 30);
	gap(m, RTPL_CHAFF_RANDOM, 0, 10 * MS, 30 * MS);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->chaff.bip324.padding, RTPL_CHAFF_RANDOM);
	KUNIT_EXPECT_EQ(test, c->chaff.bip324.count, 4);
	KUNIT_EXPECT_EQ(test, c->chaff.bip324.chance, 1U << 30);
	KUNIT_EXPECT_PTR_EQ(test, c->chaff.bip324.background.dist, &c->gap);
	KUNIT_EXPECT_PTR_EQ(test, s->chaff.bip324.background.dist, &s->gap);
	KUNIT_EXPECT_EQ(test, rtpl_dist_at(&s->gap, BIT_ULL(63)), 20 * MS);

	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, SERVER, RTPL_CHAFF_FRONT);
	f = add(m, sizeof(*f));
	f->min = cpu_to_le16(1);
	f->max = cpu_to_le16(1700);
	f->window_min = cpu_to_le64(1000 * MS);
	f->window_max = cpu_to_le64(14000 * MS);
	f->silence = cpu_to_le64(2000 * MS);
	EXPECT_GOOD(test, m);
	KUNIT_EXPECT_EQ(test, c->chaff.kind, RTPL_CHAFF_NONE);
	KUNIT_EXPECT_EQ(test, s->chaff.front.min, 1);
	KUNIT_EXPECT_EQ(test, s->chaff.front.max, 1700);
	KUNIT_EXPECT_EQ(test, s->chaff.front.window_min, 1000 * MS);
	KUNIT_EXPECT_EQ(test, s->chaff.front.window_max, 14000 * MS);
	KUNIT_EXPECT_EQ(test, s->chaff.front.silence, 2000 * MS);
}

/* ---- its form ---- */

/* Each cut, and each record that is longer or shorter than it says. */
static void cuts(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_head *h = (struct rtpl_profile_head *)m->blob;
	struct rtpl_profile_record *r;
	u32 whole, at, len, which;
	int err;

	for (which = 0; which < 3; which++) {
		web(m);
		if (which == 2) {
			exchanging(m);
		} else if (which) {
			plain(m, CLIENT);
			kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_DP);
			plan(m);
		}
		finish(m);
		whole = m->len;
		for (m->len = 0, at = sizeof(*h); m->len < whole; m->len += 4) {
			bool ends = m->len == at;

			if (ends)
				at += le32_to_cpu(((struct rtpl_profile_record *)
						   (m->blob + at))->len);
			memcpy(m->copy, m->blob, m->len);
			KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_profile_parse(&m->p, m->copy, m->len,
									  &m->why, &m->where));
			/* Some of its records may make a profile, too. */
			h->size = cpu_to_le32(m->len);
			memcpy(m->copy, m->blob, m->len);
			h->size = cpu_to_le32(whole);
			err = rtpl_profile_parse(&m->p, m->copy, m->len, &m->why, &m->where);
			if (!ends)
				KUNIT_EXPECT_EQ(test, err, -EINVAL);
		}
		m->rec = 0;
		for (at = sizeof(*h); at < whole; at += len) {
			r = (struct rtpl_profile_record *)(m->blob + at);
			len = le32_to_cpu(r->len);
			r->len = cpu_to_le32(len - 8);
			KUNIT_EXPECT_LT(test, parse(m), 0);
			r->len = cpu_to_le32(len + 8);
			KUNIT_EXPECT_LT(test, parse(m), 0);
			r->len = cpu_to_le32(len + 4);
			KUNIT_EXPECT_LT(test, parse(m), 0);
			r->len = 0;
			KUNIT_EXPECT_LT(test, parse(m), 0);
			KUNIT_EXPECT_EQ(test, m->where.at, at);
			r->len = cpu_to_le32(len);
		}
		EXPECT_GOOD(test, m);
	}
}

/* Any bit turned: refused, or the form was such that it is still whole. Never worse. */
static void bits(struct kunit *test)
{
	struct mk *m = mk_new(test);
	u32 at, refused = 0;

	web(m);
	finish(m);
	m->rec = 0;
	for (at = 0; at < m->len; at++) {
		m->blob[at] ^= 1 << at % 8;
		if (parse(m)) {
			refused++;
			KUNIT_EXPECT_NOT_NULL(test, m->why);
			KUNIT_EXPECT_NOT_NULL(test, m->where.field);
			KUNIT_EXPECT_LT(test, m->where.at, m->len);
		}
		m->blob[at] ^= 1 << at % 8;
	}
	/* The name, the numbers in tables and the like may change; all zero may not. */
	KUNIT_EXPECT_GT(test, refused, m->len / 2);
	KUNIT_EXPECT_LT(test, refused, m->len);
}

static void heads(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_head *h = (struct rtpl_profile_head *)m->blob;
	struct rtpl_profile_record *r;

	plain(m, BOTH);
	h->magic++;
	expect_bad(test, m, -EINVAL, "Profile", "no profile");
	plain(m, BOTH);
	h->version++;
	expect_bad(test, m, -EPROTONOSUPPORT, "Profile", "another version");
	plain(m, BOTH);
	h->zero = 1;
	expect_bad(test, m, -EINVAL, "Profile", "not zero");
	plain(m, BOTH);
	h->zero2 = 1;
	expect_bad(test, m, -EINVAL, "Profile", "not zero");
	plain(m, BOTH);
	h->name[0] = 'A';
	expect_bad(test, m, -EINVAL, "Profile", "name");
	plain(m, BOTH);
	h->name[0] = 0;
	expect_bad(test, m, -EINVAL, "Profile", "name");
	plain(m, BOTH);
	h->name[20] = 'a';
	expect_bad(test, m, -EINVAL, "Profile", "not zero");
	plain(m, BOTH);
	memset(h->name, 'a', sizeof(h->name));
	expect_bad(test, m, -EINVAL, "Profile", "letters");

	plain(m, BOTH);
	record(m, RTPL_PROFILE_TYPES, BOTH);
	expect_bad(test, m, -EINVAL, "Profile", "unknown type");
	KUNIT_EXPECT_EQ(test, m->where.at, m->rec);
	plain(m, BOTH);
	record(m, 0, BOTH);
	expect_bad(test, m, -EINVAL, "Profile", "unknown type");
	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, 0, RTPL_CHAFF_NONE);
	expect_bad(test, m, -EINVAL, "Chaff", "an end that there is not");
	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, 7, RTPL_CHAFF_NONE);
	expect_bad(test, m, -EINVAL, "Chaff", "an end that there is not");
	plain(m, BOTH);
	limits(m, 1, 1, 0);
	r = (struct rtpl_profile_record *)(m->blob + m->rec);
	r->ends = CLIENT;
	expect_bad(test, m, -EINVAL, "Limits", "an end that there is not");
	r->ends = BOTH;
	r->zero = 1;
	expect_bad(test, m, -EINVAL, "Limits", "not zero");

	plain(m, BOTH);
	kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_ASAP);
	expect_bad(test, m, -EINVAL, "Schedule", "twice");
	plain(m, CLIENT);
	expect_bad(test, m, -EINVAL, "Schedule", "lacks");
	plain(m, BOTH);
	kind(m, RTPL_PROFILE_SCHED, BOTH, RTPL_SCHEDULE_ASAP);
	expect_bad(test, m, -EINVAL, "Schedule", "twice");
	begin(m);
	link(m, 0);
	kind(m, RTPL_PROFILE_SCHED, BOTH, RTPL_SCHEDULE_ASAP);
	expect_bad(test, m, -EINVAL, "Sizes", "lacks");

	memset(m->blob, 0, 8);
	plain(m, BOTH);
	finish(m);
	KUNIT_EXPECT_EQ(test, -EINVAL, rtpl_profile_parse(&m->p, m->copy + 4, m->len, &m->why,
							  &m->where));
	KUNIT_EXPECT_EQ(test, -E2BIG, rtpl_profile_parse(&m->p, m->copy, RTPL_PROFILE_SIZE + 8,
							 &m->why, &m->where));
}

/* Records that are wrong by themselves. */
static void records(struct kunit *test)
{
	struct mk *m = mk_new(test);
	struct rtpl_profile_table *t;
	struct rtpl_profile_ladder *slow;
	struct rtpl_profile_hist *h;
	u32 i;

	plain(m, CLIENT);
	kind(m, RTPL_PROFILE_SCHED, SERVER, RTPL_SCHEDULE_KINDS);
	expect_bad(test, m, -EINVAL, "Schedule", "unknown");
	plain(m, CLIENT);
	regulator(m, SERVER, RTPL_END_CLIENT);
	expect_bad(test, m, -EINVAL, "Schedule", "not the server");
	begin(m);
	sizes(m, RTPL_SIZES_FIXED, 1200);
	link(m, 0);
	regulator(m, BOTH, RTPL_END_CLIENT);
	expect_bad(test, m, -EINVAL, "Schedule", "not the server");
	plain(m, BOTH);
	kind(m, RTPL_PROFILE_CHAFF, BOTH, RTPL_CHAFF_KINDS);
	expect_bad(test, m, -EINVAL, "Chaff", "unknown");

	/* tables: no entries, too many, more than there are */
	plain(m, CLIENT);
	jitter(m, SERVER, 5 * MS);
	t = (struct rtpl_profile_table *)(m->blob + m->rec + 24);
	t->n = 0;
	expect_bad(test, m, -EINVAL, "Schedule", "no entries");
	t->n = cpu_to_le16(1025);
	expect_bad(test, m, -E2BIG, "Schedule", "1024");
	t->n = cpu_to_le16(3);
	expect_bad(test, m, -EINVAL, "Schedule", "cut off");
	t->n = cpu_to_le16(1);
	expect_bad(test, m, -EINVAL, "Schedule", "longer");
	t->n = cpu_to_le16(2);
	t->kind = 9;
	expect_bad(test, m, -EINVAL, "Schedule", "kind");
	KUNIT_EXPECT_EQ(test, m->where.at, m->rec);
	plain(m, CLIENT);
	interval(m, SERVER, 5 * MS, false);
	t = (struct rtpl_profile_table *)(m->blob + m->len - sizeof(*t));
	t->max = 1;
	expect_bad(test, m, -EINVAL, "Schedule", "not zero");
	plain(m, CLIENT);
	slow = slow_ladder(m, SERVER);
	slow->zero2[1] = 1;
	expect_bad(test, m, -EINVAL, "Schedule", "not zero");
	slow->zero2[1] = 0;
	slow->steps_up = 0;
	expect_bad(test, m, -ERANGE, "Schedule", "steps");
	KUNIT_EXPECT_EQ(test, m->where.at, m->rec);
	slow->steps_up = 2;
	table(m, -20, 20);
	t = (struct rtpl_profile_table *)(slow + 1);
	t->n = 0;
	expect_bad(test, m, -EINVAL, "Schedule", "no entries");
	t->n = cpu_to_le16(2);
	t->max = cpu_to_le64(RTPL_RATE_MAX + 1);
	expect_bad(test, m, -ERANGE, "Schedule", "noise");
	slow->average_us = 0;
	slow->steps_up = 0;
	slow->steps_down = 0;
	expect_bad(test, m, -EINVAL, "Schedule", "Only a ladder with an average has noise");

	plain(m, BOTH);
	wtfpad(m, BOTH);
	h = (struct rtpl_profile_hist *)(m->blob + m->rec + 24);
	h->n = 65;
	expect_bad(test, m, -ERANGE, "Chaff", "64 bins");
	h->n = 1;
	expect_bad(test, m, -EINVAL, "Chaff", "not zero");
	h->n = 2;
	h->zero2 = 1;
	expect_bad(test, m, -EINVAL, "Chaff", "not zero");
	h->zero2 = 0;
	h->tokens[0] = 0;
	h->tokens[1] = 0;
	expect_bad(test, m, -EINVAL, "Chaff", "no tokens");

	plain(m, BOTH);
	for (i = 0; i <= RTPL_MACHINES; i++)
		machine(m, CLIENT, false);
	expect_bad(test, m, -E2BIG, "Machine", "8 machines");
	plain(m, BOTH);
	machine(m, BOTH, false);
	m->blob[m->rec + 8]++;
	expect_bad(test, m, -EINVAL, "Machine", "no machine");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(link_and_sizes),
	KUNIT_CASE(two_ends),
	KUNIT_CASE(each_schedule),
	KUNIT_CASE(tables_of_exchanges),
	KUNIT_CASE(bad_exchanges),
	KUNIT_CASE(private_window),
	KUNIT_CASE(each_chaff),
	KUNIT_CASE(cuts),
	KUNIT_CASE(bits),
	KUNIT_CASE(heads),
	KUNIT_CASE(records),
	{}
};

static struct kunit_suite suite = {
	.name = "rtpl_profile",
	.test_cases = cases,
};

kunit_test_suite(suite);
