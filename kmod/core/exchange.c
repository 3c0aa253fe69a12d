// SPDX-License-Identifier: GPL-2.0
/* Tables of the schedule `exchange`: checks, and draws. */
#include "exchange.h"
#include "sched.h"
#include "wire.h"

static int check_edges(const u32 *edge, u8 n, u32 most, const char *few, const char *order,
		       const char **why)
{
	u8 i;

	if (!n || n > RTPL_EXCHANGE_EDGES)
		return sched_wrong(why, few, -EINVAL);
	for (i = 0; i < n; i++)
		if (!edge[i] || edge[i] > most || (i && edge[i] <= edge[i - 1]))
			return sched_wrong(why, order, -EINVAL);
	return 0;
}

/* What a row's key has, each in its place. */
static u8 part(u64 key, int place)
{
	return key >> (8 * place);
}

static bool known_key(const struct rtpl_exchange *x, u64 key)
{
	u8 table = part(key, 5), up = part(key, 4), target = part(key, 3), plan = part(key, 2);
	u8 slot = part(key, 1), down = part(key, 0);

	if (key >> 48 || up >= x->n_up)
		return false;
	switch (table) {
	case RTPL_EXCHANGE_ASK:
		return !(target | plan | slot | down);
	case RTPL_EXCHANGE_PLAN:
		return target < x->n_up && !(plan | slot | down);
	case RTPL_EXCHANGE_ANSWER:
		return target < x->n_up && plan < RTPL_EXCHANGE_BURST + x->n_down &&
		       slot < x->n_slots && down < x->n_down;
	default:
		return false;
	}
}

/* No target is below its volume: what is there to send is sent. */
static bool known_choice(const struct rtpl_exchange *x, u64 key,
			 const struct rtpl_exchange_choice *c)
{
	switch (part(key, 5)) {
	case RTPL_EXCHANGE_ASK:
		return c->to < x->n_up && c->to >= part(key, 4) && !c->volume;
	case RTPL_EXCHANGE_PLAN:
		return c->to < RTPL_EXCHANGE_BURST + x->n_down && !c->volume;
	default:
		return c->to < x->n_slots && c->to >= part(key, 1) &&
		       c->volume < x->n_down && c->volume >= part(key, 0);
	}
}

static int check_row(const struct rtpl_exchange *x, u32 i, const char **why)
{
	const struct rtpl_exchange_row *r = &x->row[i];
	u32 upto = 0, k;

	if (r->zero || !known_key(x, r->key))
		return sched_wrong(why, "A row of a table is for classes that there are not.",
				   -EINVAL);
	if (i && r->key <= r[-1].key)
		return sched_wrong(why, "The rows of the tables do not ascend.", -EINVAL);
	if (!r->n || r->first > x->n_choices || r->n > x->n_choices - r->first)
		return sched_wrong(why, "A row of a table has no choices.", -EINVAL);
	for (k = r->first; k < r->first + r->n; k++) {
		if (x->choice[k].zero || !known_choice(x, r->key, &x->choice[k]))
			return sched_wrong(why, "A choice is below its volume or slot, or none.",
					   -EINVAL);
		if (x->choice[k].upto <= upto)
			return sched_wrong(why, "The chances of a row's choices do not add up.",
					   -EINVAL);
		upto = x->choice[k].upto;
	}
	if (upto != U32_MAX)
		return sched_wrong(why, "The chances of a row's choices do not sum to one.",
				   -EINVAL);
	return 0;
}

static int check_times(const struct rtpl_exchange *x, const char **why)
{
	if (x->pace_ns < RTPL_PACE_TICK_MIN || x->pace_ns > RTPL_NSEC)
		return sched_wrong(why, "The pace is not between 50 us and 1 s.", -ERANGE);
	if (x->slot_ns < 1000000 || x->slot_ns > RTPL_LATENCY_MAX_NS)
		return sched_wrong(why, "The slot is not between 1 ms and 10 s.", -ERANGE);
	if (!x->reply_ns || x->reply_ns > x->slot_ns)
		return sched_wrong(why, "The time to a reply is 0, or longer than a slot.",
				   -ERANGE);
	if (x->idle_ns > RTPL_SCHED_SPAN_MAX)
		return sched_wrong(why, "The idle time is above 2^55 ns.", -ERANGE);
	if (x->idle_ns < (x->most + x->linger) * x->slot_ns)
		return sched_wrong(why, "The idle time is shorter than the most and linger slots.",
				   -ERANGE);
	return 0;
}

/**
 * rtpl_exchange_check() - can a link be run by these tables?
 * @x: the tables
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Work is bounded by RTPL_EXCHANGE_ROWS and _CHOICES.
 *
 * Context: Any.
 * Return: 0, -EINVAL, -ERANGE.
 */
