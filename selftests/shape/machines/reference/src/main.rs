// SPDX-License-Identifier: GPL-2.0
//! The Maybenot library itself, asked what it does with events: README says how it is
//! built. `reference run SEED EVENTS TAPE MACHINE...` writes a log that machine-replay
//! repeats; `reference random SEED N` makes machines that use everything;
//! `reference samples SEED N MACHINE` draws samples of each of its distributions.
use std::ops::AddAssign;
use std::str::FromStr;

use maybenot::action::Action;
use maybenot::counter::{Counter, Operation};
use maybenot::dist::{Dist, DistType};
use maybenot::event::Event;
use maybenot::state::{State, Trans};
use maybenot::{Framework, Machine, MachineId, Timer, TriggerAction, TriggerEvent, tape, time};
use rand_core::RngCore;

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
#[derive(Clone)]
struct Rng(u64);

impl RngCore for Rng {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e3779b97f4a7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
        z ^ (z >> 31)
    }
    fn next_u32(&mut self) -> u32 {
        (self.next_u64() >> 32) as u32
    }
    fn fill_bytes(&mut self, dst: &mut [u8]) {
        for b in dst {
            *b = self.next_u64() as u8;
        }
    }
}

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.next_u64() % n
    }
    fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Nanoseconds; divided as the library divides std's.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
struct Ns(u64);

impl AddAssign for Ns {
    fn add_assign(&mut self, other: Ns) {
        self.0 = self.0.saturating_add(other.0);
    }
}

impl time::Instant for Ns {
    type Duration = Ns;
    fn saturating_duration_since(&self, earlier: Ns) -> Ns {
        Ns(self.0.saturating_sub(earlier.0))
    }
}

impl time::Duration for Ns {
    fn zero() -> Ns {
        Ns(0)
    }
    fn from_micros(micros: u64) -> Ns {
        Ns(micros.saturating_mul(1000))
    }
    fn is_zero(&self) -> bool {
        self.0 == 0
    }
    fn div_duration_f64(self, rhs: Ns) -> f64 {
        self.0 as f64 / rhs.0 as f64
    }
}

fn any_event(rng: &mut Rng, n: u64) -> (String, TriggerEvent) {
    // now and then a machine that there is not
    let mi = if rng.below(50) == 0 { n } else { rng.below(n) };
    let machine = MachineId::from_raw(mi as usize);
    match rng.below(13) {
        0 => ("0:0".into(), TriggerEvent::NormalRecv),
        1 => ("1:0".into(), TriggerEvent::PaddingRecv),
        2 => ("2:0".into(), TriggerEvent::TunnelRecv),
        3 | 4 => ("3:0".into(), TriggerEvent::NormalSent),
        5 | 6 => (format!("4:{mi}"), TriggerEvent::PaddingSent { machine }),
        7 => ("5:0".into(), TriggerEvent::TunnelSent),
        8 => (format!("6:{mi}"), TriggerEvent::BlockingBegin { machine }),
        9 => ("7:0".into(), TriggerEvent::BlockingEnd),
        10 => (format!("10:{mi}"), TriggerEvent::TimerBegin { machine }),
        _ => (format!("11:{mi}"), TriggerEvent::TimerEnd { machine }),
    }
}

fn action_text(a: &TriggerAction<Ns>) -> String {
    match a {
        TriggerAction::Cancel { machine, timer } => {
            let t = match timer {
                Timer::Action => 1,
                Timer::Internal => 2,
                Timer::All => 3,
            };
            format!("{}:cancel:{t}", machine.into_raw())
        }
        TriggerAction::SendPadding { timeout, bypass, replace, machine } => format!(
            "{}:pad:{}:{}:{}",
            machine.into_raw(), *bypass as u8, *replace as u8, timeout.0 / 1000
        ),
        TriggerAction::BlockOutgoing { timeout, duration, bypass, replace, machine } => format!(
            "{}:block:{}:{}:{}:{}",
            machine.into_raw(), *bypass as u8, *replace as u8,
            timeout.0 / 1000, duration.0 / 1000
        ),
        TriggerAction::UpdateTimer { duration, replace, machine } => format!(
            "{}:timer:{}:{}", machine.into_raw(), *replace as u8, duration.0 / 1000
        ),
    }
}

