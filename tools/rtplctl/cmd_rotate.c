// SPDX-License-Identifier: GPL-2.0
/*
 * rtplctl rotate: new keys for old, with both in use until the new one has a session.
 *
 * The other end learns a node's new public key before the node has it: as a peer without
 * prefixes, the twin of the old one, so that packets of either are taken from the prefixes that
 * both stand for. When the node changes its key its sessions stay, and new ones begin at once.
 * As soon as the twin's link is up the prefixes move to it in one request, what waits for the
 * old one is sent, and the old one goes.
 */
#include "rtplctl.h"

#include <string.h>
#include <time.h>

#define POLL_NS		5000000L	/* between two looks at the links */
#define WAIT_DEFAULT	3600		/* s */
#define DRAIN_NS	10000000000ULL	/* for what the old link has in its queue */
#define GRACE_NS	2000000000ULL	/* for what is on its way */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void pause_ns(uint64_t ns)
{
	struct timespec t = { .tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000 };

	nanosleep(&t, NULL);
}

static int rotate_node(struct ctl *ctl, int argc, char **argv)
{
	struct node n = { .has = NODE_BIT(PRIVATE_KEY) | NODE_BIT(ROTATE) };
	uint8_t public_key[RTPL_KEY_LEN];
	struct conn *c;
	int rc;

	if (!argc)
		return usage_error(ctl, "the file that holds the new private key is missing");
	rc = no_more_args(ctl, argc - 1, argv + 1);
	if (rc)
		return rc;
	if (parse_key_file(argv[0], "rotate node", &ctl->e)) {
		hide_word(argv[0]);
		return RC_USAGE;
	}
	if (key_read(argv[0], n.private_key, &ctl->e) ||
	    key_public(n.private_key, public_key, &ctl->e))
		return RC_ERROR;
	c = conn_open(&ctl->e);
	rc = c && !kernel_node_set(c, &n, &ctl->e) ? RC_OK : RC_ERROR;
	conn_close(c);
	explicit_bzero(&n, sizeof(n));
	return rc ? rc : key_print(ctl, "public_key", public_key, false);
}

/* ---- a peer's ---- */

struct rotation {
	struct conn *c;
	uint8_t from[RTPL_KEY_LEN], to[RTPL_KEY_LEN];
	uint64_t wait;		/* ns */
};

/* The twin, with all that the old one has but its prefixes; there already: as it is. */
static int add_twin(struct rotation *r, struct config *now, struct err *e)
{
	struct config there = { 0 };
	struct peer p = { 0 };
	struct err ignored;
	int rc;

	if (!kernel_peer(r->c, false, r->to, &there, &ignored)) {
		memcpy(p.public_key, r->to, RTPL_KEY_LEN);
		memcpy(p.twin, r->from, RTPL_KEY_LEN);
		p.has = PEER_BIT(PUBLIC_KEY) | PEER_BIT(TWIN);
		rc = kernel_peer_cmd(r->c, RTPL_CMD_PEER_SET, &p, e);
		config_free(&there);
		return rc;
	}
	p = now->peers[0];
	memset(&p.prefixes, 0, sizeof(p.prefixes));
	memcpy(p.public_key, r->to, RTPL_KEY_LEN);
	memcpy(p.twin, r->from, RTPL_KEY_LEN);
	p.has &= ~PEER_BIT(PREFIXES);
	p.has |= PEER_BIT(TWIN) | PEER_BIT(REQUIRE);
	rc = kernel_peer_cmd(r->c, RTPL_CMD_PEER_ADD, &p, e);
	explicit_bzero(&p, sizeof(p));
	return rc;
}

/* Whole the key would be hidden. */
static int give_up(const struct rotation *r, struct err *e)
{
	char text[KEY_TEXT_LEN + 1];

	key_text(r->to, text);
	return err_set(e, "the new key has no link yet: the old one stays in use (the same again goes on waiting; \"rtplctl peer del NEWKEY\", the whole key that begins with %.8s, gives up; the old one must stay)",
		       text);
}

static int wait_for_link(struct rotation *r, struct err *e)
{
	uint64_t end = now_ns() + r->wait;
	struct config now = { 0 };
	bool up;

	for (;;) {
		if (kernel_peer(r->c, false, r->to, &now, e))
			return -1;
		up = now.peers[0].state == RTPL_LINK_UP;
		config_free(&now);
		if (up)
			return 0;
		if (now_ns() >= end)
			return give_up(r, e);
		pause_ns(POLL_NS);
	}
}

/* What waits for the old peer's link leaves by it. */
static int drain(struct rotation *r, struct err *e)
{
	uint64_t end = now_ns() + DRAIN_NS;
	struct config all = { 0 };
	bool waits = true;

	while (waits && now_ns() < end) {
		if (kernel_stats(r->c, &all, e))
			return -1;
		waits = false;
		for (uint32_t i = 0; i < all.n_peers; i++)
			if (!memcmp(all.peers[i].public_key, r->from, RTPL_KEY_LEN))
				waits = all.peers[i].stats.v[RTPL_STAT_A_QUEUE_PACKETS];
		config_free(&all);
		if (waits)
			pause_ns(POLL_NS);
	}
	pause_ns(GRACE_NS);
	return 0;
}