int rtpl_exchange_check(const struct rtpl_exchange *x, const char **why)
{
	int err;
	u32 i;

	if (x->small < RTPL_CELL_MIN || x->small >= x->cover || x->cover > RTPL_CELL_MAX)
		return sched_wrong(why, "The cells are not small < cover, in bounds.", -ERANGE);
	if (!x->start || !x->grow || !x->every || !x->spread || !x->linger || !x->most)
		return sched_wrong(why, "A number of cells or slots is 0.", -ERANGE);
	err = check_times(x, why);
	if (err)
		return err;
	err = check_edges(x->up, x->n_up, RTPL_EXCHANGE_BYTES,
			  "There are not 1 to 32 volumes up.", "The volumes up do not ascend.",
			  why);
	if (err)
		return err;
	err = check_edges(x->down, x->n_down, RTPL_EXCHANGE_BYTES,
			  "There are not 1 to 32 volumes down.", "The volumes down do not ascend.",
			  why);
	if (err)
		return err;
	err = check_edges(x->slots, x->n_slots, x->most,
			  "There are not 1 to 32 numbers of slots.",
			  "The numbers of slots do not ascend up to the most.", why);
	if (err)
		return err;
	if (x->n_rows > RTPL_EXCHANGE_ROWS || x->n_choices > RTPL_EXCHANGE_CHOICES)
		return sched_wrong(why, "The tables are too large.", -E2BIG);
	for (i = 0; i < x->n_rows && !err; i++)
		err = check_row(x, i, why);
	return err;
}

/**
 * rtpl_exchange_class() - the class of a value
 * @edge: upper edges, ascending
 * @n: how many
 * @value: bytes, or slots
 *
 * Context: Any.
 * Return: number of the first edge that is not below @value; @n if there is none.
 */
u8 rtpl_exchange_class(const u32 *edge, u8 n, u32 value)
{
	u8 i;

	for (i = 0; i < n && edge[i] < value; i++)
		;
	return i;
}

/* Number of the first row whose key is not below this one. */
static u32 row_of(const struct rtpl_exchange *x, u64 key)
{
	u32 low = 0, high = x->n_rows, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (x->row[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static const struct rtpl_exchange_choice *
draw_of(const struct rtpl_exchange *x, const struct rtpl_exchange_row *row, u32 chance)
{
	const struct rtpl_exchange_choice *c = x->choice + row->first;
	u32 n, mid;

	for (n = row->n; n > 1;) {
		mid = n / 2;
		if (chance < c[mid - 1].upto) {
			n = mid;
		} else {
			c += mid;
			n -= mid;
		}
	}
	return c;
}

/**
 * rtpl_exchange_draw() - what a table says
 * @x: the tables, checked
 * @key: of the row
 * @chance: a uniform number
 *
 * At most 13 steps for the row and 16 for the choice.
 *
 * Context: Any.
 * Return: the choice; NULL where there is no such row.
 */
const struct rtpl_exchange_choice *rtpl_exchange_draw(const struct rtpl_exchange *x, u64 key,
						      u32 chance)
{
	u32 i = row_of(x, key);

	return i < x->n_rows && x->row[i].key == key ? draw_of(x, x->row + i, chance) : NULL;
}

/* How far a row's class is; one above is nearer than any below: its choices pad what is less. */
static u32 distance(u8 class, u8 wanted)
{
	return class >= wanted ? class - wanted : RTPL_EXCHANGE_EDGES + wanted - class;
}

/**
 * rtpl_exchange_near() - what the table of answers says, or nearly
 * @x: the tables, checked
 * @key: of the row that is wanted
 * @fits: how many of the volumes down cover's slots have room for
 * @chance: a uniform number
 *
 * Tables have rows for what was seen when they were made. For anything else the nearest row of the
 * same request and plan counts: of volumes that fit if this one does, else of those that do not.
 * Looks at 13 rows, and at those of that request and plan: at most 1024.
 *
 * Context: Any.
 * Return: the choice; NULL where that request and plan has no such row.
 */
const struct rtpl_exchange_choice *rtpl_exchange_near(const struct rtpl_exchange *x, u64 key,
						      u8 fits, u32 chance)
{
	u8 slot = key >> 8, down = key;
	bool small, wanted = down < fits;
	u32 i = row_of(x, key & ~0xffffULL), least = U32_MAX, far;
	const struct rtpl_exchange_row *best = NULL;

	for (; i < x->n_rows && x->row[i].key >> 16 == key >> 16; i++) {
		u8 row_slot = x->row[i].key >> 8, row_down = x->row[i].key;

		small = row_down < fits;
		if (small != wanted)
			continue;
		far = distance(row_slot, slot) + distance(row_down, down);
		if (far < least) {
			least = far;
			best = x->row + i;
		}
	}
	return best ? draw_of(x, best, chance) : NULL;
}
