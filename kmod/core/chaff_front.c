// SPDX-License-Identifier: GPL-2.0
/*
 * FRONT: chaff over the beginning of each visit. Exponential and Rayleigh
 * variables in integers: a table of logarithms, a square root.
 */
#include "chaff.h"

#define EXP_ONE		48			/* binary places of an exponential */
#define EXP_MAX		(100ULL << EXP_ONE)	/* reached with probability e^-100 */

/* ln(1 + i / 256) * 2^32, rounded; the last stands for ln 2 */
static const u32 ln_table[257] = {
	0x00000000, 0x00ff8055, 0x01fe02a7, 0x02fb88ec, 0x03f81516, 0x04f3a911,
	0x05ee46c2, 0x06e7f00a, 0x07e0a6c4, 0x08d86cc5, 0x09cf43dd, 0x0ac52dd8,
	0x0bba2c7b, 0x0cae4187, 0x0da16eb9, 0x0e93b5c5, 0x0f851860, 0x10759836,
	0x116536ef, 0x1253f62f, 0x1341d796, 0x142edcbf, 0x151b073f, 0x160658a9,
	0x16f0d28b, 0x17da766d, 0x18c345d6, 0x19ab4246, 0x1a926d3a, 0x1b78c82c,
	0x1c5e548f, 0x1d4313d6, 0x1e27076e, 0x1f0a30c0, 0x1fec9132, 0x20ce2a26,
	0x21aefcfa, 0x228f0b09, 0x236e55aa, 0x244cde32, 0x252aa5f0, 0x2607ae32,
	0x26e3f840, 0x27bf8562, 0x289a56da, 0x29746de7, 0x2a4dcbc7, 0x2b2671b3,
	0x2bfe60e1, 0x2cd59a85, 0x2dac1fce, 0x2e81f1eb, 0x2f571204, 0x302b8143,
	0x30ff40ca, 0x31d251bd, 0x32a4b53a, 0x33766c5d, 0x34477840, 0x3517d9f9,
	0x35e7929d, 0x36b6a33d, 0x37850ce8, 0x3852d0ab, 0x391fef8f, 0x39ec6a9c,
	0x3ab842d7, 0x3b837941, 0x3c4e0edc, 0x3d1804a5, 0x3de15b98, 0x3eaa14ad,
	0x3f7230db, 0x4039b117, 0x41009653, 0x41c6e17f, 0x428c938a, 0x4351ad5e,
	0x44162fe7, 0x44da1c0a, 0x459d72af, 0x466034b7, 0x47226306, 0x47e3fe79,
	0x48a507ef, 0x49658043, 0x4a25684f, 0x4ae4c0eb, 0x4ba38aec, 0x4c61c725,
	0x4d1f766a, 0x4ddc998b, 0x4e993156, 0x4f553e97, 0x5010c21a, 0x50cbbca8,
	0x51862f08, 0x52401a01, 0x52f97e56, 0x53b25cca, 0x546ab61d, 0x55228b0f,
	0x55d9dc5d, 0x5690aac4, 0x5746f6fd, 0x57fcc1c3, 0x58b20bcb, 0x5966d5cc,
	0x5a1b207a, 0x5aceec89, 0x5b823aa9, 0x5c350b8a, 0x5ce75fdb, 0x5d993849,
	0x5e4a957f, 0x5efb7829, 0x5fabe0ee, 0x605bd077, 0x610b4768, 0x61ba4669,
	0x6268ce1b, 0x6316df21, 0x63c47a1d, 0x64719fad, 0x651e5071, 0x65ca8d04,
	0x66765604, 0x6721ac0b, 0x67cc8fb3, 0x68770193, 0x69210244, 0x69ca925a,
	0x6a73b26a, 0x6b1c6309, 0x6bc4a4c9, 0x6c6c783b, 0x6d13ddef, 0x6dbad675,
	0x6e61625a, 0x6f07822c, 0x6fad3677, 0x70527fc4, 0x70f75e9f, 0x719bd390,
	0x723fdf1e, 0x72e381d1, 0x7386bc2e, 0x74298eba, 0x74cbf9f8, 0x756dfe6c,
	0x760f9c96, 0x76b0d4f9, 0x7751a813, 0x77f21664, 0x7892206a, 0x7931c6a2,
	0x79d10987, 0x7a6fe996, 0x7b0e6749, 0x7bac8319, 0x7c4a3d7f, 0x7ce796f2,
	0x7d848fea, 0x7e2128dc, 0x7ebd623e, 0x7f593c84, 0x7ff4b821, 0x808fd589,
	0x812a952d, 0x81c4f77e, 0x825efced, 0x82f8a5e9, 0x8391f2e1, 0x842ae442,
	0x84c37a7b, 0x855bb5f6, 0x85f39721, 0x868b1e66, 0x87224c2f, 0x87b920e5,
	0x884f9cf1, 0x88e5c0bc, 0x897b8cad, 0x8a110129, 0x8aa61e98, 0x8b3ae55d,
	0x8bcf55df, 0x8c637080, 0x8cf735a3, 0x8d8aa5ac, 0x8e1dc0fc, 0x8eb087f3,
	0x8f42faf4, 0x8fd51a5c, 0x9066e68d, 0x90f85fe3, 0x918986be, 0x921a5b7a,
	0x92aade75, 0x933b100a, 0x93caf094, 0x945a8070, 0x94e9bff6, 0x9578af81,
	0x96074f6a, 0x9695a009, 0x9723a1b7, 0x97b154cb, 0x983eb99a, 0x98cbd07d,
	0x995899c9, 0x99e515d2, 0x9a7144ed, 0x9afd276f, 0x9b88bdaa, 0x9c1407f3,
	0x9c9f069b, 0x9d29b9f4, 0x9db42250, 0x9e3e4000, 0x9ec81354, 0x9f519c9b,
	0x9fdadc27, 0xa063d244, 0xa0ec7f42, 0xa174e36f, 0xa1fcff18, 0xa284d28a,
	0xa30c5e11, 0xa393a1fa, 0xa41a9e8f, 0xa4a1541d, 0xa527c2ee, 0xa5adeb4b,
	0xa633cd7e, 0xa6b969d2, 0xa73ec08e, 0xa7c3d1fb, 0xa8489e60, 0xa8cd2606,
	0xa9516933, 0xa9d5682e, 0xaa59233d, 0xaadc9aa6, 0xab5fceae, 0xabe2bf9a,
	0xac656dae, 0xace7d930, 0xad6a0262, 0xadebe987, 0xae6d8ee3, 0xaeeef2b9,
	0xaf701549, 0xaff0f6d7, 0xb07197a2, 0xb0f1f7ed, 0xb17217f8,
};

