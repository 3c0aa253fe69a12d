# SPDX-License-Identifier: GPL-2.0
#
# What is tested, and by what: names without .c, one a line. Read by the
# kernel's build (Kbuild-objs.mk) and by tools/harness/Makefile. Add yours here.

# files in kmod/core/
RTPL_CORE := \
	chaff \
	chaff_bip324 \
	chaff_cover \
	chaff_front \
	chaff_wtfpad \
	cookie \
	dist \
	frag \
	gso \
	hist \
	limits \
	lpm \
	noise \
	pace \
	pad \
	reasm \
	rekey \
	replay \
	rng \
	shape

# files in kmod/kunit/
RTPL_TESTS := \
	model \
	test_chaff \
	test_cookie \
	test_dist \
	test_frag \
	test_front \
	test_gso \
	test_hist \
	test_loss \
	test_limits \
	test_lpm \
	test_noise \
	test_pace \
	test_pad \
	test_reasm \
	test_rekey \
	test_rekey_ends \
	test_replay \
	test_rng \
	test_vectors \
	test_wtfpad
