// SPDX-License-Identifier: GPL-2.0
/* Parser of configuration files; see config.h and rtplctl(8). */
#include "config.h"
#include "../input/input.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum section { NOWHERE, IN_NODE, IN_PEER };

/* Where the parser is. */
struct place {
	struct config *c;
	struct peer *peer;
	const char *name;
	unsigned int line;
	unsigned int flags;
	bool none;		/* the peer's Allowed is none */
	enum section section;
	uint64_t node_seen;	/* bits of enum conf_key, and SECTION_SEEN */
	uint64_t peer_seen;
	struct err *e;
};

#define KEY_BIT(key)	(1ULL << (key))
#define SECTION_SEEN	KEY_BIT(63)

#define NODE	(1 << IN_NODE)
#define PEER	(1 << IN_PEER)
#define MANY	8	/* may be given again */

static const struct key_info {
	const char *name;
	enum conf_key key;
	unsigned int where;
} keys[] = {
	{ "PrivateKey",		K_PRIVATE_KEY,		NODE },
	{ "PrivateKeyFile",	K_PRIVATE_KEY_FILE,	NODE },
	{ "Listen",		K_LISTEN,		NODE },
	{ "FwMark",		K_FWMARK,		NODE },
	{ "BindDevice",		K_BIND_DEVICE,		NODE },
	{ "Device",		K_DEVICE,		NODE | MANY },
	{ "Unprotected",	K_UNPROTECTED,		NODE },
	{ "PreUp",		K_PRE_UP,		NODE | MANY },
	{ "PostUp",		K_POST_UP,		NODE | MANY },
	{ "PreDown",		K_PRE_DOWN,		NODE | MANY },
	{ "PostDown",		K_POST_DOWN,		NODE | MANY },
	{ "PublicKey",		K_PUBLIC_KEY,		PEER },
	{ "Name",		K_NAME,			PEER },
	{ "PresharedKey",	K_PSK,			PEER },
	{ "PresharedKeyFile",	K_PSK_FILE,		PEER },
	{ "Endpoint",		K_ENDPOINT,		PEER },
	{ "Allowed",		K_ALLOWED,		PEER | MANY },
	{ "Require",		K_REQUIRE,		PEER },
	{ "Keepalive",		K_KEEPALIVE,		PEER },
	{ "Dscp",		K_DSCP,			PEER },
	{ "Ecn",		K_ECN,			PEER },
	{ "Cell",		K_CELL,			NODE | PEER },
	{ "Sizes",		K_CELL,			NODE | PEER },
	{ "Buckets",		K_CELL,			NODE | PEER },
	{ "Rate",		K_RATE,			NODE | PEER },
	{ "Latency",		K_LATENCY,		NODE | PEER },
	{ "Limit",		K_LIMIT,		NODE | PEER },
	{ "Overflow",		K_OVERFLOW,		PEER },
	{ "Profile",		K_PROFILE,		NODE | PEER },
	{ "Role",		K_ROLE,			PEER },
	{ "Policy",		K_POLICY,		PEER },
	{ "Threat",		K_THREAT,		PEER },
	{ "Load",		K_LOAD,			PEER },
	{ "Budget",		K_BUDGET,		PEER },
	{ "Epoch",		K_EPOCH,		PEER },
	{ "Calm",		K_CALM,			PEER },
};

/* What the other tunnel calls it. */
static const char * const known_elsewhere[][2] = {
	{ "ListenPort", "Listen" },	   { "AllowedIPs", "Allowed" },
	{ "PersistentKeepalive", "Keepalive" }, { "[Interface]", "[Node]" },
};

static int fail(struct place *at)
{
	char text[sizeof(at->e->text)];

	memcpy(text, at->e->text, sizeof(text));
	return err_set(at->e, "%.200s:%u: %.500s", at->name, at->line, text);
}

