// SPDX-License-Identifier: GPL-2.0
/* rtpl-sim: options, progress. `rtplctl help sim` and rtplctl(8) tell how it is used. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "../input/input.h"
#include "sim.h"

#define PREFIX		"rtplctl: sim: "
#define BENCH_PACKETS	1000000
#define MTU		1500
#define UDP4		28		/* bytes of IPv4 and UDP header */
#define UDP6		48
#define LEAD		250000ULL	/* as in kmod/link/tx.c */
#define PROGRESS_AFTER	2		/* s */

enum {
	OPT_LINK_RATE = 256, OPT_RTT, OPT_SEED, OPT_OUT, OPT_TRUTH, OPT_CELL_BYTES,
	OPT_HEADER_BYTES, OPT_MTU, OPT_IPV6, OPT_LEAD, OPT_KEEP, OPT_BEFORE, OPT_TAIL, OPT_TELL_END,
	OPT_EACH, OPT_LOG, OPT_REPLAY, OPT_END, OPT_PEER, OPT_BENCH, OPT_EVERY,
	OPT_UNTIL, OPT_FAIR, OPT_REACT, OPT_HOLD, OPT_LOSE,
};

static const struct option options[] = {
	{ "profile", required_argument, NULL, 'p' },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "link-rate", required_argument, NULL, OPT_LINK_RATE },
	{ "rtt", required_argument, NULL, OPT_RTT },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "truth", no_argument, NULL, OPT_TRUTH },
	{ "until", required_argument, NULL, OPT_UNTIL },
	{ "json", no_argument, NULL, 'j' },
	{ "each", no_argument, NULL, OPT_EACH },
	{ "every", required_argument, NULL, OPT_EVERY },
	{ "cell-bytes", required_argument, NULL, OPT_CELL_BYTES },
	{ "header-bytes", required_argument, NULL, OPT_HEADER_BYTES },
	{ "mtu", required_argument, NULL, OPT_MTU },
	{ "ipv6", no_argument, NULL, OPT_IPV6 },
	{ "lead", required_argument, NULL, OPT_LEAD },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "before", required_argument, NULL, OPT_BEFORE },
	{ "tail", required_argument, NULL, OPT_TAIL },
	{ "tell-end", no_argument, NULL, OPT_TELL_END },
	{ "fair", no_argument, NULL, OPT_FAIR },
	{ "react", no_argument, NULL, OPT_REACT },
	{ "hold", required_argument, NULL, OPT_HOLD },
	{ "lose", required_argument, NULL, OPT_LOSE },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "replay", required_argument, NULL, OPT_REPLAY },
	{ "end", required_argument, NULL, OPT_END },
	{ "peer", required_argument, NULL, OPT_PEER },
	{ "bench", no_argument, NULL, OPT_BENCH },
	{ }
};

static struct {
	struct sim_run run;
	struct sim_form form;
	struct sim_total total;
	struct sim_link *link;
	struct sim_log *log;
	const char *out;
	bool json, each, truth;
	u64 until;			/* of --out */
	enum rtpl_end end;
	u32 peer;			/* whose events of a kernel's trace; 0: all */
	u64 every;			/* each so many-th trace only */
	u64 seen, number;		/* traces so far: there were, were played */
	u64 done, all;			/* bytes of files */
	bool show;			/* progress */
	bool shown;
} sim;

/* The tick of the progress. */
static volatile sig_atomic_t tick;

/* ---- sentences ---- */

static void complain(const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	input_mask(text);
	if (sim.shown)
		fputs("\r\033[K", stderr);
	fprintf(stderr, PREFIX "%s\n", text);
}

void sim_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	exit(1);
}

void sim_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	complain(fmt, ap);
	va_end(ap);
	exit(2);
}

/* ---- words ---- */

static u64 number(const char *option, const char *word, u64 least, u64 most)
{
	const char *end;
	u64 v;

	if (!input_digits(word, &end, &v) || *end || v < least || v > most)
		sim_usage("--%s takes a number from %" PRIu64 " to %" PRIu64 ", not '%.40s'",
			  option, least, most, word);
	return v;
}

/* With a unit: a number alone means this to one and that to another. */
static u64 duration(const char *option, const char *word, u64 most)
{
	u64 ns;

	if (!input_amount(word, input_times, &ns) && ns <= most)
		return ns;
	sim_usage("--%s takes a time up to %" PRIu64 " s, as 20ms or 1.5s, not '%.40s'", option,
		  (u64)(most / RTPL_NSEC), word);
}

