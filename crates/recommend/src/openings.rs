//! Which jobs are open, and at which day that is asked.
//!
//! A job is open at day T when its date (`data_requicisao`) is T or before, and less than
//! `open_days` before. T is no clock's: it is the date of the last job, unless `as_of` says another;
//! applications come in for months after a job's date, so the last one's would find few open jobs or
//! none. A job without a date is never open: nobody knows whether it still is.

use crate::{
    Error,
    config::{Config, Jobs},
    day::Day,
    records::Records,
};

/// Which jobs are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Openings {
    /// The day at which it is asked; none when no job has a date.
    pub as_of: Option<Day>,
    /// Whether the job of each row is open then.
    pub open: Vec<bool>,
    /// Jobs that have no date.
    pub without_date: usize,
}

impl Openings {
    /// Which of the jobs are open.
    ///
    /// # Errors
    /// [`Error::NoDate`] when open jobs are asked for and no job has a date.
    pub fn of(records: &Records, config: &Config) -> Result<Self, Error> {
        let last = || records.job_dates.iter().copied().flatten().max();
        let as_of = config.as_of.or_else(|| last().map(Day::from_days));
        if as_of.is_none() && config.jobs == Jobs::Open {
            return Err(Error::NoDate);
        }
        let dates = &records.job_dates;
        let open = dates.iter().map(|date| is_open(*date, as_of, config.open_days)).collect();
        let without_date = dates.iter().filter(|date| date.is_none()).count();
        Ok(Self { as_of, open, without_date })
    }

    /// How many jobs are open.
    #[must_use]
    pub fn count(&self) -> usize {
        self.open.iter().filter(|open| **open).count()
    }
}

/// Whether a job of that date is open.
pub(crate) fn is_open(date: Option<i32>, as_of: Option<Day>, open_days: u32) -> bool {
    let (Some(date), Some(as_of)) = (date, as_of) else { return false };
    let age = i64::from(as_of.days()) - i64::from(date);
    (0..i64::from(open_days)).contains(&age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_open_from_its_date_until_its_days_are_over() {
        let as_of = "2025-03-31".parse().ok();
        let day = |text: &str| text.parse::<Day>().ok().map(Day::days);
        for (date, open) in [
            ("2025-03-31", true),
            ("2025-04-01", false),
            ("2025-01-01", true),
            ("2024-12-31", false),
        ] {
            assert_eq!(is_open(day(date), as_of, 90), open, "{date}");
        }
        assert!(!is_open(None, as_of, 90));
        assert!(!is_open(Some(i32::MIN), as_of, 90));
        assert!(!is_open(Some(0), None, 90));
    }
}
