//! A world that is seen day after day.
//!
//! With [`SampleConfig::day`] the files are what a cumulative export of
//! that day shows of one and the same world (seed, sizes, law, calendar):
//!
//! - **Jobs** are there from the day on which they open, **candidates** from the day before their
//!   first application (who never applies comes on a day of their own), **applications** from
//!   their date on. A job's applications stand in the order of their dates, so that a list only
//!   grows at its end.
//! - **Outcomes** mature: an application whose last change is yet to come is shown as it was known.
//!   What ends decided is `Prospect` without a last change at first, then `Encaminhado ao
//!   Requisitante` since some day in between, then what it ends as. `outcome` in `truth.csv` is
//!   that of the files; `probability` is that of the end.
//! - **What tells of a hire** (`cargo_atual`) is there from the day of the hire on.
//! - All else of a record has the same bytes on every day; in every file the order is that of the
//!   keys.
//!
//! What a history shows without a day is its end, all outcomes known, the weeks after
//! [`SampleConfig::end`] included.
//!
//! **Arrivals**: jobs open from [`start`](crate::SampleConfig::start) to
//! [`end`](crate::SampleConfig::end), three times as many a day at the end as at the start
//! ([`GROWTH`]), fewer in [`SEASONS`]' low months and few at weekends. Keys rise with the day of
//! opening. Applications follow a job within weeks.
//!
//! **A change for good**: from [`SampleConfig::change`] on, at once or
//! little by little over [`change_over`](crate::SampleConfig::change_over) days, new jobs come from
//! another mix and stay so: areas as at a full [`drift`](crate::drift) dial, half of the contracts
//! of the types of [`CHANGED_CONTRACTS`]; and applications end well less often, by
//! [`CHANGED_LABELS`] in the log-odds. What was there before the change stays what it was.
//!
//! A sample whose settings have nothing of all this (no day, no change, the default calendar and
//! law) is not a history: its dates are uniform and its bytes those of earlier versions.

use crate::Day;
use crate::application::{Application, Trail};
use crate::config::SampleConfig;
use crate::rng::{Purpose, Stream};

/// Jobs opened a day at the end of the calendar, as a multiple of those at its start.
pub const GROWTH: f64 = 3.0;
/// How many jobs open in each month, January first, beside an average one.
pub const SEASONS: [f64; 12] = [0.8, 0.9, 1.2, 1.1, 1.1, 1.0, 0.9, 1.1, 1.1, 1.1, 1.0, 0.7];
/// How many jobs open on each day of the week, Monday first.
const WEEK: [f64; 7] = [1.2, 1.3, 1.3, 1.2, 1.1, 0.15, 0.1];
/// What the log-odds of a good end gain by a change for good.
pub const CHANGED_LABELS: f64 = -0.7;
/// The contract types that take half of the jobs by a change for good.
pub const CHANGED_CONTRACTS: [&str; 2] = ["Cooperado", "CLT Cotas"];

/// The status before anybody has touched an application.
const UNTOUCHED: &str = "Prospect";
/// The status of an application that is on its way to a decision.
const PASSED: &str = "Encaminhado ao Requisitante";

/// The days of a world's calendar, each with its share of the arrivals.
pub(crate) struct Calendar {
    start: u16,
    /// Running sums of the days' weights.
    sums: Vec<f64>,
}

impl Calendar {
    pub(crate) fn new(start: Day, end: Day) -> Calendar {
        let days = f64::from(end.since(start).max(1));
        let mut sum = 0.0;
        let sums = (start.0..=end.0)
            .map(|number| {
                let day = Day(number);
                let grown = 1.0 + (GROWTH - 1.0) * f64::from(day.since(start)) / days;
                sum += grown * SEASONS[day.civil().1 - 1] * WEEK[day.weekday()];
                sum
            })
            .collect();
        Calendar { start: start.0, sums }
    }

    /// A day on which something arrives.
    pub(crate) fn draw(&self, stream: &mut Stream) -> u16 {
        let at = stream.unit() * self.sums[self.sums.len() - 1];
        let day = self.sums.partition_point(|&sum| sum <= at).min(self.sums.len() - 1);
        self.start + day as u16
    }