/* Bits per second, as tc has them: 10mbit. */
static u64 rate(const char *option, const char *word)
{
	enum input_why why;
	u64 v;

	why = input_amount(word, input_bits, &v);
	if ((!why || why == INPUT_NOT_WHOLE) && v >= 1000 && v <= 1000000000000)
		return v;
	sim_usage("--%s takes a rate with its unit (bit, kbit, mbit, gbit) from 1kbit to 1000gbit, not '%.40s'",
		  option, word);
}

static enum rtpl_end end_of(const char *option, const char *word)
{
	if (strcmp(word, "client") && strcmp(word, "server"))
		sim_usage("--%s is client or server, not '%.40s'", option, word);
	return *word == 'c' ? RTPL_END_CLIENT : RTPL_END_SERVER;
}

/* END:AT:FOR, and with @parts of 4 :PERCENT */
static void attack(const char *option, const char *word, int parts)
{
	struct sim_attack *a = &sim.run.attack;
	char text[80], *part[4], *rest = text;
	int n = 0;

	if (a->len)
		sim_usage("one --hold or --lose is all there can be");
	snprintf(text, sizeof(text), "%s", word);
	while (rest && n < 4)
		part[n++] = strsep(&rest, ":");
	if (n != parts || rest || strlen(word) >= sizeof(text))
		sim_usage("--%s takes END:AT:FOR%s, not '%.40s'", option, parts == 4 ? ":PERCENT" : "",
			  word);
	a->end = end_of(option, part[0]);
	a->at = duration(option, part[1], 100000 * RTPL_NSEC);
	a->len = duration(option, part[2], 100 * RTPL_NSEC);
	if (!a->len)
		sim_usage("--%s takes more than no time", option);
	if (parts == 4 && strlen(part[3]) > 1 && part[3][strlen(part[3]) - 1] == '%')
		part[3][strlen(part[3]) - 1] = 0;
	if (parts == 4)
		a->lose = number(option, part[3], 1, 100);
}

/* ---- progress ---- */

static void on_alarm(int sig)
{
	tick = 1;
}

static void progress_start(void)
{
	struct itimerval every = { { 0, 500000 }, { PROGRESS_AFTER, 0 } };
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };

	if (!isatty(STDERR_FILENO))
		return;
	sim.show = true;
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
}

static void progress(void)
{
	tick = 0;
	fprintf(stderr, "\r%" PRIu64 " traces", sim.number);
	if (sim.all)
		fprintf(stderr, ", %.0f %%", 100.0 * min(sim.done, sim.all) / sim.all);
	fputs("\033[K", stderr);
	sim.shown = true;
}

static void progress_end(void)
{
	struct itimerval never = { };

	if (!sim.show)
		return;
	setitimer(ITIMER_REAL, &never, NULL);
	if (sim.shown)
		fputs("\r\033[K", stderr);
	sim.shown = false;
}

/* ---- what is done ---- */

static void each(const struct sim_trace *t)
{
	struct sim_total one = { };
	double sent, wire;

	sim_total_add(&one, t, sim.link);
	if (sim.json) {
		sim_total_json(&one, &sim.run, t);
		sim_total_free(&one);
		return;
	}
	sent = one.end[0].sent_bytes + one.end[1].sent_bytes;
	wire = one.end[0].wire + one.end[1].wire;
	printf("%s%s%s%s%s: %.0f bytes, on the wire %.0f (%+.2f %%), at most %.3f ms\n", t->class,
	       *t->class ? "/" : "", t->group, *t->group ? "-" : "", t->name, sent, wire,
	       sent ? 100 * (wire / sent - 1) : 0,
	       max(one.end[0].delay.max, one.end[1].delay.max) / 1e6);
}

static void play(struct sim_trace *t, void *priv)
{
	if (sim.seen++ % sim.every)
		return;
	if (sim.log && sim.number)
		sim_fail("--log takes one trace, here are more");
	sim_link_play(sim.link, t, sim.number);
	sim.number++;
	sim_total_add(&sim.total, t, sim.link);
	if (sim.out)
		sim_out_trace(t, sim.number - 1, sim.link);
	if (sim.each)
		each(t);
	if (tick)
		progress();
}

