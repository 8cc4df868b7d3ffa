//! The time that a call has, and how a stage that is past it is stopped.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use versioning::Timestamp;

use crate::Progress;

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

/// What the stack of a stopped stage is unwound with: no message, and no panic hook.
struct Stopped;

impl Stop {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Unwinds the calling thread when the time is up. Threads that it was begun by follow, as of
    /// any panic.
    fn unwind_if_set(&self) {
        if self.is_set() && !std::thread::panicking() {
            std::panic::resume_unwind(Box::new(Stopped));
        }
    }
}

/// A progress that stops the stage which tells it, when its time is up. The end of a phase is told
/// while a stack is unwound, and passes.
pub(crate) struct Stoppable<'a> {
    pub(crate) inner: &'a dyn Progress,
    pub(crate) stop: &'a Stop,
}

impl Progress for Stoppable<'_> {
    fn begin(&self, phase: &str, total: Option<u64>, unit: &'static str) -> usize {
        self.stop.unwind_if_set();
        self.inner.begin(phase, total, unit)
    }

    fn advance(&self, phase: usize, n: u64) {
        self.stop.unwind_if_set();
        self.inner.advance(phase, n);
    }

    fn end(&self, phase: usize) {
        self.inner.end(phase);
    }

    fn note(&self, message: &str) {
        self.stop.unwind_if_set();
        self.inner.note(message);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;
    use crate::Silent;

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
    fn a_phase_that_is_told_after_the_time_unwinds_through_the_phase_around_it() {
        let stop = Stop::default();
        let stoppable = Stoppable { inner: &Silent, stop: &stop };
        let progress: &dyn Progress = &stoppable;
        let run = || {
            let outer = progress.phase("outer", None, "");
            outer.advance(1);
            stop.set();
            let _inner = progress.phase("inner", None, "");
        };
        let payload = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert!(payload.is::<Stopped>());
    }
}
