// SPDX-License-Identifier: GPL-2.0
/*
 * Longest prefix match; see lpm.h.
 *
 * Shape of the trie: a node's children hold longer prefixes that begin with the node's own bits,
 * child[0] those whose next bit is 0. A joint always has two children, so a table of n prefixes has
 * at most 2n - 1 nodes.
 *
 * What readers may see while a writer works:
 *  - a node is filled in before rcu_assign_pointer() makes it reachable;
 *  - a joint gets or loses its value in place, one pointer;
 * - a node that is removed keeps its key and children, so that a reader on it continues into the
 * part of the trie that is still valid.
 */
#include "lpm.h"

/*
 * Readers are in softirq (BH off) or under rcu_read_lock(), writers hold their lock; only the
 * callers know which.
 */
#define lpm_reader(p)	rcu_dereference_raw(p)
#define lpm_writer(p)	rcu_dereference_protected(p, 1)

static u64 lpm_mask(unsigned int bits)
{
	return bits ? ~0ULL << (64 - bits) : 0;
}

/* The first @bits bits of @key. */
static struct rtpl_lpm_key lpm_cut(struct rtpl_lpm_key key, unsigned int bits)
{
	if (bits <= 64) {
		key.hi &= lpm_mask(bits);
		key.lo = 0;
	} else {
		key.lo &= lpm_mask(bits - 64);
	}
	return key;
}

/* Do the first @bits bits agree? */
static bool lpm_match(const struct rtpl_lpm_key *a, const struct rtpl_lpm_key *b,
		      unsigned int bits)
{
	if (bits <= 64)
		return !((a->hi ^ b->hi) & lpm_mask(bits));
	return a->hi == b->hi && !((a->lo ^ b->lo) & lpm_mask(bits - 64));
}

/* How many leading bits agree, at most @max? */
static unsigned int lpm_common(const struct rtpl_lpm_key *a,
			       const struct rtpl_lpm_key *b, unsigned int max)
{
	unsigned int n;

	if (a->hi != b->hi)
		n = 64 - fls64(a->hi ^ b->hi);
	else
		n = 128 - fls64(a->lo ^ b->lo);
	return min(n, max);
}

/* Bit number @bit, counted from the top. Behind the last one any value will do: no node there. */
static unsigned int lpm_bit(const struct rtpl_lpm_key *key, unsigned int bit)
{
	u64 word = bit < 64 ? key->hi : key->lo;

	return word >> (63 - (bit & 63)) & 1;
}

static struct rtpl_lpm_key lpm_key4(const void *addr)
{
	return (struct rtpl_lpm_key){ .hi = (u64)get_unaligned_be32(addr) << 32 };
}

static struct rtpl_lpm_key lpm_key6(const void *addr)
{
	return (struct rtpl_lpm_key){
		.hi = get_unaligned_be64(addr),
		.lo = get_unaligned_be64((const u8 *)addr + 8),
	};
}

static struct rtpl_lpm_key lpm_key(const struct rtpl_prefix *p)
{
	return p->family == RTPL_AF_INET ? lpm_key4(p->addr) : lpm_key6(p->addr);
}

/**
 * rtpl_lpm_init() - make a table empty
 * @t: the table; no reader may have it yet
 *
 * Context: Any.
 */
void rtpl_lpm_init(struct rtpl_lpm *t)
{
	memset(t, 0, sizeof(*t));
}

int rtpl_lpm_prefix_ok(const struct rtpl_prefix *p)
{
	struct rtpl_lpm_key key, cut;

	if (p->family != RTPL_AF_INET && p->family != RTPL_AF_INET6)
		return -EAFNOSUPPORT;
	if (p->len > (p->family == RTPL_AF_INET ? 32 : 128))
		return -ERANGE;
	key = lpm_key(p);
	cut = lpm_cut(key, p->len);
	return key.hi == cut.hi && key.lo == cut.lo ? 0 : -EINVAL;
}

/* ---- reading ---- */

