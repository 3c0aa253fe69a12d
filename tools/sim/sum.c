// SPDX-License-Identifier: GPL-2.0
/* What it costs: sums over traces, as text and JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim.h"

static void hist_add(struct rtpl_hist *to, const struct rtpl_hist *h)
{
	int i;

	to->count += h->count;
	to->max = max(to->max, h->max);
	for (i = 0; i < RTPL_HIST_BUCKETS; i++)
		to->bucket[i] += h->bucket[i];
}

void sim_sum_add(struct sim_sum *to, const struct sim_sum *s)
{
	int i;

#define ADD(field) (to->field += s->field)
	ADD(packets); ADD(bytes); ADD(sent_packets); ADD(sent_bytes);
	ADD(late); ADD(late_bytes); ADD(full); ADD(full_bytes); ADD(big); ADD(big_bytes);
	ADD(left); ADD(left_bytes);
	ADD(cells); ADD(chaff); ADD(wire);
	ADD(padding); ADD(chaff_bytes); ADD(header); ADD(waited);
	ADD(count.chaff_sched); ADD(count.chaff_wanted); ADD(count.chaff_machine);
	ADD(count.chaff_message); ADD(count.overruled); ADD(count.switches);
	for (i = 0; i < RTPL_LIMITS_WHYS; i++)
		ADD(count.refused[i]);
	ADD(leak.mbits); ADD(leak.choices); ADD(leak.changes); ADD(leak.windows); ADD(leak.missed);
#undef ADD
	hist_add(&to->delay, &s->delay);
	/* Whoever tells without bound tells more than anybody. */
	if (s->leak.kind == RTPL_LEAK_BITS && to->leak.kind == RTPL_LEAK_NONE)
		to->leak.kind = RTPL_LEAK_BITS;
	to->leak.epsilon = max(to->leak.epsilon, s->leak.epsilon);
	to->leak.delta = max(to->leak.delta, s->leak.delta);
	to->leak_most = max(to->leak_most, s->leak_most);
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

void sim_total_add(struct sim_total *total, const struct sim_trace *t, const struct sim_link *l)
{
	u64 wire = 0, sent = 0;
	int i;

	for (i = 0; i < RTPL_END_COUNT; i++) {
		const struct sim_sum *s = sim_link_sum(l, i);

		if (!total->traces)
			total->end[i].leak.kind = s->leak.kind;
		sim_sum_add(&total->end[i], s);
		wire += s->wire;
		sent += s->sent_bytes;
	}
	if (t->has_flows && sim_link_flows(l))
		sim_flows_count(sim_link_flows(l), total->requests, &total->unfinished);
	total->traces++;
	total->length += t->length;
	total->late += sim_link_late(l);
	total->late_mean += ratio(sim_link_late(l), t->length);
	total->cost_mean += ratio(wire, sent) - 1;
}

void sim_total_free(struct sim_total *total)
{
	int i;

	for (i = 0; i < SIM_REQUESTS; i++)
		free(total->requests[i].took);
}

/* ---- how long requests took ---- */

struct took {			/* ms */
	size_t n;
	double plain, plain_p90, took, took_p90, added, added_p50, added_p90;
};

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double quantile(double *x, size_t n, double q)
{
	qsort(x, n, sizeof(*x), by_size);
	return x[(size_t)(q * (n - 1) + 0.5)];
}

/* Of the kinds @from up to @to. Return: are there any? */
static bool took(const struct sim_requests *r, int from, int to, struct took *out)
{
	size_t i, n = 0, room = 0;
	double *x[3];
	int k;

	memset(out, 0, sizeof(*out));
	for (k = from; k <= to; k++)
		room += r[k].n;
	if (!room)
		return false;
	for (k = 0; k < 3; k++) {
		x[k] = malloc(room * sizeof(**x));
		if (!x[k])
			sim_fail("no memory");
	}
	for (k = from; k <= to; k++) {
		for (i = 0; i < r[k].n; i++, n++) {
			x[0][n] = r[k].took[i].plain / 1e6;
			x[1][n] = (r[k].took[i].plain + r[k].took[i].added) / 1e6;
			x[2][n] = r[k].took[i].added / 1e6;
			out->plain += x[0][n] / room;
			out->took += x[1][n] / room;
			out->added += x[2][n] / room;
		}
	}
	out->n = n;
	out->plain_p90 = quantile(x[0], n, .9);
	out->took_p90 = quantile(x[1], n, .9);
	out->added_p50 = quantile(x[2], n, .5);
	out->added_p90 = quantile(x[2], n, .9);
	for (k = 0; k < 3; k++)
		free(x[k]);
	return true;
}

