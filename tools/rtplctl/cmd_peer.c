// SPDX-License-Identifier: GPL-2.0
/* rtplctl peer add|set|del|show. */
#include "rtplctl.h"

#include <string.h>

enum word { W_ENDPOINT, W_ALLOWED, W_PSK, W_REQUIRE, W_CELL, W_RATE, W_LATENCY, W_LIMIT,
	    W_OVERFLOW, W_KEEPALIVE, W_PROFILE, W_ROLE, W_POLICY, W_THREAT, W_LOAD, W_BUDGET,
	    W_EPOCH, W_CALM, W_DSCP, W_ECN, W_NAME, W_SHAPE, N_SETTINGS };

static const char * const settings[N_SETTINGS] = {
	"endpoint", "allowed", "psk", "require", "cell", "rate", "latency", "limit",
	"overflow", "keepalive", "profile", "role", "policy", "threat", "load", "budget",
	"epoch", "calm", "dscp", "ecn", "name", "shape",
};

static int parse_value(struct ctl *ctl, struct peer *p, enum word word, const char *value)
{
	struct err *e = &ctl->e;

	switch (word) {
	case W_ENDPOINT:
		p->has |= PEER_BIT(ENDPOINT);
		return parse_endpoint(value, &p->endpoint, e);
	case W_ALLOWED:
		p->has |= PEER_BIT(PREFIXES);
		return parse_prefixes(value, &p->prefixes, e) || prefixes_settle(&p->prefixes, e);
	case W_PSK:
		p->has |= PEER_BIT(PSK);
		return 0;		/* read when all settings are known to be good */
	case W_REQUIRE:
		p->has |= PEER_BIT(REQUIRE);
		return parse_switch(value, "require", &p->require, e);
	case W_KEEPALIVE:
		p->has |= PEER_BIT(KEEPALIVE);
		return parse_keepalive(value, &p->keepalive, e);
	case W_DSCP:
		p->has |= PEER_BIT(DSCP);
		return parse_dscp(value, &p->dscp, e);
	case W_ECN:
		p->has |= PEER_BIT(ECN);
		return parse_ecn(value, &p->ecn, e);
	case W_NAME:
		p->has |= PEER_BIT(NAME);
		return parse_name(value, p->name, e);
	case W_SHAPE:
		if (strcmp(value, "none"))
			return err_set(e, "shape %s is not none: its settings have words of their own",
				       quoted(value));
		p->has |= PEER_BIT(SHAPE);
		return 0;
	case W_CELL:
		return parse_cell(value, &p->shape, e);
	case W_RATE:
		return parse_rate(value, &p->shape, e);
	case W_LATENCY:
		return parse_latency(value, 1000000, &p->shape, e);
	case W_PROFILE:
		return parse_profile(value, &p->shape, e);
	case W_ROLE:
		return parse_role(value, &p->shape, e);
	case W_POLICY:
		return parse_policy(value, &p->shape, e);
	case W_THREAT:
		return parse_threat(value, &p->shape, e);
	case W_LOAD:
		return parse_load(value, &p->shape, e);
	case W_BUDGET:
		return parse_budget(value, &p->shape, e);
	case W_EPOCH:
		return parse_epoch(value, &p->shape, e);
	case W_CALM:
		return parse_calm(value, &p->shape, e);
	case W_LIMIT:
		return parse_limit(value, &p->shape, e);
	default:
		return parse_overflow(value, &p->shape, e);
	}
}

