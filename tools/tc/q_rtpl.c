// SPDX-License-Identifier: GPL-2.0
/*
 * tc's words for the qdisc rtpl: `tc qdisc add dev eth0 root rtpl ...`, and
 * what `tc [-j] [-s] qdisc show` prints of it. tc loads q_rtpl.so from
 * TC_LIB_DIR or its library folder and looks for rtpl_qdisc_util.
 *
 * Values are parsed by rtplctl's parser, so that both take the same words and
 * say the same about wrong ones. Only what was given is sent.
 */
#include "iproute2.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <linux/rtpl_tc.h>
#include "parse.h"
#include "../input/input.h"


/* tc's own prefix is on the line above or nowhere: name the qdisc. */
static int complain(char *text)
{
	input_mask(text);
	fprintf(stderr, "rtpl: %s\n", text);
	return -1;
}

static void explain(void)
{
	fprintf(stderr,
		"Usage: ... rtpl [ unprotected pass|drop ] [ cell BYTES|device ] [ rate RATE|off ]\n"
		"                [ latency TIME|off ] [ limit PACKETS ] [ profile NAME|none ]\n"
		"\n"
		"unprotected  what becomes of packets that no peer protects (pass)\n"
		"cell         bytes of UDP payload on the wire, %u to %u (device: its MTU)\n"
		"rate         cells a second at all times (1000, 2kcps), or a bit rate with a cell\n"
		"             (10mbit); off: as it comes\n"
		"latency      how long a packet may wait (10ms), at most 10s\n"
		"limit        packets that wait for one link, at most %u\n"
		"profile      a whole shape (rtplctl profile list); the others change it (none)\n"
		"\n"
		"All but unprotected are defaults for peers that set none of their own.\n"
		"Classes: 1 clear, 2 fast, 3 private, 4 drop. Peers: see rtplctl(8).\n",
		RTPL_HANDSHAKE_MIN, RTPL_CELL_MAX, RTPL_LIMIT_MAX);
}

/*
 * Without the module the kernel only says that it does not know the kind: say
 * what to do. If the module is there the kernel loads it by itself.
 */
static void hint_module(void)
{
	struct utsname u;

	if (!access("/sys/module/rtpl", F_OK) ||
	    !system("PATH=/usr/sbin:/sbin:$PATH modprobe -n -q rtpl >/dev/null 2>&1") || uname(&u))
		return;
	fprintf(stderr, "rtpl: there is no kernel module rtpl for the running kernel %s: install linux-headers-%s, then \"dkms autoinstall\" (package rtpl-dkms) or \"make install\"\n",
		u.release, u.release);
}

/* ---- sending ---- */

static struct rtattr *tail(struct nlmsghdr *n)
{
	return (struct rtattr *)((char *)n + NLMSG_ALIGN(n->nlmsg_len));
}

static void put(struct nlmsghdr *n, int type, const void *data, unsigned short len)
{
	struct rtattr *a = tail(n);

	memset(a, 0, RTA_SPACE(len));
	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	n->nlmsg_len = NLMSG_ALIGN(n->nlmsg_len) + RTA_SPACE(len);
}

struct options {
	bool has_unprotected;
	uint32_t unprotected;
	struct shape shape;
};

/* tc's request is a buffer of 64 KiB of which kind and device take little. */
static void put_options(struct nlmsghdr *n, const struct options *o)
{
	struct rtattr *nest = tail(n);
	const struct shape *s = &o->shape;
	uint32_t zero = 0;

	put(n, TCA_OPTIONS | NLA_F_NESTED, NULL, 0);
	if (o->has_unprotected)
		put(n, TCA_RTPL_UNPROTECTED, &o->unprotected, sizeof(o->unprotected));
	if (s->has & SHAPE_BIT(SIZES))
		put(n, TCA_RTPL_CELL, s->sizes == RTPL_SIZE_FIXED ? &s->cell : &zero, sizeof(zero));
	if (s->has & SHAPE_BIT(SCHED))
		put(n, TCA_RTPL_RATE, s->sched == RTPL_SCHED_CONST ? &s->rate : &zero, sizeof(zero));
	if (s->has & SHAPE_BIT(LATENCY))
		put(n, TCA_RTPL_LATENCY, &s->latency, sizeof(s->latency));
	if (s->has & SHAPE_BIT(LIMIT))
		put(n, TCA_RTPL_LIMIT, &s->limit, sizeof(s->limit));
	if (s->has & SHAPE_BIT(PROFILE))
		put(n, TCA_RTPL_PROFILE, s->profile, strlen(s->profile) + 1);
	nest->rta_len = (char *)tail(n) - (char *)nest;
}

