// SPDX-License-Identifier: GPL-2.0
/* What the framework refuses, and what we refuse besides: see load_check(). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define NO_TIME	0.5	/* us; the framework rounds to 0 */

enum {
	NORMAL_RECV, PADDING_RECV, TUNNEL_RECV, NORMAL_SENT, PADDING_SENT, TUNNEL_SENT,
	BLOCKING_BEGIN, BLOCKING_END, LIMIT_REACHED, COUNTER_ZERO, TIMER_BEGIN, TIMER_END,
	SIGNAL
};

static const char *const event_names[MACHINE_EVENTS] = {
	"NormalRecv", "PaddingRecv", "TunnelRecv", "NormalSent", "PaddingSent", "TunnelSent",
	"BlockingBegin", "BlockingEnd", "LimitReached", "CounterZero", "TimerBegin", "TimerEnd",
	"Signal",
};

static int check_dist(const struct load_dist *d, long state, const char *field,
		      struct load_err *err)
{
	const char *why;

	if (!d->there || !dist_valid(d, &why))
		return 0;
	return load_fail(err, state, "%s: the %s distribution has %s", field,
			 dist_kind_name(d->kind), why);
}

/* @seen: a mark a state, and two for the end and the signal; @mark is this list's */
static int check_list(const struct load_machine *m, long state, int event, uint32_t *seen,
		      uint32_t mark, struct load_err *err)
{
	const struct load_state *s = &m->state[state];
	const char *name = event_names[event];
	const struct load_trans *t;
	float sum = 0;
	uint64_t to;
	uint32_t i;

	for (i = 0; i < s->n[event]; i++) {
		t = &s->trans[event][i];
		to = t->to == MACHINE_STATE_END ? m->n_states :
		     t->to == MACHINE_STATE_SIGNAL ? m->n_states + 1 : t->to;
		if (t->to >= m->n_states && t->to != MACHINE_STATE_END &&
		    t->to != MACHINE_STATE_SIGNAL)
			return load_fail(err, state, "%s leads to state %llu, which there is not",
					 name, (unsigned long long)t->to);
		if (seen[to] == mark)
			return load_fail(err, state, "%s leads to state %llu twice", name,
					 (unsigned long long)t->to);
		seen[to] = mark;
		if (!(t->chance > 0) || !(t->chance <= 1))
			return load_fail(err, state,
					 "%s has a chance of %g; it must be above 0, and at most 1",
					 name, t->chance);
		sum += t->chance;
	}
	if (s->listed[event] && !s->n[event])
		return load_fail(err, state, "%s has an empty list of transitions", name);
	if (sum > 1)
		return load_fail(err, state, "%s has chances of %.9g together, more than 1",
				 name, sum);
	return 0;
}

static int check_state(const struct load_machine *m, long i, struct load_err *err)
{
	const struct load_state *s = &m->state[i];

	if (check_dist(&s->timeout, i, "timeout", err) ||
	    check_dist(&s->duration, i, "duration", err) ||
	    check_dist(&s->limit, i, "limit", err))
		return -1;
	if (s->counter[0].there && check_dist(&s->counter[0].by, i, "counter A", err))
		return -1;
	if (s->counter[1].there && check_dist(&s->counter[1].by, i, "counter B", err))
		return -1;
	return 0;
}

/* ---- machines that go round without time passing ---- */

/* Is @event sure to move state @s on, to one of @in, or to stay without counting down? */
static bool surely(const struct load_machine *m, uint32_t at, int event, const bool *in)
{
	const struct load_state *s = &m->state[at];
	float sum = 0;
	uint32_t i;

	for (i = 0; i < s->n[event]; i++) {
		if (s->trans[event][i].to >= m->n_states || !in[s->trans[event][i].to])
			return false;
		if (s->trans[event][i].to == at && s->limit.there)
			return false;
		sum += s->trans[event][i].chance;
	}
	return sum >= 1;
}

static bool no_time(const struct load_dist *d)
{
	return dist_most(d) < NO_TIME;
}

/* Does entering the state lead on at once, by what it does itself and nothing ends? */
static bool leads_on(const struct load_machine *m, uint32_t at, const bool *in)
{
	const struct load_state *s = &m->state[at];

	switch (s->kind) {
	case LOAD_PAD:
		return m->max_padding == 0 && no_time(&s->timeout) &&
		       surely(m, at, PADDING_SENT, in);
	case LOAD_BLOCK:
		return m->max_blocking == 0 && no_time(&s->timeout) &&
		       (surely(m, at, BLOCKING_BEGIN, in) ||
			(no_time(&s->duration) && s->replace && !s->n[BLOCKING_BEGIN] &&
			 surely(m, at, BLOCKING_END, in)));
	case LOAD_TIMER:
		return (s->replace && surely(m, at, TIMER_BEGIN, in)) ||
		       (no_time(&s->duration) && !s->n[TIMER_BEGIN] &&
			surely(m, at, TIMER_END, in));
	default:
		return false;
	}
}

static void reach(const struct load_machine *m, bool *reached, uint32_t *stack)
{
	const struct load_state *s;
	uint32_t n = 1, i;
	uint64_t to;
	int event;

	stack[0] = 0;
	reached[0] = true;
	while (n) {
		s = &m->state[stack[--n]];
		for (event = 0; event < MACHINE_EVENTS; event++) {
			for (i = 0; i < s->n[event]; i++) {
				to = s->trans[event][i].to;
				if (to >= m->n_states || reached[to])
					continue;
				reached[to] = true;
				stack[n++] = to;
			}
		}
	}
}

