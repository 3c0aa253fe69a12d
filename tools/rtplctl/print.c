// SPDX-License-Identifier: GPL-2.0
/* Nodes, peers and counters for people and as JSON; rtplctl(8) lists the keys. */
#include "rtplctl.h"

#include <errno.h>
#include <math.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtpl_tc.h>
#include "../lib/names.h"

#define HIDDEN "(hidden)"
#define WHEN_DATA_CAME "when data last came from the other end, "

/* Handshakes are answered at once, and tried every five seconds. */
#define LOST_NS (15 * 1000000000ULL)

/* Bytes in front of a cell's UDP payload. */
#define IP4_HEAD 28
#define IP6_HEAD 48

json_t *mismatch_json(uint32_t mismatch)
{
	static const char * const settings[] = { "profile", "role", "cell", "rate" };
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (mismatch & 1U << i)
			json_array_append_new(list, json_string(settings[i]));
	return list;
}

const char *unprotected_name(uint32_t unprotected)
{
	return unprotected == RTPL_UNPROTECTED_DROP ? "drop" : "pass";
}

const char *ago_text(uint64_t ns, char buf[64])
{
	uint64_t s = ns / 1000000000;

	if (s < 120)
		sprintf(buf, "%llu s ago", (unsigned long long)s);
	else if (s < 7200)
		sprintf(buf, "%llu min ago", (unsigned long long)(s / 60));
	else
		sprintf(buf, "%llu h ago", (unsigned long long)(s / 3600));
	return buf;
}

json_t *json_text(const char *text)
{
	json_t *j = json_string(text);
	size_t len = strlen(text), n, at = 0;
	char *copy;

	if (j)
		return j;
	copy = malloc(len * 3 + 1);
	if (!copy)
		return NULL;
	for (; *text; text += n ? n : 1) {
		n = utf8_char(text);
		memcpy(copy + at, n ? text : "\xef\xbf\xbd", n ? n : 3);
		at += n ? n : 3;
	}
	copy[at] = '\0';
	j = json_string(copy);
	free(copy);
	return j;
}

int json_print(json_t *j, bool line)
{
	int rc = -1;

	if (j) {
		rc = json_dumpf(j, stdout, JSON_REAL_PRECISION(15) | (line ? JSON_COMPACT : JSON_INDENT(2)));
		if (putchar('\n') == EOF || (line && fflush(stdout)))
			rc = -1;
		json_decref(j);
	}
	if (rc)
		fprintf(stderr, "rtplctl: cannot write JSON: %s\n", strerror(errno ? errno : ENOMEM));
	return rc ? RC_ERROR : RC_OK;
}

static json_t *key_json(const uint8_t key[RTPL_KEY_LEN])
{
	char text[KEY_TEXT_LEN + 1];
	json_t *j;

	key_text(key, text);
	j = json_string(text);
	explicit_bzero(text, sizeof(text));
	return j;
}

/* ---- warnings ---- */

void add_warning(json_t *list, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(list, json_text(text));
}

void print_warnings(FILE *f, const char *indent, const json_t *list)
{
	json_t *j;
	size_t i;

	json_array_foreach(list, i, j)
		fprintf(f, "%swarning: %s\n", indent, json_string_value(j));
}

/* ---- node ---- */

json_t *node_warnings(const struct node *n)
{
	json_t *list = json_array();

	char name[65], word[4096];

	/* A state that outlived the module or a reboot says nothing. */
	if ((n->n_peers || (n->has & NODE_BIT(PUBLIC_KEY))) && state_held(name, word))
		add_warning(list, "%s is held (up --leakguard, up --hold, down --hold): its peers stay guarded, and what they require is stopped where it meets no qdisc; \"rtplctl up %.128s\" goes on, \"rtplctl down %s\" ends it",
			    quoted(name), word, name);
	else if (!(n->has & NODE_BIT(PUBLIC_KEY)) && n->n_peers)
		add_warning(list, "the node has no private key: no link can come up (rtplctl node set private-key FILE)");
	return list;
}

