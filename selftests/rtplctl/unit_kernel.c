// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel made of paper behind the functions of netlink.c: it takes the
 * requests as they would go over the socket, keeps peers as the real one does
 * (nobody is added twice, a prefix has one owner, an empty shape forgets),
 * and can be told to refuse the n-th request.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "unit.h"

#define FAMILY 30

struct conn {
	struct config is;
	reply_fn take_node, take_peers;
	uint32_t n_requests;	/* that changed, or were to change, something */
	uint32_t refuse_at;	/* 0: none */
	int error;
};

struct nl_msg *conn_request(struct conn *c, int cmd, int flags, size_t room)
{
	struct nl_msg *msg = nlmsg_alloc_size(room + 256);

	(void)c;
	genlmsg_put(msg, 1, 1, FAMILY, 0, flags, cmd, RTPL_GENL_VERSION);
	return msg;
}

struct conn *conn_open(struct err *e)
{
	err_set(e, "there is no socket here");
	return NULL;
}

struct conn *conn_open_route(struct err *e)
{
	return conn_open(e);
}

void conn_close(struct conn *c)
{
	config_free(&c->is);
	free(c);
}

int conn_errno(const struct conn *c)
{
	return c->error;
}

bool rtpl_family_present(void)
{
	return false;
}

int conn_listen(struct conn *c, reply_fn fn, void *arg, struct err *e)
{
	(void)c;
	(void)fn;
	(void)arg;
	return err_set(e, "nothing happens here");
}

/* ---- requests ---- */

static int cmd_of(struct nl_msg *msg)
{
	struct genlmsghdr *g = nlmsg_data(nlmsg_hdr(msg));

	return g->cmd;
}

static struct nlattr *nest_of(struct nl_msg *msg, int type)
{
	struct genlmsghdr *g = nlmsg_data(nlmsg_hdr(msg));

	return nla_find(genlmsg_attrdata(g, 0), genlmsg_attrlen(g, 0), type);
}

static struct nlattr *attr_of(struct nlattr *nest, int type)
{
	return nest ? nla_find(nla_data(nest), nla_len(nest), type) : NULL;
}

static int refuse(struct conn *c, int error, struct err *e)
{
	c->error = error;
	return err_set(e, "the kernel made of paper refused: %s", strerror(error));
}

static struct peer *find(struct conn *c, const uint8_t *key)
{
	for (uint32_t i = 0; i < c->is.n_peers; i++)
		if (!memcmp(c->is.peers[i].public_key, key, RTPL_KEY_LEN))
			return &c->is.peers[i];
	return NULL;
}

/* Does a peer other than @me own one of @p? With @move it does not any more. */
static bool owned_by_another(struct conn *c, const struct prefixes *p, const struct peer *me,
			     bool move)
{
	for (uint32_t i = 0; i < c->is.n_peers; i++) {
		struct prefixes *q = &c->is.peers[i].prefixes;

		if (&c->is.peers[i] == me)
			continue;
		for (uint32_t k = 0; k < q->n; k++)
			for (uint32_t m = 0; m < p->n && k < q->n; m++)
				if (!prefix_compare(&q->p[k], &p->p[m])) {
					if (!move)
						return true;
					memmove(&q->p[k], &q->p[k + 1],
						(--q->n - k) * sizeof(*q->p));
					m = -1;		/* another one stands there now */
				}
	}
	return false;
}

static bool is_owned(const struct config *c, const struct prefix *p)
{
	for (uint32_t i = 0; i < c->n_peers; i++)
		for (uint32_t k = 0; k < c->peers[i].prefixes.n; k++)
			if (!prefix_compare(&c->peers[i].prefixes.p[k], p))
				return true;
	return false;
}

/* What is to be protected all along: the prefixes of both. */
static const struct config *before, *after;
static uint32_t n_bare;

/* Between two requests: is one of them nobody's? */
static void look_for_bare(const struct config *now)
{
	for (uint32_t i = 0; before && i < before->n_peers; i++)
		for (uint32_t k = 0; k < before->peers[i].prefixes.n; k++)
			n_bare += is_owned(after, &before->peers[i].prefixes.p[k]) &&
				  !is_owned(now, &before->peers[i].prefixes.p[k]);
}

