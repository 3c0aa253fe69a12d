// SPDX-License-Identifier: GPL-2.0
/*
 * What traffic looks like. Requests and answers are told as rtpl-judge tells them: a packet of more
 * than TRAFFIC_NO_DATA bytes from who asks, behind one to it, begins an exchange.
 */
#include "look.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NS		1e9
#define TENTH		100000000ULL
/* Seconds of a set: from as long before a visit to a time since 1970; in ns 64 bits take them. */
#define EARLIEST	(-1e8)
#define LATEST		1e10
#define QUIET		2000000000ULL	/* ns of a host's silence that end a visit */
#define SPACED		5000000ULL	/* ns between packets that were not sent together */
/* Of a visit of each kind; see visit_kind(). */
#define TOKENS		15		/* packets that come one by one */
#define TOKEN_MOST	320		/* bytes of one */
#define MODEL_LEAST	6000		/* bytes each way */
#define MODEL_RATIO	2.0
#define WEB_LEAST	6		/* requests */
#define REQUEST_MOST	1300		/* bytes of a packet that a request ends with */

/* ---- sets ---- */

/* A stream of the file, unpacked if it is packed. Return: NULL and a sentence. */
static FILE *set_stream(const char *path, pid_t *pid, struct err *e)
{
	size_t len = strlen(path);
	int fds[2];
	FILE *f;

	*pid = 0;
	f = fopen(path, "re");
	if (!f) {
		err_set(e, "cannot open %s: %s", quoted(path), strerror(errno));
		return NULL;
	}
	if (len < 3 || strcmp(path + len - 3, ".xz"))
		return f;
	if (pipe(fds)) {
		err_set(e, "cannot make a pipe: %s", strerror(errno));
		fclose(f);
		return NULL;
	}
	*pid = fork();
	if (!*pid) {
		dup2(fileno(f), STDIN_FILENO);
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		close(STDERR_FILENO);
		execlp("xz", "xz", "-dc", (char *)NULL);
		_exit(127);
	}
	fclose(f);
	close(fds[1]);
	f = *pid < 0 ? NULL : fdopen(fds[0], "r");
	if (!f)
		err_set(e, "cannot start xz: %s", strerror(errno));
	return f;
}

enum { C_CLASS, C_GROUP, C_VISIT, C_SECONDS, C_DIRECTION, C_BYTES, C_FLOW, N_COLUMNS };
static const char * const column_names[N_COLUMNS] = {
	"class", "group", "visit", "seconds", "direction", "bytes", "flow",
};

#define FIELDS_MAX	16

static int fields(char *line, char *field[FIELDS_MAX])
{
	int n = 0;

	line[strcspn(line, "\r\n")] = 0;
	while (line && n < FIELDS_MAX)
		field[n++] = strsep(&line, ",");
	return n;
}

static int set_head(char *line, const char *path, int where[N_COLUMNS], struct err *e)
{
	char *field[FIELDS_MAX];
	int n = fields(line, field);

	for (int c = 0; c < N_COLUMNS; c++) {
		where[c] = -1;
		for (int i = 0; i < n; i++)
			if (!strcmp(field[i], column_names[c]))
				where[c] = i;
	}
	for (int c = C_SECONDS; c <= C_BYTES; c++)
		if (where[c] < 0)
			return err_set(e, "%s: its first line names no column %s: this is no set of traces", quoted(path),
				       column_names[c]);
	return 0;
}

static bool real(const char *word, double least, double most, double *out)
{
	char *end;

	*out = strtod(word, &end);
	return end != word && !*end && *out >= least && *out <= most;
}

static int set_row(char *line, const int where[N_COLUMNS], char *last, size_t room, struct packet *p, double *t)
{
	char *field[FIELDS_MAX], key[256];
	int n = fields(line, field);
	double d, b, f = 0;

	for (int c = 0; c < N_COLUMNS; c++)
		if (where[c] >= n)
			return -1;
	if (!real(field[where[C_SECONDS]], EARLIEST, LATEST, t) || !real(field[where[C_DIRECTION]], -1, 1, &d) ||
	    !real(field[where[C_BYTES]], 0, 1e9, &b) || (d != 1 && d != -1))
		return -1;
	if (where[C_FLOW] >= 0 && !real(field[where[C_FLOW]], 0, 1e6, &f))
		return -1;
	snprintf(key, sizeof(key), "%s,%s,%s", where[C_CLASS] < 0 ? "" : field[where[C_CLASS]],
		 where[C_GROUP] < 0 ? "" : field[where[C_GROUP]], where[C_VISIT] < 0 ? "" : field[where[C_VISIT]]);
	p->near += !!strcmp(key, last);
	snprintf(last, room, "%s", key);
	p->bytes = (uint32_t)b;
	p->out = d > 0;
	p->flow = (uint32_t)f;
	return 0;
}