static int parse_args(struct ctl *ctl, struct peer *p, int argc, char **argv)
{
	char *psk = NULL;
	unsigned int seen = 0;

	for (int i = 0; i < argc; i += 2) {
		enum word w;

		for (w = 0; w < N_SETTINGS; w++)
			if (!strcmp(argv[i], settings[w]))
				break;
		if (w == N_SETTINGS)
			return usage_error(ctl, "unknown word %s%s", quoted(argv[i]),
					   *meant(argv[i], settings, N_SETTINGS) ?
					   meant(argv[i], settings, N_SETTINGS) :
					   " (rtplctl help peer lists them)");
		if (!argv[i + 1])
			return usage_error(ctl, "%s needs a value", quoted(argv[i]));
		if (seen & 1U << w)
			return usage_error(ctl, "%s is given twice", quoted(argv[i]));
		seen |= 1U << w;
		if (parse_value(ctl, p, w, argv[i + 1]))
			return RC_USAGE;
		if (w == W_PSK)
			psk = argv[i + 1];
	}
	/* One request: what is given up is not set again by it. */
	if ((p->has & PEER_BIT(SHAPE)) && p->shape.has)
		return usage_error(ctl, "shape none gives up all settings of the shape: set others in a command of their own");
	if (psk && strcmp(psk, "none") && parse_key_file(psk, "psk", &ctl->e)) {
		hide_word(psk);
		return RC_USAGE;
	}
	if (psk && strcmp(psk, "none") && key_read(psk, p->psk, &ctl->e))
		return RC_ERROR;
	return RC_OK;
}

/* @add: of a peer that is not there yet, and so by no name. */
static int parse_public_key(struct ctl *ctl, int argc, char **argv, bool add,
			    uint8_t key[RTPL_KEY_LEN])
{
	if (!argc)
		return usage_error(ctl, "a peer's public key is missing");
	int rc;

	rc = !add ? peer_key(argv[0], key, &ctl->e) :
	     parse_key(argv[0], key, quoted(argv[0]), &ctl->e) ? RC_USAGE : RC_OK;
	if (rc)
		return rc;
	if (key_is_zero(key))
		return usage_error(ctl, "%s is not a key: all zero", quoted(argv[0]));
	return RC_OK;
}

/* The size of a cell of a peer that the kernel knows, for a bit rate; 0: unknown. */
static uint32_t cell_of(struct conn *c, const uint8_t key[RTPL_KEY_LEN])
{
	struct config conf = { 0 };
	struct err ignored;
	uint32_t cell = 0;

	if (!kernel_peer(c, false, key, &conf, &ignored)) {
		const struct peer *p = &conf.peers[0];

		if (p->shape_now.sizes == RTPL_SIZE_FIXED)
			cell = p->shape_now.cell;
		else if (p->shape_now.sizes == RTPL_SIZE_DEVICE)
			cell = p->cell_now;
	}
	config_free(&conf);
	return cell;
}

/* @set over what the peer has: as it would be. */
static void shape_over(struct shape *s, const struct shape *set)
{
	uint32_t had = s->has;

#define TAKE(attr, field) do { if (set->has & SHAPE_BIT(attr)) s->field = set->field; } while (0)
	/* Setting one removes the other. */
	if ((set->has & SHAPE_BIT(PROFILE)) && *set->profile)
		had &= ~(SHAPE_BIT(POLICY) | POLICY_SETTINGS);
	if ((set->has & SHAPE_BIT(POLICY)) && *set->policy)
		had &= ~SHAPE_BIT(PROFILE);
	TAKE(SIZES, sizes);
	TAKE(ROLE, role);
	TAKE(CELL, cell);
	TAKE(SCHED, sched);
	TAKE(RATE, rate);
	TAKE(LATENCY, latency);
	TAKE(THREAT, threat);
	TAKE(BUDGET, budget);
	TAKE(PERIOD, period);
	TAKE(EPOCH, epoch);
#undef TAKE
	if (set->has & SHAPE_BIT(BUCKETS)) {
		memcpy(s->bucket, set->bucket, sizeof(s->bucket));
		s->n_buckets = set->n_buckets;
	}
	if (set->has & SHAPE_BIT(PROFILE))
		strcpy(s->profile, set->profile);
	if (set->has & SHAPE_BIT(POLICY))
		strcpy(s->policy, set->policy);
	s->has = had | set->has;
	if (s->sched == RTPL_SCHED_CONST)
		snprintf(s->rate_word, sizeof(s->rate_word), "%u", s->rate);
	if (set->has & SHAPE_BIT(RATE))
		strcpy(s->rate_word, set->rate_word);
}

