// SPDX-License-Identifier: GPL-2.0
/* From words to values; see parse.h. */
#include "parse.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/rtpl_tc.h>

#include "../input/input.h"
#include "../lib/names.h"

int err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return -1;
}

const char *quoted(const char *word)
{
	static char ring[8][192];
	static unsigned int next;
	char *buf = ring[next++ % 8];
	const char *seen = word;	/* no key before it */
	size_t at = 0, secret;
	int shown;

	buf[at++] = '"';
	for (shown = 0; *word && shown < 80 && at < sizeof(ring[0]) - 16; shown++) {
		unsigned char c = *word;

		if (word == seen) {
			secret = input_secret(word);
			if (secret) {
				at += sprintf(buf + at, "(hidden)");
				word += secret;
				seen = word;
				continue;
			}
			seen += input_run(word) ?: 1;
		}
		word++;
		if (c == '"' || c == '\\') {
			buf[at++] = '\\';
			buf[at++] = c;
		} else if (isprint(c) || c >= 0x80) {
			buf[at++] = c;
		} else {
			at += sprintf(buf + at, "\\x%02x", c);
		}
	}
	if (*word)
		at += sprintf(buf + at, "...");
	strcpy(buf + at, "\"");
	return buf;
}

const char *meant(const char *word, const char * const *names, size_t n)
{
	struct input_nearest near = { .word = word };
	static char text[80];

	for (size_t i = 0; i < n; i++)
		input_nearest(&near, names[i]);
	*text = '\0';
	if (near.name)
		snprintf(text, sizeof(text), " (is %s meant?)", near.name);
	return text;
}

/* ---- names ---- */

size_t utf8_char(const char *s)
{
	const unsigned char *p = (const unsigned char *)s;
	uint32_t c, least;
	size_t n;

	if (!*p)
		return 0;
	if (*p < 0x80)
		return 1;
	if ((*p & 0xe0) == 0xc0)
		n = 2, c = *p & 0x1f, least = 0x80;
	else if ((*p & 0xf0) == 0xe0)
		n = 3, c = *p & 0x0f, least = 0x800;
	else if ((*p & 0xf8) == 0xf0)
		n = 4, c = *p & 0x07, least = 0x10000;
	else
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	/* Not longer than need be, no surrogate, nothing behind the last one. */
	return c < least || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff ? 0 : n;
}

int parse_name(const char *word, char name[RTPL_NAME_MAX], struct err *e)
{
	size_t len = strlen(word), n;

	if (!strcmp(word, "none")) {
		*name = '\0';
		return 0;
	}
	if (!len || len >= RTPL_NAME_MAX)
		return err_set(e, "name %s does not have 1 to %d bytes", quoted(word), RTPL_NAME_MAX - 1);
	if (*word == ' ' || word[len - 1] == ' ' || strchr(word, '#'))
		return err_set(e, "name %s has a \"#\", or a blank at its end", quoted(word));
	for (const char *p = word; *p; p += n) {
		n = utf8_char(p);
		/* The two bytes behind 0xc2 up to 0x9f are control characters, too. */
		if (!n || (unsigned char)*p < 0x20 || *p == 0x7f ||
		    ((unsigned char)*p == 0xc2 && (unsigned char)p[1] < 0xa0))
			return err_set(e, "name %s is not UTF-8 without control characters", quoted(word));
	}
	memcpy(name, word, len + 1);
	return 0;
}

/* ---- numbers and words ---- */

int parse_number(const char *word, uint64_t min, uint64_t max, const char *what,
		 uint64_t *out, struct err *e)
{
	const char *end;
	const char *p = word;
	uint64_t v;

	while (isdigit((unsigned char)*p))
		p++;
	if (p > word && *p == '.' && isdigit((unsigned char)p[1]) && !p[1 + strspn(p + 1, "0123456789")])
		return err_set(e, "%s %s is not a whole number", what, quoted(word));
	if (p == word || *p)
		return err_set(e, "%s %s is not a number", what, quoted(word));
	if (!input_digits(word, &end, &v) || v < min || v > max)
		return err_set(e, "%s %s is not between %llu and %llu", what, quoted(word),
			       (unsigned long long)min, (unsigned long long)max);
	*out = v;
	return 0;
}

