//! Which jobs are open, and at which day that is asked.
//!
//! A job is open at day T when its date (`data_requicisao`) is T or before, and less than
//! `open_days` before. T is not a clock's: it is the date of the last job ([`last_day`]), unless `as_of`
//! says another; applications come in for months after a job's date, so the last one's would find
//! few open jobs or none. A job without a date is never open: nobody knows whether it still is.

use crate::{
    Error,
    config::{Config, Jobs},
    day::Day,
    records::Records,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Openings {
    /// The day at which it is asked; none when no job has a date.
    pub as_of: Option<Day>,
    /// Whether the job of each row is open then.
    pub open: Vec<bool>,
    pub without_date: usize,
    /// Jobs whose date lies after that day, so that they are not open.
    pub later: usize,
}

impl Openings {
    /// Which of the jobs are open.
    pub fn of(records: &Records, config: &Config) -> Result<Self, Error> {
        let as_of = config.as_of.or_else(|| last_day(&records.job_days).map(Day::from_days));
        if as_of.is_none() && config.jobs == Jobs::Open {
            return Err(Error::NoDate);
        }
        let dates = &records.job_days;
        let open = dates.iter().map(|date| is_open(*date, as_of, config.open_days)).collect();
        let without_date = dates.iter().filter(|date| date.is_none()).count();
        let later = dates.iter().flatten().filter(|d| as_of.is_some_and(|day| **d > day.days()));
        Ok(Self { as_of, open, without_date, later: later.count() })
    }

    /// How many jobs are open.
    pub fn count(&self) -> usize {
        self.open.iter().filter(|open| **open).count()
    }
}

/// Days by which a job may be the last one though hardly another is as late.
const AHEAD: i32 = 31;

/// The day of the last job, which no few mistyped years can move: the latest date that lies at most
/// [`AHEAD`] days after the day on which or after which five jobs are dated (one in two thousand
/// where that is more, half of them where there are fewer than ten). `features` sets dates after its
/// own day aside, but those of older releases did not.
fn last_day(dates: &[Option<i32>]) -> Option<i32> {
    let mut dates: Vec<i32> = dates.iter().copied().flatten().collect();
    dates.sort_unstable_by(|a, b| b.cmp(a));
    let several = dates.len().div_ceil(2_000).max(5).min(dates.len().div_ceil(2));
    let shared = *dates.get(several.checked_sub(1)?)?;
    dates.into_iter().find(|date| *date <= shared.saturating_add(AHEAD))
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

    #[test]
    fn a_few_mistyped_years_move_nothing() {
        // Three jobs a day, the last of them alone on day 1,005.
        let mut dates: Vec<Option<i32>> = (0..3_000).map(|i| Some(i / 3)).collect();
        dates.extend([Some(1_005), None]);
        assert_eq!(last_day(&dates), Some(1_005));
        for typo in [1_037, 1_370, 36_000, i32::MAX] {
            dates.push(Some(typo));
            assert_eq!(last_day(&dates), Some(1_005), "{typo}");
        }
        // A fifth job there is no slip any more.
        dates.extend([Some(36_000); 3]);
        assert_eq!(last_day(&dates), Some(36_000));
    }

    #[test]
    fn of_few_jobs_the_last_day_is_that_of_the_last_of_them() {
        assert_eq!(last_day(&[]), None);
        assert_eq!(last_day(&[None]), None);
        assert_eq!(last_day(&[Some(7)]), Some(7));
        assert_eq!(last_day(&[Some(7), Some(9), None, Some(8)]), Some(9));
        // Of three jobs one is a year ahead.
        assert_eq!(last_day(&[Some(7), Some(9), Some(374)]), Some(9));
    }
}
