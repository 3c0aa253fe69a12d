/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's names that kmod/core/ uses, for user space. Included by
 * kmod/core/env.h only. Nothing here is a copy of kernel code; what a name
 * means is what the kernel documents.
 */
#ifndef RTPL_HARNESS_ENV_USER_H
#define RTPL_HARNESS_ENV_USER_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- types ---- */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef u16 __le16, __be16;
typedef u32 __le32, __be32;
typedef u64 __le64, __be64;
typedef u16 __sum16;
typedef u32 __wsum;

#define U8_MAX		((u8)~0U)
#define U16_MAX		((u16)~0U)
#define U32_MAX		((u32)~0U)
#define S32_MAX		((s32)(U32_MAX >> 1))
#define U64_MAX		((u64)~0ULL)
#define S64_MAX		((s64)(U64_MAX >> 1))

/* ---- compiler ---- */

#define __packed		__attribute__((__packed__))
#ifndef __always_inline
#define __always_inline		inline __attribute__((__always_inline__))
#endif
#define __aligned(n)		__attribute__((__aligned__(n)))
#define __maybe_unused		__attribute__((__unused__))
#define __must_check		__attribute__((__warn_unused_result__))
#define __force
#define __rcu
#define __read_mostly
#define __ro_after_init
#define fallthrough		__attribute__((__fallthrough__))
#define noinline		__attribute__((__noinline__))
#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define barrier()		__asm__ __volatile__("" : : : "memory")
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define sizeof_field(t, f)	sizeof(((t *)0)->f)
#define offsetofend(t, f)	(offsetof(t, f) + sizeof_field(t, f))
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define BUILD_BUG_ON(c)		_Static_assert(!(c), #c)
#ifndef static_assert
#define static_assert(...)	static_assert_(__VA_ARGS__, #__VA_ARGS__)
#define static_assert_(c, text, ...)	_Static_assert(c, text)
#endif

/* Where calls through pointers cost no more than others. */
#define INDIRECT_CALL_3(f, f3, f2, f1, ...)	(f)(__VA_ARGS__)

/* What the kernel warns of once is a defect here. */
#define WARN_ON_ONCE(c) ({ if (c) abort(); false; })
#define WARN_ON(c)	WARN_ON_ONCE(c)

/* ---- numbers ---- */

#define min_t(t, a, b)	({ t a_ = (a); t b_ = (b); a_ < b_ ? a_ : b_; })
#define max_t(t, a, b)	({ t c_ = (a); t d_ = (b); c_ > d_ ? c_ : d_; })
#define min(a, b)	({ __auto_type a_ = (a); __auto_type b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b)	({ __auto_type c_ = (a); __auto_type d_ = (b); c_ > d_ ? c_ : d_; })
#define clamp_t(t, v, lo, hi)	min_t(t, max_t(t, v, lo), hi)
#define swap(a, b)	do { __auto_type t_ = (a); (a) = (b); (b) = t_; } while (0)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_up(n, d)	(DIV_ROUND_UP(n, d) * (d))
#define BIT(n)		(1UL << (n))
#define BIT_ULL(n)	(1ULL << (n))
#define BITS_PER_LONG	((int)sizeof(long) * 8)

#define check_add_overflow(a, b, d)	__builtin_add_overflow(a, b, d)
#define check_sub_overflow(a, b, d)	__builtin_sub_overflow(a, b, d)
#define check_mul_overflow(a, b, d)	__builtin_mul_overflow(a, b, d)

static inline int fls(unsigned int x) { return x ? 32 - __builtin_clz(x) : 0; }
static inline int fls64(u64 x) { return x ? 64 - __builtin_clzll(x) : 0; }
static inline unsigned long __ffs(unsigned long x) { return __builtin_ctzl(x); }
static inline int ilog2(u64 x) { return fls64(x) - 1; }
static inline unsigned int hweight64(u64 x) { return __builtin_popcountll(x); }

static inline u32 rol32(u32 w, unsigned int n) { return w << (n & 31) | w >> (-n & 31); }
static inline u32 ror32(u32 w, unsigned int n) { return w >> (n & 31) | w << (-n & 31); }
static inline u64 rol64(u64 w, unsigned int n) { return w << (n & 63) | w >> (-n & 63); }

static inline u64 div_u64(u64 a, u32 b) { return a / b; }
static inline u64 div64_u64(u64 a, u64 b) { return a / b; }
static inline s64 div_s64(s64 a, s32 b) { return a / b; }
static inline u64 div_u64_rem(u64 a, u32 b, u32 *rem)
{
	*rem = a % b;
	return a / b;
}

static inline u64 div64_u64_rem(u64 a, u64 b, u64 *rem)
{
	*rem = a % b;
	return a / b;
}

typedef unsigned __int128 u128;

static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return (u128)a * mul >> shift;
}