void print_node(FILE *f, const struct node *n, bool show_keys)
{
	char text[KEY_TEXT_LEN + 1] = "(none)";

	if (n->has & NODE_BIT(PUBLIC_KEY))
		key_text(n->public_key, text);
	fprintf(f, "node\n  public key: %s\n", text);
	if (show_keys && (n->has & NODE_BIT(PRIVATE_KEY)))
		key_text(n->private_key, text);
	fprintf(f, "  private key: %s\n", !(n->has & NODE_BIT(PUBLIC_KEY)) ? "(none)" :
		show_keys ? text : HIDDEN);
	explicit_bzero(text, sizeof(text));
	fprintf(f, "  listen: %u\n", n->port);
	if (n->fwmark)
		fprintf(f, "  fwmark: 0x%x\n", n->fwmark);
	else
		fprintf(f, "  fwmark: off\n");
	fprintf(f, "  bind device: %s%s\n", *n->bind_device ? n->bind_device : "off",
		*n->bind_device && !if_nametoindex(n->bind_device) ? " (there is none: cells go nowhere)" : "");
	fprintf(f, "  peers: %u\n  version: %s\n", n->n_peers, n->version);
}

json_t *node_json(const struct node *n, bool show_keys)
{
	json_t *j = json_object();
	bool known = n->has & NODE_BIT(PUBLIC_KEY);

	json_object_set_new(j, "public_key", known ? key_json(n->public_key) : json_null());
	json_object_set_new(j, "private_key",
			    !known ? json_null() :
			    show_keys && (n->has & NODE_BIT(PRIVATE_KEY)) ?
			    key_json(n->private_key) : json_string(HIDDEN));
	json_object_set_new(j, "listen", json_integer(n->port));
	json_object_set_new(j, "fwmark", json_integer(n->fwmark));
	json_object_set_new(j, "bind_device", *n->bind_device ? json_string(n->bind_device) : json_null());
	json_object_set_new(j, "peers", json_integer(n->n_peers));
	json_object_set_new(j, "version", json_string(n->version));
	json_object_set_new(j, "warnings", node_warnings(n));
	return j;
}

/* ---- shapes ---- */

const char *shape_promise(const struct shape *s, const struct peer *p)
{
	if (s->sched == RTPL_SCHED_CONST)
		return "constant rate: the departure process does not depend on the payload at all; leakage is zero bits while the rate is fixed";
	/* A link that never ran has no schedule whose bound it would count. */
	if ((s->has & SHAPE_BIT(PROFILE)) && p && (p->has & PEER_BIT(STATS)) && p->state == RTPL_LINK_UP)
		return p->stats.v[RTPL_STAT_A_LEAK_KIND] == RTPL_LEAK_BOUND_NONE ?
			"by the profile: content is never visible; what sizes and times tell has no bound (\"rtplctl profile advise\": what attacks made of it)" :
			"by the profile: content is never visible; what sizes and times tell is bounded as \"rtplctl stats\" says";
	if (s->has & SHAPE_BIT(PROFILE))
		return "by the profile: content is never visible; what sizes and times tell is bounded or not, which \"rtplctl profile check\" says, and \"rtplctl stats\" when the link is up";
	if (s->sizes == RTPL_SIZE_POW2 || s->sizes == RTPL_SIZE_BUCKETS)
		return "as it comes: content and exact sizes of packets are never visible, but which of the few sizes a cell needed is; times and volume follow the traffic";
	return "as it comes: content and sizes of packets are never visible; times and volume follow the traffic";
}

/* The largest of the sizes that are set, 0: the path's. */
static uint32_t set_largest(const struct shape *s)
{
	switch (s->sizes) {
	case RTPL_SIZE_FIXED:
	case RTPL_SIZE_POW2:
		return s->cell;
	case RTPL_SIZE_BUCKETS:
		return s->n_buckets ? s->bucket[s->n_buckets - 1] : 0;
	default:
		return 0;
	}
}

/* As rtpl_pad_max() of the module has it. */
uint32_t shape_largest(const struct shape *s, uint32_t path)
{
	uint32_t set = set_largest(s), size = 0;

	if (!path || (set && set <= path))
		return set;
	for (uint32_t i = 0; s->sizes == RTPL_SIZE_BUCKETS && i < s->n_buckets && s->bucket[i] <= path; i++)
		size = s->bucket[i];
	/* A handshake is as large as the largest cell. */
	return size < RTPL_HANDSHAKE_MIN ? path : size;
}

