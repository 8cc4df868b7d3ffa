//! The n-grams of a text.

use super::CheckedParams;
use crate::tokens::for_each_token;

/// Joins the tokens of `text` that are not stop words by spaces, and notes where each stands: an
/// n-gram is then a slice.
pub(super) fn join_tokens(
    text: &str,
    params: &CheckedParams,
    buffer: &mut String,
    joined: &mut String,
    spans: &mut Vec<(usize, usize)>,
) {
    joined.clear();
    spans.clear();
    for_each_token(text, buffer, |token| {
        if !params.stop_words.contains(token) {
            if !joined.is_empty() {
                joined.push(' ');
            }
            let start = joined.len();
            joined.push_str(token);
            spans.push((start, joined.len()));
        }
    });
}

/// Calls `each` with every n-gram of the tokens at `spans`.
pub(super) fn for_each_ngram(
    joined: &str,
    spans: &[(usize, usize)],
    (min, max): (usize, usize),
    mut each: impl FnMut(&str),
) {
    for n in min..=max.min(spans.len()) {
        for window in spans.windows(n) {
            each(&joined[window[0].0..window[n - 1].1]);
        }
    }
}