/* As kmod/node/config.c does it. */
static void merge_shape(struct shape *now, const struct shape *in, bool forget)
{
	if (forget)
		memset(now, 0, sizeof(*now));
#define TAKE(attr, field) \
	do { if (in->has & SHAPE_BIT(attr)) now->field = in->field; } while (0)
	TAKE(SIZES, sizes);
	TAKE(CELL, cell);
	TAKE(SCHED, sched);
	TAKE(RATE, rate);
	TAKE(LATENCY, latency);
	TAKE(LIMIT, limit);
	TAKE(OVERFLOW, overflow);
	TAKE(BUCKETS, n_buckets);
	TAKE(THREAT, threat);
	TAKE(LOAD, load);
	TAKE(BUDGET, budget);
	TAKE(PERIOD, period);
	TAKE(EPOCH, epoch);
	TAKE(CALM, calm);
#undef TAKE
	if (in->has & SHAPE_BIT(PROFILE)) {
		strcpy(now->profile, in->profile);
		now->has &= ~(SHAPE_BIT(POLICY) | POLICY_SETTINGS);
	}
	if (in->has & SHAPE_BIT(POLICY)) {
		strcpy(now->policy, in->policy);
		now->has &= ~(*in->policy ? SHAPE_BIT(PROFILE) : POLICY_SETTINGS);
	}
	if (in->has & SHAPE_BIT(BUCKETS))
		memcpy(now->bucket, in->bucket, sizeof(now->bucket));
	now->has |= in->has;
	if ((now->has & SHAPE_BIT(POLICY)) && *now->policy)
		now->has &= ~SHAPE_BIT(PROFILE);
	else
		now->has &= ~SHAPE_BIT(POLICY);
}

static int change_peer(struct conn *c, struct nl_msg *msg, struct err *e)
{
	struct nlattr *nest = nest_of(msg, RTPL_A_PEER), *shape;
	struct config in = { 0 };
	int cmd = cmd_of(msg), rc = 0;
	struct peer *p, *is;

	if (c->take_peers(nlmsg_hdr(msg), &in, e) || in.n_peers != 1)
		return refuse(c, EINVAL, e);
	p = &in.peers[0];
	is = find(c, p->public_key);
	if (cmd == RTPL_CMD_PEER_ADD ? !!is : !is) {
		rc = refuse(c, is ? EEXIST : ENOENT, e);
	} else if (owned_by_another(c, &p->prefixes, is,
				    attr_of(nest, RTPL_PEER_A_MOVE))) {
		rc = refuse(c, EADDRINUSE, e);
	} else if (cmd == RTPL_CMD_PEER_DEL) {
		peer_free(is);
		*is = c->is.peers[--c->is.n_peers];
	} else {
		if (!is) {
			is = config_add_peer(&c->is);
			memcpy(is->public_key, p->public_key, RTPL_KEY_LEN);
			is->require = true;
			is->has = PEER_BIT(PUBLIC_KEY) | PEER_BIT(REQUIRE) | PEER_BIT(KEEPALIVE) |
				  PEER_BIT(PREFIXES) | PEER_BIT(DSCP) | PEER_BIT(ECN);
		}
		if (attr_of(nest, RTPL_PEER_A_PREFIXES)) {
			prefixes_free(&is->prefixes);
			is->prefixes = p->prefixes;
			memset(&p->prefixes, 0, sizeof(p->prefixes));
		}
		if (attr_of(nest, RTPL_PEER_A_PSK)) {
			memcpy(is->psk, p->psk, RTPL_KEY_LEN);
			is->has = (is->has & ~PEER_BIT(PSK)) | (p->has & PEER_BIT(PSK));
		}
		if (p->has & PEER_BIT(ENDPOINT)) {
			is->endpoint = p->endpoint;
			is->has |= PEER_BIT(ENDPOINT);
		}
		if (p->has & PEER_BIT(REQUIRE))
			is->require = p->require;
		if (p->has & PEER_BIT(KEEPALIVE))
			is->keepalive = p->keepalive;
		if (p->has & PEER_BIT(DSCP))
			is->dscp = p->dscp;
		if (p->has & PEER_BIT(ECN))
			is->ecn = p->ecn;
		shape = attr_of(nest, RTPL_PEER_A_SHAPE);
		if (shape)
			merge_shape(&is->shape, &p->shape, !nla_len(shape));
	}
	config_free(&in);
	return rc;
}

