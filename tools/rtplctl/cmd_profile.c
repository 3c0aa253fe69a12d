// SPDX-License-Identifier: GPL-2.0
/* rtplctl profile: the profiles there are, as text; what a file is; what the kernel has. */
#include "rtplctl.h"
#include "advise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../input/input.h"
#include "../lib/names.h"
#include "../profile/profile.h"

#define WORDS_MAX	640

/* Appends to @buf, which has WORDS_MAX bytes. */
static void say(char *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(char *buf, const char *fmt, ...)
{
	size_t n = strlen(buf);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf + n, WORDS_MAX - n, fmt, ap);
	va_end(ap);
}

static const char *duration(uint64_t ns)
{
	static char text[4][SHAPE_TEXT_MAX];
	static int i;

	i = (i + 1) % 4;
	if (ns >= 1000000000 && ns % 1000000000)
		snprintf(text[i], sizeof(text[i]), "%.6g s", (double)ns / 1e9);
	else if (ns >= 1000000 && ns % 1000000)
		snprintf(text[i], sizeof(text[i]), "%.6g ms", (double)ns / 1e6);
	else
		time_text(ns, text[i]);
	return text[i];
}

static const char *cells(uint32_t n)
{
	static char text[32];

	snprintf(text, sizeof(text), n == 1 ? "a cell" : "%u cells", n);
	return text;
}

/* ---- what the parts are, in words ---- */

static void sizes_text(const struct profile *p, char *buf)
{
	switch (p->sizes) {
	case SIZES_DEVICE:
		say(buf, "one, as large as the device carries");
		break;
	case SIZES_FIXED:
		say(buf, "one, %u bytes", p->cell);
		break;
	case SIZES_POW2:
		say(buf, "powers of two from %u bytes, and ", RTPL_CELL_MIN);
		if (p->cell)
			say(buf, "%u", p->cell);
		else
			say(buf, "what the device carries");
		break;
	case SIZES_BUCKETS:
		for (int i = 0; i < p->n_buckets; i++)
			say(buf, "%s%u", i ? ", " : "", p->bucket[i]);
		say(buf, " bytes");
		break;
	}
}

static void messages_text(const struct profile *p, char *buf)
{
	for (int i = 0; i < p->n_messages; i++)
		say(buf, "%s%u", i ? ", " : "", p->message[i]);
	say(buf, " bytes, as a whole, noise on top: %s", p->noise.text);
}

static const char *const sched_names[] = { "as-it-comes", "constant", "jitter", "interval", "ladder",
					   "regulator", "tamaraw", "private", "exchange" };

static void regulator_text(const struct profile_schedule *s, int end, char *buf)
{
	if (end == PROFILE_CLIENT) {
		say(buf, "one cell for each %.6g that come", s->ratio / 1000.0);
		return;
	}
	say(buf, "surges of %u cells/s", s->rate);
	if (s->half_ns)
		say(buf, " that halve each %s", duration(s->half_ns));
	say(buf, ", down to %u; a new one when %.6g s of the rate wait", s->floor, s->threshold / 1000.0);
}

static void schedule_text(const struct profile *p, int end, char *buf)
{
	const struct profile_schedule *s = &p->end[end].sched;

	switch (s->kind) {
	case SCHED_CONST:
		say(buf, "%u cells/s, always", s->rate);
		break;
	case SCHED_JITTER:
		say(buf, "each packet is held for %s, at most %s", s->cdf.text, duration(s->longest_ns));
		break;
	case SCHED_INTERVAL:
		say(buf, "%s each %s", cells(s->cells), duration(s->period_ns));
		if (s->cdf.t)
			say(buf, " plus %s", s->cdf.text);
		say(buf, s->chaff ? ", always" : ", with data only");
		break;
	case SCHED_LADDER:
		for (int i = 0; i < s->n_rates; i++)
			say(buf, "%s%u", i ? ", " : "", s->rates[i]);
		say(buf, " cells/s, chosen anew each %s", duration(s->epoch_ns));
		if (s->growth)
			say(buf, " (%u times as long each time, up to %s)", 1U << s->growth,
			    duration(s->epoch_max_ns));
		if (s->average_us)
			say(buf, " by an average of %s, at most %u up, %u down", duration(s->average_us * 1000ULL),
			    s->steps_up, s->steps_down);
		if (s->cdf.t)
			say(buf, ", with noise of %s cells/s", s->cdf.text);
		break;
	case SCHED_REGULATOR:
		regulator_text(s, end, buf);
		break;
	case SCHED_TAMARAW:
		say(buf, "%s each %s while there is data, and on to a multiple of %u cells",
		    cells(s->cells), duration(s->period_ns), s->multiple);
		break;
	case SCHED_DP:
		say(buf, "windows of %s with %llu to %llu bytes each: the queue's and %s noise (sd %.4g bytes)",
		    duration(p->dp_window_ns), (unsigned long long)p->dp_min * p->want.grain,
		    (unsigned long long)p->dp_max * p->want.grain,
		    p->want.mechanism == DP_SKELLAM ? "Skellam" : "Laplace",
		    p->plan->sd * p->want.grain);
		break;
	case SCHED_EXCHANGE:
		say(buf, "bursts padded by tables of %u rows; answers, and cover of %u bytes in their place, each %s",
		    p->exchange->n_rows, p->exchange->cover, duration(p->exchange->slot_ns));
		break;
	default:
		say(buf, "cells leave as packets come");
		break;
	}
}

