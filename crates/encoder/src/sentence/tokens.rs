//! Texts become sequences of tokens, none longer than the transformer reads at once.

use tokenizers::Tokenizer;

use super::checkpoint::Checkpoint;
use crate::{Error, LongText, Source};

/// Divides texts as sentence-transformers does.
pub(super) struct Tokens {
    tokenizer: Tokenizer,
    /// Special tokens before and after every sequence.
    before: Vec<u32>,
    after: Vec<u32>,
    /// Tokens of a text that a sequence has room for.
    window: usize,
    lower_case: bool,
    prompt: String,
    /// Whether what stands beyond a space leaves the tokens before it alone.
    by_words: bool,
}

/// The sequences of one text.
pub(super) struct Sequences {
    /// At least one; more than one only with [`LongText::Pool`].
    pub(super) windows: Vec<Vec<u32>>,
    /// Whether the text has more tokens.
    pub(super) cut: bool,
}

impl Tokens {
    /// The greatest number of a token.
    pub(super) fn greatest(&self) -> u32 {
        self.tokenizer.get_vocab(true).into_values().max().unwrap_or(0)
    }

    /// Reads `tokenizer.json`. Its own truncation and padding are put off: sequences are cut here,
    /// and nothing is padded.
    pub(super) fn read(source: &Source, checkpoint: &Checkpoint) -> Result<Self, Error> {
        let file = format!("{}tokenizer.json", checkpoint.folder);
        let expected = "a tokenizer of the library tokenizers";
        let remedy = "fetch the whole checkpoint; where it has only vocab.txt or a SentencePiece \
                      model, load it once in Python and save it with its fast tokenizer";
        let content = source.require(&file, expected, remedy)?;
        let malformed = |problem: String| Error::Malformed {
            source_name: source.name().into(),
            file: file.clone(),
            expected,
            problem,
        };
        let mut tokenizer =
            Tokenizer::from_bytes(&*content).map_err(|error| malformed(error.to_string()))?;
        tokenizer.with_truncation(None).map_err(|error| malformed(error.to_string()))?;
        tokenizer.with_padding(None);
        let one = tokenizer.encode("a", true).map_err(|error| malformed(error.to_string()))?;
        let special = one.get_special_tokens_mask();
        let first = special.iter().position(|&special| special == 0).unwrap_or(special.len());
        let last = special.iter().rposition(|&special| special == 0).map_or(first, |i| i + 1);
        let before = one.get_ids()[..first].to_vec();
        let after = one.get_ids()[last..].to_vec();
        let window = checkpoint.max_seq_length.saturating_sub(before.len() + after.len());
        if window == 0 {
            return Err(Error::Unsupported {
                source_name: source.name().into(),
                file: "sentence_bert_config.json".into(),
                setting: "max_seq_length".into(),
                found: checkpoint.max_seq_length.to_string(),
                supported: format!("more than {} special tokens", before.len() + after.len()),
            });
        }
        let value: serde_json::Value =
            serde_json::from_slice(&content).map_err(|error| malformed(error.to_string()))?;
        let added = tokenizer.get_added_tokens_decoder();
        let spaced = added.values().any(|token| token.content.contains(' '));
        Ok(Self {
            tokenizer,
            before,
            after,
            window,
            lower_case: checkpoint.lower_case,
            prompt: checkpoint.prompt.clone(),
            by_words: splits_at_spaces(&value["pre_tokenizer"]) && !spaced,
        })
    }

    /// The sequences of `text`.
    pub(super) fn sequences(&self, text: &str, long: LongText) -> Result<Sequences, String> {
        let prompted;
        let mut text = text;
        if !self.prompt.is_empty() {
            prompted = format!("{}{text}", self.prompt);
            text = &prompted;
        }
        text = strip(text);
        let lower;
        if self.lower_case {
            lower = text.to_lowercase();
            text = &lower;
        }
        match long {
            LongText::Cut => {
                let mut content = self.beginning(text)?;
                let cut = content.len() > self.window;
                content.truncate(self.window);
                Ok(Sequences { windows: vec![self.sequence(&content)], cut })
            }
            LongText::Pool => {
                let content = self.content(text)?;
                let windows = windows(content.len(), self.window);
                let windows = windows.map(|(start, end)| self.sequence(&content[start..end]));
                Ok(Sequences { windows: windows.collect(), cut: false })
            }
        }
    }