static int change_node(struct conn *c, struct nl_msg *msg, struct err *e)
{
	struct nlattr *nest = nest_of(msg, RTPL_A_NODE);
	struct node in = { 0 };

	if (c->take_node(nlmsg_hdr(msg), &in, e))
		return -1;
	if (attr_of(nest, RTPL_NODE_A_PRIVATE_KEY)) {
		memcpy(c->is.node.private_key, in.private_key, RTPL_KEY_LEN);
		c->is.node.has = (c->is.node.has & ~NODE_BIT(PRIVATE_KEY)) |
				 (in.has & NODE_BIT(PRIVATE_KEY));
	}
	if (in.has & NODE_BIT(PORT))
		c->is.node.port = in.port;
	if (in.has & NODE_BIT(FWMARK))
		c->is.node.fwmark = in.fwmark;
	if (in.has & NODE_BIT(BIND_DEVICE))
		strcpy(c->is.node.bind_device, in.bind_device);
	c->is.node.has |= NODE_BIT(PORT) | NODE_BIT(FWMARK) | NODE_BIT(BIND_DEVICE);
	return 0;
}

static int change(struct conn *c, struct nl_msg *msg, struct err *e)
{
	if (++c->n_requests == c->refuse_at)
		return refuse(c, ENOMEM, e);
	if (cmd_of(msg) == RTPL_CMD_NODE_SET)
		return change_node(c, msg, e);
	if (change_peer(c, msg, e))
		return -1;
	look_for_bare(&c->is);
	return 0;
}

void conn_room(struct conn *c, size_t bytes)
{
	(void)c;
	(void)bytes;
}

int conn_do(struct conn *c, struct nl_msg *msg, reply_fn fn, void *arg, struct err *e)
{
	struct nl_msg *reply;
	int rc;

	if (cmd_of(msg) == RTPL_CMD_NODE_GET) {
		c->take_node = fn;
		reply = conn_request(c, RTPL_CMD_NODE_GET, 0, 4096);
		rc = put_node(reply, &c->is.node) ?: fn(nlmsg_hdr(reply), arg, e);
		nlmsg_free(reply);
	} else {
		rc = change(c, msg, e);
	}
	nlmsg_free(msg);
	return rc;
}

/* A peer's prefixes come in pieces of three, as the kernel's do of many. */
int conn_dump(struct conn *c, struct nl_msg *msg, reply_fn fn, void (*restart)(void *arg),
	      void *arg, struct err *e)
{
	struct nl_msg *reply;
	int rc = 0;

	c->take_peers = fn;
	/* Interrupted once. */
	if (c->is.n_peers) {
		reply = peer_request(c, RTPL_CMD_PEER_GET, &c->is.peers[0], e);
		rc = fn(nlmsg_hdr(reply), arg, e);
		nlmsg_free(reply);
	}
	restart(arg);
	for (uint32_t i = 0; i < c->is.n_peers && !rc; i++) {
		struct peer part = c->is.peers[i];
		uint32_t at = 0;

		do {
			part.prefixes.p = c->is.peers[i].prefixes.p + at;
			part.prefixes.n = c->is.peers[i].prefixes.n - at;
			if (part.prefixes.n > 3)
				part.prefixes.n = 3;
			at += part.prefixes.n;
			reply = peer_request(c, RTPL_CMD_PEER_GET, &part, e);
			rc = fn(nlmsg_hdr(reply), arg, e);
			nlmsg_free(reply);
			part.has = PEER_BIT(PREFIXES);
			part.shape.has = 0;
		} while (at < c->is.peers[i].prefixes.n && !rc);
	}
	nlmsg_free(msg);
	return rc;
}

uint32_t conn_many(struct conn *c, struct nl_msg **msgs, uint32_t n, struct err *e)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (change(c, msgs[i], e))
			break;
	return i;
}

/* ---- configurations by chance ---- */

static unsigned int seed;

static uint32_t chance(uint32_t n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % n;
}

