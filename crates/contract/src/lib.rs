//! Is the input whole? A contract of bounds, what is observed of a day's data, and the judgement.
//!
//! [`Contract`] holds the bounds, [`Observed`] what a day's data is, and [`examine`] compares the two:
//! on a first day with what any export keeps, later also with the live version's data. It asks only
//! whether the data arrived whole: growth, seasons, labels that mature and a mix that changes are no
//! breach.
//!
//! **A guard has two errors.** Every bound says what it catches and what good day it would stop.
//! Where a share of few rows is judged, the bound gives way to chance: a difference counts only
//! where it is improbable as well.
//!
//! Nothing here reads a file; nothing of a person is in an [`Observed`] but hashes, which no message
//! shows.

#![forbid(unsafe_code)]

mod bounds;
pub use bounds::Contract;

mod observed;
pub use observed::{
    Dates, Identity, JobContent, Observed, ObservedColumn, ObservedOutcome, ObservedTable, Pair,
    Share, Statuses,
};

mod chance;

mod expectation;
pub use expectation::Expectation;

mod first_day;

mod against_live;

mod new_people;

#[cfg(test)]
mod tests;

/// All expectations with what was found, kept or not; without `live`, those of a first day.
#[must_use]
pub fn examine(
    contract: &Contract,
    observed: &Observed,
    live: Option<&Observed>,
) -> Vec<Expectation> {
    let mut found = first_day::examine(contract, observed);
    found.push(first_day::age(contract, observed, live));
    found.push(new_people::new_people(contract, observed, live));
    if let Some(live) = live {
        found.extend(against_live::examine(contract, observed, live));
    }
    found
}
