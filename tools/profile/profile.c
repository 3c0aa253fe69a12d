// SPDX-License-Identifier: GPL-2.0
/* Sections and their settings as a profile. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../input/input.h"
#include "../machine/load.h"
#include "read.h"

#define US		1000ULL
#define MS		1000000ULL
#define SEC		1000000000ULL
#define RATE_MAX	500000	/* cells a second; this and the following as in the core */
#define CELL_MIN	64
#define HANDSHAKE_MIN	256
#define CELL_MAX	9000
#define LATENCY_MAX	(10 * SEC)
#define TICK_MIN	(50 * US)
#define SPAN_MAX	(1ULL << 55)
#define AVERAGE_MAX	(3600 * SEC)
#define GAP_MIN		(10 * US)
#define GAP_MAX		(3600 * SEC)

/* ---- the link ---- */

static int read_profile(struct text *t, struct section *s, struct profile *p)
{
	const char *name = NULL, *about = NULL;

	if (get_text(t, s, "Name", NEED, &name) || get_text(t, s, "About", NEED, &about))
		return -1;
	if (strlen(name) >= PROFILE_NAME ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name))
		return text_fail(t, text_find(s, "Name")->line,
				 "Name: \"%.40s\" is not 1 to 31 of a-z, 0-9 and \"-\"", name);
	if (!strcmp(name, "none"))
		return text_fail(t, text_find(s, "Name")->line, "Name: none is what a peer without a profile has");
	if (strlen(about) >= PROFILE_ABOUT)
		return text_fail(t, text_find(s, "About")->line, "About: it is longer than %d bytes",
				 PROFILE_ABOUT - 1);
	strcpy(p->name, name);
	strcpy(p->about, about);
	return text_rest(t, s, "[Profile]");
}

/* "device", "pow2", "pow2:MAX", a number, or a list of them: as rtplctl's. */
static int read_cell(struct text *t, struct section *s, struct profile *p)
{
	struct setting *set = text_find(s, "Cell");
	uint64_t v[PROFILE_BUCKETS], most;
	const char *end;
	int n;

	text_known(s, "Cell");
	p->sizes = SIZES_DEVICE;
	if (!set)
		return 0;
	set->used = true;
	if (!strcasecmp(set->value, "device"))
		return 0;
	if (!strncasecmp(set->value, "pow2", 4)) {
		p->sizes = SIZES_POW2;
		if (!set->value[4])
			return 0;
		if (set->value[4] != ':' || !input_digits(set->value + 5, &end, &most) || *end ||
		    most < HANDSHAKE_MIN || most > CELL_MAX)
			return text_fail(t, set->line, "Cell: \"%.40s\" is not pow2:MAX, MAX 256 to 9000",
					 set->value);
		p->cell = most;
		return 0;
	}
	if (get_list(t, s, "Cell", "bytes", NEED, CELL_MIN, CELL_MAX, PROFILE_BUCKETS, v, &n))
		return -1;
	if (v[n - 1] < HANDSHAKE_MIN)
		return text_fail(t, set->line, "Cell: %s%llu bytes are too few for a handshake, which needs %d",
				 n > 1 ? "the largest size's " : "", (unsigned long long)v[n - 1],
				 HANDSHAKE_MIN);
	if (n == 1) {
		p->sizes = SIZES_FIXED;
		p->cell = v[0];
		return 0;
	}
	p->sizes = SIZES_BUCKETS;
	p->n_buckets = n;
	for (int i = 0; i < n; i++)
		p->bucket[i] = v[i];
	return 0;
}

static int zero_cdf(struct text *t, struct profile_cdf *cdf)
{
	struct dist_spec spec;
	char err[DIST_ERR];

	cdf->t = calloc(1, sizeof(*cdf->t));
	cdf->text = strdup("none");
	if (!cdf->t || !cdf->text || dist_parse("const:0 min=0 max=0", &spec, err) ||
	    dist_build(&spec, 1, cdf->t, err))
		return text_fail(t, 0, "no memory");
	return 0;
}

