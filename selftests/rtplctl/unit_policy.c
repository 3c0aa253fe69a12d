// SPDX-License-Identifier: GPL-2.0
/* Adaptive policies: words there and back, what is refused, and in files. */
#include <string.h>

#include "unit.h"

#define K1 "6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2k="
#define K2 "eG3rxDpZ7FfLxSb5sCKzvHlsbqGKkVDSTXMpgIXZ6VM="
#define PEER "[Node]\nPrivateKey = " K1 "\n[Peer]\nPublicKey = " K2 "\n"

typedef int (*parser)(const char *word, struct shape *s, struct err *e);

/* @why: refused with that, and nothing is set. */
static void no(const char *what, parser parse, const char *word, const char *why)
{
	struct shape s = { 0 };
	struct err e = { "" };

	check(parse(word, &s, &e) && strstr(e.text, why) && !s.has, "no %s: \"%s\" (%s)", what, word,
	      e.text);
}

static void test_names(void)
{
	static const char long_name[] = "off aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct shape s = { 0 };
	struct err e;

	check(!parse_policy("off standard", &s, &e) && !strcmp(s.policy, "off standard") &&
	      s.has == SHAPE_BIT(POLICY), "two profiles");
	check(!parse_policy(" off,standard , maximum\tdp ", &s, &e) &&
	      !strcmp(s.policy, "off standard maximum dp"), "gaps of all kinds");
	check(!parse_policy("a b c d e f g h", &s, &e), "eight");
	check(!parse_policy("none", &s, &e) && !*s.policy, "none");
	check(!parse_policy("off offset set", &s, &e), "a name in a name");
	no("policy", parse_policy, "", "has 0 profiles");
	no("policy", parse_policy, "off", "has 1 profile: it takes 2 to 8, weakest first, in one word");
	no("policy", parse_policy, "a b c d e f g h i", "more than 8 profiles");
	no("policy", parse_policy, "off none", "none is no profile");
	no("policy", parse_policy, "off dp off", "names off twice");
	no("policy", parse_policy, "off Standard", "a name that is none");
	no("policy", parse_policy, "off ./x", "a name that is none");
	no("policy", parse_policy, long_name, "a name that is none");
}

static void one_load(const char *word, uint64_t bytes, const char *text)
{
	char buf[POLICY_TEXT_MAX];
	struct shape s = { 0 };
	struct err e;

	check(!parse_load(word, &s, &e) && s.load == bytes && !strcmp(load_text(&s, buf), text),
	      "load %s is %llu bytes/s, %s", word, (unsigned long long)s.load, text);
}

static void one_budget(const char *word, uint64_t bytes, uint32_t period, const char *text)
{
	char buf[POLICY_TEXT_MAX];
	struct shape s = { 0 };
	struct err e;

	check(!parse_budget(word, &s, &e) && s.budget == bytes && s.period == period &&
	      !strcmp(budget_text(&s, buf), text), "budget %s is %llu bytes in %u s, %s", word,
	      (unsigned long long)s.budget, s.period, text);
}

static void one_epoch(const char *word, uint32_t ms, const char *text)
{
	char buf[POLICY_TEXT_MAX];
	struct shape s = { 0 };
	struct err e;

	check(!parse_epoch(word, &s, &e) && s.epoch == ms && !strcmp(epoch_text(ms, buf), text),
	      "epoch %s is %u ms, %s", word, s.epoch, text);
}

static void test_amounts(void)
{
	struct shape s = { 0 };
	struct err e;

	one_load("off", 0, "off");
	one_load("0", 0, "off");
	one_load("10mbit", 1250000, "10mbit");
	one_load("1.5Gbit", 187500000, "1500mbit");
	one_load("8bit", 1, "8bit");
	one_load("1001bit", 125, "1kbit");
	one_load("8.9bit", 1, "8bit");
	no("load", parse_load, "10", "has no unit");
	no("load", parse_load, "10mb", "unknown unit");
	no("load", parse_load, "7bit", "not between");
	no("load", parse_load, "9000gbit", "not between");
	no("load", parse_load, "99999999999999999999gbit", "not between");
	no("load", parse_load, "-1mbit", "neither a bit rate nor off");
	no("load", parse_load, "", "neither a bit rate nor off");

	one_budget("off", 0, 0, "off");
	one_budget("2GB/day", 2000000000, 86400, "2GB/day");
	one_budget("2gb/d", 2000000000, 86400, "2GB/day");
	one_budget("1.5TB/week", 1500000000000, 604800, "1500GB/week");
	one_budget("100MB/12h", 100000000, 43200, "100MB/12h");
	one_budget("1B/90s", 1, 90, "1B/90s");
	one_budget("10kB/hour", 10000, 3600, "10kB/h");
	one_budget("10kB/60min", 10000, 3600, "10kB/h");
	one_budget("10kB/s", 10000, 1, "10kB/s");
	one_budget("1152921TB/day", 1152921000000000000, 86400, "1152921TB/day");
	no("budget", parse_budget, "1.5B/day", "is not a whole number of bytes");
	no("budget", parse_budget, "1.0000000001GB/day", "is not a whole number of bytes");
	no("budget", parse_budget, "2GB/1.5s", "not of whole seconds");
	no("budget", parse_budget, "2GB", "neither BYTES/TIME");
	no("budget", parse_budget, "2/day", "has no unit");
	no("budget", parse_budget, "2GiB/day", "unknown unit");
	no("budget", parse_budget, "/day", "does not begin with a number");
	no("budget", parse_budget, "0B/day", "not between");
	no("budget", parse_budget, "1152922TB/day", "not between");
	no("budget", parse_budget, "2GB/", "a time that is none");
	no("budget", parse_budget, "2GB/year", "a time that is none");
	no("budget", parse_budget, "2GB/367day", "a time that is none");
	no("budget", parse_budget, "2GB/0s", "a time that is none");
	no("budget", parse_budget, "2GB/12", "a time that is none");
	no("budget", parse_budget, "11111111111111111111111111111111GB/day", "neither BYTES/TIME");

	one_epoch("1s", 1000, "1s");
	one_epoch("1000ms", 1000, "1s");
	one_epoch("1.5s", 1500, "1500ms");
	one_epoch("90S", 90000, "90s");
	one_epoch("2min", 120000, "2min");
	one_epoch("1h", 3600000, "1h");
	no("epoch", parse_epoch, "1.0005s", "is not a whole number of milliseconds");
	no("epoch", parse_epoch, "10", "has no unit");
	no("epoch", parse_epoch, "999ms", "not between 1s and 1h");
	no("epoch", parse_epoch, "61min", "not between 1s and 1h");
	no("epoch", parse_epoch, "off", "is not a time");
	no("epoch", parse_epoch, "1day", "unknown unit");

	check(!parse_threat("7", &s, &e) && s.threat == 7 && !parse_calm("255", &s, &e) &&
	      s.calm == 255, "threat and calm");
	no("threat", parse_threat, "8", "not between 0 and 7");
	no("threat", parse_threat, "high", "is not a number");
	no("calm", parse_calm, "0", "not between 1 and 255");
	no("calm", parse_calm, "256", "not between 1 and 255");
}

