/* SPDX-License-Identifier: GPL-2.0 */
/* The room of a link: its queue, building, sealing, sending, opening, delivery. */
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
 * Bytes a link without slots holds at most before the rest has to wait in the class's child
 * qdisc. How many it takes follows from how often the device makes it wait.
 */
#define RTPL_TXQ_BYTES	(2 * 65536)

#define RTPL_LINK_WAITS		0	/* on rn->waiting, which holds a reference */

/* Runs of like cells that came and the engine was not told of yet; more are not told. */
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
	const struct rtpl_profile *profile;	/* that shape and engine are of, or NULL */
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
	u64 path_since;			/* ns, when path_probed was found out */
	u16 cell_path;			/* largest cell the path carries, as known now */
	u16 cell_ceiling;		/* largest the route's MTU allows */
	bool path_probed;		/* cell_path is less than the ceiling: handshakes said so */
	bool dead;			/* no more sending: teardown has begun */
	bool up;			/* there were keys when last looked */
	bool slotted;			/* slots of its own: txq_want is two slots' worth */
	bool want_hit;			/* the qdisc kept packets because of txq_want */
	bool passed;			/* the cells being sent passed a qdisc of ours */
	u16 pad_have;			/* unused bytes at pad's front */
	u32 pack_index;			/* session (local index) whose cells pack is laid over */
	u32 pack_left;			/* bytes of the block under way that no cell has yet */
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
	struct hrtimer timer;		/* next slot of a fixed schedule */
	struct rtpl_tx_stats tx_stats;

	/* --- receiving, often on another processor; rx_lock, BH --- */
	spinlock_t rx_lock ____cacheline_aligned_in_smp;
	int in_ifindex;			/* device that cells last came in on */
	struct rtpl_rx_stats rx_stats;
	u8 in_eth[2 * ETH_ALEN];	/* its frame's addresses, for packets that end later */
	u32 rx_ring_in, rx_ring_out;
	u8 differs;			/* enum rtpl_about_differs; rx_lock to write */
	/* Cells that came, for the engine: written under rx_lock, read under tx_lock. */
	struct rtpl_rx_run {
		u64 at;			/* ns */
		u16 size;
		u16 n;			/* so many alike */
		bool data;
	} *rx_ring;			/* RTPL_RX_RING, from the first profile on to the end */
	u64 rx_ring_lost;
	struct timer_list reasm_timer;	/* incomplete packets of this link's sessions */

	struct rtpl_about theirs;	/* what the other end said of its settings */
	unsigned long differs_at;	/* jiffies, of the last event about that */

	/* Cells of this link in cells of another's, by tunnels of the stack: own.c; READ_ONCE. */
	u32 rides_on;			/* whose: owner's id, 0: none yet */
	u32 rides_at;			/* jiffies, when last */
};

/* The link that a session is of. */
static inline struct rtpl_link *rtpl_link_of(struct rtpl_session *s)
{
	return container_of(s, struct rtpl_link, session);
}

/* What the room route registers in main.c. */
struct rtpl_link_ops {
	/* The link that a packet goes to whose cipher took longer; NULL: none. RCU read side. */
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
/* No more sending or receiving; frees queues. May sleep. Idempotent. */
void rtpl_link_stop(struct rtpl_link *link);
/* This end's settings in force, as the other end is told. Under link->tx_lock. */
void rtpl_link_about(const struct rtpl_link *link, struct rtpl_about *about);
/* Settings of one of the ends are others: do they fit? Process or BH, no lock of the link held. */
void rtpl_link_compare(struct rtpl_link *link);
/* Bytes that it holds beside its own now, for RTPL_STAT_A_MEMORY. */
size_t rtpl_link_memory(struct rtpl_link *link);

/* ---- tx.c ---- */

/* Keys are there (again), data waits, a handshake waits: build. Any context. */
void rtpl_tx_kick(struct rtpl_link *link);
/**
 * rtpl_txq_add() - the qdisc hands a packet to a link
 * Consumes @skb in any case (drops are counted). Context: BH, qdisc root lock.
 */
void rtpl_txq_add(struct rtpl_link *link, struct sk_buff *skb);
/* Has the link room for more without its overflow policy coming in? If not, what has none? */
enum rtpl_tx_want { RTPL_TX_WANTS, RTPL_TX_LINK_FULL, RTPL_TX_DEVICE_FULL };
/* RCU read side. */
enum rtpl_tx_want rtpl_tx_wants(struct rtpl_link *link);
/* Did the device make the link wait lately, so that it takes fewer packets ahead? */
static inline bool rtpl_tx_waits_for_device(const struct rtpl_link *link)
{
	return !READ_ONCE(link->slotted) &&
	       READ_ONCE(link->txq_want) < RTPL_TXQ_BYTES;
}

/* An own cell passes the qdisc of that device. BH. */
void rtpl_tx_passes(struct rtpl_net *rn, int ifindex);
/**
 * rtpl_tx_handshake() - send a handshake datagram to the path's endpoint
 * @data: whole datagram, rtpl_pmtu_handshake_size() bytes, built by handshake.c; copied
 * In a fixed schedule it takes the place of a cell in the next slot.
 * Context: process or BH. Return: 0, -ENOMEM, -EDESTADDRREQ (no endpoint), -ESHUTDOWN.
 */
int rtpl_tx_handshake(struct rtpl_session *s, const u8 *data, u16 len);
/* Send one cell without data (keepalive), as it comes shapes only. */
void rtpl_tx_keepalive(struct rtpl_session *s);
int rtpl_tx_init(struct rtpl_link *link);
const struct rtpl_profile *rtpl_tx_reshape(struct rtpl_link *link, const struct rtpl_shape *shape,
					   const struct rtpl_profile *profile, u8 role,
					   bool by_policy);
/* Cells that came one after the other; the engine wants to know (engine.listens_got). rx_lock. */
void rtpl_tx_note_rx(struct rtpl_link *link, const struct rtpl_rx_run *run);
/* The end in two steps: a grace period has to pass between them. */
void rtpl_tx_end(struct rtpl_link *link);
void rtpl_tx_stop(struct rtpl_link *link);
/* Nobody answered for so long that handshakes stopped or are reported lost: drop
 * what waits for keys. Context: process or BH, no lock held.
 */
void rtpl_tx_lost(struct rtpl_session *s);
/* What was drawn ahead or waits to leave sealed: gone; the engine begins anew with the next keys.
 * Packets stay. Process.
 */
void rtpl_tx_forget(struct rtpl_session *s);

/* ---- tx_worker.c ---- */

int rtpl_tx_worker_module_init(void);
void rtpl_tx_worker_module_exit(void);

/* ---- rx.c ---- */

/* UDP encap_rcv of both sockets. */
void rtpl_rx_receive(struct rtpl_net *rn, enum rtpl_transport_kind kind, struct sk_buff *skb,
		     u32 off, u32 step);
void rtpl_rx_init(struct rtpl_link *link);
void rtpl_rx_stop(struct rtpl_link *link);
int rtpl_rx_module_init(void);
void rtpl_rx_module_exit(void);

/* ---- join.c ---- */

/* Frees what incomplete packets of @kp hold; called when @kp is freed. */
void rtpl_join_keypair_free(struct rtpl_keypair *kp);

/* ---- crypt.c ---- */

int rtpl_crypt_net_init(struct rtpl_net *rn);
void rtpl_crypt_net_exit(struct rtpl_net *rn);
void rtpl_crypt_net_free(struct rtpl_net *rn);

#endif /* RTPL_LINK_H */
