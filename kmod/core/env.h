/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only header that files in core/ include besides each other: types,
 * byte order, memory helpers. In the kernel they are the kernel's; in user
 * space tools/harness/env_user.h gives the same names.
 *
 * core/ has no skb, lock, clock, random source or allocation: time, random
 * numbers and memory are passed in.
 */
#ifndef RTPL_CORE_ENV_H
#define RTPL_CORE_ENV_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/errno.h>
#include <linux/indirect_call_wrapper.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#if __has_include(<linux/unaligned.h>)	/* since 6.12 */
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif
#else
#include "env_user.h"
#endif

#endif /* RTPL_CORE_ENV_H */
