// SPDX-License-Identifier: GPL-2.0
/* rtplctl show: the node, its devices and peers, what each promises and costs. */
#include "rtplctl.h"
#include "../lib/names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtpl_tc.h>

/* What holds for every link; Documentation/threat-model.rst has the whole. */
static const char * const always[] = {
	"Content and exact sizes of packets are never visible (AEAD; padding inside the seal); where cells have several sizes, which of them was needed is.",
	"A required peer's traffic never leaves in clear: not before the handshake, not after the qdisc is gone, not over another device.",
};

static void print_qdisc(const struct qdisc_info *q)
{
	char buf[SHAPE_TEXT_MAX];

	printf("device %s\n  qdisc: rtpl %x:, unprotected %s\n", q->device, q->handle,
	       unprotected_name(q->unprotected));
	if (q->shape.has & SHAPE_BIT(SIZES))
		printf("  cell: %s\n", cell_text(&q->shape, buf));
	if (q->shape.has & SHAPE_BIT(RATE))
		printf("  rate: %u cells/s\n", q->shape.rate);
	if (q->shape.has & SHAPE_BIT(LATENCY))
		printf("  latency: %s\n", time_text(q->shape.latency, buf));
	if (q->shape.has & SHAPE_BIT(LIMIT))
		printf("  limit: %u packet%s\n", q->shape.limit, PLURAL(q->shape.limit));
}

/* Counters of @p's link, empty if there are none. */
static void move_stats(struct peer *p, struct config *stats, uint32_t *hint)
{
	for (uint32_t k = 0; k < stats->n_peers; k++) {
		struct peer *s = &stats->peers[(*hint + k) % stats->n_peers];

		if (!memcmp(s->public_key, p->public_key, RTPL_KEY_LEN)) {
			/* Both dumps go in the same order, mostly. */
			*hint += k + 1;
			free(p->stats.drops.d);
			p->stats = s->stats;
			s->stats.drops.d = NULL;
			p->has |= PEER_BIT(STATS);
			return;
		}
	}
}

static void print_costs(const struct peer *p)
{
	const struct shape *s = &p->shape_now;
	const uint64_t *v = p->stats.v;
	char cost[256];

	printf("  promise: %s\n  cost: %s\n", shape_promise(s, p), shape_cost(s, p, cost, sizeof(cost)));
	if (!(p->has & PEER_BIT(STATS)) || !v[RTPL_STAT_A_TX_BYTES])
		return;
	printf("  so far: %.2f %% more bytes than the packets had; waited p50 %.3f ms, p99 %.3f ms\n",
	       ((double)v[RTPL_STAT_A_TX_WIRE_BYTES] / (double)v[RTPL_STAT_A_TX_BYTES] - 1) * 100,
	       (double)v[RTPL_STAT_A_DELAY_P50] / 1e6, (double)v[RTPL_STAT_A_DELAY_P99] / 1e6);
}

struct overview {
	struct node node;
	struct config conf, stats;
	struct qdisc_info *qdiscs;
	uint32_t n_qdiscs;
	struct node_stats totals;	/* the node's: those of peers come without texts */
	bool no_peers;		/* the caller may not see them */
};

static int gather(struct ctl *ctl, struct overview *o)
{
	struct conn *c = conn_open(&ctl->e), *route = conn_open_route(&ctl->e);
	uint32_t hint = 0;
	int rc = -1;

	if (!c || !route || kernel_node(c, ctl->show_keys, &o->node, &ctl->e) ||
	    qdisc_list(route, &o->qdiscs, &o->n_qdiscs, &ctl->e))
		goto out;
	rc = kernel_peers(c, ctl->show_keys, &o->conf, &ctl->e);
	if (rc && conn_errno(c) == EPERM) {
		o->no_peers = true;
		rc = 0;
		goto out;
	}
	rc = rc ?: kernel_stats(c, &o->stats, &ctl->e) ?: kernel_node_stats(c, &o->totals, &ctl->e);
	for (uint32_t i = 0; !rc && i < o->conf.n_peers; i++) {
		move_stats(&o->conf.peers[i], &o->stats, &hint);
		drops_name(&o->conf.peers[i].stats.drops, &o->totals.drops);
	}
	if (!rc)
		ways_find(route, &o->node, o->qdiscs, o->n_qdiscs, &o->conf);
out:
	conn_close(c);
	conn_close(route);
	return rc;
}

/* What an up that failed left shut, whoever set up the node since: names and what stands. */
static json_t *barriers(void)
{
	char tables[BARRIER_TABLES_MAX];
	json_t *list = json_array();
	struct str_list names;
	struct err ignored;

	if (state_names(BARRIER_SUFFIX, &names, &ignored))
		names.n = 0;
	for (uint32_t i = 0; i < names.n; i++)
		if (barrier_tables(names.w[i], tables))
			json_array_append_new(list, json_pack("{so so}", "name", json_text(names.w[i]), "tables",
							      *tables ? json_string(tables) : json_null()));
	str_list_free(&names);
	return list;
}

