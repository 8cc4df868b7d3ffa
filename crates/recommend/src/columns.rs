//! The two sides, and which columns of the feature store may make their texts.

use schema::{Column, Kind, Role, Table, tables};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The side that a text, a vector or a query belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The candidates: `people.parquet`.
    Candidate,
    /// The jobs: `jobs.parquet`.
    Job,
}

impl Side {
    pub const fn table(self) -> &'static Table {
        match self {
            Self::Candidate => &tables::PEOPLE,
            Self::Job => &tables::JOBS,
        }
    }

    pub const fn file(self) -> &'static str {
        match self {
            Self::Candidate => "people.parquet",
            Self::Job => "jobs.parquet",
        }
    }

    /// The column that names its records.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Candidate => "codigo",
            Self::Job => "codigo_vaga",
        }
    }

    /// What one of its records is called.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Job => "job",
        }
    }

    /// What its records are called.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Candidate => "candidates",
            Self::Job => "jobs",
        }
    }
}

/// Checks that every column is a text of that side that may be given to a model.
pub(crate) fn check(key: &str, side: Side, names: &[String]) -> Result<(), Error> {
    if names.is_empty() {
        return Err(Error::Config {
            key: key.to_owned(),
            expected: "at least one column".to_owned(),
            found: "none".to_owned(),
        });
    }
    for (at, name) in names.iter().enumerate() {
        let problem = if names[..at].contains(name) {
            "is named twice".to_owned()
        } else {
            match tables::CANDIDATES
                .columns
                .iter()
                .chain(tables::JOBS.columns)
                .find(|c| c.name == name)
            {
                None => unknown(side, name),
                Some(column) => match problem(side, column) {
                    None => continue,
                    Some(problem) => problem,
                },
            }
        };
        return Err(Error::Column { key: key.to_owned(), column: name.clone(), problem });
    }
    Ok(())
}

/// What keeps a column from being part of a text; nothing where it may be.
fn problem(side: Side, column: &Column) -> Option<String> {
    Some(match column.role {
        Role::Protected => {
            "is a protected attribute: nobody is recommended for it or against it".to_owned()
        }
        Role::Key => "is a key: it names a record and says nothing of it".to_owned(),
        Role::Label => {
            "is the label: it is known only after the outcome, no text may hold it".to_owned()
        }
        Role::Info => "is kept for people and for splits in time, no text may hold it".to_owned(),
        Role::Feature if column.kind != Kind::Text => "is no text".to_owned(),
        Role::Feature if side.table().position(column.name).is_none() => {
            format!("is not in {}", side.file())
        }
        Role::Feature => return None,
    })
}

fn unknown(side: Side, name: &str) -> String {
    let texts =
        side.table().columns.iter().filter(|c| c.role == Role::Feature && c.kind == Kind::Text);
    let nearest = texts
        .map(|c| (strsim::osa_distance(name, c.name), c.name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3)
        .min();
    match nearest {
        Some((_, nearest)) => format!("is no column of {}: did you mean `{nearest}`?", side.file()),
        None => format!("is no column of {}", side.file()),
    }
}
