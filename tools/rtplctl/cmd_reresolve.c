// SPDX-License-Identifier: GPL-2.0
/*
 * rtplctl reresolve: names of endpoints that stand in a file are asked for again, for peers
 * that do not answer. The kernel knows addresses only, and a peer whose address has changed
 * while it could not say so is lost until somebody looks. No lock is held: a resolver may be slow,
 * and a peer that is taken down meanwhile is refused.
 */
#include "rtplctl.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

/* Sessions last 180 s, renewed after 120: without one for so long nobody answers. */
#define AFTER_DEFAULT	180

struct again {
	uint64_t after;		/* s */
	struct conn *c;
	json_t *moved;
	uint32_t asked, unknown;
};

/* Has the peer not answered for so long? Without keys that may be used, and none made since. */
static bool is_lost(const struct again *a, const struct peer *p)
{
	return p->state != RTPL_LINK_UP &&
	       (!(p->has & PEER_BIT(LAST_HANDSHAKE)) ||
		p->last_handshake >= a->after * 1000000000ULL);
}

static const struct peer *find(const struct config *c, const uint8_t key[RTPL_KEY_LEN])
{
	for (uint32_t i = 0; i < c->n_peers; i++)
		if (!memcmp(c->peers[i].public_key, key, RTPL_KEY_LEN))
			return &c->peers[i];
	return NULL;
}

static void tell(struct again *a, const char *name, const struct peer *p, const char *host,
		 const struct endpoint *now)
{
	char key[KEY_TEXT_LEN + 1], is[ADDR_TEXT_MAX], was[ADDR_TEXT_MAX];

	key_text(p->public_key, key);
	endpoint_text(&now->sa, is);
	endpoint_text(&p->endpoint.sa, was);
	if (a->moved)
		json_array_append_new(a->moved, json_pack("{ss ss ss ss ss}", "name", name, "public_key",
							  key, "host", host, "endpoint", is, "was", was));
	else
		printf("%s: peer %s: %s is %s now, was %s\n", name, key, host, is, was);
}

/* Send to the first of the name's addresses that is not where the peer did not answer. */
static int ask(struct again *a, const char *name, const struct endpoint *ep, const struct peer *is,
	       struct err *e)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP,
	}, *found, *f;
	struct peer set = { .has = PEER_BIT(ENDPOINT) };
	char port[8];
	int rc;

	snprintf(port, sizeof(port), "%u", ep->port);
	a->asked++;
	rc = getaddrinfo(ep->host, port, &hints, &found);
	if (rc)
		return err_set(e, "cannot resolve %s: %s", quoted(ep->host),
			       rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
	memcpy(set.public_key, is->public_key, RTPL_KEY_LEN);
	rc = 0;
	for (f = found; f; f = f->ai_next) {
		if (f->ai_addrlen > sizeof(set.endpoint.in6))
			continue;
		set.endpoint = (struct endpoint){ .port = ep->port };
		memcpy(&set.endpoint.sa, f->ai_addr, f->ai_addrlen);
		if (endpoint_equal(&set.endpoint.sa, &is->endpoint.sa))
			continue;
		rc = endpoint_check(&set.endpoint, ep->host, e) ||
		     kernel_peer_cmd(a->c, RTPL_CMD_PEER_SET, &set, e) ? -1 : 0;
		if (!rc) {
			tell(a, name, is, ep->host, &set.endpoint);
			break;
		}
	}
	freeaddrinfo(found);
	return rc;
}

/* All peers of one file. Return: -1 and a sentence if the file makes no sense. */
static int look(struct again *a, const char *path, const char *name, const struct config *have,
		struct err *e)
{
	struct config want;
	struct err why;
	size_t len;
	char *text;
	int rc;

	if (file_read(path, CONF_FILE_MAX, &text, &len, e))
		return -1;
	rc = config_parse(text, len, path, 0, &want, e);
	file_free(text, len);
	for (uint32_t i = 0; !rc && i < want.n_peers; i++) {
		const struct peer *p = &want.peers[i], *is = find(have, p->public_key);

		if (!*p->endpoint.host || p->endpoint.sa.sa_family || !is || !is_lost(a, is))
			continue;
		if (ask(a, name, &p->endpoint, is, &why)) {
			warn("%.200s:%u: %s", path, p->lines[K_ENDPOINT], why.text);
			a->unknown++;
		}
	}
	config_free(&want);
	return rc;
}

static int go(struct again *a, const char *word, struct err *e)
{
	char path[4096], name[65];
	struct str_list names = { 0 };
	struct config have = { 0 };
	int rc;

	if (!word && (!rtpl_family_present() || state_names("", &names, e)))
		return rtpl_family_present() ? -1 : 0;
	a->c = conn_open(e);
	rc = a->c ? kernel_peers(a->c, false, &have, e) : -1;
	if (!rc && word)
		rc = conf_locate(word, path, name, e) || look(a, path, name, &have, e) ? -1 : 0;
	for (uint32_t i = 0; !rc && i < names.n; i++)
		rc = conf_locate(names.w[i], path, name, e) || look(a, path, name, &have, e) ? -1 : 0;
	if (!rc && a->unknown)
		rc = err_set(e, "%u of %u names were of no use", a->unknown, a->asked);
	str_list_free(&names);
	config_free(&have);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct again a = { .after = AFTER_DEFAULT };
	const char *word = NULL;
	int rc = RC_ERROR;

	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--after")) {
			if (!argv[i + 1])
				return usage_error(ctl, "--after needs a number of seconds");
			if (parse_seconds(argv[++i], 0, 86400, "after", &a.after, &ctl->e))
				return RC_USAGE;
		} else if (argv[i][0] == '-') {
			return unknown_option(ctl, argv[i]);
		} else if (word) {
			return no_more_args(ctl, 1, argv + i);
		} else {
			word = argv[i];
		}
	}
	if (ctl->json)
		a.moved = json_array();
	if (!go(&a, word, &ctl->e))
		rc = RC_OK;
	if (!rc && ctl->json)
		rc = json_print(json_pack("{sO si}", "moved", a.moved, "asked", a.asked), false);
	json_decref(a.moved);
	conn_close(a.c);
	return rc;
}

const struct command cmd_reresolve = {
	.name = "reresolve",
	.run = run,
	.options = { "--after" },
	.args = "[--after SECONDS] [FILE|NAME]",
	.what = "ask again for the names of endpoints that do not answer",
	.help = "Of each configuration that is up, or of the one that is named: peers whose Endpoint in\n"
		"the file is a name, that are not up and had no handshake for so long. One that has\n"
		"another address now is sent there. rtpl-reresolve.timer does that every minute\n"
		"while a link of rtpl@.service is up.\n"
		"  --after SECONDS  without a handshake (180)\n"
		"With -j: {\"moved\": [{\"name\", \"public_key\", \"host\", \"endpoint\", \"was\"}], \"asked\"}.\n",
};
