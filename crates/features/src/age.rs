//! Age bands: all that leaves this stage of a birth date.

use arrow_array::{Array, Date32Array};
use schema::ages;
use text::redact::WrittenDate;

/// The column of the source with the birth date.
pub(crate) const BORN: &str = "informacoes_pessoais.data_nascimento";

/// The band of the age on day `on` (days since 1970-01-01) of the candidate of `row`. None where a
/// date is missing, and where the age cannot be.
///
/// A year of age is full on the birthday itself; of somebody born on 29 February, in a year without
/// that day, on 1 March (Brazil's Civil Code, article 132, § 3).
pub(crate) fn band(born: &Date32Array, row: usize, on: Option<i32>) -> Option<&'static str> {
    let born = if born.is_valid(row) { born.value_as_date(row)? } else { return None };
    let on = Date32Array::from(vec![on?]).value_as_date(0)?;
    // None where the application came before the birth.
    ages::band(on.years_since(born)?)
}

/// The birth date of the candidate of `row`, for redaction.
pub(crate) fn birth(born: &Date32Array, row: usize) -> Option<WrittenDate> {
    let date = if born.is_valid(row) { born.value_as_date(row)?.to_string() } else { return None };
    let mut parts = date.splitn(3, '-');
    let mut part = || parts.next()?.parse::<u16>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    Some(WrittenDate { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
}

#[cfg(test)]
mod tests {
    use schema::calendar;

    use super::*;

    fn day(text: &str) -> i32 {
        calendar::parse(text).unwrap()
    }

    fn at(born: &str, on: &str) -> Option<&'static str> {
        band(&Date32Array::from(vec![day(born)]), 0, Some(day(on)))
    }

    #[test]
    fn a_year_is_full_on_the_birthday_itself() {
        assert_eq!(at("1996-07-15", "2021-07-14"), Some("<25"));
        assert_eq!(at("1996-07-15", "2021-07-15"), Some("25-34"));
        assert_eq!(at("1966-07-15", "2021-07-14"), Some("45-54"));
        assert_eq!(at("1966-07-15", "2021-07-15"), Some("55+"));
    }

    #[test]
    fn who_was_born_on_29_february_is_a_year_older_on_1_march() {
        assert_eq!(at("1996-02-29", "2021-02-28"), Some("<25"));
        assert_eq!(at("1996-02-29", "2021-03-01"), Some("25-34"));
        // In a leap year, on the day itself.
        assert_eq!(at("1980-02-29", "2024-02-28"), Some("35-44"));
        assert_eq!(at("1985-02-28", "2020-02-28"), Some("35-44"));
        assert_eq!(at("1985-03-01", "2020-02-29"), Some("25-34"));
    }

    #[test]
    fn an_age_that_cannot_be_has_no_band() {
        for (born, on) in [
            ("2008-05-02", "2022-05-01"),
            ("1930-05-01", "2021-05-01"),
            ("2022-05-02", "2022-05-01"),
            ("1900-01-01", "2022-05-01"),
        ] {
            assert_eq!(at(born, on), None, "{born} {on}");
        }
        assert_eq!(at("2008-05-01", "2022-05-01"), Some("<25"));
        assert_eq!(at("1930-05-02", "2021-05-01"), Some("55+"));
    }

    #[test]
    fn without_both_dates_there_is_no_band() {
        let dates = Date32Array::from(vec![None, Some(day("1990-01-02"))]);
        assert_eq!(band(&dates, 0, Some(day("2021-01-02"))), None);
        assert_eq!(band(&dates, 1, None), None);
        assert_eq!(band(&dates, 1, Some(day("2021-01-02"))), Some("25-34"));
        assert_eq!(band(&dates, 1, Some(i32::MAX)), None);
    }
}
