//! What was set aside, and why: whole records, and single fields of records that stay.

use schema::{Column, Kind, KnownAt, Table};
use serde::{Deserialize, Serialize};

/// Why a record or a field was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    MalformedJson,
    InvalidUtf8,
    Windows1252,
    NotAnObject,
    WrongSection,
    TooLarge,
    MissingKey,
    BadKey,
    DuplicateKey,
    WrongType,
    InvalidDate,
    InvalidMoney,
    InvalidCount,
    UnknownLevel,
    UnknownStatus,
    NulRemoved,
    MendedJson,
}

impl Reason {
    /// The code in `rejects.parquet`, in the profile and in errors.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::MalformedJson => "malformed_json",
            Self::InvalidUtf8 => "invalid_utf8",
            Self::Windows1252 => "not_utf8_but_windows_1252",
            Self::NotAnObject => "not_an_object",
            Self::WrongSection => "wrong_section",
            Self::TooLarge => "too_large",
            Self::MissingKey => "missing_key",
            Self::BadKey => "bad_key",
            Self::DuplicateKey => "duplicate_key",
            Self::WrongType => "wrong_type",
            Self::InvalidDate => "invalid_date",
            Self::InvalidMoney => "invalid_money",
            Self::InvalidCount => "invalid_count",
            Self::UnknownLevel => "unknown_level",
            Self::UnknownStatus => "unknown_status",
            Self::NulRemoved => "nul_removed",
            Self::MendedJson => "mended_json",
        }
    }

    /// What was expected and what became of it; no value of a record.
    const fn message(self) -> &'static str {
        match self {
            Self::MalformedJson => "expected valid JSON; the record is left out",
            Self::InvalidUtf8 => "expected UTF-8 text; the record is left out",
            Self::Windows1252 => {
                "expected UTF-8 text, found what seems to be Windows-1252: convert the file; the record is left out"
            }
            Self::NotAnObject => "expected an object; the record is left out",
            Self::WrongSection => {
                "expected the field's own shape (object, list or null); the record is left out"
            }
            Self::TooLarge => "larger than `max_record_bytes`; the record is left out",
            Self::MissingKey => "expected a key; the record is left out",
            Self::BadKey => "expected a key of 1 to 18 digits; the record is left out",
            Self::DuplicateKey => {
                "the key has been seen before; the first record is kept, this one left out"
            }
            Self::WrongType => "expected a text or a number; the field is null",
            Self::InvalidDate => {
                "expected a date such as 25-03-2021 or 2021-03-25; the field is null"
            }
            Self::InvalidMoney => "expected one amount such as 5.000,00; the field is null",
            Self::InvalidCount => "expected a whole number; the field is null",
            Self::UnknownLevel => {
                "expected Nenhum, Básico, Intermediário, Avançado or Fluente; the text stays as it is"
            }
            Self::UnknownStatus => {
                "expected one of the source's statuses; the text stays here and is `Outro` in the feature store"
            }
            Self::NulRemoved => {
                "expected text without NUL characters; the field stays without them"
            }
            Self::MendedJson => {
                "expected JSON, found NaN or Infinity (now null), half a surrogate pair (now U+FFFD) or a bare control character; the record stays"
            }
        }
    }

    /// Whether it costs the record, not only a field.
    pub(crate) const fn of_record(self) -> bool {
        !matches!(
            self,
            Self::WrongType
                | Self::InvalidDate
                | Self::InvalidMoney
                | Self::InvalidCount
                | Self::UnknownLevel
                | Self::UnknownStatus
                | Self::NulRemoved
                | Self::MendedJson
        )
    }

    /// Whether the source says something that is not a value of the column.
    pub(crate) const fn unreadable(self) -> bool {
        matches!(
            self,
            Self::WrongType | Self::InvalidDate | Self::InvalidMoney | Self::InvalidCount
        )
    }
}

/// A field of a record that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issue {
    pub(crate) field: &'static str,
    pub(crate) reason: Reason,
    /// Of an unreadable date, the form that it has ([`crate::clean::form`]).
    pub(crate) form: Option<Box<str>>,
}

/// A record, or a field of one, that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reject {
    /// The record's key, where it has one ([`crate::keys`]).
    pub(crate) key: Option<crate::keys::Key>,
    pub(crate) field: Option<&'static str>,
    pub(crate) reason: Reason,
    /// Where the record begins: the byte in a JSON file, the row (from 0) in a Parquet file.
    pub(crate) place: u64,
    /// The file's number among the table's files.
    pub(crate) file: u32,
    /// Whether it is an element of a record's list that was left out, not a record.
    pub(crate) item: bool,
    /// Of an unreadable date, the form that it has.
    pub(crate) form: Option<Box<str>>,
}

impl Reject {
    /// The word of `rejects.parquet` for what was set aside.
    fn scope(&self) -> &'static str {
        match (self.reason.of_record(), self.item) {
            (true, false) => "record",
            (true, true) => "item",
            (false, _) => "field",
        }
    }
}

const fn text(name: &'static str) -> Column {
    Column::info(name, name, Kind::Text, KnownAt::Application)
}

/// `rejects.parquet`: one row a record or field set aside, of very many the first ones ([crate]).
pub const REJECTS: Table = Table {
    name: "rejects",
    columns: &[
        Column::key("table", "table"),
        Column::key("file", "file"),
        text("key"),
        text("field"),
        Column::key("scope", "scope"),
        Column::key("reason", "reason"),
        Column::info("place", "place", Kind::Count, KnownAt::Application),
        text("message"),
    ],
};

/// Appends a reject to a batch of [`REJECTS`].
pub(crate) fn append(batch: &mut schema::BatchBuilder, table: &str, file: &str, reject: &Reject) {
    batch.text(0, Some(table));
    batch.text(1, Some(file));
    batch.text(2, reject.key.map(|k| k.to_string()).as_deref());
    batch.text(3, reject.field);
    batch.text(4, Some(reject.scope()));
    batch.text(5, Some(reject.reason.code()));
    batch.count(6, i64::try_from(reject.place).ok());
    batch.text(7, Some(reject.reason.message()));
    batch.end_row();
}
