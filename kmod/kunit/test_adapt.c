// SPDX-License-Identifier: GPL-2.0
/*
 * The adaptive policy (core/adapt.c): what adapt.h promises, against a judge that keeps
 * its own books; and every setting that is refused.
 */
#include "lib.h"
#include "../core/adapt.h"

#define S	1000000000ULL
#define MS	1000000ULL

static struct rtpl_adapt make(u8 n, u64 load, u64 budget)
{
	struct rtpl_adapt p;

	rtpl_adapt_default(&p, n);
	p.load = load;
	p.budget = budget;
	return p;
}

/* a * b > c * d? */
static bool product_above(u64 a, u64 b, u64 c, u64 d)
{
	unsigned __int128 left = a, right = c;

	return left * b > right * d;
}

/* A link with a policy, and what it has sent. */
struct link {
	struct rtpl_adapt p;
	struct rtpl_adapt_state st;
	u64 now, data, extra;
};

static void begin(struct link *l, struct rtpl_adapt p)
{
	*l = (struct link){ .p = p, .now = 12345 };
	rtpl_adapt_start(&l->p, &l->st, l->now, 0, 0);
}

/* One epoch with so many bytes. */
static u8 epoch(struct link *l, u64 data, u64 extra)
{
	l->now += l->p.epoch_ms * MS;
	l->data += data;
	l->extra += extra;
	return rtpl_adapt_epoch(&l->p, &l->st, l->now, l->data, l->extra);
}

static void load(struct kunit *test)
{
	struct link l;
	int i;

	/* 1000 bytes/s are 10000 an epoch. */
	begin(&l, make(4, 1000, 0));
	KUNIT_EXPECT_EQ(test, 3, l.st.level);
	KUNIT_EXPECT_EQ(test, 12345 + 10 * S, rtpl_adapt_next(&l.p, &l.st));
	/* Not a moment before the end of the epoch. */
	KUNIT_EXPECT_EQ(test, 3, rtpl_adapt_epoch(&l.p, &l.st, 12344 + 10 * S, 10001, 0));
	KUNIT_EXPECT_EQ(test, 2, epoch(&l, 10001, 0));
	KUNIT_EXPECT_EQ(test, 2, epoch(&l, 10000, 0));	/* the load itself is not above it */
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 10001, 0));
	KUNIT_EXPECT_EQ(test, 0, epoch(&l, U32_MAX, 0));
	KUNIT_EXPECT_EQ(test, 0, epoch(&l, U32_MAX, 0));
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, 0, epoch(&l, 4999, 0));
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 4999, 0));
	/* The next one takes as many again, and half of the load is not calm. */
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 0));
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 5000, 0));
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 0));
	KUNIT_EXPECT_EQ(test, 2, epoch(&l, 0, 0));
	KUNIT_EXPECT_EQ(test, 3, l.st.steps_down);
	KUNIT_EXPECT_EQ(test, 2, l.st.steps_up);
	KUNIT_EXPECT_EQ(test, 5 + 18, l.st.decisions);

	/* Down, and with one calm epoch up: not in the next one, but in that after it. */
	begin(&l, make(2, 1000, 0));
	l.p.calm = 1;
	KUNIT_EXPECT_EQ(test, 0, epoch(&l, 10001, 0));
	KUNIT_EXPECT_EQ(test, 0, epoch(&l, 0, 0));
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 0));
}

/* Whatever alternates about the threshold steps down once for each level, and no more. */
static void hysteresis(struct kunit *test)
{
	struct m_rng rng = { 4 };
	struct link l;
	int i;

	begin(&l, make(8, 1000, 0));
	for (i = 0; i < 10000; i++)
		epoch(&l, i % 2 ? 9000 : 11000, 0);
	KUNIT_EXPECT_EQ(test, 7, l.st.steps_down);
	KUNIT_EXPECT_EQ(test, 0, l.st.steps_up);

	begin(&l, make(8, 1000, 0));
	for (i = 0; i < 10000; i++)
		epoch(&l, 5000 + m_below(&rng, 10000), 0);
	KUNIT_EXPECT_EQ(test, 7, l.st.steps_down);
	KUNIT_EXPECT_EQ(test, 0, l.st.steps_up);

	/* The fastest there is: calm epochs up, one down. */
	begin(&l, make(2, 1000, 0));
	for (i = 0; i < 7000; i++)
		epoch(&l, i % 7 ? 0 : 11000, 0);
	KUNIT_EXPECT_EQ(test, 1000, l.st.steps_down);
	KUNIT_EXPECT_EQ(test, 1000, l.st.steps_up);
}

