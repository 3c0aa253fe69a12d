#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# tier: all
# timeout: 500
#
# test_bottleneck.sh with each profile that has chaff beside what comes.
export BOTTLENECK_FULL=1
exec "$(dirname "$0")/test_bottleneck.sh"
