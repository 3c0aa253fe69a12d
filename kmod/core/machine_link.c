// SPDX-License-Identifier: GPL-2.0
/*
 * What the framework leaves to its user: each machine's two timers, blocking, and what the link
 * must send. Events that follow (a timer began, padding was sent, blocking began or ended) are
 * reported back to the framework here.
 */
#include "machine.h"

enum due { DUE_NOTHING, DUE_BEGIN, DUE_UNBLOCK, DUE_TIMER, DUE_ACTION };

static void arm_timer(struct rtpl_machine_run *r, u64 at, bool replace)
{
	if (r->timed && !replace && at <= r->timer_at)
		return;
	r->timed = true;
	r->timer_at = at;
	r->begun = true;
}

/* Take the actions of the last trigger. */
static void take_actions(struct rtpl_machines *ms)
{
	const struct rtpl_machine_action *a;
	struct rtpl_machine_run *r;
	u8 mi;

	for (mi = 0; mi < ms->n; mi++) {
		a = &ms->action[mi];
		r = &ms->run[mi];
		switch (a->kind) {
		case RTPL_MACHINE_CANCEL:
			if (a->flags & RTPL_MACHINE_ACTION)
				r->due_kind = RTPL_MACHINE_NOTHING;
			if (a->flags & RTPL_MACHINE_INTERNAL)
				r->timed = false;
			break;
		case RTPL_MACHINE_PAD:
		case RTPL_MACHINE_BLOCK:
			r->due_kind = a->kind;
			r->due_flags = a->flags;
			r->due_at = ms->now + a->timeout;
			r->due_duration = a->duration;
			break;
		case RTPL_MACHINE_TIMER:
			arm_timer(r, ms->now + a->duration, a->flags & RTPL_MACHINE_REPLACE);
			break;
		}
	}
}

static void tell(struct rtpl_machines *ms, u8 event, u8 machine, u64 now, struct rtpl_rng *rng)
{
	struct rtpl_machine_traffic e = { .event = event, .machine = machine };

	rtpl_machines_trigger(ms, &e, 1, now, rng);
	take_actions(ms);
}

void rtpl_machines_traffic(struct rtpl_machines *ms, enum rtpl_traffic_event what, u64 now,
			   struct rtpl_rng *rng)
{
	switch (what) {
	case RTPL_QUEUED:
		tell(ms, RTPL_MACHINE_NORMAL_SENT, 0, now, rng);
		break;
	case RTPL_SENT_DATA:
	case RTPL_SENT_CHAFF:
		tell(ms, RTPL_MACHINE_TUNNEL_SENT, 0, now, rng);
		break;
	case RTPL_GOT_DATA:
		tell(ms, RTPL_MACHINE_TUNNEL_RECV, 0, now, rng);
		tell(ms, RTPL_MACHINE_NORMAL_RECV, 0, now, rng);
		break;
	case RTPL_GOT_CHAFF:
		tell(ms, RTPL_MACHINE_TUNNEL_RECV, 0, now, rng);
		tell(ms, RTPL_MACHINE_PADDING_RECV, 0, now, rng);
		break;
	default:
		break;
	}
}

/* Find what is due first, and when. */
static enum due first_due(const struct rtpl_machines *ms, u8 *machine, u64 *at)
{
	const struct rtpl_machine_run *r;
	enum due due = DUE_NOTHING;
	u8 mi;

	*at = U64_MAX;
	for (mi = 0; mi < ms->n; mi++) {
		if (ms->run[mi].begun) {
			*machine = mi;
			*at = 0;
			return DUE_BEGIN;
		}
	}
	if (ms->blocks) {
		due = DUE_UNBLOCK;
		*at = ms->block_until;
	}
	for (mi = 0; mi < ms->n; mi++) {
		r = &ms->run[mi];
		if (r->timed && r->timer_at < *at) {
			due = DUE_TIMER;
			*machine = mi;
			*at = r->timer_at;
		}
	}
	for (mi = 0; mi < ms->n; mi++) {
		r = &ms->run[mi];
		if (r->due_kind != RTPL_MACHINE_NOTHING && r->due_at < *at) {
			due = DUE_ACTION;
			*machine = mi;
			*at = r->due_at;
		}
	}
	return due;
}

u64 rtpl_machines_next(const struct rtpl_machines *ms)
{
	u8 machine;
	u64 at;

	first_due(ms, &machine, &at);
	return at;
}

