//! SHA-256: of contents, and of what a version is made from.

use std::{fmt, io::Read, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Blob, Error};

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS[usize::from(n)]);
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of a blob in hexadecimal, in one pass and constant memory.
pub(crate) fn sha256_of(blob: &Blob, what: &str) -> Result<String, Error> {
    let mut hash = Sha256::new();
    let mut reader = blob.reader_at(0)?;
    let mut buffer = vec![0; 1 << 18];
    loop {
        let n = reader.read(&mut buffer).map_err(Error::io(what))?;
        if n == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..n]);
    }
}

/// Whether a text is a SHA-256 as this crate writes it.
pub(crate) fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// What a version is made from, as one SHA-256: equal keys, equal bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionKey(String);

impl VersionKey {
    /// The key in hexadecimal.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VersionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for VersionKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match is_sha256(text) {
            true => Ok(Self(text.to_owned())),
            false => Err("expected a SHA-256 as 64 digits of 0-9 and a-f".into()),
        }
    }
}

impl Serialize for VersionKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for VersionKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Builds a [`VersionKey`]. Every part goes into the hash with its length before it, so that no
/// two lists of parts give the same bytes; configuration objects go in by sorted names, inputs in
/// order of name, so that neither order matters.
#[derive(Clone, Debug)]
pub struct KeyBuilder {
    head: Sha256,
    inputs: Vec<(String, String)>,
    execution: Option<String>,
}

impl KeyBuilder {
    /// Begins with the stage's name, its code, and its checked configuration.
    #[must_use]
    pub fn new(stage: &str, code: &str, config: &Value) -> Self {
        let mut head = Sha256::new();
        part(&mut head, "mllab version key 1");
        part(&mut head, stage);
        part(&mut head, code);
        value(&mut head, config);
        Self { head, inputs: Vec::new(), execution: None }
    }

    /// Adds an input by the hash of its content.
    pub fn input(&mut self, name: &str, sha256: &str) -> &mut Self {
        self.inputs.push((name.to_owned(), sha256.to_owned()));
        self
    }

    /// Makes the key this execution's own: a version is made whatever was there.
    pub fn execution(&mut self, execution: &str) -> &mut Self {
        self.execution = Some(execution.to_owned());
        self
    }

    /// The key.
    #[must_use]
    pub fn finish(&self) -> VersionKey {
        let mut hash = self.head.clone();
        let mut inputs = self.inputs.clone();
        inputs.sort();
        part(&mut hash, &inputs.len().to_string());
        for (name, sha256) in &inputs {
            part(&mut hash, name);
            part(&mut hash, sha256);
        }
        part(&mut hash, if self.execution.is_some() { "forced" } else { "" });
        part(&mut hash, self.execution.as_deref().unwrap_or_default());
        VersionKey(hex(&hash.finalize()))
    }
}

fn part(hash: &mut Sha256, text: &str) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text.as_bytes());
}

/// A JSON value, each kind behind its own letter.
fn value(hash: &mut Sha256, json: &Value) {
    match json {
        Value::Null => part(hash, "z"),
        Value::Bool(b) => part(hash, if *b { "t" } else { "f" }),
        Value::Number(n) => {
            part(hash, "n");
            part(hash, &n.to_string());
        }
        Value::String(s) => {
            part(hash, "s");
            part(hash, s);
        }
        Value::Array(items) => {
            part(hash, "a");
            part(hash, &items.len().to_string());
            items.iter().for_each(|item| value(hash, item));
        }
        Value::Object(map) => {
            part(hash, "o");
            part(hash, &map.len().to_string());
            // Sorted here: a crate elsewhere may turn on serde_json's `preserve_order`.
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(name, _)| *name);
            for (name, field) in fields {
                part(hash, name);
                value(hash, field);
            }
        }
    }
}
