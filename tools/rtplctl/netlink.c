// SPDX-License-Identifier: GPL-2.0
/*
 * The netlink socket: requests, dumps, batches, events, and the kernel's own
 * sentence about a refusal (extended acknowledgement).
 *
 * libnl makes and sends messages and finds the family; receiving is done
 * here, because the sentence is not among what libnl hands on, and because
 * batches have many acknowledgements under way.
 */
#include "rtplctl.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#define DUMP_TRIES	20

struct conn {
	struct nl_sock *sk;
	int family;
	int error;		/* the kernel's errno of the last failure */
	uint32_t seq;
	char *buf;
	size_t size;
};

int conn_errno(const struct conn *c)
{
	return c->error;
}

/* ---- open and close ---- */

static struct conn *open_socket(int protocol, struct err *e)
{
	struct conn *c = calloc(1, sizeof(*c));
	int on = 1, fd, rc;

	if (!c) {
		err_set(e, "out of memory");
		return NULL;
	}
	c->size = 64 << 10;
	c->buf = malloc(c->size);
	c->sk = nl_socket_alloc();
	if (!c->buf || !c->sk) {
		err_set(e, "out of memory");
		goto fail;
	}
	rc = protocol == NETLINK_GENERIC ? genl_connect(c->sk) : nl_connect(c->sk, protocol);
	if (rc) {
		err_set(e, "cannot open a netlink socket: %s", nl_geterror(rc));
		goto fail;
	}
	fd = nl_socket_get_fd(c->sk);
	/* Older kernels than ours lack none of these; a failure costs only text. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	c->seq = 1;
	return c;
fail:
	conn_close(c);
	return NULL;
}

struct conn *conn_open_route(struct err *e)
{
	return open_socket(NETLINK_ROUTE, e);
}

struct conn *conn_open(struct err *e)
{
	struct conn *c = open_socket(NETLINK_GENERIC, e);

	if (!c)
		return NULL;
	c->family = genl_ctrl_resolve(c->sk, RTPL_GENL_NAME);
	if (c->family < 0) {
		if (c->family == -NLE_OBJ_NOTFOUND)
			err_set(e, "the kernel module is not loaded (load it with \"modprobe rtpl\")");
		else
			err_set(e, "cannot ask the kernel for its rtpl family: %s",
				nl_geterror(c->family));
		conn_close(c);
		return NULL;
	}
	return c;
}

void conn_close(struct conn *c)
{
	if (!c)
		return;
	nl_socket_free(c->sk);
	if (c->buf)
		explicit_bzero(c->buf, c->size);	/* keys may have come */
	free(c->buf);
	free(c);
}