static int read_sizes(struct text *t, struct section *s, struct profile *p)
{
	uint64_t v[PROFILE_BUCKETS];
	int n = 0, rc;

	p->line_sizes = s->line;
	if (read_cell(t, s, p))
		return -1;
	if (get_list(t, s, "Messages", "bytes", MAY, 1, 131072, PROFILE_BUCKETS, v, &n) < 0)
		return -1;
	if (n) {
		p->line_messages = text_find(s, "Messages")->line;
		p->n_messages = n;
		for (int i = 0; i < n; i++)
			p->message[i] = v[i];
		rc = get_cdf(t, s, "Noise", MAY, true, 0, 131072, &p->noise);
		if (rc < 0 || (rc && zero_cdf(t, &p->noise)))
			return -1;
	} else if (text_find(s, "Noise")) {
		return text_fail(t, text_find(s, "Noise")->line,
				 "Noise: it is added to sizes of messages, but there is no Messages");
	}
	return text_rest(t, s, "[Sizes]");
}

static int read_link(struct text *t, struct section *s, struct profile *p)
{
	static const char *const ends[] = { "newest", "oldest", NULL };
	uint64_t limit = p->limit;
	int oldest = 0;

	p->line_link = s->line;
	if (get_time(t, s, "Latency", MAY, 0, LATENCY_MAX, &p->latency_ns) < 0 ||
	    get_count(t, s, "Limit", "packets", MAY, 1, 65536, &limit) < 0 ||
	    get_word(t, s, "Overflow", MAY, ends, &oldest) < 0)
		return -1;
	p->limit = limit;
	p->oldest = oldest;
	return text_rest(t, s, "[Link]");
}

static int read_limits(struct text *t, struct section *s, struct profile *p)
{
	double overhead = 0;
	uint64_t bytes = 0;
	int rc;

	p->line_limits = s->line;
	rc = get_percent(t, s, "Overhead", MAY, 100, &overhead);
	if (rc < 0)
		return -1;
	if (!rc)
		p->overhead = (uint32_t)lround(overhead * 1000);
	rc = get_count(t, s, "Free", "bytes", MAY, 0, UINT32_MAX, &bytes);
	if (rc < 0)
		return -1;
	if (!rc && p->overhead == PROFILE_NONE)
		return text_fail(t, text_find(s, "Free")->line,
				 "Free: there is no Overhead that these bytes are free of");
	p->free = bytes;
	if (get_count(t, s, "Rate", "bytes/s", MAY, 1, 1ULL << 46, &p->rate) < 0 ||
	    get_time(t, s, "Window", MAY, 16 * MS, GAP_MAX, &p->window_ns) < 0)
		return -1;
	return text_rest(t, s, "[Limits]");
}

/* ---- schedules ---- */

/* What makes a ladder slow: nothing without an average. */
static int read_average(struct text *t, struct section *s, struct profile_schedule *v)
{
	uint64_t average = 0, up = 1, down = 1;
	struct setting *alone;
	int rc;

	rc = get_time(t, s, "Average", MAY, v->epoch_ns, AVERAGE_MAX, &average);
	if (rc < 0 || get_number(t, s, "StepsUp", MAY, 1, PROFILE_RATES - 1, &up) < 0 ||
	    get_number(t, s, "StepsDown", MAY, 1, PROFILE_RATES - 1, &down) < 0)
		return -1;
	alone = text_find(s, "StepsUp") ?: text_find(s, "StepsDown") ?: text_find(s, "Noise");
	if (rc && alone)
		return text_fail(t, alone->line, "%s: only a ladder with an Average has it",
				 alone->name);
	if (rc)
		return 0;
	v->average_us = (average + US - 1) / US;
	v->steps_up = up;
	v->steps_down = down;
	return get_cdf(t, s, "Noise", MAY, true, -RATE_MAX, RATE_MAX, &v->cdf) < 0 ? -1 : 0;
}

