//! The time that a call has, and how a stage that is past it is stopped.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use versioning::Timestamp;

use crate::{Cancelled, Progress};

/// What is kept of a call's time to stop in, at most.
const MOST: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) whole: Duration,
    /// What the stage may use.
    pub(crate) work: Duration,
    /// What it then has to stop in, before the call is answered without it.
    pub(crate) grace: Duration,
}

impl Limit {
    /// The time from `now` to a moment, in milliseconds since 1970: a tenth of it, or ten seconds,
    /// is kept to stop in, half of that for the answer to be sent.
    pub(crate) fn until(deadline_millis: u64, now: Timestamp) -> Self {
        let now = u64::try_from(now.as_millis()).unwrap_or_default();
        let whole = Duration::from_millis(deadline_millis.saturating_sub(now));
        let margin = (whole / 10).min(MOST);
        Self { whole, work: whole - margin, grace: margin / 2 }
    }
}

/// Whether a call's time is up. Each call has its own, so that a thread which hears of it late
/// cannot take the next call's time for its own.
#[derive(Debug, Default)]
pub(crate) struct Stop(AtomicBool);

impl Stop {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// A progress that stops the stage which reports to it, when its time is up.
pub(crate) struct Stoppable<'a> {
    pub(crate) inner: &'a dyn Progress,
    pub(crate) stop: &'a Stop,
}

impl Progress for Stoppable<'_> {
    fn begin(&self, phase: &str, total: Option<u64>, unit: &'static str) -> usize {
        self.inner.begin(phase, total, unit)
    }

    fn advance(&self, phase: usize, n: u64) -> Result<(), Cancelled> {
        if self.stop.is_set() { Err(Cancelled) } else { self.inner.advance(phase, n) }
    }

    fn end(&self, phase: usize) {
        self.inner.end(phase);
    }

    fn note(&self, message: &str) {
        self.inner.note(message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Silent, Within};

    #[test]
    fn a_tenth_of_the_time_is_kept_and_ten_seconds_at_most() {
        let limit = |seconds: u64| {
            let limit = Limit::until(5_000 + seconds * 1000, Timestamp::from_millis(5_000));
            (limit.work.as_millis(), limit.grace.as_millis())
        };
        assert_eq!(limit(10), (9_000, 500));
        assert_eq!(limit(900), (890_000, 5_000));
        let past = Limit::until(3, Timestamp::from_millis(5_000));
        assert_eq!(past.work, Duration::ZERO);
    }

    #[test]
    fn after_the_time_no_phase_begins_or_goes_on() {
        let stop = Stop::default();
        let stoppable = Stoppable { inner: &Silent, stop: &stop };
        let progress: &dyn Progress = &stoppable;
        let outer = progress.phase("outer", None, "").unwrap();
        assert_eq!(outer.advance(1), Ok(()));
        stop.set();
        assert_eq!(outer.advance(1), Err(Cancelled));
        assert!(progress.phase("inner", None, "").is_err());
        let within: &dyn Progress = &Within(&outer);
        assert!(within.phase("within", None, "").is_err());
    }
}