/* What makes room for a rate, or for a profile, of which the other was set before. */
static const char *rate_advice(const struct shape *asked)
{
	if (!(asked->has & SHAPE_BIT(SCHED)))
		return "rtplctl peer set PUBKEY shape none gives up the peer's own settings";
	if (!(asked->has & (SHAPE_BIT(PROFILE) | SHAPE_BIT(POLICY))))
		return "profile none beside it gives up the profile";
	return "leave the rate out; a constant rate goes with profile maximum, or without one";
}

/*
 * The kernel's sentence has no figures, and does not know what rtplctl calls things: the one that
 * checkconf has of the same, of what the peer has and was to get. Return: is there one?
 */
static bool shape_explain(struct conn *c, const struct peer *p, struct err *e)
{
	static const char * const less[] = {
		"but no policy", "threat level is not one", "not a whole number of epochs",
	};
	struct err why, ignored;
	struct config conf = { 0 };
	struct shape s = { 0 };
	bool found;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(less) && !strstr(e->text, less[i]); i++)
		;
	if (i == ARRAY_SIZE(less) && !is_misfit(e))
		return false;
	if (!kernel_peer(c, false, p->public_key, &conf, &ignored))
		s = conf.peers[0].shape;
	shape_over(&s, &p->shape);
	found = policy_settle(&s, true, &why) || profile_fits(&s, NULL, rate_advice(&p->shape), &why) ||
		shape_fits(&s, conf.n_peers ? &conf.peers[0].shape_now : NULL, &why);
	if (found)
		*e = why;
	config_free(&conf);
	return found;
}

/* What the kernel says of a peer, and what to do about it. */
static void own_meant(struct conn *c, const struct peer *p, struct err *e)
{
	struct err said = *e;

	profiles_meant(c, &p->shape, e);
	if (strstr(said.text, "there is no peer") && !strstr(said.text, "twin"))
		no_peer(p->public_key, e);
	if (!shape_explain(c, p, e) && strstr(said.text, "a rate beside it contradict") &&
	    !strstr(said.text, "shape none"))
		err_set(e, "%.300s (%s)", said.text, rate_advice(&p->shape));
}

/* Prefixes of @p that were another peer's: the kernel moves them, and he who asked may not know. */
static void tell_moved(const struct config *before, const struct peer *p)
{
	char prefix[ADDR_TEXT_MAX], key[KEY_TEXT_LEN + 1];

	for (uint32_t i = 0; i < before->n_peers; i++) {
		const struct peer *other = &before->peers[i];

		if (!memcmp(other->public_key, p->public_key, RTPL_KEY_LEN))
			continue;
		key_text(other->public_key, key);
		for (uint32_t k = 0; k < p->prefixes.n; k++)
			for (uint32_t n = 0; n < other->prefixes.n; n++)
				if (!prefix_compare(&other->prefixes.p[n], &p->prefixes.p[k]))
					warn("%s was the prefix of peer %.8s, and is this peer's now; it does not go back when this peer goes",
					     prefix_text(&p->prefixes.p[k], prefix), key);
	}
}

static void tell_note(unsigned int line, const char *text, void *arg)
{
	(void)line;
	(void)arg;
	warn("%s", text);
}

/* What the peer has by now, and not only what was set. */
static void tell_policy(struct conn *c, const struct peer *p)
{
	struct config conf = { 0 };
	struct err ignored;

	if ((p->shape.has & (SHAPE_BIT(POLICY) | SHAPE_BIT(LOAD) | SHAPE_BIT(BUDGET) | SHAPE_BIT(RATE) |
			     SHAPE_BIT(SIZES))) &&
	    !kernel_peer(c, false, p->public_key, &conf, &ignored)) {
		notes_policy(&conf.peers[0].shape, 0, tell_note, NULL);
		notes_budget(&conf.peers[0].shape, 0, tell_note, NULL);
	}
	config_free(&conf);
}