static int read_ladder(struct text *t, struct section *s, struct profile_schedule *v)
{
	uint64_t rates[PROFILE_RATES], first, growth = 1;
	double up = 0.9, down = 0;
	int n = 0, i;

	if (get_list(t, s, "Rates", "cells/s", NEED, 1, RATE_MAX, PROFILE_RATES, rates, &n))
		return -1;
	first = rates[0];
	if (get_count(t, s, "First", "cells/s", MAY, 1, RATE_MAX, &first) < 0 ||
	    get_percent(t, s, "Up", MAY, 1, &up) < 0 ||
	    get_percent(t, s, "Down", NEED, 1, &down) < 0 ||
	    get_time(t, s, "Epoch", NEED, TICK_MIN, SPAN_MAX, &v->epoch_ns) < 0 ||
	    get_number(t, s, "Growth", MAY, 1, 256, &growth) < 0)
		return -1;
	if (n < 2)
		return text_fail(t, text_find(s, "Rates")->line, "Rates: a ladder has 2 to 16");
	for (i = 0; i < n; i++)
		v->rates[i] = rates[i];
	v->n_rates = n;
	for (i = 0; i < n && rates[i] != first; i++)
		;
	if (i == n)
		return text_fail(t, text_find(s, "First")->line, "First: %llu is not one of the Rates",
				 (unsigned long long)first);
	v->first = i;
	if (growth & (growth - 1))
		return text_fail(t, text_find(s, "Growth")->line, "Growth: it is a power of two, 1 to 256");
	v->growth = __builtin_ctzll(growth);
	v->up = lround(up * 1000);
	v->down = lround(down * 1000);
	if (!v->down || v->down >= v->up)
		return text_fail(t, text_find(s, "Down")->line, "Down: it is not above 0 and below Up");
	for (i = 1; i < n; i++)
		if (v->down * rates[i] > v->up * rates[i - 1])
			return text_fail(t, text_find(s, "Rates")->line,
					 "Rates: %llu and %llu are too far apart for Up and Down: a need between them would change the rate at every border",
					 (unsigned long long)rates[i - 1],
					 (unsigned long long)rates[i]);
	/* One slot of the lowest rate: faster ones send several cells in one. */
	if (v->epoch_ns < (SEC + rates[0] - 1) / rates[0])
		return text_fail(t, text_find(s, "Epoch")->line,
				 "Epoch: it is shorter than a slot of the lowest rate");
	if (read_average(t, s, v))
		return -1;
	if (!v->growth)
		return 0;
	return get_time(t, s, "LongestEpoch", NEED, v->epoch_ns, SPAN_MAX, &v->epoch_max_ns);
}

static int read_regulator(struct text *t, struct section *s, struct profile_schedule *v)
{
	uint64_t rate = 0, floor = 1, budget = 0, warm = 0, warm_rate = 0;
	double decay = 1, threshold = 0, ratio = 0, half;
	const char *off = NULL;

	v->idle_ns = 5 * SEC;
	if (text_find(s, "Decay") && !strcmp(text_find(s, "Decay")->value, "off"))
		get_text(t, s, "Decay", NEED, &off);
	else if (get_real(t, s, "Decay", NEED, &decay))
		return -1;
	if (get_count(t, s, "Rate", "cells/s", NEED, 1, RATE_MAX, &rate) ||
	    get_count(t, s, "Floor", "cells/s", MAY, 1, RATE_MAX, &floor) < 0 ||
	    get_real(t, s, "Threshold", NEED, &threshold) ||
	    get_count(t, s, "Budget", "cells", NEED, 0, UINT32_MAX, &budget) ||
	    get_real(t, s, "Ratio", NEED, &ratio) ||
	    get_time(t, s, "Cap", NEED, 1, LATENCY_MAX, &v->cap_ns) ||
	    get_count(t, s, "WarmCells", "cells", MAY, 0, UINT16_MAX, &warm) < 0 ||
	    get_time(t, s, "Idle", MAY, MS, SPAN_MAX, &v->idle_ns) < 0)
		return -1;
	if (warm && get_count(t, s, "WarmRate", "cells/s", NEED, 1, 20000, &warm_rate))
		return -1;
	if (floor > rate)
		return text_fail(t, text_find(s, "Floor")->line, "Floor: it is above the Rate");
	if (!(threshold >= 0.001 && threshold <= 1000))
		return text_fail(t, text_find(s, "Threshold")->line,
				 "Threshold: it is not between 0.001 and 1000 (times the rate)");
	if (!(ratio >= 1 && ratio <= 1000))
		return text_fail(t, text_find(s, "Ratio")->line, "Ratio: it is not between 1 and 1000");
	if (!off) {
		half = decay > 0 && decay < 1 ? M_LN2 / -log(decay) : 0;
		if (!(half >= 1e-3 && half <= 1099.511627776))
			return text_fail(t, text_find(s, "Decay")->line,
					 "Decay: it is the part of the rate that is left after 1 s, above 0 and below 1, its half-life 1 ms to 1099 s");
		v->half_ns = (uint64_t)llround(half * SEC);
	}
	v->rate = rate;
	v->floor = floor;
	v->budget = budget;
	v->warm_cells = warm;
	v->warm_rate = warm_rate;
	v->threshold = lround(threshold * 1000);
	v->ratio = lround(ratio * 1000);
	return 0;
}

