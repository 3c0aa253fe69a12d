// SPDX-License-Identifier: GPL-2.0
/*
 * From the string to a machine in memory: base64 (RFC 4648, with padding), zlib
 * (RFC 1950), bincode 1.3 with variable-length integers.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "load.h"

int load_fail(struct load_err *err, long state, const char *fmt, ...)
{
	va_list args;
	int n = 0;

	if (state >= 0)
		n = snprintf(err->text, sizeof(err->text), "state %ld: ", state);
	va_start(args, fmt);
	vsnprintf(err->text + n, sizeof(err->text) - n, fmt, args);
	va_end(args);
	return -1;
}

static int digit(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? at - digits : -1;
}

/* Bytes of @len characters, into @out of @len * 3 / 4; -1: not base64. */
static long from_base64(const char *p, size_t len, uint8_t *out)
{
	size_t pad = 0, i, n = 0;
	uint32_t bits = 0;
	int d;

	if (len % 4)
		return -1;
	while (pad < 2 && pad < len && p[len - 1 - pad] == '=')
		pad++;
	for (i = 0; i < len; i++) {
		d = i < len - pad ? digit(p[i]) : 0;
		if (d < 0)
			return -1;
		bits = bits << 6 | d;
		if (i % 4 < 3)
			continue;
		out[n++] = bits >> 16;
		out[n++] = bits >> 8;
		out[n++] = bits;
		bits = 0;
	}
	/* what the padding cuts off is zero */
	for (i = 0; i < pad; i++)
		if (out[--n])
			return -1;
	return n;
}

static int unpack(const uint8_t *p, size_t len, uint8_t *out, size_t *out_len,
		  struct load_err *err)
{
	z_stream z = { .next_in = (Bytef *)p, .avail_in = len,
		       .next_out = out, .avail_out = MACHINE_BYTES_MAX };
	int rc;

	if (inflateInit(&z) != Z_OK)
		return load_fail(err, -1, "no memory to inflate it");
	rc = inflate(&z, Z_FINISH);
	*out_len = MACHINE_BYTES_MAX - z.avail_out;
	inflateEnd(&z);
	if (rc == Z_STREAM_END && !z.avail_in)
		return 0;
	if (rc == Z_STREAM_END)
		return load_fail(err, -1, "%u bytes follow the compressed machine", z.avail_in);
	if (!z.avail_out)
		return load_fail(err, -1, "it becomes larger than %d bytes", MACHINE_BYTES_MAX);
	return load_fail(err, -1, "it does not inflate: %s", z.msg ? z.msg : "cut off");
}

int load_string(const char *text, size_t len, struct load_machine *m, struct load_err *err)
{
	uint8_t *packed, *bytes;
	size_t n_bytes = 0;
	long n = -1;
	int rc = -1;

	memset(m, 0, sizeof(*m));
	if (len < 3)
		return load_fail(err, -1, "the string is too short for a machine");
	if (len > MACHINE_STRING_MAX)
		return load_fail(err, -1, "the string is longer than %d bytes", MACHINE_STRING_MAX);
	if (memcmp(text, "02", 2))
		return load_fail(err, -1, "it does not begin with 02, the version of the encoding");
	packed = malloc(len);
	bytes = malloc(MACHINE_BYTES_MAX);
	if (!packed || !bytes)
		load_fail(err, -1, "no memory");
	else if ((n = from_base64(text + 2, len - 2, packed)) < 0)
		load_fail(err, -1, "what follows 02 is not base64");
	else
		rc = unpack(packed, n, bytes, &n_bytes, err);
	if (!rc)
		rc = load_bytes(bytes, n_bytes, m, err);
	free(packed);
	free(bytes);
	return rc;
}

/* ---- bincode ---- */

struct reader {
	const uint8_t *p, *end;
	bool bad;		/* cut off, or a value that cannot be; reads give 0 then */
};

static uint64_t fixed(struct reader *r, unsigned int bytes)
{
	uint64_t v = 0;
	unsigned int i;

	if ((size_t)(r->end - r->p) < bytes) {
		r->bad = true;
		return 0;
	}
	for (i = 0; i < bytes; i++)
		v |= (uint64_t)r->p[i] << 8 * i;
	r->p += bytes;
	return v;
}

static uint64_t number(struct reader *r)
{
	uint64_t v = fixed(r, 1);

	switch (v) {
	case 251:
		return fixed(r, 2);
	case 252:
		return fixed(r, 4);
	case 253:
		return fixed(r, 8);
	case 254:
	case 255:
		r->bad = true;
		return 0;
	default:
		return v;
	}
}