/**
 * rtpl_front_exp() - draw an exponentially distributed number of mean 1
 * @rng: generator; one draw
 *
 * It is -ln u for a uniform u. -ln(m * 2^-k) for m of 1 ... 2 is k ln 2 - ln m: ln m comes from the
 * table, straight lines in between, and is off by less than 2^-18.
 *
 * Context: Any; the caller serialises calls on @rng.
 * Return: the number in units of 2^-48, below 45 * 2^48.
 */
u64 rtpl_front_exp(struct rtpl_rng *rng)
{
	u64 u = rtpl_rng_u64(rng) | 1;		/* of 2^64, not 0 */
	u32 k = 64 - fls64(u);			/* leading zeroes */
	u64 m = u << k;				/* 2^63 ... 2^64 */
	u32 i = m >> 55 & 0xff;
	u64 rest = m >> 39 & 0xffff;
	u64 ln = ((u64)ln_table[i] << 16) + rest * (ln_table[i + 1] - ln_table[i]);

	return (k + 1) * ((u64)ln_table[256] << 16) - ln;
}

/* Rounded down. */
static u32 root(u64 x)
{
	u32 r = 0;
	int bit;

	for (bit = 31; bit >= 0; bit--) {
		u64 t = r | 1U << bit;

		if (t * t <= x)
			r = t;
	}
	return r;
}

/**
 * rtpl_front_rayleigh() - the Rayleigh variable that belongs to an exponential one
 * @e: exponential variable in units of 2^-48; more than 100 counts as 100
 * @window: the Rayleigh distribution's scale, ns, at most RTPL_CHAFF_GAP_MAX / 4
 *
 * Context: Any.
 * Return: sqrt(2 * @e) * @window, ns, rounded down.
 */