/* Small and large packets either way, in bursts, as a link of some 100 Mb/s has them. */
static void bench_trace(struct sim_trace *t)
{
	static const u32 sizes[] = { 52, 1500, 1500, 590, 1500, 1500, 120, 1500 };
	struct sim_packets *p;
	u64 at = 0;
	u32 i;

	for (i = 0; i < BENCH_PACKETS; i++) {
		p = &t->from[i % 8 && i % 8 != 6];
		p->p = sim_grow(p->p, p->n, &p->room, sizeof(*p->p));
		p->p[p->n++] = (struct sim_packet){ at, sizes[i % 8], i, 0 };
		at += i % 64 ? 10000 + i % 7 * 3000 : 5000000;
	}
	t->length = at;
	t->flows = 1;
	strcpy(t->name, "bench");
}

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void bench(void)
{
	static struct sim_trace t;
	double from, took;
	u64 cells, lost;

	bench_trace(&t);
	from = seconds();
	sim_link_play(sim.link, &t, 0);
	took = seconds() - from;
	sim_total_add(&sim.total, &t, sim.link);
	cells = sim.total.end[0].cells + sim.total.end[0].chaff + sim.total.end[1].cells +
		sim.total.end[1].chaff;
	lost = BENCH_PACKETS - sim.total.end[0].sent_packets - sim.total.end[1].sent_packets;
	if (sim.json)
		printf("{\"profile\":\"%s\",\"packets\":%d,\"dropped\":%" PRIu64 ",\"cells\":%" PRIu64
		       ",\"seconds\":%.3f,\"ns_each\":%.1f}\n", sim.run.profile->name, BENCH_PACKETS,
		       lost, cells, took, took * 1e9 / BENCH_PACKETS);
	else
		printf("%d packets, %" PRIu64 " of them dropped, %" PRIu64 " cells in %.3f s of processor "
		       "time: %.0f packets a second, %.0f ns each\n", BENCH_PACKETS, lost, cells, took,
		       BENCH_PACKETS / took, took * 1e9 / BENCH_PACKETS);
	free(t.from[0].p);
	free(t.from[1].p);
}

static void replay(const char *path)
{
	struct sim_event *ev;
	bool kernel;
	size_t n;

	n = sim_log_read(path, sim.peer, &ev, &kernel);
	sim_link_replay(sim.link, sim.end, ev, n, !kernel);
	free(ev);
}

static void defaults(void)
{
	sim.run.seed = 1;
	sim.every = 1;
	sim.run.lead = LEAD;
	sim.run.outer = UDP4;
}

static void no_option(const char *word)
{
	struct input_nearest near = { .word = word + strspn(word, "-") };

	if (!strncmp(word, "--", 2))
		for (const struct option *o = options; o->name; o++)
			input_nearest(&near, o->name);
	if (near.name)
		sim_usage("there is no option %.40s (is --%s meant?)", word, near.name);
	sim_usage("there is no option %.40s (rtplctl help sim lists them)", word);
}