static const struct {
	const char *key, *text;
	int from, to;
} sizes_of[] = {
	{ "all", "requests", 0, SIM_REQUESTS - 1 },
	{ "small", "  small", SIM_SMALL_REQUESTS, SIM_SMALL_REQUESTS },
	{ "large", "  large", SIM_LARGE_REQUESTS, SIM_LARGE_REQUESTS },
};

static void took_text(const struct sim_total *total)
{
	struct took x;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes_of); i++) {
		if (!took(total->requests, sizes_of[i].from, sizes_of[i].to, &x))
			continue;
		if (!i)
			printf("\n%-18s%8s%12s%8s%12s%8s%12s%8s%8s\n", "", "", "trace: ms", "p90",
			       "here: ms", "p90", "added: ms", "p50", "p90");
		printf("%-18s%8zu%12.1f%8.1f%12.1f%8.1f%12.1f%8.1f%8.1f\n", sizes_of[i].text, x.n,
		       x.plain, x.plain_p90, x.took, x.took_p90, x.added, x.added_p50, x.added_p90);
	}
	if (total->unfinished)
		printf("%-18s%8" PRIu64 "\n", "  unfinished", total->unfinished);
}

static void both(const struct sim_total *total, struct sim_sum *s)
{
	const struct sim_sum *c = &total->end[RTPL_END_CLIENT];

	memset(s, 0, sizeof(*s));
	sim_sum_add(s, c);
	sim_sum_add(s, &total->end[RTPL_END_SERVER]);
}

/* ---- text ---- */

typedef double (*value_fn)(const struct sim_sum *s);

static double packets(const struct sim_sum *s) { return s->packets; }
static double bytes(const struct sim_sum *s) { return s->bytes; }
static double wire(const struct sim_sum *s) { return s->wire; }
static double overhead(const struct sim_sum *s)
{
	return 100 * ratio((double)s->wire - s->sent_bytes, s->sent_bytes);
}
static double padding(const struct sim_sum *s) { return 100 * ratio(s->padding, s->sent_bytes); }
static double chaff(const struct sim_sum *s) { return 100 * ratio(s->chaff_bytes, s->sent_bytes); }
static double header(const struct sim_sum *s) { return 100 * ratio(s->header, s->sent_bytes); }
static double chaff_bytes(const struct sim_sum *s) { return s->chaff_bytes; }
static double cells(const struct sim_sum *s) { return s->cells; }
static double chaff_cells(const struct sim_sum *s) { return s->chaff; }
static double refused(const struct sim_sum *s)
{
	return s->count.refused[RTPL_LIMITS_OVERHEAD] + s->count.refused[RTPL_LIMITS_RATE];
}
static double p50(const struct sim_sum *s) { return rtpl_hist_at(&s->delay, 500) / 1e6; }
static double p99(const struct sim_sum *s) { return rtpl_hist_at(&s->delay, 990) / 1e6; }
static double most(const struct sim_sum *s) { return s->delay.max / 1e6; }
static double late(const struct sim_sum *s) { return s->late; }
static double full(const struct sim_sum *s) { return s->full; }
static double big(const struct sim_sum *s) { return s->big; }
static double left(const struct sim_sum *s) { return s->left; }

static const struct {
	const char *name, *unit;
	value_fn value;
	int digits;
	bool if_any;		/* left out where all are 0 */
	bool share;		/* of the bytes of packets: none where no packet left */
} rows[] = {
	{ "packets", "", packets, 0, false, false },
	{ "  bytes", "", bytes, 0, false, false },
	{ "cells with data", "", cells, 0, false, false },
	{ "cells of chaff", "", chaff_cells, 0, false, false },
	{ "  bytes of chaff", "", chaff_bytes, 0, true, false },
	{ "  bytes on the wire", "", wire, 0, false, false },
	{ "overhead", " %", overhead, 2, false, true },
	{ "  padding", " %", padding, 2, false, true },
	{ "  chaff", " %", chaff, 2, false, true },
	{ "  headers", " %", header, 2, false, true },
	{ "chaff refused by limits", "", refused, 0, true, false },
	{ "added delay p50", " ms", p50, 3, false, false },
	{ "  p99", " ms", p99, 3, false, false },
	{ "  at most", " ms", most, 3, false, false },
	{ "dropped: late", "", late, 0, true, false },
	{ "  queue full", "", full, 0, true, false },
	{ "  over too many cells", "", big, 0, true, false },
	{ "not sent at the end", "", left, 0, true, false },
};

