// SPDX-License-Identifier: GPL-2.0
/*
 * Parse a blob as a profile: see profile.h. Checks its form, record by record; then
 * profile_check.c.
 */
#include "profile.h"

static const char * const sections[RTPL_PROFILE_TYPES] = {
	[RTPL_PROFILE_HEAD] = "Profile",
	[RTPL_PROFILE_SIZES] = "Sizes",
	[RTPL_PROFILE_MESSAGES] = "Sizes",
	[RTPL_PROFILE_LINK] = "Link",
	[RTPL_PROFILE_LIMITS] = "Limits",
	[RTPL_PROFILE_DP] = "Schedule",
	[RTPL_PROFILE_SCHED] = "Schedule",
	[RTPL_PROFILE_CHAFF] = "Chaff",
	[RTPL_PROFILE_MACHINE] = "Machine",
	[RTPL_PROFILE_MACHINES] = "Machines",
};

struct look {
	struct rtpl_profile *p;
	u8 *body;		/* rest of the record */
	u32 left;
	u8 type, ends;
	u32 at;			/* of the record */
	u32 of[RTPL_PROFILE_TYPES][RTPL_END_COUNT];	/* offset of the first one; 0: none */
	const char **why;
};

static int bad(struct look *l, const char *why, int err)
{
	*l->why = why;
	return err;
}

/* The next @len bytes of the record, or NULL. */
static void *take(struct look *l, u32 len)
{
	void *at = l->body;

	if (len > l->left)
		return NULL;
	l->body += len;
	l->left -= len;
	return at;
}

static int too_short(struct look *l)
{
	return bad(l, "A record of the profile is cut off.", -EINVAL);
}

static int not_zero(struct look *l)
{
	return bad(l, "Something that is not used is not zero.", -EINVAL);
}

static bool zero(const void *p, size_t len)
{
	return !memchr_inv(p, 0, len);
}

/* Convert to this machine's byte order. */
static void turn64(void *numbers, u32 n)
{
	u64 *p = numbers;
	u32 i;

	for (i = 0; i < n; i++)
		p[i] = get_unaligned_le64(p + i);
}

static void turn16(void *numbers, u32 n)
{
	u16 *p = numbers;
	u32 i;

	for (i = 0; i < n; i++)
		p[i] = get_unaligned_le16(p + i);
}

static int get_table(struct look *l, struct rtpl_dist *d, bool needed)
{
	const struct rtpl_profile_table *t = take(l, sizeof(*t));
	u16 n;
	u8 *pool;

	if (!t)
		return too_short(l);
	n = le16_to_cpu(t->n);
	if (t->zero || t->zero2)
		return not_zero(l);
	*d = (struct rtpl_dist){};
	if (!n) {
		if (needed)
			return bad(l, "The distribution has no entries.", -EINVAL);
		return zero(t, sizeof(*t)) ? 0 : not_zero(l);
	}
	if (n > RTPL_DIST_MAX)
		return bad(l, "The distribution has more than 1024 entries.", -E2BIG);
	pool = take(l, n * 16);
	if (!pool)
		return too_short(l);
	turn64(pool, 2 * n);
	*d = (struct rtpl_dist){
		.kind = t->kind,
		.n = n,
		.start = le64_to_cpu(t->start),
		.min = le64_to_cpu(t->min),
		.max = le64_to_cpu(t->max),
		.p = (const u64 *)pool,
		.x = (const s64 *)(pool + n * 8),
	};
	return 0;
}

/* ---- the link's ---- */

static int get_sizes(struct look *l)
{
	const struct rtpl_profile_sizes *r = take(l, sizeof(*r));
	struct rtpl_shape *s = &l->p->shape;
	u8 unused, i;

	if (!r)
		return too_short(l);
	if (r->n_buckets > RTPL_SHAPE_BUCKETS)
		return bad(l, "A bucket list has 1 to 16 sizes.", -EINVAL);
	unused = RTPL_SHAPE_BUCKETS - r->n_buckets;
	if (r->zero || !zero(r->bucket + r->n_buckets, unused * sizeof(r->bucket[0])))
		return not_zero(l);
	s->sizes = r->sizes;
	s->cell = le16_to_cpu(r->cell);
	s->n_buckets = r->n_buckets;
	for (i = 0; i < r->n_buckets; i++)
		s->bucket[i] = le16_to_cpu(r->bucket[i]);
	return 0;
}