unsigned int conf_blame(const unsigned int lines[N_CONF_KEYS], const char *text, unsigned int otherwise)
{
	bool article = false;	/* "a cell" is no setting */
	size_t n;

	for (const char *p = text; *p; p += n ? n : 1) {
		for (n = 0; isalpha((unsigned char)p[n]); n++)
			;
		for (size_t i = 0; n && !article && i < sizeof(keys) / sizeof(keys[0]); i++)
			if (!strncasecmp(p, keys[i].name, n) && !keys[i].name[n] && lines[keys[i].key])
				return lines[keys[i].key];
		if (n)
			article = n == 1 && *p == 'a';
	}
	return otherwise;
}

/* The key of such files that @line's first word is, or NULL. */
static const char *known_word(const char *line)
{
	size_t n = strcspn(line, " \t=:");

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strncasecmp(line, keys[i].name, n) && !keys[i].name[n])
			return keys[i].name;
	return NULL;
}

/*
 * The first word of a line that makes no sense, if it is a key of such files or looks like one: letters, few capitals
 * among them. A key that was broken into lines leaves pieces of any length.
 */
static const char *first_word(const char *line)
{
	size_t n = strcspn(line, " \t="), steps = 0;
	char word[24];

	if (known_word(line))
		return known_word(line);
	for (size_t i = 0; i < n && n < 20; i++) {
		if (!isalpha((unsigned char)line[i]))
			return "(hidden)";
		steps += i && !isupper((unsigned char)line[i - 1]) != !isupper((unsigned char)line[i]);
	}
	if (n >= 20 || steps * (n > 8 ? 3 : 2) > n)
		return "(hidden)";
	snprintf(word, sizeof(word), "%.*s", (int)n, line);
	return quoted(word);
}

/* How a line begins that is a comment elsewhere, or NULL. No more of it is shown: it may be a key's piece. */
static const char *foreign_comment(const char *line)
{
	return *line == ';' ? ";" : !strncmp(line, "//", 2) ? "//" : NULL;
}

/* Is it a number, an address or a short word, and so no piece of a key to speak of? */
static bool is_plain(const char *value)
{
	size_t n = strlen(value);

	return n && (n == strspn(value, "0123456789") ? n <= 10 : n == strspn(value, "0123456789./:") ? n <= 18 :
		     n <= 8 && n == strspn(value, "0123456789abcdefghijklmnopqrstuvwxyz"));
}

/* A line that is neither section nor setting: what may have been meant. */
static int neither(struct err *e, const char *line)
{
	const char *comment = foreign_comment(line), *key = known_word(line), *value;

	if (comment)
		return err_set(e, "\"%s\" is neither [Section] nor Key = value (a comment begins with #)", comment);
	if (!key)
		return err_set(e, "%s is neither [Section] nor Key = value", first_word(line));
	value = line + strcspn(line, " \t:");
	value += strspn(value, " \t:");
	return err_set(e, "%s is neither [Section] nor Key = value (%s = %s?)", key, key,
		       is_plain(value) && !strstr(key, "Key") ? value : "...");
}

/* ---- memory ---- */

int str_list_add(struct str_list *w, const char *word)
{
	char **more = reallocarray(w->w, w->n + 1, sizeof(*more));

	if (!more)
		return -1;
	w->w = more;
	w->w[w->n] = strdup(word);
	return w->w[w->n] ? (w->n++, 0) : -1;
}

void str_list_free(struct str_list *w)
{
	for (uint32_t i = 0; i < w->n; i++)
		free(w->w[i]);
	free(w->w);
	memset(w, 0, sizeof(*w));
}

struct peer *config_add_peer(struct config *c)
{
	if (c->n_peers == c->room) {
		uint32_t room = c->room ? c->room * 2 : 4;
		/* Not realloc(): the old copy holds keys and is to be wiped. */
		struct peer *more = calloc(room, sizeof(*more));

		if (!more)
			return NULL;
		if (c->peers) {
			memcpy(more, c->peers, c->n_peers * sizeof(*more));
			explicit_bzero(c->peers, c->n_peers * sizeof(*more));
			free(c->peers);
		}
		c->peers = more;
		c->room = room;
	}
	return memset(&c->peers[c->n_peers++], 0, sizeof(struct peer));
}

