//! A time, as it stands in manifests and logs.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Timelike};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const DAY_MILLIS: i64 = 86_400_000;
/// Of a second.
const NANOS: u32 = 1_000_000_000;
/// 9999-12-31T23:59:59.999Z: RFC 3339 has four digits for the year.
const MAX: i64 = 253_402_300_799_999;

/// A time: milliseconds since 1970-01-01 UTC, from there to the end of year 9999. Written and read
/// as RFC 3339 in UTC with milliseconds, `2026-11-23T21:31:46.000Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// That many milliseconds after 1970-01-01 UTC; clamped to what RFC 3339 can write.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(0, MAX))
    }

    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// Its day in UTC, `YYYY-MM-DD`.
    #[must_use]
    pub fn day(self) -> String {
        self.to_string().chars().take(10).collect()
    }

    /// The time `days` days before, or 1970-01-01.
    #[must_use]
    pub fn days_before(self, days: u32) -> Self {
        Self::from_millis(self.0 - i64::from(days) * DAY_MILLIS)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::from_timestamp_millis(self.0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Timestamp {
    type Err = String;

    /// Reads RFC 3339 in UTC, with or without a fraction, and a bare date as its first moment.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| {
            format!("`{text}` is not a time: expected UTC as in 2026-11-23T21:31:46Z, or a date")
        })
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    let time = match text.strip_suffix('Z') {
        Some(_) => text.to_owned(),
        None => format!("{text}T00:00:00Z"),
    };
    // A leap second is none of the day's 86,400.
    let time = DateTime::parse_from_rfc3339(&time).ok().filter(|t| t.nanosecond() < NANOS)?;
    Some(Timestamp::from_millis(time.timestamp_millis()))
}

/// Whether a text is a date `YYYY-MM-DD` that exists.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() == "YYYY-MM-DD".len() && parse(text).is_some()
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_times() {
        let at = |s: &str| s.parse::<Timestamp>().unwrap();
        assert_eq!(Timestamp::from_millis(0).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(at("2024-02-29T12:00:00.5Z").as_millis(), 1_709_208_000_500);
        assert_eq!(at("2024-02-29").to_string(), "2024-02-29T00:00:00.000Z");
        assert_eq!(Timestamp::from_millis(MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(at("2024-03-01").days_before(1), at("2024-02-29"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-1-1",
            "2024-01-01T00:00:00",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+01:00",
            "x",
            "2024-01-01T00:00:00.éZ",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_it_writes(millis in 0..=MAX) {
            let time = Timestamp::from_millis(millis);
            prop_assert_eq!(time.to_string().parse::<Timestamp>(), Ok(time));
        }

        #[test]
        fn writing_keeps_the_order(a in 0..=MAX, b in 0..=MAX) {
            let (a, b) = (Timestamp::from_millis(a), Timestamp::from_millis(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }
}