enum word { W_UNPROTECTED, W_CELL, W_RATE, W_LATENCY, W_LIMIT, W_PROFILE, N_SETTINGS };

static const char * const words[N_SETTINGS] = {
	"unprotected", "cell", "rate", "latency", "limit", "profile",
};

static int parse_value(struct options *o, enum word w, const char *value, struct err *e)
{
	switch (w) {
	case W_UNPROTECTED:
		o->has_unprotected = true;
		return parse_unprotected(value, &o->unprotected, e);
	case W_CELL:
		if (!strcmp(value, "0"))
			value = "device";
		if (parse_cell(value, &o->shape, e))
			return -1;
		if (o->shape.sizes != RTPL_SIZE_FIXED && o->shape.sizes != RTPL_SIZE_DEVICE)
			return err_set(e, "cell %s is neither a number of bytes nor device; other sizes are a peer's (rtplctl)",
				       quoted(value));
		return 0;
	case W_RATE:
		return parse_rate(value, &o->shape, e);
	case W_LATENCY:		/* tc's bare numbers would be us, rtplctl's ms: none */
		return parse_latency(value, 0, &o->shape, e);
	case W_PROFILE:
		return parse_profile(value, &o->shape, e);
	default:
		return parse_limit(value, &o->shape, e);
	}
}

static int rtpl_parse_qopt(const struct qdisc_util *qu, int argc, char **argv,
			   struct nlmsghdr *n, const char *dev)
{
	struct options o = { 0 };
	unsigned int seen = 0;
	struct err e;

	(void)qu;
	(void)dev;
	for (; argc > 0; argc -= 2, argv += 2) {
		enum word w;

		if (!strcmp(*argv, "help")) {
			explain();
			return -1;
		}
		for (w = 0; w < N_SETTINGS; w++)
			if (!strcmp(*argv, words[w]))
				break;
		if (w == N_SETTINGS) {
			err_set(&e, "unknown option %s%s", quoted(*argv),
				*meant(*argv, words, N_SETTINGS) ? meant(*argv, words, N_SETTINGS) :
				" (tc qdisc add rtpl help lists them)");
			return complain(e.text);
		}
		if (argc < 2) {
			err_set(&e, "%s needs a value", quoted(*argv));
			return complain(e.text);
		}
		if (seen & 1U << w) {
			err_set(&e, "%s is given twice", quoted(*argv));
			return complain(e.text);
		}
		seen |= 1U << w;
		if (parse_value(&o, w, argv[1], &e))
			return complain(e.text);
	}
	/* What is set already is not seen here. */
	if (o.shape.bits && !(o.shape.has & SHAPE_BIT(CELL))) {
		err_set(&e, "rate %s is a bit rate: tc does not see the cell that is set, give cell BYTES in the same command, or cells per second",
			quoted(o.shape.rate_word));
		return complain(e.text);
	}
	if (shape_settle(&o.shape, 0, &e))
		return complain(e.text);
	/* Of a new one all is known; the kernel's sentence has no figures. */
	if ((n->nlmsg_flags & NLM_F_EXCL) && shape_fits(&o.shape, &(struct shape){ 0 }, &e))
		return complain(e.text);
	/* `change` without a word changes nothing; `add` needs no nest either. */
	if (seen)
		put_options(n, &o);
	hint_module();
	return 0;
}

static int rtpl_parse_copt(const struct qdisc_util *qu, int argc, char **argv,
			   struct nlmsghdr *n, const char *dev)
{
	(void)qu;
	(void)argc;
	(void)argv;
	(void)n;
	(void)dev;
	fprintf(stderr, "rtpl: classes are fixed (1 clear, 2 fast, 3 private, 4 drop); attach a qdisc with \"parent 1:2\"\n");
	return -1;
}

/* ---- showing ---- */

#define SHOW(type, key, fmt, value) print_color_##type(PRINT_ANY, COLOR_NONE, key, fmt, value)

static uint32_t attr_u32(const struct rtattr *a)
{
	uint32_t v = 0;

	if (RTA_PAYLOAD(a) >= sizeof(v))
		memcpy(&v, RTA_DATA(a), sizeof(v));
	return v;
}

static uint64_t attr_u64(const struct rtattr *a)
{
	uint64_t v = 0;

	if (RTA_PAYLOAD(a) >= sizeof(v))
		memcpy(&v, RTA_DATA(a), sizeof(v));
	return v;
}

