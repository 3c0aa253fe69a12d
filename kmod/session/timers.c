// SPDX-License-Identifier: GPL-2.0
/*
 * One timer for each peer, and what core/rekey.c needs: clock, randomness, and code that carries
 * out its actions.
 *
 * The timer is never postponed: when a deadline moves away (as it does with every cell), the timer
 * still fires at the old one, finds nothing due, and is armed again. So a cell costs a lock and a
 * few comparisons, and mostly not even the lock.
 *
 * Teardown: see handshake.h. rtpl_timers_stop() comes first, then
 * rtpl_handshake_stop().
 */
#include "event.h"
#include "session/handshake.h"
#include "session/session.h"

/* Most sessions of one user namespace that may wait for the worker at once. */
#define RTPL_TIMERS_PENDING	32

/* How far the times of the last cells may lag behind. */
#define RTPL_TIMERS_SLACK_NS	(100 * NSEC_PER_MSEC)

/* Update settings that follow from the configuration and may have changed. timers.lock. */
static void rtpl_timers_refresh(struct rtpl_session *s)
{
	struct rtpl_rekey *r = &s->timers.rekey;
	bool reachable = !rtpl_path_nowhere(s->path);

	r->stream = rtpl_session_ops->streams(s);
	/*
	 * A link that must be protected is kept ready, so that the first packet need not wait and
	 * the handshake does not show when it came.
	 */
	r->persistent = reachable && (r->stream || READ_ONCE(s->owner->require));
	r->keepalive = reachable ? READ_ONCE(s->keepalive) : 0;
}

/* timers.lock, enabled. */
static void rtpl_timers_arm(struct rtpl_session *s, u64 now)
{
	u64 deadline = rtpl_rekey_deadline(&s->timers.rekey);
	struct timer_list *timer = &s->timers.timer;
	unsigned long expires;
	u64 wait;

	if (deadline == RTPL_REKEY_NEVER)
		return;
	wait = deadline > now ? min(deadline - now, RTPL_REKEY_ZERO_NS) : 0;
	/* Add one, because the current jiffy is partly over: never fire early. */
	expires = jiffies + nsecs_to_jiffies(wait) + 1;
	if (!timer_pending(timer) || time_before(expires, timer->expires))
		mod_timer(timer, expires);
}

/*
 * If a user namespace has many sessions to begin, some wait for their next try, except with @must:
 * all user namespaces take turns, and this bounds the length of a turn.
 */
static void rtpl_timers_queue(struct rtpl_session *s, bool must)
{
	struct rtpl_net *rn = s->owner->rn;

	if (!rtpl_net_bounded(rn)) {
		queue_work(rtpl_wq, &s->hs.work);
		return;
	}
	if (!must && atomic_read(&rn->hs_pending) >= RTPL_TIMERS_PENDING)
		return;
	if (queue_work(rtpl_user_wq, &s->hs.work))
		atomic_inc(&rn->hs_pending);
}

/* timers.lock, enabled: so hs.work is not queued again once the timers are stopped. */
static unsigned int rtpl_timers_run(struct rtpl_session *s, enum rtpl_rekey_event event,
				    u64 now, u32 random)
{
	unsigned int actions = rtpl_rekey(&s->timers.rekey, event, now, random);

	if (actions & (RTPL_REKEY_UP | RTPL_REKEY_RENEWED))
		WRITE_ONCE(s->last_handshake, now);
	if (actions & RTPL_REKEY_RENEWED)
		WRITE_ONCE(s->rekeys, s->rekeys + 1);
	if (actions & RTPL_REKEY_INITIATE)
		set_bit(RTPL_HS_TODO_INITIATE, &s->hs.todo);
	if (actions & RTPL_REKEY_ZERO)
		set_bit(RTPL_HS_TODO_ZERO, &s->hs.todo);
	if (actions & (RTPL_REKEY_INITIATE | RTPL_REKEY_ZERO))
		rtpl_timers_queue(s, actions & RTPL_REKEY_ZERO);
	rtpl_timers_arm(s, now);
	return actions;
}

