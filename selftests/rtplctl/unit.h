/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RTPLCTL_UNIT_H
#define RTPLCTL_UNIT_H

#include "rtplctl.h"

void check(bool good, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void test_config(void);
void test_policy(void);
void test_apply(void);
void test_fit(void);
void test_talk(void);

#endif /* RTPLCTL_UNIT_H */
