/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A differentially private window (NetShaper: Sabzi, Vora, Goswami, Seltzer, Lécuyer,
 * Mehta, USENIX Security 2024): every window_ns, once, the queue's length plus noise
 * decides how much leaves in the window that follows, data or chaff:
 *
 *	volume = clamp(queue + noise, min, max)
 *
 * All values are in grains of bytes (of a cell, for example), with the queue rounded up, so that
 * noise is exact to 2^-64 per draw. Two streams that differ by the sensitivity leave queues that,
 * given the same volumes so far, differ by no more: what is added or taken is the same for both,
 * and a queue that ends at 0 brings them nearer. So the queue must be in bytes of blocks, not
 * rounded to anything before the noise, and blocks must be plain packets, whose bytes do not depend
 * on the cell in which they begin (a super-packet's block has eight bytes more, and its headers
 * once more if it is cut). Dropping whole packets, from a full queue or late ones, or beginning one
 * anew for other keys, can add a packet: include the largest in the sensitivity.
 *
 * Laplace: the difference of two geometric numbers; pure epsilon a window. Skellam:
 * the sum of draws from a symmetric Skellam table; it is closed under addition, and
 * its Renyi divergences are those of Agarwal, Kairouz, Liu, "The Skellam Mechanism for
 * Differentially Private Federated Learning", NeurIPS 2021, Corollary 3.6.
 *
 * The account: after k windows, the whole is (epsilon, delta) private with
 *
 *	epsilon(k) = min over lines of k * each + once
 *
 * Each order of Renyi divergence is such a line (its divergence adds up, its conversion to epsilon
 * is paid once: Mironov 2017; Canonne, Kamath, Steinke 2020), basic composition is one, and
 * tangents of advanced composition are further ones. User space (tools/dist/) finds noise and lines
 * for a wanted epsilon; delta includes the part of a distribution that a table cannot hold.
 */
#ifndef RTPL_CORE_DP_H
#define RTPL_CORE_DP_H

#include "dist.h"

#define RTPL_DP_LINES		64
#define RTPL_DP_DRAWS		64
#define RTPL_DP_GRAINS_MAX	((u32)BIT(20))	/* of a window; of one part of a draw */
#define RTPL_DP_BYTES_MAX	BIT_ULL(32)	/* of a window */
#define RTPL_DP_WINDOW_MIN_NS	100000ULL	/* 100 us */
#define RTPL_DP_WINDOW_MAX_NS	60000000000ULL	/* 1 min */
#define RTPL_DP_WINDOWS_MAX	BIT_ULL(40)

/* Where the noise comes from: see the head of this file. */
enum rtpl_dp_mechanism { RTPL_DP_LAPLACE, RTPL_DP_SKELLAM, RTPL_DP_MECHANISMS };

/* An upper bound of epsilon, in 2^-32: k windows cost k * each + once. */
struct rtpl_dp_line {
	u64 each;
	u64 once;
};

/* Parameters: immutable once checked, shared read-only. */
struct rtpl_dp_plan {
	u8 mechanism;		/* enum rtpl_dp_mechanism */
	u8 parts;		/* of a draw: 1, or 2 where one table is too small */
	u8 draws;		/* Laplace: 2, the second one subtracted */
	u8 n_lines;
	bool hold;		/* after the last window of the account: always max */
	u32 step;		/* a draw is step * part[0] + part[1], or part[0] */
	u32 grain;		/* bytes */
	u32 min, max;		/* grains a window */
	u32 burst;		/* windows in which a burst shows: what waits longer must go */
	u64 window_ns;
	u64 windows;		/* the account covers this many */
	u64 delta;		/* 2^-64 */
	struct rtpl_dist part[2];	/* steps, in grains */
	struct rtpl_dp_line line[RTPL_DP_LINES];
};

/* One link's windows. */
struct rtpl_dp {
	u64 t0;			/* ns, decision 0 */
	u64 slot;		/* next decision's number */
	u64 taken;		/* decisions that depended on the queue */
	u64 missed;		/* windows that passed without one, total */
};

/**
 * rtpl_dp_check() - check whether the plan can be kept
 * @s: the plan
 * @why: set to a sentence that names the setting (static string) on error
 *
 * User space is trusted that noise and lines belong together: no number here can tell.
 *
 * Return: 0, -EINVAL, -ERANGE, -E2BIG (as rtpl_dist_check()).
 */
int rtpl_dp_check(const struct rtpl_dp_plan *s, const char **why);

void rtpl_dp_start(struct rtpl_dp *p, const struct rtpl_dp_plan *s, u64 now);

/**
 * rtpl_dp_next() - when is the next decision?
 * @p: the window
 * @s: the plan, checked
 * @now: ns
 *
 * Decision k is at t0 + k * window_ns. Those more than a window in the past are skipped and counted
 * in missed: nothing left, so nothing was revealed.
 *
 * Return: ns; not after @now if it is due.
 */
u64 rtpl_dp_next(struct rtpl_dp *p, const struct rtpl_dp_plan *s, u64 now);

/**
 * rtpl_dp_volume() - decide how much leaves in the next window
 * @p: the window
 * @s: the plan, checked
 * @queue: bytes of blocks that wait, not rounded
 * @r: generator; parts * draws numbers are drawn, whatever @queue is; none if the plan holds after
 *	its last window
 *
 * The part of the volume that the queue cannot fill is chaff; what the queue has beyond it waits.
 *
 * Return: bytes to send in the window that begins; a multiple of the grain.
 */
u64 rtpl_dp_volume(struct rtpl_dp *p, const struct rtpl_dp_plan *s, u64 queue, struct rtpl_rng *r);

s64 rtpl_dp_noise(const struct rtpl_dp_plan *s, struct rtpl_rng *r);

/**
 * rtpl_dp_epsilon() - privacy cost of a number of windows
 * @s: the plan, checked
 * @windows: how many; s->burst: what one burst reveals
 *
 * Return: epsilon in 2^-32, with s->delta; U64_MAX beyond s->windows.
 */
u64 rtpl_dp_epsilon(const struct rtpl_dp_plan *s, u64 windows);

u64 rtpl_dp_spent(const struct rtpl_dp *p, const struct rtpl_dp_plan *s);

#endif /* RTPL_CORE_DP_H */
