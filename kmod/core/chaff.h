/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Chaff: when a cell without data is wanted. Pure: events on the link come in with their times,
 * times of chaff come out.
 *
 *	rtpl_chaff_start()	the link may send; random numbers are drawn from here on
 *	rtpl_chaff_traffic()	each event, once, in order
 *	rtpl_chaff_next()	when is the next chaff cell wanted?
 *	rtpl_chaff_take()	it was sent, or a limit (limits.h) refused it
 *
 * Data goes before chaff. Chaff is wanted only while no data waits. Chaff that falls due while data
 * waits is replaced by the data cell if the defence counts data as its padding (cover, decoys,
 * WTF-PAD); otherwise (FRONT) it is delayed until no data waits, and the rest with it.
 *
 * Each call does bounded work: at most RTPL_WTFPAD_BINS + 1 steps for a sample and four times
 * RTPL_WTFPAD_BINS for a token, with two samples and RTPL_WTFPAD_DELAYS + 2 tokens in a call.
 */
#ifndef RTPL_CORE_CHAFF_H
#define RTPL_CORE_CHAFF_H

#include "dist.h"
#include "traffic.h"
#include "rng.h"

#define RTPL_CHAFF_NEVER	U64_MAX
#define RTPL_CHAFF_GAP_MIN	10000ULL		/* 10 us */
#define RTPL_CHAFF_GAP_MAX	3600000000000ULL	/* 1 h */

/* Which kind of chaff; numbers as in a profile's blob. */
enum rtpl_chaff_kind {
	RTPL_CHAFF_NONE,
	RTPL_CHAFF_COVER,	/* baseline while no data is sent */
	RTPL_CHAFF_BIP324,	/* decoys */
	RTPL_CHAFF_WTFPAD,	/* adaptive padding */
	RTPL_CHAFF_FRONT,	/* the beginning of a visit */
	RTPL_CHAFF_KINDS
};

/**
 * enum rtpl_chaff_mode - how an interval or a number of cells is determined
 * @RTPL_CHAFF_OFF: there is none
 * @RTPL_CHAFF_FIXED: always the same
 * @RTPL_CHAFF_RANDOM: drawn each time
 * @RTPL_CHAFF_MODES: number of modes
 */
enum rtpl_chaff_mode { RTPL_CHAFF_OFF, RTPL_CHAFF_FIXED, RTPL_CHAFF_RANDOM, RTPL_CHAFF_MODES };

/* Time between two of them. */
struct rtpl_chaff_gap {
	u8 mode;			/* enum rtpl_chaff_mode */
	u64 ns;				/* fixed */
	const struct rtpl_dist *dist;	/* random, ns; its min and max within GAP_MIN ... GAP_MAX */
};

/*
 * Cover. The first chaff cell leaves @idle after the last cell with data (one @every if @idle is
 * 0), the next ones @every after each other. Fixed intervals keep their grid if a cell is late.
 */
struct rtpl_cover {
	u64 idle;			/* ns, at most GAP_MAX */
	struct rtpl_chaff_gap every;	/* not off */
};

/*
 * Decoys, after BIP 324 (Wuille, Schnelli et al., "Version 2 P2P Encrypted Transport
 * Protocol", decoy packets) as its implementations use them: padding directly behind a cell with
 * data, and background decoys at intervals, independent of data.
 */
#define RTPL_BIP324_COUNT_MAX	16

struct rtpl_bip324 {
	u8 padding;			/* enum rtpl_chaff_mode */
	u8 count;			/* fixed: this many; random: 1 ... count */
	u32 chance;			/* random: of 2^32 that there is any */
	struct rtpl_chaff_gap background;
};

/*
 * WTF-PAD (Juarez, Imani, Perry, Diaz, Wright, "Toward an Efficient Website
 * Fingerprinting Defense", ESORICS 2016), after adaptive padding (Shmatikov and
 * Wang, ESORICS 2006). A link is in burst mode (waiting to begin a fake burst), in gap mode (within
 * one), or idle. Each mode has a histogram of delays until chaff after a sent cell, and one for
 * after a received cell; sent data ends the delays.
 *
 * A histogram's bin i holds delays of (edge[i - 1], edge[i]] ns, uniform within; bin n is infinity:
 * no chaff. A delay is sampled in proportion to the tokens left. One token is taken for each delay
 * that occurred: the sampled delay if chaff was sent, otherwise the time until data came. If that
 * bin is empty, the token is taken from a bin nearby, see enum rtpl_wtfpad_removal. When all tokens
 * are gone, the histogram is filled again.
 */
