/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the subcommands of rtplctl share. One file holds one subcommand;
 * parse.c, parse_policy.c and config.c know text, netlink.c knows the socket, message.c the
 * family's messages, apply.c how to get from one configuration to another.
 */
#ifndef RTPLCTL_H
#define RTPLCTL_H

#include <stdio.h>
#include <jansson.h>

#include "config.h"

#define NODE_HELP "[private-key FILE|none] [listen PORT] [fwmark NUMBER|off] [bind-device NAME|off]"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define PLURAL(n) ((n) == 1 ? "" : "s")

#define NEED_ROOT "this needs CAP_NET_ADMIN: run it as root"

/* Exit codes. */
enum {
	RC_OK = 0,
	RC_ERROR = 1,		/* a file, the kernel or the system refused */
	RC_USAGE = 2,		/* the command line makes no sense */
};

struct conn;

/* The options that stand anywhere, and the one sentence of an error. */
struct ctl {
	bool json;
	bool show_keys;
	const struct command *cmd;	/* NULL before it is known */
	struct err e;
};

struct command {
	const char *name;
	int (*run)(struct ctl *ctl, int argc, char **argv);	/* argv[0]: first word behind the name */
	const char *args;	/* for "usage:" */
	const char *what;	/* one line */
	const char *help;	/* the rest */
	const char *options[8];	/* its own, beside those that stand anywhere */
};

extern const struct command cmd_genkey, cmd_pubkey, cmd_genpsk, cmd_node, cmd_peer,
	cmd_show, cmd_stats, cmd_monitor, cmd_setconf, cmd_showconf, cmd_checkconf, cmd_rotate, cmd_profile,
	cmd_up, cmd_down, cmd_save, cmd_flush, cmd_attach, cmd_reresolve, cmd_sim, cmd_fit, cmd_version, cmd_help;
extern const struct command * const commands[];	/* NULL at the end */

/* Where rtpl-sim is: cmd_sim.c. */
void sim_path(char *path, size_t size);
void print_usage(FILE *f, const struct command *c);
/* A usage error: sets the sentence, returns RC_USAGE. */
#define usage_error(ctl, ...) (err_set(&(ctl)->e, __VA_ARGS__), RC_USAGE)
/* A secret stands on the command line: out of the list of processes with it. */
void hide_word(char *word);
/* An option that @ctl->cmd does not have: RC_USAGE, and which one may be meant. */
int unknown_option(struct ctl *ctl, const char *word);
/* No more words than expected? */
int no_more_args(struct ctl *ctl, int argc, char **argv);
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- keys.c ---- */

/* From a file, "-" is standard input; warns when others may read it. */
int key_read(const char *path, uint8_t key[RTPL_KEY_LEN], struct err *e);
int key_generate(uint8_t key[RTPL_KEY_LEN], bool x25519, struct err *e);
int key_public(const uint8_t private_key[RTPL_KEY_LEN], uint8_t public_key[RTPL_KEY_LEN],
	       struct err *e);
/* Are they one scalar? Some of a private key's bits do not count (RFC 7748, section 5). */
bool key_same_private(const uint8_t a[RTPL_KEY_LEN], const uint8_t b[RTPL_KEY_LEN]);
int key_print(struct ctl *ctl, const char *name, const uint8_t key[RTPL_KEY_LEN], bool secret);

/* ---- file.c ---- */

#define CONF_DIR "/etc/rtpl"

/* At most @max bytes; *text is to be wiped and freed by file_free(). */
int file_read(const char *path, size_t max, char **text, size_t *len, struct err *e);
void file_free(char *text, size_t len);
/* FILE or NAME: @path as to be opened, "-" too; @name for messages and state. */
int conf_locate(const char *word, char path[4096], char name[65], struct err *e);
/*
 * The words of a command about one configuration: FILE or NAME, and perhaps @option, which sets
 * @given. Return: RC_OK, or RC_USAGE and a sentence.
 */
int conf_args(struct ctl *ctl, int argc, char **argv, const char *option, bool *given,
	       char path[4096], char name[65]);
/* Read, parse, read the key files, check what spans the file. */
int conf_load(const char *path, struct config *c, struct err *e);
/* Names into addresses. */
int conf_resolve(struct config *c, struct err *e);
int endpoint_resolve(struct endpoint *ep, struct err *e);

/* ---- netlink.c ---- */

struct nl_msg;
struct nlmsghdr;

/*
 * Every function returns 0 or -1 and a sentence; conn_errno() then tells the
 * kernel's errno, 0 if the failure was none of the kernel's.
 */
