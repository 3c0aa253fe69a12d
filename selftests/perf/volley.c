// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams of several sizes as fast as a program can send them, questions and answers one at a
 * time, and datagrams at a constant rate: what iperf3 does not do.
 *
 *	volley sink PORT			counts what comes, prints "packets bytes" at SIGTERM
 *	volley send ADDRESS PORT SECONDS SIZE...	sends the sizes in turn, prints "packets bytes"
 *	volley answer PORT			answers each message of BYTES with one
 *	volley ask ADDRESS PORT SECONDS BYTES	prints questions answered in a second
 *	volley pace ADDRESS PORT SECONDS BYTES RATE max|monotonic|tai
 *		RATE datagrams a second: by SO_MAX_PACING_RATE, or each with its time by that clock
 *		(SO_TXTIME), given to the kernel 10 to 20 ms before; of priority 1
 *
 * Sizes are bytes of UDP payload, of TCP payload for ask.
 */
#include <arpa/inet.h>
#include <err.h>
#include <linux/net_tstamp.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t over;
static char data[65536];

static void end(int sig)
{
	over = sig;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static struct sockaddr_in where(const char *address, const char *port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };

	if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
		errx(1, "%s: no IPv4 address", address);
	return to;
}

static int opened(int type, const struct sockaddr_in *to, int server)
{
	int s = socket(AF_INET, type, 0), one = 1, room = 1 << 22;

	if (s < 0)
		err(1, "socket");
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (type == SOCK_STREAM)
		setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (server ? bind(s, (const void *)to, sizeof(*to)) : connect(s, (const void *)to, sizeof(*to)))
		err(1, server ? "bind" : "connect");
	return s;
}

static void sink(const char *port)
{
	struct sockaddr_in to = where("0.0.0.0", port);
	struct sigaction act = { .sa_handler = end };
	int s = opened(SOCK_DGRAM, &to, 1);
	unsigned long packets = 0, bytes = 0;
	ssize_t n;

	sigaction(SIGTERM, &act, NULL);
	while (!over) {
		n = recv(s, data, sizeof(data), 0);
		if (n > 0) {
			packets++;
			bytes += n;
		}
	}
	printf("%lu %lu\n", packets, bytes);
}

static void volley(char **arg, int sizes)
{
	struct sockaddr_in to = where(arg[0], arg[1]);
	int s = opened(SOCK_DGRAM, &to, 0);
	double until = now() + atof(arg[2]);
	unsigned long packets = 0, bytes = 0, size;

	do {
		size = atoi(arg[3 + packets % sizes]);
		if (send(s, data, size, 0) == (ssize_t)size)
			bytes += size;
		packets++;
	} while (packets % 16 || now() < until);
	printf("%lu %lu\n", packets, bytes);
}

static void answer(const char *port)
{
	struct sockaddr_in to = where("0.0.0.0", port);
	int s = opened(SOCK_STREAM, &to, 1), c, one = 1;
	ssize_t n;

	if (listen(s, 8))
		err(1, "listen");
	while ((c = accept(s, NULL, NULL)) >= 0) {
		setsockopt(c, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		while ((n = recv(c, data, sizeof(data), 0)) > 0)
			if (send(c, data, n, 0) != n)
				break;
		close(c);
	}
}

static void ask(char **arg)
{
	struct sockaddr_in to = where(arg[0], arg[1]);
	int s = opened(SOCK_STREAM, &to, 0), bytes = atoi(arg[3]);
	double begin = now(), until = begin + atof(arg[2]);
	unsigned long n = 0;

	do {
		if (send(s, data, bytes, 0) != bytes || recv(s, data, bytes, MSG_WAITALL) != bytes)
			err(1, "the connection");
		n++;
	} while (now() < until);
	printf("%.1f\n", n / (now() - begin));
}

static uint64_t at(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

static void send_at(int s, size_t bytes, uint64_t when)
{
	union {
		char room[CMSG_SPACE(sizeof(when))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec part = { .iov_base = data, .iov_len = bytes };
	struct msghdr msg = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_TXTIME;
	c->cmsg_len = CMSG_LEN(sizeof(when));
	memcpy(CMSG_DATA(c), &when, sizeof(when));
	if (sendmsg(s, &msg, 0) < 0)
		err(1, "sendmsg");
}

static void pace(char **arg)
{
	struct sockaddr_in to = where(arg[0], arg[1]);
	int s = opened(SOCK_DGRAM, &to, 0), bytes = atoi(arg[3]), one = 1, room = 1 << 22;
	clockid_t clock = strcmp(arg[5], "tai") ? CLOCK_MONOTONIC : CLOCK_TAI;
	struct sock_txtime txtime = { .clockid = clock };
	double seconds = atof(arg[2]), rate = atof(arg[4]);
	/* What Ethernet, IP and UDP add is in the qdisc's account. */
	uint64_t bytes_per_s = rate * (bytes + 42), begin, k, n = seconds * rate;
	struct timespec rest = { .tv_nsec = 10000000 };

	setsockopt(s, SOL_SOCKET, SO_PRIORITY, &one, sizeof(one));
	if (!strcmp(arg[5], "max")) {
		/* So that it sleeps, and the qdisc need not drop. */
		room = 32 * (bytes + 600) / 2;
		if (setsockopt(s, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) ||
		    setsockopt(s, SOL_SOCKET, SO_MAX_PACING_RATE, &bytes_per_s, sizeof(bytes_per_s)))
			err(1, "SO_MAX_PACING_RATE");
		for (k = 0; k < n; k++)
			if (send(s, data, bytes, 0) < 0)
				err(1, "send");
		return;
	}
	if (setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) ||
	    setsockopt(s, SOL_SOCKET, SO_TXTIME, &txtime, sizeof(txtime)))
		err(1, "SO_TXTIME");
	begin = at(clock) + 30000000;
	for (k = 0; k < n; k++) {
		uint64_t when = begin + k * 1e9 / rate;

		while (at(clock) + 20000000 < when)
			nanosleep(&rest, NULL);
		send_at(s, bytes, when);
	}
	sleep(1);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!strcmp(what, "sink") && argc == 3)
		sink(argv[2]);
	else if (!strcmp(what, "send") && argc > 5)
		volley(argv + 2, argc - 5);
	else if (!strcmp(what, "answer") && argc == 3)
		answer(argv[2]);
	else if (!strcmp(what, "ask") && argc == 6)
		ask(argv + 2);
	else if (!strcmp(what, "pace") && argc == 8)
		pace(argv + 2);
	else
		errx(2, "sink PORT | send ADDRESS PORT SECONDS SIZE... | answer PORT | ask ADDRESS PORT SECONDS BYTES | pace ADDRESS PORT SECONDS BYTES RATE max|monotonic|tai");
	return 0;
}
