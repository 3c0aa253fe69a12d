// SPDX-License-Identifier: GPL-2.0
/*
 * Unit tests of rtplctl in TAP: the parsers, configuration files, and the way
 * from one configuration to another against a kernel made of paper
 * (unit_kernel.c).
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "unit.h"
#include "../../tools/lib/names.h"

static int n_run, n_failed;

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# warning: ");
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
}

void check(bool good, const char *fmt, ...)
{
	va_list ap;

	n_run++;
	n_failed += !good;
	printf("%sok %d - ", good ? "" : "not ", n_run);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* ---- words ---- */

static void test_keys(void)
{
	static const char good[] = "6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2k=";
	static const char * const bad[] = {
		"", "=", "6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2k",
		"6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2kk",
		"6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2l=",	/* bits behind the key */
		"6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ_k=",
		"6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2k==",
		"6HmHHtlKqKP5jZrXYD0ceIoS=f2Vxo8UEfuj5Z4RJ2k=",
		" HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2k=",
	};
	uint8_t key[RTPL_KEY_LEN], again[RTPL_KEY_LEN];
	char text[KEY_TEXT_LEN + 1];
	bool same = true;
	struct err e;

	check(!parse_key(good, key, "x", &e), "a key is read");
	key_text(key, text);
	check(!strcmp(text, good), "and written the same");
	for (int i = 0; i < 1000; i++) {
		for (int k = 0; k < RTPL_KEY_LEN; k++)
			key[k] = rand();
		key_text(key, text);
		same &= !parse_key(text, again, "x", &e) && !memcmp(key, again, sizeof(key));
	}
	check(same, "a thousand keys there and back");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check(parse_key(bad[i], key, "x", &e) && *e.text, "no key: \"%s\"", bad[i]);
}

static void test_prefixes(void)
{
	static const struct {
		const char *in, *out, *why;	/* out or why */
	} cases[] = {
		{ "192.0.2.2", "192.0.2.2/32", NULL },
		{ "192.0.2.0/24", "192.0.2.0/24", NULL },
		{ "0.0.0.0/0", "0.0.0.0/0", NULL },
		{ "2001:DB8::/32", "2001:db8::/32", NULL },
		{ "::/0", "::/0", NULL },
		{ "::1", "::1/128", NULL },
		{ "192.0.2.300", NULL, "\"192.0.2.300\" is not an address" },
		{ "192.0.2", NULL, "\"192.0.2\" is not an address" },
		{ "192.0.2.1/33", NULL, "between 0 and 32" },
		{ "192.0.2.1/-1", NULL, "between 0 and 32" },
		{ "192.0.2.1/", NULL, "between 0 and 32" },
		{ "192.0.2.1/032x", NULL, "between 0 and 32" },
		{ "2001:db8::1/129", NULL, "between 0 and 128" },
		{ "192.0.2.1/24", NULL, "bits set behind its length (192.0.2.0/24?)" },
		{ "2001:db8::1/64", NULL, "bits set behind its length (2001:db8::/64?)" },
		{ "", NULL, "\"\" is not an address" },
		{ "/24", NULL, "is not an address" },
		{ "fe80::1%eth0", NULL, "is not an address" },
		{ "1.2.3.4 ", NULL, "is not an address" },
	};
	struct prefixes list = { 0 };
	char buf[ADDR_TEXT_MAX];
	struct prefix p;
	struct err e;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = parse_prefix(cases[i].in, &p, &e);

		if (cases[i].out)
			check(!rc && !strcmp(prefix_text(&p, buf), cases[i].out), "prefix %s",
			      cases[i].in);
		else
			check(rc && strstr(e.text, cases[i].why), "no prefix: \"%s\" (%s)",
			      cases[i].in, rc ? e.text : "taken");
	}
	check(!parse_prefixes("192.0.2.1, 192.0.2.2/32 ,::1", &list, &e) && list.n == 3,
	      "a list with blanks");
	check(!parse_prefixes("10.0.0.0/8", &list, &e) && list.n == 4, "goes on");
	check(parse_prefixes("10.1.0.0/16,x", &list, &e) && list.n == 4, "an error leaves the list");
	check(parse_prefixes("10.1.0.0/16,", &list, &e), "no empty entry");
	check(parse_prefixes(",10.1.0.0/16", &list, &e), "nor at the beginning");
	check(parse_prefixes("10.1.0.0/16 10.2.0.0/16", &list, &e), "no list of blanks");
	check(!parse_prefixes("none", &list, &e) && list.n == 4, "none");
	check(!prefixes_settle(&list, &e), "no doubles");
	check(!parse_prefixes("192.0.2.1/32", &list, &e) && prefixes_settle(&list, &e) &&
	      strstr(e.text, "192.0.2.1/32 is given twice"), "a double is told");
	prefixes_free(&list);
	for (uint32_t i = 0; i < RTPL_PREFIXES_MAX; i++) {
		snprintf(buf, sizeof(buf), "10.%u.%u.0/24", i >> 8, i & 255);
		if (parse_prefixes(buf, &list, &e))
			break;
	}
	check(list.n == RTPL_PREFIXES_MAX, "as many as a peer may have");
	check(parse_prefixes("192.0.2.1", &list, &e) && strstr(e.text, "more than"), "not one more");
	prefixes_free(&list);
}

