// SPDX-License-Identifier: GPL-2.0
/*
 * Schedules from website fingerprinting defences: RegulaTor (core/sched_regulator.c) and
 * Tamaraw (core/sched_tamaraw.c).
 */
#include "sched_link.h"

#define HEAVY_HALF	11202305584ULL	/* ln 2 / -ln 0.94 s */
#define LIGHT_HALF	4595769129ULL	/* ln 2 / -ln 0.86 s */

static struct rtpl_sched_params server_params(void)
{
	return (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_REGULATOR,
		.regulator = {
			.end = RTPL_END_SERVER, .warm_cells = 0, .warm_rate = 10,
			.rate = 277, .floor = 1, .threshold = 3550, .budget = 3550,
			.half_ns = HEAVY_HALF, .idle_ns = 1000 * L_SEC,
		},
	};
}

static struct rtpl_sched_params client_params(void)
{
	return (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_REGULATOR,
		.regulator = {
			.end = RTPL_END_CLIENT, .warm_cells = 0, .warm_rate = 5,
			.ratio = 3950, .cap_ns = 1770 * L_MS, .idle_ns = 1000 * L_SEC,
		},
	};
}

static struct rtpl_sched_params tamaraw_params(void)
{
	return (struct rtpl_sched_params){
		.kind = RTPL_SCHEDULE_TAMARAW,
		.tamaraw = {
			.period_ns = 12 * L_MS, .cells = 1, .multiple = 100,
			.quiet_ns = 3 * L_SEC,
		},
	};
}

static void refusals(struct kunit *test)
{
	struct rtpl_sched_params s = server_params(), c = client_params(), t = tamaraw_params();
	const char *why = NULL;

	s.regulator.warm_cells = 10;
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&s, L_SEC, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&s, L_SEC - 1, &why), -ERANGE);
	EXPECT_REFUSED(s, regulator.end, RTPL_END_COUNT, -EINVAL);
	EXPECT_REFUSED(s, regulator.warm_rate, 0, -ERANGE);
	EXPECT_REFUSED(s, regulator.warm_rate, 20001, -ERANGE);
	EXPECT_REFUSED(s, regulator.idle_ns, L_MS - 1, -ERANGE);
	EXPECT_REFUSED(s, regulator.idle_ns, RTPL_SCHED_SPAN_MAX + 1, -ERANGE);
	EXPECT_REFUSED(s, regulator.rate, 0, -ERANGE);
	EXPECT_REFUSED(s, regulator.rate, RTPL_RATE_MAX + 1, -ERANGE);
	EXPECT_REFUSED(s, regulator.floor, 0, -ERANGE);
	EXPECT_REFUSED(s, regulator.floor, 278, -ERANGE);
	EXPECT_REFUSED(s, regulator.threshold, 0, -ERANGE);
	EXPECT_REFUSED(s, regulator.threshold, 1000001, -ERANGE);
	EXPECT_REFUSED(s, regulator.half_ns, RTPL_SCHED_HALF_MIN - 1, -ERANGE);
	EXPECT_REFUSED(s, regulator.half_ns, RTPL_SCHED_HALF_MAX + 1, -ERANGE);
	s.regulator.half_ns = 0;
	s.regulator.budget = 0;
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&s, 0, &why), 0);

	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&c, 1770 * L_MS, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&c, 1769 * L_MS, &why), -ERANGE);
	EXPECT_REFUSED(c, regulator.ratio, 999, -ERANGE);
	EXPECT_REFUSED(c, regulator.ratio, 1000001, -ERANGE);
	EXPECT_REFUSED(c, regulator.cap_ns, 0, -ERANGE);
	EXPECT_REFUSED(c, regulator.cap_ns, RTPL_LATENCY_MAX_NS + 1, -ERANGE);

	t.tamaraw.cells = 2;
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&t, 12 * L_MS, &why), 0);
	KUNIT_EXPECT_EQ(test, rtpl_sched_check(&t, 12 * L_MS - 1, &why), -ERANGE);
	EXPECT_REFUSED(t, tamaraw.period_ns, RTPL_PACE_TICK_MIN - 1, -ERANGE);
	EXPECT_REFUSED(t, tamaraw.period_ns, RTPL_LATENCY_MAX_NS + 1, -ERANGE);
	EXPECT_REFUSED(t, tamaraw.cells, 0, -ERANGE);
	EXPECT_REFUSED(t, tamaraw.cells, RTPL_PACE_BATCH_MAX + 1, -ERANGE);
	EXPECT_REFUSED(t, tamaraw.cells, 3, -EINVAL);
	EXPECT_REFUSED(t, tamaraw.multiple, 0, -ERANGE);
	EXPECT_REFUSED(t, tamaraw.multiple, 1000002, -ERANGE);
	EXPECT_REFUSED(t, tamaraw.quiet_ns, RTPL_SCHED_SPAN_MAX + 1, -ERANGE);
}