/* Capitals do not matter, as they do not in units. */
bool is_off(const char *word)
{
	return !strcasecmp(word, "off");
}

int parse_port(const char *word, uint16_t *out, struct err *e)
{
	uint64_t v;

	if (parse_number(word, 0, UINT16_MAX, "port", &v, e))
		return -1;
	*out = v;
	return 0;
}

int parse_fwmark(const char *word, uint32_t *out, struct err *e)
{
	char *end;
	uint64_t v;

	if (is_off(word)) {
		*out = 0;
		return 0;
	}
	if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
		if (!isxdigit((unsigned char)word[2]) || strlen(word) > 10)
			return err_set(e, "fwmark %s is not a 32-bit number", quoted(word));
		v = strtoul(word + 2, &end, 16);
		if (*end)
			return err_set(e, "fwmark %s is not a 32-bit number", quoted(word));
	} else if (parse_number(word, 0, UINT32_MAX, "fwmark", &v, e)) {
		return -1;
	}
	*out = v;
	return 0;
}

int parse_device(const char *word, char out[DEVICE_LEN_MAX + 1], struct err *e)
{
	if (!*word || strlen(word) > DEVICE_LEN_MAX || strpbrk(word, "/: \t") || !strcmp(word, ".") ||
	    !strcmp(word, ".."))
		return err_set(e, "%s is not a device's name", quoted(word));
	strcpy(out, is_off(word) || !strcasecmp(word, "none") ? "" : word);
	return 0;
}

int parse_seconds(const char *word, uint64_t min, uint64_t max, const char *what, uint64_t *out,
		  struct err *e)
{
	static const struct input_unit units[] = {
		{ "", 1 }, { "s", 1 }, { "min", 60 }, { "h", 3600 }, { }
	};
	enum input_why why;
	uint64_t v;

	why = strchr(word, '.') ? INPUT_NO_NUMBER : input_amount(word, units, &v);
	if (why == INPUT_NO_NUMBER)
		return err_set(e, "%s %s is not a %snumber of seconds", what, quoted(word),
			       strchr(word, '.') ? "whole " : "");
	if (why == INPUT_NO_SUCH_UNIT)
		return err_set(e, "%s %s is not a number of seconds (s, min, h)", what, quoted(word));
	if (!why && v >= min && v <= max) {
		*out = v;
		return 0;
	}
	return err_set(e, "%s %s is not between %llu and %llu seconds", what, quoted(word),
		       (unsigned long long)min, (unsigned long long)max);
}

int parse_span(const char *word, uint64_t min, uint64_t max, const char *what, uint64_t *out,
	       struct err *e)
{
	char lo[SHAPE_TEXT_MAX], hi[SHAPE_TEXT_MAX];
	enum input_why why;
	uint64_t v;

	why = input_amount(word, input_times, &v);
	if (why == INPUT_NO_NUMBER || why == INPUT_NOT_WHOLE)
		return err_set(e, "%s %s is not a time", what, quoted(word));
	if (why == INPUT_NO_UNIT || why == INPUT_NO_SUCH_UNIT)
		return err_set(e, "%s %s has no unit that is known (ms, s, min, h)", what, quoted(word));
	if (!why && v >= min && v <= max) {
		*out = v;
		return 0;
	}
	time_text(min, lo);
	time_text(max, hi);
	return err_set(e, "%s %s is not between %s and %s", what, quoted(word), lo, hi);
}

int parse_keepalive(const char *word, uint16_t *out, struct err *e)
{
	uint64_t v;

	if (is_off(word)) {
		*out = 0;
		return 0;
	}
	if (parse_seconds(word, 0, UINT16_MAX, "keepalive", &v, e))
		return strstr(e->text, "is not between") ?
		       err_set(e, "keepalive %s is not between 1 and %u seconds, nor off", quoted(word), UINT16_MAX) : -1;
	*out = v;
	return 0;
}

