// SPDX-License-Identifier: GPL-2.0
/*
 * From one configuration to another by the fewest requests: what differs is
 * set, what is missing added, what is too much removed. Peers that stay keep
 * their sessions.
 *
 * Order: the node first, since a port in use is the likeliest refusal; then changes and
 * additions; removals last. A prefix that changes its peer moves in the request of the one that
 * gets it, and is nobody's at no time: what is protected before and after is so throughout.
 *
 * The kernel knows no transaction over peers. A refusal half way is answered
 * by reading what is there now and applying the way back.
 */
#include "rtplctl.h"

#include <stdlib.h>
#include <string.h>

#include <netlink/msg.h>

#define CHUNK 256		/* messages held at once */

/* What the kernel does where nothing is set. */
#define LIMIT_DEFAULT	1000
#define LATENCY_DEFAULT	50000000ULL

struct op {
	int cmd;
	struct peer p;		/* what is in the request; pointers are others' */
	struct prefixes own;	/* p.prefixes, if this op made the list */
	unsigned int line;
};

struct plan {
	struct op *op;
	uint32_t n;
	uint32_t room;
	struct node node;	/* has != 0: to be set */
	bool node_last;		/* the key goes, and the peers before it */
};

static struct op *plan_add(struct plan *plan, int cmd, const struct peer *p)
{
	struct op *op;

	if (plan->n == plan->room) {
		uint32_t room = plan->room ? plan->room * 2 : 16;
		struct op *more = calloc(room, sizeof(*more));

		if (!more)
			return NULL;
		if (plan->op) {
			memcpy(more, plan->op, plan->n * sizeof(*more));
			explicit_bzero(plan->op, plan->n * sizeof(*more));
			free(plan->op);
		}
		plan->op = more;
		plan->room = room;
	}
	op = &plan->op[plan->n++];
	op->cmd = cmd;
	op->line = p->line;
	if (cmd == RTPL_CMD_PEER_ADD)
		op->p = *p;
	memcpy(op->p.public_key, p->public_key, RTPL_KEY_LEN);
	return op;
}

static void plan_free(struct plan *plan)
{
	for (uint32_t i = 0; i < plan->n; i++)
		prefixes_free(&plan->op[i].own);
	if (plan->op)
		explicit_bzero(plan->op, plan->n * sizeof(*plan->op));
	free(plan->op);
	explicit_bzero(plan, sizeof(*plan));
}

/* ---- differences ---- */

static void diff_node(const struct node *have, const struct node *want, struct node *set)
{
	memset(set, 0, sizeof(*set));
	if (want->has & NODE_BIT(PRIVATE_KEY)) {
		if (!(have->has & NODE_BIT(PRIVATE_KEY)) ||
		    !key_same_private(have->private_key, want->private_key)) {
			memcpy(set->private_key, want->private_key, RTPL_KEY_LEN);
			/* Links go on with what they have until the new key has made sessions. */
			set->has |= NODE_BIT(PRIVATE_KEY) | NODE_BIT(ROTATE);
		}
		/* Without Listen, and with 0, any port will do: the one there is. */
		if ((want->has & NODE_BIT(PORT)) && want->port && want->port != have->port) {
			set->port = want->port;
			set->has |= NODE_BIT(PORT);
		}
	} else {
		if (have->has & (NODE_BIT(PRIVATE_KEY) | NODE_BIT(PUBLIC_KEY)))
			set->has |= NODE_BIT(PRIVATE_KEY);
		if (have->port)
			set->has |= NODE_BIT(PORT);
	}
	if (want->fwmark != have->fwmark) {
		set->fwmark = want->fwmark;
		set->has |= NODE_BIT(FWMARK);
	}
	if (strcmp(want->bind_device, have->bind_device)) {
		strcpy(set->bind_device, want->bind_device);
		set->has |= NODE_BIT(BIND_DEVICE);
	}
}