const char *shape_cost(const struct shape *s, const struct peer *p, char *buf, size_t size)
{
	uint32_t cell = shape_largest(s, p->cell_now);
	uint32_t head = p->endpoint.sa.sa_family == AF_INET6 ? IP6_HEAD : IP4_HEAD;
	char time[SHAPE_TEXT_MAX];

	if (s->sched != RTPL_SCHED_CONST && (s->has & SHAPE_BIT(PROFILE)))
		snprintf(buf, size, "%u bytes of headers a cell, and the padding, chaff and delay that the profile adds; a packet waits at most %s",
			 head + 29,
			 s->latency ? time_text(s->latency, time) : "as long as the queue lets it");
	else if (s->sched != RTPL_SCHED_CONST)
		snprintf(buf, size, "%u bytes of headers a cell and padding in the last cell of a burst; packets wait for the device alone",
			 head + 29);
	else if (!cell)
		snprintf(buf, size, "%u cells a second at all times, with data or without", s->rate);
	else
		snprintf(buf, size, "%.4g Mbit/s (%u cells of %u bytes a second) at all times, with data or without; a packet waits for its slot, at most %s",
			 (double)s->rate * (cell + head) * 8 / 1e6, s->rate, cell,
			 s->latency ? time_text(s->latency, time) : "as long as the queue lets it");
	return buf;
}

/* As it was given, where it was. */
static void policy_json(json_t *j, const struct shape *s)
{
	char names[RTPL_POLICY_NAMES_MAX], *save = NULL;
	json_t *list = json_array();

	strcpy(names, s->policy);
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
		json_array_append_new(list, json_string(name));
	json_object_set_new(j, "policy", *s->policy ? json_incref(list) : json_null());
	json_decref(list);
#define SET(attr, key, field) do {						\
		if (s->has & SHAPE_BIT(attr))					\
			json_object_set_new(j, key, json_integer(s->field));	\
	} while (0)
	SET(THREAT, "threat", threat);
	SET(LOAD, "load", load);
	SET(BUDGET, "budget", budget);
	SET(PERIOD, "period_s", period);
	SET(EPOCH, "epoch_ms", epoch);
	SET(CALM, "calm", calm);
#undef SET
}

json_t *shape_json(const struct shape *s)
{
	json_t *j = json_object(), *list;

#define HAS(attr) (s->has & SHAPE_BIT(attr))
	if (HAS(SIZES))
		json_object_set_new(j, "sizes", json_string(rtpl_name(&rtpl_size_kind_names, s->sizes)));
	if (HAS(CELL))
		json_object_set_new(j, "cell", json_integer(s->cell));
	if (HAS(BUCKETS)) {
		list = json_array();
		for (uint32_t i = 0; i < s->n_buckets; i++)
			json_array_append_new(list, json_integer(s->bucket[i]));
		json_object_set_new(j, "buckets", list);
	}
	if (HAS(SCHED))
		json_object_set_new(j, "schedule", json_string(s->sched == RTPL_SCHED_CONST ?
							       "constant" : "as-it-comes"));
	if (HAS(RATE))
		json_object_set_new(j, "rate", json_integer(s->rate));
	if (HAS(LATENCY))
		json_object_set_new(j, "latency_ns", json_integer(s->latency));
	if (HAS(PROFILE))
		json_object_set_new(j, "profile", *s->profile ? json_string(s->profile) : json_null());
	if (HAS(POLICY))
		policy_json(j, s);
	if (HAS(ROLE))
		json_object_set_new(j, "role", json_string(rtpl_name(&rtpl_role_kind_names, s->role)));
	if (HAS(LIMIT))
		json_object_set_new(j, "limit", json_integer(s->limit));
	if (HAS(OVERFLOW))
		json_object_set_new(j, "overflow",
				    json_string(rtpl_name(&rtpl_overflow_kind_names, s->overflow)));
#undef HAS
	return j;
}

/* With what the kernel does where nothing is set. */
static void print_policy(FILE *f, const struct shape *s)
{
	char buf[POLICY_TEXT_MAX];

#define HAS(attr) (s->has & SHAPE_BIT(attr))
	fprintf(f, "  policy: %s; threat %u", s->policy, HAS(THREAT) ? s->threat : 0);
	fprintf(f, ", load %s", HAS(LOAD) ? load_text(s, buf) : "off");
	fprintf(f, ", budget %s", HAS(BUDGET) ? budget_text(s, buf) : "off");
	fprintf(f, ", epoch %s", epoch_text(HAS(EPOCH) ? s->epoch : POLICY_EPOCH, buf));
	fprintf(f, ", calm %u\n", HAS(CALM) ? s->calm : POLICY_CALM);
#undef HAS
}