/* The largest set of states that lead on to one another. */
static int check_spin(const struct load_machine *m, struct load_err *err)
{
	bool *in = calloc(m->n_states, 1), *reached = calloc(m->n_states, 1), again = true;
	uint32_t *stack = calloc(m->n_states, sizeof(*stack)), i;
	int rc = 0;

	if (!in || !reached || !stack) {
		rc = load_fail(err, -1, "no memory");
		goto out;
	}
	reach(m, reached, stack);
	memset(in, 1, m->n_states);
	while (again) {
		again = false;
		for (i = 0; i < m->n_states; i++) {
			if (in[i] && !leads_on(m, i, in)) {
				in[i] = false;
				again = true;
			}
		}
	}
	for (i = 0; i < m->n_states && !rc; i++)
		if (in[i] && reached[i])
			rc = load_fail(err, i, "from here it goes round for ever without time passing");
out:
	free(in);
	free(reached);
	free(stack);
	return rc;
}

int load_check(const struct load_machine *m, struct load_err *err)
{
	uint32_t *seen, i, mark = 0;
	int event, rc = 0;

	if (!(m->max_padding >= 0 && m->max_padding <= 1))
		return load_fail(err, -1, "max_padding_frac is %g; it must be 0 to 1",
				 m->max_padding);
	if (!(m->max_blocking >= 0 && m->max_blocking <= 1))
		return load_fail(err, -1, "max_blocking_frac is %g; it must be 0 to 1",
				 m->max_blocking);
	if (!m->n_states)
		return load_fail(err, -1, "it has no state");

	seen = calloc(m->n_states + 2, sizeof(*seen));
	if (!seen)
		return load_fail(err, -1, "no memory");
	for (i = 0; i < m->n_states && !rc; i++) {
		for (event = 0; event < MACHINE_EVENTS && !rc; event++)
			rc = check_list(m, i, event, seen, ++mark, err);
		if (!rc)
			rc = check_state(m, i, err);
	}
	free(seen);
	return rc ? rc : check_spin(m, err);
}

/* ---- in words ---- */

static void print_dist(const struct load_dist *d, FILE *out)
{
	int i;

	fprintf(out, "%s(", dist_kind_name(d->kind));
	for (i = 0; i < dist_kind_args(d->kind); i++)
		fprintf(out, "%s%.10g", i ? ", " : "", d->arg[i]);
	fprintf(out, ")");
	if (d->start != 0)
		fprintf(out, " + %.10g", d->start);
	if (d->max > 0)
		fprintf(out, " up to %.10g", d->max);
}

static void print_action(const struct load_state *s, FILE *out)
{
	static const char *const timers[] = { "the action's timer", "the timer", "both timers" };

	switch (s->kind) {
	case LOAD_CANCEL:
		fprintf(out, "  cancel %s\n", timers[s->timer]);
		return;
	case LOAD_PAD:
		fprintf(out, "  pad after ");
		print_dist(&s->timeout, out);
		fprintf(out, " us");
		break;
	case LOAD_BLOCK:
		fprintf(out, "  block after ");
		print_dist(&s->timeout, out);
		fprintf(out, " us for ");
		print_dist(&s->duration, out);
		fprintf(out, " us");
		break;
	case LOAD_TIMER:
		fprintf(out, "  set the timer to ");
		print_dist(&s->duration, out);
		fprintf(out, " us");
		break;
	default:
		return;
	}
	fprintf(out, "%s%s", s->bypass ? ", bypass" : "", s->replace ? ", replace" : "");
	if (s->limit.there) {
		fprintf(out, ", at most ");
		print_dist(&s->limit, out);
		fprintf(out, " times");
	}
	fprintf(out, "\n");
}

static void print_counter(const struct load_counter *c, char name, FILE *out)
{
	static const char *const ops[] = { "+=", "-=", "=" };

	if (!c->there)
		return;
	fprintf(out, "  %c %s ", name, ops[c->op]);
	if (c->copy)
		fprintf(out, "%c", name == 'A' ? 'B' : 'A');
	else if (c->by.there)
		print_dist(&c->by, out);
	else
		fprintf(out, "1");
	fprintf(out, "\n");
}

void load_print(const struct load_machine *m, FILE *out)
{
	const struct load_state *s;
	uint32_t i, k;
	int event;

	fprintf(out, "allowed_padding_packets %llu, max_padding_frac %.10g\n",
		(unsigned long long)m->allowed_padding, m->max_padding);
	fprintf(out, "allowed_blocked_microsec %llu, max_blocking_frac %.10g\n",
		(unsigned long long)m->allowed_blocked, m->max_blocking);
	for (i = 0; i < m->n_states; i++) {
		s = &m->state[i];
		fprintf(out, "state %u\n", i);
		print_counter(&s->counter[0], 'A', out);
		print_counter(&s->counter[1], 'B', out);
		print_action(s, out);
		for (event = 0; event < MACHINE_EVENTS; event++) {
			if (!s->n[event])
				continue;
			fprintf(out, "  %s:", event_names[event]);
			for (k = 0; k < s->n[event]; k++) {
				if (s->trans[event][k].to == MACHINE_STATE_END)
					fprintf(out, " end");
				else if (s->trans[event][k].to == MACHINE_STATE_SIGNAL)
					fprintf(out, " signal");
				else
					fprintf(out, " %llu",
						(unsigned long long)s->trans[event][k].to);
				if (s->trans[event][k].chance < 1)
					fprintf(out, " (%.7g)", s->trans[event][k].chance);
			}
			fprintf(out, "\n");
		}
	}
}