static int get_messages(struct look *l)
{
	const struct rtpl_profile_messages *r = take(l, sizeof(*r));
	struct rtpl_noise_size *s = &l->p->noise;
	u8 unused, i;

	if (!r)
		return too_short(l);
	if (r->n_buckets > RTPL_NOISE_SIZE_BUCKETS)
		return bad(l, "A list of message sizes has 1 to 16 buckets.", -EINVAL);
	unused = RTPL_NOISE_SIZE_BUCKETS - r->n_buckets;
	if (!zero(r->zero, sizeof(r->zero)) ||
	    !zero(r->bucket + r->n_buckets, unused * sizeof(r->bucket[0])))
		return not_zero(l);
	l->p->messages = true;
	s->n_buckets = r->n_buckets;
	for (i = 0; i < r->n_buckets; i++)
		s->bucket[i] = le32_to_cpu(r->bucket[i]);
	return get_table(l, &s->noise, true);
}

static int get_link(struct look *l)
{
	const struct rtpl_profile_link *r = take(l, sizeof(*r));
	struct rtpl_shape *s = &l->p->shape;

	if (!r)
		return too_short(l);
	if (!zero(r->zero, sizeof(r->zero)))
		return not_zero(l);
	s->latency_ns = le64_to_cpu(r->latency_ns);
	s->limit = le32_to_cpu(r->limit);
	s->overflow = r->overflow;
	return 0;
}

static int get_limits(struct look *l)
{
	const struct rtpl_profile_limits *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	l->p->limits = (struct rtpl_limits){
		.overhead = le32_to_cpu(r->overhead),
		.free = le32_to_cpu(r->free),
		.rate = le64_to_cpu(r->rate),
		.window = le64_to_cpu(r->window),
	};
	return 0;
}

static int get_dp(struct look *l)
{
	const struct rtpl_profile_dp *r = take(l, sizeof(*r));
	struct rtpl_dp_plan *d = &l->p->dp;
	const struct rtpl_profile_line *line;
	int err = 0;
	u8 i;

	if (!r)
		return too_short(l);
	if (!zero(r->zero, sizeof(r->zero)) || r->zero2)
		return not_zero(l);
	if (r->n_lines > RTPL_DP_LINES)
		return bad(l, "The account has 1 to 64 lines.", -EINVAL);
	if (r->parts > ARRAY_SIZE(d->part))
		return bad(l, "A draw of the private window has 1 or 2 parts.", -EINVAL);
	if (r->hold > 1)
		return bad(l, "What happens after the last window is neither 0 nor 1.", -EINVAL);
	d->mechanism = r->mechanism;
	d->parts = r->parts;
	d->draws = r->draws;
	d->n_lines = r->n_lines;
	d->hold = r->hold;
	d->step = le32_to_cpu(r->step);
	d->grain = le32_to_cpu(r->grain);
	d->min = le32_to_cpu(r->min);
	d->max = le32_to_cpu(r->max);
	d->burst = le32_to_cpu(r->burst);
	d->window_ns = le64_to_cpu(r->window_ns);
	d->windows = le64_to_cpu(r->windows);
	d->delta = le64_to_cpu(r->delta);
	for (i = 0; i < r->n_lines; i++) {
		line = take(l, sizeof(*line));
		if (!line)
			return too_short(l);
		d->line[i].each = le64_to_cpu(line->each);
		d->line[i].once = le64_to_cpu(line->once);
	}
	for (i = 0; i < r->parts && !err; i++)
		err = get_table(l, &d->part[i], true);
	return err;
}

/* ---- an end's schedule ---- */

static int get_interval(struct look *l, struct rtpl_sched_interval *i)
{
	const struct rtpl_profile_interval *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	if (!zero(r->zero, sizeof(r->zero)))
		return not_zero(l);
	if (r->chaff > 1)
		return bad(l, "The interval's chaff is neither 0 nor 1.", -EINVAL);
	i->period_ns = le64_to_cpu(r->period_ns);
	i->cells = le16_to_cpu(r->cells);
	i->chaff = r->chaff;
	return get_table(l, &i->jitter, false);
}