struct conn *conn_open(struct err *e);			/* the rtpl family */
struct conn *conn_open_route(struct err *e);		/* rtnetlink */
void conn_close(struct conn *c);
int conn_errno(const struct conn *c);
bool rtpl_family_present(void);
/* Messages of @bytes are to be sent. */
void conn_room(struct conn *c, size_t bytes);
/* A request of the family, to be filled and handed to one of the three below. */
struct nl_msg *conn_request(struct conn *c, int cmd, int flags, size_t room);

typedef int (*reply_fn)(const struct nlmsghdr *nlh, void *arg, struct err *e);

/* One request, its replies, its acknowledgement; the message is freed. */
int conn_do(struct conn *c, struct nl_msg *msg, reply_fn fn, void *arg, struct err *e);
/* The whole dump, again if it was interrupted: @restart empties what came so far. */
int conn_dump(struct conn *c, struct nl_msg *msg, reply_fn fn, void (*restart)(void *arg),
	      void *arg, struct err *e);
/*
 * Many requests, one after the other; stops at the first that is refused.
 * Return: how many were done; *e is set if that is less than @n.
 */
uint32_t conn_many(struct conn *c, struct nl_msg **msgs, uint32_t n, struct err *e);
/* What comes within @ms, and all that is there then, to @fn; a signal ends the wait. */
int conn_poll(struct conn *c, int ms, reply_fn fn, void *arg, struct err *e);
/* So many bytes may wait to be read. */
void conn_backlog(struct conn *c, size_t bytes);
/* Events until @fn returns nonzero, which is returned, or nobody reads standard output. */
int conn_listen(struct conn *c, reply_fn fn, void *arg, struct err *e);

/* ---- message.c ---- */

int put_node(struct nl_msg *msg, const struct node *n);
int put_peer(struct nl_msg *msg, const struct peer *p);

struct event {
	uint32_t has;		/* bits 1 << RTPL_EVENT_A_* */
	uint32_t kind;
	uint8_t public_key[RTPL_KEY_LEN];
	uint32_t id;
	struct endpoint endpoint;
	uint32_t cell;
	uint32_t ifindex;
	char reason[32];
	struct prefix addr;
	uint32_t level;
	char profile[RTPL_PROFILE_NAME_MAX];
	char name[RTPL_NAME_MAX];	/* the peer's */
	uint32_t mismatch;
	/* of a change by a request */
	uint32_t portid;
	uint32_t uid;
	uint32_t left_out;
	uint32_t unprotected;
	struct peer peer[2];	/* before and after: what the event has of them */
	struct node node[2];
	struct shape shape[2];
};

/* To be event_free()d whatever comes back. */
int get_event(const struct nlmsghdr *nlh, struct event *ev, struct err *e);
void event_free(struct event *ev);

int kernel_node(struct conn *c, bool keys, struct node *n, struct err *e);
/* All peers; @conf is empty or has what an earlier call left, to be freed. */
int kernel_peers(struct conn *c, bool keys, struct config *conf, struct err *e);
/* One of them; none is an error. */
int kernel_peer(struct conn *c, bool keys, const uint8_t key[RTPL_KEY_LEN], struct config *conf,
		struct err *e);
/*
 * A peer's public key, or the name that one peer alone has, which is looked up in the kernel.
 * Return: RC_OK, or another one and a sentence: RC_USAGE if it can be neither.
 */
int peer_key(const char *word, uint8_t key[RTPL_KEY_LEN], struct err *e);
/* The sentence when there is none. Return: -1. */
int no_peer(const uint8_t key[RTPL_KEY_LEN], struct err *e);
/* All peers with their counters, without their configuration. */
int kernel_stats(struct conn *c, struct config *conf, struct err *e);
int kernel_node_stats(struct conn *c, struct node_stats *s, struct err *e);
void node_stats_free(struct node_stats *s);
/* A link's drops come without texts: @all are the node's, which have them. */
void drops_name(struct drops *d, const struct drops *all);
/* Node and peers, keys included: what setconf compares with. */
int kernel_config(struct conn *c, struct config *conf, struct err *e);
/* A profile's blob, as tools/profile/ compiles it: new, or in place of that of its name. */
int kernel_profile_set(struct conn *c, const uint8_t *blob, size_t len, struct err *e);
int kernel_profile_del(struct conn *c, const char *name, struct err *e);
/* Those that the kernel knows, for each one call of @fn, which returns 0. */
struct kernel_profile {
	char name[RTPL_PROFILE_NAME_MAX];
	uint32_t size, users;
	bool builtin;
};
int kernel_profiles(struct conn *c, int (*fn)(const struct kernel_profile *p, void *arg),
		    void *arg, struct err *e);
