// SPDX-License-Identifier: GPL-2.0
/*
 * What goes beside a profile that comes with the module: the kernel's answer with figures and with
 * what to write instead, and without the kernel. Others only the kernel knows.
 */
#include "rtplctl.h"

#include <string.h>

#include "../profile/profile.h"

#define NSEC 1000000000ULL

/* The settings that count beside the profile: @own over @under, which is NULL where nothing below does. */
struct beside {
	const struct shape *own, *under;
};

static const struct shape *set(const struct beside *b, uint32_t bit)
{
	return b->own->has & bit ? b->own : b->under && (b->under->has & bit) ? b->under : NULL;
}

/* Of @p, called @name, at this end. */
static int check_rate(const struct beside *b, const char *name, bool constant, const char *advice, struct err *e)
{
	const struct shape *rate = set(b, SHAPE_BIT(SCHED));
	char word[sizeof(rate->rate_word)];

	if (!rate || (rate->sched == RTPL_SCHED_CONST) == constant)
		return 0;
	if (rate->sched != RTPL_SCHED_CONST)
		return err_set(e, "rate off and profile %s contradict each other: the profile is a constant rate (%s)",
			       name, advice);
	snprintf(word, sizeof(word), "%u", rate->rate);
	return err_set(e, "rate %s and profile %s contradict each other: the profile has a schedule of its own (%s)",
		       quoted(*rate->rate_word ? rate->rate_word : word), name, advice);
}

static int check_sizes(const struct beside *b, const char *name, const struct profile *p, int end, struct err *e)
{
	const struct shape *sizes = set(b, SHAPE_BIT(SIZES));
	char cell[SHAPE_TEXT_MAX];

	if (!sizes || (sizes->sizes != RTPL_SIZE_POW2 && sizes->sizes != RTPL_SIZE_BUCKETS) ||
	    (!profile_fills(p, end) && p->end[end].sched.kind != SCHED_REGULATOR && !p->n_messages))
		return 0;
	return err_set(e, "cell %s and profile %s contradict each other: the profile needs cells of one size, a number or device",
		       quoted(cell_text(sizes, cell)), name);
}

static int check_latency(const struct beside *b, const char *name, const struct profile *p, int end, struct err *e)
{
	const struct shape *latency = set(b, SHAPE_BIT(LATENCY)), *rate = set(b, SHAPE_BIT(RATE));
	uint64_t ns = latency ? latency->latency : p->latency_ns, delay = profile_delay(p, end);
	char wait[SHAPE_TEXT_MAX], hold[SHAPE_TEXT_MAX];

	if (p->end[end].sched.kind == SCHED_CONST && rate && rate->rate)
		delay = (NSEC + rate->rate - 1) / rate->rate;
	if (!ns || delay <= ns)
		return 0;
	return err_set(e, "latency %s%s is shorter than profile %s holds a cell, %s: give it a latency of %s or more",
		       time_text(ns, wait), latency ? "" : " (the profile's)", name, time_text(delay, hold), hold);
}

static int check_one(const struct beside *b, const char *name, const char *advice, struct err *e)
{
	const struct profile_text *text = profile_find(name);
	const struct shape *role = set(b, SHAPE_BIT(ROLE));
	struct profile_err why;
	struct profile p;
	int rc, end;

	/* Nothing beside it: then nothing has to be read, of as many peers as there may be. */
	if (!set(b, SHAPE_BIT(SCHED)) && !set(b, SHAPE_BIT(SIZES)) && !set(b, SHAPE_BIT(LATENCY)))
		return 0;
	if (!text || profile_read(text->text, strlen(text->text), name, &p, &why))
		return 0;
	end = role && role->role == RTPL_ROLE_SERVER ? PROFILE_SERVER : PROFILE_CLIENT;
	rc = check_rate(b, name, p.end[end].sched.kind == SCHED_CONST, advice, e) ||
	     check_sizes(b, name, &p, end, e) || check_latency(b, name, &p, end, e) ? -1 : 0;
	profile_free(&p);
	return rc;
}

int profile_fits(const struct shape *own, const struct shape *under, const char *advice, struct err *e)
{
	char names[RTPL_POLICY_NAMES_MAX + RTPL_PROFILE_NAME_MAX], *save = NULL;
	struct beside b = { own, NULL };
	const struct shape *from = own;

	/* A peer's profile, be it none, and its policy take the place of all that is below. */
	if (!(own->has & SHAPE_BIT(PROFILE)) && !((own->has & SHAPE_BIT(POLICY)) && *own->policy)) {
		if (!under)
			return 0;
		b.under = under;
		from = under;
	}
	snprintf(names, sizeof(names), "%s %s", from->has & SHAPE_BIT(PROFILE) ? from->profile : "",
		 from->has & SHAPE_BIT(POLICY) ? from->policy : "");
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
		if (check_one(&b, name, advice ?: "take the Rate line out: Rate = off is one, too; a constant rate goes with profile maximum, or without one",
			      e))
			return -1;
	return 0;
}

int profiles_fit(const struct config *c, struct err *e)
{
	struct err why;

	if (profile_fits(&c->shape, NULL, NULL, &why))
		return err_set(e, "%.200s:%u: [Node] %.500s", c->file, conf_blame(c->lines, why.text, 1), why.text);
	for (uint32_t i = 0; i < c->n_peers; i++) {
		const struct peer *p = &c->peers[i];

		if (profile_fits(&p->shape, &c->shape, NULL, &why))
			return err_set(e, "%.200s:%u: %.500s", c->file, conf_blame(p->lines, why.text, p->line), why.text);
	}
	return 0;
}

/* What the kernel says where something does not go beside a profile. */
bool is_misfit(const struct err *e)
{
	return strstr(e->text, "a rate beside it contradict") || strstr(e->text, "constant rate needs one size") ||
	       strstr(e->text, "profile needs cells of one size") ||
	       strstr(e->text, "holds cells for longer than the latency") ||
	       strstr(e->text, "slots are longer than the latency");
}
