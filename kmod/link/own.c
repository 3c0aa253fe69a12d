// SPDX-License-Identifier: GPL-2.0
/*
 * Recognises cells of this node, whatever the stack did to them.
 *
 * A cell belongs to one of the node's sockets (skb->sk). Where it still does, that is enough. A
 * copy does not: a bridge that floods, a bond that broadcasts, tc's mirred, nft's dup, TEE,
 * segments of a batch, a packet that passed another namespace, a program that replays what it
 * captured. If a copy were taken for a packet to the owner of the endpoint, it would be sealed
 * again, and the new cell copied again, without end. So a copy is recognised by what nobody else
 * can make: its seal under a key with which this node sends. A handshake datagram has no such seal,
 * so the node keeps digests of the last ones. Anybody can send copies, and any number of them. A
 * copy is never sealed again, but only the first copy of a cell that was just sent, one on each
 * device, leaves when the cell would have. Any other copy goes the way of packets in clear.
 *
 * Inside a tunnel neither helps. A cell has its link's own number as its flow hash, and segments,
 * copies and tunnels (GRE, VXLAN, WireGuard, ESP) pass that on. The qdisc does not seal a packet
 * for a link if the packet has the number of that link, or of a link that carries the link's own
 * cells: otherwise tunnels of two links, each to an address of the other's, would seal one packet
 * for ever. One link over another is allowed. A packet of another flow has a link's number once in
 * 2^32 flows, for each link.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/siphash.h>
#include <linux/udp.h>
#include <net/ip.h>

#include "link/own.h"
#include "link/seal.h"
#include "session/session.h"
#include "transport/own.h"

/* Most links that may carry one another's cells. */
#define RTPL_OWN_NESTED		4

/* Most links whose endpoints are looked at for one packet. */
#define RTPL_OWN_ENDPOINTS	256

/* How long it counts that a link's cells went by another link: longer than any loop takes. */
#define RTPL_OWN_RIDES		(2 * HZ)

/* Most cells of a session that may be sent while a copy of one is on its way to a device. */
#define RTPL_OWN_RECENT		1024

/* How far ahead of its slot a cell may reach a device, ns. */
#define RTPL_OWN_AHEAD		(2 * RTPL_PACE_LEAD_MAX)

/* Cells behind the newest that count as sent lately: 0.1 s at 1 Gbit/s are 8,500. */
#define RTPL_OWN_LATELY		16384

/**
 * rtpl_own_net_init() - draw the secrets from which a node's link numbers are made
 * @rn: node
 *
 * A number hides the id from which it is made: many can see flow hashes.
 *
 * Context: process.
 */
void rtpl_own_net_init(struct rtpl_net *rn)
{
	u32 inv;

	rn->number_key = get_random_u32();
	rn->number_odd = get_random_u32() | 1;
	/* Invert the odd number by Newton's iteration: first 3 bits are right, then 6, 12 ... */
	for (inv = rn->number_odd; inv * rn->number_odd != 1;)
		inv *= 2 - inv * rn->number_odd;
	rn->number_inv = inv;
}

/**
 * rtpl_own_number() - a link's flow hash, which identifies its cells in tunnels
 * @owner: whose link it is; its id is set
 *
 * Context: any.
 * Return: the number; 0, for one link in 2^32, means none.
 */
u32 rtpl_own_number(const struct rtpl_owner *owner)
{
	return (owner->id ^ owner->rn->number_key) * owner->rn->number_odd;
}

/* The link whose cell the packet carries, in any tunnel; NULL: none. RCU read side. */
static struct rtpl_link *rtpl_own_inside(struct rtpl_net *rn, const struct sk_buff *skb)
{
	struct rtpl_owner *owner;
	u32 id;

	if (!skb->l4_hash)
		return NULL;
	/* For most flows this is far above all ids, which xa_load() sees at once. */
	id = skb->hash * rn->number_inv ^ rn->number_key;
	owner = xa_load(&rn->peers, id);
	return owner ? owner->link : NULL;
}

/**
 * rtpl_own_loops() - would a packet that is sealed for a link come back, by any tunnels?
 * @rn: node
 * @link: link whose prefixes hold the packet's destination
 * @skb: packet that is not a cell itself
 *
 * If the packet has another link's cell inside and does not loop, records that link as riding on
 * @link.
 *
 * Context: BH, RCU read side; root lock of a qdisc.
 * Return: true if it would, or if more than RTPL_OWN_NESTED links carried one another's cells.
 */
bool rtpl_own_loops(struct rtpl_net *rn, struct rtpl_link *link, const struct sk_buff *skb)
{
	struct rtpl_link *inside = rtpl_own_inside(rn, skb), *by = link;
	struct rtpl_owner *owner;
	int n;

	if (likely(!inside))
		return false;
	for (n = 0; by != inside; n++) {
		if (n == RTPL_OWN_NESTED)
			return true;
		owner = (u32)jiffies - READ_ONCE(by->rides_at) > RTPL_OWN_RIDES ? NULL :
			xa_load(&rn->peers, READ_ONCE(by->rides_on));
		if (!owner) {
			WRITE_ONCE(inside->rides_on, link->owner->id);
			WRITE_ONCE(inside->rides_at, (u32)jiffies);
			return false;
		}
		by = owner->link;
	}
	return true;
}