int set_read(const char *path, struct packets *list, bool *flows, struct err *e)
{
	char *line = NULL, last[256] = "\n";
	int where[N_COLUMNS], rc, status;
	struct packet p = { 0 };
	unsigned long row = 0;
	size_t room = 0;
	double t;
	pid_t pid;
	FILE *f;

	f = set_stream(path, &pid, e);
	if (!f)
		return -1;
	errno = 0;
	rc = getline(&line, &room, f) < 0 ? err_set(e, errno ? "cannot read %s: %s" : "%s is empty%.0s", quoted(path),
						      strerror(errno)) : set_head(line, path, where, e);
	while (!rc && getline(&line, &room, f) >= 0) {
		row++;
		if (set_row(line, where, last, sizeof(last), &p, &t)) {
			rc = err_set(e, "%s:%lu: this is not seconds, direction, bytes", quoted(path), row + 1);
			break;
		}
		/* Packets before a visit have negative times. */
		p.at = (uint64_t)((t - EARLIEST) * NS);
		if (packets_add(list, &p)) {
			if (list->n < TRAFFIC_MOST)
				rc = err_set(e, "out of memory");
			break;
		}
	}
	free(line);
	fclose(f);
	/* A reader that stops early ends xz by a signal. */
	if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status))
		return err_set(e, "cannot read %s: xz %s", quoted(path),
			       WEXITSTATUS(status) == 127 ? "is not there to unpack it" : "does not unpack it");
	if (!rc && !list->n)
		rc = err_set(e, "%s has no packet in it", quoted(path));
	*flows = where[C_FLOW] >= 0;
	return rc;
}

/* ---- visits ---- */

#define FLOWS_MAX	64	/* of a visit that are told apart */

struct visit {
	uint32_t exchanges, requests, asks;	/* packets up that may end a request */
	bool small, unasked;		/* packets up, without data, before the first with data; and that came */
	uint32_t tokens, down;		/* packets of data down, those that come one by one */
	uint64_t up_bytes, down_bytes;
	uint64_t last_down;
	struct {
		uint32_t flow;
		bool asked;		/* the last of data was from who asks */
		uint64_t up, down;	/* of the exchange under way */
	} flow[FLOWS_MAX];
	int n_flows;
};

struct bursts {
	double *up, *down;
	size_t n, room;
};

static int burst_end(struct bursts *b, uint64_t up, uint64_t down)
{
	if (!up || !down)
		return 0;
	if (b->n == b->room) {
		size_t room = b->room ? b->room * 2 : 256;
		double *more = realloc(b->up, room * sizeof(*more));

		if (!more)
			return -1;
		b->up = more;
		more = realloc(b->down, room * sizeof(*more));
		if (!more)
			return -1;
		b->down = more;
		b->room = room;
	}
	b->up[b->n] = (double)up;
	b->down[b->n++] = (double)down;
	return 0;
}

static enum kind visit_kind(const struct visit *v)
{
	double up = (double)v->up_bytes, down = (double)v->down_bytes;

	if (!v->exchanges)
		return KIND_OTHER;
	if (v->tokens >= TOKENS && v->tokens * 2 > v->down)
		return KIND_TOKEN;
	if (v->asks < WEB_LEAST && up > MODEL_LEAST && down > MODEL_LEAST && up < down * MODEL_RATIO && down < up * MODEL_RATIO)
		return KIND_FEDERATED;
	if (v->asks < WEB_LEAST)
		return KIND_LONE;
	return down > 2 * up ? KIND_WEB : KIND_OTHER;
}

static int visit_end(struct visit *v, struct look *l, struct bursts *b)
{
	int rc = 0;

	for (int i = 0; i < v->n_flows && !rc; i++) {
		rc = burst_end(b, v->flow[i].up, v->flow[i].down);
		v->exchanges += v->flow[i].up && v->flow[i].down;
		v->requests += !!v->flow[i].up;
	}
	if (v->n_flows) {
		l->visits[visit_kind(v)]++;
		l->n_visits++;
		l->exchanges += v->exchanges;
		l->requests += v->requests;
		l->asked_small += v->unasked;
	}
	memset(v, 0, sizeof(*v));
	return rc;
}

static int visit_packet(struct visit *v, const struct packet *p, bool up, struct bursts *b)
{
	int i, rc = 0;

	if (p->bytes <= TRAFFIC_NO_DATA) {
		v->small |= up && !v->n_flows;
		return 0;
	}
	if (!v->n_flows)
		v->unasked = v->small && !up;
	for (i = 0; i < v->n_flows && v->flow[i].flow != p->flow; i++)
		;
	if (i == v->n_flows && i < FLOWS_MAX)
		v->flow[v->n_flows++].flow = p->flow;
	if (i == FLOWS_MAX)
		i--;
	if (up) {
		v->up_bytes += p->bytes;
		v->asks += p->bytes <= REQUEST_MOST;
		if (!v->flow[i].asked && v->flow[i].down) {
			v->exchanges += !!v->flow[i].up;
			v->requests += !!v->flow[i].up;
			rc = burst_end(b, v->flow[i].up, v->flow[i].down);
			v->flow[i].up = 0;
			v->flow[i].down = 0;
		}
		v->flow[i].up += p->bytes;
	} else {
		v->down++;
		v->down_bytes += p->bytes;
		v->tokens += p->bytes <= TOKEN_MOST && p->at - v->last_down >= SPACED;
		v->last_down = p->at;
		v->flow[i].down += p->bytes;
	}
	v->flow[i].asked = up;
	return rc;
}

