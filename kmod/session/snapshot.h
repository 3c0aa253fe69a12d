/* SPDX-License-Identifier: GPL-2.0 */
/* Secrets that must not survive in a machine that sleeps or was restored from a snapshot. */
#ifndef RTPL_SNAPSHOT_H
#define RTPL_SNAPSHOT_H

#include <linux/types.h>

struct rtpl_net;

int rtpl_snapshot_module_init(void);
void rtpl_snapshot_module_exit(void);
void rtpl_snapshot_net_init(struct rtpl_net *rn);
void rtpl_snapshot_net_exit(struct rtpl_net *rn);

bool rtpl_snapshot_stale(void);
unsigned int rtpl_snapshot_epoch(void);
void rtpl_random_bytes(void *buf, size_t len);

/* Called by a test build's trigger (kmod/testing.c). */
void rtpl_snapshot_forked(void);
void rtpl_snapshot_sleep(void);
void rtpl_snapshot_wake(void);

/* ---- vmgenid.c: the generation ID of a virtual machine ---- */

#define RTPL_VMGENID	16	/* bytes */

#if IS_ENABLED(CONFIG_ACPI)
const u64 *rtpl_vmgenid_map(void);
void rtpl_vmgenid_unmap(const u64 *id);
#else
static inline const u64 *rtpl_vmgenid_map(void) { return NULL; }
static inline void rtpl_vmgenid_unmap(const u64 *id) {}
#endif

/* ---- testing.c: test builds only ---- */

#ifdef RTPL_TEST_BUILD
bool rtpl_testing_seed(u8 seed[32]);
void rtpl_testing_sealed(u32 counter, const u8 key[32]);
#else
static inline bool rtpl_testing_seed(u8 seed[32]) { return false; }
static inline void rtpl_testing_sealed(u32 counter, const u8 key[32]) { }
#endif

#endif /* RTPL_SNAPSHOT_H */