/* One of @n. */
static unsigned int choice(struct reader *r, unsigned int n)
{
	uint64_t v = number(r);

	if (v >= n)
		r->bad = true;
	return r->bad ? 0 : v;
}

static bool flag(struct reader *r)
{
	uint64_t v = fixed(r, 1);

	if (v > 1)
		r->bad = true;
	return v == 1;
}

static double real(struct reader *r)
{
	uint64_t v = fixed(r, 8);
	double d;

	memcpy(&d, &v, sizeof(d));
	return d;
}

static float real_short(struct reader *r)
{
	uint32_t v = fixed(r, 4);
	float f;

	memcpy(&f, &v, sizeof(f));
	return f;
}

static struct load_dist read_dist(struct reader *r)
{
	struct load_dist d = { .there = true };
	int i;

	d.kind = choice(r, LAW_KINDS);
	for (i = 0; i < dist_kind_args(d.kind); i++)
		d.arg[i] = d.kind == LAW_BINOMIAL && !i ? (double)number(r) : real(r);
	d.start = real(r);
	d.max = real(r);
	return d;
}

static struct load_dist read_option(struct reader *r)
{
	struct load_dist none = { 0 };

	return flag(r) ? read_dist(r) : none;
}

static void read_action(struct reader *r, struct load_state *s)
{
	s->kind = LOAD_NOTHING;
	if (!flag(r))
		return;
	s->kind = choice(r, LOAD_KINDS);
	switch (s->kind) {
	case LOAD_CANCEL:
		s->timer = choice(r, LOAD_TIMERS);
		return;
	case LOAD_TIMER:
		s->replace = flag(r);
		s->duration = read_dist(r);
		break;
	default:
		s->bypass = flag(r);
		s->replace = flag(r);
		s->timeout = read_dist(r);
		if (s->kind == LOAD_BLOCK)
			s->duration = read_dist(r);
		break;
	}
	s->limit = read_option(r);
}

static void read_counter(struct reader *r, struct load_counter *c)
{
	c->there = flag(r);
	if (!c->there)
		return;
	c->op = choice(r, LOAD_OPS);
	c->by = read_option(r);
	c->copy = flag(r);
}

static int read_state(struct reader *r, struct load_state *s)
{
	uint64_t n, i;
	int event;

	read_action(r, s);
	read_counter(r, &s->counter[0]);
	read_counter(r, &s->counter[1]);
	for (event = 0; event < MACHINE_EVENTS && !r->bad; event++) {
		s->listed[event] = flag(r);
		if (!s->listed[event])
			continue;
		n = number(r);
		/* five bytes a transition, at least */
		if (n > (size_t)(r->end - r->p) / 5)
			r->bad = true;
		if (r->bad || !n)
			continue;
		s->trans[event] = calloc(n, sizeof(*s->trans[event]));
		if (!s->trans[event])
			return -1;
		s->n[event] = n;
		for (i = 0; i < n; i++) {
			s->trans[event][i].to = number(r);
			s->trans[event][i].chance = real_short(r);
		}
	}
	return 0;
}

int load_bytes(const uint8_t *p, size_t len, struct load_machine *m, struct load_err *err)
{
	struct reader r = { .p = p, .end = p + len };
	uint64_t n;
	uint32_t i;

	memset(m, 0, sizeof(*m));
	m->allowed_padding = number(&r);
	m->max_padding = real(&r);
	m->allowed_blocked = number(&r);
	m->max_blocking = real(&r);
	n = number(&r);
	if (r.bad)
		return load_fail(err, -1, "it is cut off");
	if (n > MACHINE_STATES_MAX)
		return load_fail(err, -1, "%llu states; there may be %d",
				 (unsigned long long)n, MACHINE_STATES_MAX);
	m->state = calloc(n ? n : 1, sizeof(*m->state));
	if (!m->state)
		return load_fail(err, -1, "no memory");
	m->n_states = n;
	for (i = 0; i < n && !r.bad; i++)
		if (read_state(&r, &m->state[i])) {
			load_free(m);
			return load_fail(err, i, "no memory");
		}
	if (!r.bad && r.p == r.end)
		return 0;
	load_free(m);
	if (r.bad)
		return load_fail(err, i ? i - 1 : 0,
				 "it is cut off here, or has a value that cannot be");
	return load_fail(err, -1, "%zu bytes follow the machine", (size_t)(r.end - r.p));
}

void load_free(struct load_machine *m)
{
	uint32_t i;
	int event;

	for (i = 0; m->state && i < m->n_states; i++)
		for (event = 0; event < MACHINE_EVENTS; event++)
			free(m->state[i].trans[event]);
	free(m->state);
	memset(m, 0, sizeof(*m));
}
