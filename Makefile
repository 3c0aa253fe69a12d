# SPDX-License-Identifier: GPL-2.0
#
# RTPL: kernel module, tools, tests. `make help` lists what there is; the
# module's own build description is Kbuild, each tool has a Makefile.

VERSION := 0.1.0
PREFIX ?= /usr
KERNELRELEASE ?= $(shell uname -r)
KDIR ?= $(firstword $(wildcard /lib/modules/$(KERNELRELEASE)/build))
RTPL_BUILD ?= $(CURDIR)/build
# The folder of RTPL_BUILD in which the module for KDIR is built.
MODULE ?= host
export RTPL_BUILD VERSION PREFIX DESTDIR

KERNELS := 6.1 6.12 6.12-rt newest uml debug uml-debug kcsan
MANDIR := $(DESTDIR)$(PREFIX)/share/man
VM := selftests/vm
# Tools with a Makefile of their own; each knows all, install and clean.
TOOLS := tools/rtplctl tools/profile tools/sim tools/tc tools/judge
ZLIB := /usr/include/zlib.h:zlib1g-dev
NEEDS := make:make gcc:gcc pkg-config:pkg-config python3:python3-minimal \
	/usr/include/openssl/evp.h:libssl-dev /usr/include/libnl3/netlink/genl/genl.h:libnl-genl-3-dev \
	/usr/include/jansson.h:libjansson-dev /usr/include/sodium.h:libsodium-dev /usr/include/lzma.h:liblzma-dev \
	$(ZLIB)
HARNESS := $(MAKE) -s --no-print-directory -j$(shell nproc) -C tools/harness

.PHONY: all help modules userland netlink advice engine-replay unit unit-check $(TOOLS) check check-all check-debug demo \
	lint pictures judge bench fuzz install install-tree install-all uninstall dkms dkms-remove dkms-sources deb clean distclean deps $(KERNELS:%=modules-%)

all: modules userland unit

help:
	@echo 'make                   module for this kernel (or KDIR=), tools, unit tests'
	@echo 'make modules-KERNEL    module for $(KERNELS): build/KERNEL/rtpl.ko'
	@echo 'make netlink           write anew what is made of the netlink description'
	@echo 'make advice            write anew what rtplctl profile advise knows of recorded results'
	@echo 'make unit              unit tests of the core in user space (make unit-check runs them)'
	@echo 'make userland          rtplctl, its simulator and the tc plugin'
	@echo 'make install           all of them, for this kernel (DESTDIR=, PREFIX=$(PREFIX)); KDIR= by itself: no module'
	@echo 'make uninstall         remove what install put there; keys and configurations stay'
	@echo 'make dkms              hand the module to DKMS, which follows kernel updates'
	@echo 'make dkms-remove       take it out of DKMS again, and the module from all kernels'
	@echo 'make deb               Debian packages rtpl-dkms, rtpl-tools and rtpl-judge in build/'
	@echo 'make check             every test that a change must pass; ends with the count'
	@echo 'make check-all         the long ones too, on 6.12-rt, the newest kernel and the debug kernels too'
	@echo 'make check-debug       the tests under KASAN, lockdep and kmemleak'
	@echo 'make demo              see it at work, in two test hosts'
	@echo 'make judge             what attacks learn from each shape (DATA=DIR: of your traces)'
	@echo 'make bench             speed beside WireGuard and ESP, in a test machine (BENCH="-c 2": real time)'
	@echo 'make pictures          draw Documentation/pictures/ anew'
	@echo 'make lint              checkpatch, sparse, W=1, shellcheck, include arrows'
	@echo 'make fuzz              the fuzzers of tools/harness (FUZZ_SECONDS=60 each)'
	@echo 'make clean             remove build/ and what the tools built'
	@echo
	@echo 'Tests and test machines: Documentation/testing.rst'

# --- the module ---------------------------------------------------------------

modules:
ifeq ($(KDIR),)
	@echo 'No headers for the running kernel ($(KERNELRELEASE)): the module is not built; give KDIR=DIR, or use `make modules-6.1`.'