/* ---- RegulaTor, server ---- */

/* Slot i of one surge at ns, slot 0 at 0: sums of floor(1 / max(1, R * D^t)), in 40 digits. */
struct slot {
	u32 i;
	u64 ns;
};

static void decays(struct kunit *test, const struct rtpl_sched_params *p,
		   const struct slot *want, u32 n)
{
	struct l_link *l = l_of(test, p, 0);
	struct rtpl_departure d;
	u64 off;
	u32 i;

	l_queue(l, 1);
	l->st.surge.budget = U32_MAX;
	for (i = 0; n; i++) {
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_TRUE(test, d.chaff && d.timed && d.cells == 1);
		if (i == want->i) {
			/* an early error grows as the rate falls: by 277 at the end */
			off = d.at > want->ns ? d.at - want->ns : want->ns - d.at;
			if (off > want->ns >> 26)
				KUNIT_FAIL(test, "slot %u is off by %u ns", i, (u32)off);
			want++;
			n--;
		}
		l->now = d.at;
		l_send(l, &d);
	}
	EXPECT_NO_FAULT(test, l);
}

static void surge_decays(struct kunit *test)
{
	static const struct slot heavy[] = {
		{ 0, 0 }, { 1, 3610108 }, { 2, 7221022 }, { 10, 36137413 },
		{ 100, 365062223 }, { 500, 1913811415 }, { 1000, 4085043996 },
		{ 2000, 9564909805 }, { 3000, 17917998602 }, { 4000, 36158766012 },
		{ 4300, 52087027806 }, { 4460, 87899430467 }, { 4470, 97506290937 },
	};
	static const struct slot light[] = {
		{ 0, 0 }, { 1, 3846153 }, { 2, 7694538 }, { 10, 38562273 },
		{ 100, 396100031 }, { 500, 2270294767 }, { 1000, 5749203618 },
		{ 1500, 13503925908 }, { 1700, 27817198169 }, { 1720, 36866436116 },
		{ 1730, 46866056985 },
	};
	struct rtpl_sched_params p = server_params();

	decays(test, &p, heavy, ARRAY_SIZE(heavy));
	p.regulator.rate = 260;
	p.regulator.half_ns = LIGHT_HALF;
	decays(test, &p, light, ARRAY_SIZE(light));
}

/* No decay: slots 1 / rate apart, rounded down; fast ones are several cells. */
static void surge_constant(struct kunit *test)
{
	static const u32 rates[] = { 1, 3, 277, 20000, 20001, 123457, 500000 };
	struct rtpl_sched_params p = server_params();
	struct rtpl_departure d;
	struct l_link *l;
	u32 i, j, cells;

	p.regulator.half_ns = 0;
	p.regulator.budget = 0;
	for (i = 0; i < ARRAY_SIZE(rates); i++) {
		p.regulator.rate = rates[i];
		l = l_of(test, &p, 500);
		l_queue(l, L_QUEUE);
		/* the fewest cells that are 50 us apart */
		cells = min_t(u32, (rates[i] * 50 + 999999) / 1000000, 32);
		cells = max_t(u32, cells, 1);
		for (j = 0; j < L_QUEUE / 32; j++) {
			KUNIT_ASSERT_TRUE(test, l_next(l, &d));
			KUNIT_ASSERT_EQ(test, d.at, 500 + j * div_u64(cells * L_SEC, rates[i]));
			KUNIT_ASSERT_EQ(test, d.cells, cells);
			KUNIT_ASSERT_FALSE(test, d.chaff);
			l->now = d.at;
			l_send(l, &d);
		}
		EXPECT_NO_FAULT(test, l);
	}
}

/*
 * More than threshold * rate cells waiting at a slot: a surge begins there, but the
 * distance to the next slot is still the old rate's.
 */