/* @noise is where a table goes, if there is one. */
static int get_ladder(struct look *l, struct rtpl_sched_ladder *s, struct rtpl_dist *noise)
{
	const struct rtpl_profile_ladder *r = take(l, sizeof(*r));
	u8 i;

	if (!r)
		return too_short(l);
	if (r->n > RTPL_SCHED_RATES)
		return bad(l, "A ladder has 2 to 16 rates.", -EINVAL);
	if (r->zero || !zero(r->rate + r->n, sizeof(r->rate) - r->n * sizeof(r->rate[0])) ||
	    !zero(r->zero2, sizeof(r->zero2)))
		return not_zero(l);
	s->n = r->n;
	s->first = r->first;
	s->growth = r->growth;
	s->up = le16_to_cpu(r->up);
	s->down = le16_to_cpu(r->down);
	s->epoch_ns = le64_to_cpu(r->epoch_ns);
	s->epoch_max_ns = le64_to_cpu(r->epoch_max_ns);
	s->average_us = le32_to_cpu(r->average_us);
	s->steps_up = r->steps_up;
	s->steps_down = r->steps_down;
	for (i = 0; i < r->n; i++)
		s->rate[i] = le32_to_cpu(r->rate[i]);
	if (!l->left)
		return 0;
	s->noise = noise;
	return get_table(l, noise, true);
}

static int get_regulator(struct look *l, struct rtpl_sched_regulator *s)
{
	const struct rtpl_profile_regulator *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	if (r->zero || r->zero2)
		return not_zero(l);
	if (r->end >= RTPL_END_COUNT || l->ends != BIT(r->end))
		return bad(l, "RegulaTor's client is not the client, or its server not the server.",
			   -EINVAL);
	*s = (struct rtpl_sched_regulator){
		.end = r->end,
		.warm_cells = le16_to_cpu(r->warm_cells),
		.warm_rate = le32_to_cpu(r->warm_rate),
		.rate = le32_to_cpu(r->rate),
		.floor = le32_to_cpu(r->floor),
		.threshold = le32_to_cpu(r->threshold),
		.budget = le32_to_cpu(r->budget),
		.ratio = le32_to_cpu(r->ratio),
		.half_ns = le64_to_cpu(r->half_ns),
		.cap_ns = le64_to_cpu(r->cap_ns),
		.idle_ns = le64_to_cpu(r->idle_ns),
	};
	return 0;
}

static int get_tamaraw(struct look *l, struct rtpl_sched_tamaraw *s)
{
	const struct rtpl_profile_tamaraw *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	if (r->zero)
		return not_zero(l);
	s->period_ns = le64_to_cpu(r->period_ns);
	s->quiet_ns = le64_to_cpu(r->quiet_ns);
	s->multiple = le32_to_cpu(r->multiple);
	s->cells = le16_to_cpu(r->cells);
	return 0;
}

static int get_edges(struct look *l, u32 *edge, u8 n)
{
	const __le32 *r = take(l, RTPL_EXCHANGE_EDGES * sizeof(*r));
	u8 i;

	if (!r)
		return too_short(l);
	if (n > RTPL_EXCHANGE_EDGES)
		return bad(l, "An exchange has 1 to 32 classes of volumes and times.", -EINVAL);
	for (i = 0; i < n; i++)
		edge[i] = le32_to_cpu(r[i]);
	return zero(r + n, (RTPL_EXCHANGE_EDGES - n) * sizeof(*r)) ? 0 : not_zero(l);
}

/* Rows and choices stay where they are. */
static int get_rows(struct look *l, struct rtpl_exchange *x)
{
	struct rtpl_exchange_choice *choice;
	struct rtpl_exchange_row *row;
	u32 i;

	if (x->n_rows > RTPL_EXCHANGE_ROWS || x->n_choices > RTPL_EXCHANGE_CHOICES)
		return bad(l, "The tables of an exchange are too large.", -E2BIG);
	row = take(l, x->n_rows * sizeof(*row));
	choice = row ? take(l, x->n_choices * sizeof(*choice)) : NULL;
	if (!choice)
		return too_short(l);
	for (i = 0; i < x->n_rows; i++) {
		turn64(&row[i].key, 1);
		row[i].first = get_unaligned_le32(&row[i].first);
		turn16(&row[i].n, 1);
	}
	for (i = 0; i < x->n_choices; i++)
		choice[i].upto = get_unaligned_le32(&choice[i].upto);
	x->row = row;
	x->choice = choice;
	return 0;
}

