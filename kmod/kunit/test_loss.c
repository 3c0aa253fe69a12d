// SPDX-License-Identifier: GPL-2.0
/*
 * The path between cutter and joiner: cells lost, late and twice. Every byte
 * that is delivered is right, only packets of which a cell was lost are
 * lost, each is counted once, and of a super-packet every segment is saved
 * that came whole.
 */
#include "lib.h"
#include "../core/replay.h"

/* The order in which cells arrive: each up to @late cells after its turn. */
static void shuffle(struct m_rng *rng, u32 *order, u32 n, u32 late)
{
	u32 i, j, from;

	for (i = 0; i < n; i++)
		order[i] = i;
	if (!late)
		return;
	/* Moves a cell back over at most @late others; windows do not overlap. */
	for (i = 0; i + late < n; i += late + 1) {
		if (!m_chance(rng, 300))
			continue;
		from = order[i];
		j = 1 + m_below(rng, late);
		memmove(&order[i], &order[i + 1], j * sizeof(*order));
		order[i + j] = from;
	}
}

static void path(struct kunit *test, struct m_net *net, u32 lose, u32 late, u32 twice)
{
	struct rtpl_replay *replay;
	u32 *order, i, nr, partly = 0;
	const struct m_pkt *pkt;
	u32 counted;

	order = kunit_kzalloc(test, M_CELLS_MAX * sizeof(*order), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, order);
	replay = kunit_kzalloc(test, sizeof(*replay), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, replay);
	rtpl_replay_init(replay);

	shuffle(&net->rng, order, net->n_cells, late);
	for (i = 0; i < net->n_cells; i++) {
		nr = order[i];
		if (m_chance(&net->rng, lose))
			continue;
		KUNIT_EXPECT_TRUE(test, rtpl_replay_accept(replay, nr));
		m_arrive(net, nr, i);
		if (m_chance(&net->rng, twice))
			KUNIT_EXPECT_FALSE(test, rtpl_replay_accept(replay, nr));
	}
	m_flush(net);

	for (i = 0; i < net->n_pkts; i++) {
		pkt = &net->pkt[i];
		if (!pkt->cut)
			continue;
		KUNIT_EXPECT_EQ(test, pkt->copies, m_arrived_whole(net, pkt));
		if (!pkt->copies) {
			for (nr = pkt->start; nr <= pkt->end; nr++)
				if (net->cell[nr].arrived)
					break;
			partly += nr <= pkt->end;
		}
	}
	counted = net->drops[RTPL_DROP_REASM_LOST] + net->drops[RTPL_DROP_REASM_FULL];
	KUNIT_EXPECT_EQ(test, counted, partly);
	KUNIT_EXPECT_EQ(test, net->drops[RTPL_DROP_BAD_CELL], 0);
	KUNIT_EXPECT_EQ(test, net->drops[RTPL_DROP_BAD_BLOCK], 0);
	EXPECT_CLEAN(test, net);
}

static void many(struct kunit *test, u32 rounds, u32 seed, u32 lose, u32 late, u32 twice)
{
	struct m_net *net = m_net_of(test);
	u32 round, i, min, max;

	for (round = 0; round < rounds; round++) {
		m_net_reset(net, seed + round);
		for (i = 0; i < M_PKTS_MAX; i++)
			if (!m_add_any(net, round % 3 ? 9000 : RTPL_BLOCK_MAX - 100))
				break;
		min = RTPL_CELL_MIN - 24 + m_below(&net->rng, 1300);
		max = round % 2 ? min : min + m_below(&net->rng, 500);
		KUNIT_ASSERT_TRUE(test, m_cut(net, min, max, 30));
		path(test, net, lose, late, twice);
	}
}

static void lost(struct kunit *test)
{
	many(test, 12, 100, 30, 0, 0);
}

static void late(struct kunit *test)
{
	many(test, 12, 200, 0, 12, 0);
}