    /// `count` days in rising order.
    pub(crate) fn draw_sorted(&self, stream: &mut Stream, count: usize) -> Vec<u16> {
        let mut days: Vec<u16> = (0..count).map(|_| self.draw(stream)).collect();
        days.sort_unstable();
        days
    }
}

/// How much of the change for good has come by a day, 0 to 1.
pub(crate) fn changed(config: &SampleConfig, day: u16) -> f64 {
    let Some(from) = config.change else { return 0.0 };
    match Day(day).since(from) {
        ..0 => 0.0,
        days => f64::from(days + 1) / f64::from(config.change_over.max(1)),
    }
    .min(1.0)
}

/// The contract of a job opened on a day, where the change for good has changed it.
pub(crate) fn changed_contract(
    config: &SampleConfig,
    job: usize,
    opened: u16,
) -> Option<&'static str> {
    let mut stream = Stream::new(config.seed, Purpose::Change, job as u64);
    let moved = stream.chance(0.5 * changed(config, opened));
    moved.then(|| stream.pick(&CHANGED_CONTRACTS))
}

/// The application as the export of a day shows it; `None` before its date.
pub(crate) fn known(seed: u64, application: &Application, day: Day) -> Option<Application> {
    let mut shown = application.clone();
    if application.applied > day.0 {
        return None;
    }
    let Some(end) = application.updated.filter(|&updated| updated > day.0) else {
        return Some(shown);
    };
    let mut stream = Stream::new(seed, Purpose::Trail, u64::from(application.slot));
    let passed = application.applied + stream.below(usize::from(end - application.applied)) as u16;
    shown.good = false;
    (shown.status, shown.updated) = match application.trail {
        Trail::Untouched => (application.status, None),
        Trail::Decided | Trail::Hired if passed <= day.0 => (PASSED, Some(passed)),
        Trail::Passed | Trail::Decided | Trail::Hired => (UNTOUCHED, None),
    };
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn arrivals_grow_rest_at_weekends_and_stay_in_the_calendar() {
        let (start, end) = (day("2020-01-01"), day("2022-12-31"));
        let calendar = Calendar::new(start, end);
        let days = calendar.draw_sorted(&mut Stream::new(1, Purpose::Arrival, 0), 30_000);
        assert!(days.is_sorted() && days[0] >= start.0 && days[29_999] <= end.0);
        let of = |f: &dyn Fn(Day) -> bool| days.iter().filter(|&&d| f(Day(d))).count() as f64;
        let growth = of(&|d| d.civil().0 == 2022) / of(&|d| d.civil().0 == 2020);
        assert!((1.7..2.3).contains(&growth), "{growth}");
        let weekend = of(&|d| d.weekday() >= 5) / 30_000.0;
        assert!((0.03..0.05).contains(&weekend), "{weekend}");
        let low = of(&|d| d.civil().1 == 12) / of(&|d| d.civil().1 == 10);
        assert!((0.55..0.85).contains(&low), "{low}");
    }

    #[test]
    fn a_calendar_of_a_day_is_that_day() {
        let calendar = Calendar::new(day("2020-01-04"), day("2020-01-04"));
        assert_eq!(calendar.draw(&mut Stream::new(1, Purpose::Arrival, 0)), day("2020-01-04").0);
    }

    #[test]
    fn a_change_comes_at_once_or_little_by_little_and_stays() {
        let from = day("2021-06-01");
        let at_once = SampleConfig { change: Some(from), ..SampleConfig::default() };
        let slow = SampleConfig { change_over: 100, ..at_once.clone() };
        let of = |config: &SampleConfig, days| changed(config, from.plus(days).0);
        assert_eq!([-1, 0, 1, 900].map(|days| of(&at_once, days)), [0.0, 1.0, 1.0, 1.0]);
        assert_eq!([-1, 49, 99, 900].map(|days| of(&slow, days)), [0.0, 0.5, 1.0, 1.0]);
        assert_eq!(changed(&SampleConfig::default(), 2_000), 0.0);
    }
}
