//! The manifest: what a version is made from, and the hashes of its files.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Error, Timestamp, Version, VersionKey, hex};

/// Something that a version was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRef {
    /// Its name in the stage: `features`, `raw/applicants.json`.
    pub name: String,
    /// Where it was.
    pub uri: String,
    /// Its version, where it is one of a series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The hash of its content.
    pub sha256: String,
    /// How many rows it had, where it is a table and they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// A file of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Its name in the version's folder.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many rows it has, where it is a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// What is known of a version: stored in its folder as `manifest.json`, after all its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of this object: [`Manifest::FORMAT`] when written.
    pub format: u32,
    /// The stage that made it.
    pub name: String,
    /// Its number.
    pub version: Version,
    /// The hash of what it was made from.
    pub key: VersionKey,
    /// The execution that made it.
    pub execution: String,
    /// The day that its data stands for, `YYYY-MM-DD`.
    pub logical_date: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it was made from.
    pub inputs: Vec<InputRef>,
    /// Its files.
    pub outputs: Vec<OutputFile>,
    /// The configuration it was made with, defaults included.
    pub config: Value,
    /// The build that made it: a git revision.
    pub code_version: String,
    /// The figures that the stage gave.
    pub metrics: BTreeMap<String, Value>,
    /// What else the stage says of its files: which column is a feature, a key, a label, ….
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Value>,
    /// Seconds of each phase.
    #[serde(default)]
    pub seconds: BTreeMap<String, f64>,
    /// The greatest resident memory of the run, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory_bytes: Option<u64>,
}

impl Manifest {
    /// The format that this release writes, and the newest that it reads.
    pub const FORMAT: u32 = 1;

    /// Where `extra` says which groups of the memo were used.
    pub const MEMO: &str = "memo";

    /// Reads a manifest; `what` names it in errors. Fields that are not known are passed over, so
    /// that a field may be added without a new format.
    ///
    /// # Errors
    /// [`Error::UnsupportedFormat`]; [`Error::Malformed`].
    pub fn from_json(what: &str, json: &[u8]) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let malformed = |e: serde_json::Error| Error::Malformed {
            what: what.to_owned(),
            reason: e.to_string(),
        };
        // The format first: a newer one may have none of the fields below.
        let Head { format } = serde_json::from_slice(json).map_err(malformed)?;
        if format == 0 || format > Self::FORMAT {
            return Err(Error::UnsupportedFormat {
                what: what.to_owned(),
                found: format,
                supported: Self::FORMAT,
            });
        }
        serde_json::from_slice(json).map_err(malformed)
    }

    /// The manifest as indented JSON with a closing line feed.
    ///
    /// # Errors
    /// [`Error::Malformed`] when a figure cannot be written.
    pub fn to_json(&self) -> Result<Vec<u8>, Error> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|e| Error::Malformed {
            what: format!("manifest of {} {}", self.name, self.version),
            reason: e.to_string(),
        })?;
        json.push(b'\n');
        Ok(json)
    }

    /// The entry of a file.
    #[must_use]
    pub fn output(&self, file: &str) -> Option<&OutputFile> {
        self.outputs.iter().find(|output| output.file == file)
    }

    /// The groups of the lake's memo that the stage has used: the array of names at
    /// [`Manifest::MEMO`] of `extra`. None when the stage does not say.
    #[must_use]
    pub fn memo_groups(&self) -> Option<Vec<&str>> {
        let groups = self.extra.get(Self::MEMO)?.as_array()?;
        Some(groups.iter().filter_map(Value::as_str).collect())
    }

    /// SHA-256 over names and hashes of all files in order of name: equal for versions of equal
    /// content, whatever their number and whenever made.
    #[must_use]
    pub fn content_hash(&self) -> String {
        let mut files: Vec<_> = self.outputs.iter().map(|o| (&o.file, &o.sha256)).collect();
        files.sort();
        let mut hash = Sha256::new();
        for (file, sha256) in files {
            hash.update((file.len() as u64).to_le_bytes());
            hash.update(file.as_bytes());
            hash.update(sha256.as_bytes());
        }
        hex(&hash.finalize())
    }
}
