/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From words to values: what the command line, the configuration file and the
 * tc plugin share. Pure: no library but libc, no input or output, no name
 * service. Each parser takes a word and either fills *out or sets a sentence
 * that names the word.
 */
#ifndef RTPLCTL_PARSE_H
#define RTPLCTL_PARSE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <linux/rtpl.h>

#define KEY_TEXT_LEN	44	/* base64 of RTPL_KEY_LEN bytes */
#define HOST_LEN_MAX	255	/* a host's name or address as text */
#define ADDR_TEXT_MAX	80	/* "[address%interface]:port" and a NUL */

/* One sentence about what went wrong; empty: nothing. */
struct err {
	char text[768];
};

/**
 * err_set() - say what went wrong
 * Return: -1 always, so that a parser can end with it.
 */
int err_set(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * quoted() - a word of the input, safe to show: quoted, cut, unprintable bytes as \xNN
 * Return: one of eight static buffers in turn.
 */
const char *quoted(const char *word);

/* " (is X meant?)" for the nearest of @names to @word, or "". Return: a static buffer. */
const char *meant(const char *word, const char * const *names, size_t n);

/* ---- shapes ---- */

#define SHAPE_BIT(attr)	(1U << RTPL_SHAPE_A_##attr)

#define SHAPE_LATENCY	50000000ULL	/* ns, of a constant rate that has none of its own */

/* Numbers as in uapi; only what has its bit in @has counts. */
struct shape {
	uint32_t has;
	uint32_t sizes;
	uint32_t cell;
	uint16_t bucket[RTPL_BUCKETS_MAX];
	uint32_t n_buckets;
	uint32_t sched;
	uint32_t rate;
	uint64_t latency;	/* ns */
	uint32_t limit;
	uint32_t overflow;
	char profile[RTPL_PROFILE_NAME_MAX];	/* "": none */
	uint32_t role;
	char policy[RTPL_POLICY_NAMES_MAX];	/* with single blanks; "": none */
	uint32_t threat;
	uint64_t load;		/* bytes per second, 0 none */
	uint64_t budget;	/* bytes, 0 none */
	uint32_t period;	/* s */
	uint32_t epoch;		/* ms */
	uint32_t calm;
	uint64_t bits;		/* a rate given in bits per second, until shape_settle() */
	char rate_word[32];	/* as given, for the error */
};

/* "device", "pow2", "pow2:MAX", a number, or a list of numbers */
int parse_cell(const char *word, struct shape *s, struct err *e);
/* "off", "0", cells per second ("1000", "1000cps", "1.5kcps") or a bit rate ("10mbit") */
int parse_rate(const char *word, struct shape *s, struct err *e);
/* "off", "0", a number with ns, us, ms or s; a bare number is in @unit ns, or wrong if 0 */
int parse_latency(const char *word, uint64_t unit, struct shape *s, struct err *e);
int parse_limit(const char *word, struct shape *s, struct err *e);
/* "newest", "oldest" */
int parse_overflow(const char *word, struct shape *s, struct err *e);
/* "none", or a profile's name: a-z, 0-9 and "-" */
int parse_profile(const char *word, struct shape *s, struct err *e);
/* "client", "server" */
int parse_role(const char *word, struct shape *s, struct err *e);

/**
 * shape_settle() - turn a bit rate into cells, refuse what contradicts itself
 * @s: as the parsers left it
 * @cell: the size of a cell where @s names none, 0: unknown
 * Return: 0, or -1 and a sentence.
 */
int shape_settle(struct shape *s, uint32_t cell, struct err *e);

/**
 * shape_fits() - would the kernel refuse it?
 * @own: a peer's settings, settled
 * @under: the qdisc's, which count where @own has none; NULL: not known
 * Return: 0, or -1 and a sentence. What goes with a profile only the kernel knows.
 */
int shape_fits(const struct shape *own, const struct shape *under, struct err *e);
bool shape_equal(const struct shape *a, const struct shape *b);

/* Text as the parsers read it back; @buf holds at least SHAPE_TEXT_MAX. */
#define SHAPE_TEXT_MAX	128
const char *cell_text(const struct shape *s, char *buf);
const char *time_text(uint64_t ns, char *buf);

/* ---- policies (parse_policy.c) ---- */

/* What the kernel takes, and what it does by itself. */
#define POLICY_LOAD_MAX		(1ULL << 40)	/* bytes per second */
#define POLICY_BUDGET_MAX	(1ULL << 60)
#define POLICY_PERIOD_MAX	31622400	/* s */
#define POLICY_EPOCH_MIN	1000		/* ms */
#define POLICY_EPOCH_MAX	3600000
#define POLICY_PERIOD		86400
#define POLICY_EPOCH		10000
#define POLICY_CALM		6

/* What goes with a policy. */
#define POLICY_SETTINGS	(SHAPE_BIT(THREAT) | SHAPE_BIT(LOAD) | SHAPE_BIT(BUDGET) |	\
			 SHAPE_BIT(PERIOD) | SHAPE_BIT(EPOCH) | SHAPE_BIT(CALM))

