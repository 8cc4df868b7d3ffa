//! Days and times as others write them.

use ingest::foreign;
use schema::calendar;
use versioning::Timestamp;

/// Dates of raw files, days of files between the stages, and times of events.
///
/// - A date that is read, printed as `YYYY-MM-DD`, is read as the same day.
/// - A day between the stages prints as the text that it was read from, and raw files mean the same
///   by that text.
/// - A time that is read, printed, is read as the same time.
pub fn dates(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim();
    let raw = foreign::date(text);
    if let Some(day) = raw {
        let iso = calendar::iso(day);
        assert_eq!(foreign::date(&iso), raw, "{iso}");
        assert_eq!(calendar::parse(&iso), raw, "{iso}");
    }
    if let Some(day) = calendar::parse(text) {
        assert_eq!(calendar::iso(day), text);
        assert!(raw.is_none_or(|raw| raw == day), "one text is two days");
        assert!(calendar::week_end(day) - day < 7 && calendar::week_end(day) >= day);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        assert_eq!(time.to_string().parse(), Ok(time));
    }
}