void peer_free(struct peer *p)
{
	free(p->psk_file);
	free(p->stats.drops.d);
	prefixes_free(&p->prefixes);
	explicit_bzero(p, sizeof(*p));
}

void config_free(struct config *c)
{
	for (uint32_t i = 0; i < c->n_peers; i++)
		peer_free(&c->peers[i]);
	free(c->peers);
	free(c->private_key_file);
	free(c->file);
	free(c->device_line);
	str_list_free(&c->devices);
	for (int i = 0; i < N_HOOKS; i++)
		str_list_free(&c->hooks[i]);
	explicit_bzero(c, sizeof(*c));
}

/* ---- lines ---- */

static int set_key(struct place *at, const char *value, uint8_t key[RTPL_KEY_LEN])
{
	if (!strcmp(value, "(hidden)"))
		return err_set(at->e, "the key is hidden: write the file with showconf --show-keys");
	if (parse_key(value, key, "the value", at->e))
		return -1;
	if (key_is_zero(key))
		return err_set(at->e, "the key is all zero");
	return 0;
}

static int set_text(struct place *at, const char *value, char **out)
{
	*out = strdup(value);
	return *out ? 0 : err_set(at->e, "out of memory");
}

/* Interface names as the kernel takes them. */
static int set_devices(struct place *at, char *value)
{
	char *save = NULL, *word;
	unsigned int *lines;
	size_t len;

	for (word = strtok_r(value, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		word += strspn(word, " \t");
		for (len = strlen(word); len && strchr(" \t", word[len - 1]); len--)
			word[len - 1] = '\0';
		if (!len)
			continue;
		if (strpbrk(word, " \t"))
			return err_set(at->e, "%s is not a device's name: several are separated by commas",
				       quoted(word));
		if (strlen(word) > 15 || strpbrk(word, "/:") || !strcmp(word, ".") ||
		    !strcmp(word, ".."))
			return err_set(at->e, "%s is not a device's name", quoted(word));
		for (uint32_t i = 0; i < at->c->devices.n; i++)
			if (!strcmp(at->c->devices.w[i], word))
				return err_set(at->e, "device %s is given twice", quoted(word));
		lines = reallocarray(at->c->device_line, at->c->devices.n + 1, sizeof(*lines));
		if (!lines || str_list_add(&at->c->devices, word)) {
			at->c->device_line = lines ?: at->c->device_line;
			return err_set(at->e, "out of memory");
		}
		lines[at->c->devices.n - 1] = at->line;
		at->c->device_line = lines;
	}
	return 0;
}

static int set_node(struct place *at, enum conf_key key, char *value)
{
	struct node *n = &at->c->node;

	switch (key) {
	case K_PRIVATE_KEY:
		n->has |= NODE_BIT(PRIVATE_KEY);
		return set_key(at, value, n->private_key);
	case K_PRIVATE_KEY_FILE:
		if (parse_key_file(value, "PrivateKeyFile", at->e))
			return -1;
		return set_text(at, value, &at->c->private_key_file);
	case K_LISTEN:
		n->has |= NODE_BIT(PORT);
		return parse_port(value, &n->port, at->e);
	case K_FWMARK:
		n->has |= NODE_BIT(FWMARK);
		return parse_fwmark(value, &n->fwmark, at->e);
	case K_BIND_DEVICE:
		n->has |= NODE_BIT(BIND_DEVICE);
		return parse_device(value, n->bind_device, at->e);
	case K_DEVICE:
		return set_devices(at, value);
	case K_UNPROTECTED:
		at->c->has_unprotected = true;
		return parse_unprotected(value, &at->c->unprotected, at->e);
	case K_PRE_UP:
	case K_POST_UP:
	case K_PRE_DOWN:
	case K_POST_DOWN:
		if (str_list_add(&at->c->hooks[key - K_PRE_UP], value))
			return err_set(at->e, "out of memory");
		return 0;
	default:
		return -1;
	}
}

static int set_allowed(struct place *at, const char *value)
{
	struct prefixes *p = &at->peer->prefixes;
	uint32_t n = p->n;

	at->none |= !strcmp(value, "none");
	if (parse_prefixes(value, p, at->e))
		return -1;
	if (at->none && p->n)
		return err_set(at->e, "Allowed is none and has prefixes, too");
	for (; n < p->n; n++)
		p->p[n].line = at->line;
	return 0;
}

static int set_peer(struct place *at, enum conf_key key, const char *value)
{
	struct peer *p = at->peer;

	switch (key) {
	case K_PUBLIC_KEY:
		p->has |= PEER_BIT(PUBLIC_KEY);
		return set_key(at, value, p->public_key);
	case K_PSK:
		p->has |= PEER_BIT(PSK);
		return set_key(at, value, p->psk);
	case K_PSK_FILE:
		if (parse_key_file(value, "PresharedKeyFile", at->e))
			return -1;
		return set_text(at, value, &p->psk_file);
	case K_ENDPOINT:
		p->has |= PEER_BIT(ENDPOINT);
		return parse_endpoint(value, &p->endpoint, at->e);
	case K_ALLOWED:
		p->has |= PEER_BIT(PREFIXES);
		return set_allowed(at, value);
	case K_REQUIRE:
		p->has |= PEER_BIT(REQUIRE);
		return parse_switch(value, "require", &p->require, at->e);
	case K_KEEPALIVE:
		p->has |= PEER_BIT(KEEPALIVE);
		return parse_keepalive(value, &p->keepalive, at->e);
	case K_DSCP:
		p->has |= PEER_BIT(DSCP);
		return parse_dscp(value, &p->dscp, at->e);
	case K_ECN:
		p->has |= PEER_BIT(ECN);
		return parse_ecn(value, &p->ecn, at->e);
	case K_NAME:
		p->has |= PEER_BIT(NAME);
		return parse_name(value, p->name, at->e);
	default:
		return -1;
	}
}

/* Without the quotes that the command line needs around several words: no setting of a shape has any. */
static const char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len < 2 || (*value != '"' && *value != '\'') || value[len - 1] != *value)
		return value;
	value[len - 1] = '\0';
	return value + 1;
}