/* End a machine whose timers keep expiring. Blocking ends at its normal time. */
static bool spins(struct rtpl_machines *ms, u8 mi, u64 now)
{
	struct rtpl_machine_run *r = &ms->run[mi];

	if (now - r->window >= RTPL_MACHINE_WINDOW) {
		r->window = now;
		r->firings = 0;
	}
	if (++r->firings <= RTPL_MACHINE_SPIN)
		return false;
	r->state = RTPL_MACHINE_END;
	r->due_kind = RTPL_MACHINE_NOTHING;
	r->timed = false;
	r->begun = false;
	ms->stopped++;
	return true;
}

static void owe(struct rtpl_machines *ms, u32 *cells)
{
	if (ms->owed + ms->through + ms->through_data >= RTPL_MACHINES_OWED)
		ms->refused++;
	else
		(*cells)++;
}

static void pad(struct rtpl_machines *ms, u8 flags, u32 queued)
{
	bool replace = flags & RTPL_MACHINE_REPLACE;

	if (ms->blocks && ms->passable && flags & RTPL_MACHINE_BYPASS)
		owe(ms, replace ? &ms->through_data : &ms->through);
	else if (replace && (queued || (ms->blocks && ms->owed)))
		ms->replaced++;
	else
		owe(ms, &ms->owed);
}

static void block(struct rtpl_machines *ms, const struct rtpl_machine_run *r, u64 now)
{
	u64 until = now + r->due_duration;

	if (ms->blocks && !(r->due_flags & RTPL_MACHINE_REPLACE) && until <= ms->block_until)
		return;
	ms->blocks = true;
	ms->passable = r->due_flags & RTPL_MACHINE_BYPASS;
	ms->block_until = until;
}

static void unblock(struct rtpl_machines *ms)
{
	ms->blocks = false;
	ms->owed += ms->through + ms->through_data;
	ms->through = 0;
	ms->through_data = 0;
}

bool rtpl_machines_run(struct rtpl_machines *ms, u32 queued, u64 now, struct rtpl_rng *rng)
{
	struct rtpl_machine_run *r;
	enum due due;
	u32 work;
	bool pads;
	u8 mi = 0;
	u64 at;

	for (work = 0; work < RTPL_MACHINES_WORK; work++) {
		due = first_due(ms, &mi, &at);
		if (due == DUE_NOTHING || at > now)
			return false;
		if (due == DUE_UNBLOCK) {
			unblock(ms);
			tell(ms, RTPL_MACHINE_BLOCKING_END, 0, now, rng);
			continue;
		}
		if (spins(ms, mi, now))
			continue;
		r = &ms->run[mi];
		switch (due) {
		case DUE_BEGIN:
			r->begun = false;
			tell(ms, RTPL_MACHINE_TIMER_BEGIN, mi, now, rng);
			break;
		case DUE_TIMER:
			r->timed = false;
			tell(ms, RTPL_MACHINE_TIMER_END, mi, now, rng);
			break;
		default:
			pads = r->due_kind == RTPL_MACHINE_PAD;
			r->due_kind = RTPL_MACHINE_NOTHING;
			if (pads) {
				pad(ms, r->due_flags, queued);
				tell(ms, RTPL_MACHINE_PADDING_SENT, mi, now, rng);
			} else {
				block(ms, r, now);
				tell(ms, RTPL_MACHINE_BLOCKING_BEGIN, mi, now, rng);
			}
			break;
		}
	}
	return rtpl_machines_next(ms) <= now;
}

/**
 * rtpl_machines_wants() - get what the link must do now
 * @ms: the machines
 * @w: set
 *
 * Context: Any; the caller serialises calls on @ms.
 */
void rtpl_machines_wants(const struct rtpl_machines *ms, struct rtpl_machines_want *w)
{
	*w = (struct rtpl_machines_want){
		.chaff = ms->blocks ? 0 : ms->owed,
		.through = ms->through,
		.through_data = ms->through_data,
		.blocked = ms->blocks,
	};
}

/**
 * rtpl_machines_took() - report that cells the machines wanted were sent or refused
 * @ms: the machines
 * @sent: how many of each kind were sent, or refused by a limit; @sent->blocked is ignored
 *
 * Context: Any; the caller serialises calls on @ms.
 */
void rtpl_machines_took(struct rtpl_machines *ms, const struct rtpl_machines_want *sent)
{
	ms->owed -= min_t(u32, ms->owed, sent->chaff);
	ms->through -= min_t(u32, ms->through, sent->through);
	ms->through_data -= min_t(u32, ms->through_data, sent->through_data);
}
