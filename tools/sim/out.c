// SPDX-License-Identifier: GPL-2.0
/*
 * What an observer sees, as CSV in the form of the input, or as records of 16 bytes for
 * programs that read many; and logs of one end, a line an event or departure, as the
 * kernel's tracepoint rtpl_engine has them:
 *
 *	NOW WHAT AT BYTES
 *
 * NOW: ns, when it was told or asked; AT: when it was or is to be. WHAT: start (BYTES:
 * of the largest cell), queued, got-data, got-chaff, sent-data, sent-chaff, asked (AT: when the
 * oldest packet came, BYTES: that wait), held (by the bottleneck), late (dropped), skipped (a slot
 * for which the bottleneck has no time), lead (the kernel builds slots BYTES ns ahead), stop.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim.h"

static struct {
	const char *path;
	FILE *file;		/* a collection's */
	bool truth;
	bool records;		/* of struct record, not lines */
	u64 until;		/* what comes later is not written; 0: all is */
} out;

/* Of FILE.cells, in the machine's byte order. */
struct record {
	u32 trace;		/* the how manieth that was played, from 0 */
	s32 bytes;		/* positive: the client sent it */
	u64 ns;			/* since the run began */
};
static_assert(sizeof(struct record) == 16);

static const char * const whats[SIM_WHATS] = {
	[RTPL_QUEUED] = "queued",
	[RTPL_SENT_DATA] = "sent-data",
	[RTPL_SENT_CHAFF] = "sent-chaff",
	[RTPL_GOT_DATA] = "got-data",
	[RTPL_GOT_CHAFF] = "got-chaff",
	[SIM_START] = "start",
	[SIM_ASKED] = "asked",
	[SIM_HELD] = "held",
	[SIM_LATE] = "late",
	[SIM_SKIPPED] = "skipped",
	[SIM_LEAD] = "lead",
	[SIM_BEHIND] = "behind",
	[SIM_STOP] = "stop",
};

/* ---- digits: printf is most of the work otherwise ---- */

static char *put_u64(char *s, u64 v)
{
	char digits[20];
	int n = 0;

	do {
		digits[n++] = '0' + v % 10;
		v /= 10;
	} while (v);
	while (n)
		*s++ = digits[--n];
	return s;
}

static char *put_seconds(char *s, u64 ns)
{
	u64 rest = ns % RTPL_NSEC;
	int i;

	s = put_u64(s, ns / RTPL_NSEC);
	*s++ = '.';
	for (i = 8; i >= 0; i--, rest /= 10)
		s[i] = '0' + rest % 10;
	return s + 9;
}

static char *put_text(char *s, const char *text)
{
	size_t n = strlen(text);

	memcpy(s, text, n);
	return s + n;
}

/* ---- the observer ---- */

/*
 * What is written stands under another name until it is whole: a run that fails, or is
 * interrupted, leaves nothing that the next one takes for a result. The output and a log at most.
 */
static struct part {
	char path[4096 + 4 * SIM_NAME];
	bool used;
} parts[2];

/* Of a folder's files those that are whole: of a run that fails they go, too. */
static struct {
	char **path;
	size_t n, room;
} wrote;

static struct part *part_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].used && !strncmp(parts[i].path, path, strlen(path)) &&
		    !strcmp(parts[i].path + strlen(path), ".part"))
			return &parts[i];
	return NULL;
}

static void forget_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].used)
			unlink(parts[i].path);
	for (size_t i = 0; i < wrote.n; i++)
		unlink(wrote.path[i]);
}

static FILE *create(const char *path)
{
	struct part *p = parts[0].used ? &parts[1] : &parts[0];
	static bool registered;
	FILE *f;

	if (!access(path, F_OK) || part_of(path))
		sim_fail("%s is there already", path);
	if (!registered && atexit(forget_all))
		sim_fail("no memory");
	registered = true;
	if ((size_t)snprintf(p->path, sizeof(p->path), "%s.part", path) >= sizeof(p->path))
		sim_fail("%s: the name is too long", path);
	f = fopen(p->path, "w");
	if (!f)
		sim_fail("%s: cannot be written: %s", path, strerror(errno));
	p->used = true;
	return f;
}