static int set_shape(struct place *at, enum conf_key key, const char *value)
{
	bool node = at->section == IN_NODE;
	struct shape *s = node ? &at->c->shape : &at->peer->shape;

	switch (key) {
	case K_CELL:
		if (parse_cell(value, s, at->e))
			return -1;
		if (node && s->sizes != RTPL_SIZE_FIXED && s->sizes != RTPL_SIZE_DEVICE)
			return err_set(at->e, "a node's cell is a number or device; %s is for peers",
				       quoted(value));
		return 0;
	case K_RATE:
		return parse_rate(value, s, at->e);
	case K_LATENCY:
		return parse_latency(value, 1000000, s, at->e);
	case K_LIMIT:
		return parse_limit(value, s, at->e);
	case K_OVERFLOW:
		return parse_overflow(value, s, at->e);
	case K_PROFILE:
		return parse_profile(value, s, at->e);
	case K_ROLE:
		return parse_role(value, s, at->e);
	case K_POLICY:
		return parse_policy(value, s, at->e);
	case K_THREAT:
		return parse_threat(value, s, at->e);
	case K_LOAD:
		return parse_load(value, s, at->e);
	case K_BUDGET:
		return parse_budget(value, s, at->e);
	case K_EPOCH:
		return parse_epoch(value, s, at->e);
	case K_CALM:
		return parse_calm(value, s, at->e);
	default:
		return -1;
	}
}

