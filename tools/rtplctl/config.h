/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A node and its peers as data: what a configuration file says, and what the
 * kernel says. Pure like parse.h, so that the fuzzer can run the parser alone.
 */
#ifndef RTPLCTL_CONFIG_H
#define RTPLCTL_CONFIG_H

#include "parse.h"

#define CONF_FILE_MAX	(16U << 20)	/* bytes of a file */
#define CONF_LINE_MAX	4096		/* bytes of a line, without its end */

#define NODE_BIT(attr)	(1U << RTPL_NODE_A_##attr)
#define PEER_BIT(attr)	(1U << RTPL_PEER_A_##attr)

/* Keys of a file; of those in several lines the last line counts below. */
enum conf_key {
	K_PRIVATE_KEY, K_PRIVATE_KEY_FILE, K_LISTEN, K_FWMARK, K_BIND_DEVICE, K_DEVICE, K_UNPROTECTED,
	K_PRE_UP, K_POST_UP, K_PRE_DOWN, K_POST_DOWN,
	K_PUBLIC_KEY, K_PSK, K_PSK_FILE, K_ENDPOINT, K_ALLOWED, K_REQUIRE, K_KEEPALIVE, K_DSCP, K_ECN,
	K_NAME,
	K_CELL, K_RATE, K_LATENCY, K_LIMIT, K_OVERFLOW, K_PROFILE, K_ROLE,
	K_POLICY, K_THREAT, K_LOAD, K_BUDGET, K_EPOCH, K_CALM,
	N_CONF_KEYS
};

struct drops {
	struct drop {
		char name[32];
		char text[128];
		uint64_t count;
	} *d;
	uint32_t n;
};

/* Cells that processors sealed and opened. */
struct processors {
	struct processor {
		uint32_t id;
		uint64_t sealed, opened;
	} *p;
	uint32_t n;
};

/* Counters of the whole node. */
struct node_stats {
	struct drops drops;
	struct processors processors;
};

struct stats {
	uint64_t v[RTPL_STAT_A_MAX + 1];
	uint64_t has;		/* bits 1 << RTPL_STAT_A_* */
	struct drops drops;
};

/* By which devices what is for a peer leaves; "": not known. */
struct way {
	char device[DEVICE_LEN_MAX + 1];	/* cells to the endpoint */
	uint32_t mtu;				/* of that device, or of the route if that has its own */
	char bare[DEVICE_LEN_MAX + 1];		/* packets to @bare_addr, and no qdisc takes them there */
	struct prefix bare_addr;
	bool held;				/* the node is, or has no key: that is told of it */
};

struct peer {
	uint32_t has;		/* PEER_BIT()s of what is set */
	uint8_t public_key[RTPL_KEY_LEN];
	uint8_t psk[RTPL_KEY_LEN];
	uint8_t twin[RTPL_KEY_LEN];	/* for a request only */
	char *psk_file;		/* still to be read */
	struct endpoint endpoint;
	struct prefixes prefixes;
	bool keep;		/* for a request only: prefixes that another has are refused, not moved */
	bool require;
	uint16_t keepalive;
	uint8_t dscp;		/* RTPL_DSCP_COPY: the packets' */
	uint8_t ecn;		/* enum rtpl_ecn_kind */
	char name[RTPL_NAME_MAX];	/* for people; "": none */
	struct shape shape;
	unsigned int line;	/* of the file, for errors: the section's */
	unsigned int lines[N_CONF_KEYS];	/* and its keys', 0: not given */
	/* from the kernel only */
	struct shape shape_now;	/* in force: its own over the qdisc's */
	struct shape theirs;	/* as the other end said, has 0: it has not */
	uint32_t mismatch;	/* RTPL_MISMATCH_* */
	uint32_t id;
	uint32_t state;
	uint32_t cell_now;
	uint64_t last_handshake;
	struct stats stats;
	struct way way;		/* by show only */
};

struct node {
	uint32_t has;		/* NODE_BIT()s */
	uint8_t private_key[RTPL_KEY_LEN];
	uint8_t public_key[RTPL_KEY_LEN];
	uint16_t port;
	uint32_t fwmark;
	char bind_device[DEVICE_LEN_MAX + 1];	/* "": none */
	uint32_t n_peers;
	char version[64];
};

struct str_list {
	char **w;
	uint32_t n;
};

enum hook { HOOK_PRE_UP, HOOK_POST_UP, HOOK_PRE_DOWN, HOOK_POST_DOWN, N_HOOKS };

struct config {
	char *file;			/* that it was read from, or NULL */
	unsigned int lines[N_CONF_KEYS];	/* of [Node], as a peer's */
	struct node node;
	char *private_key_file;		/* still to be read */
	struct str_list devices;
	unsigned int *device_line;	/* of each of them */
	bool has_unprotected;
	uint32_t unprotected;
	struct shape shape;		/* the qdisc's: what peers without their own follow */
	struct str_list hooks[N_HOOKS];
	struct peer *peers;
	uint32_t n_peers;
	uint32_t room;
	bool no_endpoints;	/* for apply(): leave them as they are, or unset */
	uint32_t generation;		/* from the kernel only */
};

enum {
	CONF_STATE = 1,		/* a state file of `up`: keys and endpoints are not needed */
	CONF_SALVAGE = 2,	/* pass over lines that are wrong: what can be read of a bad file */
};

/**
 * config_parse() - a file's text into a configuration
 * @text: @len bytes; need not end in NUL
 * @name: what errors call the file
 * @flags: CONF_*
 * @c: filled; config_free() it whatever comes back
 * Return: 0, or -1 and a sentence that names file and line.
 *
 * Key files are not read and names are not resolved here.
 */
int config_parse(const char *text, size_t len, const char *name, unsigned int flags,
		 struct config *c, struct err *e);
/* What needs more than one line to see: doubled peers and prefixes. */
int config_check(const struct config *c, const char *name, struct err *e);
/*
 * The line of the setting that the sentence @text, about all of a section, is of: the first that
 * it names and that has one of @lines, or @otherwise.
 */
unsigned int conf_blame(const unsigned int lines[N_CONF_KEYS], const char *text, unsigned int otherwise);
void config_free(struct config *c);

struct peer *config_add_peer(struct config *c);	/* NULL: no memory */
int str_list_add(struct str_list *w, const char *word);
void str_list_free(struct str_list *w);
void peer_free(struct peer *p);
/* Sort, refuse the same prefix twice. */
int prefixes_settle(struct prefixes *p, struct err *e);

#endif /* RTPLCTL_CONFIG_H */