/* What is in force, and where it comes from if not from the peer. */
static void print_shape(FILE *f, const struct peer *p)
{
	const struct shape *now = &p->shape_now;
	bool policy = (p->shape.has & SHAPE_BIT(POLICY)) && *p->shape.policy;
	char buf[SHAPE_TEXT_MAX];

#define FROM(attr) (p->shape.has & SHAPE_BIT(attr) ? "" : " (not set for this peer)")
#define BY(attr) (p->shape.has & SHAPE_BIT(attr) ? "" :				\
		  now->has & SHAPE_BIT(PROFILE) ? " (the profile's)" : " (not set for this peer)")
	if (policy)
		print_policy(f, &p->shape);
	if (now->has & SHAPE_BIT(PROFILE))
		fprintf(f, "  profile: %s%s\n  role: %s%s\n", now->profile,
			policy ? " (the policy's)" : FROM(PROFILE),
			rtpl_name(&rtpl_role_kind_names, now->role), FROM(ROLE));
	fprintf(f, "  cell: %s%s; the largest that the path takes is %u bytes\n", cell_text(now, buf), BY(SIZES),
		p->cell_now);
	if (now->sched == RTPL_SCHED_CONST)
		fprintf(f, "  rate: %u cells/s%s\n", now->rate, BY(SCHED));
	else
		fprintf(f, "  rate: off, %s%s\n",
			now->has & SHAPE_BIT(PROFILE) ? "the profile's schedule" : "as it comes",
			now->has & SHAPE_BIT(PROFILE) ? "" : FROM(SCHED));
	fprintf(f, "  latency: %s%s\n", time_text(now->latency, buf), BY(LATENCY));
	fprintf(f, "  limit: %u packet%s%s\n", now->limit, PLURAL(now->limit), BY(LIMIT));
	fprintf(f, "  overflow: %s%s\n", rtpl_name(&rtpl_overflow_kind_names, now->overflow),
		BY(OVERFLOW));
#undef BY
#undef FROM
}

/*
 * What the other end said does not fit. It says it with the first data under new keys, and with the
 * first after a change: so it may be set otherwise by now.
 */
static void warn_mismatch(json_t *list, const struct peer *p)
{
	const struct shape *now = &p->shape_now, *far = &p->theirs;
	char buf[SHAPE_TEXT_MAX], theirs[SHAPE_TEXT_MAX];

	if (p->mismatch & RTPL_MISMATCH_PROFILE)
		add_warning(list, WHEN_DATA_CAME "it had the profile %s, this end has %s",
			    far->has & SHAPE_BIT(PROFILE) ? far->profile : "none",
			    now->has & SHAPE_BIT(PROFILE) ? now->profile : "none");
	if (p->mismatch & RTPL_MISMATCH_ROLE)
		add_warning(list, WHEN_DATA_CAME "both ends were the %s of the profile: set the role %s at one",
			    rtpl_name(&rtpl_role_kind_names, now->role),
			    rtpl_name(&rtpl_role_kind_names, now->role == RTPL_ROLE_SERVER ?
				      RTPL_ROLE_CLIENT : RTPL_ROLE_SERVER));
	if (p->mismatch & RTPL_MISMATCH_CELL)
		add_warning(list, WHEN_DATA_CAME "its cell was %s, this end's is %s",
			    cell_text(far, theirs), cell_text(now, buf));
	if (p->mismatch & RTPL_MISMATCH_SCHED)
		add_warning(list, WHEN_DATA_CAME "only %s end had a constant rate",
			    now->sched == RTPL_SCHED_CONST ? "this" : "the other");
}

/* What is set is more than the path takes, and the path takes less than the device. */
static void warn_path(json_t *list, const struct peer *p)
{
	uint32_t head = p->endpoint.sa.sa_family == AF_INET6 ? IP6_HEAD : IP4_HEAD;
	uint32_t wide = p->way.mtu - head < RTPL_CELL_MAX ? p->way.mtu - head : RTPL_CELL_MAX;
	const struct shape *now = &p->shape_now;
	uint32_t set = set_largest(now);

	/* Without an endpoint there is no path yet. */
	if (!p->cell_now || !p->endpoint.sa.sa_family)
		return;
	if (set > p->cell_now)
		add_warning(list, "%s %u bytes %s more than the path takes, %u: cells have %s%u bytes",
			    now->sizes == RTPL_SIZE_FIXED ? "a cell of" : "cells of up to", set,
			    now->sizes == RTPL_SIZE_FIXED ? "is" : "are", p->cell_now,
			    now->sizes == RTPL_SIZE_FIXED ? "" : "at most ", shape_largest(now, p->cell_now));
	/* Only what was answered shows what a path takes. */
	if ((p->has & PEER_BIT(LAST_HANDSHAKE)) && p->way.mtu > head && p->cell_now < wide)
		add_warning(list, "the path was found narrower than device %s: it takes cells of %u bytes, whose MTU of %u would do for %u; more is tried again after ten minutes, with the next handshake",
			    p->way.device, p->cell_now, p->way.mtu, wide);
}