static void test_endpoints(void)
{
	static const struct {
		const char *in, *out, *why;
	} cases[] = {
		{ "192.0.2.2:51900", "192.0.2.2:51900", NULL },
		{ "[2001:db8::2]:1", "[2001:db8::2]:1", NULL },
		{ "[fe80::1%lo]:65535", "[fe80::1%lo]:65535", NULL },
		{ "192.0.2.300:51900", NULL, "\"192.0.2.300\" is not an address" },
		{ "192.0.2.2", NULL, "has no port" },
		{ "192.0.2.2:", NULL, "port \"\" is not a number" },
		{ "192.0.2.2:0", NULL, "port \"0\" is not between 1 and 65535" },
		{ "192.0.2.2:65536", NULL, "port \"65536\" is not between" },
		{ "192.0.2.2:+1", NULL, "port \"+1\" is not a number" },
		{ "192.0.2.2:99999999999999999999999", NULL, "is not between" },
		{ "2001:db8::2:51900", NULL, "stands in brackets" },
		{ "[2001:db8::2]", NULL, "is not [ADDRESS]:PORT" },
		{ "[192.0.2.2]:1", NULL, "is not an IPv6 address" },
		{ "[peer]:1", NULL, "is not an IPv6 address" },
		{ "0.0.0.0:1", NULL, "no host's address" },
		{ "[::]:1", NULL, "unspecified" },
		{ "224.0.0.1:1", NULL, "multicast" },
		{ "255.255.255.255:1", NULL, "reserved" },
		{ "[ff02::1]:1", NULL, "multicast" },
		{ "[::ffff:192.0.2.1]:1", NULL, "write it as IPv4" },
		{ "[fe80::1]:1", NULL, "names no interface" },
		{ "[fe80::1%nosuch]:1", NULL, "there is no interface \"nosuch\"" },
		{ ":1", NULL, "has no host" },
		{ "a b:1", NULL, "neither an address nor a host's name" },
		{ "-x:1", NULL, "neither an address nor a host's name" },
	};
	struct endpoint ep;
	char buf[ADDR_TEXT_MAX];
	struct err e;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = parse_endpoint(cases[i].in, &ep, &e);

		if (cases[i].out)
			check(!rc && !strcmp(endpoint_text(&ep.sa, buf), cases[i].out),
			      "endpoint %s", cases[i].in);
		else
			check(rc && strstr(e.text, cases[i].why), "no endpoint: \"%s\" (%s)",
			      cases[i].in, rc ? e.text : "taken");
	}
	check(!parse_endpoint("peer.example.org:51900", &ep, &e) && !ep.sa.sa_family &&
	      !strcmp(ep.host, "peer.example.org") && ep.port == 51900, "a name stays a name");
}

