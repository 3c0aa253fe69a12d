// SPDX-License-Identifier: GPL-2.0
/*
 * A peer's timers (core/rekey.c): each rule by itself. test_rekey_ends.c has
 * two of them talk to each other.
 */
#include "lib.h"
#include "../core/rekey.h"

#define S	RTPL_REKEY_S
#define MS	(S / 1000)
#define INIT	RTPL_REKEY_INITIATE
#define T0	(100 * S)

static unsigned int ev(struct rtpl_rekey *r, enum rtpl_rekey_event e, u64 now)
{
	return rtpl_rekey(r, e, now, 0);
}

static unsigned int tick(struct rtpl_rekey *r, u64 now)
{
	return ev(r, RTPL_REKEY_EV_TICK, now);
}

/* Our session begins, and a cell under it comes. */
static unsigned int session(struct rtpl_rekey *r, u64 now)
{
	unsigned int actions = ev(r, RTPL_REKEY_EV_SESSION, now);

	return actions | ev(r, RTPL_REKEY_EV_RECEIVED_ALIVE, now);
}

/* Nothing before the deadline, then @actions, at @at. */
static void expect_due(struct kunit *test, struct rtpl_rekey *r, u64 at, unsigned int actions)
{
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(r), at);
	KUNIT_EXPECT_EQ(test, tick(r, at - 1), 0U);
	KUNIT_EXPECT_EQ(test, tick(r, at), actions);
}

static void wants(struct kunit *test)
{
	struct rtpl_rekey r;
	u64 now = T0;

	rtpl_rekey_init(&r);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), RTPL_REKEY_NEVER);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_START, now), 0U);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), RTPL_REKEY_NEVER);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_WANT, now), INIT);
	KUNIT_EXPECT_EQ(test, r.attempt, 1U);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_WANT, now + 1), 0U);
	expect_due(test, &r, now + 5 * S, INIT);
	KUNIT_EXPECT_EQ(test, r.attempt, 2U);
	KUNIT_EXPECT_EQ(test, session(&r, now + 6 * S), RTPL_REKEY_UP);
	KUNIT_EXPECT_EQ(test, r.attempt, 0U);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_WANT, now + 7 * S), 0U);
	/* and with a session nothing to do until it ends */
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), now + 186 * S);
}

static void gives_up(struct kunit *test)
{
	struct rtpl_rekey r;
	u64 now = T0, last = 0;
	unsigned int a, tries = 1;
	u32 random = 1;

	rtpl_rekey_init(&r);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_WANT, now), INIT);
	for (;;) {
		last = now;
		now = rtpl_rekey_deadline(&r);
		KUNIT_ASSERT_GE(test, now, last + RTPL_REKEY_RETRY_NS);
		KUNIT_ASSERT_LE(test, now, last + RTPL_REKEY_RETRY_NS + RTPL_REKEY_JITTER_NS);
		random = random * 1664525 + 1013904223;
		a = rtpl_rekey(&r, RTPL_REKEY_EV_TICK, now, random);
		if (a != INIT)
			break;
		tries++;
	}
	KUNIT_EXPECT_EQ(test, a, RTPL_REKEY_LOST | RTPL_REKEY_DOWN);
	KUNIT_EXPECT_GE(test, now, T0 + 90 * S);
	KUNIT_EXPECT_LT(test, now, T0 + 96 * S);
	KUNIT_EXPECT_TRUE(test, tries == 17 || tries == 18);
	KUNIT_EXPECT_EQ(test, r.attempt, tries);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), RTPL_REKEY_NEVER);

	/* Wanted again, it goes on counting attempts, and what is lost is told once. */
	now += 100 * S;
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_WANT, now), INIT);
	KUNIT_EXPECT_EQ(test, r.attempt, tries + 1);
	for (a = INIT; a == INIT; )
		a = tick(&r, rtpl_rekey_deadline(&r));
	KUNIT_EXPECT_EQ(test, a, RTPL_REKEY_LOST);
	/* The round that was just begun does not start within 5 s of the last try. */
	now = r.last_try + S;
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_WANT, now), 0U);
	expect_due(test, &r, now + 4 * S, INIT);
}