/**
 * rtpl_own_is_endpoint() - does a link send its cells to this address?
 * @rn: node
 * @first: whose endpoint it is most likely, or NULL
 * @v6: is the address IPv6?
 * @addr: address
 * @learned: also count addresses from which a peer was only heard last, whichever prefix holds
 *	them. Otherwise such an address counts only if no required peer's prefix holds it, or if it
 *	is by itself a prefix of that same peer; or else a peer could make any address an endpoint
 *
 * For a rare case: ICMP errors. Looks at RTPL_OWN_ENDPOINTS links at most, and at @first's.
 *
 * Context: BH, RCU read side. Takes path->lock of each link, for reading.
 * Return: true if one of the links looked at does.
 */
bool rtpl_own_is_endpoint(struct rtpl_net *rn, struct rtpl_owner *first, bool v6,
			  const void *addr, bool learned)
{
	struct rtpl_owner *owner, *holder = NULL;
	unsigned int n = 0;
	unsigned long id;
	u8 bits;

	if (!learned) {
		holder = rtpl_lpm_lookup_bits(&rn->prefixes, v6, addr, &bits);
		learned = !holder || !READ_ONCE(holder->require);
		if (!learned && bits < (v6 ? 128 : 32))
			holder = NULL;
	}
	if (first && rtpl_path_leads_to(&first->link->path, v6, addr, learned || first == holder))
		return true;
	xa_for_each(&rn->peers, id, owner) {
		if (n++ == RTPL_OWN_ENDPOINTS)
			break;
		if (rtpl_path_leads_to(&owner->link->path, v6, addr, learned || owner == holder))
			return true;
	}
	return false;
}

/*
 * Is it the first copy on that device of a cell that was just sent? Called under the root lock of
 * the device's qdisc; if two devices take a slot of kp->copied at once, one of them loses a cell's
 * time.
 */
static bool rtpl_own_is_first(struct rtpl_keypair *kp, u32 counter, int ifindex)
{
	int i;

	if (READ_ONCE(kp->send_counter) - counter > RTPL_OWN_RECENT)
		return false;
	for (i = 0; i < RTPL_COPY_DEVICES; i++) {
		if (!READ_ONCE(kp->copied[i].ifindex))
			WRITE_ONCE(kp->copied[i].ifindex, ifindex);
		else if (kp->copied[i].ifindex != ifindex)
			continue;
		else if (counter <= kp->copied[i].counter)
			return false;
		kp->copied[i].counter = counter;
		return true;
	}
	return false;
}

/*
 * Did this node seal it? @data has all of the cell, @len bytes. Sets @first, unless NULL, to false
 * if it is not the first copy at @ifindex. RCU read side.
 */
static bool rtpl_own_is_sealed(struct rtpl_net *rn, const u8 *data, u16 len, int ifindex,
			       bool *first)
{
	const struct rtpl_cell_head *head = (const void *)data;
	u32 counter = le32_to_cpu(head->counter);
	struct rtpl_keypair *kp;
	struct rtpl_open open;

	rtpl_keypair_for_each_remote(kp, rn, head->index) {
		if (kp->remote_index != head->index || counter >= READ_ONCE(kp->send_counter) ||
		    !rtpl_open_cell(&open, data + RTPL_CELL_HEAD,
				    len - RTPL_CELL_HEAD - RTPL_TAG_LEN, counter, kp->send_key))
			continue;
		rtpl_open_end(&open);
		if (first && !rtpl_own_is_first(kp, counter, ifindex))
			*first = false;
		return true;
	}
	return false;
}

/* Does a session of this node send with that index? RCU read side. */
static bool rtpl_own_is_index(struct rtpl_net *rn, __le32 index)
{
	struct rtpl_keypair *kp;

	rtpl_keypair_for_each_remote(kp, rn, index)
		if (kp->remote_index == index)
			return true;
	return false;
}