static void gap_text(const struct profile_gap *g, char *buf)
{
	if (g->mode == MODE_FIXED)
		say(buf, "%s", duration(g->ns));
	else
		say(buf, "%s", g->cdf.text);
}

static const char *const chaff_names[] = { "none", "cover", "bip324", "wtf-pad", "front" };

static void chaff_text(const struct profile_padding *c, char *buf)
{
	switch (c->kind) {
	case CHAFF_COVER:
		say(buf, "a cell each ");
		gap_text(&c->gap, buf);
		if (c->idle_ns)
			say(buf, ", the first %s after data", duration(c->idle_ns));
		say(buf, ", while there is no data");
		break;
	case CHAFF_BIP324:
		if (c->padding == MODE_FIXED)
			say(buf, "%u behind each cell", c->count);
		else if (c->padding == MODE_RANDOM)
			say(buf, "1 to %u behind %.4g %% of the cells", c->count,
			    c->chance / 4294967295.0 * 100);
		if (c->gap.mode == MODE_OFF)
			break;
		say(buf, "%sin the background one each ", c->padding == MODE_OFF ? "" : ", ");
		gap_text(&c->gap, buf);
		break;
	case CHAFF_WTFPAD:
		say(buf, "histograms of delays after a cell");
		for (int i = 0; i < 4; i++)
			if (c->hist[i / 2][i % 2].n)
				say(buf, ", %s in %s (%u bins)", i / 2 ? "received" : "sent",
				    i % 2 ? "gaps" : "bursts", c->hist[i / 2][i % 2].n);
		break;
	case CHAFF_FRONT:
		say(buf, "%u to %u cells at the beginning of a visit, most within %s to %s", c->min,
		    c->max, duration(c->window_min_ns), duration(c->window_max_ns));
		break;
	default:
		break;
	}
}

static void limits_text(const struct profile *p, char *buf)
{
	if (p->overhead == PROFILE_NONE && !p->rate) {
		say(buf, "none");
		return;
	}
	say(buf, "chaff is at most ");
	if (p->overhead != PROFILE_NONE)
		say(buf, "%.4g %% of the data and %u bytes in %s", p->overhead / 10.0, p->free,
		    duration(p->window_ns));
	if (p->rate)
		say(buf, "%s%llu bytes/s over %s", p->overhead == PROFILE_NONE ? "" : ", and ",
		    (unsigned long long)p->rate, duration(p->window_ns));
}

/* ---- what bounds its leak ---- */

/* Epsilon of so many windows, as the kernel counts it; infinite beyond the account. */
static double epsilon(const struct dp_plan *d, uint64_t windows)
{
	double least = INFINITY;

	if (windows > d->windows)
		return INFINITY;
	for (int i = 0; i < d->n_lines; i++)
		least = fmin(least, ((double)windows * (double)d->line[i].each +
				     (double)d->line[i].once) / 4294967296.0);
	return least;
}

