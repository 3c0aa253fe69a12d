// SPDX-License-Identifier: GPL-2.0
/*
 * Requests of the netlink family (netlink.c) about profiles.
 */
#include <net/genetlink.h>
#include <net/sock.h>

#include "library.h"
#include "netlink.h"

/* The blob out of its parts, for rtpl_library_load(). Return: NULL or -errno by ERR_PTR(). */
static void *rtpl_nl_blob(struct rtpl_request *req, const struct nlattr *nest, u32 *size)
{
	const struct nlattr *part;
	void *blob;
	u32 at = 0;
	int rem;

	*size = 0;
	nla_for_each_nested(part, nest, rem) {
		if (nla_type(part) != RTPL_PROFILE_A_PART) {
			rtpl_refuse(req, part, -EINVAL, "a profile is set by its parts alone");
			return ERR_PTR(-EINVAL);
		}
		*size += nla_len(part);
	}
	if (!*size || *size > RTPL_PROFILE_SIZE) {
		rtpl_refuse(req, nest, -E2BIG, "a profile has 1 to %u bytes, not %u",
			    RTPL_PROFILE_SIZE, *size);
		return ERR_PTR(-E2BIG);
	}
	blob = kvmalloc(*size, GFP_KERNEL_ACCOUNT);
	if (!blob) {
		rtpl_refuse(req, nest, -ENOMEM, "no memory for the profile");
		return ERR_PTR(-ENOMEM);
	}
	nla_for_each_nested(part, nest, rem) {
		memcpy(blob + at, nla_data(part), nla_len(part));
		at += nla_len(part);
	}
	return blob;
}

static int rtpl_nl_profile_set(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			       struct rtpl_request *req)
{
	struct nlattr *nest = info->attrs[RTPL_A_PROFILE];
	void *blob;
	u32 size;

	if (!nest)
		return rtpl_refuse(req, NULL, -EINVAL, "the request has no profile");
	blob = rtpl_nl_blob(req, nest, &size);
	if (IS_ERR(blob))
		return PTR_ERR(blob);
	return rtpl_library_load(rn, blob, size, req);
}

static const struct nla_policy rtpl_profile_name_policy[RTPL_PROFILE_A_MAX + 1] = {
	[RTPL_PROFILE_A_NAME]		= { .type = NLA_NUL_STRING,
					    .len = RTPL_PROFILE_NAME_MAX - 1 },
};

static int rtpl_nl_profile_del(struct rtpl_net *rn, struct sk_buff *skb, struct genl_info *info,
			       struct rtpl_request *req)
{
	struct nlattr *tb[RTPL_PROFILE_A_MAX + 1], *nest = info->attrs[RTPL_A_PROFILE];
	int err;

	if (!nest)
		return rtpl_refuse(req, NULL, -EINVAL, "the request names no profile");
	err = nla_parse_nested(tb, RTPL_PROFILE_A_MAX, nest, rtpl_profile_name_policy,
			       req->extack);
	if (err)
		return err;
	if (!tb[RTPL_PROFILE_A_NAME])
		return rtpl_refuse(req, nest, -EINVAL, "the request names no profile");
	return rtpl_library_del(rn, nla_data(tb[RTPL_PROFILE_A_NAME]), req);
}

static int rtpl_nl_put_profile(struct sk_buff *msg, struct netlink_callback *cb,
			       const struct rtpl_library_item *item)
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

int rtpl_nl_profile_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct rtpl_net *rn = rtpl_net(sock_net(cb->skb->sk));
	struct rtpl_library_item item;
	int err = 0;

	mutex_lock(&rn->lock);
	while (!err && rtpl_library_item(rn, cb->args[0], &item)) {
		err = rtpl_nl_put_profile(msg, cb, &item);
		if (!err)
			cb->args[0]++;
	}
	mutex_unlock(&rn->lock);
	return msg->len ?: err;
}

int rtpl_nl_profile_set_do(struct sk_buff *skb, struct genl_info *info)
{
	return rtpl_netlink_do(skb, info, rtpl_nl_profile_set);
}

int rtpl_nl_profile_del_do(struct sk_buff *skb, struct genl_info *info)
{
	return rtpl_netlink_do(skb, info, rtpl_nl_profile_del);
}
