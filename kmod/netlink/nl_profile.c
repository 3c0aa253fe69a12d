// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of the netlink family (netlink.c) about profiles.
 */
#include <net/genetlink.h>
#include <net/sock.h>

#include "node/profile_store.h"
#include "netlink/messages.h"

/*
 * Join the parts of the blob, one in each of the message's RTPL_A_PROFILE (an attribute holds less
 * than 64 KiB in all), and copy them to @blob, if given. Return: bytes or -errno.
 */
static int rtpl_nl_parts(struct rtpl_request *req, struct genl_info *info, void *blob)
{
	const struct nlattr *head = genlmsg_data(info->genlhdr), *nest, *part;
	int rem, inner, size = 0;

	nla_for_each_attr(nest, head, genlmsg_len(info->genlhdr), rem) {
		if (nla_type(nest) != RTPL_A_PROFILE)
			continue;
		nla_for_each_nested(part, nest, inner) {
			if (nla_type(part) != RTPL_PROFILE_A_PART)
				return rtpl_refuse(req, part, -EINVAL,
						   "a profile is set by its parts alone");
			if (blob)
				memcpy(blob + size, nla_data(part), nla_len(part));
			size += nla_len(part);
			if (size > RTPL_PROFILE_SIZE)
				return rtpl_refuse(req, part, -E2BIG,
						   "a profile has at most %u bytes",
						   RTPL_PROFILE_SIZE);
		}
	}
	return size ? size : rtpl_refuse(req, NULL, -EINVAL, "the request has no profile");
}

static int rtpl_nl_profile_set(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			       struct rtpl_request *req)
{
	int size = rtpl_nl_parts(req, info, NULL);
	void *blob;

	if (size < 0)
		return size;
	blob = kvmalloc(size, GFP_KERNEL_ACCOUNT);
	if (!blob)
		return rtpl_refuse(req, NULL, -ENOMEM, "no memory for the profile");
	rtpl_nl_parts(req, info, blob);
	return rtpl_profile_store_load(rn, blob, size, req);
}

static int rtpl_nl_profile_del(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			       struct rtpl_request *req)
{
	struct nlattr *tb[RTPL_PROFILE_A_MAX + 1], *nest = info->attrs[RTPL_A_PROFILE];
	int err;

	if (!nest)
		return rtpl_refuse(req, NULL, -EINVAL, "the request names no profile");
	err = nla_parse_nested(tb, RTPL_PROFILE_A_MAX, nest, rtpl_profile_key_nl_policy,
			       req->extack);
	if (err)
		return err;
	if (!tb[RTPL_PROFILE_A_NAME])
		return rtpl_refuse(req, nest, -EINVAL, "the request names no profile");
	return rtpl_profile_store_del(rn, nla_data(tb[RTPL_PROFILE_A_NAME]), req);
}

static int rtpl_nl_put_profile(struct sk_buff *msg, struct netlink_callback *cb,
			       const struct rtpl_profile_store_item *item)
{
	struct nlattr *nest;
	void *hdr;

	hdr = genlmsg_put(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &rtpl_genl_family, NLM_F_MULTI, RTPL_CMD_PROFILE_GET);
	if (!hdr)
		return -EMSGSIZE;
	nest = nla_nest_start(msg, RTPL_A_PROFILE);
	if (!nest || nla_put_string(msg, RTPL_PROFILE_A_NAME, item->name) ||
	    nla_put_u32(msg, RTPL_PROFILE_A_SIZE, item->size) ||
	    nla_put_u32(msg, RTPL_PROFILE_A_USERS, item->users) ||
	    (item->builtin && nla_put_flag(msg, RTPL_PROFILE_A_BUILTIN))) {
		genlmsg_cancel(msg, hdr);
		return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return 0;
}

/**
 * rtpl_nl_profile_get_dumpit() - fill the next part of a dump of all profiles
 * @msg: message to fill
 * @cb: the dump; its args[0] is the position of the next profile
 *
 * Context: process, the dump's own lock. Takes rn->lock. Sleeps.
 * Return: bytes in @msg, 0 at the end, or -EMSGSIZE.
 */
int rtpl_nl_profile_get_dumpit(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct rtpl_net *rn = rtpl_net(sock_net(cb->skb->sk));
	struct rtpl_profile_store_item item;
	int err = 0;

	mutex_lock(&rn->lock);
	while (!err && rtpl_profile_store_item(rn, cb->args[0], &item)) {
		err = rtpl_nl_put_profile(msg, cb, &item);
		if (!err)
			cb->args[0]++;
	}
	mutex_unlock(&rn->lock);
	return msg->len ?: err;
}

/**
 * rtpl_nl_profile_set_doit() - handle a request that loads a profile
 * @skb: the message
 * @info: what genetlink parsed from it
 *
 * Context: process. Takes rn->lock. Sleeps.
 * Return: as rtpl_netlink_do().
 */
int rtpl_nl_profile_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return rtpl_netlink_do(skb, info, rtpl_nl_profile_set);
}

/**
 * rtpl_nl_profile_del_doit() - handle a request that unloads a profile
 * @skb: the message
 * @info: what genetlink parsed from it
 *
 * Context: process. Takes rn->lock. Sleeps.
 * Return: as rtpl_netlink_do().
 */
int rtpl_nl_profile_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return rtpl_netlink_do(skb, info, rtpl_nl_profile_del);
}
