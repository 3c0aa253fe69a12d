// SPDX-License-Identifier: GPL-2.0
/*
 * Traces out of files and folders, one at a time in memory.
 *
 * A file has one packet a line: seconds, direction (1 from the client, -1 to it),
 * bytes; between them a comma, a tab or blanks. Its first line may name the columns;
 * columns class, group and visit make it a collection of many traces, each one's
 * rows together; a column flow numbers what belongs together in a trace. Rows are put in order of time. The file may be compressed by xz, or be
 * several such, joined.
 *
 * A folder's sub-folders name the classes; its files, and theirs, are taken in the order
 * of their names.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <lzma.h>

#include "../input/input.h"
#include "sim.h"

#define CHUNK		(1 << 18)	/* bytes read at a time */
#define LINE_MAX_BYTES	4096
#define COLUMNS_MAX	16
#define ZERO		BIT_ULL(62)	/* ns: 0 of a file's times */
#define DEPTH_MAX	2		/* a folder, its folders */

enum column { SECONDS, DIRECTION, BYTES, CLASS, GROUP, VISIT, FLOW, COLUMNS };

static const char * const column_names[COLUMNS] = {
	"seconds", "direction", "bytes", "class", "group", "visit", "flow",
};

struct reader {
	const char *path;
	FILE *f;
	bool xz;
	lzma_stream lzma;
	u8 raw[CHUNK];			/* compressed */
	char buf[CHUNK + 1];		/* text; behind it a 0 */
	size_t at, len;
	bool eof;
	u64 line;
	u64 *done;
	/* the columns */
	int where[COLUMNS];		/* index of the field, -1: none */
	int fields;			/* in each line, at least */
	/* the trace under way */
	struct sim_trace t;
	u64 base, last;			/* ns of its first packet, of its last */
	bool unsorted;
	u64 rows;
};

void *sim_grow(void *p, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return p;
	*room = *room * 2 + 1024;
	p = realloc(p, *room * size);
	if (!p)
		sim_fail("no memory for %zu elements", *room);
	return p;
}

static void bad(const struct reader *r, const char *what)
	__attribute__((noreturn));
static void bad(const struct reader *r, const char *what)
{
	sim_fail("%s:%" PRIu64 ": %s", r->path, r->line, what);
}

/* ---- bytes ---- */

static size_t raw_read(struct reader *r, void *buf, size_t n)
{
	n = fread(buf, 1, n, r->f);
	if (!n && ferror(r->f))
		sim_fail("%s: cannot be read: %s", r->path, strerror(errno));
	*r->done += n;
	return n;
}

/* More text behind what is there. */
static void fill(struct reader *r)
{
	lzma_ret ret;
	size_t n;

	memmove(r->buf, r->buf + r->at, r->len - r->at);
	r->len -= r->at;
	r->at = 0;
	while (!r->eof && r->len < CHUNK) {
		if (!r->xz) {
			n = raw_read(r, r->buf + r->len, CHUNK - r->len);
			r->len += n;
			r->eof = !n;
			continue;
		}
		if (!r->lzma.avail_in) {
			r->lzma.next_in = r->raw;
			r->lzma.avail_in = raw_read(r, r->raw, CHUNK);
		}
		r->lzma.next_out = (u8 *)r->buf + r->len;
		r->lzma.avail_out = CHUNK - r->len;
		ret = lzma_code(&r->lzma, r->lzma.avail_in ? LZMA_RUN : LZMA_FINISH);
		r->len = CHUNK - r->lzma.avail_out;
		if (ret == LZMA_STREAM_END)
			r->eof = true;
		else if (ret != LZMA_OK)
			sim_fail("%s: is damaged or cut off (xz)", r->path);
	}
	r->buf[r->len] = 0;
}

/* The next line, without its end; NULL behind the last. Valid until the next call. */
static char *next_line(struct reader *r)
{
	char *line, *end;

	line = r->buf + r->at;
	end = memchr(line, '\n', r->len - r->at);
	if (!end && !r->eof) {
		fill(r);
		line = r->buf;
		end = memchr(line, '\n', r->len);
	}
	if (!end && r->at == r->len)
		return NULL;
	r->line++;
	if (!end)
		end = r->buf + r->len;
	if (r->line == 1)
		line += input_mark(line, end - line);
	if (end - line > LINE_MAX_BYTES)
		bad(r, "the line is too long");
	if (memchr(line, 0, end - line))
		bad(r, "this is no text");
	r->at = end - r->buf + (end < r->buf + r->len);
	if (end > line && end[-1] == '\r')
		end--;
	*end = 0;
	return line;
}

