/* SPDX-License-Identifier: GPL-2.0 */
/* The text's sections and settings, and values out of them; read.c and profile.c's own. */
#ifndef RTPL_TOOLS_PROFILE_READ_H
#define RTPL_TOOLS_PROFILE_READ_H

#include "profile.h"

#define SETTINGS_MAX	64	/* of a section that has no rows */
#define SECTIONS_MAX	64

enum section_kind { IN_PROFILE, IN_SIZES, IN_LINK, IN_LIMITS, IN_SCHEDULE, IN_CHAFF, IN_MACHINE,
		    IN_MACHINES, IN_ASK, IN_PLAN, IN_ANSWER, SECTION_KINDS };

struct setting {
	const char *name;
	char *value;
	unsigned int line;
	bool used;
};

struct section {
	enum section_kind kind;
	uint8_t ends;		/* bits of enum profile_end */
	unsigned int line;
	int n, room;
	struct setting *s;
	uint16_t *slot;		/* by a hash of the name: numbers of settings + 1; 4 for each that fits */
	int n_asked;		/* settings that there are, in the order of asking */
	const char *asked[SETTINGS_MAX];
};

struct text {
	char *copy;		/* what names and values lie in */
	const char *file;
	struct profile_err *err;
	int n;
	struct section *sec;
	char *scratch;		/* for exchange.c */
};

int text_split(struct text *t, const char *text, size_t len);
void text_free(struct text *t);

/* The sentence, at a line. Return: -1. */
int text_fail(struct text *t, unsigned int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What is quoted of the text: cut, keys hidden. Return: one of four static buffers in turn. */
const char *shown(const char *word);
/* There is a setting of this name, which lasts: one may be meant that is nearly so. */
void text_known(struct section *s, const char *name);
/* A setting that nobody has asked for does not belong there. @of: "a jitter schedule", say. */
int text_rest(struct text *t, struct section *s, const char *of);
const char *section_title(const struct section *s);

/*
 * Values. Each takes a setting's name; not there: *v stays as it is, and with NEED
 * set it is an error. Return: 0, -1, or 1 where it is not there.
 */
#define NEED	true
#define MAY	false
struct setting *text_find(struct section *s, const char *name);
int get_text(struct text *t, struct section *s, const char *name, bool need, const char **v);
int get_number(struct text *t, struct section *s, const char *name, bool need, uint64_t low,
	       uint64_t high, uint64_t *v);
/* A number with ns, us, ms, s, min; "off" is 0 where @low is 0. */
int get_time(struct text *t, struct section *s, const char *name, bool need, uint64_t low,
	     uint64_t high, uint64_t *v);
/* A number of @units ("bytes"), which may be left out, k and M before it. */
int get_count(struct text *t, struct section *s, const char *name, const char *units, bool need,
	      uint64_t low, uint64_t high, uint64_t *v);
/* In percent ("%"), as a fraction. */
int get_percent(struct text *t, struct section *s, const char *name, bool need, double high,
		double *v);
int get_real(struct text *t, struct section *s, const char *name, bool need, double *v);
int get_switch(struct text *t, struct section *s, const char *name, bool need, bool *v);
/* One of @words (the last is NULL), as its number. */
int get_word(struct text *t, struct section *s, const char *name, bool need,
	     const char *const *words, int *v);
/* Numbers by comma; ascending. */
int get_list(struct text *t, struct section *s, const char *name, const char *units, bool need,
	     uint64_t low, uint64_t high, int most, uint64_t *v, int *n);
/* "LOW - HIGH", both by @get of one word; a lone one is both. */
int get_times(struct text *t, struct section *s, const char *name, bool need, uint64_t low,
	      uint64_t high, uint64_t *a, uint64_t *b);
/* A distribution with the unit of its numbers behind it (@bytes: none); samples within low ... high. */
int get_cdf(struct text *t, struct section *s, const char *name, bool need, bool bytes,
	    int64_t low, int64_t high, struct profile_cdf *v);
/* Off, a time, or a distribution. */
int get_gap(struct text *t, struct section *s, const char *name, bool need,
	    struct profile_gap *v);
int get_hist(struct text *t, struct section *s, const char *name, struct profile_hist *v);

/* exchange.c */
int read_exchange(struct text *t, struct section *s, struct profile *p);
int read_rows(struct text *t, struct section *s, struct profile *p);
int sort_rows(struct text *t, struct profile_exchange *x);

/* Kinds of schedules by their numbers; the last is NULL. */
extern const char *const profile_sched_kinds[];

/* check.c: do the parts go together? */
int profile_check(struct text *t, const struct profile *p);

#endif /* RTPL_TOOLS_PROFILE_READ_H */
