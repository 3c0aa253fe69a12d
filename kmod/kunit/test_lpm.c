// SPDX-License-Identifier: GPL-2.0
/*
 * The table of prefixes against a naive one: a list searched from end to end.
 */
#include <kunit/test.h>

#include "../core/lpm.h"

#define OWNERS		5
#define EACH		24	/* prefixes of one owner at most */
#define ROUNDS		400

struct naive {
	struct rtpl_prefix p[OWNERS][EACH];
	u32 n[OWNERS];
};

/* Values only need to be distinct and not NULL. */
static int owners[OWNERS];

static u32 rnd_state;

static u32 rnd(u32 below)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;
	return rnd_state % below;
}

static void bit_set(u8 *addr, unsigned int bit, bool on)
{
	u8 mask = 0x80 >> (bit & 7);

	addr[bit / 8] = on ? addr[bit / 8] | mask : addr[bit / 8] & ~mask;
}

/*
 * Few different bits, so that prefixes nest and collide: six leading ones,
 * six at the far end, zero between.
 */
static void rnd_addr(u8 family, u8 *addr)
{
	unsigned int width = family == RTPL_AF_INET ? 32 : 128, i;

	memset(addr, 0, 16);
	for (i = 0; i < 6; i++) {
		bit_set(addr, i, rnd(2));
		bit_set(addr, width - 1 - i, rnd(2));
	}
	if (family == RTPL_AF_INET6 && rnd(2))
		bit_set(addr, 60 + rnd(8), true);
}

static void rnd_prefix(struct rtpl_prefix *p)
{
	unsigned int width, i;

	p->family = rnd(2) ? RTPL_AF_INET : RTPL_AF_INET6;
	width = p->family == RTPL_AF_INET ? 32 : 128;
	rnd_addr(p->family, p->addr);
	switch (rnd(3)) {
	case 0:
		p->len = rnd(8);
		break;
	case 1:
		p->len = width - rnd(8);
		break;
	default:
		p->len = rnd(width + 1);
	}
	for (i = p->len; i < width; i++)
		bit_set(p->addr, i, false);
}

static bool holds(const struct rtpl_prefix *p, u8 family, const u8 *addr)
{
	unsigned int i;

	if (p->family != family)
		return false;
	for (i = 0; i < p->len; i++)
		if ((p->addr[i / 8] ^ addr[i / 8]) & (0x80 >> (i & 7)))
			return false;
	return true;
}

static bool same(const struct rtpl_prefix *a, const struct rtpl_prefix *b)
{
	return a->len == b->len && holds(a, b->family, b->addr);
}

static void *naive_lookup(const struct naive *nv, u8 family, const u8 *addr)
{
	void *best = NULL;
	int best_len = -1;
	u32 o, i;

	for (o = 0; o < OWNERS; o++) {
		for (i = 0; i < nv->n[o]; i++) {
			if (nv->p[o][i].len > best_len && holds(&nv->p[o][i], family, addr)) {
				best = &owners[o];
				best_len = nv->p[o][i].len;
			}
		}
	}
	return best;
}

static void *naive_owner(const struct naive *nv, const struct rtpl_prefix *p)
{
	u32 o, i;

	for (o = 0; o < OWNERS; o++)
		for (i = 0; i < nv->n[o]; i++)
			if (same(&nv->p[o][i], p))
				return &owners[o];
	return NULL;
}

/* Nodes reachable from @n, after checking what every node must keep. */
static u32 check_nodes(struct kunit *test, struct rtpl_lpm_node *n, u32 *depth_left)
{
	struct rtpl_lpm_node *c[2];
	u32 nodes = 1, i;

	if (!n || !*depth_left)
		return 0;
	(*depth_left)--;
	for (i = 0; i < 2; i++) {
		c[i] = rcu_dereference_protected(n->child[i], 1);
		if (c[i]) {
			KUNIT_EXPECT_GT(test, (int)c[i]->bits, (int)n->bits);
			nodes += check_nodes(test, c[i], depth_left);
		}
	}
	if (!rcu_dereference_protected(n->value, 1))
		KUNIT_EXPECT_TRUE(test, c[0] && c[1]);
	(*depth_left)++;
	return nodes;
}

struct fixture {
	struct rtpl_lpm table;
	struct naive naive;
	struct rtpl_lpm_node node[2 * OWNERS * EACH + 2 * EACH];
	struct rtpl_lpm_pool pool;
	struct rtpl_prefix now[EACH];
};

/* One thread: what readers would have to leave first is free at once. */
static void recycle(struct rtpl_lpm_pool *pool)
{
	struct rtpl_lpm_node *n;

	while ((n = pool->retired)) {
		pool->retired = n->next;
		rtpl_lpm_pool_add(pool, n);
	}
}