/* ---- numbers ---- */

/* A decimal number of seconds as ns, at most SIM_SECONDS_MAX; *@end behind it. */
static bool seconds_at(const char *text, const char **end, u64 *ns)
{
	u64 whole = 0, fraction = 0, scale = RTPL_NSEC;
	const char *s = text;
	double d;

	for (; *s >= '0' && *s <= '9' && whole <= SIM_SECONDS_MAX; s++)
		whole = whole * 10 + (*s - '0');
	if (*s == '.') {
		for (s++; *s >= '0' && *s <= '9'; s++)
			if (scale > 1) {
				scale /= 10;
				fraction += (*s - '0') * scale;
			}
	}
	if (s == text || (s == text + 1 && *text == '.'))
		return false;
	if (*s == 'e' || *s == 'E') {
		char *e;

		d = strtod(text, &e);
		*end = e;
		if (!(d >= 0 && d <= SIM_SECONDS_MAX))
			return false;
		*ns = (u64)(d * 1e9 + 0.5);
		return true;
	}
	*end = s;
	*ns = whole * RTPL_NSEC + fraction;
	return whole <= SIM_SECONDS_MAX;
}

static bool only_blanks(const char *s)
{
	while (*s == ' ' || *s == '\t')
		s++;
	return !*s;
}

/* +1, 1, -1, with or without a fraction of zeros. */
static int direction(const char *s)
{
	int sign = 1;

	if (*s == '+' || *s == '-')
		sign = *s++ == '-' ? -1 : 1;
	if (*s++ != '1')
		return 0;
	if (*s == '.')
		for (s++; *s == '0'; s++)
			;
	return only_blanks(s) ? sign : 0;
}

static bool number(const char *s, u32 *n)
{
	u64 v = 0;
	const char *from = s;

	for (; *s >= '0' && *s <= '9' && v <= U32_MAX; s++)
		v = v * 10 + (*s - '0');
	*n = v;
	return s > from && v <= U32_MAX && only_blanks(s);
}

/* ---- lines ---- */

/* Cuts @line in place. Return: fields. */
static int split(char *line, char *field[COLUMNS_MAX])
{
	bool comma = strchr(line, ',');
	char *s = line;
	int n = 0;

	while (n < COLUMNS_MAX) {
		if (!comma || n) /* a field of a CSV may have blanks before it */
			while (*s == ' ' || *s == '\t')
				s++;
		if (!comma && !*s && n)
			break;
		field[n++] = s;
		s += strcspn(s, comma ? "," : " \t");
		if (!*s)
			break;
		*s++ = 0;
	}
	return n;
}

/* Is it one that names the columns? Then they are set. */
static bool header(struct reader *r, char *field[], int n)
{
	int i, c;

	for (c = 0; c < COLUMNS; c++)
		r->where[c] = c <= BYTES ? c : -1;
	if (!*field[0] || strchr("0123456789.+-", *field[0]))
		return false;
	for (c = 0; c < COLUMNS; c++) {
		r->where[c] = -1;
		for (i = 0; i < n; i++)
			if (!strcmp(field[i], column_names[c]))
				r->where[c] = i;
	}
	if (r->where[SECONDS] < 0)
		bad(r, "neither a packet nor names of columns, \"seconds,direction,bytes\"");
	if (r->where[DIRECTION] < 0)
		bad(r, "there is no column \"direction\"");
	return true;
}

static void keep(char name[SIM_NAME], const char *s, const struct reader *r)
{
	if (strlen(s) >= SIM_NAME)
		bad(r, "a name is too long");
	if (strchr(s, '/') || *s == '.')
		bad(r, "a name of a class, group or visit has a / in it, or begins with a point");
	strcpy(name, s);
}

static int by_time(const void *a, const void *b)
{
	const struct sim_packet *p = a, *q = b;

	if (p->at != q->at)
		return p->at < q->at ? -1 : 1;
	return p->row < q->row ? -1 : 1;
}

