//! What exporters write that is not JSON, as JSON: for the field to be lost, not the record.

/// The number that some languages write where JSON has none.
const NOT_NUMBERS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// A record's text with `NaN` and `Infinity` as `null`, halves of surrogate pairs as U+FFFD, and
/// control characters in strings escaped; none where there is nothing of the kind.
pub(super) fn mend(text: &str) -> Option<String> {
    let mut mended = String::with_capacity(text.len());
    let (mut rest, mut within, mut is_new) = (text, false, false);
    while let Some(c) = rest.chars().next() {
        let not_number = NOT_NUMBERS.iter().find(|name| !within && rest.starts_with(**name));
        let (len, replaced) = match c {
            '\\' if within => escape(rest),
            '\0'..='\u{1f}' if within => (1, Some(format!("\\u{:04x}", u32::from(c)))),
            _ => match not_number {
                Some(name) => (name.len(), Some("null".to_owned())),
                None => (c.len_utf8(), None),
            },
        };
        within ^= c == '"';
        is_new |= replaced.is_some();
        let (old, left) = rest.split_at(len);
        mended.push_str(replaced.as_deref().unwrap_or(old));
        rest = left;
    }
    is_new.then_some(mended)
}

/// The length of the escape that a text begins with, and what stands for it if it is half a pair.
fn escape(text: &str) -> (usize, Option<String>) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let next = text.chars().nth(1).map_or(0, char::len_utf8);
    match unit(0) {
        Some(0xd800..0xdc00) if matches!(unit(6), Some(0xdc00..0xe000)) => (12, None),
        Some(0xd800..0xe000) => (6, Some("\\ufffd".to_owned())),
        Some(_) => (6, None),
        None => (1 + next, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_mended_and_all_else_stays() {
        for (text, mended) in [
            (r#"{"a": NaN, "b": [Infinity, -Infinity]}"#, r#"{"a": null, "b": [null, null]}"#),
            (r#"{"a": "\ud83d", "b": "\ude00x"}"#, r#"{"a": "\ufffd", "b": "\ufffdx"}"#),
            (r#"{"a": "\ud83d\ud83d\ude00"}"#, r#"{"a": "\ufffd\ud83d\ude00"}"#),
            ("{\"a\": \"x\ty\"}", r#"{"a": "x\u0009y"}"#),
        ] {
            assert_eq!(mend(text).as_deref(), Some(mended));
            assert!(serde_json::from_str::<serde_json::Value>(mended).is_ok(), "{mended}");
        }
        for text in [
            r#"{"a": "NaN \" Infinity", "b": "\\ud800"}"#,
            r#"{"a": "\ud83d\ude00 çã"}"#,
            r#"{"a": "cut \"#,
            r#"{"a": "\u12"#,
            "{\n\t\"a\": 1}",
        ] {
            assert_eq!(mend(text), None, "{text}");
        }
    }
}