static void put_away(FILE *f, const char *path)
{
	struct part *p = part_of(path);
	bool failed = ferror(f);

	/* Standard output is nobody's part. */
	if (fclose(f) || failed || (p && rename(p->path, path)))
		sim_fail("%s: cannot be written: %s", path, strerror(errno));
	if (p)
		p->used = false;
}

static void make_folder(const char *path)
{
	if (mkdir(path, 0777) && errno != EEXIST)
		sim_fail("%s: cannot be made: %s", path, strerror(errno));
}

void sim_out_open(const char *path, bool truth, u64 until)
{
	size_t n = strlen(path);

	out.path = path;
	out.truth = truth;
	out.until = until ?: U64_MAX;
	if (n > 6 && !strcmp(path + n - 6, ".cells")) {
		if (truth)
			sim_usage("--truth is for lines: %s is not one of them", path);
		out.records = true;
		out.file = create(path);
	} else if (n > 4 && !strcmp(path + n - 4, ".csv")) {
		out.file = create(path);
		fprintf(out.file, "class,group,visit,seconds,direction,bytes%s\n",
			truth ? ",truth" : "");
	} else {
		make_folder(path);
	}
}

static void write_record(FILE *f, u32 trace, bool up, const struct sim_seen *seen, u64 at)
{
	struct record r = { .trace = trace, .ns = at };

	r.bytes = up ? (s32)seen->bytes : -(s32)seen->bytes;
	fwrite(&r, sizeof(r), 1, f);
}

/* Both directions by time, those from the client first. */
static void write_cells(FILE *f, const char *prefix, u32 trace, const struct sim_link *l)
{
	const struct sim_cells *c = sim_link_seen(l, RTPL_END_CLIENT);
	const struct sim_cells *s = sim_link_seen(l, RTPL_END_SERVER);
	u64 began = sim_link_began(l);
	const struct sim_seen *seen;
	char line[4 * SIM_NAME], *e;
	size_t i = 0, k = 0;
	bool up;

	e = put_text(line, prefix);
	while (i < c->n || k < s->n) {
		char *at = e;
		u64 ns;

		up = k == s->n || (i < c->n && c->p[i].at <= s->p[k].at);
		seen = up ? &c->p[i++] : &s->p[k++];
		ns = rtpl_since(seen->at, began);
		if (ns > out.until)
			break;
		if (out.records) {
			write_record(f, trace, up, seen, ns);
			continue;
		}
		at = put_seconds(at, ns);
		at = put_text(at, up ? ",1," : ",-1,");
		at = put_u64(at, seen->bytes);
		if (out.truth)
			at = put_text(at, seen->chaff ? ",chaff" : ",real");
		*at++ = '\n';
		fwrite(line, 1, at - line, f);
	}
}

void sim_out_trace(const struct sim_trace *t, u64 number, const struct sim_link *l)
{
	char path[4096 + 4 * SIM_NAME], prefix[3 * SIM_NAME + 4];
	FILE *f;
	int n;

	if (!out.path)
		return;
	if (out.file) {
		snprintf(prefix, sizeof(prefix), "%s,%s,%s,", t->class, t->group, t->name);
		write_cells(out.file, prefix, number, l);
		return;
	}
	n = snprintf(path, sizeof(path), "%s", out.path);
	if (n >= 4096)
		sim_fail("%s: the name is too long", out.path);
	if (*t->class) {
		n += snprintf(path + n, sizeof(path) - n, "/%s", t->class);
		make_folder(path);
	}
	snprintf(path + n, sizeof(path) - n, "/%s%s%s.csv", t->group, *t->group ? "-" : "",
		 t->name);
	f = create(path);
	write_cells(f, "", number, l);
	put_away(f, path);
	wrote.path = sim_grow(wrote.path, wrote.n, &wrote.room, sizeof(*wrote.path));
	wrote.path[wrote.n] = strdup(path);
	if (!wrote.path[wrote.n])
		sim_fail("no memory");
	wrote.n++;
}