static void any_shape(struct shape *s)
{
	static const char * const cells[] = { "device", "pow2", "pow2:2048", "512,1024", "1000", "1400" };
	static const char * const rates[] = { "off", "1000", "2000" };
	struct err e;

	if (chance(3))
		(void)parse_cell(cells[chance(6)], s, &e);
	if (chance(2) && !((s->has & SHAPE_BIT(SIZES)) && (s->sizes == RTPL_SIZE_POW2 ||
							   s->sizes == RTPL_SIZE_BUCKETS)))
		(void)parse_rate(rates[chance(3)], s, &e);
	if (!chance(3))
		(void)parse_latency(chance(2) ? "10ms" : "20ms", 0, s, &e);
	if (!chance(3))
		(void)parse_limit(chance(2) ? "100" : "1000", s, &e);
	if (!chance(3))
		(void)parse_overflow(chance(2) ? "newest" : "oldest", s, &e);
	if (!chance(4)) {
		(void)parse_profile(chance(3) ? "standard" : "none", s, &e);
	} else if (!chance(3)) {
		(void)parse_policy(chance(2) ? "off standard" : "off enhanced maximum", s, &e);
		if (chance(2))
			(void)parse_threat(chance(2) ? "0" : "1", s, &e);
		if (chance(2))
			(void)parse_load(chance(2) ? "off" : "10mbit", s, &e);
		if (chance(2))
			(void)parse_budget(chance(2) ? "1GB/day" : "10MB/h", s, &e);
		if (chance(2))
			(void)parse_epoch(chance(2) ? "10s" : "20s", s, &e);
		if (chance(2))
			(void)parse_calm(chance(2) ? "6" : "9", s, &e);
	}
}

static void any_config(struct config *c)
{
	uint32_t owner[24], n = chance(9);

	memset(c, 0, sizeof(*c));
	memset(c->node.private_key, 8 + chance(2), RTPL_KEY_LEN);
	c->node.has = NODE_BIT(PRIVATE_KEY) | NODE_BIT(PORT) | NODE_BIT(FWMARK);
	c->node.port = 1 + chance(3);
	c->node.fwmark = chance(2);
	strcpy(c->node.bind_device, chance(2) ? "" : chance(2) ? "red" : "eth0");
	for (uint32_t i = 0; i < 24; i++)
		owner[i] = chance(12);
	for (uint32_t i = 0; i < n; i++) {
		struct peer *p = config_add_peer(c);
		struct err e;
		char word[64];

		/* Every key once, in an order that changes. */
		p->public_key[0] = 1 + (i * 5 + seed % 3) % 12;
		p->has = PEER_BIT(PUBLIC_KEY);
		for (uint32_t k = 0; k < i; k++)
			if (c->peers[k].public_key[0] == p->public_key[0])
				p->public_key[0] = 100 + i;
		for (uint32_t k = 0; k < 24; k++)
			if (owner[k] == i) {
				snprintf(word, sizeof(word), "10.0.%u.0/24", k);
				(void)parse_prefixes(word, &p->prefixes, &e);
			}
		(void)prefixes_settle(&p->prefixes, &e);
		p->has |= PEER_BIT(PREFIXES);
		if (chance(2)) {
			memset(p->psk, 1 + chance(2), RTPL_KEY_LEN);
			p->has |= PEER_BIT(PSK);
		}
		if (chance(2)) {
			snprintf(word, sizeof(word), "192.0.2.%u:1", 1 + chance(3));
			(void)parse_endpoint(word, &p->endpoint, &e);
			p->has |= PEER_BIT(ENDPOINT);
		}
		if (chance(2)) {
			p->require = chance(2);
			p->has |= PEER_BIT(REQUIRE);
		}
		if (chance(2)) {
			p->keepalive = chance(3);
			p->has |= PEER_BIT(KEEPALIVE);
		}
		if (chance(2)) {
			p->dscp = chance(RTPL_DSCP_COPY + 1);
			p->ecn = chance(__RTPL_ECN_KIND_MAX);
			p->has |= PEER_BIT(DSCP) | PEER_BIT(ECN);
		}
		any_shape(&p->shape);
	}
}

/* ---- comparing ---- */

/* What is in force, without a qdisc. */
static struct shape in_force(const struct shape *s)
{
	struct shape r = { .limit = 1000, .latency = 50000000, .period = POLICY_PERIOD,
			   .epoch = POLICY_EPOCH, .calm = POLICY_CALM };

	merge_shape(&r, s, false);
	if (!(r.has & SHAPE_BIT(PROFILE)))
		*r.profile = '\0';
	if (!(r.has & SHAPE_BIT(POLICY))) {
		*r.policy = '\0';
		r.threat = r.load = r.budget = r.period = r.epoch = r.calm = 0;
	}
	if (r.sizes != RTPL_SIZE_FIXED && r.sizes != RTPL_SIZE_POW2)
		r.cell = 0;
	if (r.sched != RTPL_SCHED_CONST)
		r.rate = 0;
	if (r.sizes != RTPL_SIZE_BUCKETS) {
		r.n_buckets = 0;
		memset(r.bucket, 0, sizeof(r.bucket));
	}
	r.has = 0;
	memset(r.rate_word, 0, sizeof(r.rate_word));
	return r;
}

