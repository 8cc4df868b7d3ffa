//! Which columns of the feature store may enter the model, and from which side they come.

pub use schema::store::Side;
use schema::{Column, Kind, KnownAt, Role, tables};

use crate::Error;

/// A column whose value is known when an application is made, so that a model may use it.
///
/// There is no other way to name a column to a relation, and it is decided when the program is
/// compiled: what is known later, the outcome and protected attributes give no `Known`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known(&'static Column);

impl Known {
    /// The column `name` of `table`.
    ///
    /// # Panics
    /// When the table has no such column, or it is known later, or no model may use it. Columns are
    /// named in constants, so this is an error of compilation.
    pub(crate) const fn of(table: &'static schema::Table, name: &str) -> Self {
        let mut at = 0;
        while at < table.columns.len() {
            let column = &table.columns[at];
            if is_same(column.name, name) {
                assert!(
                    matches!(column.known_at, KnownAt::Application),
                    "the column is not known when the application is made"
                );
                assert!(
                    matches!(column.role, Role::Feature | Role::Info),
                    "the column is none that a model may use"
                );
                return Self(column);
            }
            at += 1;
        }
        panic!("the table has no such column")
    }

    pub(crate) const fn name(self) -> &'static str {
        self.0.name
    }
}

const fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

fn find(name: &str) -> Option<&'static Column> {
    tables::CANDIDATES.columns.iter().find(|c| c.name == name)
}

/// When an application was made, and when a job was opened.
pub(crate) const DAY: Known = Known::of(&tables::CANDIDATES, "data_candidatura");
pub(crate) const OPENED: Known = Known::of(&tables::JOBS, "data_requicisao");

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

/// Checks that every name is that of a column that describes a candidate or a job, or a day.
pub(crate) fn check_known(key: &str, names: &[String]) -> Result<(), Error> {
    let is_known = |name: &String| Side::of(name).is_some() || DAY.name() == name.as_str();
    match names.iter().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => {
            Err(Error::Column { key: key.to_owned(), column: name.clone(), problem: unknown(name) })
        }
    }
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
            format!("is not a column of the feature store: did you mean `{nearest}`?")
        }
        None => "is not a column of the feature store".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "not known when the application is made")]
    fn the_outcome_is_not_known() {
        let _ = Known::of(&tables::CANDIDATES, "situacao_candidato");
    }

    #[test]
    #[should_panic(expected = "none that a model may use")]
    fn protected_attributes_are_not_used() {
        let _ = Known::of(&tables::PEOPLE, "sexo");
    }
}
