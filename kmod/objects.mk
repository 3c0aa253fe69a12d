# SPDX-License-Identifier: GPL-2.0
#
# What rtpl.ko consists of, the only list: for Kbuild, which builds it outside a kernel tree, and
# for Makefile here, which builds it inside one. RTPL_DIR is the path from the makefile that
# includes this to kmod/, with a slash at its end, or empty. kunit/list.mk comes first.

rtpl-y := $(RTPL_CORE:%=$(RTPL_DIR)core/%.o) \
	$(RTPL_DIR)link/batch.o \
	$(RTPL_DIR)link/due.o \
	$(RTPL_DIR)link/gather.o \
	$(RTPL_DIR)link/spread.o \
	$(RTPL_DIR)link/tx_worker.o \
	$(RTPL_DIR)route/classify.o \
	$(RTPL_DIR)node/config.o \
	$(RTPL_DIR)node/config_check.o \
	$(RTPL_DIR)node/config_node.o \
	$(RTPL_DIR)node/config_prefix.o \
	$(RTPL_DIR)link/crypt.o \
	$(RTPL_DIR)netlink/event.o \
	$(RTPL_DIR)leakguard/leakguard.o \
	$(RTPL_DIR)leakguard/outer.o \
	$(RTPL_DIR)session/handshake.o \
	$(RTPL_DIR)link/join.o \
	$(RTPL_DIR)session/keypair.o \
	$(RTPL_DIR)link/lay.o \
	$(RTPL_DIR)node/profile_store.o \
	$(RTPL_DIR)link/link.o \
	$(RTPL_DIR)main.o \
	$(RTPL_DIR)netlink/netlink.o \
	$(RTPL_DIR)netlink/nl_change.o \
	$(RTPL_DIR)netlink/nl_gen.o \
	$(RTPL_DIR)netlink/nl_profile.o \
	$(RTPL_DIR)netlink/nl_show.o \
	$(RTPL_DIR)netlink/tap.o \
	$(RTPL_DIR)sch/options.o \
	$(RTPL_DIR)link/own.o \
	$(RTPL_DIR)transport/own.o \
	$(RTPL_DIR)node/peer.o \
	$(RTPL_DIR)link/pmtu.o \
	$(RTPL_DIR)node/adapt.o \
	$(RTPL_DIR)node/profiles.o \
	$(RTPL_DIR)node/shape.o \
	$(RTPL_DIR)sch/class.o \
	$(RTPL_DIR)sch/qdisc.o \
	$(RTPL_DIR)sch/release.o \
	$(RTPL_DIR)link/rx.o \
	$(RTPL_DIR)link/seal.o \
	$(RTPL_DIR)session/snapshot.o \
	$(RTPL_DIR)transport/plain.o \
	$(RTPL_DIR)transport/transport.o \
	$(RTPL_DIR)link/txq.o \
	$(RTPL_DIR)stats.o \
	$(RTPL_DIR)session/timers.o \
	$(RTPL_DIR)trace.o \
	$(RTPL_DIR)link/tx.o

rtpl-$(CONFIG_ACPI) += $(RTPL_DIR)session/vmgenid.o
