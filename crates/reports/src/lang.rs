//! The language of a page, and how it writes numbers and dates.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::markup::{Both, name};

/// A language that pages are not written in.
#[derive(Debug, thiserror::Error)]
#[error("lang must be `pt` or `en`, found `{found}`")]
pub struct Error {
    found: String,
}

/// The language of a page. Portuguese unless somebody asks for English.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Brazilian Portuguese: 1.234,5 and 24/11/2026.
    #[default]
    Pt,
    /// English: 1,234.5 and 24 Nov 2026.
    En,
}

impl FromStr for Lang {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "pt" | "pt-BR" => Ok(Self::Pt),
            "en" => Ok(Self::En),
            other => Err(Error { found: other.to_owned() }),
        }
    }
}

impl Lang {
    /// The tag of the `lang` attribute.
    pub fn tag(self) -> &'static str {
        self.pick("pt-BR", "en")
    }

    /// The one of two wordings that is in this language.
    pub fn pick<T>(self, pt: T, en: T) -> T {
        match self {
            Self::Pt => pt,
            Self::En => en,
        }
    }

    /// The one of two wordings that is in this language.
    pub(crate) fn of(self, (pt, en): Both) -> &'static str {
        self.pick(pt, en)
    }

    /// How many: with the thousands apart.
    pub fn count(self, count: impl Into<Count>) -> String {
        match count.into().0 {
            Some(count) => self.integer(i64::try_from(count).unwrap_or(i64::MAX)),
            None => MISSING.to_owned(),
        }
    }

    /// A whole number with its thousands apart: `1.234`, `1,234`.
    fn integer(self, value: i64) -> String {
        let digits = value.unsigned_abs().to_string();
        let mut out = String::with_capacity(digits.len() + digits.len() / 3 + 3);
        if value < 0 {
            out.push(MINUS);
        }
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(self.pick('.', ','));
            }
            out.push(digit);
        }
        out
    }

    /// A number with `places` digits after the decimal mark. What rounds to nothing has no sign, and
    /// where there is no number stands a dash; so with all that follow.
    pub fn decimal(self, value: impl Into<Option<f64>>, places: usize) -> String {
        let Some(value) = value.into().filter(|value| value.is_finite()) else {
            return MISSING.to_owned();
        };
        let plain = format!("{:.places$}", value.abs());
        let (whole, rest) = plain.split_once('.').unwrap_or((&plain, ""));
        let whole = match whole.parse::<i64>() {
            Ok(whole) => self.integer(whole),
            Err(_) => whole.to_owned(),
        };
        let nothing = plain.bytes().all(|b| matches!(b, b'0' | b'.'));
        let sign = if value < 0.0 && !nothing { "\u{2212}" } else { "" };
        if rest.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}{}{rest}", self.pick(',', '.'))
        }
    }

    /// As [`Lang::decimal`], with a plus before what grew.
    pub fn signed(self, value: impl Into<Option<f64>>, places: usize) -> String {
        let value = value.into();
        let text = self.decimal(value, places);
        let grew = value > Some(0.0) && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
        if grew { format!("+{text}") } else { text }
    }

    /// A share as a percentage: 0.125 is `12,5 %` in Portuguese (as the ABNT sets it, closed up:
    /// `12,5%`), `12.5%` in English.
    pub fn percent(self, share: impl Into<Option<f64>>, places: usize) -> String {
        let text = self.decimal(share.into().map(|share| share * 100.0), places);
        if text == MISSING { text } else { format!("{text}%") }
    }

    /// A difference of shares in percentage points: 0.125 is `12,5 p.p.`.
    pub fn points(self, difference: f64) -> String {
        self.in_points(self.decimal(difference * 100.0, 1))
    }

    /// As [`Lang::points`], with a plus before what grew.
    pub fn signed_points(self, difference: f64) -> String {
        self.in_points(self.signed(difference * 100.0, 1))
    }

    fn in_points(self, text: String) -> String {
        if text == MISSING { text } else { format!("{text}{NARROW}{}", self.pick("p.p.", "pp")) }
    }

    /// A number that may be tiny, with two digits that are not nought: `0,000050`.
    pub fn small(self, value: f64) -> String {
        if value == 0.0 || !value.is_finite() {
            return self.decimal(value, 0);
        }
        let places = (1.0 - value.abs().log10().floor()).clamp(0.0, 12.0);
        self.decimal(value, places as usize)
    }

    /// A day given as days since 1970-01-01.
    pub fn day(self, days: f64) -> String {
        let date = NaiveDate::from_epoch_days(days.floor() as i32);
        let date = date.filter(|_| (-1e6..1e7).contains(&days));
        date.map_or_else(|| MISSING.to_owned(), |date| self.day_of(&date.to_string()))
    }

    /// A probability: never a zero, which no p-value is.
    pub fn probability(self, p: impl Into<Option<f64>>) -> String {
        match p.into() {
            Some(p) if p < SMALLEST_P => format!("<{NARROW}{}", self.decimal(SMALLEST_P, 3)),
            p => self.decimal(p, 3),
        }
    }

    /// A day given as `2026-11-24`: `24/11/2026`, `24 Nov 2026`. What is not a day stays as it is.
    pub fn date<'a>(self, iso: impl Into<Option<&'a str>>) -> String {
        match iso.into().unwrap_or_default() {
            "" => MISSING.to_owned(),
            iso => name(&self.day_of(iso)),
        }
    }

    fn day_of(self, iso: &str) -> String {
        let day = iso.get(..10).unwrap_or(iso);
        let mut parts = day.split('-');
        let (Some(y), Some(m), Some(d), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return iso.to_owned();
        };
        let month = m.parse::<usize>().ok().and_then(|m| MONTHS.get(m.wrapping_sub(1)));
        let (Some(month), true) = (month, d.len() == 2 && d.bytes().all(|b| b.is_ascii_digit()))
        else {
            return iso.to_owned();
        };
        match self {
            Self::Pt => format!("{d}/{m}/{y}"),
            Self::En => format!("{} {month} {y}", d.trim_start_matches('0')),
        }
    }
}

