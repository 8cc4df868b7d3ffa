//! What the statuses of applications are: the known ones counted by name, the others only told by
//! what they resemble.

use std::{cmp::Reverse, collections::BTreeMap};

use arrow_array::StringArray;
use schema::{
    profile::{Difference, Resemblance, StatusProfile},
    statuses,
};

use crate::clean;

/// Different unknown texts that are looked at; of the rows of all further ones only their number is
/// known.
const TEXTS: usize = 200;

/// Statuses, counted. The unknown ones are held as they came, which the clean table may, and leave
/// this module as numbers alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statuses {
    known: BTreeMap<&'static str, u64>,
    unknown: BTreeMap<String, u64>,
    others: u64,
}

impl Statuses {
    pub(crate) fn of(texts: &StringArray) -> Self {
        let mut all = Self::default();
        for text in texts.iter().flatten() {
            match statuses::KNOWN.iter().find(|known| **known == text) {
                Some(known) => *all.known.entry(known).or_default() += 1,
                None => all.add(text.to_owned(), 1),
            }
        }
        all
    }

    fn add(&mut self, text: String, n: u64) {
        if self.unknown.len() < TEXTS || self.unknown.contains_key(&text) {
            *self.unknown.entry(text).or_default() += n;
        } else {
            self.others += n;
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (known, n) in other.known {
            *self.known.entry(known).or_default() += n;
        }
        for (text, n) in other.unknown {
            self.add(text, n);
        }
        self.others += other.others;
    }

    pub(crate) fn profile(&self) -> StatusProfile {
        let mut alike: BTreeMap<(&str, Difference), u64> = BTreeMap::new();
        for (text, n) in &self.unknown {
            if let Some(resembled) = clean::resembled(text) {
                *alike.entry(resembled).or_default() += n;
            }
        }
        let mut resembles: Vec<Resemblance> = alike
            .into_iter()
            .map(|((known, by), rows)| Resemblance { known: known.to_owned(), by, rows })
            .collect();
        resembles.sort_by_key(|resemblance| Reverse(resemblance.rows));
        StatusProfile {
            known: self.known.iter().map(|(known, n)| ((*known).to_owned(), *n)).collect(),
            unknown: self.unknown.values().sum::<u64>() + self.others,
            unknown_texts: self.unknown.len() as u64,
            resembles,
        }
    }
}
