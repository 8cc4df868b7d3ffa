//! What to make.

use crate::{Day, Error};

/// The most applications that the source shows for one job.
pub(crate) const MOST_APPLICATIONS_PER_JOB: usize = 25;
/// Above this, keys and bookkeeping stop being small: 10,000 times the source's size is a matter of
/// many files, not of one.
const MOST_RECORDS: usize = 100_000_000;
/// 1 January 2018.
const START: Day = Day(0);
/// 31 December 2025.
const END: Day = Day(2921);
/// 31 December 2150: applications and their ends, which come later, are still days.
const LAST_END: Day = Day(48_576);

/// With what probability an application ends well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Law {
    /// By the relation of candidate and job alone; see [`law`](crate::law).
    #[default]
    Relation,
    /// Mostly by the job, as in a company's real history; see [`operations`](crate::operations).
    Operations,
}

impl Law {
    /// Every law.
    pub const ALL: [Law; 2] = [Law::Relation, Law::Operations];

    /// Its name, as `mllab sample --law` takes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Law::Relation => "relation",
            Law::Operations => "operations",
        }
    }
}

/// A text names no [`Law`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no law is called {0:?}: expected relation or operations")]
pub struct NoLaw(String);

impl std::str::FromStr for Law {
    type Err = NoLaw;

    fn from_str(name: &str) -> Result<Law, NoLaw> {
        let found = Law::ALL.into_iter().find(|law| law.name() == name);
        found.ok_or_else(|| NoLaw(name.to_owned()))
    }
}

/// What to make. Start from [`SampleConfig::default`] (the source's full size) and change fields;
/// fields may be added in later versions. The numbers are those of the whole world, of which a
/// [`day`](SampleConfig::day) shows what has come.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleConfig {
    /// The same seed gives the same bytes; another seed gives other people under the same law.
    pub seed: u64,
    /// Records in `applicants.json`, 1 or more where there are applications.
    pub candidates: usize,
    /// Records in `vagas.json`, 1 or more where there are applications.
    pub jobs: usize,
    /// Applications in `prospects.json`, at most 25 a job.
    pub applications: usize,
    /// What decides how an application ends.
    pub law: Law,
    /// How far the world has moved, 0 (not at all) to 1; see [`drift`](crate::drift).
    pub drift: f64,
    /// How unfair the world is to women, 0 (not at all) to 1: of an application of a woman, whether
    /// her record shows her sex or not, the probability of a good end is the law's times one less
    /// this. `truth.csv` has the product.
    pub bias: f64,
    /// Damage a few records of every file in all the ways that a reader meets; see
    /// [`hostile`](crate::hostile).
    pub hostile: bool,
    /// Plant personal data in every CV, in the forms that people write it, and write what was planted
    /// to `personal.csv`. A switch of its own, for the bytes of hostile samples are those of earlier
    /// versions, and damaged records would hide what is planted.
    pub personal: bool,
    /// The first day on which jobs open. By default, with `end`, 2018-01-01 to 2025-12-31.
    pub start: Day,
    /// The last day on which jobs open.
    pub end: Day,
    /// The files are those of a cumulative export on this day; see [`history`](crate::history).
    pub day: Option<Day>,
    /// From this day on, what arrives is another mix, for good; see [`history`](crate::history).
    pub change: Option<Day>,
    /// Days over which the change comes; 0 for all at once.
    pub change_over: u16,
}

impl Default for SampleConfig {
    fn default() -> Self {
        SampleConfig {
            seed: 42,
            candidates: 42_482,
            jobs: 14_081,
            applications: 53_759,
            law: Law::default(),
            drift: 0.0,
            bias: 0.0,
            hostile: false,
            personal: false,
            start: START,
            end: END,
            day: None,
            change: None,
            change_over: 0,
        }
    }
}