static void one_cell(const char *word, uint32_t sizes, const char *text)
{
	struct shape s = { 0 };
	char buf[SHAPE_TEXT_MAX];
	struct err e;
	int rc = parse_cell(word, &s, &e);

	if (text)
		check(!rc && s.sizes == sizes && !strcmp(cell_text(&s, buf), text), "cell %s", word);
	else
		check(rc && *e.text && !s.has, "no cell: \"%s\" (%s)", word, rc ? e.text : "taken");
}

static void one_rate(const char *word, const char *cell, uint32_t rate)
{
	struct shape s = { 0 };
	struct err e = { "" };
	int rc = (cell && parse_cell(cell, &s, &e)) || parse_rate(word, &s, &e) ||
		 shape_settle(&s, 0, &e);

	if (rate != UINT32_MAX)
		check(!rc && s.rate == rate && s.sched == (rate ? RTPL_SCHED_CONST : RTPL_SCHED_ASAP),
		      "rate %s with cell %s is %u (%s)", word, cell ?: "unknown", s.rate, e.text);
	else
		check(rc && *e.text, "no rate: \"%s\" with cell %s (%s)", word, cell ?: "unknown",
		      rc ? e.text : "taken");
}

static void one_latency(const char *word, uint64_t unit, uint64_t ns)
{
	struct shape s = { 0 };
	struct err e;
	int rc = parse_latency(word, unit, &s, &e);

	if (ns != UINT64_MAX)
		check(!rc && s.latency == ns, "latency %s", word);
	else
		check(rc && *e.text, "no latency: \"%s\" (%s)", word, rc ? e.text : "taken");
}

