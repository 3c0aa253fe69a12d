/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the schedule `exchange` (sched_exchange.c) goes by: tables that say how much is sent for how
 * much there was to send, and for how long. They are data of a profile, made for one's own traffic
 * by a linear program (rtpl-judge(1), fit).
 *
 * An exchange is a request and its answer. Who asks sends a burst, whose bytes are padded up to a
 * target that is drawn by its volume: a padding kernel. Who answers may keep up cover in slots from
 * then on, with a burst of chaff in the first of them, where the answers of others would come; what
 * it has to send waits for the end of its slot, and its own volume is padded, too.
 *
 * After Reed and Reiter, "Optimally Hiding Object Sizes with Constrained Padding" (CSF 2023).
 */
#ifndef RTPL_CORE_EXCHANGE_H
#define RTPL_CORE_EXCHANGE_H

#include "env.h"

#define RTPL_EXCHANGE_EDGES	32		/* most classes of a volume, or of times */
#define RTPL_EXCHANGE_ROWS	8192
#define RTPL_EXCHANGE_CHOICES	32768
#define RTPL_EXCHANGE_BYTES	BIT(30)		/* largest edge of a volume */

/* Tables of one row format. */
enum rtpl_exchange_table {
	RTPL_EXCHANGE_ASK,	/* volume -> target */
	RTPL_EXCHANGE_PLAN,	/* volume, target -> plan */
	RTPL_EXCHANGE_ANSWER,	/* volume, target, plan, slot, volume -> last slot, target */
	RTPL_EXCHANGE_TABLES
};

/* Plans of who answers. */
#define RTPL_EXCHANGE_SILENT	0		/* no cover */
#define RTPL_EXCHANGE_COVER	1		/* cover in slots */
#define RTPL_EXCHANGE_BURST	2		/* and a burst in the first, to down[] */

/*
 * A row: choices[first ... first + n - 1] for a key. Classes are numbers of edges: class i has the
 * values above edge i - 1 up to edge i.
 */
struct rtpl_exchange_row {
	u64 key;		/* rtpl_exchange_key(); rows ascend */
	u32 first;
	u16 n;			/* at least 1 */
	u16 zero;
};

struct rtpl_exchange_choice {
	u32 upto;		/* of 2^32, of this and those before; the last: U32_MAX */
	u8 to;			/* ASK: up[]; PLAN: the plan; ANSWER: slots[] */
	u8 volume;		/* ANSWER: down[] */
	u16 zero;
};

/* Immutable once checked, shared. */
struct rtpl_exchange {
	u16 small;		/* bytes of a cell: replies, what lingers */
	u16 cover;		/* of a cell of cover */
	u16 start, grow;	/* a step of a burst has start + (cells sent) / grow cells */
	u16 most;		/* slots that cover lasts without an answer */
	u8 every;		/* a reply for so many large cells that came */
	u8 spread;		/* slots of cover that an answer may take */
	u8 linger;		/* slots that follow with a small cell each */
	u8 n_up, n_down, n_slots;
	u64 pace_ns;		/* of a burst's steps */
	u64 slot_ns;
	u64 reply_ns;		/* from a burst's last cell to the reply that ends it */
	u64 idle_ns;		/* until a request is not answered any more; most + linger slots */
	u32 up[RTPL_EXCHANGE_EDGES];	/* bytes of cells, ascending */
	u32 down[RTPL_EXCHANGE_EDGES];
	u32 slots[RTPL_EXCHANGE_EDGES];
	u32 n_rows, n_choices;
	const struct rtpl_exchange_row *row;
	const struct rtpl_exchange_choice *choice;
};

/**
 * rtpl_exchange_key() - the key of a row
 * @table: which table
 * @up: class of the request's volume
 * @target: class of the request's target; 0 where the table has none, as all that follow
 * @plan: RTPL_EXCHANGE_SILENT, _COVER, or _BURST + a class of volumes down
 * @slot: class of the answer's slot
 * @down: class of the answer's volume
 *
 * Context: Any.
 * Return: the key.
 */
static inline u64 rtpl_exchange_key(enum rtpl_exchange_table table, u8 up, u8 target, u8 plan,
				    u8 slot, u8 down)
{
	return (u64)table << 40 | (u64)up << 32 | (u64)target << 24 | (u64)plan << 16 |
	       (u64)slot << 8 | down;
}

int rtpl_exchange_check(const struct rtpl_exchange *x, const char **why);
u8 rtpl_exchange_class(const u32 *edge, u8 n, u32 value);
const struct rtpl_exchange_choice *rtpl_exchange_draw(const struct rtpl_exchange *x, u64 key,
						      u32 chance);
const struct rtpl_exchange_choice *rtpl_exchange_near(const struct rtpl_exchange *x, u64 key,
						      u8 fits, u32 chance);

#endif /* RTPL_CORE_EXCHANGE_H */