/* A link whose padding and chaff follow its level, at random. */
static void budget(struct kunit *test)
{
	static const u32 periods[] = { 10, 20, 600, 86400 };
	struct m_rng rng = { 7 };
	u64 most, most_n, spent, cost[RTPL_ADAPT_LEVELS];
	u32 round, i, ended, n;
	struct link l;
	bool over = false;
	u8 level;

	for (round = 0; round < 60; round++) {
		begin(&l, make(2 + m_below(&rng, 7), 0, 1 + m_below(&rng, 1000000000)));
		l.p.period = periods[round % ARRAY_SIZE(periods)];
		l.p.calm = 1 + m_below(&rng, 8);
		n = l.p.period / 10;
		most = div_u64(l.p.budget, 1 + m_below(&rng, n * 4));
		cost[0] = 0;
		for (i = 1; i < l.p.n; i++)
			cost[i] = cost[i - 1] + div_u64(most - cost[i - 1], l.p.n - i);
		for (spent = 0, ended = 0, i = 0; i < 3 * n; i++) {
			level = l.st.level;
			spent += cost[level];
			ended++;
			epoch(&l, 0, cost[level]);
			/* In a period never more than its share and what n - 1 epochs cost. */
			most_n = (l.p.n - 1) * most;
			over |= spent > most_n &&
				product_above(spent - most_n, n, l.p.budget, ended);
			if (ended == n) {
				spent = 0;
				ended = 0;
			}
		}
		KUNIT_EXPECT_FALSE(test, over);
		KUNIT_EXPECT_EQ(test, 3 * n, l.st.decisions);
	}

	/* By hand: 600 in 6 epochs, 100 each. */
	begin(&l, make(3, 0, 600));
	l.p.period = 60;
	l.p.calm = 2;
	KUNIT_EXPECT_EQ(test, 2, epoch(&l, 0, 100));	/* 100 of 100 */
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 101));	/* 201 of 200 */
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 0));	/* 201 of 300 */
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 0));	/* of 400: half is 200 */
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 0));	/* of 500: calm */
	KUNIT_EXPECT_EQ(test, 2, epoch(&l, 0, 0));	/* of 600: calm */
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 101));	/* a new period: 101 of 100 */
	KUNIT_EXPECT_EQ(test, 0, epoch(&l, 0, 100));	/* 201 of 200 */
}

/* The judge: the same settings, and sums of its own. */
struct judge {
	u64 spent, mbits;
	u32 ended, calm, since;
	bool fell;
};

static void judge(struct kunit *test, struct judge *j, const struct rtpl_adapt *p, u8 was,
		  u8 is, u64 data, u64 extra)
{
	u64 most = div_u64(p->load * p->epoch_ms, 1000);
	u32 n = div_u64((u64)p->period * 1000, p->epoch_ms);
	bool above = false, calm = true, up;
	u32 outcomes;

	if (p->load) {
		above |= data > most;
		calm &= product_above(most, 1, data, 2);
	}
	if (p->budget) {
		j->spent += extra;
		j->ended++;
		above |= product_above(j->spent, n, p->budget, j->ended);
		calm &= !product_above(j->spent * 2 + 1, n, p->budget, j->ended);
		if (j->ended == n) {
			j->ended = 0;
			j->spent = 0;
		}
	}
	j->calm = calm ? j->calm + 1 : 0;
	j->since++;

	KUNIT_EXPECT_GE(test, is, p->threat);
	KUNIT_EXPECT_LT(test, is, p->n);
	KUNIT_EXPECT_LE(test, is > was ? is - was : was - is, 1);
	KUNIT_EXPECT_EQ(test, above && was > p->threat, is < was);
	up = was < p->n - 1 && j->since >= p->calm && !j->fell;
	KUNIT_EXPECT_EQ(test, up && j->calm >= p->calm && !above, is > was);
	outcomes = 1 + (was > p->threat) + up;
	j->mbits += outcomes == 3 ? 1585 : outcomes == 2 ? 1000 : 0;
	j->fell = is < was;
	if (is != was) {
		j->since = 0;
		j->calm = 0;
	}
}

