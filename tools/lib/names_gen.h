/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of numbers: see names.h.
 *
 * Made by tools/netlink/generate: change Documentation/netlink/specs/rtpl.yaml.
 */
#ifndef RTPL_NAMES_GEN_H
#define RTPL_NAMES_GEN_H

struct rtpl_names;

extern const struct rtpl_names rtpl_size_kind_names;
extern const struct rtpl_names rtpl_role_kind_names;
extern const struct rtpl_names rtpl_leak_bound_names;
extern const struct rtpl_names rtpl_overflow_kind_names;
extern const struct rtpl_names rtpl_link_state_names;
extern const struct rtpl_names rtpl_event_kind_names;
extern const struct rtpl_names rtpl_stat_attr_names;

#endif /* RTPL_NAMES_GEN_H */