/* Are all its cells own ones? @first and result as in rtpl_own_copy_leaves(). */
static bool rtpl_own_look(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto,
			  int ifindex, bool *first)
{
	const struct rtpl_cell_head *head;
	struct rtpl_cell_head _head;
	u32 len, step, n;
	bool own = true;
	u8 *buf;
	int off;

	off = rtpl_transport_payload(skb, nhoff, proto, &len);
	if (off < 0)
		return false;
	step = len;
	if (skb_is_gso(skb)) {
		if (skb_shinfo(skb)->gso_type & ~(SKB_GSO_UDP_L4 | SKB_GSO_DODGY))
			return false;
		step = skb_shinfo(skb)->gso_size;
	}
	head = skb_header_pointer(skb, off, sizeof(_head), &_head);
	if (!head || step < RTPL_CELL_MIN || step > RTPL_CELL_MAX ||
	    (head->index && !rtpl_own_is_index(rn, head->index)))
		return false;
	/* It is likely now: worth checking the seal. */
	buf = kmalloc(step, GFP_ATOMIC | __GFP_NOWARN);
	if (!buf)
		return false;
	for (; len && own; len -= n, off += n) {
		n = min(step, len);
		own = n >= RTPL_CELL_MIN && !skb_copy_bits(skb, off, buf, n);
		if (own && get_unaligned((u32 *)buf)) {
			own = rtpl_own_is_sealed(rn, buf, n, ifindex, first);
		} else if (own) {
			own = rtpl_own_is_handshake(rn, buf, n);
			/* Anybody can ask for handshakes, by the thousand. */
			if (first)
				*first = false;
		}
	}
	kfree(buf);
	return own;
}

/**
 * rtpl_own_copy() - is it a cell of this node, or a batch of them, judged by its bytes alone?
 * @rn: node
 * @skb: packet
 * @nhoff: offset of its network header from skb->data
 * @proto: its network protocol
 *
 * Checks each cell of a batch, so that nothing else passes with them.
 *
 * Context: process or BH, RCU read side.
 * Return: true only for what this node sealed.
 */
bool rtpl_own_copy(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto)
{
	return rtpl_own_look(rn, skb, nhoff, proto, 0, NULL);
}

/**
 * rtpl_own_copy_leaves() - as rtpl_own_copy(), for a packet that is about to leave by a device
 * @rn: node
 * @skb: packet
 * @nhoff: offset of its network header from skb->data
 * @proto: its network protocol
 * @ifindex: the device
 * @timely: set to whether its slot counts: it is the first copy there of cells just sent, and its
 *	time is not too early or too late for a cell of ours
 *
 * Context: BH, RCU read side; root lock of the device's qdisc.
 * Return: true only for what this node sealed.
 */
bool rtpl_own_copy_leaves(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto,
			  int ifindex, bool *timely)
{
	*timely = true;
	if (!rtpl_own_look(rn, skb, nhoff, proto, ifindex, timely))
		return false;
	if (*timely && skb->tstamp) {
		s64 ahead = ktime_to_ns(skb->tstamp) - ktime_get_ns();

		*timely = ahead <= RTPL_OWN_AHEAD && ahead >= -(s64)RTPL_OWN_AHEAD;
	}
	return true;
}

/**
 * rtpl_own_plain() - is a packet of this node's sockets a cell just as it was sent?
 * @rn: node
 * @skb: packet that belongs to one of them
 * @nhoff: offset of its network header from skb->data
 * @proto: its network protocol
 *
 * Context: BH, RCU read side.
 * Return: true if it is; false if something was put around it.
 */
bool rtpl_own_plain(struct rtpl_net *rn, const struct sk_buff *skb, int nhoff, __be16 proto)
{
	__le32 _index;
	const __le32 *index;
	u32 len;
	int off;

	off = rtpl_transport_payload(skb, nhoff, proto, &len);
	if (off < 0)
		return false;
	index = skb_header_pointer(skb, off, sizeof(_index), &_index);
	return index && (!*index || rtpl_own_is_index(rn, *index));
}

/**
 * rtpl_own_sent_by() - find the sender of a datagram that an ICMP error quotes
 * @rn: node
 * @skb: the error
 * @off: offset from skb->data of the quoted payload
 *
 * The error quotes only the first bytes of the datagram, if any. Those of a cell are its index and
 * counter, which only someone who saw a recent cell knows. Those of an initiation name the index
 * for its answer, which counts until the answer has come. No other handshake counts: whoever
 * replays a recording is answered, and sees the answer.
 *
 * Context: BH, RCU read side.
 * Return: the path by which it left, or NULL: no link sent it.
 */
struct rtpl_path *rtpl_own_sent_by(struct rtpl_net *rn, const struct sk_buff *skb, u32 off)
{
	const struct rtpl_cell_head *head;
	struct rtpl_cell_head _head;
	struct rtpl_keypair *kp;
	u32 counter, sent;
	__le32 _sender;
	const __le32 *sender;

	head = skb_header_pointer(skb, off, sizeof(_head), &_head);
	if (!head)
		return NULL;
	if (!head->index) {
		sender = skb_header_pointer(skb, off + offsetof(struct rtpl_noise_init_msg, sender),
					    sizeof(_sender), &_sender);
		kp = sender ? rtpl_keypair_begun(rn, le32_to_cpu(*sender)) : NULL;
		return kp ? kp->session->path : NULL;
	}
	counter = le32_to_cpu(head->counter);
	rtpl_keypair_for_each_remote(kp, rn, head->index) {
		sent = READ_ONCE(kp->send_counter);
		if (kp->remote_index == head->index && counter < sent &&
		    sent - counter <= RTPL_OWN_LATELY)
			return kp->session->path;
	}
	return NULL;
}
