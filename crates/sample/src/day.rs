//! Days.

use std::{fmt, str::FromStr};

use chrono::{Datelike, NaiveDate};

/// A day of the calendar, from 1 January 2018 to the middle of 2197. Read from and written as
/// `2021-06-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub(crate) u16);

impl Day {
    /// So many days later (earlier where negative), within what a `Day` can be.
    #[must_use]
    pub fn plus(self, days: i32) -> Day {
        Day((i32::from(self.0) + days).clamp(0, i32::from(u16::MAX)) as u16)
    }

    /// Days from another day to this one, negative where the other is later.
    #[must_use]
    pub fn since(self, other: Day) -> i32 {
        i32::from(self.0) - i32::from(other.0)
    }

    /// Year, month, day, where there is such a day.
    pub(crate) fn from_civil(year: usize, month: usize, day: usize) -> Option<Day> {
        let [month, day] = [month, day].map(|part| u32::try_from(part).ok());
        Day::from_date(NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month?, day?)?)
    }

    fn from_date(date: NaiveDate) -> Option<Day> {
        let number = u16::try_from(date.to_epoch_days() - FIRST).ok()?;
        (date.year() < 2198).then_some(Day(number))
    }

    fn date(self) -> NaiveDate {
        NaiveDate::from_epoch_days(FIRST + i32::from(self.0)).unwrap_or_default()
    }

    /// Year, month, day.
    pub(crate) fn civil(self) -> (usize, usize, usize) {
        let date = self.date();
        (date.year() as usize, date.month() as usize, date.day() as usize)
    }

    /// 0 for Monday to 6 for Sunday.
    pub(crate) fn weekday(self) -> usize {
        usize::from(self.0) % 7
    }
}

/// Days from 1970-01-01 to 1 January 2018, a Monday.
const FIRST: i32 = 17_532;

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

/// A text is no [`Day`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a day of a sample: expected one like 2021-06-01, from 2018-01-01 on")]
pub struct NotADay(String);

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Day, NotADay> {
        let date = text.parse().ok();
        date.and_then(Day::from_date).ok_or_else(|| NotADay(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        assert_eq!(Day(0).civil(), (2018, 1, 1));
        assert_eq!(Day(58).civil(), (2018, 2, 28));
        assert_eq!(Day(59).civil(), (2018, 3, 1));
        assert_eq!(Day(789).civil(), (2020, 2, 29));
        assert_eq!(Day(2921).civil(), (2025, 12, 31));
    }

    #[test]
    fn every_day_is_read_as_it_is_written() {
        for number in 0..=u16::MAX {
            assert_eq!(Day(number).to_string().parse(), Ok(Day(number)));
        }
    }

    #[test]
    fn what_is_no_day_is_refused_by_its_text() {
        for text in ["", "2021-02-29", "2021-13-01", "2021-00-10", "2021-01-00", "2017-12-31"] {
            assert!(text.parse::<Day>().unwrap_err().to_string().contains(text), "{text}");
        }
        for text in ["01-02-2021", "2021-06", "2021-06-01-01", "2198-01-01", "yesterday"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_counted() {
        let day: Day = "2021-02-27".parse().unwrap();
        assert_eq!(day.plus(3), "2021-03-02".parse().unwrap());
        assert_eq!(day.plus(3).since(day), 3);
        assert_eq!(day.plus(-9_999), Day(0));
        // 1 March 2021 was a Monday.
        assert_eq!(day.plus(2).weekday(), 0);
    }
}
