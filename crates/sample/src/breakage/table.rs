//! A raw file in memory: its records in their order.

use crate::{Error, file};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use std::fmt;
use std::path::Path;

/// The records of a raw file, in the order of the file.
#[derive(Debug)]
pub(super) struct RawTable(pub(super) Vec<(String, Value)>);

impl<'de> serde::Deserialize<'de> for RawTable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<RawTable, D::Error> {
        struct RawRecords;
        impl<'de> Visitor<'de> for RawRecords {
            type Value = RawTable;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of records")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawTable, A::Error> {
                let mut records = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    records.push(entry);
                }
                Ok(RawTable(records))
            }
        }
        from.deserialize_map(RawRecords)
    }
}

impl Serialize for RawTable {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for (key, record) in &self.0 {
            map.serialize_entry(key, record)?;
        }
        map.end()
    }
}

/// The text of a raw file.
pub(super) fn text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|e| unreadable(path, &e))
}

/// Changes the records of a raw file.
pub(super) fn edit(path: &Path, change: impl FnOnce(&mut RawTable)) -> Result<(), Error> {
    let mut table = serde_json::from_str(&text(path)?).map_err(|e| unreadable(path, &e))?;
    change(&mut table);
    // A tree of values with text keys is always JSON.
    let text = serde_json::to_vec(&table).map_err(|e| unreadable(path, &e))?;
    file::replace(path, &text)
}

fn unreadable(path: &Path, why: &dyn fmt::Display) -> Error {
    Error::Unreadable { path: path.to_owned(), reason: why.to_string() }
}
