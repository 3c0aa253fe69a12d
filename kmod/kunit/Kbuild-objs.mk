# SPDX-License-Identifier: GPL-2.0
#
# rtpl_kunit.ko: the core built a second time, with its tests; needs nothing
# of rtpl.ko. Included by Kbuild when RTPL_KUNIT=1, and by kmod/Makefile, after list.mk
# and with the RTPL_DIR of objects.mk.

obj-m += rtpl_kunit.o

# A bottleneck for tests of schedules.
obj-m += rtpl_slowdev.o
rtpl_slowdev-y := $(RTPL_DIR)kunit/slowdev.o

rtpl_kunit-y := $(RTPL_DIR)kunit/module.o \
	$(RTPL_CORE:%=$(RTPL_DIR)kunit/core-%.o) \
	$(RTPL_TESTS:%=$(RTPL_DIR)kunit/%.o)

# A test may keep a link's whole state on its stack; user-mode Linux warns from 1 KB on.
$(foreach t,$(RTPL_TESTS),$(eval CFLAGS_$(RTPL_DIR)kunit/$(t).o := -Wframe-larger-than=2048))

# An object of its own, as one object may not be part of two modules.
$(obj)/$(RTPL_DIR)kunit/core-%.o: $(src)/$(RTPL_DIR)core/%.c FORCE
	$(call if_changed_rule,cc_o_c)
