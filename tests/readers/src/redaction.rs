//! Personal data out of texts that anybody may have written.

use std::{borrow::Cow, sync::LazyLock};

use text::redact::{MARK, Owner, Record, Redactions, Redactor, WrittenDate};

static REDACTOR: LazyLock<(Redactor, Owner)> = LazyLock::new(|| {
    let redactor = Redactor::new();
    // Made up: the CPF is a number of textbooks, the telephone is nobody's.
    let owner = redactor.owner(&Record {
        names: vec!["Otávio Brandão Queirós de Albuquerque"],
        born: Some(WrittenDate { year: 1987, month: 9, day: 21 }),
        phones: vec!["(11) 98765-4321"],
        documents: vec!["529.982.247-25"],
        contacts: vec!["tavinho.abq@hotmail.com"],
        streets: vec!["Rua das Acácias, 123, apto 45, Vila Mariana"],
    });
    (redactor, owner)
});

/// What is labelled, on lines of its own.
const LABELLED: [(&str, &str); 3] = [
    ("CPF: 529.982.247-25", "529.982.247-25"),
    ("e-mail: outra.pessoa@example.com", "outra.pessoa"),
    ("telefone: (21) 99876-5432", "99876"),
];

/// Redacting a text, and the same text with labelled data before and behind it.
///
/// - What is left stands in the text, in its order: nothing is added but marks.
/// - A text without marks of its own has as many marks as were counted, and is borrowed where there
///   are none.
/// - Redacting again changes nothing.
/// - Labelled data on lines of its own is gone, whatever stands around it.
pub fn redact(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    once_is_enough(&text);
    let labelled = LABELLED.map(|(line, _)| line).join("\n");
    let redacted = once_is_enough(&format!("{labelled}\n{text}\n{labelled}\n"));
    for (_, value) in LABELLED {
        // The text may say the same without a label.
        assert!(text.contains(value) || !redacted.contains(value), "{value} is left");
    }
}

fn once_is_enough(text: &str) -> String {
    let (redactor, owner) = &*REDACTOR;
    let mut counts = Redactions::default();
    let redacted = redactor.redact(text, owner, &mut counts);
    if matches!(redacted, Cow::Borrowed(_)) {
        assert_eq!(counts, Redactions::default());
    }
    if !text.contains(MARK) {
        let marks = redacted.matches(MARK).count() as u64;
        assert!(marks <= counts.total(), "{marks} marks of {}", counts.total());
    }
    let mut rest = text;
    for piece in redacted.split(MARK) {
        let at = rest.find(piece).expect("what is left stands in the text");
        rest = &rest[at + piece.len()..];
    }
    let again = redactor.redact(&redacted, owner, &mut counts);
    assert_eq!(again, redacted, "redacted again");
    redacted.into_owned()
}