/// How many of something; none where it is not known.
pub struct Count(Option<u64>);

impl From<u64> for Count {
    fn from(count: u64) -> Self {
        Self(Some(count))
    }
}

impl From<Option<u64>> for Count {
    fn from(count: Option<u64>) -> Self {
        Self(count)
    }
}

impl From<usize> for Count {
    fn from(count: usize) -> Self {
        Self(Some(count as u64))
    }
}

/// What stands where there is no number.
pub(crate) const MISSING: &str = "–";

/// The minus of typography, as wide as a plus.
const MINUS: char = '\u{2212}';

/// A space that does not break.
const NARROW: &str = "\u{a0}";

/// Under it a p-value says only that it is under it.
const SMALLEST_P: f64 = 0.001;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_does() {
        for (value, places, pt, en) in [
            (1234.5, 1, "1.234,5", "1,234.5"),
            (1_234_567.0, 0, "1.234.567", "1,234,567"),
            (999.0, 0, "999", "999"),
            (-0.25, 2, "−0,25", "−0.25"),
            (-0.000_1, 2, "0,00", "0.00"),
            (0.0, 3, "0,000", "0.000"),
            (f64::NAN, 3, "–", "–"),
            (f64::INFINITY, 3, "–", "–"),
        ] {
            assert_eq!(Lang::Pt.decimal(value, places), pt);
            assert_eq!(Lang::En.decimal(value, places), en);
        }
        assert_eq!(Lang::Pt.integer(i64::MIN), "−9.223.372.036.854.775.808");
        assert_eq!(Lang::En.integer(-1234), "−1,234");
    }

    #[test]
    fn signs_shares_and_probabilities() {
        assert_eq!(Lang::Pt.signed(0.5, 1), "+0,5");
        assert_eq!(Lang::Pt.signed(-0.5, 1), "−0,5");
        assert_eq!(Lang::Pt.signed(0.01, 1), "0,0");
        assert_eq!(Lang::Pt.percent(0.1234, 1), "12,3%");
        assert_eq!(Lang::En.percent(f64::NAN, 1), "–");
        assert_eq!(Lang::Pt.points(-0.125), "−12,5\u{a0}p.p.");
        assert_eq!(Lang::En.points(0.02), "2.0\u{a0}pp");
        assert_eq!(Lang::Pt.small(0.000_05), "0,000050");
        assert_eq!(Lang::Pt.small(12.34), "12");
        assert_eq!(Lang::En.small(0.0), "0");
        assert_eq!(Lang::En.probability(0.0), "<\u{a0}0.001");
        assert_eq!(Lang::En.probability(0.03), "0.030");
    }

    #[test]
    fn days_are_written_as_each_language_does() {
        assert_eq!(Lang::Pt.date("2026-11-04"), "04/11/2026");
        assert_eq!(Lang::En.date("2026-11-04T05:00:00Z"), "4 Nov 2026");
        for (days, day) in [
            (0.0, "01/01/1970"),
            (20_781.0, "24/11/2026"),
            (11_016.9, "29/02/2000"),
            (-1.0, "31/12/1969"),
            (f64::NAN, "–"),
            (1e9, "–"),
        ] {
            assert_eq!(Lang::Pt.day(days), day);
        }
        assert_eq!(Lang::En.date(""), "–");
        for odd in ["soon", "2026-13-01", "2026-11-4x", "ação-então"] {
            assert_eq!(Lang::En.date(odd), odd);
        }
    }

    #[test]
    fn a_language_has_a_name() {
        assert_eq!("pt".parse::<Lang>().unwrap(), Lang::default());
        assert_eq!("en".parse::<Lang>().unwrap().tag(), "en");
        assert!("fr".parse::<Lang>().unwrap_err().to_string().contains("fr"));
    }
}
