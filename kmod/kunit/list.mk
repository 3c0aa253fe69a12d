# SPDX-License-Identifier: GPL-2.0
#
# What is tested, and by what: names without .c, one a line. Read by the
# kernel's build (Kbuild-objs.mk) and by tools/harness/Makefile. Add yours here.

# files in kmod/core/
RTPL_CORE := \
	about \
	block \
	chaff \
	chaff_bip324 \
	chaff_cover \
	chaff_front \
	chaff_wtfpad \
	cookie \
	dist \
	dp \
	ecn \
	engine \
	exchange \
	frag \
	gso \
	hist \
	limits \
	lpm \
	machine \
	machine_check \
	machine_link \
	noise \
	noise_size \
	pace \
	pad \
	adapt \
	profile \
	profile_check \
	reasm \
	rekey \
	replay \
	rng \
	room \
	sched \
	sched_dp \
	sched_exchange \
	sched_interval \
	sched_jitter \
	sched_ladder \
	sched_regulator \
	sched_tamaraw \
	scope \
	shape

# files in kmod/kunit/
RTPL_TESTS := \
	model \
	test_about \
	test_block \
	test_chaff \
	test_cookie \
	test_dist \
	test_dp \
	test_ecn \
	test_engine \
	test_exchange \
	test_exchange_ends \
	test_exchange_roles \
	test_frag \
	test_front \
	test_gso \
	test_hist \
	test_loss \
	test_limits \
	test_lpm \
	test_machine \
	test_noise \
	test_noise_size \
	test_pace \
	test_pad \
	test_adapt \
	test_profile \
	test_profile_check \
	test_reasm \
	test_rekey \
	test_rekey_ends \
	test_replay \
	test_rng \
	test_room \
	test_sched \
	test_sched_ladder \
	test_sched_web \
	test_scope \
	test_vectors \
	test_wtfpad