static int read_slots(struct text *t, struct section *s, struct profile_schedule *v)
{
	uint64_t cells = 1, multiple = 0;

	if (get_time(t, s, "Period", NEED, TICK_MIN, LATENCY_MAX, &v->period_ns) ||
	    get_number(t, s, "Cells", MAY, 1, 32, &cells) < 0)
		return -1;
	v->cells = cells;
	if (v->kind == SCHED_INTERVAL)
		return get_switch(t, s, "Chaff", NEED, &v->chaff) ||
		       get_cdf(t, s, "Jitter", MAY, false, 0, v->period_ns, &v->cdf) < 0 ? -1 : 0;
	if (get_count(t, s, "Multiple", "cells", NEED, 1, 1000000, &multiple) ||
	    get_time(t, s, "Quiet", NEED, 0, SPAN_MAX, &v->idle_ns))
		return -1;
	if (multiple % cells)
		return text_fail(t, text_find(s, "Multiple")->line,
				 "Multiple: it is not a multiple of Cells");
	v->multiple = multiple;
	return 0;
}

static int read_private(struct text *t, struct section *s, struct profile *p)
{
	static const char *const mechanisms[] = { "laplace", "skellam", NULL };
	static const char *const spent[] = { "go-on", "full", NULL };
	uint64_t sensitivity = 0, grain = 1, burst = 1, least = 0, most = 0;
	struct dp_want *w = &p->want;
	char err[DIST_ERR], field[32];
	int mechanism = 0, full = 0;
	struct setting *set;
	const char *why;

	if (p->private)
		return text_fail(t, s->line, "%s: there is one private window: write it once, in [Schedule]",
				 section_title(s));
	p->private = true;
	p->line_private = s->line;
	if (get_word(t, s, "Mechanism", NEED, mechanisms, &mechanism) ||
	    get_real(t, s, "Epsilon", NEED, &w->epsilon) ||
	    get_real(t, s, "Delta", NEED, &w->delta) ||
	    get_count(t, s, "Sensitivity", "bytes", NEED, 1, UINT32_MAX, &sensitivity) ||
	    get_count(t, s, "Grain", "bytes", MAY, 1, 1 << 20, &grain) < 0 ||
	    get_count(t, s, "Burst", "windows", MAY, 1, UINT32_MAX, &burst) < 0 ||
	    get_time(t, s, "Window", NEED, 100 * US, 60 * SEC, &p->dp_window_ns) ||
	    get_count(t, s, "Least", "bytes", MAY, 0, 1ULL << 40, &least) < 0 ||
	    get_count(t, s, "Most", "bytes", NEED, 1, 1ULL << 40, &most) ||
	    get_word(t, s, "Spent", MAY, spent, &full) < 0)
		return -1;
	if (!(w->epsilon > 0))
		return text_fail(t, text_find(s, "Epsilon")->line, "Epsilon: it is not above 0");
	if (least % grain || most % grain)
		return text_fail(t, s->line, "[Schedule]: Least and Most are not multiples of the Grain");
	if (least > most)
		return text_fail(t, text_find(s, "Least")->line, "Least: it is above Most");
	if (most / grain > 1 << 20)
		return text_fail(t, text_find(s, "Most")->line, "Most: it is above 1048576 grains");
	p->dp_min = least / grain;
	p->dp_max = most / grain;
	p->hold = full;
	w->mechanism = mechanism;
	w->sensitivity = sensitivity;
	w->grain = grain;
	w->burst = burst;
	p->plan = calloc(1, sizeof(*p->plan));
	if (!p->plan)
		return text_fail(t, s->line, "no memory");
	if (dp_plan_make(w, p->plan, err)) {
		/* "[mechanism: ]field: what is wrong", the fields called as the settings. */
		why = err;
		if (!strncmp(err, "laplace: ", 9) || !strncmp(err, "skellam: ", 9))
			why += 9;
		snprintf(field, sizeof(field), "%.*s", (int)strcspn(why, ":"), why);
		set = text_find(s, field);
		if (set)
			return text_fail(t, set->line, "%s%s", set->name, why + strlen(field));
		return text_fail(t, s->line, "%s: %s", section_title(s), err);
	}
	if (w->burst > p->plan->windows)
		return text_fail(t, s->line, "%s: Burst: the account ends before, after %llu windows",
				 section_title(s), (unsigned long long)p->plan->windows);
	return 0;
}

