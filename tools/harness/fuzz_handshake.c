// SPDX-License-Identifier: GPL-2.0
/*
 * Handshake datagrams, arbitrary, or real ones tampered with by someone who
 * can make their MACs anew, at two nodes that know each other. Nothing may be
 * read or written outside of a datagram, and nothing but an untouched datagram of
 * the other node may be accepted.
 *
 * Input: operations, each u8 what (its low three bits; bit 3: which of the
 * nodes; bit 4: make the MACs anew; bit 5: under load; bit 6: from another
 * address), then its operands.
 */
#include <stdio.h>

#include "../../kmod/core/cookie.h"
#include "../../kmod/core/noise.h"

struct node {
	struct rtpl_noise_local local;
	struct rtpl_noise_peer peer;
	struct rtpl_cookie_local cookies;
	struct rtpl_cookie_peer cookie;
};

/* The datagram on the wire, and what was once sent there. */
struct wire {
	u16 len, was_len;
	bool real;		/* made by a node, for node "to" */
	int to;
	u8 msg[RTPL_CELL_MAX], was[RTPL_CELL_MAX];
};

static struct node node[2];
static struct wire wire;
static struct rtpl_noise_keys answered;	/* of the last response made */
static u32 clock, number;
static u64 now;

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_handshake: %s\n", what);
	abort();
}

static void start(void)
{
	u8 key[32];
	int i;

	for (i = 0; i < 2; i++) {
		memset(key, 0x31 + i, sizeof(key));
		need(rtpl_noise_local_set(&node[i].local, key), "key");
		rtpl_cookie_local_init(&node[i].cookies);
		rtpl_cookie_local_set(&node[i].cookies, node[i].local.public);
	}
	for (i = 0; i < 2; i++) {
		rtpl_noise_peer_init(&node[i].peer, node[!i].local.public);
		rtpl_cookie_peer_init(&node[i].cookie, node[!i].local.public);
	}
	clock = 1;
	number = 1;
	now = 1;
	memset(&wire, 0, sizeof(wire));
}

/* What was just made is what is real. */
static void sent(int to, u16 len)
{
	wire.len = len;
	wire.was_len = len;
	wire.to = to;
	wire.real = true;
	memcpy(wire.was, wire.msg, len);
}

/* Is it what the other node made for @to, but for the MACs? */
static bool untouched(int to)
{
	return wire.real && wire.to == to && wire.len == wire.was_len &&
	       !memcmp(wire.msg, wire.was, wire.len - RTPL_NOISE_MACS);
}

static void initiate(int i, u16 len)
{
	u8 secret[32], time[RTPL_NOISE_TIME];

	memset(secret, ++number, sizeof(secret));
	rtpl_noise_time(time, ++clock, 0);
	memset(wire.msg, number, sizeof(wire.msg));
	if (rtpl_noise_create_initiation(&node[i].peer, &node[i].local, secret, time, number,
					 wire.msg, len))
		return;
	rtpl_cookie_seal(&node[i].cookie, wire.msg, len, now);
	sent(!i, len);
}

static void got_initiation(int i)
{
	const struct rtpl_noise_source from = { .proven = true };
	static u8 out[RTPL_CELL_MAX];
	struct rtpl_noise_initiation m;
	u8 secret[32];

	if (rtpl_noise_open_initiation(&node[i].local, wire.msg, wire.len, &m))
		return;
	/* Opened is all but the timestamp. */
	need(wire.real && !memcmp(m.remote_static, node[!i].local.public, 32),
	     "initiation opened");
	if (rtpl_noise_consume_initiation(&node[i].peer, &node[i].local, &m, wire.msg, &from, now))
		return;
	need(untouched(i), "initiation accepted");
	memset(secret, ++number, sizeof(secret));
	memset(out, number, sizeof(out));
	need(!rtpl_noise_create_response(&node[i].peer, &m, secret, number, out, &answered),
	     "response");
	memcpy(wire.msg, out, wire.len);
	rtpl_cookie_seal(&node[i].cookie, wire.msg, wire.len, now);
	sent(!i, wire.len);
}