static void test_shapes(void)
{
	static const char * const no_cell[] = {
		"", "255", "9001", "-1", "+512", "1e3", "pow", "pow2:", "pow2:1", "pow2:9001", "pow3",
		"512,", ",512", "512,512", "1024,512", "512,,1024", "512,x", "63,512", "64,255", "512,9001",
		"256,257,258,259,260,261,262,263,264,265,266,267,268,269,270,271,272",
		"99999999999999999999", "devices", "1472 ",
	};
	struct shape s = { 0 };
	struct err e;

	one_cell("256", RTPL_SIZE_FIXED, "256");
	one_cell("9000", RTPL_SIZE_FIXED, "9000");
	one_cell("device", RTPL_SIZE_DEVICE, "device");
	one_cell("pow2", RTPL_SIZE_POW2, "pow2");
	one_cell("pow2:2048", RTPL_SIZE_POW2, "pow2:2048");
	one_cell("512,1024,1472", RTPL_SIZE_BUCKETS, "512,1024,1472");
	one_cell("512, 1024", RTPL_SIZE_BUCKETS, "512,1024");
	one_cell("64,100,256", RTPL_SIZE_BUCKETS, "64,100,256");
	for (size_t i = 0; i < sizeof(no_cell) / sizeof(no_cell[0]); i++)
		one_cell(no_cell[i], 0, NULL);

	one_rate("1000", NULL, 1000);
	one_rate("500000", NULL, 500000);
	one_rate("1.5kcps", NULL, 1500);
	one_rate("0.0015Mcps", NULL, 1500);
	one_rate("off", NULL, 0);
	one_rate("0", NULL, 0);
	one_rate("10mbit", "1000", 1250);
	one_rate("10Mbit", "1472", 849);
	one_rate("0.5gbit", "1250", 50000);
	one_rate("8000bit", "1000", 1);
	one_rate("10mbit", NULL, UINT32_MAX);
	one_rate("10mbit", "device", UINT32_MAX);
	one_rate("10mbit", "pow2", UINT32_MAX);
	one_rate("1000", "pow2", UINT32_MAX);
	one_rate("1000", "512,1024", UINT32_MAX);
	one_rate("7999bit", "1000", UINT32_MAX);
	one_rate("1000.5mbit", "1000", 125062);
	one_rate("8000.9bit", "1000", 1);
	one_rate("100.0", NULL, 100);
	one_rate("100.9", NULL, UINT32_MAX);
	one_rate("1.0005kcps", NULL, UINT32_MAX);
	one_rate("1.0000000000001mcps", NULL, UINT32_MAX);
	one_rate("500001", NULL, UINT32_MAX);
	one_rate("0.5", NULL, UINT32_MAX);
	one_rate("1000mb", NULL, UINT32_MAX);
	one_rate("1000 cells", NULL, UINT32_MAX);
	one_rate("-1", NULL, UINT32_MAX);
	one_rate("1e3", NULL, UINT32_MAX);
	one_rate("", NULL, UINT32_MAX);
	one_rate(".5kcps", NULL, UINT32_MAX);
	one_rate("5.kcps", NULL, UINT32_MAX);
	one_rate("18446744073709551616", NULL, UINT32_MAX);
	one_rate("18446744073709551615gbit", "1000", UINT32_MAX);

	one_latency("10", 1000000, 10000000);
	one_latency("10ms", 0, 10000000);
	one_latency("1.5ms", 0, 1500000);
	one_latency("500us", 0, 500000);
	one_latency("10s", 0, 10000000000);
	one_latency("1NS", 0, 1);
	one_latency("20 ms", 0, 20000000);
	one_latency("0", 0, 0);
	one_latency("off", 0, 0);
	one_latency("20.0ns", 0, 20);
	one_latency("20.5", 1000000, 20500000);
	one_latency("20.9ns", 0, UINT64_MAX);
	one_latency("1.0000001ms", 0, UINT64_MAX);
	one_latency("1.0000001", 1000000, UINT64_MAX);
	one_latency("1.0000000000s", 0, 1000000000);
	one_latency("1.0000000001s", 0, UINT64_MAX);
	one_latency("10", 0, UINT64_MAX);
	one_latency("10.000000001s", 0, UINT64_MAX);
	one_latency("0.1ns", 0, UINT64_MAX);
	one_latency("-1ms", 0, UINT64_MAX);
	one_latency("1min", 0, UINT64_MAX);
	one_latency("ms", 0, UINT64_MAX);
	one_latency("99999999999999999999s", 0, UINT64_MAX);

	check(!parse_rate("100", &s, &e) && !parse_latency("10ms", 0, &s, &e) &&
	      !shape_settle(&s, 0, &e), "a slot as long as the latency");
	check(!parse_rate("99", &s, &e) && shape_settle(&s, 0, &e) &&
	      strstr(e.text, "and the latency 10ms is shorter"), "no longer one (%s)", e.text);
	check(parse_limit("0", &s, &e) && parse_limit("65537", &s, &e) && !parse_limit("65536", &s, &e),
	      "limits of limit");
	check(parse_overflow("old", &s, &e) && !parse_overflow("Oldest", &s, &e) &&
	      s.overflow == RTPL_OVERFLOW_OLDEST, "overflow");
}

