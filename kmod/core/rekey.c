// SPDX-License-Identifier: GPL-2.0
/*
 * The table at the head of rekey.h as code: an event first changes what is known, then everything
 * that is due by now is done. Every rule about time is in rtpl_rekey_due_*(), and
 * rtpl_rekey_deadline() is the earliest time at which one of them could apply, so that the two can
 * be compared.
 */
#include "rekey.h"

#define RTPL_REKEY_CELL_EVENT(e)	((e) >= RTPL_REKEY_EV_SENT)

/**
 * rtpl_rekey_init() - initialise a peer's timers: nothing is configured or known
 * @r: the machine
 *
 * Context: Any.
 */
void rtpl_rekey_init(struct rtpl_rekey *r)
{
	memset(r, 0, sizeof(*r));
}

/* When this session's age requires another one. */
static u64 rtpl_rekey_old_at(const struct rtpl_rekey *r)
{
	return r->born + (r->ours ? RTPL_REKEY_AFTER_NS : RTPL_REKEY_LATE_NS);
}

static u64 rtpl_rekey_keepalive_at(const struct rtpl_rekey *r)
{
	return r->last_sent + r->keepalive * RTPL_REKEY_S;
}

/* Begin a round of initiations, unless one is under way. */
static void rtpl_rekey_try(struct rtpl_rekey *r, u64 now)
{
	if (r->trying)
		return;
	r->trying = true;
	r->hastened = false;
	r->try_since = now;
	r->try_at = now;
	/* An initiation or a response of ours may still be answered. */
	if (r->last_try && now < r->last_try + RTPL_REKEY_RETRY_NS)
		r->try_at = r->last_try + RTPL_REKEY_RETRY_NS + r->jitter;
}

static unsigned int rtpl_rekey_begin_session(struct rtpl_rekey *r, bool ours, u64 born)
{
	bool renewed = r->up && !r->down;

	r->up = true;
	r->ours = ours;
	r->born = born;
	r->renewing = false;
	r->trying = false;
	r->down = false;
	r->attempt = 0;
	r->unanswered = 0;
	r->unproven = 0;
	return renewed ? RTPL_REKEY_RENEWED : RTPL_REKEY_UP;
}

static unsigned int rtpl_rekey_tell_down(struct rtpl_rekey *r)
{
	if (r->down)
		return 0;
	r->down = true;
	return RTPL_REKEY_DOWN;
}

/* The session cannot be used any more. */
static unsigned int rtpl_rekey_end_session(struct rtpl_rekey *r)
{
	r->up = false;
	r->owed = 0;
	r->unanswered = 0;
	r->unproven = 0;
	return rtpl_rekey_tell_down(r);
}

/* An authentic datagram came from the peer. */
static void rtpl_rekey_heard(struct rtpl_rekey *r)
{
	r->unanswered = 0;
	r->unproven = 0;
}

static void rtpl_rekey_said(struct rtpl_rekey *r, u64 now)
{
	r->owed = 0;
	r->last_sent = now;
}

static void rtpl_rekey_sent(struct rtpl_rekey *r, bool wants, u64 now)
{
	rtpl_rekey_said(r, now);
	if ((wants || r->stream) && !r->unanswered)
		r->unanswered = now;
}

static void rtpl_rekey_received(struct rtpl_rekey *r, bool wants, u64 now)
{
	if (!wants && r->last_received && now < r->last_received + RTPL_REKEY_STREAM_NS)
		wants = true;
	rtpl_rekey_heard(r);
	r->last_received = now;
	if (wants && !r->owed)
		r->owed = now;
}

