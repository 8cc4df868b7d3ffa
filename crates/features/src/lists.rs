//! Columns whose values are chosen from lists, held to those lists.
//!
//! The source's forms offer lists (cities, levels, areas, contracts), but a file may hold anything in
//! such a column, a name too. So a value stays where it is one of the known ones (`lists.txt`), or
//! where enough records have it; any other is [`OTHER`]. A value of several parts (`Recife,
//! Pernambuco`; `TI - SAP-TI - Projetos-`) is held to the lists part by part.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::{Array, ArrayRef, StringArray, builder::StringBuilder};
use schema::{TableReader, text_column};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::Error;

/// What stands in place of a part that is in no list and that few records have.
pub(crate) const OTHER: &str = "Outros";

/// The values of the source's forms, and what every gazetteer has: states, larger cities, countries.
const KNOWN: &str = include_str!("lists.txt");

/// Which values of the listed columns of one table stay.
pub(crate) struct Lists {
    known: BTreeSet<&'static str>,
    /// By column, the parts that enough records have.
    shared: BTreeMap<&'static str, BTreeSet<String>>,
    /// By column, how many parts became [`OTHER`].
    replaced: BTreeMap<&'static str, u64>,
    /// Without effect: every value stays.
    open: bool,
}

impl Lists {
    /// Counts the parts of the `listed` columns, each with its name in `reader`, which has them alone:
    /// one that `least` records have stays.
    pub(crate) fn count(
        reader: TableReader,
        listed: &[(&'static str, &str)],
        least: usize,
    ) -> Result<Self, Error> {
        let mut counts: BTreeMap<&'static str, BTreeMap<String, usize>> = BTreeMap::new();
        for batch in reader {
            let batch = batch.map_err(Error::Input)?;
            for (column, source) in listed {
                let counts = counts.entry(*column).or_default();
                for text in text_column(&batch, source).iter().flatten() {
                    let mut seen: Vec<&str> = parts(text).collect();
                    seen.sort_unstable();
                    seen.dedup();
                    for part in seen {
                        match counts.get_mut(part) {
                            Some(count) => *count += 1,
                            None => drop(counts.insert(part.to_owned(), 1)),
                        }
                    }
                }
            }
        }
        let shared = |counts: BTreeMap<String, usize>| {
            counts.into_iter().filter(|(_, count)| *count >= least).map(|(part, _)| part).collect()
        };
        Ok(Self {
            known: KNOWN.lines().collect(),
            shared: counts.into_iter().map(|(column, counts)| (column, shared(counts))).collect(),
            replaced: BTreeMap::new(),
            open: least <= 1,
        })
    }

    /// The values of `column`, each part held to its list.
    pub(crate) fn hold(&mut self, column: &'static str, texts: &StringArray) -> ArrayRef {
        let mut held = StringBuilder::with_capacity(texts.len(), texts.value_data().len());
        for row in 0..texts.len() {
            if texts.is_null(row) {
                held.append_null();
            } else {
                held.append_value(self.held(column, texts.value(row)));
            }
        }
        Arc::new(held.finish())
    }

    fn held(&mut self, column: &'static str, text: &str) -> String {
        if self.open {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut copied = 0;
        for part in parts(text) {
            let start = part.as_ptr() as usize - text.as_ptr() as usize;
            let shared = self.shared.get(column).is_some_and(|shared| shared.contains(part));
            if !shared && !self.known.contains(part.to_lowercase().as_str()) {
                out.push_str(&text[copied..start]);
                out.push_str(OTHER);
                copied = start + part.len();
                *self.replaced.entry(column).or_default() += 1;
            }
        }
        out.push_str(&text[copied..]);
        out
    }

    /// How many parts were replaced, by column.
    pub(crate) fn replaced(&self) -> Value {
        json!(self.replaced)
    }
}

/// The parts of a value, trimmed: between commas, and between hyphens without spaces about them.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let ends = move |at: usize, c: char| match c {
        ',' | ';' | '|' | '\n' => true,
        '-' => at > 0 && bytes[at - 1] != b' ' && bytes.get(at + 1).is_none_or(|b| *b != b' '),
        _ => false,
    };
    let mut start = 0;
    let cuts = text.char_indices().filter(move |(at, c)| ends(*at, *c)).map(|(at, _)| at);
    cuts.chain(std::iter::once(text.len()))
        .map(move |end| {
            let part = &text[start.min(end)..end];
            start = end + 1;
            part.trim()
        })
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(shared: &[&str]) -> Lists {
        Lists {
            known: KNOWN.lines().collect(),
            shared: BTreeMap::from([("c", shared.iter().map(|s| (*s).to_owned()).collect())]),
            replaced: BTreeMap::new(),
            open: false,
        }
    }

    #[test]
    fn values_have_parts() {
        for (text, expected) in [
            ("Recife, Pernambuco", &["Recife", "Pernambuco"][..]),
            ("TI - SAP-TI - Projetos-", &["TI - SAP", "TI - Projetos"]),
            ("PJ/Autônomo, CLT Full", &["PJ/Autônomo", "CLT Full"]),
            ("Alta: Alta complexidade 3 a 5 dias", &["Alta: Alta complexidade 3 a 5 dias"]),
            (" , -", &["-"]),
            ("", &[]),
        ] {
            assert_eq!(parts(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn a_part_that_few_have_is_other() {
        let mut lists = lists(&["TI - SAP"]);
        for (value, held) in [
            ("Recife, Pernambuco", "Recife, Pernambuco"),
            ("Eduarda Quintanilha, Pernambuco", "Outros, Pernambuco"),
            ("Eduarda Quintanilha", "Outros"),
            ("TI - SAP-Eduarda Quintanilha-", "TI - SAP-Outros-"),
            ("CLT Full", "CLT Full"),
        ] {
            assert_eq!(lists.held("c", value), held);
        }
        assert_eq!(lists.replaced(), json!({"c": 3}));
    }

    #[test]
    fn known_values_are_in_small_letters_and_once() {
        let lines: Vec<&str> = KNOWN.lines().collect();
        for line in &lines {
            assert_eq!(line.to_lowercase(), **line);
        }
        let once: BTreeSet<&str> = lines.iter().copied().collect();
        assert_eq!(once.len(), lines.len());
    }
}
