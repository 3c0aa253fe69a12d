/* SPDX-License-Identifier: GPL-2.0 */
/*
 * When to shake hands, when to send a sign of life, when to give up: one peer's timers as a state
 * machine without a clock or a timer. Events and the time go in, actions and the next deadline come
 * out; kmod/session/timers.c (or a test, in virtual time) carries them out.
 *
 *	what happened				after		what is done then
 *	-------------				-----		-----------------
 *	START, persistent or keepalive		at once		INITIATE
 *	WANT, no session			at once (1)	INITIATE
 *	initiation, no answer			5 s + jitter	INITIATE again
 *	the first of them, no answer		90 s		LOST; over, unless persistent
 *	session began, ours			120 s (2)	INITIATE
 *	session began, theirs			165 s (2)	INITIATE: they seem to have failed
 *	CELLS					at once (1)	INITIATE
 *	theirs was confirmed			at once		KEEPALIVE
 *	session began, ours, no cell received	1, 3, 7 s	KEEPALIVE
 *	data or chaff received, nothing sent	10 s		KEEPALIVE
 *	data or chaff sent, nothing received	15 s + jitter	INITIATE
 *	nothing sent, keepalive set		keepalive	KEEPALIVE, or INITIATE
 *	session began, no other since		180 s		DOWN: it may not be used any more
 *	session began, no other since		540 s (3)	ZERO: wipe every key
 *
 *	(1) but 5 s + jitter after the last initiation or response of ours
 *	(2) with the next cell sent or received; by the clock if persistent
 *	(3) what is younger than 180 s then (an answer not confirmed yet) 360 s later
 *
 * "Ours": this end was the initiator. So only one end renews by age. Until a cell under it arrives,
 * the other end may not send under it, or continues under one that this end has forgotten; so that
 * cell is answered, and repeated if it was not.
 *
 * No datagram may show whether a cell carried data or was chaff: the two count alike in every rule,
 * and with persistent set WANT changes nothing. A keepalive is neither; nothing answers it, or two
 * idle ends would never stop. So chaff is marked inside as chaff (RTPL_CTRL_CHAFF in wire.h). An
 * end that does not mark it may have a shape that sends cells all the time: cells without data that
 * come less than 5 s apart also require a keepalive.
 *
 * Times are nanoseconds of one clock that never goes back and is never 0.
 */
#ifndef RTPL_CORE_REKEY_H
#define RTPL_CORE_REKEY_H

#include "env.h"

#define RTPL_REKEY_S			1000000000ULL
#define RTPL_REKEY_AFTER_NS		(120 * RTPL_REKEY_S)
#define RTPL_REKEY_REJECT_NS		(180 * RTPL_REKEY_S)
#define RTPL_REKEY_RETRY_NS		(5 * RTPL_REKEY_S)
#define RTPL_REKEY_JITTER_NS		333000000U
#define RTPL_REKEY_GIVE_UP_NS		(90 * RTPL_REKEY_S)
#define RTPL_REKEY_ALIVE_NS		(10 * RTPL_REKEY_S)
#define RTPL_REKEY_SILENCE_NS		(RTPL_REKEY_ALIVE_NS + RTPL_REKEY_RETRY_NS)
#define RTPL_REKEY_LATE_NS		(RTPL_REKEY_REJECT_NS - RTPL_REKEY_SILENCE_NS)
#define RTPL_REKEY_STREAM_NS		(5 * RTPL_REKEY_S)
#define RTPL_REKEY_CONFIRM_NS		RTPL_REKEY_S
#define RTPL_REKEY_CONFIRMS		3
#define RTPL_REKEY_ZERO_NS		(3 * RTPL_REKEY_REJECT_NS)
#define RTPL_REKEY_NEVER		U64_MAX

/* Events that rtpl_rekey() is told. */
enum rtpl_rekey_event {
	RTPL_REKEY_EV_TICK,	/* a deadline may have come */
	RTPL_REKEY_EV_START,	/* link begins; configuration is set */
	RTPL_REKEY_EV_WANT,	/* there is data and no session */
	RTPL_REKEY_EV_CELLS,	/* RTPL_REKEY_AFTER_CELLS have been sent */
	RTPL_REKEY_EV_COOKIE,	/* the initiation was answered by a cookie */
	RTPL_REKEY_EV_RESPONDED,/* a response was sent: their session, unconfirmed */
	RTPL_REKEY_EV_DOUBTFUL,	/* the same, to a possible recording: no event of the link */
	RTPL_REKEY_EV_LEFT,	/* after ZERO: some keys or a handshake were too young to wipe */
	RTPL_REKEY_EV_CONFIRMED,/* the first cell under it came */
	RTPL_REKEY_EV_SESSION,	/* a response came: our session */
	RTPL_REKEY_EV_DROPPED,	/* all sessions were dropped (key change, close) */
	RTPL_REKEY_EV_SENT,	/* a cell of chaff was sent */
	RTPL_REKEY_EV_SENT_DATA,
	RTPL_REKEY_EV_RECEIVED,	/* an authentic cell of chaff came */
	RTPL_REKEY_EV_RECEIVED_DATA,
	RTPL_REKEY_EV_SENT_ALIVE,	/* a keepalive was sent: no chaff, no data */
	RTPL_REKEY_EV_RECEIVED_ALIVE,	/* an authentic one came */
};

