//! The profile of the clean tables: `profile.json` beside them, written by `ingest`.
//!
//! It says of the raw files what the clean tables cannot say any more: how much was read, what was
//! left out and why, which keys were met, and what became of values that are none. It holds counts,
//! dates and names of keys and columns; of values it holds the *form* alone (`99/99/9999`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The profile of the three tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Of `applicants.parquet`.
    pub applicants: TableProfile,
    /// Of `vagas.parquet`.
    pub vagas: TableProfile,
    /// Of `prospects.parquet`.
    pub prospects: TableProfile,
}

impl Profile {
    /// The name of the file.
    pub const FILE: &'static str = "profile.json";

    /// Reads the file.
    ///
    /// # Errors
    /// [`Error::Profile`] when it is not what this version of `ingest` writes.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(json).map_err(|source| Error::Profile { source })
    }

    /// The tables with their names.
    #[must_use]
    pub fn tables(&self) -> [(&'static str, &TableProfile); 3] {
        [("applicants", &self.applicants), ("vagas", &self.vagas), ("prospects", &self.prospects)]
    }
}

/// The profile of a table.
///
/// A *record* is what stands under an id at the top of a JSON file, or a row of a Parquet file; an
/// *item* is an element of a record's list (an application of a job). `prospects` has both, and as
/// Parquet, whose rows are applications, items alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TableProfile {
    /// The names of its raw files.
    pub files: Vec<String>,
    /// Records read, those left out among them.
    pub records: u64,
    /// Items read, those left out among them.
    pub items: u64,
    /// Rows of the clean table.
    pub rows: u64,
    /// Records and items left out.
    pub rejected: u64,
    /// Records left out.
    pub rejected_records: u64,
    /// Items left out.
    pub rejected_items: u64,
    /// Records and items left out, by reason.
    pub rejected_by_reason: BTreeMap<String, u64>,
    /// Rows of `rejects.parquet` of this table.
    pub rejects_listed: u64,
    /// Records whose key had been met before; they are left out.
    pub repeated: Repeated,
    /// How often each key was met that the table does not know; `…` counts all further ones.
    pub unknown_keys: BTreeMap<String, u64>,
    /// Known keys that no record has, each with the unknown key that nearly all records have and
    /// that is spelled most like it.
    pub renamed_keys: BTreeMap<String, String>,
    /// The columns of the clean table.
    pub columns: BTreeMap<String, ColumnProfile>,
}

impl TableProfile {
    /// A column; an empty one where the table was never read.
    #[must_use]
    pub fn column(&self, name: &str) -> ColumnProfile {
        self.columns.get(name).cloned().unwrap_or_default()
    }
}

/// Records whose key had been met before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    /// They say what the first record of their key says.
    pub identical: u64,
    /// They say something else, in the same file.
    pub differing: u64,
    /// They say something else in a later file: a newer record, or further applications of a job.
    #[serde(default)]
    pub merged: u64,
}

/// The profile of a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    /// Rows with a value.
    pub filled: u64,
    /// Their share of the rows.
    pub fill_rate: f64,
    /// Rows whose source says nothing.
    pub missing: u64,
    /// Rows whose source says something that is not a value of the column's type.
    pub unreadable: u64,
    /// How often the column's key was met, with or without a value.
    pub present: u64,
    /// Different values.
    pub distinct: u64,
    /// Whether `distinct` is `exact` or an `estimate`.
    pub distinct_is: String,
    /// Characters of a text in the mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chars_mean: Option<f64>,
    /// Characters of the longest text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chars_max: Option<u64>,
    /// The least date or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Extreme>,
    /// The greatest date or number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Extreme>,
    /// Fields set aside by reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside: BTreeMap<String, u64>,
    /// Of unreadable dates, how often each form was met: every digit is `9`, every word `a`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub forms: BTreeMap<String, u64>,
    /// Rows by day (`YYYY-MM-DD`), of the dates of applications, jobs and updates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub days: BTreeMap<String, u64>,
    /// Texts with letters beyond ASCII.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub non_ascii: u64,
    /// Texts that hold UTF-8 that was read as Latin-1 (`Ã£` for `ã`).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub mojibake: u64,
    /// Of CVs, rows of the commonest text: at least so many, and at most 0.4 % of the rows more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commonest: Option<u64>,
    /// Of the statuses of applications, what they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statuses: Option<StatusProfile>,
}

/// The least or greatest value of a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Extreme {
    /// A day, `YYYY-MM-DD`.
    Day(String),
    /// An amount or a number.
    Number(f64),
}

/// What the statuses of applications are. The text of an unknown one is never told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusProfile {
    /// Rows by known status ([`crate::statuses::KNOWN`]).
    pub known: BTreeMap<String, u64>,
    /// Rows of another status.
    pub unknown: u64,
    /// Different unknown statuses, of the first 200 that were met.
    pub unknown_texts: u64,
    /// What the unknown ones resemble, the most frequent first.
    pub resembles: Vec<Resemblance>,
}

/// Unknown statuses that resemble a known one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resemblance {
    /// The known status.
    pub known: String,
    /// In what they differ from it.
    pub by: Difference,
    /// Rows of such a status.
    pub rows: u64,
}

/// In what an unknown status differs from the known one that it resembles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It is the known one in UTF-8 that was read as Latin-1.
    Encoding,
    /// Some letters.
    Spelling,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}