/* Between the netlink family's numbers and words, whichever file has the table. */
static void test_family_words(void)
{
	check(!strcmp(rtpl_name(&rtpl_link_state_names, RTPL_LINK_UP), "up") &&
	      !strcmp(rtpl_name(&rtpl_event_kind_names, RTPL_EVENT_LEAKGUARD_HIT), "leakguard-hit") &&
	      !strcmp(rtpl_name(&rtpl_stat_attr_names, RTPL_STAT_A_TX_WIRE_BYTES), "tx-wire-bytes"),
	      "words of numbers");
	check(!strcmp(rtpl_name(&rtpl_event_kind_names, RTPL_EVENT_UNSPEC), "unknown") &&
	      !strcmp(rtpl_name(&rtpl_event_kind_names, __RTPL_EVENT_MAX), "unknown") &&
	      !strcmp(rtpl_name(&rtpl_size_kind_names, UINT64_MAX), "unknown"),
	      "no word of none, of a later kernel's, of the largest number");
	check(rtpl_name_value(&rtpl_role_kind_names, "Server") == RTPL_ROLE_SERVER &&
	      rtpl_name_value(&rtpl_role_kind_names, "serve") == -1 &&
	      rtpl_name_value(&rtpl_event_kind_names, "unknown") == -1 &&
	      rtpl_name_value(&rtpl_event_kind_names, "") == -1, "numbers of words");
}

/* An event of a kind of @kind bytes about a key of @key bytes. */
static int one_event(int kind, int key, struct event *ev, struct err *e)
{
	struct nl_msg *msg = nlmsg_alloc();
	static const uint8_t bytes[64] = { RTPL_EVENT_REKEYED };
	struct nlattr *nest;
	int rc;

	genlmsg_put(msg, 0, 1, 20, 0, 0, RTPL_CMD_EVENT, RTPL_GENL_VERSION);
	nest = nla_nest_start(msg, RTPL_A_EVENT);
	nla_put(msg, RTPL_EVENT_A_KIND, kind, bytes);
	nla_put(msg, RTPL_EVENT_A_PUBLIC_KEY, key, bytes);
	nla_put(msg, RTPL_EVENT_A_MAX + 1, 3, bytes);
	nla_nest_end(msg, nest);
	*e = (struct err){ 0 };
	rc = get_event(nlmsg_hdr(msg), ev, e);
	event_free(ev);
	nlmsg_free(msg);
	return rc;
}

static void test_answers(void)
{
	struct event ev;
	struct err e;

	check(!one_event(4, RTPL_KEY_LEN, &ev, &e) && ev.kind == RTPL_EVENT_REKEYED &&
	      ev.public_key[0] == RTPL_EVENT_REKEYED, "an event, with an attribute of a later kernel");
	check(one_event(2, RTPL_KEY_LEN, &ev, &e) && strstr(e.text, "makes no sense"),
	      "a number that is too short");
	check(one_event(4, RTPL_KEY_LEN - 1, &ev, &e) && strstr(e.text, "makes no sense"),
	      "a key that is too short");
	check(one_event(4, RTPL_KEY_LEN + 1, &ev, &e) && strstr(e.text, "makes no sense"),
	      "a key that is too long");
}

static void test_numbers(void)
{
	uint32_t mark;
	uint16_t u16;
	struct err e;
	bool on;

	check(!parse_fwmark("0x20", &mark, &e) && mark == 32, "fwmark 0x20");
	check(!parse_fwmark("4294967295", &mark, &e) && mark == UINT32_MAX, "fwmark 4294967295");
	check(!parse_fwmark("0xffffffff", &mark, &e) && mark == UINT32_MAX, "fwmark 0xffffffff");
	check(!parse_fwmark("off", &mark, &e) && !mark, "fwmark off");
	check(parse_fwmark("0x100000000", &mark, &e), "no fwmark: 0x100000000");
	check(parse_fwmark("4294967296", &mark, &e), "no fwmark: 4294967296");
	check(parse_fwmark("0x", &mark, &e), "no fwmark: 0x");
	check(parse_fwmark("0x-1", &mark, &e), "no fwmark: 0x-1");
	check(!parse_port("0", &u16, &e) && !parse_port("65535", &u16, &e), "ports");
	check(parse_port("65536", &u16, &e) && parse_port("", &u16, &e), "no ports");
	check(!parse_keepalive("off", &u16, &e) && !u16, "keepalive off");
	check(parse_keepalive("65536", &u16, &e), "no keepalive: 65536");
	check(!parse_switch("yes", "x", &on, &e) && on && !parse_switch("off", "x", &on, &e) && !on, "switches");
	check(parse_switch("1", "x", &on, &e) && !parse_switch("ON", "x", &on, &e), "no switches, but in capitals");
	{
		char device[DEVICE_LEN_MAX + 1];

		check(!parse_device("None", device, &e) && !*device && !parse_device("OFF", device, &e) &&
		      !*device && !parse_device("eth0", device, &e) && !strcmp(device, "eth0"), "devices");
	}
	check(!strcmp(quoted("a\"b\n\x01"), "\"a\\\"b\\x0a\\x01\""), "input is quoted");
	check(strlen(quoted("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")) < 100, "and cut");
}