static void surge_begins(struct kunit *test)
{
	struct rtpl_sched_params p = server_params();
	struct rtpl_departure d;
	struct l_link *l;
	u64 first, second;

	/* 100/s, halved each second; 2 s worth is too much */
	p.regulator.rate = 100;
	p.regulator.half_ns = L_SEC;
	p.regulator.threshold = 2000;
	p.regulator.budget = 0;
	l = l_of(test, &p, 0);
	l_queue(l, 1);
	l_run(l, 10, 10);
	KUNIT_EXPECT_EQ(test, l->data, 1);
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));

	/* Three seconds later, 12.5/s, and 25 are as many as may wait. */
	l->now = 3 * L_SEC;
	l_queue(l, 27);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_TRUE(test, d.at >= l->now && d.at <= l->now + 80 * L_MS);
	first = d.at;
	l->now = d.at;
	l_send(l, &d);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, l->st.surge.surge, first);
	KUNIT_EXPECT_TRUE(test, d.at - first >= 80 * L_MS && d.at - first < 86 * L_MS);
	/* 100/s at the first, a sixteenth of a half-life ago */
	l->now = d.at;
	second = d.at;
	l_send(l, &d);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_TRUE(test, d.at - second > 10500000 && d.at - second < 10700000);
	KUNIT_EXPECT_EQ(test, l->st.surge.surges, 1);
	EXPECT_NO_FAULT(test, l);
}

/* The exact count that makes one, either side of it, without decay. */
static void surge_threshold(struct kunit *test)
{
	struct rtpl_sched_params p = server_params();
	struct rtpl_departure d;
	struct l_link *l;
	u32 more;

	p.regulator.half_ns = 0;
	p.regulator.rate = 100;
	p.regulator.threshold = 3550;
	for (more = 0; more < 2; more++) {
		l = l_of(test, &p, 0);
		l_queue(l, 1);
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		l_send(l, &d);
		/* Half of them in the class, behind the link. */
		l_queue(l, 178 + more);
		l->st.behind = 177 * l->st.room;
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_EXPECT_EQ(test, l->st.surge.surges, more);
	}
}

/* No more chaff than was drawn for the session, data costs none of it; then data only. */
static void budget(struct kunit *test)
{
	struct rtpl_sched_params p = server_params();
	u32 i, given, most = 0, least = U32_MAX;
	struct rtpl_departure d;
	struct rtpl_rng same;
	struct l_link *l;

	p.regulator.half_ns = 0;
	p.regulator.budget = 50;
	p.regulator.idle_ns = 10 * L_SEC;
	l = l_of(test, &p, 0);
	same = l->rng;
	for (i = 0; i < 300; i++) {
		given = rtpl_rng_below(&same, 50);
		rtpl_rng_below(&same, 1 << 16);	/* the session's end */
		most = max(most, given);
		least = min(least, given);
		l->chaff = 0;
		l_queue(l, 5);
		l_run(l, l->now + 5 * L_SEC, 10000);
		KUNIT_ASSERT_EQ(test, l->queued, 0);
		KUNIT_ASSERT_EQ(test, l->chaff, given);
		/* data again: none left */
		l_queue(l, 1);
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_TRUE(test, !d.chaff && d.timed);
		l_run(l, l->now + 9 * L_SEC, 10000);
		KUNIT_ASSERT_EQ(test, l->chaff, given);
		KUNIT_ASSERT_EQ(test, l->st.surge.sessions, i + 1);
		/* idle for longer: a new session */
		l->now += 2 * L_SEC;
	}
	KUNIT_EXPECT_EQ(test, most, 49);
	KUNIT_EXPECT_EQ(test, least, 0);
	EXPECT_NO_FAULT(test, l);
}

/* A slot that is skipped, for the device has no time, uses up no chaff, and no cell's due time. */
static void skipped(struct kunit *test)
{
	struct rtpl_sched_params p = server_params();
	struct rtpl_departure d;
	struct l_link *l;
	u32 budget, i;

	p.regulator.half_ns = 0;
	p.regulator.budget = 50;
	p.regulator.idle_ns = 10 * L_SEC;
	l = l_of(test, &p, 0);
	do {
		l->now += 20 * L_SEC;
		l_queue(l, 1);
		l_run(l, l->now, 1);
		budget = l->st.surge.budget;
	} while (budget < 10);
	for (i = 0; i < 5; i++) {
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_TRUE(test, d.chaff && d.timed);
		rtpl_sched_skip(&l->st, &l->p, &d);
		l->now = d.at;
	}
	KUNIT_EXPECT_EQ(test, l->st.surge.budget, budget);
	KUNIT_EXPECT_EQ(test, l->st.missed, 5);
	l_run(l, l->now + 5 * L_SEC, 10000);
	KUNIT_EXPECT_EQ(test, l->queued, 0);
	EXPECT_NO_FAULT(test, l);
}

