//! The day that data stands for: which one a time falls on, and which ones can be asked for.

use versioning::Timestamp;

use crate::Error;

/// São Paulo is three hours behind UTC, all year: Brazil has had no summer time since 2019.
const BEHIND_UTC_MILLIS: i64 = 3 * 60 * 60 * 1000;

/// The first day that can be asked for: the source has no older data.
const FIRST_DAY: &str = "1990-01-01";

/// The day in São Paulo at a time, `YYYY-MM-DD`.
#[must_use]
pub fn day_in_sao_paulo(time: Timestamp) -> String {
    Timestamp::from_millis(time.as_millis() - BEHIND_UTC_MILLIS).day()
}

/// Refuses a day that no data can stand for yet. What is live for such a day would hold back every
/// day before it.
///
/// # Errors
/// [`crate::ErrorName::ConfigInvalid`] for a day after tomorrow, and for one before 1990.
pub fn check_day(logical_date: &str, now: Timestamp) -> Result<(), Error> {
    const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
    let tomorrow = day_in_sao_paulo(Timestamp::from_millis(now.as_millis() + DAY_MILLIS));
    if (FIRST_DAY..=tomorrow.as_str()).contains(&logical_date) {
        return Ok(());
    }
    Err(Error::config(format!(
        "the day {logical_date} cannot be run: expected {FIRST_DAY} to {tomorrow} (tomorrow in São \
         Paulo); give the day that the data stands for"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorName;

    #[test]
    fn a_day_begins_at_three_in_the_morning_of_utc() {
        let day = |time: &str| day_in_sao_paulo(time.parse().unwrap());
        assert_eq!(day("2026-11-24T02:59:59Z"), "2026-11-23");
        assert_eq!(day("2026-11-24T03:00:00Z"), "2026-11-24");
    }

    #[test]
    fn a_day_after_tomorrow_and_one_of_long_ago_are_refused() {
        let now = "2026-11-24T12:00:00Z".parse().unwrap();
        for day in ["2026-11-25", "2026-11-24", "2018-01-01", "1990-01-01"] {
            check_day(day, now).unwrap();
        }
        for day in ["2026-11-26", "2062-11-24", "9999-12-31", "0000-01-01", "1970-01-01"] {
            let error = check_day(day, now).unwrap_err();
            assert_eq!(error.name, ErrorName::ConfigInvalid);
            assert!(error.message.contains("to 2026-11-25"), "{error}");
        }
    }
}