static int set(struct place *at, const char *name, char *value)
{
	uint64_t *seen = at->section == IN_NODE ? &at->node_seen : &at->peer_seen;
	struct input_nearest near = { .word = name };
	const struct key_info *k = NULL;
	size_t i;

	if (foreign_comment(name))
		return neither(at->e, name);
	if (at->section == NOWHERE)
		return err_set(at->e, "%s stands before [Node] and [Peer]", first_word(name));
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcasecmp(name, keys[i].name))
			k = &keys[i];
	if (!k) {
		/* The base64 of a key ends in one, which is not that. */
		if (known_word(name))
			return err_set(at->e, "%s is not followed by \"=\"", known_word(name));
		for (i = 0; i < sizeof(known_elsewhere) / sizeof(known_elsewhere[0]); i++)
			if (!strcasecmp(name, known_elsewhere[i][0]))
				return err_set(at->e, "unknown key %s (here it is %s)", quoted(name),
					       known_elsewhere[i][1]);
		for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			input_nearest(&near, keys[i].name);
		return near.name ? err_set(at->e, "unknown key %s (is %s meant?)", first_word(name),
					   near.name) :
				   err_set(at->e, "unknown key %s", first_word(name));
	}
	if (!(k->where & 1 << at->section))
		return err_set(at->e, "%s does not belong into [%s]", k->name,
			       at->section == IN_NODE ? "Node" : "Peer");
	if ((*seen & KEY_BIT(k->key)) && !(k->where & MANY))
		return err_set(at->e, "%s is given twice", k->name);
	if (!*value)
		return err_set(at->e, "%s has no value", k->name);
	*seen |= KEY_BIT(k->key);
	(at->section == IN_NODE ? at->c->lines : at->peer->lines)[k->key] = at->line;
	if ((*seen & KEY_BIT(K_PRIVATE_KEY)) && (*seen & KEY_BIT(K_PRIVATE_KEY_FILE)))
		return err_set(at->e, "PrivateKey and PrivateKeyFile contradict each other");
	if ((*seen & KEY_BIT(K_PSK)) && (*seen & KEY_BIT(K_PSK_FILE)))
		return err_set(at->e, "PresharedKey and PresharedKeyFile contradict each other");
	if (k->key >= K_CELL)
		return set_shape(at, k->key, unquote(value));
	return at->section == IN_NODE ? set_node(at, k->key, value) : set_peer(at, k->key, value);
}

/* Size of a cell that a peer without one of its own has, 0: the device's. */
static uint32_t node_cell(const struct config *c)
{
	return (c->shape.has & SHAPE_BIT(SIZES)) && c->shape.sizes == RTPL_SIZE_FIXED ?
	       c->shape.cell : 0;
}

/* Of the line that has a prefix again. */
static unsigned int second_line(const struct prefixes *p)
{
	for (uint32_t i = 1; i < p->n; i++)
		if (!prefix_compare(&p->p[i - 1], &p->p[i]))
			return p->p[i].line > p->p[i - 1].line ? p->p[i].line : p->p[i - 1].line;
	return 0;
}

static int end_section(struct place *at)
{
	struct peer *p = at->peer;

	if (at->section == IN_PEER && (at->flags & CONF_SALVAGE)) {
		prefixes_settle(&p->prefixes, at->e);
	} else if (at->section == IN_PEER) {
		at->line = p->line;
		if (!(p->has & PEER_BIT(PUBLIC_KEY))) {
			err_set(at->e, "the peer has no PublicKey");
			return fail(at);
		}
		if (prefixes_settle(&p->prefixes, at->e)) {
			at->line = second_line(&p->prefixes);
			return fail(at);
		}
	}
	at->section = NOWHERE;
	return 0;
}