/* Ten packets at 10/s with chaff between, from the first on; the eleventh starts the surge. */
static void warm_server(struct kunit *test)
{
	struct rtpl_sched_params p = server_params();
	struct rtpl_departure d;
	struct l_link *l;
	u64 ends = 0;
	u32 i, n;

	p.regulator.warm_cells = 10;
	p.regulator.budget = 0;
	l = l_of(test, &p, 1000);
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	l_queue(l, 4);
	for (i = 0; i < 20; i++) {
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, 1000 + i * 100 * L_MS);
		KUNIT_ASSERT_TRUE(test, d.chaff && d.timed && d.cells == 1);
		l->now = d.at;
		l_send(l, &d);
		if (i == 15)
			l_queue(l, 6);
	}
	KUNIT_EXPECT_EQ(test, l->data, 8);
	KUNIT_EXPECT_EQ(test, l->queued, 2);
	l->now += 5;
	l_queue(l, 1);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		if (!i)
			KUNIT_ASSERT_EQ(test, d.at, l->now);
		else	/* 1 s / 277, a little later each time */
			KUNIT_ASSERT_TRUE(test, d.at - l->now >= 3610108 &&
					  d.at - l->now < 3612000);
		l->now = d.at;
		l_send(l, &d);
	}
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	EXPECT_NO_FAULT(test, l);

	/*
	 * Too few for a surge: ends when nothing came for idle_ns, and up to as long again, so that
	 * the last chaff does not tell when the last data came.
	 */
	p.regulator.idle_ns = L_SEC;
	l = l_of(test, &p, 0);
	for (i = 0; i < 50; i++) {
		l_queue(l, 1);
		n = l_run(l, l->now + 100 * L_SEC, 1000);
		KUNIT_ASSERT_TRUE(test, n >= 10 && n <= 20);
		ends |= BIT_ULL(n);
	}
	KUNIT_EXPECT_GE(test, hweight64(ends), 8);
	EXPECT_NO_FAULT(test, l);
}

/* A tx worker that was away: slots are left out and counted, the grid goes on from now. */
static void surge_late(struct kunit *test)
{
	struct rtpl_sched_params p = server_params();
	struct rtpl_departure d;
	struct l_link *l;

	p.regulator.half_ns = 0;
	p.regulator.rate = 100;
	p.regulator.budget = 0;
	l = l_of(test, &p, 0);
	l_queue(l, 100);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	l_send(l, &d);
	l->now = 20 * L_MS;	/* one slot late: as it was */
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 10 * L_MS);
	l->now = 57 * L_MS;
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 50 * L_MS);
	KUNIT_EXPECT_EQ(test, l->st.missed, 4);
	l_send(l, &d);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 60 * L_MS);
}

/* ---- RegulaTor, client ---- */

/* One for each 3.95 that come, chaff or data; not one more, at once. */
static void ratio(struct kunit *test)
{
	struct rtpl_sched_params p = client_params();
	struct l_link *l = l_of(test, &p, 0);
	struct m_rng rng = { 3 };
	struct rtpl_departure d;
	u32 i, sent = 0;

	l_traffic(l, RTPL_GOT_CHAFF, 0);	/* chaff alone begins nothing */
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	for (i = 1; i <= 39500; i++) {
		l->now += m_below(&rng, L_MS);
		l_traffic(l, i == 1 || m_chance(&rng, 500) ? RTPL_GOT_DATA : RTPL_GOT_CHAFF, 0);
		if (m_chance(&rng, 100))
			l_queue(l, 1);
		while (l_next(l, &d) && !d.timed) {
			KUNIT_ASSERT_TRUE(test, d.chaff && d.cells == 1);
			l_send(l, &d);
			sent++;
		}
		KUNIT_ASSERT_EQ(test, sent, i * 100 / 395);
	}
	KUNIT_EXPECT_EQ(test, sent, 10000);
	EXPECT_NO_FAULT(test, l);
}