static const char *leak_text(const struct sim_sum *s, u64 traces, char *buf, size_t size)
{
	switch (s->leak.kind) {
	case RTPL_LEAK_NONE:
		return "nothing";
	case RTPL_LEAK_BITS:
		snprintf(buf, size, "at most %.3f bits a trace, %.3f in the worst",
			 ratio(s->leak.mbits, traces) / 1000, s->leak_most / 1000.0);
		return buf;
	case RTPL_LEAK_DP:
		if (s->leak.epsilon == U64_MAX)
			return "no bound any more: the privacy account is over";
		snprintf(buf, size, "epsilon %.4g, delta %.3g in the worst trace",
			 s->leak.epsilon / 4294967296.0, s->leak.delta / 18446744073709551616.0);
		return buf;
	default:
		return "no bound: judged by attack";
	}
}

void sim_total_text(const struct sim_total *total, const struct sim_run *run)
{
	static const char * const names[RTPL_END_COUNT] = {
		[RTPL_END_CLIENT] = "from the client", [RTPL_END_SERVER] = "to the client",
	};
	struct sim_sum sum;
	char buf[200];
	size_t i;
	int k;

	both(total, &sum);
	printf("profile %s, seed %" PRIu64 ": %" PRIu64 " trace%s of %.3f s together\n\n",
	       run->profile->name, run->seed, total->traces, total->traces == 1 ? "" : "s",
	       total->length / 1e9);
	printf("%-26s%20s%20s%20s\n", "", names[0], names[1], "both");
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].if_any && !rows[i].value(&sum))
			continue;
		printf("%-26s", rows[i].name);
		for (k = 0; k < 3; k++) {
			const struct sim_sum *s = k < 2 ? &total->end[k] : &sum;

			if (rows[i].share && !s->sent_bytes)
				printf("%20s", "n/a");
			else
				printf("%*.*f%s", 20 - (int)strlen(rows[i].unit), rows[i].digits,
				       rows[i].value(s), rows[i].unit);
		}
		putchar('\n');
	}
	putchar('\n');
	for (k = 0; k < RTPL_END_COUNT; k++)
		printf("leak %s: %s\n", names[k],
		       leak_text(&total->end[k], total->traces, buf, sizeof(buf)));
	took_text(total);
	printf("the last data comes %.1f %% of the trace later\n",
	       100 * ratio(total->late, total->length));
}

/* ---- JSON ---- */

static json_t *leak_json(const struct sim_sum *s)
{
	static const char * const kinds[] = {
		[RTPL_LEAK_UNBOUNDED] = "unbounded", [RTPL_LEAK_NONE] = "zero",
		[RTPL_LEAK_BITS] = "bits", [RTPL_LEAK_DP] = "dp",
	};
	json_t *j = json_object();

	json_object_set_new(j, "bound", json_string(kinds[s->leak.kind]));
	if (s->leak.kind == RTPL_LEAK_BITS) {
		json_object_set_new(j, "bits", json_real(s->leak.mbits / 1000.0));
		json_object_set_new(j, "bits_worst", json_real(s->leak_most / 1000.0));
	}
	if (s->leak.kind == RTPL_LEAK_DP) {
		json_object_set_new(j, "epsilon", s->leak.epsilon == U64_MAX ? json_null() :
				    json_real(s->leak.epsilon / 4294967296.0));
		json_object_set_new(j, "delta",
				    json_real(s->leak.delta / 18446744073709551616.0));
		json_object_set_new(j, "windows", json_integer(s->leak.windows));
	}
	json_object_set_new(j, "choices", json_integer(s->leak.choices));
	json_object_set_new(j, "changes", json_integer(s->leak.changes));
	json_object_set_new(j, "slots_missed", json_integer(s->leak.missed));
	return j;
}

