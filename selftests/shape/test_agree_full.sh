#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: uml-tt
# timeout: 900
# tier: all
# debug: no
#
# test_agree.sh with four times as much.
export AGREE_FULL=1
exec "$(dirname "$0")/test_agree.sh"