#define RTPL_WTFPAD_BINS	64
#define RTPL_WTFPAD_DELAYS	16		/* that run at a time; more are not begun */
#define RTPL_WTFPAD_DELAY_MIN	1000ULL		/* ns; shorter samples are raised to it */

struct rtpl_wtfpad_hist {
	u8 n;				/* finite bins, 1 ... RTPL_WTFPAD_BINS */
	u16 infinity;			/* tokens of the infinity bin, not 0 */
	u16 tokens[RTPL_WTFPAD_BINS];
	/* ns, rising, at most GAP_MAX; aligned as in a profile's blob */
	u64 edge[RTPL_WTFPAD_BINS] __aligned(8);
};

/**
 * enum rtpl_wtfpad_on - what begins a delay
 * @RTPL_WTFPAD_SND: a cell that left
 * @RTPL_WTFPAD_RCV: a cell that came
 * @RTPL_WTFPAD_ONS: number of these
 */
enum rtpl_wtfpad_on { RTPL_WTFPAD_SND, RTPL_WTFPAD_RCV, RTPL_WTFPAD_ONS };
enum rtpl_wtfpad_mode {
	RTPL_WTFPAD_BURST,
	RTPL_WTFPAD_GAP,
	RTPL_WTFPAD_MODES,		/* those with histograms */
	RTPL_WTFPAD_IDLE = RTPL_WTFPAD_MODES,
};

enum rtpl_wtfpad_removal {
	RTPL_WTFPAD_KEEP,	/* no token is taken */
	RTPL_WTFPAD_LOWER,	/* next shorter bin that has one, or else longer: as the authors */
	RTPL_WTFPAD_HIGHER,	/* next longer finite bin, otherwise shorter, otherwise infinity */
	RTPL_WTFPAD_REMOVALS
};

/* Data in gap mode: idle until the next data (the authors' simulator); otherwise burst mode. */
#define RTPL_WTFPAD_DATA_STOPS	0x1
/* Infinity in gap mode: no chaff until the next event; otherwise burst mode again (paper). */
#define RTPL_WTFPAD_GAP_STOPS	0x2
/* Received chaff counts as received data (the authors' programs). */
#define RTPL_WTFPAD_ON_CHAFF	0x4
#define RTPL_WTFPAD_FLAGS	0x7

struct rtpl_wtfpad {
	u8 removal;		/* enum rtpl_wtfpad_removal */
	u8 flags;		/* RTPL_WTFPAD_... */
	/* shared; NULL: always infinity. At least one burst histogram. */
	const struct rtpl_wtfpad_hist *hist[RTPL_WTFPAD_ONS][RTPL_WTFPAD_MODES];
};

/*
 * FRONT (Gong and Wang, "Zero-delay Lightweight Defenses against Website
 * Fingerprinting", USENIX Security 2020). A visit begins with the first cell with data
 * sent after @silence without data in either direction. It draws n from min ... max
 * cells and w from the window, and sends n chaff cells at Rayleigh(w) distributed times
 * from its beginning. It ends when @silence has passed; cells that are left are dropped. The
 * paper sends cells beside the data; here they wait while data does, and the times of those
 * that are left move by as much: on a saturated line each would make all data wait for it.
 *
 * Times are drawn one after the other as order statistics, so that no list is needed: the k-th
 * smallest of n exponential variables is the previous one plus an exponential variable over n - k
 * (Renyi 1953); sqrt(2 E) * w is Rayleigh.
 */
#define RTPL_FRONT_LATE		50000000ULL	/* ns; delayed for longer: the rest is, too */

struct rtpl_front {
	u16 min, max;			/* cells, 1 <= min <= max */
	u64 window_min, window_max;	/* ns, GAP_MIN ... GAP_MAX / 4 */
	u64 silence;			/* ns, GAP_MIN ... GAP_MAX */
};

/* Parameters: immutable once checked, shared. */
struct rtpl_chaff {
	u8 kind;			/* enum rtpl_chaff_kind */
	union {
		struct rtpl_cover cover;
		struct rtpl_bip324 bip324;
		struct rtpl_wtfpad wtfpad;
		struct rtpl_front front;
	};
};