static void promise(struct kunit *test)
{
	struct m_rng rng = { 11 };
	struct rtpl_adapt p;
	u64 data, extra, kind;
	struct judge j;
	struct link l;
	u32 round, i;
	u8 was, is;

	for (round = 0; round < 300; round++) {
		p = make(2 + m_below(&rng, 7), m_chance(&rng, 700) ? 1 + m_below(&rng, 100000) : 0,
			 m_chance(&rng, 600) ? 1 + m_below(&rng, 1000000000) : 0);
		p.threat = m_below(&rng, p.n);
		p.calm = 1 + m_below(&rng, 9);
		p.epoch_ms = 1000 * (1 + m_below(&rng, 20));
		p.period = p.epoch_ms / 1000 * (1 + m_below(&rng, 50));
		if (!rtpl_adapt_decides(&p))
			p.load = 1;
		begin(&l, p);
		/* Totals that wrap on the way. */
		l.data = U64_MAX - m_below(&rng, 100000);
		l.extra = l.data;
		l.st.data = l.data;
		l.st.extra = l.extra;
		memset(&j, 0, sizeof(j));
		kind = 0;
		for (i = 0; i < 400; i++) {
			if (m_chance(&rng, 100))
				kind = m_rand(&rng);
			data = div_u64(p.load * p.epoch_ms, 1000) / 8 *
				(kind % 16) + m_below(&rng, 3);
			extra = div_u64(p.budget * p.epoch_ms, p.period * 1000) / 8 *
				(kind / 16 % 16) + m_below(&rng, 3);
			was = l.st.level;
			is = epoch(&l, data, extra);
			judge(test, &j, &p, was, is, data, extra);
		}
		KUNIT_EXPECT_EQ(test, j.mbits, l.st.mbits);
		KUNIT_EXPECT_EQ(test, 400, l.st.decisions);
		KUNIT_EXPECT_EQ(test, (int)l.st.level, p.n - 1 + (int)l.st.steps_up -
				(int)l.st.steps_down);
		/* The grid is the start's. */
		KUNIT_EXPECT_EQ(test, 12345 + 401 * p.epoch_ms * MS, l.st.next);
	}
}

/* Nothing to decide: the threat level, at once, and each change of it a step. */
static void threat(struct kunit *test)
{
	struct rtpl_adapt p = make(4, 0, 0), was;
	struct link l;

	p.threat = 1;
	begin(&l, p);
	KUNIT_EXPECT_EQ(test, 1, l.st.level);
	KUNIT_EXPECT_EQ(test, U64_MAX, rtpl_adapt_next(&l.p, &l.st));
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, U32_MAX, U32_MAX));
	KUNIT_EXPECT_EQ(test, 0, l.st.decisions);
	was = l.p;
	l.p.threat = 3;
	KUNIT_EXPECT_EQ(test, 3, rtpl_adapt_change(&l.p, &was, &l.st, l.now, 0, 0));
	was = l.p;
	l.p.threat = 0;
	KUNIT_EXPECT_EQ(test, 0, rtpl_adapt_change(&l.p, &was, &l.st, l.now, 0, 0));
	was = l.p;
	KUNIT_EXPECT_EQ(test, 0, rtpl_adapt_change(&l.p, &was, &l.st, l.now, 0, 0));
	KUNIT_EXPECT_EQ(test, 1, l.st.steps_up);
	KUNIT_EXPECT_EQ(test, 1, l.st.steps_down);
	KUNIT_EXPECT_EQ(test, 4000, l.st.mbits);

	/* Beside a load it is the floor. */
	begin(&l, make(4, 1000, 0));
	while (epoch(&l, 20000, 0))
		;
	was = l.p;
	l.p.threat = 2;
	KUNIT_EXPECT_EQ(test, 2, rtpl_adapt_change(&l.p, &was, &l.st, l.now, l.data, 0));
	KUNIT_EXPECT_EQ(test, 1, l.st.steps_up);
	KUNIT_EXPECT_EQ(test, 2, epoch(&l, 20000, 0));
	was = l.p;
	l.p.threat = 0;
	KUNIT_EXPECT_EQ(test, 2, rtpl_adapt_change(&l.p, &was, &l.st, l.now, l.data, 0));
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 20000, 0));

	/* Where floor and top are one there is nothing to tell. */
	l.p.threat = 3;
	begin(&l, l.p);
	KUNIT_EXPECT_EQ(test, 3, epoch(&l, 20000, 0));
	KUNIT_EXPECT_EQ(test, 3, epoch(&l, 0, 0));
	KUNIT_EXPECT_EQ(test, 0, l.st.mbits);
	KUNIT_EXPECT_EQ(test, 2, l.st.decisions);
}

