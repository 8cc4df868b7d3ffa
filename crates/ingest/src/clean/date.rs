//! Dates: the source's several spellings as days since 1970-01-01.

use chrono::{Datelike, NaiveDate};

use super::Parsed;

/// Years that a person, an application or a job can be of; others are slips of the keyboard.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// The day of `dd-mm-yyyy`, `dd/mm/yyyy`, `dd.mm.yyyy` or `yyyy-mm-dd`, each alone or before a time
/// (`hh:mm`, `hh:mm:ss`, a fraction and a zone after these; of a time only its form is looked at).
/// Dates of zeros and 1970-01-01 are how the source says that there is none.
pub(crate) fn date(clean: &str) -> Parsed<i32> {
    let (day, time) = match clean.find([' ', 'T']) {
        Some(at) => (&clean[..at], Some(clean[at + 1..].trim_start())),
        None => (clean, None),
    };
    if time.is_some_and(|t| !is_time(t)) {
        return Parsed::Invalid;
    }
    let mut parts = day.split(['-', '/', '.']);
    let (Some(a), Some(b), Some(c), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Parsed::Invalid;
    };
    let (Some(first), Some(month), Some(last)) = (number(a), number(b), number(c)) else {
        return Parsed::Invalid;
    };
    let (year, day) = match (a.len(), b.len(), c.len()) {
        (1..=2, 1..=2, 4) => (last, first),
        (4, 1..=2, 1..=2) => (first, last),
        _ => return Parsed::Invalid,
    };
    match (year, month, day) {
        (0, 0, 0) | (1970, 1, 1) => Parsed::Missing,
        _ if !YEARS.contains(&year) => Parsed::Invalid,
        _ => match NaiveDate::from_ymd_opt(year, month.unsigned_abs(), day.unsigned_abs()) {
            Some(date) => Parsed::Value(date.to_epoch_days()),
            None => Parsed::Invalid,
        },
    }
}

/// The same rules for a day that came as a number of days.
pub(crate) fn day_of(days: i64) -> Parsed<i32> {
    match i32::try_from(days) {
        Ok(0) => Parsed::Missing,
        Ok(days) => match NaiveDate::from_epoch_days(days) {
            Some(date) if YEARS.contains(&date.year()) => Parsed::Value(days),
            _ => Parsed::Invalid,
        },
        Err(_) => Parsed::Invalid,
    }
}

/// Characters of a form at most.
const FORM: usize = 24;

/// The form of a text that is not a date: each digit is `9`, each run of letters `a`, and what stands
/// between them is kept. A form says nothing of a person.
///
/// Of `99/99/9999` and its like with a second number beyond 12, it also says that the month comes
/// first: that is why it is not a date here.
pub(crate) fn form(raw: &str) -> Box<str> {
    let mut form = String::new();
    for c in raw.trim().chars() {
        let next = match c {
            _ if c.is_numeric() => '9',
            _ if c.is_alphabetic() && form.ends_with('a') => continue,
            _ if c.is_alphabetic() => 'a',
            _ if c.is_control() => ' ',
            _ => c,
        };
        if form.chars().count() == FORM {
            form.push('…');
            break;
        }
        form.push(next);
    }
    if is_month_first(raw.trim()) {
        form.push_str(" (month first)");
    }
    form.into()
}

fn is_month_first(text: &str) -> bool {
    let day = text.split([' ', 'T']).next().unwrap_or_default();
    let mut parts = day.split(['-', '/', '.']).map(number);
    let found = (parts.next().flatten(), parts.next().flatten(), parts.next().flatten());
    matches!(found, (Some(1..=12), Some(13..=31), Some(0..=99 | 1900..=2199)))
}

