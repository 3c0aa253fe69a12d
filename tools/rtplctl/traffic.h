/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inner packets: of a link that runs (tap.c), or of a set of traces; what they look like.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#include "config.h"

/* Bytes of a packet that may be an acknowledgement only, as rtpl-judge has it. */
#define TRAFFIC_NO_DATA	80
/* Of a capture, or of a set that is read. */
#define TRAFFIC_MOST	4000000

struct packet {
	uint64_t at;		/* ns */
	uint32_t bytes;		/* of IP */
	uint32_t flow;		/* number of what belongs together */
	uint32_t near, far;	/* numbers of the addresses on this side and the peer's */
	uint16_t near_port, far_port;
	uint8_t proto;
	bool out;		/* to the peer; of a set: from the client */
};

struct packets {
	struct packet *p;
	size_t n, room;
};

/* Return: 0, or -1: there is no memory, or there are TRAFFIC_MOST. */
int packets_add(struct packets *list, const struct packet *p);
/* Into the order of time; equal times keep theirs. */
void packets_sort(struct packet *p, size_t n);
void packets_free(struct packets *list);

/**
 * packets_rtt() - the round trip time of the link
 * @p: @n packets in order of time
 * @from: ns; flows that were there before tell nothing
 *
 * The median, over connections that begin, of the time from the first packet sent to the next one
 * that comes: TCP's SYN and its answer, or that and its acknowledgement. @flows: how many; @least: the
 * shortest, if there is one.
 *
 * Return: ns, 0: not known.
 */
uint64_t packets_rtt(const struct packet *p, size_t n, uint64_t from, uint32_t *flows, uint64_t *least);

/* ---- talk.c ---- */

/* Labels of visits: what follows is the port that was asked, or a number for the host. */
#define TALK_PORT	"port-"
#define TALK_HOST	"host-"

struct talk_rules {
	uint64_t begun, end;	/* ns: what began before, or may go on behind, is left out */
	uint64_t quiet;		/* ns of silence between two hosts that end a visit */
	bool by_host;		/* else by port */
	int (*visit)(void *ctx, const char *label, const struct packet *p, size_t n);	/* 0, -1: stop */
	void *ctx;
};

/**
 * talk_divide() - divide packets into visits: what two hosts say until they are silent
 * @seen: in order of time
 * @unfinished: visits that were left out are added to it
 *
 * Visits are told in the order in which they end. Time: n log(pairs).
 *
 * Return: 0, or -1 and a sentence.
 */
int talk_divide(const struct packets *seen, const struct talk_rules *rules, uint32_t *unfinished,
		struct err *e);

/* ---- tap.c ---- */

struct tap;

/* All packets of a peer's link from now on. Return: NULL and a sentence. */
struct tap *tap_open(const uint8_t key[RTPL_KEY_LEN], struct err *e);
/* Wait for @ms, or until a signal comes, and add what came. Return: 0 or -1. */
int tap_read(struct tap *t, int ms, struct packets *list, struct err *e);
/* Packets that the kernel did not tell, for nobody read fast enough. */
uint64_t tap_lost(const struct tap *t);
void tap_close(struct tap *t);
uint64_t tap_now(void);		/* by the clock of its packets */

#endif /* TRAFFIC_H */