static void got_response(int i)
{
	struct rtpl_noise_keys keys;

	if (rtpl_noise_consume_response(&node[i].peer, &node[i].local, wire.msg, wire.len, &keys))
		return;
	need(untouched(i), "response taken");
	need(!memcmp(keys.send, answered.recv, 32) && !memcmp(keys.recv, answered.send, 32),
	     "keys differ");
}

static void got_cookie(int i)
{
	static u8 copy[RTPL_CELL_MAX];

	memcpy(copy, wire.msg, wire.len);
	if (rtpl_cookie_consume(&node[i].cookie, copy, wire.len, now))
		return;
	/* Its last bytes are covered as well. */
	need(wire.real && wire.to == i && wire.len == wire.was_len &&
	     !memcmp(wire.msg, wire.was, wire.len), "cookie taken");
}

static void deliver(int i, u8 how)
{
	struct rtpl_cookie_src src = { .port = { how & 0x40 } };
	int type = rtpl_noise_check(wire.msg, wire.len);
	static u8 out[RTPL_CELL_MAX];
	u8 nonce[24];

	if (!type)
		return;
	if (type == RTPL_NOISE_COOKIE) {
		got_cookie(i);
		return;
	}
	switch (rtpl_cookie_check(&node[i].cookies, wire.msg, wire.len, &src, now, how & 0x20)) {
	case RTPL_COOKIE_BAD:
	case RTPL_COOKIE_LIMITED:
		return;
	case RTPL_COOKIE_NONE:
		if (!(how & 0x20))
			break;
		fallthrough;
	case RTPL_COOKIE_WRONG:
		memset(nonce, ++number, sizeof(nonce));
		rtpl_cookie_reply(&node[i].cookies, wire.msg, wire.len, &src, nonce, out);
		memcpy(wire.msg, out, wire.len);
		sent(!i, wire.len);
		return;
	case RTPL_COOKIE_GOOD:
		break;
	}
	if (type == RTPL_NOISE_INITIATION)
		got_initiation(i);
	else
		got_response(i);
}

/* As someone who knows all public keys, and no cookie, would. */
static void new_macs(int to)
{
	struct rtpl_cookie_peer stranger;

	rtpl_cookie_peer_init(&stranger, node[to].local.public);
	if (wire.len >= RTPL_HANDSHAKE_MIN)
		rtpl_cookie_seal(&stranger, wire.msg, wire.len, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int ops = 0;
	u8 op, key[32];
	u16 len;
	int i;

	start();
	while (size >= 3 && ops++ < 64) {
		op = data[0];
		len = data[1] | data[2] << 8;
		data += 3;
		size -= 3;
		i = op >> 3 & 1;

		switch (op & 7) {
		case 0:		/* bytes out of the blue */
			len = min_t(size_t, len % (RTPL_CELL_MAX + 1), size);
			memcpy(wire.msg, data, len);
			wire.len = len;
			data += len;
			size -= len;
			break;
		case 1:		/* node i begins */
			initiate(i, len);
			break;
		case 2:		/* one byte is changed */
			if (wire.len && size) {
				wire.msg[len % wire.len] ^= data[0];
				data++;
				size--;
			}
			break;
		case 3:		/* it arrives */
			break;
		case 4:		/* cut, or lengthened by what lies behind it */
			wire.len = len % (RTPL_CELL_MAX + 1);
			break;
		case 5:		/* time passes */
			now += len * 1000000ULL;
			break;
		case 6:		/* another cookie secret; now and then another pre-shared key */
			memset(key, ++number, sizeof(key));
			rtpl_cookie_rotate(&node[i].cookies, key, now);
			if (len & 1)
				rtpl_noise_peer_set_psk(&node[i].peer, len & 2 ? key : NULL);
			break;
		case 7:		/* what was sent last is sent again */
			wire.len = wire.was_len;
			memcpy(wire.msg, wire.was, wire.len);
			break;
		}
		if (op & 0x10)
			new_macs(i);
		if ((op & 7) == 0 || (op & 7) == 3)
			deliver(i, op);
	}
	return 0;
}