const char *const profile_sched_kinds[] = { "as-it-comes", "constant", "jitter", "interval", "ladder",
					   "regulator", "tamaraw", "private", "exchange", NULL };

static int read_schedule(struct text *t, struct section *s, struct profile *p,
			 struct profile_schedule *v)
{
	int kind = 0, rc = 0;
	uint64_t rate = 0;
	char of[48];

	if (get_word(t, s, "Kind", NEED, profile_sched_kinds, &kind))
		return -1;
	v->kind = kind;
	v->line = s->line;
	switch (v->kind) {
	case SCHED_CONST:
		rc = get_count(t, s, "Rate", "cells/s", NEED, 1, RATE_MAX, &rate);
		v->rate = rate;
		break;
	case SCHED_JITTER:
		rc = get_time(t, s, "Longest", NEED, 1, LATENCY_MAX, &v->longest_ns) ||
		     get_cdf(t, s, "Hold", NEED, false, INT64_MIN, INT64_MAX, &v->cdf);
		break;
	case SCHED_INTERVAL:
	case SCHED_TAMARAW:
		rc = read_slots(t, s, v);
		break;
	case SCHED_LADDER:
		rc = read_ladder(t, s, v);
		break;
	case SCHED_REGULATOR:
		rc = read_regulator(t, s, v);
		break;
	case SCHED_DP:
		rc = read_private(t, s, p);
		break;
	case SCHED_EXCHANGE:
		rc = read_exchange(t, s, p);
		break;
	default:
		break;
	}
	snprintf(of, sizeof(of), "a schedule of kind %s", profile_sched_kinds[kind]);
	return rc ? -1 : text_rest(t, s, of);
}

/* ---- chaff ---- */

static int read_bip324(struct text *t, struct section *s, struct profile_padding *v)
{
	static const char *const modes[] = { "off", "fixed", "random", NULL };
	uint64_t count = 0;
	double chance = 0;
	int mode = 0;

	if (get_word(t, s, "Padding", NEED, modes, &mode) ||
	    (mode && get_number(t, s, "Count", NEED, 1, 16, &count)) ||
	    (mode == MODE_RANDOM && get_percent(t, s, "Chance", NEED, 1, &chance)) ||
	    get_gap(t, s, "Background", MAY, &v->gap) < 0)
		return -1;
	v->padding = mode;
	v->count = count;
	if (mode == MODE_RANDOM) {
		v->chance = chance >= 1 ? UINT32_MAX : (uint32_t)llround(chance * 4294967296.0);
		if (!v->chance)
			return text_fail(t, text_find(s, "Chance")->line, "Chance: it is 0");
	}
	if (!mode && v->gap.mode == MODE_OFF)
		return text_fail(t, s->line, "%s: neither Padding nor Background is on",
				 section_title(s));
	return 0;
}

