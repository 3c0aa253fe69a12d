/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Profiles as text: everything that shapes a link, one file. Read here, checked, shown,
 * and made the kernel's blob (its layout: kmod/core/profile.h). rtpl-profile(5) has the
 * language; tools/profile/profiles/ has those that come with it.
 */
#ifndef RTPL_TOOLS_PROFILE_H
#define RTPL_TOOLS_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../dist/dp.h"

#define PROFILE_NAME	32		/* with the 0: a-z, 0-9, "-" */
#define PROFILE_ABOUT	100
#define PROFILE_SIZE	(1024 * 1024)	/* bytes of a blob, at most */
#define PROFILE_TEXT	(4 * 1024 * 1024)	/* of a text */
#define PROFILE_BUCKETS	16
#define PROFILE_RATES	16
#define PROFILE_MACHINES 8
#define PROFILE_BINS	64
#define PROFILE_EDGES	32
#define PROFILE_ROWS	8192
#define PROFILE_CHOICES	32768
#define PROFILE_NONE	UINT32_MAX	/* of an overhead limit */

struct profile_err {
	char text[640];		/* "FILE:LINE: Setting: reason" */
};

enum profile_end { PROFILE_CLIENT, PROFILE_SERVER, PROFILE_ENDS };
#define PROFILE_BOTH	3

/* Numbers as in the kernel's enums of the same names. */
enum profile_sizes { SIZES_DEVICE, SIZES_FIXED, SIZES_POW2, SIZES_BUCKETS };
enum profile_sched { SCHED_ASAP, SCHED_CONST, SCHED_JITTER, SCHED_INTERVAL, SCHED_LADDER,
		     SCHED_REGULATOR, SCHED_TAMARAW, SCHED_DP, SCHED_EXCHANGE, SCHED_KINDS };
enum profile_chaff { CHAFF_NONE, CHAFF_COVER, CHAFF_BIP324, CHAFF_WTFPAD, CHAFF_FRONT,
		     CHAFF_KINDS };
enum profile_mode { MODE_OFF, MODE_FIXED, MODE_RANDOM };
enum profile_wtfpad_flags { WTFPAD_DATA_STOPS = 1, WTFPAD_GAP_STOPS = 2, WTFPAD_ON_CHAFF = 4 };

/* A distribution; no table: none. */
struct profile_cdf {
	struct dist_table *t;
	char *text;
};

struct profile_gap {		/* of chaff */
	enum profile_mode mode;
	uint64_t ns;
	struct profile_cdf cdf;
};

struct profile_hist {
	uint8_t n;		/* 0: none */
	uint16_t infinity;
	uint16_t tokens[PROFILE_BINS];
	uint64_t edge[PROFILE_BINS];
};

/* As in kmod/core/exchange.h; a key as its bytes, behind the table's number. */
struct profile_row {
	uint8_t table, key[5];		/* up, target, plan, slots, down */
	uint16_t n;
	uint32_t first;
	unsigned int line;
};

struct profile_choice {
	uint32_t upto;
	uint8_t to, volume;
};

struct profile_exchange {
	uint16_t small, cover, start, grow, most;
	uint8_t every, spread, linger;
	int n_up, n_down, n_slots;
	uint64_t pace_ns, slot_ns, reply_ns, idle_ns;
	uint32_t up[PROFILE_EDGES], down[PROFILE_EDGES], slots[PROFILE_EDGES];
	uint32_t n_rows, n_choices, choice_room;
	struct profile_row *row;	/* ascending once read */
	struct profile_choice *choice;
	unsigned int line, line_up, line_down;
};

/* Fields as in kmod/core/sched.h. */
struct profile_schedule {
	enum profile_sched kind;
	uint32_t rate;			/* const, regulator */
	uint64_t longest_ns;		/* jitter */
	uint64_t period_ns;		/* interval, tamaraw */
	uint64_t idle_ns;		/* tamaraw's quiet, regulator */
	uint16_t cells;			/* interval, tamaraw */
	bool chaff;			/* interval */
	struct profile_cdf cdf;		/* jitter, interval; ladder: noise, cells/s */
	/* ladder */
	uint32_t rates[PROFILE_RATES];
	uint8_t n_rates, first, growth;
	uint16_t up, down;
	uint64_t epoch_ns, epoch_max_ns;
	uint32_t average_us;		/* 0: none */
	uint8_t steps_up, steps_down;
	/* regulator */
	uint16_t warm_cells;
	uint32_t warm_rate, floor, threshold, budget, ratio;
	uint64_t half_ns, cap_ns;
	uint32_t multiple;		/* tamaraw */
	unsigned int line;
};

