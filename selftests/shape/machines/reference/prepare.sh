#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds `reference`, the Maybenot library with a log of what it draws, offline:
#
#   prepare.sh DIR
#
# DIR has, unpacked, maybenot/ (the crate, 2.2.2), rand/ (0.9.2, with rand_core/ in it),
# rand_distr/ (0.5.1) and base64/ (0.22.1); the rest comes of Debian's packages
# librust-{serde,serde-derive,bincode,enum-map,flate2,num-traits,libm}-dev. cargo of
# edition 2024. The program is DIR/reference/target/release/reference.
#
# Nothing of how the library decides is changed: its random numbers and samples are
# written down where they are drawn, and look() shows a machine's state.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
sed -i -e 's/^rand *= *"0.9"/rand = { version = "0.9", default-features = false }/' \
	-e 's/^rand_distr *= *"0.5"/rand_distr = { version = "0.5", default-features = false }/' \
	-e 's/^flate2 = .*/flate2 = "1.0"/' -e 's/^enum-map = .*/enum-map = "2.4"/' \
	-e '/^sha256 = /d' -e '/^\[lints\]/,/^$/d' -e 's/^edition.workspace.*/edition = "2024"/' \
	-e '/^[a-z-]*\.workspace *=/d' maybenot/Cargo.toml
sed -i '/^\[dev-dependencies\]/,$d' maybenot/Cargo.toml
cd maybenot/src
grep -q 'pub mod tape' lib.rs || {
	cp "$here/tape.rs" tape.rs
	echo 'pub mod tape;' >>lib.rs
	# the name of a machine is not needed
	sed -i -e '/^use sha256::digest;/d' -e 's/let s = digest(self.serialize());/let s = self.serialize();/' machine.rs
	sed -i 's/let r = rng.random_range(0.0..1.0);/let r: f32 = rng.random_range(0.0..1.0); crate::tape::chance(r);/' state.rs
	sed -i -e "s/timeout.sample(rng).min(MAX_SAMPLED_TIMEOUT).round() as u64/crate::tape::drawn('t', timeout, &)/" \
		-e "s/duration.sample(rng).min(MAX_SAMPLED_[A-Z_]*DURATION).round() as u64/crate::tape::drawn('t', duration, &)/" \
		-e "s/limit.unwrap().sample(rng).round() as u64/crate::tape::drawn('n', \&limit.unwrap(), &)/" action.rs
	# the counter's cast is left as it is and noted where it ends
	perl -0pi -e 's/(let sampled = dist\.sample\(rng\);\s*)(if .*?sampled as u64\n *\})/$1let v = $2;\n                crate::tape::drawn(\x27n\x27, &dist, v)/s' counter.rs
	perl -0pi -e 's/(    pub fn num_machines\(&self\))/    pub fn look(&self, mi: usize) -> (usize, u64, u64, u64) {\n        let r = &self.runtime[mi];\n        (r.current_state, r.state_limit, r.counter_a, r.counter_b)\n    }\n\n$1/' framework.rs
}
[ "$(grep -c 'tape::' action.rs counter.rs state.rs | cut -d: -f2 | paste -sd+ | bc)" = 6 ] ||
	{ echo "this is not the library that was meant" >&2; exit 1; }
cd ../..
mkdir -p reference/src reference/.cargo
cp "$here/src/main.rs" reference/src/
cat >reference/.cargo/config.toml <<-END
	[source.crates-io]
	replace-with = "debian"
	[source.debian]
	directory = "/usr/share/cargo/registry"
	[net]
	offline = true
END
cat >reference/Cargo.toml <<-END
	[package]
	name = "reference"
	version = "0.1.0"
	edition = "2024"
	[workspace]
	[dependencies]
	maybenot = { path = "../maybenot" }
	rand_core = "0.9"
	enum-map = "2.4"
	[patch.crates-io]
	rand = { path = "../rand" }
	rand_core = { path = "../rand/rand_core" }
	rand_distr = { path = "../rand_distr" }
	base64 = { path = "../base64" }
END
cd reference
cargo build --release --quiet
echo "$PWD/target/release/reference"