/*
 * What is set and is to be no more can only be given up together with all
 * other settings, which under a constant rate would show. Then it is set to
 * what the kernel does by itself instead.
 */
static struct shape with_defaults(const struct shape *have, const struct shape *want)
{
	struct shape s = *want;

#define DEFAULT(attr, field, value) do {					\
		if ((have->has & SHAPE_BIT(attr)) && !(s.has & SHAPE_BIT(attr))) {	\
			s.field = (value);						\
			s.has |= SHAPE_BIT(attr);					\
		}									\
	} while (0)
	DEFAULT(SIZES, sizes, RTPL_SIZE_DEVICE);
	DEFAULT(LATENCY, latency, LATENCY_DEFAULT);
	DEFAULT(LIMIT, limit, LIMIT_DEFAULT);
	DEFAULT(OVERFLOW, overflow, RTPL_OVERFLOW_NEWEST);
	DEFAULT(ROLE, role, RTPL_ROLE_CLIENT);
#undef DEFAULT
	return s;
}

static bool is_constant(const struct shape *s)
{
	return (s->has & SHAPE_BIT(SCHED)) && s->sched == RTPL_SCHED_CONST;
}

/*
 * Return: true if @have's settings have to be given up first (an empty nest);
 * @set is then all of @want.
 */
static bool diff_shape(const struct shape *have, const struct shape *want, struct shape *set)
{
	struct shape s = *want;
	uint32_t gone = have->has, same;

	memset(set, 0, sizeof(*set));
	policy_defaults(have, &s);
	/* Of a profile and a policy each takes the other's place. */
	if ((s.has & SHAPE_BIT(POLICY)) && *s.policy)
		gone &= ~SHAPE_BIT(PROFILE);
	else if (s.has & (SHAPE_BIT(PROFILE) | SHAPE_BIT(POLICY)))
		gone &= ~(SHAPE_BIT(POLICY) | POLICY_SETTINGS);
	if (!(have->has & SHAPE_BIT(POLICY)) && !*s.policy)
		s.has &= ~SHAPE_BIT(POLICY);
	if (is_constant(have) && is_constant(want) &&
	    !((have->has | want->has) & (SHAPE_BIT(PROFILE) | SHAPE_BIT(POLICY)))) {
		s = with_defaults(have, want);
	} else if (gone & ~s.has) {
		*set = *want;
		return true;
	}
	same = have->has & s.has;
#define SAME(attr, field) \
	do { if ((same & SHAPE_BIT(attr)) && have->field == s.field) s.has &= ~SHAPE_BIT(attr); } while (0)
	SAME(SIZES, sizes);
	SAME(CELL, cell);
	SAME(SCHED, sched);
	SAME(RATE, rate);
	SAME(LATENCY, latency);
	SAME(LIMIT, limit);
	SAME(OVERFLOW, overflow);
	SAME(ROLE, role);
#undef SAME
	if ((same & SHAPE_BIT(PROFILE)) && !strcmp(have->profile, s.profile))
		s.has &= ~SHAPE_BIT(PROFILE);
	for (uint32_t bit = 1; bit; bit <<= 1)
		if ((same & bit & (SHAPE_BIT(POLICY) | POLICY_SETTINGS)) && policy_equal(have, &s, bit))
			s.has &= ~bit;
	if ((same & SHAPE_BIT(BUCKETS)) && have->n_buckets == s.n_buckets &&
	    !memcmp(have->bucket, s.bucket, s.n_buckets * sizeof(s.bucket[0])))
		s.has &= ~SHAPE_BIT(BUCKETS);
	/* What belongs together goes together. */
	if (s.has & (SHAPE_BIT(CELL) | SHAPE_BIT(BUCKETS)))
		s.has |= SHAPE_BIT(SIZES);
	if (s.has & SHAPE_BIT(RATE))
		s.has |= SHAPE_BIT(SCHED);
	*set = s;
	return false;
}

