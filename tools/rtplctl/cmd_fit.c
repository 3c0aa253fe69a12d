// SPDX-License-Identifier: GPL-2.0
/*
 * rtplctl fit: records one's own traffic on a link that runs, as a set of traces, from which
 * `rtpl-judge fit` makes a profile. Sizes, times and directions of inner packets alone.
 */
#include "rtplctl.h"
#include "traffic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../input/input.h"

#define SEC		((uint64_t)1000000000)
#define HEADER		"class,group,visit,seconds,direction,bytes\n"
#define WORD_MAX	64		/* bytes of a label or a group */
#define TIMES_MAX	100000
#define STEP_MS		20		/* of waiting */
#define LATE_MS		100		/* until the kernel has told all: it gathers for 20 */
#define PARTS		5		/* of a time, each a group */
#define FEWEST		20		/* visits of a class: rtpl-judge fit */
#define GROUPS		4		/* likewise, to judge on other visits */

struct options {
	const char *label, *group, *out;
	bool by_host;
	uint64_t times, pause, span, quiet;	/* ns, but times */
	char **command;
};

/* ---- the set ---- */

/* Visits of a class in a group. */
struct kind {
	char label[WORD_MAX + 1], group[WORD_MAX + 1];
	uint32_t visits, highest;
};

struct set {
	const char *path;
	int fd;
	struct kind *k;
	size_t n;
};

static struct kind *set_kind(struct set *s, const char *label, const char *group)
{
	struct kind *more;

	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->k[i].label, label) && !strcmp(s->k[i].group, group))
			return &s->k[i];
	more = realloc(s->k, (s->n + 1) * sizeof(*more));
	if (!more)
		return NULL;
	s->k = more;
	more = &s->k[s->n++];
	memset(more, 0, sizeof(*more));
	snprintf(more->label, sizeof(more->label), "%s", label);
	snprintf(more->group, sizeof(more->group), "%s", group);
	return more;
}

/* What is in the file already: of each visit the first row. */
static int set_scan(struct set *s, FILE *f, struct err *e)
{
	char *line = NULL, *save, *label, *group, *visit, last[3 * WORD_MAX + 64] = "";
	struct kind *k;
	size_t room = 0;
	uint64_t v;
	unsigned long n = 0;
	int rc = 0;

	while (!rc && getline(&line, &room, f) >= 0) {
		/* What is added would go on with it. */
		if (!strchr(line, '\n')) {
			rc = err_set(e, "%s ends within a line: cut off there? What is left of it has to go", quoted(s->path));
			continue;
		}
		if (!n++) {
			if (strcmp(line, HEADER))
				rc = err_set(e, "%s is no set of traces: its first line is not %.*s", quoted(s->path),
					     (int)strlen(HEADER) - 1, HEADER);
			continue;
		}
		if (!strncmp(line, last, strlen(last)) && *last)
			continue;
		save = line;
		label = strsep(&save, ",");
		group = strsep(&save, ",");
		visit = strsep(&save, ",");
		if (!visit || !save || strlen(label) > WORD_MAX || strlen(group) > WORD_MAX ||
		    strlen(visit) > WORD_MAX) {
			rc = err_set(e, "%s:%lu: this is no packet of a visit", quoted(s->path), n);
			continue;
		}
		snprintf(last, sizeof(last), "%s,%s,%s,", label, group, visit);
		k = set_kind(s, label, group);
		if (!k) {
			rc = err_set(e, "out of memory");
			continue;
		}
		k->visits++;
		if (!parse_number(visit, 0, UINT32_MAX - 1, "visit", &v, &(struct err) { 0 }) && v > k->highest)
			k->highest = (uint32_t)v;
	}
	free(line);
	return rc;
}

static int set_open(struct set *s, const char *path, struct err *e)
{
	struct stat st;
	FILE *f;
	int rc;

	memset(s, 0, sizeof(*s));
	s->path = path;
	s->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	if (s->fd < 0)
		return err_set(e, "cannot open %s: %s", quoted(path), strerror(errno));
	if (fstat(s->fd, &st) || !S_ISREG(st.st_mode))
		return err_set(e, "%s is no file that a set can be in", quoted(path));
	if (st.st_mode & 077)
		warn("%s can be read by others (mode %04o): it tells what goes over the link", quoted(path),
		     st.st_mode & 07777);
	if (!st.st_size) {
		if (write(s->fd, HEADER, strlen(HEADER)) == (ssize_t)strlen(HEADER))
			return 0;
		return err_set(e, "cannot write %s: %s", quoted(path), strerror(errno));
	}
	f = fdopen(dup(s->fd), "r");
	if (!f)
		return err_set(e, "cannot read %s: %s", quoted(path), strerror(errno));
	rewind(f);
	rc = set_scan(s, f, e);
	fclose(f);
	return rc;
}