/**
 * struct rtpl_wtfpad_tokens - remaining tokens of a histogram
 * @sum: tokens in all bins, not 0 once filled
 * @left: tokens in each bin; infinity's are behind those of the last finite bin
 */
struct rtpl_wtfpad_tokens {
	u32 sum;
	u16 left[RTPL_WTFPAD_BINS + 1];
};

/* A running delay. */
struct rtpl_wtfpad_delay {
	u8 on, mode;			/* of its histogram; mode IDLE: none */
	u64 since, due;			/* ns; never due: infinity */
};

/* What happened to the wanted chaff, since the link first began. */
struct rtpl_chaff_count {
	u64 sent;			/* taken, and sent */
	u64 refused;			/* taken, refused by a limit */
	u64 replaced;			/* a cell with data took its place */
	u64 missed;			/* left out: too late, or its visit was over */
};

/* The state of one link: 1032 bytes. */
struct rtpl_chaff_state {
	const struct rtpl_chaff *of;	/* started with these; compared, never followed */
	struct rtpl_rng *rng;
	struct rtpl_chaff_count count;	/* kept over a restart */
	union {
		struct {
			u64 due;
			u64 beat;	/* when it would be due if data had not put it off */
		} cover;
		struct {
			u64 due;	/* background */
			u64 pad_at;	/* padding: since when */
			u8 pad;		/* padding decoys wanted */
		} bip324;
		struct {
			u8 mode;	/* enum rtpl_wtfpad_mode */
			u8 n;
			struct rtpl_wtfpad_delay delay[RTPL_WTFPAD_DELAYS]; /* next due: last */
			struct rtpl_wtfpad_delay never[RTPL_WTFPAD_ONS];
			struct rtpl_wtfpad_tokens tokens[RTPL_WTFPAD_ONS][RTPL_WTFPAD_MODES];
		} wtfpad;
		struct {
			u64 begin, last; /* of the visit, moved on; data either way */
			u64 window;
			u64 e;		/* exponential order statistic, 2^-48 */
			u64 due;
			u16 left;	/* cells, the one due among them */
			bool visit, seen;
		} front;
	};
};

static_assert(sizeof(struct rtpl_chaff_state) <= 2048);

/**
 * rtpl_chaff_check() - check whether chaff can be run
 * @c: the parameters; what they point to must live as long
 * @why: set to a sentence that names the setting (static string) on error
 *
 * Return: 0, -EINVAL, -ERANGE, -E2BIG (a table).
 */
int rtpl_chaff_check(const struct rtpl_chaff *c, const char **why);

/**
 * rtpl_chaff_start() - begin, or begin anew with other parameters
 * @st: the link's state; all zero before the first time
 * @c: the parameters, checked. Calls with any others want nothing.
 * @now: ns
 * @rng: kept; all calls except rtpl_chaff_next() draw from it
 *
 * The counters go on.
 */
void rtpl_chaff_start(struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u64 now,
		      struct rtpl_rng *rng);

/**
 * rtpl_chaff_traffic() - report an event on the link
 * @st: the link's state
 * @c: the parameters it was started with
 * @what: the event; RTPL_SENT_CHAFF also for chaff that something else wanted
 * @now: ns
 * @bytes: of the cell; currently no kind of chaff depends on it
 *
 * Return: true if data took the place of a cell at a time of its own. Limits count that as sent:
 * otherwise more chaff could leave after data than without.
 */
bool rtpl_chaff_traffic(struct rtpl_chaff_state *st, const struct rtpl_chaff *c,
			enum rtpl_traffic_event what, u64 now, u32 bytes);

/**
 * rtpl_chaff_next() - when is the next chaff cell wanted?
 * @st: the link's state
 * @c: the parameters it was started with
 * @queued: cells worth of data (or control) waiting
 *
 * Return: ns, which means at once if it has passed; RTPL_CHAFF_NEVER while anything waits, and if
 * nothing is wanted until the next event.
 */
u64 rtpl_chaff_next(const struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u32 queued);