static bool prefixes_equal(const struct prefixes *a, const struct prefixes *b)
{
	if (a->n != b->n)
		return false;
	for (uint32_t i = 0; i < a->n; i++)
		if (prefix_compare(&a->p[i], &b->p[i]))
			return false;
	return true;
}

static bool wants_require(const struct peer *p)
{
	return p->has & PEER_BIT(REQUIRE) ? p->require : true;
}

/*
 * @set: what differs; lists stay @want's. @forget: the shape is to be given up first.
 * Return: true if anything differs.
 */
static bool diff_peer(const struct peer *have, const struct peer *want, bool no_endpoint,
		      struct peer *set, bool *forget)
{
	bool psk = want->has & PEER_BIT(PSK);

	memset(set, 0, sizeof(*set));
	memcpy(set->public_key, want->public_key, RTPL_KEY_LEN);
	if (psk != !!(have->has & PEER_BIT(PSK)) ||
	    (psk && memcmp(have->psk, want->psk, RTPL_KEY_LEN))) {
		memcpy(set->psk, want->psk, RTPL_KEY_LEN);	/* all zero removes it */
		set->has |= PEER_BIT(PSK);
	}
	if (!no_endpoint && (want->has & PEER_BIT(ENDPOINT)) && want->endpoint.sa.sa_family &&
	    !((have->has & PEER_BIT(ENDPOINT)) &&
	      endpoint_equal(&have->endpoint.sa, &want->endpoint.sa))) {
		set->endpoint = want->endpoint;
		set->has |= PEER_BIT(ENDPOINT);
	}
	if (!prefixes_equal(&have->prefixes, &want->prefixes)) {
		set->prefixes = want->prefixes;
		set->has |= PEER_BIT(PREFIXES);
	}
	if (wants_require(want) != have->require) {
		set->require = wants_require(want);
		set->has |= PEER_BIT(REQUIRE);
	}
	if (strcmp(want->name, have->name)) {
		strcpy(set->name, want->name);
		set->has |= PEER_BIT(NAME);
	}
	if (want->keepalive != have->keepalive) {
		set->keepalive = want->keepalive;
		set->has |= PEER_BIT(KEEPALIVE);
	}
	if (want->dscp != have->dscp) {
		set->dscp = want->dscp;
		set->has |= PEER_BIT(DSCP);
	}
	if (want->ecn != have->ecn) {
		set->ecn = want->ecn;
		set->has |= PEER_BIT(ECN);
	}
	*forget = diff_shape(&have->shape, &want->shape, &set->shape);
	return set->has || set->shape.has || *forget;
}

/* ---- the plan ---- */

struct claim {
	struct prefix prefix;
	const struct peer *peer;
};

static int claim_compare(const void *a, const void *b)
{
	const struct claim *p = a, *q = b;

	return prefix_compare(&p->prefix, &q->prefix);
}

static int peer_compare(const void *a, const void *b)
{
	const struct peer * const *p = a, * const *q = b;

	return memcmp((*p)->public_key, (*q)->public_key, RTPL_KEY_LEN);
}

struct index {
	const struct peer **peer;	/* by key */
	uint32_t n;
	struct claim *claim;		/* by prefix */
	size_t n_claims;
};

static int index_make(struct index *ix, const struct config *c)
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->n_peers; i++)
		n += c->peers[i].prefixes.n;
	ix->n = c->n_peers;
	ix->n_claims = n;
	ix->peer = calloc(ix->n + 1, sizeof(*ix->peer));
	ix->claim = calloc(n + 1, sizeof(*ix->claim));
	if (!ix->peer || !ix->claim)
		return -1;
	n = 0;
	for (uint32_t i = 0; i < c->n_peers; i++) {
		ix->peer[i] = &c->peers[i];
		for (uint32_t k = 0; k < c->peers[i].prefixes.n; k++)
			ix->claim[n++] = (struct claim){ c->peers[i].prefixes.p[k], &c->peers[i] };
	}
	qsort(ix->peer, ix->n, sizeof(*ix->peer), peer_compare);
	qsort(ix->claim, ix->n_claims, sizeof(*ix->claim), claim_compare);
	return 0;
}

