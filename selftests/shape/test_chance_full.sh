#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# environment: host
# tier: all
# timeout: 600
# order: 20
#
# test_chance.sh with a million samples of each, and near misses that must be told apart.
export CHANCE_SAMPLES=1000000
exec "$(dirname "$0")/test_chance.sh"
