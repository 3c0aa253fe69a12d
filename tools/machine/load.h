/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Maybenot's machines (version 2) as its library writes them down: "02" and, in
 * base64, what zlib made of bincode's variable-length encoding of struct Machine. Read
 * here into memory, checked, shown, and made the kernel's blob (kmod/core/machine.h).
 */
#ifndef RTPL_TOOLS_MACHINE_LOAD_H
#define RTPL_TOOLS_MACHINE_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define MACHINE_BYTES_MAX	(1 << 20)	/* inflated; the library's limit, too */
#define MACHINE_STRING_MAX	(2 << 20)
#define MACHINE_STATES_MAX	4096
#define MACHINE_EVENTS		13
#define MACHINE_STATE_END	0xffffffffULL
#define MACHINE_STATE_SIGNAL	0xfffffffeULL

struct load_err {
	char text[240];		/* one sentence, names state and field */
};

/* In the encoding's order. */
enum cdf_kind {
	LAW_UNIFORM, LAW_NORMAL, LAW_SKEW_NORMAL, LAW_LOGNORMAL, LAW_BINOMIAL, LAW_GEOMETRIC,
	LAW_PARETO, LAW_POISSON, LAW_WEIBULL, LAW_GAMMA, LAW_BETA, LAW_KINDS
};

/* A sample is moved by start, then kept within 0 and max (where that is above 0). */
struct load_dist {
	bool there;
	enum cdf_kind kind;
	double arg[3];		/* binomial's first: trials */
	double start, max;	/* us or ones */
};

enum load_kind { LOAD_CANCEL, LOAD_PAD, LOAD_BLOCK, LOAD_TIMER, LOAD_KINDS, LOAD_NOTHING };
enum load_timer { LOAD_ACTION, LOAD_INTERNAL, LOAD_ALL, LOAD_TIMERS };
enum load_op { LOAD_INCREMENT, LOAD_DECREMENT, LOAD_SET, LOAD_OPS };

struct load_counter {
	bool there, copy;
	enum load_op op;
	struct load_dist by;	/* not there: 1 */
};

struct load_trans {
	uint64_t to;
	float chance;
};

struct load_state {
	enum load_kind kind;
	enum load_timer timer;	/* cancel */
	bool bypass, replace;
	struct load_dist timeout, duration, limit;
	struct load_counter counter[2];
	uint32_t n[MACHINE_EVENTS];
	bool listed[MACHINE_EVENTS];	/* a list is there, be it empty */
	struct load_trans *trans[MACHINE_EVENTS];
};

struct load_machine {
	uint64_t allowed_padding, allowed_blocked;	/* packets, us */
	double max_padding, max_blocking;		/* 0: none */
	uint32_t n_states;
	struct load_state *state;
};

/**
 * load_string() - a machine of its string
 * @text: the string, without white space around it
 * @len: bytes
 * @m: set on success; load_free() then
 * @err: set to a sentence on error
 *
 * Not checked yet. Memory and work are bounded by MACHINE_BYTES_MAX, whatever the
 * string says it would become.
 *
 * Return: 0 or -1.
 */
int load_string(const char *text, size_t len, struct load_machine *m, struct load_err *err);

/* The same of what the string holds. */
int load_bytes(const uint8_t *p, size_t len, struct load_machine *m, struct load_err *err);
void load_free(struct load_machine *m);

/**
 * load_check() - would the framework run it, and do we?
 * @m: the machine
 * @err: set to a sentence on error
 *
 * Refused as by the framework: no state; chances that are not above 0, or above 1
 * together; lists that are empty, lead to no state or to one twice; parameters that a
 * distribution cannot have; fractions beyond 0 to 1. Refused besides: what is not a
 * number or infinite; samples that are all negative or infinite (the framework takes
 * both as 0); machines that go round for ever without time passing.
 *
 * Return: 0 or -1.
 */
int load_check(const struct load_machine *m, struct load_err *err);

/* The sentence, with the state where it is one's (-1: not). Returns -1. */
int load_fail(struct load_err *err, long state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

void load_print(const struct load_machine *m, FILE *out);

/* ---- tables ---- */

#define TABLE_MAX	1024

enum table_use { TABLE_NS, TABLE_LIMIT, TABLE_COUNT };	/* us to ns; rounded; cut off */

/* As struct rtpl_dist with start 0. */
struct table {
	uint8_t kind;		/* 0 steps, 1 knots */
	uint16_t n;
	int64_t min, max;
	uint64_t p[TABLE_MAX];
	int64_t x[TABLE_MAX];
};

/**
 * dist_table() - a distribution as the kernel samples it
 * @d: checked
 * @use: what the samples are
 * @t: set on success
 * @why: set to a sentence's end (static string) on error
 *
 * Uniform times are exact to 1 ns. Counts have a step for each value that is more
 * likely than 2^-53, if these are not more than 1024; all else are straight lines
 * between quantiles.
 *
 * Return: 0 or -1.
 */
int dist_table(const struct load_dist *d, enum table_use use, struct table *t, const char **why);

/* Are the parameters ones that it can have? Return: 0 or -1 and @why. */
int dist_valid(const struct load_dist *d, const char **why);

/* No sample is more than this (after start and max), in us or ones. */
double dist_most(const struct load_dist *d);
const char *dist_kind_name(enum cdf_kind kind);
int dist_kind_args(enum cdf_kind kind);

/* ---- the blob ---- */

/**
 * load_blob() - what the kernel takes
 * @m: checked
 * @blob: set on success, to be freed; aligned to 8 bytes
 * @len: set on success
 * @err: set to a sentence on error
 *
 * Return: 0 or -1.
 */
int load_blob(const struct load_machine *m, uint8_t **blob, size_t *len, struct load_err *err);

/* The fraction of 2^64 from which on the framework's "a / b >= f" is true. */
uint64_t load_fraction(double f);

#endif /* RTPL_TOOLS_MACHINE_LOAD_H */