static void index_free(struct index *ix)
{
	free(ix->peer);
	free(ix->claim);
}

static const struct peer *index_find(const struct index *ix, const struct peer *p)
{
	const struct peer **found = bsearch(&p, ix->peer, ix->n, sizeof(*ix->peer), peer_compare);

	return found ? *found : NULL;
}

/* Whom @prefix is to belong to, or NULL. */
static const struct peer *index_claimant(const struct index *ix, const struct prefix *prefix)
{
	struct claim key = { .prefix = *prefix }, *found;

	found = bsearch(&key, ix->claim, ix->n_claims, sizeof(key), claim_compare);
	return found ? found->peer : NULL;
}

/*
 * The list that @want's request is to name: what it is to have, and of what it has (@have, or
 * NULL) all that a peer behind it in the file will take over. A prefix so goes from one peer to
 * the other, in the latter's request, and no packet to it finds nobody.
 *
 * Return: 1 if the kernel has exactly that by then, 0 if @list is to be set, -1 without memory.
 */
static int plan_prefixes(const struct index *ix, const struct peer *have, const struct peer *want,
			 struct prefixes *list)
{
	uint32_t had = have ? have->prefixes.n : 0;
	struct prefixes now = { 0 };
	bool same;

	list->p = calloc(had + want->prefixes.n + 1, sizeof(*list->p));
	now.p = calloc(had + 1, sizeof(*now.p));
	if (!list->p || !now.p) {
		prefixes_free(&now);
		return -1;
	}
	for (uint32_t i = 0; i < had; i++) {
		const struct peer *next = index_claimant(ix, &have->prefixes.p[i]);

		/* Gone already, to one before it? */
		if (!next || next >= want)
			now.p[now.n++] = have->prefixes.p[i];
		if (next > want)
			list->p[list->n++] = have->prefixes.p[i];
	}
	for (uint32_t i = 0; i < want->prefixes.n; i++)
		list->p[list->n++] = want->prefixes.p[i];
	qsort(list->p, list->n, sizeof(*list->p), prefix_compare);
	qsort(now.p, now.n, sizeof(*now.p), prefix_compare);
	same = have && prefixes_equal(&now, list);
	prefixes_free(&now);
	return same;
}

/* Its own settings of the shape go; what is wanted comes in the next request. */
static int plan_forget(struct plan *plan, const struct peer *p)
{
	struct op *op = plan_add(plan, RTPL_CMD_PEER_SET, p);

	if (!op)
		return -1;
	op->p.has |= PEER_BIT(SHAPE);
	return 0;
}

static int make_plan(const struct config *have, const struct config *want, struct plan *plan,
		     struct applied *done)
{
	struct index h = { 0 }, w = { 0 };
	const struct peer *other;
	int rc = -1;