/* ---- peers ---- */

static uint64_t peer_dropped(const struct peer *p, const char *name)
{
	for (uint32_t i = 0; i < p->stats.drops.n; i++)
		if (!strcmp(p->stats.drops.d[i].name, name))
			return p->stats.drops.d[i].count;
	return 0;
}

/* There never was a session, and what the other end answered was under another secret. */
static bool is_unheard(const struct peer *p)
{
	return peer_dropped(p, "handshake-auth") && !(p->has & PEER_BIT(LAST_HANDSHAKE));
}

/* There was a session, and handshakes have been tried for a while since. */
static bool is_lost(const struct peer *p)
{
	return p->state == RTPL_LINK_CONNECTING && (p->has & PEER_BIT(LAST_HANDSHAKE)) &&
	       p->last_handshake > LOST_NS && !p->way.held;
}

/*
 * What there is to say of a link that does not come up: in the line of the state, and in JSON.
 * Return: @buf, or NULL.
 */
static const char *unheard_text(const struct peer *p, char buf[256])
{
	const uint64_t *v = p->stats.v;

	if (is_unheard(p))
		snprintf(buf, 256, "handshakes do not authenticate: keys or pre-shared keys differ?");
	else if (!(p->has & PEER_BIT(LAST_HANDSHAKE)) && (p->has & PEER_BIT(STATS)) &&
		 p->endpoint.sa.sa_family && v[RTPL_STAT_A_TX_HANDSHAKE] && !v[RTPL_STAT_A_RX_HANDSHAKE])
		snprintf(buf, 256, "sent %llu, no answer: is UDP port %u open on the way, does the other end have this node's key?",
			 (unsigned long long)v[RTPL_STAT_A_TX_HANDSHAKE],
			 ntohs(p->endpoint.sa.sa_family == AF_INET6 ? p->endpoint.in6.sin6_port :
			       p->endpoint.in4.sin_port));
	else if (!(p->has & PEER_BIT(LAST_HANDSHAKE)) && !p->endpoint.sa.sa_family && !p->way.held)
		snprintf(buf, 256, "no endpoint here: the other end has to begin, does it have one?");
	else if (is_lost(p) && peer_dropped(p, "handshake-auth"))
		snprintf(buf, 256, "no answer since, and %llu so far did not authenticate: has an end another pre-shared key now?",
			 (unsigned long long)peer_dropped(p, "handshake-auth"));
	else if (is_lost(p))
		snprintf(buf, 256, "no answer since: is the other end there, has an end another key now?");
	else
		return NULL;
	return buf;
}

static void warn_packets(json_t *list, const struct peer *p)
{
	uint64_t bad = peer_dropped(p, "bad-source");
	char addr[ADDR_TEXT_MAX];

	if (bad)
		add_warning(list, "%llu packet%s so far from the other end had a source that is not in allowed here (bad-source): is a prefix missing, or its address another one?",
			    (unsigned long long)bad, PLURAL(bad));
	if (*p->way.bare && !p->way.held)
		add_warning(list, "what goes to %s leaves by device %s, which has no qdisc: %s (tc qdisc add dev %s root rtpl)",
			    prefix_text(&p->way.bare_addr, addr), p->way.bare,
			    p->require ? "it is stopped, not sent" : "it leaves in clear, require is off", p->way.bare);
}

static void take_note(unsigned int line, const char *text, void *arg)
{
	(void)line;
	add_warning(arg, "%s", text);
}

/* @all: with what the text has in the line of the state. */
static json_t *peer_warnings(const struct peer *p, bool all)
{
	json_t *list = json_array();
	char buf[256], ago[64];

	if (all && unheard_text(p, buf) && (p->has & PEER_BIT(LAST_HANDSHAKE)))
		add_warning(list, "last handshake %s: %s", ago_text(p->last_handshake, ago), buf);
	else if (all && unheard_text(p, buf))
		add_warning(list, "no handshake yet: %s", buf);
	notes_peer(p, take_note, list);
	warn_path(list, p);
	warn_packets(list, p);
	warn_mismatch(list, p);
	return list;
}