/* The words of rtplctl(8), JSON: as stats and sim have them. */
static const char *leak_text(const struct profile *p, int end, char *buf)
{
	const struct profile_schedule *s = &p->end[end].sched;
	uint64_t hour;

	switch (s->kind) {
	case SCHED_CONST:
		say(buf, "nothing: what leaves depends on nothing, while the rate stays");
		return "zero";
	case SCHED_LADDER:
		if (s->average_us && s->steps_up + s->steps_down + 1 < s->n_rates)
			say(buf, "at most %.3g bits (one of %u steps) for each epoch",
			    log2(s->steps_up + s->steps_down + 1), s->steps_up + s->steps_down + 1);
		else
			say(buf, "at most %.3g bits (one of %u rates) for each epoch",
			    log2(s->n_rates), s->n_rates);
		return "bits";
	case SCHED_TAMARAW:
		say(buf, "when sessions begin, and of each how many times %u cells it had", s->multiple);
		return "bits";
	case SCHED_DP:
		hour = 3600000000000ULL / p->dp_window_ns;
		say(buf, "epsilon %.4g, delta %.3g for a burst of %u bytes felt in %u windows; ",
		    epsilon(p->plan, p->want.burst), ldexp((double)p->plan->delta, -64),
		    p->want.sensitivity, p->want.burst);
		if (hour <= p->plan->windows)
			say(buf, "what differs for an hour: epsilon %.4g", epsilon(p->plan, hour));
		else
			say(buf, "what differs for longer is counted up to %s (epsilon %.4g), then %s",
			    duration(p->plan->windows * p->dp_window_ns),
			    epsilon(p->plan, p->plan->windows),
			    p->hold ? "every window is full" : "not any more");
		return "dp";
	case SCHED_INTERVAL:
		if (s->chaff) {
			say(buf, "nothing: what leaves depends on nothing");
			return "zero";
		}
		/* fall through */
	default:
		say(buf, "no bound: judged by attacks");
		return "unbounded";
	}
}

/* What it adds to a packet: a lone cell's wait, or any's. */
static void delay_text(const struct profile *p, int end, char *buf)
{
	uint64_t ns = profile_delay(p, end);
	enum profile_sched kind = p->end[end].sched.kind;

	if (!ns)
		say(buf, "none");
	else if (kind == SCHED_JITTER || (kind == SCHED_REGULATOR && end == PROFILE_CLIENT))
		say(buf, "at most %s, for any packet", duration(ns));
	else
		say(buf, "at most %s for a lone cell; more where the rate does not suffice",
		    duration(ns));
}

/* ---- the whole ---- */

static void print_both(const char *what, const char *a, const char *b)
{
	if (!strcmp(a, b)) {
		printf("  %s: %s\n", what, a);
		return;
	}
	printf("  %s, client: %s\n", what, a);
	printf("  %s, server: %s\n", what, b);
}

struct told {
	char schedule[WORDS_MAX], delay[WORDS_MAX], chaff[WORDS_MAX], leak[WORDS_MAX];
	const char *leak_kind;
};

static void end_text(const struct profile *p, int end, struct told *w)
{
	const struct profile_side *e = &p->end[end];

	memset(w, 0, sizeof(*w));
	say(w->schedule, "%s: ", sched_names[e->sched.kind]);
	schedule_text(p, end, w->schedule);
	delay_text(p, end, w->delay);
	if (e->chaff.kind != CHAFF_NONE)
		say(w->chaff, "%s: ", chaff_names[e->chaff.kind]);
	else if (profile_fills(p, end) || e->sched.kind == SCHED_REGULATOR ||
		 e->sched.kind == SCHED_EXCHANGE)
		say(w->chaff, "the schedule's own, where there is no data");
	else if (!e->n_machines)
		say(w->chaff, "none");
	if (e->chaff.kind != CHAFF_NONE)
		chaff_text(&e->chaff, w->chaff);
	for (int i = 0; i < e->n_machines; i++)
		say(w->chaff, "%sa machine of %u states%s", *w->chaff ? "; " : "",
		    e->machine[i].states, e->machine[i].blocks ? " that holds data back" : "");
	w->leak_kind = leak_text(p, end, w->leak);
}

static const char *overflow_word(const struct profile *p)
{
	return rtpl_name(&rtpl_overflow_kind_names,
			 p->oldest ? RTPL_OVERFLOW_OLDEST : RTPL_OVERFLOW_NEWEST);
}

