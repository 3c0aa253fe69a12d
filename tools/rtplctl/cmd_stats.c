// SPDX-License-Identifier: GPL-2.0
/* rtplctl stats: each link's counters, what its shape costs, what was dropped and why. */
#include "rtplctl.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define V(p, attr) ((unsigned long long)(p)->stats.v[RTPL_STAT_A_##attr])
/* A number and what makes a plural of the word behind it. */
#define S(p, attr) V(p, attr), PLURAL(V(p, attr))

static double percent(double part, double whole)
{
	return whole > 0 ? part * 100 / whole : 0;
}

static void print_drops(const struct drops *d, const char *indent)
{
	bool any = false;

	for (uint32_t i = 0; i < d->n; i++) {
		if (!d->d[i].count)
			continue;
		printf("%s  %llu %s: %s\n", indent, (unsigned long long)d->d[i].count, d->d[i].name,
		       d->d[i].text);
		any = true;
	}
	if (!any)
		printf("%s  none\n", indent);
}

static void print_engine(const struct peer *p)
{
	printf("  chaff asked for by: schedule %llu, chaff %llu, machines %llu, messages %llu; refused by limits: %llu\n",
	       V(p, CHAFF_SCHED), V(p, CHAFF_COVER), V(p, CHAFF_MACHINE), V(p, CHAFF_MESSAGE),
	       V(p, REFUSED_OVERHEAD) + V(p, REFUSED_RATE));
	if (V(p, SWITCHES) || V(p, OVERRULED))
		printf("  profile changed %llu time%s, machines' holds ended by the latency budget: %llu\n",
		       S(p, SWITCHES), V(p, OVERRULED));
	switch (V(p, LEAK_KIND)) {
	case RTPL_LEAK_BOUND_ZERO:
		printf("  times and sizes tell: nothing of what is sent\n");
		break;
	case RTPL_LEAK_BOUND_BITS:
		printf("  times and sizes tell: at most %.1f bits so far (%llu choice%s)\n",
		       V(p, LEAK_MBITS) / 1e3, S(p, LEAK_CHOICES));
		break;
	case RTPL_LEAK_BOUND_DP:
		if (V(p, LEAK_EPSILON) == UINT64_MAX)
			printf("  times and sizes tell: more than the plan accounts for, after %llu window%s\n",
			       S(p, LEAK_CHOICES));
		else
			printf("  times and sizes tell: epsilon %.3f, delta %.2g so far (%llu window%s)\n",
			       ldexp(V(p, LEAK_EPSILON), -32), ldexp(V(p, LEAK_DELTA), -64),
			       S(p, LEAK_CHOICES));
		break;
	default:
		printf("  times and sizes tell: no bound, judged by attack\n");
		break;
	}
	if (V(p, LEAK_EVER) == RTPL_LEAK_BOUND_NONE && V(p, LEAK_KIND) != RTPL_LEAK_BOUND_NONE)
		printf("    and what an earlier profile told, which had no bound\n");
	else if (V(p, LEAK_KIND) != RTPL_LEAK_BOUND_BITS && V(p, LEAK_MBITS))
		printf("    and at most %.1f bits under earlier profiles\n", V(p, LEAK_MBITS) / 1e3);
	if (V(p, LEAK_KIND) != RTPL_LEAK_BOUND_DP && V(p, LEAK_EPSILON) == UINT64_MAX)
		printf("    and more than their plan accounts for under earlier profiles\n");
	else if (V(p, LEAK_KIND) != RTPL_LEAK_BOUND_DP && V(p, LEAK_EPSILON))
		printf("    and epsilon %.3f, delta %.2g under earlier profiles\n",
		       ldexp(V(p, LEAK_EPSILON), -32), ldexp(V(p, LEAK_DELTA), -64));
}

