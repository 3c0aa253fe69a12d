/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Longest prefix match: which value (a peer) owns an address?
 *
 * One path-compressed binary trie for each address family. A node is a prefix; a node without value
 * is a joint where two longer prefixes part. Every step down checks a longer prefix, so a lookup
 * visits at most 33 (IPv4) or 129 (IPv6) nodes, whatever the table holds.
 *
 * Readers only need RCU (or the writer's lock). Writers must exclude each other. Memory is the
 * caller's: it fills a pool with nodes first, and afterwards finds in the pool the nodes that were
 * not needed and those that were removed from the table; the latter may be freed only after a grace
 * period.
 */
#ifndef RTPL_CORE_LPM_H
#define RTPL_CORE_LPM_H

#include "env.h"

/* The numbers of AF_INET and AF_INET6, which never change on Linux. */
#define RTPL_AF_INET		2
#define RTPL_AF_INET6		10

/* A prefix of addresses. */
struct rtpl_prefix {
	u8 addr[16];		/* network order; IPv4: the first four */
	u8 len;			/* bits */
	u8 family;		/* AF_INET, AF_INET6 */
};

/* An address as a number: bit 0 is the top bit of hi; IPv4 fills hi's upper half. */
struct rtpl_lpm_key {
	u64 hi, lo;
};

/* A prefix in a table, or a joint. */
struct rtpl_lpm_node {
	struct rtpl_lpm_node __rcu *child[2];	/* by the key's bit number bits */
	void __rcu *value;			/* NULL: a joint, with two children */
	struct rtpl_lpm_key key;		/* bits behind the prefix are zero */
	u8 bits;				/* prefix length; never changes once linked */
	u32 stamp;				/* epoch of the last replacement that named it */
	struct rtpl_lpm_node *next;		/* in a pool; readers never follow it */
};

/* A table. Writers exclude each other, readers are in an RCU read side section. */
struct rtpl_lpm {
	struct rtpl_lpm_node __rcu *root[2];	/* IPv4, IPv6 */
	u32 count;				/* prefixes with a value */
	u32 epoch;
};

/* Nodes on their way into a table and out of it. All zero is an empty pool. */
struct rtpl_lpm_pool {
	struct rtpl_lpm_node *spare;	/* never seen by readers: may be freed at once */
	struct rtpl_lpm_node *retired;	/* readers may be on them: free after a grace period */
};

void rtpl_lpm_init(struct rtpl_lpm *t);

/**
 * rtpl_lpm_prefix_ok() - are family and length known, and all host bits zero?
 * @p: the prefix
 *
 * Context: Any.
 * Return: 0, -EAFNOSUPPORT, -ERANGE (length), -EINVAL (host bits).
 */
int rtpl_lpm_prefix_ok(const struct rtpl_prefix *p);

/**
 * rtpl_lpm_check() - check whether @value could own all these prefixes
 * @t: the table
 * @value: the owner to be
 * @p: prefixes, each of them rtpl_lpm_prefix_ok()
 * @n: how many
 * @bad: on -EEXIST, index of the first that belongs to another owner
 * @other: on -EEXIST, that owner
 *
 * The same prefix twice in the list is not an error here.
 *
 * Context: Writer.
 * Return: nodes that rtpl_lpm_replace() may need at most (>= 0), or -EEXIST.
 */
int rtpl_lpm_check(const struct rtpl_lpm *t, const void *value,
		   const struct rtpl_prefix *p, u32 n, u32 *bad, void **other);

/**
 * rtpl_lpm_need() - most nodes that rtpl_lpm_replace() may need, whoever owns the prefixes now
 * @t: the table
 * @p: prefixes, each of them rtpl_lpm_prefix_ok()
 * @n: how many
 *
 * Context: Writer.
 * Return: nodes.
 */
int rtpl_lpm_need(const struct rtpl_lpm *t, const struct rtpl_prefix *p, u32 n);

void rtpl_lpm_pool_add(struct rtpl_lpm_pool *pool, struct rtpl_lpm_node *node);

/**
 * rtpl_lpm_replace() - make @value own the prefixes in @now, and no longer those in @old
 * @t: the table
 * @value: the owner, not NULL
 * @old: what it owns now (may be NULL if @n_old is 0)
 * @n_old: how many
 * @now: what it will own, checked with rtpl_lpm_check() under the same lock, or counted with
 *	rtpl_lpm_need() if another owner's prefixes move
 * @n_now: how many
 * @pool: holds at least the number of nodes that these returned
 *
 * Cannot fail. New prefixes are added before old ones are removed, and those that stay are not
 * touched: a reader never sees a moment without a prefix that is in both lists; for a prefix that
 * moves it sees the old owner or the new one.
 *
 * Context: Writer, with readers running.
 */
void rtpl_lpm_replace(struct rtpl_lpm *t, void *value,
		      const struct rtpl_prefix *old, u32 n_old,
		      const struct rtpl_prefix *now, u32 n_now,
		      struct rtpl_lpm_pool *pool);

/**
 * rtpl_lpm_lookup4() - owner of the longest prefix that holds an IPv4 address
 * @t: the table
 * @addr: 4 bytes, network order, any alignment
 *
 * Context: Any, RCU read side.
 * Return: the value, or NULL.
 */
void *rtpl_lpm_lookup4(const struct rtpl_lpm *t, const void *addr);

/**
 * rtpl_lpm_lookup6() - owner of the longest prefix that holds an IPv6 address
 * @t: the table
 * @addr: 16 bytes, network order, any alignment
 *
 * Context: Any, RCU read side.
 * Return: the value, or NULL.
 */
void *rtpl_lpm_lookup6(const struct rtpl_lpm *t, const void *addr);

/**
 * rtpl_lpm_lookup_bits() - as the above for either family, with the length of the prefix
 * @t: the table
 * @v6: is it an IPv6 address?
 * @addr: 4 or 16 bytes, network order, any alignment
 * @bits: length of the prefix, if there is one
 *
 * Context: Any, RCU read side.
 * Return: the value, or NULL.
 */
void *rtpl_lpm_lookup_bits(const struct rtpl_lpm *t, bool v6, const void *addr, u8 *bits);

/**
 * rtpl_lpm_find() - owner of exactly this prefix
 * @t: the table
 * @p: the prefix
 *
 * Context: Writer, or RCU read side.
 * Return: the value, or NULL.
 */
void *rtpl_lpm_find(const struct rtpl_lpm *t, const struct rtpl_prefix *p);

#endif /* RTPL_CORE_LPM_H */