static void never_gives_up(struct kunit *test)
{
	struct rtpl_rekey r;
	unsigned int a, i, lost = 0, down = 0;
	u64 now = T0;

	rtpl_rekey_init(&r);
	r.persistent = true;
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_START, now), INIT);
	for (i = 0; i < 720; i++) {
		KUNIT_ASSERT_EQ(test, rtpl_rekey_deadline(&r), now + 5 * S);
		now += 5 * S;
		/* what the other side of the qdisc wants changes nothing */
		KUNIT_ASSERT_EQ(test, ev(&r, RTPL_REKEY_EV_WANT, now - S), 0U);
		a = tick(&r, now);
		KUNIT_ASSERT_EQ(test, a & INIT, INIT);
		lost += !!(a & RTPL_REKEY_LOST);
		down += !!(a & RTPL_REKEY_DOWN);
	}
	KUNIT_EXPECT_EQ(test, lost, 3600U / 90);
	KUNIT_EXPECT_EQ(test, down, 1U);
	KUNIT_EXPECT_EQ(test, session(&r, now), RTPL_REKEY_UP);
}

static void ages(struct kunit *test)
{
	struct rtpl_rekey r;

	/* Ours, on demand: with the first cell from 120 s on. */
	rtpl_rekey_init(&r);
	ev(&r, RTPL_REKEY_EV_WANT, T0);
	session(&r, T0);
	KUNIT_EXPECT_EQ(test, tick(&r, T0 + 121 * S), 0U);
	r.last_sent = T0 + 121 * S;
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + 121 * S), INIT);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + 122 * S), 0U);
	KUNIT_EXPECT_EQ(test, session(&r, T0 + 122 * S), RTPL_REKEY_RENEWED);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_RECEIVED_DATA, T0 + 242 * S - 1), 0U);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_RECEIVED_DATA, T0 + 242 * S), INIT);

	/* Theirs: not before 165 s. */
	rtpl_rekey_init(&r);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_RESPONDED, T0), 0U);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_CONFIRMED, T0 + 2 * S),
			RTPL_REKEY_UP | RTPL_REKEY_KEEPALIVE);
	KUNIT_EXPECT_EQ(test, r.born, T0);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + 165 * S - 1), 0U);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + 165 * S), INIT);

	/* By the clock, if persistent. */
	rtpl_rekey_init(&r);
	r.persistent = true;
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_START, T0), INIT);
	session(&r, T0 + S);
	expect_due(test, &r, T0 + 121 * S, INIT);
	rtpl_rekey_init(&r);
	r.persistent = true;
	ev(&r, RTPL_REKEY_EV_START, T0);
	ev(&r, RTPL_REKEY_EV_RESPONDED, T0 + S);
	ev(&r, RTPL_REKEY_EV_CONFIRMED, T0 + S);
	expect_due(test, &r, T0 + 166 * S, INIT);

	/* By cells, whoever began. */
	rtpl_rekey_init(&r);
	ev(&r, RTPL_REKEY_EV_RESPONDED, T0);
	ev(&r, RTPL_REKEY_EV_CONFIRMED, T0);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_CELLS, T0 + 6 * S), INIT);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_CELLS, T0 + 7 * S), 0U);
}

static void ends(struct kunit *test)
{
	struct rtpl_rekey r;
	u32 i;

	rtpl_rekey_init(&r);
	ev(&r, RTPL_REKEY_EV_WANT, T0);
	session(&r, T0);
	expect_due(test, &r, T0 + 180 * S, RTPL_REKEY_DOWN);
	expect_due(test, &r, T0 + 540 * S, RTPL_REKEY_ZERO);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), RTPL_REKEY_NEVER);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_WANT, T0 + 1000 * S), INIT);
	KUNIT_EXPECT_EQ(test, session(&r, T0 + 1000 * S), RTPL_REKEY_UP);

	/* Answers that the other end never confirms do not keep old keys. */
	rtpl_rekey_init(&r);
	ev(&r, RTPL_REKEY_EV_RESPONDED, T0);
	ev(&r, RTPL_REKEY_EV_CONFIRMED, T0 + S);
	for (i = 2; i < 540; i += 5)
		KUNIT_ASSERT_FALSE(test, ev(&r, RTPL_REKEY_EV_RESPONDED, T0 + i * S) &
					 RTPL_REKEY_ZERO);
	KUNIT_EXPECT_TRUE(test, ev(&r, RTPL_REKEY_EV_TICK, T0 + 541 * S) & RTPL_REKEY_ZERO);

	/* An unconfirmed one is wiped, too. */
	rtpl_rekey_init(&r);
	ev(&r, RTPL_REKEY_EV_RESPONDED, T0);
	expect_due(test, &r, T0 + 540 * S, RTPL_REKEY_ZERO);

	/* If that was too young, it has its turn before it is older than others become. */
	ev(&r, RTPL_REKEY_EV_LEFT, T0 + 540 * S);
	expect_due(test, &r, T0 + 900 * S, RTPL_REKEY_ZERO);
	ev(&r, RTPL_REKEY_EV_RESPONDED, T0 + 900 * S);
	ev(&r, RTPL_REKEY_EV_LEFT, T0 + 900 * S);
	expect_due(test, &r, T0 + 1440 * S, RTPL_REKEY_ZERO);

	/* Dropped: if it must be up, a new one at once. */
	rtpl_rekey_init(&r);
	r.persistent = true;
	ev(&r, RTPL_REKEY_EV_START, T0);
	session(&r, T0 + S);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_DROPPED, T0 + 2 * S),
			RTPL_REKEY_DOWN | INIT);
}

