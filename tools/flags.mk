# SPDX-License-Identifier: GPL-2.0
#
# What all tools are compiled with; include it before CPPFLAGS and CFLAGS are used.
#
#   WERROR=1 (CI=true, too)   a warning ends the build; else it is shown only
#   CPPFLAGS, CFLAGS          the builder's come last; a _FORTIFY_SOURCE in them is taken
#                             instead of ours

WERROR ?= $(filter 1 true,$(CI))
ERROR := $(if $(filter-out 0,$(WERROR)),-Werror)
FORTIFY := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-D_FORTIFY_SOURCE=2)