static int begin_section(struct place *at, const char *name, unsigned int line)
{
	static const char * const sections[] = { "Node", "Peer" };
	char word[16];

	if (end_section(at) && !(at->flags & CONF_SALVAGE))
		return -1;
	at->line = line;
	if (!strcasecmp(name, "[Node]")) {
		if (at->node_seen & SECTION_SEEN) {
			err_set(at->e, "[Node] stands twice");
			return fail(at);
		}
		at->node_seen |= SECTION_SEEN;
		at->section = IN_NODE;
		return 0;
	}
	if (!strcasecmp(name, "[Peer]")) {
		if (at->c->n_peers == RTPL_PEERS_MAX) {
			err_set(at->e, "more than %u peers", RTPL_PEERS_MAX);
			return fail(at);
		}
		at->peer = config_add_peer(at->c);
		if (!at->peer) {
			err_set(at->e, "out of memory");
			return fail(at);
		}
		at->peer->line = line;
		at->peer_seen = 0;
		at->none = false;
		at->section = IN_PEER;
		return 0;
	}
	/* A section is a line by itself: what follows it may be anything, a key too. */
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(name + 1, "]"), name + 1);
	if (!strchr(name, ']') || strchr(name, ']')[1])
		err_set(at->e, "a section is [Node] or [Peer] in a line of its own");
	else
		err_set(at->e, "unknown section %s%s", quoted(name),
			strcasecmp(name, "[Interface]") ? meant(word, sections, 2) :
			" (here it is [Node])");
	return fail(at);
}

/* The value of a hook is the shell's, which knows comments and quotes itself. */
static bool is_hook(const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key >= K_PRE_UP && keys[i].key <= K_POST_DOWN &&
		    !strncasecmp(name, keys[i].name, len) && !keys[i].name[len])
			return true;
	return false;
}

/* @buf: the line, which is written to. */
static int parse_line(struct place *at, char *buf)
{
	struct input_line line;

	switch (input_line(buf, is_hook, &line)) {
	case INPUT_SECTION:
		return begin_section(at, line.name, at->line);
	case INPUT_SETTING:
		return set(at, line.name, line.value) ? fail(at) : 0;
	case INPUT_NEITHER:
		neither(at->e, line.name);
		return fail(at);
	default:
		return 0;
	}
}

int config_parse(const char *text, size_t len, const char *name, unsigned int flags,
		 struct config *c, struct err *e)
{
	struct place at = { .c = c, .name = name, .flags = flags, .e = e };
	char buf[CONF_LINE_MAX + 1];
	const char *start = text;
	unsigned int line = 0;
	struct err why;
	int rc = -1;

	memset(c, 0, sizeof(*c));
	text += input_mark(text, len);
	len -= text - start;
	if (len > CONF_FILE_MAX)
		return err_set(e, "%.200s is larger than %u MiB", name, CONF_FILE_MAX >> 20);
	while (len) {
		const char *nl = memchr(text, '\n', len);
		size_t n = nl ? (size_t)(nl - text) : len;

		at.line = ++line;
		if (n > CONF_LINE_MAX) {
			err_set(e, "the line is longer than %u bytes", CONF_LINE_MAX);
			fail(&at);
			goto out;
		}
		if (memchr(text, '\0', n)) {
			err_set(e, "the line holds a NUL byte: not a text file");
			fail(&at);
			goto out;
		}
		memcpy(buf, text, n);
		buf[n] = '\0';
		if (parse_line(&at, buf) && !(flags & CONF_SALVAGE))
			goto out;
		n += !!nl;
		text += n;
		len -= n;
	}
	if (end_section(&at))
		goto out;
	if (flags & CONF_SALVAGE)
		goto good;
	if (!(at.node_seen & SECTION_SEEN)) {
		err_set(e, "%.200s has no [Node]", name);
		goto out;
	}
	if (!(flags & CONF_STATE) && !(c->node.has & NODE_BIT(PRIVATE_KEY)) && !c->private_key_file) {
		err_set(e, "%.200s: [Node] has no PrivateKey and no PrivateKeyFile", name);
		goto out;
	}
	/* The node's cell may stand behind its peers' rates: settle at the end. */
	if (shape_settle(&c->shape, 0, e) ||
	    (!(flags & CONF_STATE) && shape_fits(&c->shape, &(struct shape){ 0 }, e))) {
		why = *e;
		err_set(e, "%.200s:%u: [Node] %.500s", name, conf_blame(c->lines, why.text, 1), why.text);
		goto out;
	}
	at.line = 0;
	for (uint32_t i = 0; i < c->n_peers; i++) {
		struct shape *s = &c->peers[i].shape;

		at.line = c->peers[i].line;
		if (policy_settle(s, true, e) ||
		    /* A profile has a cell of its own, which is not known here. */
		    shape_settle(s, s->has & (SHAPE_BIT(SIZES) | SHAPE_BIT(PROFILE) | SHAPE_BIT(POLICY)) ?
				 0 : node_cell(c), e) ||
		    (!(flags & CONF_STATE) && shape_fits(s, &c->shape, e))) {
			at.line = conf_blame(c->peers[i].lines, e->text, at.line);
			fail(&at);
			goto out;
		}
	}
good:
	rc = flags & CONF_SALVAGE ? 0 : config_check(c, name, e);
out:
	explicit_bzero(buf, sizeof(buf));
	return rc;
}

