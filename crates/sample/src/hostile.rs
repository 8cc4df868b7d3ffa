//! What else a reader meets: records damaged on purpose, where
//! [`SampleConfig::hostile`](crate::SampleConfig::hostile) asks for it.
//!
//! One record in 256 of every file (the 100th, the 356th, …) is damaged, each in the next way of
//! [`WAYS`]; a run that sets aside up to 1 % of its records therefore goes on. `vagas.json` opens
//! with a byte-order mark besides. `truth.csv` holds what was true, damage or no: rows of damaged
//! records find nothing to join.

/// The ways in which records are damaged, in turn: the n-th damaged record (from 0) of a file takes
/// way `n % 11`.
pub const WAYS: [&str; 11] = [
    "a section is missing",
    "a section is null",
    "a value is null",
    "a number stands for a string",
    "a key nobody has seen",
    "an impossible date",
    "a key twice",
    "the record is a list",
    "the record is null",
    "bytes that are not UTF-8",
    "the record twice",
];

/// Records between two damaged ones.
const EVERY: usize = 256;
const FIRST: usize = 100;

/// A record with its damage.
pub(crate) struct Damaged {
    pub(crate) record: Vec<u8>,
    /// Write it twice, under the same key.
    pub(crate) twice: bool,
}

/// What of a file's records is in reach of damage.
struct Targets {
    /// A key of the record that holds an object or a list.
    section: &'static str,
    /// A key that holds a string.
    text: &'static str,
    /// A key that holds a string of digits, or of money.
    number: &'static str,
    date: &'static str,
}

/// Whether the record of a number is damaged.
pub(crate) fn strikes(index: usize) -> bool {
    index % EVERY == FIRST
}

pub(crate) fn applicant(index: usize, record: Vec<u8>) -> Damaged {
    let targets = Targets {
        section: "formacao_e_idiomas",
        text: "cv_pt",
        number: "remuneracao",
        date: "data_criacao",
    };
    damage(&targets, index, record)
}

pub(crate) fn posting(index: usize, record: Vec<u8>) -> Damaged {
    let targets = Targets {
        section: "beneficios",
        text: "principais_atividades",
        number: "valor_compra_1",
        date: "data_requicisao",
    };
    damage(&targets, index, record)
}

pub(crate) fn prospects(index: usize, record: Vec<u8>) -> Damaged {
    let targets = Targets {
        section: "prospects",
        text: "comentario",
        number: "codigo",
        date: "data_candidatura",
    };
    damage(&targets, index, record)
}

fn damage(targets: &Targets, index: usize, mut record: Vec<u8>) -> Damaged {
    let mut twice = false;
    match index / EVERY % WAYS.len() {
        0 => drop_section(&mut record, targets.section),
        1 => replace(&mut record, targets.section, |_| b"null".to_vec()),
        2 => replace(&mut record, targets.text, |_| b"null".to_vec()),
        3 => replace(&mut record, targets.number, |old| {
            let digits: Vec<u8> = old.iter().copied().filter(u8::is_ascii_digit).collect();
            if digits.is_empty() || digits[0] == b'0' { b"7000".to_vec() } else { digits }
        }),
        4 => insert(&mut record, b"\"campo_novo_2031\": {\"a\": [1, 2.5, true]}, "),
        5 => replace(&mut record, targets.date, |_| b"\"31-02-2021\"".to_vec()),
        6 => repeat(&mut record, targets.section),
        7 => record = b"[\"fora do formato\", 17]".to_vec(),
        8 => record = b"null".to_vec(),
        9 => replace(&mut record, targets.text, |old| {
            let mut bytes = old[..old.len() - 1].to_vec();
            bytes.extend_from_slice(b" n\xe3o \xff\"");
            bytes
        }),
        _ => twice = true,
    }
    Damaged { record, twice }
}

/// Where the value of the first such key stands.
fn value(record: &[u8], key: &str) -> Option<std::ops::Range<usize>> {
    let mark = format!("\"{key}\": ");
    let start = record.windows(mark.len()).position(|part| part == mark.as_bytes())? + mark.len();
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, &byte) in record.iter().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && !quoted {
            return Some(start..at + 1);
        }
    }
    None
}

/// Puts another value under the first such key, if the record has it.
fn replace(record: &mut Vec<u8>, key: &str, with: impl FnOnce(&[u8]) -> Vec<u8>) {
    if let Some(range) = value(record, key) {
        let new = with(&record[range.clone()]);
        record.splice(range, new);
    }
}

/// Takes a key with its value and the comma on one side out.
fn drop_section(record: &mut Vec<u8>, key: &str) {
    let Some(range) = value(record, key) else { return };
    let start = range.start - format!("\"{key}\": ").len();
    let comma = record[..start].iter().rposition(|byte| !byte.is_ascii_whitespace());
    match comma {
        Some(at) if record[at] == b',' => drop(record.drain(at..range.end)),
        _ => {
            let end = record[range.end..]
                .iter()
                .position(|byte| !byte.is_ascii_whitespace() && *byte != b',')
                .map_or(range.end, |more| range.end + more);
            record.drain(start..end);
        }
    }
}

/// Puts text behind the opening brace.
fn insert(record: &mut Vec<u8>, text: &[u8]) {
    record.splice(1..1, text.iter().copied());
}

/// Writes a key and its value a second time, in front.
fn repeat(record: &mut Vec<u8>, key: &str) {
    if let Some(range) = value(record, key) {
        let mut copy = format!("\"{key}\": ").into_bytes();
        copy.extend_from_slice(&record[range]);
        copy.extend_from_slice(b", ");
        insert(record, &copy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &[u8] =
        br#"{"formacao_e_idiomas": {"a": "}\" ]"}, "remuneracao": "5.000,00", "data_criacao": "01-01-2020", "cv_pt": "x"}"#;

    fn way(number: usize) -> String {
        let damaged = applicant(FIRST + number * EVERY, RECORD.to_vec());
        assert_eq!(damaged.twice, number == 10);
        String::from_utf8_lossy(&damaged.record).into_owned()
    }

    #[test]
    fn every_way_does_what_it_says() {
        let parse = |number| serde_json::from_str::<serde_json::Value>(&way(number)).unwrap();
        assert!(parse(0).get("formacao_e_idiomas").is_none());
        assert!(parse(1)["formacao_e_idiomas"].is_null());
        assert!(parse(2)["cv_pt"].is_null());
        assert_eq!(parse(3)["remuneracao"], 500_000);
        assert_eq!(parse(4)["campo_novo_2031"]["a"][0], 1);
        assert_eq!(parse(5)["data_criacao"], "31-02-2021");
        assert_eq!(way(6).matches("formacao_e_idiomas").count(), 2);
        assert!(parse(7).is_array());
        assert!(parse(8).is_null());
        assert!(way(9).contains("n\u{fffd}o"));
        assert_eq!(way(10).as_bytes(), RECORD);
    }

    #[test]
    fn one_in_256_is_struck() {
        let struck = (0..25_600).filter(|&index| strikes(index)).count();
        assert_eq!(struck, 100);
    }
}