static void print_profile(const struct profile *p, size_t bytes)
{
	struct told w[PROFILE_ENDS];
	char line[WORDS_MAX] = "";

	end_text(p, PROFILE_CLIENT, &w[0]);
	end_text(p, PROFILE_SERVER, &w[1]);
	printf("profile %s\n  about: %s\n", p->name, p->about);
	sizes_text(p, line);
	printf("  sizes of cells: %s\n", line);
	if (p->n_messages) {
		*line = 0;
		messages_text(p, line);
		printf("  sizes of messages: %s\n", line);
	}
	print_both("schedule", w[0].schedule, w[1].schedule);
	print_both("delay", w[0].delay, w[1].delay);
	print_both("chaff", w[0].chaff, w[1].chaff);
	*line = 0;
	limits_text(p, line);
	printf("  limits: %s\n", line);
	printf("  latency: %s\n", p->latency_ns ? duration(p->latency_ns) : "off");
	printf("  queue: %u packet%s, then the %s is dropped\n", p->limit, PLURAL(p->limit),
	       overflow_word(p));
	print_both("leak", w[0].leak, w[1].leak);
	printf("  for the kernel: %zu bytes\n", bytes);
}

static json_t *list_json(const uint32_t *wide, const uint16_t *narrow, int n)
{
	json_t *j = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(j, json_integer(wide ? wide[i] : narrow[i]));
	return j;
}

static json_t *end_json(const struct profile *p, int end)
{
	const struct profile_side *e = &p->end[end];
	json_t *machines = json_array();
	struct told w;

	end_text(p, end, &w);
	for (int i = 0; i < e->n_machines; i++)
		json_array_append_new(machines, json_pack("{sI sb}", "states",
							  (json_int_t)e->machine[i].states, "blocks",
							  e->machine[i].blocks));
	return json_pack("{s{ss ss sI sb} s{ss ss} so s{ss ss}}",
			 "schedule", "kind", sched_names[e->sched.kind], "text", w.schedule,
			 "delay_ns", (json_int_t)profile_delay(p, end), "fills", profile_fills(p, end),
			 "chaff", "kind", chaff_names[e->chaff.kind], "text", w.chaff,
			 "machines", machines, "leak", "kind", w.leak_kind, "text", w.leak);
}

static json_t *profile_json(const struct profile *p, size_t bytes)
{
	json_t *j = json_pack("{ss so}", "name", p->name, "about", json_text(p->about));
	json_t *limits = json_object();

	json_object_set_new(j, "sizes", json_string(rtpl_name(&rtpl_size_kind_names, p->sizes)));
	if (p->cell)
		json_object_set_new(j, "cell", json_integer(p->cell));
	json_object_set_new(j, "buckets", list_json(NULL, p->bucket, p->n_buckets));
	json_object_set_new(j, "messages", list_json(p->message, NULL, p->n_messages));
	json_object_set_new(j, "noise", p->noise.text ? json_text(p->noise.text) : json_null());
	json_object_set_new(j, "latency_ns", json_integer(p->latency_ns));
	json_object_set_new(j, "limit", json_integer(p->limit));
	json_object_set_new(j, "overflow", json_string(overflow_word(p)));
	json_object_set_new(limits, "overhead", p->overhead == PROFILE_NONE ? json_null() :
			    json_real(p->overhead / 1000.0));
	json_object_set_new(limits, "free_bytes", json_integer(p->free));
	json_object_set_new(limits, "bytes_per_second", p->rate ? json_integer(p->rate) : json_null());
	json_object_set_new(limits, "window_ns", json_integer(p->window_ns));
	json_object_set_new(j, "limits", limits);
	json_object_set_new(j, "client", end_json(p, PROFILE_CLIENT));
	json_object_set_new(j, "server", end_json(p, PROFILE_SERVER));
	json_object_set_new(j, "blob_bytes", json_integer(bytes));
	return j;
}

/* ---- the commands ---- */

/* Reads @word; the text too, if asked. */
static int load(struct ctl *ctl, const char *word, struct profile *p, size_t *bytes, char **text)
{
	struct profile_err err;
	uint8_t *blob;
	char file[256];
	size_t len;

	if (profile_get(word, file, text, &len, &err)) {
		err_set(&ctl->e, "%s", err.text);
		return RC_ERROR;
	}
	if (profile_read(*text, len, file, p, &err)) {
		err_set(&ctl->e, "%s", err.text);
		free(*text);
		return RC_ERROR;
	}
	if (profile_blob(p, &blob, bytes, &err)) {
		err_set(&ctl->e, "%s", err.text);
		profile_free(p);
		free(*text);
		return RC_ERROR;
	}
	free(blob);
	return RC_OK;
}

/* Of a profile's name: has the kernel one that was loaded in place of the module's? */
struct replaced {
	const char *name;
	bool is;
};