    /// The tokens of `text`, or of a beginning that has more of them than a window holds.
    fn beginning(&self, text: &str) -> Result<Vec<u32>, String> {
        // Words have five letters or so and a token or two.
        let mut bytes = self.window * 8;
        while let Some(end) = end_of_word(text, bytes).filter(|_| self.by_words) {
            let content = self.content(&text[..end])?;
            if content.len() > self.window {
                return Ok(content);
            }
            bytes *= 4;
        }
        self.content(text)
    }

    fn content(&self, text: &str) -> Result<Vec<u32>, String> {
        let encoding = self.tokenizer.encode_fast(text, false).map_err(|e| e.to_string())?;
        Ok(encoding.get_ids().to_vec())
    }

    fn sequence(&self, content: &[u32]) -> Vec<u32> {
        [&self.before, content, &self.after].concat()
    }
}

/// Where windows of `size` begin and end that cover `n` tokens; neighbours share a quarter.
fn windows(n: usize, size: usize) -> impl Iterator<Item = (usize, usize)> {
    let step = size - size / 4;
    let count = if n <= size { 1 } else { 1 + (n - size).div_ceil(step) };
    (0..count).map(move |i| (i * step, n.min(i * step + size)))
}

/// Python's `str.strip`, which knows four characters more as white space than Unicode does.
fn strip(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

/// The end of the first word that ends at `from` bytes or later with another word behind it. Only a
/// space between a letter or digit and another is taken, where no normaliser joins anything.
fn end_of_word(text: &str, from: usize) -> Option<usize> {
    if from >= text.len() {
        return None;
    }
    text.as_bytes()[from..].iter().enumerate().filter(|&(_, &b)| b == b' ').find_map(|(i, _)| {
        let (before, behind) = (&text[..from + i], &text[from + i + 1..]);
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        (word(before.chars().next_back()) && word(behind.chars().next())).then_some(from + i)
    })
}

/// Whether a tokenizer's first division is into words.
fn splits_at_spaces(pre_tokenizer: &serde_json::Value) -> bool {
    match pre_tokenizer["type"].as_str() {
        Some("BertPreTokenizer" | "WhitespaceSplit" | "Whitespace") => true,
        Some("Sequence") => splits_at_spaces(&pre_tokenizer["pretokenizers"][0]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_all_and_overlap_by_a_quarter() {
        let of = |n, size| windows(n, size).collect::<Vec<_>>();
        assert_eq!(of(0, 8), [(0, 0)]);
        assert_eq!(of(8, 8), [(0, 8)]);
        assert_eq!(of(9, 8), [(0, 8), (6, 9)]);
        assert_eq!(of(20, 8), [(0, 8), (6, 14), (12, 20)]);
        assert_eq!(of(3, 1), [(0, 1), (1, 2), (2, 3)]);
    }

    #[test]
    fn white_space_is_pythons() {
        assert_eq!(strip("\u{1c}\u{a0} a b\u{2003}\n\u{1f}"), "a b");
        assert_eq!(strip(" \t "), "");
    }

    #[test]
    fn a_word_ends_between_letters_only() {
        assert_eq!(end_of_word("ação com SAP", 2), Some("ação".len()));
        assert_eq!(end_of_word("um  dois três", 1), Some("um  dois".len()));
        assert_eq!(end_of_word("um - dois", 1), None);
        assert_eq!(end_of_word("palavra", 3), None);
        assert_eq!(end_of_word("a b", 9), None);
    }
}