/* What no download takes along leaves after the cap, each packet after its own. */
static void cap(struct kunit *test)
{
	struct rtpl_sched_params p = client_params();
	struct l_link *l = l_of(test, &p, 0);
	struct rtpl_departure d;
	u32 i;

	l_queue(l, 2);
	l->now = 300 * L_MS;
	l_queue(l, 1);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 1770 * L_MS);
	KUNIT_EXPECT_EQ(test, d.cells, 2);
	KUNIT_EXPECT_TRUE(test, d.timed && !d.chaff);
	/* four come: one goes, and is the first that waited */
	for (i = 0; i < 4; i++)
		l_traffic(l, RTPL_GOT_DATA, 0);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_TRUE(test, !d.timed && d.chaff && d.cells == 1);
	l_send(l, &d);
	KUNIT_EXPECT_EQ(test, l->data, 1);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 1770 * L_MS);
	KUNIT_EXPECT_EQ(test, d.cells, 1);
	l->now = d.at;
	l_send(l, &d);
	KUNIT_ASSERT_TRUE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, d.at, 2070 * L_MS);
	l->now = d.at;
	l_send(l, &d);
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, l->chaff, 0);
	EXPECT_NO_FAULT(test, l);
}

/* 5/s until ten came; the cap holds then, too. */
static void warm_client(struct kunit *test)
{
	struct rtpl_sched_params p = client_params();
	struct rtpl_departure d;
	struct l_link *l;
	u32 i;

	p.regulator.warm_cells = 10;
	p.regulator.cap_ns = 50 * L_MS;
	l = l_of(test, &p, 0);
	l_queue(l, 1);
	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, i * 200 * L_MS);
		KUNIT_ASSERT_TRUE(test, d.chaff && d.timed && d.cells == 1);
		l->now = d.at;
		l_send(l, &d);
		l->now += 10 * L_MS;
		l_queue(l, 1);
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, i * 200 * L_MS + 60 * L_MS);
		KUNIT_ASSERT_FALSE(test, d.chaff);
		l->now = d.at;
		l_send(l, &d);
		if (i < 9)
			l_traffic(l, RTPL_GOT_CHAFF, 0);
	}
	KUNIT_EXPECT_EQ(test, l->chaff, 9);
	l_traffic(l, RTPL_GOT_CHAFF, 0);
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_FALSE(test, l_next(l, &d));
		l_traffic(l, RTPL_GOT_CHAFF, 0);
	}
	KUNIT_EXPECT_TRUE(test, l_next(l, &d));
	EXPECT_NO_FAULT(test, l);
}

/* ---- Tamaraw ---- */

static void multiples(struct kunit *test)
{
	struct rtpl_sched_params p = tamaraw_params();
	struct l_link *l = l_of(test, &p, 0);
	struct rtpl_sched_leak leak;
	struct rtpl_departure d;
	u64 begin = 7 * L_SEC;
	u32 i;

	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	l_traffic(l, RTPL_GOT_CHAFF, 0);
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	l->now = begin;
	l_queue(l, 3);
	/*
	 * The last data is queued at slot 99's moment, 1.2 s in, and quiet at 4.2 s, slot
	 * 349's; 400 is the next multiple.
	 */
	for (i = 0; i < 400; i++) {
		KUNIT_ASSERT_TRUE(test, l_next(l, &d));
		KUNIT_ASSERT_EQ(test, d.at, begin + (i + 1) * 12 * L_MS);
		KUNIT_ASSERT_TRUE(test, d.chaff && d.timed && d.cells == 1);
		l->now = d.at;
		if (i == 99)
			l_queue(l, 7);
		l_send(l, &d);
	}
	KUNIT_EXPECT_FALSE(test, l_next(l, &d));
	KUNIT_EXPECT_EQ(test, l->data, 10);
	KUNIT_EXPECT_EQ(test, l->chaff, 390);
	/* four of them: 5 bits */
	rtpl_sched_leak(&l->st, &l->p, &leak);
	KUNIT_EXPECT_FALSE(test, leak.bounded);
	KUNIT_EXPECT_EQ(test, leak.choices, 1);
	KUNIT_EXPECT_EQ(test, leak.mbits, 5000);

	/* The other end's data begins one, its chaff keeps none going. 250 slots, so 300. */
	begin = 20 * L_SEC;
	l->now = begin;
	l_traffic(l, RTPL_GOT_DATA, 0);
	for (i = 0; l_next(l, &d); i++) {
		KUNIT_ASSERT_EQ(test, d.at, begin + (i + 1) * 12 * L_MS);
		l->now = d.at;
		l_send(l, &d);
		l_traffic(l, RTPL_GOT_CHAFF, 0);
	}
	KUNIT_EXPECT_EQ(test, i, 300);
	rtpl_sched_leak(&l->st, &l->p, &leak);
	KUNIT_EXPECT_EQ(test, leak.choices, 2);
	KUNIT_EXPECT_EQ(test, leak.mbits, 8000);
	KUNIT_EXPECT_EQ(test, l->st.missed, 0);
	EXPECT_NO_FAULT(test, l);
}