/*
 * @before: set to what there was if prefixes were another peer's, where that can be read: it is for
 * a warning only. To ask for all peers each time would make a script that adds many slow.
 */
static int change_peer(struct conn *c, int cmd, struct peer *p, struct config *before,
		       struct err *e)
{
	struct err ignored;
	int rc;

	p->keep = true;
	rc = kernel_peer_cmd(c, cmd, p, e);
	p->keep = false;
	if (!rc || !strstr(e->text, "belongs to peer"))
		return rc;
	if (kernel_peers(c, false, before, &ignored)) {
		config_free(before);
		*before = (struct config){ 0 };
	}
	return kernel_peer_cmd(c, cmd, p, e);
}

static int peer_change(struct ctl *ctl, int cmd, int argc, char **argv)
{
	struct config before = { 0 };
	struct peer p = { 0 };
	struct conn *c = NULL;
	int rc;

	rc = parse_public_key(ctl, argc, argv, cmd == RTPL_CMD_PEER_ADD, p.public_key);
	if (!rc && cmd == RTPL_CMD_PEER_SET && argc == 1)
		rc = usage_error(ctl, "nothing to set (rtplctl help peer lists the settings)");
	if (!rc && cmd == RTPL_CMD_PEER_DEL)
		rc = no_more_args(ctl, argc - 1, argv + 1);
	else if (!rc)
		rc = parse_args(ctl, &p, argc - 1, argv + 1);
	/* What is wrong by itself needs no kernel to be said. */
	if (!rc && policy_settle(&p.shape, cmd == RTPL_CMD_PEER_ADD, &ctl->e))
		rc = RC_USAGE;
	if (!rc && (!p.shape.bits || cmd == RTPL_CMD_PEER_ADD) &&
	    shape_settle(&p.shape, 0, &ctl->e))
		rc = RC_USAGE;
	if (!rc && endpoint_resolve(&p.endpoint, &ctl->e))
		rc = RC_ERROR;
	if (!rc) {
		rc = RC_ERROR;
		c = conn_open(&ctl->e);
		if (c && p.shape.bits &&
		    shape_settle(&p.shape, p.shape.has & (SHAPE_BIT(PROFILE) | SHAPE_BIT(POLICY)) ?
				 0 : cell_of(c, p.public_key), &ctl->e))
			rc = RC_USAGE;
		else if (c && !change_peer(c, cmd, &p, &before, &ctl->e))
			rc = RC_OK;
		else if (c)
			own_meant(c, &p, &ctl->e);
	}
	if (!rc) {
		tell_moved(&before, &p);
		notes_order(&p.shape, 0, tell_note, NULL);
		if (cmd == RTPL_CMD_PEER_ADD && !(p.has & PEER_BIT(PREFIXES)))
			warn("the peer has no allowed: it protects nothing until it has (rtplctl peer set PUBKEY allowed PREFIX,...)");
		notes_peer(&p, tell_note, NULL);
		tell_policy(c, &p);
	}
	config_free(&before);
	conn_close(c);
	peer_free(&p);
	return rc;
}