static __always_inline void *lpm_lookup(struct rtpl_lpm_node __rcu * const *root,
					const struct rtpl_lpm_key *key, u8 *bits)
{
	struct rtpl_lpm_node *n = lpm_reader(*root);
	void *best = NULL, *value;

	while (n && lpm_match(&n->key, key, n->bits)) {
		value = lpm_reader(n->value);
		if (value) {
			best = value;
			*bits = n->bits;
		}
		n = lpm_reader(n->child[lpm_bit(key, n->bits)]);
	}
	return best;
}

void *rtpl_lpm_lookup4(const struct rtpl_lpm *t, const void *addr)
{
	struct rtpl_lpm_key key = lpm_key4(addr);
	u8 bits;

	return lpm_lookup(&t->root[0], &key, &bits);
}

void *rtpl_lpm_lookup6(const struct rtpl_lpm *t, const void *addr)
{
	struct rtpl_lpm_key key = lpm_key6(addr);
	u8 bits;

	return lpm_lookup(&t->root[1], &key, &bits);
}

void *rtpl_lpm_lookup_bits(const struct rtpl_lpm *t, bool v6, const void *addr, u8 *bits)
{
	struct rtpl_lpm_key key = v6 ? lpm_key6(addr) : lpm_key4(addr);

	return lpm_lookup(&t->root[v6], &key, bits);
}

/* The node of exactly this prefix, which may be a joint; NULL if there is none. */
static struct rtpl_lpm_node *lpm_find(const struct rtpl_lpm *t, const struct rtpl_prefix *p)
{
	struct rtpl_lpm_key key = lpm_key(p);
	struct rtpl_lpm_node *n;

	n = lpm_reader(t->root[p->family != RTPL_AF_INET]);
	while (n && n->bits < p->len && lpm_match(&n->key, &key, n->bits))
		n = lpm_reader(n->child[lpm_bit(&key, n->bits)]);
	return n && n->bits == p->len && lpm_match(&n->key, &key, n->bits) ? n : NULL;
}

void *rtpl_lpm_find(const struct rtpl_lpm *t, const struct rtpl_prefix *p)
{
	struct rtpl_lpm_node *n = lpm_find(t, p);

	return n ? lpm_reader(n->value) : NULL;
}

int rtpl_lpm_check(const struct rtpl_lpm *t, const void *value,
		   const struct rtpl_prefix *p, u32 n, u32 *bad, void **other)
{
	u32 i, need = 0;
	void *owner;

	for (i = 0; i < n; i++) {
		owner = rtpl_lpm_find(t, &p[i]);
		if (!owner) {
			need += 2;	/* its node, and a joint where the paths part */
		} else if (owner != value) {
			*bad = i;
			*other = owner;
			return -EEXIST;
		}
	}
	return need;
}

int rtpl_lpm_need(const struct rtpl_lpm *t, const struct rtpl_prefix *p, u32 n)
{
	u32 i, need = 0;

	for (i = 0; i < n; i++)
		if (!rtpl_lpm_find(t, &p[i]))
			need += 2;
	return need;
}

/* ---- writing ---- */

/**
 * rtpl_lpm_pool_add() - give a pool a node
 * @pool: the pool
 * @node: the caller's memory; its content does not matter
 *
 * Context: Any; the caller serialises calls on @pool.
 */
void rtpl_lpm_pool_add(struct rtpl_lpm_pool *pool, struct rtpl_lpm_node *node)
{
	node->next = pool->spare;
	pool->spare = node;
}

static struct rtpl_lpm_node *lpm_take(struct rtpl_lpm_pool *pool,
				      const struct rtpl_lpm_key *key, unsigned int bits,
				      void *value)
{
	struct rtpl_lpm_node *n = pool->spare;

	if (WARN_ON_ONCE(!n))	/* rtpl_lpm_check() asked for too few */
		return NULL;
	pool->spare = n->next;
	memset(n, 0, sizeof(*n));
	n->key = lpm_cut(*key, bits);
	n->bits = bits;
	RCU_INIT_POINTER(n->value, value);
	return n;
}

static void lpm_retire(struct rtpl_lpm_pool *pool, struct rtpl_lpm_node *n)
{
	n->next = pool->retired;
	pool->retired = n;
}