static int find_replaced(const struct kernel_profile *p, void *arg)
{
	struct replaced *r = arg;

	r->is |= !p->builtin && !strcmp(p->name, r->name);
	return 0;
}

/* @c: NULL where there is no kernel to ask. */
static bool is_replaced(struct conn *c, const char *name)
{
	struct replaced r = { .name = name };
	struct err ignored;

	return c && !kernel_profiles(c, find_replaced, &r, &ignored) && r.is;
}

static int list(struct ctl *ctl)
{
	json_t *all = json_array();
	struct conn *c = NULL;
	struct err ignored;
	struct profile p;
	bool replaced;
	char *text;
	size_t bytes;

	/* To ask for the family would load the module. */
	if (!access("/sys/module/rtpl", F_OK))
		c = conn_open(&ignored);
	for (int i = 0; profile_texts[i].name; i++) {
		if (load(ctl, profile_texts[i].name, &p, &bytes, &text)) {
			conn_close(c);
			json_decref(all);
			return RC_ERROR;
		}
		replaced = is_replaced(c, p.name);
		if (ctl->json)
			json_array_append_new(all, json_pack("{ss ss sb}", "name", p.name, "about", p.about,
							     "replaced", replaced));
		else
			printf("%-15s %s%s\n", p.name, p.about,
			       replaced ? " (another is loaded, in place of the module's)" : "");
		profile_free(&p);
		free(text);
	}
	conn_close(c);
	if (!ctl->json) {
		json_decref(all);
		return RC_OK;
	}
	return json_print(json_pack("{so}", "profiles", all), false);
}

static int one(struct ctl *ctl, const char *word, bool show)
{
	struct profile p;
	size_t bytes;
	char *text;
	json_t *j;
	int rc;

	/* One that is shown may be wrong: it is only text. */
	if (show && !profile_find(word)) {
		struct input_nearest near = { .word = word };

		for (size_t i = 0; profile_texts[i].name; i++)
			input_nearest(&near, profile_texts[i].name);
		if (near.name)
			err_set(&ctl->e, "there is no profile %s (is %s meant?)", quoted(word), near.name);
		else
			err_set(&ctl->e, "there is no profile %s (rtplctl profile list has them)",
				quoted(word));
		return RC_ERROR;
	}
	rc = load(ctl, word, &p, &bytes, &text);
	if (rc)
		return rc;
	if (ctl->json) {
		j = profile_json(&p, bytes);
		if (show)
			json_object_set_new(j, "text", json_text(text));
		rc = json_print(j, false);
	} else if (show) {
		fputs(text, stdout);
	} else {
		print_profile(&p, bytes);
	}
	profile_free(&p);
	free(text);
	return rc;
}

/* ---- in the kernel ---- */

struct links {
	const char *name;
	uint32_t n;
};

static int count_links(const struct kernel_profile *p, void *arg)
{
	struct links *l = arg;

	if (!strcmp(p->name, l->name))
		l->n = p->users;
	return 0;
}

static int load_into_kernel(struct ctl *ctl, struct conn *c, const char *word)
{
	struct profile_err err;
	char name[PROFILE_NAME];
	struct links links = { .name = name };
	struct err ignored;
	uint8_t *blob;
	size_t len;
	int rc;

	if (profile_compile(word, name, &blob, &len, &err)) {
		err_set(&ctl->e, "%s", err.text);
		return RC_ERROR;
	}
	rc = kernel_profile_set(c, blob, len, &ctl->e) ? RC_ERROR : RC_OK;
	free(blob);
	if (rc)
		return rc;
	if (profile_find(name))
		fprintf(stderr, "rtplctl: note: %s is the name of a profile that comes with the module: this one is in its place, until \"rtplctl profile unload %s\"; show and advise tell of the module's\n",
			name, name);
	if (ctl->json)
		return json_print(json_pack("{ss sI}", "loaded", name, "blob_bytes",
					    (json_int_t)len), false);
	if (!kernel_profiles(c, count_links, &links, &ignored) && links.n)
		printf("profile %s loaded: %u link%s that ha%s it go%s on with it\n", name, links.n, PLURAL(links.n),
		       links.n == 1 ? "s" : "ve", links.n == 1 ? "es" : "");
	else
		printf("profile %s loaded\n", name);
	return RC_OK;
}