static void print_barriers(FILE *f)
{
	json_t *list = barriers(), *b;
	size_t i;

	json_array_foreach(list, i, b) {
		const char *name = json_string_value(json_object_get(b, "name"));
		const char *tables = json_string_value(json_object_get(b, "tables"));

		if (tables)
			fprintf(f, "warning: nftables stop what \"%s\" protects (%s), since an up of it failed; \"rtplctl down %s\" takes that away\n",
				name, tables, name);
		else
			fprintf(f, "warning: routing rules stop what is sent to what \"%s\" protects, since an up of it failed; \"rtplctl down %s\" takes them away\n",
				name, name);
	}
	json_decref(list);
}

/* ---- what is to be warned of on the node ---- */

static uint64_t dropped(const struct overview *o, const char *name)
{
	for (uint32_t i = 0; i < o->totals.drops.n; i++)
		if (!strcmp(o->totals.drops.d[i].name, name))
			return o->totals.drops.d[i].count;
	return 0;
}

/* Handshakes that found nobody; the counters begin with the node and never go back. */
static void strangers(const struct overview *o, json_t *list)
{
	uint64_t peer = dropped(o, "handshake-peer"), mac = dropped(o, "handshake-mac");
	bool all_up = o->conf.n_peers;
	uint64_t last = UINT64_MAX;
	char ago[64];

	for (uint32_t i = 0; i < o->conf.n_peers; i++) {
		const struct peer *p = &o->conf.peers[i];

		all_up &= p->state == RTPL_LINK_UP;
		if ((p->has & PEER_BIT(LAST_HANDSHAKE)) && p->last_handshake < last)
			last = p->last_handshake;
	}
	if (peer && all_up)
		add_warning(list, "%llu handshake%s so far from a key that was no peer here, maybe long ago: all peers are up, the last handshake with one was %s; if handshake-peer of \"rtplctl stats\" still grows, a \"peer add\" is missing",
			    (unsigned long long)peer, PLURAL(peer), ago_text(last, ago));
	else if (peer)
		add_warning(list, "%llu handshake%s so far from a key that was no peer here: is a \"peer add\" missing, or has the other end a new key?",
			    (unsigned long long)peer, PLURAL(peer));
	/* Whoever scans the port is counted, too: of no interest where all is well, or nothing can be. */
	if (mac && !all_up && (o->node.has & NODE_BIT(PUBLIC_KEY)))
		add_warning(list, "%llu handshake%s so far meant for another public key (or a stranger's scan): has the other end this node's key?",
			    (unsigned long long)mac, PLURAL(mac));
}

static void no_qdisc(const struct overview *o, json_t *list)
{
	bool required = false, open = false;
	char name[65], word[4096];

	for (uint32_t i = 0; i < o->conf.n_peers; i++) {
		required |= o->conf.peers[i].require;
		open |= !o->conf.peers[i].require;
	}
	if (o->n_qdiscs || (!required && !open))
		return;
	if (state_held(name, word)) {
		/* Of what is stopped the node's warning tells. */
		if (open)
			add_warning(list, "no device has the qdisc: what goes to peers with require off leaves in clear (rtplctl up %.128s)",
				    word);
		return;
	}
	add_warning(list, "no device has the qdisc: %s%s%s (tc qdisc add dev DEVICE root rtpl)",
		    required ? "what the peers require is stopped, not sent" : "",
		    required && open ? "; " : "",
		    !open ? "" : required ? "what goes to peers with require off leaves in clear" :
		    "what goes to the peers leaves in clear, require is off");
}

static json_t *all_warnings(const struct overview *o)
{
	json_t *list = node_warnings(&o->node);

	if (!o->no_peers) {
		strangers(o, list);
		no_qdisc(o, list);
	}
	return list;
}

static void show_text(const struct ctl *ctl, const struct overview *o)
{
	json_t *warnings = all_warnings(o);

	print_node(stdout, &o->node, ctl->show_keys);
	print_warnings(stdout, "  ", warnings);
	json_decref(warnings);
	for (uint32_t i = 0; i < o->n_qdiscs; i++)
		print_qdisc(&o->qdiscs[i]);
	for (uint32_t i = 0; i < o->conf.n_peers; i++) {
		print_peer(stdout, &o->conf.peers[i], ctl->show_keys);
		print_costs(&o->conf.peers[i]);
	}
	if (o->conf.n_peers || o->n_qdiscs)
		bypass_print(stdout);
	print_barriers(stdout);
	if (o->conf.n_peers) {
		printf("for every peer\n");
		for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
			printf("  %s\n", always[i]);
	}
}

