/* SPDX-License-Identifier: GPL-2.0 */
/* What traffic looks like: which workload, how much, by how many. */
#ifndef LOOK_H
#define LOOK_H

#include "traffic.h"

/* As advice_workloads counts them, and what is like none of these. */
enum kind { KIND_LONE, KIND_TOKEN, KIND_WEB, KIND_FEDERATED, KIND_OTHER, N_KINDS };

struct look {
	double seconds;			/* that were looked at */
	uint64_t packets, up, down;	/* bytes from who asks, and to it */
	uint32_t visits[N_KINDS], n_visits;
	enum kind kind;			/* of most */
	uint32_t exchanges;		/* requests with an answer */
	uint32_t requests;		/* that began, answered or not */
	uint32_t asked_small;		/* visits whose first data came, behind packets up without data */
	uint32_t hosts;			/* that ask; 0: not known */
	uint32_t connections;		/* 0: not known */
	double busy;			/* share of tenths of a second with data */
	double burst_up[2], burst_down[2];	/* bytes of a request and an answer: median, 90 % */
	bool together;			/* one link's traffic: requests stand beside each other */
	double clients;			/* that ask once in LOOK_ASKS s, as so many requests */
	double clients_error;		/* half of an interval of 95 %, if they ask by chance */
};

/* The judge's clients ask so often, in s; what the attacker watches of one. */
#define LOOK_ASKS	1.5

/*
 * A set of traces: of each visit a list, in order. @near of a packet is its visit's number, @flow that
 * of its column. *flows: has it one? Return: 0 or -1 and a sentence that names the file and the line.
 */
int set_read(const char *path, struct packets *list, bool *flows, struct err *e);

/**
 * look() - what packets look like
 * @p: @n of them, in order of time; of a set in order of visits
 * @how: LOOK_SET: visits by @near; LOOK_FLOWS: a set of many clients, whose visits are by flow;
 *	LOOK_LINK: a link's, visits by the host that asks
 * @seconds: that a link was looked at
 * @client: packets with out are from the end that asks
 *
 * Return: 0, or -1: no memory.
 */
enum look_how { LOOK_SET, LOOK_FLOWS, LOOK_LINK };
int look(struct packet *p, size_t n, enum look_how how, double seconds, bool client, struct look *l);

#endif /* LOOK_H */
