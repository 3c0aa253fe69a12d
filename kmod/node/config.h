/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A change of configuration as typed values: netlink.c fills it in, config.c applies all of it or
 * nothing.
 */
#ifndef RTPL_CONFIG_H
#define RTPL_CONFIG_H

#include <linux/netlink.h>

#include "transport/transport.h"

#define RTPL_REQUEST_TEXT	192

/*
 * A request under way, and the reason if it is refused. The text lives until the answer is sent:
 * rtpl_netlink_do() ensures that.
 */
struct rtpl_request {
	struct netlink_ext_ack *extack;
	u32 portid;			/* requester: netlink port and user */
	kuid_t uid;
	char text[RTPL_REQUEST_TEXT];
};

/* Is an attribute given? */
#define RTPL_PEER_HAS(attr)	BIT(RTPL_PEER_A_##attr)
#define RTPL_NODE_HAS(attr)	BIT(RTPL_NODE_A_##attr)

struct rtpl_peer_config {
	u32 has;			/* RTPL_PEER_HAS() bits; PUBLIC_KEY always */
	u8 public_key[RTPL_KEY_LEN];
	u8 psk[RTPL_KEY_LEN];		/* zero: none */
	struct rtpl_endpoint endpoint;	/* family, address, port, scope */
	struct rtpl_prefix *prefixes;	/* kvmalloc'd; config.c takes it and leaves NULL */
	u32 n_prefixes;
	bool require;
	u8 twin[RTPL_KEY_LEN];		/* public key of another peer; zero: none */
	bool move;			/* take prefixes away from other peers */
	u16 keepalive;
	u8 dscp;
	u8 ecn;
	const char *name;		/* in the message; "": none */
	struct rtpl_peer_name *new_name;	/* of it; config.c takes it and leaves NULL */
	struct rtpl_shape_config shape;	/* no bits: back to the defaults */
	struct nlattr *attr[RTPL_PEER_A_MAX + 1];	/* for the answer, may be NULL */
};

struct rtpl_node_config {
	u32 has;			/* RTPL_NODE_HAS() bits */
	u8 private_key[RTPL_KEY_LEN];	/* zero: none */
	u16 port;			/* 0: any */
	u32 fwmark;
	char bind_name[IFNAMSIZ];	/* "": none */
	bool rotate;			/* sessions outlive the key */
	struct nlattr *attr[RTPL_NODE_A_MAX + 1];
};

/* First characters of a public key in base64, used to name a peer. */
#define RTPL_KEY_NAME		9
const char *rtpl_key_name(char name[RTPL_KEY_NAME], const u8 key[RTPL_KEY_LEN]);

__printf(4, 5)
int rtpl_refuse(struct rtpl_request *req, const struct nlattr *attr, int err,
		const char *fmt, ...);

int rtpl_config_peer_add(struct rtpl_net *rn, struct rtpl_peer_config *cfg,
			 struct rtpl_request *req);
int rtpl_config_peer_set(struct rtpl_net *rn, struct rtpl_peer_config *cfg,
			 struct rtpl_request *req);
int rtpl_config_peer_del(struct rtpl_net *rn, const struct rtpl_peer_config *cfg,
			 struct rtpl_request *req);
int rtpl_config_node_set(struct rtpl_net *rn, const struct rtpl_node_config *cfg,
			 struct rtpl_request *req);

#endif /* RTPL_CONFIG_H */