static void print_policy(const struct peer *p)
{
	if (!(p->stats.has & 1ULL << RTPL_STAT_A_POLICY_DECISIONS))
		return;
	if (p->stats.has & 1ULL << RTPL_STAT_A_POLICY_LEVEL)
		printf("  policy: at level %llu, ", V(p, POLICY_LEVEL));
	else
		printf("  policy: none now, ");
	printf("%llu step%s up and %llu down in %llu epoch%s, which tell at most %.1f bits\n",
	       S(p, POLICY_STEPS_UP), V(p, POLICY_STEPS_DOWN), S(p, POLICY_DECISIONS),
	       V(p, POLICY_MBITS) / 1e3);
}

static void print_stats(const struct peer *p)
{
	char text[KEY_TEXT_LEN + 1];
	double payload = V(p, TX_BYTES), wire = V(p, TX_WIRE_BYTES);
	double head = wire - payload - V(p, TX_PAD_BYTES) - V(p, TX_CHAFF_BYTES);

	key_text(p->public_key, text);
	printf("peer %s\n", text);
	if (*p->name)
		printf("  name: %s\n", p->name);
	printf("  sent: %llu cell%s with data, %llu of chaff, %llu handshake datagram%s, %llu bytes on the wire\n",
	       S(p, TX_CELLS), V(p, TX_CHAFF), S(p, TX_HANDSHAKE), V(p, TX_WIRE_BYTES));
	printf("    in them: %llu packet%s, %llu bytes\n", S(p, TX_PACKETS), V(p, TX_BYTES));
	if (payload > 0)
		printf("    overhead: %.2f %% (padding %.2f %%, chaff %.2f %%, headers %.2f %%)\n",
		       percent(wire - payload, payload), percent(V(p, TX_PAD_BYTES), payload),
		       percent(V(p, TX_CHAFF_BYTES), payload), percent(head, payload));
	printf("  received: %llu cell%s with data, %llu of chaff, %llu handshake datagram%s, %llu bytes on the wire\n",
	       S(p, RX_CELLS), V(p, RX_CHAFF), S(p, RX_HANDSHAKE), V(p, RX_WIRE_BYTES));
	printf("    in them: %llu packet%s, %llu bytes\n", S(p, RX_PACKETS), V(p, RX_BYTES));
	printf("  waited: p50 %.3f ms, p99 %.3f ms, at most %.3f ms (%llu packet%s)\n",
	       V(p, DELAY_P50) / 1e6, V(p, DELAY_P99) / 1e6, V(p, DELAY_MAX) / 1e6,
	       S(p, DELAY_COUNT));
	printf("  waiting now: %llu packet%s, %llu bytes\n", S(p, QUEUE_PACKETS), V(p, QUEUE_BYTES));
	printf("  slots missed: %llu\n  rekeys: %llu\n", V(p, SLOTS_MISSED), V(p, REKEYS));
	printf("  rate changes: %llu, which tell at most %.1f bits\n", V(p, RATE_CHANGES),
	       (double)V(p, RATE_CHANGES) * log2(RTPL_RATE_MAX));
	print_engine(p);
	print_policy(p);
	printf("  memory: %llu bytes\n  drops:\n", V(p, MEMORY));
	print_drops(&p->stats.drops, "  ");
}

static void print_processors(const struct processors *all)
{
	if (all->n)
		printf("cells by processor:\n");
	for (uint32_t i = 0; i < all->n; i++)
		printf("  %u: sealed %llu, opened %llu\n", all->p[i].id,
		       (unsigned long long)all->p[i].sealed, (unsigned long long)all->p[i].opened);
}

