// SPDX-License-Identifier: GPL-2.0
/*
 * For bench.sh: what a packet of so many bytes costs if nothing is done but to copy, seal, open and
 * copy it, with the kernel's ChaCha20-Poly1305. Both ends are one processor.
 *
 *	insmod limit.ko bytes=1328
 *	cat /sys/module/limit/parameters/ns		ns, of both ends
 *	echo 92 >/sys/module/limit/parameters/bytes	the next
 *
 * A test's: it does not load without a size, and the kernel is marked as one that tests ran in.
 */
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <crypto/chacha20poly1305.h>

#define LIMIT_MOST	2048
#define LIMIT_PACKETS	32	/* timed at once, preemption off */
#define LIMIT_TIMES	32	/* so often; the least counts, without interrupts most likely */

struct limit_bytes {
	u8 key[CHACHA20POLY1305_KEY_SIZE];
	u8 from[LIMIT_MOST];
	u8 wire[LIMIT_MOST + CHACHA20POLY1305_AUTHTAG_SIZE];
	u8 to[LIMIT_MOST];
};

static unsigned int limit_bytes;
static unsigned long limit_ns;

static bool limit_packet(struct limit_bytes *b, unsigned int n, u64 nonce)
{
	memcpy(b->wire, b->from, n);
	chacha20poly1305_encrypt(b->wire, b->wire, n, NULL, 0, nonce, b->key);
	if (!chacha20poly1305_decrypt(b->wire, b->wire, n + CHACHA20POLY1305_AUTHTAG_SIZE, NULL, 0,
				      nonce, b->key))
		return false;
	memcpy(b->to, b->wire, n);
	return true;
}

static int limit_measure(unsigned int n)
{
	struct limit_bytes *b = kzalloc(sizeof(*b), GFP_KERNEL);
	u64 least = U64_MAX, took, nonce = 0;
	bool good = true;
	int i, j;

	if (!b)
		return -ENOMEM;
	memset(b->key, 0x11, sizeof(b->key));
	memset(b->from, 0x5a, n);
	for (i = 0; i < LIMIT_TIMES; i++) {
		preempt_disable();
		took = ktime_get_ns();
		for (j = 0; j < LIMIT_PACKETS; j++)
			good &= limit_packet(b, n, nonce++);
		took = ktime_get_ns() - took;
		preempt_enable();
		least = min(least, took);
		cond_resched();
	}
	good &= !memcmp(b->from, b->to, n);
	kfree(b);
	if (!good)
		return -EBADMSG;
	limit_ns = least / LIMIT_PACKETS;
	return 0;
}

static int limit_set(const char *val, const struct kernel_param *kp)
{
	unsigned int n;
	int err;

	err = kstrtouint(val, 0, &n);
	if (err)
		return err;
	if (!n || n > LIMIT_MOST)
		return -EINVAL;
	err = limit_measure(n);
	if (!err)
		limit_bytes = n;
	return err;
}

static const struct kernel_param_ops limit_ops = {
	.set = limit_set,
	.get = param_get_uint,
};

module_param_cb(bytes, &limit_ops, &limit_bytes, 0600);
MODULE_PARM_DESC(bytes, "size of a packet, which is measured at once");
module_param_named(ns, limit_ns, ulong, 0400);
MODULE_PARM_DESC(ns, "what one cost");

static int __init limit_init(void)
{
	return limit_bytes ? 0 : -EINVAL;
}

static void __exit limit_exit(void)
{
}

module_init(limit_init);
module_exit(limit_exit);
MODULE_INFO(test, "Y");
MODULE_DESCRIPTION("what ciphers and a copy cost alone, for RTPL's bench");
MODULE_LICENSE("GPL");