/* Slots that the device has no time for are none of a session's cells: still a multiple. */
static void multiples_skipped(struct kunit *test)
{
	struct rtpl_sched_params p = tamaraw_params();
	struct l_link *l = l_of(test, &p, 0);
	struct rtpl_departure d;
	u32 i, skipped = 0;

	l_queue(l, 3);
	for (i = 0; l_next(l, &d); i++) {
		KUNIT_ASSERT_EQ(test, d.at, (i + 1) * 12ULL * L_MS);
		l->now = d.at;
		if (i % 3) {
			rtpl_sched_skip(&l->st, &l->p, &d);
			skipped++;
		} else {
			l_send(l, &d);
		}
	}
	KUNIT_EXPECT_EQ(test, l->data, 3);
	KUNIT_EXPECT_EQ(test, l->data + l->chaff, 100);
	KUNIT_EXPECT_EQ(test, l->st.missed, skipped);
	EXPECT_NO_FAULT(test, l);
}

/* Quiet for exactly quiet_ns at a slot is enough: that slot is not sent. */
static void quiet_edge(struct kunit *test)
{
	struct rtpl_sched_params p = tamaraw_params();
	struct l_link *l;
	u32 more;

	p.tamaraw.multiple = 1;
	for (more = 0; more < 2; more++) {
		p.tamaraw.quiet_ns = 36 * L_MS + more;
		l = l_of(test, &p, 0);
		l_queue(l, 1);
		KUNIT_EXPECT_EQ(test, l_run(l, L_SEC, 1000), 2 + more);
	}
}

/* Whatever came when, a session's cells are a multiple, and no fewer than the data. */
static void multiples_always(struct kunit *test)
{
	struct rtpl_sched_params p = tamaraw_params();
	struct m_rng rng = { 2 };
	struct l_link *l;
	u32 i, j;

	p.tamaraw.quiet_ns = 0;
	p.tamaraw.cells = 2;
	p.tamaraw.multiple = 34;
	l = l_of(test, &p, 0);
	for (i = 0; i < 500; i++) {
		for (j = m_below(&rng, 10); j; j--) {
			l->now += m_below(&rng, 100 * L_MS);
			l_queue(l, 1 + m_below(&rng, 20));
			l_run(l, l->now, 10000);
		}
		/* away for a while */
		l->now += m_chance(&rng, 100) ? L_SEC : 0;
		l_run(l, l->now + 100 * L_SEC, 10000);
		KUNIT_ASSERT_EQ(test, l->queued, 0);
		KUNIT_ASSERT_EQ(test, (l->data + l->chaff) % 34, 0);
		KUNIT_ASSERT_FALSE(test, l->st.slots.on);
	}
	KUNIT_EXPECT_GT(test, l->st.missed, 0);
	EXPECT_NO_FAULT(test, l);
}

static struct kunit_case sched_web_cases[] = {
	KUNIT_CASE(refusals),
	KUNIT_CASE(surge_decays),
	KUNIT_CASE(surge_constant),
	KUNIT_CASE(surge_begins),
	KUNIT_CASE(surge_threshold),
	KUNIT_CASE(budget),
	KUNIT_CASE(skipped),
	KUNIT_CASE(warm_server),
	KUNIT_CASE(surge_late),
	KUNIT_CASE(ratio),
	KUNIT_CASE(cap),
	KUNIT_CASE(warm_client),
	KUNIT_CASE(multiples),
	KUNIT_CASE(multiples_skipped),
	KUNIT_CASE(quiet_edge),
	KUNIT_CASE(multiples_always),
	{}
};

static struct kunit_suite sched_web_suite = {
	.name = "rtpl_sched_web",
	.test_cases = sched_web_cases,
};

kunit_test_suite(sched_web_suite);