void print_peer(FILE *f, const struct peer *p, bool show_keys)
{
	json_t *warnings = peer_warnings(p, false);
	char text[KEY_TEXT_LEN + 1], why[256], addr[ADDR_TEXT_MAX], ago[64];

	key_text(p->public_key, text);
	fprintf(f, "peer %s\n", text);
	if (*p->name)
		fprintf(f, "  name: %s\n", p->name);
	if (p->has & PEER_BIT(ID))
		fprintf(f, "  id: %u\n", p->id);
	fprintf(f, "  state: %s, %s%s", rtpl_name(&rtpl_link_state_names, p->state),
		p->has & PEER_BIT(LAST_HANDSHAKE) ? "last handshake " : "no handshake yet",
		p->has & PEER_BIT(LAST_HANDSHAKE) ? ago_text(p->last_handshake, ago) : "");
	if (unheard_text(p, why))
		fprintf(f, is_unheard(p) ? "; %s" : " (%s)", why);
	fprintf(f, "\n");
	fprintf(f, "  endpoint: %s\n", endpoint_text(&p->endpoint.sa, addr));
	fprintf(f, "  allowed: %s", p->prefixes.n ? "" : "(none)");
	for (uint32_t i = 0; i < p->prefixes.n; i++)
		fprintf(f, "%s%s", i ? ", " : "", prefix_text(&p->prefixes.p[i], addr));
	fprintf(f, "\n  require: %s\n", p->require ? "on (fail closed: never leaves in clear)" :
		"off (may leave in clear where no qdisc protects it)");
	if (show_keys && (p->has & PEER_BIT(PSK)))
		key_text(p->psk, text);
	fprintf(f, "  preshared key: %s\n", !(p->has & (PEER_BIT(PSK) | PEER_BIT(PSK_SET))) ? "(none)" :
		show_keys ? text : HIDDEN);
	explicit_bzero(text, sizeof(text));
	if (p->keepalive)
		fprintf(f, "  keepalive: %u s\n", p->keepalive);
	else
		fprintf(f, "  keepalive: off\n");
	if (p->dscp == RTPL_DSCP_COPY)
		fprintf(f, "  dscp: copy (an observer sees the class of what is sent)\n");
	else
		fprintf(f, "  dscp: %u\n", p->dscp);
	fprintf(f, "  ecn: %s\n", ecn_text(p->ecn));
	print_shape(f, p);
	print_warnings(f, "  ", warnings);
	json_decref(warnings);
}

json_t *dscp_json(uint8_t dscp)
{
	return dscp == RTPL_DSCP_COPY ? json_string("copy") : json_integer(dscp);
}

json_t *peer_json(const struct peer *p, bool show_keys)
{
	json_t *j = json_object(), *list = json_array();
	char addr[ADDR_TEXT_MAX];

	for (uint32_t i = 0; i < p->prefixes.n; i++)
		json_array_append_new(list, json_string(prefix_text(&p->prefixes.p[i], addr)));
	json_object_set_new(j, "public_key", key_json(p->public_key));
	json_object_set_new(j, "name", *p->name ? json_text(p->name) : json_null());
	if (p->has & PEER_BIT(ID))
		json_object_set_new(j, "id", json_integer(p->id));
	json_object_set_new(j, "state", json_string(rtpl_name(&rtpl_link_state_names, p->state)));
	json_object_set_new(j, "last_handshake_ns", p->has & PEER_BIT(LAST_HANDSHAKE) ?
			    json_integer(p->last_handshake) : json_null());
	json_object_set_new(j, "endpoint", p->endpoint.sa.sa_family ?
			    json_string(endpoint_text(&p->endpoint.sa, addr)) : json_null());
	json_object_set_new(j, "allowed", list);
	json_object_set_new(j, "require", json_boolean(p->require));
	json_object_set_new(j, "preshared_key",
			    !(p->has & (PEER_BIT(PSK) | PEER_BIT(PSK_SET))) ? json_null() :
			    show_keys ? key_json(p->psk) : json_string(HIDDEN));
	json_object_set_new(j, "keepalive", json_integer(p->keepalive));
	json_object_set_new(j, "dscp", dscp_json(p->dscp));
	json_object_set_new(j, "ecn", json_string(ecn_text(p->ecn)));
	json_object_set_new(j, "shape", shape_json(&p->shape));
	json_object_set_new(j, "shape_now", shape_json(&p->shape_now));
	json_object_set_new(j, "shape_theirs", p->theirs.has ? shape_json(&p->theirs) : json_null());
	json_object_set_new(j, "mismatch", mismatch_json(p->mismatch));
	json_object_set_new(j, "warnings", peer_warnings(p, true));
	if (p->has & PEER_BIT(CELL_NOW))
		json_object_set_new(j, "cell_now", json_integer(p->cell_now));
	return j;
}