/* Numbers of hosts are a recording's own: a second one would mix them up. */
static int set_hosts(const struct set *s, struct err *e)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strncmp(s->k[i].label, TALK_HOST, strlen(TALK_HOST)))
			return err_set(e, "%s has visits by host already, whose numbers are of another recording: take another file, or record longer",
				       quoted(s->path));
	return 0;
}

static void set_close(struct set *s)
{
	if (s->fd >= 0)
		close(s->fd);
	free(s->k);
}

/*
 * A visit more, @n packets in order of time; all of it or nothing is in the file. @client: this is
 * the profile's client.
 */
static int set_write(struct set *s, const char *label, const char *group, const struct packet *p, size_t n,
		     bool client, struct err *e)
{
	struct kind *k = set_kind(s, label, group);
	off_t was = lseek(s->fd, 0, SEEK_END);
	size_t size = 0, done = 0;
	char *text = NULL;
	ssize_t step = 0;
	FILE *f;

	f = k ? open_memstream(&text, &size) : NULL;
	if (!f)
		return err_set(e, "out of memory");
	for (size_t i = 0; i < n; i++) {
		uint64_t at = p[i].at - p[0].at;

		fprintf(f, "%s,%s,%u,%" PRIu64 ".%09" PRIu64 ",%d,%u\n", label, group, k->highest + 1, at / SEC,
			at % SEC, p[i].out == client ? 1 : -1, p[i].bytes);
	}
	if (fclose(f)) {
		free(text);
		return err_set(e, "out of memory");
	}
	while (done < size && (step = write(s->fd, text + done, size - done)) > 0)
		done += (size_t)step;
	free(text);
	if (done < size) {
		int why = errno;

		if (was >= 0 && ftruncate(s->fd, was))
			warn("%s ends with a part of a visit", quoted(s->path));
		return err_set(e, "cannot write %s: %s", quoted(s->path), strerror(why));
	}
	k->highest++;
	k->visits++;
	return 0;
}

/* ---- what was recorded ---- */

struct record {
	struct options o;
	struct ctl *ctl;
	uint8_t key[RTPL_KEY_LEN];
	bool client;
	struct tap *tap;
	struct set set;
	struct packets seen;
	uint64_t begun;		/* ns: connections from then on tell the round trip */
	uint64_t lost;		/* told so far */
	uint64_t rtt, least;
	uint32_t flows;
	/* sums */
	uint32_t visits, unfinished;
	uint64_t packets, up, down;
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static void catch_signals(void)
{
	struct sigaction sa = { .sa_handler = stop };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
}

static void progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void progress(const char *fmt, ...)
{
	bool tty = isatty(STDERR_FILENO);
	va_list ap;

	va_start(ap, fmt);
	fputs(tty ? "\r\033[K" : "", stderr);
	vfprintf(stderr, fmt, ap);
	fputs(tty ? "" : "\n", stderr);
	va_end(ap);
	fflush(stderr);
}

static void progress_end(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

/* Read until @until, or a signal. */
static int read_until(struct record *r, uint64_t until)
{
	uint64_t now;

	while (!stopped && (now = tap_now()) < until) {
		uint64_t left = (until - now) / 1000000 + 1;

		if (tap_read(r->tap, left < STEP_MS ? (int)left : STEP_MS, &r->seen, &r->ctl->e))
			return -1;
	}
	return 0;
}

/*
 * The @n packets at @p, in order of time, as a visit. What this end sees as a server is moved by half
 * a round trip, to when the client would see it: that is whose times rtpl-judge fit takes.
 */
static int record_visit(struct record *r, const char *label, const char *group, const struct packet *seen,
			size_t n)
{
	uint64_t half = r->client ? 0 : r->rtt / 2;
	struct packet *p = malloc(n * sizeof(*p));
	int rc;

	if (!p)
		return err_set(&r->ctl->e, "out of memory");
	memcpy(p, seen, n * sizeof(*p));
	for (size_t i = 0; i < n; i++) {
		p[i].at += p[i].out ? half : -half;
		*(p[i].out == r->client ? &r->up : &r->down) += p[i].bytes;
	}
	if (half)
		packets_sort(p, n);
	r->packets += n;
	r->visits++;
	rc = set_write(&r->set, label, group, p, n, r->client, &r->ctl->e);
	free(p);
	return rc;
}

static void learn_rtt(struct record *r)
{
	uint32_t flows;
	uint64_t least, rtt = packets_rtt(r->seen.p, r->seen.n, r->begun, &flows, &least);

	if (!rtt)
		return;
	r->rtt = rtt;
	r->least = least;
	r->flows = flows;
}

/* ---- visits of a command ---- */

/* Return: its process, or -1 and a sentence. Its output is not wanted. */
static pid_t command_start(struct record *r)
{
	int report[2], why = 0, null;
	ssize_t n;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC))
		return err_set(&r->ctl->e, "cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		close(report[0]);
		close(report[1]);
		return err_set(&r->ctl->e, "cannot start a process: %s", strerror(errno));
	}
	if (!pid) {
		null = open("/dev/null", O_WRONLY);
		if (null >= 0)
			dup2(null, STDOUT_FILENO);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		execvp(r->o.command[0], r->o.command);
		why = errno;
		n = write(report[1], &why, sizeof(why));
		_exit(n ? 127 : 126);
	}
	close(report[1]);
	n = read(report[0], &why, sizeof(why));
	close(report[0]);
	if (n != sizeof(why))
		return pid;
	waitpid(pid, NULL, 0);
	return err_set(&r->ctl->e, "cannot run %s: %s", quoted(r->o.command[0]), strerror(why));
}

