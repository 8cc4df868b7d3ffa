//! What the raw files say of people, and whether a text says it too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::OnceLock,
};

use serde_json::Value;

use crate::world::sample;

/// The fields of the raw files that name somebody, or say how to reach them.
const FIELDS: [&str; 12] = [
    "nome",
    "email",
    "email_secundario",
    "telefone",
    "telefone_celular",
    "telefone_recado",
    "cpf",
    "inserido_por",
    "recrutador",
    "solicitante_cliente",
    "requisitante",
    "analista_responsavel",
];

/// So much of a text is looked up at each of its places; what is shorter says nothing of anybody.
const BEGINNING: usize = 8;

/// The values by their beginnings.
type Values = BTreeMap<[u8; BEGINNING], Vec<String>>;

/// The first value that names one of the sample's people in a text.
pub(crate) fn found(text: &str) -> Option<&'static str> {
    static VALUES: OnceLock<Values> = OnceLock::new();
    in_text(VALUES.get_or_init(|| by_beginning(of_sample())), text)
}

fn in_text<'v>(values: &'v Values, text: &str) -> Option<&'v str> {
    let text = text.to_lowercase();
    let bytes = text.as_bytes();
    bytes.windows(BEGINNING).enumerate().find_map(|(at, window)| {
        let candidates = values.get(window)?.iter();
        candidates.map(String::as_str).find(|value| bytes[at..].starts_with(value.as_bytes()))
    })
}

fn by_beginning(all: BTreeSet<String>) -> Values {
    let mut values = Values::new();
    for value in all {
        if let Some(beginning) = value.as_bytes().first_chunk() {
            values.entry(*beginning).or_default().push(value);
        }
    }
    values
}

fn of_sample() -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for table in ["applicants", "prospects", "vagas"] {
        let text = fs::read(sample().join(format!("{table}.json"))).unwrap();
        collect(&serde_json::from_slice(&text).unwrap(), &mut values);
    }
    let some = |what: &str, is: fn(&str) -> bool| {
        let count = values.iter().filter(|value| is(value)).count();
        assert!(count > 100, "{count} values of the sample are {what}");
    };
    some("addresses", |value| value.contains('@'));
    some("numbers", |value| value.bytes().all(|b| b.is_ascii_digit()));
    some("names", |value| value.contains(' ') && !value.contains('('));
    values
}

fn collect(value: &Value, values: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        Value::Object(members) => members.iter().for_each(|(name, value)| match value {
            Value::String(text) if FIELDS.contains(&name.as_str()) => values.extend(forms(text)),
            value => collect(value, values),
        }),
        _ => {}
    }
}

/// A value as it is written, and of a number its digits alone.
fn forms(text: &str) -> impl Iterator<Item = String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() > BEGINNING && !text.contains(char::is_alphabetic);
    [Some(text.trim().to_lowercase()), is_number.then_some(digits)].into_iter().flatten()
}

#[test]
fn somebody_is_found_however_they_are_written() {
    let mut values = BTreeSet::new();
    let raw = r#"{"1": {"infos": {"nome": "Ana Maria Braga", "telefone": "(11) 90037-9597",
        "cpf": "123.456.789-09", "email": "ana@exemplo.com.br", "local": "São Paulo"}}}"#;
    collect(&serde_json::from_str(raw).unwrap(), &mut values);
    let values = by_beginning(values);
    for text in
        ["x ANA MARIA BRAGA", "11900379597", "cpf 123.456.789-09.", "\"ana@exemplo.com.br\""]
    {
        assert!(in_text(&values, text).is_some(), "{text}");
    }
    for text in ["", "São Paulo", "Ana Maria", "31000", "ana@exemplo"] {
        assert_eq!(in_text(&values, text), None, "{text}");
    }
}
