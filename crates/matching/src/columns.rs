//! Which columns of the feature store may enter the model, and from which side they come.

use schema::{Column, Kind, Role, tables};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The side of an application that a column describes: its table in the feature store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The candidate: `people.parquet`.
    People,
    /// The job: `jobs.parquet`.
    Jobs,
}

impl Side {
    /// The side that has `column`; none when neither has.
    #[must_use]
    pub fn of(column: &str) -> Option<Self> {
        if tables::PEOPLE.position(column).is_some() {
            Some(Self::People)
        } else {
            tables::JOBS.position(column).map(|_| Self::Jobs)
        }
    }

    /// Its table.
    pub(crate) const fn table(self) -> &'static schema::Table {
        match self {
            Self::People => &tables::PEOPLE,
            Self::Jobs => &tables::JOBS,
        }
    }

    /// The column that names its records.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::People => "codigo",
            Self::Jobs => "codigo_vaga",
        }
    }

    /// What its records are called in errors.
    pub(crate) const fn noun(self) -> &'static str {
        match self {
            Self::People => "candidate",
            Self::Jobs => "job",
        }
    }
}

fn find(name: &str) -> Option<&'static Column> {
    tables::CANDIDATES.columns.iter().find(|c| c.name == name)
}

/// Whether a column is a protected attribute.
pub(crate) fn is_protected(name: &str) -> bool {
    find(name).is_some_and(|c| c.role == Role::Protected)
}

/// Checks that every column is a text that may be given to the model.
pub(crate) fn check(key: &str, names: &[String], allow_protected: bool) -> Result<(), Error> {
    for (at, name) in names.iter().enumerate() {
        let problem = if names[..at].contains(name) {
            "is named twice".to_owned()
        } else {
            match find(name) {
                None => unknown(name),
                Some(column) => match column.role {
                    Role::Feature if column.kind == Kind::Text => continue,
                    Role::Protected if allow_protected => continue,
                    Role::Feature => format!("is {}: expected a text", describe(column.kind)),
                    Role::Protected => "is a protected attribute: set allow_protected = true to \
                         train on it, and say why in the model card"
                        .to_owned(),
                    Role::Key => "is a key: it names a record and says nothing of it".to_owned(),
                    Role::Label => {
                        "is the label: it is known only after the outcome and can be no feature"
                            .to_owned()
                    }
                    Role::Info => {
                        format!(
                            "is {} kept for people and splits, no feature",
                            describe(column.kind)
                        )
                    }
                },
            }
        };
        return Err(Error::Column { key: key.to_owned(), column: name.clone(), problem });
    }
    Ok(())
}

fn describe(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Date => "a date",
        Kind::Money => "an amount of money",
        Kind::Count => "a number",
    }
}

fn unknown(name: &str) -> String {
    let features = tables::CANDIDATES.columns.iter().filter(|c| c.role == Role::Feature);
    let nearest = features
        .map(|c| (strsim::osa_distance(name, c.name), c.name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3)
        .min();
    match nearest {
        Some((_, nearest)) => {
            format!("is no column of the feature store: did you mean `{nearest}`?")
        }
        None => "is no column of the feature store".to_owned(),
    }
}