static int once(struct ctl *ctl, struct conn *c, const uint8_t *key, bool line)
{
	struct config conf = { 0 };
	struct node_stats node;
	bool found = !key;
	int rc = RC_ERROR;

	if (kernel_node_stats(c, &node, &ctl->e) || kernel_stats(c, &conf, &ctl->e))
		goto out;
	for (uint32_t i = 0; i < conf.n_peers; i++)
		drops_name(&conf.peers[i].stats.drops, &node.drops);
	for (uint32_t i = 0; i < conf.n_peers; i++)
		found |= key && !memcmp(key, conf.peers[i].public_key, RTPL_KEY_LEN);
	if (!found) {
		no_peer(key, &ctl->e);
		goto out;
	}
	rc = RC_OK;
	if (ctl->json) {
		json_t *list = json_array();

		for (uint32_t i = 0; i < conf.n_peers; i++)
			if (!key || !memcmp(key, conf.peers[i].public_key, RTPL_KEY_LEN))
				json_array_append_new(list, stats_json(&conf.peers[i]));
		rc = json_print(json_pack("{sI so so so}", "time", (json_int_t)time(NULL), "peers",
					  list, "drops", drops_json(&node.drops), "processors",
					  processors_json(&node.processors)), line);
	} else {
		for (uint32_t i = 0; i < conf.n_peers; i++)
			if (!key || !memcmp(key, conf.peers[i].public_key, RTPL_KEY_LEN))
				print_stats(&conf.peers[i]);
		printf("drops of the whole node:\n");
		print_drops(&node.drops, "");
		print_processors(&node.processors);
	}
out:
	node_stats_free(&node);
	config_free(&conf);
	return rc;
}

/* A number, and be it a wrong one; a key may begin with a digit, too. */
static bool is_interval(const char *word)
{
	return strlen(word) < KEY_TEXT_LEN && word[strspn(word, "-.")] >= '0' &&
	       word[strspn(word, "-.")] <= '9';
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	uint8_t key[RTPL_KEY_LEN];
	bool watch = false, has_key = false;
	uint64_t interval = 1, count = 0;
	struct conn *c;
	int rc = RC_OK;

	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--watch")) {
			watch = true;
			if (argv[i + 1] && is_interval(argv[i + 1]) &&
			    parse_seconds(argv[++i], 1, 86400, "interval", &interval, &ctl->e))
				return RC_USAGE;
		} else if (!strcmp(argv[i], "--count")) {
			if (!argv[i + 1])
				return usage_error(ctl, "--count needs a number");
			if (parse_number(argv[++i], 1, UINT32_MAX, "count", &count, &ctl->e))
				return RC_USAGE;
		} else if (argv[i][0] == '-' || has_key) {
			return no_more_args(ctl, 1, argv + i);
		} else {
			rc = peer_key(argv[i], key, &ctl->e);
			if (rc)
				return rc;
			has_key = true;
		}
	}
	if (count && !watch)
		return usage_error(ctl, "--count makes sense with --watch only");
	c = conn_open(&ctl->e);
	if (!c)
		return RC_ERROR;
	for (uint64_t i = 0; !rc && (watch ? !count || i < count : !i); i++) {
		if (i && reader_left(interval * 1000))
			break;
		if (watch && !ctl->json && isatty(STDOUT_FILENO))
			printf("\033[H\033[2J");
		rc = once(ctl, c, has_key ? key : NULL, watch);
		if (fflush(stdout) && !rc) {
			err_set(&ctl->e, "cannot write: %s", strerror(errno));
			rc = RC_ERROR;
		}
	}
	conn_close(c);
	return rc;
}

const struct command cmd_stats = {
	.name = "stats",
	.run = run,
	.options = { "--watch", "--count" },
	.args = "[PUBKEY|NAME] [--watch [SECONDS] [--count N]]",
	.what = "show each link's counters, overhead, delay and drops",
	.help = "Overhead is what the wire carries beyond the bytes of the packets, in percent of\n"
		"them: padding inside cells, chaff, headers. \"Waited\" is from the qdisc to the\n"
		"departure of a packet's last cell. --watch shows it again every second; with -j\n"
		"one JSON object a line.\n"
		"With -j: {\"time\", \"peers\": [...], \"drops\": {NAME: {\"count\", \"text\"}},\n"
		"\"processors\": [{\"id\", \"sealed\", \"opened\"}]}, see rtplctl(8).\n",
};
