/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The format on the wire. Documentation/wire-format.rst says the same in words, with test vectors.
 * All integers are little endian, except in inner IP packets.
 *
 * A cell is one UDP datagram:
 *
 *	+0   le32 index    the receiver's name for the session, never 0
 *	+4   le32 counter  of cells under this key, from 0, never reused
 *	+8   sealed with ChaCha20-Poly1305 (RFC 8439), no associated data,
 *	     nonce = le32 0 | le64 counter:
 *	       +0  le16 pos    bytes of the continued block before this cell
 *	       +2  le16 rest   bytes of the continued block from here on
 *	       +4  u8   back   cells back to where the continued block began
 *	       +5  the continuation, then blocks, then padding
 *	end  16 bytes tag
 *
 * back == 0: nothing is continued, and pos == rest == 0. Otherwise the first min(rest, room) bytes
 * continue the block that began in cell counter - back; the whole block is pos + rest bytes.
 *
 * The first four bits of a block name its type:
 *
 *	0   padding up to the end of the cell: this byte is zero, the rest anything
 *	1   GSO packet: struct rtpl_gso_head, the packet, and when the block
 *	    is cut over cells a trailer: the packet's headers again, then the
 *	    same struct again (so that losing the first cell loses no more
 *	    than what it carried)
 *	2   control: u8 0x20 | type, u8 length, then length bytes
 *	4   an IPv4 packet; its own total length is the block's length
 *	6   an IPv6 packet, likewise (40 + payload length)
 *
 * A block may begin in a cell's last byte; then only the next cell tells its length (pos + rest). A
 * control block is never cut.
 *
 * A handshake datagram has index 0, see noise.h. It has the largest of the cells' sizes.
 *
 * The framing follows the idea of RFC 9347 (IP-TFS) of aggregating and
 * fragmenting without a header for each packet.
 */
#ifndef RTPL_CORE_WIRE_H
#define RTPL_CORE_WIRE_H

#include "env.h"

#define RTPL_TAG_LEN		16
#define RTPL_CELL_HEAD		8	/* index, counter */
#define RTPL_INNER_HEAD		5	/* pos, rest, back */
#define RTPL_CELL_OVERHEAD	(RTPL_CELL_HEAD + RTPL_INNER_HEAD + RTPL_TAG_LEN)

#ifndef RTPL_CELL_MIN			/* same numbers as uapi/linux/rtpl.h */
#define RTPL_CELL_MIN		64
#define RTPL_HANDSHAKE_MIN	256	/* so no shape's largest size is less */
#define RTPL_CELL_MAX		9000
#endif

#define RTPL_BLOCK_HEAD		8	/* bytes that suffice to tell a packet's length */
#define RTPL_BLOCK_MAX		65535
#define RTPL_BACK_MAX		255	/* most cells that may continue one block */

/* The counter ends well below its width; rekey long before. */
#define RTPL_REKEY_AFTER_CELLS	0x40000000U	/* 2^30 */
#define RTPL_REJECT_AFTER_CELLS	(U32_MAX - (1U << 13))

/* The clear part at the beginning of each cell. */
struct rtpl_cell_head {
	__le32 index;
	__le32 counter;
} __packed;

/* Types of blocks, see the head of this file. */
enum rtpl_block_type {
	RTPL_BLOCK_PAD = 0,
	RTPL_BLOCK_GSO = 1,
	RTPL_BLOCK_CTRL = 2,
	RTPL_BLOCK_IPV4 = 4,
	RTPL_BLOCK_IPV6 = 6,
};

/* Types of control blocks. */
enum rtpl_ctrl_type {
	RTPL_CTRL_ABOUT = 1,	/* settings of the sender's end: about.h */
	RTPL_CTRL_CHAFF = 15,	/* no bytes: this cell is chaff, not a keepalive */
};

/* Kinds of super-packets: TCP or UDP, over IPv4 or IPv6. */
enum rtpl_gso_kind {
	RTPL_GSO_TCP4 = 1,
	RTPL_GSO_TCP6,
	RTPL_GSO_UDP4,
	RTPL_GSO_UDP6,
	__RTPL_GSO_KIND_MAX
};

/* Most segments of a super-packet that travels whole; others are cut first. */
#define RTPL_GSO_SEGS_MAX	256
/*
 * Least bytes of payload in a segment of such a packet, so that a cell makes hardly more packets
 * than it could carry one by one. TCP has no smaller ones (tcp_min_snd_mss is 48, options 12).
 */
#define RTPL_GSO_SIZE_MIN	32

/* rtpl_gso_head.flags */
#define RTPL_GSO_F_TRAILER	0x01
#define RTPL_GSO_F_ECN		0x02	/* SKB_GSO_TCP_ECN */
#define RTPL_GSO_F_FIXEDID	0x04	/* SKB_GSO_TCP_FIXEDID: segments share the IP ID */
#define RTPL_GSO_FLAGS		0x07

/*
 * The segmentation facts of a super-packet whose transport checksum is
 * partial (over the pseudo-header only, as the stack leaves it).
 */
struct rtpl_gso_head {
	u8 type_kind;		/* 0x10 | enum rtpl_gso_kind */
	u8 flags;
	__le16 gso_size;	/* payload bytes of each segment but the last */
	__le16 pkt_len;		/* IP bytes of the whole packet */
	u8 hdr_len;		/* IP and transport headers with options */
	u8 l4_off;		/* where the transport header begins */
} __packed;

#endif /* RTPL_CORE_WIRE_H */