else
	@$(VM)/build-module $(MODULE) KDIR=$(KDIR)
endif

$(KERNELS:%=modules-%): modules-%:
	@$(VM)/build-module $*

# What follows from the netlink family's description, in the tree.
netlink:
	@bash -eu -c '. selftests/environment.sh; need /usr/lib/python3/dist-packages/yaml:python3-yaml'
	@/usr/bin/python3 tools/netlink/generate

# What rtplctl profile advise knows, in the tree: from recorded results and the tables of judge.rst.
advice:
	@/usr/bin/python3 tools/judge/advice

# --- user space ---------------------------------------------------------------

deps:
	@bash -eu -c '. selftests/environment.sh; need $(NEEDS)'

userland: $(TOOLS) engine-replay

$(TOOLS): deps
	@$(MAKE) -s --no-print-directory -C $@

# The core in user space against the kernel's, in tests.
engine-replay: deps
	@$(HARNESS) engine-replay

unit: deps
	@$(HARNESS)

# The core's unit tests in user space, with sanitizers.
unit-check: deps
	@$(HARNESS) check

FUZZ_SECONDS ?= 60
FUZZ_NEEDS := clang:clang llvm-cov:llvm \
	/usr/lib/llvm-14/lib/clang/14.0.6/lib/linux/libclang_rt.fuzzer-x86_64.a:libclang-rt-14-dev
fuzz: deps
	@bash -eu -c '. selftests/environment.sh; need $(FUZZ_NEEDS)'
	@$(HARNESS) fuzz TIME=$(FUZZ_SECONDS)

# Test machines that run at a time.
JOBS ?= 2

# --- tests --------------------------------------------------------------------

check: deps
	@selftests/run-tests -j $(JOBS)

check-all: deps
	@selftests/run-tests --all -j $(JOBS) -k 6.1 -k 6.12 -k 6.12-rt -k newest -k debug

check-debug: deps
	@selftests/run-tests --all -j $(JOBS) -e vm -e uml -e uml-tt -k debug

demo:
	@selftests/demo/run

lint:
	@tools/lint

# What observers see, for Documentation/shapes.rst; NAMES= only these.
pictures: deps
	@bash -eu -c '. selftests/environment.sh; need /usr/lib/python3/dist-packages/matplotlib:python3-matplotlib'
	@$(MAKE) -s --no-print-directory -C tools/sim
	@tools/sim/pictures $(NAMES)
	@$(if $(NAMES),,tools/judge/draw Documentation/pictures)

# What attacks learn of each profile: of small sets that are made here, or of DATA= (a
# collection, or a folder of them). ATTACKS=, PROFILES=; build/judge/page.html has pictures.
DATA ?=
ATTACKS ?= $(if $(DATA),all,quick)
PROFILES ?= none,off,standard,enhanced,maximum
PYTHON_DIST := /usr/lib/python3/dist-packages
JUDGE_NEEDS := $(PYTHON_DIST)/numpy:python3-numpy $(PYTHON_DIST)/scipy:python3-scipy \
	$(PYTHON_DIST)/sklearn:python3-sklearn $(PYTHON_DIST)/torch:python3-torch \
	$(PYTHON_DIST)/matplotlib:python3-matplotlib $(PYTHON_DIST)/dpkt:python3-dpkt
judge: userland
	@bash -eu -c '. selftests/environment.sh; need $(JUDGE_NEEDS)'
	@$(if $(DATA),,tools/judge/rtpl-judge make-data $(RTPL_BUILD)/judge/data)
	@tools/judge/rtpl-judge run --out $(RTPL_BUILD)/judge --shuffled -a $(ATTACKS) -p $(PROFILES) \
		$(if $(DATA),$(DATA),--repeats 5 $(RTPL_BUILD)/judge/data)

# Speed, beside others. By instruction count, so that it is the same on each machine; BENCH: its options.
bench:
	@bash -eu -c '. selftests/environment.sh; need $(PYTHON_DIST)/matplotlib:python3-matplotlib'
	@selftests/perf/bench.sh $(BENCH)