static u32 spare_count(const struct rtpl_lpm_pool *pool)
{
	const struct rtpl_lpm_node *n;
	u32 count = 0;

	for (n = pool->spare; n; n = n->next)
		count++;
	return count;
}

/* Give owner @o a random new list; the prefixes that others own must be refused. */
static void change_one(struct kunit *test, struct fixture *g, u32 o)
{
	u32 n_now = rnd(4) ? rnd(EACH + 1) : 0, i, j, bad = U32_MAX;
	struct naive *nv = &g->naive;
	void *other = NULL, *owner;
	int need, first_bad = -1;

	for (i = 0; i < n_now; i++) {
		if (nv->n[o] && rnd(3) == 0)	/* keep some */
			g->now[i] = nv->p[o][rnd(nv->n[o])];
		else
			rnd_prefix(&g->now[i]);
		owner = naive_owner(nv, &g->now[i]);
		if (owner && owner != &owners[o] && first_bad < 0)
			first_bad = i;
	}

	need = rtpl_lpm_check(&g->table, &owners[o], g->now, n_now, &bad, &other);
	if (first_bad >= 0) {
		KUNIT_EXPECT_EQ(test, need, -EEXIST);
		KUNIT_EXPECT_EQ(test, (int)bad, first_bad);
		KUNIT_EXPECT_PTR_EQ(test, other, naive_owner(nv, &g->now[first_bad]));
		for (i = 0, j = 0; i < n_now; i++) {
			owner = naive_owner(nv, &g->now[i]);
			if (!owner || owner == &owners[o])
				g->now[j++] = g->now[i];
		}
		n_now = j;
		need = rtpl_lpm_check(&g->table, &owners[o], g->now, n_now, &bad, &other);
	}
	KUNIT_ASSERT_GE(test, need, 0);
	KUNIT_ASSERT_LE(test, need, (int)(2 * n_now));

	rtpl_lpm_replace(&g->table, &owners[o], nv->p[o], nv->n[o], g->now, n_now, &g->pool);
	recycle(&g->pool);

	/* The naive list holds no prefix twice. */
	nv->n[o] = 0;
	for (i = 0; i < n_now; i++)
		if (!naive_owner(nv, &g->now[i]))
			nv->p[o][nv->n[o]++] = g->now[i];
}

static void compare(struct kunit *test, struct fixture *g)
{
	u32 total = 0, nodes = 0, depth, i, o;
	struct rtpl_lpm *t = &g->table;
	u8 family, addr[16];
	void *got;

	for (i = 0; i < 64; i++) {
		family = i & 1 ? RTPL_AF_INET : RTPL_AF_INET6;
		rnd_addr(family, addr);
		got = family == RTPL_AF_INET ? rtpl_lpm_lookup4(t, addr) :
					       rtpl_lpm_lookup6(t, addr);
		KUNIT_EXPECT_PTR_EQ(test, got, naive_lookup(&g->naive, family, addr));
	}
	for (o = 0; o < OWNERS; o++) {
		total += g->naive.n[o];
		for (i = 0; i < g->naive.n[o]; i++)
			KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_find(t, &g->naive.p[o][i]),
					    (void *)&owners[o]);
	}
	KUNIT_EXPECT_EQ(test, t->count, total);

	/* A lookup's bound: at most 33 and 129 nodes deep. */
	depth = 33;
	nodes += check_nodes(test, rcu_dereference_protected(t->root[0], 1), &depth);
	depth = 129;
	nodes += check_nodes(test, rcu_dereference_protected(t->root[1], 1), &depth);
	KUNIT_EXPECT_LE(test, nodes, 2 * total);
	KUNIT_EXPECT_EQ(test, nodes + spare_count(&g->pool), (u32)ARRAY_SIZE(g->node));
}

static void lpm_random(struct kunit *test)
{
	struct fixture *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, g);
	rnd_state = 20240229;
	rtpl_lpm_init(&g->table);
	for (i = 0; i < ARRAY_SIZE(g->node); i++)
		rtpl_lpm_pool_add(&g->pool, &g->node[i]);

	for (i = 0; i < ROUNDS; i++) {
		change_one(test, g, rnd(OWNERS));
		compare(test, g);
	}
	/* What someone else owns does not leave by mistake. */
	for (i = 0; i < OWNERS; i++)
		rtpl_lpm_replace(&g->table, &owners[i], g->naive.p[(i + 1) % OWNERS],
				 g->naive.n[(i + 1) % OWNERS], g->naive.p[i], g->naive.n[i],
				 &g->pool);
	compare(test, g);

	for (i = 0; i < OWNERS; i++) {
		rtpl_lpm_replace(&g->table, &owners[i], g->naive.p[i], g->naive.n[i],
				 NULL, 0, &g->pool);
		g->naive.n[i] = 0;
		recycle(&g->pool);
		compare(test, g);
	}
	KUNIT_EXPECT_EQ(test, g->table.count, 0U);
	KUNIT_EXPECT_EQ(test, spare_count(&g->pool), (u32)ARRAY_SIZE(g->node));
}

