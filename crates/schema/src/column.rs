//! What a column is: name, type, role and when its value is known.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};
use serde::{Deserialize, Serialize};

/// The type of a column's values; all columns but keys may be null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// UTF-8 in Unicode NFC, trimmed; never the empty string (that is null).
    Text,
    /// Days since 1970-01-01 (Arrow Date32).
    Date,
    /// An amount in cents of its currency (Arrow Decimal128 with 14 digits, 2 of them decimals).
    Money,
    /// A whole number (Arrow Int64).
    Count,
}

/// Digits and decimals of [`Kind::Money`].
pub(crate) const MONEY: (u8, i8) = (14, 2);

impl Kind {
    /// The Arrow type that holds this kind.
    #[must_use]
    pub fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Date => DataType::Date32,
            Self::Money => DataType::Decimal128(MONEY.0, MONEY.1),
            Self::Count => DataType::Int64,
        }
    }
}

/// When a value is known, relative to the application that a match is predicted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownAt {
    /// At the time of the application or before.
    Application,
    /// After the application, but not because of its outcome.
    Later,
    /// Only once the outcome is known.
    Outcome,
}

/// What a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Names a record; never null, never a feature.
    Key,
    /// May be given to a model.
    Feature,
    /// A protected attribute (sexo, estado_civil, pcd, estado, faixa_etaria): kept for the audit,
    /// excluded from training unless configured.
    Protected,
    /// What a model predicts.
    Label,
    /// Kept for people and for time splits; never given to a model.
    Info,
}

/// How a column's values are made of those of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// They are the source's, but for cleaning and redaction.
    Kept,
    /// The state of a place that is written `City, State`: what stands after the last comma.
    State,
    /// One of [`crate::ages::BANDS`]: the age on the day of the application of who was born on the
    /// source's date. The date itself goes no further.
    AgeBand,
}

impl Rule {
    /// The kind that the source must have for a column of `kind`.
    #[must_use]
    pub const fn reads(self, kind: Kind) -> Kind {
        match self {
            Self::Kept => kind,
            Self::State => Kind::Text,
            Self::AgeBand => Kind::Date,
        }
    }
}

/// One column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name in the Parquet file.
    pub name: &'static str,
    /// Where it comes from: a column of the source's tables ([`crate::raw`]), or its own name.
    pub source: &'static str,
    /// How its values are made of the source's.
    pub rule: Rule,
    /// The type of its values.
    pub kind: Kind,
    /// What it is for.
    pub role: Role,
    /// When its value is known.
    pub known_at: KnownAt,
}

impl Column {
    /// A key.
    #[must_use]
    pub const fn key(name: &'static str, source: &'static str) -> Self {
        Self::kept(name, source, Kind::Text, Role::Key, KnownAt::Application)
    }

    /// A feature.
    ///
    /// # Panics
    /// When `known_at` is not [`KnownAt::Application`]. Columns are constants, so this is an error
    /// of compilation: nothing known only after the outcome can be declared a feature.
    #[must_use]
    pub const fn feature(
        name: &'static str,
        source: &'static str,
        kind: Kind,
        known_at: KnownAt,
    ) -> Self {
        assert!(
            matches!(known_at, KnownAt::Application),
            "a feature must be known when the application is made"
        );
        Self::kept(name, source, kind, Role::Feature, known_at)
    }

    /// A protected attribute.
    #[must_use]
    pub const fn protected(name: &'static str, source: &'static str) -> Self {
        Self::kept(name, source, Kind::Text, Role::Protected, KnownAt::Application)
    }

    /// A protected attribute that `rule` makes of the source, for the audit alone.
    #[must_use]
    pub const fn derived(name: &'static str, source: &'static str, rule: Rule) -> Self {
        Self { rule, ..Self::protected(name, source) }
    }

    /// A label.
    #[must_use]
    pub const fn label(name: &'static str, source: &'static str) -> Self {
        Self::kept(name, source, Kind::Text, Role::Label, KnownAt::Outcome)
    }

    /// A column kept for people and for splits.
    #[must_use]
    pub const fn info(
        name: &'static str,
        source: &'static str,
        kind: Kind,
        known_at: KnownAt,
    ) -> Self {
        Self::kept(name, source, kind, Role::Info, known_at)
    }

    const fn kept(
        name: &'static str,
        source: &'static str,
        kind: Kind,
        role: Role,
        known_at: KnownAt,
    ) -> Self {
        Self { name, source, rule: Rule::Kept, kind, role, known_at }
    }

    /// Whether the column is made by a rule of ours: the Python system's table has none of these.
    #[must_use]
    pub const fn is_derived(&self) -> bool {
        !matches!(self.rule, Rule::Kept)
    }

    /// Whether a value may be missing.
    #[must_use]
    pub const fn nullable(&self) -> bool {
        !matches!(self.role, Role::Key)
    }
}

/// A table: its name and its columns in file order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The name of its file without extension.
    pub name: &'static str,
    /// Its columns, in file order.
    pub columns: &'static [Column],
}

impl Table {
    /// The position of a column.
    #[must_use]
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == column)
    }

    /// The table's Arrow schema.
    #[must_use]
    pub fn arrow(&self) -> Arc<Schema> {
        let fields: Vec<Field> =
            self.columns.iter().map(|c| Field::new(c.name, c.kind.arrow(), c.nullable())).collect();
        Arc::new(Schema::new(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{raw, tables};

    #[test]
    #[should_panic(expected = "known when the application is made")]
    fn a_column_known_after_the_outcome_cannot_be_a_feature() {
        let _ = Column::feature(
            "situacao_candidato",
            "situacao_candidado",
            Kind::Text,
            KnownAt::Outcome,
        );
    }

    #[test]
    fn names_are_unique_within_a_table() {
        for table in raw::ALL.iter().chain(tables::ALL) {
            let mut names: Vec<_> = table.columns.iter().map(|c| c.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), table.columns.len(), "{}", table.name);
        }
    }

    #[test]
    fn every_feature_column_comes_from_a_column_of_the_source() {
        let sources: Vec<_> =
            raw::ALL.iter().flat_map(|t| t.columns.iter().map(|c| (c.name, c.kind))).collect();
        for table in tables::ALL {
            for column in table.columns {
                assert!(
                    sources.contains(&(column.source, column.rule.reads(column.kind))),
                    "{}.{} comes from {:?}, which no source table has with that type",
                    table.name,
                    column.name,
                    column.source
                );
            }
        }
    }

    #[test]
    fn a_derived_column_is_protected_and_stands_after_those_that_python_knows() {
        for table in tables::ALL {
            let first = table.columns.iter().position(Column::is_derived);
            for column in &table.columns[first.unwrap_or(table.columns.len())..] {
                assert!(column.is_derived(), "{}.{}", table.name, column.name);
                assert_eq!(column.role, Role::Protected, "{}.{}", table.name, column.name);
            }
        }
    }

    #[test]
    fn a_birth_date_is_read_for_the_age_band_alone_and_by_applications_alone() {
        for table in tables::ALL {
            for column in table.columns.iter().filter(|c| c.source.contains("nascimento")) {
                assert_eq!(column.rule, Rule::AgeBand, "{}.{}", table.name, column.name);
                assert_eq!(table.name, "candidates");
            }
        }
    }
}