static unsigned int rtpl_rekey_take(struct rtpl_rekey *r, enum rtpl_rekey_event event, u64 now)
{
	unsigned int actions = 0;

	switch (event) {
	case RTPL_REKEY_EV_TICK:
		break;
	case RTPL_REKEY_EV_START:
		if (r->persistent || r->keepalive)
			rtpl_rekey_try(r, now);
		break;
	case RTPL_REKEY_EV_WANT:
		if (!r->up)
			rtpl_rekey_try(r, now);
		break;
	case RTPL_REKEY_EV_CELLS:
		if (r->up && !r->renewing) {
			r->renewing = true;
			rtpl_rekey_try(r, now);
		}
		break;
	case RTPL_REKEY_EV_COOKIE:
		/* Use it soon, but do not let others set our pace. */
		if (r->trying && !r->hastened) {
			r->hastened = true;
			r->try_at = min(r->try_at, now + r->jitter);
		}
		break;
	case RTPL_REKEY_EV_RESPONDED:
		r->last_try = now;
		r->responded = now;
		/*
		 * Nobody has proved yet to have these keys: whoever drops our answers could delay
		 * the wiping of all others for ever.
		 */
		if (!r->zero_at)
			r->zero_at = now + RTPL_REKEY_ZERO_NS;
		if (r->trying)
			r->try_at = max(r->try_at, now + RTPL_REKEY_RETRY_NS + r->jitter);
		rtpl_rekey_heard(r);
		rtpl_rekey_said(r, now);
		break;
	case RTPL_REKEY_EV_DOUBTFUL:
		/* Its keys must be wiped some time, too, without delaying the wiping of others. */
		if (!r->zero_at)
			r->zero_at = now + RTPL_REKEY_ZERO_NS;
		break;
	case RTPL_REKEY_EV_LEFT:
		/* Of what was too young to wipe nothing becomes older than ZERO. */
		if (!r->zero_at)
			r->zero_at = now + RTPL_REKEY_ZERO_NS - RTPL_REKEY_REJECT_NS;
		break;
	case RTPL_REKEY_EV_CONFIRMED:
		r->zero_at = now + RTPL_REKEY_ZERO_NS;
		actions = rtpl_rekey_begin_session(r, false, r->responded);
		actions |= RTPL_REKEY_KEEPALIVE;
		break;
	case RTPL_REKEY_EV_SESSION:
		r->zero_at = now + RTPL_REKEY_ZERO_NS;
		rtpl_rekey_heard(r);
		actions = rtpl_rekey_begin_session(r, true, now);
		r->unproven = now + RTPL_REKEY_CONFIRM_NS;
		r->repeats = 0;
		break;
	case RTPL_REKEY_EV_DROPPED:
		r->last_try = 0;
		r->trying = false;
		r->attempt = 0;
		if (r->up)
			actions = rtpl_rekey_end_session(r);
		break;
	case RTPL_REKEY_EV_SENT:
	case RTPL_REKEY_EV_SENT_DATA:
	case RTPL_REKEY_EV_SENT_ALIVE:
		rtpl_rekey_sent(r, event != RTPL_REKEY_EV_SENT_ALIVE, now);
		break;
	case RTPL_REKEY_EV_RECEIVED:
	case RTPL_REKEY_EV_RECEIVED_DATA:
	case RTPL_REKEY_EV_RECEIVED_ALIVE:
		rtpl_rekey_received(r, event != RTPL_REKEY_EV_RECEIVED_ALIVE, now);
		break;
	}
	return actions;
}

static void rtpl_rekey_due_age(struct rtpl_rekey *r, bool cell, u64 now)
{
	if (!r->up || r->renewing)
		return;
	if ((cell || r->persistent) && now >= rtpl_rekey_old_at(r)) {
		r->renewing = true;
		rtpl_rekey_try(r, now);
	}
}

/* None of this is done on behalf of a cell: see rtpl_rekey(). */
static unsigned int rtpl_rekey_due_tick(struct rtpl_rekey *r, u64 now)
{
	unsigned int actions = 0;

	if (r->zero_at && now >= r->zero_at) {
		r->zero_at = 0;
		actions |= RTPL_REKEY_ZERO;
	}
	if (r->up && now >= r->born + RTPL_REKEY_REJECT_NS)
		actions |= rtpl_rekey_end_session(r);
	if (r->persistent && !r->up)
		rtpl_rekey_try(r, now);
	if (r->unanswered && now >= r->unanswered + RTPL_REKEY_SILENCE_NS + r->jitter) {
		r->unanswered = 0;
		rtpl_rekey_try(r, now);
	}
	if (r->unproven && now >= r->unproven) {
		actions |= RTPL_REKEY_KEEPALIVE;
		r->repeats++;
		r->unproven = r->repeats < RTPL_REKEY_CONFIRMS ?
			      now + (RTPL_REKEY_CONFIRM_NS << r->repeats) : 0;
	}
	if (r->owed && now >= r->owed + RTPL_REKEY_ALIVE_NS) {
		r->owed = 0;
		actions |= RTPL_REKEY_KEEPALIVE;
	}
	if (r->keepalive && now >= rtpl_rekey_keepalive_at(r)) {
		r->last_sent = now;
		if (r->up)
			actions |= RTPL_REKEY_KEEPALIVE;
		else
			rtpl_rekey_try(r, now);
	}
	return actions;
}