int parse_dscp(const char *word, uint8_t *out, struct err *e)
{
	uint64_t v = RTPL_DSCP_COPY;

	if (strcasecmp(word, "copy") && (!*word || word[strspn(word, "0123456789")]))
		return err_set(e, "dscp %s is neither a number, 0 to %d (EF is 46), nor copy",
			       quoted(word), RTPL_DSCP_COPY - 1);
	if (strcasecmp(word, "copy") && parse_number(word, 0, RTPL_DSCP_COPY - 1, "dscp", &v, e))
		return -1;
	*out = v;
	return 0;
}

static const char * const ecn_names[__RTPL_ECN_KIND_MAX] = {
	[RTPL_ECN_KIND_OFF] = "off",
	[RTPL_ECN_KIND_ECT_1] = "ect1",
	[RTPL_ECN_KIND_ECT_0] = "ect0",
};

int parse_ecn(const char *word, uint8_t *out, struct err *e)
{
	for (uint8_t i = 0; i < __RTPL_ECN_KIND_MAX; i++)
		if (!strcasecmp(word, ecn_names[i])) {
			*out = i;
			return 0;
		}
	return err_set(e, "ecn %s is not off, ect0 or ect1", quoted(word));
}

const char *ecn_text(uint8_t ecn)
{
	return ecn < __RTPL_ECN_KIND_MAX ? ecn_names[ecn] : "unknown";
}

int parse_switch(const char *word, const char *what, bool *out, struct err *e)
{
	if (!strcasecmp(word, "on") || !strcasecmp(word, "yes") || !strcasecmp(word, "true"))
		*out = true;
	else if (!strcasecmp(word, "off") || !strcasecmp(word, "no") || !strcasecmp(word, "false"))
		*out = false;
	else
		return err_set(e, "%s %s is neither on nor off", what, quoted(word));
	return 0;
}

int parse_unprotected(const char *word, uint32_t *out, struct err *e)
{
	if (!strcasecmp(word, "pass"))
		*out = RTPL_UNPROTECTED_PASS;
	else if (!strcasecmp(word, "drop"))
		*out = RTPL_UNPROTECTED_DROP;
	else
		return err_set(e, "unprotected %s is neither pass nor drop", quoted(word));
	return 0;
}

/* ---- shapes ---- */

/* The list and nothing but: digits, commas, ascending, within the limits. */
static int parse_buckets(const char *word, struct shape *s, struct err *e)
{
	const char *p = word;
	uint16_t list[RTPL_BUCKETS_MAX];
	uint32_t n = 0;
	uint64_t v;

	for (;;) {
		if (!isdigit((unsigned char)*p))
			return err_set(e, "cell %s is not a list of sizes", quoted(word));
		if (!input_digits(p, &p, &v) || v < RTPL_CELL_MIN || v > RTPL_CELL_MAX)
			return err_set(e, "cell %s holds a size that is not between %u and %u bytes",
				       quoted(word), RTPL_CELL_MIN, RTPL_CELL_MAX);
		if (n == RTPL_BUCKETS_MAX)
			return err_set(e, "cell %s holds more than %u sizes", quoted(word),
				       RTPL_BUCKETS_MAX);
		if (n && v <= list[n - 1])
			return err_set(e, "cell %s is not in ascending order", quoted(word));
		list[n++] = v;
		if (!*p)
			break;
		if (*p++ != ',')
			return err_set(e, "cell %s is not a list of sizes", quoted(word));
		while (*p == ' ' || *p == '\t')
			p++;
	}
	if (list[n - 1] < RTPL_HANDSHAKE_MIN)
		return err_set(e, "cell %s holds no size of %u bytes or more, which a handshake needs",
			       quoted(word), RTPL_HANDSHAKE_MIN);
	memset(s->bucket, 0, sizeof(s->bucket));
	memcpy(s->bucket, list, n * sizeof(list[0]));
	s->n_buckets = n;
	s->sizes = RTPL_SIZE_BUCKETS;
	s->has |= SHAPE_BIT(SIZES) | SHAPE_BIT(BUCKETS);
	return 0;
}