impl SampleConfig {
    /// Checks ranges and contradictions.
    ///
    /// # Errors
    /// [`Error::Config`] names the first field at fault and what it may be.
    pub fn check(&self) -> Result<(), Error> {
        let refuse =
            |field, found: String, expected: String| Err(Error::Config { field, found, expected });
        for (field, count) in [("candidates", self.candidates), ("jobs", self.jobs)] {
            if count > MOST_RECORDS {
                return refuse(field, count.to_string(), format!("at most {MOST_RECORDS}"));
            }
            if count == 0 && self.applications > 0 {
                let expected =
                    format!("1 or more, since {} applications are asked for", self.applications);
                return refuse(field, count.to_string(), expected);
            }
        }
        let most = self.jobs * MOST_APPLICATIONS_PER_JOB;
        if self.applications > most {
            return refuse(
                "applications",
                self.applications.to_string(),
                format!(
                    "at most {most}, {MOST_APPLICATIONS_PER_JOB} for each of {} jobs",
                    self.jobs
                ),
            );
        }
        for (field, dial) in [("drift", self.drift), ("bias", self.bias)] {
            if !(0.0..=1.0).contains(&dial) {
                return refuse(field, dial.to_string(), "a number from 0 to 1".to_owned());
            }
        }
        if self.end < self.start || self.end > LAST_END {
            let expected = format!("a day from the start, {}, to {LAST_END}", self.start);
            return refuse("end", self.end.to_string(), expected);
        }
        if let Some(day) = self.day.filter(|&day| day < self.start) {
            let expected = format!("a day from the start, {}, on", self.start);
            return refuse("day", day.to_string(), expected);
        }
        if let Some(day) = self.change.filter(|day| !(self.start..=self.end).contains(day)) {
            let expected = format!("a day from {} to {}", self.start, self.end);
            return refuse("change", day.to_string(), expected);
        }
        Ok(())
    }

    /// Whether this is a world seen day after day, rather than one whose bytes are those of earlier
    /// versions.
    pub(crate) fn is_history(&self) -> bool {
        let still = (self.start, self.end, self.day, self.change) == (START, END, None, None);
        !still || self.law == Law::Operations
    }

    /// The last day that the files show of what the calendar holds.
    #[must_use]
    pub fn last_day(&self) -> Day {
        self.day.unwrap_or(self.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(config: &SampleConfig) -> String {
        config.check().unwrap_err().to_string()
    }

    #[test]
    fn the_full_size_is_accepted() {
        SampleConfig::default().check().unwrap();
        SampleConfig { applications: 0, jobs: 0, candidates: 0, ..SampleConfig::default() }
            .check()
            .unwrap();
    }

    #[test]
    fn laws_are_read_by_their_names() {
        for law in Law::ALL {
            assert_eq!(law.name().parse(), Ok(law));
        }
        let message = "none".parse::<Law>().unwrap_err().to_string();
        assert!(Law::ALL.iter().all(|law| message.contains(law.name())), "{message}");
    }

    #[test]
    fn contradictions_are_named() {
        let base = SampleConfig::default();
        let none = SampleConfig { candidates: 0, ..base.clone() };
        assert_eq!(
            message(&none),
            "sample setting `candidates` is 0: expected 1 or more, since 53759 applications are asked for"
        );
        let crowded = SampleConfig { jobs: 10, ..base.clone() };
        assert!(message(&crowded).contains("at most 250, 25 for each of 10 jobs"));
        for dial in [-0.1, 1.1, f64::NAN] {
            let moved = SampleConfig { drift: dial, ..base.clone() };
            assert!(message(&moved).contains("`drift`"), "{dial}");
            let unfair = SampleConfig { bias: dial, ..base.clone() };
            assert!(message(&unfair).contains("`bias`"), "{dial}");
        }
        let day = |text: &str| text.parse::<Day>().unwrap();
        let backwards = SampleConfig { end: day("2019-01-01"), start: END, ..base.clone() };
        assert_eq!(
            message(&backwards),
            "sample setting `end` is 2019-01-01: expected a day from the start, 2025-12-31, to 2150-12-31"
        );
        let early = SampleConfig { start: day("2020-01-01"), day: Some(START), ..base.clone() };
        assert!(message(&early).contains("`day` is 2018-01-01: expected a day from the start"));
        let late = SampleConfig { change: Some(day("2026-01-01")), ..base };
        assert!(message(&late).contains("`change` is 2026-01-01"));
    }
}
