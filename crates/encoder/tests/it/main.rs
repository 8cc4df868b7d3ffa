//! What is promised of encoders, whichever they are.

#![allow(clippy::unwrap_used, reason = "a test that panics fails")]

mod checkpoints;
mod golden;
mod sentence;

use encoder::LongText;

#[test]
fn long_text_is_configured_by_one_word() {
    assert_eq!(serde_json::from_str::<LongText>(r#""pool""#).unwrap(), LongText::Pool);
    assert_eq!(serde_json::to_string(&LongText::Cut).unwrap(), r#""cut""#);
}