/* A word of a line of words. */
static const char *brief_name(const char *name)
{
	if (!*name)
		return "-";
	return strpbrk(name, " \"\\") || !strcmp(name, "-") ? quoted(name) : name;
}

/* A line for each peer; what is not there is "-". */
static void show_brief(const struct overview *o)
{
	char key[KEY_TEXT_LEN + 1], addr[ADDR_TEXT_MAX], ago[64];

	for (uint32_t i = 0; i < o->conf.n_peers; i++) {
		const struct peer *p = &o->conf.peers[i];
		const struct shape *s = &p->shape_now;

		key_text(p->public_key, key);
		printf("%s %s %s %s %s %llu/%llu bytes, %s\n", key, rtpl_name(&rtpl_link_state_names, p->state),
		       p->endpoint.sa.sa_family ? endpoint_text(&p->endpoint.sa, addr) : "-",
		       s->has & SHAPE_BIT(PROFILE) ? s->profile :
		       s->sched == RTPL_SCHED_CONST ? "constant-rate" : "-",
		       brief_name(p->name),
		       (unsigned long long)p->stats.v[RTPL_STAT_A_TX_BYTES],
		       (unsigned long long)p->stats.v[RTPL_STAT_A_RX_BYTES],
		       p->has & PEER_BIT(LAST_HANDSHAKE) ? ago_text(p->last_handshake, ago) : "never");
	}
}

static int show_json(const struct ctl *ctl, const struct overview *o)
{
	json_t *j = json_object(), *qdiscs = json_array(), *peers = json_array(), *p, *node;
	char cost[256], name[65], word[4096];

	for (uint32_t i = 0; i < o->n_qdiscs; i++)
		json_array_append_new(qdiscs, qdisc_json(&o->qdiscs[i]));
	for (uint32_t i = 0; i < o->conf.n_peers; i++) {
		const struct peer *peer = &o->conf.peers[i];

		p = peer_json(peer, ctl->show_keys);
		json_object_set_new(p, "promise", json_string(shape_promise(&peer->shape_now, peer)));
		json_object_set_new(p, "cost", json_string(shape_cost(&peer->shape_now, peer, cost,
								      sizeof(cost))));
		if (peer->has & PEER_BIT(STATS))
			json_object_set_new(p, "stats", stats_json(peer));
		json_array_append_new(peers, p);
	}
	node = node_json(&o->node, ctl->show_keys);
	json_object_set_new(node, "warnings", all_warnings(o));
	json_object_set_new(j, "node", node);
	json_object_set_new(j, "devices", qdiscs);
	json_object_set_new(j, "beside_leakguard", bypass_list());
	json_object_set_new(j, "left_shut", barriers());
	json_object_set_new(j, "held", state_held(name, word) ? json_string(name) : json_null());
	if (o->no_peers) {
		json_decref(peers);
		peers = json_null();
	}
	json_object_set_new(j, "peers", peers);
	return json_print(j, false);
}

/* What stands in for the leakguard is there without the module, too: then above all. */
static void show_without(const struct ctl *ctl, bool brief)
{
	if (ctl->json)
		json_print(json_pack("{so}", "left_shut", barriers()), false);
	else
		print_barriers(brief ? stderr : stdout);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct overview o = { 0 };
	bool brief = false;
	int rc;

	if (argc && !strcmp(argv[0], "--brief")) {
		brief = true;
		argc--;
		argv++;
	}
	rc = no_more_args(ctl, argc, argv);
	if (rc)
		return rc;
	rc = gather(ctl, &o) ? RC_ERROR : RC_OK;
	if (rc && !rtpl_family_present())
		show_without(ctl, brief);
	if (!rc && o.no_peers)
		warn("only CAP_NET_ADMIN may see the peers (become root)");
	if (!rc && ctl->json)
		rc = show_json(ctl, &o);
	else if (!rc && brief)
		show_brief(&o);
	else if (!rc)
		show_text(ctl, &o);
	free(o.qdiscs);
	node_stats_free(&o.totals);
	config_free(&o.conf);
	config_free(&o.stats);
	explicit_bzero(&o.node, sizeof(o.node));
	return rc;
}

const struct command cmd_show = {
	.name = "show",
	.run = run,
	.options = { "--brief" },
	.args = "[--brief]",
	.what = "show the node, its devices and peers, what they promise and cost",
	.help = "Also what rtplctl without a subcommand does. Private and pre-shared keys are\n"
		"shown as (hidden) unless --show-keys is given. --brief: a line for each peer, its key,\n"
		"state, endpoint, profile, name, bytes of packets sent and received, last handshake.\n"
		"With -j, --brief or not: {\"node\": {..., \"warnings\": [...]}, \"devices\": [...],\n"
		"\"beside_leakguard\": [...], \"left_shut\": [...], \"held\": NAME, \"peers\": [...]}, see rtplctl(8).\n",
};