void sim_out_close(void)
{
	if (out.file)
		put_away(out.file, out.path);
	while (wrote.n)
		free(wrote.path[--wrote.n]);
	free(wrote.path);
}

/* ---- logs ---- */

struct sim_log {
	const char *path;
	FILE *f;
	bool departures;
};

struct sim_log *sim_log_open(const char *path, bool departures_only)
{
	struct sim_log *log = calloc(1, sizeof(*log));

	if (!log)
		sim_fail("no memory");
	log->path = path;
	log->f = strcmp(path, "-") ? create(path) : stdout;
	log->departures = departures_only;
	return log;
}

void sim_log_close(struct sim_log *log)
{
	put_away(log->f, log->path);
	free(log);
}

void sim_log(struct sim_log *log, u64 now, unsigned int what, u64 at, u32 bytes)
{
	char line[80], *e;

	if (log->departures && what != RTPL_SENT_DATA && what != RTPL_SENT_CHAFF)
		return;
	e = put_u64(line, now);
	*e++ = ' ';
	e = put_text(e, whats[what]);
	*e++ = ' ';
	e = put_u64(e, at);
	*e++ = ' ';
	e = put_u64(e, bytes);
	*e++ = '\n';
	fwrite(line, 1, e - line, log->f);
}

/* One line into @ev, @what being its word. Return: is it one? */
static bool log_line(const char *line, u32 peer, struct sim_event *ev, char what[20], bool *kernel)
{
	const char *mark = strstr(line, "rtpl_engine: peer=");
	u32 of;

	if (!mark)
		return sscanf(line, "%" SCNu64 " %19s %" SCNu64 " %" SCNu32, &ev->now, what,
			      &ev->at, &ev->bytes) == 4;
	*kernel = true;
	if (sscanf(mark, "rtpl_engine: peer=%" SCNu32 " what=%19s now=%" SCNu64 " at=%" SCNu64
		   " bytes=%" SCNu32, &of, what, &ev->now, &ev->at, &ev->bytes) != 5)
		return false;
	if (peer && of != peer)
		*what = 0;
	return true;
}

size_t sim_log_read(const char *path, u32 peer, struct sim_event **ev, bool *kernel)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	size_t n = 0, room = 0, line = 0;
	char text[400], what[20];
	struct sim_event one;
	u64 last = 0;

	if (!f)
		sim_fail("%s: cannot be opened: %s", path, strerror(errno));
	*ev = NULL;
	*kernel = false;
	while (fgets(text, sizeof(text), f)) {
		line++;
		if (*text == '#' || *text == '\n' ||
		    (strstr(text, ": rtpl_") && !strstr(text, ": rtpl_engine: ")))
			continue;
		if (!log_line(text, peer, &one, what, kernel))
			sim_fail("%s:%zu: a line has a time in ns, what happened, its time, and bytes",
				 path, line);
		if (!*what)
			continue;
		for (one.what = 0; one.what < SIM_WHATS; one.what++)
			if (!strcmp(what, whats[one.what]))
				break;
		if (one.what == SIM_WHATS)
			sim_fail("%s:%zu: nothing known is called %s", path, line, what);
		if (!n != (one.what == SIM_START))
			sim_fail("%s:%zu: %s", path, line, n ? "this is a second start" :
				 "this comes before the start");
		if (one.now < last)
			sim_fail("%s:%zu: this is before what stands above it", path, line);
		if (one.what == RTPL_QUEUED &&
		    (one.bytes < SIM_PACKET_MIN || one.bytes > RTPL_BLOCK_MAX))
			sim_fail("%s:%zu: a packet has 20 to 65535 bytes", path, line);
		last = one.now;
		*ev = sim_grow(*ev, n, &room, sizeof(**ev));
		(*ev)[n++] = one;
	}
	if (ferror(f))
		sim_fail("%s: cannot be read: %s", path, strerror(errno));
	if (f != stdin)
		fclose(f);
	if (!n)
		sim_fail("%s: there is no start in it", path);
	return n;
}
