//! What tables of this report show that other pages' tables do not.

pub(crate) use webpage::table::{Format, Show, Spec, of_rows, table};

use crate::page::{figure::Node, markup::Markup, words::measure_format};

/// A figure in the way of the row's measure (`name`).
pub(crate) const MEASURED: Show = Show::Own(|row, key| {
    Markup::of(&measure_format(row.at("name").text()).of(&row.path(key)).text)
});

/// A figure that is a day where the row is a column of days.
pub(crate) const DATED: Show = Show::Own(dated);

fn dated(row: &Node<'_>, key: &str) -> Markup {
    // A profile says the first and last of its days apart.
    let days = row.at("days").items();
    if let [first, last] = &days[..] {
        return match key.rsplit('/').next() {
            Some("min") => first.date().html(),
            Some("max") => last.date().html(),
            _ => Markup::of(webpage::MISSING),
        };
    }
    let day = row.at("kind").text() == "date";
    let format = if day { Format::Day } else { Format::Decimal(0) };
    Markup::of(&format.of(&row.path(key)).text)
}