static int move(struct rotation *r, uint32_t *n, struct err *e)
{
	struct peer p = { .has = PEER_BIT(PUBLIC_KEY) | PEER_BIT(PREFIXES) };
	struct config from = { 0 }, to = { 0 };
	int rc = -1;

	if (kernel_peer(r->c, false, r->from, &from, e) ||
	    kernel_peer(r->c, false, r->to, &to, e))
		goto out;
	/* It may have some: this is gone on with. */
	p.prefixes = to.peers[0].prefixes;
	memset(&to.peers[0].prefixes, 0, sizeof(p.prefixes));
	for (uint32_t i = 0; i < from.peers[0].prefixes.n; i++)
		if (prefix_add(&p.prefixes, &from.peers[0].prefixes.p[i], e))
			goto out;
	memcpy(p.public_key, r->to, RTPL_KEY_LEN);
	*n = p.prefixes.n;
	rc = kernel_peer_cmd(r->c, RTPL_CMD_PEER_SET, &p, e);
out:
	prefixes_free(&p.prefixes);
	config_free(&from);
	config_free(&to);
	return rc;
}

static int go(struct rotation *r, uint32_t *n, struct err *e)
{
	struct peer p = { .has = PEER_BIT(PUBLIC_KEY) };
	struct config now = { 0 };
	int rc;

	rc = kernel_peer(r->c, true, r->from, &now, e) ?: add_twin(r, &now, e);
	config_free(&now);
	rc = rc ?: wait_for_link(r, e) ?: move(r, n, e) ?: drain(r, e);
	if (rc)
		return rc;
	memcpy(p.public_key, r->from, RTPL_KEY_LEN);
	return kernel_peer_cmd(r->c, RTPL_CMD_PEER_DEL, &p, e);
}

/* The peer's file has the old key still. */
static void tell_next(const char *key)
{
	struct str_list names;
	enum state_kind kind;
	struct config c = { 0 };
	char path[4096];
	struct err ignored;

	if (state_names("", &names, &ignored))
		names.n = 0;
	if (names.n == 1 && !state_path(names.w[0], path, sizeof(path), &ignored))
		state_read(path, &kind, &c, &ignored);
	if (c.file)
		printf("the peer is %s now: write that to PublicKey in %s, or the next up or setconf goes back to the old key\n",
		       key, c.file);
	else
		printf("the peer is %s now: a file that has the peer needs that as its PublicKey\n", key);
	config_free(&c);
	str_list_free(&names);
}

static int rotate_peer(struct ctl *ctl, int argc, char **argv)
{
	struct rotation r = { .wait = WAIT_DEFAULT * 1000000000ULL };
	char text[KEY_TEXT_LEN + 1];
	uint32_t n = 0;
	uint64_t v;
	int rc;

	if (argc < 2)
		return usage_error(ctl, "a peer's old public key (or its name) and its new one are needed");
	if (parse_key(argv[1], r.to, "the new key", &ctl->e))
		return RC_USAGE;
	rc = peer_key(argv[0], r.from, &ctl->e);
	if (rc)
		return rc;
	if (!memcmp(r.from, r.to, RTPL_KEY_LEN))
		return usage_error(ctl, "the old key and the new one are the same");
	if (argc > 2) {
		if (strcmp(argv[2], "wait"))
			return usage_error(ctl, "unknown word %s (wait SECONDS)", quoted(argv[2]));
		if (argc == 3)
			return usage_error(ctl, "wait needs a number of seconds");
		if (parse_seconds(argv[3], 0, 604800, "wait", &v, &ctl->e))
			return RC_USAGE;
		r.wait = v * 1000000000ULL;
		rc = no_more_args(ctl, argc - 4, argv + 4);
		if (rc)
			return rc;
	}
	r.c = conn_open(&ctl->e);
	rc = r.c && !go(&r, &n, &ctl->e) ? RC_OK : RC_ERROR;
	conn_close(r.c);
	if (rc)
		return rc;
	key_text(r.to, text);
	if (!ctl->json) {
		tell_next(text);
		return rc;
	}
	return json_print(json_pack("{ss si}", "public_key", text, "prefixes", n), false);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	if (argc && !strcmp(argv[0], "node"))
		return rotate_node(ctl, argc - 1, argv + 1);
	if (argc && !strcmp(argv[0], "peer"))
		return rotate_peer(ctl, argc - 1, argv + 1);
	if (argc) {
		static const char * const ends[] = { "peer", "node" };

		return usage_error(ctl, "%s is neither peer nor node%s", quoted(argv[0]),
				   meant(argv[0], ends, ARRAY_SIZE(ends)));
	}
	return usage_error(ctl, "node or peer is needed");
}

const struct command cmd_rotate = {
	.name = "rotate",
	.run = run,
	.args = "peer OLD NEW [wait SECONDS] | node FILE",
	.what = "exchange a key while packets flow, without one in clear",
	.help = "Of the two ends of a link, first the one that does not change:\n"
		"  rotate peer OLD NEW  the peer OLD (a public key or a name) is about to have the\n"
		"                       public key NEW: takes both,\n"
		"                       waits (an hour unless told) for a link under the new one,\n"
		"                       moves the prefixes to it, removes the old one, and\n"
		"                       says which file is to have the new key\n"
		"then, while that waits, the one that changes:\n"
		"  rotate node FILE     FILE holds the new private key; sessions go on, and new ones\n"
		"                       begin at once; writes the new public key\n"
		"Then both files are to be changed, too: rtplctl(8), KEY ROTATION.\n"
		"With -j: {\"public_key\": BASE64} and of a peer the number of \"prefixes\" it has.\n",
};