static int read_wtfpad(struct text *t, struct section *s, struct profile_padding *v)
{
	static const char *const removals[] = { "keep", "lower", "higher", NULL };
	static const char *const names[2][2] = { { "SentBurst", "SentGap" },
						 { "ReceivedBurst", "ReceivedGap" } };
	bool data = false, gap = false, chaff = false;
	int removal = 1;

	for (int i = 0; i < 4; i++)
		if (get_hist(t, s, names[i / 2][i % 2], &v->hist[i / 2][i % 2]) < 0)
			return -1;
	if (!v->hist[0][0].n && !v->hist[1][0].n)
		return text_fail(t, s->line, "%s: WTF-PAD needs a histogram of bursts: SentBurst or ReceivedBurst",
				 section_title(s));
	if (get_word(t, s, "Removal", MAY, removals, &removal) < 0 ||
	    get_switch(t, s, "DataStops", MAY, &data) < 0 ||
	    get_switch(t, s, "GapStops", MAY, &gap) < 0 ||
	    get_switch(t, s, "OnChaff", MAY, &chaff) < 0)
		return -1;
	v->removal = removal;
	v->flags = (data ? WTFPAD_DATA_STOPS : 0) | (gap ? WTFPAD_GAP_STOPS : 0) |
		   (chaff ? WTFPAD_ON_CHAFF : 0);
	return 0;
}

static int read_front(struct text *t, struct section *s, struct profile_padding *v)
{
	uint64_t least = 1, most = 0;

	if (get_count(t, s, "Least", "cells", MAY, 1, UINT16_MAX, &least) < 0 ||
	    get_count(t, s, "Most", "cells", NEED, 1, UINT16_MAX, &most) ||
	    get_times(t, s, "Window", NEED, GAP_MIN, GAP_MAX / 4, &v->window_min_ns,
		      &v->window_max_ns) ||
	    get_time(t, s, "Silence", NEED, GAP_MIN, GAP_MAX, &v->silence_ns))
		return -1;
	if (least > most)
		return text_fail(t, text_find(s, "Least")->line, "Least: it is above Most");
	v->min = least;
	v->max = most;
	return 0;
}

static const char *const chaff_kinds[] = { "none", "cover", "bip324", "wtf-pad", "front", NULL };

static int read_chaff(struct text *t, struct section *s, struct profile_padding *v)
{
	int kind = 0, rc = 0;
	char of[48];

	if (get_word(t, s, "Kind", NEED, chaff_kinds, &kind))
		return -1;
	v->kind = kind;
	v->line = s->line;
	switch (v->kind) {
	case CHAFF_COVER:
		rc = get_time(t, s, "Idle", MAY, 0, GAP_MAX, &v->idle_ns) < 0 ||
		     get_gap(t, s, "Every", NEED, &v->gap);
		if (!rc && v->gap.mode == MODE_OFF)
			rc = text_fail(t, text_find(s, "Every")->line, "Every: cover needs an interval");
		if (!rc && v->idle_ns && v->idle_ns < GAP_MIN)
			rc = text_fail(t, text_find(s, "Idle")->line, "Idle: it is neither 0 nor at least 10 us");
		break;
	case CHAFF_BIP324:
		rc = read_bip324(t, s, v);
		break;
	case CHAFF_WTFPAD:
		rc = read_wtfpad(t, s, v);
		break;
	case CHAFF_FRONT:
		rc = read_front(t, s, v);
		break;
	default:
		break;
	}
	snprintf(of, sizeof(of), "chaff of kind %s", chaff_kinds[kind]);
	return rc ? -1 : text_rest(t, s, of);
}

/* ---- machines ---- */