static void parse(int argc, char **argv, const char **log, const char **from, bool *speed)
{
	const char *profile = NULL;
	u32 mtu = MTU;
	int c, at;

	opterr = 0;
	while ((c = getopt_long(argc, argv, ":p:j", options, &at)) != -1) {
		switch (c) {
		case 'p':
			if (profile)
				sim_usage("--profile is given twice");
			profile = optarg;
			break;
		case 'j':
			sim.json = true;
			break;
		case OPT_SEED:
			sim.run.seed = number("seed", optarg, 0, U64_MAX);
			break;
		case OPT_LINK_RATE:
			sim.run.rate = rate("link-rate", optarg);
			break;
		case OPT_RTT:
			sim.run.delay = duration("rtt", optarg, 100 * RTPL_NSEC) / 2;
			break;
		case OPT_OUT:
			sim.out = optarg;
			break;
		case OPT_TRUTH:
			sim.truth = true;
			break;
		case OPT_UNTIL:
			sim.until = duration("until", optarg, 100000 * RTPL_NSEC);
			if (!sim.until)
				sim_usage("--until takes more than no time");
			break;
		case OPT_EACH:
			sim.each = true;
			break;
		case OPT_CELL_BYTES:
			sim.form.cell_bytes = number("cell-bytes", optarg, 1, RTPL_BLOCK_MAX);
			break;
		case OPT_HEADER_BYTES:
			sim.form.header_bytes = number("header-bytes", optarg, 0, 1000);
			break;
		case OPT_MTU:
			mtu = number("mtu", optarg, RTPL_HANDSHAKE_MIN + UDP6, RTPL_CELL_MAX + UDP6);
			break;
		case OPT_IPV6:
			sim.run.outer = UDP6;
			break;
		case OPT_LEAD:
			sim.run.lead = duration("lead", optarg, RTPL_NSEC);
			break;
		case OPT_KEEP:
			sim.run.keep = duration("keep", optarg, 100000 * RTPL_NSEC);
			break;
		case OPT_BEFORE:
			sim.run.before = duration("before", optarg, 100000 * RTPL_NSEC);
			break;
		case OPT_TAIL:
			sim.run.tail = duration("tail", optarg, 600 * RTPL_NSEC);
			break;
		case OPT_TELL_END:
			sim.run.tell_end = true;
			break;
		case OPT_FAIR:
			sim.run.fair = true;
			break;
		case OPT_REACT:
			sim.run.react = true;
			break;
		case OPT_HOLD:
			attack("hold", optarg, 3);
			break;
		case OPT_LOSE:
			attack("lose", optarg, 4);
			break;
		case OPT_EVERY:
			sim.every = number("every", optarg, 1, U32_MAX);
			break;
		case OPT_LOG:
			*log = optarg;
			break;
		case OPT_REPLAY:
			*from = optarg;
			break;
		case OPT_END:
			sim.end = end_of("end", optarg);
			break;
		case OPT_PEER:
			sim.peer = number("peer", optarg, 1, U32_MAX);
			break;
		case OPT_BENCH:
			*speed = true;
			break;
		case ':':
			sim_usage("%.40s needs a value", argv[optind - 1]);
		default:
			no_option(argv[optind - 1]);
		}
	}
	if (!profile)
		sim_usage("a profile is needed: --profile NAME|FILE");
	if (*speed || *from) {
		if (optind < argc)
			sim_usage("--%s takes no trace", *speed ? "bench" : "replay");
	} else if (optind == argc) {
		sim_usage("a trace is needed: a file, a folder, or - for standard input");
	}
	if (sim.until && !sim.out)
		sim_usage("--until is about what --out writes");
	if (sim.truth && !sim.out)
		sim_usage("--truth is about what --out writes");
	if (mtu - sim.run.outer < RTPL_HANDSHAKE_MIN)
		sim_usage("--mtu leaves no room for a handshake of %d bytes", RTPL_HANDSHAKE_MIN);
	sim.run.path = min_t(u32, mtu - sim.run.outer, RTPL_CELL_MAX);
	sim.run.profile = sim_profile(profile, sim.run.path);
}

int main(int argc, char **argv)
{
	const char *log = NULL, *from = NULL;
	bool speed = false;
	int i;

	defaults();
	parse(argc, argv, &log, &from, &speed);
	sim.link = sim_link_new(&sim.run);
	if (from)
		sim.log = sim_log_open(log ? log : "-", true);
	else if (log)
		sim.log = sim_log_open(log, false);
	if (sim.log)
		sim_link_log(sim.link, sim.end, sim.log);

	if (speed) {
		bench();
	} else if (from) {
		replay(from);
	} else {
		for (i = optind; i < argc; i++) {
			/* Before anything is written. */
			if (strcmp(argv[i], "-") && access(argv[i], R_OK))
				sim_fail("%s: cannot be opened: %s", argv[i], strerror(errno));
			sim.all += sim_traces_size(argv[i]);
		}
		if (sim.out) {
			sim_out_open(sim.out, sim.truth, sim.until);
			sim_link_observe(sim.link, true);
		}
		progress_start();
		for (i = optind; i < argc; i++)
			sim_traces(argv[i], &sim.form, play, NULL, &sim.done);
		progress_end();
		sim_out_close();
		if (sim.json)
			sim_total_json(&sim.total, &sim.run, NULL);
		else
			sim_total_text(&sim.total, &sim.run);
	}
	if (sim.log)
		sim_log_close(sim.log);
	sim_link_free(sim.link);
	if (fflush(stdout))
		sim_fail("cannot write: %s", strerror(errno));
	return 0;
}