fn number(digits: &str) -> Option<i32> {
    (digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

fn is_time(time: &str) -> bool {
    let b = time.as_bytes();
    let two = |at: usize, below: u8| {
        let digits = b.get(at..at + 2).filter(|d| d.iter().all(u8::is_ascii_digit));
        digits.is_some_and(|d| (d[0] - b'0') * 10 + (d[1] - b'0') < below)
    };
    if !(two(0, 24) && b.get(2) == Some(&b':') && two(3, 60)) {
        return false;
    }
    let rest = &b[5..];
    let rest = if rest.first() == Some(&b':') && two(6, 61) { &b[8..] } else { rest };
    rest.iter().all(|c| c.is_ascii_digit() || b".+-:Z".contains(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use schema::calendar;

    use super::*;

    fn read(text: &str) -> String {
        match date(text) {
            Parsed::Missing => "missing".to_owned(),
            Parsed::Invalid => "invalid".to_owned(),
            Parsed::Value(days) => calendar::iso(days),
        }
    }

    #[test]
    fn every_spelling_of_the_source_is_read() {
        for text in [
            "10-11-2021",
            "10-11-2021 07:29:49",
            "10/11/2021 22:44",
            "10/11/2021",
            "10.11.2021",
            "2021-11-10",
            "2021-11-10T07:29:49",
            "2021-11-10 07:29:49.123",
            "2021-11-10T07:29:49Z",
            "2021-11-10T07:29:49-03:00",
        ] {
            assert_eq!(read(text), "2021-11-10", "{text}");
        }
        assert_eq!(read("5-3-2021"), "2021-03-05");
        assert_eq!(read("29-02-2020"), "2020-02-29");
    }

    #[test]
    fn a_form_shows_how_a_text_is_made_and_not_what_it_says() {
        for (text, expected) in [
            ("10/25/2021", "99/99/9999 (month first)"),
            ("10-25-21 07:00", "99-99-99 99:99 (month first)"),
            ("31/02/2021", "99/99/9999"),
            ("44197", "99999"),
            ("25-03-21", "99-99-99"),
            (" ligar para Ana Prado ", "a a a a"),
            ("março/2021", "a/9999"),
            ("", ""),
            ("1234567890123456789012345678", "999999999999999999999999…"),
        ] {
            assert_eq!(&*form(text), expected, "{text}");
        }
    }

    #[test]
    fn the_source_says_in_several_ways_that_there_is_no_date() {
        for text in [
            "00-00-0000",
            "0000-00-00",
            "01-01-1970",
            "1970-01-01",
            "01-01-1970 00:00:00",
            "00/00/0000 00:00",
        ] {
            assert_eq!(read(text), "missing", "{text}");
        }
    }

    #[test]
    fn impossible_dates_and_other_texts_are_invalid() {
        for text in [
            "31-02-2021",
            "29-02-2021",
            "00-01-2021",
            "12-13-2021",
            "10-11-21",
            "10-11-0021",
            "10-11-20211",
            "2021",
            "10-11-2021 25:00:00",
            "10-11-2021 manhã",
            "amanhã",
            "1-2-3-4",
            "--",
            "+1-01-2021",
            "10-11-2021 é",
        ] {
            assert_eq!(read(text), "invalid", "{text}");
        }
    }

    #[test]
    fn days_as_numbers_follow_the_same_rules() {
        assert_eq!(day_of(0), Parsed::Missing);
        assert_eq!(day_of(18_941), Parsed::Value(18_941));
        for days in [i64::MAX, i64::from(i32::MAX), i64::from(i32::MIN), -800_000] {
            assert_eq!(day_of(days), Parsed::Invalid);
        }
    }

    proptest! {
        #[test]
        fn dates_make_the_round_trip(days in -25_000..80_000_i32) {
            prop_assume!(days != 0);
            prop_assert_eq!(date(&calendar::iso(days)), Parsed::Value(days));
            let iso = calendar::iso(days);
            let (y, m, d) = (&iso[..4], &iso[5..7], &iso[8..]);
            prop_assert_eq!(date(&format!("{d}-{m}-{y} 10:20:30")), Parsed::Value(days));
            prop_assert_eq!(day_of(i64::from(days)), Parsed::Value(days));
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,30}|[0-9 T:/.-]{0,24}") {
            let _ = date(&text);
        }
    }
}