static int command_wait(struct record *r, pid_t pid, uint64_t visit)
{
	int status;
	pid_t got;

	while (!(got = waitpid(pid, &status, WNOHANG))) {
		if (tap_read(r->tap, STEP_MS, &r->seen, &r->ctl->e)) {
			kill(pid, SIGTERM);
			waitpid(pid, &status, 0);
			return -1;
		}
		if (stopped) {
			kill(pid, SIGTERM);
			waitpid(pid, &status, 0);
			return 0;
		}
	}
	if (got < 0 || stopped)
		return stopped ? 0 : err_set(&r->ctl->e, "cannot wait for %s: %s", quoted(r->o.command[0]),
					     strerror(errno));
	if (WIFSIGNALED(status))
		return err_set(&r->ctl->e, "visit %" PRIu64 ": signal %d ended %s; %u visit%s in %s", visit,
			       WTERMSIG(status), quoted(r->o.command[0]), r->visits,
			       r->visits == 1 ? " is" : "s are", quoted(r->set.path));
	if (WEXITSTATUS(status))
		return err_set(&r->ctl->e, "visit %" PRIu64 ": %s ended with status %d; %u visit%s in %s", visit,
			       quoted(r->o.command[0]), WEXITSTATUS(status), r->visits,
			       r->visits == 1 ? " is" : "s are", quoted(r->set.path));
	return 0;
}

static int record_command(struct record *r)
{
	struct err *e = &r->ctl->e;

	for (uint64_t i = 1; i <= r->o.times && !stopped; i++) {
		uint64_t lost = tap_lost(r->tap), begin = tap_now();
		size_t first = r->seen.n;
		pid_t pid;

		progress("%s, group %s: visit %" PRIu64 " of %" PRIu64, r->o.label, r->o.group, i, r->o.times);
		pid = command_start(r);
		if (pid < 0 || command_wait(r, pid, i))
			return -1;
		/* What follows it belongs to it, too; what is on its way to us is this visit's. */
		if (read_until(r, tap_now() + r->o.pause) || read_until(r, tap_now() + LATE_MS * 1000000ULL))
			return -1;
		if (stopped)
			break;
		packets_sort(r->seen.p + first, r->seen.n - first);
		while (first < r->seen.n && r->seen.p[first].at < begin)
			first++;
		if (first == r->seen.n)
			return err_set(e, "visit %" PRIu64 ": no packet went over the link: does %s talk to what the peer protects?",
				       i, quoted(r->o.command[0]));
		if (tap_lost(r->tap) != lost) {
			warn("visit %" PRIu64 ": %" PRIu64 " packets came faster than they were read; it is left out", i,
			     tap_lost(r->tap) - lost);
			continue;
		}
		learn_rtt(r);
		if (record_visit(r, r->o.label, r->o.group, r->seen.p + first, r->seen.n - first))
			return -1;
		/* Only how connections begin is needed any more, and of that the figure. */
		if (r->seen.n > TRAFFIC_MOST / 2)
			r->seen.n = 0;
	}
	return 0;
}

