//! Words of CVs and job descriptions, and the groups of letters that spell them.
//!
//! Unlike [`text::tokens`], which is Python's tokeniser to the letter, this one is made for names of
//! skills that everybody writes differently. Case and accents go (`Gestão`, `GESTAO`). A word keeps
//! the `+` and `#` at its end (`c++`, `c#`), and a letter that stands alone before a stop or a hyphen
//! joins what follows (`e-mail`, `e.t.l.`), before a slash where a digit follows (`S/4HANA`). What is
//! then one character long, or has no letter, is not a word: years and telephone extensions say nothing
//! of a person.

use unicode_normalization::char::decompose_canonical;

/// Letters of the shortest and the longest group.
const SIZES: std::ops::RangeInclusive<usize> = 3..=5;

/// Calls `each` with every word of `text`, in order. `buffer` is memory to be used again.
pub(super) fn for_each_word(text: &str, buffer: &mut String, mut each: impl FnMut(&str)) {
    let bytes = text.as_bytes();
    // A combining mark alone begins no word.
    let mut at = 0;
    while at < bytes.len() {
        buffer.clear();
        let end = scan(text, at, buffer);
        if end == at {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        at = end;
        // A second byte that is not a beginning: the only character is longer than a byte.
        let one = buffer.len() < 2 || (buffer.len() <= 4 && buffer.chars().nth(1).is_none());
        if !one && buffer.chars().any(char::is_alphabetic) {
            each(buffer);
        }
    }
}

/// Appends the word that begins at `at` and returns where it ends: at `at` when none begins there.
fn scan(text: &str, mut at: usize, word: &mut String) -> usize {
    let bytes = text.as_bytes();
    loop {
        let (start, written) = (at, word.len());
        at = letters(text, at, word);
        if at == start {
            return at;
        }
        let next = |n: usize| bytes.get(at + n).copied().unwrap_or(b' ');
        let alone = word[written..].chars().nth(1).is_none();
        let joins = match next(0) {
            b'.' | b'-' => next(1).is_ascii_alphanumeric(),
            b'/' => next(1).is_ascii_digit(),
            _ => false,
        };
        if alone && joins && word[written..].starts_with(char::is_alphabetic) {
            at += 1;
            continue;
        }
        let sign = next(0);
        if matches!(sign, b'+' | b'#') {
            let signs = bytes[at..].iter().take_while(|b| **b == sign).count();
            // `java+spring` are two words.
            if signs > 1 || !next(signs).is_ascii_alphanumeric() {
                for _ in 0..signs.min(2) {
                    word.push(char::from(sign));
                }
                at += signs;
            }
        }
        return at;
    }
}

/// Appends the letters and digits at `at` without case and accents; returns where they end.
fn letters(text: &str, mut at: usize, word: &mut String) -> usize {
    let bytes = text.as_bytes();
    loop {
        while let Some(b) = bytes.get(at).filter(|b| b.is_ascii_alphanumeric()) {
            word.push(char::from(b.to_ascii_lowercase()));
            at += 1;
        }
        match text[at..].chars().next() {
            Some(c) if is_mark(c) => at += c.len_utf8(),
            Some(c) if !c.is_ascii() && c.is_alphanumeric() => {
                at += c.len_utf8();
                word.extend(without_accent(c).to_lowercase());
            }
            _ => return at,
        }
    }
}

/// The letter under its accents. Marks that make another letter (of Japanese, say) stay.
fn without_accent(c: char) -> char {
    let (mut letter, mut others) = (c, 0);
    decompose_canonical(c, |part| {
        if !is_mark(part) {
            letter = part;
            others += 1;
        }
    });
    if others == 1 { letter } else { c }
}

/// Combining accents (U+0300 to U+036F).
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

/// Calls `each` with every group of three to five characters of `word`, a space standing for either
/// end (`char_wb` of scikit-learn).
pub(super) fn for_each_group(word: &str, padded: &mut String, mut each: impl FnMut(&str)) {
    padded.clear();
    padded.push(' ');
    padded.push_str(word);
    padded.push(' ');
    for size in SIZES {
        // The end of a group is the start of the one `size` characters on.
        let ends = padded.char_indices().map(|(at, _)| at).chain([padded.len()]).skip(size);
        for ((start, _), end) in padded.char_indices().zip(ends) {
            each(&padded[start..end]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for_each_word(text, &mut String::new(), |word| found.push(word.to_owned()));
        found
    }

    fn groups(word: &str) -> Vec<String> {
        let mut found = Vec::new();
        for_each_group(word, &mut String::new(), |group| found.push(group.to_owned()));
        found
    }

    #[test]
    fn names_of_skills_survive() {
        for (text, expected) in [
            ("Gestão de PROJETOS", &["gestao", "de", "projetos"][..]),
            ("C#, C++ e .NET", &["c#", "c++", "net"]),
            ("c#.net; c++17", &["c#", "net", "c++"]),
            ("SAP S/4HANA e s4hana", &["sap", "s4hana", "s4hana"]),
            ("e.t.l., e-mail, j.p.", &["etl", "email", "jp"]),
            ("react-native/redux", &["react", "native", "redux"]),
            ("java+spring", &["java", "spring"]),
            ("2019 - 2021, r$ 10", &[]),
            ("a e o", &[]),
            ("Gesta\u{303}o", &["gestao"]),
            ("\u{303}", &[]),
            ("Straße İstanbul", &["straße", "istanbul"]),
            ("naïve 数据 データ", &["naive", "数据", "データ"]),
            ("🙂\0x", &[]),
        ] {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn groups_know_where_a_word_begins_and_ends() {
        assert_eq!(groups("sql"), [" sq", "sql", "ql ", " sql", "sql ", " sql "]);
        assert_eq!(groups("ab"), [" ab", "ab ", " ab "]);
        assert_eq!(groups("数据"), [" 数据", "数据 ", " 数据 "]);
    }

    proptest! {
        #[test]
        fn words_are_folded_and_stay_what_they_are(text in "\\PC{0,80}") {
            for word in words(&text) {
                prop_assert!(word.chars().count() > 1);
                prop_assert_eq!(words(&word), [word.clone()]);
            }
        }

        #[test]
        fn groups_are_parts(word in "[a-zà-ü数据]{2,12}") {
            let chars = word.chars().count() + 2;
            let expected: usize = (3..=5).map(|n| (chars + 1_usize).saturating_sub(n)).sum();
            prop_assert_eq!(groups(&word).len(), expected);
        }
    }
}
