//! Days since 1970-01-01 as `YYYY-MM-DD` and back, and the weeks that they lie in.

/// Days of 1970-01-01 since 0000-03-01: years that begin in March have their leap day last.
const EPOCH: i64 = 719_468;

/// `YYYY-MM-DD`.
#[must_use]
pub fn iso(day: i32) -> String {
    let (year, month, day) = civil(i64::from(day));
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day of `YYYY-MM-DD`; none of a text that is no day of the calendar.
#[must_use]
pub fn parse(date: &str) -> Option<i32> {
    let bytes = date.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = date.get(from..to).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        digits.parse().ok()
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let days = days_of(year, month, day);
    (civil(days) == (year, month, day)).then(|| i32::try_from(days).ok()).flatten()
}

/// The Sunday that ends the ISO week of a day.
#[must_use]
pub fn week_end(day: i32) -> i32 {
    // 1970-01-04 was a Sunday.
    let past_sunday = (day - 3).rem_euclid(7);
    if past_sunday == 0 { day } else { day + 7 - past_sunday }
}

fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - EPOCH
}

fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + EPOCH;
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + z.div_euclid(146_097) * 400 + i64::from(month <= 2);
    (year, month, day)
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
        for text in
            ["", "2025-02-29", "2025-13-01", "25-01-01", "2025/01/01", "2025-1-01", "2025-01-1é"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
        assert!((-30_000..100_000).all(|day| parse(&iso(day)) == Some(day)));
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
}