int parse_cell(const char *word, struct shape *s, struct err *e)
{
	uint64_t v = 0;

	if (strchr(word, ','))
		return parse_buckets(word, s, e);
	if (!strcasecmp(word, "device")) {
		s->sizes = RTPL_SIZE_DEVICE;
		s->has |= SHAPE_BIT(SIZES);
		return 0;
	}
	if (!strcasecmp(word, "pow2") || !strncasecmp(word, "pow2:", 5)) {
		if (word[4]) {
			if (parse_number(word + 5, RTPL_HANDSHAKE_MIN, RTPL_CELL_MAX, "cell pow2", &v, e))
				return -1;
		}
		/* No cap is said aloud, or the qdisc's cell would be it. */
		s->cell = v;
		s->sizes = RTPL_SIZE_POW2;
		s->has |= SHAPE_BIT(SIZES) | SHAPE_BIT(CELL);
		return 0;
	}
	if (!isdigit((unsigned char)*word))
		return err_set(e, "cell %s is neither a number of bytes, a list of them, pow2 nor device",
			       quoted(word));
	if (parse_number(word, RTPL_HANDSHAKE_MIN, RTPL_CELL_MAX, "cell", &v, e))
		return -1;
	s->sizes = RTPL_SIZE_FIXED;
	s->cell = v;
	s->has |= SHAPE_BIT(SIZES) | SHAPE_BIT(CELL);
	return 0;
}

int parse_rate(const char *word, struct shape *s, struct err *e)
{
	static const struct input_unit cells[] = {
		{ "", 1 }, { "cps", 1 }, { "kcps", 1000 }, { "mcps", 1000000 }, { }
	};
	enum input_why why;
	bool bits = false;
	uint64_t v;

	if (is_off(word) || !strcmp(word, "0")) {
		s->sched = RTPL_SCHED_ASAP;
		s->bits = 0;
		s->has |= SHAPE_BIT(SCHED);
		s->has &= ~SHAPE_BIT(RATE);
		return 0;
	}
	why = input_amount(word, cells, &v);
	if (why == INPUT_NO_SUCH_UNIT) {
		why = input_amount(word, input_bits, &v);
		bits = true;
		/* Of cells no whole number comes of it, mostly. */
		if (why == INPUT_NOT_WHOLE)
			why = INPUT_OK;
	}
	if (why == INPUT_NO_NUMBER)
		return err_set(e, "rate %s is neither cells per second, a bit rate nor off", quoted(word));
	if (why == INPUT_NO_SUCH_UNIT)
		return err_set(e, "rate %s has an unknown unit (cps, kcps, mcps, bit, kbit, mbit, gbit)",
			       quoted(word));
	if (why == INPUT_NOT_WHOLE)
		return err_set(e, "rate %s is not a whole number of cells per second", quoted(word));
	if (why || !v || (bits ? v > 8ULL * RTPL_CELL_MAX * RTPL_RATE_MAX : v > RTPL_RATE_MAX))
		return err_set(e, "rate %s is not between 1 and %u cells per second", quoted(word),
			       RTPL_RATE_MAX);
	s->sched = RTPL_SCHED_CONST;
	s->has |= SHAPE_BIT(SCHED) | SHAPE_BIT(RATE);
	s->bits = bits ? v : 0;
	s->rate = bits ? 0 : v;
	snprintf(s->rate_word, sizeof(s->rate_word), "%s", word);
	return 0;
}