static void flush(struct reader *r, sim_trace_fn fn, void *priv)
{
	size_t i;
	int end;

	if (!r->t.from[0].n && !r->t.from[1].n)
		return;
	if (r->last - r->base > SIM_LENGTH_MAX * RTPL_NSEC)
		bad(r, "the trace that ends here is longer than 30000000 seconds");
	for (end = 0; end < RTPL_END_COUNT; end++) {
		struct sim_packets *p = &r->t.from[end];

		for (i = 0; i < p->n; i++)
			p->p[i].at -= r->base;
		if (r->unsorted && p->n)
			qsort(p->p, p->n, sizeof(*p->p), by_time);
	}
	r->t.length = r->last - r->base;
	r->unsorted = false;
	fn(&r->t, priv);
	r->t.from[0].n = r->t.from[1].n = 0;
}

static void row(struct reader *r, const struct sim_form *form, char *field[], int n)
{
	const char *end, *seconds = field[r->where[SECONDS]];
	struct sim_packets *p;
	u64 at, bytes;
	u32 size = 1, flow = 0;
	bool before;
	int dir;

	/* Before 0, where a clock was set back while it was captured. */
	before = *seconds == '-';
	if (!seconds_at(seconds + before, &end, &at) || !only_blanks(end))
		bad(r, "the time is no number of seconds");
	at = before ? ZERO - at : ZERO + at;
	dir = direction(field[r->where[DIRECTION]]);
	if (!dir)
		bad(r, "the direction is neither 1 (from the client) nor -1");
	if (r->where[BYTES] >= 0 && r->where[BYTES] < n) {
		if (!number(field[r->where[BYTES]], &size))
			bad(r, "the bytes are no number");
	} else if (!form->cell_bytes) {
		bad(r, "there are no bytes (--cell-bytes takes each line as one cell)");
	}
	bytes = (u64)size * (form->cell_bytes ? form->cell_bytes : 1) + form->header_bytes;
	if (bytes < SIM_PACKET_MIN || bytes > RTPL_BLOCK_MAX)
		bad(r, "a packet has 20 to 65535 bytes");
	if (r->where[FLOW] >= 0 && (!number(field[r->where[FLOW]], &flow) || flow >= SIM_FLOWS))
		bad(r, "the flow is no number below 1000000");
	if (!r->t.from[0].n && !r->t.from[1].n) {
		r->base = r->last = at;
		r->t.flows = 0;
	}
	r->t.flows = max(r->t.flows, flow + 1);
	if (at < r->last)
		r->unsorted = true;
	r->base = min(r->base, at);
	r->last = max(r->last, at);
	p = &r->t.from[dir > 0 ? RTPL_END_CLIENT : RTPL_END_SERVER];
	p->p = sim_grow(p->p, p->n, &p->room, sizeof(*p->p));
	p->p[p->n++] = (struct sim_packet){ at, bytes, r->rows, flow };
	r->rows++;
}

/* A row of a collection may begin another trace. */
static void visit(struct reader *r, char *field[], sim_trace_fn fn, void *priv)
{
	const char *class = field[r->where[CLASS]];
	const char *group = r->where[GROUP] >= 0 ? field[r->where[GROUP]] : "";
	const char *name = r->where[VISIT] >= 0 ? field[r->where[VISIT]] : "";

	if (!strcmp(class, r->t.class) && !strcmp(group, r->t.group) && !strcmp(name, r->t.name))
		return;
	flush(r, fn, priv);
	keep(r->t.class, class, r);
	keep(r->t.group, group, r);
	keep(r->t.name, name, r);
}

/* ---- files ---- */

/* The file's name without folders and endings. */
static void base_name(char name[SIM_NAME], const char *path)
{
	static const char * const endings[] = { ".xz", ".csv" };
	const char *s = strrchr(path, '/');
	size_t i, n, e;

	s = s ? s + 1 : path;
	n = min_t(size_t, strlen(s), SIM_NAME - 1);
	memcpy(name, s, n);
	name[n] = 0;
	for (i = 0; i < ARRAY_SIZE(endings); i++) {
		e = strlen(endings[i]);
		n = strlen(name);
		if (n > e && !strcmp(name + n - e, endings[i]))
			name[n - e] = 0;
	}
}