/* Other settings while it runs: what goes on, and what begins anew. */
static void changes(struct kunit *test)
{
	struct rtpl_adapt was;
	struct link l;
	u64 next;
	u32 i;

	begin(&l, make(3, 1000, 600));
	l.p.period = 60;
	epoch(&l, 0, 50);
	next = l.st.next;
	was = l.p;
	l.p.load = 2000;
	rtpl_adapt_change(&l.p, &was, &l.st, l.now + S, l.data, l.extra);
	KUNIT_EXPECT_EQ(test, next, l.st.next);
	KUNIT_EXPECT_EQ(test, 50, l.st.spent);
	was = l.p;
	l.p.budget = 1200;
	rtpl_adapt_change(&l.p, &was, &l.st, l.now + S, l.data, l.extra);
	KUNIT_EXPECT_EQ(test, next, l.st.next);
	KUNIT_EXPECT_EQ(test, 0, l.st.spent);
	was = l.p;
	l.p.epoch_ms = 2000;
	rtpl_adapt_change(&l.p, &was, &l.st, l.now + S, l.data, l.extra);
	KUNIT_EXPECT_EQ(test, l.now + 3 * S, l.st.next);
	KUNIT_EXPECT_EQ(test, 0, l.st.steps_up + l.st.steps_down);
	/* Epochs that were calm by other settings do not count. */
	while (epoch(&l, 20000, 0))
		;
	for (i = 0; i < 5; i++)
		epoch(&l, 0, 0);
	was = l.p;
	rtpl_adapt_change(&l.p, &was, &l.st, l.now, l.data, l.extra);
	KUNIT_EXPECT_EQ(test, 5, l.st.calm);
	l.p.load = 1000;
	rtpl_adapt_change(&l.p, &was, &l.st, l.now, l.data, l.extra);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, 0, epoch(&l, 0, 0));
	KUNIT_EXPECT_EQ(test, 1, epoch(&l, 0, 0));
	/* What decided is gone: down to the threat level. */
	was = l.p;
	l.p.load = 0;
	l.p.budget = 0;
	KUNIT_EXPECT_EQ(test, 0, rtpl_adapt_change(&l.p, &was, &l.st, l.now, l.data, l.extra));
	KUNIT_EXPECT_EQ(test, 3, l.st.steps_down);
	/* The meter goes on over a new start. */
	rtpl_adapt_start(&was, &l.st, l.now, l.data, l.extra);
	KUNIT_EXPECT_EQ(test, 2, l.st.level);
	KUNIT_EXPECT_EQ(test, 3, l.st.steps_down);
}