static int get_exchange(struct look *l, struct rtpl_exchange *x)
{
	const struct rtpl_profile_exchange *r = take(l, sizeof(*r));
	int err;

	if (!r)
		return too_short(l);
	*x = (struct rtpl_exchange){
		.small = le16_to_cpu(r->small),
		.cover = le16_to_cpu(r->cover),
		.start = le16_to_cpu(r->start),
		.grow = le16_to_cpu(r->grow),
		.most = le16_to_cpu(r->most),
		.every = r->every,
		.spread = r->spread,
		.linger = r->linger,
		.n_up = r->n_up,
		.n_down = r->n_down,
		.n_slots = r->n_slots,
		.pace_ns = le64_to_cpu(r->pace_ns),
		.slot_ns = le64_to_cpu(r->slot_ns),
		.reply_ns = le64_to_cpu(r->reply_ns),
		.idle_ns = le64_to_cpu(r->idle_ns),
		.n_rows = le32_to_cpu(r->n_rows),
		.n_choices = le32_to_cpu(r->n_choices),
	};
	err = get_edges(l, x->up, x->n_up);
	if (!err)
		err = get_edges(l, x->down, x->n_down);
	if (!err)
		err = get_edges(l, x->slots, x->n_slots);
	return err ?: get_rows(l, x);
}

static int get_sched_kind(struct look *l, struct rtpl_sched_params *s)
{
	const struct rtpl_profile_jitter *jitter;
	const struct rtpl_profile_const *rate;
	/* Both ends may have the record: the tables are the first one's. */
	struct rtpl_profile_end *end = &l->p->end[l->ends & BIT(RTPL_END_CLIENT) ?
						  RTPL_END_CLIENT : RTPL_END_SERVER];

	switch (s->kind) {
	case RTPL_SCHEDULE_ASAP:
		return 0;
	case RTPL_SCHEDULE_CONST:
		rate = take(l, sizeof(*rate));
		if (!rate)
			return too_short(l);
		s->rate = le32_to_cpu(rate->rate);
		return rate->zero ? not_zero(l) : 0;
	case RTPL_SCHEDULE_JITTER:
		jitter = take(l, sizeof(*jitter));
		if (!jitter)
			return too_short(l);
		s->jitter.max_ns = le64_to_cpu(jitter->max_ns);
		return get_table(l, &s->jitter.hold, true);
	case RTPL_SCHEDULE_INTERVAL:
		return get_interval(l, &s->interval);
	case RTPL_SCHEDULE_LADDER:
		return get_ladder(l, &s->ladder, &end->noise);
	case RTPL_SCHEDULE_REGULATOR:
		return get_regulator(l, &s->regulator);
	case RTPL_SCHEDULE_TAMARAW:
		return get_tamaraw(l, &s->tamaraw);
	case RTPL_SCHEDULE_DP:
		s->dp = &l->p->dp;
		return 0;
	case RTPL_SCHEDULE_EXCHANGE:
		s->exchange = &end->exchange;
		return get_exchange(l, &end->exchange);
	default:
		return bad(l, "The kind of schedule is unknown.", -EINVAL);
	}
}

/* The kind that the body begins with, or -EINVAL. */
static int get_kind(struct look *l)
{
	const struct rtpl_profile_kind *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	return zero(r->zero, sizeof(r->zero)) ? r->kind : not_zero(l);
}

static int get_sched(struct look *l)
{
	struct rtpl_sched_params s = {};
	int err = get_kind(l), e;

	if (err < 0)
		return err;
	s.kind = err;
	err = get_sched_kind(l, &s);
	for (e = 0; e < RTPL_END_COUNT; e++)
		if (l->ends & BIT(e))
			l->p->end[e].sched = s;
	return err;
}

/* ---- an end's chaff ---- */