static json_t *sum_json(const struct sim_sum *s, bool leak)
{
	json_t *j, *o;

	j = json_pack("{sI sI sI sI sI sI sI}",
		      "packets", (json_int_t)s->packets, "bytes", (json_int_t)s->bytes,
		      "sent_packets", (json_int_t)s->sent_packets,
		      "sent_bytes", (json_int_t)s->sent_bytes,
		      "cells", (json_int_t)s->cells, "chaff", (json_int_t)s->chaff,
		      "wire_bytes", (json_int_t)s->wire);
	o = json_pack("{sI sI sI so}",
		      "padding_bytes", (json_int_t)s->padding,
		      "chaff_bytes", (json_int_t)s->chaff_bytes,
		      "header_bytes", (json_int_t)s->header,
		      "ratio", s->sent_bytes ?
		      json_real((double)s->wire / s->sent_bytes - 1) : json_null());
	json_object_set_new(j, "overhead", o);
	o = json_pack("{sI sI sI so}",
		      "p50_ns", (json_int_t)rtpl_hist_at(&s->delay, 500),
		      "p99_ns", (json_int_t)rtpl_hist_at(&s->delay, 990),
		      "max_ns", (json_int_t)s->delay.max,
		      "mean_ns", json_real(ratio(s->waited, s->sent_packets)));
	json_object_set_new(j, "delay", o);
	o = json_pack("{s{sIsI} s{sIsI} s{sIsI}}",
		      "late", "packets", (json_int_t)s->late, "bytes", (json_int_t)s->late_bytes,
		      "queue_full", "packets", (json_int_t)s->full,
		      "bytes", (json_int_t)s->full_bytes,
		      "too_big", "packets", (json_int_t)s->big, "bytes", (json_int_t)s->big_bytes);
	json_object_set_new(j, "drops", o);
	o = json_pack("{sI sI}", "packets", (json_int_t)s->left, "bytes", (json_int_t)s->left_bytes);
	json_object_set_new(j, "not_sent", o);
	o = json_pack("{sI sI sI sI sI sI sI}",
		      "schedule", (json_int_t)s->count.chaff_sched,
		      "chaff", (json_int_t)s->count.chaff_wanted,
		      "machine", (json_int_t)s->count.chaff_machine,
		      "message", (json_int_t)s->count.chaff_message,
		      "refused_overhead", (json_int_t)s->count.refused[RTPL_LIMITS_OVERHEAD],
		      "refused_rate", (json_int_t)s->count.refused[RTPL_LIMITS_RATE],
		      "holds_overruled", (json_int_t)s->count.overruled);
	json_object_set_new(j, "asked_by", o);
	if (leak)
		json_object_set_new(j, "leak", leak_json(s));
	return j;
}

/* JSON's integers end at 2^63 - 1 here; what is larger is a string of its digits. */
static json_t *seed_json(uint64_t seed)
{
	char digits[24];

	if (seed <= INT64_MAX)
		return json_integer((json_int_t)seed);
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)seed);
	return json_string(digits);
}

/* A name of a file may be any bytes; JSON is UTF-8: each byte that is not ASCII becomes "?" then. */
static json_t *text_json(const char *text)
{
	json_t *j = json_string(text);
	char *copy = j ? NULL : strdup(text);

	if (!copy)
		return j;
	for (char *p = copy; *p; p++)
		if ((unsigned char)*p >= 0x80)
			*p = '?';
	j = json_string(copy);
	free(copy);
	return j;
}

/* Completion of requests by size, where the trace has flows. */
static void took_json(json_t *j, const struct sim_total *total)
{
	json_t *r = json_object();
	struct took x;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes_of); i++) {
		if (!took(total->requests, sizes_of[i].from, sizes_of[i].to, &x))
			continue;
		json_object_set_new(r, sizes_of[i].key, json_pack(
			"{sI s{sf sf} s{sf sf} s{sf sf sf}}", "count", (json_int_t)x.n,
			"plain_ms", "mean", x.plain, "p90", x.plain_p90,
			"took_ms", "mean", x.took, "p90", x.took_p90,
			"added_ms", "mean", x.added, "p50", x.added_p50, "p90", x.added_p90));
	}
	if (json_object_size(r) || total->unfinished) {
		json_object_set_new(r, "unfinished", json_integer(total->unfinished));
		json_object_set_new(j, "requests", r);
	} else {
		json_decref(r);
	}
}

/* One line: the total, or with @t one trace of it. */
void sim_total_json(const struct sim_total *total, const struct sim_run *run,
		    const struct sim_trace *t)
{
	struct sim_sum sum;
	json_t *j = json_object();

	both(total, &sum);
	if (t) {
		json_object_set_new(j, "class", text_json(t->class));
		json_object_set_new(j, "group", text_json(t->group));
		json_object_set_new(j, "visit", text_json(t->name));
	} else {
		json_object_set_new(j, "profile", json_string(run->profile->name));
		json_object_set_new(j, "seed", seed_json(run->seed));
		json_object_set_new(j, "traces", json_integer(total->traces));
	}
	json_object_set_new(j, "seconds", json_real(total->length / 1e9));
	json_object_set_new(j, "late", json_pack("{sf sf sf}",
		"seconds", total->late / 1e9, "ratio", ratio(total->late, total->length),
		"ratio_mean", ratio(total->late_mean, total->traces)));
	json_object_set_new(j, "overhead_mean", json_real(ratio(total->cost_mean, total->traces)));
	json_object_set_new(j, "client", sum_json(&total->end[RTPL_END_CLIENT], true));
	json_object_set_new(j, "server", sum_json(&total->end[RTPL_END_SERVER], true));
	json_object_set_new(j, "both", sum_json(&sum, false));
	took_json(j, total);
	json_dumpf(j, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
	putchar('\n');
	json_decref(j);
}