static inline u64 mul_u64_u64_shr(u64 a, u64 mul, unsigned int shift)
{
	return (u128)a * mul >> shift;
}

/* ---- bytes ---- */

#define RTPL_BYTES(bits, end, conv)						\
static inline u##bits get_unaligned_##end##bits(const void *p)			\
{										\
	u##bits v;								\
										\
	memcpy(&v, p, sizeof(v));						\
	return conv(v);								\
}										\
										\
static inline void put_unaligned_##end##bits(u##bits v, void *p)		\
{										\
	v = conv(v);								\
	memcpy(p, &v, sizeof(v));						\
}										\
										\
static inline u##bits end##bits##_to_cpu(u##bits v) { return conv(v); }	\
static inline u##bits cpu_to_##end##bits(u##bits v) { return conv(v); }

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RTPL_BE16(v)	__builtin_bswap16(v)
#define RTPL_BE32(v)	__builtin_bswap32(v)
#define RTPL_BE64(v)	__builtin_bswap64(v)
#define RTPL_LE16(v)	(v)
#define RTPL_LE32(v)	(v)
#define RTPL_LE64(v)	(v)
#else
#define RTPL_BE16(v)	(v)
#define RTPL_BE32(v)	(v)
#define RTPL_BE64(v)	(v)
#define RTPL_LE16(v)	__builtin_bswap16(v)
#define RTPL_LE32(v)	__builtin_bswap32(v)
#define RTPL_LE64(v)	__builtin_bswap64(v)
#endif

RTPL_BYTES(16, le, RTPL_LE16)
RTPL_BYTES(32, le, RTPL_LE32)
RTPL_BYTES(64, le, RTPL_LE64)
RTPL_BYTES(16, be, RTPL_BE16)
RTPL_BYTES(32, be, RTPL_BE32)
RTPL_BYTES(64, be, RTPL_BE64)

#define htons(v)	cpu_to_be16(v)
#define ntohs(v)	be16_to_cpu(v)
#define htonl(v)	cpu_to_be32(v)
#define ntohl(v)	be32_to_cpu(v)

static inline void *memchr_inv(const void *p, int c, size_t n)
{
	const u8 *b = p;

	for (; n; n--, b++)
		if (*b != (u8)c)
			return (void *)b;
	return NULL;
}

static inline void memzero_explicit(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

/* ---- one thread, no other reader ---- */

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define smp_store_release(p, v)	WRITE_ONCE(*(p), v)
#define smp_load_acquire(p)	READ_ONCE(*(p))
#define rcu_dereference(p)		(p)
#define rcu_dereference_bh(p)		(p)
#define rcu_dereference_raw(p)		(p)
#define rcu_dereference_check(p, c)	({ (void)(c); (p); })
#define rcu_dereference_protected(p, c)	({ (void)(c); (p); })
#define rcu_access_pointer(p)		(p)
#define rcu_assign_pointer(p, v)	((p) = (v))
#define RCU_INIT_POINTER(p, v)		((p) = (v))
#define rcu_read_lock()			do { } while (0)
#define rcu_read_unlock()		do { } while (0)

struct rcu_head {
	void *unused;
};

#endif /* RTPL_HARNESS_ENV_USER_H */