/* ---- counters ---- */

/* Keys that are not the description's names; "": not by itself. */
static const char * const stat_keys[RTPL_STAT_A_MAX + 1] = {
	[RTPL_STAT_A_DELAY_P50] = "delay_p50_ns",
	[RTPL_STAT_A_DELAY_P99] = "delay_p99_ns",
	[RTPL_STAT_A_DELAY_MAX] = "delay_max_ns",
	[RTPL_STAT_A_DROPS] = "",
	[RTPL_STAT_A_PAD] = "",
	[RTPL_STAT_A_CHAFF_SCHED] = "chaff_schedule",
	[RTPL_STAT_A_CHAFF_COVER] = "chaff_wanted",
	[RTPL_STAT_A_CHAFF_MACHINE] = "chaff_machines",
	[RTPL_STAT_A_CHAFF_MESSAGE] = "chaff_messages",
	[RTPL_STAT_A_OVERRULED] = "holds_ended",
	[RTPL_STAT_A_SWITCHES] = "profile_switches",
	[RTPL_STAT_A_LEAK_KIND] = "",
	[RTPL_STAT_A_LEAK_MBITS] = "",
	[RTPL_STAT_A_LEAK_CHOICES] = "",
	[RTPL_STAT_A_LEAK_EPSILON] = "",
	[RTPL_STAT_A_LEAK_DELTA] = "",
	[RTPL_STAT_A_LEAK_EVER] = "",
	[RTPL_STAT_A_POLICY_LEVEL] = "",
	[RTPL_STAT_A_POLICY_STEPS_UP] = "",
	[RTPL_STAT_A_POLICY_STEPS_DOWN] = "",
	[RTPL_STAT_A_POLICY_DECISIONS] = "",
	[RTPL_STAT_A_POLICY_MBITS] = "",
};

static void counter_json(json_t *j, int attr, uint64_t value)
{
	char key[32];

	snprintf(key, sizeof(key), "%s", stat_keys[attr] ? stat_keys[attr] :
		 rtpl_name(&rtpl_stat_attr_names, attr));
	for (char *c = key; *c; c++)
		if (*c == '-')
			*c = '_';
	if (*key)
		json_object_set_new(j, key, json_integer(value));
}

/* What is called zero, bits or dp; without a bound it is judged by attack. */
static const char *bound_name(uint64_t kind)
{
	return kind == RTPL_LEAK_BOUND_NONE ? "unbounded" : rtpl_name(&rtpl_leak_bound_names, kind);
}

/* What bounds the information in times and sizes so far. */
static json_t *leak_json(const uint64_t *v)
{
	json_t *j = json_object();

	json_object_set_new(j, "bound", json_string(bound_name(v[RTPL_STAT_A_LEAK_KIND])));
	/* All that was in force so far, too: the numbers add up over it. */
	json_object_set_new(j, "ever", json_string(bound_name(v[RTPL_STAT_A_LEAK_EVER])));
	json_object_set_new(j, "choices", json_integer(v[RTPL_STAT_A_LEAK_CHOICES]));
	json_object_set_new(j, "bits", json_real(v[RTPL_STAT_A_LEAK_MBITS] / 1e3));
	json_object_set_new(j, "epsilon", v[RTPL_STAT_A_LEAK_EPSILON] == UINT64_MAX ?
			    json_null() : json_real(ldexp(v[RTPL_STAT_A_LEAK_EPSILON], -32)));
	json_object_set_new(j, "delta", json_real(ldexp(v[RTPL_STAT_A_LEAK_DELTA], -64)));
	return j;
}

/* null: there never was one. */
static json_t *policy_stats_json(const struct stats *s)
{
	const uint64_t *v = s->v;

	if (!(s->has & 1ULL << RTPL_STAT_A_POLICY_DECISIONS))
		return json_null();
	return json_pack("{so sI sI sI sf}",
			 "level", s->has & 1ULL << RTPL_STAT_A_POLICY_LEVEL ?
				  json_integer(v[RTPL_STAT_A_POLICY_LEVEL]) : json_null(),
			 "steps_up", (json_int_t)v[RTPL_STAT_A_POLICY_STEPS_UP],
			 "steps_down", (json_int_t)v[RTPL_STAT_A_POLICY_STEPS_DOWN],
			 "decisions", (json_int_t)v[RTPL_STAT_A_POLICY_DECISIONS],
			 "bits", v[RTPL_STAT_A_POLICY_MBITS] / 1e3);
}