/* The longest possible chain: every prefix length of one address. */
static void lpm_chain(struct kunit *test)
{
	struct rtpl_prefix p = { .family = RTPL_AF_INET6 };
	struct rtpl_lpm_pool pool = {};
	struct rtpl_lpm_node *node;
	struct rtpl_lpm t;
	u8 addr[16];
	u32 i;

	node = kunit_kzalloc(test, 129 * sizeof(*node), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, node);
	rtpl_lpm_init(&t);
	memset(addr, 0xa5, sizeof(addr));
	for (i = 0; i <= 128; i++) {
		memset(p.addr, 0, sizeof(p.addr));
		memcpy(p.addr, addr, i / 8);
		if (i % 8)
			p.addr[i / 8] = addr[i / 8] & (u8)(0xff00 >> (i % 8));
		p.len = i;
		KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), 0);
		rtpl_lpm_pool_add(&pool, &node[i]);
		rtpl_lpm_replace(&t, &owners[i % OWNERS], NULL, 0, &p, 1, &pool);
		KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_lookup6(&t, addr),
				    (void *)&owners[i % OWNERS]);
	}
	KUNIT_EXPECT_EQ(test, t.count, 129U);
	KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_lookup4(&t, addr), NULL);
	addr[15] ^= 1;
	KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_lookup6(&t, addr), (void *)&owners[127 % OWNERS]);
	addr[0] ^= 0x80;
	KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_lookup6(&t, addr), (void *)&owners[0]);
}

/* What is another's moves: one owner at each moment, and the one before cannot take it out. */
static void lpm_move(struct kunit *test)
{
	struct rtpl_prefix p[2] = { { .family = RTPL_AF_INET, .len = 8, .addr = { 10 } },
				    { .family = RTPL_AF_INET, .len = 16, .addr = { 10, 1 } } };
	static const u8 addr[4] = { 10, 1, 2, 3 };
	struct rtpl_lpm_pool pool = {};
	struct rtpl_lpm_node node[4];
	struct rtpl_lpm t;
	unsigned int i;

	rtpl_lpm_init(&t);
	KUNIT_EXPECT_EQ(test, rtpl_lpm_need(&t, p, 2), 4);
	for (i = 0; i < ARRAY_SIZE(node); i++)
		rtpl_lpm_pool_add(&pool, &node[i]);
	rtpl_lpm_replace(&t, &owners[0], NULL, 0, p, 2, &pool);
	KUNIT_EXPECT_EQ(test, rtpl_lpm_need(&t, p, 2), 0);
	rtpl_lpm_replace(&t, &owners[1], NULL, 0, &p[1], 1, &pool);
	KUNIT_EXPECT_EQ(test, t.count, 2);
	KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_lookup4(&t, addr), (void *)&owners[1]);
	KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_find(&t, &p[0]), (void *)&owners[0]);
	/* The old owner's list may still name it. */
	rtpl_lpm_replace(&t, &owners[0], p, 2, &p[0], 1, &pool);
	KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_lookup4(&t, addr), (void *)&owners[1]);
	rtpl_lpm_replace(&t, &owners[0], &p[0], 1, NULL, 0, &pool);
	KUNIT_EXPECT_EQ(test, t.count, 1);
	KUNIT_EXPECT_PTR_EQ(test, rtpl_lpm_lookup4(&t, addr), (void *)&owners[1]);
}

static void lpm_prefix_ok(struct kunit *test)
{
	struct rtpl_prefix p = { .family = RTPL_AF_INET, .addr = { 10, 1 }, .len = 16 };

	KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), 0);
	p.len = 15;
	KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), -EINVAL);
	p.len = 33;
	KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), -ERANGE);
	p.family = 7;
	KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), -EAFNOSUPPORT);
	p = (struct rtpl_prefix){ .family = RTPL_AF_INET6, .addr = { [15] = 1 }, .len = 128 };
	KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), 0);
	p.len = 127;
	KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), -EINVAL);
	p.len = 129;
	KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), -ERANGE);
	p = (struct rtpl_prefix){ .family = RTPL_AF_INET6 };
	KUNIT_EXPECT_EQ(test, rtpl_lpm_prefix_ok(&p), 0);
}

static struct kunit_case lpm_cases[] = {
	KUNIT_CASE(lpm_random),
	KUNIT_CASE(lpm_chain),
	KUNIT_CASE(lpm_prefix_ok),
	KUNIT_CASE(lpm_move),
	{}
};

static struct kunit_suite lpm_suite = {
	.name = "rtpl-lpm",
	.test_cases = lpm_cases,
};

kunit_test_suite(lpm_suite);
