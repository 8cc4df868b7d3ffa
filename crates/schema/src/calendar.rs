//! Days since 1970-01-01 as `YYYY-MM-DD` and back, and the weeks and months that they lie in.

use chrono::{Datelike, NaiveDate};

/// The date of a day; that of the first or the last day that chrono knows, 262,000 years away,
/// where it knows none.
#[must_use]
pub fn date(day: i32) -> NaiveDate {
    let beyond = if day < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    NaiveDate::from_epoch_days(day).unwrap_or(beyond)
}

/// `YYYY-MM-DD`.
#[must_use]
pub fn iso(day: i32) -> String {
    date(day).to_string()
}

/// The month of a day, `YYYY-MM`.
#[must_use]
pub fn iso_month(day: i32) -> String {
    let date = date(day);
    format!("{:04}-{:02}", date.year(), date.month())
}

/// The day of `YYYY-MM-DD`; none of a text that is not a day of the calendar.
#[must_use]
pub fn parse(text: &str) -> Option<i32> {
    let day = text.parse::<NaiveDate>().ok()?.to_epoch_days();
    // chrono takes signs, spaces and single digits too.
    (text.len() == 10 && iso(day) == text).then_some(day)
}

/// The Sunday that ends the ISO week of a day.
#[must_use]
pub fn week_end(day: i32) -> i32 {
    // 1970-01-04 was a Sunday.
    let past_sunday = (day - 3).rem_euclid(7);
    if past_sunday == 0 { day } else { day + 7 - past_sunday }
}

/// The month of a day, in months since January of the year 0.
#[must_use]
pub fn month_of(day: i32) -> i32 {
    let date = date(day);
    date.year() * 12 + date.month0().cast_signed()
}

/// The first day of a month that is given in months since January of the year 0.
#[must_use]
pub fn month_start(month: i32) -> i32 {
    let month0 = month.rem_euclid(12).unsigned_abs();
    let first = NaiveDate::from_ymd_opt(month.div_euclid(12), month0 + 1, 1);
    first.unwrap_or(NaiveDate::MAX).to_epoch_days()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_written() {
        for (text, day) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2025-03-15", 20_162),
            ("2199-12-31", 84_005),
            ("1900-01-01", -25_567),
        ] {
            assert_eq!(parse(text), Some(day), "{text}");
            assert_eq!(iso(day), text);
        }
        for text in [
            "",
            "2025-02-29",
            "1900-02-29",
            "2025-13-01",
            "2025-00-01",
            "25-01-01",
            "2025/01/01",
            "2025-1-01",
            "2025-01-1é",
            "2025- 1-01",
            "+025-01-01",
            "01-02-2023",
            "2023-01-01T",
            "yesterday",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        // Year 0 to 9999.
        assert!((-719_528..2_932_897).step_by(13).all(|day| parse(&iso(day)) == Some(day)));
        assert_eq!((parse(&iso(i32::MAX)), parse(&iso(i32::MIN))), (None, None));
    }

    #[test]
    fn a_week_ends_on_its_sunday() {
        let end = |text: &str| parse(text).map(week_end).map(iso);
        for text in ["2026-11-30", "2026-12-01", "2026-12-05", "2026-12-06"] {
            assert_eq!(end(text).as_deref(), Some("2026-12-06"), "{text}");
        }
        assert_eq!(end("2026-12-07").as_deref(), Some("2026-12-13"));
        assert_eq!(end("1969-12-28").as_deref(), Some("1969-12-28"));
    }

    #[test]
    fn every_day_lies_in_its_month() {
        for day in (-800_000..3_000_000).step_by(13) {
            let month = month_of(day);
            let days = month_start(month)..month_start(month + 1);
            assert!(days.contains(&day) && (28..=31).contains(&days.len()), "{day}");
        }
        let january = month_of(19_738);
        assert_eq!(iso_month(19_738), "2024-01");
        assert_eq!(iso(month_start(january)), "2024-01-01");
        assert_eq!(iso(month_start(january + 1)), "2024-02-01");
    }
}