/* ---- what show says ---- */

/* Is @want, NULL: nothing, among the peer's warnings in JSON? */
static void warns(const struct peer *p, const char *want, const char *name)
{
	json_t *j = peer_json(p, false), *list = json_object_get(j, "warnings"), *w;
	bool found = !want && !json_array_size(list);
	const char *last = "";
	size_t i;

	json_array_foreach(list, i, w) {
		last = json_string_value(w);
		found |= want && strstr(last, want);
	}
	check(found, "%s%s%s", name, found ? "" : ": ", found ? "" : last);
	json_decref(j);
}

static void test_show_cells(void)
{
	struct peer p = { .cell_now = 548, .has = PEER_BIT(CELL_NOW), .state = RTPL_LINK_UP };
	struct shape *s = &p.shape_now;
	char cost[256];
	struct err e;

	check(!parse_endpoint("203.0.113.9:1", &p.endpoint, &e), "an endpoint");
	*s = (struct shape){ .sched = RTPL_SCHED_CONST, .rate = 100, .latency = SHAPE_LATENCY,
			     .has = SHAPE_BIT(SCHED) | SHAPE_BIT(RATE) };
	check(!parse_cell("1400", s, &e) && shape_largest(s, 548) == 548 && shape_largest(s, 1472) == 1400,
	      "the cell in force is no larger than the path's");
	check(strstr(shape_cost(s, &p, cost, sizeof(cost)), "0.4608 Mbit/s (100 cells of 548 bytes"),
	      "and costs that: %s", cost);
	warns(&p, "a cell of 1400 bytes is more than the path takes, 548: cells have 548 bytes", "which show tells");
	p.cell_now = 1400;
	warns(&p, NULL, "not where it fits");
	check(!parse_cell("258,505,631,1232", s, &e) && shape_largest(s, 548) == 505 &&
	      shape_largest(s, 257) == 257, "of a list the largest that fits");
	check(!parse_cell("64,128,1232", s, &e) && shape_largest(s, 548) == 548 &&
	      shape_largest(s, 1232) == 1232, "but no less than a handshake needs");
	check(!parse_cell("258,505,631,1232", s, &e), "the list again");
	p.cell_now = 548;
	warns(&p, "cells of up to 1232 bytes are more than the path takes, 548: cells have at most 505 bytes",
	      "a list is told of, too");
	check(!parse_cell("pow2:1024", s, &e) && shape_largest(s, 548) == 548, "powers of two");
	warns(&p, "cells of up to 1024 bytes are more than the path takes", "with a limit");
	check(!parse_cell("device", s, &e) && shape_largest(s, 548) == 548, "the device's");
	strcpy(p.way.device, "eth7");
	p.way.mtu = 1500;
	warns(&p, NULL, "what no handshake found is not told");
	p.has |= PEER_BIT(LAST_HANDSHAKE);
	warns(&p, "narrower than device eth7: it takes cells of 548 bytes, whose MTU of 1500 would do for 1472; more is tried again",
	      "a narrow path is");
	p.way.mtu = 576;
	warns(&p, NULL, "one as wide as the device is not");
	p.cell_now = 9000;
	p.way.mtu = 65535;
	warns(&p, NULL, "nor is one that takes the largest cell there is");
	p.cell_now = 1232;
	p.has &= ~PEER_BIT(LAST_HANDSHAKE);
	p.endpoint = (struct endpoint){ 0 };
	p.way.held = true;
	check(!parse_cell("1400", s, &e), "a cell");
	warns(&p, NULL, "where there is no endpoint there is no path");
}