# --- installing ---------------------------------------------------------------

# What is installed is for everybody, whatever umask keeps the caller's own files.
install: install-tree
ifeq ($(KDIR),)
ifeq ($(origin KDIR),file)
# The last word, and a failure: who wanted the tools alone says KDIR= himself.
	$(error The module is NOT installed, the tools are: there are no headers for the running kernel \
		($(KERNELRELEASE)). Install linux-headers-$(KERNELRELEASE) and repeat it, or give KDIR=DIR)
else
	@echo 'The module is NOT installed: KDIR= names no kernel.'
endif
endif

install-tree: modules userland
	@umask 022 && $(MAKE) --no-print-directory install-all

install-all:
ifneq ($(KDIR),)
	$(MAKE) -C $(KDIR) M=$(RTPL_BUILD)/$(MODULE) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates \
		$(if $(wildcard $(KDIR)/certs/signing_key.pem),,CONFIG_MODULE_SIG_ALL=) modules_install
endif
	for t in $(TOOLS); do $(MAKE) -C $$t install || exit; done
	install -d $(DESTDIR)$(PREFIX)/include/linux
	install -m 644 include/uapi/linux/*.h $(DESTDIR)$(PREFIX)/include/linux/
	for m in $(wildcard Documentation/man/*.[1-9]); do \
		install -D -m 644 $$m $(MANDIR)/man$${m##*.}/$${m##*/} || exit; done

# Of the module: that of the running kernel, or of KDIR.
INSTALLED_FOR = $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null || echo $(KERNELRELEASE))
uninstall:
	for t in $(TOOLS); do $(MAKE) -C $$t uninstall || exit; done
	cd include/uapi/linux && for h in *.h; do rm -f $(DESTDIR)$(PREFIX)/include/linux/$$h; done
	cd Documentation/man && for m in *.[1-9]; do rm -f $(MANDIR)/man$${m##*.}/$$m; done
	rm -f $(DESTDIR)/lib/modules/$(INSTALLED_FOR)/updates/rtpl.ko*
ifeq ($(DESTDIR),)
	depmod $(INSTALLED_FOR)
endif

# DKMS looks in /usr/src alone, whatever PREFIX is.
DKMS_SRC := $(DESTDIR)/usr/src/rtpl-$(VERSION)
# The profiles are compiled here: where DKMS builds, nothing but a compiler is sure.
dkms-sources:
	@bash -eu -c '. selftests/environment.sh; need gcc:gcc $(ZLIB)'
	@$(MAKE) -s --no-print-directory -C tools/profile rtpl-profile
	install -d $(DKMS_SRC)
	cp -r Kbuild dkms.conf include kmod $(DKMS_SRC)/
	tools/profile/rtpl-profile builtin >$(DKMS_SRC)/kmod/node/profiles.c
	find $(DKMS_SRC) -name '*.o' -delete
	find $(DKMS_SRC) -type f -exec chmod 644 {} +
	find $(DKMS_SRC) -type d -exec chmod 755 {} +

dkms:
ifeq ($(DESTDIR),)
	@bash -eu -c '. selftests/environment.sh; need dkms:dkms'
endif
	@umask 022 && $(MAKE) --no-print-directory dkms-sources
ifeq ($(DESTDIR),)
# Again after headers came, or with other sources: what is there already is taken anew.
	test -n "$$(dkms status -m rtpl -v $(VERSION))" || dkms add -m rtpl -v $(VERSION)
	dkms build -m rtpl -v $(VERSION) --force
	dkms install -m rtpl -v $(VERSION) --force
endif

# As make dkms never was; of a module that is loaded nothing changes.
dkms-remove:
	test -z "$$(dkms status -m rtpl -v $(VERSION))" || dkms remove -m rtpl -v $(VERSION) --all
	rm -rf $(DKMS_SRC)

deb: userland
	@packaging/build-deb

clean:
	rm -rf $(RTPL_BUILD)
	for t in $(TOOLS) tools/harness; do $(MAKE) -s -C $$t clean || exit; done