static void keepalives(struct kunit *test)
{
	struct rtpl_rekey r;
	unsigned int i;

	rtpl_rekey_init(&r);
	ev(&r, RTPL_REKEY_EV_WANT, T0);
	session(&r, T0);
	/* Data wants an answer within 10 s, and that is answer enough. */
	ev(&r, RTPL_REKEY_EV_RECEIVED_DATA, T0 + 10 * S);
	ev(&r, RTPL_REKEY_EV_RECEIVED_DATA, T0 + 15 * S);
	expect_due(test, &r, T0 + 20 * S, RTPL_REKEY_KEEPALIVE);
	ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + 20 * S);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), T0 + 180 * S);
	ev(&r, RTPL_REKEY_EV_RECEIVED_DATA, T0 + 30 * S);
	ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + 31 * S);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), T0 + 180 * S);

	/* Single cells without data want none, a stream of them does. */
	ev(&r, RTPL_REKEY_EV_RECEIVED_ALIVE, T0 + 40 * S);
	ev(&r, RTPL_REKEY_EV_RECEIVED_ALIVE, T0 + 45 * S);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), T0 + 180 * S);
	ev(&r, RTPL_REKEY_EV_RECEIVED_ALIVE, T0 + 50 * S - 1);
	expect_due(test, &r, T0 + 60 * S - 1, RTPL_REKEY_KEEPALIVE);

	/* As set: nothing sent for that long. */
	rtpl_rekey_init(&r);
	r.keepalive = 25;
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_START, T0), INIT);
	session(&r, T0);
	ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0);
	for (i = 1; i < 4; i++) {
		expect_due(test, &r, T0 + i * 25 * S, RTPL_REKEY_KEEPALIVE);
		ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + i * 25 * S);
	}
	/* Without a session it asks for one. */
	ev(&r, RTPL_REKEY_EV_DROPPED, T0 + 76 * S);
	expect_due(test, &r, T0 + 100 * S, INIT);
}

/* Until the other end is heard under a new session, it may have no proof of it. */
static void proofs(struct kunit *test)
{
	struct rtpl_rekey r;

	rtpl_rekey_init(&r);
	ev(&r, RTPL_REKEY_EV_WANT, T0);
	ev(&r, RTPL_REKEY_EV_SESSION, T0);
	ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0);
	expect_due(test, &r, T0 + S, RTPL_REKEY_KEEPALIVE);
	expect_due(test, &r, T0 + 3 * S, RTPL_REKEY_KEEPALIVE);
	expect_due(test, &r, T0 + 7 * S, RTPL_REKEY_KEEPALIVE);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), T0 + 180 * S);

	ev(&r, RTPL_REKEY_EV_CELLS, T0 + 10 * S);
	ev(&r, RTPL_REKEY_EV_SESSION, T0 + 10 * S);
	expect_due(test, &r, T0 + 11 * S, RTPL_REKEY_KEEPALIVE);
	ev(&r, RTPL_REKEY_EV_RECEIVED_ALIVE, T0 + 12 * S);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), T0 + 190 * S);
}