u64 rtpl_front_rayleigh(u64 e, u64 window)
{
	/* 2 e in 2^-56, at most 200 * 2^56 < 2^64 */
	return mul_u64_u32_shr(window, root(min_t(u64, e, EXP_MAX) << (56 - EXP_ONE + 1)), 28);
}

static int refuse(const char **why, const char *text, int err)
{
	*why = text;
	return err;
}

static int front_check(const struct rtpl_chaff *chaff, const char **why)
{
	const struct rtpl_front *c = &chaff->front;

	if (!c->min || c->min > c->max)
		return refuse(why,
			      "FRONT's cells are not at least 1, the least not above the most.",
			      -ERANGE);
	if (c->window_min < RTPL_CHAFF_GAP_MIN || c->window_min > c->window_max ||
	    c->window_max > RTPL_CHAFF_GAP_MAX / 4)
		return refuse(why,
			      "FRONT's window is not between 10 us and 15 min, the least not above the most.",
			      -ERANGE);
	if (c->silence < RTPL_CHAFF_GAP_MIN || c->silence > RTPL_CHAFF_GAP_MAX)
		return refuse(why,
			      "The silence between FRONT's visits is not between 10 us and 1 h.",
			      -ERANGE);
	return 0;
}

static void front_start(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff, u64 now)
{
	st->front.due = RTPL_CHAFF_NEVER;
}

/* Draw the next of the order statistics, one of @left. */
static void draw(struct rtpl_chaff_state *st)
{
	u64 e = st->front.e + div_u64(rtpl_front_exp(st->rng), st->front.left);

	st->front.e = min_t(u64, e, EXP_MAX);
	st->front.due = rtpl_chaff_add(st->front.begin,
				       rtpl_front_rayleigh(st->front.e, st->front.window));
}

static void visit(struct rtpl_chaff_state *st, const struct rtpl_front *c, u64 now)
{
	st->front.visit = true;
	st->front.begin = now;
	st->front.left = c->min + rtpl_rng_below(st->rng, c->max - c->min + 1);
	st->front.window = c->window_min +
		mul_u64_u64_shr(rtpl_rng_u64(st->rng), c->window_max - c->window_min + 1, 64);
	st->front.e = 0;
	draw(st);
}

static void drop(struct rtpl_chaff_state *st)
{
	st->front.left--;
	if (st->front.left)
		draw(st);
	else
		st->front.due = RTPL_CHAFF_NEVER;
}

/*
 * Data held the next cell back for long: all that are left move by as much. So they are not
 * sent in a burst, and a sender that is never idle until its data is through has them behind it.
 */
static void put_off(struct rtpl_chaff_state *st, u64 now)
{
	if (!st->front.left || now <= st->front.due || now - st->front.due <= RTPL_FRONT_LATE)
		return;
	st->front.begin += now - st->front.due;
	st->front.due = now;
}

static bool front_traffic(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff,
			  enum rtpl_traffic_event what, u64 now)
{
	const struct rtpl_front *c = &chaff->front;

	if (what != RTPL_SENT_DATA && what != RTPL_GOT_DATA)
		return false;
	if (st->front.seen && now > st->front.last && now - st->front.last > c->silence) {
		st->count.missed += st->front.left;
		st->front.left = 0;
		st->front.due = RTPL_CHAFF_NEVER;
		st->front.visit = false;
	}
	st->front.seen = true;
	st->front.last = max_t(u64, now, st->front.last);
	if (what == RTPL_SENT_DATA && !st->front.visit)
		visit(st, c, now);
	put_off(st, now);
	return false;
}

static u64 front_next(const struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff)
{
	/* The visit ends before that. */
	if (st->front.due > rtpl_chaff_add(st->front.last, chaff->front.silence))
		return RTPL_CHAFF_NEVER;
	return st->front.due;
}

static void front_take(struct rtpl_chaff_state *st, const struct rtpl_chaff *chaff, u64 now)
{
	drop(st);
	put_off(st, now);
}

const struct rtpl_chaff_ops rtpl_chaff_front_ops = {
	.listens_got = true,
	.check = front_check,
	.start = front_start,
	.traffic = front_traffic,
	.next = front_next,
	.take = front_take,
};