/**
 * rtpl_chaff_take() - report that the cell rtpl_chaff_next() wanted was sent or refused
 * @st: the link's state
 * @c: the parameters it was started with
 * @now: ns; may be a lead time before the cell's time
 * @sent: false: a limit refused it. It is not wanted again.
 *
 * Call it in addition to rtpl_chaff_traffic(RTPL_SENT_CHAFF), before or after it.
 */
void rtpl_chaff_take(struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u64 now, bool sent);

/**
 * rtpl_chaff_rate() - chaff cells that an idle link is certain to want
 * @c: the parameters, checked
 * @ns: length of a stretch of time without data
 *
 * Return: at least this many in each such stretch, once it has been idle for long; 0 if that
 * depends on data (WTF-PAD, FRONT, padding decoys).
 */
u64 rtpl_chaff_rate(const struct rtpl_chaff *c, u64 ns);

bool rtpl_chaff_timed(const struct rtpl_chaff *c);
bool rtpl_chaff_by_time(const struct rtpl_chaff_state *st, const struct rtpl_chaff *c);

bool rtpl_chaff_listens_got(const struct rtpl_chaff *c);

/**
 * rtpl_wtfpad_sample() - draw a delay in proportion to the tokens left
 * @h: the histogram
 * @t: its tokens
 * @rng: two draws, one for infinity
 *
 * Return: ns, RTPL_WTFPAD_DELAY_MIN at least; RTPL_CHAFF_NEVER for infinity.
 */
u64 rtpl_wtfpad_sample(const struct rtpl_wtfpad_hist *h, const struct rtpl_wtfpad_tokens *t,
		       struct rtpl_rng *rng);
void rtpl_wtfpad_remove(const struct rtpl_wtfpad_hist *h, struct rtpl_wtfpad_tokens *t, u64 ns,
			u8 removal);
void rtpl_wtfpad_fill(const struct rtpl_wtfpad_hist *h, struct rtpl_wtfpad_tokens *t);

u64 rtpl_front_exp(struct rtpl_rng *rng);
u64 rtpl_front_rayleigh(u64 e, u64 window);

/* ---- for chaff_*.c: one per kind, and a line in chaff.c's table ---- */

/*
 * One kind of chaff. @c is of that kind, checked (except in check()), and is what @st was started
 * with. Random numbers come from st->rng.
 */
struct rtpl_chaff_ops {
	bool listens_got;	/* depends on received cells, not only on sent ones */
	/* As rtpl_chaff_check(). */
	int (*check)(const struct rtpl_chaff *c, const char **why);
	/* The state is all zero, except what all kinds share. */
	void (*start)(struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u64 now);
	bool (*traffic)(struct rtpl_chaff_state *st, const struct rtpl_chaff *c,
			enum rtpl_traffic_event what, u64 now);
	/* Called while nothing waits; ns. */
	u64 (*next)(const struct rtpl_chaff_state *st, const struct rtpl_chaff *c);
	/* Called only if next() wants a cell, now or later. */
	void (*take)(struct rtpl_chaff_state *st, const struct rtpl_chaff *c, u64 now);
	/* Intervals of an idle link that do not depend on data; NULL: all depends on data. */
	const struct rtpl_chaff_gap *(*background)(const struct rtpl_chaff *c);
	/* Is what next() says of the background? NULL: if there is any. */
	bool (*by_time)(const struct rtpl_chaff_state *st, const struct rtpl_chaff *c);
};

extern const struct rtpl_chaff_ops rtpl_chaff_cover_ops;
extern const struct rtpl_chaff_ops rtpl_chaff_bip324_ops;
extern const struct rtpl_chaff_ops rtpl_chaff_wtfpad_ops;
extern const struct rtpl_chaff_ops rtpl_chaff_front_ops;

int rtpl_chaff_gap_check(const struct rtpl_chaff_gap *g, const char **why);
u64 rtpl_chaff_gap_after(const struct rtpl_chaff_gap *g, u64 t, struct rtpl_rng *rng);

/**
 * rtpl_chaff_add() - add to a time, and stop at the end of time
 * @t: ns
 * @ns: how much later
 *
 * Context: Any.
 * Return: ns; RTPL_CHAFF_NEVER if the sum overflows.
 */
static inline u64 rtpl_chaff_add(u64 t, u64 ns)
{
	return t > RTPL_CHAFF_NEVER - ns ? RTPL_CHAFF_NEVER : t + ns;
}

#endif /* RTPL_CORE_CHAFF_H */