void conn_room(struct conn *c, size_t bytes)
{
	int fd = nl_socket_get_fd(c->sk), room = bytes * 2 + 65536;

	/* Whoever may not have more than the system's limit is told by the send. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)))
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
}

bool rtpl_family_present(void)
{
	struct err e;
	struct conn *c = conn_open(&e);

	conn_close(c);
	return c;
}

struct nl_msg *conn_request(struct conn *c, int cmd, int flags, size_t room)
{
	struct nl_msg *msg = nlmsg_alloc_size(room + 256);

	if (!msg)
		return NULL;
	if (!genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, c->family, 0, flags, cmd,
			 RTPL_GENL_VERSION)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static void free_msg(struct nl_msg *msg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);

	explicit_bzero(nlmsg_data(nlh), nlmsg_datalen(nlh));
	nlmsg_free(msg);
}

/* ---- receive ---- */

/* One datagram into c->buf. Return: its length, -1 with errno. */
static ssize_t receive(struct conn *c)
{
	int fd = nl_socket_get_fd(c->sk);
	ssize_t n;

	do {
		n = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if ((size_t)n > c->size) {
		char *more = malloc(n);

		if (!more) {
			errno = ENOMEM;
			return -1;
		}
		explicit_bzero(c->buf, c->size);
		free(c->buf);
		c->buf = more;
		c->size = n;
	}
	do {
		n = recv(fd, c->buf, c->size, 0);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* The kernel's sentence behind @at, or NULL. */
static const char *ext_ack(const void *at, size_t len, char *text, size_t size)
{
	const struct nlattr *a = at;

	while (len >= sizeof(*a) && a->nla_len >= sizeof(*a) && a->nla_len <= len) {
		size_t step = NLA_ALIGN(a->nla_len);

		if ((a->nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG) {
			snprintf(text, size, "%.*s", (int)(a->nla_len - sizeof(*a)),
				 (const char *)(a + 1));
			return *text ? text : NULL;
		}
		if (step >= len)
			break;
		len -= step;
		a = (const void *)((const char *)a + step);
	}
	return NULL;
}

/*
 * An acknowledgement, good or bad, or the end of a dump.
 * Return: 0 or -1 and a sentence.
 */
static int acknowledged(struct conn *c, const struct nlmsghdr *nlh, struct err *e)
{
	const struct nlmsgerr *ack = NLMSG_DATA(nlh);
	size_t len = nlh->nlmsg_len - NLMSG_HDRLEN, skip;
	const char *said = NULL;
	char text[256];
	int error;

	if (len < sizeof(int))
		return err_set(e, "the kernel's answer is too short");
	error = -ack->error;
	skip = sizeof(int);
	if (nlh->nlmsg_type == NLMSG_ERROR) {
		skip = sizeof(*ack);
		if (!(nlh->nlmsg_flags & NLM_F_CAPPED) && error && len >= skip)
			skip += NLMSG_ALIGN(ack->msg.nlmsg_len) - sizeof(ack->msg);
	}
	if ((nlh->nlmsg_flags & NLM_F_ACK_TLVS) && len > skip)
		said = ext_ack((const char *)ack + skip, len - skip, text, sizeof(text));
	if (error <= 0) {
		if (said)
			warn("%s", said);
		return 0;
	}
	c->error = error;
	/* One sentence for it, whichever request met it first. */
	if (error == EPERM && (!said || strstr(said, "CAP_NET_ADMIN")))
		return err_set(e, NEED_ROOT);
	if (said)
		return err_set(e, "%s", said);
	return err_set(e, "the kernel refused: %s", strerror(error));
}

static int send_bytes(struct conn *c, void *data, size_t len, struct err *e)
{
	int n = nl_sendto(c->sk, data, len);

	return n < 0 ? err_set(e, "cannot send to the kernel: %s", nl_geterror(n)) : 0;
}

static struct nlmsghdr *stamp(struct conn *c, struct nl_msg *msg, int flags)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);

	nlh->nlmsg_seq = ++c->seq;
	nlh->nlmsg_pid = nl_socket_get_local_port(c->sk);
	nlh->nlmsg_flags |= NLM_F_REQUEST | flags;
	return nlh;
}

/* Replies up to the acknowledgement; *intr: the dump is not consistent. */
static int replies(struct conn *c, bool dump, reply_fn fn, void *arg, bool *intr, struct err *e)
{
	const struct nlmsghdr *nlh;
	bool failed = false;
	ssize_t n;

	for (;;) {
		n = receive(c);
		if (n < 0)
			return err_set(e, "no answer from the kernel: %s", strerror(errno));
		for (nlh = (void *)c->buf; NLMSG_OK(nlh, (size_t)n); nlh = NLMSG_NEXT(nlh, n)) {
			if (nlh->nlmsg_seq != c->seq)
				continue;
			if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
				*intr = true;
			if (nlh->nlmsg_type == NLMSG_ERROR ||
			    (dump && nlh->nlmsg_type == NLMSG_DONE))
				return acknowledged(c, nlh, e) || failed ? -1 : 0;
			if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && fn && !failed)
				failed = fn(nlh, arg, e);	/* read on to the end */
		}
	}
}

int conn_do(struct conn *c, struct nl_msg *msg, reply_fn fn, void *arg, struct err *e)
{
	struct nlmsghdr *nlh = stamp(c, msg, NLM_F_ACK);
	bool intr = false;
	int rc;

	c->error = 0;
	rc = send_bytes(c, nlh, nlh->nlmsg_len, e);
	free_msg(msg);
	return rc ? rc : replies(c, false, fn, arg, &intr, e);
}

int conn_dump(struct conn *c, struct nl_msg *msg, reply_fn fn, void (*restart)(void *arg),
	      void *arg, struct err *e)
{
	bool intr = true;
	int rc = 0, i;

	c->error = 0;
	for (i = 0; i < DUMP_TRIES && intr && !rc; i++) {
		struct nlmsghdr *nlh = stamp(c, msg, NLM_F_DUMP);

		if (i && restart)
			restart(arg);
		intr = false;
		rc = send_bytes(c, nlh, nlh->nlmsg_len, e);
		if (!rc)
			rc = replies(c, true, fn, arg, &intr, e);
	}
	free_msg(msg);
	if (!rc && intr)
		rc = err_set(e, "the configuration changes faster than it can be read");
	return rc;
}

/* ---- many ---- */

/*
 * Each in a datagram of its own: the kernel carries out all messages of one, also those behind
 * a refused one, and what stands behind may take away what the refused one was to replace.
 */
uint32_t conn_many(struct conn *c, struct nl_msg **msgs, uint32_t n, struct err *e)
{
	uint32_t done;
	bool intr;

	c->error = 0;
	for (done = 0; done < n; done++) {
		struct nlmsghdr *nlh = stamp(c, msgs[done], NLM_F_ACK);

		if (send_bytes(c, nlh, nlh->nlmsg_len, e) || replies(c, false, NULL, NULL, &intr, e))
			break;
	}
	return done;
}

/* ---- packets ---- */

int conn_poll(struct conn *c, int ms, reply_fn fn, void *arg, struct err *e)
{
	struct pollfd fd = { .fd = nl_socket_get_fd(c->sk), .events = POLLIN };
	const struct nlmsghdr *nlh;
	ssize_t n;

	/* What is there is read without waiting, however much it is. */
	for (; poll(&fd, 1, ms) > 0; ms = 0) {
		n = receive(c);
		if (n < 0 && errno == ENOBUFS)
			continue;	/* what was lost is counted in the messages */
		if (n < 0)
			return err_set(e, "cannot read from the kernel: %s", strerror(errno));
		for (nlh = (void *)c->buf; NLMSG_OK(nlh, (size_t)n); nlh = NLMSG_NEXT(nlh, n))
			if (nlh->nlmsg_type == c->family && fn(nlh, arg, e))
				return -1;
	}
	return 0;
}

void conn_backlog(struct conn *c, size_t bytes)
{
	int fd = nl_socket_get_fd(c->sk), room = bytes;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
}

/* ---- events ---- */

int conn_listen(struct conn *c, reply_fn fn, void *arg, struct err *e)
{
	const struct nlmsghdr *nlh;
	int group, rc;
	ssize_t n;

	group = genl_ctrl_resolve_grp(c->sk, RTPL_GENL_NAME, RTPL_MCGRP_EVENTS);
	if (group < 0)
		return err_set(e, "the kernel has no group of rtpl events: %s", nl_geterror(group));
	rc = nl_socket_add_membership(c->sk, group);
	if (rc == -NLE_PERM)
		return err_set(e, NEED_ROOT);
	if (rc)
		return err_set(e, "cannot listen to events: %s", nl_geterror(rc));
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = nl_socket_get_fd(c->sk), .events = POLLIN },
			{ .fd = STDOUT_FILENO },
		};

		/* Nothing may happen for hours; the reader may have left long before. */
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_set(e, "cannot wait for events: %s", strerror(errno));
		}
		if (!fds[0].revents && reader_left(0))
			return 0;
		n = receive(c);
		if (n < 0 && errno == ENOBUFS) {
			warn("events came faster than they were read; some are lost");
			continue;
		}
		if (n < 0)
			return err_set(e, "cannot listen to events: %s", strerror(errno));
		for (nlh = (void *)c->buf; NLMSG_OK(nlh, (size_t)n); nlh = NLMSG_NEXT(nlh, n)) {
			if (nlh->nlmsg_type != c->family)
				continue;
			rc = fn(nlh, arg, e);
			if (rc)
				return rc;
		}
	}
}