/* @dist is where a table goes, if there is one. */
static int get_gap(struct look *l, struct rtpl_chaff_gap *g, struct rtpl_dist *dist)
{
	const struct rtpl_profile_gap *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	if (!zero(r->zero, sizeof(r->zero)) || (r->ns && r->mode != RTPL_CHAFF_FIXED))
		return not_zero(l);
	g->mode = r->mode;
	g->ns = le64_to_cpu(r->ns);
	return r->mode == RTPL_CHAFF_RANDOM ? get_table(l, dist, true) : 0;
}

static int get_cover(struct look *l, struct rtpl_cover *c, struct rtpl_dist *dist)
{
	const struct rtpl_profile_cover *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	c->idle = le64_to_cpu(r->idle);
	return get_gap(l, &c->every, dist);
}

static int get_bip324(struct look *l, struct rtpl_bip324 *c, struct rtpl_dist *dist)
{
	const struct rtpl_profile_bip324 *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	if (!zero(r->zero, sizeof(r->zero)))
		return not_zero(l);
	c->padding = r->padding;
	c->count = r->count;
	c->chance = le32_to_cpu(r->chance);
	return get_gap(l, &c->background, dist);
}

static int get_hist(struct look *l, const struct rtpl_wtfpad_hist **hist)
{
	struct rtpl_profile_hist *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	if (r->n > RTPL_WTFPAD_BINS)
		return bad(l, "A WTF-PAD histogram has 1 to 64 bins.", -ERANGE);
	if (r->zero || r->zero2 ||
	    !zero(r->tokens + r->n, sizeof(r->tokens) - r->n * sizeof(r->tokens[0])) ||
	    !zero(r->edge + r->n, sizeof(r->edge) - r->n * sizeof(r->edge[0])))
		return not_zero(l);
	turn16(&r->infinity, 1);
	turn16(r->tokens, RTPL_WTFPAD_BINS);
	turn64(r->edge, RTPL_WTFPAD_BINS);
	*hist = (const struct rtpl_wtfpad_hist *)r;
	return 0;
}

static int get_wtfpad(struct look *l, struct rtpl_wtfpad *c)
{
	const struct rtpl_profile_wtfpad *r = take(l, sizeof(*r));
	int err = 0, on, mode;

	if (!r)
		return too_short(l);
	if (!zero(r->zero, sizeof(r->zero)) || r->hists >> (RTPL_WTFPAD_ONS * RTPL_WTFPAD_MODES))
		return not_zero(l);
	c->removal = r->removal;
	c->flags = r->flags;
	for (on = 0; on < RTPL_WTFPAD_ONS; on++)
		for (mode = 0; mode < RTPL_WTFPAD_MODES && !err; mode++)
			if (r->hists & BIT(on * RTPL_WTFPAD_MODES + mode))
				err = get_hist(l, &c->hist[on][mode]);
	return err;
}

static int get_front(struct look *l, struct rtpl_front *c)
{
	const struct rtpl_profile_front *r = take(l, sizeof(*r));

	if (!r)
		return too_short(l);
	c->min = le16_to_cpu(r->min);
	c->max = le16_to_cpu(r->max);
	c->window_min = le64_to_cpu(r->window_min);
	c->window_max = le64_to_cpu(r->window_max);
	c->silence = le64_to_cpu(r->silence);
	return r->zero ? not_zero(l) : 0;
}

static int get_chaff_kind(struct look *l, struct rtpl_chaff *c, struct rtpl_dist *dist)
{
	switch (c->kind) {
	case RTPL_CHAFF_NONE:
		return 0;
	case RTPL_CHAFF_COVER:
		return get_cover(l, &c->cover, dist);
	case RTPL_CHAFF_BIP324:
		return get_bip324(l, &c->bip324, dist);
	case RTPL_CHAFF_WTFPAD:
		return get_wtfpad(l, &c->wtfpad);
	case RTPL_CHAFF_FRONT:
		return get_front(l, &c->front);
	default:
		return bad(l, "The kind of chaff is unknown.", -EINVAL);
	}
}