static int peer_show(struct ctl *ctl, int argc, char **argv)
{
	uint8_t key[RTPL_KEY_LEN];
	struct config conf = { 0 };
	struct conn *c;
	int rc = RC_OK;

	if (argc)
		rc = parse_public_key(ctl, argc, argv, false, key) ?:
		     no_more_args(ctl, argc - 1, argv + 1);
	if (rc)
		return rc;
	c = conn_open(&ctl->e);
	if (!c)
		return RC_ERROR;
	if (argc ? kernel_peer(c, ctl->show_keys, key, &conf, &ctl->e) :
		   kernel_peers(c, ctl->show_keys, &conf, &ctl->e))
		rc = RC_ERROR;
	if (!rc)
		ways_look(c, &conf);
	if (!rc && ctl->json) {
		json_t *list = json_array();

		for (uint32_t i = 0; i < conf.n_peers; i++)
			json_array_append_new(list, peer_json(&conf.peers[i], ctl->show_keys));
		rc = json_print(json_pack("{so}", "peers", list), false);
	} else if (!rc) {
		for (uint32_t i = 0; i < conf.n_peers; i++)
			print_peer(stdout, &conf.peers[i], ctl->show_keys);
	}
	config_free(&conf);
	conn_close(c);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	static const char * const verbs[] = { "add", "set", "del", "show" };

	if (!argc || !strcmp(argv[0], "show"))
		return peer_show(ctl, argc ? argc - 1 : 0, argc ? argv + 1 : argv);
	if (!strcmp(argv[0], "add"))
		return peer_change(ctl, RTPL_CMD_PEER_ADD, argc - 1, argv + 1);
	if (!strcmp(argv[0], "set"))
		return peer_change(ctl, RTPL_CMD_PEER_SET, argc - 1, argv + 1);
	if (!strcmp(argv[0], "del"))
		return peer_change(ctl, RTPL_CMD_PEER_DEL, argc - 1, argv + 1);
	return usage_error(ctl, "%s is neither add, set, del nor show%s", quoted(argv[0]),
			   meant(argv[0], verbs, sizeof(verbs) / sizeof(verbs[0])));
}

const struct command cmd_peer = {
	.name = "peer",
	.run = run,
	.args = "show [PUBKEY|NAME] | add PUBKEY [SETTINGS] | set PUBKEY|NAME SETTINGS | del PUBKEY|NAME",
	.what = "show, add, change or remove peers",
	.help = "NAME, where one peer alone has it, does for its key.\n"
		"SETTINGS, each at most once; with set, only what is given changes:\n"
		"  name NAME|none             what people call it, shown with it\n"
		"  endpoint HOST:PORT         where the peer is; [ADDRESS]:PORT for IPv6\n"
		"  allowed PREFIX,...|none    what it protects; replaces the list\n"
		"  psk FILE|none              pre-shared key (rtplctl genpsk), from the next handshake on,\n"
		"                             which fails unless both ends have it\n"
		"  require on|off             never in clear to these prefixes (on)\n"
		"  profile NAME|none          a whole shape (rtplctl profile list); what follows\n"
		"                             changes it\n"
		"  role client|server         which end of the profile this is (client)\n"
		"  policy \"NAME NAME ...\"|none  profiles to step between, weakest first, in the\n"
		"                             place of one; the next five are for it\n"
		"  threat LEVEL               never below this place of the list, from 0 (0)\n"
		"  load BITRATE|off           more data than this: one step down an epoch (off)\n"
		"  budget BYTES/TIME|off      for padding and chaff: 2GB/day, 100MB/12h (off)\n"
		"  epoch TIME                 between two decisions, 1s to 1h (10s)\n"
		"  calm EPOCHS                below half in a row before a step up (6)\n"
		"  shape none                 give up its own settings of the shape, these and profile\n"
		"                             and policy: the qdisc's hold again\n"
		"  cell BYTES|LIST|pow2[:MAX]|device   sizes on the wire (device)\n"
		"  rate CELLS|BITRATE|off     constant rate: cells a second, or 10mbit (off)\n"
		"  latency MS|off             budget of a packet; also 500us, 1s\n"
		"  limit PACKETS              queue of the link (1000)\n"
		"  overflow newest|oldest     what a full queue drops (newest)\n"
		"  keepalive SECONDS|off      (off)\n"
		"  dscp NUMBER|copy           class of all cells, or of the packets in them (0)\n"
		"  ecn off|ect0|ect1          may routers mark cells, not drop them? (off)\n"
		"With show -j: {\"peers\": [...]}, see rtplctl(8).\n",
};
