// SPDX-License-Identifier: GPL-2.0
/* The inner packets of a link, as the kernel tells them to one socket. */
#include "rtplctl.h"
#include "traffic.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "../lib/policy_gen.h"

#define BACKLOG		(32 << 20)	/* bytes that may wait in the socket */

struct tap {
	struct conn *c;
	struct packets *list;
	uint64_t lost;
};

uint64_t tap_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t tap_lost(const struct tap *t)
{
	return t->lost;
}

/* A super-packet is as many packets, all but the last of @full bytes. */
static int add(struct packets *list, const struct nlattr *entry, struct err *e)
{
	struct nlattr *tb[RTPL_PACKET_A_MAX + 1];
	uint32_t segs = 1, full = 0, bytes;
	struct packet p = { 0 };

	if (nla_parse_nested(tb, RTPL_PACKET_A_MAX, (struct nlattr *)entry, rtpl_packet_policy) ||
	    !tb[RTPL_PACKET_A_TIME] || !tb[RTPL_PACKET_A_BYTES])
		return err_set(e, "the kernel's packet makes no sense");
	p.at = nla_get_u64(tb[RTPL_PACKET_A_TIME]);
	bytes = nla_get_u32(tb[RTPL_PACKET_A_BYTES]);
	p.out = tb[RTPL_PACKET_A_OUT];
#define GET(attr, field, get) \
	do { if (tb[RTPL_PACKET_A_##attr]) (field) = nla_get_##get(tb[RTPL_PACKET_A_##attr]); } while (0)
	GET(SEGS, segs, u32);
	GET(FULL, full, u32);
	GET(FLOW, p.flow, u32);
	GET(NEAR, p.near, u32);
	GET(FAR, p.far, u32);
	GET(NEAR_PORT, p.near_port, u16);
	GET(FAR_PORT, p.far_port, u16);
	GET(PROTO, p.proto, u8);
#undef GET
	if (!segs || (segs > 1 && (uint64_t)(segs - 1) * full >= bytes))
		return err_set(e, "the kernel's packet makes no sense: %u bytes in %u", bytes, segs);
	for (; segs; segs--) {
		p.bytes = segs > 1 ? full : bytes;
		bytes -= p.bytes;
		if (packets_add(list, &p))
			return err_set(e, list->n >= TRAFFIC_MOST ? "more than %u packets" :
				       "out of memory", TRAFFIC_MOST);
	}
	return 0;
}

static int take(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	struct nlattr *tb[RTPL_A_MAX + 1], *nest, *a;
	struct tap *t = arg;
	int rem;

	if (genlmsg_parse((struct nlmsghdr *)nlh, 0, tb, RTPL_A_MAX, rtpl_top_policy))
		return err_set(e, "the kernel's message makes no sense");
	nest = tb[RTPL_A_PACKETS];
	if (!nest)
		return 0;
	nla_for_each_nested(a, nest, rem) {
		if (nla_type(a) == RTPL_PACKET_A_LOST && nla_len(a) == sizeof(uint64_t))
			t->lost = nla_get_u64(a);
		else if (nla_type(a) == RTPL_PACKET_A_ENTRY && add(t->list, a, e))
			return -1;
	}
	return 0;
}

struct tap *tap_open(const uint8_t key[RTPL_KEY_LEN], struct err *e)
{
	struct tap *t = calloc(1, sizeof(*t));
	struct peer p = { .has = PEER_BIT(PUBLIC_KEY) };
	struct nl_msg *msg;

	if (!t) {
		err_set(e, "out of memory");
		return NULL;
	}
	memcpy(p.public_key, key, RTPL_KEY_LEN);
	t->c = conn_open(e);
	if (!t->c)
		goto fail;
	conn_backlog(t->c, BACKLOG);
	msg = peer_request(t->c, RTPL_CMD_TAP, &p, e);
	if (!msg || conn_do(t->c, msg, NULL, NULL, e))
		goto fail;
	return t;
fail:
	tap_close(t);
	return NULL;
}

int tap_read(struct tap *t, int ms, struct packets *list, struct err *e)
{
	t->list = list;
	return conn_poll(t->c, ms, take, t, e);
}

void tap_close(struct tap *t)
{
	if (t)
		conn_close(t->c);
	free(t);
}
