// SPDX-License-Identifier: GPL-2.0
//! Added to the library by prepare.sh: what it draws, in order.
use crate::action::Action;
use crate::dist::{Dist, DistType};
use rand_core::RngCore;
use std::cell::RefCell;
use std::fmt::Write;

thread_local! {
    static TAPE: RefCell<(bool, String)> = const { RefCell::new((false, String::new())) };
}

fn write(text: std::fmt::Arguments<'_>) {
    TAPE.with(|t| {
        let t = &mut *t.borrow_mut();
        if t.0 {
            t.1.write_fmt(text).unwrap();
        }
    });
}

pub fn start(on: bool) {
    TAPE.with(|t| *t.borrow_mut() = (on, String::new()));
}

pub fn take() -> String {
    TAPE.with(|t| std::mem::take(&mut t.borrow_mut().1))
}

/// A chance: k of k / 2^23.
pub(crate) fn chance(r: f32) {
    write(format_args!(" r{}", (r * 8388608.0) as u32));
}

/// A sample, as it is used; none is drawn of a constant.
pub(crate) fn drawn(kind: char, dist: &Dist, value: u64) -> u64 {
    match dist.dist {
        DistType::Uniform { low, high } if low == high => {}
        _ => write(format_args!(" {kind}{value}")),
    }
    value
}

pub fn timeout<R: RngCore>(a: &Action, rng: &mut R) -> Option<u64> {
    Some(a.sample_timeout(rng))
}

pub fn duration<R: RngCore>(a: &Action, rng: &mut R) -> Option<u64> {
    Some(a.sample_duration(rng))
}

pub fn limit<R: RngCore>(a: &Action, rng: &mut R) -> Option<u64> {
    Some(a.sample_limit(rng))
}
