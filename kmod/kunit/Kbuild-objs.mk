# SPDX-License-Identifier: GPL-2.0
#
# rtpl_kunit.ko: the core built a second time, with its tests; needs nothing
# of rtpl.ko. Included by Kbuild when RTPL_KUNIT=1, after list.mk.

obj-m += rtpl_kunit.o

# A bottleneck for tests of schedules.
obj-m += rtpl_slowdev.o
rtpl_slowdev-y := kmod/kunit/slowdev.o

rtpl_kunit-y := kmod/kunit/module.o \
	$(RTPL_CORE:%=kmod/kunit/core-%.o) \
	$(RTPL_TESTS:%=kmod/kunit/%.o)

# A test may keep a link's whole state on its stack; user-mode Linux warns from 1 KB on.
$(foreach t,$(RTPL_TESTS),$(eval CFLAGS_kmod/kunit/$(t).o := -Wframe-larger-than=2048))

# An object of its own, as one object may not be part of two modules.
$(obj)/kmod/kunit/core-%.o: $(src)/kmod/core/%.c FORCE
	$(call if_changed_rule,cc_o_c)