int parse_latency(const char *word, uint64_t unit, struct shape *s, struct err *e)
{
	enum input_why why;
	const char *end;
	uint64_t v = 0;

	if (is_off(word) || !strcmp(word, "0")) {
		s->latency = 0;
		s->has |= SHAPE_BIT(LATENCY);
		return 0;
	}
	why = input_amount(word, input_times, &v);
	if (why == INPUT_NO_UNIT && unit)
		why = input_decimal(word, &end, unit, &v);
	if (why == INPUT_NO_NUMBER)
		return err_set(e, "latency %s is neither a time nor off", quoted(word));
	if (why == INPUT_NO_SUCH_UNIT)
		return err_set(e, "latency %s has an unknown unit (ns, us, ms, s)", quoted(word));
	if (why == INPUT_NO_UNIT)
		return err_set(e, "latency %s has no unit (%.20sms?)", quoted(word), word);
	if (why == INPUT_NOT_WHOLE)
		return err_set(e, "latency %s is not a whole number of nanoseconds", quoted(word));
	if (why || !v || v > RTPL_LATENCY_MAX_NS)
		return err_set(e, "latency %s is not between 1ns and %llus", quoted(word),
			       RTPL_LATENCY_MAX_NS / 1000000000ULL);
	s->latency = v;
	s->has |= SHAPE_BIT(LATENCY);
	return 0;
}

int parse_limit(const char *word, struct shape *s, struct err *e)
{
	uint64_t v;

	if (parse_number(word, 1, RTPL_LIMIT_MAX, "limit", &v, e))
		return -1;
	s->limit = v;
	s->has |= SHAPE_BIT(LIMIT);
	return 0;
}

int parse_overflow(const char *word, struct shape *s, struct err *e)
{
	int kind = rtpl_name_value(&rtpl_overflow_kind_names, word);

	if (kind < 0)
		return err_set(e, "overflow %s is neither newest nor oldest", quoted(word));
	s->overflow = kind;
	s->has |= SHAPE_BIT(OVERFLOW);
	return 0;
}