static void file(const char *text, const char *why)
{
	struct err e = { "" };
	struct config c;
	int rc = config_parse(text, strlen(text), "f", 0, &c, &e);

	check(why ? rc && strstr(e.text, why) : !rc, "a file: %s", *e.text ? e.text : "taken");
	config_free(&c);
}

static void test_files(void)
{
	static const char full[] = PEER "Policy = off standard enhanced\nThreat = 1\n"
		"Load = 10mbit\nBudget = 2GB/day\nEpoch = 20s\nCalm = 3\n";
	const struct shape *s;
	struct config c;
	struct err e;

	check(!config_parse(full, strlen(full), "f", 0, &c, &e), "a file with a policy");
	s = &c.peers[0].shape;
	check(!strcmp(s->policy, "off standard enhanced") && s->threat == 1 && s->load == 1250000 &&
	      s->budget == 2000000000 && s->period == 86400 && s->epoch == 20000 && s->calm == 3 &&
	      s->has == (SHAPE_BIT(POLICY) | POLICY_SETTINGS), "all of it");
	config_free(&c);
	file(PEER "Policy = none\n", NULL);
	file(PEER "Policy = \"off standard maximum\"\nThreat = 2\n", NULL);
	file(PEER "Policy = 'off, dp'\n", NULL);
	file(PEER "Policy = \"off dp\n", "a name that is none");
	file(PEER "Profile = \"dp\"\nCell = \"500\"\n", NULL);
	file(PEER "Policy = off dp\nProfile = none\n", NULL);
	file(PEER "Policy = off dp\nProfile = dp\n", "in the place of a profile");
	file(PEER "Policy = off dp\nPolicy = off dp\n", "Policy is given twice");
	file(PEER "Threat = 1\n", "threat is given, but no policy");
	file(PEER "Policy = none\nLoad = 1mbit\n", "load is given, but no policy");
	file(PEER "Profile = dp\nBudget = 1MB/day\n", "budget is given, but no policy");
	file(PEER "Epoch = 1s\n", "epoch is given, but no policy");
	file(PEER "Calm = 1\n", "calm is given, but no policy");
	file(PEER "Policy = off dp\nThreat = 2\n", "threat 2 is not one of the policy's levels, 0 to 1");
	file(PEER "Policy = off dp\nBudget = 1MB/15s\n",
	     "the period of budget 1MB/15s is not a whole number of epochs of 10s");
	file(PEER "Policy = off dp\nBudget = 1MB/15s\nEpoch = 5s\n", NULL);
	file("[Node]\nPrivateKey = " K1 "\nPolicy = off dp\n", "does not belong into [Node]");
}

/* What one request of `peer set` may leave open. */
static void test_parts(void)
{
	struct shape s = { 0 }, have = { 0 };
	struct err e = { "" };

	check(!parse_threat("1", &s, &e) && !policy_settle(&s, false, &e), "a threat level alone");
	check(policy_settle(&s, true, &e), "not for a new peer");
	check(!parse_profile("dp", &s, &e) && policy_settle(&s, false, &e),
	      "not beside a profile (%s)", e.text);
	check(!parse_policy("off dp", &have, &e) && !parse_calm("9", &have, &e), "a policy");
	memset(&s, 0, sizeof(s));
	check(!parse_policy("off standard", &s, &e), "another");
	policy_defaults(&have, &s);
	check(s.has == (SHAPE_BIT(POLICY) | SHAPE_BIT(CALM)) && s.calm == POLICY_CALM,
	      "what is set no more is the default");
	check(policy_equal(&s, &s, s.has) && !policy_equal(&s, &have, SHAPE_BIT(CALM)) &&
	      !policy_equal(&s, &have, SHAPE_BIT(POLICY)) &&
	      policy_equal(&s, &have, SHAPE_BIT(LOAD)), "equal or not");
}

void test_policy(void)
{
	test_names();
	test_amounts();
	test_files();
	test_parts();
}
