//! A part of a text that is personal.

use std::ops::Range;

/// What stands in place of what was removed.
pub const MARK: char = '·';

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Email,
    Address,
    Handle,
    Document,
    Phone,
    Birth,
    Street,
    Name,
}

/// A part of the text to remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
}