static void silence(struct kunit *test)
{
	struct rtpl_rekey r;

	rtpl_rekey_init(&r);
	ev(&r, RTPL_REKEY_EV_WANT, T0);
	session(&r, T0);
	ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + 20 * S);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), T0 + 180 * S);
	ev(&r, RTPL_REKEY_EV_SENT_DATA, T0 + 21 * S);
	ev(&r, RTPL_REKEY_EV_SENT_DATA, T0 + 25 * S);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), T0 + 36 * S);
	ev(&r, RTPL_REKEY_EV_RECEIVED_ALIVE, T0 + 35 * S);
	KUNIT_EXPECT_EQ(test, rtpl_rekey_deadline(&r), T0 + 180 * S);
	ev(&r, RTPL_REKEY_EV_SENT_DATA, T0 + 40 * S);
	expect_due(test, &r, T0 + 55 * S, INIT);

	/* A stream expects an answer to every cell. */
	rtpl_rekey_init(&r);
	r.stream = true;
	ev(&r, RTPL_REKEY_EV_WANT, T0);
	session(&r, T0);
	ev(&r, RTPL_REKEY_EV_SENT_ALIVE, T0 + 20 * S);
	expect_due(test, &r, T0 + 35 * S, INIT);
}

static void cookies(struct kunit *test)
{
	struct rtpl_rekey r;

	rtpl_rekey_init(&r);
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_COOKIE, T0), 0U);
	ev(&r, RTPL_REKEY_EV_WANT, T0);
	KUNIT_EXPECT_EQ(test, rtpl_rekey(&r, RTPL_REKEY_EV_COOKIE, T0 + 1, U32_MAX / 2), 0U);
	KUNIT_EXPECT_GT(test, rtpl_rekey_deadline(&r), T0 + 100 * MS);
	KUNIT_EXPECT_LT(test, rtpl_rekey_deadline(&r), T0 + 200 * MS);
	KUNIT_EXPECT_EQ(test, tick(&r, T0 + 200 * MS), INIT);
	/* once */
	KUNIT_EXPECT_EQ(test, ev(&r, RTPL_REKEY_EV_COOKIE, T0 + S), 0U);
	expect_due(test, &r, T0 + 5200 * MS, INIT);
}

/*
 * Whatever happens in whatever order: cells and wishes set off nothing but
 * initiations, a tick leaves nothing that is due (no busy timer), and
 * initiations are 5 s apart, but for one a round by a cookie.
 */
static void anything(struct kunit *test)
{
	struct m_rng rng = { 11 };
	unsigned int seed, i, a, close;
	enum rtpl_rekey_event e;
	struct rtpl_rekey r;
	u64 now, last;

	for (seed = 0; seed < 200; seed++) {
		rtpl_rekey_init(&r);
		now = T0;
		last = 0;
		for (i = 0; i < 500; i++) {
			if (m_chance(&rng, 20)) {
				r.persistent = m_chance(&rng, 500);
				r.stream = m_chance(&rng, 500);
				r.keepalive = m_below(&rng, 3) * m_below(&rng, 40);
			}
			now += m_chance(&rng, 100) ? m_below(&rng, 200) * S :
						     m_below(&rng, 4 * S);
			if (m_chance(&rng, 300) && rtpl_rekey_deadline(&r) < now + 600 * S)
				now = max(now, rtpl_rekey_deadline(&r));
			e = m_below(&rng, RTPL_REKEY_EV_RECEIVED_ALIVE + 1);
			close = r.hastened || e == RTPL_REKEY_EV_COOKIE;
			a = rtpl_rekey(&r, e, now, m_rand(&rng));
			if (e >= RTPL_REKEY_EV_SENT || e == RTPL_REKEY_EV_WANT ||
			    e == RTPL_REKEY_EV_CELLS)
				KUNIT_ASSERT_EQ(test, a & ~INIT, 0U);
			else
				KUNIT_ASSERT_GT(test, rtpl_rekey_deadline(&r), now);
			if (e == RTPL_REKEY_EV_DROPPED)
				last = 0;
			if (a & INIT) {
				if (!close && last)
					KUNIT_ASSERT_GE(test, now, last + RTPL_REKEY_RETRY_NS);
				KUNIT_ASSERT_TRUE(test, r.trying);
				last = now;
			}
			if (r.persistent && e == RTPL_REKEY_EV_TICK)
				KUNIT_ASSERT_TRUE(test, r.up || r.trying);
		}
	}
}

