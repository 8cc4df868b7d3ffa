use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Golden {
    every_code_point_fnv1a64: String,
    texts: Vec<(String, Vec<String>)>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../tests/golden/tokens.json")).unwrap()
}

/// The definition, word for word: lower-case, then maximal runs of two or more word characters.
fn by_definition(text: &str) -> Vec<String> {
    let lower: String = if text.contains('Σ') {
        text.to_lowercase()
    } else {
        text.chars()
            .flat_map(|c| if is_word(c) { c.to_lowercase().collect() } else { vec![c] })
            .collect()
    };
    lower
        .split(|c| !is_word(c))
        .filter(|word| word.chars().nth(1).is_some())
        .map(str::to_owned)
        .collect()
}

#[test]
fn hard_texts_are_split_as_python_does() {
    for (text, expected) in golden().texts {
        assert_eq!(tokens(&text), expected, "{text:?}");
    }
}

#[test]
fn every_code_point_is_treated_as_python_does() {
    let mut sum = 0xCBF2_9CE4_8422_2325_u64;
    let mut feed = |bytes: &[u8]| {
        for &b in bytes {
            sum = (sum ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3);
        }
    };
    let (mut text, mut buffer) = (String::new(), String::new());
    for c in '\0'..=char::MAX {
        text.clear();
        text.extend(['a', c, 'b', ' ', c, c]);
        let mut first = true;
        for_each_token(&text, &mut buffer, |token| {
            feed(if first { b"" } else { b" " });
            feed(token.as_bytes());
            first = false;
        });
        feed(b"\n");
    }
    assert_eq!(format!("{sum:016x}"), golden().every_code_point_fnv1a64);
}

#[test]
fn cv_text_in_portuguese() {
    assert_eq!(
        tokens("fábio costa\ncuritiba/paraná • ANALISTA Sênior\nÉ 04/2017 – 10/2025"),
        ["fábio", "costa", "curitiba", "paraná", "analista", "sênior", "04", "2017", "10", "2025"],
    );
}

proptest! {
    #[test]
    fn any_text_is_split_by_the_definition(text in "\\PC{0,40}") {
        prop_assert_eq!(tokens(&text), by_definition(&text));
    }

    #[test]
    fn mixed_text_is_split_by_the_definition(
        text in proptest::collection::vec(
            prop_oneof![
                "[a-zA-Z0-9_]{1,4}", "[ .,\n-]{1,2}", "[áãçéõúÁÃÇÉÕÚßÿ×÷ªº]{1,3}", "[İıŁłΣσς'•–\u{301}]{1,2}",
            ],
            0..12,
        )
    ) {
        let text = text.concat();
        prop_assert_eq!(tokens(&text), by_definition(&text));
    }
}