static int get_chaff(struct look *l)
{
	struct rtpl_profile_end *end;
	struct rtpl_dist dist = {};
	struct rtpl_chaff c = {};
	int err = get_kind(l), e;

	if (err < 0)
		return err;
	c.kind = err;
	err = get_chaff_kind(l, &c, &dist);
	for (e = 0; e < RTPL_END_COUNT; e++) {
		if (!(l->ends & BIT(e)))
			continue;
		end = &l->p->end[e];
		end->chaff = c;
		end->gap = dist;
		if (dist.n && c.kind == RTPL_CHAFF_COVER)
			end->chaff.cover.every.dist = &end->gap;
		else if (dist.n)
			end->chaff.bip324.background.dist = &end->gap;
	}
	return err;
}

/* ---- an end's machines ---- */

static int get_machine(struct look *l)
{
	struct rtpl_machine_where where;
	struct rtpl_profile_end *end;
	u32 len = l->left, e;
	struct rtpl_machine m;
	int err;

	for (e = 0; e < RTPL_END_COUNT; e++)
		if (l->ends & BIT(e) && l->p->end[e].n_machines == RTPL_MACHINES)
			return bad(l, "An end has more than 8 machines.", -E2BIG);
	err = rtpl_machine_check(&m, take(l, len), len, l->why, &where);
	if (err)
		return err;
	for (e = 0; e < RTPL_END_COUNT; e++) {
		end = &l->p->end[e];
		if (l->ends & BIT(e))
			end->machine[end->n_machines++] = m;
	}
	return 0;
}

static int get_machines(struct look *l)
{
	const struct rtpl_profile_machines *r = take(l, sizeof(*r));
	u32 e;

	if (!r)
		return too_short(l);
	for (e = 0; e < RTPL_END_COUNT; e++)
		if (l->ends & BIT(e))
			l->p->end[e].machines = (struct rtpl_machines_limits){
				.max_padding = le64_to_cpu(r->max_padding),
				.max_blocking = le64_to_cpu(r->max_blocking),
			};
	return 0;
}

/* ---- the blob ---- */

static int (* const readers[RTPL_PROFILE_TYPES])(struct look *l) = {
	[RTPL_PROFILE_SIZES] = get_sizes,
	[RTPL_PROFILE_MESSAGES] = get_messages,
	[RTPL_PROFILE_LINK] = get_link,
	[RTPL_PROFILE_LIMITS] = get_limits,
	[RTPL_PROFILE_DP] = get_dp,
	[RTPL_PROFILE_SCHED] = get_sched,
	[RTPL_PROFILE_CHAFF] = get_chaff,
	[RTPL_PROFILE_MACHINE] = get_machine,
	[RTPL_PROFILE_MACHINES] = get_machines,
};

static int get_name(struct look *l, const struct rtpl_profile_head *h)
{
	u32 n;
	char c;

	for (n = 0; n < RTPL_PROFILE_NAME && h->name[n]; n++) {
		c = h->name[n];
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return bad(l, "The profile's name is not of a-z, 0-9 and \"-\".", -EINVAL);
	}
	if (!n || n == RTPL_PROFILE_NAME)
		return bad(l, "The profile's name does not have 1 to 31 letters.", -EINVAL);
	if (!zero(h->name + n, sizeof(h->name) - n))
		return not_zero(l);
	memcpy(l->p->name, h->name, sizeof(l->p->name));
	return 0;
}

static int get_head(struct look *l, const void *blob, size_t len)
{
	const struct rtpl_profile_head *h = blob;

	if (len > RTPL_PROFILE_SIZE)
		return bad(l, "The profile has more than 1048576 bytes.", -E2BIG);
	if (len < sizeof(*h) || (uintptr_t)blob % 8)
		return bad(l, "The profile is cut off or not aligned.", -EINVAL);
	if (le32_to_cpu(h->magic) != RTPL_PROFILE_MAGIC)
		return bad(l, "These bytes are no profile.", -EINVAL);
	if (le16_to_cpu(h->version) != RTPL_PROFILE_VERSION)
		return bad(l, "The profile is of another version.", -EPROTONOSUPPORT);
	if (le32_to_cpu(h->size) != len)
		return bad(l, "The profile is not as long as it says.", -EINVAL);
	if (h->zero || h->zero2)
		return not_zero(l);
	return get_name(l, h);
}

