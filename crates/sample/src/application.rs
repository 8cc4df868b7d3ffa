//! Applications: what is true of one, and how its record changes.

/// The parts of z and the probability of one application.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Odds {
    /// Skills, level, language, place: each of mean 0 and variance 1 over applications.
    pub(crate) parts: [f32; 4],
    pub(crate) probability: f64,
}

/// How an application's last change follows its date: the source's leak of the outcome.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Trail {
    /// Mostly nobody touched it.
    Untouched,
    /// It was passed on within days.
    Passed,
    /// Somebody decided, after days or weeks.
    Decided,
    /// Somebody was hired, after weeks.
    Hired,
}

#[derive(Debug, Clone)]
pub(crate) struct Application {
    /// Number of the candidate; those past the last in the files are absent there.
    pub(crate) person: u32,
    pub(crate) odds: Odds,
    pub(crate) good: bool,
    pub(crate) status: &'static str,
    pub(crate) trail: Trail,
    /// Its number in the whole world.
    pub(crate) slot: u32,
    /// Days since 1 January 2018.
    pub(crate) applied: u16,
    /// Days since 1 January 2018, where the file shows a date.
    pub(crate) updated: Option<u16>,
}
