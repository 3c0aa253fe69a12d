// SPDX-License-Identifier: GPL-2.0
/* rtplctl showconf: what runs, as a configuration file. */
#include "rtplctl.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/rtpl_tc.h>

/* So many prefixes fit a line that the parser takes. */
#define PER_LINE 32

static void write_policy(const struct shape *s)
{
	char buf[POLICY_TEXT_MAX];

	printf("Policy = %s\n", s->policy);
	if (s->has & SHAPE_BIT(THREAT))
		printf("Threat = %u\n", s->threat);
	if (s->has & SHAPE_BIT(LOAD))
		printf("Load = %s\n", load_text(s, buf));
	if (s->has & SHAPE_BIT(BUDGET))
		printf("Budget = %s\n", budget_text(s, buf));
	if (s->has & SHAPE_BIT(EPOCH))
		printf("Epoch = %s\n", epoch_text(s->epoch, buf));
	if (s->has & SHAPE_BIT(CALM))
		printf("Calm = %u\n", s->calm);
}

static void write_shape(const struct shape *s)
{
	char buf[SHAPE_TEXT_MAX];

	if (s->has & SHAPE_BIT(PROFILE))
		printf("Profile = %s\n", *s->profile ? s->profile : "none");
	if ((s->has & SHAPE_BIT(POLICY)) && *s->policy)
		write_policy(s);
	if (s->has & SHAPE_BIT(ROLE))
		printf("Role = %s\n", s->role == RTPL_ROLE_SERVER ? "server" : "client");
	if (s->has & SHAPE_BIT(SIZES))
		printf("Cell = %s\n", cell_text(s, buf));
	if ((s->has & SHAPE_BIT(SCHED)) && s->sched == RTPL_SCHED_CONST)
		printf("Rate = %u\n", s->rate);
	else if (s->has & SHAPE_BIT(SCHED))
		printf("Rate = off\n");
	if (s->has & SHAPE_BIT(LATENCY))
		printf("Latency = %s\n", time_text(s->latency, buf));
	if (s->has & SHAPE_BIT(LIMIT))
		printf("Limit = %u\n", s->limit);
	if (s->has & SHAPE_BIT(OVERFLOW))
		printf("Overflow = %s\n", s->overflow == RTPL_OVERFLOW_OLDEST ? "oldest" : "newest");
}

static void write_key(const char *name, const uint8_t key[RTPL_KEY_LEN], bool show)
{
	char text[KEY_TEXT_LEN + 1] = "(hidden)";

	if (show)
		key_text(key, text);
	printf("%s = %s\n", name, text);
	explicit_bzero(text, sizeof(text));
}

static void write_peer(const struct peer *p, bool show)
{
	char addr[ADDR_TEXT_MAX];

	printf("\n[Peer]\n");
	write_key("PublicKey", p->public_key, true);
	if (p->has & PEER_BIT(PSK))
		write_key("PresharedKey", p->psk, show);
	if (p->endpoint.sa.sa_family)
		printf("Endpoint = %s\n", endpoint_text(&p->endpoint.sa, addr));
	for (uint32_t i = 0; i < p->prefixes.n; i++)
		printf("%s%s%s", i % PER_LINE ? ", " : "Allowed = ",
		       prefix_text(&p->prefixes.p[i], addr),
		       i % PER_LINE == PER_LINE - 1 || i + 1 == p->prefixes.n ? "\n" : "");
	if (!p->require)
		printf("Require = off\n");
	if (p->keepalive)
		printf("Keepalive = %u\n", p->keepalive);
	write_shape(&p->shape);
}

static void write_conf(const struct config *c, const struct qdisc_info *q, uint32_t n, bool show)
{
	if (!show)
		printf("# Keys are hidden; `rtplctl showconf --show-keys` writes what setconf takes.\n");
	printf("[Node]\n");
	if (c->node.has & NODE_BIT(PRIVATE_KEY))
		write_key("PrivateKey", c->node.private_key, show);
	if (c->node.port)
		printf("Listen = %u\n", c->node.port);
	if (c->node.fwmark)
		printf("FwMark = 0x%x\n", c->node.fwmark);
	for (uint32_t i = 0; i < n; i++)
		printf("Device = %s\n", q[i].device);
	/* One file has one set of options: the last device's, which peers follow. */
	if (n) {
		printf("Unprotected = %s\n", q[n - 1].unprotected == RTPL_UNPROTECTED_DROP ?
		       "drop" : "pass");
		write_shape(&q[n - 1].shape);
	}
	for (uint32_t i = 0; i < c->n_peers; i++)
		write_peer(&c->peers[i], show);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct conn *c = NULL, *route = NULL;
	struct qdisc_info *q = NULL;
	struct config conf = { 0 };
	uint32_t n = 0;
	struct stat st;
	int rc;

	rc = no_more_words(ctl, argc, argv);
	if (rc)
		return rc;
	rc = RC_ERROR;
	c = conn_open(&ctl->e);
	route = c ? conn_open_route(&ctl->e) : NULL;
	if (!route || kernel_config(c, &conf, &ctl->e) || qdisc_list(route, &q, &n, &ctl->e))
		goto out;
	rc = RC_OK;
	if (ctl->show_keys && !fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) &&
	    (st.st_mode & 077))
		warn("the file that receives the keys can be read by others (mode %04o): chmod 600 it, and umask 077 next time",
		     st.st_mode & 07777);
	if (ctl->json)
		rc = json_print(config_json(&conf, q, n, ctl->show_keys), false);
	else
		write_conf(&conf, q, n, ctl->show_keys);
out:
	conn_close(c);
	conn_close(route);
	config_free(&conf);
	free(q);
	return rc;
}

const struct command cmd_showconf = {
	.name = "showconf",
	.run = run,
	.args = "",
	.what = "write what runs as a configuration file",
	.help = "Keys are (hidden) unless --show-keys is given.\n"
		"With -j: {\"node\", \"devices\", \"peers\"} as in show, without states.\n",
};
