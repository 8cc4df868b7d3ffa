//! Promises under attack: kills at random moments, a full disk, stopped processes, operators who get
//! in each other's way, a clock that steps.
//!
//! ```text
//! cargo build --release
//! MLLAB_E2E_BIN=target/release cargo test --workspace --test e2e -- --ignored chaos:: --nocapture
//! ```
//!
//! `MLLAB_CHAOS_ROUNDS=20` plays twenty times as many rounds, `MLLAB_CHAOS_SEED=7` others. Needs
//! `faketime`; the full disk needs root.

#![cfg(target_os = "linux")]

mod clock;
mod full_disk;
mod killed;
mod operators;
mod pruning;
mod publication;
mod stopped;
mod world;

use world::World;

/// So many rounds, times `MLLAB_CHAOS_ROUNDS`.
fn rounds(of: usize) -> usize {
    of * std::env::var("MLLAB_CHAOS_ROUNDS").map_or(1, |times| times.parse::<usize>().unwrap())
}

/// Prints what a test has done; CI shows it where the test fails, `--nocapture` always.
#[allow(clippy::print_stdout, reason = "the figures of docs/reliability.md")]
fn tell(said: &str) {
    println!("{said}");
}

/// Random numbers from a seed (SplitMix64).
struct Random(u64);

impl Random {
    /// Of a test; the seed is printed.
    fn of(test: &str) -> Self {
        let seed = std::env::var("MLLAB_CHAOS_SEED").map_or(1, |seed| seed.parse().unwrap());
        tell(&format!("{test}: seed {seed}"));
        Self(
            test.bytes()
                .fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Below `n`.
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n as u64).unwrap()
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// Between nothing and `longest`.
    fn part_of(&mut self, longest: std::time::Duration) -> std::time::Duration {
        longest.mul_f64(self.below(10_000) as f64 / 10_000.0)
    }
}
