// SPDX-License-Identifier: GPL-2.0
/*
 * Datagrams of several sizes as fast as a program can send them, and questions and answers one at a
 * time: what iperf3 does not do.
 *
 *	volley sink PORT			counts what comes, prints "packets bytes" at SIGTERM
 *	volley send ADDRESS PORT SECONDS SIZE...	sends the sizes in turn, prints "packets bytes"
 *	volley answer PORT			answers each message of BYTES with one
 *	volley ask ADDRESS PORT SECONDS BYTES	prints questions answered in a second
 *
 * Sizes are bytes of UDP payload, of TCP payload for ask.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
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
	else
		errx(2, "sink PORT | send ADDRESS PORT SECONDS SIZE... | answer PORT | ask ADDRESS PORT SECONDS BYTES");
	return 0;
}