/* Check a record's head; the link's records are for both ends. */
static int get_record(struct look *l, const struct rtpl_profile_record *r, size_t left)
{
	u32 len = le32_to_cpu(r->len), type = le16_to_cpu(r->type), e;
	bool many = type == RTPL_PROFILE_MACHINE;

	if (!type || type >= RTPL_PROFILE_TYPES)
		return bad(l, "The profile has a record of an unknown type.", -EINVAL);
	l->type = type;
	l->ends = r->ends;
	if (len < sizeof(*r) || len % 8 || len > left)
		return bad(l, "A record of the profile does not fit.", -EINVAL);
	if (r->zero)
		return not_zero(l);
	if (!r->ends || r->ends & ~RTPL_PROFILE_BOTH ||
	    (type < RTPL_PROFILE_SCHED && r->ends != RTPL_PROFILE_BOTH))
		return bad(l, "A record of the profile is for an end that there is not.", -EINVAL);
	for (e = 0; e < RTPL_END_COUNT; e++) {
		if (!(r->ends & BIT(e)))
			continue;
		if (l->of[type][e] && !many)
			return bad(l, "The profile has a record twice.", -EINVAL);
		if (!l->of[type][e])
			l->of[type][e] = l->at;
	}
	l->body = (u8 *)(r + 1);
	l->left = len - sizeof(*r);
	return 0;
}

static int get_records(struct look *l, u8 *blob, size_t len)
{
	const struct rtpl_profile_record *r;
	int err;

	for (l->at = sizeof(struct rtpl_profile_head); l->at < len; l->at += le32_to_cpu(r->len)) {
		l->type = RTPL_PROFILE_HEAD;
		r = (const struct rtpl_profile_record *)(blob + l->at);
		if (len - l->at < sizeof(*r))
			return too_short(l);
		err = get_record(l, r, len - l->at);
		if (!err)
			err = readers[l->type](l);
		if (err)
			return err;
		if (l->left)
			return bad(l, "A record of the profile is longer than what it holds.",
				   -EINVAL);
	}
	return 0;
}

static int all_there(struct look *l)
{
	static const u8 needed[] = {
		RTPL_PROFILE_SIZES, RTPL_PROFILE_LINK, RTPL_PROFILE_SCHED,
	};
	u32 i, e;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		for (e = 0; e < RTPL_END_COUNT; e++) {
			if (l->of[needed[i]][e])
				continue;
			l->type = needed[i];
			l->at = 0;
			return bad(l, "The profile lacks sizes, link or a schedule.", -EINVAL);
		}
	}
	return 0;
}

int rtpl_profile_check(const struct rtpl_profile *p, u32 max_cell, const char **why,
		       const char **field)
{
	struct rtpl_profile_fault f = { .why = why };
	int err = rtpl_profile_look(p, max_cell, &f);

	if (err)
		*field = sections[f.type];
	return err;
}

static void mirror(struct rtpl_profile *p)
{
	u32 e;

	p->shape.sched = RTPL_SCHEDULE_ASAP;
	p->shape.rate = 0;
	for (e = 0; e < RTPL_END_COUNT; e++) {
		if (p->end[e].sched.kind != RTPL_SCHEDULE_CONST)
			continue;
		p->shape.sched = RTPL_SCHEDULE_CONST;
		p->shape.rate = p->end[e].sched.rate;
	}
}

int rtpl_profile_parse(struct rtpl_profile *p, void *blob, size_t len, const char **why,
		       struct rtpl_profile_where *where)
{
	struct look l = { .p = p, .why = why };
	struct rtpl_profile_fault f = { .why = why };
	int err;

	memset(p, 0, sizeof(*p));
	rtpl_limits_default(&p->limits);
	err = get_head(&l, blob, len);
	if (!err)
		err = get_records(&l, blob, len);
	if (!err)
		err = all_there(&l);
	if (err) {
		where->field = sections[l.type];
		where->at = l.at;
		return err;
	}
	mirror(p);
	if (l.of[RTPL_PROFILE_DP][0] && !p->dp.windows) {
		where->field = sections[RTPL_PROFILE_DP];
		where->at = l.of[RTPL_PROFILE_DP][0];
		return bad(&l, "The windows of the account are not between 1 and 2^40.", -ERANGE);
	}
	err = rtpl_profile_look(p, 0, &f);
	if (err) {
		where->field = sections[f.type];
		where->at = l.of[f.type][f.end];
	}
	return err;
}