/* "none", or 2 to RTPL_POLICY_MAX names of profiles, blanks or commas between */
int parse_policy(const char *word, struct shape *s, struct err *e);
/* a place in the policy's list, from 0 */
int parse_threat(const char *word, struct shape *s, struct err *e);
/* "off" or a bit rate of data ("10mbit") */
int parse_load(const char *word, struct shape *s, struct err *e);
/* "off" or bytes a time ("2GB/day", "100MB/12h") */
int parse_budget(const char *word, struct shape *s, struct err *e);
/* 1s to 1h, with ms, s, min or h */
int parse_epoch(const char *word, struct shape *s, struct err *e);
/* 1 to 255 epochs */
int parse_calm(const char *word, struct shape *s, struct err *e);

/* Refuse what contradicts itself. @whole: nothing else is set. Return: 0, or -1. */
int policy_settle(const struct shape *s, bool whole, struct err *e);
/* What @have's policy has set and @s's has not: as the kernel does it by itself. */
void policy_defaults(const struct shape *have, struct shape *s);
/* Of a policy's settings, those of @bits. */
bool policy_equal(const struct shape *a, const struct shape *b, uint32_t bits);

/* Text as the parsers read it back; @buf holds at least POLICY_TEXT_MAX. */
#define POLICY_TEXT_MAX	64
const char *load_text(const struct shape *s, char *buf);
const char *budget_text(const struct shape *s, char *buf);
const char *epoch_text(uint32_t ms, char *buf);

/* ---- numbers and words ---- */

/* Decimal digits only: no sign, no blank, no 0x. */
int parse_number(const char *word, uint64_t min, uint64_t max, const char *what,
		 uint64_t *out, struct err *e);
/* "off" */
bool is_off(const char *word);
int parse_port(const char *word, uint16_t *out, struct err *e);
/* "off", decimal or 0x hexadecimal */
int parse_fwmark(const char *word, uint32_t *out, struct err *e);
/* "off" or "none" (empty then), or a device's name as the kernel takes it */
#define DEVICE_LEN_MAX	15
int parse_device(const char *word, char out[DEVICE_LEN_MAX + 1], struct err *e);
/* Whole seconds, "s" or another unit may follow: 25, 25s, 2min */
int parse_seconds(const char *word, uint64_t min, uint64_t max, const char *what, uint64_t *out,
		  struct err *e);
/* seconds or "off" */
/* Of input_times: ns between the two. */
int parse_span(const char *word, uint64_t min, uint64_t max, const char *what, uint64_t *out,
	       struct err *e);
int parse_keepalive(const char *word, uint16_t *out, struct err *e);
/* 0 to 63, or "copy" */
int parse_dscp(const char *word, uint8_t *out, struct err *e);
/* off, ect0, ect1 */
int parse_ecn(const char *word, uint8_t *out, struct err *e);
const char *ecn_text(uint8_t ecn);
/* "none", or a peer's name: UTF-8 without control characters, "#" and blanks at its ends */
int parse_name(const char *word, char name[RTPL_NAME_MAX], struct err *e);
/* Bytes of the UTF-8 character at @s, 0 if there is none. */
size_t utf8_char(const char *s);
/* on, off, yes, no, true, false */
int parse_switch(const char *word, const char *what, bool *out, struct err *e);
/* pass, drop */
int parse_unprotected(const char *word, uint32_t *out, struct err *e);

/* ---- keys ---- */

/* Constant time in the key's bits. */
int parse_key(const char *word, uint8_t key[RTPL_KEY_LEN], const char *what, struct err *e);
/* The name of a file that holds a key for @what; a key itself, right or nearly so, is refused. */
int parse_key_file(const char *word, const char *what, struct err *e);
void key_text(const uint8_t key[RTPL_KEY_LEN], char text[KEY_TEXT_LEN + 1]);
bool key_is_zero(const uint8_t key[RTPL_KEY_LEN]);

/* ---- addresses ---- */

struct prefix {
	uint8_t addr[16];	/* network order, 4 or 16 bytes used */
	uint8_t family;		/* AF_INET, AF_INET6 */
	uint8_t len;
	unsigned int line;	/* of a file, for errors */
};

struct prefixes {
	struct prefix *p;
	uint32_t n;
	uint32_t room;
};

struct endpoint {
	char host[HOST_LEN_MAX + 1];	/* a name, or empty where @sa is known */
	uint16_t port;
	union {
		struct sockaddr sa;	/* sa_family 0: @host is still to be resolved */
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	};
};

/* ADDRESS[/LENGTH]; without length the whole address. */
int parse_prefix(const char *word, struct prefix *out, struct err *e);
/* Comma list or "none"; appends. On error the list is as it was. */
int parse_prefixes(const char *list, struct prefixes *out, struct err *e);
int prefix_compare(const void *a, const void *b);	/* for qsort() and bsearch() */
const char *prefix_text(const struct prefix *p, char buf[ADDR_TEXT_MAX]);
/* Append one. */
int prefix_add(struct prefixes *out, const struct prefix *p, struct err *e);
void prefixes_free(struct prefixes *p);

/* HOST:PORT or [IPV6]:PORT; names stay names. */
int parse_endpoint(const char *word, struct endpoint *out, struct err *e);
/* Is this an address that a peer can have? */
int endpoint_check(const struct endpoint *ep, const char *word, struct err *e);
const char *endpoint_text(const struct sockaddr *sa, char buf[ADDR_TEXT_MAX]);
bool endpoint_equal(const struct sockaddr *a, const struct sockaddr *b);

#endif /* RTPLCTL_PARSE_H */
