// SPDX-License-Identifier: GPL-2.0
/* A configuration as the text of a file, which config.c reads. */
#include "rtplctl.h"
#include "../lib/names.h"

#include <string.h>

#include <linux/rtpl_tc.h>

/* So many prefixes fit a line that the parser takes. */
#define PER_LINE 32

static void write_policy(FILE *f, const struct shape *s)
{
	char buf[POLICY_TEXT_MAX];

	fprintf(f, "Policy = %s\n", s->policy);
	if (s->has & SHAPE_BIT(THREAT))
		fprintf(f, "Threat = %u\n", s->threat);
	if (s->has & SHAPE_BIT(LOAD))
		fprintf(f, "Load = %s\n", load_text(s, buf));
	if (s->has & SHAPE_BIT(BUDGET))
		fprintf(f, "Budget = %s\n", budget_text(s, buf));
	if (s->has & SHAPE_BIT(EPOCH))
		fprintf(f, "Epoch = %s\n", epoch_text(s->epoch, buf));
	if (s->has & SHAPE_BIT(CALM))
		fprintf(f, "Calm = %u\n", s->calm);
}

void conf_write_shape(FILE *f, const struct shape *s)
{
	char buf[SHAPE_TEXT_MAX];

	if (s->has & SHAPE_BIT(PROFILE))
		fprintf(f, "Profile = %s\n", *s->profile ? s->profile : "none");
	if ((s->has & SHAPE_BIT(POLICY)) && *s->policy)
		write_policy(f, s);
	if (s->has & SHAPE_BIT(ROLE))
		fprintf(f, "Role = %s\n", rtpl_name(&rtpl_role_kind_names, s->role));
	if (s->has & SHAPE_BIT(SIZES))
		fprintf(f, "Cell = %s\n", cell_text(s, buf));
	if ((s->has & SHAPE_BIT(SCHED)) && s->sched == RTPL_SCHED_CONST)
		fprintf(f, "Rate = %u\n", s->rate);
	else if (s->has & SHAPE_BIT(SCHED))
		fprintf(f, "Rate = off\n");
	if (s->has & SHAPE_BIT(LATENCY))
		fprintf(f, "Latency = %s\n", time_text(s->latency, buf));
	if (s->has & SHAPE_BIT(LIMIT))
		fprintf(f, "Limit = %u\n", s->limit);
	if (s->has & SHAPE_BIT(OVERFLOW))
		fprintf(f, "Overflow = %s\n", rtpl_name(&rtpl_overflow_kind_names, s->overflow));
}

static void write_key(FILE *f, const char *name, const uint8_t key[RTPL_KEY_LEN], bool show)
{
	char text[KEY_TEXT_LEN + 1] = "(hidden)";

	if (show)
		key_text(key, text);
	fprintf(f, "%s = %s\n", name, text);
	explicit_bzero(text, sizeof(text));
}

static void write_peer(FILE *f, const struct peer *p, bool show)
{
	char addr[ADDR_TEXT_MAX];

	fprintf(f, "\n[Peer]\n");
	write_key(f, "PublicKey", p->public_key, true);
	if (*p->name)
		fprintf(f, "Name = %s\n", p->name);
	if (p->has & (PEER_BIT(PSK) | PEER_BIT(PSK_SET)))
		write_key(f, "PresharedKey", p->psk, show);
	if (p->endpoint.sa.sa_family)
		fprintf(f, "Endpoint = %s\n", endpoint_text(&p->endpoint.sa, addr));
	for (uint32_t i = 0; i < p->prefixes.n; i++)
		fprintf(f, "%s%s%s", i % PER_LINE ? ", " : "Allowed = ",
		       prefix_text(&p->prefixes.p[i], addr),
		       i % PER_LINE == PER_LINE - 1 || i + 1 == p->prefixes.n ? "\n" : "");
	if (!p->require)
		fprintf(f, "Require = off\n");
	if (p->keepalive)
		fprintf(f, "Keepalive = %u\n", p->keepalive);
	if (p->dscp == RTPL_DSCP_COPY)
		fprintf(f, "Dscp = copy\n");
	else if (p->dscp)
		fprintf(f, "Dscp = %u\n", p->dscp);
	if (p->ecn)
		fprintf(f, "Ecn = %s\n", ecn_text(p->ecn));
	conf_write_shape(f, &p->shape);
}

void conf_write_node(FILE *f, const struct config *c, const struct qdisc_info *q, uint32_t n,
		     bool show)
{
	fprintf(f, "[Node]\n");
	if (c->node.has & NODE_BIT(PRIVATE_KEY) || (!show && c->node.has & NODE_BIT(PUBLIC_KEY)))
		write_key(f, "PrivateKey", c->node.private_key, show);
	if (c->node.port)
		fprintf(f, "Listen = %u\n", c->node.port);
	if (c->node.fwmark)
		fprintf(f, "FwMark = 0x%x\n", c->node.fwmark);
	if (*c->node.bind_device)
		fprintf(f, "BindDevice = %s\n", c->node.bind_device);
	for (uint32_t i = 0; i < n; i++)
		fprintf(f, "Device = %s\n", q[i].device);
	/* One file has one set of options: the last device's, which peers follow. */
	if (n) {
		fprintf(f, "Unprotected = %s\n", q[n - 1].unprotected == RTPL_UNPROTECTED_DROP ?
		       "drop" : "pass");
		conf_write_shape(f, &q[n - 1].shape);
	}
}

void conf_write_peers(FILE *f, const struct config *c, bool show)
{
	for (uint32_t i = 0; i < c->n_peers; i++)
		write_peer(f, &c->peers[i], show);
}