static void test_show_links(void)
{
	static struct drop auth = { .name = "handshake-auth", .count = 2 }, source = { .name = "bad-source", .count = 1 };
	struct peer p = { .has = PEER_BIT(STATS), .state = RTPL_LINK_DOWN };
	struct err e;

	warns(&p, "no handshake yet: no endpoint here: the other end has to begin, does it have one?", "no endpoint");
	p.way.held = true;
	warns(&p, NULL, "which is meant where the node is held");
	p.way.held = false;
	check(!parse_endpoint("203.0.113.9:1", &p.endpoint, &e), "an endpoint");
	p.has |= PEER_BIT(LAST_HANDSHAKE);
	p.last_handshake = 200000000000;
	warns(&p, NULL, "an idle link is not lost");
	p.state = RTPL_LINK_CONNECTING;
	warns(&p, "last handshake 3 min ago: no answer since: is the other end there, has an end another key now?",
	      "one that is tried is");
	p.last_handshake = 10000000000;
	warns(&p, NULL, "but not at once");
	p.last_handshake = 30000000000;
	p.stats.drops = (struct drops){ &auth, 1 };
	warns(&p, "last handshake 30 s ago: no answer since, and 2 so far did not authenticate: has an end another pre-shared key now?",
	      "another pre-shared key");
	p.state = RTPL_LINK_UP;
	warns(&p, NULL, "not where the link is up");
	p.stats.drops.d = &source;
	warns(&p, "1 packet so far from the other end had a source that is not in allowed here", "allowed is not what the other end has");
	p.stats.drops.n = 0;
	strcpy(p.way.bare, "eth7");
	check(!parse_prefix("203.0.113.9", &p.way.bare_addr, &e), "an address");
	warns(&p, "what goes to 203.0.113.9/32 leaves by device eth7, which has no qdisc: it leaves in clear, require is off (tc qdisc add dev eth7 root rtpl)",
	      "another device has the qdisc");
	p.require = true;
	warns(&p, "has no qdisc: it is stopped, not sent", "what is required");
}

static void test_devices(void)
{
	static struct device list[] = {
		{ .index = 2, .name = "eth0", .master = 4 }, { .index = 3, .name = "eth1" },
		{ .index = 4, .name = "br0" }, { .index = 5, .name = "vlan5", .below = 4 },
		{ .index = 6, .name = "loop6", .below = 6 },
	};
	const struct devices d = { list, sizeof(list) / sizeof(list[0]) };
	const struct qdisc_info q = { .device = "eth0" };

	check(device_covered(&d, &list[0], &q, 1) && !device_covered(&d, &list[1], &q, 1), "a qdisc on the device, or on another");
	check(device_covered(&d, &list[2], &q, 1) && device_covered(&d, &list[3], &q, 1), "on a port, and below a VLAN");
	check(!device_covered(&d, &list[4], &q, 1) && !device_covered(&d, &list[0], &q, 0), "or on none");
	check(device_find(&d, 5) == &list[3] && !device_find(&d, 7) && !device_find(&d, 0), "by number");
}

int main(void)
{
	test_keys();
	test_prefixes();
	test_endpoints();
	test_shapes();
	test_family_words();
	test_answers();
	test_numbers();
	test_show_cells();
	test_show_links();
	test_devices();
	test_config();
	test_policy();
	test_apply();
	test_fit();
	test_talk();
	printf("1..%d\n", n_run);
	return n_failed ? 1 : 0;
}