static int read_machine(struct text *t, struct section *s, struct profile *p)
{
	struct profile_machine made = { .line = s->line }, *m;
	struct load_machine load = { 0 };
	const char *text = NULL;
	unsigned int line;
	struct load_err e;
	int rc;

	if (get_text(t, s, "String", NEED, &text))
		return -1;
	line = text_find(s, "String")->line;
	rc = load_string(text, strlen(text), &load, &e);
	if (!rc)
		rc = load_check(&load, &e);
	if (!rc)
		rc = load_blob(&load, &made.blob, &made.len, &e);
	if (!rc) {
		made.states = load.n_states;
		for (uint32_t i = 0; i < load.n_states; i++)
			made.blocks |= load.state[i].kind == LOAD_BLOCK;
	}
	load_free(&load);
	if (rc)
		return text_fail(t, line, "String: %s", e.text);
	made.shared = s->ends == PROFILE_BOTH;
	for (int e2 = 0; e2 < PROFILE_ENDS; e2++) {
		if (!(s->ends & 1 << e2))
			continue;
		if (p->end[e2].n_machines == PROFILE_MACHINES) {
			free(made.blob);
			return text_fail(t, s->line, "%s: an end has more than %d machines",
					 section_title(s), PROFILE_MACHINES);
		}
		m = &p->end[e2].machine[p->end[e2].n_machines++];
		*m = made;
		made.blob = NULL;	/* the client's, if both have it */
	}
	return text_rest(t, s, "[Machine]");
}

static int read_machines(struct text *t, struct section *s, struct profile *p)
{
	double padding = 0, blocking = 0;

	if (get_percent(t, s, "MaxPadding", MAY, 1, &padding) < 0 ||
	    get_percent(t, s, "MaxBlocking", MAY, 1, &blocking) < 0)
		return -1;
	for (int e = 0; e < PROFILE_ENDS; e++) {
		if (!(s->ends & 1 << e))
			continue;
		p->end[e].max_padding = padding;
		p->end[e].max_blocking = blocking;
		p->end[e].machines_line = s->line;
	}
	return text_rest(t, s, "[Machines]");
}

/* ---- all ---- */

/* The server's copy of what a section for both says. */
static int copy_cdf(struct text *t, struct profile_cdf *to, const struct profile_cdf *from)
{
	if (!from->t)
		return 0;
	to->t = malloc(sizeof(*to->t));
	to->text = strdup(from->text);
	if (!to->t || !to->text)
		return text_fail(t, 0, "no memory");
	*to->t = *from->t;
	return 0;
}

static int read_end(struct text *t, struct section *s, struct profile *p)
{
	int first = s->ends & 1 << PROFILE_CLIENT ? PROFILE_CLIENT : PROFILE_SERVER;
	struct profile_side *a = &p->end[first], *b = &p->end[PROFILE_SERVER];
	bool both = s->ends == PROFILE_BOTH;

	if (s->kind == IN_SCHEDULE) {
		if (read_schedule(t, s, p, &a->sched))
			return -1;
		if (!both)
			return 0;
		b->sched = a->sched;
		b->sched.cdf = (struct profile_cdf){ 0 };
		return copy_cdf(t, &b->sched.cdf, &a->sched.cdf);
	}
	if (read_chaff(t, s, &a->chaff))
		return -1;
	if (!both)
		return 0;
	b->chaff = a->chaff;
	b->chaff.gap.cdf = (struct profile_cdf){ 0 };
	return copy_cdf(t, &b->chaff.gap.cdf, &a->chaff.gap.cdf);
}

static int read_section(struct text *t, struct section *s, struct profile *p)
{
	switch (s->kind) {
	case IN_PROFILE:
		return read_profile(t, s, p);
	case IN_SIZES:
		return read_sizes(t, s, p);
	case IN_LINK:
		return read_link(t, s, p);
	case IN_LIMITS:
		return read_limits(t, s, p);
	case IN_MACHINE:
		return read_machine(t, s, p);
	case IN_MACHINES:
		return read_machines(t, s, p);
	case IN_ASK:
	case IN_PLAN:
	case IN_ANSWER:
		return read_rows(t, s, p);
	default:
		return read_end(t, s, p);
	}
}

