// SPDX-License-Identifier: GPL-2.0
/*
 * How large cells may be: as the route says, and as handshakes find out, which are as large as a
 * cell and are answered only if the path carries them (RFC 8899).
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "event.h"
#include "link/link.h"
#include "link/pmtu.h"
#include "rtpl.h"
#include "session/session.h"
#include "transport/transport.h"

/* PMTU_RAISE_TIMER of RFC 8899. */
#define RTPL_PMTU_RAISE_NS	(600ULL * NSEC_PER_SEC)

/* Sizes to probe on a path that silently drops larger packets: IPv6's minimum, IPv4's. */
static const u16 rtpl_pmtu_probe[] = { 1280, 576 };

/**
 * rtpl_pmtu_follow() - take over the path's MTU, which may have changed
 * @link: link
 * @r: the route that its cells take now
 *
 * Listeners are told if the shape's largest cell changes.
 *
 * Context: BH, tx_lock held.
 */
void rtpl_pmtu_follow(struct rtpl_link *link, const struct rtpl_route *r)
{
	u16 cell;

	if (likely(link->cell_ceiling == r->cell_max))
		return;
	cell = rtpl_pad_max(&link->shape, link->cell_path);
	link->cell_ceiling = r->cell_max;
	if (link->cell_path > r->cell_max || !link->path_probed)
		link->cell_path = r->cell_max;
	if (rtpl_pad_max(&link->shape, link->cell_path) != cell)
		rtpl_event(link->owner, RTPL_EVENT_PATH_MTU);
}

/**
 * rtpl_pmtu_handshake_size() - size of the next initiation
 * @s: session of a link
 * @attempt: number of the attempt, from 0 since the last answer
 *
 * Every other later attempt tries a size that a smaller path would carry. A path that was found
 * narrow is tried again at full width after a while (RFC 8899).
 *
 * Context: process, no lock held. Takes path->lock and tx_lock.
 * Return: bytes of UDP payload, the largest of the shape's sizes that is to be tried.
 */
u16 rtpl_pmtu_handshake_size(struct rtpl_session *s, unsigned int attempt)
{
	struct rtpl_link *link = rtpl_link_of(s);
	struct rtpl_route r;
	u16 cell, path;
	u32 probe;
	int err;

	local_bh_disable();
	rcu_read_lock();
	err = rtpl_path_route(&link->path, &r);
	spin_lock(&link->tx_lock);
	if (!err)
		rtpl_pmtu_follow(link, &r);
	path = link->cell_path;
	/*
	 * The first attempts are as large as a cell, because cells must get through. Then every
	 * other one has a size for a narrower path. A path that was found narrow is tried again at
	 * full width from time to time.
	 */
	if (!attempt && link->path_probed &&
	    ktime_get_ns() - link->path_since > RTPL_PMTU_RAISE_NS) {
		link->path_since = ktime_get_ns();
		path = link->cell_ceiling;
	} else if (attempt >= 2 && attempt % 2 == 0) {
		probe = rtpl_pmtu_probe[min_t(size_t, attempt / 2 - 1,
					     ARRAY_SIZE(rtpl_pmtu_probe) - 1)];
		probe -= READ_ONCE(link->path.endpoint.sa.sa_family) == AF_INET6 ?
			 sizeof(struct ipv6hdr) + sizeof(struct udphdr) :
			 sizeof(struct iphdr) + sizeof(struct udphdr);
		path = min_t(u32, path, probe);
	} else if (attempt % 2 == 1) {
		path = link->cell_ceiling;
	}
	cell = rtpl_pad_max(&link->shape, path);
	spin_unlock(&link->tx_lock);
	if (!err)
		rtpl_route_put(&r);
	rcu_read_unlock();
	local_bh_enable();
	return cell;
}

/**
 * rtpl_pmtu_handshake_fits() - size of an initiation on a path that carries less
 * @s: session of a link
 * @cell_max: bytes of UDP payload that the path carries, at least RTPL_HANDSHAKE_MIN
 *
 * Context: process. Takes tx_lock.
 * Return: bytes: the largest of the shape's sizes that fits the path, or @cell_max if none fits.
 */
u16 rtpl_pmtu_handshake_fits(struct rtpl_session *s, u32 cell_max)
{
	struct rtpl_link *link = rtpl_link_of(s);
	u16 len;

	spin_lock_bh(&link->tx_lock);
	len = clamp_t(u32, rtpl_pad_max(&link->shape, cell_max), RTPL_HANDSHAKE_MIN, cell_max);
	spin_unlock_bh(&link->tx_lock);
	return len;
}

/**
 * rtpl_pmtu_confirmed() - the path carries a size: a handshake of it was answered
 * @s: session of a link
 * @size: bytes of UDP payload
 *
 * Listeners are told if the shape's largest cell changes. The first time that a path looks narrow,
 * the next initiation has its full width again: larger ones may have gone unanswered because nobody
 * was there.
 *
 * Context: process or BH, no lock of the link held. Takes tx_lock.
 * Return: true if that initiation should come soon.
 */
bool rtpl_pmtu_confirmed(struct rtpl_session *s, u16 size)
{
	struct rtpl_link *link = rtpl_link_of(s);
	bool renew = false;
	u16 was, now;

	spin_lock_bh(&link->tx_lock);
	was = rtpl_pad_max(&link->shape, link->cell_path);
	if (size != was) {
		link->cell_path = min(size, link->cell_ceiling);
		link->path_probed = link->cell_path < link->cell_ceiling;
		link->path_since = ktime_get_ns();
		renew = link->path_probed && !test_bit(RTPL_LINK_DOUBTED, &link->flags);
		assign_bit(RTPL_LINK_DOUBTED, &link->flags, link->path_probed);
		if (renew)
			link->path_since -= RTPL_PMTU_RAISE_NS + 1;
	}
	now = rtpl_pad_max(&link->shape, link->cell_path);
	spin_unlock_bh(&link->tx_lock);
	if (was != now)
		rtpl_event(link->owner, RTPL_EVENT_PATH_MTU);
	return renew;
}
