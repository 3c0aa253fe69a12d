// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends with chaff, and what passes between them: chaff-ref's engine. No
 * queue, no delay: data leaves when the trace has it, as in the simulators of the
 * defences' authors.
 *
 * Input, text, one a line (times in ns; end 0 is the client, 1 the server):
 *
 *	seed N
 *	hist END ON MODE INFINITY EDGE:TOKENS...	for wtfpad, before it
 *	wtfpad END REMOVAL FLAGS
 *	front END MIN MAX WINDOW_MIN WINDOW_MAX SILENCE
 *	limits END OVERHEAD FREE RATE WINDOW
 *	tokens			print the tokens that are left
 *	remove END ON MODE NS	take one token, as the machine would
 *	sample END ON MODE N	print N samples
 *	visit			the previous one is over
 *	AT END			a cell of data
 *
 * Output: one line a visit, for each end: cells of data, chaff up to the end's last
 * data in the visit, chaff after it, chaff refused; then the visit's length in ns, and how
 * much later the last chaff was.
 */
#include <inttypes.h>
#include <stdio.h>

#include "../../kmod/core/limits.h"

#define CELL	514

struct end {
	struct rtpl_chaff chaff;
	struct rtpl_chaff_state state;
	struct rtpl_limits limits;
	struct rtpl_limits_state spent;
	struct rtpl_wtfpad_hist hist[RTPL_WTFPAD_ONS][RTPL_WTFPAD_MODES];
	u64 data, within, after, last;
};

static struct end ends[2];
static struct rtpl_rng rng;
static u64 now, begin, chaff_at;
static bool started;

static void die(const char *what, const char *line)
{
	fprintf(stderr, "chaff_ref: %s: %s", what, line);
	exit(2);
}

static void start(const char *line)
{
	const char *why = "";
	struct rtpl_shape shape;
	int i;

	if (started)
		return;
	started = true;
	rtpl_shape_default(&shape);
	for (i = 0; i < 2; i++) {
		if (!ends[i].limits.window)
			rtpl_limits_default(&ends[i].limits);
		if (rtpl_chaff_check(&ends[i].chaff, &why) ||
		    rtpl_limits_check(&ends[i].limits, &shape, &ends[i].chaff, 0, &why))
			die(why, line);
		rtpl_chaff_start(&ends[i].state, &ends[i].chaff, 0, &rng);
	}
}

static void leaves(int i, u64 at, bool chaff)
{
	struct end *e = &ends[i], *other = &ends[!i];

	rtpl_chaff_happened(&e->state, &e->chaff, chaff ? RTPL_SENT_CHAFF : RTPL_SENT_DATA, at,
			    CELL);
	rtpl_limits_happened(&e->spent, &e->limits, chaff ? RTPL_SENT_CHAFF : RTPL_SENT_DATA, at,
			     CELL);
	rtpl_chaff_happened(&other->state, &other->chaff, chaff ? RTPL_GOT_CHAFF : RTPL_GOT_DATA,
			    at, CELL);
}

/* All chaff before @until. */
static void run(u64 until)
{
	u64 due[2];
	bool may;
	int i;

	for (;;) {
		for (i = 0; i < 2; i++)
			due[i] = rtpl_chaff_next(&ends[i].state, &ends[i].chaff, 0);
		i = due[1] < due[0];
		if (due[i] >= until)
			return;
		now = max_t(u64, now, due[i]);
		may = rtpl_limits_may(&ends[i].spent, &ends[i].limits, now, CELL) == RTPL_LIMITS_OK;
		rtpl_chaff_take(&ends[i].state, &ends[i].chaff, now, may);
		if (!may)
			continue;
		ends[i].after++;
		chaff_at = now;
		leaves(i, now, true);
	}
}

static void cell(u64 at, int i)
{
	struct end *e = &ends[i];

	run(at);
	now = at;
	if (!ends[0].data && !ends[1].data)
		begin = at;
	/* What was after is within now. */
	e->within += e->after;
	e->after = 0;
	e->data++;
	e->last = at;
	leaves(i, at, false);
}

static void visit_over(void)
{
	u64 last = max_t(u64, ends[0].last, ends[1].last);
	int i;

	if (!ends[0].data && !ends[1].data)
		return;
	/* a minute; what pads longer than that would for ever */
	run(last + 60000000000ULL);
	for (i = 0; i < 2; i++) {
		struct end *e = &ends[i];

		printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " ", e->data, e->within,
		       e->after, e->state.count.refused);
		e->data = 0;
		e->within = 0;
		e->after = 0;
	}
	printf("%" PRIu64 " %" PRIu64 "\n", last - begin, chaff_at > last ? chaff_at - last : 0);
}

