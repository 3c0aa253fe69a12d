// SPDX-License-Identifier: GPL-2.0
/* Check a profile's parts, each alone and together: see profile.h. */
#include "profile.h"

static int wrong(struct rtpl_profile_fault *f, u8 type, const char *why, int err)
{
	f->type = type;
	*f->why = why;
	return err;
}

static bool fills(const struct rtpl_sched_params *s)
{
	return rtpl_sched_fills(s) || s->kind == RTPL_SCHEDULE_TAMARAW;
}

/* Bytes per second of a schedule that fills its slots, rounded down. */
static u64 bytes_of(const struct rtpl_sched_params *s, u32 cell)
{
	switch (s->kind) {
	case RTPL_SCHEDULE_CONST:
		return (u64)s->rate * cell;
	case RTPL_SCHEDULE_INTERVAL:
		return div64_u64(RTPL_NSEC * s->interval.cells * cell, s->interval.period_ns);
	case RTPL_SCHEDULE_LADDER:
		return (u64)s->ladder.rate[s->ladder.n - 1] * cell;
	case RTPL_SCHEDULE_TAMARAW:
		return div64_u64(RTPL_NSEC * s->tamaraw.cells * cell, s->tamaraw.period_ns);
	default:
		return div64_u64((u64)s->dp->max * s->dp->grain * 1000000,
				 div_u64(s->dp->window_ns, 1000));
	}
}

/*
 * Are the sizes that an exchange names some that there are? In larger ones replies are large cells
 * themselves, which are replied to, for ever.
 */
static bool has_sizes(const struct rtpl_shape *s, const struct rtpl_sched_params *p, u32 max_cell)
{
	const struct rtpl_exchange *x = p->exchange;
	u16 most = max_cell ? min_t(u32, max_cell, U16_MAX) : U16_MAX;

	return p->kind != RTPL_SCHEDULE_EXCHANGE ||
	       (rtpl_pad_pick(s, x->small - RTPL_CELL_OVERHEAD, most) == x->small &&
		rtpl_pad_pick(s, x->cover - RTPL_CELL_OVERHEAD, most) == x->cover);
}

static const char no_sizes[] =
	"An exchange's small cell and its cell of cover have to be sizes of cells.";

/* Is it a sum of whole cells and one of another size, as a burst leaves? */
static bool is_made(const struct rtpl_shape *s, u32 volume)
{
	u16 whole = rtpl_pad_max(s, U16_MAX);
	u32 rest = volume % whole;

	/* Only the device knows. */
	if (s->sizes == RTPL_SIZES_POW2 && !s->cell)
		return true;
	return !rest || (rest > RTPL_CELL_OVERHEAD &&
			 rtpl_pad_pick(s, rest - RTPL_CELL_OVERHEAD, whole) == rest);
}

/*
 * Are an exchange's volumes some that cells make? Others would be of another class when they left.
 * A small answer is in up to so many cells of cover.
 */
static int check_volumes(const struct rtpl_shape *s, const struct rtpl_sched_params *p,
			 const char **why)
{
	const struct rtpl_exchange *x = p->exchange;
	u8 i;

	if (p->kind != RTPL_SCHEDULE_EXCHANGE)
		return 0;
	for (i = 0; i < x->n_up; i++)
		if (!is_made(s, x->up[i]))
			return sched_wrong(why,
					   "A volume up is no sum of whole cells and one other.",
					   -EINVAL);
	for (i = 0; i < x->n_down; i++)
		if (!is_made(s, x->down[i]) &&
		    (x->down[i] % x->cover || x->down[i] / x->cover > x->spread))
			return sched_wrong(why,
					   "A volume down is no sum of whole cells and one other.",
					   -EINVAL);
	return 0;
}

/* Limits do not apply to a schedule's own chaff: refuse limits that it would break. */
static int check_own_chaff(const struct rtpl_profile *p, const struct rtpl_sched_params *s,
			   u32 max_cell, struct rtpl_profile_fault *f)
{
	bool surges = s->kind == RTPL_SCHEDULE_REGULATOR;
	bool exchanges = s->kind == RTPL_SCHEDULE_EXCHANGE;

	if (!fills(s) && !surges && !exchanges)
		return 0;
	if (!has_sizes(&p->shape, s, max_cell))
		return wrong(f, RTPL_PROFILE_SIZES, no_sizes, -EINVAL);
	f->type = RTPL_PROFILE_SCHED;
	if (check_volumes(&p->shape, s, f->why))
		return -EINVAL;
	if (!exchanges && p->shape.sizes != RTPL_SIZES_DEVICE && p->shape.sizes != RTPL_SIZES_FIXED)
		return wrong(f, RTPL_PROFILE_SIZES,
			     "A schedule that sends chaff of its own needs one size: device or fixed.",
			     -EINVAL);
	if (p->limits.overhead != RTPL_LIMITS_NONE)
		return wrong(f, RTPL_PROFILE_LIMITS,
			     "The schedule sends chaff of its own: it cannot keep an overhead limit.",
			     -EINVAL);
	if (!p->limits.rate)
		return 0;
	if (surges)
		return wrong(f, RTPL_PROFILE_LIMITS,
			     "RegulaTor's chaff follows its surges: it keeps no limit of chaff per second.",
			     -EINVAL);
	if (exchanges)
		return wrong(f, RTPL_PROFILE_LIMITS,
			     "An exchange's chaff follows its tables: it keeps no limit of chaff per second.",
			     -EINVAL);
	if (p->limits.rate < bytes_of(s, rtpl_pad_min(&p->shape, max_cell)))
		return wrong(f, RTPL_PROFILE_LIMITS,
			     "The limit of chaff per second is below what the schedule sends.",
			     -EINVAL);
	return 0;
}

