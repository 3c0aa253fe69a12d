/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a qdisc's plugin needs of tc. iproute2 ships no header for it: these
 * are facts of its binary interface, the same from 6.1 to 7.1 (the type of
 * the first argument has gained a const since, which no call sees). tc exports
 * the functions to what it loads; only printing is used, so that text and
 * JSON look as everywhere in tc.
 */
#ifndef RTPL_IPROUTE2_H
#define RTPL_IPROUTE2_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

struct qdisc_util {
	struct qdisc_util *next;
	const char *id;
	int (*parse_qopt)(const struct qdisc_util *qu, int argc, char **argv,
			  struct nlmsghdr *n, const char *dev);
	int (*print_qopt)(const struct qdisc_util *qu, FILE *f, struct rtattr *opt);
	int (*print_xstats)(const struct qdisc_util *qu, FILE *f, struct rtattr *xstats);
	int (*parse_copt)(const struct qdisc_util *qu, int argc, char **argv,
			  struct nlmsghdr *n, const char *dev);
	int (*print_copt)(const struct qdisc_util *qu, FILE *f, struct rtattr *opt);
	int (*has_block)(const struct qdisc_util *qu, struct rtattr *opt, uint32_t block_idx,
			 bool *has);
};

enum output_type { PRINT_FP = 1, PRINT_JSON = 2, PRINT_ANY = 4 };
enum color_attr { COLOR_NONE = 6 };	/* behind six colours */

extern int print_color_uint(enum output_type type, enum color_attr color, const char *key,
			    const char *fmt, unsigned int value);
extern int print_color_u64(enum output_type type, enum color_attr color, const char *key,
			   const char *fmt, uint64_t value);
extern int print_color_string(enum output_type type, enum color_attr color, const char *key,
			      const char *fmt, const char *value);

#endif /* RTPL_IPROUTE2_H */