/// 2^62 and more are one: we count to 2^63 - 1, the library to 2^64 - 1.
fn many(v: u64) -> String {
    if v >= 1 << 62 { "many".into() } else { v.to_string() }
}

fn run(seed: u64, events: u64, taped: bool, names: &[String]) {
    let machines: Vec<Machine> = names.iter().map(|s| Machine::from_str(s).unwrap()).collect();
    let n = machines.len();
    let mut gen_rng = Rng(seed ^ 0x5eed);
    let fracs = [0.0, 0.0, 0.1, 0.25, 0.5, 0.9, 1.0];
    let max_padding = fracs[gen_rng.below(7) as usize];
    let max_blocking = fracs[gen_rng.below(7) as usize];
    let mut now = 1_000_000_000u64;
    tape::start(taped);
    println!("start {now} {seed} {} {max_padding} {max_blocking}", taped as u8);
    for s in names {
        println!("machine {s}");
    }
    let mut f = Framework::new(machines, max_padding, max_blocking, Ns(now), Rng(seed)).unwrap();
    println!("tape{}", tape::take());
    let mut told = 0;
    while told < events {
        if gen_rng.below(3) > 0 {
            let most = if gen_rng.below(20) == 0 { 1_000_000_000 } else { 3_000_000 };
            now += gen_rng.below(most);
        }
        let batch = if gen_rng.below(4) == 0 { 2 + gen_rng.below(3) } else { 1 };
        let (text, list): (Vec<_>, Vec<_>) =
            (0..batch).map(|_| any_event(&mut gen_rng, n as u64)).unzip();
        told += batch;
        let actions: Vec<String> =
            f.trigger_events(&list, Ns(now)).map(action_text).collect();
        let states: Vec<String> = (0..n)
            .map(|mi| {
                let (state, limit, a, b) = f.look(mi);
                format!("{state}/{}/{}/{}", many(limit), many(a), many(b))
            })
            .collect();
        println!("event {now} {}", text.join(" "));
        println!("tape{}", tape::take());
        println!("= {} | {}", actions.join(" "), states.join(" "));
    }
}

fn any_dist(rng: &mut Rng, uniform: bool, scale: f64) -> Dist {
    let a = rng.unit() * scale;
    let b = a + rng.unit() * scale;
    let kind = match if uniform { rng.below(4) } else { rng.below(13) } {
        0 => DistType::Uniform { low: a.floor(), high: a.floor() },
        1..=3 => DistType::Uniform { low: a, high: b },
        4 => DistType::Normal { mean: a, stdev: scale / 4.0 },
        5 => DistType::SkewNormal { location: a, scale: scale / 4.0, shape: rng.unit() * 6.0 - 3.0 },
        6 => DistType::LogNormal { mu: (a + 1.0).ln(), sigma: rng.unit() },
        7 => DistType::Binomial { trials: 1 + rng.below(200), probability: rng.unit() },
        8 => DistType::Geometric { probability: 0.01 + 0.9 * rng.unit() },
        9 => DistType::Pareto { scale: a + 1.0, shape: 1.0 + 3.0 * rng.unit() },
        10 => DistType::Poisson { lambda: a + 0.1 },
        11 => DistType::Weibull { scale: a + 1.0, shape: 0.3 + 2.0 * rng.unit() },
        _ => if rng.below(2) == 0 {
            DistType::Gamma { scale: scale / 10.0, shape: 0.2 + 5.0 * rng.unit() }
        } else {
            DistType::Beta { alpha: 0.2 + 3.0 * rng.unit(), beta: 0.2 + 3.0 * rng.unit() }
        },
    };
    let start = if rng.below(3) == 0 { rng.unit() * scale / 4.0 } else { 0.0 };
    let max = if rng.below(3) == 0 { rng.unit() * scale * 2.0 + 0.01 } else { 0.0 };
    Dist { dist: kind, start, max }
}