static void lost_late_and_twice(struct kunit *test)
{
	many(test, 12, 300, 10, 5, 100);
}

static void every_third_lost(struct kunit *test)
{
	many(test, 6, 400, 330, 0, 0);
}

/* Lose each cell of one super-packet in turn: only its own segments are lost. */
static void one_hole(struct kunit *test)
{
	static const u8 kinds[] = { RTPL_GSO_TCP4, RTPL_GSO_TCP6, RTPL_GSO_UDP4, RTPL_GSO_UDP6 };
	struct m_net *net = m_net_of(test);
	u32 k, hole, i, saved, cells;
	struct m_pkt *pkt;

	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		for (hole = 0, cells = 1; hole < cells; hole++) {
			m_net_reset(net, 500 + k);
			pkt = m_add(net, 0x10 | kinds[k], 20000, 1400);
			KUNIT_ASSERT_NOT_NULL(test, pkt);
			KUNIT_ASSERT_TRUE(test, m_cut(net, 1405, 1405, 0));
			cells = net->n_cells;
			for (i = 0; i < cells; i++)
				if (i != hole)
					m_arrive(net, i, i);
			m_flush(net);
			for (i = 0, saved = 0; i < pkt->g.segs; i++)
				saved += pkt->seg_seen[i];
			/* a cell touches two segments at most */
			KUNIT_EXPECT_GE(test, saved, pkt->g.segs - 2);
			KUNIT_EXPECT_EQ(test, net->lost, 1);
			EXPECT_CLEAN(test, net);
		}
		KUNIT_EXPECT_GE(test, cells, 14);
	}
}

/* Holes of every form in a small super-packet: all 2^n patterns of loss. */
static void all_holes(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	u32 pattern, i, k, full = 0;
	struct m_pkt *pkt;

	for (k = 1; k < __RTPL_GSO_KIND_MAX; k++) {
		for (pattern = 0, full = 1; pattern < full; pattern++) {
			m_net_reset(net, 600 + k);
			pkt = m_add(net, 0x10 | k, 1200, 97);
			KUNIT_ASSERT_NOT_NULL(test, pkt);
			KUNIT_ASSERT_TRUE(test, m_cut(net, 180, 180, 0));
			full = 1U << net->n_cells;
			for (i = 0; i < net->n_cells; i++)
				if (pattern >> i & 1)
					m_arrive(net, i, i);
			m_flush(net);
			EXPECT_CLEAN(test, net);
		}
		KUNIT_EXPECT_GE(test, full, 128);
	}
}

/* The first cell is late by nearly the whole window, and comes in time. */
static void very_late(struct kunit *test)
{
	struct m_net *net = m_net_of(test);
	u32 i;

	m_add(net, 4, 3000, 0);
	for (i = 0; i < 100; i++)
		m_add(net, 4, 1000, 0);
	KUNIT_ASSERT_TRUE(test, m_cut(net, 240, 240, 0));
	KUNIT_ASSERT_GT(test, net->n_cells, 400);
	for (i = 1; i < 500 && i < net->n_cells; i++)
		m_arrive(net, i, i);
	KUNIT_EXPECT_EQ(test, net->pkt[0].copies, 0);
	m_arrive(net, 0, i);
	KUNIT_EXPECT_EQ(test, net->pkt[0].copies, 1);
	m_flush(net);
	EXPECT_CLEAN(test, net);
}

static struct kunit_case loss_cases[] = {
	KUNIT_CASE(lost),
	KUNIT_CASE(late),
	KUNIT_CASE(lost_late_and_twice),
	KUNIT_CASE(every_third_lost),
	KUNIT_CASE(one_hole),
	KUNIT_CASE(all_holes),
	KUNIT_CASE(very_late),
	{}
};

static struct kunit_suite loss_suite = {
	.name = "rtpl_loss",
	.test_cases = loss_cases,
};

kunit_test_suite(loss_suite);
