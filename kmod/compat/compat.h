/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between the kernels on which RTPL builds (Debian 6.1, 6.12 and 7.3) are only here;
 * those of the ciphers are in crypto.h. There is one item for each symbol, to be removed with its
 * kernel.
 */
#ifndef RTPL_COMPAT_H
#define RTPL_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/version.h>
#include <net/genetlink.h>
#include <net/pkt_cls.h>
#include <net/sock.h>
#include <net/udp_tunnel.h>

/* skb_gso_segment() moved to a header of its own with 6.5. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/**
 * rtpl_compat_set_departure() - set the time at which a packet is to leave
 * @skb: packet
 * @at: ns of CLOCK_MONOTONIC, 0 for none
 *
 * Since 6.10 a type names the clock, before that a flag.
 *
 * Context: Any.
 */
static inline void rtpl_compat_set_departure(struct sk_buff *skb, u64 at)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	skb_set_delivery_time(skb, ns_to_ktime(at), SKB_CLOCK_MONOTONIC);
#else
	skb_set_delivery_time(skb, ns_to_ktime(at), true);
#endif
}

/**
 * rtpl_compat_is_decrypted() - does the packet hold records that a device must encrypt?
 * @skb: packet
 *
 * skb_is_decrypted() came with 6.10.
 *
 * Context: Any.
 * Return: true if its socket left them in clear for a device.
 */
static inline bool rtpl_compat_is_decrypted(const struct sk_buff *skb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
	return skb_is_decrypted(skb);
#elif defined(CONFIG_TLS_DEVICE)
	return skb->decrypted;
#else
	return false;
#endif
}

/* Since 6.18 a workqueue states whether it is bound to processors. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define RTPL_COMPAT_WQ_PERCPU	WQ_PERCPU
#else
#define RTPL_COMPAT_WQ_PERCPU	0
#endif

/**
 * rtpl_compat_hrtimer_setup() - prepare a timer
 * @timer: timer
 * @fn: its function
 * @clock: its clock
 * @mode: its mode
 *
 * hrtimer_setup() exists since 6.13, hrtimer_init() until 6.14.
 *
 * Context: Any.
 */
static inline void rtpl_compat_hrtimer_setup(struct hrtimer *timer,
					     enum hrtimer_restart (*fn)(struct hrtimer *),
					     clockid_t clock, enum hrtimer_mode mode)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, fn, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
#endif
}

/* timer_delete_sync() came with 6.2; Debian's 6.1 has it from stable updates. */
#define rtpl_compat_timer_delete_sync(timer)	timer_delete_sync(timer)

/**
 * rtpl_compat_dump_attrs() - the attributes of a dump's request
 * @cb: the dump
 *
 * They moved into a struct genl_info with 6.6.
 *
 * Context: Process, in the dump's callback.
 * Return: attributes by number.
 */
static inline struct nlattr **rtpl_compat_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	return genl_dumpit_info(cb)->info.attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* Super-packets whose segments all have CWR, if the first has (AccECN): since 6.15. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define RTPL_COMPAT_GSO_ACCECN	SKB_GSO_TCP_ACCECN
#else
#define RTPL_COMPAT_GSO_ACCECN	0
#endif

/**
 * rtpl_compat_classify() - ask a qdisc's filters
 * @skb: packet
 * @tp: the filters
 * @res: set as tcf_classify() does
 *
 * Redirect makes no sense in a qdisc's filters; newer kernels refuse it themselves
 * (tcf_classify_qdisc()).
 *
 * Context: BH, RCU read side.
 * Return: as tcf_classify(): TC_ACT_*, TC_ACT_UNSPEC if no filter matched; TC_ACT_SHOT in place of
 * TC_ACT_REDIRECT.
 */
static inline int rtpl_compat_classify(struct sk_buff *skb, const struct tcf_proto *tp,
				       struct tcf_result *res)
{
	int ret = tcf_classify(skb, NULL, tp, res, false);

	return ret == TC_ACT_REDIRECT ? TC_ACT_SHOT : ret;
}

/**
 * rtpl_compat_skip_ingress() - have a packet go up without passing a device's ingress
 * @skb: packet
 *
 * It then skips the device's taps, its tc ingress and its netfilter ingress. A kernel without tc
 * actions has no way to ask for that.
 *
 * Context: Any.
 */
static inline void rtpl_compat_skip_ingress(struct sk_buff *skb)
{
#ifdef CONFIG_NET_CLS_ACT
	skb->tc_skip_classify = 1;
#endif
}

/**
 * rtpl_compat_encrypt_records() - encrypt records that a socket left to a device
 * @skb: packet, which its socket must encrypt for @dev; consumed
 * @dev: device to which it is passed; not the one that would encrypt it
 *
 * sk_validate_xmit_skb() is private to the core since 7.x; what it calls is not.
 *
 * Context: BH.
 * Return: the packet, encrypted, or NULL.
 */
static inline struct sk_buff *rtpl_compat_encrypt_records(struct sk_buff *skb,
							  struct net_device *dev)
{
#ifdef CONFIG_SOCK_VALIDATE_XMIT
	struct sock *sk = skb->sk;

	if (sk && sk_fullsock(sk) && sk->sk_validate_xmit_skb)
		return sk->sk_validate_xmit_skb(sk, dev, skb);
#endif
	kfree_skb(skb);
	return NULL;
}

/*
 * The argument for a tunnel's socket in udp_tunnel.h: a struct sock in 7.2, a struct socket in
 * 6.12. The type of the function tells which.
 */
#define rtpl_compat_tunnel_sock(fn, takes_sk, sk)			\
	__builtin_choose_expr(__same_type(fn, takes_sk), sk, (sk)->sk_socket)

/**
 * rtpl_compat_tunnel_setup() - give a UDP socket the functions of a tunnel
 * @net: its namespace
 * @sk: the socket
 * @cfg: the functions
 *
 * Context: Process.
 */
static inline void rtpl_compat_tunnel_setup(struct net *net, struct sock *sk,
					    struct udp_tunnel_sock_cfg *cfg)
{
	typedef void takes_sk(struct net *net, struct sock *sk, struct udp_tunnel_sock_cfg *cfg);

	setup_udp_tunnel_sock(net, rtpl_compat_tunnel_sock(setup_udp_tunnel_sock, takes_sk, sk),
			      cfg);
}

/**
 * rtpl_compat_tunnel_release() - end a tunnel's socket
 * @sk: the socket
 *
 * Context: Process; sleeps.
 */
static inline void rtpl_compat_tunnel_release(struct sock *sk)
{
	udp_tunnel_sock_release(rtpl_compat_tunnel_sock(udp_tunnel_sock_release,
							void (struct sock *), sk));
}

#endif /* RTPL_COMPAT_H */