/* Of a refused shape: adds to @e the nearest name where it names a profile that is not there. */
void profiles_meant(struct conn *c, const struct shape *s, struct err *e);
void config_meant(struct conn *c, const struct config *want, struct err *e);
int kernel_node_set(struct conn *c, const struct node *n, struct err *e);
struct nl_msg *peer_request(struct conn *c, int cmd, const struct peer *p, struct err *e);
int kernel_peer_cmd(struct conn *c, int cmd, const struct peer *p, struct err *e);

/* ---- apply.c ---- */

struct applied {
	uint32_t added, changed, removed, same;
	bool node;
};

/**
 * apply() - make the kernel's configuration equal @want
 * @have: as it is now
 * @undo: on a refusal take back what was done
 */
int apply(struct conn *c, const struct config *have, const struct config *want, bool undo,
	  struct applied *done, struct err *e);

/* ---- qdisc.c ---- */

struct qdisc_info {
	char device[16];
	uint32_t handle;	/* major number */
	uint32_t unprotected;
	struct shape shape;
};

/* *@was: the device has the qdisc as its root, and is given @c's options. */
int qdisc_add(struct conn *route, const char *device, const struct config *c, bool *was,
	      struct err *e);
/* The same for the device number @i of a file; the sentence names its line. */
int qdisc_add_listed(struct conn *route, const struct config *c, uint32_t i, bool *was, struct err *e);
/* *@was: the device had the qdisc. No device is no error. */
int qdisc_del(struct conn *route, const char *device, bool *was, struct err *e);

/* All rtpl qdiscs of the namespace; *list is to be freed. */
int qdisc_list(struct conn *route, struct qdisc_info **list, uint32_t *n, struct err *e);

/* Has any device of the namespace it? True, too, where that cannot be told. */
bool qdisc_any(void);

/* ---- route.c ---- */

struct device {
	uint32_t index, mtu;
	uint32_t master;	/* whose port it is, 0: none */
	uint32_t below;		/* what it lies on, 0: nothing */
	bool loopback;
	char name[DEVICE_LEN_MAX + 1];
};

struct devices {
	struct device *d;
	uint32_t n;
};

struct route {
	uint32_t device;	/* 0: none, or it leads nowhere */
	uint32_t mtu;		/* 0: the device's */
	bool learned;		/* of the path: it passes */
};

/* All of the namespace; d->d is to be freed. */
int devices_read(struct conn *route, struct devices *d, struct err *e);
const struct device *device_find(const struct devices *d, uint32_t index);	/* or NULL */
/* Has it one of @n qdiscs @q, or a device that it lies on or that is its port? */
bool device_covered(const struct devices *d, const struct device *dev, const struct qdisc_info *q, uint32_t n);
int route_find(struct conn *route, int family, const void *addr, uint32_t mark, uint32_t oif, struct route *r,
	       struct err *e);
/* Sets way of each peer of @c, as far as it can be told. */
void ways_find(struct conn *route, const struct node *n, const struct qdisc_info *q, uint32_t n_qdiscs,
	       struct config *c);
/* The same, with all that it takes; nothing is set where that cannot be had. */
void ways_look(struct conn *c, struct config *conf);

/* ---- barrier.c ---- */

#define BARRIER_SUFFIX ".barrier"

/*
 * Stop, without the module, what @c's required prefixes say; not those that
 * @have, if given, guards already. Nothing to stop is no error.
 */
int barrier_close(const char *name, const struct config *c, const struct config *have,
		  struct err *e);
/* The same where the file @conf is wrong: what can be read of it, and what is kept. */
int barrier_close_bad(const char *name, const char *conf, struct err *e);
/* Keep @c's barrier for such a day. */
void barrier_keep(const char *name, const struct config *c);
/* What stands, a sentence with %s for the name, or NULL. */
const char *barrier_stands(const char *name);
/* @tables: of nftables, "" where routing rules stand. Return: does anything? */
#define BARRIER_TABLES_MAX	512
bool barrier_tables(const char *name, char tables[BARRIER_TABLES_MAX]);
/* No barrier is no error. */
int barrier_open(const char *name, struct err *e);

/* ---- fits.c ---- */

/**
 * profile_fits() - would the kernel refuse it, for a profile that comes with the module?
 * @own: a peer's settings, settled
 * @under: the qdisc's, which count where @own has no profile; NULL: none, or not known
 * @advice: what to do about a rate, NULL: that of a file
 * Return: 0, or -1 and a sentence. A profile that was loaded in the place of such a one is not known.
 */
