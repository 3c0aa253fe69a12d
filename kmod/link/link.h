/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: the room link
 *
 * A way to another node: its queue, building, sealing and sending of cells, opening and delivery.
 * Other rooms use this header, link/own.h (recognising own cells) and link/outlet.h (what links ask
 * of the device's qdisc); the qdisc also stamps packets by link/txq.h. All else is private to the
 * room.
 *
 * Locks: link->tx_lock (BH) protects sending: the block under way, schedule, send counter, padding
 * stock. It is held while cells are sealed and sent, and sending takes a qdisc's root lock: so
 * nothing under a root lock may take it. link->txq.lock (BH), inside both, protects the queue.
 * link->rx_lock (BH) protects receiving: replay windows, incomplete packets, the ring of received
 * cells. It is never held together with tx_lock. path->lock may be taken under either.
 *
 * Contexts: cells are built in the tx worker, which is a softirq or a work with BH off; cells are
 * received in BH, under RCU; a link begins, changes and ends in process context, under rn->lock.
 */
#ifndef RTPL_LINK_H
#define RTPL_LINK_H

#include <linux/hrtimer.h>

#include "session/session.h"
#include "transport/transport.h"

struct rtpl_tx_worker;

struct rtpl_tx_stats {
	u64 cells, chaff, handshake, wire_bytes;
	u64 packets, bytes, pad_bytes, chaff_bytes;
	struct rtpl_hist delay;
};

struct rtpl_rx_stats {
	u64 cells, chaff, handshake, wire_bytes;
	u64 packets, bytes;
};

/*
 * Most bytes that a link without slots holds before the rest has to wait in the class's child
 * qdisc. How many it takes depends on how often the device makes it wait.
 */
#define RTPL_TXQ_BYTES	(2 * 65536)

#define RTPL_LINK_WAITS		0	/* on rn->waiting, which holds a reference */
#define RTPL_LINK_REFUSED	1	/* a packet, for want of memory without keys: txq.c */
#define RTPL_LINK_DOUBTED	2	/* path_probed, and the ceiling was tried again: tx_lock */

/* Runs of received like cells of which the engine was not told yet; runs beyond are not told. */
#define RTPL_RX_RING		128

/* A way to another node: where its cells go, its sessions, what is sent and what comes. */
struct rtpl_link {
	struct rtpl_owner *owner;
	struct rtpl_path path;
	struct rtpl_session session;

	/* --- sending; tx_lock, BH --- */
	spinlock_t tx_lock;
	u32 reported;			/* packets in txq that the engine knows of; txq.lock */
	struct rtpl_shape shape;	/* in force */
	struct rtpl_engine engine;
	const struct rtpl_profile *profile;	/* that shape and engine come from, or NULL */
	u8 role;			/* enum rtpl_end */
	bool by_policy;			/* the profile is a policy's */
	u8 say;				/* changes, never to 0, with what the other end is told */
	struct rtpl_pack pack;		/* the block under way, of the packet cur */
	u16 hs_len;			/* of hs_buf */
	struct sk_buff *cur;
	struct sk_buff_head txq;	/* packets handed over by the qdisc */
	u32 txq_bytes;			/* in txq; txq.lock */
	u32 txq_want;			/* bytes waiting below which the qdisc hands over more */
	struct timer_list txq_timer;	/* while anything is in txq: what waits too long */
	u64 path_since;			/* ns, when path_probed was set */
	u16 cell_path;			/* largest cell that the path is known to carry */
	u16 cell_ceiling;		/* largest the route's MTU allows */
	bool path_probed;		/* cell_path is below the ceiling: handshakes found so */
	bool dead;			/* no more sending: teardown has begun */
	bool up;			/* there were keys at the last look */
	bool slotted;			/* slots of its own: txq_want is what the next ones take */
	bool want_hit;			/* the qdisc kept packets because of txq_want */
	bool passed;			/* the cells being sent passed a qdisc of ours */
	u16 pad_have;			/* unused bytes at pad's front */
	u32 pack_index;			/* session (local index) for whose cells pack is laid */
	u32 pack_left;			/* bytes of the block under way that are in no cell yet */
	u32 lead;			/* ns that slots are built ahead */
	u8 *hs_buf;			/* a handshake datagram that waits for its slot, or NULL */
	u64 slot_wake;			/* when to begin the next slot; 0: begun, or none */
	int out_ifindex;		/* device whose qdisc the cells passed last; 0: none */
	int route_ifindex;		/* device of the route by which they left */

	u8 *pad;			/* random bytes drawn ahead, for padding */
	struct delayed_work pad_work;

	unsigned long flags;		/* RTPL_LINK_*, atomic bits */
	struct list_head wait;		/* rn->waiting: a device's release queue is full */
	struct rtpl_tx_worker *worker;	/* link/tx_worker.c */
	struct hrtimer timer;		/* next slot of a fixed schedule, or when to look again */
	struct rtpl_tx_stats tx_stats;

	/* --- receiving, often on another processor; rx_lock, BH --- */
	spinlock_t rx_lock ____cacheline_aligned_in_smp;
	int in_ifindex;			/* device that cells last came in on */
	struct rtpl_rx_stats rx_stats;
	u8 in_eth[2 * ETH_ALEN];	/* its frame's addresses, for packets that end later */
	u32 rx_ring_in, rx_ring_out;
	u8 differs;			/* enum rtpl_about_differs; rx_lock to write */
	/* Received cells, for the engine: written under rx_lock, read under tx_lock. */
	struct rtpl_rx_run {
		u64 at;			/* ns */
		u16 size;
		u16 n;			/* number of like cells */
		bool data;
	} *rx_ring;			/* RTPL_RX_RING, from the first profile on to the end */
	u64 rx_ring_lost;
	struct timer_list reasm_timer;	/* incomplete packets of this link's sessions */

	struct rtpl_about theirs;	/* what the other end said of its settings */
	unsigned long differs_at;	/* jiffies, of the last event about that */

	/*
	 * Cells of this link inside another link's cells, by tunnels of the stack: own.c;
	 * READ_ONCE.
	 */
	u32 rides_on;			/* id of that link's owner, 0: none yet */
	u32 rides_at;			/* jiffies, the last time */
};

/**
 * rtpl_link_of() - the link to which a session belongs
 * @s: session
 *
 * Context: any.
 * Return: the link, in whose memory the session lies.
 */
static inline struct rtpl_link *rtpl_link_of(struct rtpl_session *s)
{
	return container_of(s, struct rtpl_link, session);
}

/**
 * struct rtpl_link_ops - what links ask of the room route, registered by main.c
 * @by_packet: find the link for a packet whose cipher took longer; NULL: none. nhoff: offset of the
 *	network header from skb->data. Called by crypt.c: BH, RCU read side
 */
struct rtpl_link_ops {
	struct rtpl_link *(*by_packet)(struct rtpl_net *rn, const struct sk_buff *skb,
				       int nhoff);
};

extern const struct rtpl_link_ops *rtpl_link_ops;

/* What main.c registers with the room session. */
extern const struct rtpl_session_ops rtpl_link_session_ops;

/* ---- link.c ---- */

int rtpl_link_init(struct rtpl_link *link, struct rtpl_owner *owner,
		   const u8 public_key[RTPL_KEY_LEN]);
void rtpl_link_free(struct rtpl_link *link);
void rtpl_link_stop(struct rtpl_link *link);
void rtpl_link_about(const struct rtpl_link *link, struct rtpl_about *about);
void rtpl_link_compare(struct rtpl_link *link);
size_t rtpl_link_memory(struct rtpl_link *link);

/* ---- tx.c ---- */

void rtpl_tx_kick(struct rtpl_link *link);
void rtpl_tx_kick_more(struct rtpl_link *link);
void rtpl_txq_add(struct rtpl_link *link, struct sk_buff *skb);

/* What has no room, if anything. */
enum rtpl_tx_want { RTPL_TX_WANTS, RTPL_TX_LINK_FULL, RTPL_TX_DEVICE_FULL };
enum rtpl_tx_want rtpl_tx_wants(struct rtpl_link *link);

/**
 * rtpl_tx_waits_for_device() - did the device make the link wait lately?
 * @link: link
 *
 * Context: any.
 * Return: true if so, and the link takes fewer packets ahead.
 */
static inline bool rtpl_tx_waits_for_device(const struct rtpl_link *link)
{
	return !READ_ONCE(link->slotted) &&
	       READ_ONCE(link->txq_want) < RTPL_TXQ_BYTES;
}

void rtpl_tx_passes(struct rtpl_net *rn, int ifindex);
int rtpl_tx_handshake(struct rtpl_session *s, const u8 *data, u16 len);
void rtpl_tx_keepalive(struct rtpl_session *s);
int rtpl_tx_init(struct rtpl_link *link);
const struct rtpl_profile *rtpl_tx_reshape(struct rtpl_link *link, const struct rtpl_shape *shape,
					   const struct rtpl_profile *profile, u8 role,
					   bool by_policy);
void rtpl_tx_note_rx(struct rtpl_link *link, const struct rtpl_rx_run *run);
void rtpl_tx_end(struct rtpl_link *link);
void rtpl_tx_stop(struct rtpl_link *link);
void rtpl_tx_lost(struct rtpl_session *s);
void rtpl_tx_forget(struct rtpl_session *s);

/* ---- tx_worker.c ---- */

int rtpl_tx_worker_module_init(void);
void rtpl_tx_worker_module_exit(void);

/* ---- spread.c ---- */

int rtpl_spread_module_init(void);
void rtpl_spread_module_exit(void);

/* ---- rx.c ---- */

void rtpl_rx_receive(struct rtpl_net *rn, enum rtpl_transport_kind kind, struct sk_buff *skb,
		     u32 off, u32 step);
void rtpl_rx_init(struct rtpl_link *link);
void rtpl_rx_stop(struct rtpl_link *link);
int rtpl_rx_module_init(void);
void rtpl_rx_module_exit(void);

/* ---- join.c ---- */

void rtpl_join_keypair_free(struct rtpl_keypair *kp);

/* ---- crypt.c ---- */

int rtpl_crypt_net_init(struct rtpl_net *rn);
void rtpl_crypt_net_exit(struct rtpl_net *rn);
void rtpl_crypt_net_free(struct rtpl_net *rn);

#endif /* RTPL_LINK_H */