/* ---- the whole ---- */

int prefixes_settle(struct prefixes *p, struct err *e)
{
	char buf[ADDR_TEXT_MAX];

	if (!p->n)
		return 0;
	qsort(p->p, p->n, sizeof(*p->p), prefix_compare);
	for (uint32_t i = 1; i < p->n; i++)
		if (!prefix_compare(&p->p[i - 1], &p->p[i]))
			return err_set(e, "prefix %s is given twice", prefix_text(&p->p[i], buf));
	return 0;
}

static int peer_compare(const void *a, const void *b)
{
	const struct peer * const *p = a, * const *q = b;

	return memcmp((*p)->public_key, (*q)->public_key, RTPL_KEY_LEN);
}

static unsigned int first_line(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static unsigned int last_line(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

struct claim {
	struct prefix prefix;
	const struct peer *peer;
};

static int claim_compare(const void *a, const void *b)
{
	const struct claim *p = a, *q = b;

	return prefix_compare(&p->prefix, &q->prefix);
}

int config_check(const struct config *c, const char *name, struct err *e)
{
	const struct peer **sorted = NULL;
	struct claim *claims = NULL;
	size_t n = 0, i, j;
	int rc = -1;

	if (!c->n_peers)
		return 0;
	for (i = 0; i < c->n_peers; i++)
		n += c->peers[i].prefixes.n;
	sorted = calloc(c->n_peers, sizeof(*sorted));
	claims = calloc(n + 1, sizeof(*claims));
	if (!sorted || !claims) {
		err_set(e, "out of memory");
		goto out;
	}
	for (n = 0, i = 0; i < c->n_peers; i++) {
		const struct peer *p = &c->peers[i];

		sorted[i] = p;
		for (j = 0; j < p->prefixes.n; j++)
			claims[n++] = (struct claim){ p->prefixes.p[j], p };
	}
	qsort(sorted, c->n_peers, sizeof(*sorted), peer_compare);
	for (i = 1; i < c->n_peers; i++)
		if (!peer_compare(&sorted[i - 1], &sorted[i])) {
			char key[KEY_TEXT_LEN + 1];

			key_text(sorted[i]->public_key, key);
			/* Whole it would be hidden. */
			err_set(e, "%.200s: peer %.8s stands twice, at lines %u and %u", name, key,
				first_line(sorted[i - 1]->lines[K_PUBLIC_KEY], sorted[i]->lines[K_PUBLIC_KEY]),
				last_line(sorted[i - 1]->lines[K_PUBLIC_KEY], sorted[i]->lines[K_PUBLIC_KEY]));
			goto out;
		}
	qsort(claims, n, sizeof(*claims), claim_compare);
	for (i = 1; i < n; i++)
		if (!claim_compare(&claims[i - 1], &claims[i])) {
			char buf[ADDR_TEXT_MAX];

			err_set(e, "%.200s: prefix %s is claimed by two peers, at lines %u and %u", name,
				prefix_text(&claims[i].prefix, buf),
				first_line(claims[i - 1].prefix.line, claims[i].prefix.line),
				last_line(claims[i - 1].prefix.line, claims[i].prefix.line));
			goto out;
		}
	rc = 0;
out:
	free(sorted);
	free(claims);
	return rc;
}