/* A stream's initiations tell nothing of what it carries, whatever it carries. */
static void tells_nothing(struct kunit *test)
{
	struct m_rng rng = { 5 };
	struct rtpl_rekey r[2];
	unsigned int i, k, a[2];
	u64 now = T0;

	for (k = 0; k < 2; k++) {
		rtpl_rekey_init(&r[k]);
		r[k].persistent = true;
		r[k].stream = true;
		a[k] = rtpl_rekey(&r[k], RTPL_REKEY_EV_START, now, 1);
	}
	for (i = 0; i < 40000; i++) {
		bool come = m_chance(&rng, i / 500 % 3 ? 900 : 0);
		bool answer = m_chance(&rng, 2);

		now += 100 * MS;
		for (k = 0; k < 2; k++) {
			bool data = k && m_chance(&rng, 500);

			a[k] = 0;
			if (k && m_chance(&rng, 100))
				a[k] |= ev(&r[k], RTPL_REKEY_EV_WANT, now);
			if (r[k].up)
				a[k] |= ev(&r[k], data ? RTPL_REKEY_EV_SENT_DATA :
							 RTPL_REKEY_EV_SENT, now);
			if (r[k].up && come)
				a[k] |= ev(&r[k], data ? RTPL_REKEY_EV_RECEIVED_DATA :
							 RTPL_REKEY_EV_RECEIVED, now);
			a[k] |= rtpl_rekey(&r[k], RTPL_REKEY_EV_TICK, now, 1);
			if (answer && r[k].trying)
				a[k] |= rtpl_rekey(&r[k], RTPL_REKEY_EV_SESSION, now, 1);
		}
		KUNIT_ASSERT_EQ(test, a[0], a[1]);
	}
}

/*
 * What one of two ends does after cells, chaff in one of two worlds, data in the other, whatever
 * comes beside: the very same at the very same time. Deadlines, too: no timer tells either.
 */
static void alike(struct kunit *test)
{
	struct m_rng rng = { 21 };
	unsigned int round, i, k, a[2], kinds = 0;
	struct rtpl_rekey r[2];
	u64 now, due, next;

	for (round = 0; round < 300; round++) {
		bool persistent = m_chance(&rng, 500);
		u16 keepalive = m_chance(&rng, 200) * 25;

		now = T0;
		for (k = 0; k < 2; k++) {
			rtpl_rekey_init(&r[k]);
			r[k].persistent = persistent;
			r[k].keepalive = keepalive;
		}
		for (i = 0; i < 300; i++) {
			u32 what = m_below(&rng, 1000), random = m_rand(&rng);
			bool swap = m_chance(&rng, 500);

			due = rtpl_rekey_deadline(&r[0]);
			next = now + (m_chance(&rng, 300) ? m_below(&rng, 30000) * MS :
							    m_below(&rng, S));
			now = due > now && due < next && m_chance(&rng, 700) ? due : next;
			for (k = 0; k < 2; k++) {
				bool data = swap ^ k;
				enum rtpl_rekey_event e =
					what < 300 ? (data ? RTPL_REKEY_EV_SENT_DATA :
							     RTPL_REKEY_EV_SENT) :
					what < 500 ? (data ? RTPL_REKEY_EV_RECEIVED_DATA :
							     RTPL_REKEY_EV_RECEIVED) :
					what < 600 ? RTPL_REKEY_EV_SENT_ALIVE :
					what < 700 ? RTPL_REKEY_EV_RECEIVED_ALIVE :
					what < 710 ? RTPL_REKEY_EV_SESSION :
					what < 720 ? RTPL_REKEY_EV_RESPONDED :
					what < 730 ? RTPL_REKEY_EV_CONFIRMED : RTPL_REKEY_EV_TICK;

				a[k] = rtpl_rekey(&r[k], e, now, random);
			}
			KUNIT_ASSERT_EQ(test, a[0], a[1]);
			KUNIT_ASSERT_EQ(test, rtpl_rekey_deadline(&r[0]),
					rtpl_rekey_deadline(&r[1]));
			kinds |= a[0];
		}
	}
	/* They did something. */
	KUNIT_EXPECT_EQ(test, kinds & (INIT | RTPL_REKEY_KEEPALIVE), INIT | RTPL_REKEY_KEEPALIVE);
}

static struct kunit_case rtpl_rekey_cases[] = {
	KUNIT_CASE(wants),
	KUNIT_CASE(gives_up),
	KUNIT_CASE(never_gives_up),
	KUNIT_CASE(ages),
	KUNIT_CASE(ends),
	KUNIT_CASE(keepalives),
	KUNIT_CASE(proofs),
	KUNIT_CASE(silence),
	KUNIT_CASE(cookies),
	KUNIT_CASE(anything),
	KUNIT_CASE(tells_nothing),
	KUNIT_CASE(alike),
	{}
};

static struct kunit_suite rtpl_rekey_suite = {
	.name = "rtpl_rekey",
	.test_cases = rtpl_rekey_cases,
};

kunit_test_suite(rtpl_rekey_suite);
