//! Which columns of the feature store may make their texts.

pub use schema::store::Side;
use schema::{Column, Kind, Role, tables};

use crate::Error;

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
        Role::Feature if column.kind != Kind::Text => "is not a text".to_owned(),
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
        Some((_, nearest)) => {
            format!("is not a column of {}: did you mean `{nearest}`?", side.file())
        }
        None => format!("is not a column of {}", side.file()),
    }
}