static struct rtpl_wtfpad_hist *hist_of(const char *line, int end, int on, int mode)
{
	if (end < 0 || end > 1 || on < 0 || on >= RTPL_WTFPAD_ONS || mode < 0 ||
	    mode >= RTPL_WTFPAD_MODES)
		die("no such histogram", line);
	return &ends[end].hist[on][mode];
}

static void read_hist(const char *line)
{
	int end, on, mode, used, n = 0;
	struct rtpl_wtfpad_hist *h;
	unsigned int tokens;
	u64 edge;

	if (sscanf(line, "hist %d %d %d %u%n", &end, &on, &mode, &tokens, &used) != 4)
		die("hist", line);
	h = hist_of(line, end, on, mode);
	h->infinity = tokens;
	for (line += used; sscanf(line, " %" SCNu64 ":%u%n", &edge, &tokens, &used) == 2;
	     line += used) {
		if (n == RTPL_WTFPAD_BINS || tokens > U16_MAX)
			die("too many bins or tokens", line);
		h->edge[n] = edge;
		h->tokens[n++] = tokens;
	}
	h->n = n;
	ends[end].chaff.wtfpad.hist[on][mode] = h;
}

static void print_tokens(void)
{
	struct rtpl_wtfpad_hist *h;
	int end, on, mode, i;

	for (end = 0; end < 2; end++)
		for (on = 0; on < RTPL_WTFPAD_ONS; on++)
			for (mode = 0; mode < RTPL_WTFPAD_MODES; mode++) {
				h = &ends[end].hist[on][mode];
				for (i = 0; h->n && i <= h->n; i++)
					printf("%u%c",
					       ends[end].state.wtfpad.tokens[on][mode].left[i],
					       i == h->n ? '\n' : ' ');
			}
}

/* remove, sample */
static void direct(const char *line, bool sample)
{
	struct rtpl_wtfpad_tokens *t;
	struct rtpl_wtfpad_hist *h;
	int end, on, mode;
	u64 ns;

	if (sscanf(line, "%*s %d %d %d %" SCNu64, &end, &on, &mode, &ns) != 4)
		die("four numbers", line);
	h = hist_of(line, end, on, mode);
	start(line);
	t = &ends[end].state.wtfpad.tokens[on][mode];
	if (!sample)
		return rtpl_wtfpad_remove(h, t, ns, ends[end].chaff.wtfpad.removal);
	while (ns--)
		printf("%" PRIu64 "\n", rtpl_wtfpad_sample(h, t, &rng));
}

static void setting(const char *line)
{
	u64 a, b, c, d, e;
	struct end *to;
	int i;

	if (sscanf(line, "%*s %d", &i) != 1 || i < 0 || i > 1)
		die("which end?", line);
	to = &ends[i];
	if (sscanf(line, "wtfpad %*d %" SCNu64 " %" SCNu64, &a, &b) == 2) {
		to->chaff.kind = RTPL_CHAFF_WTFPAD;
		to->chaff.wtfpad.removal = a;
		to->chaff.wtfpad.flags = b;
	} else if (sscanf(line, "front %*d %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
			  &a, &b, &c, &d, &e) == 5) {
		to->chaff.kind = RTPL_CHAFF_FRONT;
		to->chaff.front = (struct rtpl_front){ a, b, c, d, e };
	} else if (sscanf(line, "limits %*d %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64,
			  &a, &b, &c, &d) == 4) {
		to->limits = (struct rtpl_limits){ a, b, c, d };
	} else {
		die("not understood", line);
	}
}

int main(void)
{
	static char line[8192];
	u8 seed[RTPL_RNG_SEED] = {};
	u64 at, n;
	int i;

	rtpl_rng_seed(&rng, seed);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%" SCNu64 " %d", &at, &i) == 2 && i >= 0 && i <= 1) {
			start(line);
			if (at < now)
				die("time goes back", line);
			cell(at, i);
		} else if (!strncmp(line, "visit", 5)) {
			visit_over();
		} else if (sscanf(line, "seed %" SCNu64, &n) == 1) {
			put_unaligned_le64(n, seed);
			rtpl_rng_seed(&rng, seed);
		} else if (!strncmp(line, "hist ", 5)) {
			read_hist(line);
		} else if (!strncmp(line, "tokens", 6)) {
			start(line);
			print_tokens();
		} else if (!strncmp(line, "remove ", 7) || !strncmp(line, "sample ", 7)) {
			direct(line, *line == 's');
		} else {
			setting(line);
		}
	}
	visit_over();
	return 0;
}
