//! Trying again where others write the same object.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    thread,
    time::Duration,
};

use crate::Error;

/// How often is tried. With the pauses below, the last attempt leaves after some ten seconds.
const ATTEMPTS: u32 = 100;
/// The longest that the second pause can be; there is none before the second attempt. Each later
/// one can be some twice as long as the one before …
const SECOND: Duration = Duration::from_millis(1);
/// … up to this.
const LONGEST: Duration = Duration::from_millis(200);

/// The attempts at one thing that others may do at the same time. Each failure means that another
/// has succeeded, so those who failed wait before they try again: between nothing and a pause that
/// doubles, at random, so that they do not meet again.
pub(crate) struct Attempts {
    what: String,
    done: u32,
}

impl Attempts {
    /// The first attempt; `what` is the URI of what is written, for the error.
    pub(crate) fn at(what: String) -> Self {
        Self { what, done: 1 }
    }

    /// How many attempts have begun.
    pub(crate) fn begun(&self) -> u32 {
        self.done
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// [`Error::Contended`] when there were enough.
    pub(crate) fn again(&mut self) -> Result<(), Error> {
        if self.done == ATTEMPTS {
            return Err(Error::Contended { what: self.what.clone(), attempts: ATTEMPTS });
        }
        thread::sleep(pause(self.done, random()));
        self.done += 1;
        Ok(())
    }
}

/// The pause after attempt `attempt` (from 1), a part of the longest one that `random` decides.
fn pause(attempt: u32, random: u64) -> Duration {
    let longest = SECOND.saturating_mul((1 << (attempt - 1).min(10)) - 1).min(LONGEST);
    let part = f64::from(u32::try_from(random >> 32).unwrap_or(0)) / f64::from(u32::MAX);
    longest.mul_f64(part)
}

/// 64 random bits: std seeds its hashers with them.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_limit() {
        let longest: Vec<_> = (1..=10).map(|n| pause(n, u64::MAX).as_millis()).collect();
        assert_eq!(longest, [0, 1, 3, 7, 15, 31, 63, 127, 200, 200]);
        assert_eq!(pause(10, 0), Duration::ZERO);
        let all: Duration = (1..ATTEMPTS).map(|n| pause(n, u64::MAX)).sum();
        assert!(all < Duration::from_secs(20), "{all:?}");
    }

    #[test]
    fn attempts_come_to_an_end() {
        let mut attempts = Attempts::at("x".into());
        // Not all of them: they would take ten seconds.
        attempts.done = ATTEMPTS - 1;
        attempts.again().unwrap();
        assert!(matches!(attempts.again(), Err(Error::Contended { attempts: ATTEMPTS, .. })));
    }
}