/* Send the round's next initiation, or end it. */
static unsigned int rtpl_rekey_due_try(struct rtpl_rekey *r, bool tick, u64 now)
{
	unsigned int actions = 0;

	if (!r->trying || now < r->try_at)
		return 0;
	if (now >= r->try_since + RTPL_REKEY_GIVE_UP_NS) {
		if (!tick)
			return 0;
		actions = RTPL_REKEY_LOST | rtpl_rekey_tell_down(r);
		if (!r->persistent) {
			r->trying = false;
			r->renewing = false;
			return actions;
		}
		r->try_since = now;
		r->hastened = false;
	}
	r->last_try = now;
	r->try_at = now + RTPL_REKEY_RETRY_NS + r->jitter;
	r->attempt += r->attempt != U32_MAX;
	return actions | RTPL_REKEY_INITIATE;
}

unsigned int rtpl_rekey(struct rtpl_rekey *r, enum rtpl_rekey_event event, u64 now,
			u32 random)
{
	bool cell = RTPL_REKEY_CELL_EVENT(event);
	bool quiet = cell || event == RTPL_REKEY_EV_WANT || event == RTPL_REKEY_EV_CELLS;
	unsigned int actions;

	if (!quiet)
		r->jitter = (u64)random * RTPL_REKEY_JITTER_NS >> 32;
	actions = rtpl_rekey_take(r, event, now);
	rtpl_rekey_due_age(r, cell, now);
	if (!quiet)
		actions |= rtpl_rekey_due_tick(r, now);
	return actions | rtpl_rekey_due_try(r, !quiet, now);
}

static void rtpl_rekey_earlier(u64 *deadline, bool applies, u64 at)
{
	if (applies && at < *deadline)
		*deadline = at;
}

/**
 * rtpl_rekey_deadline() - time at which RTPL_REKEY_EV_TICK is due
 * @r: the machine
 *
 * Context: Any; the caller serialises calls on @r.
 * Return: ns, possibly in the past; RTPL_REKEY_NEVER: not before another event.
 */
u64 rtpl_rekey_deadline(const struct rtpl_rekey *r)
{
	u64 at = RTPL_REKEY_NEVER;

	rtpl_rekey_earlier(&at, r->trying, r->try_at);
	rtpl_rekey_earlier(&at, r->up && r->persistent && !r->renewing, rtpl_rekey_old_at(r));
	rtpl_rekey_earlier(&at, r->up, r->born + RTPL_REKEY_REJECT_NS);
	rtpl_rekey_earlier(&at, r->zero_at, r->zero_at);
	rtpl_rekey_earlier(&at, r->unanswered,
			   r->unanswered + RTPL_REKEY_SILENCE_NS + r->jitter);
	rtpl_rekey_earlier(&at, r->unproven, r->unproven);
	rtpl_rekey_earlier(&at, r->owed, r->owed + RTPL_REKEY_ALIVE_NS);
	rtpl_rekey_earlier(&at, r->keepalive, rtpl_rekey_keepalive_at(r));
	return at;
}

/* ---- both at once ---- */

/**
 * rtpl_simultaneous_begin() - a session that the other end began is created
 * @c: state of that session
 * @pending: number of our initiation under way, or 0
 * @prevails: would ours count, by rtpl_noise_prevails()?
 *
 * Context: Any; the caller serialises calls on @c.
 */
void rtpl_simultaneous_begin(struct rtpl_simultaneous *c, u32 pending, bool prevails)
{
	c->met = pending;
	c->yields = pending && prevails;
}

/**
 * rtpl_simultaneous_overtaken() - our session begins before theirs is confirmed
 * @c: state of their session
 * @index: number of our session
 *
 * Their session yields to ours, unless it met that very initiation: then it was decided when theirs
 * began.
 *
 * Context: Any; the caller serialises calls on @c.
 */
void rtpl_simultaneous_overtaken(struct rtpl_simultaneous *c, u32 index)
{
	/* It crossed the very initiation whose session begins: already decided. */
	if (c->met == index)
		return;
	/* Otherwise it is the older one: the other end knew of it when it answered. */
	c->met = index;
	c->yields = true;
}

/**
 * rtpl_simultaneous_prevails() - does a confirmed session of theirs become current?
 * @c: state of their session
 * @current_index: number of the session that is current now, or 0: none
 *
 * Context: Any; the caller serialises calls on @c.
 * Return: false if it yields to that one.
 */
bool rtpl_simultaneous_prevails(const struct rtpl_simultaneous *c, u32 current_index)
{
	return !(c->yields && current_index && c->met == current_index);
}