int parse_profile(const char *word, struct shape *s, struct err *e)
{
	size_t n = strlen(word);

	if (!n || n >= sizeof(s->profile) ||
	    strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-") != n)
		return err_set(e, "profile %s is no name: 1 to %zu letters a to z, digits and \"-\"",
			       quoted(word), sizeof(s->profile) - 1);
	memset(s->profile, 0, sizeof(s->profile));
	if (strcmp(word, "none"))
		memcpy(s->profile, word, n);
	s->has |= SHAPE_BIT(PROFILE);
	return 0;
}

int parse_role(const char *word, struct shape *s, struct err *e)
{
	int kind = rtpl_name_value(&rtpl_role_kind_names, word);

	if (kind < 0)
		return err_set(e, "role %s is neither client nor server", quoted(word));
	s->role = kind;
	s->has |= SHAPE_BIT(ROLE);
	return 0;
}

/* ---- keys ---- */

/*
 * One base64 digit, and its inverse, by arithmetic on all cases instead of a
 * table or a branch: neither time nor cache lines tell the key.
 */
static int digit_value(unsigned char c)
{
	int v = -1;

	v += ((('A' - 1 - c) & (c - ('Z' + 1))) >> 8) & (c - 'A' + 1);
	v += ((('a' - 1 - c) & (c - ('z' + 1))) >> 8) & (c - 'a' + 27);
	v += ((('0' - 1 - c) & (c - ('9' + 1))) >> 8) & (c - '0' + 53);
	v += ((('+' - 1 - c) & (c - ('+' + 1))) >> 8) & 63;
	v += ((('/' - 1 - c) & (c - ('/' + 1))) >> 8) & 64;
	return v;
}

static char value_digit(unsigned int v)
{
	int c = (int)v + 'A';

	c += ((25 - (int)v) >> 8) & ('a' - 'Z' - 1);
	c -= ((51 - (int)v) >> 8) & ('z' - '0' + 1);
	c -= ((61 - (int)v) >> 8) & ('9' - '+' + 1);
	c += ((62 - (int)v) >> 8) & ('/' - '+' - 1);
	return (char)c;
}

int parse_key(const char *word, uint8_t key[RTPL_KEY_LEN], const char *what, struct err *e)
{
	size_t len = strlen(word), i;
	uint32_t acc = 0;
	int bad = 0;

	if (len != KEY_TEXT_LEN || word[KEY_TEXT_LEN - 1] != '=')
		return err_set(e, "%s is not a key: %zu characters instead of 44 of base64 that end with \"=\"",
			       what, len);
	for (i = 0; i < KEY_TEXT_LEN; i++) {
		int v = i < KEY_TEXT_LEN - 1 ? digit_value(word[i]) : 0;

		bad |= v;	/* negative if any is */
		acc = acc << 6 | (v & 63);
		if (i % 4 == 3) {
			key[i / 4 * 3] = acc >> 16;
			key[i / 4 * 3 + 1] = acc >> 8;
			if (i / 4 * 3 + 2 < RTPL_KEY_LEN)
				key[i / 4 * 3 + 2] = acc;
			else
				bad |= -(int)(acc & 0xff);	/* bits behind the key */
			acc = 0;
		}
	}
	if (bad < 0) {
		memset(key, 0, RTPL_KEY_LEN);
		return err_set(e, "%s is not a key: not base64 of 32 bytes", what);
	}
	return 0;
}

int parse_key_file(const char *word, const char *what, struct err *e)
{
	size_t len = strlen(word);

	if (len < KEY_TEXT_LEN - 4 || len > KEY_TEXT_LEN + 4 || input_secret(word) != len)
		return 0;
	return err_set(e, "%s takes the name of a file that holds the key, and this looks like a key itself",
		       what);
}

void key_text(const uint8_t key[RTPL_KEY_LEN], char text[KEY_TEXT_LEN + 1])
{
	size_t i, j;

	for (i = 0; i < RTPL_KEY_LEN; i += 3) {
		uint32_t acc = (uint32_t)key[i] << 16 | (uint32_t)key[i + 1] << 8 |
			       (i + 2 < RTPL_KEY_LEN ? key[i + 2] : 0);

		for (j = 0; j < 4; j++)
			text[i / 3 * 4 + j] = value_digit(acc >> (18 - 6 * j) & 63);
	}
	text[KEY_TEXT_LEN - 1] = '=';
	text[KEY_TEXT_LEN] = '\0';
}

bool key_is_zero(const uint8_t key[RTPL_KEY_LEN])
{
	uint8_t any = 0;
	int i;

	for (i = 0; i < RTPL_KEY_LEN; i++)
		any |= key[i];
	return !any;
}

/* ---- addresses ---- */

int parse_prefix(const char *word, struct prefix *out, struct err *e)
{
	const char *slash = strchr(word, '/');
	size_t len = slash ? (size_t)(slash - word) : strlen(word);
	struct prefix p = { 0 }, net;
	char text[INET6_ADDRSTRLEN], buf[ADDR_TEXT_MAX];
	unsigned int bits, i;
	uint64_t v;

	if (len >= sizeof(text))
		return err_set(e, "%s is not an address", quoted(word));
	memcpy(text, word, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, p.addr) == 1)
		p.family = AF_INET;
	else if (inet_pton(AF_INET6, text, p.addr) == 1)
		p.family = AF_INET6;
	else
		return err_set(e, "%s is not an address",
			       quoted(slash && !input_has_secret(word) ? text : word));
	bits = p.family == AF_INET ? 32 : 128;
	p.len = bits;
	if (slash) {
		const char *end = slash + 1;

		if (strlen(end) > 3 || !input_digits(end, &end, &v) || *end || v > bits)
			return err_set(e, "%s has a prefix length that is not between 0 and %u",
				       quoted(word), bits);
		p.len = v;
	}
	net = p;
	for (i = p.len; i < bits; i++)
		net.addr[i / 8] &= ~(0x80 >> i % 8);
	if (memcmp(net.addr, p.addr, sizeof(p.addr)))
		return err_set(e, "%s has bits set behind its length (%s?)", quoted(word),
			       prefix_text(&net, buf));
	*out = p;
	return 0;
}