/* ---- visits of whoever uses the link ---- */

static int span_visit(void *ctx, const char *label, const struct packet *p, size_t n)
{
	struct record *r = ctx;
	char group[WORD_MAX + 1];

	if (r->o.group)
		snprintf(group, sizeof(group), "%s", r->o.group);
	else
		snprintf(group, sizeof(group), "%d",
			 1 + (int)((p->at - r->begun) * PARTS / (r->o.span + 1)));
	return record_visit(r, label, group, p, n);
}

static int record_span(struct record *r)
{
	uint64_t begin = tap_now(), end = begin + r->o.span, told = 0, now;
	int rc = 0;

	/* What began before was not seen whole. */
	r->begun = begin + r->o.quiet;
	while (!rc && !stopped && (now = tap_now()) < end) {
		if (now - told > (isatty(STDERR_FILENO) ? SEC : 20 * SEC)) {
			told = now;
			progress("%" PRIu64 " of %" PRIu64 " s: %zu packets", (now - begin) / SEC, r->o.span / SEC,
				 r->seen.n);
		}
		rc = tap_read(r->tap, STEP_MS, &r->seen, &r->ctl->e);
		if (rc && r->seen.n >= TRAFFIC_MOST) {
			warn("stopped after %" PRIu64 " s: %u packets are the most that are kept",
			     (tap_now() - begin) / SEC, TRAFFIC_MOST);
			rc = 0;
			break;
		}
	}
	end = tap_now();
	if (!rc && r->seen.n < TRAFFIC_MOST) {
		stopped = 0;	/* what was seen until then counts */
		rc = read_until(r, end + LATE_MS * 1000000ULL);
	}
	if (rc)
		return -1;
	if (tap_lost(r->tap)) {
		return err_set(&r->ctl->e, "%" PRIu64 " packets came faster than they were read: visits would lack them; nothing is recorded",
			       tap_lost(r->tap));
	}
	packets_sort(r->seen.p, r->seen.n);
	learn_rtt(r);
	return talk_divide(&r->seen, &(struct talk_rules){ .begun = r->begun, .end = end, .quiet = r->o.quiet,
							   .by_host = r->o.by_host, .visit = span_visit,
							   .ctx = r }, &r->unfinished, &r->ctl->e);
}

/* ---- what to do next ---- */

struct counts {
	const char *label;
	uint32_t visits, groups;
};

/* By label. @crossed: groups that have each of them. */
static struct counts *count(const struct set *s, size_t *n, uint32_t *crossed)
{
	struct counts *c = calloc(s->n ? s->n : 1, sizeof(*c));
	size_t k;

	*n = 0;
	*crossed = 0;
	for (size_t i = 0; c && i < s->n; i++) {
		for (k = 0; k < *n && strcmp(c[k].label, s->k[i].label); k++)
			;
		if (k == *n)
			c[(*n)++].label = s->k[i].label;
		c[k].visits += s->k[i].visits;
		c[k].groups++;
	}
	for (size_t i = 0; c && i < s->n; i++) {
		uint32_t there = 0, before = 0;

		for (k = 0; k < s->n; k++) {
			there += !strcmp(s->k[k].group, s->k[i].group);
			before += k < i && !strcmp(s->k[k].group, s->k[i].group);
		}
		*crossed += !before && there == *n;
	}
	return c;
}

