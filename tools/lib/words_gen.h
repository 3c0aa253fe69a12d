/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words for numbers: see words.h.
 *
 * Made by tools/netlink/generate: change Documentation/netlink/specs/rtpl.yaml.
 */
#ifndef RTPL_WORDS_GEN_H
#define RTPL_WORDS_GEN_H

struct rtpl_words;

extern const struct rtpl_words rtpl_size_kind_words;
extern const struct rtpl_words rtpl_role_kind_words;
extern const struct rtpl_words rtpl_leak_bound_words;
extern const struct rtpl_words rtpl_overflow_kind_words;
extern const struct rtpl_words rtpl_link_state_words;
extern const struct rtpl_words rtpl_event_kind_words;
extern const struct rtpl_words rtpl_stat_attr_words;

#endif /* RTPL_WORDS_GEN_H */
