//! Days since 1970-01-01, and the months that they lie in.
//!
//! The proleptic Gregorian calendar; the two conversions are those of Hinnant, "chrono-compatible
//! low-level date algorithms" (2013).

/// A calendar month, as months since January of the year 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month(i32);

impl Month {
    pub(super) fn of(day: i32) -> Self {
        let (year, month, _) = civil(day);
        Self(year * 12 + month - 1)
    }

    pub(super) fn first(self) -> i32 {
        days(self.0.div_euclid(12), self.0.rem_euclid(12) + 1, 1)
    }

    pub(super) fn end(self) -> i32 {
        Self(self.0 + 1).first()
    }
}

/// `YYYY-MM-DD`.
pub(super) fn format(day: i32) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day that `YYYY-MM-DD` names; none where it names none.
pub(super) fn parse(date: &str) -> Option<i32> {
    let mut parts = date.splitn(3, '-');
    let mut part = |digits: usize| {
        let part =
            parts.next().filter(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()));
        part.and_then(|p| p.parse::<i32>().ok())
    };
    let day = days(part(4)?, part(2)?, part(2)?);
    (format(day) == date).then_some(day)
}

fn days(year: i32, month: i32, day: i32) -> i32 {
    let year = year - i32::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil(day: i32) -> (i32, i32, i32) {
    let shifted = day.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i32::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_days() {
        for (date, day) in
            [("1970-01-01", 0), ("2000-02-29", 11_016), ("2024-01-16", 19_738), ("1969-12-31", -1)]
        {
            assert_eq!((parse(date), format(day).as_str()), (Some(day), date));
        }
        let month = Month::of(19_738);
        assert_eq!(
            (format(month.first()), format(month.end())),
            ("2024-01-01".into(), "2024-02-01".into())
        );
        for wrong in
            ["", "2023-02-29", "2023-13-01", "2023-1-01", "01-02-2023", "2023-01-01T", "yesterday"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_day_lies_in_its_month(day in -200_000..200_000_i32) {
            prop_assert_eq!(parse(&format(day)).filter(|_| day > -719_000), Some(day));
            let month = Month::of(day);
            prop_assert!((month.first()..month.end()).contains(&day));
            prop_assert!((28..=31).contains(&(month.end() - month.first())));
        }
    }
}