int profile_read(const char *text, size_t len, const char *file, struct profile *p,
		 struct profile_err *err)
{
	struct text t = { .file = file, .err = err };
	int rc;

	memset(p, 0, sizeof(*p));
	p->limit = 1000;
	p->latency_ns = 50 * MS;
	p->overhead = PROFILE_NONE;
	p->window_ns = SEC;
	rc = text_split(&t, text, len);
	for (int i = 0; !rc && i < t.n; i++)
		rc = read_section(&t, &t.sec[i], p);
	if (!rc && !*p->name)
		rc = text_fail(&t, 0, "there is no [Profile] with a Name");
	if (!rc && p->exchange)
		rc = sort_rows(&t, p->exchange);
	if (!rc)
		rc = profile_check(&t, p);
	if (rc)
		profile_free(p);
	text_free(&t);
	return rc;
}

static void free_cdf(struct profile_cdf *cdf)
{
	free(cdf->t);
	free(cdf->text);
}

void profile_free(struct profile *p)
{
	for (int e = 0; e < PROFILE_ENDS; e++) {
		free_cdf(&p->end[e].sched.cdf);
		free_cdf(&p->end[e].chaff.gap.cdf);
		for (int i = 0; i < p->end[e].n_machines; i++)
			free(p->end[e].machine[i].blob);
	}
	free_cdf(&p->noise);
	free(p->plan);
	if (p->exchange) {
		free(p->exchange->row);
		free(p->exchange->choice);
	}
	free(p->exchange);
	memset(p, 0, sizeof(*p));
}

/* ---- by name or file ---- */

const struct profile_text *profile_find(const char *name)
{
	for (const struct profile_text *b = profile_texts; b->name; b++)
		if (!strcmp(b->name, name))
			return b;
	return NULL;
}

int profile_get(const char *word, char file[256], char **text, size_t *len,
		struct profile_err *err)
{
	const struct profile_text *b = profile_find(word);
	FILE *f;

	if (b) {
		snprintf(file, 256, "%s.profile", b->name);
		*len = strlen(b->text);
		*text = strdup(b->text);
		if (*text)
			return 0;
		snprintf(err->text, sizeof(err->text), "no memory");
		return -1;
	}
	snprintf(file, 256, "%s", word);
	if (!strpbrk(word, "/.")) {
		struct input_nearest near = { .word = word };

		for (b = profile_texts; b->name; b++)
			input_nearest(&near, b->name);
		if (near.name)
			snprintf(err->text, sizeof(err->text),
				 "there is no profile \"%.40s\" (is %s meant?)", word, near.name);
		else
			snprintf(err->text, sizeof(err->text),
				 "there is no profile \"%.40s\"; a file's name has a \"/\" or \".\" in it", word);
		return -1;
	}
	f = fopen(word, "re");
	*text = f ? malloc(PROFILE_TEXT + 1) : NULL;
	if (!*text) {
		snprintf(err->text, sizeof(err->text), "%.200s: %s", word, strerror(errno));
		if (f)
			fclose(f);
		return -1;
	}
	*len = fread(*text, 1, PROFILE_TEXT + 1, f);
	if (!ferror(f)) {
		fclose(f);
		return 0;
	}
	snprintf(err->text, sizeof(err->text), "%.200s: %s", word, strerror(errno));
	fclose(f);
	free(*text);
	return -1;
}

int profile_compile(const char *word, char name[PROFILE_NAME], uint8_t **blob, size_t *len,
		    struct profile_err *err)
{
	struct profile p;
	char file[256], *text;
	int rc;

	if (profile_get(word, file, &text, len, err))
		return -1;
	rc = profile_read(text, *len, file, &p, err);
	free(text);
	if (rc)
		return rc;
	memcpy(name, p.name, PROFILE_NAME);
	rc = profile_blob(&p, blob, len, err);
	profile_free(&p);
	return rc;
}
