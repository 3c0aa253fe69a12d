/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For every test file: KUnit (the kernel's, or tools/harness/kunit/ in user
 * space), what older kernels' KUnit lacks, and the model.
 */
#ifndef RTPL_KUNIT_LIB_H
#define RTPL_KUNIT_LIB_H

#include <kunit/test.h>

#include "model.h"

/* Since 6.3 */
#ifndef KUNIT_EXPECT_MEMEQ
#define KUNIT_EXPECT_MEMEQ(test, left, right, size) \
	KUNIT_EXPECT_EQ(test, 0, memcmp(left, right, size))
#endif
#ifndef KUNIT_ASSERT_MEMEQ
#define KUNIT_ASSERT_MEMEQ(test, left, right, size) \
	KUNIT_ASSERT_EQ(test, 0, memcmp(left, right, size))
#endif
#ifndef KUNIT_ASSERT_NOT_NULL
#define KUNIT_ASSERT_NOT_NULL(test, ptr) \
	KUNIT_ASSERT_PTR_NE(test, (const void *)(ptr), (const void *)NULL)
#endif

static inline void *m_kunit_alloc(void *ctx, size_t size)
{
	return kunit_kzalloc(ctx, size, GFP_KERNEL);
}

#define m_net_of(test) ({						\
	struct m_net *net_ = m_net_new(m_kunit_alloc, test);		\
	KUNIT_ASSERT_NOT_NULL(test, net_);				\
	m_net_reset(net_, 1);						\
	net_; })

/* Nothing that the model saw was wrong. */
#define EXPECT_CLEAN(test, net) do {					\
	if ((net)->fault)						\
		KUNIT_FAIL(test, "%s (%u)", (net)->fault, (net)->fault_at);	\
} while (0)

#endif /* RTPL_KUNIT_LIB_H */