static bool blocks(const struct rtpl_profile_end *end)
{
	u32 i, s;

	for (i = 0; i < end->n_machines; i++)
		for (s = 0; s < end->machine[i].n_states; s++)
			if (end->machine[i].state[s].kind == RTPL_MACHINE_BLOCK)
				return true;
	return false;
}

/* Check what else there is besides the schedule. */
static int check_beside(const struct rtpl_profile *p, const struct rtpl_profile_end *end,
			struct rtpl_profile_fault *f)
{
	const struct rtpl_sched_params *s = &end->sched;

	if (fills(s) || s->kind == RTPL_SCHEDULE_EXCHANGE) {
		if (end->chaff.kind != RTPL_CHAFF_NONE)
			return wrong(f, RTPL_PROFILE_CHAFF,
				     "The schedule has chaff of its own: there is no room for other chaff.",
				     -EINVAL);
		if (end->n_machines)
			return wrong(f, RTPL_PROFILE_MACHINE,
				     "The schedule has chaff of its own: machines have nothing to do.",
				     -EINVAL);
		if (p->messages)
			return wrong(f, RTPL_PROFILE_MESSAGES,
				     "The schedule has chaff of its own: sizes of messages do not show.",
				     -EINVAL);
	}
	if (s->kind != RTPL_SCHEDULE_ASAP && s->kind != RTPL_SCHEDULE_JITTER && blocks(end))
		return wrong(f, RTPL_PROFILE_MACHINE,
			     "A machine blocks, but the schedule says when cells leave.", -EINVAL);
	if ((end->machines.max_padding || end->machines.max_blocking) && !end->n_machines)
		return wrong(f, RTPL_PROFILE_MACHINES,
			     "There are limits of machines, but no machine.", -EINVAL);
	return 0;
}

static int check_end(const struct rtpl_profile *p, const struct rtpl_profile_end *end,
		     u32 max_cell, struct rtpl_profile_fault *f)
{
	bool wanted = end->n_machines || p->messages;
	struct rtpl_shape shape = p->shape;
	int err;

	/* The only schedule that the parts know is the constant rate. */
	shape.sched = RTPL_SCHEDULE_ASAP;
	shape.rate = 0;
	if (end->sched.kind == RTPL_SCHEDULE_CONST) {
		shape.sched = RTPL_SCHEDULE_CONST;
		shape.rate = end->sched.rate;
	}
	f->type = RTPL_PROFILE_SCHED;
	err = rtpl_sched_check(&end->sched, shape.latency_ns, f->why);
	if (err)
		return err;
	if (end->sched.kind == RTPL_SCHEDULE_REGULATOR && &p->end[end->sched.regulator.end] != end)
		return wrong(f, RTPL_PROFILE_SCHED,
			     "RegulaTor's client is not the client, or its server not the server.",
			     -EINVAL);
	err = rtpl_shape_check(&shape, max_cell, f->why);
	if (err)
		return err;
	f->type = RTPL_PROFILE_CHAFF;
	err = rtpl_chaff_check(&end->chaff, f->why);
	if (!err)
		err = check_beside(p, end, f);
	if (!err)
		err = check_own_chaff(p, &end->sched, max_cell, f);
	if (err)
		return err;
	f->type = RTPL_PROFILE_LIMITS;
	err = rtpl_limits_check(&p->limits, &shape, &end->chaff, max_cell, f->why);
	if (!err && wanted && !p->limits.overhead &&
	    p->limits.free < rtpl_pad_min(&shape, max_cell))
		return wrong(f, RTPL_PROFILE_LIMITS,
			     "The overhead limit allows no chaff, but machines or messages want some.",
			     -EINVAL);
	return err;
}

#define BESIDE(kind)	"The ends' schedules are exchange and " kind ": an exchange has two ends."