/* Actions, bits of what rtpl_rekey() returns. */
#define RTPL_REKEY_INITIATE	0x01	/* send an initiation, number r->attempt - 1 */
#define RTPL_REKEY_KEEPALIVE	0x02	/* send a cell without data */
#define RTPL_REKEY_LOST		0x04	/* nobody answers: drop packets that wait for a session */
#define RTPL_REKEY_DOWN		0x08	/* report: no answer, or no session; once until UP */
#define RTPL_REKEY_ZERO		0x10	/* wipe all keys and handshakes, except those of just now */
#define RTPL_REKEY_UP		0x20	/* report: there is a session, first after none or DOWN */
#define RTPL_REKEY_RENEWED	0x40	/* report: a session replaced another */

/* One peer's timers. The owner serialises. */
struct rtpl_rekey {
	/* Configuration: set by the owner at any time, then _EV_TICK. */
	bool persistent;	/* wants a session at all times */
	bool stream;		/* own cells leave with or without data to send */
	u16 keepalive;		/* s, 0: off */

	/* a handshake of ours */
	bool trying;
	bool down;		/* DOWN was reported, and no session began since */
	bool hastened;		/* a cookie brought the next attempt forward */
	u32 attempt;		/* initiations since the last answer */
	u32 jitter;		/* ns, set by the last event */
	u64 try_since;		/* first of this round */
	u64 try_at;		/* next */
	u64 last_try;		/* last initiation or response of ours; 0: never */

	/* the session to send with */
	bool up;
	bool ours;
	bool renewing;		/* a handshake was begun because of its age or cells */
	u8 repeats;		/* keepalives sent while unproven */
	u64 born;
	u64 responded;		/* when their latest session, maybe unconfirmed, began */
	u64 zero_at;		/* 0: there are no keys */

	/* what passed since; 0: nothing to wait for */
	u64 unanswered;		/* first data or chaff sent since the last cell received */
	u64 owed;		/* first data or chaff received since the last cell sent */
	u64 unproven;		/* nothing came since our session began: repeat then */
	u64 last_sent;
	u64 last_received;	/* cell */
};

/*
 * What a session that the other end began remembers about ours. If both ends begin at once, both
 * handshakes complete, and each end could send under its own for ever, and renew it separately. So
 * only one of them counts, that of the end which prevails (rtpl_noise_prevails()); no session waits
 * for the other, so it does not matter which of them gets through:
 *
 *	our answer came			our session is current at once
 *	first cell under theirs		theirs is current, and our handshake, if it is
 *					still under way, is called off; unless
 *					ours came first and prevails, or is newer
 */
struct rtpl_simultaneous {
	u32 met;	/* number of our initiation that it met or that overtook it; 0: none */
	bool yields;	/* to that session */
};

void rtpl_simultaneous_begin(struct rtpl_simultaneous *c, u32 pending, bool prevails);
void rtpl_simultaneous_overtaken(struct rtpl_simultaneous *c, u32 index);
bool rtpl_simultaneous_prevails(const struct rtpl_simultaneous *c, u32 current_index);

void rtpl_rekey_init(struct rtpl_rekey *r);

/**
 * rtpl_rekey() - process an event, and do what is due
 * @r: the machine
 * @event: the event
 * @now: ns
 * @random: any 32 bits; for events of cells 0 will do
 * Return: actions, RTPL_REKEY_* bits. Events of cells, WANT and CELLS never
 * return more than RTPL_REKEY_INITIATE. Each call may have moved the deadline.
 */
unsigned int rtpl_rekey(struct rtpl_rekey *r, enum rtpl_rekey_event event, u64 now,
			u32 random);

u64 rtpl_rekey_deadline(const struct rtpl_rekey *r);

#endif /* RTPL_CORE_REKEY_H */