static int told_loaded(const struct kernel_profile *p, void *arg)
{
	json_t *all = arg;

	if (all)
		return json_array_append_new(all, json_pack("{ss sI sI sb}", "name", p->name,
							    "blob_bytes", (json_int_t)p->size,
							    "links", (json_int_t)p->users,
							    "builtin", p->builtin));
	printf("%-16s %8u bytes, %u link%s, %s\n", p->name, p->size, p->users, PLURAL(p->users),
	       p->builtin ? "comes with the module" : profile_find(p->name) ?
	       "loaded, in place of the module's" : "loaded");
	return 0;
}

static int loaded(struct ctl *ctl, struct conn *c)
{
	json_t *all = ctl->json ? json_array() : NULL;

	if (kernel_profiles(c, told_loaded, all, &ctl->e)) {
		json_decref(all);
		return RC_ERROR;
	}
	return all ? json_print(json_pack("{so}", "profiles", all), false) : RC_OK;
}

/* load, unload, loaded */
static int run_kernel(struct ctl *ctl, int argc, char **argv)
{
	bool list = !strcmp(argv[0], "loaded");
	struct conn *c;
	int rc;

	if (!list && argc < 2)
		return usage_error(ctl, strcmp(argv[0], "load") ? "the profile's name is missing" :
				   "the profile's file is missing");
	rc = no_more_args(ctl, argc - 2 + list, argv + 2 - list);
	if (rc)
		return rc;
	c = conn_open(&ctl->e);
	if (!c)
		return RC_ERROR;
	if (list)
		rc = loaded(ctl, c);
	else if (!strcmp(argv[0], "load"))
		rc = load_into_kernel(ctl, c, argv[1]);
	else
		rc = kernel_profile_del(c, argv[1], &ctl->e) ? RC_ERROR : RC_OK;
	conn_close(c);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	static const char * const verbs[] = { "list", "show", "check", "load", "unload", "loaded", "advise" };
	const char *word = argc ? argv[0] : "list";
	bool show = !strcmp(word, "show");
	int rc;

	if (!strcmp(word, "list")) {
		rc = no_more_args(ctl, argc ? argc - 1 : 0, argv + 1);
		return rc ? rc : list(ctl);
	}
	if (!strcmp(word, "advise"))
		return profile_advise(ctl, argc - 1, argv + 1);
	if (!strcmp(word, "load") || !strcmp(word, "unload") || !strcmp(word, "loaded"))
		return run_kernel(ctl, argc, argv);
	if (!show && strcmp(word, "check"))
		return usage_error(ctl, "%s is none of list, show, check, load, unload, loaded, advise%s",
				   quoted(word), meant(word, verbs, sizeof(verbs) / sizeof(verbs[0])));
	if (argc < 2)
		return usage_error(ctl, show ? "the profile's name is missing" :
				   "the profile's name or file is missing");
	rc = no_more_args(ctl, argc - 2, argv + 2);
	return rc ? rc : one(ctl, argv[1], show);
}

const struct command cmd_profile = {
	.name = "profile",
	.run = run,
	.options = { "--for", "--clients", "--rtt" },
	.args = "[list] | show NAME | check NAME|FILE | load FILE | unload NAME | loaded |\n"
		"           advise [SET|PEER] [--for TIME] [--clients N] [--rtt TIME]",
	.what = "what may shape a link: the profiles there are, and one's own",
	.help = "  list                the profiles that come with rtplctl\n"
		"  show NAME           its text, the start of one's own; with -j what check says, too\n"
		"  check NAME|FILE     read it as the kernel would, and say what it is: sizes, schedule,\n"
		"                      the delay it adds, chaff, limits, what bounds its leak\n"
		"  load FILE           for peers and qdiscs to name; one of its name is replaced, in\n"
		"                      running links too\n"
		"  unload NAME         forget it, unless it is in use\n"
		"  loaded              those that the kernel knows, and how many links have them\n"
		"  advise              what each profile was measured to hide and cost, by workload\n"
		"  advise SET|PEER     which workload a set of traces, or the link's traffic now, looks\n"
		"                      like, how many clients share the link, what profiles cost on it\n"
		"    --for TIME        how long to look at a link (10s)\n"
		"    --clients N       so many share it, whatever their addresses say\n"
		"    --rtt TIME        round trip time of the path, for the simulator\n"
		"\n"
		"A file's name has a \"/\" or \".\" in it. rtpl-profile(5) has the language.\n"
		"With -j {\"profiles\"} or {\"name\", \"about\", \"sizes\", \"limits\", \"client\", \"server\", ...}.\n",
};