static const struct peer *wanted(const struct config *c, const uint8_t *key)
{
	for (uint32_t i = 0; i < c->n_peers; i++)
		if (!memcmp(c->peers[i].public_key, key, RTPL_KEY_LEN))
			return &c->peers[i];
	return NULL;
}

static const char *peer_differs(const struct peer *is, const struct peer *want)
{
	struct shape a = in_force(&is->shape), b = in_force(&want->shape);
	bool require = want->has & PEER_BIT(REQUIRE) ? want->require : true;

	if ((is->has ^ want->has) & PEER_BIT(PSK) ||
	    ((is->has & PEER_BIT(PSK)) && memcmp(is->psk, want->psk, RTPL_KEY_LEN)))
		return "psk";
	if ((want->has & PEER_BIT(ENDPOINT)) &&
	    !endpoint_equal(&is->endpoint.sa, &want->endpoint.sa))
		return "endpoint";
	if (is->require != require || is->keepalive != want->keepalive)
		return "require or keepalive";
	if (is->dscp != want->dscp || is->ecn != want->ecn)
		return "dscp or ecn";
	if (is->prefixes.n != want->prefixes.n)
		return "number of prefixes";
	for (uint32_t i = 0; i < is->prefixes.n; i++)
		if (prefix_compare(&is->prefixes.p[i], &want->prefixes.p[i]))
			return "prefixes";
	if (a.sizes != b.sizes || a.cell != b.cell || a.sched != b.sched || a.rate != b.rate ||
	    a.latency != b.latency || a.limit != b.limit || a.overflow != b.overflow ||
	    a.n_buckets != b.n_buckets || memcmp(a.bucket, b.bucket, sizeof(a.bucket)))
		return "shape";
	if (strcmp(a.profile, b.profile) ||
	    !policy_equal(&a, &b, SHAPE_BIT(POLICY) | POLICY_SETTINGS))
		return "profile or policy";
	return NULL;
}

/* Return: what differs, or NULL. */
static const char *differs(const struct conn *c, const struct config *want)
{
	const struct node *a = &c->is.node, *b = &want->node;

	if ((a->has ^ b->has) & NODE_BIT(PRIVATE_KEY) ||
	    memcmp(a->private_key, b->private_key, RTPL_KEY_LEN) ||
	    (b->port && a->port != b->port) || a->fwmark != b->fwmark ||
	    strcmp(a->bind_device, b->bind_device))
		return "node";
	if (c->is.n_peers != want->n_peers)
		return "number of peers";
	for (uint32_t i = 0; i < c->is.n_peers; i++) {
		const struct peer *p = wanted(want, c->is.peers[i].public_key);
		const char *what = p ? peer_differs(&c->is.peers[i], p) : "peer";

		if (what)
			return what;
	}
	return NULL;
}

static int to(struct conn *c, const struct config *want, bool undo, struct applied *done,
	      struct err *e)
{
	struct config have;
	int rc;

	if (kernel_config(c, &have, e))
		return -1;
	rc = apply(c, &have, want, undo, done, e);
	config_free(&have);
	return rc;
}

/* ---- tests ---- */

static void test_there(void)
{
	const char *wrong = NULL, *again = NULL, *back = NULL, *empty = NULL;
	const struct config nothing = { 0 };
	uint32_t rounds, refused = 0, told = 0;

	for (rounds = 0; rounds < 20000 && !wrong && !again && !back && !empty; rounds++) {
		struct conn *c = calloc(1, sizeof(*c));
		struct config first, second;
		struct applied done;
		struct err e;

		seed = rounds;
		any_config(&first);
		any_config(&second);
		if (to(c, &first, true, &done, &e))
			wrong = "the first is refused";
		else
			wrong = differs(c, &first);

		/* Refused somewhere: all is as it was. On no way is there a gap. */
		before = &first;
		after = &second;
		c->n_requests = 0;
		c->refuse_at = 1 + chance(12);
		if (to(c, &second, true, &done, &e)) {
			refused++;
			told += !!*e.text;
			back = differs(c, &first);
			c->refuse_at = 0;
		} else {
			c->refuse_at = 0;
			wrong = wrong ?: differs(c, &second);
		}
		if (to(c, &second, true, &done, &e))
			wrong = wrong ?: "the second is refused";
		wrong = wrong ?: differs(c, &second);
		before = NULL;
		c->n_requests = 0;
		if (to(c, &second, true, &done, &e) || c->n_requests || done.node || done.added ||
		    done.changed || done.removed || done.same != second.n_peers)
			again = "something is done again";
		if (to(c, &nothing, true, &done, &e) || c->is.n_peers ||
		    (c->is.node.has & NODE_BIT(PRIVATE_KEY)))
			empty = "something is left";
		conn_close(c);
		config_free(&first);
		config_free(&second);
	}
	check(!wrong, "from any configuration to any other (%u rounds, seed %u: %s)", rounds, seed,
	      wrong ?: "no difference");
	check(!n_bare, "what both protect is protected between any two requests (%u gaps)", n_bare);
	check(!again, "and nothing more to do then (%s)", again ?: "no request");
	check(!back && refused > 1000 && told == refused,
	      "all is as it was after %u refusals half way (%s)", refused, back ?: "no difference");
	check(!empty, "and down to nothing (%s)", empty ?: "nothing left");
}