/* Make @value the owner of @p, whoever owned it before. Return its node. */
static struct rtpl_lpm_node *lpm_insert(struct rtpl_lpm *t, const struct rtpl_prefix *p,
					void *value, struct rtpl_lpm_pool *pool)
{
	struct rtpl_lpm_node __rcu **slot = &t->root[p->family != RTPL_AF_INET];
	struct rtpl_lpm_node *n, *leaf, *joint;
	struct rtpl_lpm_key key = lpm_key(p);
	unsigned int common = 0;

	while ((n = lpm_writer(*slot))) {
		common = lpm_common(&n->key, &key, min(n->bits, p->len));
		if (common < n->bits)
			break;
		if (n->bits == p->len) {	/* ours already, another owner's, or a joint */
			t->count += !lpm_writer(n->value);
			if (lpm_writer(n->value) != value)
				rcu_assign_pointer(n->value, value);
			return n;
		}
		slot = &n->child[lpm_bit(&key, n->bits)];
	}

	leaf = lpm_take(pool, &key, p->len, value);
	if (!leaf)
		return NULL;
	if (!n) {
		rcu_assign_pointer(*slot, leaf);
	} else if (common == p->len) {		/* n lies inside the new prefix */
		RCU_INIT_POINTER(leaf->child[lpm_bit(&n->key, p->len)], n);
		rcu_assign_pointer(*slot, leaf);
	} else {
		joint = lpm_take(pool, &key, common, NULL);
		if (!joint) {
			rtpl_lpm_pool_add(pool, leaf);
			return NULL;
		}
		RCU_INIT_POINTER(joint->child[lpm_bit(&n->key, common)], n);
		RCU_INIT_POINTER(joint->child[lpm_bit(&key, common)], leaf);
		rcu_assign_pointer(*slot, joint);
	}
	t->count++;
	return leaf;
}

/* Remove @p, unless the current replacement has named it. */
static void lpm_remove(struct rtpl_lpm *t, const struct rtpl_prefix *p, void *value,
		       struct rtpl_lpm_pool *pool)
{
	struct rtpl_lpm_node __rcu **slot = &t->root[p->family != RTPL_AF_INET];
	struct rtpl_lpm_node __rcu **above = NULL;	/* the slot that holds parent */
	struct rtpl_lpm_node *n, *parent = NULL, *c0, *c1;
	struct rtpl_lpm_key key = lpm_key(p);

	while ((n = lpm_writer(*slot)) && n->bits < p->len) {
		if (!lpm_match(&n->key, &key, n->bits))
			return;
		above = slot;
		parent = n;
		slot = &n->child[lpm_bit(&key, n->bits)];
	}
	if (!n || n->bits != p->len || !lpm_match(&n->key, &key, n->bits))
		return;
	if (lpm_writer(n->value) != value || n->stamp == t->epoch)
		return;

	t->count--;
	c0 = lpm_writer(n->child[0]);
	c1 = lpm_writer(n->child[1]);
	if (c0 && c1) {
		RCU_INIT_POINTER(n->value, NULL);	/* a joint from now on */
		return;
	}
	rcu_assign_pointer(*slot, c0 ? c0 : c1);
	lpm_retire(pool, n);
	if (c0 || c1 || !parent || lpm_writer(parent->value))
		return;

	/* The parent was a joint, and no paths part there any more. */
	c0 = lpm_writer(parent->child[0]);
	c1 = lpm_writer(parent->child[1]);
	rcu_assign_pointer(*above, c0 ? c0 : c1);
	lpm_retire(pool, parent);
}

void rtpl_lpm_replace(struct rtpl_lpm *t, void *value,
		      const struct rtpl_prefix *old, u32 n_old,
		      const struct rtpl_prefix *now, u32 n_now,
		      struct rtpl_lpm_pool *pool)
{
	struct rtpl_lpm_node *n;
	u32 i;

	t->epoch++;
	for (i = 0; i < n_now; i++) {
		n = lpm_insert(t, &now[i], value, pool);
		if (n)
			n->stamp = t->epoch;
	}
	for (i = 0; i < n_old; i++)
		lpm_remove(t, &old[i], value, pool);
}