int prefix_compare(const void *a, const void *b)
{
	const struct prefix *p = a, *q = b;
	int d = (p->family > q->family) - (p->family < q->family);

	if (!d)
		d = memcmp(p->addr, q->addr, sizeof(p->addr));
	return d ? d : (p->len > q->len) - (p->len < q->len);
}

int prefix_add(struct prefixes *out, const struct prefix *p, struct err *e)
{
	if (out->n >= out->room) {
		uint32_t room = out->n < 2 ? 4 : out->n * 2;
		struct prefix *more = realloc(out->p, room * sizeof(*more));

		if (!more)
			return err_set(e, "out of memory");
		out->p = more;
		out->room = room;
	}
	out->p[out->n++] = *p;
	return 0;
}

int parse_prefixes(const char *list, struct prefixes *out, struct err *e)
{
	uint32_t was = out->n;
	struct prefix prefix;
	const char *p = list;

	if (!strcmp(list, "none"))
		return 0;
	for (;;) {
		char word[INET6_ADDRSTRLEN + 8];
		size_t len;

		p += strspn(p, " \t");
		len = strcspn(p, " \t,");
		snprintf(word, sizeof(word), "%.*s", (int)(len < sizeof(word) ? len : sizeof(word)), p);
		p += len;
		p += strspn(p, " \t");
		if (!len || (*p && *p != ',')) {
			err_set(e, "%s is not a comma separated list of prefixes", quoted(list));
			goto undo;
		}
		if (out->n == RTPL_PREFIXES_MAX) {
			err_set(e, "more than %u prefixes", RTPL_PREFIXES_MAX);
			goto undo;
		}
		if (parse_prefix(word, &prefix, e) || prefix_add(out, &prefix, e))
			goto undo;
		if (!*p)
			return 0;
		p++;
	}
undo:
	out->n = was;
	return -1;
}

const char *prefix_text(const struct prefix *p, char buf[ADDR_TEXT_MAX])
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(p->family, p->addr, text, sizeof(text));
	snprintf(buf, ADDR_TEXT_MAX, "%s/%u", text, p->len);
	return buf;
}

void prefixes_free(struct prefixes *p)
{
	free(p->p);
	memset(p, 0, sizeof(*p));
}

/* Only letters, digits, '-', '_' and '.' can be a name that a resolver knows. */
static bool host_name_ok(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("-_.", *p))
			return false;
	return *name && *name != '-' && *name != '.';
}

int endpoint_check(const struct endpoint *ep, const char *word, struct err *e)
{
	uint32_t v4;

	switch (ep->sa.sa_family) {
	case AF_INET:
		v4 = ntohl(ep->in4.sin_addr.s_addr);
		if (v4 >> 24 == 0)
			return err_set(e, "endpoint %s is no host's address (0.0.0.0/8)", quoted(word));
		if (v4 >= 0xe0000000)
			return err_set(e, "endpoint %s is a multicast or reserved address", quoted(word));
		return 0;
	case AF_INET6:
		if (IN6_IS_ADDR_UNSPECIFIED(&ep->in6.sin6_addr))
			return err_set(e, "endpoint %s is the unspecified address", quoted(word));
		if (IN6_IS_ADDR_MULTICAST(&ep->in6.sin6_addr))
			return err_set(e, "endpoint %s is a multicast address", quoted(word));
		if (IN6_IS_ADDR_V4MAPPED(&ep->in6.sin6_addr))
			return err_set(e, "endpoint %s is an IPv4 address in IPv6 form: write it as IPv4",
				       quoted(word));
		if (IN6_IS_ADDR_LINKLOCAL(&ep->in6.sin6_addr) && !ep->in6.sin6_scope_id)
			return err_set(e, "endpoint %s is link-local and names no interface ([fe80::1%%eth0]:port)",
				       quoted(word));
		return 0;
	}
	return err_set(e, "endpoint %s is neither IPv4 nor IPv6", quoted(word));
}