/* Fields as in kmod/core/chaff.h. */
struct profile_padding {
	enum profile_chaff kind;
	uint64_t idle_ns;		/* cover */
	struct profile_gap gap;		/* cover, bip324 */
	enum profile_mode padding;	/* bip324 */
	uint8_t count;
	uint32_t chance;
	uint8_t removal, flags;		/* wtfpad */
	struct profile_hist hist[2][2];	/* sent, received; burst, gap */
	uint16_t min, max;		/* front */
	uint64_t window_min_ns, window_max_ns, silence_ns;
	unsigned int line;
};

struct profile_machine {
	uint8_t *blob;			/* of kmod/core/machine.h */
	size_t len;
	uint32_t states;
	bool blocks, shared;		/* shared: the other end's, too */
	unsigned int line;
};

struct profile_side {
	struct profile_schedule sched;
	struct profile_padding chaff;
	struct profile_machine machine[PROFILE_MACHINES];
	uint8_t n_machines;
	double max_padding, max_blocking;	/* fractions, 0: none */
	unsigned int machines_line;
};

struct profile {
	char name[PROFILE_NAME], about[PROFILE_ABOUT];
	enum profile_sizes sizes;
	uint16_t cell, bucket[PROFILE_BUCKETS];
	uint8_t n_buckets, n_messages;
	uint32_t message[PROFILE_BUCKETS];
	struct profile_cdf noise;
	uint64_t latency_ns;		/* 0: none */
	uint32_t limit;
	bool oldest;			/* overflow */
	uint32_t overhead, free;	/* thousandths or PROFILE_NONE; bytes */
	uint64_t rate, window_ns;
	bool private;			/* a schedule is of that kind */
	struct dp_want want;
	struct dp_plan *plan;
	uint64_t dp_window_ns;
	uint32_t dp_min, dp_max;	/* grains */
	bool hold;
	struct profile_exchange *exchange;	/* a schedule is of that kind */
	struct profile_side end[PROFILE_ENDS];
	unsigned int line_sizes, line_messages, line_link, line_limits, line_private;
};

/**
 * profile_read() - a text as a profile
 * @text: @len bytes; need not end in 0
 * @file: for errors
 * @p: set on success; profile_free() then
 * @err: set to "FILE:LINE: Setting: reason" on error
 *
 * Checks what the kernel checks, and what only a text can tell: machines that go round
 * for ever, epsilon, and so on. What it takes the kernel takes. Work is bounded; a
 * private window's plan takes some hundred ms.
 *
 * Return: 0 or -1.
 */
int profile_read(const char *text, size_t len, const char *file, struct profile *p,
		 struct profile_err *err);
void profile_free(struct profile *p);

/**
 * profile_blob() - what the kernel takes
 * @p: as read
 * @blob: set on success, to be freed; aligned to 8 bytes
 * @len: set on success
 * @err: set on error: no memory, or more than PROFILE_SIZE bytes
 *
 * Return: 0 or -1.
 */
int profile_blob(const struct profile *p, uint8_t **blob, size_t *len, struct profile_err *err);

/* The delay that an end's schedule adds to a lone cell at most, ns. */
uint64_t profile_delay(const struct profile *p, enum profile_end end);
/* Does its schedule fill every slot? */
bool profile_fills(const struct profile *p, enum profile_end end);

/* ---- those that come with it ---- */

struct profile_text {
	const char *name, *text;
};

extern const struct profile_text profile_texts[];	/* a name of NULL ends them */
const struct profile_text *profile_find(const char *name);	/* or NULL */

/**
 * profile_get() - the text of a profile
 * @word: one that comes with it by name, or a file (a "/" or "." in it)
 * @file: set to what errors call it: @word or "NAME.profile"
 * @text: set on success, to be freed
 * @len: set on success
 *
 * Return: 0 or -1 and @err.
 */
int profile_get(const char *word, char file[256], char **text, size_t *len,
		struct profile_err *err);

/**
 * profile_compile() - profile_get(), profile_read() and profile_blob() in one
 * @word: as above
 * @name: set on success: the profile's name
 * @blob: set on success, to be freed
 * @len: set on success
 *
 * Return: 0 or -1 and a sentence in @err.
 */
int profile_compile(const char *word, char name[PROFILE_NAME], uint8_t **blob, size_t *len,
		    struct profile_err *err);

#endif /* RTPL_TOOLS_PROFILE_H */