/* One end alone would pad what the other never answers in kind. */
static int check_exchange(const struct rtpl_profile *p, struct rtpl_profile_fault *f)
{
	static const char * const beside[RTPL_SCHEDULE_KINDS] = {
		[RTPL_SCHEDULE_ASAP] = BESIDE("as-it-comes"),
		[RTPL_SCHEDULE_CONST] = BESIDE("constant"),
		[RTPL_SCHEDULE_JITTER] = BESIDE("jitter"),
		[RTPL_SCHEDULE_INTERVAL] = BESIDE("interval"),
		[RTPL_SCHEDULE_LADDER] = BESIDE("ladder"),
		[RTPL_SCHEDULE_REGULATOR] = BESIDE("regulator"),
		[RTPL_SCHEDULE_TAMARAW] = BESIDE("tamaraw"),
		[RTPL_SCHEDULE_DP] = BESIDE("private"),
	};
	u8 a = p->end[RTPL_END_CLIENT].sched.kind, b = p->end[RTPL_END_SERVER].sched.kind;
	bool first = a == RTPL_SCHEDULE_EXCHANGE;

	if (a == b || (!first && b != RTPL_SCHEDULE_EXCHANGE))
		return 0;
	f->end = first ? RTPL_END_SERVER : RTPL_END_CLIENT;
	return wrong(f, RTPL_PROFILE_SCHED, beside[first ? b : a], -EINVAL);
}

/* The engine has only one constant rate, the shape's. */
static int check_rates(const struct rtpl_profile *p, struct rtpl_profile_fault *f)
{
	const struct rtpl_sched_params *a = &p->end[RTPL_END_CLIENT].sched;
	const struct rtpl_sched_params *b = &p->end[RTPL_END_SERVER].sched;

	if (a->kind > RTPL_SCHEDULE_CONST || b->kind > RTPL_SCHEDULE_CONST)
		return 0;
	if (a->kind == b->kind && (a->kind == RTPL_SCHEDULE_ASAP || a->rate == b->rate))
		return 0;
	f->end = RTPL_END_SERVER;
	return wrong(f, RTPL_PROFILE_SCHED, "A constant rate is the same at both ends.", -EINVAL);
}

/**
 * rtpl_profile_look() - do the work of rtpl_profile_check(), for profile.c
 * @p: each part set
 * @max_cell: largest cell the device carries, or 0 if unknown
 * @f: f->why points to where the sentence goes; the rest is set on error, and tells which record is
 *	wrong
 *
 * Context: Any.
 * Return: as rtpl_profile_check().
 */
int rtpl_profile_look(const struct rtpl_profile *p, u32 max_cell, struct rtpl_profile_fault *f)
{
	struct rtpl_shape shape = p->shape;
	bool private = false;
	u32 e;
	int err;

	/* First check only the sizes and the link. */
	shape.rate = 0;
	shape.sched = RTPL_SCHEDULE_ASAP;
	f->type = RTPL_PROFILE_SIZES;
	err = rtpl_shape_check(&shape, max_cell, f->why);
	if (err)
		return err;
	if (p->messages) {
		f->type = RTPL_PROFILE_MESSAGES;
		err = rtpl_noise_size_check(&p->noise, f->why);
		if (err)
			return err;
		if (shape.sizes != RTPL_SIZES_DEVICE && shape.sizes != RTPL_SIZES_FIXED)
			return wrong(f, RTPL_PROFILE_MESSAGES,
				     "Sizes of messages need cells of one size: device or fixed.",
				     -EINVAL);
	}
	err = check_exchange(p, f);
	if (err)
		return err;
	for (e = 0; e < RTPL_END_COUNT; e++) {
		f->end = e;
		err = check_end(p, &p->end[e], max_cell, f);
		if (err)
			return err;
		private |= p->end[e].sched.kind == RTPL_SCHEDULE_DP;
	}
	if (!private && p->dp.windows)
		return wrong(f, RTPL_PROFILE_DP,
			     "There is a private window's plan, but no schedule that has it.",
			     -EINVAL);
	return check_rates(p, f);
}

int rtpl_profile_check_shape(const struct rtpl_profile *p, enum rtpl_end end,
			     const struct rtpl_shape *s, u32 max_cell, const char **why)
{
	struct rtpl_sched_params sched = p->end[end].sched;
	bool one = s->sizes == RTPL_SIZES_DEVICE || s->sizes == RTPL_SIZES_FIXED;
	bool own = fills(&sched) || sched.kind == RTPL_SCHEDULE_REGULATOR;
	int err;

	if (s->sched != p->shape.sched) {
		*why = "The profile's schedule and a rate beside it contradict each other.";
		return -EINVAL;
	}
	if (!one && (own || p->messages)) {
		*why = "The profile needs cells of one size: device or fixed.";
		return -EINVAL;
	}
	if (!has_sizes(s, &sched, max_cell)) {
		*why = no_sizes;
		return -EINVAL;
	}
	err = check_volumes(s, &sched, why);
	if (err)
		return err;
	if (sched.kind == RTPL_SCHEDULE_CONST)
		sched.rate = s->rate;
	err = rtpl_sched_check(&sched, s->latency_ns, why);
	if (!err)
		err = rtpl_limits_check(&p->limits, s, &p->end[end].chaff, max_cell, why);
	if (err || !p->limits.rate || !fills(&sched))
		return err;
	if (p->limits.rate < bytes_of(&sched, rtpl_pad_max(s, max_cell ? max_cell : U16_MAX))) {
		*why = "The profile's limit of chaff per second is below what the schedule sends.";
		return -EINVAL;
	}
	return 0;
}