static void add_next(json_t *next, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add_next(json_t *next, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(next, json_text(text));
}

static json_t *what_next(const struct record *r, const struct counts *c, size_t n, uint32_t crossed)
{
	char key[KEY_TEXT_LEN + 1], rtt[64] = "TIME";
	const struct counts *few = NULL;
	json_t *next = json_array();

	for (size_t i = 0; i < n; i++)
		if (!few || c[i].visits < few->visits)
			few = &c[i];
	if (n < 2)
		add_next(next, "record another label, too: of one there is nothing to tell apart");
	if (few && few->visits < FEWEST)
		add_next(next, "record %u visits of %s more: rtpl-judge fit takes %u of each label at least",
			 FEWEST - few->visits, few->label, FEWEST);
	if (crossed < GROUPS)
		add_next(next, "%u group%s each label: of %u or more (--group) rtpl-judge fit judges the profile on other visits than it is made from",
			 crossed, crossed == 1 ? " has" : "s have", GROUPS);
	/* An answer that came sooner than this would be none to the simulator. */
	if (r->rtt)
		snprintf(rtt, sizeof(rtt), "%" PRIu64 "us", r->least / 1000);
	add_next(next, "rtpl-judge fit %s --bytes 30 --rtt %s --out mine.profile", r->set.path, rtt);
	key_text(r->key, key);
	add_next(next, "at both ends: rtplctl profile load ./mine.profile");
	add_next(next, "here: rtplctl peer set %s profile mine role %s; there: profile mine role %s", key,
		 r->client ? "client" : "server", r->client ? "server" : "client");
	return next;
}

static int report(struct record *r)
{
	json_t *next, *classes = json_array(), *item;
	struct counts *c;
	uint32_t crossed;
	size_t n, i;

	c = count(&r->set, &n, &crossed);
	if (!c)
		return err_set(&r->ctl->e, "out of memory");
	next = what_next(r, c, n, crossed);
	for (i = 0; i < n; i++)
		json_array_append_new(classes, json_pack("{ss sI sI}", "label", c[i].label, "visits",
							 (json_int_t)c[i].visits, "groups",
							 (json_int_t)c[i].groups));
	if (r->ctl->json) {
		free(c);
		return json_print(json_pack("{ss sI sI sI sI sI so so sI so so}", "file", r->set.path,
					    "visits", (json_int_t)r->visits,
					    "unfinished", (json_int_t)r->unfinished,
					    "packets", (json_int_t)r->packets,
					    "up_bytes", (json_int_t)r->up, "down_bytes", (json_int_t)r->down,
					    "rtt_ns", r->rtt ? json_integer((json_int_t)r->rtt) : json_null(),
					    "rtt_least_ns", r->rtt ? json_integer((json_int_t)r->least) : json_null(),
					    "connections", (json_int_t)r->flows,
					    "classes", classes, "next", next), false);
	}
	printf("%s: %u visit%s, %" PRIu64 " packets, %" PRIu64 " bytes up, %" PRIu64 " down\n", r->set.path, r->visits,
	       PLURAL(r->visits), r->packets, r->up, r->down);
	if (r->unfinished)
		printf("  left out: %u that began before or had not ended\n", r->unfinished);
	if (r->rtt)
		printf("  round trip on the link: %.3g ms (median of %u connection%s), %.3g at least\n",
		       (double)r->rtt / 1e6, r->flows, PLURAL(r->flows), (double)r->least / 1e6);
	else
		printf("  round trip on the link: not known, for no TCP connection began\n");
	printf("  in the file:");
	for (i = 0; i < n; i++)
		printf("%s %s %u visit%s in %u group%s", i ? "," : "", c[i].label, c[i].visits, PLURAL(c[i].visits),
		       c[i].groups, PLURAL(c[i].groups));
	printf("\nnext:\n");
	json_array_foreach(next, i, item)
		printf("  %s\n", json_string_value(item));
	json_decref(classes);
	json_decref(next);
	free(c);
	return 0;
}

/* ---- the command ---- */

static int word_ok(const char *word, const char *what, struct err *e)
{
	if (!*word)
		return err_set(e, "the %s is empty", what);
	if (strlen(word) > WORD_MAX)
		return err_set(e, "the %s %s has more than %d bytes", what, quoted(word), WORD_MAX);
	for (const char *c = word; *c; c++)
		if (*c == ',' || *c == '"' || (unsigned char)*c < ' ' || *c == 0x7f)
			return err_set(e, "the %s %s has a comma, a quote or a control character in it", what, quoted(word));
	return 0;
}

/* An option and its value: moves *@i. Return: RC_OK or RC_USAGE. */
static int option(struct ctl *ctl, struct options *o, int argc, char **argv, int *i, bool *by)
{
	const char *name = argv[*i], *value = *i + 1 < argc ? argv[*i + 1] : NULL;
	struct err *e = &ctl->e;
	int rc;

	if (strcmp(name, "--label") && strcmp(name, "--group") && strcmp(name, "--out") && strcmp(name, "--times") &&
	    strcmp(name, "--pause") && strcmp(name, "--for") && strcmp(name, "--by") && strcmp(name, "--quiet"))
		return unknown_option(ctl, name);
	if (!value)
		return usage_error(ctl, "%s needs a value", name);
	++*i;
	if (!strcmp(name, "--label")) {
		o->label = value;
		rc = word_ok(value, "label", e);
	} else if (!strcmp(name, "--group")) {
		o->group = value;
		rc = word_ok(value, "group", e);
	} else if (!strcmp(name, "--out")) {
		o->out = value;
		rc = *value ? 0 : err_set(e, "the file's name is empty");
	} else if (!strcmp(name, "--times")) {
		rc = parse_number(value, 1, TIMES_MAX, "times", &o->times, e);
	} else if (!strcmp(name, "--pause")) {
		rc = parse_span(value, SEC / 10, 60 * SEC, "pause", &o->pause, e);
	} else if (!strcmp(name, "--for")) {
		rc = parse_span(value, SEC, 86400 * SEC, "for", &o->span, e);
	} else if (!strcmp(name, "--quiet")) {
		rc = parse_span(value, SEC / 100, 600 * SEC, "quiet", &o->quiet, e);
	} else {
		*by = true;
		o->by_host = !strcmp(value, "host");
		rc = o->by_host || !strcmp(value, "port") ? 0 :
		     err_set(e, "by %s is none of port, host", quoted(value));
	}
	return rc ? RC_USAGE : RC_OK;
}

static int options(struct ctl *ctl, struct options *o, int argc, char **argv, const char **peer)
{
	bool by = false;
	int i, rc;

	for (i = 0; i < argc; i++) {
		if (argv[i][0] == '-' && argv[i][1]) {
			rc = option(ctl, o, argc, argv, &i, &by);
			if (rc)
				return rc;
		} else if (!*peer) {
			*peer = argv[i];
		} else {
			break;
		}
	}
	o->command = i < argc ? argv + i : NULL;
	if (!*peer)
		return usage_error(ctl, "the peer is missing: its public key or its name");
	if (!o->out)
		return usage_error(ctl, "--out FILE is missing: where the set goes");
	if (o->command && o->span)
		return usage_error(ctl, "a command and --for contradict: the command says how long");
	if (!o->command && !o->span)
		return usage_error(ctl, "what is to be recorded? Give a command behind \"--\", or --for TIME");
	if (o->command && !o->label)
		return usage_error(ctl, "--label NAME is missing: what kind of visit the command makes");
	if (o->command && (by || o->quiet))
		return usage_error(ctl, "%s goes with --for: a command's visits have its label, and end with it",
				   by ? "--by" : "--quiet");
	if (o->span && (o->label || o->times || o->pause))
		return usage_error(ctl, "%s goes with a command: with --for visits are divided by --by and --quiet",
				   o->label ? "--label" : o->times ? "--times" : "--pause");
	o->times = o->times ? o->times : 1;
	o->pause = o->pause ? o->pause : SEC;
	o->quiet = o->quiet ? o->quiet : SEC;
	if (o->command && !o->group)
		o->group = "1";
	if (o->span && o->span < 2 * o->quiet)
		return usage_error(ctl, "--for is less than twice --quiet: no visit would be seen whole");
	return RC_OK;
}

/* The link, which has to be up, and whose shape should not change the times that packets come at. */
static int look_at_peer(struct record *r)
{
	struct config conf = { 0 };
	struct conn *c = conn_open(&r->ctl->e);
	const struct peer *p;
	int rc = -1;

	if (!c || kernel_peer(c, false, r->key, &conf, &r->ctl->e))
		goto out;
	p = &conf.peers[0];
	r->client = !(p->shape_now.has & SHAPE_BIT(ROLE)) || p->shape_now.role != RTPL_ROLE_SERVER;
	if (p->state != RTPL_LINK_UP)
		warn("the link is not up yet: the first visits may wait for it");
	if (p->theirs.has & SHAPE_BIT(PROFILE) && *p->theirs.profile &&
	    strcmp(p->theirs.profile, "off"))
		warn("the other end has the profile %s, which may delay what comes: record with off at both ends",
		     quoted(p->theirs.profile));
	else if (p->shape_now.has & SHAPE_BIT(PROFILE) && *p->shape_now.profile &&
		 strcmp(p->shape_now.profile, "off"))
		warn("the link has the profile %s, which may delay packets, and answers with them: record with off at both ends",
		     quoted(p->shape_now.profile));
	else if (p->shape_now.has & SHAPE_BIT(SCHED) && p->shape_now.sched == RTPL_SCHED_CONST)
		warn("the link has a constant rate, which delays packets, and answers with them: record with the profile off at both ends");
	rc = 0;
out:
	config_free(&conf);
	conn_close(c);
	return rc;
}

/* Is there anybody else? For a second, before the first command. */
static int look_at_link(struct record *r)
{
	uint64_t begin = tap_now();

	if (read_until(r, begin + SEC))
		return -1;
	if (r->seen.n)
		warn("%zu packets in a second before the first visit: what else goes over the link is in the visits, too",
		     r->seen.n);
	r->begun = tap_now();
	return 0;
}

static int record(struct ctl *ctl, int argc, char **argv)
{
	struct record r = { .ctl = ctl, .set = { .fd = -1 } };
	const char *peer = NULL;
	int rc;

	rc = options(ctl, &r.o, argc, argv, &peer);
	if (!rc)
		rc = peer_key(peer, r.key, &ctl->e);
	if (rc)
		return rc;
	rc = RC_ERROR;
	if (look_at_peer(&r) || set_open(&r.set, r.o.out, &ctl->e) ||
	    (r.o.by_host && set_hosts(&r.set, &ctl->e)))
		goto out;
	r.tap = tap_open(r.key, &ctl->e);
	if (!r.tap)
		goto out;
	catch_signals();
	if (r.o.command ? look_at_link(&r) || record_command(&r) : record_span(&r)) {
		progress_end();
		goto out;
	}
	progress_end();
	if (!r.visits) {
		err_set(&ctl->e, "nothing was recorded: %s", stopped ? "interrupted before the first visit ended" :
			r.o.command ? "each visit lost packets" :
			"no visit began and ended in that time");
		goto out;
	}
	rc = report(&r) ? RC_ERROR : RC_OK;
out:
	tap_close(r.tap);
	set_close(&r.set);
	packets_free(&r.seen);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	if (!argc)
		return usage_error(ctl, "what of fit? There is: record");
	if (strcmp(argv[0], "record"))
		return usage_error(ctl, "%s is not record, the one thing that fit does here (rtpl-judge fit makes the profile)",
				   quoted(argv[0]));
	return record(ctl, argc - 1, argv + 1);
}

const struct command cmd_fit = {
	.name = "fit",
	.run = run,
	.options = { "--label", "--group", "--out", "--times", "--pause", "--for", "--by", "--quiet" },
	.args = "record PEER --out SET.csv (--label NAME [--times N] [--group NAME] [--pause TIME] -- COMMAND ... |\n"
		"           --for TIME [--by port|host] [--quiet TIME] [--group NAME])",
	.what = "record one's own traffic on a link, for a profile that is fitted to it",
	.help = "Writes the sizes, times and directions of the packets in the link, no content and no\n"
		"address, as a set of traces for `rtpl-judge fit`; a set that is there grows. Record at\n"
		"the end that asks, with the profile off at both.\n\n"
		"  --out SET.csv   the set, of mode 0600\n"
		"With a COMMAND, behind \"--\", each run of it is a visit:\n"
		"  --label NAME    what kind of visit: what nobody is to tell from the other kinds\n"
		"  --times N       so many visits (1)\n"
		"  --group NAME    of which session they are (1): profiles are judged on other groups\n"
		"                  than those that they were made from, so record each label in four or more\n"
		"  --pause TIME    behind each visit, and still a part of it (1s)\n"
		"Without one, what others send is divided into visits, each of two inner hosts:\n"
		"  --for TIME      how long to look; ^C ends it earlier\n"
		"  --by port|host  labels: port-N, the inner server's port, or host-N, a number for its\n"
		"                  address (port)\n"
		"  --quiet TIME    a visit ends when its hosts were silent for so long (1s)\n"
		"  --group NAME    of all visits; without it each fifth of the time is a group\n\n"
		"With -j: {\"file\", \"visits\", \"unfinished\", \"packets\", \"up_bytes\", \"down_bytes\",\n"
		"\"rtt_ns\", \"rtt_least_ns\", \"connections\", \"classes\": [{\"label\", \"visits\", \"groups\"}], \"next\"}.\n",
};