fn any_counter(rng: &mut Rng, uniform: bool) -> Option<Counter> {
    let operation = match rng.below(3) {
        0 => Operation::Increment,
        1 => Operation::Decrement,
        _ => Operation::Set,
    };
    match rng.below(6) {
        0 | 1 => None,
        2 => Some(Counter::new_copy(operation)),
        3 => Some(Counter::new_dist(operation, any_dist(rng, uniform, 8.0))),
        _ => Some(Counter::new(operation)),
    }
}

fn any_machine(rng: &mut Rng, uniform: bool) -> Machine {
    let fracs = [0.0, 0.0, 0.05, 0.3, 0.5, 0.77, 1.0];
    loop {
        let n = 1 + rng.below(6) as usize;
        let mut states = vec![];
        for _ in 0..n {
            let mut map = enum_map::enum_map! { _ => vec![] };
            for e in Event::iter() {
                if rng.below(2) == 0 {
                    continue;
                }
                let mut targets: Vec<usize> = (0..n).collect();
                if rng.below(3) == 0 {
                    targets.push(maybenot::constants::STATE_SIGNAL);
                }
                if rng.below(60) == 0 {
                    targets.push(maybenot::constants::STATE_END);
                }
                let mut left = 1.0f32;
                while !targets.is_empty() && left > 0.001 && rng.below(4) > 0 {
                    let to = targets.swap_remove(rng.below(targets.len() as u64) as usize);
                    let p = if rng.below(3) == 0 { left } else { left * rng.unit() as f32 };
                    map[*e].push(Trans(to, p));
                    left -= p;
                }
            }
            let mut s = State::new(map);
            let (bypass, replace) = (rng.below(2) == 0, rng.below(2) == 0);
            let limit =
                if rng.below(2) == 0 { Some(any_dist(rng, uniform, 8.0)) } else { None };
            let timeout = any_dist(rng, uniform, 2000.0);
            let duration = any_dist(rng, uniform, 2000.0);
            s.action = match rng.below(9) {
                0 => None,
                1 => Some(Action::Cancel {
                    timer: [Timer::Action, Timer::Internal, Timer::All][rng.below(3) as usize],
                }),
                2..=4 => Some(Action::SendPadding { bypass, replace, timeout, limit }),
                5 | 6 => Some(Action::BlockOutgoing { bypass, replace, timeout, duration, limit }),
                _ => Some(Action::UpdateTimer { replace, duration, limit }),
            };
            s.counter = (any_counter(rng, uniform), any_counter(rng, uniform));
            states.push(s);
        }
        let frac_p = fracs[rng.below(7) as usize];
        let frac_b = fracs[rng.below(7) as usize];
        if let Ok(m) = Machine::new(rng.below(50), frac_p, rng.below(2_000_000), frac_b, states) {
            return m;
        }
    }
}

fn samples(seed: u64, n: u64, name: &str) {
    let m = Machine::from_str(name).unwrap();
    let mut rng = Rng(seed);
    tape::start(true);
    for (i, s) in m.states.iter().enumerate() {
        for (what, text) in [("timeout", 0), ("duration", 1), ("limit", 2), ("A", 3), ("B", 4)] {
            let mut all = vec![];
            for _ in 0..n {
                match (text, &s.action) {
                    (0, Some(a)) => tape::timeout(a, &mut rng),
                    (1, Some(a)) => tape::duration(a, &mut rng),
                    (2, Some(a)) => tape::limit(a, &mut rng),
                    (3, _) => s.counter.0.map(|c| c.sample_value(&mut rng)),
                    (4, _) => s.counter.1.map(|c| c.sample_value(&mut rng)),
                    _ => None,
                };
                let drawn = tape::take();
                if drawn.is_empty() {
                    break;
                }
                all.push(drawn.trim().to_string());
            }
            if !all.is_empty() {
                println!("{i} {what} {}", all.join(" "));
            }
        }
    }
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let number = |i: usize| args[i].parse::<u64>().unwrap();
    match args[1].as_str() {
        "run" => run(number(2), number(3), number(4) != 0, &args[5..]),
        "random" => {
            let mut rng = Rng(number(2));
            for _ in 0..number(3) {
                println!("{}", any_machine(&mut rng, number(4) != 0).serialize());
            }
        }
        "samples" => samples(number(2), number(3), &args[4]),
        _ => panic!("run, random or samples"),
    }
}