static void clocks(struct kunit *test)
{
	struct link l;
	u64 next;

	/* Late: one decision, by the average, and the grid stays. */
	begin(&l, make(4, 1000, 0));
	l.now += 35 * S;
	KUNIT_EXPECT_EQ(test, 3, rtpl_adapt_epoch(&l.p, &l.st, l.now, 30000, 0));
	KUNIT_EXPECT_EQ(test, 12345 + 40 * S, l.st.next);
	l.now += 25 * S;
	KUNIT_EXPECT_EQ(test, 2, rtpl_adapt_epoch(&l.p, &l.st, l.now, 30000 + 30003, 0));
	KUNIT_EXPECT_EQ(test, 12345 + 70 * S, l.st.next);
	KUNIT_EXPECT_EQ(test, 2, l.st.decisions);
	/* Back in time: nothing. */
	KUNIT_EXPECT_EQ(test, 2, rtpl_adapt_epoch(&l.p, &l.st, 0, U64_MAX, U64_MAX));
	KUNIT_EXPECT_EQ(test, 2, l.st.decisions);
	/* To the end of it. */
	KUNIT_EXPECT_EQ(test, 2, rtpl_adapt_epoch(&l.p, &l.st, U64_MAX - 1, 60003, 0));
	KUNIT_EXPECT_EQ(test, 3, l.st.decisions);
	next = l.st.next;
	KUNIT_EXPECT_TRUE(test, next > U64_MAX - 1 || next == U64_MAX);

	/* A budget over several periods at once. */
	begin(&l, make(3, 0, 600));
	l.p.period = 60;
	l.now += 205 * S;
	KUNIT_EXPECT_EQ(test, 1, rtpl_adapt_epoch(&l.p, &l.st, l.now, 0, 601));
	KUNIT_EXPECT_EQ(test, 2, l.st.in_period);
	KUNIT_EXPECT_EQ(test, 0, l.st.spent);

	/* The largest of everything. */
	begin(&l, make(8, RTPL_ADAPT_LOAD_MAX, RTPL_ADAPT_BUDGET_MAX));
	l.p.epoch_ms = RTPL_ADAPT_EPOCH_MAX;
	l.p.period = RTPL_ADAPT_PERIOD_MAX;
	rtpl_adapt_start(&l.p, &l.st, 0, 0, 0);
	l.now = RTPL_ADAPT_EPOCH_MAX * MS;
	KUNIT_EXPECT_EQ(test, 7, rtpl_adapt_epoch(&l.p, &l.st, l.now,
						  RTPL_ADAPT_LOAD_MAX * 3600, 0));
	KUNIT_EXPECT_EQ(test, 6, rtpl_adapt_epoch(&l.p, &l.st, 2 * l.now, U64_MAX, U64_MAX));
	KUNIT_EXPECT_EQ(test, 5, rtpl_adapt_epoch(&l.p, &l.st, 3 * l.now, U64_MAX, U64_MAX));
	KUNIT_EXPECT_EQ(test, U64_MAX, l.st.spent);
}

static void checks(struct kunit *test)
{
	struct rtpl_adapt good = make(2, 1, 1), p = good;
	const char *why;

#define EXPECT(err, change) do {						\
	p = good;								\
	change;									\
	why = NULL;								\
	KUNIT_EXPECT_EQ(test, err, rtpl_adapt_check(&p, &why));		\
	KUNIT_EXPECT_EQ(test, !!(err), !!why);					\
} while (0)
	EXPECT(0, (void)0);
	EXPECT(-EINVAL, p.n = 0);
	EXPECT(-EINVAL, p.n = 1);
	EXPECT(-EINVAL, p.n = 9);
	EXPECT(0, p.n = 8);
	EXPECT(0, p.threat = 1);
	EXPECT(-ERANGE, p.threat = 2);
	EXPECT(-ERANGE, p.load = RTPL_ADAPT_LOAD_MAX + 1);
	EXPECT(-ERANGE, p.budget = RTPL_ADAPT_BUDGET_MAX + 1);
	EXPECT(-ERANGE, p.epoch_ms = 999);
	EXPECT(0, p.epoch_ms = 1000);
	EXPECT(0, p.epoch_ms = 3600000);
	EXPECT(-ERANGE, p.epoch_ms = 3600001);
	EXPECT(-ERANGE, p.epoch_ms = 0);
	EXPECT(-ERANGE, p.calm = 0);
	EXPECT(-ERANGE, p.period = 0);
	EXPECT(-ERANGE, p.period = RTPL_ADAPT_PERIOD_MAX + 1);
	EXPECT(-EINVAL, p.period = 15);
	EXPECT(-EINVAL, p.period = 9);
	EXPECT(0, p.period = 10);
	EXPECT(0, (p.period = 15, p.budget = 0));
	EXPECT(0, (p.period = 3, p.epoch_ms = 1500));
#undef EXPECT
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(load),
	KUNIT_CASE(hysteresis),
	KUNIT_CASE(budget),
	KUNIT_CASE(promise),
	KUNIT_CASE(threat),
	KUNIT_CASE(changes),
	KUNIT_CASE(clocks),
	KUNIT_CASE(checks),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "rtpl_adapt",
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
