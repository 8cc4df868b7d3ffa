//! What one worker makes of one block: a part of the table, to be put behind the parts before it.

use arrow_array::RecordBatch;
use schema::BatchBuilder;

use crate::{Error, keys::Key, profile::TableFigures, rejects::Reject, unknown::Unknown};

/// A record that gave rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) key: Key,
    /// How many rows it gave.
    pub(crate) rows: usize,
    /// Where it stands ([`Reject::place`]).
    pub(crate) place: u64,
    /// A hash of its key and of all that its rows say.
    pub(crate) content: u32,
    /// Whether it is one element of a list, so that others may have its key.
    pub(crate) is_item: bool,
}

/// A part of a table.
#[derive(Debug)]
pub(crate) struct TablePart {
    /// The number of its file among the table's files.
    pub(crate) file: u32,
    pub(crate) batch: Option<RecordBatch>,
    /// The records that gave them, in order.
    pub(crate) kept: Vec<Kept>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) unknown: Unknown,
    pub(crate) profile: TableFigures,
    /// Bytes read.
    pub(crate) bytes: u64,
    /// Records read.
    pub(crate) records: u64,
    /// Elements of their lists.
    pub(crate) items: u64,
    /// How often each column's key was met, by the column's position.
    pub(crate) present: Vec<u64>,
}

impl TablePart {
    pub(crate) fn new(file: u32, bytes: u64, records: u64) -> Self {
        Self {
            file,
            batch: None,
            kept: Vec::new(),
            rejects: Vec::new(),
            unknown: Unknown::default(),
            profile: TableFigures::default(),
            bytes,
            records,
            items: 0,
            present: Vec::new(),
        }
    }

    /// Takes the rows.
    pub(crate) fn finish(mut self, batch: &mut BatchBuilder) -> Result<Self, Error> {
        let batch = batch.finish().map_err(Error::Output)?;
        self.profile = TableFigures::of(&batch);
        self.batch = Some(batch);
        Ok(self)
    }
}