/**
 * rtpl_timers_event() - handle an event
 * @s: session
 * @event: what happened
 *
 * Context: process or BH; under keys.lock or the link's locks if need be.
 * Return: actions for rtpl_timers_act(), which is called without locks. None for events of cells,
 * _WANT and _CELLS.
 */
unsigned int rtpl_timers_event(struct rtpl_session *s, enum rtpl_rekey_event event)
{
	u64 now = ktime_get_coarse_boottime_ns();
	u32 random = get_random_u32();
	unsigned int actions = 0;

	spin_lock_bh(&s->timers.lock);
	if (s->timers.enabled) {
		rtpl_timers_refresh(s);
		actions = rtpl_timers_run(s, event, now, random);
	}
	spin_unlock_bh(&s->timers.lock);
	return actions;
}

/**
 * rtpl_timers_session() - handle the answer to our handshake
 * @s: session
 * @actions: set to what rtpl_timers_act() is to do, if there is a session now
 *
 * Context: process or BH, keys.lock held. Takes timers.lock.
 * Return: false if no handshake is under way any more; @actions is not set in this case.
 */
bool rtpl_timers_session(struct rtpl_session *s, unsigned int *actions)
{
	u64 now = ktime_get_coarse_boottime_ns();
	u32 random = get_random_u32();
	bool wanted;

	spin_lock_bh(&s->timers.lock);
	wanted = s->timers.enabled && s->timers.rekey.trying;
	if (wanted)
		*actions = rtpl_timers_run(s, RTPL_REKEY_EV_SESSION, now, random);
	spin_unlock_bh(&s->timers.lock);
	return wanted;
}

/**
 * rtpl_timers_act() - carry out what rtpl_timers_event() returned
 * @s: session
 * @actions: RTPL_REKEY_* bits
 *
 * Context: process or BH, no spinlock of session or link held; hs.lock may be.
 */
void rtpl_timers_act(struct rtpl_session *s, unsigned int actions)
{
	if (actions & RTPL_REKEY_UP)
		rtpl_event(s->owner, RTPL_EVENT_LINK_UP);
	if (actions & RTPL_REKEY_RENEWED)
		rtpl_event(s->owner, RTPL_EVENT_REKEYED);
	if (actions & RTPL_REKEY_DOWN)
		rtpl_event(s->owner, RTPL_EVENT_LINK_LOST);
	if (actions & RTPL_REKEY_LOST)
		rtpl_session_ops->lost(s);
	if (actions & RTPL_REKEY_KEEPALIVE)
		rtpl_session_ops->keepalive(s);
}

/**
 * rtpl_timers_attempt() - number of the next initiation
 * @s: session
 *
 * Context: any.
 * Return: number of the attempt, from 0 since the last answer.
 */
unsigned int rtpl_timers_attempt(struct rtpl_session *s)
{
	u32 attempt = READ_ONCE(s->timers.rekey.attempt);

	return attempt ? attempt - 1 : 0;
}

static void rtpl_timers_tick(struct timer_list *timer)
{
	struct rtpl_session *s = container_of(timer, struct rtpl_session, timers.timer);

	rtpl_timers_act(s, rtpl_timers_event(s, RTPL_REKEY_EV_TICK));
}

/* ---- cells ---- */

/*
 * Would reporting this cell change nothing that matters? Racy: what is missed is reported with the
 * next cell, or was reported just now.
 */
static bool rtpl_timers_knew_sent(const struct rtpl_rekey *r, bool wants, u64 now)
{
	return !READ_ONCE(r->owed) &&
	       (READ_ONCE(r->unanswered) || !(wants || READ_ONCE(r->stream))) &&
	       now < READ_ONCE(r->last_sent) + RTPL_TIMERS_SLACK_NS;
}

