/* SPDX-License-Identifier: GPL-2.0 */
/* The room of a link: its queue, building, sealing, sending, opening, delivery. */
#ifndef RTPL_LINK_H
#define RTPL_LINK_H

#include "rtpl.h"

/* What the room route registers in main.c. */
struct rtpl_link_ops {
	/* The peer that a packet goes to whose cipher took longer; NULL: none. RCU read side. */
	struct rtpl_peer *(*peer_by_packet)(struct rtpl_net *rn, const struct sk_buff *skb,
					    int nhoff, bool src);
};

extern const struct rtpl_link_ops *rtpl_link_ops;

/* ---- link.c ---- */

int rtpl_link_init(struct rtpl_peer *peer);
void rtpl_link_free(struct rtpl_peer *peer);
/* No more sending or receiving; frees queues. May sleep. Idempotent. */
void rtpl_link_stop(struct rtpl_peer *peer);
/* This end's settings in force, as the other end is told. Under link->tx_lock. */
void rtpl_link_about(const struct rtpl_link *link, struct rtpl_about *about);
/* Settings of one of the ends are others: do they fit? Process or BH, no lock of the link held. */
void rtpl_link_compare(struct rtpl_peer *peer);
/* Bytes that this peer holds now, for RTPL_STAT_A_MEMORY. */
size_t rtpl_link_memory(struct rtpl_peer *peer);

/* ---- tx.c ---- */

/* Keys are there (again), data is staged, a handshake waits: build. Any context. */
void rtpl_tx_kick(struct rtpl_peer *peer);
/**
 * rtpl_tx_stage() - the qdisc hands a packet to a link
 * Consumes @skb in any case (drops are counted). Context: BH, qdisc root lock.
 */
void rtpl_tx_stage(struct rtpl_peer *peer, struct sk_buff *skb);
/* Has the link room for more without its overflow policy coming in? If not, what has none? */
enum rtpl_tx_want { RTPL_TX_WANTS, RTPL_TX_LINK_FULL, RTPL_TX_DEVICE_FULL };
/* RCU read side. */
enum rtpl_tx_want rtpl_tx_wants(struct rtpl_peer *peer);
/* Did the device make the link wait lately, so that it takes fewer packets ahead? */
static inline bool rtpl_tx_waits_for_device(const struct rtpl_peer *peer)
{
	return !READ_ONCE(peer->link.slotted) &&
	       READ_ONCE(peer->link.stage_want) < RTPL_STAGE_BYTES;
}

/* An own cell passes the qdisc of that device. BH. */
void rtpl_tx_passes(struct rtpl_net *rn, int ifindex);
/**
 * rtpl_tx_handshake() - send a handshake datagram to the peer's endpoint
 * @data: whole datagram, rtpl_tx_handshake_size() bytes, built by handshake.c; copied
 * In a fixed schedule it takes the place of a cell in the next slot.
 * Context: process or BH. Return: 0, -ENOMEM, -EDESTADDRREQ (no endpoint), -ESHUTDOWN.
 */
int rtpl_tx_handshake(struct rtpl_peer *peer, const u8 *data, u16 len);
/* Size that handshake datagrams must have now: a size of the shape.
 * @attempt counts from 0 since the last answer; later attempts try what a
 * smaller path would carry (RFC 8899).
 */
u16 rtpl_tx_handshake_size(struct rtpl_peer *peer, unsigned int attempt);
/* A handshake of that size was answered: the path carries it. */
void rtpl_tx_path_confirmed(struct rtpl_peer *peer, u16 size);
/* Send one cell without data (keepalive), as it comes shapes only. */
void rtpl_tx_keepalive(struct rtpl_peer *peer);
int rtpl_tx_init(struct rtpl_peer *peer);
const struct rtpl_profile *rtpl_tx_reshape(struct rtpl_peer *peer, const struct rtpl_shape *shape,
					   const struct rtpl_profile *profile, u8 role);
/* Cells that came one after the other; the engine wants to know (engine.listens_got). rx_lock. */
void rtpl_tx_heard(struct rtpl_link *link, const struct rtpl_heard *run);
/* The end in two steps: a grace period has to pass between them. */
void rtpl_tx_end(struct rtpl_peer *peer);
void rtpl_tx_stop(struct rtpl_peer *peer);
/* Nobody answered for so long that handshakes stopped or are reported lost: drop
 * what waits for keys. Context: process or BH, no lock held.
 */
void rtpl_tx_link_lost(struct rtpl_peer *peer);
/* What was drawn ahead or waits to leave sealed: gone; the engine begins anew with the next keys.
 * Packets stay. Process.
 */
void rtpl_tx_forget(struct rtpl_peer *peer);

/* ---- builder.c ---- */

int rtpl_builder_module_init(void);
void rtpl_builder_module_exit(void);

/* ---- rx.c ---- */

/* UDP encap_rcv of both sockets. */
int rtpl_rx_encap(struct sock *sk, struct sk_buff *skb);
void rtpl_rx_init(struct rtpl_peer *peer);
void rtpl_rx_stop(struct rtpl_peer *peer);
/* Frees what incomplete packets of @kp hold; called when @kp is freed. */
void rtpl_rx_keypair_free(struct rtpl_keypair *kp);
int rtpl_rx_module_init(void);
void rtpl_rx_module_exit(void);

/* ---- crypt.c ---- */

int rtpl_crypt_net_init(struct rtpl_net *rn);
void rtpl_crypt_net_exit(struct rtpl_net *rn);
void rtpl_crypt_net_free(struct rtpl_net *rn);

#endif /* RTPL_LINK_H */