json_t *drops_json(const struct drops *d)
{
	json_t *j = json_object();

	for (uint32_t i = 0; i < d->n; i++)
		json_object_set_new(j, d->d[i].name,
				    json_pack("{sI ss}", "count", (json_int_t)d->d[i].count,
					      "text", d->d[i].text));
	return j;
}

json_t *processors_json(const struct processors *p)
{
	json_t *j = json_array();

	for (uint32_t i = 0; i < p->n; i++)
		json_array_append_new(j, json_pack("{sI sI sI}", "id", (json_int_t)p->p[i].id,
						   "sealed", (json_int_t)p->p[i].sealed,
						   "opened", (json_int_t)p->p[i].opened));
	return j;
}

json_t *stats_json(const struct peer *p)
{
	const uint64_t *v = p->stats.v;
	json_t *j = json_object(), *o;
	int64_t head;

	json_object_set_new(j, "public_key", key_json(p->public_key));
	json_object_set_new(j, "name", *p->name ? json_text(p->name) : json_null());
	if (p->has & PEER_BIT(ID))
		json_object_set_new(j, "id", json_integer(p->id));
	for (int i = 1; i <= RTPL_STAT_A_MAX; i++)
		counter_json(j, i, v[i]);
	/* Wire bytes are payload, padding, chaff and headers; the last is what is left. */
	head = (int64_t)(v[RTPL_STAT_A_TX_WIRE_BYTES] - v[RTPL_STAT_A_TX_BYTES] -
			 v[RTPL_STAT_A_TX_PAD_BYTES] - v[RTPL_STAT_A_TX_CHAFF_BYTES]);
	o = json_object();
	json_object_set_new(o, "padding_bytes", json_integer(v[RTPL_STAT_A_TX_PAD_BYTES]));
	json_object_set_new(o, "chaff_bytes", json_integer(v[RTPL_STAT_A_TX_CHAFF_BYTES]));
	json_object_set_new(o, "header_bytes", json_integer(head));
	json_object_set_new(o, "ratio", v[RTPL_STAT_A_TX_BYTES] ?
			    json_real((double)v[RTPL_STAT_A_TX_WIRE_BYTES] /
				      (double)v[RTPL_STAT_A_TX_BYTES] - 1) : json_null());
	json_object_set_new(j, "overhead", o);
	json_object_set_new(j, "leak", leak_json(v));
	json_object_set_new(j, "policy", policy_stats_json(&p->stats));
	json_object_set_new(j, "leak_bits",
			    json_real((double)v[RTPL_STAT_A_RATE_CHANGES] * log2(RTPL_RATE_MAX)));
	json_object_set_new(j, "drops", drops_json(&p->stats.drops));
	return j;
}

/* ---- the whole ---- */

json_t *qdisc_json(const struct qdisc_info *q)
{
	json_t *j = json_object();

	json_object_set_new(j, "device", json_text(q->device));
	json_object_set_new(j, "handle", json_integer(q->handle));
	json_object_set_new(j, "unprotected", json_string(unprotected_name(q->unprotected)));
	json_object_set_new(j, "shape", shape_json(&q->shape));
	return j;
}

/* What is configured: no state, no counter. */
json_t *config_json(const struct config *c, const struct qdisc_info *q, uint32_t n, bool show_keys)
{
	static const char * const passing[] = { "id", "state", "last_handshake_ns", "cell_now",
						 "shape_now", "shape_theirs", "mismatch", "warnings" };
	json_t *j = json_object(), *devices = json_array(), *peers = json_array(), *p, *node;

	for (uint32_t i = 0; i < n; i++)
		json_array_append_new(devices, qdisc_json(&q[i]));
	for (uint32_t i = 0; i < c->n_peers; i++) {
		p = peer_json(&c->peers[i], show_keys);
		for (size_t k = 0; k < sizeof(passing) / sizeof(passing[0]); k++)
			json_object_del(p, passing[k]);
		if (*c->peers[i].endpoint.host) {
			char text[HOST_LEN_MAX + 8];

			snprintf(text, sizeof(text), "%s:%u", c->peers[i].endpoint.host,
				 c->peers[i].endpoint.port);
			json_object_set_new(p, "endpoint", json_text(text));
		}
		json_array_append_new(peers, p);
	}
	node = node_json(&c->node, show_keys);
	json_object_del(node, "version");
	json_object_del(node, "warnings");
	json_object_set_new(j, "node", node);
	json_object_set_new(j, "devices", devices);
	json_object_set_new(j, "peers", peers);
	return j;
}