static int rtpl_print_qopt(const struct qdisc_util *qu, FILE *f, struct rtattr *opt)
{
	struct rtattr *tb[TCA_RTPL_MAX + 1] = { NULL }, *a;
	char text[SHAPE_TEXT_MAX];
	uint64_t latency;
	int len;

	(void)qu;
	(void)f;
	if (!opt)
		return 0;
	len = RTA_PAYLOAD(opt);
	for (a = RTA_DATA(opt); RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		unsigned int type = a->rta_type & NLA_TYPE_MASK;

		if (type <= TCA_RTPL_MAX)
			tb[type] = a;
	}
	if (tb[TCA_RTPL_UNPROTECTED])
		SHOW(string, "unprotected", "unprotected %s ",
		     attr_u32(tb[TCA_RTPL_UNPROTECTED]) == RTPL_UNPROTECTED_DROP ? "drop" : "pass");
	/* JSON numbers are always numbers: 0 is the word in text. */
	if (tb[TCA_RTPL_CELL] && attr_u32(tb[TCA_RTPL_CELL])) {
		SHOW(uint, "cell", "cell %u ", attr_u32(tb[TCA_RTPL_CELL]));
	} else if (tb[TCA_RTPL_CELL]) {
		print_color_uint(PRINT_JSON, COLOR_NONE, "cell", NULL, 0);
		print_color_string(PRINT_FP, COLOR_NONE, NULL, "cell %s ", "device");
	}
	if (tb[TCA_RTPL_RATE] && attr_u32(tb[TCA_RTPL_RATE])) {
		SHOW(uint, "rate", "rate %ucps ", attr_u32(tb[TCA_RTPL_RATE]));
	} else if (tb[TCA_RTPL_RATE]) {
		print_color_uint(PRINT_JSON, COLOR_NONE, "rate", NULL, 0);
		print_color_string(PRINT_FP, COLOR_NONE, NULL, "rate %s ", "off");
	}
	if (tb[TCA_RTPL_LATENCY]) {
		latency = attr_u64(tb[TCA_RTPL_LATENCY]);
		print_color_u64(PRINT_JSON, COLOR_NONE, "latency_ns", NULL, latency);
		print_color_string(PRINT_FP, COLOR_NONE, NULL, "latency %s ",
				   time_text(latency, text));
	}
	if (tb[TCA_RTPL_LIMIT])
		SHOW(uint, "limit", "limit %up ", attr_u32(tb[TCA_RTPL_LIMIT]));
	if (tb[TCA_RTPL_PROFILE] && RTA_PAYLOAD(tb[TCA_RTPL_PROFILE]))
		SHOW(string, "profile", "profile %s ",
		     *(char *)RTA_DATA(tb[TCA_RTPL_PROFILE]) ?
		     (char *)RTA_DATA(tb[TCA_RTPL_PROFILE]) : "none");
	return 0;
}

static int rtpl_print_xstats(const struct qdisc_util *qu, FILE *f, struct rtattr *xstats)
{
	struct tc_rtpl_xstats s = { 0 };
	size_t len;

	(void)qu;
	(void)f;
	if (!xstats)
		return 0;
	/* An older kernel has fewer, a newer one more. */
	len = RTA_PAYLOAD(xstats);
	memcpy(&s, RTA_DATA(xstats), len < sizeof(s) ? len : sizeof(s));
	SHOW(u64, "clear_packets", "  clear %llu", s.clear_packets);
	SHOW(u64, "control_packets", " control %llu", s.control_packets);
	SHOW(u64, "fast_packets", " fast %llu packets", s.fast_packets);
	SHOW(u64, "cells", ", %llu cells", s.cells);
	SHOW(u64, "late_cells", " (%llu late", s.late_cells);
	SHOW(u64, "cell_copies", ", %llu copies)", s.cell_copies);
	SHOW(u64, "unprotected_drops", "\n  dropped: unprotected %llu", s.unprotected_drops);
	SHOW(u64, "class_drops", " class %llu", s.class_drops);
	SHOW(u64, "queue_drops", " queue %llu", s.queue_drops);
	SHOW(uint, "release_packets", "\n  release queue: %u packets", s.release_packets);
	SHOW(uint, "release_bytes", " %u bytes", s.release_bytes);
	return 0;
}

/* A class has no options; what it holds stands in tc's own line. */
static int rtpl_print_copt(const struct qdisc_util *qu, FILE *f, struct rtattr *opt)
{
	(void)qu;
	(void)f;
	(void)opt;
	return 0;
}

/* tc links it into its list: not const. */
extern struct qdisc_util rtpl_qdisc_util;
__attribute__((visibility("default"))) struct qdisc_util rtpl_qdisc_util = {
	.id		= "rtpl",
	.parse_qopt	= rtpl_parse_qopt,
	.print_qopt	= rtpl_print_qopt,
	.print_xstats	= rtpl_print_xstats,
	.parse_copt	= rtpl_parse_copt,
	.print_copt	= rtpl_print_copt,
};
