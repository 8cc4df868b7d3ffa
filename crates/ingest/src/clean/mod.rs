//! Cleaning of one value: what it says, in the type of its column.

mod text;
pub(crate) use text::text;

mod date;
pub(crate) use date::{date, day_of, form};

mod money;
pub(crate) use money::{cents_of, money};

mod fold;

mod level;
pub(crate) use level::{language, level};

mod status;
pub(crate) use status::{resembled, status};

mod mojibake;
pub(crate) use mojibake::is_mojibake;

/// What a value turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parsed<T> {
    /// Nothing: the source's way of saying that there is no value.
    Missing,
    Value(T),
    /// Something that cannot be of the column's type.
    Invalid,
}