int profile_fits(const struct shape *own, const struct shape *under, const char *advice, struct err *e);
/* The same of all of a file; the sentence names the line. */
int profiles_fit(const struct config *c, struct err *e);
/* Does the kernel say so? */
bool is_misfit(const struct err *e);

/* ---- write.c ---- */

/* As lines of a configuration file: what runs, or one shape's settings. */
void conf_write_node(FILE *f, const struct config *c, const struct qdisc_info *q, uint32_t n,
		     bool show);
void conf_write_peers(FILE *f, const struct config *c, bool show);
void conf_write_shape(FILE *f, const struct shape *s);

/* ---- notes.c ---- */

/* One sentence about a setting that is taken and hardly ever meant; @line: of its file, 0: none. */
typedef void (*note_fn)(unsigned int line, const char *text, void *arg);
void notes_peer(const struct peer *p, note_fn fn, void *arg);
/* Of a peer's own shape: a load that is never reached. */
void notes_policy(const struct shape *s, unsigned int line, note_fn fn, void *arg);
/* A policy whose profiles do not become stronger. */
void notes_order(const struct shape *s, unsigned int line, note_fn fn, void *arg);
/* Of a peer's own shape: a budget that no level of the policy keeps. */
void notes_budget(const struct shape *s, unsigned int line, note_fn fn, void *arg);
/* The same of all of a file, as warnings; @qdisc: is some device known to have it? */
void notes_file(const struct config *c, bool qdisc);

/* ---- bypass.c ---- */

/* What passes the leakguard now: [{"what", "device", "name"}], the last two null if unknown. */
json_t *bypass_list(void);
void bypass_print(FILE *out);

/* ---- state.c ---- */

/*
 * One such command at a time in a network namespace. Waits for LOCK_WAIT seconds.
 * A command of a hook works under the lock of who runs the hook.
 * Return: an fd to be closed, or -1 and a sentence.
 */
int state_lock(struct err *e);
bool state_nested(void);	/* are we within a hook of who holds the lock? */
/*
 * The names that are up or held in this network namespace, with BARRIER_SUFFIX
 * those whose barrier stands; to be str_list_free()d.
 */
int state_names(const char *suffix, struct str_list *names, struct err *e);
/* Path of the state file of @name in this network namespace. */
int state_path(const char *name, char *path, size_t size, struct err *e);
enum state_kind { STATE_NONE, STATE_UP, STATE_HELD };
int state_read(const char *path, enum state_kind *kind, struct config *c, struct err *e);
int state_write(const char *path, enum state_kind kind, const struct config *c, struct err *e);
/*
 * Is a name held in this network namespace? @name: it, and @word: what finds its file again, the name
 * or the file.
 */
bool state_held(char name[65], char word[4096]);
int run_hooks(const struct str_list *hooks, const char *name, struct err *e);
/* All of them, whatever becomes of one: a warning for each that fails. */
void run_all_hooks(const struct str_list *hooks, const char *name);

/* ---- print.c ---- */

/* What is not UTF-8 in @text becomes U+FFFD. */
json_t *json_text(const char *text);
/* What does not fit, a list of words. */
json_t *mismatch_json(uint32_t mismatch);
const char *unprotected_name(uint32_t unprotected);
/* @p: whose it is, with what was counted, or NULL. */
const char *shape_promise(const struct shape *s, const struct peer *p);
/* Bytes of the largest cell that @s uses where the path takes @path, 0: not known. */
uint32_t shape_largest(const struct shape *s, uint32_t path);
const char *shape_cost(const struct shape *s, const struct peer *p, char *buf, size_t size);
void print_node(FILE *f, const struct node *n, bool show_keys);
void print_peer(FILE *f, const struct peer *p, bool show_keys);
/* What is to be warned of, a list of sentences. */
json_t *node_warnings(const struct node *n);
void add_warning(json_t *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* @f: a line each, behind @indent. */
void print_warnings(FILE *f, const char *indent, const json_t *list);
json_t *node_json(const struct node *n, bool show_keys);
json_t *peer_json(const struct peer *p, bool show_keys);
json_t *dscp_json(uint8_t dscp);	/* a number, or "copy" */
json_t *shape_json(const struct shape *s);
json_t *stats_json(const struct peer *p);
json_t *drops_json(const struct drops *d);
json_t *processors_json(const struct processors *p);
json_t *qdisc_json(const struct qdisc_info *q);
json_t *config_json(const struct config *c, const struct qdisc_info *q, uint32_t n, bool show_keys);
/* Did whoever reads standard output leave, within @ms? */
bool reader_left(int ms);
/* One object a line or indented; frees it. */
int json_print(json_t *j, bool line);
const char *ago_text(uint64_t ns, char buf[64]);

#endif /* RTPLCTL_H */