	diff_node(&have->node, &want->node, &plan->node);
	plan->node_last = !(want->node.has & NODE_BIT(PRIVATE_KEY));
	done->node = plan->node.has;
	if (index_make(&h, have) || index_make(&w, want))
		goto out;
	for (uint32_t i = 0; i < want->n_peers; i++) {
		const struct peer *p = &want->peers[i];
		struct prefixes own = { 0 };
		struct peer set;
		bool forget;
		struct op *op;
		int settled;

		other = index_find(&h, p);
		settled = plan_prefixes(&w, other, p, &own);
		if (settled < 0)
			goto out;
		if (!other) {
			op = plan_add(plan, RTPL_CMD_PEER_ADD, p);
			if (!op)
				goto out;
			if (want->no_endpoints)
				op->p.has &= ~PEER_BIT(ENDPOINT);
			done->added++;
		} else if (diff_peer(other, p, want->no_endpoints, &set, &forget)) {
			set.has &= ~PEER_BIT(PREFIXES);
			if (!settled) {
				set.prefixes = own;
				set.has |= PEER_BIT(PREFIXES);
			}
			if (forget && plan_forget(plan, p))
				goto out;
			if (set.has || set.shape.has) {
				op = plan_add(plan, RTPL_CMD_PEER_SET, p);
				if (!op)
					goto out;
				op->p = set;
				op->own = own;
				memset(&own, 0, sizeof(own));
			}
			done->changed++;
			explicit_bzero(&set, sizeof(set));
		} else {
			done->same++;
		}
		prefixes_free(&own);
	}
	for (uint32_t i = 0; i < have->n_peers; i++) {
		const struct peer *p = &have->peers[i];

		if (index_find(&w, p))
			continue;
		if (!plan_add(plan, RTPL_CMD_PEER_DEL, p))
			goto out;
		done->removed++;
	}
	rc = 0;
out:
	index_free(&h);
	index_free(&w);
	return rc;
}

/* ---- doing it ---- */

static int refused(const char *file, const struct op *op, struct err *e)
{
	char key[KEY_TEXT_LEN + 1], why[sizeof(e->text)], line[256] = "";

	key_text(op->p.public_key, key);
	memcpy(why, e->text, sizeof(why));
	if (op->line)
		snprintf(line, sizeof(line), " (line %u%s%.200s)", op->line, file ? " of " : "",
			 file ? file : "");
	/* Whole it would be hidden as a key. */
	return err_set(e, "peer %.8s%s: %.500s", key, line, why);
}

static int set_node(struct conn *c, const struct plan *plan, struct err *e)
{
	struct err why;

	if (!plan->node.has || !kernel_node_set(c, &plan->node, &why))
		return 0;
	return err_set(e, "node: %.700s", why.text);
}

static int carry_out(struct conn *c, const char *file, const struct plan *plan, struct err *e)
{
	struct nl_msg *msgs[CHUNK] = { NULL };
	uint32_t at, n, k, ok;
	int rc = 0;

	if (!plan->node_last && set_node(c, plan, e))
		return -1;
	for (at = 0; at < plan->n && !rc; at += n) {
		n = plan->n - at < CHUNK ? plan->n - at : CHUNK;
		for (k = 0; k < n; k++) {
			msgs[k] = peer_request(c, plan->op[at + k].cmd, &plan->op[at + k].p, e);
			if (!msgs[k])
				break;
		}
		ok = k;
		if (k == n)
			ok = conn_many(c, msgs, n, e);
		if (ok < n)
			rc = refused(file, &plan->op[at + ok], e);
		while (k--) {
			struct nlmsghdr *nlh = nlmsg_hdr(msgs[k]);

			explicit_bzero(nlmsg_data(nlh), nlmsg_datalen(nlh));
			nlmsg_free(msgs[k]);
		}
	}
	return rc || !plan->node_last ? rc : set_node(c, plan, e);
}

int apply(struct conn *c, const struct config *have, const struct config *want, bool undo,
	  struct applied *done, struct err *e)
{
	struct plan plan = { 0 };
	struct config now;
	struct applied back;
	struct err why, first;
	int rc;

	memset(done, 0, sizeof(*done));
	if (make_plan(have, want, &plan, done))
		rc = err_set(e, "out of memory");
	else
		rc = carry_out(c, want->file, &plan, e);
	plan_free(&plan);
	if (!rc || !undo)
		return rc;
	first = *e;
	if (kernel_config(c, &now, &why)) {
		err_set(e, "%.400s; and what was done before could not be taken back: %.200s",
			first.text, why.text);
		return rc;
	}
	if (apply(c, &now, have, false, &back, &why))
		err_set(e, "%.400s; and what was done before could not be taken back: %.200s",
			first.text, why.text);
	config_free(&now);
	return rc;
}