int parse_endpoint(const char *word, struct endpoint *out, struct err *e)
{
	struct endpoint ep = { 0 };
	const char *colon, *host = word;
	size_t len;
	uint64_t port;

	if (*word == '[') {
		const char *close = strchr(word, ']');

		if (!close || close[1] != ':')
			return err_set(e, "endpoint %s is not [ADDRESS]:PORT", quoted(word));
		host = word + 1;
		len = close - host;
		colon = close + 1;
	} else {
		colon = strrchr(word, ':');
		if (!colon)
			return err_set(e, "endpoint %s has no port (HOST:PORT)", quoted(word));
		if (memchr(word, ':', colon - word))
			return err_set(e, "endpoint %s: an IPv6 address stands in brackets ([ADDRESS]:PORT)",
				       quoted(word));
		len = colon - word;
	}
	if (!len || len > HOST_LEN_MAX)
		return err_set(e, "endpoint %s has no host (HOST:PORT)", quoted(word));
	memcpy(ep.host, host, len);
	if (parse_number(colon + 1, 1, UINT16_MAX, "port", &port, e))
		return -1;
	ep.port = port;

	if (*word == '[') {
		char *scope = strchr(ep.host, '%');

		if (scope)
			*scope++ = '\0';
		if (inet_pton(AF_INET6, ep.host, &ep.in6.sin6_addr) != 1)
			return err_set(e, "%s is not an IPv6 address", quoted(ep.host));
		ep.in6.sin6_family = AF_INET6;
		ep.in6.sin6_port = htons(port);
		if (scope) {
			ep.in6.sin6_scope_id = if_nametoindex(scope);
			if (!ep.in6.sin6_scope_id)
				return err_set(e, "endpoint %s: there is no interface %s", quoted(word),
					       quoted(scope));
		}
	} else if (inet_pton(AF_INET, ep.host, &ep.in4.sin_addr) == 1) {
		ep.in4.sin_family = AF_INET;
		ep.in4.sin_port = htons(port);
	} else if (ep.host[strspn(ep.host, "0123456789.")] == '\0') {
		/* No resolver is asked for what is meant as an address. */
		return err_set(e, "%s is not an address", quoted(ep.host));
	} else if (!host_name_ok(ep.host)) {
		return err_set(e, "%s is neither an address nor a host's name", quoted(ep.host));
	}
	if (ep.sa.sa_family) {
		if (endpoint_check(&ep, word, e))
			return -1;
		ep.host[0] = '\0';
	}
	*out = ep;
	return 0;
}

const char *endpoint_text(const struct sockaddr *sa, char buf[ADDR_TEXT_MAX])
{
	const struct sockaddr_in6 *in6 = (const void *)sa;
	const struct sockaddr_in *in4 = (const void *)sa;
	char text[INET6_ADDRSTRLEN], dev[IF_NAMESIZE] = "";

	strcpy(buf, "(none)");
	if (sa->sa_family == AF_INET && inet_ntop(AF_INET, &in4->sin_addr, text, sizeof(text))) {
		snprintf(buf, ADDR_TEXT_MAX, "%s:%u", text, ntohs(in4->sin_port));
	} else if (sa->sa_family == AF_INET6 &&
		   inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof(text))) {
		if (in6->sin6_scope_id && !if_indextoname(in6->sin6_scope_id, dev))
			snprintf(dev, sizeof(dev), "%u", in6->sin6_scope_id);
		snprintf(buf, ADDR_TEXT_MAX, "[%s%s%s]:%u", text, *dev ? "%" : "", dev,
			 ntohs(in6->sin6_port));
	}
	return buf;
}

bool endpoint_equal(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in6 *a6 = (const void *)a, *b6 = (const void *)b;
	const struct sockaddr_in *a4 = (const void *)a, *b4 = (const void *)b;

	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a6->sin6_port == b6->sin6_port && a6->sin6_scope_id == b6->sin6_scope_id &&
	       !memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr));
}