static void test_swap(void)
{
	static const char text[] =
		"[Node]\nPrivateKey = 6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2k=\n"
		"[Peer]\nPublicKey = eG3rxDpZ7FfLxSb5sCKzvHlsbqGKkVDSTXMpgIXZ6VM=\nAllowed = 10.0.0.1, 10.0.0.2\n"
		"[Peer]\nPublicKey = pGYB9bVJ4KzjJQv6fNnhJ6Q2RYqzLP7w0dJ6CAgPRnM=\nAllowed = 10.0.0.3, 10.0.0.4\n";
	struct conn *c = calloc(1, sizeof(*c));
	struct config one, two;
	struct prefixes p;
	struct applied done;
	struct err e;

	config_parse(text, strlen(text), "x", 0, &one, &e);
	config_parse(text, strlen(text), "x", 0, &two, &e);
	p = two.peers[0].prefixes;
	two.peers[0].prefixes = two.peers[1].prefixes;
	two.peers[1].prefixes = p;
	check(!to(c, &one, true, &done, &e) && done.added == 2 && done.node, "two peers");
	check(!to(c, &two, true, &done, &e) && done.changed == 2 && !differs(c, &two),
	      "exchange their prefixes");
	c->refuse_at = c->n_requests + 2;
	check(to(c, &one, true, &done, &e) && strstr(e.text, "refused") && strstr(e.text, "(line ") &&
	      !differs(c, &two), "or do not (%s)", e.text);
	conn_close(c);
	config_free(&one);
	config_free(&two);
}

static void test_many(void)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct config want = { 0 };
	struct applied done;
	char word[64];
	struct err e;

	want.node.has = NODE_BIT(PRIVATE_KEY);
	memset(want.node.private_key, 8, RTPL_KEY_LEN);
	for (uint32_t i = 0; i < 1000; i++) {
		struct peer *p = config_add_peer(&want);

		p->has = PEER_BIT(PUBLIC_KEY);
		memcpy(p->public_key, &i, sizeof(i));
		p->public_key[8] = 1;
		snprintf(word, sizeof(word), "10.%u.%u.0/24", i >> 8, i & 255);
		(void)parse_prefixes(word, &p->prefixes, &e);
	}
	check(!to(c, &want, true, &done, &e) && done.added == 1000 && c->n_requests == 1001,
	      "a thousand peers");
	conn_close(c);
	config_free(&want);
}

static void test_too_many_prefixes(void)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct peer p = { .has = PEER_BIT(PREFIXES) };
	struct nl_msg *msg;
	struct err e;

	p.prefixes.n = RTPL_PREFIXES_MAX;
	p.prefixes.p = calloc(p.prefixes.n * 2, sizeof(*p.prefixes.p));
	for (uint32_t i = 0; i < p.prefixes.n * 2; i++)
		p.prefixes.p[i].family = AF_INET6;
	msg = peer_request(c, RTPL_CMD_PEER_ADD, &p, &e);
	check(msg, "a request holds as many prefixes as a peer may have");
	nlmsg_free(msg);
	p.prefixes.n *= 2;
	check(!peer_request(c, RTPL_CMD_PEER_ADD, &p, &e) && strstr(e.text, "4000 prefixes"),
	      "and says so when it does not");
	prefixes_free(&p.prefixes);
	conn_close(c);
}

void test_apply(void)
{
	test_there();
	test_swap();
	test_many();
	test_too_many_prefixes();
}