/* ---- all of it ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void quantiles(double *x, size_t n, double out[2])
{
	out[0] = 0;
	out[1] = 0;
	if (!n)
		return;
	qsort(x, n, sizeof(*x), by_value);
	out[0] = x[(n - 1) / 2];
	out[1] = x[(n - 1) * 9 / 10];
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* How many different ones are among @x. */
static uint32_t different(uint64_t *x, size_t n)
{
	uint32_t count = 0;

	qsort(x, n, sizeof(*x), by_number);
	for (size_t i = 0; i < n; i++)
		count += !i || x[i] != x[i - 1];
	return count;
}

/* The visit, or the host, that a packet is of. */
static uint64_t owner(const struct packet *p, enum look_how how, bool client)
{
	if (how == LOOK_SET)
		return p->near;
	if (how == LOOK_FLOWS)
		return (uint64_t)p->near << 32 | p->flow;
	return client ? p->near : p->far;
}

struct indexed {
	uint64_t owner;
	size_t i;
};

static int by_owner(const void *a, const void *b)
{
	const struct indexed *x = a, *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return x->i < y->i ? -1 : x->i > y->i;
}

/* Time that was looked at, and the share of it with data. */
static void time_of(const struct packet *p, size_t n, enum look_how how, struct look *l)
{
	uint64_t last = UINT64_MAX, busy = 0;
	double span = 0;
	size_t first = 0;

	for (size_t i = 0; i < n; i++) {
		bool begins = !i || (how != LOOK_LINK && p[i].near != p[i - 1].near);

		if (begins) {
			first = i;
			last = UINT64_MAX;
		}
		if (p[i].bytes > TRAFFIC_NO_DATA && p[i].at / TENTH != last) {
			last = p[i].at / TENTH;
			busy++;
		}
		if (i + 1 == n || (how != LOOK_LINK && p[i + 1].near != p[i].near))
			span += (double)(p[i].at - p[first].at) / NS;
	}
	if (how != LOOK_LINK)
		l->seconds = span;
	l->busy = l->seconds > 0 ? fmin(1, (double)busy * .1 / l->seconds) : 0;
}

int look(struct packet *p, size_t n, enum look_how how, double seconds, bool client, struct look *l)
{
	struct indexed *order = malloc((n ? n : 1) * sizeof(*order));
	uint64_t *number = malloc((n ? n : 1) * sizeof(*number));
	struct bursts b = { 0 };
	struct visit *v = calloc(1, sizeof(*v));
	size_t asks = 0, data = 0;
	int rc = order && number && v ? 0 : -1;

	memset(l, 0, sizeof(*l));
	l->seconds = seconds;
	l->packets = n;
	l->together = how != LOOK_SET;
	for (size_t i = 0; i < n && !rc; i++) {
		bool up = p[i].out == client;

		order[i] = (struct indexed) { owner(&p[i], how, client), i };
		*(up ? &l->up : &l->down) += p[i].bytes;
		if (p[i].bytes > TRAFFIC_NO_DATA)
			number[data++] = p[i].flow;
	}
	if (!rc && how == LOOK_LINK)
		l->connections = different(number, data);
	if (!rc)
		time_of(p, n, how, l);
	if (!rc)
		qsort(order, n, sizeof(*order), by_owner);
	for (size_t k = 0; k < n && !rc; k++) {
		const struct packet *q = &p[order[k].i];
		bool begins = k && (order[k].owner != order[k - 1].owner ||
				    (how == LOOK_LINK && q->at - p[order[k - 1].i].at > QUIET));
		uint32_t before = l->exchanges;

		if (begins) {
			rc = visit_end(v, l, &b);
			if (l->exchanges != before)
				number[asks++] = order[k - 1].owner;
		}
		rc = rc ? rc : visit_packet(v, q, q->out == client, &b);
	}
	if (!rc && n) {
		uint32_t before = l->exchanges;

		rc = visit_end(v, l, &b);
		if (l->exchanges != before)
			number[asks++] = order[n - 1].owner;
	}
	if (!rc && how == LOOK_LINK)
		l->hosts = different(number, asks);
	for (int k = 0; k < N_KINDS; k++)
		if (l->visits[k] > l->visits[l->kind])
			l->kind = (enum kind)k;
	/* One host's parallel requests are one client's: many clients have many addresses. */
	l->clients = 1;
	if (l->together && l->seconds > 0)
		l->clients = (double)l->requests / l->seconds * LOOK_ASKS;
	if (how == LOOK_LINK)
		l->clients = fmin(l->clients, l->hosts);
	if (l->together && l->requests)
		l->clients_error = 1.96 * l->clients / sqrt(l->requests);
	quantiles(b.up, b.n, l->burst_up);
	quantiles(b.down, b.n, l->burst_down);
	free(b.up);
	free(b.down);
	free(order);
	free(number);
	free(v);
	return rc;
}