static bool rtpl_timers_knew_received(const struct rtpl_rekey *r, bool wants, u64 now)
{
	return !READ_ONCE(r->unanswered) && !READ_ONCE(r->unproven) &&
	       (READ_ONCE(r->owed) || !wants) &&
	       now < READ_ONCE(r->last_received) + RTPL_TIMERS_SLACK_NS;
}

static void rtpl_timers_cell(struct rtpl_session *s, enum rtpl_rekey_event event, u64 now)
{
	spin_lock_bh(&s->timers.lock);
	if (s->timers.enabled)
		rtpl_timers_run(s, event, now, 0);
	spin_unlock_bh(&s->timers.lock);
}

/**
 * rtpl_timers_cell_sent() - note that a cell was sent; call it once for a batch
 * @s: session
 * @wants: the cells had a packet or were chaff, which count alike; false for a keepalive
 *
 * Mostly does a few comparisons without the lock: what that misses, the next cell reports.
 *
 * Context: process or BH, also under tx_lock. May take timers.lock.
 */
void rtpl_timers_cell_sent(struct rtpl_session *s, bool wants)
{
	u64 now = ktime_get_coarse_boottime_ns();

	if (!rtpl_timers_knew_sent(&s->timers.rekey, wants, now))
		rtpl_timers_cell(s, wants ? RTPL_REKEY_EV_SENT_DATA :
					       RTPL_REKEY_EV_SENT_ALIVE, now);
}

/**
 * rtpl_timers_cell_received() - note that an authentic cell came
 * @s: session
 * @wants: the cell had a packet or was chaff, which count alike; false for a keepalive
 *
 * Mostly does a few comparisons without the lock, like rtpl_timers_cell_sent().
 *
 * Context: BH. May take timers.lock.
 */
void rtpl_timers_cell_received(struct rtpl_session *s, bool wants)
{
	u64 now = ktime_get_coarse_boottime_ns();

	if (!rtpl_timers_knew_received(&s->timers.rekey, wants, now))
		rtpl_timers_cell(s, wants ? RTPL_REKEY_EV_RECEIVED_DATA :
					       RTPL_REKEY_EV_RECEIVED_ALIVE, now);
}

/* ---- life ---- */

/**
 * rtpl_timers_init() - prepare a session's timers
 * @s: session, zeroed
 *
 * Nothing starts before rtpl_timers_start().
 *
 * Context: process.
 */
void rtpl_timers_init(struct rtpl_session *s)
{
	spin_lock_init(&s->timers.lock);
	rtpl_rekey_init(&s->timers.rekey);
	timer_setup(&s->timers.timer, rtpl_timers_tick, 0);
	s->timers.enabled = false;
}

/**
 * rtpl_timers_start() - let the session's timers run
 * @s: session
 *
 * Context: process, rn->lock held. Takes timers.lock.
 */
void rtpl_timers_start(struct rtpl_session *s)
{
	spin_lock_bh(&s->timers.lock);
	s->timers.enabled = true;
	spin_unlock_bh(&s->timers.lock);
	rtpl_timers_act(s, rtpl_timers_event(s, RTPL_REKEY_EV_START));
}

/**
 * rtpl_timers_config() - endpoint, keepalive, require or the shape's schedule has changed
 * @s: session
 *
 * Context: process or BH, no spinlock of session or link held. Takes timers.lock.
 */
void rtpl_timers_config(struct rtpl_session *s)
{
	rtpl_timers_act(s, rtpl_timers_event(s, RTPL_REKEY_EV_TICK));
}

/**
 * rtpl_timers_stop() - end a session's timers for good
 * @s: session
 *
 * Afterwards the timer does not start again, nor does hs.work once it is cancelled. A second call
 * does nothing.
 *
 * Context: process, rn->lock held. Takes timers.lock. Sleeps.
 */
void rtpl_timers_stop(struct rtpl_session *s)
{
	spin_lock_bh(&s->timers.lock);
	s->timers.enabled = false;
	spin_unlock_bh(&s->timers.lock);
	/* Not under the lock, because the callback takes it. */
	rtpl_compat_timer_delete_sync(&s->timers.timer);
}