static void read_file(const char *path, const char *class, const struct sim_form *form,
		      sim_trace_fn fn, void *priv, u64 *done)
{
	static const u8 magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
	struct reader *r = calloc(1, sizeof(*r));
	char *line, *field[COLUMNS_MAX];
	bool first = true;
	size_t n;
	int i;

	if (!r)
		sim_fail("no memory");
	r->path = path;
	r->done = done;
	r->f = strcmp(path, "-") ? fopen(path, "r") : stdin;
	if (!r->f)
		sim_fail("%s: cannot be opened: %s", path, strerror(errno));
	n = raw_read(r, r->raw, sizeof(magic));
	if (n == sizeof(magic) && !memcmp(r->raw, magic, n)) {
		r->xz = true;
		if (lzma_stream_decoder(&r->lzma, 256 << 20, LZMA_CONCATENATED) != LZMA_OK)
			sim_fail("no memory");
		r->lzma.next_in = r->raw;
		r->lzma.avail_in = n;
	} else {
		memcpy(r->buf, r->raw, n);
		r->len = n;
	}
	snprintf(r->t.class, sizeof(r->t.class), "%s", class);
	base_name(r->t.name, path);

	while ((line = next_line(r))) {
		if (only_blanks(line))
			continue;
		i = split(line, field);
		if (first) {
			first = false;
			if (header(r, field, i)) {
				for (r->fields = 0, n = 0; n < COLUMNS; n++)
					r->fields = max(r->fields, r->where[n] + 1);
				r->t.collection = r->where[CLASS] >= 0;
				r->t.has_flows = r->where[FLOW] >= 0;
				if (r->t.collection)
					r->t.class[0] = r->t.name[0] = 0;
				continue;
			}
			r->fields = 2;
		}
		if (i < r->fields)
			bad(r, "a column is missing");
		if (r->t.collection)
			visit(r, field, fn, priv);
		row(r, form, field, i);
	}
	if (!r->rows)
		sim_fail("%s: there is no packet in it", path);
	flush(r, fn, priv);
	if (r->xz)
		lzma_end(&r->lzma);
	if (r->f != stdin)
		fclose(r->f);
	free(r->t.from[0].p);
	free(r->t.from[1].p);
	free(r);
}

/* ---- folders ---- */

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* With @fn NULL only the files' sizes are added up, in *@done. Return: files. */
static u64 walk(const char *path, const char *class, int depth, const struct sim_form *form,
		sim_trace_fn fn, void *priv, u64 *done)
{
	struct dirent **list;
	const char *below;
	struct stat st;
	char sub[4096];
	u64 files = 0;
	int i, n;

	if (!strcmp(path, "-") || stat(path, &st) || !S_ISDIR(st.st_mode)) {
		if (fn)
			read_file(path, class, form, fn, priv, done);
		else if (strcmp(path, "-") && !stat(path, &st) && S_ISREG(st.st_mode))
			*done += st.st_size;
		return 1;
	}
	if (depth >= DEPTH_MAX)
		sim_fail("%s: folders in the folders of classes are not looked into", path);
	n = scandir(path, &list, visible, alphasort);
	if (n < 0)
		sim_fail("%s: cannot be read: %s", path, strerror(errno));
	for (i = 0; i < n; i++) {
		if ((size_t)snprintf(sub, sizeof(sub), "%s/%s", path, list[i]->d_name) >= sizeof(sub))
			sim_fail("%s/%s: the name is too long", path, list[i]->d_name);
		/* Of a folder in the one that was named: a class. */
		below = depth ? class : "";
		if (!depth && !stat(sub, &st) && S_ISDIR(st.st_mode))
			below = list[i]->d_name;
		files += walk(sub, below, depth + 1, form, fn, priv, done);
		free(list[i]);
	}
	free(list);
	if (!files && !depth && fn)
		sim_fail("%s: there is no file in it", path);
	return files;
}

void sim_traces(const char *path, const struct sim_form *form, sim_trace_fn fn, void *priv,
		u64 *done)
{
	walk(path, "", 0, form, fn, priv, done);
}

u64 sim_traces_size(const char *path)
{
	u64 all = 0;

	walk(path, "", 0, NULL, NULL, NULL, &all);
	return all;
}
